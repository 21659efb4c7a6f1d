//! The proofs about handouts. They are the one thing of an account that support staff see.

use crate::{
    Access, AccountMember, Credential, PathParams, Privilege, Proof, Refused, Role, caller, privileges,
    store::{self, HandoutSeat},
};
use kernel::{
    error::{Error, Result},
    id::{AccountId, HandoutId, UserId},
};
use storage::Tx;

/// A handout, and through which of their accounts the caller reads it.
#[derive(Clone, Debug)]
pub struct HandoutScope {
    owner: AccountId,
    handout: HandoutId,
    user: UserId,
    seats: Vec<(AccountId, Role)>,
}

impl HandoutScope {
    /// The account that the handout belongs to; the nil account where it comes with Covey.
    pub fn owner(&self) -> AccountId {
        self.owner
    }

    /// Whether it comes with Covey.
    pub fn starter(&self) -> bool {
        self.owner == AccountId::nil()
    }

    /// The handout.
    pub fn handout(&self) -> HandoutId {
        self.handout
    }

    /// Who it is.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// For which account they act: the one that is named, or the only one that it can be.
    ///
    /// # Errors
    /// They don't read it through the one that is named, or it could be several.
    pub fn acting(&self, named: Option<AccountId>) -> Result<AccountId> {
        match (named, self.seats.as_slice()) {
            (Some(named), seats) if seats.iter().any(|(account, _)| *account == named) => Ok(named),
            (Some(_), _) => Err(Error::field("account", "Choose an account that you belong to.")),
            (None, [(only, _)]) => Ok(*only),
            (None, _) => Err(Error::field("account", "You belong to several accounts. Choose one.")),
        }
    }

    /// The account that they read it through, where it can be only one.
    fn tenant(&self) -> Option<AccountId> {
        match self.seats.as_slice() {
            [(only, _)] => Some(*only),
            _ => None,
        }
    }

    /// Whether they may add and change handouts of this account: by role, or by a user group.
    ///
    /// # Errors
    /// The database fails.
    pub async fn manages(&self, tx: &Tx, account: AccountId) -> Result<bool> {
        let Some((_, role)) = self.seats.iter().find(|(seat, _)| *seat == account) else { return Ok(false) };
        privileges::holds(tx, account, self.user, (*role, None), Privilege::HandoutsManage).await
    }

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        let actor = caller::actor(tx, who).await?;
        let handout = path.id("handout")?;
        let named = match path.text("account") {
            Ok(_) => Some(path.id::<kernel::id::Account>("account")?),
            Err(_) => None,
        };
        let mut found = store::handout(tx, actor, handout).await?;
        found.retain(|seat| named.is_none_or(|account| seat.account == account));
        let owner = found.first().ok_or_else(Error::not_found)?.owner;
        let seats = found.into_iter().map(|HandoutSeat { account, role, .. }| (account, role)).collect();
        Ok(Self { owner, handout, user: actor.user, seats })
    }
}

/// A current member, of any role, of the account that the handout in the path belongs to; of any
/// account where it comes with Covey.
#[derive(Clone, Debug)]
pub struct HandoutReader(HandoutScope);

/// Someone who manages the account that the handout in the path belongs to.
#[derive(Clone, Debug)]
pub struct HandoutEditor(HandoutScope);

impl std::ops::Deref for HandoutReader {
    type Target = HandoutScope;
    fn deref(&self) -> &HandoutScope {
        &self.0
    }
}

impl std::ops::Deref for HandoutEditor {
    type Target = HandoutScope;
    fn deref(&self) -> &HandoutScope {
        &self.0
    }
}

impl Proof for HandoutReader {
    const ACCESS: Access = Access::HandoutReader;

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        HandoutScope::prove(tx, who, path).await.map(Self)
    }

    fn actor(&self) -> Option<UserId> {
        Some(self.0.user)
    }

    fn tenant(&self) -> Option<AccountId> {
        self.0.tenant()
    }
}

const STARTER: &str = "This handout comes with Covey, so you can't edit it. Copy it, and edit your copy.";

impl Proof for HandoutEditor {
    const ACCESS: Access = Access::HandoutEditor;

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        let scope = HandoutScope::prove(tx, who, path).await?;
        let mut manages = false;
        for (account, _) in &scope.seats {
            manages = manages || scope.manages(tx, *account).await?;
        }
        match (manages, scope.seats.first()) {
            (true, _) if scope.starter() => Err(Error::conflict("starter_handout", STARTER)),
            (true, _) => Ok(Self(scope)),
            (false, Some((account, _))) => {
                let object = scope.handout.to_string();
                let refused = Refused { account: *account, user: scope.user, access: Self::ACCESS, object };
                Err(Privilege::HandoutsManage.needed().because(refused))
            }
            (false, None) => Err(Error::not_found()),
        }
    }

    fn actor(&self) -> Option<UserId> {
        Some(self.0.user)
    }

    fn tenant(&self) -> Option<AccountId> {
        self.0.tenant()
    }
}

/// Someone who may add handouts to the account in the path.
#[derive(Clone, Debug)]
pub struct HandoutAuthor(AccountMember);

impl std::ops::Deref for HandoutAuthor {
    type Target = AccountMember;
    fn deref(&self) -> &AccountMember {
        &self.0
    }
}

impl Proof for HandoutAuthor {
    const ACCESS: Access = Access::HandoutAuthor;

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        let member = AccountMember::prove(tx, who, path).await?;
        match member.holds(tx, Privilege::HandoutsManage).await? {
            true => Ok(Self(member)),
            false => Err(Privilege::HandoutsManage.needed().because(member.refused(Self::ACCESS))),
        }
    }

    fn actor(&self) -> Option<UserId> {
        self.0.actor()
    }

    fn tenant(&self) -> Option<AccountId> {
        self.0.tenant()
    }
}
