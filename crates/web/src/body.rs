//! Bodies on their way in. Nothing of one is read before the handler's proof; then it comes in pieces, each within
//! what the route takes, no slower than the least rate, and within what the whole server holds in memory at once.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::{
        DefaultBodyLimit, FromRequest as _, Multipart,
        multipart::{Field, MultipartError},
    },
};
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::{
    sync::{Mutex as Shared, OwnedSemaphorePermit, Semaphore, watch},
    time::{Instant, sleep, sleep_until, timeout},
};

use kernel::error::{Error, Fault, FieldError, Result};

/// How many bytes of bodies the server holds at once, in KiB: for all callers together.
const HELD_KIB: usize = 64 << 10;
/// How long a body waits for others to be done with that memory.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a body may take before its rate counts.
const START: Duration = Duration::from_secs(10);
/// The least rate of a body after that, in bytes a second.
const LEAST_RATE: usize = 4 << 10;
/// How long the next piece may take once the server stops.
const LAST_PIECE: Duration = Duration::from_millis(500);

/// The memory for bodies of the whole server.
#[derive(Clone)]
pub(crate) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(HELD_KIB)))
    }
}

impl Room {
    async fn take(&self, bytes: usize) -> Result<OwnedSemaphorePermit> {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let taken = timeout(PATIENCE, self.0.clone().acquire_many_owned(kib)).await;
        taken.ok().and_then(Result::ok).ok_or_else(|| {
            let full = "The server is busy receiving other uploads. Try again in a moment.";
            Error::unavailable(full, "the memory for bodies is in use")
        })
    }
}

/// What of that memory one request holds, until it is answered.
#[derive(Clone, Default)]
pub(crate) struct Held(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Held {
    fn add(&self, permit: OwnedSemaphorePermit) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match held.as_mut() {
            Some(held) => held.merge(permit),
            None => *held = Some(permit),
        }
    }
}

/// A running SHA-256 of a request: method, path and query, then what of the body was read.
#[derive(Clone, Debug)]
pub(crate) struct Fingerprint(Arc<Mutex<Sha256>>);

impl Fingerprint {
    pub(crate) fn of(method: &str, uri: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [method, uri] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(Arc::new(Mutex::new(hash)))
    }

    fn add(&self, piece: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).update(piece);
    }

    pub(crate) fn digest(&self) -> [u8; 32] {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().finalize().into()
    }
}

/// A body that has not been read yet, and all that reading it has to heed.
pub(crate) struct Source {
    pub(crate) body: BodyDataStream,
    /// The most bytes that the route takes.
    pub(crate) limit: usize,
    /// Where the memory is taken from; of none, where pieces go on to the disk.
    pub(crate) room: Option<Room>,
    pub(crate) held: Held,
    pub(crate) fingerprint: Option<Fingerprint>,
    pub(crate) ending: watch::Receiver<bool>,
    pub(crate) received: usize,
    pub(crate) began: Option<Instant>,
}

impl Source {
    /// The next piece; none at the end.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>> {
        let Some(piece) = self.next().await? else { return Ok(None) };
        self.received = self.received.saturating_add(piece.len());
        if self.received > self.limit {
            return Err(too_large(self.limit));
        }
        if let Some(room) = &self.room {
            self.held.add(room.take(piece.len()).await?);
        }
        if let Some(fingerprint) = &self.fingerprint {
            fingerprint.add(&piece);
        }
        Ok(Some(piece))
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        let began = *self.began.get_or_insert_with(Instant::now);
        let due = began + START + Duration::from_secs((self.received / LEAST_RATE) as u64);
        let stopped = async {
            let _ = self.ending.wait_for(|ending| *ending).await;
            sleep(LAST_PIECE).await;
        };
        tokio::select! {
            biased;
            piece = self.body.next() => piece.transpose().map_err(|_| broken()),
            () = sleep_until(due) => Err(slow()),
            () = stopped => Err(Error::unavailable("The server is restarting. Try again in a moment.", "the server stops")),
        }
    }

    /// Reads the rest, and keeps nothing of it.
    async fn skip(&mut self) -> Result<()> {
        while self.piece().await?.is_some() {}
        Ok(())
    }

    /// The whole body.
    pub(crate) async fn bytes(mut self) -> Result<Bytes> {
        let Some(first) = self.piece().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.piece().await? else { return Ok(first) };
        let mut whole = [first, second].concat();
        while let Some(piece) = self.piece().await? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole.into())
    }
}

