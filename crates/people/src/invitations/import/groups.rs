//! The groups that a cell names. A name may hold the signs that part names, so what is longest wins.

use std::collections::HashMap;

use crate::invitations::import::columns::group_role_of;
use access::GroupRole;
use kernel::{id::GroupId, search, text};

/// The groups of an account that can be joined, to be found as people write them.
pub(super) struct Groups {
    open: Vec<(GroupId, String)>,
    /// By the name as it is compared.
    exact: HashMap<String, usize>,
    /// By each way to spell it; none where two groups are spelled so.
    alike: HashMap<String, Option<usize>>,
}

/// What a cell says of groups.
#[derive(Default)]
pub(super) struct Found {
    /// With the role in each, where the cell says it.
    pub(super) groups: Vec<(GroupId, Option<GroupRole>)>,
    /// What is no group.
    pub(super) unknown: Vec<String>,
}

/// How many pieces a name may be in.
const MOST_PIECES: usize = 8;
/// How many pieces of a cell are looked at; the rest is no group. Nobody is invited into more groups at once.
const MOST_NAMED: usize = 100;
/// What is longer, in bytes, is no group's name, even with a role behind it.
const LONGEST: usize = 4 * text::NAME_LIMIT + 100;

fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Groups {
    pub(super) fn new(open: Vec<(GroupId, String)>) -> Self {
        let (mut exact, mut alike) = (HashMap::new(), HashMap::<String, Option<usize>>::new());
        for (at, (_, name)) in open.iter().enumerate() {
            exact.insert(text::fold(name), at);
            for spelled in search::key(name).lines() {
                alike.entry(spelled.to_owned()).and_modify(|known| *known = None).or_insert(Some(at));
            }
        }
        Self { open, exact, alike }
    }

    pub(super) fn name(&self, group: GroupId) -> &str {
        self.open.iter().find(|(id, _)| *id == group).map_or("", |(_, name)| name)
    }

    /// Whether a group is among them.
    pub(super) fn has(&self, group: GroupId) -> bool {
        self.open.iter().any(|(id, _)| *id == group)
    }

    /// The groups, by name.
    pub(super) fn into_open(self) -> Vec<(GroupId, String)> {
        self.open
    }

    /// Whether a cell names groups and nothing else.
    pub(super) fn knows(&self, cell: &str) -> bool {
        let Found { groups, unknown } = self.read(cell);
        !groups.is_empty() && unknown.is_empty()
    }

    /// Reads a cell.
    pub(super) fn read(&self, cell: &str) -> Found {
        let mut found = Found::default();
        if let Some(one) = self.one(cell) {
            found.groups.push(one);
            return found;
        }
        let mut pieces = pieces(cell);
        if pieces.len() > MOST_NAMED {
            let rest = cell[pieces[MOST_NAMED].0..].trim().to_owned();
            pieces.truncate(MOST_NAMED);
            found.unknown.push(rest);
        }
        let mut at = 0;
        while at < pieces.len() {
            let last = pieces.len().min(at + MOST_PIECES);
            let longest = (at..last).rev().find_map(|end| {
                let text = &cell[pieces[at].0..pieces[end].1];
                Some((self.one(text)?, end))
            });
            if let Some((one, end)) = longest {
                found.groups.push(one);
                at = end + 1;
            } else {
                let text = line(&cell[pieces[at].0..pieces[at].1]);
                found.unknown.extend((!text.is_empty()).then_some(text));
                at += 1;
            }
        }
        found
    }

    /// The one group that a text names: "Riverside", or "Riverside (administrator)" as we write it ourselves.
    fn one(&self, text: &str) -> Option<(GroupId, Option<GroupRole>)> {
        if text.len() > LONGEST {
            return None;
        }
        let text = line(text);
        if let Some(group) = self.named(&text) {
            return Some((group, None));
        }
        let (name, role) = text.strip_suffix(')')?.rsplit_once('(')?;
        Some((self.named(name.trim())?, Some(group_role_of(role)?)))
    }

    fn named(&self, name: &str) -> Option<GroupId> {
        let at = self.exact.get(&text::fold(name)).copied().or_else(|| {
            let key = search::key(name);
            *self.alike.get(key.lines().next()?)?
        })?;
        Some(self.open[at].0)
    }
}

/// Where the pieces of a cell begin and end, between the signs that may part names.
fn pieces(cell: &str) -> Vec<(usize, usize)> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    for (at, sign) in cell.match_indices([';', ',', '|', '\n']) {
        pieces.push((begin, at));
        begin = at + sign.len();
    }
    pieces.push((begin, cell.len()));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{clock::Time, id::Id};

    #[test]
    fn names_with_signs_in_them_are_found_whole() {
        let names = ["Riverside", "Smith; Sons", "Smith", "Müller, Vets", "José", "Jose"];
        let open = names
            .iter()
            .zip(1..)
            .map(|(name, at)| (Id::at(Time::from_micros(0), [at; 8]), (*name).to_owned()));
        let groups = Groups::new(open.collect());
        let read = |cell: &str| {
            let found = groups.read(cell);
            let names = found.groups.iter().map(|(id, role)| match role {
                Some(role) => format!("{} as {}", groups.name(*id), role.word()),
                None => groups.name(*id).to_owned(),
            });
            (names.collect::<Vec<_>>().join(" + "), found.unknown.join(" + "))
        };
        for (cell, known, unknown) in [
            (" riverside ", "Riverside", ""),
            ("Smith; Sons", "Smith; Sons", ""),
            ("smith;  sons, RIVERSIDE", "Smith; Sons + Riverside", ""),
            ("Riverside|Smith; Sons;Muller, vets", "Riverside + Smith; Sons + Müller, Vets", ""),
            ("Smith; Daughters", "Smith", "Daughters"),
            ("Rivrside; Riverside", "Riverside", "Rivrside"),
            ("Riverside (administrator), Smith (member)", "Riverside as administrator + Smith as member", ""),
            ("josé\nJOSE", "José + Jose", ""),
            ("Jôse", "", "Jôse"),
            (";,", "", ""),
            ("", "", ""),
        ] {
            assert_eq!(read(cell), (known.to_owned(), unknown.to_owned()), "{cell}");
        }
    }
}
