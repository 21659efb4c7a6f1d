//! Sessions: who is signed in where, and how well they proved who they are.
//!
//! A session notes when its person last proved that again, and when they used a second factor in it. What asks for
//! either is [`access::strong_enough`].

mod store;

pub use store::{
    SessionRow, Sessions, end_oldest_sessions, end_session, end_sessions, open_session, prove_session,
    sessions, strengthen,
};

use kernel::id::UserId;

/// The topic of the sessions of a person: announced when one ends before its time.
pub fn topic(user: UserId) -> String {
    format!("sessions:{user}")
}
