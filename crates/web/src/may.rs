//! `May<P>`: a handler's first parameter, and its permission.
//!
//! It holds what the caller presented, not yet a right. [`May::read`] and [`May::write`] open the
//! transaction, make the proof `P` inside it, and hand both to the work: there is no other way to the
//! data, so there is nothing to forget in a handler's body.

use std::{
    marker::PhantomData,
    net::SocketAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts as _, RawPathParams},
    http::{Method, header, request::Parts},
};
use serde::Serialize;
use serde_json::Value;

use crate::{
    Answer, App, Incoming,
    answer::Address,
    body::Fingerprint,
    bulk::{self, Bulk, Outcome, Outcomes},
    cookies,
    line::Line,
    page::{Frame, Frames, Here},
};
use access::{Access, Credential, PathParams, Proof, Refused, Strength, Watched, strong_enough, touch};
use kernel::{
    error::{Error, Result},
    id::{Id, Named, UserId},
    random::Token,
    seal::Key,
};
use platform::{
    access_log::{Opened, Record},
    audit::{self, Action, Event},
};
use storage::{
    Hash, Tx, Weight,
    idempotency::{self, Kept},
};

/// What is known of a request apart from its content.
#[derive(Clone)]
pub struct Request {
    /// The caller's network address, as the trusted proxies report it.
    pub address: String,
    /// What the browser says it is.
    pub device: String,
    /// What marks the browser as one that someone signed in from.
    pub device_token: Option<Token>,
    /// The message that the page before left.
    pub flash: Option<cookies::Flash>,
    /// The path.
    pub path: String,
    /// The languages that the caller reads, as its `Accept-Language` says; may be empty.
    pub languages: String,
}

/// An `Idempotency-Key`, with the hash of the request that it stands for. The body is added as it is read.
#[derive(Clone, Debug)]
struct Idempotency {
    name: String,
    request: Fingerprint,
}

/// What is made answers with its id.
#[derive(serde::Deserialize)]
struct Made {
    id: String,
}

/// Where a request's answer is kept, and sealed: answers carry links that are secrets.
#[derive(Clone)]
struct Keeping {
    name: String,
    request: [u8; 32],
    seal: Key,
}

impl Keeping {
    async fn kept(&self, tx: &Tx, user: UserId) -> Result<Option<Kept>> {
        let Some(kept) = idempotency::kept(tx, user, &self.name, Hash(self.request)).await? else {
            return Ok(None);
        };
        let body = self.seal.open(&kept.body).ok_or_else(|| {
            Error::conflict(
                "answered_elsewhere",
                "This request was already processed in another session. Only that session can read the answer again.",
            )
        })?;
        Ok(Some(Kept { body, ..kept }))
    }

    async fn keep(&self, tx: &Tx, user: UserId, answer: &Kept) -> Result<()> {
        let sealed = Kept { status: answer.status, body: self.seal.seal(&answer.body) };
        idempotency::keep(tx, user, &self.name, Hash(self.request), &sealed).await
    }
}

/// What a request presents, whatever permission its route asks for. Compiled once for all of them.
#[derive(Clone)]
struct Caller {
    app: App,
    who: Arc<Credential>,
    path: Arc<PathParams>,
    request: Arc<Request>,
    idempotency: Option<Idempotency>,
    /// Out of the secret that the caller presents, which the database doesn't know: kept answers are sealed with it.
    seal: Option<Key>,
    line: Line,
    opened: Arc<Opening>,
    /// Whether the session's last use was noted: once for all transactions of a request.
    touched: Arc<AtomicBool>,
    /// Whether a page asks by itself, which is no use of the session.
    unattended: bool,
}

/// The record that a request opens, and whether that is noted.
#[derive(Default)]
struct Opening {
    record: OnceLock<Opened>,
    noted: AtomicBool,
}

/// Whether it is the request's `Idempotency-Key` that is refused, and so all of the request.
fn concerns_key(error: &Error) -> bool {
    error.code() == "answered_elsewhere"
        || error.fields().iter().any(|fault| fault.field == "idempotency-key")
}

/// The permission that a handler needs, to be proved in the transaction of its work.
pub struct May<P> {
    caller: Caller,
    proof: PhantomData<fn() -> P>,
}

