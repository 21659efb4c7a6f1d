//! The one place that turns an error into problem+json or a page, and logs its cause.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    App, cookies,
    extract::tags,
    line::Line,
    page::{Crumb, Frame, Here, Plain},
    parts::Kit,
};
use access::{Credential, PathParams, Proof as _, SignedIn};
use kernel::{
    clock::Time,
    error::{Error, Kind},
    random::Token,
};

pub(super) fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Gone => StatusCode::GONE,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Method => StatusCode::METHOD_NOT_ALLOWED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
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
        Kind::Gone => "No longer here",
        Kind::Conflict => "Not possible right now",
        Kind::Invalid => "Check your input",
        Kind::Method => "Not a method of this address",
        Kind::TooLarge => "Too large",
        Kind::MediaType => "Not a format that is taken here",
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

/// The same for someone who is signed in: with the bar, so that they find the way on.
#[derive(Template)]
#[template(path = "web/src/templates/error_framed.html")]
struct FramedErrorPage<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
    fields: &'a [kernel::error::FieldError],
    request: &'a str,
    frame: Frame,
}

/// The outermost layer: names each request, logs it, and gives errors their body.
pub async fn finish(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = given_id(request.headers())
        .unwrap_or_else(|| data_encoding::BASE32_NOPAD.encode(&app.db.random().bytes::<10>()).to_lowercase());
    let had = had(&request);
    let form = request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == FORM);
    let again = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let for_programs = request.uri().path().starts_with("/api/") || !wants_page(&request);
    let session = if for_programs { None } else { cookies::presented(request.headers(), &app.site) };
    let asked = Asked {
        line: Line::of(request.extensions_mut()),
        route: request.extensions().get().cloned(),
        method: request.method().clone(),
        started: app.db.clock().now(),
        id,
    };
    let mut response = options(&asked.method, next.run(request).await);
    if had.is_some_and(|had| still(&response, &had)) {
        response = unchanged(response);
    }
    if let Some(error) = error_of(&response) {
        asked.log_error(&error);
        let for_programs = for_programs || asked.line.facts().probe;
        let frame = match session {
            Some(session) => frame(&app, &session, &error).await,
            None => None,
        };
        let allow = response.headers_mut().remove(header::ALLOW);
        response = body(&error, for_programs, &asked, (&again, form), frame);
        allow.map(|allow| response.headers_mut().insert(header::ALLOW, allow));
    }
    if let Some(standing) = asked.line.rate() {
        standing.tell(response.headers_mut());
    }
    asked.log(response.status(), app.db.clock().now());
    if let Ok(value) = HeaderValue::from_str(&asked.id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// The id that the caller gave the request, as far as it is made of harmless letters: it goes into our log.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let given = headers.get("x-request-id")?.to_str().ok()?;
    let fine = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let id = given.chars().filter(fine).take(64).collect::<String>();
    Some(id).filter(|id| !id.is_empty())
}

/// The tags of the versions that the caller has of what it reads.
fn had(request: &Request) -> Option<Vec<String>> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let given = request.headers().get_all(header::IF_NONE_MATCH);
    let had = tags(given.iter()).map(|tag| tag.trim_start_matches("W/").to_owned()).collect::<Vec<_>>();
    Some(had).filter(|had| reads && !had.is_empty())
}

/// Whether the caller has what the answer would show.
fn still(response: &Response, had: &[String]) -> bool {
    let tag = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
    response.status() == StatusCode::OK
        && tag.is_some_and(|tag| had.iter().any(|had| had == tag || had == "*"))
}

fn unchanged(response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        parts.headers.remove(name);
    }
    Response::from_parts(parts, axum::body::Body::empty())
}

/// Tells which methods a path has, where that is what was asked.
fn options(method: &Method, mut response: Response) -> Response {
    if method == Method::OPTIONS && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        *response.status_mut() = StatusCode::NO_CONTENT;
        *response.body_mut() = axum::body::Body::empty();
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
        StatusCode::METHOD_NOT_ALLOWED if framework => Some(Arc::new(Error::method())),
        StatusCode::PAYLOAD_TOO_LARGE if framework => {
            Some(Arc::new(Error::too_large("This is larger than the server accepts.")))
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

/// What surrounds an error's page for someone who is signed in. It says nothing of the place that was asked for: hidden
/// and absent things answer alike.
async fn frame(app: &App, session: &Token, error: &Error) -> Option<Frame> {
    let leads_on = error.wants_password() || error.wants_second_factor();
    if matches!(error.kind(), Kind::Unauthenticated | Kind::Unavailable) || leads_on {
        return None;
    }
    let who = Credential::new(Some(session.digest()), app.config.session_idle());
    let loaded = app.db.read(async |tx| {
        let by = SignedIn::prove(tx, &who, &PathParams::default()).await?;
        app.shell().frame(tx, by.user(), Here::Nowhere).await
    });
    let mut frame = loaded.await.ok()?;
    title(error.kind()).clone_into(&mut frame.title);
    frame.crumbs.push(Crumb { label: frame.title.clone(), href: None });
    Some(frame)
}

/// What browsers call a form without files.
const FORM: &str = "application/x-www-form-urlencoded";

/// Where someone proves who they are, and comes back from; nowhere, where that isn't what is missing. What a form held
/// is sent along to where people prove again, and from there to where it was going.
fn to_prove(error: &Error, method: &Method, again: &str, form: bool) -> Option<(StatusCode, String)> {
    let operator = again.starts_with("/operator");
    let (way, home, carries) = match error.kind() {
        Kind::Unauthenticated => ("/sign-in?next=", "/", false),
        _ if error.wants_password() && operator => ("/operator/enter?next=", "/operator", false),
        _ if error.wants_password() => ("/prove?next=", "/", form),
        _ if error.wants_second_factor() => ("/prove?next=", "/", false),
        _ => return None,
    };
    let reads = method == Method::GET;
    let next = if reads || carries { again } else { home };
    let next = percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC);
    let status = if carries && !reads { StatusCode::TEMPORARY_REDIRECT } else { StatusCode::SEE_OTHER };
    Some((status, format!("{way}{next}")))
}

fn body(
    error: &Error,
    for_programs: bool,
    asked: &Asked,
    (again, form): (&str, bool),
    frame: Option<Frame>,
) -> Response {
    let page = !for_programs && matches!(asked.method, Method::GET | Method::POST);
    let way = to_prove(error, &asked.method, again, form).filter(|_| page);
    let mut response = if let Some((status, way)) = way {
        let mut response = status.into_response();
        if let Ok(target) = HeaderValue::from_str(&way) {
            response.headers_mut().insert(header::LOCATION, target);
        }
        response
    } else if for_programs {
        problem(error)
    } else {
        let html = drawn(error, &asked.id, frame).unwrap_or_else(|_| error.public().to_owned());
        (status(error.kind()), axum::response::Html(html)).into_response()
    };
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The page of an error.
fn drawn(error: &Error, id: &str, frame: Option<Frame>) -> askama::Result<String> {
    let (status, title) = (status(error.kind()).as_u16(), title(error.kind()));
    let (detail, fields) = (error.public(), error.fields());
    let request = if error.kind() == Kind::Internal { id } else { "" };
    if let Some(frame) = frame {
        return FramedErrorPage { title, status, detail, fields, request, frame }.render();
    }
    // Nothing here tells one request from another: hidden and absent things answer alike.
    let kit = Kit { now: Time::from_micros(0), zone: jiff::tz::TimeZone::UTC, flash: None, sells: false };
    let frame = Plain { kit, title: title.to_owned(), aside: "" };
    ErrorPage { title, status, detail, fields, request, frame }.render()
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
