//! Connections: who is let in, how long one may be silent, and how all of them end with the server.
//!
//! A connection waits for a request, receives its head, or is busy with it. Waiting ones that take too long are
//! closed, and are the first to go where there are too many: nobody shuts others out by holding connections open.

mod places;
mod socket;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    response::Response,
};
use futures_util::FutureExt as _;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    time::{Instant, sleep, timeout},
};
use tower::Service as _;

pub(crate) use places::Places;
use places::Ticket;
use socket::{Guarded, Socket, State};

/// Descriptors that connections leave to the database, files and mail.
const RESERVED: u64 = 128;
/// Descriptors that the server asks the system for.
const WANTED: u64 = 32 << 10;
/// The most connections at once, where the system gives descriptors for them.
const MOST: usize = 16 << 10;
/// The largest head of a request, and how much of a body a connection takes ahead.
const BUFFER: usize = 64 << 10;
/// How often a connection looks at the time while a request is in work.
const GLANCE: Duration = Duration::from_secs(5);
/// The same once the server stops.
const LAST_GLANCE: Duration = Duration::from_millis(50);
/// How long connections may take to finish their requests once the server stops.
const GRACE: Duration = Duration::from_secs(20);

/// Raises the number of descriptors as far as the system lets us, and says how many connections that makes.
pub(crate) fn capacity() -> usize {
    let descriptors = rlimit::increase_nofile_limit(WANTED).unwrap_or(1024);
    let connections = usize::try_from(descriptors.saturating_sub(RESERVED)).unwrap_or(MOST).clamp(64, MOST);
    tracing::info!(descriptors, connections, "limits");
    connections
}

/// What every connection needs.
struct Shared {
    router: Router,
    places: Places,
    ending: watch::Receiver<bool>,
}

/// Serves until `ending` turns true; then lets requests in work finish, and nothing else.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    places: Places,
    mut ending: watch::Receiver<bool>,
) {
    let shared = Arc::new(Shared { router, places, ending: ending.clone() });
    // Every connection holds a sender; once none is left, all are done.
    let (open, mut closed) = mpsc::channel::<()>(1);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = ending.wait_for(|ending| *ending) => break,
        };
        match accepted {
            Ok((stream, peer)) => enter(&shared, stream, peer, open.clone()),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
    // Those who have connected but were not let in yet may have sent a request.
    while let Some(Ok((stream, peer))) = listener.accept().now_or_never() {
        enter(&shared, stream, peer, open.clone());
    }
    drop((listener, open));
    if timeout(GRACE, closed.recv()).await.is_err() {
        tracing::warn!("requests were still running after {GRACE:?} and were cut off");
    }
}

fn enter(shared: &Arc<Shared>, stream: TcpStream, peer: SocketAddr, open: mpsc::Sender<()>) {
    let state = Arc::new(State::default());
    let Some(ticket) = shared.places.enter(peer.ip(), &state) else {
        tracing::debug!("a connection was turned away: there are too many with requests in work");
        return;
    };
    let shared = shared.clone();
    tokio::spawn(async move {
        attend(&shared, stream, peer, &ticket).await;
        drop((ticket, open));
    });
}

/// Serves one connection to its end, which comes early where it is silent for too long or has to make room.
async fn attend(shared: &Shared, stream: TcpStream, peer: SocketAddr, ticket: &Ticket) {
    let state = ticket.state();
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: hyper::Request<Incoming>| {
        answer(shared.router.clone(), request, peer, state.clone())
    });
    let io = TokioIo::new(Socket::new(stream, state.clone()));
    let mut http = http1::Builder::new();
    // The socket's state says how long a head may take.
    http.timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(BUFFER);
    let mut connection = std::pin::pin!(http.serve_connection(io, service));
    let mut ending = shared.ending.clone();
    let mut stopping = None;
    loop {
        let now = Instant::now();
        let due = state.due(stopping);
        if due.is_some_and(|due| due <= now) {
            return;
        }
        let glance = if stopping.is_some() { LAST_GLANCE } else { GLANCE };
        let glance = due.map_or(glance, |due| glance.min(due - now));
        tokio::select! {
            served = connection.as_mut() => {
                if let Err(error) = served {
                    tracing::debug!(%error, "a connection broke off");
                }
                return;
            }
            () = ticket.evicted() => return,
            _ = ending.wait_for(|ending| *ending), if stopping.is_none() => {
                stopping = Some(now);
                connection.as_mut().graceful_shutdown();
            }
            () = sleep(glance) => {}
        }
    }
}

async fn answer(
    mut router: Router,
    request: hyper::Request<Incoming>,
    peer: SocketAddr,
    state: Arc<State>,
) -> Result<Response<Guarded>, std::convert::Infallible> {
    state.busy();
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.call(request).await?;
    Ok(response.map(|body| Guarded::new(body, state)))
}