impl<P> Clone for May<P> {
    fn clone(&self) -> Self {
        Self { caller: self.caller.clone(), proof: PhantomData }
    }
}

impl<P: Proof> May<P> {
    /// What this request asks to be proved; and what is wrong with its `Idempotency-Key`, to be told to who may.
    pub(crate) async fn of(incoming: &mut Incoming, app: &App) -> (Self, Result<()>) {
        let (idempotency, wrong) = match idempotency_key(&incoming.parts) {
            Ok(key) => (key, Ok(())),
            Err(error) => (None, Err(error)),
        };
        incoming.hash_into(idempotency.as_ref().map(|key| key.request.clone()));
        let caller = Caller::of(&mut incoming.parts, app, idempotency).await;
        (Self { caller, proof: PhantomData }, wrong)
    }

    /// Proves the permission before anything of the body is read. It is proved again with the work.
    ///
    /// # Errors
    /// It is refused.
    pub(crate) async fn admit(&self, incoming: &mut Incoming) -> Result<()> {
        if P::ACCESS == Access::Public {
            incoming.for_anyone();
            return Ok(());
        }
        let caller = &self.caller;
        let proved = caller.app.db.read(async move |tx| caller.prove::<P>(tx).await.map(drop)).await;
        proved.inspect_err(|error| caller.after(Some(error)))
    }
}

impl<P: Proof> May<P> {
    /// Before someone hears what is wrong with a request, they hear whether they may make it at all.
    ///
    /// # Errors
    /// They may not.
    pub(crate) async fn hear_first(&self, incoming: &mut Incoming, admitted: bool) -> Result<()> {
        if admitted { Ok(()) } else { self.admit(incoming).await }
    }
}

impl Caller {
    async fn of(parts: &mut Parts, app: &App, idempotency: Option<Idempotency>) -> Self {
        let named = RawPathParams::from_request_parts(parts, app).await;
        let named = named.iter().flatten().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let line = Line::of(&mut parts.extensions);
        let named = if line.facts().printed { with_format(named) } else { named };
        let (sent, idle) = (cookies::bearer(&parts.headers), app.config.session_idle());
        let token = sent.clone().or_else(|| cookies::session(&parts.headers, &app.site));
        let who = match (&sent, &token) {
            // A key comes by this header alone, never by a cookie.
            (Some(sent), _) => Credential::sent(sent, idle, line.facts().scope),
            (None, session) => Credential::new(session.as_ref().map(Token::digest), idle),
        };
        let rates = who
            .key()
            .and_then(|key| app.rates().take(key, app.config.key_requests_per_minute, app.db.clock().now()));
        if let Some(standing) = rates {
            line.rated(standing);
        }
        let sealed_by = token.as_ref().filter(|_| idempotency.is_some());
        let seal = sealed_by.map(|token| Key::of(token.reveal().as_bytes(), b"kept answers"));
        Self {
            app: app.clone(),
            who: Arc::new(who),
            path: Arc::new(PathParams::new(named)),
            request: Arc::new(Request {
                address: address(parts, app),
                device: header_text(parts, header::USER_AGENT),
                device_token: cookies::device(&parts.headers, &app.site),
                flash: cookies::flash(&parts.headers),
                path: parts.uri.path().to_owned(),
                languages: header_text(parts, header::ACCEPT_LANGUAGE),
            }),
            idempotency,
            seal,
            line,
            opened: Arc::default(),
            touched: Arc::default(),
            unattended: header_text(parts, header::ACCEPT) == "text/event-stream",
        }
    }

    /// Where the answer is kept, if the request asks for that. Each key seals the answer to one request.
    fn keeping(&self) -> Option<Keeping> {
        self.keeping_as(self.idempotency.as_ref()?.name.clone())
    }

    /// Where the answer for one of the request's items is kept. No key that a caller can send has a line break in it.
    fn keeping_item(&self, index: usize) -> Option<Keeping> {
        self.keeping_as(format!("{}\n{index}", self.idempotency.as_ref()?.name))
    }

    fn keeping_as(&self, name: String) -> Option<Keeping> {
        let (key, seal) = (self.idempotency.as_ref()?, self.seal.as_ref()?);
        let request = key.request.digest();
        let purpose = [name.as_bytes(), b"\0".as_slice(), &request[..]].concat();
        Some(Keeping { request, seal: seal.within(&purpose), name })
    }

