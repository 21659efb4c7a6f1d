//! What becomes of each line: a new client, animals of a client who is there, or someone who is known already,
//! for certain or likely. Pure: what the group has is handed in.
//!
//! An equal address for mail alone is never certain, for families share one. Dates of birth that differ tell two
//! people apart, whatever else they share.

use std::collections::HashMap;

use crate::clients::{
    Draft,
    import::{Outcome, Plan, drafts::Drafted, reading::Row},
};
use kernel::{id::ClientId, text};
use tables::quoted;

/// By what someone is told from others.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) reference: String,
    pub(super) phones: Vec<String>,
    pub(super) birth_date: Option<String>,
}

impl Marks {
    pub(super) fn of(draft: &Draft) -> Self {
        Self::new(&draft.name, &draft.email, &draft.reference, &draft.phone, draft.birth_date.clone())
    }

    pub(super) fn new(
        name: &str,
        email: &str,
        reference: &str,
        phone: &str,
        birth_date: Option<String>,
    ) -> Self {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        // With or without the code of the country.
        let local = |digits: String| digits[digits.len().saturating_sub(7)..].to_owned();
        let phones = phone.split([',', ';', '/']).map(digits).filter(|digits| digits.len() > 4).map(local);
        Self {
            name: text::fold(name),
            email: text::fold(email),
            reference: reference.to_owned(),
            phones: phones.collect(),
            birth_date,
        }
    }

    /// What others must share at least to be looked at.
    fn keys(&self) -> impl Iterator<Item = String> + '_ {
        let keys = [('n', &self.name), ('e', &self.email), ('r', &self.reference)];
        keys.into_iter().filter(|(_, key)| !key.is_empty()).map(|(kind, key)| format!("{kind}{key}"))
    }
}

/// That two are the same, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Alike {
    /// What they share, in words.
    pub(super) why: &'static str,
    /// For certain, or likely.
    pub(super) sure: bool,
}

/// How much the lines of one file say of each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Beside {
    /// Nothing more.
    Nothing,
    /// One has an animal: owners have one line for each.
    Animals,
    /// Both are lines of one file, with animals.
    AnimalsOfOneFile,
}

/// Whether two share something, or have both what differs.
fn compare(one: &str, other: &str) -> (bool, bool) {
    let both = !one.is_empty() && !other.is_empty();
    (both && one == other, both && one != other)
}

fn alike(one: &Marks, other: &Marks, beside: Beside) -> Option<Alike> {
    let (name, _) = compare(&one.name, &other.name);
    let (email, emails_differ) = compare(&one.email, &other.email);
    let (reference, references_differ) = compare(&one.reference, &other.reference);
    let (one_birth, other_birth) = (one.birth_date.as_deref(), other.birth_date.as_deref());
    let (birth, births_differ) = compare(one_birth.unwrap_or_default(), other_birth.unwrap_or_default());
    let phone = one.phones.iter().any(|phone| other.phones.contains(phone));
    let phones_differ = !phone && !one.phones.is_empty() && !other.phones.is_empty();
    let found = |why, sure: bool| Some(Alike { why, sure: sure && !references_differ });
    match () {
        () if reference => found("file number", name && !births_differ),
        () if births_differ => None,
        () if name && birth => found("name and date of birth", true),
        () if name && email => found("name and email address", true),
        () if name && phone => found("name and phone", beside != Beside::Nothing),
        () if references_differ => None,
        () if name && !emails_differ && !phones_differ => found("name", beside == Beside::AnimalsOfOneFile),
        () if email => found("email address", false),
        () => None,
    }
}

/// How many of those who share a key are looked at.
const MOST_LIKE: usize = 20;

/// People by what they share.
#[derive(Default)]
struct ByKey(HashMap<String, Vec<usize>>);

impl ByKey {
    fn add(&mut self, at: usize, marks: &Marks) {
        for key in marks.keys() {
            let known = self.0.entry(key).or_default();
            if known.len() < MOST_LIKE {
                known.push(at);
            }
        }
    }

    /// The one that is most alike: for certain if anyone is, else the first.
    fn find<'a>(
        &self,
        marks: &Marks,
        of: impl Fn(usize) -> &'a Marks,
        beside: Beside,
    ) -> Option<(usize, Alike)> {
        let mut likely = None;
        for at in marks.keys().filter_map(|key| self.0.get(&key)).flatten() {
            match alike(marks, of(*at), beside) {
                Some(found) if found.sure => return Some((*at, found)),
                found => likely = likely.or(found.map(|found| (*at, found))),
            }
        }
        likely
    }
}

/// A client of the group.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) client: ClientId,
    pub(super) name: String,
    pub(super) marks: Marks,
    /// The names of their animals, folded.
    pub(super) animals: Vec<String>,
}

/// The clients of the group that lines may be.
#[derive(Default)]
pub(super) struct Group {
    known: Vec<Known>,
    by_key: ByKey,
}

impl Group {
    pub(super) fn new(known: Vec<Known>) -> Self {
        let mut by_key = ByKey::default();
        for (at, known) in known.iter().enumerate() {
            by_key.add(at, &known.marks);
        }
        Self { known, by_key }
    }

    /// The client that someone is, for certain or likely.
    pub(super) fn find(&self, draft: &Draft) -> Option<(&Known, Alike)> {
        self.at(&Marks::of(draft), beside(draft)).map(|(at, alike)| (&self.known[at], alike))
    }

