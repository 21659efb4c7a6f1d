//! Who sees what: every person of an account, and what they see of each group.

use crate::pictures::store::{self, SightRow};
use access::{AccountAdmin, GroupRole, Role};
use kernel::{
    error::Result,
    id::{GroupId, UserId},
};
use storage::Tx;

/// The most groups that are columns.
const MOST_GROUPS: i64 = 200;
/// The most memberships that are read.
const MOST_ROWS: i64 = 20_000;

/// Who sees what.
pub(super) struct Sights {
    /// The columns: groups by name.
    pub(super) groups: Vec<(GroupId, String)>,
    /// The lines: people by name.
    pub(super) people: Vec<Person>,
    /// Whether there is more than this.
    pub(super) cut: bool,
}

/// A person, with what they see.
pub(super) struct Person {
    pub(super) user: UserId,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: Role,
    pub(super) groups: Vec<(GroupId, GroupRole)>,
}

impl Person {
    /// What they see of a group.
    pub(super) fn of(&self, group: GroupId) -> Sight {
        let role = self.groups.iter().find(|(known, _)| *known == group).map(|(_, role)| *role);
        match role {
            Some(GroupRole::Administrator) => Sight::Administers,
            Some(GroupRole::Member) => Sight::Works,
            None if self.role.manages() => Sight::Reads,
            None => Sight::Nothing,
        }
    }
}

/// What someone sees of a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sight {
    /// Its cases, which they work on, and its people, whom they manage.
    Administers,
    /// Its cases, which they work on.
    Works,
    /// Its cases, from the parent account; that is noted each time.
    Reads,
    /// Not that it exists.
    Nothing,
}

impl Sight {
    /// The word on screens and in files; empty where they see nothing.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Administers => "Administrator",
            Self::Works => "Member",
            Self::Reads => "Reads only",
            Self::Nothing => "",
        }
    }

    /// The look of its badge.
    pub(super) fn badge(self) -> &'static str {
        match self {
            Self::Administers => "plain badge-brand",
            Self::Works => "plain badge-blue",
            Self::Reads | Self::Nothing => "plain",
        }
    }
}

/// Who sees what in the account.
pub(super) async fn load(tx: &Tx, by: &AccountAdmin) -> Result<Sights> {
    let mut groups = store::groups(tx, by, MOST_GROUPS + 1).await?;
    let rows = store::sights(tx, by, MOST_ROWS).await?;
    let most = usize::try_from(MOST_GROUPS).unwrap_or(usize::MAX);
    let cut = groups.len() > most || i64::try_from(rows.len()).is_ok_and(|read| read >= MOST_ROWS);
    groups.truncate(most);
    Ok(Sights { groups, people: people(rows), cut })
}

fn people(rows: Vec<SightRow>) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for SightRow { user, name, email, role, group, group_role } in rows {
        if people.last().is_none_or(|last| last.user != user) {
            people.push(Person { user, name, email, role, groups: Vec::new() });
        }
        if let (Some(last), Some(place)) = (people.last_mut(), group.zip(group_role)) {
            last.groups.push(place);
        }
    }
    people
}

impl Sights {
    /// The headings of the file.
    pub(super) fn headings(&self) -> Vec<String> {
        let fixed = ["person", "email", "account role"].map(str::to_owned);
        fixed.into_iter().chain(self.groups.iter().map(|(_, name)| name.clone())).collect()
    }

    /// The lines of the file.
    pub(super) fn lines(&self) -> Vec<Vec<String>> {
        let line = |person: &Person| {
            let fixed = [person.name.clone(), person.email.clone(), person.role.label().to_owned()];
            let sights = self.groups.iter().map(|(group, _)| person.of(*group).label().to_owned());
            fixed.into_iter().chain(sights).collect()
        };
        self.people.iter().map(line).collect()
    }
}
