//! The audit trail: what changed who belongs, sees or pays, written in the transaction that did it.
//!
//! Each account has a chain: an event's hash covers its fields and the hash before it, so that a
//! change, a gap, a swap or a cut is found at the first bad event. What an event says about people
//! (names, addresses) lies beside it under a salted HMAC: it can be erased, and the chain stays whole.

mod action;
mod store;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub use action::Action;
pub use store::{EventRow, Filter, list, said_since};

use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, GroupId, UserId},
};
use storage::{Hash, Tx};

/// Something that happened.
#[derive(Debug)]
pub struct Event {
    /// In whose chain. The nil account is the server's own chain.
    pub account: AccountId,
    /// Who did it; nobody, where the server or the operator did.
    pub actor: Option<UserId>,
    /// What.
    pub action: Action,
    /// To what: an id as it is shown.
    pub object: String,
    /// In which group, if it happened in one.
    pub group: Option<GroupId>,
    /// What else should be known, names and addresses included: kept erasable.
    pub detail: Value,
}

impl Event {
    /// An event in an account.
    pub fn new(account: AccountId, actor: UserId, action: Action, object: impl ToString) -> Self {
        let object = object.to_string();
        Self { account, actor: Some(actor), action, object, group: None, detail: Value::Null }
    }

    /// An event that nobody on the account did: the server by itself, or its operator.
    pub fn unattended(account: AccountId, action: Action, object: impl ToString) -> Self {
        let object = object.to_string();
        Self { account, actor: None, action, object, group: None, detail: Value::Null }
    }

    /// Names the group that it happened in.
    #[must_use]
    pub fn in_group(mut self, group: GroupId) -> Self {
        self.group = Some(group);
        self
    }

    /// Adds what else should be known.
    #[must_use]
    pub fn with(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

/// The fields that an event's hash covers.
struct Sealed<'a> {
    account: AccountId,
    seq: i64,
    at: Time,
    actor: Option<UserId>,
    action: &'a str,
    object: &'a str,
    group: &'a str,
    personal: Hash,
    previous: Hash,
}

impl Sealed<'_> {
    /// SHA-256 over every field, each preceded by its length in eight bytes, so that no two
    /// different events ever read the same.
    fn hash(&self) -> Hash {
        let (seq, at) = (self.seq.to_be_bytes(), self.at.micros().to_be_bytes());
        let actor = self.actor.map(|actor| *actor.as_bytes());
        let fields: [&[u8]; 9] = [
            self.account.as_bytes(),
            &seq,
            &at,
            actor.as_ref().map_or(&[], |bytes| bytes),
            self.action.as_bytes(),
            self.object.as_bytes(),
            self.group.as_bytes(),
            &self.personal.0,
            &self.previous.0,
        ];
        let mut hasher = Sha256::new();
        for field in fields {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field);
        }
        Hash(hasher.finalize().into())
    }
}

fn personal_digest(salt: &[u8; 32], detail: &str) -> Result<Hash> {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt).map_err(Error::internal)?;
    mac.update(detail.as_bytes());
    Ok(Hash(mac.finalize().into_bytes().into()))
}

/// Appends an event to its account's chain, in the caller's transaction.
///
/// # Errors
/// The database fails.
pub async fn record(tx: &Tx, event: Event) -> Result<()> {
    tx.in_line(event.account)?;
    let (seq, previous) = store::next(tx, event.account).await?;
    let detail = event.detail.to_string();
    let salt = tx.random::<32>();
    let group = event.group.map(|group| group.to_string()).unwrap_or_default();
    let sealed = Sealed {
        account: event.account,
        seq,
        at: tx.now(),
        actor: event.actor,
        action: event.action.key(),
        object: &event.object,
        group: &group,
        personal: personal_digest(&salt, &detail)?,
        previous,
    };
    store::append(tx, &sealed, sealed.hash(), &salt, &detail).await
}

/// What a check of one chain found.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Verified {
    /// Whose chain.
    pub account: AccountId,
    /// How many events were read.
    pub events: i64,
    /// The first event that is not as it was written, and what is wrong.
    pub fault: Option<String>,
}

/// Reads an account's whole chain and checks every hash, up to the head.
///
/// # Errors
/// The database fails; a broken chain is no error but a [`Verified::fault`].
pub async fn verify(tx: &Tx, account: AccountId) -> Result<Verified> {
    let (mut seq, mut previous) = (0, Hash([0; 32]));
    loop {
        let page = store::chain(tx, account, seq).await?;
        if page.is_empty() {
            break;
        }
        for link in page {
            if let Some(fault) = link.fault(account, seq, previous)? {
                let fault = Some(format!("event {}: {fault}", seq + 1));
                return Ok(Verified { account, events: seq, fault });
            }
            (seq, previous) = (link.seq, link.hash);
        }
    }
    let fault = match store::head(tx, account).await? {
        None if seq == 0 => None,
        Some((head, hash)) if head == seq && hash == previous => None,
        _ => Some(format!("event {}: the chain does not end at its head; events were cut off", seq + 1)),
    };
    Ok(Verified { account, events: seq, fault })
}

/// Every account that has a chain, the server's own included.
///
/// # Errors
/// The database fails.
pub async fn chains(tx: &Tx) -> Result<Vec<AccountId>> {
    store::chains(tx).await
}
