//! Pages of invitations: inviting into an account or a group, and what an invitation's link shows.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    accounts, groups,
    invitations::{HandedOut, MailWaits, Offer, Outcome, Result as Became, actions, sum},
    licenses::{self, Meter, Seat, Seats},
    users::UserType,
};
use access::{AccountAdmin, GroupAdmin, GroupRole, InvitationManager, Manager, Proof, Role};
use kernel::{
    addresses,
    error::{Error, Result},
    id::{AccountId, GroupId},
};
use web::{
    Form, Json, May,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, confirm, crumb, settle},
    parts::{Choice, choices},
};

/// An address and what became of it, in the tone that suits it.
struct OutcomeView {
    outcome: Outcome,
    kind: &'static str,
    word: &'static str,
}

impl OutcomeView {
    fn of(outcome: Outcome) -> Self {
        let (kind, word) = match outcome.outcome {
            Became::Invited => ("invited", "Invited"),
            Became::Added => ("accepted", "Added"),
            Became::AlreadyMember => ("already", "Already a member"),
            Became::AlreadyInvited => ("pending", "Already invited"),
            Became::Changed => ("invited", "Changed"),
            Became::NotAnAddress => ("invalid", "Not an address"),
            Became::NoLicense => ("invalid", "No license"),
            Became::EnoughMail => ("invalid", "Not sent today"),
        };
        Self { outcome, kind, word }
    }
}

#[derive(Template)]
#[template(path = "invitations/templates/outcomes.html")]
pub(super) struct OutcomesPage {
    frame: Frame,
    outcomes: Vec<OutcomeView>,
    sum: String,
    /// The form again, for those whose invitations would be changed.
    change: Option<Again>,
    more: String,
    users: String,
    /// Where the links lie of invitations whose emails can't leave; none where links aren't handed out.
    links: Option<String>,
    /// Where licenses can be added, if that would have helped and the reader may do it.
    licenses: Option<String>,
}

/// Asks whether to change invitations that addresses have already.
struct Again {
    path: String,
    fields: Vec<(String, String)>,
    changes: Vec<ChangeView>,
    many: usize,
}

struct ChangeView {
    email: String,
    now: String,
    then: String,
}

impl Again {
    /// The form that was sent, for those addresses alone whose invitations differ from it.
    fn of(path: &str, form: &Form, outcomes: &[Outcome]) -> Option<Self> {
        let view = |outcome: &Outcome| {
            let change = outcome.change.as_ref()?;
            Some(ChangeView {
                email: outcome.email.clone(),
                now: change.now.words(),
                then: change.then.words(),
            })
        };
        let changes = outcomes.iter().filter_map(view).collect::<Vec<_>>();
        let emails = changes.iter().map(|change| change.email.as_str()).collect::<Vec<_>>().join("\n");
        let others = form.fields().into_iter().filter(|(name, _)| name != "emails" && name != "change");
        let own = [("emails".to_owned(), emails), ("change".to_owned(), "yes".to_owned())];
        let fields = others.chain(own).collect();
        let many = changes.len();
        (many > 0).then(|| Self { path: path.to_owned(), fields, changes, many })
    }
}

impl OutcomesPage {
    /// What became of addresses that were offered what takes this seat.
    pub(super) fn new(frame: Frame, outcomes: Vec<Outcome>, seat: Seat, more: String, users: String) -> Self {
        let sum = sum::became(&outcomes, seat);
        let outcomes = outcomes.into_iter().map(OutcomeView::of).collect();
        Self { frame, outcomes, sum, change: None, more, users, links: None, licenses: None }
    }

    /// Offers the links of invitations whose emails can't leave, if this server hands links out.
    pub(super) fn handing_out<P: Proof>(mut self, may: &May<P>, place: &str) -> Self {
        let site = &may.app().site;
        self.links = (site.mail_leaves && site.hands_out).then(|| format!("{place}/invitations"));
        self
    }

    /// Since when the mail server gives no answer, if one of the emails just queued waits for one.
    fn outage(&self) -> Option<MailWaits> {
        let mut invited = self.outcomes.iter().filter(|view| view.outcome.outcome == Became::Invited);
        invited.find_map(|view| view.outcome.mail_waits)
    }

    fn asking(mut self, again: Option<Again>) -> Self {
        self.change = again;
        self
    }

