//! What became of the addresses in a list, in a sentence.

use crate::{
    invitations::{Outcome, Result as Became},
    licenses::Seat,
};
use kernel::text::counted;

/// "9 invited, 1 already a member, 1 not an address". `seat` is what the invited people take.
pub(super) fn became(outcomes: &[Outcome], seat: Seat) -> String {
    let of = |what: Became| outcomes.iter().filter(|each| each.outcome == what).count();
    let no_place = match seat {
        Seat::License => "without a license",
        Seat::SupportStaff => "without a place",
    };
    joined([
        (of(Became::Invited), "invited", "invited"),
        (of(Became::Added), "added", "added"),
        (of(Became::AlreadyMember), "already a member", "already members"),
        (of(Became::AlreadyInvited), "already invited", "already invited"),
        (of(Became::NoLicense), no_place, no_place),
        (of(Became::EnoughMail), "put off", "put off"),
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

    fn outcome(outcome: Became, times: usize) -> Outcome {
        let email = "ann@x.org".to_owned();
        Outcome { email, outcome, detail: String::new(), times, invitation: None, link: None }
    }

    #[test]
    fn the_sum_counts_each_kind_of_outcome() {
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
        assert_eq!(became(&full, Seat::SupportStaff), "2 without a place");
    }
}
