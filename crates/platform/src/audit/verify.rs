//! The check of a chain: every event, its head, what was erased, and the receipts that are held against it.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use crate::audit::{
    AFTER_BREAK, Action, EVENT, Receipt, Sealed, erasure, head_seal, personal_digest,
    store::{self, Head, Link},
};
use kernel::{error::Result, id::AccountId};
use storage::{Hash, Tx};

/// What a check of one chain found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = AuditVerification)]
pub struct Verified {
    /// Whose chain.
    pub account: AccountId,
    /// How many events were read.
    pub events: i64,
    /// The first event that is not as it was written, and what is wrong.
    pub fault: Option<String>,
}

/// Reads an account's whole chain and checks every code, up to the head.
///
/// # Errors
/// The database fails; a broken chain is no error but a [`Verified::fault`].
pub async fn verify(tx: &Tx, account: AccountId) -> Result<Verified> {
    verify_with(tx, account, &[]).await
}

/// As [`verify`], and holds receipts against the chain. Those of other accounts are passed over.
///
/// # Errors
/// As [`verify`].
pub async fn verify_with(tx: &Tx, account: AccountId, receipts: &[Receipt]) -> Result<Verified> {
    let receipts = receipts.iter().filter(|receipt| receipt.account == account).collect::<Vec<_>>();
    let mut check = Check { account, secret: tx.secret()?, erased: erased(tx, account).await?, receipts };
    let (mut seq, mut previous) = (0, Hash([0; 32]));
    loop {
        let page = store::chain(tx, account, seq).await?;
        if page.is_empty() {
            break;
        }
        for link in page {
            if let Some(fault) = check.fault(&link, seq, previous)? {
                let fault = Some(format!("event {}: {fault}", seq + 1));
                return Ok(Verified { account, events: seq, fault });
            }
            (seq, previous) = (link.seq, link.hash);
        }
    }
    let head = store::head(tx, account).await?;
    let fault = match check.end(head, seq, previous)? {
        Some(fault) => Some(fault),
        None if seq == 0 && store::expected(tx, account).await? => Some("it is missing, like all others"),
        None => None,
    };
    Ok(Verified { account, events: seq, fault: fault.map(|fault| format!("event {}: {fault}", seq + 1)) })
}

/// The events whose details an erasure names. Each erasure proves itself by its own code.
async fn erased(tx: &Tx, account: AccountId) -> Result<BTreeSet<i64>> {
    let mut found = BTreeSet::new();
    for link in store::erasures(tx, account).await? {
        if link.sealed(account).code(tx.secret()?, EVENT)? == link.hash {
            found.extend(erasure::numbers(&link.object));
        }
    }
    Ok(found)
}

struct Check<'a> {
    account: AccountId,
    secret: &'a [u8; 32],
    erased: BTreeSet<i64>,
    receipts: Vec<&'a Receipt>,
}

impl Check<'_> {
    /// What is wrong with this event as the one after number `last`, whose code is `previous`.
    fn fault(&mut self, link: &Link, last: i64, previous: Hash) -> Result<Option<&'static str>> {
        if link.seq != last + 1 {
            return Ok(Some("it is missing"));
        }
        if link.previous != previous {
            return Ok(Some("it doesn’t follow from the event before it"));
        }
        let sealed = link.sealed(self.account);
        if sealed.code(self.secret, EVENT)? != link.hash {
            return Ok(Some(match sealed.code(self.secret, AFTER_BREAK)? == link.hash {
                true => {
                    "before it, the server didn’t write the end of the trail, so events were cut off there"
                }
                false => "it was changed, or the server didn’t write it",
            }));
        }
        if link.seq == 1 && !self.begins(link) {
            return Ok(Some("it is missing; the trail no longer starts where it started"));
        }
        if let Some(fault) = self.personal(link)? {
            return Ok(Some(fault));
        }
        let named = self.receipts.iter().any(|receipt| receipt.seq == link.seq && !receipt.names(link.hash));
        Ok(named.then_some("it differs from the event in a receipt"))
    }

    /// Whether this is how a trail begins.
    fn begins(&self, link: &Link) -> bool {
        let first = if self.account == AccountId::nil() { Action::TrailBegun } else { Action::AccountOpened };
        link.action == first.key()
    }

    /// What is wrong with what the event says about people.
    fn personal(&self, link: &Link) -> Result<Option<&'static str>> {
        let (Some(salt), Some(detail)) = (&link.salt, &link.detail) else {
            let known = self.erased.contains(&link.seq);
            return Ok(
                (!known).then_some("its personal details are gone, and no event says that they were erased")
            );
        };
        let same = personal_digest(&salt.0, detail)? == link.personal;
        Ok((!same).then_some("its personal details were changed"))
    }

    /// What is wrong with the end of the chain, which has `seq` events.
    fn end(&self, head: Option<Head>, seq: i64, hash: Hash) -> Result<Option<&'static str>> {
        let receipt = self.receipts.iter().any(|receipt| receipt.seq > seq);
        if receipt {
            return Ok(Some("it is missing; a receipt names a later event"));
        }
        let Some(head) = head else {
            return Ok((seq > 0).then_some("the trail’s end is gone; events may have been cut off"));
        };
        if head.seq != seq || head.hash != hash {
            return Ok(Some("it is missing; the chain doesn’t end at its head, so events were cut off"));
        }
        let ours = head.seal == head_seal(self.secret, self.account, seq, hash)?;
        Ok((!ours)
            .then_some("it is missing; the server didn’t write the trail’s end, so events were cut off"))
    }
}

impl Link {
    fn sealed(&self, account: AccountId) -> Sealed<'_> {
        Sealed {
            account,
            seq: self.seq,
            at: self.at,
            actor: self.actor,
            action: &self.action,
            object: &self.object,
            group: &self.group,
            personal: self.personal,
            previous: self.previous,
        }
    }
}
