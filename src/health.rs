//! Probes for whatever watches the server, and the API's document.

use std::net::IpAddr;

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use access::Anyone;
use kernel::{
    error::{Error, Result},
    random::Token,
};
use platform::{config::Config, jobs};
use web::{May, Query, cookies, docs::DocsQuery};

pub(crate) async fn alive(_: May<Anyone>) -> Result<Response> {
    Ok("ok\n".into_response())
}

/// Whether it can serve, as text in any case: what asks is a program.
pub(crate) async fn ready(may: May<Anyone>) -> Result<Response> {
    let app = may.app();
    Ok(match app.readiness.trouble(&app.db, &app.blobs).await {
        None => format!("ready on {}\n", app.db.engine()).into_response(),
        Some(why) => {
            let kind = [(header::CONTENT_TYPE, "text/plain"), (header::RETRY_AFTER, "5")];
            (StatusCode::SERVICE_UNAVAILABLE, kind, format!("not ready: {why}\n")).into_response()
        }
    })
}

/// For whom the counters are: who has the token, or calls from a private address without a proxy between.
fn may_measure(config: &Config, address: &str, headers: &HeaderMap) -> bool {
    if let (Some(given), Some(token)) = (cookies::bearer(headers), &config.metrics_token)
        && given.digest() == Token::presented(token).digest()
    {
        return true;
    }
    // A proxy that isn't trusted hides who calls: everyone seems to be at its private address.
    let hidden = config.trusted_proxies.is_empty() && headers.contains_key("x-forwarded-for");
    let private = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        Ok(IpAddr::V6(v6)) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
        Err(_) => address == "local",
    };
    private && !hidden
}

/// What can be counted; in an outage, that there is one.
pub(crate) async fn metrics(may: May<Anyone>, headers: HeaderMap) -> Result<Response> {
    if !may_measure(&may.app().config, &may.request().address, &headers) {
        return Err(Error::forbidden(
            "metrics_private",
            "Metrics are for the operator: send the server's metrics_token, or call from a private address.",
        ));
    }
    let app = may.app();
    let ready = i32::from(app.readiness.trouble(&app.db, &app.blobs).await.is_none());
    let mut text = format!(
        "# HELP covey_ready Whether the database and the data folder can be written.\n\
         # TYPE covey_ready gauge\n\
         covey_ready {ready}\n\
         # HELP covey_build_info The version.\n# TYPE covey_build_info gauge\n\
         covey_build_info{{version=\"{}\"}} 1\n",
        env!("CARGO_PKG_VERSION")
    );
    if let Ok(waiting) = app.db.read(async |tx| jobs::waiting(tx).await).await {
        text.push_str(&format!(
            "# HELP covey_mail_waiting Emails in the outbox.\n# TYPE covey_mail_waiting gauge\n\
             covey_mail_waiting {waiting}\n"
        ));
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

pub(crate) async fn openapi(may: May<Anyone>) -> Result<Response> {
    let json = may.app().document().json.to_string();
    Ok(([(header::CONTENT_TYPE, "application/json")], json).into_response())
}

pub(crate) async fn docs(may: May<Anyone>, Query(query): Query<DocsQuery>) -> Result<Response> {
    let mut frame = web::page::plain(&may, "API");
    frame.aside = "";
    let app = may.app();
    web::page::ok(&may, &web::docs::page(frame, &app.document().json, &app.site.base_url, query))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_for_the_token_and_for_private_addresses() {
        let config = |token: Option<&str>, proxies: &[&str]| Config {
            metrics_token: token.map(str::to_owned),
            trusted_proxies: proxies.iter().filter_map(|proxy| proxy.parse().ok()).collect(),
            ..Config::default()
        };
        let headers = |pairs: &[(&'static str, &'static str)]| {
            pairs.iter().map(|(name, value)| ((*name).parse().ok(), value.parse().ok())).fold(
                HeaderMap::new(),
                |mut headers, pair: (Option<header::HeaderName>, Option<header::HeaderValue>)| {
                    if let (Some(name), Some(value)) = pair {
                        headers.insert(name, value);
                    }
                    headers
                },
            )
        };
        let none = headers(&[]);
        for private in ["127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fd00::1", "fe80::1"] {
            assert!(may_measure(&config(None, &[]), private, &none), "{private}");
        }
        for public in ["203.0.113.9", "2001:db8::1", "8.8.8.8"] {
            assert!(!may_measure(&config(None, &[]), public, &none), "{public}");
        }
        let token = headers(&[("authorization", "Bearer right")]);
        assert!(may_measure(&config(Some("right"), &[]), "203.0.113.9", &token));
        assert!(!may_measure(&config(Some("other"), &[]), "203.0.113.9", &token));
        assert!(!may_measure(&config(None, &[]), "203.0.113.9", &token));
        let forwarded = headers(&[("x-forwarded-for", "203.0.113.9")]);
        assert!(
            !may_measure(&config(None, &[]), "127.0.0.1", &forwarded),
            "behind a proxy nobody is private"
        );
        assert!(may_measure(&config(None, &["127.0.0.1"]), "10.0.0.7", &forwarded));
    }
}
