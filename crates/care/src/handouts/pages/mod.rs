//! Pages of handouts: the library, a handout, its form and versions, paper, and what was sent.

mod form;
mod library;
mod paper;
mod sent;
mod show;

pub(crate) use form::{archive, change, copy, create, edit, new, versions};
pub(crate) use library::index;
pub(crate) use paper::{open, print};
pub(crate) use sent::{revoke, sent};
pub(crate) use show::{set_favorite, set_note, share, show};

use crate::handouts::{HandoutRow, Language, Species, Topic, VersionRow, actions};
use access::HandoutScope;
use kernel::{
    error::Result,
    id::{AccountId, HandoutId},
    practice::PracticeKind,
};
use storage::Tx;
use web::{
    May,
    page::{Crumb, Frame, Frames, Here, crumb},
    parts::{Choice, choices},
};

/// How many shares a page of the log shows, and how many versions one of the versions.
const ROWS: i64 = 25;

fn species() -> Vec<Choice> {
    choices(Species::ALL.iter().map(|each| (each.word(), each.label())))
}

/// The topics of this kind of practice, and the one that is set already.
fn topics(practice: PracticeKind, now: Option<Topic>) -> Vec<Choice> {
    let known = Topic::of(practice);
    let further = now.filter(|topic| !known.contains(topic));
    choices(known.iter().copied().chain(further).map(|each| (each.word(), each.label())))
}

fn languages() -> Vec<Choice> {
    choices(Language::ALL.iter().map(|each| (each.word(), each.label())))
}

/// Choices with one before them for all.
fn any(label: &str, mut rest: Vec<Choice>) -> Vec<Choice> {
    rest.insert(0, Choice { value: String::new(), label: label.to_owned() });
    rest
}

/// The library of the account in the path, as a step of the way.
fn library(account: AccountId) -> Crumb {
    crumb("Handouts", format!("/a/{account}/handouts"))
}

async fn load(
    tx: &Tx,
    by: &HandoutScope,
    shell: &Frames,
    account: AccountId,
) -> Result<(Frame, HandoutRow, VersionRow, String, bool)> {
    let frame = shell.frame(tx, by.user(), Here::Account(account)).await?;
    let (row, version, note) = actions::show(tx, by).await?;
    Ok((frame, row, version, note, by.manages(tx, account).await?))
}

/// The address of the handout in the path.
fn own<P: access::Proof>(may: &May<P>) -> Result<String> {
    let (account, handout): (AccountId, HandoutId) = (may.id("account")?, may.id("handout")?);
    Ok(format!("/a/{account}/handouts/{handout}"))
}
