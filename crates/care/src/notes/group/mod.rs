//! Group notes: written once for a client group.
//!
//! A group note has the facts of the session, who was there, and the shared text. The attendance begins with
//! everyone of the client group as present; another client of the same group may be added for this time. It is
//! what was saved: who joins or leaves the client group later is told, and changes nothing by itself.
//!
//! *Generate* makes one draft per client who was there, or renews it: facts and shared text, with the places
//! filled. A text of its own stays, unless asked otherwise; what was released is never touched; the draft of
//! someone who turns out absent is withdrawn.

pub mod actions;
pub mod api;
pub mod create;
pub mod pages;
pub mod release;
mod store;

pub use store::{AttendanceRow, GroupNoteRow, GroupNotes};

/// The most clients that one group note is for.
pub const ATTENDANCE_LIMIT: usize = 1000;
