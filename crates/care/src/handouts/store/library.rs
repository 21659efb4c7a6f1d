//! The library as a person reads it, and its search.

use crate::handouts::{Language, Species, Topic};
use access::HandoutScope;
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, HandoutId, UserId},
    search,
};
use storage::{Param, PerEngine, Sql, Tx, row, sql};

row! {
    /// A handout, as lists show it, to one person.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct HandoutRow {
        /// Newer ones have greater ids.
        pub id: HandoutId,
        /// Whose it is; the nil account's where it comes with Covey.
        pub owner: AccountId,
        /// Which animals, if it is about any.
        pub species: Option<Species>,
        /// What about.
        pub topic: Topic,
        /// In which language.
        pub language: Language,
        /// One line, up to 200 characters.
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
        /// Where a search found it: 0 in the title, 2 in the title and the summary, 4 in the text; and 1 more where it
        /// is not in the language that is preferred.
        pub(crate) tier: i64,
    }
}

impl HandoutRow {
    /// Whether it comes with Covey.
    pub fn starter(&self) -> bool {
        self.owner == AccountId::nil()
    }

    /// How well a search found it, as its tier says: 0 and 1 in the title, up to 3 with the summary, else in its text.
    pub fn found_by(&self) -> i64 {
        self.tier
    }

    /// Where the page after this row begins, in a list that prefers this language.
    pub fn cursor(&self, prefers: Option<Language>) -> String {
        let prefers = prefers.map(|language| format!(".{language}")).unwrap_or_default();
        format!("{}{prefers}-{}", self.tier, self.id)
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
    /// Among those that a search finds alike, the ones in this language come first.
    pub prefers: Option<Language>,
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
        let mut words = search::words(search);
        words.truncate(MOST_WORDS);
        // Each word begins one of the text's. Words are letters and digits alone, and quoted, so nothing
        // that someone types is taken for an operator.
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

/// The columns of a [`HandoutRow`] but for its tier, out of the handouts `h` and the favorites `f`.
macro_rules! readings {
    () => {
        "h.id, h.account_id AS owner, h.species, h.topic, h.language, h.title, h.summary, h.number, h.created_at, \
         h.updated_at, h.archived_at, h.version, f.user_id IS NOT NULL AS favorite"
    };
}

/// The handouts `h` that the person `$1` reads, with their favorites `f`; further tables, the tier, and
/// what else must hold. `$2` is the nil account. Of the starter set, those for the kind of one of their practices, or of
/// the one that is asked for; and, where favorites are, their favorites of any kind.
macro_rules! library {
    ($tables:literal, $tier:expr, $where:literal) => {
        concat!(
            "SELECT {} FROM (SELECT ",
            readings!(),
            ", h.title_key, CAST(",
            $tier,
            " AS BIGINT) AS tier FROM handouts h ",
            $tables,
            " LEFT JOIN handout_favorites f ON f.user_id = $1 AND f.handout_id = h.id \
              WHERE ((h.account_id = $2 AND h.archived_at IS NULL \
                      AND EXISTS (SELECT 1 FROM members e JOIN accounts k ON k.id = e.account_id \
                                  WHERE e.user_id = $1 AND e.until IS NULL AND ($3 OR e.account_id = $4) \
                                    AND (h.practice_kind IS NULL OR h.practice_kind = k.practice_kind \
                                         OR ($8 AND f.user_id IS NOT NULL)))) \
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

/// Puts what is not in the preferred language `$16` behind the rest of its tier.
macro_rules! by_language {
    ($tier:literal) => {
        concat!("2 * ", $tier, " + CASE WHEN CAST($16 AS TEXT) IS NULL OR h.language = $16 THEN 0 ELSE 1 END")
    };
}

const LIST: Sql = sql!(library!("", "0", ""), HandoutRow);

const SEARCH: Sql = sql!(
    sqlite: library!(
        "JOIN handout_words w ON w.account_id = h.account_id AND w.handout_id = h.id",
        by_language!(
            "CASE WHEN w.row_id IN (SELECT rowid FROM handout_search WHERE handout_search MATCH $14) THEN 0 \
                  WHEN w.row_id IN (SELECT rowid FROM handout_search WHERE handout_search MATCH $15) THEN 1 ELSE 2 END"
        ),
        "AND w.row_id IN (SELECT rowid FROM handout_search WHERE handout_search MATCH $13)"
    ),
    postgres: concat!(
        "WITH w AS MATERIALIZED (SELECT w.account_id, w.handout_id, ",
        "CAST(CASE WHEN ", vector!(), " @@ to_tsquery('simple', $14) THEN 0 ",
        "WHEN ", vector!(), " @@ to_tsquery('simple', $15) THEN 1 ELSE 2 END AS BIGINT) AS tier ",
        "FROM handout_words w WHERE ", vector!(), " @@ to_tsquery('simple', $13)) ",
        library!(
            "JOIN w ON w.account_id = h.account_id AND w.handout_id = h.id",
            by_language!("w.tier"),
            ""
        )
    ),
    HandoutRow,
);

/// A page of what a person reads: by title, or, where words are sought, those that have them in the title first, and
/// among those the ones in the preferred language. Words without a letter or digit find nothing.
pub(crate) async fn list(tx: &Tx, user: UserId, filter: &Filter, limit: i64) -> Result<Vec<HandoutRow>> {
    let sought = filter.search.as_deref().map(Sought::new);
    let (tier, after) = filter.after.unwrap_or((-1, HandoutId::nil()));
    let (nil, everywhere) = (AccountId::nil(), filter.account.is_none());
    let mut params: Vec<&dyn Param> = vec![
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
            params.extend(words.map(|words| words as &dyn Param));
            params.push(&filter.prefers);
            tx.all(SEARCH, &params).await
        }
    }
}

/// A handout that its reader has proved to read.
pub(crate) async fn show(tx: &Tx, scope: &HandoutScope) -> Result<HandoutRow> {
    tx.one(
        sql!(
            concat!(
                "SELECT {} FROM (SELECT ",
                readings!(),
                ", CAST(0 AS BIGINT) AS tier
                 FROM handouts h LEFT JOIN handout_favorites f ON f.user_id = $3 AND f.handout_id = h.id
                 WHERE h.account_id = $1 AND h.id = $2) q"
            ),
            HandoutRow
        ),
        &[&scope.owner(), &scope.handout(), &scope.user()],
    )
    .await
}
