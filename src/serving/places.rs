//! Which connections are open, by the place they come from: an IPv4 address, or an IPv6 network of 64 bits.
//!
//! One place may hold half of all connections. Where there is no room left, the connection that has waited longest
//! for a request makes it, of the same place if that place is full; a request in work is never cut for another.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::Notify, time::Instant};

use super::socket::State;
use kernel::net::place;

/// The open connections.
#[derive(Clone)]
pub(crate) struct Places(Arc<Inner>);

struct Inner {
    most: usize,
    /// Proxies speak for many places, so they may hold all connections.
    proxies: Vec<IpAddr>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    connections: HashMap<u64, Connection>,
    by_place: HashMap<IpAddr, usize>,
}

struct Connection {
    place: IpAddr,
    state: Arc<State>,
    evicted: Arc<Notify>,
}

/// The right to one connection, given back when it is dropped.
pub(super) struct Ticket {
    places: Places,
    number: u64,
    state: Arc<State>,
    evicted: Arc<Notify>,
}

impl Ticket {
    pub(super) fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// Completes when this connection has to make room for another.
    pub(super) async fn evicted(&self) {
        self.evicted.notified().await;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.places.open().leave(self.number);
    }
}

impl Places {
    /// Room for so many connections.
    pub(crate) fn new(most: usize, proxies: &[IpAddr]) -> Self {
        let proxies = proxies.iter().map(IpAddr::to_canonical).collect();
        Self(Arc::new(Inner { most, proxies, open: Mutex::default() }))
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a connection in; none where all others have requests in work.
    pub(super) fn enter(&self, peer: IpAddr, state: &Arc<State>) -> Option<Ticket> {
        let place = place(peer);
        let mut open = self.open();
        let from_place = open.by_place.get(&place).copied().unwrap_or_default();
        if from_place >= self.0.most / 2 && !self.0.proxies.contains(&place) {
            open.evict(|connection| connection.place == place)?;
        } else if open.connections.len() >= self.0.most {
            open.evict(|_| true)?;
        }
        let (number, evicted) = (open.next, Arc::new(Notify::new()));
        open.next += 1;
        *open.by_place.entry(place).or_default() += 1;
        open.connections.insert(number, Connection { place, state: state.clone(), evicted: evicted.clone() });
        Some(Ticket { places: self.clone(), number, state: state.clone(), evicted })
    }
}

impl Open {
    /// Closes the one that has waited longest for a request.
    fn evict(&mut self, among: impl Fn(&Connection) -> bool) -> Option<()> {
        let waiting = self.connections.iter().filter(|(_, connection)| among(connection));
        let since = waiting.filter_map(|(number, connection)| Some((connection.state.waiting()?, *number)));
        let (_, number): (Instant, u64) = since.min()?;
        self.connections.get(&number)?.evicted.notify_one();
        self.leave(number);
        Some(())
    }

    fn leave(&mut self, number: u64) {
        let Some(connection) = self.connections.remove(&number) else { return };
        if let Some(count) = self.by_place.get_mut(&connection.place) {
            *count -= 1;
            if *count == 0 {
                self.by_place.remove(&connection.place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> Arc<State> {
        Arc::new(State::default())
    }

    #[tokio::test]
    async fn the_longest_wait_makes_room_and_a_request_in_work_never_does() {
        let [here, there] = ["192.0.2.1", "2001:db8::1"].map(|text| text.parse::<IpAddr>().unwrap());
        let places = Places::new(4, &[]);
        let busy = places.enter(here, &state()).unwrap();
        busy.state().busy();
        let idle = places.enter(here, &state()).unwrap();
        let other = places.enter(there, &state()).unwrap();
        // The place is full: its own waiting connection goes, though others are older or idle too.
        let third = places.enter(here, &state()).unwrap();
        idle.evicted().await;
        third.state().busy();
        assert!(places.enter(here, &state()).is_none());
        // All are full: the longest wait ends, no matter where it is from.
        let far = places.enter("198.51.100.7".parse().unwrap(), &state()).unwrap();
        far.state().busy();
        let last = places.enter("198.51.100.8".parse().unwrap(), &state()).unwrap();
        other.evicted().await;
        drop((busy, idle, other, third, far, last));
        assert!(places.open().by_place.is_empty() && places.open().connections.is_empty());
    }

    #[test]
    fn a_network_of_sixty_four_bits_is_one_place_and_a_proxy_is_none() {
        let same = ["2001:db8::1", "2001:db8::ffff:1"].map(|text| place(text.parse().unwrap()));
        assert_eq!(same[0], same[1]);
        assert_eq!(place("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1".parse::<IpAddr>().unwrap());
        let proxy = "192.0.2.9".parse::<IpAddr>().unwrap();
        let places = Places::new(4, &[proxy]);
        let tickets = (0..4).map(|_| places.enter(proxy, &state()).unwrap()).collect::<Vec<_>>();
        for ticket in &tickets {
            ticket.state().busy();
        }
        assert!(places.enter(proxy, &state()).is_none());
    }
}
