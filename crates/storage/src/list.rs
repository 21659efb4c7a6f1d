//! Lists that people page through: by what they are sorted, where a page begins, and the statements of every order.
//!
//! A list declares its keys once ([`orders!`](crate::orders)). What a caller may ask for, what a cursor holds, the API
//! document and the order of the rows follow from that. A page goes on after the key *and* the id of the last row as
//! they were shown, so it neither repeats nor skips a row that stays as it is, whatever changes meanwhile.

use std::{cmp::Ordering, marker::PhantomData};

use data_encoding::BASE64URL_NOPAD;

use crate::{Param, Sql, Value};
use kernel::{
    clock::Time,
    error::{Error, Fault, Result},
    id::{Id, Named},
};

/// What a key is to the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The id itself, which holds the moment of creation.
    Created,
    /// A moment.
    Moment,
    /// A text that is folded for sorting.
    Folded,
}

/// How a list can be sorted.
#[derive(Debug)]
pub struct Sorts {
    /// The keys by name, in the order of the list's statements.
    pub keys: &'static [(&'static str, Kind)],
    /// The order where none is asked for: a key, with `-` before it from the greatest.
    pub first: &'static str,
    /// Whether ids tell when rows were created, so that `created_after` can be asked for.
    pub created: bool,
    /// Whether rows know when they changed, so that `updated_after` can be asked for.
    pub updated: bool,
}

impl Sorts {
    /// A list whose ids tell when its rows were created.
    pub const fn new(first: &'static str, keys: &'static [(&'static str, Kind)]) -> Self {
        Self { keys, first, created: true, updated: false }
    }

    /// Its rows know when they changed.
    #[must_use]
    pub const fn updated(self) -> Self {
        Self { updated: true, ..self }
    }

    /// Its rows are known by the ids of something older.
    #[must_use]
    pub const fn undated(self) -> Self {
        Self { created: false, ..self }
    }

    /// Every order that can be asked for.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.keys.iter().flat_map(|(name, _)| [(*name).to_owned(), format!("-{name}")])
    }

    fn order(&self, name: &str) -> Option<(usize, bool)> {
        let (bare, down) = name.strip_prefix('-').map_or((name, false), |bare| (bare, true));
        let key = self.keys.iter().position(|(known, _)| *known == bare)?;
        Some((key, down))
    }
}

/// A list, by its rows' ids and its keys. Made by [`orders!`](crate::orders).
pub trait Sorted: Send + Sync + 'static {
    /// What its rows are known by.
    type Of: Named;
    /// How it can be sorted.
    const SORTS: &'static Sorts;
}

/// Declares lists: what their rows are known by, the order where none is asked for, and their keys:
/// `orders! { pub Cases of Case: "-created_at" ["created_at" Created, "updated_at" Moment] updated; }`.
#[macro_export]
macro_rules! orders {
    ($($(#[$meta:meta])* $vis:vis $name:ident of $of:ident: $first:literal [$($key:literal $kind:ident),+] $($more:ident)?;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $vis enum $name {}

        impl $crate::list::Sorted for $name {
            type Of = kernel::id::$of;
            const SORTS: &'static $crate::list::Sorts = &$crate::list::Sorts::new(
                $first,
                &[$(($key, $crate::list::Kind::$kind)),+],
            )$(.$more())?;
        }
    )+};
}

/// The statements of a list, in the order of its keys: each from the least, and from the greatest. Made by
/// [`sorted!`](crate::sorted).
pub type Statements = &'static [[Sql; 2]];

