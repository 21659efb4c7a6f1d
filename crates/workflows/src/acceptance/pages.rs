//! The page of an invitation, opened by its link or by the person whose address it was sent to; and the list of
//! those that wait for a person.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use access::{Anyone, GroupRole, Proof, SignedIn};
use kernel::{
    clock::Time,
    error::{Kind, Result},
    id::{InvitationId, UserId},
    random::Token,
};
use people::{
    invitations::{
        self, WaitingRow,
        opening::{Opening, Refusal},
    },
    sign_in::api::{from, with_cookie},
    users::{self, UserRow, UserType},
};
use web::{
    Form, May,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, Notice, Plain, go_with, plain},
    parts::{Choice, choices, link},
};

use crate::acceptance::{
    actions::{self, Acceptance, Look},
    api::acceptance,
    closed::{self, Visitor},
    landing::Landing,
};

/// Who opens an invitation's link.
enum Reader {
    /// The address is new: they choose a name and a password.
    New,
    /// They have an account with it, and are not signed in.
    Known,
    /// They are signed in with it.
    Ready(UserRow),
    /// They are signed in with another address.
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

async fn accept_page<P: Proof>(may: &May<P>, opening: &Opening, entry: Option<Entry>) -> Result<Response> {
    let found = may.read(async |tx, by| {
        let look = actions::look(tx, opening, by.actor()).await?;
        let caller = match by.actor() {
            Some(user) => Some(users::user(tx, user).await?),
            None => None,
        };
        Ok((look, caller))
    });
    let (mut look, caller) = match found.await {
        Ok(found) => found,
        Err(error) if error.kind() == Kind::Conflict => {
            return refused(may, "This link is incomplete", error.public());
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
    let name = look.row.name.as_deref().unwrap_or_default();
    let known = [("name", name), ("user_type", look.row.user_type.word())];
    let entry = entry.unwrap_or_else(|| Entry::of(&known));
    let (path, status) = (may.request().path.clone(), entry.status());
    let mut frame = plain(may, "Accept invitation");
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

fn closed_page<P: Proof>(may: &May<P>, look: &Look, refusal: Refusal, visitor: Visitor) -> Result<Response> {
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

fn refused<P: Proof>(may: &May<P>, title: &str, text: &str) -> Result<Response> {
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

/// What the link in the path opens.
fn by_link(may: &May<Anyone>) -> Result<Opening> {
    Ok(Opening::Link(Token::presented(may.text("token")?)))
}

pub(crate) async fn look(may: May<Anyone>) -> Result<Response> {
    accept_page(&may, &by_link(&may)?, None).await
}

pub(crate) async fn accept(may: May<Anyone>, form: Form) -> Result<Response> {
    let opening = by_link(&may)?;
    let typed = |name: &str| form.ticked(name).then(|| form.get(name).to_owned());
    let user_type = UserType::read(form.get("user_type"));
    let who = acceptance(&may, typed("name"), typed("password"), user_type, shown(&form)).await?;
    accepted(&may, opening, who, form).await
}

/// The moment of the credit that the page showed.
fn shown(form: &Form) -> Option<Time> {
    Time::read(form.get("as_of"), &jiff::tz::TimeZone::UTC).ok()
}

async fn accepted<P: Proof>(may: &May<P>, opening: Opening, who: Acceptance, form: Form) -> Result<Response> {
    match actions::accept(may.app(), opening.clone(), who, from(may)).await {
        Ok(accepted) => {
            let response = go_with(may, &accepted.landing.path(), &welcome(&accepted.landing))?;
            Ok(match accepted.entered {
                Some(entered) => with_cookie(may, &entered.keys(), response),
                None => response,
            })
        }
        // The page itself says what to do: sign in or sign out.
        Err(error) if matches!(error.code(), "sign_in_to_accept" | "another_address") => {
            accept_page(may, &opening, None).await
        }
        Err(error) => accept_page(may, &opening, Some(Entry::again(form, error)?)).await,
    }
}

#[derive(Template)]
#[template(path = "acceptance/templates/waiting.html")]
struct WaitingPage {
    frame: Frame,
    rows: Vec<WaitingRow>,
}

pub(crate) async fn waiting(may: May<SignedIn>) -> Result<Response> {
    let (frame, rows) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Nowhere).await?;
            Ok((frame, invitations::waiting(tx, by.user()).await?))
        })
        .await?;
    page::ok(&may, &WaitingPage { frame: frame.page(&may, "", [], "Invitations"), rows })
}

/// The invitation in the path, opened by the person who is signed in.
async fn by_address(may: &May<SignedIn>) -> Result<(UserId, Opening)> {
    let invitation: InvitationId = may.id("invitation")?;
    let user = may.read(async |_, by| Ok(by.user())).await?;
    Ok((user, Opening::Address { user, invitation }))
}

pub(crate) async fn look_at_own(may: May<SignedIn>) -> Result<Response> {
    let (_, opening) = by_address(&may).await?;
    accept_page(&may, &opening, None).await
}

pub(crate) async fn accept_own(may: May<SignedIn>, form: Form) -> Result<Response> {
    let (user, opening) = by_address(&may).await?;
    accepted(&may, opening, Acceptance::Known { user, shown: shown(&form) }, form).await
}
