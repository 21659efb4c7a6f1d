//! The statements of handouts: the library and its search, versions, favorites and notes, shares.

use crate::{
    access::{AccountMember, HandoutAuthor, HandoutScope},
    clock::Time,
    db::{Hash, PerEngine, Tx},
    error::Result,
    handouts::{Language, Species, Topic},
    id::{AccountId, HandoutId, HandoutShareId, UserId},
    row, sql, text,
};

row! {
    /// A handout, as lists show it, to one person.
    #[derive(Clone, Debug)]
    pub struct HandoutRow {
        /// Its id.
        pub id: HandoutId,
        /// Whose it is; the nil account's where it comes with Covey.
        pub owner: AccountId,
        /// Which animals.
        pub species: Species,
        /// What about.
        pub topic: Topic,
        /// In which language.
        pub language: Language,
        /// Its title.
        pub title: String,
        /// What it says, in a sentence.
        pub summary: String,
        /// The number of its present version, from 1.
        pub number: i64,
        /// When it was added.
        pub created_at: Time,
        /// When it last changed.
        pub updated_at: Time,
        /// Since when it is out of the library.
        pub archived_at: Option<Time>,
        /// Counts the changes.
        pub version: i64,
        /// Whether it is one of the reader's favorites.
        pub favorite: bool,
        /// Where a search found it: 0 in the title, 1 in the title and the summary, 2 in the text.
        pub(super) tier: i64,
    }
}

impl HandoutRow {
    /// Whether it comes with Covey.
    pub fn starter(&self) -> bool {
        self.owner == AccountId::nil()
    }
}

/// Which handouts to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words that are all in it, or begin some in it.
    pub search: Option<String>,
    /// About these animals alone.
    pub species: Option<Species>,
    /// About this alone.
    pub topic: Option<Topic>,
    /// In this language alone.
    pub language: Option<Language>,
    /// Of this account and the starter set alone.
    pub account: Option<AccountId>,
    /// The reader's favorites alone.
    pub favorites: bool,
    /// Those out of the library instead of those in it. Starter ones that are out are never shown.
    pub archived: bool,
    /// The row at which the page before ended.
    pub after: Option<(i64, HandoutId)>,
}

/// How many words of a search count: more make it slow, and no better.
const MOST_WORDS: usize = 8;

/// Words as the two indexes want them: all of them anywhere, in the title, in the title or the summary.
struct Sought {
    anywhere: PerEngine,
    title: PerEngine,
    summary: PerEngine,
}

impl Sought {
    /// Nothing where the words hold no letter or digit.
    fn new(search: &str) -> Option<Self> {
        let mut words = text::words(search);
        words.truncate(MOST_WORDS);
        // Each word begins one of the text's. Words are letters and digits alone, and quoted, so nothing
        // that somebody types is taken for an operator.
        let fts = words.iter().map(|word| format!("\"{word}\" *")).collect::<Vec<_>>().join(" AND ");
        let within = |columns: &str, weights: &str| PerEngine {
            sqlite: format!("{{{columns}}} : ({fts})"),
            postgres: words.iter().map(|word| format!("'{word}':*{weights}")).collect::<Vec<_>>().join(" & "),
        };
        (!words.is_empty()).then(|| Self {
            anywhere: within("title summary body", ""),
            title: within("title", "A"),
            summary: within("title summary", "AB"),
        })
    }
}

