//! The form of a new request.

use askama::Template;
use axum::response::Response;
use jiff::{civil::DateTime, tz::TimeZone};

use crate::requests::{
    Priority, Receiver,
    actions::{self, NewRequest, Offer, Offers},
};
use access::RequestSender;
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{Account, AccountId, CaseId, ClientId, Id, Named},
};
use web::{
    Form, May, QueryForm,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, crumb, go_with},
    parts::{Choice, choices},
};

#[derive(Template)]
#[template(path = "requests/templates/new.html")]
struct NewPage {
    frame: Frame,
    path: String,
    entry: Entry,
    receivers: Vec<Choice>,
    priorities: Vec<Choice>,
    cases: Vec<Choice>,
    more_cases: bool,
    chosen: Vec<Offer>,
    /// The clients that can also be selected, by group.
    groups: Vec<(String, Vec<Offer>)>,
    more: bool,
    /// The hint about the time zone.
    zone: String,
}

/// The ids in a form's field; anything else is left out.
fn ids<T: Named>(form: &Form, field: &str) -> Vec<Id<T>> {
    form.all(field).iter().filter_map(|id| id.parse().ok()).take(actions::CLIENT_LIMIT + 1).collect()
}

fn by_group(offers: Vec<Offer>) -> Vec<(String, Vec<Offer>)> {
    let mut groups: Vec<(String, Vec<Offer>)> = Vec::new();
    for offer in offers {
        match groups.last_mut().filter(|(name, _)| *name == offer.group) {
            Some((_, known)) => known.push(offer),
            None => groups.push((offer.group.clone(), vec![offer])),
        }
    }
    groups
}

/// The form with what was typed, and what is wrong with it.
async fn new_page(may: &May<RequestSender>, form: Form, error: Option<Error>) -> Result<Response> {
    let chosen: Vec<ClientId> = ids(&form, "client");
    let case: Option<CaseId> = form.get("case").parse().ok();
    let find = Some(form.get("find").to_owned()).filter(|find| !find.trim().is_empty());
    let shell = may.shell();
    let (frame, receivers, offers) = may
        .read_heavy(async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Account(by.account())).await?;
            let receivers = actions::receivers(tx, by).await?;
            Ok((frame, receivers, actions::offers(tx, by, &chosen, find.as_deref(), case).await?))
        })
        .await?;
    let account: AccountId = may.id("account")?;
    let default = receivers.iter().find(|one| one.default);
    let preset = if receivers.len() == 1 { receivers.first() } else { default };
    let mut form = form;
    if let Some(preset) = preset.filter(|_| form.get("to").is_empty()) {
        form = form.with("to", preset.id.to_string());
    }
    if form.get("priority").is_empty() {
        form = form.with("priority", Priority::Normal.word().to_owned());
    }
    let label = |one: &Receiver| match one.people {
        0 => format!("{} (no members right now)", one.name),
        _ => one.name.clone(),
    };
    let mut to = if preset.is_some() { Vec::new() } else { choices([("", "Choose…")]) };
    if receivers.is_empty() {
        to.clear();
    }
    to.extend(choices(receivers.iter().map(|one| (one.id, label(one)))));
    let Offers { chosen, others, more, cases, more_cases } = offers;
    let mut about = choices([("", "None")]);
    about.extend(choices(
        cases.iter().map(|(id, name, group, number)| (id, format!("{name} (#{number}, {group})"))),
    ));
    let entry = match error {
        Some(error) => Entry::again(form, error)?,
        None => Entry::from(form),
    };
    let path = format!("/a/{account}/requests");
    let status = entry.status();
    let page = NewPage {
        zone: format!("In your practice’s time zone, {}.", frame.zone.iana_name().unwrap_or("UTC")),
        frame: frame.page(may, "requests", [crumb("Requests", path.clone())], "New request"),
        entry,
        receivers: to,
        priorities: choices(Priority::ALL.iter().map(|priority| (priority.word(), priority.label()))),
        cases: about,
        more_cases,
        chosen,
        groups: by_group(others),
        more,
        path,
    };
    page::show(may, status, &page)
}

pub(crate) async fn new(may: May<RequestSender>, QueryForm(form): QueryForm) -> Result<Response> {
    new_page(&may, form, None).await
}

/// A time as a form sends it, in the account's time zone; none if it is empty.
fn moment(text: &str, zone: &TimeZone) -> Result<Option<Time>> {
    if text.is_empty() {
        return Ok(None);
    }
    let at = text.parse::<DateTime>().and_then(|at| at.to_zoned(zone.clone()));
    at.map(|at| Some(at.timestamp().into())).map_err(|_| Error::field("due_at", "Enter a date and a time."))
}

pub(crate) async fn create(may: May<RequestSender>, form: Form) -> Result<Response> {
    if form.get("do") == "find" {
        return new_page(&may, form, None).await;
    }
    let (shell, site, sent) = (may.shell(), may.app().site.clone(), form.clone());
    let made = may.write(async move |tx, by| {
        let zone = shell.frame(tx, by.user(), Here::Account(by.account())).await?.kit.zone;
        let case = sent.get("case");
        let new = NewRequest {
            to: sent.get("to").parse().map_err(|_| Error::field("to", "Choose a user group."))?,
            subject: sent.get("subject").to_owned(),
            body: sent.get("body").to_owned(),
            clients: ids(&sent, "client"),
            case: match case.is_empty() {
                true => None,
                false => {
                    Some(case.parse().map_err(|_| Error::field("case", "Your groups have no such case."))?)
                }
            },
            priority: Priority::read(sent.get("priority")).unwrap_or(Priority::Normal),
            due_at: moment(sent.get("due_at"), &zone)?,
        };
        actions::send(tx, by, &site, &new).await
    });
    match made.await {
        Ok(sent) => {
            let path = format!("/a/{}/requests/{}", may.id::<Account>("account")?, sent.id);
            go_with(&may, &path, &Flash::done(format!("Request #{} was sent.", sent.number)))
        }
        Err(error) => new_page(&may, form, Some(error)).await,
    }
}
