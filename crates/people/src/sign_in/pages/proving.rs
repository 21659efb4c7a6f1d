//! Pages of the second step of a sign-in, of a sign-in by passkey alone, and of proving again who one is.
//!
//! Who must prove again is sent here from a form with all that it held ([`prove_again`]), and from here, once they
//! have proved it, back with the same: a redirect that keeps method and body. So what was being done is done.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use crate::sign_in::{
    actions::{self, Answer, Missing, Proof},
    api::from,
    pages::{come_in, renamed},
};
use access::{Anyone, SignedIn, lacks_second_factor};
use kernel::{
    error::{Error, Kind, Result},
    random::Token,
};
use web::{
    Form, May, Query,
    cookies::Flash,
    entry::Entry,
    page::{self, Plain, go, go_with, own_path, plain},
};

#[derive(Template)]
#[template(path = "sign_in/templates/second.html")]
struct SecondPage {
    frame: Plain,
    entry: Entry,
    token: String,
    /// Whether an app makes codes for them.
    app: bool,
    /// What their passkeys are asked; empty where they have none.
    options: String,
}

pub(super) async fn second_page(may: &May<Anyone>, entry: Entry, token: &Token) -> Result<Response> {
    match may.read(async |tx, _| actions::waits_for(tx, token).await).await {
        Ok((ways, options)) => {
            let (status, token) = (entry.status(), token.reveal().to_owned());
            let frame = plain(may, "Confirm your sign-in");
            page::show(may, status, &SecondPage { frame, entry, token, app: ways.code, options })
        }
        Err(error) => start_again(may, error),
    }
}

/// What took too long, or was finished in another window, begins again.
fn start_again(may: &May<Anyone>, error: Error) -> Result<Response> {
    match error.kind() {
        Kind::Conflict => go_with(may, "/sign-in", &Flash::trouble(error.public())),
        _ => Err(error),
    }
}

pub(crate) async fn second(may: May<Anyone>, form: Form) -> Result<Response> {
    let token = Token::presented(form.get("token"));
    let answer = match form.get("passkey") {
        "" => Answer::Code(form.get("code").to_owned()),
        answer => Answer::Passkey(answer.to_owned()),
    };
    match actions::second_step(may.app(), token.clone(), answer, from(&may)).await {
        Ok(entered) => come_in(&may, &form, &entered),
        Err(error) if error.kind() == Kind::Conflict => start_again(&may, error),
        Err(error) => second_page(&may, Entry::again(form, error)?, &token).await,
    }
}

#[derive(Template)]
#[template(path = "sign_in/templates/passkey.html")]
struct PasskeyPage {
    frame: Plain,
    entry: Entry,
    token: String,
    options: String,
}

async fn passkey_page(may: &May<Anyone>, entry: Entry) -> Result<Response> {
    let (site, from) = (may.app().site.clone(), from(may));
    match may.write(async move |tx, _| actions::ask_for_passkey(tx, &site, &from).await).await {
        Ok(begun) => {
            let (status, token) = (entry.status(), begun.token.reveal().to_owned());
            let frame = plain(may, "Sign in with a passkey");
            page::show(may, status, &PasskeyPage { frame, entry, token, options: begun.options })
        }
        Err(error) => start_again(may, error),
    }
}

pub(crate) async fn ask_for_passkey(may: May<Anyone>, form: Form) -> Result<Response> {
    passkey_page(&may, Entry::of(&[("next", form.get("next"))])).await
}

pub(crate) async fn by_passkey(may: May<Anyone>, form: Form) -> Result<Response> {
    let (token, answer) = (Token::presented(form.get("token")), form.get("passkey").to_owned());
    match actions::by_passkey(may.app(), token, answer, from(&may)).await {
        Ok(entered) => come_in(&may, &form, &entered),
        Err(error) if error.kind() == Kind::Conflict => start_again(&may, error),
        Err(error) => passkey_page(&may, Entry::again(form, error)?).await,
    }
}

