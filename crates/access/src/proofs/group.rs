//! Proofs about a group and its locations.

use crate::{
    Access, Credential, GroupRole, PathParams, Proof, READ_ONLY, Refused, Role, caller,
    policy::{Standing, Verdict, Wish, decide},
    store::{self, GroupRow},
};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, GroupId, LocationId, UserId},
};
use platform::audit::Action;
use storage::Tx;

/// A group, and where the caller stands toward it. The scope of most stores.
#[derive(Clone, Debug)]
pub struct GroupScope {
    pub(super) account: AccountId,
    pub(super) group: GroupId,
    pub(super) user: UserId,
    pub(super) standing: Standing,
    pub(super) archived: bool,
    pub(super) read_only: bool,
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

    /// Refuses a change of an archived group by those who manage it. Those who work in it are refused by their proof.
    ///
    /// # Errors
    /// It is archived.
    pub fn must_be_current(&self) -> Result<()> {
        match self.archived {
            true => Err(archived()),
            false => Ok(()),
        }
    }

    pub(crate) fn decide(
        found: Option<GroupRow>,
        user: UserId,
        wish: Wish,
        access: Access,
        path: &PathParams,
        now: Time,
    ) -> Result<Self> {
        let found = found.ok_or_else(Error::not_found)?;
        path.agrees("account", found.account)?;
        path.agrees("group", found.group)?;
        let standing = Standing { role: found.role, group_role: found.group_role };
        let refused = || Refused { account: found.account, user, access, object: found.group.to_string() };
        match decide(standing, wish) {
            Verdict::Hidden => return Err(Error::not_found().because(refused())),
            Verdict::Forbidden => return Err(forbidden(wish).because(refused())),
            Verdict::Granted | Verdict::GrantedFromParent => {}
        }
        let archived = found.archived_at.is_some();
        if archived && wish == Wish::Work {
            return Err(self::archived());
        }
        let read_only = found.read_only_from.is_some_and(|from| from <= now);
        if read_only && wish == Wish::Work {
            return Err(Error::conflict("account_read_only", READ_ONLY));
        }
        Ok(Self { account: found.account, group: found.group, user, standing, archived, read_only })
    }

    pub(crate) fn refused(&self, access: Access) -> Refused {
        Refused { account: self.account, user: self.user, access, object: self.group.to_string() }
    }

    pub(crate) async fn prove(
        tx: &Tx,
        who: &Credential,
        path: &PathParams,
        wish: Wish,
        access: Access,
    ) -> Result<Self> {
        let actor = caller::actor(tx, who).await?;
        let found = store::group(tx, actor, path.id("group")?).await?;
        Self::decide(found, actor.user, wish, access, path, tx.now())
    }
}

/// What everyone reads who would change something in an archived group.
fn archived() -> Error {
    Error::conflict(
        "group_archived",
        "This group is archived, so you can't change anything in it. An administrator of the account can \
         restore it.",
    )
}

fn forbidden(wish: Wish) -> Error {
    match wish {
        Wish::Manage => Error::forbidden(
            "not_group_administrator",
            "Only the group's administrators and the account's owner and administrators can do this. Ask one \
             of them.",
        ),
        Wish::Retire => Error::forbidden(
            "not_administrator",
            "Only the owner and administrators of the account can archive, restore, or delete groups.",
        ),
        _ => Error::forbidden(
            "not_in_group",
            "You can only view this group from the parent account. To work in it, add yourself to the group.",
        ),
    }
}

/// A proof of sight whose holder may be looking from the parent account, which is then noted.
pub trait Watched: Proof {
    /// Where they stand toward the group that they look into.
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
pub(crate) use watched;

macro_rules! group_proofs {
    ($($(#[$doc:meta])* $name:ident: $wish:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(pub(super) GroupScope);

        impl std::ops::Deref for $name {
            type Target = GroupScope;
            fn deref(&self) -> &GroupScope {
                &self.0
            }
        }

        impl Proof for $name {
            const ACCESS: Access = Access::$name;

            async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
                GroupScope::prove(tx, who, path, $wish, Self::ACCESS).await.map(Self)
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
    pub(super) scope: GroupScope,
    pub(super) location: LocationId,
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

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        let actor = caller::actor(tx, who).await?;
        let location = path.id("location")?;
        let found = store::group_of_location(tx, actor, location).await?;
        Ok(Self {
            scope: GroupScope::decide(found, actor.user, Wish::Manage, Self::ACCESS, path, tx.now())?,
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
