//! The form of a case: what it offers, and which client is meant.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::own_path;
use crate::{
    cases::{
        CaseRow,
        actions::{self, Changes, NewCase},
    },
    clients::{self, ClientRow, Subject},
};
use access::{CaseEditor, GroupMember, GroupScope};
use kernel::{
    error::{Checks, Error, Result},
    id::{AnimalId, ClientId, GroupId, LocationId, ProtocolId},
    text,
};
use people::{
    accounts::{self, Protocol},
    locations::{self, LocationRow},
};
use storage::{ExpectedVersion, Tx};
use web::{
    Form, May, Query,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, crumb, go_with},
    parts::{Choice, choices},
};

#[derive(Template)]
#[template(path = "cases/templates/form.html")]
struct FormPage {
    frame: Frame,
    group: GroupId,
    /// The case that is edited, with its version; none for a new one.
    case: Option<CaseRow>,
    entry: Entry,
    protocols: Vec<Choice>,
    places: Vec<Choice>,
    subjects: Subjects,
}

/// How many clients are offered in a list; of more, some are found by name.
const OFFERED: usize = 500;

/// Which clients and animals a case's form offers.
struct Subjects {
    /// Whether the group has more clients than a list should hold: the form then asks for a name.
    many: bool,
    names: Vec<String>,
    /// The clients to choose from: all, or the chosen one, or those that match the name.
    clients: Vec<Choice>,
    /// Whether more clients match the name.
    more: bool,
    animals: Vec<Choice>,
}

/// How a form names the client: by an id from the list, or by a name.
#[derive(Clone, Default)]
struct Said {
    client: String,
    name: String,
    animal: Option<AnimalId>,
}

impl Said {
    fn of(form: &Form) -> Self {
        let get = |name: &str| form.get(name).trim().to_owned();
        Self { client: get("client"), name: get("client_name"), animal: get("animal").parse().ok() }
    }

    fn of_entry(entry: &Entry) -> Self {
        let get = |name: &str| entry.get(name).trim().to_owned();
        Self { client: get("client"), name: get("client_name"), animal: None }
    }

    /// The client and the animal; an animal of another client counts as none.
    async fn subject(&self, tx: &Tx, scope: &GroupScope) -> Result<Option<Subject>> {
        let Some(client) = self.client(tx, scope).await? else { return Ok(None) };
        let animals = clients::animals(tx, scope, client).await?;
        let animal = self.animal.filter(|animal| animals.iter().any(|row| row.id == *animal));
        Ok(Some(Subject { client, animal }))
    }

    async fn client(&self, tx: &Tx, scope: &GroupScope) -> Result<Option<ClientId>> {
        let chosen = self.client.parse::<ClientId>().ok();
        if self.name.is_empty() {
            return Ok(chosen);
        }
        let found = clients::choices(tx, scope, &self.name, MATCHES).await?;
        if let Some(chosen) = chosen.filter(|chosen| found.iter().any(|row| row.id == *chosen)) {
            return Ok(Some(chosen));
        }
        let name = text::fold(&self.name);
        let exact = |row: &&ClientRow| text::fold(&row.label()) == name || text::fold(&row.name) == name;
        let exact = found.iter().filter(exact).collect::<Vec<_>>();
        match (exact.as_slice(), found.as_slice()) {
            ([one], _) => Ok(Some(one.id)),
            ([], [one]) => Ok(Some(one.id)),
            (_, []) => Err(Error::field("client", "No client in this group matches that name.")),
            _ => Err(Error::field("client", "Several clients match. Choose one from the list.")),
        }
    }
}

/// How many clients that match a name are offered.
const MATCHES: i64 = 50;

impl Subjects {
    async fn load(tx: &Tx, scope: &GroupScope, said: &Said) -> Result<Self> {
        let offered = i64::try_from(OFFERED).unwrap_or(i64::MAX);
        let mut rows = clients::choices(tx, scope, "", offered).await?;
        let many = rows.len() > OFFERED;
        let names = if many { rows.iter().map(ClientRow::label).collect() } else { Vec::new() };
        let chosen = said.client.parse::<ClientId>().ok();
        let mut more = false;
        if many {
            rows = match said.name.as_str() {
                "" => Vec::new(),
                name => clients::choices(tx, scope, name, MATCHES).await?,
            };
            let most = usize::try_from(MATCHES).unwrap_or(usize::MAX);
            more = rows.len() > most;
            rows.truncate(most);
        }
        let mut list = choices([("", "None")]);
        list.extend(choices(rows.iter().map(|row| (row.id, row.label()))));
        let mut animals = choices([("", "No specific animal")]);
        if let Some(chosen) = chosen {
            // The current client stays in the list even if archived.
            if !rows.iter().any(|row| row.id == chosen)
                && let Some(row) = clients::named(tx, scope, chosen).await?
            {
                list.extend(choices([(row.id, row.label())]));
            }
            let found = clients::animals(tx, scope, chosen).await?;
            animals.extend(choices(found.iter().map(|row| (row.id, &row.name))));
        }
        Ok(Self { many, names, clients: list, more, animals })
    }
}

/// What is not archived, and what the case already has.
fn offered(
    protocols: &[Protocol],
    places: &[LocationRow],
    case: Option<&CaseRow>,
) -> (Vec<Choice>, Vec<Choice>) {
    let protocols = protocols.iter().filter(|protocol| {
        protocol.archived_at.is_none() || case.is_some_and(|case| case.protocol == protocol.id)
    });
    let places = places
        .iter()
        .filter(|place| place.archived_at.is_none() || case.is_some_and(|case| case.location == place.id));
    let mut kinds = if case.is_none() { choices([("", "Choose…")]) } else { Vec::new() };
    kinds.extend(choices(protocols.map(|protocol| (protocol.id, &protocol.name))));
    (kinds, choices(places.map(|place| (place.id, &place.name))))
}

