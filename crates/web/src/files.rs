//! Files that people attach: taken out of a form, told by their bytes, kept beside the database, and given
//! out again so that nothing in them can run. What they are attached to is the slices' business.

use std::io;

use askama::{Template, filters::HtmlSafe};
use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::IntoResponse as _,
};
use bytes::BytesMut;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use tokio::io::AsyncReadExt as _;

use crate::{
    Answer, App, FileForm, May,
    answer::Download,
    entry::Entry,
    parts::{Kit, Pager, Summary},
};
use access::Proof;
use kernel::{
    clock::Time,
    error::{Error, Fault, FieldError, Result},
    id::FileId,
};
use platform::blobs::NewFile;
use storage::Tx;

/// A file in the list of a page.
pub struct Attached {
    /// Under which it is opened.
    pub id: FileId,
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: i64,
    /// Who attached it.
    pub uploader: String,
    /// When.
    pub created_at: Time,
}

/// The form for one more file.
struct Upload {
    action: String,
    entry: Entry,
    /// The largest file in MiB.
    limit: u64,
}

/// The files of what a page shows: each to be opened, perhaps to be taken off, and a form for one more.
#[derive(Template)]
#[template(path = "web/src/templates/files.html")]
pub struct Files {
    kit: Kit,
    files: Vec<Attached>,
    /// The files' own path, before the id.
    at: String,
    /// What files can be taken off.
    off: Option<&'static str>,
    upload: Option<Upload>,
    pager: Option<Pager>,
}

impl HtmlSafe for Files {}

impl Files {
    /// These files, each opened at its id beneath `at`.
    pub fn new(kit: &Kit, at: String, files: impl IntoIterator<Item = impl Into<Attached>>) -> Self {
        let files = files.into_iter().map(Into::into).collect();
        Self { kit: kit.clone(), files, at, off: None, upload: None, pager: None }
    }

    /// With the way to further files.
    #[must_use]
    pub fn pager(mut self, pager: Pager) -> Self {
        self.pager = Some(pager).filter(Pager::needed);
        self
    }

    /// Lets files be taken off this: "the case".
    #[must_use]
    pub fn removable(mut self, from: &'static str) -> Self {
        self.off = Some(from);
        self
    }

    /// With a form for one more, which goes to the page's own `path`.
    #[must_use]
    pub fn upload(mut self, app: &App, path: &str, entry: Entry) -> Self {
        let limit = app.config.file_limit_mib;
        self.upload = Some(Upload { action: format!("{path}/files"), entry, limit });
        self
    }

    /// What is wrong with the form, to be shown above the page; nothing where nothing is.
    pub fn summary(&self) -> Option<Summary> {
        self.upload.as_ref().and_then(|upload| upload.entry.summary())
    }
}

fn too_large(limit: u64) -> Error {
    let why = format!("Files can be at most {} MiB.", limit >> 20);
    Error::too_large(why.clone()).about(vec![FieldError::new("file", Fault::new("too_large", why))])
}

/// Takes the file out of a form, piece by piece onto the disk.
///
/// # Errors
/// The form has none, it broke off, or it is too large or of a wrong kind; nothing is kept then.
async fn receive(app: &App, form: &mut FileForm) -> Result<NewFile> {
    let limit = app.config.file_limit();
    let id = FileId::at(app.db.clock().now(), app.db.random().bytes());
    let mut received = None;
    while let Some(mut part) = form.next().await? {
        if part.name() != "file" || received.is_some() {
            continue;
        }
        let name = part.file_name().to_owned();
        let mut file = app.blobs.receive(id).await?;
        let mut size = 0;
        while let Some(piece) = part.piece().await? {
            size = file.add(&piece).await?;
            if size > limit {
                return Err(too_large(limit));
            }
        }
        received = (size > 0).then_some((file, name));
    }
    let (file, name) = received.ok_or_else(|| Error::field("file", "Choose a file."))?;
    file.keep(&name).await
}

/// Attaches a file: the bytes first, then the row that makes them exist, which `keep` writes.
///
/// # Errors
/// The form has no file, or it is too large or of a wrong kind, or the disk is full; nothing is kept then.
pub async fn attach<P, T, F>(may: May<P>, mut form: FileForm, keep: F) -> Result<Answer<T>>
where
    P: Proof,
    T: Serialize + Send + 'static,
    F: AsyncFn(&Tx, &P, &NewFile) -> Result<T> + Send + Sync + 'static,
{
    let app = may.app().clone();
    let file = receive(&app, &mut form).await?;
    let id = file.id;
    let kept = match may.kept().await {
        // The same request came before: its file is kept, and this one is not.
        Ok(Some(kept)) => {
            app.blobs.remove(id).await;
            return Ok(kept);
        }
        Ok(None) => may.post(async move |tx, by| keep(tx, by, &file).await).await,
        Err(error) => Err(error),
    };
    if kept.is_err() {
        app.blobs.remove(id).await;
    }
    kept
}

/// How much of a file is in memory on its way out.
const PIECE: usize = 64 << 10;

/// A file, piece by piece. Pictures and PDF open in the browser, in a sandbox where nothing runs.
///
/// # Errors
/// Its bytes are gone, or its kind or name can't stand in a header: a mistake of ours.
pub async fn serve(app: &App, id: FileId, name: &str, content_type: &str) -> Result<Download> {
    let (file, size) = app.blobs.open(id).await?;
    let pieces = futures_util::stream::try_unfold(file, async |mut file| {
        let mut piece = BytesMut::with_capacity(PIECE);
        let read = file.read_buf(&mut piece).await?;
        Ok::<_, io::Error>((read > 0).then_some((piece.freeze(), file)))
    });
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let disposition = format!("inline; filename*=UTF-8''{name}");
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(content_type).map_err(Error::internal)?);
    headers
        .insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(Error::internal)?);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(Download(response))
}
