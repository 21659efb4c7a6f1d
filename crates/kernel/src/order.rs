//! The order of a list that people sort by its columns.

/// What a list can be sorted by: an enum whose values are words. [`sortable!`](crate::sortable) makes one of an enum
/// that [`word!`](crate::word!) declared.
pub trait Sortable: Copy + Eq {
    /// The word in addresses.
    fn name(self) -> &'static str;
    /// What a word means, if it is one of this list's.
    fn named(name: &str) -> Option<Self>;
}

/// Lets lists be sorted by an enum that `word!` declared.
#[macro_export]
macro_rules! sortable {
    ($name:ident) => {
        impl $crate::order::Sortable for $name {
            fn name(self) -> &'static str {
                self.word()
            }

            fn named(name: &str) -> Option<Self> {
                Self::read(name)
            }
        }
    };
}

/// By which column a list is sorted, and whether its greatest values come first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Order<C> {
    /// The column.
    pub by: C,
    /// Whether its greatest values come first.
    pub descending: bool,
}

impl<C: Sortable> Order<C> {
    /// The least values first.
    pub const fn ascending(by: C) -> Self {
        Self { by, descending: false }
    }

    /// The greatest values first.
    pub const fn descending(by: C) -> Self {
        Self { by, descending: true }
    }

    /// As an address has it: `name`, or `-name` for the greatest first. What is no order of this list means none.
    pub fn read(text: &str) -> Option<Self> {
        let (name, descending) = match text.strip_prefix('-') {
            Some(name) => (name, true),
            None => (text, false),
        };
        C::named(name).map(|by| Self { by, descending })
    }

    /// As an address has it.
    pub fn word(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.by.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::word! {
        enum Column {
            Name = "name",
            Updated = "updated",
        }
    }
    sortable!(Column);

    #[test]
    fn an_order_is_read_as_it_is_written() {
        for order in [Order::ascending(Column::Name), Order::descending(Column::Updated)] {
            assert_eq!(Order::read(&order.word()), Some(order));
        }
        assert_eq!(Order::<Column>::read("-updated"), Some(Order::descending(Column::Updated)));
        for none in ["", "-", "--name", "Name", "salary"] {
            assert_eq!(Order::<Column>::read(none), None, "{none}");
        }
    }
}
