//! Pages of signing in and up, links to passwords and addresses, and the caller's profile.

pub mod proving;

use crate::users;
use askama::Template;
use axum::{http::header, response::Response};
use serde::Deserialize;

use crate::{
    accounts::{self, Belonging},
    factors,
    sessions::SessionRow,
    sign_in::{
        actions,
        actions::{Arrived, Entered},
        api::{self, from, with_cookie, with_device},
    },
    users::UserType,
};
use access::{Anyone, Proof, Role, SignedIn};
use kernel::{
    addresses::Email,
    clock::Time,
    error::{Error, FieldError, Kind, Result},
    id::{AccountId, SessionId},
    links,
    random::Token,
};
use platform::config::SignUp as Open;
use web::{
    Form, May, Query,
    cookies::{self, Flash},
    entry::Entry,
    page::{self, Frame, Here, Notice, Plain, confirm, go, go_with, own_path, plain, settle},
    parts::{Choice, choices},
};

/// Where to go once signed in.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct NextQuery {
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in/templates/sign_in.html")]
struct SignInPage {
    frame: Plain,
    entry: Entry,
    open: bool,
}

fn sign_in_page(may: &May<Anyone>, entry: Entry) -> Result<Response> {
    let open = may.app().config.sign_up == Open::Open;
    let (frame, status) = (plain(may, "Sign in"), entry.status());
    page::show(may, status, &SignInPage { frame, entry, open })
}

pub(crate) async fn sign_in(may: May<Anyone>, Query(query): Query<NextQuery>) -> Result<Response> {
    let next = query.next.as_deref().and_then(own_path).unwrap_or("/");
    if may.read(async |_, by| Ok(by.actor())).await?.is_some() {
        return go(next);
    }
    sign_in_page(&may, Entry::of(&[("next", next)]))
}

pub(crate) async fn do_sign_in(may: May<Anyone>, form: Form) -> Result<Response> {
    match actions::sign_in(may.app(), form.get("email"), form.get("password"), from(&may)).await {
        Ok(Arrived::In(entered)) => come_in(&may, &form, &entered),
        Ok(Arrived::Halfway(token)) => {
            proving::second_page(&may, Entry::of(&[("next", form.get("next"))]), &token).await
        }
        Err(error) => sign_in_page(&may, Entry::again(form, error)?),
    }
}

/// Lets someone in who has just signed in, to where they wanted to go.
pub(super) fn come_in(may: &May<Anyone>, form: &Form, entered: &Entered) -> Result<Response> {
    let next = own_path(form.get("next")).unwrap_or("/");
    Ok(with_cookie(may, &entered.keys(), go(next)?))
}

