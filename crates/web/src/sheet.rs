//! The sheet on which a named set is edited: a user group with its people, a client group with its clients.
//!
//! Everything on it is staged in the page until it is saved. The form brings along what the page showed when
//! it was opened, so that a save by someone else meanwhile can be told apart from your own work: both are merged,
//! and the page says what the other person changed.
//!
//! A name that differs from the set's can mean two things: a new name for it, or another set. *Edit name* says
//! the first; without it the page asks, with all staged work kept.

#![allow(missing_docs, reason = "a comment says what a name doesn't")]

use std::collections::{BTreeSet, HashMap};

use askama::{Template, filters::HtmlSafe};
use axum::http::StatusCode;

use crate::{
    Form,
    dual::{DualList, Item, Nouns},
    entry::Entry,
    parts::Field,
};
use kernel::{
    error::{Error, Kind, Result},
    text,
};

/// What a typed name means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Naming {
    /// The set keeps its name.
    Keep,
    /// It gets the name that was typed.
    Rename,
    /// Another set is created by that name.
    Create,
    /// Not said yet: the page has to ask.
    Ask,
}

impl Naming {
    /// Reads it from a form whose page showed `seen`. An answer counts for the name that was asked about, not for one
    /// that was typed after that.
    pub fn of(form: &Form, seen: &Sheet) -> Self {
        let typed = form.get("name").trim();
        if form.ticked("edit_name") {
            return Self::Rename;
        }
        if typed.is_empty() || typed == seen.name {
            return Self::Keep;
        }
        match form.get("name_means") {
            "keep" => Self::Keep,
            "rename" if form.get("asked_name") == typed => Self::Rename,
            "create" if form.get("asked_name") == typed => Self::Create,
            _ => Self::Ask,
        }
    }
}

/// What a sheet says. Ids and privileges are as they are written in forms.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Sheet {
    pub name: String,
    pub description: String,
    pub active: bool,
    pub default: bool,
    pub privileges: BTreeSet<String>,
    /// The members' ids.
    pub members: BTreeSet<String>,
}

/// A text as forms send it back, with the line breaks of texts that are kept.
fn even(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

fn words(text: &str) -> BTreeSet<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

impl Sheet {
    /// What was staged: on a set that exists with its own name, unless it is to be renamed.
    pub fn staged(form: &Form, members: &str, seen: Option<&Self>) -> Self {
        let name = match seen {
            Some(seen) if Naming::of(form, seen) != Naming::Rename => seen.name.clone(),
            _ => form.get("name").to_owned(),
        };
        Self {
            name,
            description: even(form.get("description")),
            active: form.ticked("active"),
            default: form.ticked("default"),
            privileges: form.all("privileges").iter().cloned().collect(),
            members: form.all(members).iter().cloned().collect(),
        }
    }

    /// The new set that was staged on the sheet of another, which stays the default if it is.
    pub fn created(form: &Form, members: &str) -> Self {
        let mut sheet = Self::staged(form, members, None);
        sheet.default &= !form.ticked("was_default");
        sheet
    }

    /// What the page showed when it was opened.
    pub fn seen(form: &Form) -> Self {
        Self {
            name: form.get("was_name").to_owned(),
            description: even(form.get("was_description")),
            active: form.ticked("was_active"),
            default: form.ticked("was_default"),
            privileges: words(form.get("was_privileges")),
            members: words(form.get("was_members")),
        }
    }

    /// The same as hidden fields.
    pub fn hidden(&self) -> Vec<(&'static str, String)> {
        let joined = |set: &BTreeSet<String>| set.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        let mut fields = vec![
            ("was_name", self.name.clone()),
            ("was_description", self.description.clone()),
            ("was_privileges", joined(&self.privileges)),
            ("was_members", joined(&self.members)),
        ];
        for (name, ticked) in [("was_active", self.active), ("was_default", self.default)] {
            if ticked {
                fields.push((name, "yes".to_owned()));
            }
        }
        fields
    }

    /// Your own work on top of what is there now: what you changed stays changed, and everything else is as the
    /// other person left it.
    #[must_use]
    pub fn on_top_of(&self, now: &Self, seen: &Self) -> Self {
        let pick = |mine: &String, seen: &String, now: &String| {
            if mine == seen { now.clone() } else { mine.clone() }
        };
        let tick = |mine: bool, seen: bool, now: bool| if mine == seen { now } else { mine };
        let both = |mine: &BTreeSet<String>, seen: &BTreeSet<String>, now: &BTreeSet<String>| {
            let kept = now.iter().filter(|each| mine.contains(*each) || !seen.contains(*each));
            kept.chain(mine.difference(seen)).cloned().collect()
        };
        Self {
            name: pick(&self.name, &seen.name, &now.name),
            description: pick(&self.description, &seen.description, &now.description),
            active: tick(self.active, seen.active, now.active),
            default: tick(self.default, seen.default, now.default),
            privileges: both(&self.privileges, &seen.privileges, &now.privileges),
            members: both(&self.members, &seen.members, &now.members),
        }
    }

    /// What someone else changed meanwhile, a line each. `mine` is your own work.
    fn told(&self, now: &Self, mine: &Self, words: &Words<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        if self.name != now.name {
            let kept = if mine.name == self.name { "" } else { " The name you typed is kept below." };
            lines.push(format!("Its name is now “{}”.{kept}", now.name));
        }
        if self.description != now.description {
            let kept = if mine.description == self.description { "" } else { " Yours is kept below." };
            lines.push(format!("The description changed.{kept}"));
        }
        match (self.active, now.active) {
            (true, false) => lines.push("It is no longer active.".to_owned()),
            (false, true) => lines.push("It is now active.".to_owned()),
            _ => {}
        }
        match (self.default, now.default) {
            (true, false) => lines.push("It is no longer the default.".to_owned()),
            (false, true) => lines.push("It is now the default.".to_owned()),
            _ => {}
        }
        for (what, before, after, name) in [
            ("Privileges added", &self.privileges, &now.privileges, words.privileges),
            ("Privileges removed", &now.privileges, &self.privileges, words.privileges),
            ("Added", &self.members, &now.members, words.members),
            ("Removed", &now.members, &self.members, words.members),
        ] {
            lines.extend(listed(what, after.difference(before).map(|id| name.get(id.as_str()).copied())));
        }
        lines
    }
}

/// The labels of privileges and the names of members.
struct Words<'a> {
    privileges: &'a HashMap<&'a str, &'a str>,
    /// Only of those who are still there.
    members: &'a HashMap<&'a str, &'a str>,
}

