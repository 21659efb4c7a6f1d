//! How many requests an API key may make: counted in windows of a minute, by this process alone, in memory.
//!
//! Nothing here gives or takes a right. A restart begins anew, and several processes count each for themselves.

use std::{collections::HashMap, sync::Mutex};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use kernel::{
    clock::{MINUTE, SECOND, Time},
    random::Digest32,
};

/// The most keys that are counted at a time. Secrets that no key has are counted too, and can be made up at will.
const MOST: usize = 10_000;

/// The windows of the keys that called lately, by the hashes of their secrets.
#[derive(Default)]
pub(crate) struct Rates(Mutex<HashMap<Digest32, Window>>);

#[derive(Clone, Copy)]
struct Window {
    began: Time,
    used: u32,
}

/// Where a key stands in its window, this request included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Standing {
    limit: u32,
    left: u32,
    /// Seconds until the window ends.
    reset: u32,
    /// Whether this request is beyond the limit.
    pub(crate) over: bool,
}

impl Rates {
    /// Counts a request; of a limit of 0, nothing is counted.
    pub(crate) fn take(&self, key: Digest32, limit: u32, now: Time) -> Option<Standing> {
        let mut windows = self.0.lock().ok().filter(|_| limit > 0)?;
        let fresh = |window: &Window| (0..MINUTE).contains(&now.since(window.began));
        if windows.len() >= MOST && !windows.contains_key(&key) {
            windows.retain(|_, window| fresh(window));
            if windows.len() >= MOST {
                return None;
            }
        }
        let window = windows.entry(key).or_insert(Window { began: now, used: 0 });
        if !fresh(window) {
            *window = Window { began: now, used: 0 };
        }
        let over = window.used >= limit;
        window.used = window.used.saturating_add(1);
        let rest = MINUTE - now.since(window.began);
        let reset = u32::try_from((rest + SECOND - 1) / SECOND).unwrap_or(1).max(1);
        Some(Standing { limit, left: limit.saturating_sub(window.used), reset, over })
    }
}

impl Standing {
    /// Seconds after which the key may go on.
    pub(crate) fn wait(&self) -> u32 {
        self.reset
    }

    /// Says it as structured fields (draft-ietf-httpapi-ratelimit-headers): `"key";r=5999;t=60`.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        let Self { limit, left, reset, .. } = self;
        let fields = [
            ("ratelimit-policy", format!("\"key\";q={limit};w=60")),
            ("ratelimit", format!("\"key\";r={left};t={reset}")),
        ];
        for (name, value) in fields {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_its_limit_in_every_minute_and_no_other_keys() {
        let (rates, at) = (Rates::default(), Time::from_micros);
        let take = |key: u8, seconds: i64| rates.take([key; 32], 2, at(seconds * SECOND)).unwrap();
        assert_eq!(take(1, 0), Standing { limit: 2, left: 1, reset: 60, over: false });
        assert_eq!(take(1, 15), Standing { limit: 2, left: 0, reset: 45, over: false });
        assert_eq!(take(1, 59), Standing { limit: 2, left: 0, reset: 1, over: true });
        assert!(!take(2, 59).over, "another key has a window of its own");
        assert_eq!(take(1, 60), Standing { limit: 2, left: 1, reset: 60, over: false });
        assert!(!take(1, 10).over, "a clock that was set back shuts nobody out");
        assert_eq!(rates.take([1; 32], 0, at(0)), None, "without a limit, nothing is counted");
    }

    #[test]
    fn made_up_keys_take_little_memory() {
        let rates = Rates::default();
        let key = |n: usize| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&n.to_be_bytes());
            key
        };
        for n in 0..MOST + 50 {
            rates.take(key(n), 5, Time::from_micros(0));
        }
        assert_eq!(rates.0.lock().unwrap().len(), MOST);
        assert!(
            rates.take(key(0), 5, Time::from_micros(0)).is_some(),
            "who is counted goes on being counted"
        );
        assert!(rates.take(key(MOST + 7), 5, Time::from_micros(MINUTE)).is_some(), "old windows make room");
    }

    #[test]
    fn it_is_told_as_structured_fields() {
        let mut headers = HeaderMap::new();
        Rates::default().take([1; 32], 5, Time::from_micros(0)).unwrap().tell(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"key\";q=5;w=60");
        assert_eq!(headers["ratelimit"], "\"key\";r=4;t=60");
    }
}
