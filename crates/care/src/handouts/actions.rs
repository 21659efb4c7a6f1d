//! The verbs of handouts.

use serde_json::json;

use crate::handouts::{
    EMAIL_WINDOW, EMAILS_AT_MOST, Filter, HandoutRow, Language, MESSAGE_LIMIT, SHARE_DAYS, SHARE_DAYS_LIMIT,
    SHARE_UNIT, ShareRow, Species, Topic, mail,
    paper::Sheet,
    store::{self, Content, New, NewShare, Shared, VersionRow},
};
use access::{AccountMember, HandoutAuthor, HandoutEditor, HandoutReader, HandoutScope};
use kernel::{
    addresses::Email,
    clock::{SECOND, Time},
    error::{Checks, Error, Result},
    id::{AccountId, HandoutId, HandoutShareId, UserId},
    links::Site,
    practice::PracticeKind,
    text,
};
use people::{
    accounts::{self, Letterhead},
    plans, users,
};
use platform::{
    audit::{self, Action, Event},
    jobs,
};
use storage::{ExpectedVersion, Hash, Tx, list::Listing};

impl Filter {
    /// From this cursor on, in the order of the pages before it; the first page prefers the language that the reader's
    /// `Accept-Language` asks for.
    ///
    /// # Errors
    /// It is not a cursor of handouts.
    pub(super) fn paged(mut self, cursor: Option<&str>, languages: &str) -> Result<Self> {
        let Some(cursor) = cursor else {
            self.prefers = Language::preferred(languages).filter(|_| self.search.is_some());
            return Ok(self);
        };
        let read = || {
            let (tier, id) = cursor.split_once('-')?;
            let (tier, prefers) = match tier.split_once('.') {
                Some((tier, language)) => (tier, Some(Language::read(language)?)),
                None => (tier, None),
            };
            Some((prefers, (tier.parse().ok()?, id.parse().ok()?)))
        };
        let not_ours = || Error::field("cursor", "This cursor isn't from this list. Start without one.");
        let (prefers, after) = read().ok_or_else(not_ours)?;
        Ok(Self { prefers, after: Some(after), ..self })
    }
}

/// A page of what someone reads, by title or by how well it is found.
pub async fn list(tx: &Tx, user: UserId, filter: &Filter, limit: i64) -> Result<Vec<HandoutRow>> {
    store::list(tx, user, filter, limit + 1).await
}

/// What someone wrote for a handout.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// One line, up to 200 characters.
    pub title: String,
    /// What it says, in a sentence; may be empty.
    pub summary: String,
    /// What it says, in Markdown.
    pub body: String,
    /// Which animals; none where the practice keeps none.
    pub species: Option<Species>,
    /// What about.
    pub topic: Option<Topic>,
    /// In which language.
    pub language: Option<Language>,
}

impl Draft {
    /// The content, once it is found good for this kind of practice.
    fn content(&self, practice: PracticeKind) -> Result<Content> {
        let mut checks = Checks::default();
        let title = checks.take("title", text::required_line(&self.title, "Enter a title."));
        let summary = checks.take("summary", text::optional_line(&self.summary));
        let body = checks.take("body", text::prose(&self.body));
        checks.that(body.as_deref() != Some(""), "body", "Enter the handout’s text.");
        checks.that(self.species.is_some() || !practice.has_animals(), "species", "Choose an animal.");
        checks.that(self.topic.is_some(), "topic", "Choose a topic.");
        checks.that(self.language.is_some(), "language", "Choose a language.");
        checks.done()?;
        let words = self.topic.zip(self.language);
        let (topic, language) = words.ok_or_else(|| Error::internal("checked above"))?;
        let summary = summary.flatten().unwrap_or_default();
        Ok(Content {
            species: self.species,
            topic,
            language,
            title: title.unwrap_or_default(),
            summary,
            body: body.unwrap_or_default(),
        })
    }
}

/// Adds a handout of the account's own.
///
/// # Errors
/// A field can't be used.
pub async fn add(tx: &Tx, by: &HandoutAuthor, draft: &Draft) -> Result<HandoutRow> {
    let content = draft.content(accounts::practice_kind(tx, by.account()).await?)?;
    insert(tx, by, &content, None, Action::HandoutAdded).await
}