/// The handouts `h` that the person `$1` reads, with their favorites `f`; further tables, the tier, and
/// what else must hold. `$2` is the nil account.
macro_rules! library {
    ($tables:literal, $tier:literal, $where:literal) => {
        concat!(
            "SELECT q.id, q.owner, q.species, q.topic, q.language, q.title, q.summary, q.number, q.created_at, \
                    q.updated_at, q.archived_at, q.version, q.favorite, q.tier \
             FROM (SELECT h.id, h.account_id AS owner, h.species, h.topic, h.language, h.title, h.title_key, \
                          h.summary, h.number, h.created_at, h.updated_at, h.archived_at, h.version, \
                          f.user_id IS NOT NULL AS favorite, ",
            $tier,
            " AS tier FROM handouts h ",
            $tables,
            " LEFT JOIN handout_favorites f ON f.user_id = $1 AND f.handout_id = h.id \
              WHERE ((h.account_id = $2 AND h.archived_at IS NULL \
                      AND EXISTS (SELECT 1 FROM members e WHERE e.user_id = $1 AND e.until IS NULL)) \
                 OR h.account_id IN (SELECT m.account_id FROM members m WHERE m.user_id = $1 AND m.until IS NULL)) \
                AND ($3 OR h.account_id IN ($2, $4)) \
                AND (CAST($5 AS TEXT) IS NULL OR h.species = $5) \
                AND (CAST($6 AS TEXT) IS NULL OR h.topic = $6) \
                AND (CAST($7 AS TEXT) IS NULL OR h.language = $7) \
                AND (f.user_id IS NOT NULL OR NOT $8) AND (h.archived_at IS NOT NULL) = $9 ",
            $where,
            ") q WHERE (q.tier, q.title_key, q.id) > \
                 ($10, COALESCE((SELECT x.title_key FROM handouts x WHERE x.id = $11 AND (x.account_id = $2 OR x.account_id IN \
                  (SELECT m.account_id FROM members m WHERE m.user_id = $1 AND m.until IS NULL)) LIMIT 1), ''), $11) \
             ORDER BY q.tier, q.title_key, q.id LIMIT $12"
        )
    };
}

/// The expression that the index of PostgreSQL is made of.
macro_rules! vector {
    () => {
        "(setweight(to_tsvector('simple', w.title), 'A') || setweight(to_tsvector('simple', w.summary), 'B') \
          || setweight(to_tsvector('simple', w.body), 'D'))"
    };
}

const LIST: crate::db::Sql = sql!(library!("", "CAST(0 AS BIGINT)", ""));

const SEARCH: crate::db::Sql = sql!(
    sqlite: library!(
        "JOIN handout_words w ON w.account_id = h.account_id AND w.handout_id = h.id",
        "CASE WHEN w.place IN (SELECT rowid FROM handout_search WHERE handout_search MATCH $14) THEN 0 \
              WHEN w.place IN (SELECT rowid FROM handout_search WHERE handout_search MATCH $15) THEN 1 ELSE 2 END",
        "AND w.place IN (SELECT rowid FROM handout_search WHERE handout_search MATCH $13)"
    ),
    postgres: concat!(
        "WITH w AS MATERIALIZED (SELECT w.account_id, w.handout_id, ",
        "CAST(CASE WHEN ", vector!(), " @@ to_tsquery('simple', $14) THEN 0 ",
        "WHEN ", vector!(), " @@ to_tsquery('simple', $15) THEN 1 ELSE 2 END AS BIGINT) AS tier ",
        "FROM handout_words w WHERE ", vector!(), " @@ to_tsquery('simple', $13)) ",
        library!(
            "JOIN w ON w.account_id = h.account_id AND w.handout_id = h.id",
            "w.tier",
            ""
        )
    ),
);

/// A page of what a person reads: by title, or, where words are sought, those that have them in the title
/// first. Words without a letter or digit find nothing.
pub(super) async fn list(tx: &Tx, user: UserId, filter: &Filter, limit: i64) -> Result<Vec<HandoutRow>> {
    let sought = filter.search.as_deref().map(Sought::new);
    let (tier, after) = filter.after.unwrap_or((-1, HandoutId::nil()));
    let (nil, everywhere) = (AccountId::nil(), filter.account.is_none());
    let mut params: Vec<&dyn crate::db::Param> = vec![
        &user,
        &nil,
        &everywhere,
        &filter.account,
        &filter.species,
        &filter.topic,
        &filter.language,
        &filter.favorites,
        &filter.archived,
        &tier,
        &after,
        &limit,
    ];
    match &sought {
        None => tx.all(LIST, &params).await,
        Some(None) => Ok(Vec::new()),
        Some(Some(sought)) => {
            let words = [&sought.anywhere, &sought.title, &sought.summary];
            params.extend(words.map(|words| words as &dyn crate::db::Param));
            tx.all(SEARCH, &params).await
        }
    }
}