#[derive(Template)]
#[template(path = "sign_in/templates/prove.html")]
struct ProvePage {
    frame: Plain,
    entry: Entry,
    lacks: Missing,
    /// Where to go on to.
    next: String,
    /// Whether what goes on is a form.
    posts: bool,
    /// What it held.
    carried: Vec<(String, String)>,
}

/// Where to go on to.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct NextQuery {
    next: Option<String>,
}

/// The names of this page's own fields begin so.
const OWN: &str = "proof_";

async fn prove_page(may: &May<SignedIn>, entry: Entry, next: &str, form: Option<&Form>) -> Result<Response> {
    let site = may.app().site.clone();
    let lacks = may.write(async move |tx, by| actions::missing(tx, &site, by).await).await?;
    let who = may.credential();
    let enroll = may.read(async |tx, _| lacks_second_factor(tx, who, None).await).await? && !lacks.ways.any();
    if enroll {
        return go(&web::parts::link("/second-factor", &[("next", next)]));
    }
    if !lacks.fresh && !lacks.second && !entry.refused() {
        return on(next, form.is_some());
    }
    let fields = form.map(Form::fields).unwrap_or_default();
    let carried =
        fields.into_iter().filter(|(name, _)| !name.starts_with(OWN) && name != "passkey").collect();
    let (status, frame) = (entry.status(), plain(may, "Confirm it’s you"));
    let (posts, next) = (form.is_some(), next.to_owned());
    page::show(may, status, &ProvePage { frame, entry, lacks, next, posts, carried })
}

/// Goes on: by a form with the same body, or to a page.
fn on(next: &str, posts: bool) -> Result<Response> {
    let mut response = go(next)?;
    if posts {
        *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    }
    Ok(response.into_response())
}

fn next_of(query: &NextQuery) -> &str {
    query.next.as_deref().and_then(own_path).unwrap_or("/")
}

pub(crate) async fn prove(may: May<SignedIn>, Query(query): Query<NextQuery>) -> Result<Response> {
    prove_page(&may, Entry::default(), next_of(&query), None).await
}

/// A form was sent here instead of to where it was going.
pub(crate) async fn prove_again(
    may: May<SignedIn>,
    Query(query): Query<NextQuery>,
    form: Form,
) -> Result<Response> {
    prove_page(&may, Entry::default(), next_of(&query), Some(&form)).await
}

pub(crate) async fn confirm(may: May<SignedIn>, form: Form) -> Result<Response> {
    let next = own_path(form.get("proof_next")).unwrap_or("/").to_owned();
    let posts = form.ticked("proof_posts");
    let by = may.read(async |_, by| Ok(by.clone())).await?;
    let proof = match (form.get("passkey"), form.get("proof_code")) {
        ("", "") => Proof::Password(form.get("proof_password").to_owned()),
        ("", code) => Proof::Code(code.to_owned()),
        (answer, _) => Proof::Passkey(Token::presented(form.get("proof_token")), answer.to_owned()),
    };
    match actions::prove(may.app(), by, proof).await {
        Ok(()) if !posts && is_file(&next) => page::ok(&may, &ready(&may, &next)),
        Ok(()) => on(&next, posts),
        Err(error) => {
            let carried = posts.then(|| form.clone());
            // The fields have names of their own here, so that they don't meet those of the form that is carried along.
            let own = [("current_password", "proof_password"), ("code", "proof_code")];
            let entry = Entry::again(form, renamed(error, &own))?;
            prove_page(&may, entry, &next, carried.as_ref()).await
        }
    }
}

/// Whether a path leads to a file that the browser saves: the page that led to it would stay where it is.
fn is_file(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    [".csv", ".pdf", ".jsonl"].iter().any(|ending| path.ends_with(ending))
}

fn ready<'a>(may: &May<SignedIn>, next: &'a str) -> Ready<'a> {
    Ready { frame: plain(may, "Confirmed"), next }
}

/// The file is ready to be saved.
#[derive(Template)]
#[template(path = "sign_in/templates/ready.html")]
struct Ready<'a> {
    frame: Plain,
    next: &'a str,
}