/// Makes the account's own copy of a starter handout, or of one of its own.
///
/// # Errors
/// There is none of this id that they could copy.
pub async fn copy(tx: &Tx, by: &HandoutAuthor, source: HandoutId) -> Result<HandoutRow> {
    let content = store::to_copy(tx, by, source).await?;
    insert(tx, by, &content, Some(source), Action::HandoutCopied).await
}

async fn insert(
    tx: &Tx,
    by: &HandoutAuthor,
    content: &Content,
    copied_from: Option<HandoutId>,
    action: Action,
) -> Result<HandoutRow> {
    plans::must_be_open(tx, by.account()).await?;
    let new = New {
        owner: by.account(),
        id: tx.id(),
        starter: None,
        practice_kind: None,
        copied_from,
        author: Some(by.user()),
        content,
    };
    let row = store::insert(tx, &new).await?;
    let detail = json!({ "name": row.title });
    audit::record(tx, Event::new(by.account(), by.user(), action, row.id).with(detail)).await?;
    Ok(row)
}

/// What may be changed of a handout. What is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// One line, up to 200 characters.
    pub title: Option<String>,
    /// What it says, in a sentence.
    pub summary: Option<String>,
    /// What it says, in Markdown.
    pub body: Option<String>,
    /// Which animals.
    pub species: Option<Species>,
    /// What about.
    pub topic: Option<Topic>,
    /// In which language.
    pub language: Option<Language>,
    /// Whether it is out of the library.
    pub archived: Option<bool>,
}

/// Changes, archives or restores a handout. What it says now becomes a version of its own; the older ones
/// stay.
///
/// # Errors
/// A field can't be used, someone changed it first, or the account is read-only.
pub async fn change(
    tx: &Tx,
    by: &HandoutEditor,
    changes: &Changes,
    seen: ExpectedVersion,
) -> Result<HandoutRow> {
    plans::must_be_open(tx, by.owner()).await?;
    let was = store::show(tx, by).await?;
    seen.check(was.version)?;
    let mut row = was.clone();
    let before = store::version(tx, by, row.number).await?;
    let draft = Draft {
        title: changes.title.clone().unwrap_or_else(|| before.title.clone()),
        summary: changes.summary.clone().unwrap_or_else(|| before.summary.clone()),
        body: changes.body.clone().unwrap_or_else(|| before.body.clone()),
        species: changes.species.or(row.species),
        topic: changes.topic.or(Some(row.topic)),
        language: changes.language.or(Some(row.language)),
    };
    // Which animals it is about may have been left open, in a practice that kept none; what it names stays.
    let content = draft.content(PracticeKind::Other)?;
    let was_archived = row.archived_at.is_some();
    if (&content.title, &content.summary, &content.body) != (&before.title, &before.summary, &before.body) {
        row.number += 1;
        store::insert_version(tx, row.owner, row.id, row.number, Some(by.user()), &content).await?;
    }
    (row.species, row.topic, row.language) = (content.species, content.topic, content.language);
    (row.title, row.summary) = (content.title, content.summary);
    if let Some(archived) = changes.archived {
        row.archived_at = archived.then(|| row.archived_at.unwrap_or(tx.now()));
    }
    if row == was {
        return Ok(row);
    }
    if !store::update(tx, &row).await? {
        return Err(Error::stale());
    }
    let action = match (was_archived, row.archived_at.is_some()) {
        (false, true) => Action::HandoutArchived,
        (true, false) => Action::HandoutRestored,
        _ => Action::HandoutChanged,
    };
    let detail = json!({ "name": row.title, "number": row.number });
    audit::record(tx, Event::new(row.owner, by.user(), action, row.id).with(detail)).await?;
    store::show(tx, by).await
}

/// A handout with what it says now, and the reader's own note.
pub async fn show(tx: &Tx, by: &HandoutScope) -> Result<(HandoutRow, VersionRow, String)> {
    let row = store::show(tx, by).await?;
    let version = store::version(tx, by, row.number).await?;
    Ok((row, version, store::note(tx, by).await?))
}

