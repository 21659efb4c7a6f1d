//! The proofs. Each `prove` asks [`store`] where the caller stands, and [`policy`] what that allows.

use crate::{
    Access, Credential, GroupRole, Place, Proof, READ_ONLY, Refused, Role,
    policy::{Standing, Verdict, Wish, decide},
    store::{self, GroupRow},
};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{
        AccountId, CaseId, FileId, GroupId, InvitationId, InvoiceId, LocationId, NoteTypeId, ProtocolId,
        SessionId, TransferId, UserGroupId, UserId,
    },
};
use platform::audit::Action;
use storage::Tx;

/// No proof is needed: the route is public, and says so.
#[derive(Debug)]
pub struct Anyone(Option<UserId>);

impl Proof for Anyone {
    const ACCESS: Access = Access::Public;

    async fn prove(tx: &Tx, who: &Credential, _: &Place) -> Result<Self> {
        Ok(Self(store::session(tx, who).await?.map(|session| session.user)))
    }

    fn actor(&self) -> Option<UserId> {
        self.0
    }

    fn tenant(&self) -> Option<AccountId> {
        None
    }
}

/// Somebody is signed in. What they do concerns only themselves.
#[derive(Clone, Debug)]
pub struct SignedIn {
    user: UserId,
    session: SessionId,
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
}

impl Proof for SignedIn {
    const ACCESS: Access = Access::SignedIn;

    async fn prove(tx: &Tx, who: &Credential, _: &Place) -> Result<Self> {
        let session = store::session(tx, who).await?.ok_or_else(Error::unauthenticated)?;
        Ok(Self { user: session.user, session: session.id })
    }

    fn actor(&self) -> Option<UserId> {
        Some(self.user)
    }

    fn tenant(&self) -> Option<AccountId> {
        None
    }
}

/// A current member of the account in the path, of any role.
#[derive(Clone, Debug)]
pub struct AccountMember {
    account: AccountId,
    user: UserId,
    role: Role,
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

    fn refuse(&self, access: Access, code: &'static str, why: &'static str) -> Error {
        Error::forbidden(code, why).because(self.refused(access))
    }

    pub(super) fn refused(&self, access: Access) -> Refused {
        Refused { account: self.account, user: self.user, access, object: self.account.to_string() }
    }
}

impl Proof for AccountMember {
    const ACCESS: Access = Access::AccountMember;

    async fn prove(tx: &Tx, who: &Credential, place: &Place) -> Result<Self> {
        let user = SignedIn::prove(tx, who, place).await?.user;
        let account = place.id("account")?;
        let role = store::role(tx, user, account).await?.ok_or_else(Error::not_found)?;
        Ok(Self { account, user, role })
    }

    fn actor(&self) -> Option<UserId> {
        Some(self.user)
    }

    fn tenant(&self) -> Option<AccountId> {
        Some(self.account)
    }
}

/// A current member of the account in the path whose role allows work: anybody but support staff, who see
/// handouts and their own profile alone.
#[derive(Clone, Debug)]
pub struct AccountWorker(AccountMember);

const NOT_WORKER: &str =
    "Support staff see handouts and their own profile. Ask an administrator of the account.";

impl std::ops::Deref for AccountWorker {
    type Target = AccountMember;
    fn deref(&self) -> &AccountMember {
        &self.0
    }
}

impl Proof for AccountWorker {
    const ACCESS: Access = Access::AccountWorker;

