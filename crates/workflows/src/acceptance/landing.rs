//! Where someone lands who joined: in what they were invited to, by name, with the next step.

use access::{GroupRole, Role};
use kernel::{
    error::Result,
    id::{AccountId, GroupId, UserId},
    text,
};
use people::{accounts, members};
use storage::Tx;

/// What someone joined.
pub struct Landing {
    pub account: AccountId,
    pub account_name: String,
    pub role: Role,
    /// The groups that were offered and joined: id, name, role.
    pub groups: Vec<(GroupId, String, GroupRole)>,
    /// How many groups of the account they are in, with those that they brought.
    pub belongs_to: usize,
    /// Who can add them to a group, by name, where they are in none.
    pub ask: Vec<String>,
}

/// What someone has in an account that they have just joined.
pub(super) async fn landing(
    tx: &Tx,
    user: UserId,
    invited: &people::invitations::opening::Look,
) -> Result<Landing> {
    let account = invited.row.account;
    let rows = accounts::belongings(tx, user).await?;
    let here = rows.iter().filter(|row| row.account == account).collect::<Vec<_>>();
    let role = here.first().map_or(invited.row.role, |row| row.role);
    let inside = |group| here.iter().any(|row| row.group == Some(group));
    let offered = invited.groups.iter().filter(|offered| inside(offered.group));
    let belongs_to = here.iter().filter(|row| row.group.is_some()).count();
    let ask = match belongs_to == 0 && role.works() && !role.manages() {
        true => members::managers(tx, account).await?,
        false => Vec::new(),
    };
    Ok(Landing {
        account,
        account_name: invited.account_name.clone(),
        role,
        groups: offered.map(|offered| (offered.group, offered.name.clone(), offered.role)).collect(),
        belongs_to,
        ask,
    })
}

/// The page of an account, or of a group in it, where someone with this role begins.
pub(super) fn home(account: AccountId, role: Role, group: Option<GroupId>) -> String {
    match group {
        Some(group) => format!("/g/{group}"),
        None if role.works() => format!("/a/{account}/groups"),
        None => format!("/a/{account}/handouts"),
    }
}

impl Landing {
    pub(super) fn path(&self) -> String {
        home(self.account, self.role, self.groups.first().map(|(group, ..)| *group))
    }

    /// What was joined and what to do next.
    pub(super) fn message(&self) -> String {
        let account = &self.account_name;
        let role = self.role.label().to_lowercase();
        let names = self.groups.iter().map(|(_, name, _)| name.clone()).collect::<Vec<_>>();
        if !names.is_empty() {
            return format!(
                "Welcome to {account}. You joined {}. {}",
                text::all_of(&names),
                self.next_step()
            );
        }
        let joined = match self.role {
            Role::Administrator | Role::Owner => format!("You joined {account} as an {role}."),
            Role::Member => format!("You joined {account} as a {role}."),
            Role::SupportStaff => format!("You joined {account} as {role}."),
        };
        format!("{joined} {}", self.next_step())
    }

    fn next_step(&self) -> String {
        match (self.groups.first(), self.role) {
            (Some((_, _, GroupRole::Administrator)), _) => {
                "Next, invite your colleagues or open a case.".to_owned()
            }
            (Some(_), _) => "Next, open its cases.".to_owned(),
            (None, Role::SupportStaff) => "You can find, print, and email handouts here.".to_owned(),
            (None, _) if self.belongs_to > 0 => "The groups that you brought are listed here.".to_owned(),
            (None, role) if role.manages() => {
                "You aren’t in a group yet. Create one, or open one to add yourself.".to_owned()
            }
            (None, _) => {
                format!("You aren’t in a group yet. Ask {} to add you to one.", text::any_of(&self.ask))
            }
        }
    }
}
