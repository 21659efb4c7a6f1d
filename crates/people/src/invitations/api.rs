//! Invitations, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    invitations::{
        Filter, HandedOut, InvitationRow, Invitations, MailWaits, Offer, Outcome, Result as Became, State,
        actions, list, sum,
    },
    users::UserType,
};
use access::{AccountAdmin, GroupAdmin, GroupRole, InvitationManager, Manager, Proof, Role};
use kernel::{
    addresses::{self, Entry},
    clock::Time,
    error::{Error, Fault, Result},
    id::{AccountId, GroupId, InvitationId},
    text,
};
use storage::{Tx, list::Listing};
use web::{Answer, Body, Bulk, Json, Lists, May, NoContent, Page, bulk};

/// How many addresses share a transaction: others get their turn in between.
const CHUNK: usize = 250;

/// An invitation.
#[derive(Serialize, ToSchema)]
pub struct Invitation {
    id: InvitationId,
    account: AccountId,
    email: String,
    /// The person's name, if an imported file had it.
    name: Option<String>,
    role: Role,
    user_type: UserType,
    state: State,
    invited_by: String,
    created_at: Time,
    sent_at: Time,
    expires_at: Time,
    settled_at: Option<Time>,
    /// Where its email could not leave this server yet.
    mail_waits: Option<MailWaits>,
    /// The names of the groups.
    groups: Vec<String>,
}

fn view(row: InvitationRow, now: Time) -> Invitation {
    Invitation {
        id: row.id,
        account: row.account,
        state: row.state(now),
        mail_waits: row.mail_waits(now),
        email: row.email,
        name: row.name,
        role: row.role,
        user_type: row.user_type,
        invited_by: row.inviter,
        created_at: row.created_at,
        sent_at: row.sent_at,
        expires_at: row.expires_at,
        settled_at: row.settled_at,
        groups: row.groups.map(|names| names.lines().map(str::to_owned).collect()).unwrap_or_default(),
    }
}

/// Which invitations to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct InvitationQuery {
    q: Option<String>,
    #[param(inline)]
    state: Option<State>,
    #[param(inline)]
    role: Option<Role>,
}

impl InvitationQuery {
    fn filter(self, listing: Listing<Invitations>) -> Filter {
        Filter { group: None, search: self.q, state: self.state, role: self.role, listing }
    }
}

pub(crate) async fn index(
    may: May<AccountAdmin>,
    Lists { listing, limit, filter: query }: Lists<Invitations, InvitationQuery>,
) -> Result<Json<Page<Invitation>>> {
    let filter = query.filter(listing.clone());
    may.read(async |tx, by| {
        let rows = list(tx, by.account(), &filter, limit + 1).await?;
        let now = tx.now();
        Ok(Json(Page::sorted(rows, limit, &listing, InvitationRow::place).map(|row| view(row, now))))
    })
    .await
}

pub(crate) async fn index_of_group(
    may: May<GroupAdmin>,
    Lists { listing, limit, filter: query }: Lists<Invitations, InvitationQuery>,
) -> Result<Json<Page<Invitation>>> {
    let filter = query.filter(listing.clone());
    may.read(async |tx, by| {
        let rows = actions::in_group(tx, by, &filter, limit + 1).await?;
        let now = tx.now();
        Ok(Json(Page::sorted(rows, limit, &listing, InvitationRow::place).map(|row| view(row, now))))
    })
    .await
}

/// Addresses: a text in which they are found, whatever stands around them, or a list with one in each item.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = EmailList)]
pub enum Emails {
    /// `"Ann Lee <a@x.org>, b@y.org"`: words without an @ are passed over.
    Text(String),
    /// `["a@x.org", "b@y.org"]`: each item has its outcome.
    List(Vec<String>),
}

/// A group in an offer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OfferedGroup)]
pub struct OfferedIn {
    group: GroupId,
    role: GroupRole,
}

/// People to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitations {
    emails: Emails,
    role: Role,
    #[serde(default = "other")]
    user_type: UserType,
    #[serde(default)]
    groups: Vec<OfferedIn>,
    /// Whether to change existing invitations that differ from this. Without it, the outcome shows the difference.
    #[serde(default)]
    change: bool,
}

const fn other() -> UserType {
    UserType::Other
}

/// The outcome for each address.
#[derive(Serialize, ToSchema)]
#[schema(as = InvitationOutcomes)]
pub struct Outcomes {
    /// In the order in which they were typed, each once.
    pub outcomes: Vec<Outcome>,
    /// How many there are of each, in words.
    pub summary: String,
}

