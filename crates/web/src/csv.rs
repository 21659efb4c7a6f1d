//! Lists as CSV files: written while they are read, so that a large one needs no memory.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::IntoResponse as _,
};
use futures_util::{Stream, StreamExt as _};

use crate::answer::Csv;
use kernel::{error::Result, text::csv_row};

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
    let mut response = Body::from_stream(head.chain(parts)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(named) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, named);
    }
    Csv(response)
}
