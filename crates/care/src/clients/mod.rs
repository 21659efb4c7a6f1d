//! Clients: whom a group serves, a pet owner, a producer or a patient, and their animals.
//!
//! A client belongs to one group permanently. Everyone in the group adds and edits clients; archiving, merging,
//! importing and exporting many at once take the privilege to manage clients. The owner and the administrators of
//! the account read from the parent account, which is noted. The audit trail names clients by id alone.
//!
//! A client that was merged into another stays, archived, and says into which.

pub mod actions;
pub mod api;
mod fields;
pub mod import;
pub mod merge;
pub mod pages;
mod store;

pub use actions::{Client, ClientHead, access, add_animal, head, show};
pub use fields::{AnimalInput, ClientInput, Draft};
pub(crate) use pages::{animal_input, client_crumb, list_crumb};
pub use store::{
    AnimalRow, ClientRow, Clients, Filter, FoundClient, Sort, copy_all, find_everywhere, forget_all,
};

use access::GroupScope;
use kernel::{
    error::{Checks, Error, Result},
    id::{AccountId, AnimalId, ClientId},
    practice::PracticeKind,
};
use people::accounts;
use storage::{Tx, word};

word! {
    /// What a client is to the group.
    pub enum Kind as ClientKind {
        /// Who brings an animal.
        Owner = "owner",
        /// Who keeps animals for a living.
        Producer = "producer",
        /// Who is treated.
        Patient = "patient",
    }
}

impl Kind {
    /// The word that people in this kind of practice read.
    pub const fn label(self, practice: PracticeKind) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Producer => "Producer",
            Self::Patient => practice.treated(),
        }
    }

    /// Whether it is worth saying: where people alone are treated, every client is one of them.
    pub const fn shown(self, practice: PracticeKind) -> bool {
        practice.has_animals() || !matches!(self, Self::Patient)
    }

    /// What a client is where nobody said so: nothing, where it must be said.
    pub const fn assumed(practice: PracticeKind) -> Option<Self> {
        match practice.has_animals() {
            true => None,
            false => Some(Self::Patient),
        }
    }
}

/// Refuses records of animals where the kind of practice has none.
///
/// # Errors
/// It has none.
async fn must_have_animals(tx: &Tx, account: AccountId, field: &'static str) -> Result<()> {
    match accounts::practice_kind(tx, account).await?.has_animals() {
        true => Ok(()),
        false => Err(Error::field(field, NO_ANIMALS)),
    }
}

/// What is said where an animal can't be added.
const NO_ANIMALS: &str = "This practice doesn’t keep records of animals. An administrator can change the kind of \
    practice in the account settings.";

/// The most animals that a client has at a time.
pub const MOST_ANIMALS: usize = 100;

/// On whom some work is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subject {
    /// A client of the same group.
    pub client: ClientId,
    /// One of their animals.
    pub animal: Option<AnimalId>,
}

/// Checks that work in the group may be on this client and animal: of the group, and not archived unless the
/// work is on them already.
///
/// # Errors
/// They are not; the fields are `client` and `animal`.
pub async fn check_subject(
    tx: &Tx,
    scope: &GroupScope,
    subject: Subject,
    kept: Option<Subject>,
) -> Result<()> {
    let found = store::find(tx, scope, subject.client).await?;
    let kept_client = kept.is_some_and(|kept| kept.client == subject.client);
    let mut checks = Checks::default();
    let fine = found.is_some_and(|row| kept_client || row.archived_at.is_none());
    checks.that(fine, "client", "Choose a client in this group who isn’t archived.");
    if let Some(animal) = subject.animal {
        let animals = store::animals(tx, scope, &[subject.client]).await?;
        let kept = kept.and_then(|kept| kept.animal) == Some(animal);
        let fine = animals.iter().any(|row| row.id == animal && (kept || row.archived_at.is_none()));
        checks.that(fine, "animal", "Choose one of this client’s animals that isn’t archived.");
    }
    checks.done()
}

/// The clients of a group by name, to be chosen from: as many as the limit, and one more if there are more.
pub async fn choices(tx: &Tx, scope: &GroupScope, search: &str, limit: i64) -> Result<Vec<ClientRow>> {
    let search = Some(search.to_owned()).filter(|search| !search.trim().is_empty());
    store::list(tx, scope, &Filter { search, ..Filter::default() }, limit + 1).await
}

/// A client of the group, archived or not.
pub async fn named(tx: &Tx, scope: &GroupScope, id: ClientId) -> Result<Option<ClientRow>> {
    store::find(tx, scope, id).await
}

/// The animals of a client that are not archived.
pub async fn animals(tx: &Tx, scope: &GroupScope, client: ClientId) -> Result<Vec<AnimalRow>> {
    let rows = store::animals(tx, scope, &[client]).await?;
    Ok(rows.into_iter().filter(|row| row.archived_at.is_none()).collect())
}
