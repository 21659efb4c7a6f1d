//! The one place that turns an error into problem+json or a page, and logs its cause.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{App, line::Line, page::Plain, parts::Kit};
use kernel::{
    clock::Time,
    error::{Error, Kind},
};

pub(super) fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Stale => StatusCode::PRECONDITION_FAILED,
        Kind::Throttled => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

const fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Unauthenticated => "Not signed in",
        Kind::Forbidden => "Not allowed",
        Kind::NotFound => "Not found",
        Kind::Conflict => "Not possible right now",
        Kind::Invalid => "Check your input",
        Kind::Stale => "Changed in the meantime",
        Kind::Throttled => "Too many requests",
        Kind::Unavailable => "Not available right now",
        Kind::Internal => "Something went wrong",
    }
}

/// An error as an answer. Only a mark: [`finish`] writes the body, for it knows who reads it.
pub(crate) fn refuse(error: Error) -> Response {
    let mut response = status(error.kind()).into_response();
    response.extensions_mut().insert(Arc::new(error));
    response
}

/// Answers a path that is not in the route table.
pub async fn not_found() -> Response {
    refuse(Error::not_found())
}

#[derive(Template)]
#[template(path = "web/src/templates/error.html")]
struct ErrorPage<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
    fields: &'a [kernel::error::FieldError],
    request: &'a str,
    frame: Plain,
}

/// The outermost layer: names each request, logs it, and gives errors their body.
pub async fn finish(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = data_encoding::BASE32_NOPAD.encode(&app.db.random().bytes::<10>()).to_lowercase();
    let again = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let for_programs = request.uri().path().starts_with("/api/") || !wants_page(&request);
    let asked = Asked {
        line: Line::of(request.extensions_mut()),
        route: request.extensions().get().cloned(),
        method: request.method().clone(),
        started: app.db.clock().now(),
        id,
    };
    let mut response = next.run(request).await;
    if let Some(error) = error_of(&response) {
        asked.log_error(&error);
        let for_programs = for_programs || asked.line.facts().probe;
        response = body(&error, for_programs, &asked.method, &again, &asked.id);
    }
    asked.log(response.status(), app.db.clock().now());
    if let Ok(value) = HeaderValue::from_str(&asked.id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// What the log says of a request. Paths hold secrets and tell who deals with whom, so it has the route's pattern
/// in their place.
struct Asked {
    id: String,
    method: Method,
    route: Option<MatchedPath>,
    line: Line,
    started: Time,
}

/// One line of the log, at the level that the macro's name says.
macro_rules! say {
    ($level:ident, $asked:expr, $status:expr, $micros:expr) => {
        tracing::$level!(
            request = %$asked.id,
            method = %$asked.method,
            route = $asked.route(),
            status = $status.as_u16(),
            micros = $micros,
            account = $asked.line.account().map(tracing::field::display),
            user = $asked.line.user().map(tracing::field::display),
        )
    };
}

impl Asked {
    /// The route's path as it stands in its table; `-` where there is none.
    fn route(&self) -> &str {
        self.route.as_ref().map_or("-", MatchedPath::as_str)
    }

    fn log(&self, status: StatusCode, now: Time) {
        let micros = now.since(self.started);
        if self.line.facts().quiet {
            say!(debug, self, status, micros);
        } else {
            say!(info, self, status, micros);
        }
    }

    fn log_error(&self, error: &Error) {
        let (request, method, route) = (&self.id, &self.method, self.route());
        match error.kind() {
            Kind::Internal | Kind::Unavailable => tracing::error!(%request, %method, route, ?error),
            _ => tracing::debug!(%request, %method, route, ?error),
        }
    }
}

fn wants_page(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_none_or(|accept| accept.contains("text/html") || accept.contains("*/*"))
}

/// The error that a handler returned, or the one that the framework's own refusal stands for.
fn error_of(response: &Response) -> Option<Arc<Error>> {
    if let Some(error) = response.extensions().get::<Arc<Error>>() {
        return Some(error.clone());
    }
    let framework = !response.headers().contains_key(header::CONTENT_TYPE)
        || response.headers().get(header::CONTENT_TYPE)
            == Some(&HeaderValue::from_static("text/plain; charset=utf-8"));
    match response.status() {
        StatusCode::METHOD_NOT_ALLOWED if framework => Some(Arc::new(Error::not_found())),
        StatusCode::PAYLOAD_TOO_LARGE if framework => {
            Some(Arc::new(Error::field("body", "This is larger than the server accepts.")))
        }
        status if framework && status.is_client_error() => {
            Some(Arc::new(Error::field("request", "The server can’t read this request.")))
        }
        status if framework && status.is_server_error() => {
            Some(Arc::new(Error::internal("the framework failed")))
        }
        _ => None,
    }
}

fn body(error: &Error, for_programs: bool, method: &Method, again: &str, id: &str) -> Response {
    let to_prove = [
        ("/sign-in?next=", "/", error.kind() == Kind::Unauthenticated),
        ("/operator/enter?next=", "/operator", error.wants_password()),
    ];
    let page = !for_programs && matches!(*method, Method::GET | Method::POST);
    let way = to_prove.iter().find(|(.., wanted)| page && *wanted);
    let mut response = if let Some((way, home, _)) = way {
        let next = if method == Method::GET { again } else { home };
        let next = percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC);
        let mut response = StatusCode::SEE_OTHER.into_response();
        if let Ok(target) = HeaderValue::from_str(&format!("{way}{next}")) {
            response.headers_mut().insert(header::LOCATION, target);
        }
        response
    } else if for_programs {
        problem(error)
    } else {
        let status = status(error.kind());
        let page = ErrorPage {
            title: title(error.kind()),
            status: status.as_u16(),
            detail: error.public(),
            fields: error.fields(),
            request: if error.kind() == Kind::Internal { id } else { "" },
            frame: Plain {
                // Nothing here tells one request from another: hidden and absent things answer alike.
                kit: Kit {
                    now: Time::from_micros(0),
                    zone: jiff::tz::TimeZone::UTC,
                    flash: None,
                    sells: false,
                },
                title: title(error.kind()).to_owned(),
                aside: "",
            },
        };
        let html = page.render().unwrap_or_else(|_| error.public().to_owned());
        (status, axum::response::Html(html)).into_response()
    };
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// RFC 9457. The instance is left out on purpose: hidden and absent things answer byte for byte alike.
fn problem(error: &Error) -> Response {
    let status = status(error.kind());
    let body = json!({
        "type": format!("urn:covey:problem:{}", error.code()),
        "title": title(error.kind()),
        "status": status.as_u16(),
        "detail": error.public(),
        "code": error.code(),
        "errors": error.fields(),
    });
    let mut response = (status, body.to_string()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}
