//! The search itself.

use serde_json::json;

use crate::find::{Findings, Found, Kind, Overseen, Section, Target, offers};
use access::{Reach, ReachedGroup, SearchedFrom};
use care::{
    cases::{self, FoundCase, Status},
    clients::{self, FoundClient},
    handouts::{self, HandoutRow, Language, Species},
};
use kernel::{
    error::Result,
    id::{AccountId, GroupId, UserId},
    search,
};
use people::groups::{self, FoundPerson};
use platform::audit::{self, Action, Event};
use storage::Tx;

/// How many of each kind are shown.
const FEW: usize = 5;
/// The same, as statements take it.
const LIMIT: i64 = 5;
/// A handout is found by its title or summary; above this tier, it is by its text.
const BY_SUMMARY: i64 = 3;

/// What is searched for, and by whom.
#[derive(Clone, Debug)]
pub struct Asked {
    /// As it was typed.
    pub text: String,
    /// The languages that the caller reads.
    pub languages: String,
    /// Whether anything is sold here.
    pub sells: bool,
}

/// Everything within reach that has the words, a few of each kind. Without words, what can be done here.
///
/// # Errors
/// None but the database's.
pub async fn find(tx: &Tx, reach: &Reach, asked: &Asked) -> Result<Findings> {
    let words = search::words(&asked.text);
    let (offered, first) = offers::offered(reach, &words, asked.sells);
    if words.is_empty() {
        let none = if asked.text.trim().is_empty() { offered } else { Vec::new() };
        return Ok(Findings { sections: none, cases_from_parent: false, clients_from_parent: false });
    }
    let text = asked.text.as_str();
    let cases = cases::find_everywhere(tx, reach, text, LIMIT + 1).await?;
    let clients = clients::find_everywhere(tx, reach, text, LIMIT + 1).await?;
    let people = groups::find_everywhere(tx, reach, text, LIMIT + 1).await?;
    let handouts = handouts(tx, reach, asked).await?;
    let overseen = |group: GroupId| reach.find(group).is_none_or(|group| group.role().is_none());
    let cases_from_parent = cases.iter().take(FEW).any(|row| overseen(row.group));
    let clients_from_parent = clients.iter().take(FEW).any(|row| overseen(row.group));
    let records = vec![
        section(Kind::Case, cases, Some(more_cases(reach)), asked, |row| case(reach, row)),
        section(Kind::Client, clients, more_clients(reach), asked, |row| client(reach, row)),
        section(Kind::Person, people, more_people(reach), asked, |row| person(reach, row)),
        section(Kind::Handout, handouts, more_handouts(reach), asked, |row| handout(reach, row)),
    ];
    let mut sections = match first {
        true => [offered, records].concat(),
        false => [records, offered].concat(),
    };
    sections.retain(|section| !section.found.is_empty());
    Ok(Findings { sections, cases_from_parent, clients_from_parent })
}

/// Notes what is shown from the parent account.
///
/// # Errors
/// None but the database's.
pub async fn note(tx: &Tx, by: UserId, place: Overseen, cases: bool, clients: bool) -> Result<()> {
    let object = place.group.map_or_else(|| place.account.to_string(), |group| group.to_string());
    let looks = [(cases, Action::CasesListedFromParent), (clients, Action::ClientsListedFromParent)];
    for (_, action) in looks.into_iter().filter(|(shown, _)| *shown) {
        let event = Event::new(place.account, by, action, &object).with(json!({ "what": "search" }));
        let event = if let Some(group) = place.group { event.in_group(group) } else { event };
        audit::record(tx, event).await?;
    }
    Ok(())
}

/// A kind's best few, with the list that has all of them. Those lists look for what was typed as one piece, so they are
/// offered where it is one word.
fn section<T, F: Into<Option<Found>>>(
    kind: Kind,
    mut rows: Vec<T>,
    list: Option<Target>,
    asked: &Asked,
    show: impl Fn(T) -> F,
) -> Section {
    let more = rows.len() > FEW && search::words(&asked.text).len() == 1;
    rows.truncate(FEW);
    let mut more = list.filter(|_| more);
    if let Some(list) = &mut more {
        list.query.push(("q", asked.text.trim().to_owned()));
    }
    Section { kind, found: rows.into_iter().filter_map(|row| show(row).into()).collect(), more }
}

