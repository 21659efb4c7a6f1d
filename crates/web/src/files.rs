//! Files that people attach: taken out of a form, told by their bytes, kept beside the database, and given
//! out again so that nothing in them can run. What they are attached to is the slices' business.

use axum::{
    extract::Multipart,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::{Answer, May, answer::CREATED};
use access::Proof;
use kernel::{
    error::{Error, Result},
    id::FileId,
};
use platform::blobs::NewFile;
use storage::Tx;

/// A file that somebody sends.
pub struct Upload {
    /// The name that it had there.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Upload {
    /// The file out of a multipart form.
    ///
    /// # Errors
    /// The form has none, or it broke off, or it is too large.
    pub async fn read(mut form: Multipart, limit: u64) -> Result<Self> {
        let broken = |error: axum::extract::multipart::MultipartError| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(limit),
            _ => Error::field("file", "The upload broke off. Please try again."),
        };
        while let Some(field) = form.next_field().await.map_err(broken)? {
            if field.name() == Some("file") {
                let name = field.file_name().unwrap_or_default().to_owned();
                let bytes = field.bytes().await.map_err(broken)?.to_vec();
                if bytes.is_empty() {
                    break;
                }
                return Ok(Self { name, bytes });
            }
        }
        Err(Error::field("file", "Please choose a file."))
    }
}

fn too_large(limit: u64) -> Error {
    Error::field("file", format!("Files are {} MiB at most.", limit >> 20))
}

/// Attaches a file: the bytes first, then the row that makes them exist, which `keep` writes.
///
/// # Errors
/// It is too large, of a wrong kind, or the disk is full; nothing is kept then.
pub async fn attach<P, T, F>(may: May<P>, upload: Upload, keep: F) -> Result<Answer<T>>
where
    P: Proof,
    T: Serialize + Send + 'static,
    F: AsyncFn(&Tx, &P, &NewFile) -> Result<T> + Send + Sync + 'static,
{
    if let Some(kept) = may.kept().await? {
        return Ok(kept);
    }
    let app = may.app().clone();
    let limit = app.config.file_limit();
    // Refuses before anything is written for those who may not, and again with the row.
    may.read(async |_, _| Ok(())).await?;
    if upload.bytes.len() as u64 > limit {
        return Err(too_large(limit));
    }
    let id = FileId::at(app.db.clock().now(), app.db.random().bytes());
    let file = NewFile::of(id, &upload.name, &upload.bytes)?;
    app.blobs.put(id, upload.bytes).await?;
    let kept = may.post(CREATED, async move |tx, by| keep(tx, by, &file).await).await;
    if kept.is_err() {
        app.blobs.remove(id).await;
    }
    kept
}

/// A file's bytes. Pictures and PDF open in the browser, in a sandbox where nothing runs.
///
/// # Errors
/// Its kind or name can't stand in a header: a mistake of ours.
pub fn served(name: &str, content_type: &str, bytes: Vec<u8>) -> Result<Response> {
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let disposition = format!("inline; filename*=UTF-8''{name}");
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(content_type).map_err(Error::internal)?);
    headers
        .insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(Error::internal)?);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}
