//! What stands above every page of an account that needs attention: its subscription, or the reader's second factor.

use jiff::tz::TimeZone;

use access::Role;
use kernel::clock::{DAY, Time};
use people::plans::{Standing, State};
use web::{page::Banner, parts::Kit};

use crate::shell::store::Seat;

/// From how long before its end on a trial is spoken of.
const TRIAL_ENDS_SOON: i64 = 7 * DAY;

/// The most pressing of what is to be said on each page of an account.
pub(super) fn banner(seat: &Seat, kit: &Kit) -> Option<Banner> {
    of_subscription(seat, kit).or_else(|| of_second_factor(seat, kit))
}

fn of_second_factor(seat: &Seat, kit: &Kit) -> Option<Banner> {
    let day = kit.day(&seat.factor_due?);
    let text = format!("From {day} on, this practice requires a second factor. Set yours up now.");
    Some(Banner { serious: false, text, link: Some(("Set up", "/second-factor".to_owned())) })
}

/// What is to be said about an account's subscription: to those who can do something about it in good time, to everyone
/// once nothing can be changed.
fn of_subscription(seat: &Seat, kit: &Kit) -> Option<Banner> {
    let (account, state) = (seat.account?, seat.state?);
    let manages = seat.role.is_some_and(Role::manages);
    let standing = Standing::at(state, seat.due_at, seat.read_only_from, kit.now);
    let text = match standing {
        Standing::ReadOnly if manages => closed(state).to_owned(),
        Standing::ReadOnly => {
            "This account is read-only for now. Nothing is lost. The owner can restore it.".to_owned()
        }
        _ if manages => soon(standing, state, seat, kit)?,
        _ => return None,
    };
    let link = match state {
        State::Active => ("View subscription", format!("/a/{account}/subscription")),
        State::Trial | State::Ended | State::Unbilled => ("Choose a plan", format!("/a/{account}/licenses")),
    };
    Some(Banner { serious: standing == Standing::ReadOnly, text, link: manages.then_some(link) })
}

/// Why nothing can be changed, and what would change that.
const fn closed(state: State) -> &'static str {
    match state {
        State::Trial => {
            "Your trial has ended, so this account is read-only. Nothing is lost. Choose a plan to restore it right away."
        }
        State::Active => {
            "An invoice is unpaid, so this account is read-only. Nothing is lost. Pay it to restore the account right away."
        }
        State::Ended | State::Unbilled => {
            "Your subscription has ended, so this account is read-only. Nothing is lost. Choose a plan to restore it right \
             away."
        }
    }
}

/// What has to be done, and by when.
fn soon(standing: Standing, state: State, seat: &Seat, kit: &Kit) -> Option<String> {
    // Periods are counted in UTC, and emails name the same day.
    let utc = Kit { zone: TimeZone::UTC, ..kit.clone() };
    let day = |at: Option<Time>| at.map(|at| utc.day(&at)).unwrap_or_default();
    let until = day(seat.read_only_from);
    match (standing, state) {
        (Standing::Grace, State::Trial) => {
            Some(format!("Your trial has ended. Choose a plan by {until} to keep working."))
        }
        (Standing::Grace, _) => Some(format!("A payment is overdue. Pay it by {until} to keep working.")),
        (Standing::Trial, _) if seat.due_at.is_some_and(|end| end.since(kit.now) <= TRIAL_ENDS_SOON) => {
            Some(format!("Your trial ends on {}. Choose a plan to keep working.", day(seat.due_at)))
        }
        _ => None,
    }
}
