//! The price of a change, with its sum written out. Pure.

use crate::{invoices::Line, quotes::Effect, shop::Shop};
use kernel::{
    clock::Time,
    error::{Error, Result},
    money::{Charge, Currency, Money, part, seconds_until},
    prices::{Billed, Plan, Tiers},
    text::{counted, grouped},
};
use people::{
    accounts::Kind,
    licenses::{Seat, Seats, does_not_fit},
    plans::{State, Subscription},
};

/// What an account would like to have instead. What is absent stays as it is.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct PlanChange {
    /// The plan.
    pub plan: Option<Plan>,
    /// How it is billed.
    pub billed: Option<Billed>,
    /// How many licenses in all.
    pub licenses: Option<i64>,
}

/// A change with its price.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// When it begins.
    pub effect: Effect,
    /// The plan.
    pub plan: Plan,
    /// How it is billed.
    pub billed: Billed,
    /// How many licenses in all.
    pub licenses: i64,
    /// What a whole period costs then.
    pub price: i64,
    /// At these tiers.
    pub tiers: Tiers,
    /// By how much that is more than now.
    pub difference: i64,
    /// For how many seconds it is charged now; 0 where a whole period is.
    pub seconds: i64,
    /// The sum: where it begins with the renewal, what will be charged then.
    pub lines: Vec<Line>,
    /// What is charged now.
    pub total: i64,
}

/// Reckons what a change costs now.
///
/// # Errors
/// It can't be had: too few or too many licenses, more people than would fit, nothing would change.
pub fn reckon(
    now_has: &Subscription,
    kind: Kind,
    seats: &[Seats],
    wanted: PlanChange,
    shop: &Shop,
    now: Time,
) -> Result<Offer> {
    let plan = wanted.plan.unwrap_or(now_has.plan);
    let billed = wanted.billed.unwrap_or(now_has.billed);
    let licenses = wanted.licenses.unwrap_or(now_has.licenses);
    check_number(now_has, kind, licenses, shop)?;
    check_fit(seats, plan, licenses)?;
    let change = Change { now_has, plan, billed, licenses, shop };
    match now_has.state {
        State::Trial | State::Ended => Ok(change.begin()),
        State::Active => change.change(now),
    }
}

fn check_number(now_has: &Subscription, kind: Kind, licenses: i64, shop: &Shop) -> Result<()> {
    let most = now_has.license_limit.unwrap_or(shop.most).max(shop.most);
    let alone = kind == Kind::Individual && licenses == 1;
    if alone || (shop.least..=most).contains(&licenses) {
        return Ok(());
    }
    let why = match licenses {
        more if more > most => format!(
            "By self-service there are at most {most} licenses. For more, please ask {}: they arrange it.",
            shop.seller.lines().next().unwrap_or("whoever runs this server")
        ),
        _ => format!("A group account has from {} to {most} licenses.", shop.least),
    };
    Err(Error::field("licenses", why))
}

fn check_fit(seats: &[Seats], plan: Plan, licenses: i64) -> Result<()> {
    for seats in seats {
        let total = if seats.kind == Seat::License { licenses } else { plan.support_staff() };
        if seats.used + seats.reserved > total {
            return Err(does_not_fit(seats, total));
        }
    }
    Ok(())
}

struct Change<'a> {
    now_has: &'a Subscription,
    plan: Plan,
    billed: Billed,
    licenses: i64,
    shop: &'a Shop,
}

