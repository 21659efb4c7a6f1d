//! Live counts: a stream of small JSON objects. Every one is read, and the right to it proved, anew.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use serde::Serialize;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::May;
use access::Proof;
use kernel::error::Result;

/// How long a stream lasts before the browser makes it anew, so that none outlives its purpose.
pub const LIFE: Duration = Duration::from_secs(600);

/// Sends what `read` finds: at once, and whenever it has changed after a transaction announced `topic`.
/// The stream ends when the caller's right ends, or the server.
pub fn stream<P, T, Fut>(
    may: May<P>,
    topic: String,
    read: impl Fn(Arc<May<P>>) -> Fut + Send + 'static,
) -> Response
where
    P: Proof,
    T: Serialize + PartialEq + Send + Sync + 'static,
    Fut: Future<Output = Result<T>> + Send + 'static,
{
    stream_of(may, vec![topic], LIFE, read)
}

/// As [`stream`], of several topics; it looks at least once in every `glance` whether something changed.
pub fn stream_of<P, T, Fut>(
    may: May<P>,
    topics: Vec<String>,
    glance: Duration,
    read: impl Fn(Arc<May<P>>) -> Fut + Send + 'static,
) -> Response
where
    P: Proof,
    T: Serialize + PartialEq + Send + Sync + 'static,
    Fut: Future<Output = Result<T>> + Send + 'static,
{
    let (changes, mut ending) = (may.app().db.changes(), may.app().ending());
    let state = (Arc::new(may), changes, None, (topics, glance), read);
    let events = futures_util::stream::unfold(state, async |(may, mut changes, last, watch, read)| {
        loop {
            let now = read(may.clone()).await.ok()?;
            if last.as_ref() != Some(&now) {
                let event = Event::default().data(serde_json::to_string(&now).ok()?);
                return Some((Ok::<_, Infallible>(event), (may, changes, Some(now), watch, read)));
            }
            if let Ok(open) = tokio::time::timeout(watch.1, changed(&mut changes, &watch.0)).await {
                open?;
            }
        }
    });
    let over = async move {
        tokio::select! {
            () = tokio::time::sleep(LIFE) => {}
            _ = ending.wait_for(|ending| *ending) => {}
        }
    };
    let events = futures_util::StreamExt::take_until(events, Box::pin(over));
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

/// Waits until one of the topics was announced, or so much was that it may have been.
async fn changed(changes: &mut Receiver<Arc<str>>, topics: &[String]) -> Option<()> {
    loop {
        match changes.recv().await {
            Ok(other) if !topics.iter().any(|topic| **topic == *other) => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return Some(()),
            Err(RecvError::Closed) => return None,
        }
    }
}
