//! Turns: those who write in one account wait for each other here, in the order in which they came.
//!
//! On PostgreSQL two such transactions would meet at the end of the account's audit trail, and the later one would
//! fail and begin again; of many, nearly all would. So the second waits before it begins. What other processes write
//! is not seen here: the few conflicts that remain are retried.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{Mutex as Lock, OwnedMutexGuard};

/// Whose turn it is, by the account's id.
pub(crate) type Key = [u8; 16];

/// The lines of one database, by account. An account that nobody waits for has none.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<HashMap<Key, Arc<Lock<()>>>>>);

/// The turns that one transaction has.
pub(crate) struct Turns {
    lines: Lines,
    held: Mutex<Vec<Turn>>,
}

struct Turn {
    key: Key,
    lines: Lines,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Lines {
    fn line(&self, key: Key) -> Arc<Lock<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone()
    }

    /// Waits for its turn in each of these lines: in the order of the keys, so that no two wait for each other.
    pub(crate) async fn wait(&self, keys: &BTreeSet<Key>) -> Turns {
        let mut held = Vec::new();
        for &key in keys {
            let guard = self.line(key).lock_owned().await;
            held.push(Turn { key, lines: self.clone(), guard: Some(guard) });
        }
        Turns { lines: self.clone(), held: Mutex::new(held) }
    }
}

impl Turns {
    /// Whether the turn could be had without waiting. Inside a transaction nobody waits: what it has read by then
    /// would be outdated.
    pub(crate) fn take(&self, key: Key) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.iter().any(|turn| turn.key == key) {
            return true;
        }
        let Ok(guard) = self.lines.line(key).try_lock_owned() else { return false };
        held.push(Turn { key, lines: self.lines.clone(), guard: Some(guard) });
        true
    }

    /// The accounts in whose lines these turns are.
    pub(crate) fn keys(&self) -> Vec<Key> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|turn| turn.key).collect()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        drop(self.guard.take());
        let mut lines = self.lines.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those who wait or are about to hold the line too.
        if lines.get(&self.key).is_some_and(|line| Arc::strong_count(line) == 1) {
            lines.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Key = [1; 16];
    const B: Key = [2; 16];

    #[tokio::test]
    async fn a_turn_is_held_by_one_and_passes_to_who_waits() {
        let lines = Lines::default();
        let first = lines.wait(&BTreeSet::from([A])).await;
        let other = lines.wait(&BTreeSet::new()).await;
        assert!(first.take(A) && first.take(B));
        assert!(!other.take(A) && !other.take(B));
        let waiting = tokio::spawn({
            let lines = lines.clone();
            async move { lines.wait(&BTreeSet::from([A, B])).await.keys() }
        });
        tokio::task::yield_now().await;
        drop(first);
        assert_eq!(waiting.await.unwrap(), [A, B]);
        assert!(other.take(A));
        drop(other);
        assert!(lines.0.lock().unwrap().is_empty());
    }
}
