//! The sheet on which a named set is edited: a user group with its people, a client group with its clients.
//!
//! Everything on it is staged in the page until it is saved. The form brings along what the page showed when
//! it was opened, so that somebody else's save meanwhile can be told apart from one's own work: both are put
//! together, and what the other changed is said.

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

/// What a sheet says. Ids and privileges are as they are written in forms.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Sheet {
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it is in use.
    pub active: bool,
    /// Whether it is the default.
    pub default: bool,
    /// The privileges that are ticked.
    pub privileges: BTreeSet<String>,
    /// The ids of who is in it.
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
    /// What somebody staged. The name of one that exists stays, unless *Edit name* is ticked.
    pub fn staged(form: &Form, members: &str, seen: Option<&Self>) -> Self {
        let name = match seen {
            Some(seen) if !form.ticked("edit_name") => seen.name.clone(),
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

    /// One's own work on top of what is there now: what one changed stays changed, and everything else is as
    /// the other left it.
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

    /// What somebody else changed meanwhile, a line each. `mine` is one's own work.
    fn told(&self, now: &Self, mine: &Self, words: &Words<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        if self.name != now.name {
            let kept = if mine.name == self.name { "" } else { " The name that you typed is kept below." };
            lines.push(format!("Its name is now “{}”.{kept}", now.name));
        }
        if self.description != now.description {
            let kept = if mine.description == self.description { "" } else { " Yours is kept below." };
            lines.push(format!("The description was changed.{kept}"));
        }
        match (self.active, now.active) {
            (true, false) => lines.push("It is no longer active.".to_owned()),
            (false, true) => lines.push("It is active now.".to_owned()),
            _ => {}
        }
        match (self.default, now.default) {
            (true, false) => lines.push("It is no longer the default.".to_owned()),
            (false, true) => lines.push("It is the default now.".to_owned()),
            _ => {}
        }
        for (what, before, after, name) in [
            ("Privileges added", &self.privileges, &now.privileges, words.privileges),
            ("Privileges taken away", &now.privileges, &self.privileges, words.privileges),
            ("Added", &self.members, &now.members, words.members),
            ("Removed", &now.members, &self.members, words.members),
        ] {
            lines.extend(listed(what, after.difference(before).map(|id| name.get(id.as_str()).copied())));
        }
        lines
    }
}

/// What is said after a save to who typed another name without ticking *Edit name*.
pub fn name_stays(form: &Form, seen: &Sheet) -> &'static str {
    let typed = form.get("name").trim();
    match !form.ticked("edit_name") && !typed.is_empty() && typed != seen.name {
        true => " Its name stays, because Edit name was not ticked.",
        false => "",
    }
}

/// How what a sheet names is read.
struct Words<'a> {
    privileges: &'a HashMap<&'a str, &'a str>,
    /// Of who is there; others can't be named any more.
    members: &'a HashMap<&'a str, &'a str>,
}

/// How many names a line has at most.
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

/// What somebody sent that could not be done.
pub struct Refused {
    /// What they sent.
    pub form: Form,
    /// Why not.
    pub error: Error,
}

impl Refused {
    /// What could not be done.
    ///
    /// # Errors
    /// It is nothing that the form could mend, such as a missing right: it is given back.
    pub fn of(form: Form, error: Error) -> Result<Self> {
        match error.kind() {
            Kind::Invalid | Kind::Conflict | Kind::Stale | Kind::Throttled => Ok(Self { form, error }),
            _ => Err(error),
        }
    }
}

/// What a sheet is about.
pub struct Subject {
    /// What it is, to be read: "User group".
    pub label: &'static str,
    /// What Active and Default mean.
    pub about: &'static str,
    /// Who is in it.
    pub nouns: Nouns,
    /// The privileges to choose from: the word, the label, the meaning. None where there are none.
    pub privileges: Vec<(&'static str, &'static str, &'static str)>,
    /// Where the form posts; the page itself.
    pub action: String,
    /// What is kept now, and its version; none for what is yet to be made.
    pub kept: Option<(i64, Sheet)>,
    /// Who can be in it, by name.
    pub candidates: Vec<Item>,
}

/// What a form shows.
struct Shown {
    entry: Entry,
    version: Option<i64>,
    sheet: Sheet,
    seen: Sheet,
    changes: Vec<String>,
    status: StatusCode,
}

impl Subject {
    /// The form: as the set is kept, as it was sent, or one's own work on top of what somebody else saved
    /// meanwhile. With the status of the page that shows it.
    ///
    /// # Errors
    /// What was refused is nothing that the form could mend.
    pub fn form(mut self, refused: Option<Refused>) -> Result<(SheetForm, StatusCode)> {
        let unsaved = refused.is_some();
        let shown = match refused {
            None => self.as_kept(),
            Some(refused) => self.again(refused)?,
        };
        let Shown { entry, version, sheet, seen, changes, status } = shown;
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
            status: StatusCode::OK,
        }
    }

    fn again(&self, Refused { form, error }: Refused) -> Result<Shown> {
        let seen = self.kept.as_ref().map(|_| Sheet::seen(&form));
        let mut mine = Sheet::staged(&form, self.nouns.field, seen.as_ref());
        if let (Kind::Stale, Some(seen), Some((version, now))) = (error.kind(), &seen, &self.kept) {
            return Ok(Shown {
                entry: Entry::from(form),
                version: Some(*version),
                sheet: mine.on_top_of(now, seen),
                seen: now.clone(),
                changes: self.changes(seen, now, &mine),
                status: StatusCode::PRECONDITION_FAILED,
            });
        }
        form.get("name").clone_into(&mut mine.name);
        let version = self.kept.as_ref().map(|(version, _)| form.get("version").parse().unwrap_or(*version));
        let entry = Entry::again(form, error)?;
        let (seen, status) = (seen.unwrap_or_default(), entry.status());
        Ok(Shown { entry, version, sheet: mine, seen, changes: Vec::new(), status })
    }

    fn changes(&self, seen: &Sheet, now: &Sheet, mine: &Sheet) -> Vec<String> {
        let names = self.candidates.iter().map(|item| (item.id.as_str(), item.name.as_str()));
        let names = names.collect::<HashMap<_, _>>();
        let labels =
            self.privileges.iter().map(|(word, label, _)| (*word, *label)).collect::<HashMap<_, _>>();
        let told = seen.told(now, mine, &Words { privileges: &labels, members: &names });
        match told.is_empty() {
            true => vec!["It reads as you saw it.".to_owned()],
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
    /// What somebody else changed meanwhile.
    changes: Vec<String>,
    /// Whether work is staged that was not saved.
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
        let hint = match self.version {
            Some(_) => "To rename it, type the new name and tick Edit name.",
            None => "Type a new name.",
        };
        field.hint(hint).limit(text::NAME_LIMIT).autocomplete("off").required()
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
}
