//! The account's event feed: what of its audit trail is for programs, in the order of commits.
//!
//! An event's number is taken on the row of the chain's head, which stays locked until the transaction ends. So
//! nobody sees number 8 before 7 can be seen too, and a reader who remembers the last one misses none: on both
//! engines, however many write. Numbers of a plain sequence, or times, are taken before the commit and come out of
//! order.
//!
//! [`types`] says which kinds of events are public. They carry ids alone: what is clinical, and names, are fetched.
//! The trail is kept for good, the feed reaches back [`KEPT`].

mod actions;
pub mod api;
mod ids;
pub mod pages;
mod store;
pub mod types;

use serde::Serialize;
use utoipa::ToSchema;

use kernel::{
    clock::{DAY, Time},
    id::{AccountId, EventId, GroupId, UserId},
};

pub(crate) use actions::{between, head, next, numbered};
pub(crate) use ids::id;

/// How far the feed reaches back.
pub const KEPT: i64 = 90 * DAY;

/// Something that happened in an account, by ids alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Event {
    /// The event's id: the same wherever it is told, however often.
    pub id: EventId,
    /// What happened, such as `case.created`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub created_at: Time,
    /// The account that it happened in.
    pub account: AccountId,
    /// The id of what it happened to.
    pub object: String,
    /// The group that it happened in; null where it was in none.
    pub group: Option<GroupId>,
    /// Who did it; null where the server did.
    pub actor: Option<UserId>,
}