/// Makes the statements of a list out of one: a macro that takes what is true of the rows after the page before, and
/// the order, each as literals in brackets. `$1` is the id of the row before, `$2` its key, `$3` the id of who was created
/// last before the list begins; `$4` is the time of the last change before that, where rows know theirs:
/// `sorted!(list; "c.id"; Created, Moment "c.updated_at")`. A row whose columns have parameters of their own says with which
/// numbers the list begins instead: `sorted!(list ("$4" "$5"); …)`.
#[macro_export]
macro_rules! sorted {
    (@pair $statement:ident, $id:literal, $after:literal $at:literal, Created) => {
        [
            $statement!([$id " > " $after " AND CAST(" $at " AS BIGINT) IS NOT NULL"] [$id]),
            $statement!([$id " < " $after " AND CAST(" $at " AS BIGINT) IS NOT NULL"] [$id " DESC"]),
        ]
    };
    (@pair $statement:ident, $id:literal, $after:literal $at:literal, $kind:ident $key:literal) => {
        [
            $statement!(["(" $key ", " $id ") > (" $at ", " $after ")"] [$key ", " $id]),
            $statement!(["(" $key ", " $id ") < (" $at ", " $after ")"] [$key " DESC, " $id " DESC"]),
        ]
    };
    (@all $statement:ident, $id:literal, $after:literal $at:literal; $($kind:ident $($key:literal)?),+) => {
        &[$($crate::sorted!(@pair $statement, $id, $after $at, $kind $($key)?)),+]
    };
    ($statement:ident; $id:literal; $($keys:tt)+) => {
        $crate::sorted!(@all $statement, $id, "$1" "$2"; $($keys)+)
    };
    ($statement:ident ($after:literal $at:literal); $id:literal; $($keys:tt)+) => {
        $crate::sorted!(@all $statement, $id, $after $at; $($keys)+)
    };
}

/// The key of a row.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Key {
    /// It is the id.
    Created,
    /// A moment.
    Moment(Time),
    /// A folded text.
    Folded(String),
}

impl Key {
    /// Before every key of this kind, or after every one.
    fn end(kind: Kind, down: bool) -> Self {
        match (kind, down) {
            (Kind::Created, _) => Self::Created,
            (Kind::Moment, false) => Self::Moment(Time::from_micros(i64::MIN)),
            (Kind::Moment, true) => Self::Moment(Time::from_micros(i64::MAX)),
            (Kind::Folded, false) => Self::Folded(String::new()),
            // No character follows it, and no text of ours begins with it.
            (Kind::Folded, true) => Self::Folded("\u{10ffff}".to_owned()),
        }
    }

    /// A name as lists sort it; `last` puts it behind all names that are not.
    pub fn name(name: &str, last: bool) -> Self {
        Self::Folded(format!("{}{}", u8::from(last), kernel::text::fold(name)))
    }

    fn written(&self) -> String {
        match self {
            Self::Created => String::new(),
            Self::Moment(at) => at.micros().to_string(),
            Self::Folded(text) => text.clone(),
        }
    }

    fn read(kind: Kind, text: &str) -> Option<Self> {
        match kind {
            Kind::Created => text.is_empty().then_some(Self::Created),
            Kind::Moment => text.parse().ok().map(Time::from_micros).map(Self::Moment),
            Kind::Folded => Some(Self::Folded(text.to_owned())),
        }
    }
}

impl From<Time> for Key {
    fn from(at: Time) -> Self {
        Self::Moment(at)
    }
}

impl From<String> for Key {
    fn from(folded: String) -> Self {
        Self::Folded(folded)
    }
}

impl Param for Key {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Created => Value::Int(0),
            Self::Moment(at) => Value::Int(at.micros()),
            Self::Folded(text) => Value::Text(text),
        }
    }
}

/// What a caller asks of a list.
#[derive(Clone, Copy, Default, Debug)]
pub struct Asked<'a> {
    /// The order by name.
    pub sort: Option<&'a str>,
    /// Where the page before ended, as its answer said.
    pub cursor: Option<&'a str>,
    /// Only rows that were created later.
    pub created_after: Option<Time>,
    /// Only rows that changed later.
    pub updated_after: Option<Time>,
}

/// Which part of a list, in which order.
pub struct Listing<L: Sorted> {
    key: usize,
    down: bool,
    /// The row before the page.
    after: (Key, Id<L::Of>),
    /// Greater than the ids of all rows that are too old.
    least: Id<L::Of>,
    updated: Time,
    list: PhantomData<fn() -> L>,
}

impl<L: Sorted> Clone for Listing<L> {
    fn clone(&self) -> Self {
        Self { after: self.after.clone(), ..*self }
    }
}

impl<L: Sorted> std::fmt::Debug for Listing<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listing")
            .field("sort", &self.sort())
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}

