//! Pages of beginning: set-up, completing a sign-up.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use access::{Anyone, SignedIn};
use kernel::{
    error::{Error, Result},
    practice::PracticeKind,
    random::Token,
};
use people::{
    accounts, invitations,
    sign_in::{
        self,
        api::{from, with_cookie},
    },
};
use web::{
    Form, May, Query,
    cookies::Flash,
    entry::Entry,
    page::{self, Plain, go_with, plain, settle},
    parts::{Choice, choices},
};

use crate::onboarding::actions::{self, SetUp};

#[derive(Template)]
#[template(path = "onboarding/templates/set_up.html")]
struct SetUpPage {
    frame: Plain,
    entry: Entry,
    zones: Vec<Choice>,
}

/// The code in the link that the server printed.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct CodeQuery {
    code: Option<String>,
}

fn set_up_page(may: &May<Anyone>, entry: Entry) -> Result<Response> {
    let mut frame = plain(may, "Set up Covey");
    frame.aside = "Welcome. Let’s set up your practice.";
    let (status, zones) = (entry.status(), choices(accounts::zones(frame.kit.now, entry.get("time_zone"))));
    page::show(may, status, &SetUpPage { frame, entry, zones })
}

pub(crate) async fn set_up(may: May<Anyone>, Query(query): Query<CodeQuery>) -> Result<Response> {
    if !sign_in::actions::untouched(&may.app().db).await? {
        return Err(Error::not_found());
    }
    let code = query.code.as_deref().unwrap_or_default();
    set_up_page(&may, Entry::of(&[("code", code), ("time_zone", "UTC")]))
}

pub(crate) async fn do_set_up(may: May<Anyone>, form: Form) -> Result<Response> {
    let text = |name: &str| form.get(name).to_owned();
    let input = SetUp {
        code: text("code"),
        account_name: text("account_name"),
        practice_kind: PracticeKind::read(form.get("practice_kind")),
        name: text("name"),
        email: text("email"),
        password: text("password"),
        time_zone: text("time_zone"),
        group_name: text("group_name"),
        location_name: text("location_name"),
    };
    match actions::set_up(may.app(), input, from(&may)).await {
        Ok(begun) => {
            let (path, text) = match begun.group {
                Some(group) => {
                    (format!("/g/{group}"), "Your account is ready. Invite your team, or start with a case.")
                }
                None => (
                    format!("/a/{}/groups", begun.account),
                    "Your account is ready. Create your first group.",
                ),
            };
            let response = go_with(&may, &path, &Flash::done(text))?;
            Ok(with_cookie(&may, &begun.entered.keys(), response))
        }
        Err(error) => set_up_page(&may, Entry::again(form, error)?),
    }
}

pub(crate) async fn open_own(may: May<SignedIn>, form: Form) -> Result<Response> {
    let (name, trial) = (form.get("account_name").to_owned(), may.app().config.trial());
    let (kind, open) = (PracticeKind::read(form.get("practice_kind")), may.app().config.sign_up);
    let opened =
        may.write(async move |tx, by| actions::open_own(tx, by, &name, kind, trial, open).await).await;
    match opened {
        Ok(account) => {
            let flash = Flash::done(match trial.sold {
                true => "Your account is open, and your trial has started. You can choose a plan anytime.",
                false => "Your account is open.",
            });
            go_with(&may, &format!("/a/{account}/groups"), &flash)
        }
        refused => settle(&may, "/profile", refused, |_| Flash::done("")),
    }
}

#[derive(Template)]
#[template(path = "onboarding/templates/verify.html")]
struct VerifyPage {
    frame: Plain,
    entry: Entry,
    email: String,
    path: String,
}

async fn verify_page(may: &May<Anyone>, entry: Entry) -> Result<Response> {
    let token = Token::presented(may.text("token")?);
    match may.read(async |tx, _| sign_in::actions::look_at_sign_up(tx, &token).await).await {
        Ok(email) => {
            let (frame, path, status) =
                (plain(may, "Complete your sign-up"), may.request().path.clone(), entry.status());
            page::show(may, status, &VerifyPage { frame, entry, email, path })
        }
        Err(error) => sign_in::pages::dead_link(may, error),
    }
}

pub(crate) async fn verify(may: May<Anyone>) -> Result<Response> {
    verify_page(&may, Entry::default()).await
}

pub(crate) async fn do_verify(may: May<Anyone>, form: Form) -> Result<Response> {
    let token = Token::presented(may.text("token")?);
    match actions::verify(may.app(), &token, form.get("password"), from(&may)).await {
        Ok(entered) => {
            let user = entered.user.id;
            let waiting = may.read(async move |tx, _| invitations::waiting(tx, user).await).await?;
            let (path, text) = match waiting.first() {
                Some(offer) => (
                    format!("/me/invitations/{}", offer.id),
                    "Welcome. Your account is ready, and you have an invitation.",
                ),
                None => ("/".to_owned(), "Welcome. Your account is ready."),
            };
            let response = go_with(&may, &path, &Flash::done(text))?;
            Ok(with_cookie(&may, &entered.keys(), response))
        }
        Err(error) => verify_page(&may, Entry::again(form, error)?).await,
    }
}
