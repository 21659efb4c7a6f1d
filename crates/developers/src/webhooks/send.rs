//! One request to a webhook: in bounded time, without redirects, past no proxy, and to a checked address alone.

use std::{error::Error as _, sync::Arc, time::Duration};

use kernel::{
    clock::{Clock, SECOND},
    error::{Error, Result},
};
use reqwest::{Client, Response, redirect::Policy};

use crate::webhooks::{
    secret,
    target::{NotPublic, Targets},
};

/// How long a receiver may take for its whole answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long it may take to be connected to.
const CONNECTING: Duration = Duration::from_secs(5);
/// How much of an answer is read.
const READ: usize = 64 << 10;
/// How much of it is kept, in characters.
const SHOWN: usize = 1_000;

const LATE: &str = "No complete answer in time (15 seconds).";

/// What is sent.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) url: String,
    /// The event's id: the same at every attempt, so that receivers know what they had.
    pub(super) id: String,
    pub(super) body: String,
    /// The newest first.
    pub(super) secrets: Vec<String>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) status: Option<i64>,
    pub(super) milliseconds: i64,
    pub(super) answer: String,
    /// Why it failed, if it did.
    pub(super) error: Option<String>,
}

impl Outcome {
    fn failed(error: impl Into<String>) -> Self {
        Self { status: None, milliseconds: 0, answer: String::new(), error: Some(error.into()) }
    }

    /// The receiver says that it is gone for good.
    pub(super) fn gone(&self) -> bool {
        self.status == Some(410)
    }
}

/// Sends to webhooks: a handle to be cloned.
#[derive(Clone)]
pub struct Sender {
    http: Client,
    targets: Targets,
    patience: Duration,
}

impl Sender {
    /// To these targets.
    ///
    /// # Errors
    /// No client can be made.
    pub fn new(targets: Targets) -> Result<Self> {
        Self::patient(targets, PATIENCE)
    }

    /// As [`new`](Self::new), with another time for a whole answer.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn patient(targets: Targets, patience: Duration) -> Result<Self> {
        // The same cryptography that mail uses; another part may have chosen it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .user_agent(concat!("Covey/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECTING)
            .timeout(patience)
            .pool_idle_timeout(Duration::from_secs(10))
            .dns_resolver(Arc::new(targets.clone()))
            .build()
            .map_err(Error::internal)?;
        Ok(Self { http, targets, patience })
    }

    /// Sends a message, and says what came of it.
    pub(super) async fn send(&self, clock: &Clock, message: &Message) -> Outcome {
        let began = clock.now();
        let sent = tokio::time::timeout(self.patience, self.answer(began.micros() / SECOND, message)).await;
        let outcome = sent.unwrap_or_else(|_| Outcome::failed(LATE));
        Outcome { milliseconds: (clock.now().since(began) / 1_000).max(0), ..outcome }
    }

    async fn answer(&self, at: i64, message: &Message) -> Outcome {
        // What the operator allows may have changed since the URL was entered.
        let url = match self.targets.read(&message.url) {
            Ok(url) => url,
            Err(why) => return Outcome::failed(why),
        };
        let Ok(signature) = secret::sign(&message.secrets, &message.id, at, &message.body) else {
            return Outcome::failed("The secret can't be used. Rotate it.");
        };
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", at)
            .header("webhook-signature", signature);
        match request.body(message.body.clone()).send().await {
            Ok(response) => read(response).await,
            Err(error) => Outcome::failed(reason(&error)),
        }
    }
}

async fn read(mut response: Response) -> Outcome {
    let status = response.status();
    let mut bytes = Vec::new();
    while bytes.len() < READ
        && let Ok(Some(chunk)) = response.chunk().await
    {
        bytes.extend_from_slice(&chunk[..chunk.len().min(READ - bytes.len())]);
    }
    let printable = |c: char| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c };
    let answer = String::from_utf8_lossy(&bytes).chars().take(SHOWN).map(printable).collect();
    let error = match status.as_u16() {
        200..300 => None,
        300..400 => Some("It answered with a redirect. Redirects are not followed; enter the final address."),
        410 => Some("It answered that it is gone for good."),
        _ => Some("It did not answer with a status of 200 to 299."),
    };
    Outcome { status: Some(status.as_u16().into()), milliseconds: 0, answer, error: error.map(str::to_owned) }
}

/// Why no answer came, without the URL, in which a secret may stand.
fn reason(error: &reqwest::Error) -> String {
    let chain = std::iter::successors(error.source(), |cause| (**cause).source());
    let mut innermost = None;
    for cause in chain {
        if let Some(refused) = cause.downcast_ref::<NotPublic>() {
            return format!("The host leads to {refused}. Only the operator of the server can allow it.");
        }
        innermost = Some(cause.to_string());
    }
    match innermost {
        _ if error.is_timeout() => LATE.to_owned(),
        Some(cause) => format!("No connection: {}.", cause.chars().take(200).collect::<String>()),
        None => "No connection.".to_owned(),
    }
}