    async fn prove(tx: &Tx, who: &Credential, place: &Place) -> Result<Self> {
        let member = AccountMember::prove(tx, who, place).await?;
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
pub struct AccountAdmin(AccountMember);

const NOT_ADMIN: &str = "Only the owner and the administrators of the account can do this. Ask one of them.";
const NOT_OWNER: &str = "Only the owner of the account can do this.";

impl AccountAdmin {
    fn of(member: AccountMember) -> Result<Self> {
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

    async fn prove(tx: &Tx, who: &Credential, place: &Place) -> Result<Self> {
        Self::of(AccountMember::prove(tx, who, place).await?)
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
pub struct AccountOwner(AccountMember);

impl std::ops::Deref for AccountOwner {
    type Target = AccountMember;
    fn deref(&self) -> &AccountMember {
        &self.0
    }
}

impl Proof for AccountOwner {
    const ACCESS: Access = Access::AccountOwner;

    async fn prove(tx: &Tx, who: &Credential, place: &Place) -> Result<Self> {
        let member = AccountMember::prove(tx, who, place).await?;
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
    member: AccountMember,
    transfer: TransferId,
    from: UserId,
    to: UserId,
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

    async fn prove(tx: &Tx, who: &Credential, place: &Place) -> Result<Self> {
        let user = SignedIn::prove(tx, who, place).await?.user;
        let transfer = place.id("transfer")?;
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

            async fn prove(tx: &Tx, who: &Credential, place: &Place) -> Result<Self> {
                let user = SignedIn::prove(tx, who, place).await?.user;
                let $field = place.id(stringify!($field))?;
                let found = store::$find(tx, user, $field).await?;
                let (account, role) = found.filter(|(_, role)| role.works()).ok_or_else(Error::not_found)?;
                place.agrees("account", account)?;
                Ok(Self { admin: AccountAdmin::of(AccountMember { account, user, role })?, $field })
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
}

/// Someone who may resend or cancel the invitation in the path: who manages the account, or, where
/// it invites a member into groups alone, who administers every one of those groups.
#[derive(Clone, Debug)]
pub struct InvitationManager {
    member: AccountMember,
    invitation: InvitationId,
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

    async fn prove(tx: &Tx, who: &Credential, place: &Place) -> Result<Self> {
        let user = SignedIn::prove(tx, who, place).await?.user;
        let invitation = place.id("invitation")?;
        let found = store::invitation(tx, user, invitation).await?.ok_or_else(Error::not_found)?;
        place.agrees("account", found.account)?;
        if place.text("group").is_ok() {
            let group = GroupScope::prove(tx, who, place, Wish::Manage, Self::ACCESS).await?.group;
            if !store::invites_into(tx, found.account, invitation, group).await? {
                return Err(Error::not_found());
            }
        }
        let member = AccountMember { account: found.account, user, role: found.role };
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

/// A group, and where the caller stands towards it. The scope of most stores.
#[derive(Clone, Debug)]
pub struct GroupScope {
    account: AccountId,
    group: GroupId,
    user: UserId,
    standing: Standing,
    archived: bool,
    read_only: bool,
}

impl GroupScope {
    /// The account.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The group.
    pub fn group(&self) -> GroupId {
        self.group
    }

    /// Who it is.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// Their role in the account.
    pub fn role(&self) -> Role {
        self.standing.role
    }

    /// Their role in the group, unless they look from the parent account.
    pub fn group_role(&self) -> Option<GroupRole> {
        self.standing.group_role
    }

    /// Whether they look from the parent account, without being in the group.
    pub fn from_parent(&self) -> bool {
        self.standing.group_role.is_none()
    }

    /// Whether they may also do this.
    pub fn may(&self, wish: Wish) -> bool {
        matches!(decide(self.standing, wish), Verdict::Granted | Verdict::GrantedFromParent)
            && (wish != Wish::Work || !(self.archived || self.read_only))
    }

    /// Whether the account is read-only, because its subscription is not paid.
    pub fn read_only(&self) -> bool {
        self.read_only
    }

    /// Whether the group is archived: nothing in it changes.
    pub fn archived(&self) -> bool {
        self.archived
    }

    pub(super) fn decide(
        found: Option<GroupRow>,
        user: UserId,
        wish: Wish,
        access: Access,
        place: &Place,
        now: Time,
    ) -> Result<Self> {
        let found = found.ok_or_else(Error::not_found)?;
        place.agrees("account", found.account)?;
        place.agrees("group", found.group)?;
        let standing = Standing { role: found.role, group_role: found.group_role };
        let refused = || Refused { account: found.account, user, access, object: found.group.to_string() };
        match decide(standing, wish) {
            Verdict::Hidden => return Err(Error::not_found().because(refused())),
            Verdict::Forbidden => return Err(forbidden(wish).because(refused())),
            Verdict::Granted | Verdict::GrantedFromParent => {}
        }
        let archived = found.archived_at.is_some();
        if archived && wish == Wish::Work {
            return Err(Error::conflict(
                "group_archived",
                "This group is archived, so nothing in it can be changed. An administrator can restore it.",
            ));
        }
        let read_only = found.read_only_from.is_some_and(|from| from <= now);
        if read_only && wish == Wish::Work {
            return Err(Error::conflict("account_read_only", READ_ONLY));
        }
        Ok(Self { account: found.account, group: found.group, user, standing, archived, read_only })
    }

    pub(super) fn refused(&self, access: Access) -> Refused {
        Refused { account: self.account, user: self.user, access, object: self.group.to_string() }
    }

    pub(super) async fn prove(
        tx: &Tx,
        who: &Credential,
        place: &Place,
        wish: Wish,
        access: Access,
    ) -> Result<Self> {
        let user = SignedIn::prove(tx, who, place).await?.user;
        let found = store::group(tx, user, place.id("group")?).await?;
        Self::decide(found, user, wish, access, place, tx.now())
    }
}

fn forbidden(wish: Wish) -> Error {
    match wish {
        Wish::Manage => Error::forbidden(
            "not_group_administrator",
            "Only the group's administrators, and the account's, can do this. Ask one of them.",
        ),
        Wish::Retire => Error::forbidden(
            "not_administrator",
            "Only the owner and the administrators of the account archive, restore and delete groups.",
        ),
        _ => Error::forbidden(
            "not_in_group",
            "From the parent account this group can only be read. Join the group to work in it.",
        ),
    }
}

/// A proof of sight whose holder may be looking from the parent account, which is then noted.
pub trait Watched: Proof {
    /// Where they stand towards the group that they look into.
    fn scope(&self) -> &GroupScope;

    /// How the trail names it when they look at `what`: the event, and the object's id.
    fn noted(&self, what: &str) -> (Action, String);
}

impl Watched for GroupReader {
    fn scope(&self) -> &GroupScope {
        self
    }

    fn noted(&self, what: &str) -> (Action, String) {
        let listed = match what {
            "clients" => Action::ClientsListedFromParent,
            "client_groups" => Action::ClientGroupsListedFromParent,
            _ => Action::CasesListedFromParent,
        };
        (listed, self.group().to_string())
    }
}

macro_rules! watched {
    ($($name:ident $action:ident $id:ident;)*) => {$(
        impl $crate::Watched for $name {
            fn scope(&self) -> &$crate::GroupScope {
                self
            }

            fn noted(&self, _: &str) -> ($crate::Action, String) {
                ($crate::Action::$action, self.$id().to_string())
            }
        }
    )*};
}
pub(super) use watched;
watched! {
    CaseReader CaseReadFromParent case;
    FileReader CaseReadFromParent case;
}

macro_rules! group_proofs {
    ($($(#[$doc:meta])* $name:ident: $wish:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(GroupScope);

        impl std::ops::Deref for $name {
            type Target = GroupScope;
            fn deref(&self) -> &GroupScope {
                &self.0
            }
        }

        impl Proof for $name {
            const ACCESS: Access = Access::$name;

            async fn prove(tx: &Tx, who: &Credential, place: &Place) -> Result<Self> {
                GroupScope::prove(tx, who, place, $wish, Self::ACCESS).await.map(Self)
            }

            fn actor(&self) -> Option<UserId> {
                Some(self.0.user)
            }

            fn tenant(&self) -> Option<AccountId> {
                Some(self.0.account())
            }
        }
    )*};
}
group_proofs! {
    /// Someone who may see the group in the path: in it, or from the parent account.
    GroupReader: Wish::See;
    /// Someone in the group, who creates and edits its cases.
    GroupMember: Wish::Work;
    /// Someone who manages the group's people, invitations and locations.
    GroupAdmin: Wish::Manage;
    /// Someone who manages the account of the group, and so may archive or delete it.
    GroupSteward: Wish::Retire;
}

impl GroupSteward {
    /// Who may archive and delete a group may also manage it.
    pub fn as_admin(&self) -> GroupAdmin {
        GroupAdmin(self.0.clone())
    }
}

/// Someone who manages the group that the location in the path belongs to.
#[derive(Clone, Debug)]
pub struct LocationAdmin {
    scope: GroupScope,
    location: LocationId,
}

impl LocationAdmin {
    /// The location.
    pub fn location(&self) -> LocationId {
        self.location
    }
}

impl std::ops::Deref for LocationAdmin {
    type Target = GroupScope;
    fn deref(&self) -> &GroupScope {
        &self.scope
    }
}

impl Proof for LocationAdmin {
    const ACCESS: Access = Access::LocationAdmin;

    async fn prove(tx: &Tx, who: &Credential, place: &Place) -> Result<Self> {
        let user = SignedIn::prove(tx, who, place).await?.user;
        let location = place.id("location")?;
        let found = store::group_of_location(tx, user, location).await?;
        Ok(Self {
            scope: GroupScope::decide(found, user, Wish::Manage, Self::ACCESS, place, tx.now())?,
            location,
        })
    }

    fn actor(&self) -> Option<UserId> {
        Some(self.scope.user)
    }

    fn tenant(&self) -> Option<AccountId> {
        Some(self.scope.account())
    }
}

/// A case, its group, and where the caller stands towards it.
#[derive(Clone, Debug)]
pub struct CaseScope {
    scope: GroupScope,
    case: CaseId,
}

impl CaseScope {
    /// The case.
    pub fn case(&self) -> CaseId {
        self.case
    }

    async fn prove(
        tx: &Tx,
        user: UserId,
        case: CaseId,
        place: &Place,
        wish: Wish,
        access: Access,
    ) -> Result<Self> {
        let found = store::group_of_case(tx, user, case).await?;
        Ok(Self { scope: GroupScope::decide(found, user, wish, access, place, tx.now())?, case })
    }
}

impl std::ops::Deref for CaseScope {
    type Target = GroupScope;
    fn deref(&self) -> &GroupScope {
        &self.scope
    }
}

macro_rules! case_proofs {
    ($($(#[$doc:meta])* $name:ident: $wish:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(CaseScope);

        impl std::ops::Deref for $name {
            type Target = CaseScope;
            fn deref(&self) -> &CaseScope {
                &self.0
            }
        }

        impl Proof for $name {
            const ACCESS: Access = Access::$name;

            async fn prove(tx: &Tx, who: &Credential, place: &Place) -> Result<Self> {
                let user = SignedIn::prove(tx, who, place).await?.user;
                CaseScope::prove(tx, user, place.id("case")?, place, $wish, Self::ACCESS).await.map(Self)
            }

            fn actor(&self) -> Option<UserId> {
                Some(self.0.user)
            }

            fn tenant(&self) -> Option<AccountId> {
                Some(self.0.account())
            }
        }
    )*};
}
case_proofs! {
    /// Someone who may see the case in the path.
    CaseReader: Wish::See;
    /// Someone in the case's group, who may change it.
    CaseEditor: Wish::Work;
}

macro_rules! file_proofs {
    ($($(#[$doc:meta])* $name:ident: $wish:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            scope: CaseScope,
            file: FileId,
        }

        impl $name {
            /// The file.
            pub fn file(&self) -> FileId {
                self.file
            }
        }

        impl std::ops::Deref for $name {
            type Target = CaseScope;
            fn deref(&self) -> &CaseScope {
                &self.scope
            }
        }

        impl Proof for $name {
            const ACCESS: Access = Access::$name;

            async fn prove(tx: &Tx, who: &Credential, place: &Place) -> Result<Self> {
                let user = SignedIn::prove(tx, who, place).await?.user;
                let file = place.id("file")?;
                let case = store::case_of_file(tx, user, file).await?.ok_or_else(Error::not_found)?;
                Ok(Self { scope: CaseScope::prove(tx, user, case, place, $wish, Self::ACCESS).await?, file })
            }

            fn actor(&self) -> Option<UserId> {
                Some(self.scope.user)
            }

            fn tenant(&self) -> Option<AccountId> {
                Some(self.scope.account())
            }
        }
    )*};
}
file_proofs! {
    /// Someone who may see the case that the file in the path belongs to.
    FileReader: Wish::See;
    /// Someone in the group of the case that the file in the path belongs to.
    FileEditor: Wish::Work;
}

/// Whoever manages people here: of the whole account, or of one group. What they may give depends
/// on which, so actions that serve both ask this.
#[derive(Clone, Copy, Debug)]
pub struct Manager {
    account: AccountId,
    user: UserId,
    role: Role,
    group: Option<GroupId>,
}

impl Manager {
    /// The account.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Who it is.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The only group that they manage; none where they manage the account.
    pub fn only_group(&self) -> Option<GroupId> {
        self.group
    }

    /// Whether they may give this account role. Who manages a group alone gives plain membership.
    pub fn may_give(&self, role: Role) -> bool {
        match self.group {
            None => self.role.may_give(role),
            Some(_) => role == Role::Member,
        }
    }

    /// Whether they may give a role in this group.
    pub fn may_give_in(&self, group: GroupId) -> bool {
        self.group.is_none_or(|only| only == group)
    }
}

impl From<&AccountAdmin> for Manager {
    fn from(admin: &AccountAdmin) -> Self {
        Self { account: admin.account, user: admin.user, role: admin.role, group: None }
    }
}

impl From<&GroupAdmin> for Manager {
    fn from(admin: &GroupAdmin) -> Self {
        let scope = &admin.0;
        let group = (!scope.standing.role.manages()).then_some(scope.group);
        Self { account: scope.account, user: scope.user, role: scope.standing.role, group }
    }
}
