//! Proofs about the caller and one account.

use crate::proofs::group::GroupScope;
use crate::{
    Access, Credential, PathParams, Proof, Refused, Role, caller,
    policy::Wish,
    store::{self},
};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{
        AccountId, ApiKeyId, InvitationId, InvoiceId, NoteTypeId, ProtocolId, SessionId, TransferId,
        UserGroupId, UserId,
    },
};
use storage::Tx;

/// No proof is needed: the route is public, and says so.
#[derive(Debug)]
pub struct Anyone(pub(super) Option<UserId>);

impl Proof for Anyone {
    const ACCESS: Access = Access::Public;

    async fn prove(tx: &Tx, who: &Credential, _: &PathParams) -> Result<Self> {
        Ok(Self(store::session(tx, who).await?.map(|session| session.user)))
    }

    fn actor(&self) -> Option<UserId> {
        self.0
    }

    fn tenant(&self) -> Option<AccountId> {
        None
    }
}

/// Someone is signed in. What they do concerns only themselves.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub(super) user: UserId,
    pub(super) session: SessionId,
    /// When they last proved again in this session who they are.
    pub(super) proved_again_at: Option<Time>,
    created_at: Time,
    second_at: Option<Time>,
}

impl SignedIn {
    /// Who it is.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// By which session.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// When they last proved who they are: by signing in, or again.
    pub fn proved_at(&self) -> Time {
        self.proved_again_at.unwrap_or(self.created_at)
    }

    /// When they used a second factor in this session.
    pub fn second_at(&self) -> Option<Time> {
        self.second_at
    }
}

impl Proof for SignedIn {
    const ACCESS: Access = Access::SignedIn;

    async fn prove(tx: &Tx, who: &Credential, _: &PathParams) -> Result<Self> {
        let session = store::session(tx, who).await?.ok_or_else(|| caller::people_only(who))?;
        Ok(Self {
            user: session.user,
            session: session.id,
            proved_again_at: session.proved_at,
            created_at: session.created_at,
            second_at: session.second_at,
        })
    }

    fn actor(&self) -> Option<UserId> {
        Some(self.user)
    }

    fn tenant(&self) -> Option<AccountId> {
        None
    }
}

/// Someone is signed in who is more than support staff: in some account they work, or they are in none.
#[derive(Clone, Debug)]
pub struct AnyWorker(pub(super) SignedIn);

impl std::ops::Deref for AnyWorker {
    type Target = SignedIn;
    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

impl Proof for AnyWorker {
    const ACCESS: Access = Access::AnyWorker;

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        let caller = SignedIn::prove(tx, who, path).await?;
        match store::only_support_staff_of(tx, caller.user).await? {
            None => Ok(Self(caller)),
            Some(account) => {
                let member = AccountMember { account, user: caller.user, role: Role::SupportStaff };
                Err(member.refuse(Self::ACCESS, "support_staff", NOT_WORKER))
            }
        }
    }

    fn actor(&self) -> Option<UserId> {
        self.0.actor()
    }

    fn tenant(&self) -> Option<AccountId> {
        None
    }
}

/// A current member of the account in the path, of any role.
#[derive(Clone, Debug)]
pub struct AccountMember {
    pub(super) account: AccountId,
    pub(super) user: UserId,
    pub(super) role: Role,
}

impl AccountMember {
    /// The account.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Who it is.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// Their role there.
    pub fn role(&self) -> Role {
        self.role
    }

    pub(super) fn refuse(&self, access: Access, code: &'static str, why: &'static str) -> Error {
        Error::forbidden(code, why).because(self.refused(access))
    }

    pub(crate) fn refused(&self, access: Access) -> Refused {
        Refused { account: self.account, user: self.user, access, object: self.account.to_string() }
    }
}

impl Proof for AccountMember {
    const ACCESS: Access = Access::AccountMember;

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        let actor = caller::actor(tx, who).await?;
        let account = path.id("account")?;
        let role = store::role(tx, actor, account).await?.ok_or_else(Error::not_found)?;
        Ok(Self { account, user: actor.user, role })
    }

    fn actor(&self) -> Option<UserId> {
        Some(self.user)
    }

    fn tenant(&self) -> Option<AccountId> {
        Some(self.account)
    }
}

