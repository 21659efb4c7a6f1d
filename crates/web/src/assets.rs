//! The stylesheet, the script and the icons: inside the binary, under names that change with their
//! content, so that browsers may keep them for ever.

use std::sync::LazyLock;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

use crate::May;
use access::Anyone;
use kernel::error::{Error, Result};

struct Asset {
    name: &'static str,
    kind: &'static str,
    body: &'static str,
}

const ASSETS: &[Asset] = &[
    Asset { name: "style.css", kind: "text/css; charset=utf-8", body: include_str!("style.css") },
    Asset { name: "covey.js", kind: "text/javascript; charset=utf-8", body: include_str!("js/covey.js") },
    Asset {
        name: "requests.js",
        kind: "text/javascript; charset=utf-8",
        body: include_str!("js/requests.js"),
    },
    Asset { name: "dual.js", kind: "text/javascript; charset=utf-8", body: include_str!("js/dual.js") },
    Asset { name: "unsaved.js", kind: "text/javascript; charset=utf-8", body: include_str!("js/unsaved.js") },
    Asset { name: "import.js", kind: "text/javascript; charset=utf-8", body: include_str!("js/import.js") },
    Asset { name: "draft.js", kind: "text/javascript; charset=utf-8", body: include_str!("js/draft.js") },
    Asset { name: "icons.svg", kind: "image/svg+xml", body: include_str!("icons.svg") },
    Asset { name: "favicon.svg", kind: "image/svg+xml", body: include_str!("favicon.svg") },
];

static HASHES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let hash = |asset: &Asset| data_encoding::HEXLOWER.encode(&Sha256::digest(asset.body)[..6]);
    ASSETS.iter().map(hash).collect()
});

/// The address of an asset.
pub fn url(name: &str) -> String {
    let at = ASSETS.iter().position(|asset| asset.name == name).unwrap_or(0);
    format!("/assets/{}/{name}", HASHES[at])
}

/// Serves an asset.
///
/// # Errors
/// There is none of that name.
pub async fn serve(may: May<Anyone>) -> Result<Response> {
    let name = may.text("name")?;
    let asset = ASSETS.iter().find(|asset| asset.name == name).ok_or_else(Error::not_found)?;
    let mut response = asset.body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Ok(response)
}
