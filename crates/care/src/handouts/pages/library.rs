//! The library and its search.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::{any, languages, species, topics};
use crate::handouts::{Filter, HandoutRow, Language, Species, Topic, actions};
use access::{AccountMember, Privilege};
use kernel::{error::Result, id::AccountId};
use web::{
    May, Page, Query,
    entry::Entry,
    page::{self, Frame, Here},
    parts::{Choice, Pager, link},
};

/// How many handouts a page of the library shows.
const LIMIT: i64 = 24;

/// Which handouts to show.
#[derive(Clone, Default, Deserialize, utoipa::IntoParams)]
pub(crate) struct LibraryQuery {
    q: Option<String>,
    #[param(inline)]
    species: Option<Species>,
    #[param(inline)]
    topic: Option<Topic>,
    #[param(inline)]
    language: Option<Language>,
    favorites: Option<String>,
    archived: Option<String>,
    cursor: Option<String>,
}

impl LibraryQuery {
    fn filter(&self, account: AccountId, languages: &str) -> Result<Filter> {
        let filter = Filter {
            search: self.q.clone(),
            species: self.species,
            topic: self.topic,
            language: self.language,
            account: Some(account),
            favorites: self.favorites.is_some(),
            archived: self.archived.is_some(),
            ..Filter::default()
        };
        filter.paged(self.cursor.as_deref(), languages)
    }

    fn pairs(&self) -> [(&str, &str); 6] {
        let text = |value: &Option<String>| value.is_some();
        [
            ("q", self.q.as_deref().unwrap_or_default()),
            ("species", self.species.map_or("", Species::word)),
            ("topic", self.topic.map_or("", Topic::word)),
            ("language", self.language.map_or("", Language::word)),
            ("favorites", if text(&self.favorites) { "yes" } else { "" }),
            ("archived", if text(&self.archived) { "yes" } else { "" }),
        ]
    }
}

#[derive(Template)]
#[template(path = "handouts/templates/library.html")]
struct LibraryPage {
    frame: Frame,
    path: String,
    /// The address of this very page, to come back to.
    here: String,
    entry: Entry,
    /// Whether one can choose among animals.
    animals: bool,
    species: Vec<Choice>,
    topics: Vec<Choice>,
    languages: Vec<Choice>,
    favorites: bool,
    archived: bool,
    filtered: bool,
    manages: bool,
    rows: Vec<HandoutRow>,
    pager: Pager,
}

pub(crate) async fn index(may: May<AccountMember>, Query(query): Query<LibraryQuery>) -> Result<Response> {
    let (asked, shell, reads) = (query.clone(), may.shell(), may.request().languages.clone());
    let (frame, rows, prefers, manages) = may
        .read_heavy(async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Account(by.account())).await?;
            let filter = asked.filter(by.account(), &reads)?;
            let manages = by.holds(tx, Privilege::HandoutsManage).await?;
            Ok((frame, actions::list(tx, by.user(), &filter, LIMIT).await?, filter.prefers, manages))
        })
        .await?;
    let path = may.request().path.clone();
    let pairs = query.pairs();
    let rows = Page::cut(rows, LIMIT, |row| row.cursor(prefers));
    let practice = frame.kind;
    let page = LibraryPage {
        animals: practice.has_animals() || query.species.is_some(),
        frame: frame.page(&may, "handouts", [], "Handouts"),
        here: link(&path, &pairs),
        entry: Entry::of(&pairs),
        species: any("All animals", species()),
        topics: any("All topics", topics(practice, query.topic)),
        languages: any("All languages", languages()),
        favorites: query.favorites.is_some(),
        archived: query.archived.is_some(),
        filtered: pairs.iter().any(|(_, value)| !value.is_empty()),
        manages,
        pager: Pager::new(&path, &pairs, query.cursor.as_deref(), rows.next_cursor.as_deref()),
        rows: rows.items,
        path,
    };
    page::ok(&may, &page)
}
