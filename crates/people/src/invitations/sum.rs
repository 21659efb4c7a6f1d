//! How many addresses there are, and what became of them, in a sentence: while one types, and afterwards. Both count the
//! same entries, so they agree.

use crate::{
    invitations::{Outcome, Result as Became},
    licenses::Seat,
};
use kernel::{addresses::Entry, text::counted};

/// "9 addresses, 1 not an address, 2 repeats"; empty for nothing.
pub(super) fn typed(entries: &[Entry]) -> String {
    let good = entries.iter().filter(|entry| entry.email.is_ok()).count();
    let repeats = entries.iter().map(|entry| entry.times - 1).sum();
    joined([
        (good, "address", "addresses"),
        (entries.len() - good, NOT_ONE, NOT_SOME),
        (repeats, REPEAT, REPEATS),
    ])
}

/// "9 invited, 1 already a member, 1 not an address". `seat` is what the invited people take.
pub(super) fn became(outcomes: &[Outcome], seat: Seat) -> String {
    let of = |what: Became| outcomes.iter().filter(|each| each.outcome == what).count();
    let no_place = match seat {
        Seat::License => "without a license",
        Seat::SupportStaff => "without a seat",
    };
    joined([
        (of(Became::Invited), "invited", "invited"),
        (of(Became::Added), "added", "added"),
        (of(Became::AlreadyMember), "already a member", "already members"),
        (of(Became::AlreadyInvited), "already invited", "already invited"),
        (of(Became::Changed), "changed", "changed"),
        (of(Became::NoLicense), no_place, no_place),
        (of(Became::EnoughMail), "not sent today", "not sent today"),
        (of(Became::NotAnAddress), NOT_ONE, NOT_SOME),
        (outcomes.iter().map(|each| each.times - 1).sum(), REPEAT, REPEATS),
    ])
}

const NOT_ONE: &str = "not an address";
const NOT_SOME: &str = "not addresses";
const REPEAT: &str = "repeat";
const REPEATS: &str = "repeats";

fn joined<const N: usize>(parts: [(usize, &str, &str); N]) -> String {
    let there = parts.into_iter().filter(|(number, ..)| *number > 0);
    there.map(|(number, one, many)| counted(number, one, many)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::addresses;

    fn outcome(outcome: Became, times: usize) -> Outcome {
        let email = "ann@x.org".to_owned();
        Outcome {
            email,
            outcome,
            detail: String::new(),
            times,
            invitation: None,
            link: None,
            mail_waits: None,
            change: None,
        }
    }

    #[test]
    fn what_is_counted_while_one_types_is_what_the_sum_counts() {
        let found = addresses::read("ann@x.org; Bob@x.org, bob@x.org\ncy@x_y.org");
        assert_eq!(typed(&found), "2 addresses, 1 not an address, 1 repeat");
        assert_eq!(typed(&addresses::read("Ann Lee")), "");
        let outcomes = [
            outcome(Became::Invited, 1),
            outcome(Became::AlreadyMember, 2),
            outcome(Became::NotAnAddress, 1),
        ];
        assert_eq!(
            became(&outcomes, Seat::License),
            "1 invited, 1 already a member, 1 not an address, 1 repeat"
        );
        let full = [outcome(Became::NoLicense, 1), outcome(Became::NoLicense, 1)];
        assert_eq!(became(&full, Seat::License), "2 without a license");
        assert_eq!(became(&full, Seat::SupportStaff), "2 without a seat");
    }
}
