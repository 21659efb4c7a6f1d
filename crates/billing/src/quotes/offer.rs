//! The price of a change, with its sum written out. Pure.

use crate::{
    invoices::Line,
    periods::{boundary, day},
    quotes::{Effect, renewal::Renewal},
    shop::Shop,
};
use kernel::{
    clock::Time,
    error::{Error, Result},
    money::{Charge, Currency, Money, part, seconds_until},
    prices::{Billed, Plan, Tiers},
    text::counted,
};
use people::{
    accounts::Kind,
    licenses::{Seat, Seats, does_not_fit},
    plans::{Standing, State, Subscription},
};

/// What an account would like to have instead. What is absent stays as it is, and so does what is planned for its renewal.
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
    /// What the renewal brings then; nothing where the subscription ends with its period.
    pub renewal: Option<Renewal>,
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
    let running = now_has.state == State::Active;
    let wanted = if running { unplanned(now_has, wanted) } else { wanted };
    let change = Change::of(now_has, wanted, shop, now);
    check_number(now_has, kind, change.licenses, shop)?;
    check_fit(seats, now_has, wanted)?;
    if running { change.change() } else { Ok(change.begin()) }
}

/// What of a change is not planned for the renewal already. To ask for what is planned leaves the plan as it is.
fn unplanned(has: &Subscription, wanted: PlanChange) -> PlanChange {
    let planned = Renewal::planned(has);
    PlanChange {
        plan: wanted.plan.filter(|plan| *plan != planned.plan),
        billed: wanted.billed.filter(|billed| *billed != planned.billed),
        licenses: wanted.licenses.filter(|licenses| *licenses != planned.licenses),
    }
}

/// Nothing is sold while an invoice is overdue.
pub(super) fn invoice_open() -> Error {
    Error::conflict("invoice_open", "You have an overdue invoice. Pay it first, then make changes.")
}

fn check_number(now_has: &Subscription, kind: Kind, licenses: i64, shop: &Shop) -> Result<()> {
    let most = now_has.license_limit.unwrap_or(shop.most).max(shop.most);
    let alone = kind == Kind::Individual && licenses == 1;
    if alone || (shop.least..=most).contains(&licenses) {
        return Ok(());
    }
    let why = match licenses {
        more if more > most => format!(
            "You can buy up to {most} licenses here. For more, contact {}.",
            shop.seller.lines().next().unwrap_or("the operator of this server")
        ),
        _ => format!("Choose from {} to {most} licenses.", shop.least),
    };
    Err(Error::field("licenses", why))
}

/// Refuses what leaves no place for those who are there. What the change leaves alone is none of its matter.
fn check_fit(seats: &[Seats], has: &Subscription, wanted: PlanChange) -> Result<()> {
    let running = has.state == State::Active;
    for seats in seats {
        let total = match seats.kind {
            Seat::License => wanted.licenses.or_else(|| (!running).then_some(has.licenses)),
            Seat::SupportStaff => {
                wanted.plan.or_else(|| (!running).then_some(has.plan)).map(Plan::support_staff)
            }
        };
        if let Some(total) = total.filter(|total| seats.used + seats.reserved > *total) {
            return Err(does_not_fit(seats, total));
        }
    }
    Ok(())
}

struct Change<'a> {
    has: &'a Subscription,
    wanted: PlanChange,
    /// Whether it is more than there is now, and so begins at once.
    more: bool,
    plan: Plan,
    billed: Billed,
    licenses: i64,
    shop: &'a Shop,
    now: Time,
}

impl<'a> Change<'a> {
    /// What there is once the change has begun: more counts from what there is, anything else from what is planned.
    fn of(has: &'a Subscription, wanted: PlanChange, shop: &'a Shop, now: Time) -> Self {
        let higher = wanted.plan.is_some_and(|plan| has.plan.is_below(plan));
        let more = higher || wanted.licenses.is_some_and(|licenses| licenses > has.licenses);
        let running = has.state == State::Active;
        let base = if more || !running { Renewal::as_now(has) } else { Renewal::planned(has) };
        let plan = wanted.plan.unwrap_or(base.plan);
        let billed = wanted.billed.unwrap_or(base.billed);
        let licenses = wanted.licenses.unwrap_or(base.licenses);
        Self { has, wanted, more, plan, billed, licenses, shop, now }
    }

    fn money(&self, amount: i64) -> Money {
        Money::new(amount, self.shop.prices.currency)
    }

    fn list(&self) -> &Tiers {
        self.shop.prices.tiers(self.plan, self.billed)
    }

    /// The lines of a whole period that begins at `from`.
    fn whole(&self, tiers: &Tiers, from: Time) -> Vec<Line> {
        let until = boundary(from, self.billed.months().into());
        let bought = Renewal { plan: self.plan, billed: self.billed, licenses: self.licenses };
        whole_period(bought, tiers, self.shop.prices.currency, from, until)
    }