/// A handout that its reader has proved to read.
pub(super) async fn show(tx: &Tx, scope: &HandoutScope) -> Result<HandoutRow> {
    tx.one(
        sql!(
            "SELECT h.id, h.account_id, h.species, h.topic, h.language, h.title, h.summary, h.number, h.created_at,
                    h.updated_at, h.archived_at, h.version, f.user_id IS NOT NULL, CAST(0 AS BIGINT)
             FROM handouts h LEFT JOIN handout_favorites f ON f.user_id = $3 AND f.handout_id = h.id
             WHERE h.account_id = $1 AND h.id = $2"
        ),
        &[&scope.owner(), &scope.handout(), &scope.id()],
    )
    .await
}

row! {
    /// A version of a handout.
    #[derive(Clone, Debug)]
    pub struct VersionRow {
        /// Its number, from 1.
        pub number: i64,
        /// Its title.
        pub title: String,
        /// What it says, in a sentence.
        pub summary: String,
        /// What it says, in Markdown.
        pub body: String,
        /// Who wrote it; nobody where it comes with Covey.
        pub author: Option<UserId>,
        /// Their name.
        pub author_name: Option<String>,
        /// When.
        pub created_at: Time,
    }
}

/// One version; nothing where there is none of this number.
pub(super) async fn version(tx: &Tx, scope: &HandoutScope, number: i64) -> Result<VersionRow> {
    tx.one(
        sql!(
            "SELECT v.number, v.title, v.summary, v.body, v.author_id, u.name, v.created_at
             FROM handout_versions v LEFT JOIN users u ON u.id = v.author_id
             WHERE v.account_id = $1 AND v.handout_id = $2 AND v.number = $3"
        ),
        &[&scope.owner(), &scope.handout(), &number],
    )
    .await
}

/// The versions from this number down, newest first.
pub(super) async fn versions(
    tx: &Tx,
    scope: &HandoutScope,
    before: i64,
    limit: i64,
) -> Result<Vec<VersionRow>> {
    tx.all(
        sql!(
            "SELECT v.number, v.title, v.summary, v.body, v.author_id, u.name, v.created_at
             FROM handout_versions v LEFT JOIN users u ON u.id = v.author_id
             WHERE v.account_id = $1 AND v.handout_id = $2 AND v.number < $3 ORDER BY v.number DESC LIMIT $4"
        ),
        &[&scope.owner(), &scope.handout(), &before, &limit],
    )
    .await
}

/// What a handout says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Content {
    pub(super) species: Species,
    pub(super) topic: Topic,
    pub(super) language: Language,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) body: String,
}

/// A handout to be kept.
pub(super) struct New<'a> {
    pub(super) owner: AccountId,
    pub(super) id: HandoutId,
    /// Its name in the starter set.
    pub(super) starter: Option<&'a str>,
    pub(super) copied_from: Option<HandoutId>,
    pub(super) author: Option<UserId>,
    pub(super) content: &'a Content,
}

/// Adds a handout with its first version.
pub(super) async fn insert(tx: &Tx, new: &New<'_>) -> Result<HandoutRow> {
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
                 number, copied_from, created_at, updated_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, $11, 1)"
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
        ],
    )
    .await?;
    insert_version(tx, new.owner, new.id, 1, new.author, new.content).await?;
    Ok(row)
}

/// Adds a version, and renews the words that a search looks through.
pub(super) async fn insert_version(
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
    text::words(text).join(" ")
}