/// A page of the versions before this number, newest first.
pub async fn versions(tx: &Tx, by: &HandoutScope, before: i64, limit: i64) -> Result<Vec<VersionRow>> {
    store::versions(tx, by, before, limit + 1).await
}

/// One version.
///
/// # Errors
/// There is none of this number.
pub async fn version(tx: &Tx, by: &HandoutScope, number: i64) -> Result<VersionRow> {
    store::version(tx, by, number).await
}

/// A handout as it is printed now for one of the reader's accounts.
///
/// # Errors
/// The account is none of theirs.
pub(super) async fn sheet(tx: &Tx, by: &HandoutScope, named: Option<AccountId>) -> Result<Sheet> {
    let row = store::show(tx, by).await?;
    let version = store::version(tx, by, row.number).await?;
    // Where it could be for several accounts, it is printed without the name of one.
    let account = match named {
        Some(named) => Some(by.acting(Some(named))?),
        None => by.acting(None).ok(),
    };
    let from = match account {
        Some(account) => Some(accounts::letterhead(tx, account).await?),
        None => None,
    };
    let written_at = version.created_at;
    Ok(Sheet { language: row.language, title: version.title, body: version.body, written_at, from })
}

/// Makes it one of the reader's favorites, or no longer.
pub async fn set_favorite(tx: &Tx, by: &HandoutReader, favorite: bool) -> Result<()> {
    store::set_favorite(tx, by, favorite).await
}

/// Keeps the reader's own note, which nobody else sees. An empty one is forgotten.
///
/// # Errors
/// It is too long.
pub async fn set_note(tx: &Tx, by: &HandoutReader, body: &str) -> Result<String> {
    let body = text::prose(body).map_err(|why| Error::field("body", why))?;
    store::set_note(tx, by, &body).await?;
    Ok(body)
}

/// Whom to share with.
#[derive(Clone, Debug, Default)]
pub struct Recipient {
    /// The account to share for; needed if the reader has several.
    pub account: Option<AccountId>,
    /// The recipient's address; none for a link to copy.
    pub email: Option<String>,
    /// A message to the recipient.
    pub message: String,
    /// How many days the link is good; [`SHARE_DAYS`] unless said otherwise.
    pub days: Option<i64>,
}

/// A share with its link.
pub struct Made {
    /// What the log of sent handouts shows.
    pub share: ShareRow,
    /// The link. It is shown now and never again.
    pub link: String,
}

/// Sends a handout to a recipient, or makes a link to copy. It goes on showing the present version.
///
/// # Errors
/// A field can't be used, the handout is archived, the account is read-only, or the person sent too many in
/// the last hour.
pub async fn share(tx: &Tx, by: &HandoutReader, site: &Site, input: &Recipient) -> Result<Made> {
    let account = by.acting(input.account)?;
    plans::must_be_open(tx, account).await?;
    let (email, message, days) = checked(input)?;
    let row = store::show(tx, by).await?;
    if row.archived_at.is_some() {
        return Err(Error::conflict("handout_archived", "This handout is archived. Restore it to share it."));
    }
    if email.is_some() {
        accounts::must_be_admitted(tx, account).await?;
        check_rate(tx, by.user()).await?;
    }
    let (id, token) = (tx.id(), tx.token());
    let expires_at = tx.now().plus(days * SHARE_UNIT);
    let new = NewShare {
        account,
        id,
        number: row.number,
        email: email.as_deref(),
        message: &message,
        token: Hash(token.digest()),
        expires_at,
    };
    store::insert_share(tx, by, &new).await?;
    let link = site.link("h", &token);
    if let Some(email) = &email {
        let from = accounts::letterhead(tx, account).await?;
        let sender = users::user(tx, by.user()).await?.name;
        let until = day(expires_at, &from, row.language);
        let sent = mail::Sent {
            account,
            from: &from,
            sender: &sender,
            email,
            language: row.language,
            species: row.species,
            title: &row.title,
            message: &message,
            link: &link,
            until: &until,
        };
        jobs::enqueue_as(tx, &mail::shared(&sent), &mail::voice(&sent)).await?;
    }
    let detail = json!({ "name": row.title, "email": email, "share": id });
    audit::record(tx, Event::new(account, by.user(), Action::HandoutShared, row.id).with(detail)).await?;
    Ok(Made { share: store::share(tx, account, id, by.user(), false).await?, link })
}