    /// Makes the proof, and tells the log for whom. From here the transaction is confined to the account, and those who
    /// write in it take turns.
    async fn prove<P: Proof>(&self, tx: &Tx) -> Result<P> {
        if let Some(standing) = self.line.rate().filter(|standing| standing.over) {
            return Err(Error::throttled(standing.wait()));
        }
        let proof = P::prove(tx, &self.who, &self.path).await?;
        self.line.proved(&proof);
        if P::ACCESS != Access::Public {
            strong_enough(tx, &self.who, proof.tenant(), self.line.facts().strength).await?;
        }
        if let Some(account) = proof.tenant() {
            tx.in_line(account)?;
            tx.confine(account);
        }
        if let Some(mut opened) = proof.opened() {
            // A client's chart has the same proof as the client.
            if opened.record == Record::Client && self.line.facts().chart {
                opened.record = Record::Chart;
            }
            let _ = self.opened.record.set(opened);
        }
        Ok(proof)
    }

    /// Notes the record that the request opened, before the answer leaves.
    async fn note_opened(&self) -> Result<()> {
        let Some(opened) = self.opened.record.get() else { return Ok(()) };
        if !self.opened.noted.load(Ordering::Relaxed) {
            self.app.access_log().note(&self.app.db, *opened).await?;
            self.opened.noted.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Where what an answer shows first is found: by the prefix of its id, as the route table has it.
    fn address(&self, body: &str) -> Option<Address> {
        let Made { id } = serde_json::from_str(body).ok()?;
        let found = self.app.document().places.get(id.split_once('_')?.0)?;
        let (before, _) = found.path.rsplit_once('/')?;
        let parts = before.split('/').map(|part| {
            let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            name.map_or(Some(part), |name| self.path.text(name).ok())
        });
        let before = parts.collect::<Option<Vec<_>>>()?.join("/");
        Some(Address { path: format!("{before}/{id}"), tagged: found.tagged })
    }

    /// Settles what a request leaves behind apart from its answer: the session's last use, and the note
    /// of a refusal. Both are written after the answer, so that they don't tell hidden from absent by
    /// the time they take.
    fn after(&self, error: Option<&Error>) {
        let now = self.app.db.clock().now();
        let refused = error.and_then(Error::cause::<Refused>).cloned();
        if let Some(refused) = &refused {
            self.line.refused(refused);
        }
        let again = self.touched.swap(true, Ordering::Relaxed);
        let touched = self.who.stale(now).filter(|_| !self.unattended && !again);
        if refused.is_none() && touched.is_none() {
            return;
        }
        let (db, request) = (self.app.db.clone(), self.request.clone());
        // A refusal is noted some milliseconds later, at random: noted at once, the write would slow the next requests
        // of a caller who tries many ids, and so tell hidden from absent.
        let later = refused.as_ref().map(|_| Duration::from_millis(5 + db.random().below(20)));
        self.app.afterwards(async move {
            if let Some(later) = later {
                tokio::time::sleep(later).await;
            }
            let written = db.write(async move |tx| {
                if let Some(found) = touched {
                    touch(tx, found, &request.address).await?;
                }
                match &refused {
                    Some(refused) => audit::record(tx, refusal(refused)).await,
                    None => Ok(()),
                }
            });
            if let Err(error) = written.await {
                tracing::error!(?error, "a refusal or a session's last use could not be noted");
            }
        });
    }
}

/// The beginning of a header's text; empty where there is none.
fn header_text(parts: &Parts, name: header::HeaderName) -> String {
    let text = parts.headers.get(name).and_then(|value| value.to_str().ok());
    text.unwrap_or_default().chars().take(300).collect()
}

/// An ending in the last part of a path, which the router can't tell from a parameter, becomes a part of
/// its own: `/invoices/{invoice}` answers `/invoices/ivc_….pdf` too, with the part `format`.
fn with_format(mut parts: Vec<(String, String)>) -> Vec<(String, String)> {
    let bare = parts.last().and_then(|(_, value)| value.strip_suffix(".pdf")).map(str::to_owned);
    if let (Some(bare), Some(last)) = (bare, parts.last_mut()) {
        last.1 = bare;
        parts.push(("format".to_owned(), "pdf".to_owned()));
    }
    parts
}

/// The address of the caller: the peer's, or the nearest one in `X-Forwarded-For` that is no proxy
/// of ours.
fn address(parts: &Parts, app: &App) -> String {
    // An IPv4 caller on a socket of both families shows as ::ffff:a.b.c.d: it is the same caller.
    let peer =
        parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical());
    let Some(mut address) = peer else { return "local".to_owned() };
    let proxies = &app.config.trusted_proxies;
    let forwarded = parts.headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let mut hops = forwarded.flat_map(|value| value.split(',')).collect::<Vec<_>>();
    while proxies.iter().any(|proxy| proxy.to_canonical() == address) {
        match hops.pop().and_then(|hop| hop.trim().parse::<std::net::IpAddr>().ok()) {
            Some(hop) => address = hop.to_canonical(),
            None => break,
        }
    }
    address.to_string()
}

impl<P: Proof> May<P> {
    /// The state.
    pub fn app(&self) -> &App {
        &self.caller.app
    }

