//! Lists of cases: of one group, of all groups, of the parent account, of a client.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::{
    cases::{CaseRow, Filter, Sort, Status, actions},
    clients::{self, ClientHead},
};
use access::{AccountAdmin, AnyWorker, ClientReader, GroupReader, Privilege, policy::Wish};
use kernel::{
    error::{Error, Result},
    id::{GroupId, LocationId},
    order::Order,
};
use people::locations::{self, LocationRow};
use storage::{
    Tx, Weight,
    list::{Key, Listing},
};
use web::{
    May, Page, Query,
    answer::cursor_id,
    entry::Entry,
    list::{self, Heads},
    page::{self, Frame, Frames, Here, NavItem},
    parts::{Choice, Pager, choices, link},
};

/// How many cases a page shows.
const LIMIT: i64 = 25;

/// Which cases to show: open ones, unless something is searched for.
#[derive(Clone, Deserialize, utoipa::IntoParams)]
pub(crate) struct CasesQuery {
    status: Option<String>,
    q: Option<String>,
    location: Option<String>,
    sort: Option<String>,
    cursor: Option<String>,
}

impl CasesQuery {
    /// The chosen tab.
    fn tab(&self) -> &'static str {
        match self.status.as_deref() {
            Some("closed") => "closed",
            Some("all") => "all",
            None if self.q.is_some() => "all",
            _ => "open",
        }
    }

    fn filter(&self) -> Result<Filter> {
        let location = self.location.as_deref().map(str::parse::<LocationId>).transpose();
        let before = match self.cursor.as_deref() {
            Some(cursor) => Some(cursor_id::<kernel::id::Case>(Some(cursor))?),
            None => None,
        };
        Ok(Filter {
            status: Status::read(self.tab()),
            search: self.q.clone(),
            location: location.map_err(|_| Error::field("location", "Choose a location from the list."))?,
            listing: before.map_or_else(Listing::default, |id| Listing::behind(Key::Created, id)),
            before,
        })
    }

    fn order(&self) -> Order<Sort> {
        list::order(self.sort.as_deref(), Sort::USUAL)
    }

    /// Whether finding the page takes long. Only the usual order has statements that begin where the page does for each
    /// status.
    fn weight(&self, filter: &Filter) -> Weight {
        if self.order() == Sort::USUAL { filter.weight() } else { Weight::Heavy }
    }

    fn pairs(&self, tab: &'static str) -> [(&str, &str); 3] {
        [
            ("status", tab),
            ("q", self.q.as_deref().unwrap_or_default()),
            ("location", self.location.as_deref().unwrap_or_default()),
        ]
    }
}

/// A tab over a list.
struct Tab {
    label: &'static str,
    href: String,
    current: bool,
}

fn tabs(path: &str, query: &CasesQuery) -> Vec<Tab> {
    let tab = |key: &'static str, label| Tab {
        label,
        href: link(
            path,
            &[&query.pairs(key)[..], &[("sort", query.sort.as_deref().unwrap_or_default())]].concat(),
        ),
        current: query.tab() == key,
    };
    vec![tab("open", "Open"), tab("closed", "Closed"), tab("all", "All")]
}

#[derive(Template)]
#[template(path = "cases/templates/list.html")]
struct ListPage {
    frame: Frame,
    title: &'static str,
    lede: &'static str,
    path: String,
    entry: Entry,
    places: Vec<Choice>,
    tabs: Vec<Tab>,
    tab: &'static str,
    cases: Vec<CaseRow>,
    list: Option<Heads>,
    pager: Pager,
    with_group: bool,
    filtered: bool,
    from_parent: bool,
    new: Option<String>,
    /// The groups to choose from where the list shows several: a new case is in one.
    new_in: Vec<NavItem>,
    export: Option<String>,
    needs_location: Option<String>,
}

impl ListPage {
    fn new(frame: Frame, path: &str, query: &CasesQuery, rows: Vec<CaseRow>) -> Self {
        let rows = Page::cut(rows, LIMIT, |row| row.id.to_string());
        let pairs = query.pairs(query.tab());
        let list = Heads::new(path, &pairs, query.order(), Sort::USUAL)
            .paged(query.cursor.as_deref(), rows.next_cursor.as_deref());
        Self {
            frame,
            title: "Cases",
            lede: "",
            entry: Entry::of(&pairs),
            places: Vec::new(),
            tabs: tabs(path, query),
            tab: query.tab(),
            cases: rows.items,
            pager: list.pager(),
            list: Some(list),
            with_group: true,
            filtered: query.q.is_some() || query.location.is_some(),
            from_parent: false,
            new: None,
            new_in: Vec::new(),
            export: None,
            needs_location: None,
            path: path.to_owned(),
        }
    }
}

/// What the list of a group shows.
struct Loaded {
    frame: Frame,
    group: GroupId,
    places: Vec<LocationRow>,
    rows: Vec<CaseRow>,
    works: bool,
    exports: bool,
    from_parent: bool,
}