/// Writes what the handout's row says of its present version; says whether nobody was faster.
pub(super) async fn update(tx: &Tx, row: &HandoutRow) -> Result<bool> {
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
pub(super) async fn to_copy(tx: &Tx, scope: &HandoutAuthor, id: HandoutId) -> Result<Content> {
    let (species, topic, language, title, summary, body) = tx
        .one(
            sql!(
                "SELECT h.species, h.topic, h.language, v.title, v.summary, v.body FROM handouts h
                 JOIN handout_versions v ON v.account_id = h.account_id AND v.handout_id = h.id AND v.number = h.number
                 WHERE h.account_id IN ($1, $2) AND h.id = $3"
            ),
            &[&scope.account(), &AccountId::nil(), &id],
        )
        .await?;
    Ok(Content { species, topic, language, title, summary, body })
}

row! {
    /// A starter handout as it is kept.
    pub(super) struct StarterRow {
        pub(super) id: HandoutId,
        pub(super) starter: String,
        pub(super) species: Species,
        pub(super) topic: Topic,
        pub(super) language: Language,
        pub(super) title: String,
        pub(super) summary: String,
        pub(super) body: String,
        pub(super) number: i64,
        pub(super) created_at: Time,
        pub(super) archived_at: Option<Time>,
        pub(super) version: i64,
    }
}

/// The starter set as it is kept.
pub(super) async fn starters(tx: &Tx) -> Result<Vec<StarterRow>> {
    tx.all(
        sql!(
            "SELECT h.id, h.starter, h.species, h.topic, h.language, v.title, v.summary, v.body, h.number, h.created_at,
                    h.archived_at, h.version
             FROM handouts h
             JOIN handout_versions v ON v.account_id = h.account_id AND v.handout_id = h.id AND v.number = h.number
             WHERE h.account_id = $1 AND h.starter IS NOT NULL"
        ),
        &[&AccountId::nil()],
    )
    .await
}

/// Makes it a favorite, or no longer.
pub(super) async fn set_favorite(tx: &Tx, scope: &HandoutScope, favorite: bool) -> Result<()> {
    let (user, owner, id) = (scope.id(), scope.owner(), scope.handout());
    if favorite {
        tx.exec(
            sql!(
                "INSERT INTO handout_favorites (user_id, account_id, handout_id, created_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (user_id, handout_id) DO NOTHING"
            ),
            &[&user, &owner, &id, &tx.now()],
        )
        .await?;
    } else {
        tx.exec(sql!("DELETE FROM handout_favorites WHERE user_id = $1 AND handout_id = $2"), &[&user, &id])
            .await?;
    }
    Ok(())
}

/// The reader's own note; empty where they have none.
pub(super) async fn note(tx: &Tx, scope: &HandoutScope) -> Result<String> {
    let found = tx
        .maybe::<crate::db::One<String>>(
            sql!("SELECT body FROM handout_notes WHERE user_id = $1 AND handout_id = $2"),
            &[&scope.id(), &scope.handout()],
        )
        .await?;
    Ok(found.map(|one| one.0).unwrap_or_default())
}

/// Keeps the reader's own note; an empty one is forgotten.
pub(super) async fn set_note(tx: &Tx, scope: &HandoutScope, body: &str) -> Result<()> {
    if body.is_empty() {
        tx.exec(
            sql!("DELETE FROM handout_notes WHERE user_id = $1 AND handout_id = $2"),
            &[&scope.id(), &scope.handout()],
        )
        .await?;
        return Ok(());
    }
    tx.exec(
        sql!(
            "INSERT INTO handout_notes (user_id, account_id, handout_id, body, updated_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (user_id, handout_id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at"
        ),
        &[&scope.id(), &scope.owner(), &scope.handout(), &body, &tx.now()],
    )
    .await?;
    Ok(())
}

/// A share to be kept.
pub(super) struct NewShare<'a> {
    pub(super) account: AccountId,
    pub(super) id: HandoutShareId,
    pub(super) number: i64,
    pub(super) email: Option<&'a str>,
    pub(super) message: &'a str,
    pub(super) token: Hash,
    pub(super) expires_at: Time,
}

pub(super) async fn insert_share(tx: &Tx, scope: &HandoutScope, new: &NewShare<'_>) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO handout_shares (account_id, id, owner_id, handout_id, number, sent_by, email, message,
                 token_hash, created_at, expires_at, opened)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)"
        ),
        &[
            &new.account,
            &new.id,
            &scope.owner(),
            &scope.handout(),
            &new.number,
            &scope.id(),
            &new.email,
            &new.message,
            &new.token,
            &tx.now(),
            &new.expires_at,
        ],
    )
    .await?;
    Ok(())
}

/// How many a person emailed since then, and when the first of them.
pub(super) async fn emailed_since(tx: &Tx, user: UserId, since: Time) -> Result<(i64, Option<Time>)> {
    tx.one(
        sql!(
            "SELECT count(*), min(created_at) FROM handout_shares
             WHERE sent_by = $1 AND created_at > $2 AND email IS NOT NULL"
        ),
        &[&user, &since],
    )
    .await
}

