//! What would become of each line of a file, on a snapshot: nothing is changed.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::{
    accounts, groups as all_groups,
    invitations::{
        Change, Offer, TermsGroup,
        actions::{Desk, FEW_LETTERS},
        again::Weighed,
        import::{
            Columns, Expected, Options, columns,
            groups::Groups,
            lines::{self, Person},
            store::{self, Known},
        },
        store as invitations,
    },
    licenses::{self, Seat, Seats},
    plans,
};
use access::{Manager, Role};
use kernel::{
    error::{Error, Result},
    id::{GroupId, InvitationId, UserId},
    links::Site,
    text,
};
use platform::jobs;
use storage::Tx;
use tables::Table;

/// What would become of a file.
pub struct Plan {
    /// What each column becomes.
    pub columns: Columns,
    /// Its lines, in order; none where no column has the addresses.
    pub lines: Vec<Line>,
    /// How many licenses its lines need.
    pub needed: i64,
    /// How many there are for them.
    pub available: Seats,
    /// The groups that lines may name.
    pub groups: Vec<(GroupId, String)>,
}

/// A name in a file that is no group's.
pub struct UnknownGroup {
    /// As it is shown.
    pub name: String,
    /// How many lines have it.
    pub lines: usize,
    /// The group that is taken instead.
    pub instead: Option<GroupId>,
}

impl Plan {
    /// Of a file whose columns make no sense together.
    pub(super) fn empty() -> Self {
        let available = Seats { kind: Seat::License, total: 0, used: 0, reserved: 0 };
        Self { columns: Columns::new(), lines: Vec::new(), needed: 0, available, groups: Vec::new() }
    }

    /// The names that are no group's, the most frequent first.
    pub(super) fn unknown_groups(&self) -> Vec<UnknownGroup> {
        let mut found = BTreeMap::<&str, UnknownGroup>::new();
        for (name, instead) in self.lines.iter().flat_map(|line| &line.person.unknown_groups) {
            let new = UnknownGroup { name: name.clone(), lines: 0, instead: *instead };
            found.entry(name.as_str()).or_insert(new).lines += 1;
        }
        let mut found = found.into_values().collect::<Vec<_>>();
        found.sort_by_key(|unknown| std::cmp::Reverse(unknown.lines));
        found
    }

    /// How many lines have this outcome.
    pub(super) fn count(&self, expected: Expected) -> usize {
        self.lines.iter().filter(|line| line.expected == expected).count()
    }

    /// "12 will be invited, 2 already members, 1 not an address"; empty for nothing.
    pub(super) fn sum(&self) -> String {
        let counts = SUM.iter().map(|(expected, one, many)| (self.count(*expected), *one, *many));
        let there = counts.filter(|(number, ..)| *number > 0);
        there.map(|(number, one, many)| text::counted(number, one, many)).collect::<Vec<_>>().join(", ")
    }
}

/// How the sum says each outcome, of one and of several.
const SUM: [(Expected, &str, &str); 9] = [
    (Expected::Invite, "will be invited", "will be invited"),
    (Expected::Add, "will be added to groups", "will be added to groups"),
    (Expected::Change, "invitation will be changed", "invitations will be changed"),
    (Expected::AlreadyMember, "already a member", "already members"),
    (Expected::AlreadyInvited, "already invited", "already invited"),
    (Expected::NoLicense, "without a license", "without a license"),
    (Expected::EnoughMail, "not sent today", "not sent today"),
    (Expected::NotAnAddress, "not an address", "not addresses"),
    (Expected::Repeated, "repeat", "repeats"),
];

/// What would become of a line.
pub struct Line {
    pub(super) person: Person,
    pub(super) groups: Vec<TermsGroup>,
    pub(super) expected: Expected,
    pub(super) detail: String,
    pub(super) change: Option<Change>,
}

impl Line {
    /// The address as it is shown: what the file has, where that is none.
    pub(super) fn email(&self) -> &str {
        self.person.email.as_ref().map_or(&self.person.typed, |email| &email.shown)
    }
}

