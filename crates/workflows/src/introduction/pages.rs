//! Pages of *Introduce the team*: the email to edit, to look at, and to send.

use askama::Template;
use axum::response::Response;

use crate::introduction::{Introduction, Recipient, actions, mail::PLACEHOLDERS};
use access::AccountAdmin;
use kernel::{
    error::{Error, Kind, Result},
    id::AccountId,
    text::counted,
};
use web::{
    Form, May,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, go_with},
};

#[derive(Template)]
#[template(path = "introduction/templates/introduction.html")]
struct IntroductionPage {
    frame: Frame,
    tab: &'static str,
    account: AccountId,
    entry: Entry,
    version: i64,
    placeholders: [(&'static str, &'static str); 5],
    people: Vec<Recipient>,
    /// Subject and text as a reader will see them, and who that is.
    preview: Option<(String, String, String)>,
    /// What is kept by now, where someone else has changed it.
    theirs: Option<Introduction>,
    leaves: bool,
}

/// Whose eyes a preview takes: the first who is ticked, or the first of all.
fn reader(people: &[Recipient], entry: &Entry) -> (String, String) {
    let ticked = people.iter().find(|person| entry.has("emails", &person.email));
    let reader = ticked.or(people.first());
    reader.map(|person| (person.name.clone(), person.email.clone())).unwrap_or_default()
}

/// What a page shows apart from the email.
#[derive(Default)]
struct View {
    entry: Option<Entry>,
    preview: bool,
    stale: bool,
}

fn typed(entry: &Entry) -> Introduction {
    Introduction { subject: entry.get("subject").to_owned(), body: entry.get("body").to_owned(), version: 0 }
}

async fn introduction_page(may: &May<AccountAdmin>, view: View) -> Result<Response> {
    let site = may.app().site.clone();
    let loaded = may.read(async |tx, by| {
        let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
        let kept = actions::show(tx, by).await?;
        let people = actions::recipients(tx, by).await?;
        let View { entry, preview, stale } = view;
        let mut entry =
            entry.unwrap_or_else(|| Entry::of(&[("subject", &kept.subject), ("body", &kept.body)]));
        let mut shown = None;
        if preview {
            let (name, email) = reader(&people, &entry);
            match actions::preview(tx, by, &site, &typed(&entry), &name).await {
                Ok((subject, body)) => shown = Some((subject, body, email)),
                Err(error) => entry = entry.refused_for(error)?,
            }
        }
        Ok(IntroductionPage {
            tab: "introduce",
            account: by.account(),
            version: kept.version,
            placeholders: PLACEHOLDERS,
            people,
            preview: shown,
            theirs: stale.then_some(kept),
            leaves: site.mail_leaves,
            entry,
            frame: frame.page(may, "dashboard", [], "Introduce the team"),
        })
    });
    let page = loaded.await?;
    let status = page.entry.status();
    page::show(may, status, &page)
}

pub(crate) async fn show(may: May<AccountAdmin>) -> Result<Response> {
    introduction_page(&may, View::default()).await
}

fn own_path(account: AccountId) -> String {
    format!("/a/{account}/introduce")
}

/// The email as the form has it, with the version that was seen.
fn of_form(form: &Form) -> Introduction {
    Introduction {
        subject: form.get("subject").to_owned(),
        body: form.get("body").to_owned(),
        version: form.get("version").parse().unwrap_or(-1),
    }
}

/// The form once more, with what is wrong; what was typed stays.
async fn again(may: &May<AccountAdmin>, form: Form, error: Error) -> Result<Response> {
    let stale = error.kind() == Kind::Stale;
    introduction_page(may, View { entry: Some(Entry::again(form, error)?), stale, preview: false }).await
}

/// Saves the email, or shows how it will be read.
pub(crate) async fn save(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    if form.get("do") == "preview" {
        return introduction_page(&may, View { entry: Some(Entry::from(form)), preview: true, stale: false })
            .await;
    }
    let new = of_form(&form);
    match may.write(async move |tx, by| actions::change(tx, by, &new).await).await {
        Ok(()) => go_with(&may, &own_path(account), &Flash::done("Email saved.")),
        Err(error) => again(&may, form, error).await,
    }
}

/// Sends the email to the people who are selected; what was changed in it is saved with that.
pub(crate) async fn send(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let (new, site, emails) = (of_form(&form), may.app().site.clone(), form.all("emails").to_vec());
    let sent = may.write(async move |tx, by| actions::save_and_send(tx, by, &site, &new, &emails).await);
    match sent.await {
        Ok(many) => {
            let text = match may.app().site.mail_leaves {
                true => format!("{} sent.", counted(many, "email was", "emails were")),
                false => format!(
                    "This server doesn’t send mail. {} in its data folder.",
                    counted(many, "email was saved as a file", "emails were saved as files")
                ),
            };
            go_with(&may, &own_path(account), &Flash::done(text))
        }
        Err(error) => again(&may, form, error).await,
    }
}
