//! Turns at something costly: a few at a time, in an order in which no caller can make the others wait.
//!
//! Start-time fair queueing (Goyal, Vin, Cheng 1996) over two flows at once: the account that is asked for, and the
//! place that asks. Each turn moves its account back by [`ACCOUNT`] and its place by [`PLACE`], and the waiting
//! caller who is least far back goes next. So forty attempts on one account wait for each other, while everyone
//! else goes between them; and a place with many people counts as several accounts before it counts as one flood.

use std::{
    collections::{BTreeMap, HashMap},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// How far back a turn moves its account.
const ACCOUNT: u64 = 4;
/// How far back a turn moves its place: what four different accounts do there counts as one.
const PLACE: u64 = 1;
/// How many may wait. Beyond that, the one furthest back is sent away.
const MOST: usize = 1000;
/// How many flows are kept in mind before those that are over are forgotten.
const FLOWS: usize = 4096;

/// For whom a turn is taken.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Flow {
    /// The account that is asked for, known or not: an address, as it is compared.
    pub account: String,
    /// Where the caller is: a network.
    pub place: String,
}

/// A fixed number of turns, and who waits for one.
#[derive(Clone)]
pub struct Turns(Arc<Mutex<State>>);

struct State {
    free: usize,
    /// The virtual time: where the last one to get a turn stood.
    now: u64,
    back: HashMap<String, u64>,
    waiting: BTreeMap<(u64, u64), oneshot::Sender<Turn>>,
    arrived: u64,
}

/// A turn, given on when it is dropped.
pub struct Turn(Option<Turns>);

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.0.take() {
            turns.give_on();
        }
    }
}

