//! The page of a client, and the form on it that adds an animal.

use askama::Template;
use axum::response::Response;

use crate::{
    cases::{self, CaseRow},
    client_groups,
    clients::{self, AnimalRow, Client, ClientHead},
    sight::{Asked, Panel, WhenQuery},
};
use access::{ClientEditor, ClientReader, policy::Wish};
use kernel::{
    clock::date_words,
    error::Result,
    id::{AccountId, ClientGroupId, ClientId, GroupId},
};
use storage::{Weight, list::Listing};
use web::{
    Form, May, Page, Query,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, go_with},
};

/// How many of the client's cases it shows.
const NEWEST: i64 = 5;

#[derive(Template)]
#[template(path = "overview/templates/show.html")]
struct ShowPage {
    frame: Frame,
    head: ClientHead,
    path: String,
    account: AccountId,
    birth_date: String,
    current: Vec<AnimalRow>,
    former: Vec<AnimalRow>,
    animal: Entry,
    cases: Vec<CaseRow>,
    more_cases: bool,
    client_groups: Vec<(ClientGroupId, String)>,
    panel: Panel,
}

async fn show_page(may: &May<ClientReader>, query: WhenQuery, animal: Entry) -> Result<Response> {
    let shell = may.shell();
    let (frame, head, animals, cases, client_groups, seen, (day, manages)) = may
        .read_noted("client", Weight::Light, async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let day = Asked::read(&query, &frame.kit, tx)?;
            let cases = cases::of_client(tx, by, &Listing::default(), NEWEST).await?;
            let Client { animals, .. } = clients::show(tx, by).await?;
            let (_, seen) = clients::access(tx, by, day.when.span).await?;
            let client_groups = client_groups::of_client(tx, by).await?;
            let day = (day, by.may(Wish::Manage));
            Ok((frame, clients::head(tx, by).await?, animals, cases, client_groups, seen, day))
        })
        .await?;
    let (current, former) = animals.into_iter().partition(|animal| animal.archived_at.is_none());
    let cases = Page::cut(cases, NEWEST, |case| case.id.to_string());
    let path = head.path();
    let between = [clients::list_crumb(head.row.group)];
    let page = ShowPage {
        account: head.row.account,
        panel: Panel::new(&frame, "client", &path, &head.row.group_name, seen, day, manages),
        frame: frame.page(may, "clients", between, head.row.name.clone()),
        path,
        birth_date: head.row.birth_date.as_deref().map(date_words).unwrap_or_default(),
        head: head.on("overview"),
        current,
        former,
        more_cases: cases.next_cursor.is_some(),
        cases: cases.items,
        client_groups,
        animal,
    };
    page::show(may, page.animal.status(), &page)
}

pub(crate) async fn show(may: May<ClientReader>, Query(query): Query<WhenQuery>) -> Result<Response> {
    show_page(&may, query, Entry::default()).await
}

pub(crate) async fn add_animal(may: May<ClientEditor>, form: Form) -> Result<Response> {
    let (group, client): (GroupId, ClientId) = (may.id("group")?, may.id("client")?);
    let input = clients::animal_input(&form, "");
    match may.write(async move |tx, by| clients::add_animal(tx, by, &input).await).await {
        Ok(row) => {
            let flash = Flash::done(format!("“{}” was added.", row.name));
            go_with(&may, &format!("/g/{group}/clients/{client}#animals"), &flash)
        }
        Err(error) => {
            let reader = may.within(&[("group", group.to_string()), ("client", client.to_string())]);
            show_page(&reader, WhenQuery::default(), Entry::again(form, error)?).await
        }
    }
}