/// The most names on one line.
const NAMES: usize = 12;

/// "Added: Ann Lee, Bo Ek and 3 more."
fn listed<'a>(what: &str, names: impl Iterator<Item = Option<&'a str>>) -> Option<String> {
    let all = names.collect::<Vec<_>>();
    let mut known = all.iter().flatten().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    known.sort();
    known.truncate(NAMES);
    let more = all.len() - known.len();
    match (known.is_empty(), more) {
        (true, 0) => return None,
        (true, 1) => known.push("1 who is no longer there".to_owned()),
        (true, many) => known.push(format!("{many} who are no longer there")),
        (false, 0) => {}
        (false, many) => known.push(format!("{many} more")),
    }
    Some(format!("{what}: {}.", joined(&known)))
}

/// "a", "a and b", "a, b and c".
fn joined(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A form that was sent and not saved.
pub struct Refused {
    form: Form,
    /// None where the page only has to ask what a name means.
    error: Option<Error>,
}

impl Refused {
    /// A form that could not be saved.
    ///
    /// # Errors
    /// Nothing in the form could fix it, such as a missing right: the error is returned.
    pub fn of(form: Form, error: Error) -> Result<Self> {
        match error.kind() {
            Kind::Invalid | Kind::Conflict | Kind::Stale | Kind::Throttled => {
                Ok(Self { form, error: Some(error) })
            }
            _ => Err(error),
        }
    }

    /// A form whose name may mean two things.
    pub fn asking(form: Form) -> Self {
        Self { form, error: None }
    }

    /// The error, for a page that has no form to show it in.
    ///
    /// # Errors
    /// Always, if there was one.
    pub fn without_form(self) -> Result<()> {
        self.error.map_or(Ok(()), Err)
    }
}

/// What a sheet is about.
pub struct Subject {
    /// "User group".
    pub label: &'static str,
    /// What Active and Default mean.
    pub about: &'static str,
    pub nouns: Nouns,
    /// The privileges to choose from: the word, the label, the meaning. Empty where there are none.
    pub privileges: Vec<(&'static str, &'static str, &'static str)>,
    /// Where the form posts; the page itself.
    pub action: String,
    /// What is saved now, and its version; none for a new set.
    pub kept: Option<(i64, Sheet)>,
    /// Everyone who can be in it, by name.
    pub candidates: Vec<Item>,
    /// The names of all sets, as they are compared.
    pub taken: Vec<String>,
}

/// What a form shows.
struct Shown {
    entry: Entry,
    version: Option<i64>,
    sheet: Sheet,
    seen: Sheet,
    changes: Vec<String>,
    question: Option<Question>,
    status: StatusCode,
}

/// What a typed name means, to be answered by one button of the sheet.
struct Question {
    from: String,
    to: String,
    /// Whether another set has that name already, so that only one answer is left.
    taken: bool,
}

impl Subject {
    /// The form: as the set is saved, as it was sent, or your own work on top of what someone else saved meanwhile.
    /// With the status of the page that shows it.
    ///
    /// # Errors
    /// Nothing in the form could fix what was refused.
    pub fn form(mut self, refused: Option<Refused>) -> Result<(SheetForm, StatusCode)> {
        let unsaved = refused.is_some();
        let shown = match refused {
            None => self.as_kept(),
            Some(refused) => self.again(refused)?,
        };
        let Shown { entry, version, sheet, seen, changes, question, status } = shown;
        for item in &mut self.candidates {
            item.assigned = sheet.members.contains(&item.id);
        }
        let dual = DualList::new(self.nouns, self.candidates, entry.fault(self.nouns.field));
        let Self { label, about, privileges, action, .. } = self;
        let form = SheetForm {
            label,
            action,
            entry,
            version,
            sheet,
            seen,
            changes,
            question,
            unsaved,
            about,
            privileges,
            dual,
        };
        Ok((form, status))
    }

    fn as_kept(&self) -> Shown {
        let fresh = Sheet { active: true, ..Sheet::default() };
        let sheet = self.kept.as_ref().map_or(fresh, |(_, sheet)| sheet.clone());
        Shown {
            entry: Entry::default(),
            version: self.kept.as_ref().map(|(version, _)| *version),
            seen: sheet.clone(),
            sheet,
            changes: Vec::new(),
            question: None,
            status: StatusCode::OK,
        }
    }

    fn again(&self, Refused { form, error }: Refused) -> Result<Shown> {
        let seen = self.kept.as_ref().map(|_| Sheet::seen(&form));
        let mut mine = Sheet::staged(&form, self.nouns.field, seen.as_ref());
        let stale = error.as_ref().is_some_and(|error| error.kind() == Kind::Stale);
        if let (true, Some(seen), Some((version, now))) = (stale, &seen, &self.kept) {
            return Ok(self.merged(form, &mine, seen, *version, now));
        }
        form.get("name").clone_into(&mut mine.name);
        let version = self.kept.as_ref().map(|(version, _)| form.get("version").parse().unwrap_or(*version));
        let seen = seen.unwrap_or_default();
        let question = error.is_none().then(|| self.question(&seen, &mine));
        let entry = match error {
            Some(error) => Entry::again(form, error)?,
            None => Entry::from(form),
        };
        let status = entry.status();
        Ok(Shown { entry, version, sheet: mine, seen, changes: Vec::new(), question, status })
    }

    /// Your own work on top of what someone else saved meanwhile. That it is to be renamed was said already.
    fn merged(&self, form: Form, mine: &Sheet, seen: &Sheet, version: i64, now: &Sheet) -> Shown {
        let form = match Naming::of(&form, seen) {
            Naming::Rename => form.with("edit_name", "yes".to_owned()),
            _ => form,
        };
        Shown {
            entry: Entry::from(form),
            version: Some(version),
            sheet: mine.on_top_of(now, seen),
            seen: now.clone(),
            changes: self.changes(seen, now, mine),
            question: None,
            status: StatusCode::PRECONDITION_FAILED,
        }
    }

    fn question(&self, seen: &Sheet, mine: &Sheet) -> Question {
        let to = mine.name.trim().to_owned();
        let (key, own) = (text::fold(&to), text::fold(&seen.name));
        let taken = key != own && self.taken.contains(&key);
        Question { from: seen.name.clone(), to, taken }
    }

    fn changes(&self, seen: &Sheet, now: &Sheet, mine: &Sheet) -> Vec<String> {
        let names = self.candidates.iter().map(|item| (item.id.as_str(), item.name.as_str()));
        let names = names.collect::<HashMap<_, _>>();
        let labels =
            self.privileges.iter().map(|(word, label, _)| (*word, *label)).collect::<HashMap<_, _>>();
        let told = seen.told(now, mine, &Words { privileges: &labels, members: &names });
        match told.is_empty() {
            true => vec!["Nothing differs from what you saw.".to_owned()],
            false => told,
        }
    }
}

/// The form of a sheet.
#[derive(Template)]
#[template(path = "web/src/templates/sheet.html")]
pub struct SheetForm {
    label: &'static str,
    action: String,
    entry: Entry,
    version: Option<i64>,
    /// What is staged.
    sheet: Sheet,
    /// What the page showed when it was opened.
    seen: Sheet,
    /// What someone else changed meanwhile.
    changes: Vec<String>,
    question: Option<Question>,
    /// Whether there is staged work that was not saved.
    unsaved: bool,
    about: &'static str,
    privileges: Vec<(&'static str, &'static str, &'static str)>,
    dual: DualList,
}

impl HtmlSafe for SheetForm {}

impl SheetForm {
    fn what(&self) -> String {
        self.label.to_lowercase()
    }

    fn name_field(&self) -> Field {
        let field = Field::new("text", "name", self.label, &self.sheet.name, self.entry.fault("name"));
        field.limit(text::NAME_LIMIT).autocomplete("off").required()
    }

    fn description_field(&self) -> Field {
        let (text, fault) = (&self.sheet.description, self.entry.fault("description"));
        Field::new("area", "description", "Description", text, fault).optional()
    }

    fn renames(&self) -> bool {
        self.entry.has("edit_name", "yes")
    }

    fn default_fault(&self) -> Option<String> {
        self.entry.fault("default")
    }

    fn ticked(&self, privilege: &str) -> bool {
        self.sheet.privileges.contains(privilege)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(name: &str, members: &str, active: bool) -> Sheet {
        Sheet { name: name.to_owned(), members: words(members), active, ..Sheet::default() }
    }

    #[test]
    fn two_peoples_changes_are_put_together() {
        let seen = sheet("Desk", "ann bo cy", true);
        let now = sheet("Front desk", "ann cy dee", true);
        let mine = sheet("Desk", "ann bo eve", false);
        let both = mine.on_top_of(&now, &seen);
        assert_eq!(both, sheet("Front desk", "ann dee eve", false));
        let renamed = sheet("My desk", "ann bo cy", true);
        assert_eq!(renamed.on_top_of(&now, &seen), sheet("My desk", "ann cy dee", true));
        assert_eq!(mine.on_top_of(&seen, &seen), mine);
    }

    #[test]
    fn what_the_other_changed_is_told_by_name() {
        let seen = sheet("Desk", "ann bo cy", true);
        let now = sheet("Front desk", "ann dee", false);
        let members = HashMap::from([("ann", "Ann"), ("bo", "Bo"), ("dee", "Dee")]);
        let words = Words { privileges: &HashMap::new(), members: &members };
        let lines = seen.told(&now, &seen, &words);
        let expected = [
            "Its name is now “Front desk”.",
            "It is no longer active.",
            "Added: Dee.",
            "Removed: Bo and 1 more.",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_form_brings_along_what_its_page_showed() {
        let mut seen = sheet("Desk", "ann bo", true);
        seen.description = "Two\nlines".to_owned();
        let fields = seen.hidden().into_iter().map(|(name, value)| (name.to_owned(), value));
        assert_eq!(Sheet::seen(&Form::of(fields)), seen);
        let form = Form::of([("name".into(), "Other".into()), ("members".into(), "cy".into())]);
        assert_eq!(Sheet::staged(&form, "members", Some(&seen)).name, "Desk");
        assert_eq!(Sheet::staged(&form, "members", None), sheet("Other", "cy", false));
    }

    #[test]
    fn another_name_is_asked_about_unless_it_is_clear_what_it_means() {
        let seen = sheet("Desk", "ann", true);
        let naming = |fields: &[(&str, &str)]| {
            let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Naming::of(&Form::of(fields), &seen)
        };
        assert_eq!(naming(&[("name", "Desk")]), Naming::Keep);
        assert_eq!(naming(&[("name", " ")]), Naming::Keep);
        assert_eq!(naming(&[("name", "desk")]), Naming::Ask);
        assert_eq!(naming(&[("name", "Desk"), ("edit_name", "yes")]), Naming::Rename);
        let answered =
            |means, asked| naming(&[("name", "Two"), ("asked_name", asked), ("name_means", means)]);
        assert_eq!(answered("rename", "Two"), Naming::Rename);
        assert_eq!(answered("create", "Two"), Naming::Create);
        assert_eq!(answered("keep", "Two"), Naming::Keep);
        assert_eq!(answered("rename", "One"), Naming::Ask);
        assert_eq!(answered("", "Two"), Naming::Ask);
    }

    #[test]
    fn a_new_set_never_takes_the_default_from_the_one_it_was_copied_from() {
        let form = |fields: &[(&str, &str)]| {
            let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Sheet::created(&Form::of(fields), "members")
        };
        assert!(!form(&[("name", "Two"), ("default", "yes"), ("was_default", "yes")]).default);
        assert!(form(&[("name", "Two"), ("default", "yes")]).default);
    }
}
