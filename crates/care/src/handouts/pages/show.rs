//! One handout: what it says, the reader's note, and the form that shares it.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use super::{library, load, own, paper};
use crate::handouts::{
    HandoutRow, Language, MESSAGE_LIMIT, SHARE_DAYS,
    actions::{self, Recipient},
};
use access::HandoutReader;
use kernel::{
    error::{Error, Result},
    id::AccountId,
};
use platform::prose;
use web::{
    Form, May,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, go, go_with, own_path},
    parts::{Choice, choices},
};

/// For how long a link may work.
fn lasting() -> Vec<Choice> {
    choices([(7, "7 days"), (14, "14 days"), (30, "30 days"), (90, "90 days")])
}

/// A link that was just created.
struct Fresh {
    link: String,
    until: String,
    /// Whom to send it to, on a server that sends no email.
    email: Option<String>,
}

#[derive(Template)]
#[template(path = "handouts/templates/show.html")]
struct ShowPage {
    frame: Frame,
    path: String,
    row: HandoutRow,
    html: String,
    manages: bool,
    note: Entry,
    share: Entry,
    fresh: Option<Fresh>,
    limit: usize,
    days: Vec<Choice>,
}

impl ShowPage {
    /// What the field for the recipient's address is called.
    fn email_label(&self) -> String {
        format!("{}’s email", self.frame.kind.recipient_first())
    }
}

/// The forms of a handout's page, where one was not accepted.
#[derive(Default)]
struct Forms {
    note: Option<Entry>,
    share: Option<Entry>,
    fresh: Option<Fresh>,
}

async fn show_page(may: &May<HandoutReader>, forms: Forms) -> Result<Response> {
    let (account, shell): (AccountId, _) = (may.id("account")?, may.shell());
    let load = async |tx: &_, by: &HandoutReader| load(tx, by, &shell, account).await;
    let (frame, row, version, note, manages) = may.read(load).await?;
    let days = SHARE_DAYS.to_string();
    let note = forms.note.unwrap_or_else(|| Entry::of(&[("body", &note)]));
    let share = forms.share.unwrap_or_else(|| Entry::of(&[("days", &days)]));
    let status = [&note, &share].into_iter().map(Entry::status).find(|status| *status != StatusCode::OK);
    let page = ShowPage {
        frame: frame.page(may, "handouts", [library(account)], row.title.clone()),
        path: format!("/a/{account}/handouts/{}", row.id),
        html: prose::to_html(&version.body),
        row,
        manages,
        note,
        share,
        fresh: forms.fresh,
        limit: MESSAGE_LIMIT,
        days: lasting(),
    };
    page::show(may, status.unwrap_or_default(), &page)
}

pub(crate) async fn show(may: May<HandoutReader>) -> Result<Response> {
    if may.text("format").is_ok() {
        let account = may.id("account")?;
        let sheet = may.read(async move |tx, by| actions::sheet(tx, by, Some(account)).await).await?;
        return paper::pdf(sheet, &may.app().fonts).await;
    }
    show_page(&may, Forms::default()).await
}

pub(crate) async fn set_favorite(may: May<HandoutReader>, form: Form) -> Result<Response> {
    let favorite = form.get("favorite") == "yes";
    may.write(async move |tx, by| actions::set_favorite(tx, by, favorite).await).await?;
    match own_path(form.get("back")) {
        Some(back) => go(back),
        None => go(&own(&may)?),
    }
}

pub(crate) async fn set_note(may: May<HandoutReader>, form: Form) -> Result<Response> {
    let body = form.get("body").to_owned();
    match may.write(async move |tx, by| actions::set_note(tx, by, &body).await).await {
        Ok(kept) if kept.is_empty() => go_with(&may, &own(&may)?, &Flash::done("Note deleted.")),
        Ok(_) => go_with(&may, &own(&may)?, &Flash::done("Note saved. Only you can see it.")),
        Err(error) => {
            let note = Some(Entry::again(form, error)?);
            show_page(&may, Forms { note, ..Forms::default() }).await
        }
    }
}

pub(crate) async fn share(may: May<HandoutReader>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let email = form.get("email").trim().to_owned();
    let by_link = form.get("do") == "link";
    let recipient = Recipient {
        account: Some(account),
        email: (!by_link).then(|| email.clone()),
        message: form.get("message").to_owned(),
        days: form.get("days").parse().ok().or(if form.get("days").is_empty() { None } else { Some(0) }),
    };
    let site = may.app().site.clone();
    let leaves = site.mail_leaves;
    let made = may.write(async move |tx, by| {
        if !by_link && email.is_empty() {
            let whose = people::accounts::practice_kind(tx, account).await?.recipient();
            let why = format!("Enter the {whose}’s email, or create a link instead.");
            return Err(Error::field("email", why));
        }
        let made = actions::share(tx, by, &site, &recipient).await?;
        let from = people::accounts::letterhead(tx, account).await?;
        let until = actions::day(made.share.expires_at, &from, Language::English);
        Ok((made.share.email, made.link, until))
    });
    match made.await {
        Ok((Some(email), ..)) if leaves => {
            go_with(&may, &own(&may)?, &Flash::done(format!("Handout sent to {email}.")))
        }
        Ok((email, link, until)) => {
            let fresh = Some(Fresh { link, until, email });
            show_page(&may, Forms { fresh, ..Forms::default() }).await
        }
        Err(error) => {
            let share = Some(Entry::again(form, error)?);
            show_page(&may, Forms { share, ..Forms::default() }).await
        }
    }
}
