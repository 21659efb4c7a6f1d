//! The page of an invitation's link.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use access::{Anyone, GroupRole, Proof};
use kernel::{
    clock::Time,
    error::{Kind, Result},
    random::Token,
};
use people::{
    invitations::actions::Refusal,
    sign_in::api::{from, with_cookie},
    users::{self, UserRow},
};
use web::{
    Form, May,
    cookies::Flash,
    entry::Entry,
    page::{self, Notice, Plain, go_with, plain},
    parts::link,
};

use crate::acceptance::{
    actions::{self, Look},
    api::acceptance,
};

/// Who opens an invitation's link.
enum Reader {
    /// Nobody has the address yet: they choose a name and a password.
    New,
    /// Somebody has it, and is not signed in.
    Known,
    /// They are signed in with it.
    Ready(UserRow),
    /// Somebody else is signed in.
    Another(UserRow),
}

#[derive(Template)]
#[template(path = "acceptance/templates/accept.html")]
struct AcceptPage {
    frame: Plain,
    look: Look,
    groups: String,
    until: Time,
    reader: Reader,
    path: String,
    sign_in: String,
    entry: Entry,
}

const ASIDE: &str = "Good company makes good medicine.";

async fn accept_page(may: &May<Anyone>, entry: Entry) -> Result<Response> {
    let token = Token::presented(may.text("token")?);
    let found = may.read(async |tx, by| {
        let look = actions::look(tx, &token, by.actor()).await?;
        let caller = match by.actor() {
            Some(user) => Some(users::user(tx, user).await?),
            None => None,
        };
        Ok((look, caller))
    });
    let (look, caller) = match found.await {
        Ok(found) => found,
        Err(error) if error.kind() == Kind::Conflict => {
            return refused(may, "This link is not complete", error.public());
        }
        Err(error) => return Err(error),
    };
    if let Some(refusal) = look.refusal {
        return refused(may, refusal_title(refusal), refusal.words().1);
    }
    let reader = match (caller, &look.known) {
        (Some(caller), Some(known)) if caller.id == known.id => Reader::Ready(caller),
        (Some(caller), _) => Reader::Another(caller),
        (None, Some(_)) => Reader::Known,
        (None, None) => Reader::New,
    };
    let (path, status) = (may.request().path.clone(), entry.status());
    let mut frame = plain(may, "Accept the invitation");
    frame.aside = ASIDE;
    let names = look.groups.iter().map(|offered| match offered.role {
        GroupRole::Administrator => format!("{} (as administrator)", offered.name),
        GroupRole::Member => offered.name.clone(),
    });
    let names = names.collect::<Vec<_>>().join(", ");
    let page = AcceptPage {
        frame,
        until: look.row.expires_at,
        groups: names,
        look,
        reader,
        sign_in: link("/sign-in", &[("next", &path)]),
        path,
        entry,
    };
    page::show(may, status, &page)
}

const fn refusal_title(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Replaced => "This link was replaced",
        Refusal::Canceled => "This invitation was canceled",
        Refusal::Accepted => "This invitation was accepted already",
        Refusal::Expired => "This invitation has expired",
        Refusal::GiverGone => "This invitation is no longer good",
        Refusal::ReadOnly => "Nobody can join at present",
    }
}

fn refused(may: &May<Anyone>, title: &str, text: &str) -> Result<Response> {
    let mut frame = plain(may, title);
    frame.aside = ASIDE;
    page::show(may, StatusCode::CONFLICT, &Notice { frame, text, links: &[("Sign in", "/sign-in")] })
}

pub(crate) async fn look(may: May<Anyone>) -> Result<Response> {
    accept_page(&may, Entry::default()).await
}

pub(crate) async fn accept(may: May<Anyone>, form: Form) -> Result<Response> {
    let token = Token::presented(may.text("token")?);
    let shown = Time::read(form.get("as_of"), &jiff::tz::TimeZone::UTC).ok();
    let typed = |name: &str| form.ticked(name).then(|| form.get(name).to_owned());
    let who = acceptance(&may, typed("name"), typed("password"), shown).await?;
    match actions::accept(may.app(), token, who, from(&may)).await {
        Ok(accepted) => {
            let path = accepted.group.map_or_else(|| "/".to_owned(), |group| format!("/g/{group}"));
            let flash = Flash::done("Welcome. You have joined.");
            let response = go_with(&may, &path, &flash)?;
            Ok(match accepted.entered {
                Some(entered) => with_cookie(&may, &entered.keys(), response),
                None => response,
            })
        }
        // The page itself says what to do: sign in, sign out, or why the link is no longer good.
        Err(error)
            if matches!(error.code(), "sign_in_to_accept" | "another_address")
                || error.kind() == Kind::Conflict =>
        {
            accept_page(&may, Entry::default()).await
        }
        Err(error) => accept_page(&may, Entry::again(form, error)?).await,
    }
}
