//! Proofs of the person who runs the server. To everyone else their pages don't exist.

use crate::{Access, Credential, PathParams, Proof, proofs::SignedIn, store};
use kernel::{
    clock::MINUTE,
    error::{Error, Result},
    id::{AccountId, UserId},
};
use storage::Tx;

/// How long the operator's pages stay open after the password was typed again: longer than a look at the bank's
/// statement takes.
const OPEN_FOR: i64 = 15 * MINUTE;

/// An operator, as the server's command line names them.
#[derive(Clone, Debug)]
pub struct OperatorNamed(SignedIn);

/// An operator who has just typed their password again. They act on every account, so no account holds what they do.
#[derive(Clone, Debug)]
pub struct Operator(SignedIn);

impl std::ops::Deref for OperatorNamed {
    type Target = SignedIn;
    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

impl std::ops::Deref for Operator {
    type Target = SignedIn;
    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

impl Proof for OperatorNamed {
    const ACCESS: Access = Access::OperatorNamed;

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        let caller = SignedIn::prove(tx, who, path).await?;
        match store::is_operator(tx, caller.user).await? {
            true => Ok(Self(caller)),
            false => Err(Error::not_found()),
        }
    }

    fn actor(&self) -> Option<UserId> {
        Some(self.0.user)
    }

    fn tenant(&self) -> Option<AccountId> {
        None
    }
}

impl Proof for Operator {
    const ACCESS: Access = Access::Operator;

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        let OperatorNamed(caller) = OperatorNamed::prove(tx, who, path).await?;
        match caller.proved_again_at {
            Some(at) if (0..=OPEN_FOR).contains(&tx.now().since(at)) => Ok(Self(caller)),
            _ => Err(Error::password_needed()),
        }
    }

    fn actor(&self) -> Option<UserId> {
        Some(self.0.user)
    }

    fn tenant(&self) -> Option<AccountId> {
        None
    }
}
