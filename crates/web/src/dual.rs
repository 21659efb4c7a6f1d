//! The dual list: who is not in a set and who is, side by side. One part for everything that has members.
//!
//! It is a list of check boxes. With JavaScript, `dual.js` turns those boxes into the two lists, so the form sends
//! the same fields either way.

#![allow(missing_docs, reason = "a comment says what a name doesn't")]

use askama::{Template, filters::HtmlSafe};

/// A person or client who can be in the set.
#[derive(Clone, Debug)]
pub struct Item {
    /// What the form sends.
    pub id: String,
    pub name: String,
    /// Tells two of the same name apart.
    pub sub: String,
    pub assigned: bool,
}

impl Item {
    /// An unassigned one.
    pub fn new(id: impl ToString, name: String, sub: String) -> Self {
        Self { id: id.to_string(), name, sub, assigned: false }
    }
}

/// The words for what the list holds.
#[derive(Clone, Copy, Debug)]
pub struct Nouns {
    /// The form field: `members`.
    pub field: &'static str,
    /// The heading: `People`.
    pub title: &'static str,
    /// Singular: `person`.
    pub one: &'static str,
    /// Plural: `people`.
    pub many: &'static str,
    /// The sentence shown instead of empty lists.
    pub none: &'static str,
}

/// The two lists.
#[derive(Template)]
#[template(path = "web/src/templates/dual.html")]
pub struct DualList {
    nouns: Nouns,
    items: Vec<Item>,
    error: Option<String>,
}

impl HtmlSafe for DualList {}

impl DualList {
    /// Shows the items in the order given, with the field's error.
    pub fn new(nouns: Nouns, items: Vec<Item>, error: Option<String>) -> Self {
        Self { nouns, items, error }
    }

    fn assigned(&self) -> usize {
        self.items.iter().filter(|item| item.assigned).count()
    }
}
