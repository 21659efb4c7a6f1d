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
    users::{self, UserRow, UserType},
};
use web::{
    Form, May,
    cookies::Flash,
    entry::Entry,
    page::{self, Notice, Plain, go_with, plain},
    parts::{Choice, choices, link},
};

use crate::acceptance::{
    actions::{self, Look},
    api::acceptance,
    closed::{self, Visitor},
    landing::Landing,
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
    types: Vec<Choice>,
}

const ASIDE: &str = "Good company makes good medicine.";

async fn accept_page(may: &May<Anyone>, entry: Option<Entry>) -> Result<Response> {
    let token = Token::presented(may.text("token")?);
    let found = may.read(async |tx, by| {
        let look = actions::look(tx, &token, by.actor()).await?;
        let caller = match by.actor() {
            Some(user) => Some(users::user(tx, user).await?),
            None => None,
        };
        Ok((look, caller))
    });
    let (mut look, caller) = match found.await {
        Ok(found) => found,
        Err(error) if error.kind() == Kind::Conflict => {
            return refused(may, "This link is not complete", error.public());
        }
        Err(error) => return Err(error),
    };
    if let (Some(refusal), Some(visitor)) = (look.refusal, look.visitor.take()) {
        return closed_page(may, &look, refusal, visitor);
    }
    let reader = match (caller, &look.known) {
        (Some(caller), Some(known)) if caller.id == known.id => Reader::Ready(caller),
        (Some(caller), _) => Reader::Another(caller),
        (None, Some(_)) => Reader::Known,
        (None, None) => Reader::New,
    };
    let entry = entry.unwrap_or_else(|| Entry::of(&[("user_type", look.row.user_type.word())]));
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
        types: choices(UserType::ALL.iter().map(|kind| (kind.word(), kind.label()))),
    };
    page::show(may, status, &page)
}

#[derive(Template)]
#[template(path = "acceptance/templates/closed.html")]
struct ClosedPage {
    frame: Plain,
    text: String,
    visitor: Visitor,
    /// Where a manager sends it again, if that can be done.
    resend: Option<String>,
    people: String,
    path: String,
    sign_in: String,
}

fn closed_page(may: &May<Anyone>, look: &Look, refusal: Refusal, visitor: Visitor) -> Result<Response> {
    let (account, id) = (look.row.account, look.row.id);
    let again = matches!(refusal, Refusal::Replaced | Refusal::Expired | Refusal::GiverGone);
    let path = may.request().path.clone();
    let mut frame = plain(may, refusal_title(refusal));
    frame.aside = ASIDE;
    let page = ClosedPage {
        frame,
        text: closed::text(look, refusal, &visitor),
        resend: again.then(|| format!("/a/{account}/invitations/{id}/resend")),
        visitor,
        people: format!("/a/{account}/users"),
        sign_in: link("/sign-in", &[("next", &path)]),
        path,
    };
    page::show(may, StatusCode::CONFLICT, &page)
}

const fn refusal_title(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Replaced => "This link was replaced",
        Refusal::Canceled => "This invitation was canceled",
        Refusal::Accepted => "This invitation was already accepted",
        Refusal::Expired => "This invitation has expired",
        Refusal::GiverGone => "This invitation can’t be used anymore",
        Refusal::ReadOnly => "No one can join right now",
    }
}

fn refused(may: &May<Anyone>, title: &str, text: &str) -> Result<Response> {
    let mut frame = plain(may, title);
    frame.aside = ASIDE;
    page::show(may, StatusCode::CONFLICT, &Notice { frame, text, links: &[("Sign in", "/sign-in")] })
}

/// What was joined and the next step, with a way to it.
fn welcome(landing: &Landing) -> Flash {
    let done = Flash::done(landing.message());
    match landing.groups.first() {
        Some((group, _, GroupRole::Administrator)) => done.link("Invite users", format!("/g/{group}/invite")),
        Some((group, ..)) => done.link("View cases", format!("/g/{group}/cases")),
        None => done,
    }
}

pub(crate) async fn look(may: May<Anyone>) -> Result<Response> {
    accept_page(&may, None).await
}

pub(crate) async fn accept(may: May<Anyone>, form: Form) -> Result<Response> {
    let token = Token::presented(may.text("token")?);
    let shown = Time::read(form.get("as_of"), &jiff::tz::TimeZone::UTC).ok();
    let typed = |name: &str| form.ticked(name).then(|| form.get(name).to_owned());
    let user_type = UserType::read(form.get("user_type"));
    let who = acceptance(&may, typed("name"), typed("password"), user_type, shown).await?;
    match actions::accept(may.app(), token, who, from(&may)).await {
        Ok(accepted) => {
            let response = go_with(&may, &accepted.landing.path(), &welcome(&accepted.landing))?;
            Ok(match accepted.entered {
                Some(entered) => with_cookie(&may, &entered.keys(), response),
                None => response,
            })
        }
        // The page itself says what to do: sign in or sign out.
        Err(error) if matches!(error.code(), "sign_in_to_accept" | "another_address") => {
            accept_page(&may, None).await
        }
        Err(error) => accept_page(&may, Some(Entry::again(form, error)?)).await,
    }
}
