//! The routes of this wing: one table per topic, with the JSON API first and the pages after it.
//!
//! [`web::routes`] explains what a row may say. A handler whose first parameter is not a `May` of that very
//! proof does not compile.

use web::{Route, routes};

use crate::{
    events::{api as event_api, pages as event_pages},
    webhooks::{api as webhook_api, pages as webhook_pages},
};

/// Every route of this wing.
pub fn routes() -> Vec<Route> {
    [keys, events, webhooks].into_iter().flat_map(|topic| topic()).collect()
}

/// API keys. People alone make and end them: a key that could make keys would outlive its own end.
#[rustfmt::skip]
fn keys() -> Vec<Route> {
    use crate::keys::{api, pages};

    routes! {
        tag "API keys";

        GET    "/api/v1/accounts/{account}/api-keys"              AccountAdmin api::index,  listApiKeys,  "List an account's API keys, the newest first";
        POST   "/api/v1/accounts/{account}/api-keys"              AccountAdmin api::create, createApiKey, "Create an API key; its secret is shown this once", fresh, nowhere,
               example r#"{"name":"Lab interface","scopes":["cases.read"]}"#;
        GET    "/api/v1/api-keys/{api_key}"                       ApiKeyAdmin  api::show,   getApiKey,    "Show an API key";
        POST   "/api/v1/api-keys/{api_key}/rotate"                ApiKeyAdmin  api::rotate, rotateApiKey, "Replace the secret of an API key", fresh,
               example r#"{"overlap_hours":24}"#;
        DELETE "/api/v1/api-keys/{api_key}"                       ApiKeyAdmin  api::revoke, revokeApiKey, "Revoke an API key";

        GET    "/a/{account}/developers"                          AccountAdmin pages::index,  "The API keys, and the form of a new one";
        POST   "/a/{account}/developers"                          AccountAdmin pages::create, "Create an API key", fresh,
               example "name=Lab+interface&scopes=cases.read&reach=all&expires=90";
        POST   "/a/{account}/developers/keys/{api_key}/rotate"    ApiKeyAdmin  pages::rotate, "Replace the secret of an API key", fresh,
               example "confirm=yes";
        POST   "/a/{account}/developers/keys/{api_key}/revoke"    ApiKeyAdmin  pages::revoke, "Revoke an API key",
               example "confirm=yes";
    }
}

/// The event feed.
#[rustfmt::skip]
fn events() -> Vec<Route> {
    web::routes! {
        tag "Events", keys Events;

        GET    "/api/v1/accounts/{account}/events"                      AccountAdmin event_api::index,               listEvents,           "List what happened in an account, oldest first",
               example "type=case.created,case.closed";

        GET    "/a/{account}/developers/events"                         AccountAdmin event_pages::index,             "What happened in an account, for programs";
    }
}