impl Turns {
    /// So many at a time.
    pub fn new(free: usize) -> Self {
        let (back, waiting) = (HashMap::new(), BTreeMap::new());
        Self(Arc::new(Mutex::new(State { free, now: 0, back, waiting, arrived: 0 })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn. Safe to drop while waiting.
    ///
    /// # Errors
    /// Too many wait already, and this caller is furthest back.
    pub async fn take(&self, flow: &Flow) -> Result<Turn> {
        let waiting = {
            let mut state = self.state();
            let stand = state.stand(flow);
            if state.free > 0 {
                state.free -= 1;
                state.now = state.now.max(stand);
                return Ok(Turn(Some(self.clone())));
            }
            state.wait(stand)
        };
        waiting.await.map_err(|_| {
            Error::unavailable(
                "Too many people are signing in right now. Try again in a moment.",
                "turns are taken",
            )
        })
    }

    fn give_on(&self) {
        loop {
            let next = {
                let mut state = self.state();
                let Some(((stand, _), next)) = state.waiting.pop_first() else {
                    state.free += 1;
                    return;
                };
                state.now = state.now.max(stand);
                next
            };
            match next.send(Turn(Some(self.clone()))) {
                Ok(()) => return,
                // They went away. Their turn must not be given on a second time.
                Err(mut unused) => mem::drop(unused.0.take()),
            }
        }
    }
}

impl State {
    /// Where a caller stands, and how far the flows are back from now on.
    fn stand(&mut self, flow: &Flow) -> u64 {
        if self.back.len() > FLOWS {
            let now = self.now;
            self.back.retain(|_, back| *back > now);
        }
        let (account, place) = (format!("account:{}", flow.account), format!("place:{}", flow.place));
        let back = |name: &str| self.back.get(name).copied().unwrap_or(0).max(self.now);
        let (of_account, of_place) = (back(&account), back(&place));
        let stand = of_account.max(of_place);
        self.back.insert(account, stand + ACCOUNT);
        self.back.insert(place, of_place + PLACE);
        stand
    }

    fn wait(&mut self, stand: u64) -> oneshot::Receiver<Turn> {
        let (sender, receiver) = oneshot::channel();
        self.arrived += 1;
        self.waiting.insert((stand, self.arrived), sender);
        if self.waiting.len() > MOST {
            self.waiting.retain(|_, waiting| !waiting.is_closed());
        }
        if self.waiting.len() > MOST {
            self.waiting.pop_last();
        }
        receiver
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::Pin,
        sync::Mutex,
        task::{Context, Poll, Waker},
    };

    use tokio::sync::Semaphore;

    use super::*;

    fn flow(account: &str, place: &str) -> Flow {
        Flow { account: account.to_owned(), place: place.to_owned() }
    }

    fn polled<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    /// Forty attempts on one account wait, then others come; the order in which they get the one turn.
    async fn order(fair: bool) -> Vec<String> {
        let (turns, plain) = (Turns::new(1), Arc::new(Semaphore::new(1)));
        let done = Arc::new(Mutex::new(Vec::new()));
        let first =
            (turns.take(&flow("a", "p")).await.unwrap(), plain.clone().acquire_owned().await.unwrap());
        let mut tasks = Vec::new();
        for who in std::iter::repeat_n(("a", "p"), 40).chain([("b", "q"), ("c", "p")]) {
            let (turns, plain, done) = (turns.clone(), plain.clone(), done.clone());
            tasks.push(tokio::spawn(async move {
                let (_turn, _permit) = match fair {
                    true => (Some(turns.take(&flow(who.0, who.1)).await.unwrap()), None),
                    false => (None, Some(plain.acquire_owned().await.unwrap())),
                };
                done.lock().unwrap().push(who.0.to_owned());
            }));
            tokio::task::yield_now().await;
        }
        drop(first);
        for task in tasks {
            task.await.unwrap();
        }
        Arc::try_unwrap(done).unwrap().into_inner().unwrap()
    }

    #[tokio::test]
    async fn one_accounts_attempts_wait_for_each_other_and_others_go_between() {
        let fair = order(true).await;
        let at = |order: &[String], who: &str| order.iter().position(|each| each == who).unwrap();
        assert_eq!(at(&fair, "b"), 0, "someone elsewhere goes next: {fair:?}");
        assert!(at(&fair, "c") <= 11, "someone at the same place goes soon: {fair:?}");
        assert_eq!(fair.len(), 42);
        // The broken control: first come, first served.
        let plain = order(false).await;
        assert_eq!((at(&plain, "b"), at(&plain, "c")), (40, 41));
    }

    #[tokio::test]
    async fn who_goes_away_takes_no_turn_along() {
        let turns = Turns::new(1);
        let held = turns.take(&flow("a", "p")).await.unwrap();
        for _ in 0..5 {
            let waiting = flow("b", "p");
            let mut gone = Box::pin(turns.take(&waiting));
            assert!(polled(gone.as_mut()).is_pending());
        }
        drop(held);
        drop(turns.take(&flow("c", "q")).await.unwrap());
        assert_eq!(turns.state().free, 1);
        // A turn that was sent and never received is given on as well.
        let held = turns.take(&flow("a", "p")).await.unwrap();
        let waiting = flow("b", "p");
        let mut late = Box::pin(turns.take(&waiting));
        assert!(polled(late.as_mut()).is_pending());
        drop(held);
        drop(late);
        assert_eq!(turns.state().free, 1);
    }

    #[tokio::test]
    async fn a_flood_sends_its_own_away() {
        let turns = Turns::new(1);
        let held = turns.take(&flow("a", "p")).await.unwrap();
        let mut flood = Vec::new();
        for number in 0..=MOST {
            let turns = turns.clone();
            let taken = async move { turns.take(&flow(&number.to_string(), "p")).await.map(drop) };
            let mut taken = Box::pin(taken);
            assert!(polled(taken.as_mut()).is_pending() || number == MOST);
            flood.push(taken);
        }
        let elsewhere = flow("x", "q");
        let mut other = Box::pin(turns.take(&elsewhere));
        assert!(polled(other.as_mut()).is_pending());
        drop(held);
        assert!(polled(other.as_mut()).is_ready(), "someone elsewhere still gets in, and goes first");
    }
}