fn checked(input: &Recipient) -> Result<(Option<String>, String, i64)> {
    let mut checks = Checks::default();
    let typed = input.email.as_deref().map(str::trim).filter(|email| !email.is_empty());
    let email = typed.and_then(|email| checks.take("email", Email::read(email)));
    let message = checks.take("message", text::prose(&input.message)).unwrap_or_default();
    let short = message.chars().count() <= MESSAGE_LIMIT;
    checks.that(short, "message", format!("Use {MESSAGE_LIMIT} characters or fewer."));
    let days = input.days.unwrap_or(SHARE_DAYS);
    let fine = (1..=SHARE_DAYS_LIMIT).contains(&days);
    checks.that(fine, "days", format!("Choose 1 to {SHARE_DAYS_LIMIT} days."));
    checks.done()?;
    Ok((email.map(|email| email.shown), message, days))
}

/// Bounds what one person can send, so that a stolen session can't be used to send spam.
async fn check_rate(tx: &Tx, user: UserId) -> Result<()> {
    let since = tx.now().plus(-EMAIL_WINDOW);
    match store::emailed_since(tx, user, since).await? {
        (sent, Some(first)) if sent >= EMAILS_AT_MOST => {
            let seconds = first.since(since) / SECOND + 1;
            Err(Error::throttled(u32::try_from(seconds).unwrap_or(u32::MAX)))
        }
        _ => Ok(()),
    }
}

/// A date as people read it, in the account's zone and the handout's language.
pub(super) fn day(at: Time, from: &Letterhead, language: Language) -> String {
    const MONTHS: [&str; 12] = [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ];
    let day = at.timestamp().to_zoned(from.zone());
    let month = usize::try_from(day.month() - 1).ok().and_then(|month| MONTHS.get(month));
    match (language, month) {
        (Language::Spanish, Some(month)) => format!("{} de {month} de {}", day.day(), day.year()),
        _ => day.strftime("%B %-d, %Y").to_string(),
    }
}

/// A page of what an account sent, newest first: all of it for people who manage the account, else the reader's own.
pub async fn shares(
    tx: &Tx,
    by: &AccountMember,
    listing: &Listing<store::Shares>,
    limit: i64,
) -> Result<Vec<ShareRow>> {
    store::shares(tx, by, listing, limit + 1).await
}

/// Revokes a share: its link says so from now on. For its sender and who manages the account.
///
/// # Errors
/// There is none of this id that they see.
pub async fn revoke(tx: &Tx, by: &AccountMember, id: HandoutShareId) -> Result<ShareRow> {
    let share = store::share(tx, by.account(), id, by.user(), by.role().manages()).await?;
    if share.revoked_at.is_some() {
        return Ok(share);
    }
    store::revoke(tx, by, id).await?;
    let detail = json!({ "name": share.title, "email": share.email, "share": id });
    let event = Event::new(by.account(), by.user(), Action::HandoutShareRevoked, share.handout).with(detail);
    audit::record(tx, event).await?;
    store::share(tx, by.account(), id, by.user(), by.role().manages()).await
}

/// What is behind a link.
pub enum Opened {
    /// The handout, with the practice that shares it.
    Good(Box<(Shared, Letterhead)>),
    /// The link expired or was revoked. The page says so in the handout's language.
    Ended(Box<(Language, Letterhead)>),
}

/// Opens a shared link. That is counted and changes nothing else: programs open links too.
///
/// # Errors
/// No link has this token.
pub async fn open(tx: &Tx, token: Hash) -> Result<Opened> {
    let shared = store::by_token(tx, token).await?.ok_or_else(Error::not_found)?;
    let from = accounts::letterhead(tx, shared.account).await?;
    if shared.revoked_at.is_some() || shared.expires_at <= tx.now() || !shared.sender_is_member {
        return Ok(Opened::Ended(Box::new((shared.language, from))));
    }
    store::opened(tx, &shared).await?;
    Ok(Opened::Good(Box::new((shared, from))))
}