/// A current member of the account in the path whose role allows work: anyone but support staff, who see
/// handouts and their own profile alone.
#[derive(Clone, Debug)]
pub struct AccountWorker(pub(super) AccountMember);

const NOT_WORKER: &str = "Support staff can open only handouts and their own profile. To do more, ask an administrator of the \
     account.";

impl std::ops::Deref for AccountWorker {
    type Target = AccountMember;
    fn deref(&self) -> &AccountMember {
        &self.0
    }
}

impl Proof for AccountWorker {
    const ACCESS: Access = Access::AccountWorker;

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        let member = AccountMember::prove(tx, who, path).await?;
        match member.role.works() {
            true => Ok(Self(member)),
            false => Err(member.refuse(Access::AccountWorker, "support_staff", NOT_WORKER)),
        }
    }

    fn actor(&self) -> Option<UserId> {
        Some(self.0.user)
    }

    fn tenant(&self) -> Option<AccountId> {
        Some(self.0.account())
    }
}

/// Someone who manages people: the owner or an administrator of an account.
#[derive(Clone, Debug)]
pub struct AccountAdmin(pub(super) AccountMember);

const NOT_ADMIN: &str = "Only the owner and administrators of the account can do this. Ask one of them.";
const NOT_OWNER: &str = "Only the owner of the account can do this.";

impl AccountAdmin {
    pub(super) fn of(member: AccountMember) -> Result<Self> {
        match member.role.manages() {
            true => Ok(Self(member)),
            false => Err(member.refuse(Access::AccountAdmin, "not_administrator", NOT_ADMIN)),
        }
    }
}

impl std::ops::Deref for AccountAdmin {
    type Target = AccountMember;
    fn deref(&self) -> &AccountMember {
        &self.0
    }
}

impl Proof for AccountAdmin {
    const ACCESS: Access = Access::AccountAdmin;

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        Self::of(AccountMember::prove(tx, who, path).await?)
    }

    fn actor(&self) -> Option<UserId> {
        Some(self.0.user)
    }

    fn tenant(&self) -> Option<AccountId> {
        Some(self.0.account())
    }
}

/// The owner of the account in the path.
#[derive(Clone, Debug)]
pub struct AccountOwner(pub(super) AccountMember);

impl std::ops::Deref for AccountOwner {
    type Target = AccountMember;
    fn deref(&self) -> &AccountMember {
        &self.0
    }
}

impl Proof for AccountOwner {
    const ACCESS: Access = Access::AccountOwner;

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        let member = AccountMember::prove(tx, who, path).await?;
        match member.role {
            Role::Owner => Ok(Self(member)),
            _ => Err(member.refuse(Access::AccountOwner, "not_owner", NOT_OWNER)),
        }
    }

    fn actor(&self) -> Option<UserId> {
        Some(self.0.user)
    }

    fn tenant(&self) -> Option<AccountId> {
        Some(self.0.account())
    }
}

/// The owner who offers, or the person to whom the ownership in the path is offered.
#[derive(Clone, Debug)]
pub struct TransferParty {
    pub(super) member: AccountMember,
    pub(super) transfer: TransferId,
    pub(super) from: UserId,
    pub(super) to: UserId,
}

impl TransferParty {
    /// The account.
    pub fn account(&self) -> AccountId {
        self.member.account
    }

    /// The offer.
    pub fn transfer(&self) -> TransferId {
        self.transfer
    }

    /// Who offers it.
    pub fn from(&self) -> UserId {
        self.from
    }

    /// Whom it is offered to.
    pub fn to(&self) -> UserId {
        self.to
    }

    /// Who is acting.
    pub fn user(&self) -> UserId {
        self.member.user
    }
}