row! {
    /// A handout that was sent, or a link to it, as the account's log shows it.
    #[derive(Clone, Debug)]
    pub struct ShareRow {
        /// Its id.
        pub id: HandoutShareId,
        /// The handout.
        pub handout: HandoutId,
        /// The title of the version that was shared.
        pub title: String,
        /// The version's number.
        pub number: i64,
        /// Who shared it.
        pub sent_by: UserId,
        /// Their name.
        pub sender: String,
        /// To which address; none where it is a link to be passed on.
        pub email: Option<String>,
        /// The note that went with it.
        pub message: String,
        /// When.
        pub created_at: Time,
        /// Until when the link is good.
        pub expires_at: Time,
        /// When it was taken back.
        pub revoked_at: Option<Time>,
        /// How often the link was opened, by people and by programs that look through mail.
        pub opened: i64,
        /// When last.
        pub opened_at: Option<Time>,
    }
}

/// The columns of a [`ShareRow`] out of the shares `s`.
macro_rules! select_shares {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, s.handout_id, v.title, s.number, s.sent_by, u.name, s.email, s.message, s.created_at, \
                    s.expires_at, s.revoked_at, s.opened, s.opened_at \
             FROM handout_shares s \
             JOIN handout_versions v ON v.account_id = s.owner_id AND v.handout_id = s.handout_id \
                  AND v.number = s.number \
             JOIN users u ON u.id = s.sent_by ",
            $rest
        )
    };
}

/// A page of what an account sent, newest first. Who doesn't manage the account sees what they sent.
pub(super) async fn shares(
    tx: &Tx,
    scope: &AccountMember,
    before: HandoutShareId,
    limit: i64,
) -> Result<Vec<ShareRow>> {
    tx.all(
        sql!(select_shares!(
            "WHERE s.account_id = $1 AND s.id < $2 AND ($3 OR s.sent_by = $4) ORDER BY s.id DESC LIMIT $5"
        )),
        &[&scope.account(), &before, &scope.role().manages(), &scope.id(), &limit],
    )
    .await
}

/// One share of an account: who doesn't manage it finds what they sent.
pub(super) async fn share(
    tx: &Tx,
    account: AccountId,
    id: HandoutShareId,
    reader: UserId,
    manages: bool,
) -> Result<ShareRow> {
    tx.one(
        sql!(select_shares!("WHERE s.account_id = $1 AND s.id = $2 AND ($3 OR s.sent_by = $4)")),
        &[&account, &id, &manages, &reader],
    )
    .await
}

/// Takes a share back.
pub(super) async fn revoke(tx: &Tx, scope: &AccountMember, id: HandoutShareId) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE handout_shares SET revoked_at = $3 WHERE account_id = $1 AND id = $2 AND revoked_at IS NULL"
        ),
        &[&scope.account(), &id, &tx.now()],
    )
    .await?;
    Ok(())
}

row! {
    /// What a link shows to whoever has it.
    #[derive(Clone, Debug)]
    pub struct Shared {
        /// The share.
        pub id: HandoutShareId,
        /// The account that shared it.
        pub account: AccountId,
        /// In which language.
        pub language: Language,
        /// The title.
        pub title: String,
        /// The text, in Markdown.
        pub body: String,
        /// When that version was written.
        pub written_at: Time,
        /// The note that went with it.
        pub message: String,
        /// Who shared it.
        pub sender: String,
        /// Until when the link is good.
        pub expires_at: Time,
        /// When it was taken back.
        pub revoked_at: Option<Time>,
    }
}

/// What a link's token stands for. The token is the right to it.
pub(super) async fn by_token(tx: &Tx, token: Hash) -> Result<Option<Shared>> {
    tx.maybe(
        sql!(
            "SELECT s.id, s.account_id, h.language, v.title, v.body, v.created_at, s.message, u.name, s.expires_at,
                    s.revoked_at
             FROM handout_shares s
             JOIN handouts h ON h.account_id = s.owner_id AND h.id = s.handout_id
             JOIN handout_versions v ON v.account_id = s.owner_id AND v.handout_id = s.handout_id
                  AND v.number = s.number
             JOIN users u ON u.id = s.sent_by
             WHERE s.token_hash = $1"
        ),
        &[&token],
    )
    .await
}

/// Counts that a link was opened.
pub(super) async fn opened(tx: &Tx, share: &Shared) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE handout_shares SET opened = opened + 1, opened_at = $3 WHERE account_id = $1 AND id = $2"
        ),
        &[&share.account, &share.id, &tx.now()],
    )
    .await?;
    Ok(())
}
