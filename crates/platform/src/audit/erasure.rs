//! Erasure: what events say about a person goes, and an event says of which.

use kernel::{
    error::Result,
    id::{AccountId, UserId},
};
use storage::Tx;

use crate::audit::{Action, Event, record, store};

/// How many events one erasure names.
const AT_ONCE: usize = 100;

/// Erases what an account's events about an object (a person, an invitation, …) say about people, and records that.
/// Says how many events that were.
///
/// # Errors
/// The database fails.
pub async fn erase(tx: &Tx, account: AccountId, object: &str, actor: Option<UserId>) -> Result<usize> {
    let numbers = store::details_about(tx, account, object).await?;
    store::wipe(tx, account, object).await?;
    for some in numbers.chunks(AT_ONCE) {
        let event = Event::unattended(account, Action::DetailsErased, words(some));
        record(tx, Event { actor, ..event }).await?;
    }
    Ok(numbers.len())
}

/// Events by number, in words that [`numbers`] reads: "events 3, 7, 8".
fn words(numbers: &[i64]) -> String {
    format!("events {}", numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", "))
}

/// The events that an erasure names.
pub(super) fn numbers(words: &str) -> impl Iterator<Item = i64> + '_ {
    let list = words.strip_prefix("events ").unwrap_or_default();
    list.split(',').filter_map(|number| number.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_erasure_names_its_events_and_is_read_back() {
        assert_eq!(numbers(&words(&[3, 7, 8])).collect::<Vec<_>>(), [3, 7, 8]);
        assert_eq!(numbers("acc_1").count(), 0);
    }
}
