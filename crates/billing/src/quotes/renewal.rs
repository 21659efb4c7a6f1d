//! What the renewal brings. Pure.
//!
//! What was planned for it stays planned when more is bought meanwhile: who reduces to two licenses and adds one for the
//! rest of the period still renews two. So a quote says what the renewal will be, whatever it changes itself.

use crate::quotes::Effect;
use kernel::prices::{Billed, Plan, PriceList};
use people::plans::{State, Subscription};

/// What a subscription is renewed with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Renewal {
    /// The plan.
    pub plan: Plan,
    /// How long the periods are.
    pub billed: Billed,
    /// How many licenses in all.
    pub licenses: i64,
}

impl Renewal {
    /// What there is now.
    pub(crate) fn as_now(has: &Subscription) -> Self {
        Self { plan: has.plan, billed: has.billed, licenses: has.licenses }
    }

    /// What there will be, unless the subscription ends or more people are there by then.
    pub(crate) fn planned(has: &Subscription) -> Self {
        Self {
            plan: has.next_plan.unwrap_or(has.plan),
            billed: has.next_billed.unwrap_or(has.billed),
            licenses: has.next_licenses.unwrap_or(has.licenses),
        }
    }

    /// What there will be after a change; nothing where the subscription still ends.
    pub(crate) fn after(has: &Subscription, effect: Effect, to: Self) -> Option<Self> {
        if effect == Effect::Renewal || has.state != State::Active {
            return Some(to);
        }
        let plan = if to.plan == has.plan { has.next_plan.unwrap_or(to.plan) } else { to.plan };
        let billed = has.next_billed.unwrap_or(to.billed);
        let licenses = has.next_licenses.unwrap_or(to.licenses);
        (!has.ends_at_renewal).then_some(Self { plan, billed, licenses })
    }

    /// What a period of it costs by the list, in minor units.
    pub(crate) fn price(&self, prices: &PriceList) -> i64 {
        prices.tiers(self.plan, self.billed).price(self.licenses)
    }
}