impl<L: Sorted> Default for Listing<L> {
    /// All of it, in the order where none is asked for.
    fn default() -> Self {
        Self::ordered(L::SORTS.order(L::SORTS.first).unwrap_or_default())
    }
}

impl<L: Sorted> Listing<L> {
    fn ordered((key, down): (usize, bool)) -> Self {
        let kind = L::SORTS.keys.get(key).map_or(Kind::Created, |(_, kind)| *kind);
        let end = if down { Id::last() } else { Id::nil() };
        let (after, updated) = ((Key::end(kind, down), end), Time::from_micros(i64::MIN));
        Self { key, down, after, least: Id::nil(), updated, list: PhantomData }
    }

    /// What a caller asks for.
    ///
    /// # Errors
    /// There is no such order, or the cursor is of another list or another order.
    pub fn read(asked: Asked<'_>) -> Result<Self> {
        let order = L::SORTS.order(asked.sort.unwrap_or(L::SORTS.first)).ok_or_else(unknown_sort::<L>)?;
        let mut listing = Self::ordered(order);
        if let Some(cursor) = asked.cursor {
            listing.after = listing.place(cursor)?;
        }
        if let Some(at) = asked.created_after {
            listing.least = Id::at(at, [u8::MAX; 8]);
        }
        if let Some(at) = asked.updated_after {
            listing.updated = at;
            // Oldest change first, the list begins there, and what is older isn't even looked at.
            let begins = listing.by() == "updated_at" && !listing.down && asked.cursor.is_none();
            listing.after = if begins { (Key::Moment(at), Id::last()) } else { listing.after };
        }
        Ok(listing)
    }

    /// The page that a cursor begins, in the order where none is asked for.
    ///
    /// # Errors
    /// It is not a cursor of this list.
    pub fn from_cursor(cursor: Option<&str>) -> Result<Self> {
        Self::read(Asked { cursor, ..Asked::default() })
    }

    /// The list after a row, in the order where none is asked for.
    #[must_use]
    pub fn behind(key: impl Into<Key>, id: Id<L::Of>) -> Self {
        Self { after: (key.into(), id), ..Self::default() }
    }

    /// Only what was created later.
    #[must_use]
    pub fn created_after(self, at: Time) -> Self {
        Self { least: Id::at(at, [u8::MAX; 8]), ..self }
    }

    /// Whether it is in the order, and of the length, in which it is read fastest.
    pub fn is_plain(&self) -> bool {
        self.kind() == Kind::Created && self.updated == Time::from_micros(i64::MIN)
    }

    fn kind(&self) -> Kind {
        L::SORTS.keys.get(self.key).map_or(Kind::Created, |(_, kind)| *kind)
    }