    fn at(&self, marks: &Marks, beside: Beside) -> Option<(usize, Alike)> {
        self.by_key.find(marks, |at| &self.known[at].marks, beside)
    }
}

fn beside(draft: &Draft) -> Beside {
    if draft.animals.is_empty() { Beside::Nothing } else { Beside::Animals }
}

/// What becomes of a line.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) row: Row,
    pub(super) draft: Option<Draft>,
    pub(super) notices: Vec<String>,
    pub(super) outcome: Outcome,
    pub(super) plan: Plan,
    pub(super) detail: String,
    /// The client of the group that it is.
    pub(super) client: Option<ClientId>,
    /// The earlier line that is the same person, or may be.
    pub(super) earlier: Option<i64>,
    /// Whether that line is the same for certain.
    pub(super) same: bool,
    /// How many animals it brings.
    pub(super) animals: usize,
    /// The animals that later lines bring to this one.
    pub(super) joined: Vec<String>,
}

/// What is known of an earlier line.
struct Earlier {
    /// Its place among the judged.
    at: usize,
    number: i64,
    marks: Marks,
    animals: Vec<String>,
}

/// Judges the lines of a file, in their order.
pub(super) struct Judge {
    group: Group,
    earlier: Vec<Earlier>,
    by_key: ByKey,
    judged: Vec<Judged>,
}

impl Judge {
    pub(super) fn new(group: Group) -> Self {
        Self { group, earlier: Vec::new(), by_key: ByKey::default(), judged: Vec::new() }
    }

    pub(super) fn take(&mut self, row: Row, drafted: Drafted) {
        let Drafted { client, notices } = drafted;
        let mut judged = Judged {
            row,
            draft: None,
            notices,
            outcome: Outcome::Broken,
            plan: Plan::Skip,
            detail: String::new(),
            client: None,
            earlier: None,
            same: false,
            animals: 0,
            joined: Vec::new(),
        };
        match client {
            Err(why) => judged.detail = why,
            Ok(draft) => {
                self.decide(&mut judged, &draft);
                judged.draft = Some(draft);
            }
        }
        self.judged.push(judged);
    }

    pub(super) fn done(self) -> Vec<Judged> {
        self.judged
    }

    fn decide(&mut self, judged: &mut Judged, draft: &Draft) {
        let marks = Marks::of(draft);
        let beside_group = beside(draft);
        let beside_file = if draft.animals.is_empty() { Beside::Nothing } else { Beside::AnimalsOfOneFile };
        judged.animals = draft.animals.len();
        let known = self.group.at(&marks, beside_group);
        let earlier = self.by_key.find(&marks, |at| &self.earlier[at].marks, beside_file);
        if let Some((at, alike)) = earlier {
            judged.earlier = Some(self.earlier[at].number);
            judged.same = alike.sure;
        }
        match (known, earlier) {
            (Some((at, alike)), _) => self.is_known(judged, draft, at, alike),
            (None, Some((at, alike))) => self.is_earlier(judged, draft, at, alike),
            (None, None) => (judged.outcome, judged.plan) = (Outcome::New, Plan::Add),
        }
        // Later lines of the same person belong to this one.
        if !judged.same {
            let animals = draft.animals.iter().map(|animal| text::fold(&animal.name)).collect();
            let at = self.judged.len();
            self.by_key.add(self.earlier.len(), &marks);
            self.earlier.push(Earlier { at, number: judged.row.number, marks, animals });
        }
    }

    /// It is a client of the group.
    fn is_known(&mut self, judged: &mut Judged, draft: &Draft, at: usize, alike: Alike) {
        let known = &mut self.group.known[at];
        judged.client = Some(known.client);
        let fresh = fresh(draft, &known.animals);
        if alike.sure && !fresh.is_empty() {
            adds(judged, &fresh, &known.name);
            known.animals.extend(fresh.iter().map(|name| text::fold(name)));
            return;
        }
        let outcome = if alike.sure { Outcome::Duplicate } else { Outcome::Likely };
        (judged.outcome, judged.detail) = (outcome, format!("Same {} as {}.", alike.why, known.name));
    }

    /// It is an earlier line's person.
    fn is_earlier(&mut self, judged: &mut Judged, draft: &Draft, at: usize, alike: Alike) {
        let earlier = &mut self.earlier[at];
        let fresh = fresh(draft, &earlier.animals);
        if alike.sure && !fresh.is_empty() {
            adds(judged, &fresh, &format!("line {}", earlier.number));
            earlier.animals.extend(fresh.iter().map(|name| text::fold(name)));
            self.judged[earlier.at].joined.extend(fresh);
            return;
        }
        let outcome = if alike.sure { Outcome::Duplicate } else { Outcome::Likely };
        (judged.outcome, judged.detail) =
            (outcome, format!("Same {} as line {}.", alike.why, earlier.number));
    }
}

/// The animals of a line that are not there yet.
fn fresh(draft: &Draft, animals: &[String]) -> Vec<String> {
    let fresh = draft.animals.iter().filter(|animal| !animals.contains(&text::fold(&animal.name)));
    fresh.map(|animal| animal.name.clone()).collect()
}

fn adds(judged: &mut Judged, fresh: &[String], to: &str) {
    let names = fresh.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    judged.animals = fresh.len();
    (judged.outcome, judged.plan) = (Outcome::Animal, Plan::Merge);
    judged.detail = format!("Adds {names} to {to}.");
}