    /// Offers to add licenses where one was missing: not for support staff, who take none.
    pub(super) fn offering(mut self, account: AccountId, seat: Seat) -> Self {
        let missing = self.outcomes.iter().any(|view| view.outcome.outcome == Became::NoLicense);
        let sold = self.frame.kit.sells;
        self.licenses = (sold && missing && seat == Seat::License).then(|| format!("/a/{account}/licenses"));
        self
    }
}

/// How many addresses share a transaction: others get their turn in between.
const STEP: usize = 250;

/// Invites in steps, so that a long list doesn't hold up everyone else.
async fn outcomes<P>(may: &May<P>, typed: &str, offer: Offer) -> Result<Vec<Outcome>>
where
    P: Proof,
    for<'a> Manager: From<&'a P>,
{
    let mut done = Vec::new();
    for addresses in actions::at_once(addresses::read(typed))?.chunks(STEP).map(<[addresses::Entry]>::to_vec)
    {
        let (site, offer) = (may.app().site.clone(), offer.clone());
        let step = may.write(async move |tx, by| {
            actions::invite(tx, &Manager::from(by), &site, &addresses, &offer).await
        });
        done.extend(step.await?);
    }
    Ok(done)
}

/// What a page says of a list of addresses while one types it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Counted {
    sum: String,
    /// The first that are no addresses, each with what to change.
    faults: Vec<String>,
}

/// How many faults are told while one types.
const FAULTS: usize = 5;

/// Counts the addresses in a text as inviting would find them. Nobody is looked up: who has which address isn't told.
async fn counted<P: Proof>(may: &May<P>, form: &Form) -> Result<Json<Counted>> {
    may.read(async |_, _| Ok(())).await?;
    let found = addresses::read(form.get("emails"));
    let fault = |entry: &addresses::Entry| Some(format!("{}: {}", entry.typed, entry.email.as_ref().err()?));
    Ok(Json(Counted {
        sum: sum::typed(&found),
        faults: found.iter().filter_map(fault).take(FAULTS).collect(),
    }))
}

pub(crate) async fn count(may: May<AccountAdmin>, form: Form) -> Result<Json<Counted>> {
    counted(&may, &form).await
}

pub(crate) async fn count_for_group(may: May<GroupAdmin>, form: Form) -> Result<Json<Counted>> {
    counted(&may, &form).await
}

pub(super) fn user_types() -> Vec<Choice> {
    choices(UserType::ALL.iter().map(|kind| (kind.word(), kind.label())))
}

pub(super) fn user_type(form: &Form) -> UserType {
    UserType::read(form.get("user_type")).unwrap_or(UserType::Other)
}

#[derive(Template)]
#[template(path = "invitations/templates/account.html")]
struct AccountPage {
    frame: Frame,
    account: AccountId,
    /// What an account reads that isn't confirmed to be a practice.
    unconfirmed: Option<&'static str>,
    entry: Entry,
    count_at: String,
    meter: Meter,
    roles: Vec<RoleView>,
    types: Vec<Choice>,
    groups: Vec<Choice>,
}

/// A role that can be offered.
struct RoleView {
    role: Role,
    about: &'static str,
    /// Why it can't be offered now.
    barred: Option<&'static str>,
}

/// The roles, with what each may do; that of support staff only where there is a place for them.
fn roles(support: &Seats) -> Vec<RoleView> {
    let barred = match (support.total, support.free()) {
        (0, _) => Some("Your plan has no support-staff seat. The Pro plan includes one."),
        (_, ..=0) => Some("The support-staff seat is used, or reserved for an invitation."),
        _ => None,
    };
    let view = |role, about, barred| RoleView { role, about, barred };
    vec![
        view(Role::Member, "Works in the groups that they are added to", None),
        view(Role::Administrator, "Also manages people and groups, and can view every group", None),
        view(Role::SupportStaff, "Sees handouts and their own profile, nothing else", barred),
    ]
}