    /// The key that the list is sorted by: what a row's [`Key`] is made of.
    pub fn by(&self) -> &'static str {
        L::SORTS.keys.get(self.key).map_or("", |(name, _)| *name)
    }

    /// Whether it begins at the greatest.
    pub fn descends(&self) -> bool {
        self.down
    }

    /// The order by name.
    fn sort(&self) -> String {
        format!("{}{}", if self.down { "-" } else { "" }, self.by())
    }

    /// The id of the row before the page.
    pub fn after(&self) -> Id<L::Of> {
        self.after.1
    }

    /// The id before those of all rows that count.
    pub fn least(&self) -> Id<L::Of> {
        self.least
    }

    /// The statement of its order.
    ///
    /// # Errors
    /// The statements are those of another list: a mistake of ours.
    pub fn statement(&self, statements: Statements) -> Result<Sql> {
        let both = statements.get(self.key).ok_or_else(|| Error::internal("a list has no statement"))?;
        Ok(both[usize::from(self.down)])
    }

    /// What its statements begin with: where the page begins, and from when on rows count.
    pub fn params(&self) -> Vec<&dyn Param> {
        let mut params: Vec<&dyn Param> = vec![&self.after.1, &self.after.0, &self.least];
        if L::SORTS.updated {
            params.push(&self.updated);
        }
        params
    }

    /// The cursor of the page after this row.
    pub fn cursor(&self, key: &Key, id: Id<L::Of>) -> String {
        // The usual order of most lists: such a cursor says what it is.
        if self.kind() == Kind::Created && self.sort() == L::SORTS.first {
            return id.to_string();
        }
        BASE64URL_NOPAD.encode(format!("{}\n{id}\n{}", self.sort(), key.written()).as_bytes())
    }

    fn place(&self, cursor: &str) -> Result<(Key, Id<L::Of>)> {
        if let Ok(id) = cursor.parse() {
            let here = self.kind() == Kind::Created && self.sort() == L::SORTS.first;
            return if here { Ok((Key::Created, id)) } else { Err(other_sort(L::SORTS.first)) };
        }
        let text =
            BASE64URL_NOPAD.decode(cursor.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.ok_or_else(not_a_cursor)?;
        let (sort, rest) = text.split_once('\n').ok_or_else(not_a_cursor)?;
        let (id, key) = rest.split_once('\n').ok_or_else(not_a_cursor)?;
        let id = id.parse().map_err(|_| not_a_cursor())?;
        L::SORTS.order(sort).ok_or_else(not_a_cursor)?;
        if sort != self.sort() {
            return Err(other_sort(sort));
        }
        // PostgreSQL knows no NUL, and no key of ours has a control character.
        let key = Some(key).filter(|key| !key.chars().any(char::is_control));
        Ok((key.and_then(|key| Key::read(self.kind(), key)).ok_or_else(not_a_cursor)?, id))
    }

    /// Sorts a short list that was read whole, and leaves out what is before the page or too old: rows with their keys
    /// and ids, and when they changed.
    pub fn arrange<T>(
        &self,
        rows: Vec<T>,
        of: impl Fn(&T) -> (Key, Id<L::Of>),
        changed: impl Fn(&T) -> Key,
    ) -> Vec<T> {
        let (key, id) = (&self.after.0, self.after.1);
        let stale = |row: &T| L::SORTS.updated && changed(row) <= Key::Moment(self.updated);
        let fresh = |row: &T| (!L::SORTS.created || of(row).1 > self.least) && !stale(row);
        let order = |left: (&Key, Id<L::Of>), right: (&Key, Id<L::Of>)| {
            let order = left.cmp(&right);
            if self.down { order.reverse() } else { order }
        };
        let kept = rows.into_iter().filter(fresh).map(|row| (of(&row), row));
        let mut kept = kept
            .filter(|((own, own_id), _)| order((own, *own_id), (key, id)) == Ordering::Greater)
            .collect::<Vec<_>>();
        kept.sort_by(|(left, _), (right, _)| order((&left.0, left.1), (&right.0, right.1)));
        kept.into_iter().map(|(_, row)| row).collect()
    }
}

fn unknown_sort<L: Sorted>() -> Error {
    let known = L::SORTS.names().collect::<Vec<_>>().join(", ");
    let detail = format!("This list can’t be sorted by that. Use one of these: {known}.");
    Error::field("sort", Fault::new("unknown_sort", detail))
}

fn not_a_cursor() -> Error {
    Error::field("cursor", Fault::new("not_a_cursor", "This cursor isn't from this list. Start without one."))
}

