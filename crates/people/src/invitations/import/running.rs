//! The run of an import: the people of its lines are invited by the actions that any list is, in steps of one
//! transaction each, so that others get their turn in between.

use crate::{
    accounts, groups,
    invitations::{
        Offer, Outcome, Result as Became,
        actions::{Desk, check_offer},
        import::{
            Options,
            plan::{Line, Plan, offer},
        },
    },
    users,
};
use access::Manager;
use kernel::{
    addresses::Email,
    error::{Error, Kind, Result},
    links::Site,
};
use platform::jobs;
use storage::Tx;

/// How many people share a transaction.
const STEP: usize = 250;

/// Someone to be invited, or a line that can't be.
#[derive(Clone)]
pub struct Invitee {
    /// The address as it is shown.
    shown: String,
    email: std::result::Result<Email, String>,
    name: Option<String>,
    offer: Offer,
    times: usize,
    /// What was left out of the line, in sentences.
    notices: Vec<String>,
}

impl Invitee {
    fn of(line: Line, options: &Options) -> Self {
        let Line { person, .. } = line;
        let offer = offer(&person, options);
        let typed = match person.typed.is_empty() {
            true => format!("Line {}", person.number),
            false => person.typed,
        };
        Self {
            shown: person.email.as_ref().map_or(typed, |email| email.shown.clone()),
            email: person.email,
            name: person.name,
            offer,
            times: person.times,
            notices: person.notices,
        }
    }
}

/// The people of a file, in steps.
///
/// # Errors
/// No column has the addresses.
pub fn steps(plan: Plan, options: &Options) -> Result<Vec<Vec<Invitee>>> {
    if plan.lines.is_empty() {
        return Err(Error::field("columns[0]", "Choose the column with the email addresses."));
    }
    let once = plan.lines.into_iter().filter(|line| line.person.repeats.is_none());
    let all = once.map(|line| Invitee::of(line, options)).collect::<Vec<_>>();
    Ok(all.chunks(STEP).map(<[Invitee]>::to_vec).collect())
}

/// Whether someone among them would manage the account.
pub fn offers_management(steps: &[Vec<Invitee>]) -> bool {
    steps.iter().flatten().any(|one| one.offer.role.manages())
}

/// Invites people, each with an offer of their own. Each has their own outcome.
///
/// # Errors
/// The account is read-only, or an offer is not the manager's to make.
pub async fn invite_step(tx: &Tx, by: &Manager, site: &Site, step: &[Invitee]) -> Result<Vec<Outcome>> {
    let inviter = users::user(tx, by.user()).await?;
    let account_name = accounts::account_name(tx, by.account()).await?;
    let outage = jobs::outage(tx, by.account()).await?;
    let mut checked = Vec::new();
    let mut outcomes = Vec::with_capacity(step.len());
    for invitee in step {
        let offer = joinable(tx, by, &invitee.offer).await?;
        let (name, inviter, sender) = (invitee.name.as_deref(), &*inviter.name, &*inviter.email);
        let desk =
            Desk { by, site, offer: &offer, name, inviter, sender, account_name: &account_name, outage };
        let mut outcome = match &invitee.email {
            Err(why) => desk.outcome(&invitee.shown, Became::NotAnAddress, why, None),
            Ok(email) => match check_once(tx, by, &offer, &mut checked).await? {
                Some(why) => desk.outcome(&email.shown, Became::NoLicense, &why, None),
                None => desk.invite(tx, email).await?,
            },
        };
        outcome.times = invitee.times;
        outcome.detail = told(&outcome.detail, invitee, &offer);
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

/// The offer without groups that were archived since the file was looked at.
async fn joinable(tx: &Tx, by: &Manager, offer: &Offer) -> Result<Offer> {
    let mut offer = offer.clone().distinct()?;
    let ids = offer.groups.iter().map(|(group, _)| *group).collect::<Vec<_>>();
    let open = groups::joinable(tx, by.account(), &ids).await?;
    offer.groups.retain(|(group, _)| open.iter().any(|(id, _)| id == group));
    Ok(offer)
}

/// Checks an offer unless it was: says why there is no place for the role on this plan, if there is none.
async fn check_once(
    tx: &Tx,
    by: &Manager,
    offer: &Offer,
    checked: &mut Vec<(Offer, Option<String>)>,
) -> Result<Option<String>> {
    let same = |known: &Offer| known.role == offer.role && known.groups == offer.groups;
    if let Some((_, why)) = checked.iter().find(|(known, _)| same(known)) {
        return Ok(why.clone());
    }
    let why = match check_offer(tx, by, offer).await {
        Ok(()) => None,
        Err(error) if error.kind() == Kind::Invalid && error.fields().iter().all(|f| f.field == "role") => {
            error.fields().first().map(|fault| fault.detail.to_string())
        }
        Err(error) => return Err(error),
    };
    checked.push((offer.clone(), why.clone()));
    Ok(why)
}

/// What became of a line, with what was left out of it.
fn told(detail: &str, invitee: &Invitee, offer: &Offer) -> String {
    let mut sentences = vec![detail.to_owned()];
    sentences.extend(invitee.notices.iter().cloned());
    if offer.groups.len() < invitee.offer.groups.len() {
        sentences.push("A group was just archived, so it’s left out.".to_owned());
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences.join(" ")
}