async fn account_page(may: &May<AccountAdmin>, entry: Entry) -> Result<Response> {
    let (frame, account, groups, seats, support, admitted) = may
        .read(async |tx, by| {
            let account = by.account();
            let frame = may.frame(tx, by.user(), Here::Account(account)).await?;
            let seats = licenses::seats(tx, account, Seat::License).await?;
            let support = licenses::seats(tx, account, Seat::SupportStaff).await?;
            let admitted = accounts::is_admitted(tx, account).await?;
            Ok((frame, account, groups::list(tx, by, false).await?, seats, support, admitted))
        })
        .await?;
    let between = [crumb("Users", format!("/a/{account}/users"))];
    let (frame, status) = (frame.page(may, "users", between, "Invite users"), entry.status());
    let (roles, types) = (roles(&support), user_types());
    let groups = choices(groups.iter().map(|group| (group.id, &group.name)));
    let unconfirmed = (!admitted).then_some(accounts::NOT_ADMITTED);
    let meter = Meter::new(seats);
    let count_at = format!("/a/{account}/invite/count");
    let page = AccountPage { frame, account, unconfirmed, entry, count_at, meter, roles, types, groups };
    page::show(may, status, &page)
}

pub(crate) async fn invite(may: May<AccountAdmin>) -> Result<Response> {
    account_page(&may, Entry::of(&[("role", "member"), ("user_type", "other")])).await
}

pub(crate) async fn do_invite(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let groups = form.all("groups").iter().filter_map(|id| Some((id.parse().ok()?, GroupRole::Member)));
    let offer = Role::read(form.get("role")).map(|role| Offer {
        role,
        user_type: user_type(&form),
        groups: groups.collect(),
        into_groups: false,
        change: form.ticked("change"),
    });
    if offer.as_ref().is_some_and(|offer| offer.role.manages()) {
        may.fresh().await?;
    }
    let seat = offer.as_ref().map_or(Seat::License, |offer| offer.role.into());
    let invited = match offer {
        Some(offer) => outcomes(&may, form.get("emails"), offer).await,
        None => Err(Error::field("role", "Choose a role.")),
    };
    match invited {
        Ok(done) => {
            let frame =
                may.read(async |tx, by| may.frame(tx, by.user(), Here::Account(by.account())).await).await?;
            let users = format!("/a/{account}/users");
            let frame = frame.page(&may, "users", [crumb("Users", users.clone())], "Invitations");
            let again = Again::of(&may.request().path, &form, &done);
            let page =
                OutcomesPage::new(frame, done, seat, format!("/a/{account}/invite"), users).asking(again);
            let page = page.handing_out(&may, &format!("/a/{account}"));
            page::ok(&may, &page.offering(account, seat))
        }
        Err(error) => account_page(&may, Entry::again(form, error)?).await,
    }
}

#[derive(Template)]
#[template(path = "invitations/templates/group.html")]
struct GroupPage {
    frame: Frame,
    group: GroupId,
    account: AccountId,
    /// Whether the reader may add licenses.
    manages: bool,
    meter: Meter,
    entry: Entry,
    count_at: String,
    types: Vec<Choice>,
    people: Vec<Candidate>,
}

/// A person in the account who can be selected.
struct Candidate {
    id: String,
    name: String,
    email: String,
    inside: bool,
}

async fn group_page(may: &May<GroupAdmin>, entry: Entry) -> Result<Response> {
    let status = entry.status();
    let page = may
        .read(async |tx, by| {
            let (account, group) = (by.account(), by.group());
            let frame = may.frame(tx, by.user(), Here::Group(account, group)).await?;
            let between = [crumb("Users", format!("/g/{group}/users"))];
            let people = groups::actions::candidates(tx, by).await?.into_iter().map(|person| Candidate {
                id: person.user.to_string(),
                name: person.name,
                email: person.email,
                inside: person.group_role.is_some(),
            });
            Ok(GroupPage {
                frame: frame.page(may, "users", between, "Invite users"),
                group,
                account,
                manages: by.role().manages(),
                meter: Meter::new(licenses::seats(tx, account, Seat::License).await?),
                entry,
                count_at: format!("/g/{group}/invite/count"),
                types: user_types(),
                people: people.collect(),
            })
        })
        .await?;
    page::show(may, status, &page)
}

pub(crate) async fn invite_to_group(may: May<GroupAdmin>) -> Result<Response> {
    group_page(&may, Entry::of(&[("role", "member"), ("user_type", "other")])).await
}

