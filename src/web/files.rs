//! Files that people attach: taken out of a form, told by their bytes, kept beside the database, and given
//! out again so that nothing in them can run. What they are attached to is the slices' business.

use axum::{
    extract::Multipart,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    access::Proof,
    db::{Hash, Tx},
    error::{Error, Result},
    id::FileId,
    text,
    web::{Answer, May, answer::CREATED},
};

/// The kinds of files that can be attached: pictures and PDF, told by their first bytes, never by their
/// name; each with the ending that its name gets.
const KINDS: [(&str, &str); 5] = [
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
    ("application/pdf", "pdf"),
];

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

/// The row of a file whose bytes are on the disk.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// Its id, under which its bytes lie.
    pub id: FileId,
    /// Its name, with the ending that fits its kind.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its size in bytes.
    pub size: i64,
    /// The SHA-256 of its content.
    pub digest: Hash,
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
    let kind = kind(&upload.bytes)?.to_owned();
    let file = NewFile {
        id: FileId::at(app.db.clock().now(), app.db.random().bytes()),
        name: file_name(&upload.name, &kind),
        kind,
        size: i64::try_from(upload.bytes.len()).map_err(Error::internal)?,
        digest: Hash(Sha256::digest(&upload.bytes).into()),
    };
    let id = file.id;
    app.blobs.put(id, upload.bytes).await?;
    let kept = may.post(CREATED, async move |tx, by| keep(tx, by, &file).await).await;
    if kept.is_err() {
        app.blobs.remove(id).await;
    }
    kept
}

/// The kind of a file, by its first bytes.
fn kind(bytes: &[u8]) -> Result<&'static str> {
    let found = infer::get(bytes).map(|kind| kind.mime_type());
    let known = KINDS.iter().find(|(kind, _)| Some(*kind) == found);
    known.map(|(kind, _)| *kind).ok_or_else(|| {
        Error::field(
            "file",
            "Pictures (JPEG, PNG, GIF, WebP) and PDF can be attached. This file is something else.",
        )
    })
}

/// The file's name on one line, with the ending that fits its kind.
fn file_name(name: &str, kind: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = text::optional_line(name).ok().flatten().unwrap_or_else(|| "file".to_owned());
    let ending = KINDS.iter().find(|(known, _)| *known == kind).map_or("bin", |(_, ending)| *ending);
    let folded = text::fold(&name);
    let fits = folded.ends_with(&format!(".{ending}")) || (ending == "jpg" && folded.ends_with(".jpeg"));
    if fits { name } else { format!("{name}.{ending}") }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_bytes_and_never_by_name() {
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n0000").unwrap(), "image/png");
        assert_eq!(kind(b"%PDF-1.7\n").unwrap(), "application/pdf");
        for bad in
            [&b"MZ\x90\x00"[..], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"", b"PK\x03\x04"]
        {
            assert!(kind(bad).is_err());
        }
    }

    #[test]
    fn file_names_lose_their_folders_and_gain_their_ending() {
        assert_eq!(file_name("C:\\x\\scan.PDF", "application/pdf"), "scan.PDF");
        assert_eq!(file_name("../../etc/passwd", "image/png"), "passwd.png");
        assert_eq!(file_name("", "image/jpeg"), "file.jpg");
        assert_eq!(file_name("photo.jpeg", "image/jpeg"), "photo.jpeg");
    }
}