/// What a line offers.
pub(super) fn offer(person: &Person, options: &Options) -> Offer {
    Offer {
        role: person.role,
        user_type: options.user_type,
        groups: person.groups.clone(),
        into_groups: !person.says_role,
        change: options.changes(person.number),
    }
}

/// Says what would become of each line.
///
/// # Errors
/// The account is read-only, the role is not the manager's to give, or these are not the file's columns.
pub async fn plan(tx: &Tx, by: &Manager, site: &Site, table: &Table, options: &Options) -> Result<Plan> {
    plans::must_be_open(tx, by.account()).await?;
    if !by.may_give(options.role) {
        return Err(Error::field("role", "You can’t give this role."));
    }
    let mut open = all_groups::open_names(tx, by.account()).await?;
    if let Some((only, _)) = options.into {
        // Who manages one group learns nothing here of the others.
        open.retain(|(group, _)| *group == only);
        if open.is_empty() {
            return Err(Error::field("file", "This group is archived. Restore it to invite into it."));
        }
    }
    let groups = Groups::new(open);
    let columns = match &options.columns {
        Some(columns) => columns.clone(),
        None => columns::guess(table, &groups),
    };
    columns::check(&columns, table)?;
    let people = match columns.contains(&Some(columns::PersonField::Email)) {
        true => lines::people(table, &columns, options, &groups, by),
        false => Vec::new(),
    };
    let available = licenses::seats(tx, by.account(), Seat::License).await?;
    let mut judge = Judge::new(tx, by, &people).await?;
    let mut lines = Vec::with_capacity(people.len());
    for mut person in people {
        let (expected, detail, change) = judge.expect(tx, by, site, options, &mut person).await?;
        let of = |(group, role): &(GroupId, _)| {
            let name = groups.name(*group).to_owned();
            TermsGroup { group: *group, name, role: *role }
        };
        let groups = person.groups.iter().map(of).collect();
        lines.push(Line { person, groups, expected, detail, change });
    }
    Ok(Plan { columns, lines, needed: judge.needed, available, groups: groups.into_open() })
}

type Said = (Expected, String, Option<Change>);

fn said(expected: Expected, detail: impl Into<String>) -> Said {
    (expected, detail.into(), None)
}

/// What is known of the addresses, and what the lines so far have left.
struct Judge {
    known: HashMap<String, Known>,
    inside: HashSet<(UserId, GroupId)>,
    seats: Vec<Seats>,
    /// How many emails the account may send today, where that is bounded.
    letters: Option<i64>,
    needed: i64,
}

impl Judge {
    async fn new(tx: &Tx, by: &Manager, people: &[Person]) -> Result<Self> {
        let keys = people.iter().filter(|person| person.repeats.is_none());
        let keys = keys.filter_map(|person| person.email.as_ref().ok()).map(|email| email.key.clone());
        let known = store::known(tx, by, keys).await?;
        let letters = match accounts::is_admitted(tx, by.account()).await? {
            true => None,
            false => Some(FEW_LETTERS - jobs::sent_today(tx, by.account()).await?),
        };
        Ok(Self {
            known: known.into_iter().map(|known| (known.key.clone(), known)).collect(),
            inside: store::memberships(tx, by).await?,
            seats: licenses::seats_of(tx, by.account()).await?,
            letters,
            needed: 0,
        })
    }

    async fn expect(
        &mut self,
        tx: &Tx,
        by: &Manager,
        site: &Site,
        options: &Options,
        person: &mut Person,
    ) -> Result<Said> {
        if let Some(line) = person.repeats {
            let detail = format!("The same address as line {line}. Its groups are added there.");
            return Ok(said(Expected::Repeated, detail));
        }
        let email = match &person.email {
            Ok(email) => email.clone(),
            Err(why) => return Ok(said(Expected::NotAnAddress, why.clone())),
        };
        let known = self.known.get(&email.key);
        match known.map(|known| (known.member, known.role, known.invitation)) {
            Some((Some(user), role, _)) => Ok(self.member(person, user, role)),
            Some((None, _, Some(id))) => {
                let offer = offer(person, options);
                let (inviter, sender, account_name) = ("", "", "");
                let desk =
                    Desk { by, site, offer: &offer, name: None, inviter, sender, account_name, outage: None };
                self.again(tx, &desk, id).await
            }
            _ => Ok(self.newcomer(person.role)),
        }
    }