    /// The first period: paid in full.
    fn begin(&self) -> Offer {
        let tiers = self.list().clone();
        let (price, lines) = (tiers.price(self.licenses), self.whole(&tiers, self.now));
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
        let renewal = Renewal::after(self.has, effect, Renewal { plan, billed, licenses });
        Offer { effect, plan, billed, licenses, price, tiers, difference, seconds, lines, total, renewal }
    }

    fn change(&self) -> Result<Offer> {
        let (has, PlanChange { plan, billed, licenses }) = (self.has, self.wanted);
        let less = billed.is_some()
            || plan.is_some_and(|plan| plan.is_below(has.plan))
            || licenses.is_some_and(|licenses| licenses < has.licenses);
        match (self.more, less) {
            (true, true) => Err(Error::conflict(
                "one_at_a_time",
                "Upgrades start right away and reductions at the renewal. Make one change, then the other.",
            )),
            (true, false) => self.rise(),
            (false, _) if self.wanted == PlanChange::default() && !has.ends_at_renewal => Err(Error::field(
                "licenses",
                "You already have this. Choose another plan or number of licenses.",
            )),
            (false, _) => Ok(self.at_renewal()),
        }
    }

    fn at_renewal(&self) -> Offer {
        let tiers = self.list().clone();
        let lines = self.whole(&tiers, self.has.period_end);
        self.offer(Effect::Renewal, tiers, 0, 0, lines, 0)
    }

    /// More, from now to the end of the period.
    fn rise(&self) -> Result<Offer> {
        let has = self.has;
        let whole = has.seconds();
        let left = seconds_until(has.period_end, self.now).min(whole);
        if has.standing(self.now) == Standing::ReadOnly {
            return Err(invoice_open());
        }
        if left == 0 {
            return Err(Error::conflict(
                "renewing",
                "The subscription is being renewed. Try again in a moment.",
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
        let has = self.has;
        let time = share(left, whole);
        let dates = dates(self.now, has.period_end);
        let same = self.plan == has.plan;
        let from = if same { has.licenses } else { 0 };
        let (one, many) =
            if same { ("additional license", "additional licenses") } else { ("license", "licenses") };
        let line = |(count, price): (i64, i64)| Line {
            text: format!("{}, {}, {dates}", counted(count, one, many), self.plan.label()),
            sum: format!("{count} × {} × {time}", self.money(price)),
            amount: part(count * price, left, whole),
        };
        let mut lines = tiers.runs(from, self.licenses).into_iter().map(line).collect::<Vec<_>>();
        if !same {
            lines.push(Line {
                text: format!(
                    "Unused: {}, {}, {dates}",
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

/// The lines of a whole period, with the days that it runs from and to.
pub(crate) fn whole_period(
    bought: Renewal,
    tiers: &Tiers,
    currency: Currency,
    from: Time,
    until: Time,
) -> Vec<Line> {
    let Renewal { plan, billed, licenses } = bought;
    let runs = tiers.runs(0, licenses).into_iter();
    let line = |(count, price)| Line {
        text: format!(
            "{}, {}, billed {}, {}",
            counted(count, "license", "licenses"),
            plan.label(),
            billed.label(),
            dates(from, until)
        ),
        sum: format!("{count} × {}", Money::new(price, currency)),
        amount: count * price,
    };
    runs.map(line).collect()
}

/// The days that a line pays for.
pub(crate) fn dates(from: Time, until: Time) -> String {
    format!("{} to {}", day(from), day(until))
}

/// Adds what makes the lines' sum the total: fractions of a minor unit that earlier lines left over.
pub(crate) fn fractions(lines: &mut Vec<Line>, total: i64) {
    let rest = total - lines.iter().map(|line| line.amount).sum::<i64>();
    if rest != 0 {
        let text = "Rounding from this and earlier changes in the period".to_owned();
        lines.push(Line { text, sum: String::new(), amount: rest });
    }
}

/// A share of a period as people follow it: in days, and where they aren't whole, to a ten-thousandth. Amounts are
/// computed to the second.
pub(crate) fn share(left: i64, whole: i64) -> String {
    format!("{} of {} days", in_days(left), in_days(whole))
}

fn in_days(seconds: i64) -> String {
    const A_DAY: i64 = 86_400;
    let parts = (seconds * 10_000 + A_DAY / 2) / A_DAY;
    let days = format!("{}.{:04}", parts / 10_000, parts % 10_000);
    days.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_in_days() {
        assert_eq!(share(20 * 86_400, 31 * 86_400), "20 of 31 days");
        assert_eq!(share(20 * 86_400 + 43_207, 31 * 86_400), "20.5001 of 31 days");
        assert_eq!(share(86_400 + 1, 30 * 86_400), "1 of 30 days");
        assert_eq!(share(59, 28 * 86_400), "0.0007 of 28 days");
    }
}
