//! How far a search goes: the groups that its caller may look into, read in the transaction of the search. Searches of
//! several slices take it as their scope, so that all of them end at the same borders.

mod store;

use crate::{AccountMember, GroupReader, GroupRole, Role, SignedIn};
use kernel::{
    error::Result,
    id::{AccountId, GroupId, UserId},
};
use storage::{Tx, hex, many};

/// A group within reach.
#[derive(Clone, Debug)]
pub struct ReachedGroup {
    pub(crate) account: AccountId,
    pub(crate) group: GroupId,
    pub(crate) name: String,
    pub(crate) role: Option<GroupRole>,
    pub(crate) archived: bool,
}

impl ReachedGroup {
    /// Its account.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The group.
    pub fn group(&self) -> GroupId {
        self.group
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The caller's role in it; none where they look from the parent account.
    pub fn role(&self) -> Option<GroupRole> {
        self.role
    }

    /// Whether nothing in it changes.
    pub fn archived(&self) -> bool {
        self.archived
    }

    /// As statements name it: the account's and the group's hexadecimal digits.
    fn key(&self) -> String {
        hex(self.account) + &hex(self.group)
    }
}

/// Where one searches from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SearchedFrom {
    /// From no place in particular: everything that is the caller's own.
    Anywhere,
    /// From an account.
    Account(AccountId),
    /// From a group.
    Group(AccountId, GroupId),
}

/// The groups that a search looks into, and the accounts that it is in, with the caller's role in each.
#[derive(Clone, Debug)]
pub struct Reach {
    user: UserId,
    from: SearchedFrom,
    accounts: Vec<(AccountId, Role)>,
    groups: Vec<ReachedGroup>,
    /// Further groups of the account that the caller may go to; they are not searched.
    beside: Vec<ReachedGroup>,
}

impl Reach {
    /// All groups that someone is in.
    ///
    /// # Errors
    /// None but the database's.
    pub async fn everywhere(tx: &Tx, by: &SignedIn) -> Result<Self> {
        let rows = store::reached_by_member(tx, by.user(), None).await?;
        let mut accounts = rows.iter().map(|row| (row.account, row.role)).collect::<Vec<_>>();
        accounts.dedup();
        Ok(Self {
            user: by.user(),
            from: SearchedFrom::Anywhere,
            accounts,
            groups: groups(rows),
            beside: vec![],
        })
    }

    /// The groups of an account: all of them for those who manage it, and for others those that they are in.
    ///
    /// # Errors
    /// None but the database's.
    pub async fn account(tx: &Tx, by: &AccountMember) -> Result<Self> {
        Ok(Self {
            user: by.user(),
            from: SearchedFrom::Account(by.account()),
            accounts: vec![(by.account(), by.role())],
            groups: of_account(tx, by.user(), by.account(), by.role()).await?,
            beside: vec![],
        })
    }

    /// One group.
    ///
    /// # Errors
    /// None but the database's.
    pub async fn group(tx: &Tx, by: &GroupReader) -> Result<Self> {
        let all = of_account(tx, by.user(), by.account(), by.role()).await?;
        let (groups, beside) = all.into_iter().partition(|each| each.group == by.group());
        let from = SearchedFrom::Group(by.account(), by.group());
        Ok(Self { user: by.user(), from, accounts: vec![(by.account(), by.role())], groups, beside })
    }

    /// Who searches.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// Where from.
    pub fn from(&self) -> SearchedFrom {
        self.from
    }

    /// The accounts that the search is in, with the caller's role in each.
    pub fn accounts(&self) -> &[(AccountId, Role)] {
        &self.accounts
    }

    /// The groups that are searched.
    pub fn groups(&self) -> &[ReachedGroup] {
        &self.groups
    }

    /// Every group that the caller may go to from where they search.
    pub fn open(&self) -> impl Iterator<Item = &ReachedGroup> {
        self.groups.iter().chain(&self.beside).filter(|each| !each.archived)
    }

    /// The account all of whose people the caller sees, if it is one that they manage and search from.
    pub fn managed(&self) -> Option<AccountId> {
        match (self.from, self.accounts.first()) {
            (SearchedFrom::Account(account), Some((_, role))) if role.manages() => Some(account),
            _ => None,
        }
    }

    /// The group of this id, if it is within reach.
    pub fn find(&self, group: GroupId) -> Option<&ReachedGroup> {
        self.groups.iter().find(|each| each.group == group)
    }

    /// The group that a statement named by its key.
    pub fn keyed(&self, key: &str) -> Option<&ReachedGroup> {
        self.groups.iter().find(|each| each.key() == key)
    }

    /// All groups in one parameter, for `json_each` and `jsonb_array_elements_text`: of each 32 digits for the account,
    /// and 32 for the group.
    pub fn keys(&self) -> String {
        many(self.groups.iter().map(ReachedGroup::key))
    }
}

/// The groups of an account that a member may go to.
async fn of_account(tx: &Tx, user: UserId, account: AccountId, role: Role) -> Result<Vec<ReachedGroup>> {
    let rows = match role.manages() {
        true => store::reached_by_manager(tx, user, account).await?,
        false => store::reached_by_member(tx, user, Some(account)).await?,
    };
    Ok(groups(rows))
}

fn groups(rows: Vec<store::ReachRow>) -> Vec<ReachedGroup> {
    let found = rows.into_iter().filter_map(|row| {
        Some(ReachedGroup {
            account: row.account,
            group: row.group?,
            name: row.group_name?,
            role: row.group_role,
            archived: row.archived,
        })
    });
    found.collect()
}
