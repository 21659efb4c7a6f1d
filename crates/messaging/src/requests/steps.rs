//! The table of allowed moves: which step leads from which state to which, and who may take it. It is printed
//! in docs/REQUESTS.md, which a test compares.

use crate::requests::State;
use storage::word;

word! {
    /// A step that moves a request.
    #[derive(PartialOrd, Ord)]
    pub enum Step as RequestStep {
        /// Take it on.
        Claim = "claim",
        /// Let others claim it.
        Release = "release",
        /// Give it to a person in the user group, who may be the caller.
        Assign = "assign",
        /// Ask its sender something.
        Ask = "ask",
        /// Answer the question: the sender writes.
        Answer = "answer",
        /// Close it as done.
        Complete = "complete",
        /// Turn it down, with a reason.
        Decline = "decline",
        /// Withdraw it.
        Cancel = "cancel",
        /// Open it again.
        Reopen = "reopen",
        /// Send it on to another user group.
        Forward = "forward",
    }
}

/// A person's parts in a request; they may have several at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Part {
    /// They sent it, and still see it.
    pub sender: bool,
    /// They are in the user group it is addressed to.
    pub receiver: bool,
    /// They claimed it, or it was assigned to them.
    pub holder: bool,
}

/// The state that a step of this person leads to from this state; none if they may not take it.
pub const fn after(step: Step, from: State, who: Part) -> Option<State> {
    use State::{Canceled, Claimed, Declined, Done, New, Waiting};
    match (step, from) {
        (Step::Claim, New) if who.receiver => Some(Claimed),
        (Step::Assign, New | Claimed | Waiting) if who.receiver => Some(Claimed),
        (Step::Release, Claimed | Waiting) if who.holder => Some(New),
        (Step::Ask, Claimed) if who.holder => Some(Waiting),
        (Step::Answer, Waiting) if who.sender => Some(Claimed),
        (Step::Complete, Claimed | Waiting) if who.holder => Some(Done),
        (Step::Decline, New) if who.receiver => Some(Declined),
        (Step::Decline, Claimed | Waiting) if who.holder => Some(Declined),
        (Step::Cancel, New | Claimed | Waiting) if who.sender => Some(Canceled),
        (Step::Reopen, Done | Declined) if who.sender => Some(New),
        (Step::Forward, New) if who.sender || who.receiver => Some(New),
        (Step::Forward, Claimed | Waiting) if who.sender || who.holder => Some(New),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who may take which step from which states, and where it leads, in other words than the function's.
    const TABLE: &str = "\
| claim | new | receiver | claimed |
| assign | new, claimed, waiting | receiver | claimed |
| release | claimed, waiting | holder | new |
| ask | claimed | holder | waiting |
| answer | waiting | sender | claimed |
| complete | claimed, waiting | holder | done |
| decline | new | receiver | declined |
| decline | claimed, waiting | holder | declined |
| cancel | new, claimed, waiting | sender | canceled |
| reopen | done, declined | sender | new |
| forward | new | sender, receiver | new |
| forward | claimed, waiting | sender, holder | new |
";

    fn parts() -> impl Iterator<Item = Part> {
        (0..8).map(|bits| Part { sender: bits & 1 != 0, receiver: bits & 2 != 0, holder: bits & 4 != 0 })
    }

    fn by_table(step: Step, from: State, who: Part) -> Option<State> {
        let is = |part: &str| match part {
            "sender" => who.sender,
            "receiver" => who.receiver,
            "holder" => who.holder,
            other => panic!("{other} is no part"),
        };
        TABLE.lines().find_map(|line| {
            let cells = line.split('|').map(str::trim).collect::<Vec<_>>();
            let fits = cells[1] == step.word()
                && cells[2].split(", ").any(|state| state == from.word())
                && cells[3].split(", ").any(is);
            fits.then(|| State::read(cells[4]).unwrap())
        })
    }

    #[test]
    fn every_step_from_every_state_by_everybody_is_as_the_table_says() {
        for step in Step::ALL {
            for from in State::ALL {
                for who in parts() {
                    assert_eq!(
                        after(*step, *from, who),
                        by_table(*step, *from, who),
                        "{step} {from} {who:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn nobody_moves_a_request_without_a_part_in_it() {
        for step in Step::ALL {
            for from in State::ALL {
                assert_eq!(after(*step, *from, Part::default()), None);
            }
        }
    }

    #[test]
    fn the_documentation_prints_this_table() {
        let document = include_str!("../../../../docs/REQUESTS.md");
        assert!(document.contains(TABLE), "docs/REQUESTS.md should hold:\n{TABLE}");
    }
}
