//! A list on a page: a table whose columns sort it, the fields that filter it, and the links to further pages. All three
//! are kept in the address, so that each keeps the others, and a page of a list can be sent to a colleague.
//!
//! A slice says what its list is sorted by (an enum beside its store), reads the order with [`order`], and hands a
//! [`Heads`] to the template, which draws each head with [`Heads::head`].

use askama::{Template, filters::HtmlSafe};

use crate::parts::{Pager, link};
use kernel::order::{Order, Sortable};

/// The order that an address asks for, or the list's usual one.
pub fn order<C: Sortable>(asked: Option<&str>, usual: Order<C>) -> Order<C> {
    asked.and_then(Order::read).unwrap_or(usual)
}

/// Where a list is, what filters it, and how it is sorted.
#[derive(Clone, Debug)]
pub struct Heads {
    path: String,
    filters: Vec<(String, String)>,
    /// As the address has it.
    order: String,
    usual: String,
    /// Where the page began.
    cursor: Option<String>,
    next: Option<String>,
}

impl Heads {
    /// A list at `path` with these filters, in this order.
    pub fn new<C: Sortable>(path: &str, filters: &[(&str, &str)], order: Order<C>, usual: Order<C>) -> Self {
        let filters = filters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (order, usual) = (order.word(), usual.word());
        Self { path: path.to_owned(), filters, order, usual, cursor: None, next: None }
    }

    /// With where this page began and where the next begins.
    #[must_use]
    pub fn paged(mut self, cursor: Option<&str>, next: Option<&str>) -> Self {
        (self.cursor, self.next) = (cursor.map(str::to_owned), next.map(str::to_owned));
        self
    }

    /// Whether one page shows all of it.
    pub fn is_whole(&self) -> bool {
        self.cursor.is_none() && self.next.is_none()
    }

    /// The order as an address has it; empty for the usual one.
    pub fn sort(&self) -> &str {
        if self.order == self.usual { "" } else { &self.order }
    }

    fn pairs<'a>(&'a self, sort: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut pairs =
            self.filters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>();
        pairs.push(("sort", sort));
        pairs
    }

    /// The head of a column of names and the like: A comes first, at the second press Z.
    pub fn head(&self, by: &str, label: &str) -> Head {
        self.column(by, label, false)
    }

    /// The head of a column of moments and counts: the newest and most come first.
    pub fn head_newest(&self, by: &str, label: &str) -> Head {
        self.column(by, label, true)
    }

    fn column(&self, by: &str, label: &str, first_descending: bool) -> Head {
        let (descending, current) = match self.order.strip_prefix('-') {
            Some(column) => (true, column == by),
            None => (false, self.order == by),
        };
        let next = if current { !descending } else { first_descending };
        let next = format!("{}{by}", if next { "-" } else { "" });
        let sort = if next == self.usual { "" } else { &next };
        let sorted = match (current, descending) {
            (false, _) => "",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        Head { href: link(&self.path, &self.pairs(sort)), label: label.to_owned(), sorted, class: "" }
    }

    /// The field that keeps the order while a form filters the list; nothing for the usual order.
    pub fn kept(&self) -> Kept {
        Kept { sort: self.sort().to_owned() }
    }

    /// The links to further pages.
    pub fn pager(&self) -> Pager {
        Pager::new(&self.path, &self.pairs(self.sort()), self.cursor.as_deref(), self.next.as_deref())
    }
}

/// The head of a column that sorts its list.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<th scope="col"{% if !sorted.is_empty() %} aria-sort="{{ sorted }}"{% endif %}{% if !class.is_empty() %} class="{{ class }}"{% endif %}><a href="{{ href }}">{{ label }}</a></th>"#
)]
pub struct Head {
    href: String,
    label: String,
    sorted: &'static str,
    class: &'static str,
}

impl Head {
    /// Over a column of numbers.
    #[must_use]
    pub fn num(mut self) -> Self {
        self.class = "num";
        self
    }
}

/// What a form that filters a list brings along of its order.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if !sort.is_empty() %}<input type="hidden" name="sort" value="{{ sort }}">{% endif %}"#
)]
pub struct Kept {
    sort: String,
}

impl HtmlSafe for Head {}
impl HtmlSafe for Kept {}

#[cfg(test)]
mod tests {
    use super::*;

    kernel::word! {
        enum Column {
            Name = "name",
            Updated = "updated",
        }
    }
    kernel::sortable!(Column);

    fn listing(order: &str) -> Heads {
        let usual = Order::ascending(Column::Name);
        let order = super::order(Some(order), usual);
        Heads::new("/x", &[("q", "a&b"), ("role", "")], order, usual).paged(Some("c1"), Some("c2"))
    }

    #[test]
    fn a_head_sorts_keeps_the_filters_and_turns_at_the_second_press() {
        let usual = listing("");
        let name = usual.head("name", "Name").to_string();
        assert!(name.contains("aria-sort=\"ascending\"") && name.contains("sort=-name"), "{name}");
        assert!(name.contains("/x?q=a%26b&#38;sort=-name"), "{name}");
        let updated = usual.head_newest("updated", "Updated").to_string();
        assert!(!updated.contains("aria-sort") && updated.contains("sort=-updated"), "{updated}");
        let newest = listing("-updated");
        let updated = newest.head_newest("updated", "Updated").to_string();
        assert!(
            updated.contains("aria-sort=\"descending\"") && updated.contains("sort=updated"),
            "{updated}"
        );
        // The way back to the usual order needs no word.
        assert!(newest.head("name", "Name").to_string().contains("href=\"/x?q=a%26b\""));
    }

    #[test]
    fn forms_and_pages_keep_the_order() {
        assert_eq!(listing("").kept().to_string(), "");
        assert_eq!(listing("salary").sort(), "");
        let newest = listing("-updated");
        assert_eq!(newest.kept().to_string(), "<input type=\"hidden\" name=\"sort\" value=\"-updated\">");
        let pager = newest.pager().to_string();
        assert!(
            pager.contains("sort=-updated&#38;cursor=c2") && pager.contains("sort=-updated\""),
            "{pager}"
        );
    }
}