    /// What is known of the request.
    pub fn request(&self) -> &Request {
        &self.caller.request
    }

    /// A further id in the path, such as the person in `/groups/{group}/members/{user}`. It gives no
    /// right by itself: the store finds it within the proof's scope or not at all.
    ///
    /// # Errors
    /// It is malformed, so there is nothing of that id.
    pub fn id<T: Named>(&self, name: &str) -> Result<Id<T>> {
        self.caller.path.id(name)
    }

    /// A further text in the path, such as a link's token.
    ///
    /// # Errors
    /// The route has no such part.
    pub fn text(&self, name: &str) -> Result<&str> {
        self.caller.path.text(name)
    }

    /// The session's token as presented, if any.
    pub fn credential(&self) -> &Credential {
        &self.caller.who
    }

    /// The same caller's wish for another permission, about what these ids name: for routes that ask
    /// for more where the query says more.
    pub fn within<Q: Proof>(&self, parts: &[(&str, String)]) -> May<Q> {
        let path = parts.iter().map(|(name, id)| ((*name).to_owned(), id.clone())).collect();
        let path = Arc::new(PathParams::new(path));
        let caller = Caller { path, opened: Arc::default(), ..self.caller.clone() };
        May { caller, proof: PhantomData }
    }

    /// Proves the permission and does the work on one snapshot.
    ///
    /// # Errors
    /// The permission is refused, or the work fails.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&Tx, &P) -> Result<T>,
    {
        let caller = &self.caller;
        let outcome = caller
            .app
            .db
            .read(async move |tx| {
                let proof = caller.prove(tx).await?;
                work(tx, &proof).await
            })
            .await;
        self.after(outcome).await
    }

    /// As [`read`](Self::read), on another thread: for searches and exports.
    ///
    /// # Errors
    /// The permission is refused, or the work fails.
    pub async fn read_heavy<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&Tx, &P) -> Result<T> + Send + 'static,
    {
        let caller = self.caller.clone();
        let outcome = self
            .caller
            .app
            .db
            .read_heavy(async move |tx| {
                let proof = caller.prove(tx).await?;
                work(tx, &proof).await
            })
            .await;
        self.after(outcome).await
    }

    /// Proves the permission and does the work in one transaction.
    ///
    /// # Errors
    /// The permission is refused, or the work fails; nothing is changed then.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFn(&Tx, &P) -> Result<T> + Send + Sync + 'static,
    {
        let caller = self.caller.clone();
        let outcome = self
            .caller
            .app
            .db
            .write(async move |tx| {
                let proof = caller.prove(tx).await?;
                work(tx, &proof).await
            })
            .await;
        self.after(outcome).await
    }

    /// As [`write`](Self::write), for a POST of the API: with an `Idempotency-Key`, the answer is kept
    /// in the same transaction and given again, without the work, when the request is repeated.
    ///
    /// # Errors
    /// As `write`; and 422 where the key was used for another request.
    pub async fn post<T, F, const STATUS: u16>(&self, work: F) -> Result<Answer<T, STATUS>>
    where
        T: Serialize + Send + 'static,
        F: AsyncFn(&Tx, &P) -> Result<T> + Send + Sync + 'static,
    {
        let kept = self.kept_or(self.caller.keeping(), STATUS, work).await?;
        Ok(self.answer(kept))
    }

