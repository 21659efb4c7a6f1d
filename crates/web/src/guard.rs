//! What stands before every handler: no writes from other sites, and strict headers on every answer.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};

use crate::{App, errors::refuse};
use kernel::error::Error;

/// Refuses unsafe methods that another site's page sent. Browsers say where a request comes from in
/// `Sec-Fetch-Site`, older ones in `Origin`; programs send neither, and no cookies. What brings cookies and doesn't say
/// where it comes from is refused as well.
pub async fn cross_site(State(app): State<App>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || from_here(request.headers(), &app.site.base_url) {
        return next.run(request).await;
    }
    refuse(Error::forbidden("cross_site", "This request came from another website, so it was refused."))
}

fn from_here(headers: &HeaderMap, base_url: &str) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let Some(origin) = text(&header::ORIGIN) else {
        return !headers.contains_key(header::ORIGIN) && !headers.contains_key(header::COOKIE);
    };
    let host = origin.split_once("://").map(|(_, host)| host);
    origin == base_url || (host.is_some() && host == text(&header::HOST))
}

const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    ("x-frame-options", "DENY"),
];

/// Keeps what anyone can open out of search engines, links with a token above all. Robots have no cookies, so an answer to a
/// request with cookies needs no such header.
const ROBOTS: (&str, &str) = ("x-robots-tag", "noindex, nofollow");

/// Adds the strict headers. What a handler set itself stays; answers are never stored unless it says so.
pub async fn harden(State(app): State<App>, request: Request, next: Next) -> Response {
    let robot = !request.headers().contains_key(header::COOKIE);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if robot {
        headers.entry(HeaderName::from_static(ROBOTS.0)).or_insert(HeaderValue::from_static(ROBOTS.1));
    }
    for (name, value) in HEADERS {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if app.site.secure() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000; includeSubDomains"),
        );
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_our_own_pages_and_programs_may_write() {
        let here = |pairs: &[_]| from_here(&headers(pairs), "https://covey.org");
        assert!(here(&[]));
        assert!(!here(&[("cookie", "covey=x")]), "a browser says where it comes from");
        assert!(here(&[("cookie", "covey=x"), ("sec-fetch-site", "same-origin")]));
        assert!(here(&[("sec-fetch-site", "same-origin")]));
        assert!(here(&[("sec-fetch-site", "none")]));
        assert!(here(&[("origin", "https://covey.org")]));
        assert!(here(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")]));
        assert!(!here(&[("sec-fetch-site", "same-site"), ("origin", "https://covey.org")]));
        assert!(!here(&[("sec-fetch-site", "cross-site")]));
        assert!(!here(&[("origin", "https://evil.org"), ("host", "covey.org")]));
        assert!(!here(&[("origin", "null"), ("host", "covey.org")]));
    }
}
