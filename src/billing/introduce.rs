//! *Introduce the team*: a letter to the practice's people that its administrators make their own.

pub mod pages;

use serde_json::json;

use crate::{
    access::AccountAdmin,
    accounts,
    audit::{self, Event},
    billing::store::{self, Introduction, Recipient},
    db::Tx,
    error::{Checks, Error, Result},
    jobs::{self, Letter, enqueue},
    plans, sign_in, text,
    web::Site,
};

/// The placeholders, and what each stands for.
pub(super) const PLACEHOLDERS: [(&str, &str); 5] = [
    ("{name}", "the reader's name"),
    ("{practice}", "the account's name"),
    ("{sender}", "your name"),
    ("{link}", "where one signs in"),
    ("{guide}", "the quick-start guide"),
];

const SUBJECT: &str = "Welcome to Covey at {practice}";
const BODY: &str = "Hello {name},

from now on {practice} keeps its groups, cases and handouts in Covey. You will see the cases of the groups \
that you belong to, and nobody outside of them does.

What to do now:

1. If you have an invitation in your mail, open its link and choose a password. It is good for 7 days.
2. Sign in at {link}.
3. Take five minutes for the quick-start guide: {guide}

If something is unclear, simply answer me.

{sender}";

/// The letter as the account has it, or as Covey proposes it.
///
/// # Errors
/// The database fails.
pub async fn show(tx: &Tx, by: &AccountAdmin) -> Result<Introduction> {
    let proposed = || Introduction { subject: SUBJECT.to_owned(), body: BODY.to_owned(), version: 0 };
    Ok(store::introduction(tx, by.account()).await?.unwrap_or_else(proposed))
}

/// What is wrong with a letter, or the letter as it is kept.
fn check(input: &Introduction) -> Result<Introduction> {
    let mut checks = Checks::default();
    let subject = checks.take("subject", text::line(&input.subject));
    let body = checks.take("body", text::prose(&input.body));
    checks.that(body.as_ref().is_none_or(|body| !body.is_empty()), "body", "Please write something.");
    if let Some(unknown) = unknown_placeholder(&input.body) {
        checks.that(false, "body", format!("{unknown} is no placeholder. Check its spelling."));
    }
    checks.done()?;
    Ok(Introduction {
        subject: subject.unwrap_or_default(),
        body: body.unwrap_or_default(),
        version: input.version,
    })
}

/// The first word in braces that stands for nothing.
fn unknown_placeholder(body: &str) -> Option<String> {
    let mut rest = body;
    while let Some((_, after)) = rest.split_once('{') {
        let (word, tail) = after.split_once('}')?;
        let whole = format!("{{{word}}}");
        let is_word = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
        if is_word && PLACEHOLDERS.iter().all(|(known, _)| *known != whole) {
            return Some(whole);
        }
        rest = tail;
    }
    None
}

/// Keeps the letter as the account wants it.
///
/// # Errors
/// It can't be used, or somebody changed it meanwhile.
pub async fn change(tx: &Tx, by: &AccountAdmin, input: &Introduction) -> Result<()> {
    let new = check(input)?;
    if !store::save_introduction(tx, by.account(), &new).await? {
        return Err(Error::stale());
    }
    audit::record(tx, Event::new(by.account(), by.id(), "introduction.changed", by.account())).await
}

/// Who reads the letter, from whom and where.
struct Filling<'a> {
    name: &'a str,
    practice: &'a str,
    sender: &'a str,
    site: &'a Site,
}

impl Filling<'_> {
    /// A text with its placeholders filled in, each once: what fills one is not looked at again.
    fn fill(&self, text: &str) -> String {
        let name = if self.name.is_empty() { "there" } else { self.name };
        let (link, guide) = (self.site.page("/sign-in"), self.site.page("/guide"));
        let values = [name, self.practice, self.sender, &link, &guide];
        let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(at) = rest.find('{') {
            filled.push_str(&rest[..at]);
            rest = &rest[at..];
            let known = PLACEHOLDERS.iter().zip(values).find(|((word, _), _)| rest.starts_with(word));
            let (taken, value) = known.map_or(("{", "{"), |((word, _), value)| (*word, value));
            filled.push_str(value);
            rest = &rest[taken.len()..];
        }
        filled.push_str(rest);
        filled
    }
}