async fn load(
    tx: &Tx,
    by: &GroupReader,
    shell: &Frames,
    filter: &Filter,
    order: Order<Sort>,
) -> Result<Loaded> {
    Ok(Loaded {
        frame: shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?,
        group: by.group(),
        places: locations::list(tx, by).await?,
        rows: actions::list_by(tx, by, filter, order, LIMIT).await?,
        works: by.may(Wish::Work),
        exports: by.holds(tx, Privilege::CasesExport).await?,
        from_parent: by.from_parent(),
    })
}

pub(crate) async fn index(may: May<GroupReader>, Query(query): Query<CasesQuery>) -> Result<Response> {
    let filter = query.filter()?;
    let (weight, order, shell) = (query.weight(&filter), query.order(), may.shell());
    let load = async move |tx: &_, by: &_| load(tx, by, &shell, &filter, order).await;
    let Loaded { frame, group, places, rows, works, exports, from_parent } =
        may.read_noted("cases", weight, load).await?;
    let mut everywhere = choices([("", "All locations")]);
    everywhere.extend(choices(places.iter().map(|place| (place.id, &place.name))));
    let mut page = ListPage::new(frame.page(&may, "cases", [], "Cases"), &may.request().path, &query, rows);
    page.with_group = false;
    page.from_parent = from_parent;
    page.places = everywhere;
    page.export = exports.then(|| format!("/g/{group}/cases.csv"));
    match places.iter().any(|place| place.archived_at.is_none()) {
        true => page.new = works.then(|| format!("/g/{group}/cases/new")),
        false => page.needs_location = Some(format!("/g/{group}/locations")),
    }
    page::ok(&may, &page)
}

pub(crate) async fn index_of_mine(may: May<AnyWorker>, Query(query): Query<CasesQuery>) -> Result<Response> {
    let (filter, shell) = (Filter { location: None, ..query.filter()? }, may.shell());
    let (order, weight) = (query.order(), query.weight(&filter));
    let load = async move |tx: &Tx, by: &AnyWorker| {
        let rows = actions::list_mine_by(tx, by, &filter, order, LIMIT).await?;
        Ok((shell.frame(tx, by.user(), Here::All).await?, rows))
    };
    let (frame, rows) = match weight {
        Weight::Heavy => may.read_heavy(load).await?,
        Weight::Light => may.read(load).await?,
    };
    let frame = frame.page(&may, "cases", [], "Cases");
    let new_in = frame.groups.clone();
    let mut page = ListPage::new(frame, &may.request().path, &query, rows);
    page.new_in = new_in;
    page.title = "Cases in all groups";
    page.lede = "Every case in your groups.";
    page::ok(&may, &page)
}

pub(crate) async fn index_of_account(
    may: May<AccountAdmin>,
    Query(query): Query<CasesQuery>,
) -> Result<Response> {
    let (filter, shell) = (Filter { location: None, ..query.filter()? }, may.shell());
    let order = query.order();
    let (frame, rows) = may
        .write(async move |tx, by| {
            let rows = actions::list_from_parent_by(tx, by, &filter, order, LIMIT).await?;
            Ok((shell.frame(tx, by.user(), Here::Account(by.account())).await?, rows))
        })
        .await?;
    let frame = frame.page(&may, "cases", [], "Cases");
    let mut page = ListPage::new(frame, &may.request().path, &query, rows);
    page.title = "All cases";
    page.lede = "Every case in this account’s groups, read-only.";
    page.from_parent = true;
    page::ok(&may, &page)
}

/// Which part of a client's cases.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct PartQuery {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "cases/templates/of_client.html")]
struct OfClientPage {
    frame: Frame,
    head: ClientHead,
    cases: Vec<CaseRow>,
    /// None: they are always the newest first.
    list: Option<Heads>,
    with_group: bool,
    pager: Pager,
}

pub(crate) async fn of_client(may: May<ClientReader>, Query(query): Query<PartQuery>) -> Result<Response> {
    let (listing, shell) = (Listing::from_cursor(query.cursor.as_deref())?, may.shell());
    let (frame, head, rows) = may
        .read_noted("cases", Weight::Light, async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let rows = actions::of_client(tx, by, &listing, LIMIT).await?;
            Ok((frame, clients::head(tx, by).await?, rows))
        })
        .await?;
    let between = [clients::list_crumb(head.row.group), clients::client_crumb(&head.row)];
    let rows = Page::cut(rows, LIMIT, |case| case.id.to_string());
    let pager = Pager::new(&may.request().path, &[], query.cursor.as_deref(), rows.next_cursor.as_deref());
    let page = OfClientPage {
        frame: frame.page(&may, "clients", between, "Cases"),
        head: head.on("cases"),
        cases: rows.items,
        list: None,
        with_group: false,
        pager,
    };
    page::ok(&may, &page)
}