fn other_sort(sort: &str) -> Error {
    let detail = format!(
        "This cursor continues the list sorted by {sort}. Send sort={sort} with it, or start without a cursor."
    );
    Error::field("cursor", Fault::new("cursor_of_another_sort", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::orders! {
        Cows of Client: "-created_at" ["created_at" Created, "updated_at" Moment, "name" Folded] updated;
    }

    fn id(n: u8) -> Id<kernel::id::Client> {
        Id::at(Time::from_micros(i64::from(n)), [n; 8])
    }

    fn asked<'a>(sort: Option<&'a str>, cursor: Option<&'a str>) -> Asked<'a> {
        Asked { sort, cursor, ..Asked::default() }
    }

    fn refused(asked: Asked<'_>) -> (String, String) {
        let error = Listing::<Cows>::read(asked).unwrap_err();
        (error.fields()[0].code.to_string(), error.fields()[0].detail.to_string())
    }

    #[test]
    fn a_cursor_goes_on_in_its_own_order_alone() {
        let plain = Listing::<Cows>::default();
        let cursor = plain.cursor(&Key::Created, id(1));
        assert_eq!(cursor, id(1).to_string());
        let again = Listing::<Cows>::read(asked(None, Some(&cursor))).unwrap();
        assert_eq!(again.after, (Key::Created, id(1)));
        let (code, detail) = refused(asked(Some("name"), Some(&cursor)));
        assert_eq!(code, "cursor_of_another_sort");
        assert!(detail.contains("sort=-created_at"), "{detail}");

        for (sort, key) in [
            ("created_at", Key::Created),
            ("-updated_at", Key::Moment(Time::from_micros(-7))),
            ("name", Key::Folded("ánna lee".to_owned())),
        ] {
            let listing = Listing::<Cows>::read(asked(Some(sort), None)).unwrap();
            let cursor = listing.cursor(&key, id(2));
            let again = Listing::<Cows>::read(asked(Some(sort), Some(&cursor))).unwrap();
            assert_eq!(again.after, (key, id(2)), "{sort}");
            for other in [None, Some("-name"), Some("updated_at")] {
                assert_eq!(
                    refused(asked(other, Some(&cursor))).0,
                    "cursor_of_another_sort",
                    "{sort} {other:?}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_order_and_no_cursor_is_refused() {
        let (code, detail) = refused(asked(Some("color"), None));
        assert_eq!(code, "unknown_sort");
        assert!(
            detail.ends_with("created_at, -created_at, updated_at, -updated_at, name, -name."),
            "{detail}"
        );
        for wrong in ["--name", "", "-"] {
            assert_eq!(refused(asked(Some(wrong), None)).0, "unknown_sort", "{wrong}");
        }
        let of = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        let here = id(1);
        for wrong in [
            "x".to_owned(),
            "cas_00000000000000000000000000".to_owned(),
            of("name"),
            of(&format!("color\n{here}\nx")),
            of("name\ncas_1\nx"),
            of(&format!("name\n{here}\na\u{0}b")),
            of(&format!("name\n{here}\na\nb")),
        ] {
            assert_eq!(refused(asked(Some("name"), Some(&wrong))).0, "not_a_cursor", "{wrong}");
        }
        let moment = of(&format!("updated_at\n{here}\nsoon"));
        assert_eq!(refused(asked(Some("updated_at"), Some(&moment))).0, "not_a_cursor");
    }

    #[test]
    fn a_short_list_is_arranged_as_the_database_would() {
        let rows = [(1, "b", 30), (2, "a", 20), (3, "b", 10)];
        let names = |sort: &str, cursor: Option<(Key, u8)>, updated: Option<i64>| {
            let mut listing = Listing::<Cows>::read(Asked {
                sort: Some(sort),
                updated_after: updated.map(Time::from_micros),
                ..Asked::default()
            })
            .unwrap();
            if let Some((key, of)) = cursor {
                listing.after = (key, id(of));
            }
            let by = listing.by();
            let of = |&(n, name, at): &(u8, &str, i64)| {
                let key = match by {
                    "name" => Key::Folded(name.to_owned()),
                    "updated_at" => Time::from_micros(at).into(),
                    _ => Key::Created,
                };
                (key, id(n))
            };
            let rows = listing.arrange(rows.to_vec(), of, |row| Time::from_micros(row.2).into());
            rows.into_iter().map(|row| row.0).collect::<Vec<_>>()
        };
        assert_eq!(names("-created_at", None, None), [3, 2, 1]);
        assert_eq!(names("name", None, None), [2, 1, 3]);
        assert_eq!(names("-name", None, None), [3, 1, 2]);
        assert_eq!(names("updated_at", None, Some(10)), [2, 1]);
        assert_eq!(names("name", Some((Key::Folded("b".to_owned()), 1)), None), [3]);
        assert_eq!(names("-name", Some((Key::Folded("b".to_owned()), 3)), None), [1, 2]);
        let after = Listing::<Cows>::default().created_after(Time::from_micros(1));
        let rows = after.arrange(vec![1, 2], |&n| (Key::Created, id(n)), |_| Time::from_micros(0).into());
        assert_eq!(rows, [2], "what was created at that very moment is not after it");
    }
}
