//! Everything that is reachable: the route tables of the wings, and what belongs to none of them.
//!
//! [`web::routes`] explains what a row may say. A handler whose first parameter is not a `May` of
//! that very proof does not compile.

use web::{Route, assets, texts};

use crate::health;

/// All routes there are.
pub fn all() -> Vec<Route> {
    served(true)
}

/// The routes of a server that sells something, or of one that doesn't.
pub fn served(sells: bool) -> Vec<Route> {
    let billing = if sells { billing::routes() } else { billing::unsold() };
    let wings = [
        people::routes(),
        care::routes(),
        messaging::routes(),
        billing,
        developers::routes(),
        workflows::routes(),
    ];
    let all = own().into_iter().chain(wings.into_iter().flatten());
    all.filter(|route| sells || !workflows::SOLD.contains(&route.path)).collect()
}

/// The API's document.
pub fn document(sells: bool) -> web::Document {
    web::document(&served(sells))
}

/// The probes, the API's document, the texts that anyone may read, and what pages load.
#[rustfmt::skip]
pub fn own() -> Vec<Route> {
    web::routes! {
        GET    "/healthz"              Anyone health::alive,   "Whether the process runs", quiet, probe;
        GET    "/readyz"               Anyone health::ready,   "Whether it can serve: the database answers", quiet, probe;
        GET    "/metrics"              Anyone health::metrics, "Counters for monitoring", quiet, probe;
        GET    "/api/openapi.json"     Anyone health::openapi, "This API's document";
        GET    "/api/docs"             Anyone health::docs,    "This API's document, for reading";

        GET    "/guide"                Anyone texts::guide,    "The quick-start guide";
        GET    "/terms"                Anyone texts::terms,    "The terms of use";

        GET    "/assets/{hash}/{name}" Anyone assets::serve,   "The stylesheet, the script, the icons", quiet;
    }
}
