//! Webhook endpoints: addresses that hear of events.