impl Change<'_> {
    fn money(&self, amount: i64) -> Money {
        Money::new(amount, self.shop.prices.currency)
    }

    fn list(&self) -> &Tiers {
        self.shop.prices.tiers(self.plan, self.billed)
    }

    /// The lines of a whole period.
    fn whole(&self, tiers: &Tiers) -> Vec<Line> {
        whole_period(self.plan, self.billed, self.licenses, tiers, self.shop.prices.currency)
    }

    /// The first period: paid in full.
    fn begin(&self) -> Offer {
        let tiers = self.list().clone();
        let (price, lines) = (tiers.price(self.licenses), self.whole(&tiers));
        self.offer(Effect::Now, tiers, price, 0, lines, price)
    }

    fn offer(
        &self,
        effect: Effect,
        tiers: Tiers,
        difference: i64,
        seconds: i64,
        lines: Vec<Line>,
        total: i64,
    ) -> Offer {
        let Self { plan, billed, licenses, .. } = *self;
        let price = tiers.price(licenses);
        Offer { effect, plan, billed, licenses, price, tiers, difference, seconds, lines, total }
    }

    fn change(&self, now: Time) -> Result<Offer> {
        let has = self.now_has;
        let more = has.plan.is_below(self.plan) || self.licenses > has.licenses;
        let less = self.plan.is_below(has.plan) || self.licenses < has.licenses || self.billed != has.billed;
        let planned = has.ends_at_renewal
            || has.next_plan.is_some()
            || has.next_billed.is_some()
            || has.next_licenses.is_some();
        match (more, less) {
            (true, true) => Err(Error::conflict(
                "one_at_a_time",
                "What costs more begins at once, what costs less with the renewal. Please do one after the other.",
            )),
            (false, false) if !planned => {
                Err(Error::field("licenses", "That is what you have already. Choose another number or plan."))
            }
            (true, false) => self.rise(now),
            _ => Ok(self.at_renewal()),
        }
    }

    fn at_renewal(&self) -> Offer {
        let tiers = self.list().clone();
        let lines = self.whole(&tiers);
        self.offer(Effect::Renewal, tiers, 0, 0, lines, 0)
    }

    /// More, from now to the end of the period.
    fn rise(&self, now: Time) -> Result<Offer> {
        let has = self.now_has;
        let whole = has.seconds();
        let left = seconds_until(has.period_end, now).min(whole);
        if left == 0 {
            return Err(Error::conflict(
                "renewing",
                "The subscription is just being renewed. Please try again in a moment.",
            ));
        }
        let tiers = if self.plan == has.plan { has.tiers() } else { self.list().clone() };
        let difference = tiers.price(self.licenses) - has.price;
        if difference < 0 {
            return Ok(self.at_renewal());
        }
        let charge = has.meter().price(difference, left);
        let lines = self.rise_lines(&tiers, left, whole, charge);
        Ok(self.offer(Effect::Now, tiers, difference, left, lines, charge.total()))
    }

    fn rise_lines(&self, tiers: &Tiers, left: i64, whole: i64, charge: Charge) -> Vec<Line> {
        let has = self.now_has;
        let time = share(left, whole);
        let same = self.plan == has.plan;
        let from = if same { has.licenses } else { 0 };
        let (one, many) = if same { ("more license", "more licenses") } else { ("license", "licenses") };
        let line = |(count, price): (i64, i64)| Line {
            text: format!("{}, {}, for the rest of the period", counted(count, one, many), self.plan.label()),
            sum: format!("{count} × {} × {time}", self.money(price)),
            amount: part(count * price, left, whole),
        };
        let mut lines = tiers.runs(from, self.licenses).into_iter().map(line).collect::<Vec<_>>();
        if !same {
            lines.push(Line {
                text: format!(
                    "{}, {}, given back for the same time",
                    counted(has.licenses, "license", "licenses"),
                    has.plan.label()
                ),
                sum: format!("{} × {time}", self.money(-has.price)),
                amount: part(-has.price, left, whole),
            });
        }
        fractions(&mut lines, charge.total());
        lines
    }
}

/// The lines of a whole period.
pub(crate) fn whole_period(
    plan: Plan,
    billed: Billed,
    licenses: i64,
    tiers: &Tiers,
    currency: Currency,
) -> Vec<Line> {
    let runs = tiers.runs(0, licenses).into_iter();
    let line = |(count, price)| Line {
        text: format!(
            "{}, {}, billed {}",
            counted(count, "license", "licenses"),
            plan.label(),
            billed.label()
        ),
        sum: format!("{count} × {}", Money::new(price, currency)),
        amount: count * price,
    };
    runs.map(line).collect()
}

/// Adds what makes the lines' sum the total: fractions of a minor unit that earlier lines left over.
pub(crate) fn fractions(lines: &mut Vec<Line>, total: i64) {
    let rest = total - lines.iter().map(|line| line.amount).sum::<i64>();
    if rest != 0 {
        let text = "Fractions of cents, carried from this and earlier changes in the period".to_owned();
        lines.push(Line { text, sum: String::new(), amount: rest });
    }
}

/// A share of a period in the largest unit that says it exactly.
pub(crate) fn share(left: i64, whole: i64) -> String {
    const A_DAY: i64 = 86_400;
    match (left % A_DAY, whole % A_DAY) {
        (0, 0) => format!("{} of {} days", left / A_DAY, whole / A_DAY),
        _ => format!("{} of {} seconds", grouped(left), grouped(whole)),
    }
}
