//! Out of rows and the meaning of their columns, the people to be invited.

use std::collections::HashMap;

use crate::invitations::{
    MOST_GROUPS,
    import::{
        Options, PersonField,
        columns::{Columns, group_role_of, role_of},
        groups::{Found, Groups},
    },
};
use access::{GroupRole, Manager, Role};
use kernel::{addresses::Email, id::GroupId, text};
use tables::{Row, Table, quoted};

/// What a line says.
pub(super) struct Person {
    /// The line's number in the file, from 1.
    pub(super) number: i64,
    /// What the file has for an address.
    pub(super) typed: String,
    /// The address, or what to change.
    pub(super) email: Result<Email, String>,
    pub(super) name: Option<String>,
    pub(super) role: Role,
    /// Whether the line says the role, or it is that of all who have none.
    pub(super) says_role: bool,
    pub(super) groups: Vec<(GroupId, GroupRole)>,
    /// What was left out of the line, in sentences.
    pub(super) notices: Vec<String>,
    /// Names that are no group's, as they are shown, with the group that is taken instead.
    pub(super) unknown_groups: Vec<(String, Option<GroupId>)>,
    /// A role that is none.
    pub(super) unknown_role: Option<String>,
    /// The earlier line of the same address.
    pub(super) repeats: Option<i64>,
    /// How many lines of the file have the address.
    pub(super) times: usize,
}

/// The people of a file, in the order of its lines. Each address is one person: that of its first line.
pub(super) fn people(
    table: &Table,
    columns: &Columns,
    options: &Options,
    groups: &Groups,
    by: &Manager,
) -> Vec<Person> {
    let reader = Reader { columns, options, groups, by };
    let mut people = table.rows.iter().map(|row| reader.person(row)).collect::<Vec<_>>();
    let mut first = HashMap::<String, usize>::new();
    for at in 0..people.len() {
        let Ok(key) = people[at].email.as_ref().map(|email| email.key.clone()) else { continue };
        let Some(earlier) = first.get(&key).copied() else {
            first.insert(key, at);
            continue;
        };
        people[at].repeats = Some(people[earlier].number);
        let (before, after) = people.split_at_mut(at);
        join(&mut before[earlier], &mut after[0]);
    }
    people.iter_mut().for_each(Person::settle);
    people
}

/// Brings what a further line of an address says to its first.
fn join(first: &mut Person, again: &mut Person) {
    first.times += 1;
    if again.says_role && first.says_role && again.role != first.role {
        let why = format!("Role left out: line {} says {}.", first.number, first.role.label());
        again.notices.push(why);
    }
    if again.says_role && !first.says_role {
        (first.role, first.says_role) = (again.role, true);
    }
    if first.name.is_none() {
        first.name.clone_from(&again.name);
    }
    first.groups.extend(again.groups.iter().copied());
}

impl Person {
    /// Each group once, and none for who belongs to none.
    fn settle(&mut self) {
        let mut known = Vec::<GroupId>::new();
        self.groups.retain(|(group, _)| {
            let new = !known.contains(group);
            known.push(*group);
            new
        });
        if self.groups.len() > MOST_GROUPS {
            self.groups.truncate(MOST_GROUPS);
            self.notices.push(format!("Only the first {MOST_GROUPS} groups are used."));
        }
        if !self.role.works() && !self.groups.is_empty() && self.repeats.is_none() {
            self.groups.clear();
            self.notices.push("Groups left out: support staff can’t join groups.".to_owned());
        }
    }
}

struct Reader<'a> {
    columns: &'a Columns,
    options: &'a Options,
    groups: &'a Groups,
    by: &'a Manager,
}

