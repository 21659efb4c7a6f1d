//! The forms and buttons on the page of a request.

use axum::response::Response;

use crate::requests::{actions, moves, pages::thread::show_page, undo};
use access::{Proof, RequestAuthor, RequestReader, RequestReceiver, RequestScope};
use kernel::{
    error::{Error, Result},
    id::{AccountId, RequestId, UserGroupId, UserId},
};
use platform::blobs::NewFile;
use storage::{ExpectedVersion, Tx};
use web::{
    FileForm, Form, May,
    cookies::Flash,
    entry::Entry,
    files,
    page::{self, confirm, go_with, settle},
};

/// The permission to show the page again, after a form on it was refused.
fn reader<P: Proof>(may: &May<P>) -> Result<May<RequestReader>> {
    let (account, request): (AccountId, RequestId) = (may.id("account")?, may.id("request")?);
    Ok(may.within(&[("account", account.to_string()), ("request", request.to_string())]))
}

fn own_path<P: Proof>(may: &May<P>) -> Result<String> {
    let (account, request): (AccountId, RequestId) = (may.id("account")?, may.id("request")?);
    Ok(format!("/a/{account}/requests/{request}"))
}

/// Answers a form of the page: says what happened, or shows the page again with what was typed.
async fn answer<P: Proof>(may: &May<P>, form: Form, done: Result<()>, says: &str) -> Result<Response> {
    match done {
        Ok(()) => go_with(may, &format!("{}#thread", own_path(may)?), &Flash::done(says)),
        Err(error) => show_page(&reader(may)?, Entry::again(form, error)?, Entry::default()).await,
    }
}

/// The message after a step that can be undone, as the request was left.
fn undoable(own: &str, says: &str, version: i64) -> Flash {
    Flash::done(says).undo(format!("{own}/undo"), &[("version", &version.to_string())])
}

async fn version(tx: &Tx, by: &RequestScope) -> Result<i64> {
    Ok(actions::show(tx, by).await?.row.version)
}

pub(crate) async fn add_message(may: May<RequestReader>, form: Form) -> Result<Response> {
    let (site, body) = (may.app().site.clone(), form.get("body").to_owned());
    let done = may.write(async move |tx, by| actions::add_message(tx, by, &site, &body).await).await;
    answer(&may, form, done, "Your message was sent.").await
}

pub(crate) async fn ask(may: May<RequestReceiver>, form: Form) -> Result<Response> {
    let (site, body) = (may.app().site.clone(), form.get("body").to_owned());
    let done = may.write(async move |tx, by| moves::ask(tx, by, &site, &body).await).await;
    answer(&may, form, done, "Your question was sent.").await
}

pub(crate) async fn decline(may: May<RequestReceiver>, form: Form) -> Result<Response> {
    let (site, reason) = (may.app().site.clone(), form.get("reason").to_owned());
    let done = may.write(async move |tx, by| moves::decline(tx, by, &site, &reason).await).await;
    answer(&may, form, done, "The request was declined.").await
}

pub(crate) async fn complete(may: May<RequestReceiver>, form: Form) -> Result<Response> {
    let (site, body) = (may.app().site.clone(), form.get("body").to_owned());
    let done = may.write(async move |tx, by| {
        moves::complete(tx, by, &site, &body).await?;
        version(tx, by).await
    });
    match done.await {
        Ok(version) => {
            let own = own_path(&may)?;
            go_with(&may, &own, &undoable(&own, "The request was completed.", version))
        }
        Err(error) => show_page(&reader(&may)?, Entry::again(form, error)?, Entry::default()).await,
    }
}

/// The buttons whose step can be undone.
macro_rules! undoable_buttons {
    ($($name:ident $says:literal;)*) => {$(
        pub(crate) async fn $name(may: May<RequestReceiver>) -> Result<Response> {
            let (site, own) = (may.app().site.clone(), own_path(&may)?);
            let done = may.write(async move |tx, by| {
                moves::$name(tx, by, &site).await?;
                version(tx, by).await
            });
            settle(&may, &own, done.await, |version| undoable(&own, $says, version))
        }
    )*};
}
undoable_buttons! {
    claim "This request is yours.";
    release "You released the request. Anyone in the user group can claim it.";
}

