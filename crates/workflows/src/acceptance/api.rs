//! An invitation, opened by its link or by the person whose address it was sent to, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use access::{Anyone, GroupRole, Proof, Role, SignedIn};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, GroupId, InvitationId},
    money::Money,
    random::Token,
};
use people::{
    invitations::{self, WaitingRow, opening::Opening},
    sign_in::{
        actions::Entered,
        api::{SignedInAnswer, from, session_cookies},
    },
    users::UserType,
};
use web::{Body, Json, May, Page, Part, Query, WithCookies};

use crate::acceptance::{
    actions::{self, Acceptance},
    merge::{Merge, Stays},
};

/// What a link offers.
#[derive(Serialize, ToSchema)]
#[schema(as = InvitationOffer)]
pub struct Link {
    account_name: String,
    invited_by: String,
    email: String,
    role: Role,
    groups: Vec<String>,
    expires_at: Time,
    /// Whether the address already has an account. Its owner signs in to accept.
    known: bool,
    /// What happens to the caller's own accounts when they accept; empty unless they are signed in with
    /// the invited address and have one.
    merges: Vec<MergeView>,
    /// Accounts that the caller owns and that stay as they are, with their subscriptions and bills.
    stays: Vec<StaysView>,
}

/// An account of the caller's own that isn't changed.
#[derive(Serialize, ToSchema)]
#[schema(as = KeptAccount)]
pub struct StaysView {
    account: AccountId,
    account_name: String,
    /// Whether others work in it.
    shared: bool,
}

/// What happens to the caller's own account: its subscription ends, and its groups come along.
#[derive(Serialize, ToSchema)]
#[schema(as = MergedAccount)]
pub struct MergeView {
    account: AccountId,
    account_name: String,
    /// What is credited for the unused time, if it is accepted with this `as_of` within 15 minutes.
    credit: Money,
    /// What was not paid yet, and is no longer owed.
    canceled: Money,
    as_of: Time,
    /// How many groups come along, and become groups of the new account.
    groups: i64,
    /// How many cases come along. The new account's owner and administrators can read them.
    cases: i64,
    /// How many handouts come along. Everyone in the new account can read them.
    handouts: i64,
    /// The role that the caller gets in those groups: never more than the offer gives.
    role: GroupRole,
}

fn by_link(may: &May<Anyone>) -> Result<Opening> {
    Ok(Opening::Link(Token::presented(may.text("token")?)))
}

pub(crate) async fn look(may: May<Anyone>) -> Result<Json<Link>> {
    let opening = by_link(&may)?;
    offer(may.read(async |tx, by| actions::look(tx, &opening, by.actor()).await).await?)
}

fn offer(look: actions::Look) -> Result<Json<Link>> {
    if let Some(refusal) = look.refusal {
        let (code, why) = refusal.words();
        return Err(Error::conflict(code, why));
    }
    let actions::Look { invited: look, merges, stays, .. } = look;
    Ok(Json(Link {
        account_name: look.account_name,
        invited_by: look.row.inviter,
        email: look.row.email,
        role: look.row.role,
        groups: look.groups.into_iter().map(|offered| offered.name).collect(),
        expires_at: look.row.expires_at,
        known: look.known.is_some(),
        merges: merges.into_iter().map(merge_view).collect(),
        stays: stays.into_iter().map(stays_view).collect(),
    }))
}

fn merge_view(merge: Merge) -> MergeView {
    let Merge { account, name: account_name, credit, canceled, as_of, groups, cases, handouts, role } = merge;
    MergeView { account, account_name, credit, canceled, as_of, groups, cases, handouts, role }
}

fn stays_view(stays: Stays) -> StaysView {
    let Stays { account, name: account_name, shared } = stays;
    StaysView { account, account_name, shared }
}

/// A new person's name, password and user type; nothing where a known one is signed in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InvitationAcceptance)]
pub struct Accept {
    name: Option<String>,
    password: Option<String>,
    /// What a new person is in the practice; without it, what the invitation says.
    user_type: Option<UserType>,
    /// The moment of the credit that was shown to someone with a subscription of their own.
    as_of: Option<Time>,
}

