//! Pages of requests: the mailboxes, the form of a new one, one with its thread, and the choice of emails.

mod lists;
mod sending;
mod settings;
mod steps;
mod thread;

use crate::requests::State;

pub(crate) use lists::{index, live};
pub(crate) use sending::{create, new};
pub(crate) use settings::{set_settings, settings};
pub(crate) use steps::{
    add_file, add_message, ask, assign, cancel, claim, complete, decline, forward, release, reopen, undo,
};
pub(crate) use thread::show;

/// The color of a state.
const fn tone(state: State) -> &'static str {
    match state {
        State::New => "blue",
        State::Claimed => "brand",
        State::Waiting => "pending",
        State::Done => "green",
        State::Declined => "red",
        State::Canceled => "closed",
    }
}