pub(crate) async fn do_invite_to_group(may: May<GroupAdmin>, form: Form) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let role = GroupRole::read(form.get("role"));
    let offer = role.map(|role| Offer {
        role: Role::Member,
        user_type: user_type(&form),
        groups: vec![(group, role)],
        into_groups: true,
        change: form.ticked("change"),
    });
    let invited = match offer {
        Some(offer) => outcomes(&may, form.get("emails"), offer).await,
        None => Err(Error::field("role", "Choose a role.")),
    };
    match invited {
        Ok(done) => {
            let load = async |tx: &_, by: &GroupAdmin| {
                let frame = may.frame(tx, by.user(), Here::Group(by.account(), group)).await?;
                Ok((frame, by.account(), by.role().manages()))
            };
            let (frame, account, manages) = may.read(load).await?;
            let users = format!("/g/{group}/users");
            let frame = frame.page(&may, "users", [crumb("Users", users.clone())], "Invitations");
            let again = Again::of(&may.request().path, &form, &done);
            let more = format!("/g/{group}/invite");
            let page = OutcomesPage::new(frame, done, Seat::License, more, users).asking(again);
            let page = page.handing_out(&may, &format!("/g/{group}"));
            page::ok(&may, &if manages { page.offering(account, Seat::License) } else { page })
        }
        Err(error) => group_page(&may, Entry::again(form, error)?).await,
    }
}

/// Where the buttons of an invitation's row lead back to: the page that they stand on.
fn people_path<P: Proof>(may: &May<P>, form: &Form) -> Result<(String, Option<GroupId>)> {
    let page = if form.get("back") == "dashboard" { "dashboard" } else { "users" };
    match may.id::<kernel::id::Group>("group") {
        Ok(group) => Ok((format!("/g/{group}/users"), Some(group))),
        Err(_) => Ok((format!("/a/{}/{page}", may.id::<kernel::id::Account>("account")?), None)),
    }
}

pub(crate) async fn resend(may: May<InvitationManager>, form: Form) -> Result<Response> {
    let (back, group) = people_path(&may, &form)?;
    let (site, shell) = (may.app().site.clone(), may.shell());
    let sent = may.write(async move |tx, by| {
        let here = group.map_or(Here::Account(by.account()), |group| Here::Group(by.account(), group));
        Ok((actions::resend(tx, by, &site).await?, shell.frame(tx, by.user(), here).await?))
    });
    match sent.await {
        Ok((outcome, frame)) if outcome.link.is_some() => {
            let frame = frame.page(&may, "users", [crumb("Users", back.clone())], "Invitation sent again");
            page::ok(&may, &OutcomesPage::new(frame, vec![outcome], Seat::License, String::new(), back))
        }
        sent => settle(&may, &back, sent, |(outcome, _)| {
            Flash::done(format!("{}: {}", outcome.email, outcome.detail))
        }),
    }
}

#[derive(Template)]
#[template(path = "invitations/templates/link.html")]
struct LinkPage {
    frame: Frame,
    handed: HandedOut,
    /// Whether the email with the other link still waits to leave.
    mail_leaves: bool,
    users: String,
}

pub(crate) async fn hand_out(may: May<InvitationManager>, form: Form) -> Result<Response> {
    let (back, group) = people_path(&may, &form)?;
    let (site, shell) = (may.app().site.clone(), may.shell());
    let mail_leaves = site.mail_leaves;
    let handed = may.write(async move |tx, by| {
        let here = group.map_or(Here::Account(by.account()), |group| Here::Group(by.account(), group));
        Ok((actions::hand_out(tx, by, &site).await?, shell.frame(tx, by.user(), here).await?))
    });
    match handed.await {
        Ok((handed, frame)) => {
            let frame = frame.page(&may, "users", [crumb("Users", back.clone())], "Invitation link");
            page::ok(&may, &LinkPage { frame, handed, mail_leaves, users: back })
        }
        refused => settle(&may, &back, refused, |_| Flash::done(String::new())),
    }
}

pub(crate) async fn cancel(may: May<InvitationManager>, form: Form) -> Result<Response> {
    let (back, _) = people_path(&may, &form)?;
    let question = page::Question {
        ask: "Cancel this invitation?".to_owned(),
        detail: "Its link stops working right away.",
        action: "Cancel invitation",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let canceled = may.write(async |tx, by| actions::cancel(tx, by).await).await;
    settle(&may, &back, canceled, |()| Flash::done("The invitation was canceled. Its link no longer works."))
}