/// Where an accepted invitation leads.
#[derive(Serialize, ToSchema)]
#[schema(as = AcceptedInvitation)]
pub struct AcceptedAnswer {
    account: AccountId,
    account_name: String,
    role: Role,
    /// The first group that was offered and joined.
    group: Option<GroupId>,
    /// The names of the owner and administrators, where someone is needed who adds the person to a group.
    ask_for_group: Vec<String>,
    /// The new session, for a new person.
    session: Option<SignedInAnswer>,
}

/// Who accepts: the person who is signed in, unless a name and password say that they are new.
///
/// # Errors
/// None but the database's.
pub(super) async fn acceptance(
    may: &May<Anyone>,
    name: Option<String>,
    password: Option<String>,
    user_type: Option<UserType>,
    shown: Option<Time>,
) -> Result<Acceptance> {
    let user = may.read(async |_, by| Ok(by.actor())).await?;
    Ok(match (user, name, password) {
        (Some(user), None, None) => Acceptance::Known { user, shown },
        (_, name, password) => {
            let (name, password) = (name.unwrap_or_default(), password.unwrap_or_default());
            Acceptance::New { name, password, user_type }
        }
    })
}

pub(crate) async fn accept(may: May<Anyone>, Body(input): Body<Accept>) -> Result<Entry> {
    let who = acceptance(&may, input.name, input.password, input.user_type, input.as_of).await?;
    let accepted = actions::accept(may.app(), by_link(&may)?, who, from(&may)).await?;
    Ok(answer(&may, accepted))
}

/// Where an accepted invitation leads, with the new session's cookies.
type Entry = WithCookies<Json<AcceptedAnswer>>;

fn answer<P: Proof>(may: &May<P>, accepted: actions::Accepted) -> Entry {
    let keys = accepted.entered.as_ref().map(Entered::keys);
    let cookies = keys.map(|keys| session_cookies(may, &keys));
    let answer = Json(AcceptedAnswer {
        account: accepted.landing.account,
        account_name: accepted.landing.account_name,
        role: accepted.landing.role,
        group: accepted.landing.groups.first().map(|(group, ..)| *group),
        ask_for_group: accepted.landing.ask,
        session: accepted.entered.map(SignedInAnswer::of),
    });
    WithCookies::new(answer, cookies.into_iter().flatten())
}

/// An invitation that waits for the caller.
#[derive(Serialize, ToSchema)]
#[schema(as = MyInvitation)]
pub struct WaitingInvitation {
    id: InvitationId,
    account: AccountId,
    account_name: String,
    /// The name of the person who sent it.
    invited_by: String,
    role: Role,
    sent_at: Time,
    expires_at: Time,
}

impl From<WaitingRow> for WaitingInvitation {
    fn from(row: WaitingRow) -> Self {
        let WaitingRow { id, account, account_name, inviter, role, sent_at, expires_at } = row;
        Self { id, account, account_name, invited_by: inviter, role, sent_at, expires_at }
    }
}

pub(crate) async fn waiting(
    may: May<SignedIn>,
    Query(part): Query<Part>,
) -> Result<Json<Page<WaitingInvitation>>> {
    let rows = may.read(async |tx, by| invitations::waiting(tx, by.user()).await).await?;
    Ok(Json(Page::of(rows, &part, |row| row.id.to_string())?.map(Into::into)))
}

pub(crate) async fn look_at_own(may: May<SignedIn>) -> Result<Json<Link>> {
    let invitation = may.id("invitation")?;
    let look = may.read(async move |tx, by| {
        let user = by.user();
        actions::look(tx, &Opening::Address { user, invitation }, Some(user)).await
    });
    offer(look.await?)
}

/// What the caller was shown of their own subscription.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MyInvitationAcceptance)]
pub struct AcceptOwn {
    /// The moment of the credit that was shown to someone with a subscription of their own.
    as_of: Option<Time>,
}

pub(crate) async fn accept_own(may: May<SignedIn>, Body(input): Body<AcceptOwn>) -> Result<Entry> {
    let invitation = may.id("invitation")?;
    let user = may.read(async |_, by| Ok(by.user())).await?;
    let who = Acceptance::Known { user, shown: input.as_of };
    let opening = Opening::Address { user, invitation };
    Ok(answer(&may, actions::accept(may.app(), opening, who, from(&may)).await?))
}