fn broken() -> Error {
    Error::field("body", "The connection was interrupted. Try again.")
}

fn slow() -> Error {
    Error::field("body", "The upload was too slow. Check your connection and try again.")
}

fn too_large(limit: usize) -> Error {
    let limit =
        if limit >= 1 << 20 { format!("{} MiB", limit >> 20) } else { format!("{} KiB", limit >> 10) };
    let why = format!("This is larger than {limit}, the limit here.");
    Error::too_large(why.clone()).about(vec![FieldError::new("body", Fault::new("too_large", why))])
}

/// A form with a file in it, read as it comes.
pub struct FileForm {
    form: Multipart,
    /// What the form is read from.
    source: Arc<Shared<Source>>,
    /// Why the body failed, which the form's parser can't tell.
    failure: Failure,
}

type Failure = Arc<Mutex<Option<Error>>>;

impl FileForm {
    pub(crate) async fn of(parts: axum::http::request::Parts, source: Source) -> Result<Self> {
        let (source, failure) = (Arc::new(Shared::new(source)), Failure::default());
        let state = (source.clone(), failure.clone());
        let pieces = futures_util::stream::unfold(state, async |(source, failure)| {
            let piece = match source.lock().await.piece().await {
                Ok(piece) => Ok(piece?),
                Err(error) => {
                    *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    Err(io::Error::other("the body failed"))
                }
            };
            Some((piece, (source, failure)))
        });
        let mut request = axum::extract::Request::from_parts(parts, Body::from_stream(pieces));
        DefaultBodyLimit::disable().apply(&mut request);
        let form = Multipart::from_request(request, &()).await;
        let form =
            form.map_err(|_| Error::media_type("Send a form: multipart/form-data, with its boundary."))?;
        Ok(Self { form, source, failure })
    }

    /// The next field; none at the end.
    ///
    /// # Errors
    /// The body is too large or too slow, or it broke off.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>> {
        let (failure, source) = (&self.failure, &self.source);
        match self.form.next_field().await.map_err(|error| why(failure, &error))? {
            Some(field) => Ok(Some(Part { field, failure })),
            // What follows the last field means nothing, but the same body has the same fingerprint only if all of it
            // was read, however it was cut into pieces on its way.
            None => source.lock().await.skip().await.map(|()| None),
        }
    }
}

/// A field of a form with a file.
pub struct Part<'a> {
    field: Field<'a>,
    failure: &'a Failure,
}

impl Part<'_> {
    /// Its name.
    pub fn name(&self) -> &str {
        self.field.name().unwrap_or_default()
    }

    /// The file's name at its sender's; empty where it has none.
    pub fn file_name(&self) -> &str {
        self.field.file_name().unwrap_or_default()
    }

    /// The next piece of its content.
    ///
    /// # Errors
    /// As [`FileForm::next`].
    pub async fn piece(&mut self) -> Result<Option<Bytes>> {
        self.field.chunk().await.map_err(|error| why(self.failure, &error))
    }

    /// Its whole content.
    ///
    /// # Errors
    /// As [`FileForm::next`].
    pub async fn bytes(mut self) -> Result<Vec<u8>> {
        let mut whole = Vec::new();
        while let Some(piece) = self.piece().await? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }
}

fn why(failure: &Failure, error: &MultipartError) -> Error {
    let known = failure.lock().unwrap_or_else(PoisonError::into_inner).take();
    known.unwrap_or_else(|| {
        tracing::debug!(%error, "a form could not be read");
        Error::field("file", "The upload was interrupted. Try again.")
    })
}
