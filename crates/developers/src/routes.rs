//! The routes of this wing: one table per topic, with the JSON API first and the pages after it.
//!
//! [`web::routes`] explains what a row may say. A handler whose first parameter is not a `May` of that very
//! proof does not compile.

use web::{Route, routes};

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
        POST   "/api/v1/accounts/{account}/api-keys"              AccountAdmin api::create, createApiKey, "Create an API key; its secret is shown this once", nowhere,
               example r#"{"name":"Lab interface","scopes":["cases.read"]}"#;
        GET    "/api/v1/api-keys/{api_key}"                       ApiKeyAdmin  api::show,   getApiKey,    "Show an API key";
        POST   "/api/v1/api-keys/{api_key}/rotate"                ApiKeyAdmin  api::rotate, rotateApiKey, "Replace the secret of an API key",
               example r#"{"overlap_hours":24}"#;
        DELETE "/api/v1/api-keys/{api_key}"                       ApiKeyAdmin  api::revoke, revokeApiKey, "Revoke an API key";

        GET    "/a/{account}/developers"                          AccountAdmin pages::index,  "The API keys, and the form of a new one";
        POST   "/a/{account}/developers"                          AccountAdmin pages::create, "Create an API key",
               example "name=Lab+interface&scopes=cases.read&reach=all&expires=90";
        POST   "/a/{account}/developers/keys/{api_key}/rotate"    ApiKeyAdmin  pages::rotate, "Replace the secret of an API key",
               example "confirm=yes";
        POST   "/a/{account}/developers/keys/{api_key}/revoke"    ApiKeyAdmin  pages::revoke, "Revoke an API key",
               example "confirm=yes";
    }
}

/// The event feed.
fn events() -> Vec<Route> {
    Vec::new()
}

/// Webhook endpoints.
fn webhooks() -> Vec<Route> {
    Vec::new()
}
