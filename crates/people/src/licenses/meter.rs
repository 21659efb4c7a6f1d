//! How many licenses are free, as a bar and as a sentence.

use askama::{Template, filters::HtmlSafe};

use crate::licenses::Seats;
use kernel::{
    prices::UNLIMITED,
    text::{counted, grouped},
};

impl HtmlSafe for Meter {}

/// How many places are taken, kept and free, as one bar with its figures.
#[derive(Template)]
#[template(path = "licenses/templates/meter.html")]
pub struct Meter {
    seats: Seats,
    /// How wide the taken part is, of 100.
    used: f64,
    /// How wide the kept part is, of 100.
    reserved: f64,
}

impl Meter {
    /// The bar of these places.
    pub fn new(seats: Seats) -> Self {
        let share = |count: i64| count as f64 * 100.0 / seats.total.max(1) as f64;
        Self { seats, used: share(seats.used), reserved: share(seats.reserved) }
    }

    /// "3 of 10 licenses are available".
    pub fn sentence(&self) -> String {
        if self.unlimited() {
            return counted(self.seats.used, "person", "people");
        }
        match (self.seats.free(), self.seats.total) {
            (..=0, 1) => "Your only license is used".to_owned(),
            (..=0, total) => format!("All {} licenses are used or reserved", grouped(total)),
            (1, total) => format!("1 of {} licenses is available", grouped(total)),
            (free, total) => format!("{} of {} licenses are available", grouped(free), grouped(total)),
        }
    }

    /// Whether there are as many as one wants.
    pub fn unlimited(&self) -> bool {
        self.seats.total >= UNLIMITED
    }

    /// Whether someone else has room.
    pub fn has_room(&self) -> bool {
        self.seats.free() > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::licenses::Seat;

    #[test]
    fn the_meter_says_what_is_free() {
        let seats = |total, used, reserved| Seats { kind: Seat::License, total, used, reserved };
        let meter = Meter::new(seats(10, 5, 2));
        assert_eq!((meter.used, meter.reserved), (50.0, 20.0));
        assert_eq!(meter.sentence(), "3 of 10 licenses are available");
        assert_eq!(Meter::new(seats(2, 1, 0)).sentence(), "1 of 2 licenses is available");
        assert!(!Meter::new(seats(2, 1, 1)).has_room());
        assert!(Meter::new(seats(0, 0, 0)).to_string().contains("width=\"0\""));
    }
}