async fn new_page(may: &May<GroupMember>, entry: Entry) -> Result<Response> {
    let said = Said::of_entry(&entry);
    let (frame, group, protocols, places, subjects) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let protocols = accounts::protocols(tx, by.account()).await?;
            let subjects = Subjects::load(tx, by, &said).await?;
            Ok((frame, by.group(), protocols, locations::list(tx, by).await?, subjects))
        })
        .await?;
    let (protocols, places) = offered(&protocols, &places, None);
    let between = [crumb("Cases", format!("/g/{group}/cases"))];
    let (frame, status) = (frame.page(may, "cases", between, "New case"), entry.status());
    page::show(may, status, &FormPage { frame, group, case: None, entry, protocols, places, subjects })
}

/// The client of the new case.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct NewQuery {
    client: Option<String>,
}

pub(crate) async fn new(may: May<GroupMember>, Query(query): Query<NewQuery>) -> Result<Response> {
    new_page(&may, Entry::of(&[("client", query.client.as_deref().unwrap_or_default())])).await
}

/// The protocol and the location that a form holds.
fn chosen(form: &Form) -> (Option<ProtocolId>, Option<LocationId>) {
    (form.get("protocol").parse().ok(), form.get("location").parse().ok())
}

fn both(protocol: Option<ProtocolId>, location: Option<LocationId>) -> Result<(ProtocolId, LocationId)> {
    let mut checks = Checks::default();
    checks.that(protocol.is_some(), "protocol", "Choose a protocol.");
    checks.that(location.is_some(), "location", "Choose a location.");
    checks.done()?;
    protocol.zip(location).ok_or_else(|| Error::internal("checked above"))
}

pub(crate) async fn create(may: May<GroupMember>, form: Form) -> Result<Response> {
    let ((protocol, location), name) = (chosen(&form), form.get("name").to_owned());
    let said = Said::of(&form);
    let made = may.write(async move |tx, by| {
        let (protocol, location) = both(protocol, location)?;
        let subject = said.subject(tx, by).await?;
        actions::create(tx, by, &NewCase { protocol, location, name: name.clone(), subject }).await
    });
    match made.await {
        Ok(row) => {
            let flash = Flash::done(format!("“{}” was created.", row.name));
            go_with(&may, &format!("/g/{}/cases/{}", row.group, row.id), &flash)
        }
        Err(error) => new_page(&may, Entry::again(form, error)?).await,
    }
}

async fn edit_page(may: &May<CaseEditor>, entry: Option<Entry>) -> Result<Response> {
    let again = entry.as_ref().map(Said::of_entry);
    let (frame, case, protocols, places, subject, subjects) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let protocols = accounts::protocols(tx, by.account()).await?;
            let subject = actions::subject_of(tx, by).await?;
            let kept = Said {
                client: subject.as_ref().map(|row| row.client.to_string()).unwrap_or_default(),
                ..Said::default()
            };
            let subjects = Subjects::load(tx, by, again.as_ref().unwrap_or(&kept)).await?;
            let case = actions::show_for_edit(tx, by).await?;
            Ok((frame, case, protocols, locations::list(tx, by).await?, subject, subjects))
        })
        .await?;
    let word = |id: Option<String>| id.unwrap_or_default();
    let client = word(subject.as_ref().map(|row| row.client.to_string()));
    let animal = word(subject.and_then(|row| row.animal).map(|animal| animal.to_string()));
    let entry = entry.unwrap_or_else(|| {
        Entry::of(&[
            ("name", &case.name),
            ("protocol", &case.protocol.to_string()),
            ("location", &case.location.to_string()),
            ("client", &client),
            ("animal", &animal),
        ])
    });
    let (protocols, places) = offered(&protocols, &places, Some(&case));
    let group = case.group;
    let between = [
        crumb("Cases", format!("/g/{group}/cases")),
        crumb(case.name.clone(), format!("/g/{group}/cases/{}", case.id)),
    ];
    let (frame, status) = (frame.page(may, "cases", between, "Edit case"), entry.status());
    page::show(may, status, &FormPage { frame, group, case: Some(case), entry, protocols, places, subjects })
}

pub(crate) async fn edit(may: May<CaseEditor>) -> Result<Response> {
    edit_page(&may, None).await
}

pub(crate) async fn change(may: May<CaseEditor>, form: Form) -> Result<Response> {
    let ((protocol, location), name) = (chosen(&form), form.get("name").to_owned());
    let seen = ExpectedVersion::of(form.get("version").parse().ok());
    // A form without the field, as programs may send, keeps the client.
    let said = form.ticked("client").then(|| Said::of(&form));
    let changed = may.write(async move |tx, by| {
        let (protocol, location) = both(protocol, location)?;
        let (protocol, location) = (Some(protocol), Some(location));
        let mut changes = Changes { protocol, location, name: Some(name.clone()), ..Changes::default() };
        if let Some(said) = &said {
            let subject = said.subject(tx, by).await?;
            changes.client = Some(subject.map(|subject| subject.client));
            changes.animal = Some(subject.and_then(|subject| subject.animal));
        }
        actions::change(tx, by, &changes, seen).await
    });
    match changed.await {
        Ok(_) => go_with(&may, &own_path(&may)?, &Flash::done("The case was saved.")),
        Err(error) => edit_page(&may, Some(Entry::again(form, error)?)).await,
    }
}