pub(crate) async fn sign_out(may: May<SignedIn>, form: Form) -> Result<Response> {
    may.write(async |tx, by| actions::sign_out(tx, by).await).await?;
    let next = own_path(form.get("next")).unwrap_or("/sign-in");
    let mut response = go_with(&may, next, &Flash::done("You are signed out."))?;
    if let Some(cookie) = cookies::clear_session(&may.app().site) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

#[derive(Template)]
#[template(path = "sign_in/templates/sign_up.html")]
struct SignUpPage {
    frame: Plain,
    entry: Entry,
    open: bool,
}

fn sign_up_page(may: &May<Anyone>, entry: Entry) -> Result<Response> {
    let open = may.app().config.sign_up == Open::Open;
    let (frame, status) = (plain(may, "Sign up"), entry.status());
    page::show(may, status, &SignUpPage { frame, entry, open })
}

pub(crate) async fn sign_up(may: May<Anyone>) -> Result<Response> {
    sign_up_page(&may, Entry::default())
}

fn notice<P: Proof>(may: &May<P>, title: &str, text: &str, links: &[(&str, &str)]) -> Result<Response> {
    page::ok(may, &Notice { frame: plain(may, title), text, links })
}

pub(crate) async fn do_sign_up(may: May<Anyone>, form: Form) -> Result<Response> {
    match api::note_sign_up(&may, &api::SignUp::of(&form)).await {
        Ok(_) => {
            let (title, text) = match may.app().site.mail_leaves {
                true => (
                    "Check your email",
                    "We emailed you a link. Open it within 24 hours to complete your \
                        sign-up.",
                ),
                false => ("Complete your sign-up", links::KEPT),
            };
            notice(&may, title, text, &[("Back to sign in", "/sign-in")])
        }
        Err(error) => sign_up_page(&may, Entry::again(form, error)?),
    }
}

/// What became of a link that is no longer good.
/// Says that a link is no longer good, and what to do.
///
/// # Errors
/// Those that are about something else.
pub fn dead_link<P: Proof>(may: &May<P>, error: Error) -> Result<Response> {
    if error.kind() != Kind::Conflict {
        return Err(error);
    }
    let links = [("Sign in", "/sign-in"), ("Ask for a new link", "/forgot-password")];
    let frame = plain(may, "This link no longer works");
    page::show(may, axum::http::StatusCode::CONFLICT, &Notice { frame, text: error.public(), links: &links })
}

#[derive(Template)]
#[template(path = "sign_in/templates/forgot.html")]
struct ForgotPage {
    frame: Plain,
    entry: Entry,
}

fn forgot_page(may: &May<Anyone>, entry: Entry) -> Result<Response> {
    let (frame, status) = (plain(may, "Forgot your password?"), entry.status());
    page::show(may, status, &ForgotPage { frame, entry })
}

pub(crate) async fn forgot(may: May<Anyone>) -> Result<Response> {
    forgot_page(&may, Entry::default())
}

pub(crate) async fn ask_reset(may: May<Anyone>, form: Form) -> Result<Response> {
    let email = match Email::read(form.get("email")) {
        Ok(email) => email,
        Err(why) => return forgot_page(&may, Entry::again(form, Error::field("email", why))?),
    };
    let site = may.app().site.clone();
    let from = from(&may);
    may.write(async move |tx, _| actions::ask_reset(tx, &site, &email, &from).await).await?;
    let (title, text) = match may.app().site.mail_leaves {
        true => (
            "Check your email",
            "If an account uses this address, we emailed it a link. The link expires in one hour.",
        ),
        false => ("Reset your password", links::KEPT),
    };
    notice(&may, title, text, &[("Back to sign in", "/sign-in")])
}

#[derive(Template)]
#[template(path = "sign_in/templates/reset.html")]
struct ResetPage {
    frame: Plain,
    entry: Entry,
    email: String,
    path: String,
}

async fn reset_page(may: &May<Anyone>, entry: Entry) -> Result<Response> {
    let token = Token::presented(may.text("token")?);
    match may.read(async |tx, _| actions::look_at_reset(tx, &token).await).await {
        Ok(email) => {
            let (frame, path, status) =
                (plain(may, "Reset your password"), may.request().path.clone(), entry.status());
            page::show(may, status, &ResetPage { frame, entry, email, path })
        }
        Err(error) => dead_link(may, error),
    }
}

pub(crate) async fn reset(may: May<Anyone>) -> Result<Response> {
    reset_page(&may, Entry::default()).await
}

pub(crate) async fn do_reset(may: May<Anyone>, form: Form) -> Result<Response> {
    let token = Token::presented(may.text("token")?);
    match actions::reset(may.app(), token, form.get("password"), from(&may)).await {
        Ok(device) => {
            let flash = Flash::done(
                "Your password was reset, and you were signed out everywhere. Sign in with your \
                             new password.",
            );
            Ok(with_device(&may, device.as_ref(), go_with(&may, "/sign-in", &flash)?))
        }
        Err(error) => reset_page(&may, Entry::again(form, error)?).await,
    }
}

#[derive(Template)]
#[template(path = "sign_in/templates/address.html")]
struct AddressPage {
    frame: Plain,
    email: String,
    path: String,
}

pub(crate) async fn address(may: May<Anyone>) -> Result<Response> {
    let token = Token::presented(may.text("token")?);
    match may.read(async |tx, _| actions::look_at_address(tx, &token).await).await {
        Ok(email) => {
            let (frame, path) = (plain(&may, "Confirm your new email address"), may.request().path.clone());
            page::ok(&may, &AddressPage { frame, email, path })
        }
        Err(error) => dead_link(&may, error),
    }
}

pub(crate) async fn confirm_address(may: May<Anyone>) -> Result<Response> {
    let token = Token::presented(may.text("token")?);
    match may.write(async move |tx, _| actions::confirm_address(tx, &token).await).await {
        Ok(()) => {
            go_with(&may, "/sign-in", &Flash::done("Your new email address is confirmed. Sign in with it."))
        }
        Err(error) => dead_link(&may, error),
    }
}

/// One of the caller's accounts on their profile.
struct Membership {
    account: AccountId,
    name: String,
    role: Role,
    groups: Vec<String>,
}

fn memberships(rows: Vec<Belonging>) -> Vec<Membership> {
    let mut found: Vec<Membership> = Vec::new();
    for row in rows {
        if found.last().is_none_or(|last| last.account != row.account) {
            let groups = Vec::new();
            found.push(Membership { account: row.account, name: row.account_name, role: row.role, groups });
        }
        if let (Some(group), Some(last)) = (row.group_name, found.last_mut()) {
            last.groups.push(group);
        }
    }
    found
}

/// A session on the profile.
struct SessionView {
    id: SessionId,
    device: String,
    address: String,
    created_at: Time,
    seen_at: Time,
    this: bool,
}

impl SessionView {
    fn of(row: SessionRow, this: SessionId) -> Self {
        let SessionRow { id, created_at, seen_at, device: agent, address, .. } = row;
        Self { id, device: device(&agent), address, created_at, seen_at, this: id == this }
    }
}

/// A browser in words, out of what it says it is.
fn device(agent: &str) -> String {
    let first = |known: &[(&str, &'static str)]| {
        known.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name)
    };
    let browser =
        first(&[("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ];
    match (browser, first(&systems)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ if agent.is_empty() => "Another program".to_owned(),
        _ => agent.chars().take(60).collect(),
    }
}

#[derive(Template)]
#[template(path = "sign_in/templates/profile.html")]
struct ProfilePage {
    frame: Frame,
    person: Entry,
    address: Entry,
    password: Entry,
    types: Vec<Choice>,
    sessions: Vec<SessionView>,
    factors: factors::Ways,
    /// Whether one of the accounts is their own; a person who has none can open one.
    owns: bool,
    own: Entry,
    accounts: Vec<Membership>,
}

impl ProfilePage {
    /// How long a password must be.
    fn least(&self) -> &'static str {
        match self.factors.any() {
            true => "At least 8 characters beside your second factor. A few words make a good one.",
            false => "At least 15 characters. A few words make a good one.",
        }
    }

    /// What the form for a person's own account is called, and what it says.
    fn own_account(&self) -> (&'static str, &'static str) {
        match self.frame.kit.sells {
            true => (
                "Start your own subscription",
                "Name your account. It starts with a trial. You aren’t charged until you choose a plan.",
            ),
            false => ("Open your own account", "Name your account, for example after your practice."),
        }
    }
}

/// Which of the profile's forms is shown again.
#[derive(Default)]
struct Again {
    person: Option<Entry>,
    address: Option<Entry>,
    password: Option<Entry>,
}

async fn profile_page(may: &May<SignedIn>, again: Again) -> Result<Response> {
    let idle = may.app().config.session_idle();
    let (frame, person, sessions, factors, rows, this) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Nowhere).await?;
            let person = users::user(tx, by.user()).await?;
            let sessions = actions::sessions(tx, by, idle).await?;
            let factors = factors::ways(tx, by.user()).await?;
            Ok((frame, person, sessions, factors, accounts::belongings(tx, by.user()).await?, by.session()))
        })
        .await?;
    let shown =
        [&again.person, &again.address, &again.password].into_iter().flatten().map(Entry::status).next();
    let known = || Entry::of(&[("name", &person.name), ("user_type", person.user_type.word())]);
    let page = ProfilePage {
        frame: frame.page(may, "", [], "Profile"),
        person: again.person.unwrap_or_else(known),
        address: again.address.unwrap_or_default(),
        password: again.password.unwrap_or_default(),
        types: choices(UserType::ALL.iter().map(|kind| (kind.word(), kind.label()))),
        sessions: sessions.into_iter().map(|row| SessionView::of(row, this)).collect(),
        factors,
        owns: rows.iter().any(|row| row.role == Role::Owner),
        own: Entry::default(),
        accounts: memberships(rows),
    };
    page::show(may, shown.unwrap_or_default(), &page)
}

