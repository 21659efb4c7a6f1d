//! The stylesheet, the scripts and the icons: inside the binary, in a folder whose name changes with their
//! content, so that browsers may keep them permanently. They share that folder, so `import './dom.js'` finds
//! the script of the same release.

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

const fn script(name: &'static str, body: &'static str) -> Asset {
    Asset { name, kind: "text/javascript; charset=utf-8", body }
}

const ASSETS: &[Asset] = &[
    Asset { name: "style.css", kind: "text/css; charset=utf-8", body: include_str!("style.css") },
    script("dom.js", include_str!("js/dom.js")),
    script("covey.js", include_str!("js/covey.js")),
    script("grid.js", include_str!("js/grid.js")),
    script("palette.js", include_str!("js/palette.js")),
    script("live.js", include_str!("js/live.js")),
    script("requests.js", include_str!("js/requests.js")),
    script("dual.js", include_str!("js/dual.js")),
    script("unsaved.js", include_str!("js/unsaved.js")),
    script("import.js", include_str!("js/import.js")),
    script("passkey.js", include_str!("js/passkey.js")),
    script("draft.js", include_str!("js/draft.js")),
    Asset { name: "icons.svg", kind: "image/svg+xml", body: include_str!("icons.svg") },
    Asset { name: "favicon.svg", kind: "image/svg+xml", body: include_str!("favicon.svg") },
];

/// One hash of all assets.
static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for asset in ASSETS {
        hash.update(asset.body);
    }
    data_encoding::HEXLOWER.encode(&hash.finalize()[..6])
});

fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// The address of an asset.
pub fn url(name: &str) -> String {
    debug_assert!(find(name).is_some(), "there is no asset {name}");
    format!("/assets/{}/{name}", *HASH)
}

/// How long browsers may keep an asset that they requested with this hash. While servers of two releases run side
/// by side, a page of one may ask the other.
fn cache_control(hash: &str) -> HeaderValue {
    let ours = hash == HASH.as_str();
    HeaderValue::from_static(if ours { "public, max-age=31536000, immutable" } else { "no-cache" })
}

/// Serves an asset.
///
/// # Errors
/// There is none of that name.
#[allow(clippy::unused_async, reason = "the route table's handlers are async")]
pub async fn serve(may: May<Anyone>) -> Result<Response> {
    let asset = find(may.text("name")?).ok_or_else(Error::not_found)?;
    let mut response = asset.body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(header::CACHE_CONTROL, cache_control(may.text("hash")?));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a script imports, as it is written.
    fn imports(body: &str) -> impl Iterator<Item = &str> {
        body.split(" from '").skip(1).filter_map(|rest| rest.split('\'').next())
    }

    #[test]
    fn every_import_is_an_asset_in_the_same_folder() {
        let scripts = ASSETS.iter().filter(|asset| asset.name.ends_with(".js"));
        let found: Vec<_> = scripts.flat_map(|asset| imports(asset.body)).collect();
        assert!(found.len() >= 6, "{found:?}");
        for import in found {
            let name = import.strip_prefix("./").expect(import);
            assert!(name.ends_with(".js") && find(name).is_some(), "{import}");
            assert_eq!(url(name), url("covey.js").replace("covey.js", name));
        }
    }

    #[test]
    fn browsers_keep_only_what_they_requested_with_our_hash() {
        assert!(cache_control(&HASH).to_str().unwrap().ends_with("immutable"));
        assert_eq!(cache_control("000000000000"), "no-cache");
    }
}
