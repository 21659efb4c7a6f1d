//! Lists as files, CSV or JSON lines: written while they are read, so that a large one needs no memory.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use futures_util::{Stream, StreamExt as _};
use serde::Serialize;

use crate::answer::{Csv, JsonLines};
use kernel::{
    error::{Error, Result},
    text::csv_row,
};

/// A file of this name: a row of headings, then the rows of each part as it comes. Spreadsheets take it for
/// UTF-8 by the mark at its beginning. Where a part fails, the file breaks off and the browser says so.
pub fn download<S>(name: &str, headings: &[String], parts: S) -> Csv
where
    S: Stream<Item = Result<Vec<Vec<String>>>> + Send + 'static,
{
    let head = format!("\u{feff}{}", csv_row(headings));
    let parts = parts.map(|part| {
        let written = part.map(|rows| rows.iter().map(csv_row).collect::<String>());
        written.inspect_err(|error| tracing::warn!(?error, "an export broke off"))
    });
    let head = futures_util::stream::once(std::future::ready(Ok(head)));
    Csv(attachment(name, "text/csv; charset=utf-8", Body::from_stream(head.chain(parts))))
}

/// A file of this name with a JSON object in each line. Where a part fails, the file breaks off and the connection says
/// so.
pub fn lines<S, T>(name: &str, parts: S) -> JsonLines<T>
where
    S: Stream<Item = Result<Vec<T>>> + Send + 'static,
    T: Serialize + Send + 'static,
{
    let parts = parts.map(|part| {
        let written = part.and_then(|rows| rows.iter().map(line).collect::<Result<String>>());
        written.inspect_err(|error| tracing::warn!(?error, "an export broke off"))
    });
    JsonLines::of(attachment(name, "application/x-ndjson", Body::from_stream(parts)))
}

fn line<T: Serialize>(row: &T) -> Result<String> {
    serde_json::to_string(row).map(|line| line + "\n").map_err(Error::internal)
}

fn attachment(name: &str, kind: &'static str, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(named) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, named);
    }
    response
}