pub(crate) async fn profile(may: May<SignedIn>) -> Result<Response> {
    profile_page(&may, Again::default()).await
}

pub(crate) async fn change_profile(may: May<SignedIn>, form: Form) -> Result<Response> {
    let (name, kind) = (form.get("name").to_owned(), UserType::read(form.get("user_type")));
    let changed =
        may.write(async move |tx, by| actions::update_profile(tx, by, Some(&name), kind).await).await;
    match changed {
        Ok(_) => go_with(&may, "/profile", &Flash::done("Profile saved.")),
        Err(error) => {
            let person = Some(Entry::again(form, error)?);
            profile_page(&may, Again { person, ..Again::default() }).await
        }
    }
}

pub(crate) async fn change_address(may: May<SignedIn>, form: Form) -> Result<Response> {
    let by = may.read(async |_, by| Ok(by.clone())).await?;
    let changed = match Email::read(form.get("email")) {
        Ok(email) => actions::change_address(may.app(), by, form.get("current_password"), email).await,
        Err(why) => Err(Error::field("email", why)),
    };
    match changed {
        Ok(()) => {
            let sent = match may.app().site.mail_leaves {
                true => format!("We emailed a link to {}.", form.get("email").trim()),
                false => links::KEPT.to_owned(),
            };
            let flash = Flash::done(format!("{sent} Until you open the link, your current address stays."));
            go_with(&may, "/profile", &flash)
        }
        Err(error) => {
            let address = Some(Entry::again(form, error)?);
            profile_page(&may, Again { address, ..Again::default() }).await
        }
    }
}

