//! Where a page of a list ends, so that the next one goes on exactly there: also when several requests are equally
//! urgent, and when one became overdue in between.

use crate::requests::{Priority, store::RequestRow};
use kernel::{clock::Time, error::Result, id::RequestId, text};

/// A request's place in a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The moment at which the first page was read: it decides what is overdue on all of them.
    pub now: Time,
    /// The order by urgency, ascending; `lists.rs` computes the same in SQL.
    pub key: [i64; 3],
    pub id: RequestId,
}

impl Place {
    /// The beginning of every list.
    pub const fn start(now: Time) -> Self {
        Self { now, key: [-1, 0, 0], id: RequestId::last() }
    }

    pub(super) fn of(row: &RequestRow, now: Time) -> Self {
        let open = row.settled_at.is_none();
        let rank = match (open, row.overdue(now), row.priority) {
            (true, true, _) => 0,
            (true, false, Priority::High) => 1,
            _ => 2,
        };
        let due = row.due_at.filter(|_| open).map_or(i64::MAX, Time::micros);
        Self { now, key: [rank, due, -row.updated_at.micros()], id: row.id }
    }

    /// As a cursor of a list that is sorted by urgency, or newest first.
    pub(super) fn cursor(&self, by_urgency: bool) -> String {
        let Self { now, key: [rank, due, changed], id } = self;
        match by_urgency {
            true => format!("{}.{rank}.{due}.{changed}.{id}", now.micros()),
            false => id.to_string(),
        }
    }

    /// Reads a cursor; without one, the list begins.
    ///
    /// # Errors
    /// It is not a cursor of such a list.
    pub(super) fn read(cursor: Option<&str>, by_urgency: bool, now: Time) -> Result<Self> {
        let read = |text: &str| match by_urgency {
            true => Self::urgent(text),
            false => Some(Self { id: text.parse().ok()?, ..Self::start(now) }),
        };
        Ok(text::cursor(cursor, read)?.unwrap_or(Self::start(now)))
    }

    fn urgent(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let mut number = || parts.next()?.parse::<i64>().ok();
        let (now, key) = (Time::from_micros(number()?), [number()?, number()?, number()?]);
        let id = parts.next()?.parse().ok()?;
        parts.next().is_none().then_some(Self { now, key, id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_as_it_was_written_and_no_other_list_takes_it() {
        let now = Time::from_micros(1_764_400_000_000_000);
        let place = Place { now, key: [1, i64::MAX, -7], id: RequestId::nil() };
        let cursor = place.cursor(true);
        let later = now.plus(5);
        assert_eq!(Place::read(Some(&cursor), true, later).unwrap(), place);
        assert!(Place::read(Some(&cursor), false, later).is_err());
        let plain = place.cursor(false);
        assert_eq!(Place::read(Some(&plain), false, later).unwrap().id, place.id);
        assert!(Place::read(Some(&plain), true, later).is_err());
        for wrong in ["", ".", "1.2.3.4", "1.2.3.4.x", &format!("{cursor}.1")] {
            assert!(Place::read(Some(wrong), true, later).is_err(), "{wrong}");
        }
        assert_eq!(Place::read(None, true, now).unwrap(), Place::start(now));
    }
}
