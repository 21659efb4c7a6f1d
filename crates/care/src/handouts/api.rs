//! Handouts, in JSON.

use kernel::text;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::handouts::{
    Filter, HandoutRow, Language, ShareRow, Shares, Species, Topic, VersionRow,
    actions::{self, Draft, Made, Recipient},
};
use access::{AccountMember, HandoutAuthor, HandoutEditor, HandoutReader, SignedIn};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, HandoutId, HandoutShareId},
};
use storage::ExpectedVersion;
use web::{Answer, Body, Json, Limit, Lists, May, NoContent, OrPdf, Page, Pdf, Query, Tagged};

/// A handout, as lists show it.
#[derive(Serialize, ToSchema)]
#[schema(as = HandoutSummary)]
pub struct Handout {
    id: HandoutId,
    /// The account that it belongs to; null for handouts that come with Covey.
    account: Option<AccountId>,
    title: String,
    summary: String,
    /// Null where it is about no animals.
    species: Option<Species>,
    topic: Topic,
    language: Language,
    /// The number of the current version, from 1.
    number: i64,
    /// Whether it is one of the caller's favorites.
    favorite: bool,
    created_at: Time,
    updated_at: Time,
    archived_at: Option<Time>,
}

impl From<HandoutRow> for Handout {
    fn from(row: HandoutRow) -> Self {
        Self {
            id: row.id,
            account: (!row.starter()).then_some(row.owner),
            title: row.title,
            summary: row.summary,
            species: row.species,
            topic: row.topic,
            language: row.language,
            number: row.number,
            favorite: row.favorite,
            created_at: row.created_at,
            updated_at: row.updated_at,
            archived_at: row.archived_at,
        }
    }
}

/// Which handouts to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct HandoutQuery {
    /// Words that are all in it, or begin some in it. Titles come first; among those found alike, handouts in the
    /// language that `Accept-Language` prefers.
    q: Option<String>,
    #[param(inline)]
    species: Option<Species>,
    #[param(inline)]
    topic: Option<Topic>,
    #[param(inline)]
    language: Option<Language>,
    /// Only this account's and those that come with Covey for its kind of practice.
    #[param(inline)]
    account: Option<AccountId>,
    /// Only the caller's favorites.
    #[serde(default)]
    favorites: bool,
    /// Archived handouts instead.
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    cursor: Option<String>,
}

pub(crate) async fn index(
    may: May<SignedIn>,
    Query(query): Query<HandoutQuery>,
) -> Result<Json<Page<Handout>>> {
    let HandoutQuery { q: search, species, topic, language, account, favorites, archived, limit, cursor } =
        query;
    let filter =
        Filter { search, species, topic, language, account, favorites, archived, ..Filter::default() };
    let filter = filter.paged(cursor.as_deref(), &may.request().languages)?;
    let prefers = filter.prefers;
    let rows = match account {
        Some(account) => {
            let member = may.within::<AccountMember>(&[("account", account.to_string())]);
            member
                .read_heavy(async move |tx, by| actions::list(tx, by.user(), &filter, limit.0).await)
                .await?
        }
        None => {
            may.read_heavy(async move |tx, by| actions::list(tx, by.user(), &filter, limit.0).await).await?
        }
    };
    Ok(Json(Page::cut(rows, limit.0, |row| row.cursor(prefers)).map(Into::into)))
}

/// A handout to add: its content, or `copy_of` another.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHandout {
    /// The handout to copy into the account, instead of the other fields.
    copy_of: Option<HandoutId>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    summary: String,
    /// Markdown.
    #[serde(default)]
    body: String,
    /// Needed where the practice keeps animals.
    species: Option<Species>,
    topic: Option<Topic>,
    language: Option<Language>,
}

pub(crate) async fn create(
    may: May<HandoutAuthor>,
    Body(input): Body<NewHandout>,
) -> Result<Answer<Handout>> {
    let NewHandout { copy_of, title, summary, body, species, topic, language } = input;
    let draft = Draft { title, summary, body, species, topic, language };
    may.post(async move |tx, by| match copy_of {
        Some(source) => actions::copy(tx, by, source).await.map(Handout::from),
        None => actions::add(tx, by, &draft).await.map(Handout::from),
    })
    .await
}

/// A handout with its text.
#[derive(Serialize, ToSchema)]
#[schema(as = Handout)]
pub struct WholeHandout {
    #[serde(flatten)]
    handout: Handout,
    /// Markdown.
    body: String,
    /// The caller's private note.
    note: String,
}

/// The account to print for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PrintQuery {
    /// The account whose letterhead to use, if the caller has several.
    #[param(inline)]
    account: Option<AccountId>,
}

pub(crate) async fn show(
    may: May<HandoutReader>,
    Query(query): Query<PrintQuery>,
) -> Result<OrPdf<Tagged<WholeHandout>>> {
    if may.text("format").is_ok() {
        let sheet = may.read(async move |tx, by| actions::sheet(tx, by, query.account).await).await?;
        return Ok(OrPdf::Pdf(Pdf::new(&sheet.title.clone(), sheet.pdf(&may.app().fonts).await?).into()));
    }
    let (row, version, note) = may.read(async |tx, by| actions::show(tx, by).await).await?;
    let seen = row.version;
    Ok(OrPdf::Object(Tagged(seen, WholeHandout { handout: row.into(), body: version.body, note })))
}

