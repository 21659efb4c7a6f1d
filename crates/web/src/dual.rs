//! The dual list: who is not in a set and who is, side by side. One part for everything that has members.
//!
//! It is a list of check boxes. With JavaScript, `dual.js` turns those very boxes into the two lists, so the
//! form sends the same fields either way.

use askama::{Template, filters::HtmlSafe};

/// One who can be in the set.
#[derive(Clone, Debug)]
pub struct Item {
    /// What the form sends.
    pub id: String,
    /// The name.
    pub name: String,
    /// What tells two of the same name apart.
    pub sub: String,
    /// Whether they are in it.
    pub assigned: bool,
}

impl Item {
    /// Someone who is not in it.
    pub fn new(id: impl ToString, name: String, sub: String) -> Self {
        Self { id: id.to_string(), name, sub, assigned: false }
    }
}

/// What the list speaks of.
#[derive(Clone, Copy, Debug)]
pub struct Nouns {
    /// The field's name: `members`.
    pub field: &'static str,
    /// The heading: `People`.
    pub title: &'static str,
    /// One of them: `person`.
    pub one: &'static str,
    /// Several: `people`.
    pub many: &'static str,
    /// What is said where there is nobody at all.
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
    /// Of these, in their order; with what is wrong with the choice.
    pub fn new(nouns: Nouns, items: Vec<Item>, error: Option<String>) -> Self {
        Self { nouns, items, error }
    }

    fn assigned(&self) -> usize {
        self.items.iter().filter(|item| item.assigned).count()
    }
}
