//! The audit trail: what changed who belongs, sees or pays, written in the transaction that did it.
//!
//! Each account has a chain: an event's code covers its fields and the code before it, so that a change, a gap,
//! a swap or a cut is found at the first bad event. The codes are keyed ([`key`]), and so is the chain's head: who
//! has the database and not the key can't write a chain that looks whole. Against an older copy of everything there
//! are receipts ([`Receipt`]).
//!
//! What an event says about people (names, addresses) lies beside it under a salted HMAC: it can be erased, and
//! the chain stays whole, for the erasure is an event too; without one, it is found.

mod action;
mod erasure;
pub mod key;
mod receipt;
mod store;
mod verify;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

pub use action::Action;
pub use erasure::erase;
pub use receipt::{Receipt, claim, due, receipt, receipts};
pub use store::{EventRow, Filter, list, list_after, said_since};
pub use verify::{Verified, verify, verify_with};

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

const EVENT: &str = "covey audit event";
/// For the event after a head that the server did not write, so that whatever was cut off before it stays found.
const AFTER_BREAK: &str = "covey audit event after a break";
const HEAD: &str = "covey audit head";

/// The fields that an event's code covers.
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
    fn code(&self, secret: &[u8; 32], label: &str) -> Result<Hash> {
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
        key::code(secret, label, &fields)
    }
}

/// The code of a chain's head.
fn head_seal(secret: &[u8; 32], account: AccountId, seq: i64, hash: Hash) -> Result<Hash> {
    key::code(secret, HEAD, &[account.as_bytes(), &seq.to_be_bytes(), &hash.0])
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
    let secret = tx.secret()?;
    tx.in_line(event.account)?;
    let head = store::next(tx, event.account).await?;
    let detail = event.detail.to_string();
    let salt = tx.random::<32>();
    let group = event.group.map(|group| group.to_string()).unwrap_or_default();
    let sealed = Sealed {
        account: event.account,
        seq: head.seq,
        at: tx.now(),
        actor: event.actor,
        action: event.action.key(),
        object: &event.object,
        group: &group,
        personal: personal_digest(&salt, &detail)?,
        previous: head.hash,
    };
    let ours = head.seq == 1 || head.seal == head_seal(secret, event.account, head.seq - 1, head.hash)?;
    let hash = sealed.code(secret, if ours { EVENT } else { AFTER_BREAK })?;
    let seal = head_seal(secret, event.account, head.seq, hash)?;
    store::append(tx, &sealed, hash, seal, &salt, &detail).await
}

/// Every account that has a chain, the server's own included.
///
/// # Errors
/// The database fails.
pub async fn chains(tx: &Tx) -> Result<Vec<AccountId>> {
    store::chains(tx).await
}
