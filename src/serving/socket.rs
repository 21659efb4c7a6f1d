//! A connection's socket and what it is doing, by which its deadlines go.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};

/// How long a request's head may take, and a new connection to begin with one.
const HEAD: Duration = Duration::from_secs(10);
/// How long a connection may wait for its next request.
const IDLE: Duration = Duration::from_secs(75);
/// How long a caller may take nothing of an answer.
const STALLED: Duration = Duration::from_secs(30);
/// How long we listen to a caller who has its answer but is still sending.
const LINGER: Duration = Duration::from_secs(2);

/// How long a request that was on its way when the server stopped may take to get here.
const LAST_HEAD: Duration = Duration::from_millis(200);

/// What a connection is doing.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// A head has begun to come, or has to soon.
    Head(Instant),
    /// Waiting for the next request.
    Idle(Instant),
    /// A request is in work.
    Busy,
    /// It ends; what still comes is thrown away.
    Closing(Instant),
}

/// What a connection is doing, shared by its socket, its requests and who watches its deadlines.
#[derive(Debug)]
pub(super) struct State(Mutex<Doing>);

#[derive(Debug)]
struct Doing {
    phase: Phase,
    /// Since when a piece of an answer waits for the caller to take it.
    stalled: Option<Instant>,
}

impl Default for State {
    fn default() -> Self {
        Self(Mutex::new(Doing { phase: Phase::Head(Instant::now()), stalled: None }))
    }
}

impl State {
    fn doing(&self) -> MutexGuard<'_, Doing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request is in work.
    pub(super) fn busy(&self) {
        self.doing().phase = Phase::Busy;
    }

    /// Its answer has gone out.
    fn idle(&self) {
        let mut doing = self.doing();
        if matches!(doing.phase, Phase::Busy) {
            doing.phase = Phase::Idle(Instant::now());
        }
    }

    /// The next request begins to come.
    fn received(&self) {
        let mut doing = self.doing();
        if matches!(doing.phase, Phase::Idle(_)) {
            doing.phase = Phase::Head(Instant::now());
        }
    }

    /// Nothing more comes from us.
    fn closing(&self) {
        let mut doing = self.doing();
        if !matches!(doing.phase, Phase::Closing(_)) {
            doing.phase = Phase::Closing(Instant::now());
        }
    }

    fn wrote(&self, pending: bool) {
        let mut doing = self.doing();
        doing.stalled = match (pending, doing.stalled) {
            (true, None) => Some(Instant::now()),
            (true, since) => since,
            (false, _) => None,
        };
    }

    /// Since when it has waited for a request; none while one is in work.
    pub(super) fn waiting(&self) -> Option<Instant> {
        match self.doing().phase {
            Phase::Head(since) | Phase::Idle(since) | Phase::Closing(since) => Some(since),
            Phase::Busy => None,
        }
    }

    /// When the connection has to be closed. Once the server stops, those that only wait are due soon.
    pub(super) fn due(&self, stopping: Option<Instant>) -> Option<Instant> {
        let doing = self.doing();
        let due = match (doing.phase, stopping) {
            (Phase::Busy, _) => None,
            (Phase::Head(since) | Phase::Idle(since) | Phase::Closing(since), Some(stopping)) => {
                Some(since.max(stopping) + LAST_HEAD)
            }
            (Phase::Head(since), None) => Some(since + HEAD),
            (Phase::Idle(since), None) => Some(since + IDLE),
            (Phase::Closing(since), None) => Some(since + LINGER),
        };
        let stalled = doing.stalled.map(|since| since + STALLED);
        [due, stalled].into_iter().flatten().min()
    }
}

/// A socket that notes what it is doing.
pub(super) struct Socket {
    stream: TcpStream,
    state: Arc<State>,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, state: Arc<State>) -> Self {
        Self { stream, state }
    }

    fn noted<T>(&self, outcome: Poll<T>) -> Poll<T> {
        self.state.wrote(outcome.is_pending());
        outcome
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.state.received();
        }
        read
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.noted(wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.noted(wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Says that nothing more comes from us, then throws away what still comes from the caller: closed at once, the
    /// system would reset the connection, and the caller might never read the answer.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        self.state.closing();
        let mut scratch = [0; 4096];
        loop {
            let mut buf = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => {}
                _ => return Poll::Ready(Ok(())),
            }
        }
    }
}

/// An answer's body. When it has gone out, the connection waits for the next request.
pub(super) struct Guarded {
    body: Body,
    state: Arc<State>,
}

impl Guarded {
    pub(super) fn new(body: Body, state: Arc<State>) -> Self {
        Self { body, state }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.state.idle();
    }
}

impl hyper::body::Body for Guarded {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