impl Proof for TransferParty {
    const ACCESS: Access = Access::TransferParty;

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        let user = SignedIn::prove(tx, who, path).await?.user;
        let transfer = path.id("transfer")?;
        let found = store::transfer(tx, user, transfer).await?.ok_or_else(Error::not_found)?;
        if ![found.from, found.to].contains(&user) {
            return Err(Error::not_found());
        }
        let member = AccountMember { account: found.account, user, role: found.role };
        Ok(Self { member, transfer, from: found.from, to: found.to })
    }

    fn actor(&self) -> Option<UserId> {
        Some(self.member.user)
    }

    fn tenant(&self) -> Option<AccountId> {
        Some(self.member.account)
    }
}

macro_rules! owned_by_account {
    ($($(#[$doc:meta])* $name:ident: $field:ident $id:ident $find:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            admin: AccountAdmin,
            $field: $id,
        }

        impl $name {
            /// What the path names.
            pub fn $field(&self) -> $id {
                self.$field
            }
        }

        impl std::ops::Deref for $name {
            type Target = AccountAdmin;
            fn deref(&self) -> &AccountAdmin {
                &self.admin
            }
        }

        impl Proof for $name {
            const ACCESS: Access = Access::$name;

            async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
                let actor = caller::actor(tx, who).await?;
                let $field = path.id(stringify!($field))?;
                let found = store::$find(tx, actor, $field).await?;
                let (account, role) = found.filter(|(_, role)| role.works()).ok_or_else(Error::not_found)?;
                path.agrees("account", account)?;
                let member = AccountMember { account, user: actor.user, role };
                Ok(Self { admin: AccountAdmin::of(member)?, $field })
            }

            fn actor(&self) -> Option<UserId> {
                self.admin.actor()
            }

            fn tenant(&self) -> Option<AccountId> {
                self.admin.tenant()
            }
        }
    )*};
}
owned_by_account! {
    /// Someone who manages the account that the protocol in the path belongs to.
    ProtocolAdmin: protocol ProtocolId account_of_protocol;
    /// Someone who manages the account that the invoice in the path belongs to.
    InvoiceAdmin: invoice InvoiceId account_of_invoice;
    /// Someone who manages the account that the kind of note in the path belongs to.
    NoteTypeAdmin: note_type NoteTypeId account_of_note_type;
    /// Someone who manages the account that the user group in the path belongs to.
    UserGroupAdmin: user_group UserGroupId account_of_user_group;
    /// Someone who manages the account that the API key in the path belongs to.
    ApiKeyAdmin: api_key ApiKeyId account_of_api_key;
}

/// Someone who may resend or cancel the invitation in the path: who manages the account, or, where
/// it invites a member into groups alone, who administers every one of those groups.
#[derive(Clone, Debug)]
pub struct InvitationManager {
    pub(super) member: AccountMember,
    pub(super) invitation: InvitationId,
}

impl InvitationManager {
    /// The invitation.
    pub fn invitation(&self) -> InvitationId {
        self.invitation
    }
}

impl std::ops::Deref for InvitationManager {
    type Target = AccountMember;
    fn deref(&self) -> &AccountMember {
        &self.member
    }
}

impl Proof for InvitationManager {
    const ACCESS: Access = Access::InvitationManager;

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        let actor = caller::actor(tx, who).await?;
        let invitation = path.id("invitation")?;
        let found = store::invitation(tx, actor, invitation).await?.ok_or_else(Error::not_found)?;
        path.agrees("account", found.account)?;
        if path.text("group").is_ok() {
            let group = GroupScope::prove(tx, who, path, Wish::Manage, Self::ACCESS).await?.group;
            if !store::invites_into(tx, found.account, invitation, group).await? {
                return Err(Error::not_found());
            }
        }
        let member = AccountMember { account: found.account, user: actor.user, role: found.role };
        let whole_groups = found.groups > 0 && found.groups_managed == found.groups;
        if found.role.manages() || (found.role.works() && whole_groups && found.offered == Role::Member) {
            return Ok(Self { member, invitation });
        }
        match found.groups_joined > 0 && found.role.works() {
            true => Err(member.refuse(Self::ACCESS, "not_administrator", NOT_ADMIN)),
            false => Err(Error::not_found()),
        }
    }

    fn actor(&self) -> Option<UserId> {
        Some(self.member.user)
    }

    fn tenant(&self) -> Option<AccountId> {
        Some(self.member.account)
    }
}