/// Changes to a handout. Absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HandoutUpdate)]
pub struct HandoutChanges {
    #[serde(default, deserialize_with = "web::text_or_null")]
    title: Option<String>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    summary: Option<String>,
    /// Markdown.
    #[serde(default, deserialize_with = "web::text_or_null")]
    body: Option<String>,
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    species: Option<Species>,
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    topic: Option<Topic>,
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    language: Option<Language>,
    /// Whether it is archived.
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    archived: Option<bool>,
}

pub(crate) async fn change(
    may: May<HandoutEditor>,
    seen: ExpectedVersion,
    Body(input): Body<HandoutChanges>,
) -> Result<Tagged<Handout>> {
    let HandoutChanges { title, summary, body, species, topic, language, archived } = input;
    let changes = actions::Changes { title, summary, body, species, topic, language, archived };
    let row = may.write(async move |tx, by| actions::change(tx, by, &changes, seen).await).await?;
    Ok(Tagged(row.version, row.into()))
}

/// A version of a handout.
#[derive(Serialize, ToSchema)]
pub struct HandoutVersion {
    number: i64,
    title: String,
    summary: String,
    /// Markdown.
    body: String,
    /// Null for handouts that come with Covey.
    author: Option<HandoutPerson>,
    created_at: Time,
}

/// A person by id and name.
pub type HandoutPerson = web::Named<kernel::id::User>;

impl From<VersionRow> for HandoutVersion {
    fn from(row: VersionRow) -> Self {
        Self {
            number: row.number,
            title: row.title,
            summary: row.summary,
            body: row.body,
            author: row.author.zip(row.author_name).map(|(id, name)| HandoutPerson { id, name }),
            created_at: row.created_at,
        }
    }
}

/// A page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    cursor: Option<String>,
}

pub(crate) async fn versions(
    may: May<HandoutReader>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<HandoutVersion>>> {
    let before = text::cursor(query.cursor.as_deref(), |text| text.parse().ok())?.unwrap_or(i64::MAX);
    let limit = query.limit.0;
    let rows = may.read(async |tx, by| actions::versions(tx, by, before, limit).await).await?;
    Ok(Json(Page::cut(rows, limit, |row| row.number.to_string()).map(Into::into)))
}

pub(crate) async fn add_favorite(may: May<HandoutReader>) -> Result<NoContent> {
    may.write(async |tx, by| actions::set_favorite(tx, by, true).await).await?;
    Ok(NoContent)
}

pub(crate) async fn drop_favorite(may: May<HandoutReader>) -> Result<NoContent> {
    may.write(async |tx, by| actions::set_favorite(tx, by, false).await).await?;
    Ok(NoContent)
}

/// The caller's private note on a handout. An empty one is deleted.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandoutNote {
    body: String,
}

pub(crate) async fn set_note(
    may: May<HandoutReader>,
    Body(input): Body<HandoutNote>,
) -> Result<Json<HandoutNote>> {
    let body = may.write(async move |tx, by| actions::set_note(tx, by, &input.body).await).await?;
    Ok(Json(HandoutNote { body }))
}

/// Whom to share with: someone by email, or, without an address, anyone with the link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewHandoutShare)]
pub struct NewShare {
    /// The account to share for; needed if the caller has several.
    account: Option<AccountId>,
    email: Option<String>,
    /// A message to the recipient.
    #[serde(default)]
    message: String,
    /// How many days the link works: 1 to 90, 30 by default.
    days: Option<i64>,
}

/// A handout that was sent, or a link to it.
#[derive(Serialize, ToSchema)]
pub struct HandoutShare {
    id: HandoutShareId,
    handout: HandoutId,
    title: String,
    /// The version that it shows.
    number: i64,
    sent_by: HandoutPerson,
    /// Null for a link that was created to copy.
    email: Option<String>,
    message: String,
    created_at: Time,
    expires_at: Time,
    revoked_at: Option<Time>,
    /// How often the link was opened, by people or email scanners.
    opened: i64,
    opened_at: Option<Time>,
    /// Only in the answer to the request that created it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    link: Option<String>,
}

impl From<ShareRow> for HandoutShare {
    fn from(row: ShareRow) -> Self {
        Self {
            id: row.id,
            handout: row.handout,
            title: row.title,
            number: row.number,
            sent_by: HandoutPerson { id: row.sent_by, name: row.sender },
            email: row.email,
            message: row.message,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            opened: row.opened,
            opened_at: row.opened_at,
            link: None,
        }
    }
}

pub(crate) async fn share(
    may: May<HandoutReader>,
    Body(input): Body<NewShare>,
) -> Result<Answer<HandoutShare>> {
    let NewShare { account, email, message, days } = input;
    let (site, recipient) = (may.app().site.clone(), Recipient { account, email, message, days });
    may.post(async move |tx, by| {
        let Made { share, link } = actions::share(tx, by, &site, &recipient).await?;
        Ok(HandoutShare { link: Some(link), ..share.into() })
    })
    .await
}

pub(crate) async fn shares(
    may: May<AccountMember>,
    Lists { listing, limit, .. }: Lists<Shares>,
) -> Result<Json<Page<HandoutShare>>> {
    let rows = may.read(async |tx, by| actions::shares(tx, by, &listing, limit).await).await?;
    Ok(Json(Page::dated(rows, limit, &listing, |row| row.id).map(Into::into)))
}

pub(crate) async fn revoke(may: May<AccountMember>) -> Result<NoContent> {
    let share: HandoutShareId = may.id("share")?;
    may.write(async move |tx, by| actions::revoke(tx, by, share).await).await?;
    Ok(NoContent)
}