    /// The answer that was kept, else what the work gives, which is kept then.
    async fn kept_or<T, F>(&self, key: Option<Keeping>, status: u16, work: F) -> Result<Kept>
    where
        T: Serialize + Send + 'static,
        F: AsyncFn(&Tx, &P) -> Result<T> + Send + Sync + 'static,
    {
        self.write(async move |tx, proof| {
            let key = key.as_ref().zip(proof.actor());
            if let Some((key, user)) = key
                && let Some(kept) = key.kept(tx, user).await?
            {
                return Ok(kept);
            }
            let body = serde_json::to_string(&work(tx, proof).await?).map_err(Error::internal)?;
            let answer = Kept { status, body };
            if let Some((key, user)) = key {
                key.keep(tx, user, &answer).await?;
            }
            Ok(answer)
        })
        .await
    }

    /// Does the same for each of many items, under the permission of the route: each in a transaction of its own, with
    /// an outcome of its own.
    ///
    /// # Errors
    /// There are no items or too many, or the `Idempotency-Key` was used for another request.
    pub async fn bulk<I, T, F>(&self, items: Vec<I>, status: u16, work: F) -> Result<Bulk<T>>
    where
        I: Send + Sync + 'static,
        T: Serialize + Send + 'static,
        F: AsyncFn(&Tx, &P, &I) -> Result<T> + Clone + Send + Sync + 'static,
    {
        self.bulk_of(items, status, |_| self.clone(), work, |_, outcome| outcome).await
    }

    /// As [`bulk`](Self::bulk), where each item asks for a permission of its own, and its result may say that it came to
    /// nothing.
    ///
    /// # Errors
    /// As there.
    pub async fn bulk_of<Q, I, T, F>(
        &self,
        items: Vec<I>,
        status: u16,
        may: impl Fn(&I) -> May<Q>,
        work: F,
        told: impl Fn(&Value, Outcome) -> Outcome,
    ) -> Result<Bulk<T>>
    where
        Q: Proof,
        I: Send + Sync + 'static,
        T: Serialize + Send + 'static,
        F: AsyncFn(&Tx, &Q, &I) -> Result<T> + Clone + Send + Sync + 'static,
    {
        let mut outcomes = Vec::new();
        for (index, item) in bulk::items(items)?.into_iter().enumerate() {
            let (may, work) = (may(&item), work.clone());
            let key = self.caller.keeping_item(index);
            let done = may.kept_or(key, status, async move |tx, by| work(tx, by, &item).await).await;
            outcomes.push(match done {
                Ok(kept) => {
                    let result: Value = serde_json::from_str(&kept.body).map_err(Error::internal)?;
                    told(&result.clone(), Outcome::done(index, status, result))
                }
                Err(error) if index == 0 && concerns_key(&error) => return Err(error),
                Err(error) => Outcome::failed(index, &error),
            });
        }
        Ok(Bulk(Outcomes::new(outcomes)))
    }

    /// Says where what was made is found.
    fn answer<T, const STATUS: u16>(&self, kept: Kept) -> Answer<T, STATUS> {
        let made = STATUS == 201 && !self.caller.line.facts().nowhere;
        let address = made.then(|| self.caller.address(&kept.body)).flatten();
        Answer::new(kept, address)
    }

    /// The answer that was kept for the request's `Idempotency-Key`, for work of several transactions to
    /// look up before its first.
    ///
    /// # Errors
    /// The permission is refused, or the key was used for another request.
    pub async fn kept<T: Serialize, const STATUS: u16>(&self) -> Result<Option<Answer<T, STATUS>>> {
        let Some(key) = self.caller.keeping() else { return Ok(None) };
        let kept = self.read(async |tx, proof| match proof.actor() {
            Some(user) => key.kept(tx, user).await,
            None => Ok(None),
        });
        Ok(kept.await?.map(|kept| self.answer(kept)))
    }

    /// An answer leaves only after the access log has noted what it shows.
    async fn after<T>(&self, outcome: Result<T>) -> Result<T> {
        self.caller.after(outcome.as_ref().err());
        match outcome {
            Ok(answer) => self.caller.note_opened().await.map(|()| answer),
            Err(error) => Err(error),
        }
    }

