//! What is sold and for how much: plans, how they are billed, and the price list that the operator
//! configures. Pure: no database, no clock.

use serde::{Deserialize, Serialize};

use crate::{money::Currency, word};

word! {
    /// What a subscription offers.
    pub enum Plan {
        /// Groups, cases, invitations, handouts for everyone with a license.
        Standard = "standard",
        /// Also a support-staff seat, which uses no license.
        Pro = "pro",
    }
}

impl Plan {
    /// Its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Pro => "Pro",
        }
    }

    /// How many support-staff seats it has, in addition to the licenses.
    pub const fn support_staff(self) -> i64 {
        match self {
            Self::Standard => 0,
            Self::Pro => 1,
        }
    }

    /// Whether `other` offers more.
    pub const fn is_below(self, other: Self) -> bool {
        self.support_staff() < other.support_staff()
    }
}

word! {
    /// How long a paid period is.
    pub enum Billed as BillingInterval {
        /// A calendar month.
        Month = "month",
        /// A calendar year.
        Year = "year",
    }
}

impl Billed {
    /// As an adverb: "billed monthly".
    pub const fn label(self) -> &'static str {
        match self {
            Self::Month => "monthly",
            Self::Year => "yearly",
        }
    }

    /// In months.
    pub const fn months(self) -> i32 {
        match self {
            Self::Month => 1,
            Self::Year => 12,
        }
    }
}

/// From this license on (counted from 1), each costs so much for a whole period.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The first license of the tier.
    pub from: i64,
    /// The price of each, in minor units.
    pub price: i64,
}

/// The tiers of one plan, the first from license 1. They are graduated: the sixth license costs what its
/// tier says, and the five before it keep their price, so the price of licenses is always the sum of
/// the prices of each.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Tiers(Vec<Tier>);

impl Tiers {
    /// Tiers of (first license, price of each in minor units).
    pub fn new(tiers: &[(i64, i64)]) -> Self {
        Self(tiers.iter().map(|(from, price)| Tier { from: *from, price: *price }).collect())
    }

    /// Whether they can be used: from 1 upwards, no price below zero or beyond a million units.
    pub fn usable(&self) -> bool {
        self.0.first().is_some_and(|first| first.from == 1)
            && self.0.windows(2).all(|pair| pair[0].from < pair[1].from)
            && self.0.iter().all(|tier| (0..=100_000_000).contains(&tier.price))
    }

    /// What licenses `from + 1` to `to` cost for a whole period: how many at which price.
    pub fn runs(&self, from: i64, to: i64) -> Vec<(i64, i64)> {
        let ends = self.0.iter().skip(1).map(|tier| tier.from - 1).chain([i64::MAX]);
        let runs = self.0.iter().zip(ends).map(|(tier, end)| {
            let count = to.min(end) - from.max(tier.from - 1);
            (count, tier.price)
        });
        runs.filter(|(count, _)| *count > 0).collect()
    }

    /// What so many licenses cost for a whole period.
    pub fn price(&self, licenses: i64) -> i64 {
        self.runs(0, licenses).iter().map(|(count, price)| count.saturating_mul(*price)).sum()
    }

    /// As it is stored.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What everything costs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceList {
    /// All prices are in this currency.
    pub currency: Currency,
    /// Standard, a month.
    pub standard_month: Tiers,
    /// Standard, a year.
    pub standard_year: Tiers,
    /// Pro, a month.
    pub pro_month: Tiers,
    /// Pro, a year.
    pub pro_year: Tiers,
}

impl PriceList {
    /// The tiers of a plan that is billed so.
    pub const fn tiers(&self, plan: Plan, billed: Billed) -> &Tiers {
        match (plan, billed) {
            (Plan::Standard, Billed::Month) => &self.standard_month,
            (Plan::Standard, Billed::Year) => &self.standard_year,
            (Plan::Pro, Billed::Month) => &self.pro_month,
            (Plan::Pro, Billed::Year) => &self.pro_year,
        }
    }

    /// What can't be used of it, if anything.
    pub fn mistake(&self) -> Option<String> {
        let unusable = Plan::ALL.iter().find_map(|plan| {
            let mut billed = Billed::ALL.iter();
            billed.find(|billed| !self.tiers(*plan, **billed).usable()).map(|billed| (plan, billed))
        });
        unusable.map(|(plan, billed)| {
            format!("prices.{plan}_{billed}: tiers go up from 1, each with a price in minor units")
        })
    }
}

impl Default for PriceList {
    fn default() -> Self {
        let tiers = |first, sixth| Tiers::new(&[(1, first), (6, sixth)]);
        Self {
            currency: Currency::USD,
            standard_month: tiers(2_900, 2_500),
            standard_year: tiers(29_000, 25_000),
            pro_month: tiers(4_500, 3_900),
            pro_year: tiers(45_000, 39_000),
        }
    }
}

/// The number of licenses that stands for no limit. Every sum of counts stays far below an `i64`.
pub const UNLIMITED: i64 = 1_000_000_000;

/// What a new account gets before it pays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Trial {
    /// Whether anything is sold here. Where nothing is, the licenses are for good.
    pub sold: bool,
    /// How many days.
    pub days: i64,
    /// How many licenses, for an account of kind `group`; one person's has one.
    pub licenses: i64,
    /// Days after its end until the account is read-only.
    pub grace_days: i64,
    /// The currency that it will be billed in.
    pub currency: Currency,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licenses_cost_what_their_tiers_say() {
        let tiers = Tiers::new(&[(1, 100), (6, 80), (11, 50)]);
        assert_eq!(tiers.price(0), 0);
        assert_eq!(tiers.price(5), 500);
        assert_eq!(tiers.price(12), 500 + 400 + 100);
        assert_eq!(tiers.runs(4, 12), [(1, 100), (5, 80), (2, 50)]);
        for n in 0..30 {
            for m in n..30 {
                let between: i64 = tiers.runs(n, m).iter().map(|(count, price)| count * price).sum();
                assert_eq!(tiers.price(m) - tiers.price(n), between);
            }
        }
    }

    #[test]
    fn unusable_price_lists_are_named() {
        assert_eq!(PriceList::default().mistake(), None);
        for bad in [&[][..], &[(2, 5)], &[(1, 5), (1, 4)], &[(1, -5)]] {
            let list = PriceList { pro_year: Tiers::new(bad), ..PriceList::default() };
            assert!(list.mistake().unwrap().contains("pro_year"), "{bad:?}");
        }
    }
}
