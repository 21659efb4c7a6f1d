//! The proofs about hand-outs. They are the one thing of an account that support staff see.

use crate::{
    access::{
        Access, Credential, Place, Proof, Refused, Role, SignedIn,
        store::{self, HandoutSeat},
    },
    db::Tx,
    error::{Error, Result},
    id::{AccountId, HandoutId, UserId},
};

/// A hand-out, and through which of their accounts the caller reads it.
#[derive(Clone, Debug)]
pub struct HandoutScope {
    owner: AccountId,
    handout: HandoutId,
    user: UserId,
    seats: Vec<(AccountId, Role)>,
}

impl HandoutScope {
    /// The account that the hand-out belongs to; the nil account where it comes with Covey.
    pub fn owner(&self) -> AccountId {
        self.owner
    }

    /// Whether it comes with Covey.
    pub fn starter(&self) -> bool {
        self.owner == AccountId::nil()
    }

    /// The hand-out.
    pub fn handout(&self) -> HandoutId {
        self.handout
    }

    /// Who it is.
    pub fn id(&self) -> UserId {
        self.user
    }

    /// For which account they act: the one that is named, or the only one that it can be.
    ///
    /// # Errors
    /// They don't read it through the one that is named, or it could be several.
    pub fn acting(&self, named: Option<AccountId>) -> Result<AccountId> {
        match (named, self.seats.as_slice()) {
            (Some(named), seats) if seats.iter().any(|(account, _)| *account == named) => Ok(named),
            (Some(_), _) => Err(Error::field("account", "Please name an account that you belong to.")),
            (None, [(only, _)]) => Ok(*only),
            (None, _) => {
                Err(Error::field("account", "You belong to several accounts. Please say for which one."))
            }
        }
    }

    /// Whether they may change hand-outs of this account.
    pub fn manages(&self, account: AccountId) -> bool {
        self.seats.iter().any(|(seat, role)| *seat == account && role.manages())
    }

    async fn prove(tx: &Tx, who: &Credential, place: &Place) -> Result<Self> {
        let user = SignedIn::prove(tx, who, place).await?.id();
        let handout = place.id("handout")?;
        let named = match place.text("account") {
            Ok(_) => Some(place.id::<crate::id::Account>("account")?),
            Err(_) => None,
        };
        let mut found = store::handout(tx, user, handout).await?;
        found.retain(|seat| named.is_none_or(|account| seat.account == account));
        let owner = found.first().ok_or_else(Error::not_found)?.owner;
        let seats = found.into_iter().map(|HandoutSeat { account, role, .. }| (account, role)).collect();
        Ok(Self { owner, handout, user, seats })
    }
}

/// A current member, of any role, of the account that the hand-out in the path belongs to; of any
/// account where it comes with Covey.
#[derive(Clone, Debug)]
pub struct HandoutReader(HandoutScope);

/// Someone who manages the account that the hand-out in the path belongs to.
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

    async fn prove(tx: &Tx, who: &Credential, place: &Place) -> Result<Self> {
        HandoutScope::prove(tx, who, place).await.map(Self)
    }

    fn user(&self) -> Option<UserId> {
        Some(self.0.user)
    }
}

const NOT_EDITOR: &str =
    "Only the owner and the administrators of the account change hand-outs. Ask one of them.";
const STARTER: &str =
    "This hand-out comes with Covey, so it stays as it is. Make your own copy of it and change that.";

impl Proof for HandoutEditor {
    const ACCESS: Access = Access::HandoutEditor;

    async fn prove(tx: &Tx, who: &Credential, place: &Place) -> Result<Self> {
        let scope = HandoutScope::prove(tx, who, place).await?;
        let manages = scope.seats.iter().find(|(_, role)| role.manages());
        match (manages, scope.seats.first()) {
            (Some(_), _) if scope.starter() => Err(Error::conflict("starter_handout", STARTER)),
            (Some(_), _) => Ok(Self(scope)),
            (None, Some((account, _))) => {
                let object = scope.handout.to_string();
                let refused = Refused { account: *account, user: scope.user, access: Self::ACCESS, object };
                Err(Error::forbidden("not_administrator", NOT_EDITOR).because(refused))
            }
            (None, None) => Err(Error::not_found()),
        }
    }

    fn user(&self) -> Option<UserId> {
        Some(self.0.user)
    }
}