    /// Notes a record that the request opened, other than the one that its proof names.
    ///
    /// # Errors
    /// The database fails.
    pub async fn also_opened(&self, opened: Opened) -> Result<()> {
        self.caller.app.access_log().note(&self.caller.app.db, opened).await
    }

    /// Asks a person to prove again who they are, unless they just did: for work that needs it because of what is in the
    /// body. Other routes say so in their table.
    ///
    /// # Errors
    /// The permission is refused, or the proof is too old.
    pub async fn fresh(&self) -> Result<()> {
        let who = self.caller.who.clone();
        let asks = Strength { fresh: true, ..self.caller.line.facts().strength };
        self.read(async move |tx, proof| strong_enough(tx, &who, proof.tenant(), asks).await).await
    }

    /// What loads the surroundings of pages, for work that travels to another thread.
    pub fn shell(&self) -> Frames {
        self.caller.app.shell().clone()
    }

    /// What surrounds a page that is drawn in this transaction.
    ///
    /// # Errors
    /// The person is not known.
    pub async fn frame(&self, tx: &Tx, user: UserId, here: Here) -> Result<Frame> {
        self.caller.app.shell().frame(tx, user, here).await
    }
}

impl<P: Watched> May<P> {
    /// As [`read`](Self::read), for what the parent account may look at: from there, the work runs in a
    /// transaction that notes the read of `what`.
    ///
    /// # Errors
    /// The permission is refused, or the work fails.
    pub async fn read_noted<T, F>(&self, what: &str, weight: Weight, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFn(&Tx, &P) -> Result<T> + Clone + Send + Sync + 'static,
    {
        let first = work.clone();
        let seen = async move |tx: &Tx, by: &P| match by.scope().from_parent() {
            true => Ok(None),
            false => first(tx, by).await.map(Some),
        };
        let seen = match weight {
            Weight::Light => self.read(seen).await?,
            Weight::Heavy => self.read_heavy(seen).await?,
        };
        if let Some(seen) = seen {
            return Ok(seen);
        }
        let what = what.to_owned();
        self.write(async move |tx, by| {
            let scope = by.scope();
            if scope.from_parent() {
                let (action, object) = by.noted(&what);
                let event = Event::new(scope.account(), scope.user(), action, object).in_group(scope.group());
                audit::record(tx, event.with(serde_json::json!({ "what": what }))).await?;
            }
            work(tx, by).await
        })
        .await
    }
}

fn refusal(refused: &Refused) -> Event {
    let detail = serde_json::json!({ "access": refused.access.name() });
    Event::new(refused.account, refused.user, Action::AccessRefused, &refused.object).with(detail)
}

/// The request's `Idempotency-Key`, where it means something: in a POST of the API by someone who is known.
fn idempotency_key(parts: &Parts) -> Result<Option<Idempotency>> {
    let Some(key) = parts.headers.get("idempotency-key") else { return Ok(None) };
    let known = [header::AUTHORIZATION, header::COOKIE].iter().any(|name| parts.headers.contains_key(name));
    if !known || parts.method != Method::POST || !parts.uri.path().starts_with("/api/v1/") {
        return Ok(None);
    }
    let name = key.to_str().ok().filter(|name| (1..=200).contains(&name.len()));
    let name = name.ok_or_else(|| {
        Error::field("idempotency-key", "Use 1 to 200 letters, digits and punctuation marks.")
    })?;
    let request = Fingerprint::of(parts.method.as_str(), &parts.uri.to_string());
    Ok(Some(Idempotency { name: name.to_owned(), request }))
}

#[cfg(test)]
mod tests {
    use super::with_format;

    #[test]
    fn an_ending_of_the_last_part_becomes_a_part_of_its_own() {
        let parts = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
        };
        let found = with_format(parts(&[("account", "a.pdf"), ("invoice", "ivc_1.pdf")]));
        assert_eq!(found, parts(&[("account", "a.pdf"), ("invoice", "ivc_1"), ("format", "pdf")]));
        assert_eq!(with_format(parts(&[("invoice", "ivc_1")])), parts(&[("invoice", "ivc_1")]));
        assert_eq!(with_format(Vec::new()), Vec::new());
    }
}