pub(crate) async fn change_password(may: May<SignedIn>, form: Form) -> Result<Response> {
    let by = may.read(async |_, by| Ok(by.clone())).await?;
    let (old, new) = (form.get("old_password"), form.get("password"));
    match actions::change_own_password(may.app(), by, old, new).await {
        Ok(()) => {
            let flash = Flash::done("Your password was changed, and you were signed out everywhere else.");
            go_with(&may, "/profile", &flash)
        }
        Err(error) => {
            // The page has two fields for the current password, so one of them has another name here.
            let error = renamed(error, &[("current_password", "old_password")]);
            let password = Some(Entry::again(form, error)?);
            profile_page(&may, Again { password, ..Again::default() }).await
        }
    }
}

/// An error whose fields have other names on a page than in the action: there, and here.
fn renamed(error: Error, names: &[(&str, &'static str)]) -> Error {
    if error.fields().is_empty() {
        return error;
    }
    let own = |field: &str| names.iter().find(|(name, _)| *name == field).map(|(_, own)| *own);
    let faults = error.fields().iter().map(|fault| match own(&fault.field) {
        Some(own) => FieldError { field: own.into(), ..fault.clone() },
        None => fault.clone(),
    });
    Error::invalid(faults.collect())
}

pub(crate) async fn end_session(may: May<SignedIn>, form: Form) -> Result<Response> {
    let session: SessionId = may.id("session")?;
    let question = page::Question {
        ask: "End this session?".to_owned(),
        detail: "That device is signed out right away.",
        action: "End session",
        back: "/profile",
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let ended = may.write(async move |tx, by| actions::end_session(tx, by, session).await).await;
    settle(&may, "/profile", ended, |()| Flash::done("Session ended."))
}

pub(crate) async fn end_other_sessions(may: May<SignedIn>) -> Result<Response> {
    let ended = may.write(async |tx, by| actions::end_other_sessions(tx, by).await).await;
    settle(&may, "/profile", ended, |_| Flash::done("All other sessions ended."))
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn browsers_are_told_in_words() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(device(firefox), "Firefox on Linux");
        assert_eq!(device("curl/8.5.0"), "curl/8.5.0");
        assert_eq!(device(""), "Another program");
    }
}
