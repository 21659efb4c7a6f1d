//! What a request's line in the log says apart from its answer: by which route it came, and for whom.
//!
//! The outermost layer lays it into the request, the route and the proofs write into it, and the layer reads it
//! again with the answer. It has ids alone: no names, no query, no value out of the path.

use std::sync::{Arc, OnceLock};

use axum::http::Extensions;

use crate::{rates::Standing, route::Facts};
use access::{Proof, Refused};
use kernel::id::{AccountId, UserId};

/// What is told of one request. What is told first stays.
#[derive(Clone, Default)]
pub(crate) struct Line(Arc<Told>);

#[derive(Default)]
struct Told {
    facts: OnceLock<Facts>,
    account: OnceLock<AccountId>,
    user: OnceLock<UserId>,
    rate: OnceLock<Standing>,
}

impl Line {
    /// The line of the request with these extensions.
    pub(crate) fn of(extensions: &mut Extensions) -> Self {
        extensions.get_or_insert_default::<Self>().clone()
    }

    pub(crate) fn came_by(&self, facts: Facts) {
        let _ = self.0.facts.set(facts);
    }

    /// Where the API key that calls stands, this request included.
    pub(crate) fn rated(&self, standing: Standing) {
        let _ = self.0.rate.set(standing);
    }

    pub(crate) fn rate(&self) -> Option<Standing> {
        self.0.rate.get().copied()
    }

    pub(crate) fn proved(&self, proof: &impl Proof) {
        self.tell(proof.tenant(), proof.actor());
    }

    /// Who is refused has been recognized before.
    pub(crate) fn refused(&self, refused: &Refused) {
        self.tell(Some(refused.account), Some(refused.user));
    }

    fn tell(&self, account: Option<AccountId>, user: Option<UserId>) {
        account.map(|account| self.0.account.set(account));
        user.map(|user| self.0.user.set(user));
    }

    /// What is known of the route; of none, where none was reached.
    pub(crate) fn facts(&self) -> Facts {
        self.0.facts.get().copied().unwrap_or_default()
    }

    pub(crate) fn account(&self) -> Option<AccountId> {
        self.0.account.get().copied()
    }

    pub(crate) fn user(&self) -> Option<UserId> {
        self.0.user.get().copied()
    }
}