/// The letter as its first reader will see it: subject and text.
///
/// # Errors
/// It can't be used.
pub async fn preview(
    tx: &Tx,
    by: &AccountAdmin,
    site: &Site,
    input: &Introduction,
    name: &str,
) -> Result<(String, String)> {
    let letter = check(input)?;
    let practice = accounts::account_name(tx, by.account()).await?;
    let sender = sign_in::user(tx, by.id()).await?.name;
    let filling = Filling { name, practice: &practice, sender: &sender, site };
    Ok((filling.fill(&letter.subject), filling.fill(&letter.body)))
}

/// Whom it can be sent to.
///
/// # Errors
/// The database fails.
pub async fn recipients(tx: &Tx, by: &AccountAdmin) -> Result<Vec<Recipient>> {
    store::recipients(tx, by.account()).await
}

/// Sends the letter to those of the account's people who were chosen. Says how many there were.
///
/// # Errors
/// Nobody was chosen, or somebody who is not of the account; or the account is read-only.
pub async fn send(tx: &Tx, by: &AccountAdmin, site: &Site, chosen: &[String]) -> Result<usize> {
    plans::must_be_open(tx, by.account()).await?;
    let letter = show(tx, by).await?;
    let practice = accounts::account_name(tx, by.account()).await?;
    let sender = sign_in::user(tx, by.id()).await?.name;
    let people = store::recipients(tx, by.account()).await?;
    let mut to = Vec::new();
    for email in chosen {
        let key = text::fold(email.trim());
        let known = people.iter().find(|person| text::fold(&person.email) == key);
        let known = known.ok_or_else(|| {
            Error::field(
                "emails",
                format!("{email} is neither on the account nor invited. Invite them first."),
            )
        })?;
        if !to.iter().any(|person: &&Recipient| person.email == known.email) {
            to.push(known);
        }
    }
    if to.is_empty() {
        return Err(Error::field("emails", "Choose at least one person."));
    }
    for person in &to {
        jobs::spare(tx, by.account(), &person.email).await?;
    }
    for person in &to {
        let filling = Filling { name: &person.name, practice: &practice, sender: &sender, site };
        enqueue(
            tx,
            &Letter {
                account: Some(by.account()),
                to: person.email.clone(),
                subject: filling.fill(&letter.subject),
                paragraphs: filling.fill(&letter.body).split("\n\n").map(str::to_owned).collect(),
                button: Some(("Read the quick-start guide".to_owned(), site.page("/guide"))),
                small: Vec::new(),
            },
        )
        .await?;
    }
    let detail = json!({ "emails": to.iter().map(|person| &person.email).collect::<Vec<_>>() });
    audit::record(tx, Event::new(by.account(), by.id(), "introduction.sent", by.account()).with(detail))
        .await?;
    Ok(to.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_once_and_in_one_pass() {
        let site = Site { base_url: "https://x.test".into(), mail_leaves: true };
        let filling = Filling { name: "{sender}", practice: "Mill & Co", sender: "Ann", site: &site };
        assert_eq!(
            filling.fill("Hi {name} of {practice} { {x}: {link}"),
            "Hi {sender} of Mill & Co { {x}: https://x.test/sign-in"
        );
    }

    #[test]
    fn misspelt_placeholders_are_named() {
        assert_eq!(unknown_placeholder("Hi {nmae}"), Some("{nmae}".into()));
        assert_eq!(unknown_placeholder("Hi {name} {"), None);
        assert_eq!(unknown_placeholder("{a b} {}"), None);
    }
}
