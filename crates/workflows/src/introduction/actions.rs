//! The verbs of the introduction.

use serde_json::json;

use crate::introduction::{
    mail::{Filling, proposed, unknown_placeholder},
    store::{self, Introduction, Recipient},
};
use access::AccountAdmin;
use kernel::{
    addresses::Email,
    error::{Checks, Error, Result},
    links::Site,
    text,
};
use people::{accounts, plans, users};
use platform::{
    audit::{self, Action, Event},
    jobs::{self, enqueue_from},
};
use storage::Tx;

/// The email as the account has it, or as Covey proposes it.
pub(super) async fn show(tx: &Tx, by: &AccountAdmin) -> Result<Introduction> {
    Ok(store::introduction(tx, by.account()).await?.unwrap_or_else(proposed))
}

/// What is wrong with an email, or the email as it is kept.
fn check(input: &Introduction) -> Result<Introduction> {
    let mut checks = Checks::default();
    let subject = checks.take("subject", text::required_line(&input.subject, "Enter a subject."));
    let body = checks.take("body", text::prose(&input.body));
    checks.that(body.as_ref().is_none_or(|body| !body.is_empty()), "body", "Enter a text.");
    if let Some(unknown) = unknown_placeholder(&input.body) {
        checks.that(false, "body", format!("{unknown} isn’t a placeholder. Check its spelling."));
    }
    checks.done()?;
    Ok(Introduction {
        subject: subject.unwrap_or_default(),
        body: body.unwrap_or_default(),
        version: input.version,
    })
}

/// Keeps the email as the account wants it.
///
/// # Errors
/// It can't be used, or someone changed it meanwhile.
pub(super) async fn change(tx: &Tx, by: &AccountAdmin, input: &Introduction) -> Result<()> {
    let new = check(input)?;
    if !store::save(tx, by.account(), &new).await? {
        return Err(Error::stale());
    }
    audit::record(tx, Event::new(by.account(), by.user(), Action::IntroductionChanged, by.account())).await
}

/// The email as its first reader will see it: subject and text.
///
/// # Errors
/// It can't be used.
pub(super) async fn preview(
    tx: &Tx,
    by: &AccountAdmin,
    site: &Site,
    input: &Introduction,
    name: &str,
) -> Result<(String, String)> {
    let letter = check(input)?;
    let practice = accounts::account_name(tx, by.account()).await?;
    let sender = users::user(tx, by.user()).await?;
    let filling = Filling { name, practice: &practice, sender: &sender.name, site };
    Ok((filling.fill(&letter.subject), filling.fill(&letter.body)))
}

/// Whom it can be sent to.
pub(super) async fn recipients(tx: &Tx, by: &AccountAdmin) -> Result<Vec<Recipient>> {
    store::recipients(tx, by.account()).await
}

/// Sends the email to those of the account's people who were chosen. Says how many there were.
///
/// # Errors
/// Nobody was chosen, or someone who is not of the account; or the account is read-only.
pub(super) async fn send(tx: &Tx, by: &AccountAdmin, site: &Site, chosen: &[String]) -> Result<usize> {
    plans::must_be_open(tx, by.account()).await?;
    accounts::must_be_admitted(tx, by.account()).await?;
    let letter = show(tx, by).await?;
    let practice = accounts::account_name(tx, by.account()).await?;
    let sender = users::user(tx, by.user()).await?;
    let people = store::recipients(tx, by.account()).await?;
    let to = among(&people, chosen)?;
    for person in &to {
        jobs::spare(tx, by.account(), &person.email).await?;
    }
    for person in &to {
        let filling = Filling { name: &person.name, practice: &practice, sender: &sender.name, site };
        enqueue_from(tx, &filling.letter(by.account(), person, &letter), &sender.email).await?;
    }
    let detail = json!({ "emails": to.iter().map(|person| &person.email).collect::<Vec<_>>() });
    audit::record(
        tx,
        Event::new(by.account(), by.user(), Action::IntroductionSent, by.account()).with(detail),
    )
    .await?;
    Ok(to.len())
}

/// As [`send`]; what was changed in the email is saved with that.
pub(super) async fn save_and_send(
    tx: &Tx,
    by: &AccountAdmin,
    site: &Site,
    typed: &Introduction,
    chosen: &[String],
) -> Result<usize> {
    let kept = show(tx, by).await?;
    let same = |kept: &str, typed: &str| kept == typed.replace("\r\n", "\n").trim();
    if !same(&kept.subject, &typed.subject) || !same(&kept.body, &typed.body) {
        change(tx, by, typed).await?;
    }
    send(tx, by, site, chosen).await
}

/// Those of these people who were chosen by their addresses, each once.
fn among<'a>(people: &'a [Recipient], chosen: &[String]) -> Result<Vec<&'a Recipient>> {
    let mut to: Vec<&Recipient> = Vec::new();
    for email in chosen {
        let key = Email::key_of(email);
        let known = people.iter().find(|person| Email::key_of(&person.email) == key);
        let known = known.ok_or_else(|| {
            let why = format!("{email} isn’t in the account or invited. Invite them first.");
            Error::field("emails", why)
        })?;
        if !to.iter().any(|person| person.email == known.email) {
            to.push(known);
        }
    }
    match to.is_empty() {
        true => Err(Error::field("emails", "Select at least one person.")),
        false => Ok(to),
    }
}