impl Reader<'_> {
    /// The cells of a field that hold anything, as their author typed them.
    fn cells<'r>(&self, row: &'r Row, field: PersonField) -> impl Iterator<Item = &'r str> {
        let columns = self.columns.iter().zip(&row.cells).filter(move |(known, _)| **known == Some(field));
        let cells = columns.map(|(_, cell)| text::unmarked(cell.trim()).trim());
        cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().into_iter()
    }

    fn cell<'r>(&self, row: &'r Row, field: PersonField) -> &'r str {
        self.cells(row, field).next().unwrap_or_default()
    }

    fn person(&self, row: &Row) -> Person {
        let typed = self.cell(row, PersonField::Email);
        let email = match typed {
            "" => Err("The email address is missing.".to_owned()),
            typed => Email::read(typed).map_err(std::borrow::Cow::into_owned),
        };
        let mut person = Person {
            number: row.number,
            typed: tables::shown(typed),
            email,
            name: None,
            role: self.options.role,
            says_role: false,
            groups: Vec::new(),
            notices: row.faults.clone(),
            unknown_groups: Vec::new(),
            unknown_role: None,
            repeats: None,
            times: 1,
        };
        self.name(row, typed, &mut person);
        // Of a line without an address, nothing else matters.
        if person.email.is_ok() {
            self.role(row, &mut person);
            self.groups(row, &mut person);
        }
        person
    }

    /// The name in its columns, else the one beside the address.
    fn name(&self, row: &Row, typed: &str, person: &mut Person) {
        let whole = self.cell(row, PersonField::Name);
        let parts = [PersonField::FirstName, PersonField::LastName].map(|part| self.cell(row, part));
        let parts = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let beside = typed.split_once('<').map_or("", |(name, _)| name.trim().trim_matches('"'));
        let name = [in_order(whole), parts, in_order(beside)].into_iter().find(|name| !name.is_empty());
        match text::optional_line(&name.unwrap_or_default()) {
            Ok(name) => person.name = name,
            Err(why) => person.notices.push(format!("Name left out: {why}")),
        }
    }

    fn role(&self, row: &Row, person: &mut Person) {
        let cell = self.cell(row, PersonField::Role);
        if cell.is_empty() {
            return;
        }
        if self.options.into.is_some() {
            if role_of(cell) != Some(Role::Member) {
                let why = format!("{} left out: everyone joins as a member of the account.", quoted(cell));
                person.notices.push(why);
            }
            return;
        }
        let instead = self.options.role.label();
        match role_of(cell) {
            Some(role) if self.by.may_give(role) => (person.role, person.says_role) = (role, true),
            Some(Role::Owner) => {
                let why = format!("You can’t invite an owner. The role is {instead}.");
                person.notices.push(why);
            }
            Some(role) => {
                person.notices.push(format!("You can’t give the role {}. It is {instead}.", role.label()));
            }
            None => {
                person.notices.push(format!("{} isn’t a role here. The role is {instead}.", quoted(cell)));
                person.unknown_role = Some(tables::shown(cell));
            }
        }
    }

    /// The role in groups that a line says, else that of all whose line says none.
    fn role_in_groups(&self, row: &Row, person: &mut Person) -> GroupRole {
        let cell = self.cell(row, PersonField::GroupRole);
        let usual = self.options.into.map_or(GroupRole::Member, |(_, role)| role);
        if !cell.is_empty() && group_role_of(cell).is_none() {
            let called = match usual {
                GroupRole::Administrator => "Administrator",
                GroupRole::Member => "Member",
            };
            let why = format!("{} isn’t a role in groups. It is {called}.", quoted(cell));
            person.notices.push(why);
        }
        group_role_of(cell).unwrap_or(usual)
    }

    /// The one group that everyone is invited into; what a line says of others is left out.
    fn only(&self, row: &Row, person: &mut Person, group: GroupId) {
        let mut role = self.role_in_groups(row, person);
        for cell in self.cells(row, PersonField::Groups) {
            let Found { groups, unknown } = self.groups.read(cell);
            role = groups.iter().find_map(|(_, own)| *own).unwrap_or(role);
            for name in unknown {
                person.notices.push(format!("{} left out: this list invites to one group.", quoted(&name)));
                person.unknown_groups.push((tables::shown(&name), None));
            }
        }
        person.groups = vec![(group, role)];
    }

    fn groups(&self, row: &Row, person: &mut Person) {
        if let Some((group, _)) = self.options.into {
            return self.only(row, person, group);
        }
        let role = self.role_in_groups(row, person);
        for cell in self.cells(row, PersonField::Groups) {
            let Found { groups, unknown } = self.groups.read(cell);
            person.groups.extend(groups.into_iter().map(|(group, own)| (group, own.unwrap_or(role))));
            for name in unknown {
                self.unknown(&tables::shown(&name), role, person);
            }
        }
    }

    /// A name that is no group's: another group is taken instead, or it is left out.
    fn unknown(&self, name: &str, role: GroupRole, person: &mut Person) {
        let instead = self.options.instead.get(name).filter(|group| self.groups.has(*group));
        person.notices.push(match instead {
            Some(group) => {
                let taken = self.groups.name(group);
                format!("{} isn’t a group here. {} is taken instead.", quoted(name), quoted(taken))
            }
            None => format!("{} isn’t a group here, so it’s left out.", quoted(name)),
        });
        person.groups.extend(instead.map(|group| (group, role)));
        person.unknown_groups.push((name.to_owned(), instead));
    }
}

/// "Lee, Ann" as she is called: "Ann Lee". What follows a comma and is a title stays.
fn in_order(name: &str) -> String {
    match name.split_once(',') {
        Some((last, first)) if is_first(first) && !last.trim().is_empty() => {
            format!("{} {}", first.trim(), last.trim())
        }
        _ => name.to_owned(),
    }
}

fn is_first(text: &str) -> bool {
    let text = text.trim();
    let title = text.contains(['.', ',']) || ["Jr", "Sr"].contains(&text);
    !title && text.chars().any(char::is_lowercase) && !["PhD", "PsyD"].contains(&text)
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn last_names_that_come_first_are_turned_around_and_titles_are_not() {
        for (written, called) in [
            ("Lee, Ann", "Ann Lee"),
            ("van der Berg, Mary Ann", "Mary Ann van der Berg"),
            ("Ann Lee, DVM", "Ann Lee, DVM"),
            ("Ann Lee, Jr.", "Ann Lee, Jr."),
            ("Ann Lee, PhD", "Ann Lee, PhD"),
            (", Ann", ", Ann"),
            ("Ann Lee", "Ann Lee"),
        ] {
            assert_eq!(in_order(written), called);
        }
    }
}
