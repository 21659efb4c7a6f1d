//! Money: whole minor units (cents) and a currency; and the arithmetic of a paid period, which never
//! loses or gains a cent.
//!
//! A [`Meter`] keeps what a period costs in units of *one minor unit for one second*, a whole number,
//! and what was charged for it so far. Every change moves that exact figure by `difference × seconds
//! left`, and charges what makes the sum of all charges the exact figure rounded **once**, half away
//! from zero. So whatever happens during a period, and however often, what was paid for it never
//! differs from what was used by more than half a minor unit.
//!
//! A change counts from the beginning of the second in which it happens.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    clock::{SECOND, Time},
    text::grouped,
};

/// A currency of ISO 4217, written as its three letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The dollar of the United States.
    pub const USD: Self = Self(iso_currency::Currency::USD);

    /// The three letters.
    pub fn word(self) -> &'static str {
        self.0.code()
    }

    /// The currency of three letters.
    pub fn read(code: &str) -> Option<Self> {
        iso_currency::Currency::from_code(code).map(Self)
    }

    /// How many digits stand after the point: 2 for dollars, 0 for yen.
    pub fn digits(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::read(&code)
            .ok_or_else(|| serde::de::Error::custom("not_a_currency: Use a currency such as USD."))
    }
}

impl utoipa::PartialSchema for Currency {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
        text.pattern(Some("^[A-Z]{3}$")).into()
    }
}
impl utoipa::ToSchema for Currency {}

/// An amount in minor units; negative where it is owed the other way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units: cents, pence; yen.
    pub amount: i64,
    /// Of this currency.
    pub currency: Currency,
}

impl Money {
    /// An amount of minor units.
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// What people type as an amount: `1,234.50`, `1234.5`, `12`. Nothing where it can't be one of this
    /// currency.
    pub fn read(text: &str, currency: Currency) -> Option<Self> {
        let plain = text.trim().replace([',', ' ', '\u{a0}'], "");
        let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
        let digits = currency.digits() as usize;
        let numeric = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !numeric(whole) || !numeric(part) || part.len() > digits {
            return None;
        }
        format!("{whole}{part:0<digits$}").parse().ok().map(|amount| Self { amount, currency })
    }

    /// The same amount the other way.
    #[must_use]
    pub const fn opposite(self) -> Self {
        Self { amount: -self.amount, currency: self.currency }
    }

    /// The amount without its currency: `1,234.50`, with a minus sign where it is below zero.
    pub fn figure(self) -> String {
        let unit = 10_u64.pow(self.currency.digits());
        let (whole, part) = (self.amount.unsigned_abs() / unit, self.amount.unsigned_abs() % unit);
        let minus = if self.amount < 0 { "−" } else { "" };
        let mut text = format!("{minus}{}", grouped(i64::try_from(whole).unwrap_or(i64::MAX)));
        if unit > 1 {
            let width = self.currency.digits() as usize;
            text.push_str(&format!(".{part:0width$}"));
        }
        text
    }
}

impl fmt::Display for Money {
    /// `$1,234.50`; `CHF 12.00` where the currency has no sign that everyone knows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figure = self.figure();
        let (minus, figure) = figure.strip_prefix('−').map_or(("", figure.as_str()), |rest| ("−", rest));
        match self.currency.word() {
            "USD" => write!(f, "{minus}${figure}"),
            "EUR" => write!(f, "{minus}€{figure}"),
            "GBP" => write!(f, "{minus}£{figure}"),
            code => write!(f, "{minus}{code} {figure}"),
        }
    }
}

/// `over / under`, rounded half away from zero. `under` is above zero.
fn round(over: i128, under: i128) -> i64 {
    let magnitude = (over.abs() + under / 2) / under;
    let rounded = if over < 0 { -magnitude } else { magnitude };
    i64::try_from(rounded).unwrap_or(if over < 0 { i64::MIN } else { i64::MAX })
}

/// The price of `left` out of `whole` seconds, rounded half away from zero: what a pocket calculator says.
pub fn part(price: i64, left: i64, whole: i64) -> i64 {
    round(i128::from(price) * i128::from(left), i128::from(whole.max(1)))
}

/// Whole seconds from the beginning of `now`'s second until `end`, not below zero.
pub fn seconds_until(end: Time, now: Time) -> i64 {
    (end.micros().div_euclid(SECOND) - now.micros().div_euclid(SECOND)).max(0)
}

/// What a change within a period costs, in the parts that its line shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Charge {
    /// The difference in price for the time left, rounded by itself: what a pocket calculator says.
    pub plain: i64,
    /// The fractions that earlier changes in the period left behind: at most one minor unit either way.
    pub carried: i64,
}

impl Charge {
    /// Both.
    pub const fn total(self) -> i64 {
        self.plain + self.carried
    }
}

/// A paid period: its length, what it costs exactly, and what was charged for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Meter {
    /// The period's length in seconds, above zero.
    pub seconds: i64,
    /// Minor units times seconds.
    pub exact: i64,
    /// Minor units.
    pub charged: i64,
}

