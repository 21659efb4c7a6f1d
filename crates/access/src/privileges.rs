//! Privileges: rights that an account gives to its user groups. A small, closed set.
//!
//! A privilege adds to what people may *do*; it never gives sight of a group, a client or a case. Who
//! manages has some of them by role. A user group that is not active gives nothing.

use crate::{AccountMember, GroupRole, GroupScope, Role, policy::by_role, store};
use kernel::{
    error::{Error, Result},
    id::{AccountId, UserGroupId, UserId},
};
use storage::{Tx, word};

word! {
    /// A right given to a user group.
    #[derive(PartialOrd, Ord)]
    pub enum Privilege {
        /// Ask another user group for something.
        RequestsSend = "requests.send",
        /// Be asked: the group has an inbox, which everyone in it sees.
        RequestsReceive = "requests.receive",
        /// Add, change and archive the account's handouts.
        HandoutsManage = "handouts.manage",
        /// Import, export, merge and archive the clients of the holder's groups.
        ClientsManage = "clients.manage",
        /// Release notes that someone else wrote, in the holder's groups.
        NotesRelease = "notes.release",
        /// Export the cases of the holder's groups.
        CasesExport = "cases.export",
    }
}

impl Privilege {
    /// The words that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::RequestsSend => "Send requests",
            Self::RequestsReceive => "Receive requests",
            Self::HandoutsManage => "Manage handouts",
            Self::ClientsManage => "Manage clients",
            Self::NotesRelease => "Release notes",
            Self::CasesExport => "Export cases",
        }
    }

    /// What it means, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::RequestsSend => "Ask a user group for something about clients or cases in your groups.",
            Self::RequestsReceive => {
                "The user group has an inbox. Its members can see, claim, and answer requests."
            }
            Self::HandoutsManage => "Add, edit, and archive the account’s handouts.",
            Self::ClientsManage => "Import, export, merge, and archive the clients in your groups.",
            Self::NotesRelease => "Release notes that other people in your groups wrote.",
            Self::CasesExport => "Export the cases in your groups.",
        }
    }

    /// The refusal of someone who has it neither by role nor by a user group.
    pub(super) fn needed(self) -> Error {
        Error::forbidden(
            "privilege_needed",
            format!(
                "This needs the privilege “{}”. An administrator of the account can add you to a user group that \
                 has it.",
                self.label()
            ),
        )
    }
}

/// Where someone has a privilege from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// Their role in the account.
    Role(Role),
    /// A user group that they are in, and its name.
    UserGroup(UserGroupId, String),
}

impl Source {
    /// The reason, as a clause: "you are in Insurance Verification".
    pub fn reason(&self) -> String {
        match self {
            Self::Role(Role::Owner) => "you are the account’s owner".to_owned(),
            Self::Role(_) => "you are an administrator of the account".to_owned(),
            Self::UserGroup(_, name) => format!("you are in {name}"),
        }
    }
}

/// Every privilege that someone has in an account, with each place that it comes from, by the order of the
/// declaration. Group administrators have further ones in their own groups: see [`by_role`].
///
/// # Errors
/// The database fails.
pub async fn held(tx: &Tx, member: &AccountMember) -> Result<Vec<(Privilege, Source)>> {
    let role = member.role();
    let own = Privilege::ALL.iter().filter(|privilege| by_role(role, None, **privilege));
    let mut held = own.map(|privilege| (*privilege, Source::Role(role))).collect::<Vec<_>>();
    if role.works() {
        let given = store::grants(tx, member.account(), member.user()).await?;
        held.extend(given.into_iter().map(|(privilege, id, name)| (privilege, Source::UserGroup(id, name))));
    }
    held.sort_by_key(|(privilege, _)| *privilege);
    Ok(held)
}

/// Whether someone has a privilege, by role or by a user group.
pub(super) async fn holds(
    tx: &Tx,
    account: AccountId,
    user: UserId,
    roles: (Role, Option<GroupRole>),
    privilege: Privilege,
) -> Result<bool> {
    Ok(roles.0.works()
        && (by_role(roles.0, roles.1, privilege) || store::granted(tx, account, user, privilege).await?))
}

impl AccountMember {
    /// Whether they have a privilege in the account.
    ///
    /// # Errors
    /// The database fails.
    pub async fn holds(&self, tx: &Tx, privilege: Privilege) -> Result<bool> {
        holds(tx, self.account(), self.user(), (self.role(), None), privilege).await
    }
}

impl GroupScope {
    /// Whether they have a privilege in this group. It adds to what they may do here, never to what they see.
    ///
    /// # Errors
    /// The database fails.
    pub async fn holds(&self, tx: &Tx, privilege: Privilege) -> Result<bool> {
        holds(tx, self.account(), self.user(), (self.role(), self.group_role()), privilege).await
    }
}