    fn member(&mut self, person: &mut Person, user: UserId, role: Option<Role>) -> Said {
        if let Some(role) = role.filter(|role| person.says_role && *role != person.role) {
            person
                .notices
                .push(format!("Their role stays {}. You can change it on the Users page.", role.label()));
        }
        if !role.is_some_and(Role::works) && !person.groups.is_empty() {
            let why = "Already in the account as support staff. Support staff can’t join groups.";
            return said(Expected::AlreadyMember, why);
        }
        let new = person.groups.iter().any(|(group, _)| !self.inside.contains(&(user, *group)));
        match (new, person.groups.is_empty()) {
            (true, _) => {
                self.letters = self.letters.map(|left| left - 1);
                said(Expected::Add, "Already in the account. Will be added to the groups.")
            }
            (false, true) => said(Expected::AlreadyMember, "Already in the account."),
            (false, false) => said(Expected::AlreadyMember, "Already in the groups."),
        }
    }

    fn newcomer(&mut self, role: Role) -> Said {
        self.needed += i64::from(Seat::from(role) == Seat::License);
        if self.letters.is_some_and(|left| left <= 0) {
            return said(Expected::EnoughMail, accounts::NOT_ADMITTED);
        }
        if let Some(why) = self.take(role.into()) {
            return said(Expected::NoLicense, why);
        }
        self.letters = self.letters.map(|left| left - 1);
        said(Expected::Invite, "")
    }

    async fn again(&mut self, tx: &Tx, desk: &Desk<'_>, id: InvitationId) -> Result<Said> {
        let row = invitations::show(tx, desk.by.account(), id).await?;
        let expired = row.expires_at <= tx.now();
        let (now, then) = match desk.weigh(tx, &row).await? {
            Weighed::Stays(why, change) => return Ok((Expected::AlreadyInvited, why.to_owned(), change)),
            Weighed::Changes { now, then } => (now, then),
        };
        let (old, new) = (Seat::from(row.role), Seat::from(then.role.unwrap_or(row.role)));
        if expired && self.letters.is_some_and(|left| left <= 0) {
            return Ok(said(Expected::EnoughMail, accounts::NOT_ADMITTED));
        }
        if expired || old != new {
            self.needed += i64::from(new == Seat::License);
            if let Some(why) = self.take(new) {
                return Ok(said(Expected::NoLicense, why));
            }
            if !expired {
                self.give_back(old);
            }
        }
        if !expired {
            let why = "The pending invitation will be changed.";
            return Ok((Expected::Change, why.to_owned(), Some(desk.seen(now, then))));
        }
        self.letters = self.letters.map(|left| left - 1);
        let change = (now != then).then(|| desk.seen(now, then));
        Ok((Expected::Invite, "Their invitation expired. It will be sent again.".to_owned(), change))
    }

    /// Counts a place as taken, or says why there is none.
    fn take(&mut self, kind: Seat) -> Option<String> {
        let seats = self.seats.iter_mut().find(|seats| seats.kind == kind)?;
        if seats.free() > 0 {
            seats.reserved += 1;
            return None;
        }
        Some(match kind {
            Seat::License => "No license is available for this person.".to_owned(),
            Seat::SupportStaff => licenses::none_free(seats).public().to_owned(),
        })
    }

    fn give_back(&mut self, kind: Seat) {
        if let Some(seats) = self.seats.iter_mut().find(|seats| seats.kind == kind) {
            seats.reserved -= 1;
        }
    }
}