impl Meter {
    /// A period of `seconds` that was paid in full at its beginning.
    pub const fn paid(price: i64, seconds: i64) -> Self {
        Self { seconds, exact: price.saturating_mul(seconds), charged: price }
    }

    fn after(self, difference: i64, left: i64) -> i128 {
        i128::from(self.exact) + i128::from(difference) * i128::from(left)
    }

    /// What it costs that a whole period's price changes by `difference` for the `left` seconds. A rise
    /// never gives money back, for the exact figure never falls by one.
    pub fn price(self, difference: i64, left: i64) -> Charge {
        let under = i128::from(self.seconds.max(1));
        let plain = part(difference, left, self.seconds);
        let due = round(self.after(difference, left), under) - self.charged;
        Charge { plain, carried: due - plain }
    }

    /// The meter once that change was charged.
    #[must_use]
    pub fn changed(self, difference: i64, left: i64, charged: i64) -> Self {
        let exact = i64::try_from(self.after(difference, left)).unwrap_or(i64::MAX);
        Self { exact, charged: self.charged + charged, ..self }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn money_is_written_as_people_read_it() {
        assert_eq!(Money::new(123_450, Currency::USD).to_string(), "$1,234.50");
        assert_eq!(Money::new(-5, Currency::USD).to_string(), "−$0.05");
        assert_eq!(Money::new(1200, Currency::read("JPY").unwrap()).to_string(), "JPY 1,200");
        assert_eq!(Money::new(1200, Currency::read("CHF").unwrap()).to_string(), "CHF 12.00");
    }

    #[test]
    fn amounts_are_read_as_people_type_them() {
        let read = |text: &str| Money::read(text, Currency::USD).map(|money| money.amount);
        assert_eq!(read(" 1,234.5 "), Some(123_450));
        assert_eq!([read("12"), read("0.05"), read("12.")], [Some(1200), Some(5), Some(1200)]);
        for bad in ["", ".5", "1.234", "-5", "12.3.4", "x", "1e3", "99999999999999999999"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(Money::read("1200", Currency::read("JPY").unwrap()).map(|money| money.amount), Some(1200));
    }

    #[test]
    fn halves_go_away_from_zero() {
        assert_eq!([round(5, 10), round(4, 10), round(-5, 10), round(-4, 10)], [1, 0, -1, 0]);
    }

    #[test]
    fn a_third_of_a_month_costs_a_third() {
        let meter = Meter::paid(10_000, 2_592_000);
        assert_eq!(meter.price(3900, 864_000), Charge { plain: 1300, carried: 0 });
    }

    #[test]
    fn whoever_stops_in_the_second_of_the_purchase_gets_everything_back() {
        let mut meter = Meter::paid(10_000, 31_536_000);
        let left = 12_345_678;
        let up = meter.price(3333, left).total();
        meter = meter.changed(3333, left, up);
        assert_eq!(meter.price(-3333, left).total(), -up);
    }

    #[test]
    fn the_second_in_which_something_happens_counts_from_its_beginning() {
        let end = Time::from_micros(100 * SECOND);
        assert_eq!(seconds_until(end, Time::from_micros(40 * SECOND)), 60);
        assert_eq!(seconds_until(end, Time::from_micros(41 * SECOND - 1)), 60);
        assert_eq!(seconds_until(end, Time::from_micros(101 * SECOND)), 0);
    }

    proptest! {
        /// Any rises, and an end at any time: what was paid is what was used, to half a minor unit.
        #[test]
        fn a_period_is_paid_to_the_cent_whatever_happens_in_it(
            price in 0_i64..10_000_000,
            seconds in 60_i64..31_622_400,
            rises in prop::collection::vec((0_i64..1_000_000, 0.0_f64..1.0), 0..40),
            end in 0.0_f64..1.0,
        ) {
            let mut meter = Meter::paid(price, seconds);
            let (mut left, mut whole) = (seconds, price);
            let mut used = 0_i128;
            let mut at = |left: &mut i64, whole: i64, part: f64| {
                #[allow(clippy::cast_possible_truncation)]
                let next = (*left as f64 * part) as i64;
                used += i128::from(whole) * i128::from(*left - next);
                *left = next;
                used
            };
            for (difference, part) in rises {
                at(&mut left, whole, part);
                let charge = meter.price(difference, left);
                prop_assert!(charge.total() >= 0 && charge.carried.abs() <= 1);
                meter = meter.changed(difference, left, charge.total());
                whole += difference;
            }
            let used = at(&mut left, whole, end);
            let refund = meter.price(-whole, left);
            prop_assert!(refund.total() <= 0);
            meter = meter.changed(-whole, left, refund.total());
            prop_assert_eq!(i128::from(meter.exact), used);
            prop_assert_eq!(meter.charged, round(used, i128::from(seconds)));
        }
    }
}