pub(crate) async fn undo(may: May<RequestReceiver>, form: Form) -> Result<Response> {
    let site = may.app().site.clone();
    let seen = ExpectedVersion::of(form.get("version").parse().ok());
    let done = may.write(async move |tx, by| undo::undo(tx, by, &site, seen).await).await;
    settle(&may, &own_path(&may)?, done, |()| Flash::done("Undone. The request is as it was before."))
}

pub(crate) async fn reopen(may: May<RequestAuthor>) -> Result<Response> {
    let site = may.app().site.clone();
    let done = may.write(async move |tx, by| moves::reopen(tx, by, &site).await).await;
    settle(&may, &own_path(&may)?, done, |()| Flash::done("The request was reopened."))
}

pub(crate) async fn cancel(may: May<RequestAuthor>, form: Form) -> Result<Response> {
    let (site, back) = (may.app().site.clone(), own_path(&may)?);
    let question = page::Question {
        ask: "Cancel this request?".to_owned(),
        detail: "The person working on it is notified. A canceled request can’t be reopened.",
        action: "Cancel request",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let done = may.write(async move |tx, by| moves::cancel(tx, by, &site).await).await;
    settle(&may, &back, done, |()| Flash::done("The request was canceled."))
}

pub(crate) async fn assign(may: May<RequestReceiver>, form: Form) -> Result<Response> {
    let (site, back) = (may.app().site.clone(), own_path(&may)?);
    let question = page::Question {
        ask: "Assign this request?".to_owned(),
        detail: "The person you chose is notified. If someone else has it now, it’s no longer theirs.",
        action: "Assign",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let user = form.get("user").parse::<UserId>().ok();
    let done = may.write(async move |tx, by| {
        let user = user.ok_or_else(|| Error::field("user", "Choose a person."))?;
        moves::assign(tx, by, &site, user).await?;
        Ok(user == by.user())
    });
    settle(&may, &back, done.await, |own| match own {
        true => Flash::done("This request is yours."),
        false => Flash::done("The request was assigned."),
    })
}

pub(crate) async fn forward(may: May<RequestReader>, form: Form) -> Result<Response> {
    let (site, own) = (may.app().site.clone(), own_path(&may)?);
    let question = page::Question {
        ask: "Forward this request?".to_owned(),
        detail: "The other user group gets it as a new request. People who are only in this one can no longer see it.",
        action: "Forward",
        back: &own,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let to = form.get("to").parse::<UserGroupId>().ok();
    let done = may.write(async move |tx, by| {
        let to = to.ok_or_else(|| Error::field("to", "Choose a user group."))?;
        let done = moves::forward(tx, by, &site, to).await?;
        Ok((done.name, by.is_sender()))
    });
    let done = done.await;
    let account: AccountId = may.id("account")?;
    // A person who is not in the user group that has it now no longer sees it.
    let back = match &done {
        Ok((_, false)) => format!("/a/{account}/requests"),
        _ => own,
    };
    settle(&may, &back, done, |(name, _)| Flash::done(format!("The request was forwarded to {name}.")))
}

pub(crate) async fn add_file(may: May<RequestReader>, form: FileForm) -> Result<Response> {
    let (path, reader) = (own_path(&may)?, reader(&may)?);
    let site = may.app().site.clone();
    let attached = files::attach(may, form, async move |tx: &Tx, by: &RequestReader, file: &NewFile| {
        actions::add_file(tx, by, &site, file).await
    });
    match attached.await {
        Ok(_) => go_with(&reader, &format!("{path}#files"), &Flash::done("The file was attached.")),
        Err(error) => show_page(&reader, Entry::default(), Entry::again(Form::default(), error)?).await,
    }
}
