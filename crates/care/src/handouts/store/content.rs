//! What handouts say: themselves and their versions.

use crate::handouts::{HandoutRow, Language, Species, Topic};
use access::{HandoutAuthor, HandoutScope};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, HandoutId, UserId},
    practice::PracticeKind,
    search,
};
use storage::{Tx, row, sql};

row! {
    /// A version of a handout.
    #[derive(Clone, Debug)]
    pub struct VersionRow {
        /// Its number, from 1.
        pub number: i64 = "v.number",
        /// One line, up to 200 characters.
        pub title: String = "v.title",
        /// What it says, in a sentence.
        pub summary: String = "v.summary",
        /// What it says, in Markdown.
        pub body: String = "v.body",
        /// Who wrote it; nobody where it comes with Covey.
        pub author: Option<UserId> = "v.author_id",
        /// The person's current name.
        pub author_name: Option<String> = "u.name",
        /// By the server's clock.
        pub created_at: Time = "v.created_at",
    }
}

/// One version; nothing where there is none of this number.
pub(crate) async fn version(tx: &Tx, scope: &HandoutScope, number: i64) -> Result<VersionRow> {
    tx.one(
        sql!(
            "SELECT {} FROM handout_versions v LEFT JOIN users u ON u.id = v.author_id
             WHERE v.account_id = $1 AND v.handout_id = $2 AND v.number = $3",
            VersionRow
        ),
        &[&scope.owner(), &scope.handout(), &number],
    )
    .await
}

/// The versions from this number down, newest first.
pub(crate) async fn versions(
    tx: &Tx,
    scope: &HandoutScope,
    before: i64,
    limit: i64,
) -> Result<Vec<VersionRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM handout_versions v LEFT JOIN users u ON u.id = v.author_id
             WHERE v.account_id = $1 AND v.handout_id = $2 AND v.number < $3 ORDER BY v.number DESC LIMIT $4",
            VersionRow
        ),
        &[&scope.owner(), &scope.handout(), &before, &limit],
    )
    .await
}

row! {
    /// What a handout says.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub(crate) struct Content {
        pub(crate) species: Option<Species> = "h.species",
        pub(crate) topic: Topic = "h.topic",
        pub(crate) language: Language = "h.language",
        pub(crate) title: String = "v.title",
        pub(crate) summary: String = "v.summary",
        pub(crate) body: String = "v.body",
    }
}

/// A handout to be kept.
pub(crate) struct New<'a> {
    pub(crate) owner: AccountId,
    pub(crate) id: HandoutId,
    /// Its name in the starter set.
    pub(crate) starter: Option<&'a str>,
    /// For which kind of practice it is, in the starter set.
    pub(crate) practice_kind: Option<PracticeKind>,
    pub(crate) copied_from: Option<HandoutId>,
    pub(crate) author: Option<UserId>,
    pub(crate) content: &'a Content,
}

/// Adds a handout with its first version.
pub(crate) async fn insert(tx: &Tx, new: &New<'_>) -> Result<HandoutRow> {
    let Content { species, topic, language, title, summary, .. } = new.content.clone();
    let row = HandoutRow {
        id: new.id,
        owner: new.owner,
        species,
        topic,
        language,
        title,
        summary,
        number: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
        archived_at: None,
        version: 1,
        favorite: false,
        tier: 0,
    };
    tx.exec(
        sql!(
            "INSERT INTO handouts (account_id, id, starter, species, topic, language, title, title_key, summary,
                 number, copied_from, created_at, updated_at, version, practice_kind)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, $11, 1, $12)"
        ),
        &[
            &row.owner,
            &row.id,
            &new.starter,
            &species,
            &topic,
            &language,
            &row.title,
            &key(&row.title),
            &row.summary,
            &new.copied_from,
            &row.created_at,
            &new.practice_kind,
        ],
    )
    .await?;
    insert_version(tx, new.owner, new.id, 1, new.author, new.content).await?;
    Ok(row)
}

/// Adds a version, and renews the words that a search looks through.
pub(crate) async fn insert_version(
    tx: &Tx,
    owner: AccountId,
    id: HandoutId,
    number: i64,
    author: Option<UserId>,
    content: &Content,
) -> Result<()> {
    let Content { title, summary, body, .. } = content;
    tx.exec(
        sql!(
            "INSERT INTO handout_versions (account_id, handout_id, number, title, summary, body, author_id, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        &[&owner, &id, &number, title, summary, body, &author, &tx.now()],
    )
    .await?;
    tx.exec(
        sql!(
            "INSERT INTO handout_words (account_id, handout_id, title, summary, body) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (account_id, handout_id) DO UPDATE SET title = excluded.title,
                 summary = excluded.summary, body = excluded.body"
        ),
        &[&owner, &id, &key(title), &key(summary), &key(body)],
    )
    .await?;
    Ok(())
}

fn key(text: &str) -> String {
    search::index(text).join(" ")
}

/// Writes what the handout's row says of its present version; says whether nobody was faster.
pub(crate) async fn update(tx: &Tx, row: &HandoutRow) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE handouts SET species = $3, topic = $4, language = $5, title = $6, title_key = $7, summary = $8,
                     number = $9, archived_at = $10, updated_at = $11, version = version + 1
                 WHERE account_id = $1 AND id = $2 AND version = $12"
            ),
            &[
                &row.owner,
                &row.id,
                &row.species,
                &row.topic,
                &row.language,
                &row.title,
                &key(&row.title),
                &row.summary,
                &row.number,
                &row.archived_at,
                &tx.now(),
                &row.version,
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// What a handout says now that an administrator may copy: a starter one, or one of the account's own.
pub(crate) async fn to_copy(tx: &Tx, scope: &HandoutAuthor, id: HandoutId) -> Result<Content> {
    tx.one(
        sql!(
            "SELECT {} FROM handouts h
             JOIN handout_versions v ON v.account_id = h.account_id AND v.handout_id = h.id AND v.number = h.number
             WHERE h.account_id IN ($1, $2) AND h.id = $3",
            Content
        ),
        &[&scope.account(), &AccountId::nil(), &id],
    )
    .await
}