async fn handouts(tx: &Tx, reach: &Reach, asked: &Asked) -> Result<Vec<HandoutRow>> {
    let filter = handouts::Filter {
        search: Some(asked.text.clone()),
        account: own_account(reach).filter(|_| reach.from() != SearchedFrom::Anywhere),
        prefers: Language::preferred(&asked.languages),
        ..handouts::Filter::default()
    };
    let rows = handouts::actions::list(tx, reach.user(), &filter, LIMIT).await?;
    Ok(rows.into_iter().filter(|row| row.found_by() <= BY_SUMMARY).collect())
}

/// The account whose pages show what belongs to none: where the caller is, or the caller's first.
fn own_account(reach: &Reach) -> Option<AccountId> {
    reach.accounts().first().map(|(account, _)| *account)
}

/// The parts of a line that say something.
fn line(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" · ")
}

/// The name of a group, where several are searched.
fn group_name(reach: &Reach, group: GroupId) -> &str {
    match reach.from() {
        SearchedFrom::Group(..) => "",
        _ => reach.find(group).map_or("", ReachedGroup::name),
    }
}

fn case(reach: &Reach, row: FoundCase) -> Found {
    let closed = if row.status == Status::Closed { "Closed" } else { "" };
    Found {
        detail: line(&[&format!("#{}", row.number), group_name(reach, row.group), closed]),
        target: Target::at(format!("/g/{}/cases/{}", row.group, row.id)),
        id: Some(row.id.to_string()),
        title: row.name,
    }
}

/// How many animals a line names.
const ANIMALS: usize = 3;

fn client(reach: &Reach, row: FoundClient) -> Found {
    let animals = row.animals.as_deref().unwrap_or_default();
    let animals = animals.lines().take(ANIMALS).collect::<Vec<_>>().join(", ");
    Found {
        detail: line(&[&animals, &row.reference, group_name(reach, row.group)]),
        target: Target::at(format!("/g/{}/clients/{}", row.group, row.id)),
        id: Some(row.id.to_string()),
        title: row.name,
    }
}

/// A person leads to where they are listed, among the people whom the caller may see.
fn person(reach: &Reach, row: FoundPerson) -> Option<Found> {
    let place = reach.keyed(&row.place);
    let list = match (reach.managed(), place) {
        (Some(account), _) => format!("/a/{account}/users"),
        (None, Some(group)) => format!("/g/{}/users", group.group()),
        (None, None) => return None,
    };
    let group = place.map_or("", |group| group_name(reach, group.group()));
    Some(Found {
        detail: line(&[&row.email, group]),
        target: Target::searched(list, &row.email),
        id: Some(row.user.to_string()),
        title: row.name,
    })
}

fn handout(reach: &Reach, row: HandoutRow) -> Option<Found> {
    let owned = reach.accounts().iter().find(|(account, _)| *account == row.owner);
    let account = owned.map(|(account, _)| *account).or_else(|| own_account(reach))?;
    Some(Found {
        detail: line(&[row.species.map_or("", Species::label), row.topic.label()]),
        target: Target::at(format!("/a/{account}/handouts/{}", row.id)),
        id: Some(row.id.to_string()),
        title: row.title,
    })
}

fn more_cases(reach: &Reach) -> Target {
    let path = match (reach.from(), reach.managed()) {
        (SearchedFrom::Group(_, group), _) => format!("/g/{group}/cases"),
        (_, Some(account)) => format!("/a/{account}/cases"),
        _ => "/all/cases".to_owned(),
    };
    Target { path, query: vec![("status", "all".to_owned())] }
}

fn more_clients(reach: &Reach) -> Option<Target> {
    match reach.from() {
        SearchedFrom::Group(_, group) => Some(Target::at(format!("/g/{group}/clients"))),
        _ => None,
    }
}

fn more_people(reach: &Reach) -> Option<Target> {
    match (reach.from(), reach.managed()) {
        (SearchedFrom::Group(_, group), _) => Some(Target::at(format!("/g/{group}/users"))),
        (_, Some(account)) => Some(Target::at(format!("/a/{account}/users"))),
        _ => None,
    }
}

fn more_handouts(reach: &Reach) -> Option<Target> {
    own_account(reach).map(|account| Target::at(format!("/a/{account}/handouts")))
}
