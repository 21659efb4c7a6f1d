//! The first steps of a practice: what its owner and administrators still have to do before everyone can work. Each is
//! checked off by what is in the database, never by hand. One dismisses the list for the whole account.

pub mod api;
pub mod pages;
mod store;

use serde::Serialize;
use utoipa::ToSchema;

use access::AccountAdmin;
use kernel::{
    error::Result,
    id::{AccountId, GroupId, UserId},
};
use storage::Tx;

use store::Facts;

/// One of the first steps.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Step {
    /// Which: `group`, `location`, `people`, `case` or `practice_details`.
    pub step: &'static str,
    /// Whether it is done.
    pub done: bool,
    /// What there is to do.
    #[serde(skip)]
    pub label: &'static str,
    /// What it is good for.
    #[serde(skip)]
    pub why: &'static str,
    /// The page to do it on.
    #[serde(skip)]
    pub href: String,
}

/// The first steps of an account, as one of its managers sees them.
#[derive(Clone, Debug)]
pub struct FirstSteps {
    /// Whose.
    pub account: AccountId,
    /// In the order in which they are best done.
    pub steps: Vec<Step>,
}

impl FirstSteps {
    /// How many are done.
    pub fn done(&self) -> usize {
        self.steps.iter().filter(|step| step.done).count()
    }

    /// Whether nothing is left to do.
    pub fn all_done(&self) -> bool {
        self.done() == self.steps.len()
    }

    /// Whether this is the next one to do.
    pub fn is_next(&self, step: &Step) -> bool {
        self.steps.iter().find(|each| !each.done).is_some_and(|next| next.step == step.step)
    }
}

/// The first steps of an account, for a manager who has not dismissed them. One statement.
///
/// # Errors
/// The database fails.
pub async fn of(tx: &Tx, account: AccountId, user: UserId, sells: bool) -> Result<FirstSteps> {
    let facts = store::facts(tx, account, user).await?;
    Ok(FirstSteps { account, steps: steps(account, &facts, sells) })
}

fn steps(account: AccountId, facts: &Facts, sells: bool) -> Vec<Step> {
    let in_group = |group: Option<GroupId>, path: &str| match group {
        Some(group) => format!("/g/{group}/{path}"),
        None => format!("/a/{account}/groups"),
    };
    let details = if sells { "billing" } else { "practice" };
    vec![
        Step {
            step: "group",
            done: facts.group,
            label: "Create a group",
            why: "One for each client, department, or site that must stay separate.",
            href: format!("/a/{account}/groups/new"),
        },
        Step {
            step: "location",
            done: facts.location,
            label: "Add a location",
            why: "A group needs one before its first case.",
            href: in_group(facts.any_group, "locations#add"),
        },
        Step {
            step: "people",
            done: facts.people,
            label: "Invite your people",
            why: "Paste their email addresses, or import a list.",
            href: format!("/a/{account}/invite"),
        },
        Step {
            step: "case",
            done: facts.case,
            label: "Start your first case",
            why: "Everyone in its group sees it. No one in another group does.",
            href: in_group(facts.own_group, "cases/new"),
        },
        Step {
            step: "practice_details",
            done: facts.practice_details,
            label: "Add your practice details",
            why: if sells { "Shown on invoices and handouts." } else { "Shown on handouts." },
            href: format!("/a/{account}/{details}"),
        },
    ]
}

/// Dismisses the list for everyone who manages the account, or brings it back.
///
/// # Errors
/// The database fails.
pub async fn dismiss(tx: &Tx, by: &AccountAdmin, dismissed: bool) -> Result<()> {
    store::dismiss(tx, by, dismissed).await
}