/// Invites in steps, so that a long list doesn't hold up everyone else; the last step keeps the whole
/// answer for the `Idempotency-Key`.
///
/// # Errors
/// The offer is not the manager's to make, or there are no addresses.
pub async fn invite_all<P>(may: &May<P>, typed: Vec<Entry>, offer: Offer) -> Result<Answer<Outcomes, 200>>
where
    P: Proof,
    for<'a> Manager: From<&'a P>,
{
    let addresses = actions::at_once(typed)?;
    if let Some(kept) = may.kept().await? {
        return Ok(kept);
    }
    let mut steps = addresses.chunks(CHUNK).map(<[Entry]>::to_vec).collect::<Vec<_>>();
    let last = steps.pop().unwrap_or_default();
    let mut done = Vec::new();
    for step in steps {
        let (site, offer) = (may.app().site.clone(), offer.clone());
        let outcomes = may
            .write(async move |tx, by| actions::invite(tx, &Manager::from(by), &site, &step, &offer).await);
        done.extend(outcomes.await?);
    }
    let site = may.app().site.clone();
    may.post(async move |tx, by| {
        let mut outcomes = done.clone();
        outcomes.extend(actions::invite(tx, &Manager::from(by), &site, &last, &offer).await?);
        let summary = sum::became(&outcomes, offer.role.into());
        Ok(Outcomes { outcomes, summary })
    })
    .await
}

fn read(input: NewInvitations) -> (Vec<Entry>, Offer) {
    let typed = match input.emails {
        Emails::Text(text) => addresses::read(&text),
        Emails::List(list) => addresses::read_each(list),
    };
    let groups = input.groups.into_iter().map(|offered| (offered.group, offered.role)).collect();
    let NewInvitations { role, user_type, change, .. } = input;
    (typed, Offer { role, user_type, groups, into_groups: false, change })
}

pub(crate) async fn create(
    may: May<AccountAdmin>,
    Body(input): Body<NewInvitations>,
) -> Result<Answer<Outcomes, 200>> {
    let (typed, offer) = read(input);
    if offer.role.manages() {
        may.fresh().await?;
    }
    invite_all(&may, typed, offer).await
}

/// A person to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonToInvite {
    email: String,
    name: Option<String>,
    role: Role,
    #[serde(default = "other")]
    user_type: UserType,
    #[serde(default)]
    groups: Vec<OfferedIn>,
    /// As for invitations with one offer.
    #[serde(default)]
    change: bool,
}

/// People to invite, each with an offer of their own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PeopleToInvite {
    /// At most 500.
    items: Vec<PersonToInvite>,
}

pub(crate) async fn create_many(
    may: May<AccountAdmin>,
    Body(input): Body<PeopleToInvite>,
) -> Result<Bulk<Outcome>> {
    if input.items.iter().any(|item| item.role.manages()) {
        may.fresh().await?;
    }
    let site = may.app().site.clone();
    let invite = async move |tx: &Tx, by: &AccountAdmin, item: &PersonToInvite| {
        let name = text::optional_line(item.name.as_deref().unwrap_or_default());
        let name = name.map_err(|why| Error::field("name", why))?;
        let groups = item.groups.iter().map(|offered| (offered.group, offered.role)).collect();
        let PersonToInvite { role, user_type, change, .. } = *item;
        let offer = Offer { role, user_type, groups, into_groups: false, change };
        let typed = addresses::read_each([item.email.clone()]);
        let outcomes =
            actions::invite_named(tx, &Manager::from(by), &site, &typed, name.as_deref(), &offer).await?;
        outcomes
            .into_iter()
            .next()
            .ok_or_else(|| Error::field("email", Fault::required("Enter an email address.")))
    };
    may.bulk_of(input.items, 200, |_| may.clone(), invite, told).await
}

/// What the outcome of an invitation is as the outcome of an item: an address that got none is a failure.
fn told(result: &serde_json::Value, outcome: bulk::Outcome) -> bulk::Outcome {
    let word = result["outcome"].as_str().and_then(Became::read);
    let detail = result["detail"].as_str().unwrap_or_default().to_owned();
    match word {
        Some(word @ Became::NotAnAddress) => outcome.refused(422, word.word(), detail),
        Some(word @ (Became::NoLicense | Became::AlreadyInvited)) => {
            outcome.refused(409, word.word(), detail)
        }
        Some(word @ Became::EnoughMail) => outcome.refused(429, word.word(), detail),
        _ => outcome,
    }
}

/// People to invite into one group.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroupInvitations {
    emails: Emails,
    role: GroupRole,
    #[serde(default = "other")]
    user_type: UserType,
    /// As for an account's invitations.
    #[serde(default)]
    change: bool,
}

pub(crate) async fn create_in_group(
    may: May<GroupAdmin>,
    Body(input): Body<NewGroupInvitations>,
) -> Result<Answer<Outcomes, 200>> {
    let groups = vec![OfferedIn { group: may.id("group")?, role: input.role }];
    let NewGroupInvitations { emails, user_type, change, .. } = input;
    let (typed, offer) = read(NewInvitations { emails, role: Role::Member, user_type, groups, change });
    invite_all(&may, typed, Offer { into_groups: true, ..offer }).await
}

pub(crate) async fn resend(may: May<InvitationManager>) -> Result<Answer<Outcome, 200>> {
    let site = may.app().site.clone();
    may.post(async move |tx, by| actions::resend(tx, by, &site).await).await
}

pub(crate) async fn hand_out(may: May<InvitationManager>) -> Result<Answer<HandedOut, 200>> {
    let site = may.app().site.clone();
    may.post(async move |tx, by| actions::hand_out(tx, by, &site).await).await
}

pub(crate) async fn cancel(may: May<InvitationManager>) -> Result<NoContent> {
    may.write(async |tx, by| actions::cancel(tx, by).await).await?;
    Ok(NoContent)
}
