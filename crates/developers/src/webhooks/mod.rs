//! Webhooks: addresses of an account that hear of its events, by the Standard Webhooks specification.
//!
//! Each endpoint has a place in the account's audit trail, and is told what comes after it: in order, the next event
//! only when the one before was taken, at least once. An event that is not taken is tried again over three days; then
//! the endpoint is paused and the owner told. Nothing is lost by a pause: what happened meanwhile follows when it is
//! resumed, as far back as the feed reaches. Replays and tests go their own ways, so that they wait for nothing.
//!
//! - `target`: where a webhook may lead. Names are resolved once, and the address that was checked is the one that is
//!   connected to.
//! - `secret`: secrets, sealed with the server's key, and signatures.
//! - `send`: one request.
//! - `line`: in transactions, which delivery is next and what came of it.
//! - `worker`: the loop around these.

mod actions;
pub mod api;
mod line;
mod mail;
pub mod pages;
mod secret;
mod send;
mod store;
mod target;
mod worker;

use serde::Serialize;
use utoipa::ToSchema;

use kernel::{
    clock::{DAY, HOUR, MINUTE, SECOND, Time},
    id::{DeliveryId, EventId, WebhookId},
};
use storage::word;

pub use send::Sender;
pub use target::{Lookup, Targets};
pub use worker::{Worker, deliver_due, tidy};

/// What is announced when there is something to deliver other than new events.
const TOPIC: &str = "webhooks";
/// The pauses between attempts. After the last the endpoint is paused, three days after the first.
const PAUSES: [i64; 9] =
    [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
/// How long the old secret signs beside a new one.
const OVERLAP: i64 = DAY;
/// The most endpoints of an account.
const MOST: usize = 10;
/// The most events of one replay.
const REPLAY_MOST: i64 = 1_000;
/// How long deliveries are kept, as long as events.
const KEPT: i64 = crate::events::KEPT;

word! {
    /// Whether events are delivered.
    pub enum WebhookState {
        /// They are.
        Active = "active",
        /// Not now: someone paused it, or too many attempts failed. They follow when it is resumed.
        Paused = "paused",
        /// The receiver answered that it is gone for good (410).
        Disabled = "disabled",
    }
}

word! {
    /// Why something is delivered.
    pub enum DeliveryKind {
        /// It happened.
        Event = "event",
        /// It happened before, and someone asked for it again.
        Replay = "replay",
        /// Someone tries the endpoint.
        Test = "test",
    }
}

word! {
    /// Where a delivery is.
    pub enum DeliveryState {
        /// It waits for its first or next attempt.
        Pending = "pending",
        /// The receiver took it.
        Delivered = "delivered",
        /// It was given up.
        Failed = "failed",
    }
}

/// An address that hears of an account's events.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Webhook {
    pub id: WebhookId,
    /// Where events are sent.
    pub url: String,
    pub description: String,
    /// The types of events that it hears of. Empty means all.
    pub types: Vec<String>,
    pub state: WebhookState,
    /// Since when it is in that state.
    pub state_since: Time,
    /// The last attempt; null before the first.
    pub last_attempt: Option<LastAttempt>,
    /// Until when the old secret still signs; null unless it was rotated just now.
    pub old_secret_until: Option<Time>,
    pub created_at: Time,
}

/// What came of a webhook's last attempt.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LastAttempt {
    pub at: Time,
    pub succeeded: bool,
    /// The status of the answer; null where none came.
    pub status: Option<i64>,
}

/// An event on its way to a webhook, or arrived.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Delivery {
    pub id: DeliveryId,
    pub webhook: WebhookId,
    pub kind: DeliveryKind,
    /// The event; null for a test.
    pub event: Option<EventId>,
    /// The event's type; `ping` for a test.
    #[serde(rename = "type")]
    pub event_type: String,
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next; null once it is settled.
    pub next_at: Option<Time>,
    pub created_at: Time,
    /// When it was taken or given up.
    pub settled_at: Option<Time>,
}

storage::row! {
    /// One attempt to deliver.
    #[derive(Clone, Debug, Serialize, ToSchema)]
    pub struct Attempt {
        pub number: i64,
        pub at: Time,
        /// How long it took.
        pub milliseconds: i64,
        /// The status of the answer; null where none came.
        pub status: Option<i64>,
        /// The beginning of the answer.
        pub answer: String,
        /// Why it failed; null where it did not.
        pub error: Option<String>,
    }
}