/// Webhook endpoints.
#[rustfmt::skip]
fn webhooks() -> Vec<Route> {
    web::routes! {
        tag "Webhooks";

        GET    "/api/v1/accounts/{account}/webhooks"                    AccountAdmin webhook_api::index,             listWebhooks,         "List an account's webhooks";
        POST   "/api/v1/accounts/{account}/webhooks"                    AccountAdmin webhook_api::create,            createWebhook,        "Add a webhook; its secret is shown this once", fresh, nowhere,
               example r#"{"url":"https://hooks.example.com/covey","types":["case.created","case.closed"]}"#;
        GET    "/api/v1/accounts/{account}/webhooks/{webhook}"          AccountAdmin webhook_api::show,              getWebhook,           "Show a webhook";
        PATCH  "/api/v1/accounts/{account}/webhooks/{webhook}"          AccountAdmin webhook_api::change,            updateWebhook,        "Change a webhook", fresh,
               example r#"{"description":"Data warehouse","types":[]}"#;
        DELETE "/api/v1/accounts/{account}/webhooks/{webhook}"          AccountAdmin webhook_api::remove,            deleteWebhook,        "Delete a webhook with its deliveries";
        POST   "/api/v1/accounts/{account}/webhooks/{webhook}/rotate-secret"
                                                                        AccountAdmin webhook_api::rotate,            rotateWebhookSecret,  "Give a webhook a new secret; the old one signs too for a day", fresh;
        POST   "/api/v1/accounts/{account}/webhooks/{webhook}/pause"    AccountAdmin webhook_api::pause,             pauseWebhook,         "Keep events back until the webhook is resumed";
        POST   "/api/v1/accounts/{account}/webhooks/{webhook}/resume"   AccountAdmin webhook_api::resume,            resumeWebhook,        "Deliver again, beginning with what was kept back";
        POST   "/api/v1/accounts/{account}/webhooks/{webhook}/test"     AccountAdmin webhook_api::test,              testWebhook,          "Send a test event", nowhere;
        POST   "/api/v1/accounts/{account}/webhooks/{webhook}/replay"   AccountAdmin webhook_api::replay_span,       replayEvents,         "Send the events of a span of time again",
               example r#"{"since":"2026-03-02T00:00:00Z","until":"2026-03-03T00:00:00Z"}"#;
        GET    "/api/v1/accounts/{account}/webhooks/{webhook}/deliveries"
                                                                        AccountAdmin webhook_api::deliveries,        listDeliveries,       "List a webhook's deliveries, newest first";
        GET    "/api/v1/accounts/{account}/webhooks/{webhook}/deliveries/{delivery}"
                                                                        AccountAdmin webhook_api::delivery,          getDelivery,          "Show a delivery with its attempts";
        POST   "/api/v1/accounts/{account}/webhooks/{webhook}/deliveries/{delivery}/replay"
                                                                        AccountAdmin webhook_api::replay,            replayDelivery,       "Send a delivery's event again", nowhere;

        GET    "/a/{account}/developers/webhooks"                       AccountAdmin webhook_pages::index,           "An account's webhooks";
        POST   "/a/{account}/developers/webhooks"                       AccountAdmin webhook_pages::create,          "Add a webhook; its secret is shown this once", fresh,
               example "url=https%3A%2F%2Fhooks.example.com%2Fcovey&types=case.created";
        GET    "/a/{account}/developers/webhooks/new"                   AccountAdmin webhook_pages::new,             "The form for a webhook";
        GET    "/a/{account}/developers/webhooks/{webhook}"             AccountAdmin webhook_pages::show,            "A webhook and its deliveries";
        GET    "/a/{account}/developers/webhooks/{webhook}/edit"        AccountAdmin webhook_pages::edit,            "The form of a webhook";
        POST   "/a/{account}/developers/webhooks/{webhook}/edit"        AccountAdmin webhook_pages::change,          "Change a webhook", fresh,
               example "url=https%3A%2F%2Fhooks.example.com%2Fcovey&description=Warehouse";
        POST   "/a/{account}/developers/webhooks/{webhook}/rotate-secret"
                                                                        AccountAdmin webhook_pages::rotate,          "Give a webhook a new secret; the old one signs too for a day", fresh,
               example "confirm=yes";
        POST   "/a/{account}/developers/webhooks/{webhook}/pause"       AccountAdmin webhook_pages::pause,           "Keep events back until the webhook is resumed",
               example "confirm=yes";
        POST   "/a/{account}/developers/webhooks/{webhook}/resume"      AccountAdmin webhook_pages::resume,          "Deliver again, beginning with what was kept back",
               example "confirm=yes";
        POST   "/a/{account}/developers/webhooks/{webhook}/delete"      AccountAdmin webhook_pages::remove,          "Delete a webhook with its deliveries",
               example "confirm=yes";
        POST   "/a/{account}/developers/webhooks/{webhook}/test"        AccountAdmin webhook_pages::test,            "Send a test event",
               example "confirm=yes";
        POST   "/a/{account}/developers/webhooks/{webhook}/replay"      AccountAdmin webhook_pages::replay_span,     "Send the events of a span of time again",
               example "since=2026-03-02T00%3A00&until=2026-03-03T00%3A00";
        GET    "/a/{account}/developers/webhooks/{webhook}/deliveries/{delivery}"
                                                                        AccountAdmin webhook_pages::delivery,        "A delivery with its attempts";
        POST   "/a/{account}/developers/webhooks/{webhook}/deliveries/{delivery}/replay"
                                                                        AccountAdmin webhook_pages::replay,          "Send a delivery's event again",
               example "confirm=yes";
    }
}
