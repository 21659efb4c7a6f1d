//! A server in this process, a cast of people in two practices, and a client that speaks as any of them.

pub mod authenticator;
mod fingerprint;
mod outbox;
mod redact;
pub mod specs;

use std::{path::Path, sync::Arc, time::Duration};

use access::{GroupRole, Privilege, Role};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use covey::app;
use kernel::{
    addresses::Email,
    clock::{Clock, DAY, Time},
    error::Result,
    id::{AccountId, CaseId, ClientGroupId, ClientId, GroupId, LocationId, ProtocolId, UserGroupId, UserId},
    links::Site,
    passwords::Passwords,
    random::Random,
};
use people::{
    accounts, groups, locations, sessions,
    users::{self, UserType},
};
use platform::{
    Fonts, Services, audit,
    blobs::Blobs,
    config::{Billing, Config, SignUp},
    jobs::{Transport, deliver_due},
    payments::Provider,
    readiness::Readiness,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use storage::{Db, SqliteOptions, Tx, sql};
use tempfile::TempDir;
use tower::ServiceExt as _;
use web::App;
use workflows::onboarding;

pub use fingerprint::{fingerprint, fingerprint_but};
use outbox::{Outbox, Place};
pub use redact::redacted;

/// Everyone's password.
pub const PASSWORD: &str = "eleven gray wagtails";

/// What seals every test server's audit trail.
pub const AUDIT_KEY: &str = "a key for tests that nobody guesses";

/// 2026-03-02T09:00:00Z.
pub const START: Time = Time::from_micros(1_772_442_000_000_000);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    Sqlite,
    Postgres,
}

pub const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

/// A server without people, on a clock that stands.
pub struct Server {
    pub app: App,
    pub router: Router,
    pub clock: Clock,
    pub folder: Arc<TempDir>,
    outbox: Outbox,
}

impl Server {
    pub async fn new(engine: Engine) -> Self {
        Self::with(engine, |_| {}).await
    }

    pub async fn with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        Self::at(START, engine, change).await
    }

    /// A server whose clock stands at `start`.
    pub async fn at(start: Time, engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let mut config = usual(&folder);
        change(&mut config);
        Self::start(start, Random::System, engine, folder, config).await
    }

    /// A server on SQLite whose ids and secrets, and so the order of its lists, are the same at every run.
    pub async fn repeatable() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let config = usual(&folder);
        Self::start(START, Random::seeded(1), Engine::Sqlite, folder, config).await
    }

    async fn start(
        start: Time,
        random: Random,
        engine: Engine,
        folder: Arc<TempDir>,
        config: Config,
    ) -> Self {
        let clock = Clock::manual(start);
        let (db, place) = database(engine, &folder, clock.clone(), random).await;
        audit::key::unlock(&db, &config).await.unwrap();
        let site = Site {
            base_url: "http://covey.test".to_owned(),
            mail_leaves: config.smtp.is_some(),
            hands_out: config.sign_up != SignUp::Open,
        };
        let blobs = Blobs::new(folder.path().join("files"));
        let fonts = config.fonts.as_deref().map_or_else(Fonts::none, |folder| Fonts::new(Some(folder)));
        let payments = Provider::new(&config).unwrap();
        let passwords = Passwords::cheap().unwrap();
        let readiness = Readiness::default();
        let app = app::assemble(Services { db, config, site, passwords, blobs, fonts, payments, readiness });
        Self { router: app::router(&app), app, clock, folder, outbox: Outbox::new(place) }
    }

    /// Another server with all that this one on SQLite holds: rows and files, but no mail that was delivered.
    pub async fn copy(&self) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        storage::copy_sqlite(&self.folder.path().join("covey.db"), &folder.path().join("covey.db")).unwrap();
        copy_files(&self.folder.path().join("files"), &folder.path().join("files"));
        let config = Config { data: folder.path().to_owned(), ..self.app.config.clone() };
        Self::start(self.clock.now(), Random::System, Engine::Sqlite, folder, config).await
    }

    pub fn db(&self) -> &Db {
        &self.app.db
    }

    pub fn anonymous(&self) -> Client {
        Client { router: self.router.clone(), token: None, proves: None }
    }

    /// A client with a fresh session of this person.
    pub async fn client(&self, user: UserId) -> Client {
        let opened = self
            .db()
            .write(async move |tx| sessions::open_session(tx, user, 14 * DAY, "test", "local").await);
        self.by(&opened.await.unwrap().0)
    }

    /// A client with a fresh session in which this person has just typed their password again.
    pub async fn proved_client(&self, user: UserId) -> Client {
        let opened = self.db().write(async move |tx| {
            let (token, session) = sessions::open_session(tx, user, 14 * DAY, "test", "local").await?;
            sessions::prove_session(tx, session.id).await?;
            Ok(token)
        });
        self.by(&opened.await.unwrap())
    }

    /// A client with this session, whose person proves again who they are wherever they are asked to.
    fn by(&self, session: &kernel::random::Token) -> Client {
        let token = Some(session.reveal().to_owned());
        Client { router: self.router.clone(), token, proves: Some(self.db().clone()) }
    }

    /// Lets the test end with mail that nobody looked at: it is about something else. Otherwise it fails there.
    pub fn leave_mail(&self) {
        self.outbox.leave();
    }

    /// As [`leave_mail`](Self::leave_mail), for the mail to one address.
    pub fn leave_mail_to(&self, address: &str) {
        self.outbox.leave_to(address);
    }

    /// Delivers what is due into the folder of mail, and reads it all.
    pub async fn mail(&self) -> Vec<String> {
        let folder = self.folder.path().join("mail");
        let from = "Covey <covey@covey.test>".parse().unwrap();
        deliver_due(self.db(), &Transport::Folder(folder.clone()), &from).await.unwrap();
        let mut files =
            std::fs::read_dir(folder).map(|dir| dir.map(|f| f.unwrap().path()).collect()).unwrap_or(vec![]);
        files.sort();
        files.iter().map(|path| text_of_mail(&std::fs::read(path).unwrap())).collect()
    }

    /// A connection to this server's PostgreSQL past the server, by the server's own role.
    pub async fn connect(&self) -> tokio_postgres::Client {
        let (client, connection) =
            tokio_postgres::connect(self.outbox.url(), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// What another server on the same PostgreSQL has: its own connections, and its own turns of those who write.
    pub async fn another_db(&self) -> Db {
        let db = Db::postgres(self.outbox.url(), true, self.clock.clone(), Random::System).await.unwrap();
        audit::key::unlock(&db, &self.app.config).await.unwrap();
        db
    }

    /// A value out of the database.
    pub async fn count(&self, statement: storage::Sql) -> i64 {
        self.db().read(async |tx| tx.value(statement, &[]).await).await.unwrap()
    }
}

/// Anyone may sign up, and there is plenty: only the tests of licenses and money ever meet their bounds.
fn usual(folder: &TempDir) -> Config {
    let (data, audit_key) = (folder.path().to_owned(), Some(AUDIT_KEY.to_owned()));
    let (sign_up, trial_licenses, trial_days) = (SignUp::Open, 30_000, 3_650);
    let billing = Billing::On;
    Config { data, audit_key, sign_up, billing, trial_licenses, trial_days, ..Config::default() }
}

fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).into_iter().flatten().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_files(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// To, subject and plain text of a mail, a line each.
pub fn text_of_mail(bytes: &[u8]) -> String {
    let mail = mail_parser::MessageParser::default().parse(bytes).unwrap();
    let to = mail.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or_default().to_owned();
    let answers = mail.reply_to().and_then(|to| to.first()).and_then(|to| to.address());
    let answers = answers.map(|to| format!("Reply-To: {to}\n")).unwrap_or_default();
    format!(
        "{to}\n{}\n{}{answers}",
        mail.subject().unwrap_or_default(),
        mail.body_text(0).unwrap_or_default()
    )
}

/// The first link of this kind in a text: its token.
pub fn link_token(text: &str, kind: &str) -> String {
    let start = text.find(&format!("/{kind}/")).unwrap_or_else(|| panic!("no {kind} link in {text}"));
    text[start + kind.len() + 2..].split(|c: char| c.is_whitespace()).next().unwrap().to_owned()
}

async fn database(engine: Engine, folder: &Arc<TempDir>, clock: Clock, random: Random) -> (Db, Place) {
    match engine {
        Engine::Sqlite => {
            let options = SqliteOptions { path: folder.path().join("covey.db"), durable: false };
            (Db::sqlite(options, clock, random).unwrap(), Place::Sqlite(folder.clone()))
        }
        Engine::Postgres => {
            let url = postgres_database().await;
            (Db::postgres(&url, true, clock, random).await.unwrap(), Place::Postgres(url))
        }
    }
}

/// Makes a database of its own out of a migrated template, in the cluster that `scripts/test` started. It belongs to a
/// role that row-level security binds, as in production.
pub async fn postgres_database() -> String {
    let cluster =
        std::env::var("TEST_POSTGRES").expect("run scripts/test: it starts the PostgreSQL for the tests");
    let (client, connection) = tokio_postgres::connect(&format!("{cluster}/postgres"), tokio_postgres::NoTls)
        .await
        .expect("the cluster is up");
    tokio::spawn(connection);
    client.batch_execute("SELECT pg_advisory_lock(1)").await.unwrap();
    // A cluster may be shared with another checkout, whose schema is another.
    let schema = Sha256::digest(include_str!("../../migrations/postgres/0001_baseline.sql"));
    let template = format!("covey_template_{}", data_encoding::HEXLOWER.encode(&schema[..6]));
    let role = client.query("SELECT 1 FROM pg_roles WHERE rolname = 'covey'", &[]).await.unwrap();
    if role.is_empty() {
        client.batch_execute("CREATE ROLE covey LOGIN").await.unwrap();
    }
    let ours = cluster.replace("//postgres@", "//covey@");
    assert_ne!(ours, cluster, "TEST_POSTGRES is the address of a superuser named postgres");
    let known = client.query("SELECT 1 FROM pg_database WHERE datname = $1", &[&template]).await.unwrap();
    if known.is_empty() {
        client.batch_execute("DROP DATABASE IF EXISTS covey_making WITH (FORCE)").await.unwrap();
        client.batch_execute("CREATE DATABASE covey_making OWNER covey").await.unwrap();
        let url = format!("{ours}/covey_making");
        let db = Db::postgres(&url, true, Clock::manual(START), Random::System).await.unwrap();
        db.close().await;
        // The connections end in their own time.
        let rename = format!("ALTER DATABASE covey_making RENAME TO {template}");
        while client.batch_execute(&rename).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    let name = format!("t_{}", data_encoding::HEXLOWER.encode(&Random::System.bytes::<12>()));
    client.batch_execute(&format!("CREATE DATABASE {name} OWNER covey TEMPLATE {template}")).await.unwrap();
    client.batch_execute("SELECT pg_advisory_unlock(1)").await.unwrap();
    format!("{ours}/{name}")
}

/// The people of the first practice by where they stand toward its first group, and a stranger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum As {
    Anonymous,
    /// The owner of another practice.
    Stranger,
    Support,
    /// A member who is in the second group alone.
    Elsewhere,
    Member,
    GroupAdmin,
    Administrator,
    Owner,
    /// An operator of the server, in no account.
    Operator,
}

impl As {
    pub const ALL: [Self; 9] = [
        Self::Anonymous,
        Self::Stranger,
        Self::Support,
        Self::Elsewhere,
        Self::Member,
        Self::GroupAdmin,
        Self::Administrator,
        Self::Owner,
        Self::Operator,
    ];
}

/// Two practices. Riverside has two groups with a location and a case each; Hillside has one.
pub struct World {
    pub server: Server,
    pub account: AccountId,
    pub group: GroupId,
    pub location: LocationId,
    pub protocol: ProtocolId,
    pub case: CaseId,
    pub other_group: GroupId,
    pub other_location: LocationId,
    pub hillside_group: GroupId,
    pub hillside_location: LocationId,
    pub owner: UserId,
    pub administrator: UserId,
    pub group_admin: UserId,
    pub member: UserId,
    pub elsewhere: UserId,
    pub support: UserId,
    pub stranger: UserId,
    pub operator: UserId,
}

async fn person(tx: &Tx, name: &str) -> Result<UserId> {
    let id = tx.id();
    let email = Email::read(&format!("{name}@riverside.test")).unwrap();
    users::insert(tx, id, &email, name, UserType::Other, None).await?;
    Ok(id)
}

/// A person whom the command line named an operator.
async fn operator(server: &Server) -> UserId {
    let hash = server.app.passwords.hash(&kernel::turns::Flow::default(), PASSWORD).await.unwrap();
    let made = server.db().write(async move |tx| {
        let id = person(tx, "operator").await?;
        users::set_password(tx, id, &hash).await?;
        workflows::operator::name(tx, "operator@riverside.test").await?;
        Ok(id)
    });
    made.await.unwrap()
}

impl World {
    pub async fn new(engine: Engine) -> Self {
        Self::on(Server::new(engine).await).await
    }

    pub async fn on(server: Server) -> Self {
        let ids = server.db().write(async |tx| Self::people(tx).await).await.unwrap();
        let [owner, administrator, group_admin, member, elsewhere, support, stranger] = ids;
        let trial = server.app.config.trial();
        let (account, hillside): (AccountId, AccountId) = server
            .db()
            .write(async move |tx| {
                let (account, hillside) = (tx.id(), tx.id());
                onboarding::open_account(
                    tx,
                    account,
                    accounts::Kind::Group,
                    kernel::practice::PracticeKind::Veterinary,
                    "Riverside",
                    owner,
                    trial,
                )
                .await?;
                onboarding::open_account(
                    tx,
                    hillside,
                    accounts::Kind::Group,
                    kernel::practice::PracticeKind::Veterinary,
                    "Hillside",
                    stranger,
                    trial,
                )
                .await?;
                onboarding::join(tx, account, administrator, Role::Administrator).await?;
                for plain in [group_admin, member, elsewhere] {
                    onboarding::join(tx, account, plain, Role::Member).await?;
                }
                onboarding::join(tx, account, support, Role::SupportStaff).await?;
                Ok((account, hillside))
            })
            .await
            .unwrap();
        let made = server.db().write(async move |tx| {
            let group = groups::create(tx, account, owner, "Alder Creek", "").await?;
            let other = groups::create(tx, account, owner, "Brookfield", "").await?;
            let far = groups::create(tx, hillside, stranger, "Hillside Herd", "").await?;
            groups::add(tx, account, group, group_admin, GroupRole::Administrator, owner).await?;
            groups::add(tx, account, group, member, GroupRole::Member, owner).await?;
            groups::add(tx, account, other, elsewhere, GroupRole::Member, owner).await?;
            groups::add(tx, hillside, far, stranger, GroupRole::Administrator, stranger).await?;
            let location = locations::create(tx, account, group, owner, "Parlour", "").await?;
            let other_location = locations::create(tx, account, other, owner, "North barn", "").await?;
            let far_location = locations::create(tx, hillside, far, stranger, "Hill", "").await?;
            let protocol = accounts::protocols(tx, account).await?[0].id;
            Ok((group, other, far, location, other_location, far_location, protocol))
        });
        let (group, other_group, hillside_group, location, other_location, hillside_location, protocol) =
            made.await.unwrap();
        let case = new_case(&server, member, group, location, protocol, "Bella").await;
        new_case(&server, elsewhere, other_group, other_location, protocol, "Thunder").await;
        let operator = operator(&server).await;
        Self {
            server,
            account,
            group,
            location,
            protocol,
            case,
            other_group,
            other_location,
            hillside_group,
            hillside_location,
            owner,
            administrator,
            group_admin,
            member,
            elsewhere,
            support,
            stranger,
            operator,
        }
    }

    async fn people(tx: &Tx) -> Result<[UserId; 7]> {
        let mut ids = [UserId::nil(); 7];
        for (id, name) in ids.iter_mut().zip([
            "owner",
            "administrator",
            "group_admin",
            "member",
            "elsewhere",
            "support",
            "stranger",
        ]) {
            *id = person(tx, name).await?;
        }
        Ok(ids)
    }

    /// The same world on a server of its own: see [`Server::copy`].
    pub async fn copy(&self) -> Self {
        Self { server: self.server.copy().await, ..*self }
    }

    pub fn user(&self, role: As) -> Option<UserId> {
        Some(match role {
            As::Anonymous => return None,
            As::Stranger => self.stranger,
            As::Support => self.support,
            As::Elsewhere => self.elsewhere,
            As::Member => self.member,
            As::GroupAdmin => self.group_admin,
            As::Administrator => self.administrator,
            As::Owner => self.owner,
            As::Operator => self.operator,
        })
    }

    pub async fn client(&self, role: As) -> Client {
        match self.user(role) {
            Some(user) if role == As::Operator => self.server.proved_client(user).await,
            Some(user) => self.server.client(user).await,
            None => self.server.anonymous(),
        }
    }
}

/// Makes a case through the API.
pub async fn new_case(
    server: &Server,
    by: UserId,
    group: GroupId,
    location: LocationId,
    protocol: ProtocolId,
    name: &str,
) -> CaseId {
    let client = server.client(by).await;
    let body = json!({ "protocol": protocol, "location": location, "name": name });
    let made = client.post(&format!("/api/v1/groups/{group}/cases"), &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json["id"].as_str().unwrap().parse().unwrap()
}

/// A client of a group, as if someone had added it.
pub async fn new_client(
    server: &Server,
    by: UserId,
    account: AccountId,
    group: GroupId,
    name: &str,
) -> ClientId {
    let name = name.to_owned();
    let made = server.db().write(async move |tx| {
        let id: ClientId = tx.id();
        let (key, search) = (kernel::text::fold(&name), kernel::search::index(&name).join(" "));
        tx.exec(
            sql!(
                "INSERT INTO clients (account_id, group_id, id, kind, name, name_key, search, reference, email, email_key,
                                      phone, address, remarks, created_by, created_at, updated_at, version)
                 VALUES ($1, $2, $3, 'patient', $4, $5, $8, '', '', '', '', '', '', $6, $7, $7, 1)"
            ),
            &[&account, &group, &id, &name, &key, &by, &tx.now(), &search],
        )
        .await?;
        Ok(id)
    });
    made.await.unwrap()
}

/// An active user group with these members and privileges, as if an administrator had made it.
pub async fn new_user_group(
    server: &Server,
    account: AccountId,
    name: &str,
    members: &[UserId],
    privileges: &[Privilege],
) -> UserGroupId {
    let (name, members, privileges) = (name.to_owned(), members.to_vec(), privileges.to_vec());
    let made = server.db().write(async move |tx| {
        let id: UserGroupId = tx.id();
        let words = privileges.iter().map(|privilege| privilege.word()).collect::<Vec<_>>().join(" ");
        tx.exec(
            sql!(
                "INSERT INTO user_groups (account_id, id, name, name_key, description, active, is_default, privileges,
                                          created_at, version)
                 VALUES ($1, $2, $3, $4, '', $5, $6, $7, $8, 1)"
            ),
            &[&account, &id, &name, &kernel::text::fold(&name), &true, &false, &words, &tx.now()],
        )
        .await?;
        for member in &members {
            tx.exec(
                sql!(
                    "INSERT INTO user_group_members (account_id, user_group_id, id, user_id, since)
                     VALUES ($1, $2, $3, $4, $5)"
                ),
                &[&account, &id, &tx.id::<kernel::id::Period>(), member, &tx.now()],
            )
            .await?;
        }
        for privilege in &privileges {
            tx.exec(
                sql!(
                    "INSERT INTO user_group_grants (account_id, user_group_id, id, privilege, since)
                     VALUES ($1, $2, $3, $4, $5)"
                ),
                &[&account, &id, &tx.id::<kernel::id::Period>(), privilege, &tx.now()],
            )
            .await?;
        }
        Ok(id)
    });
    made.await.unwrap()
}

/// A client group of these clients, as if a member of the group had made it.
pub async fn new_client_group(
    server: &Server,
    account: AccountId,
    group: GroupId,
    name: &str,
    clients: &[ClientId],
) -> ClientGroupId {
    let (name, clients) = (name.to_owned(), clients.to_vec());
    let made = server.db().write(async move |tx| {
        let id: ClientGroupId = tx.id();
        tx.exec(
            sql!(
                "INSERT INTO client_groups (account_id, group_id, id, name, name_key, description, active, is_default,
                                            created_at, version)
                 VALUES ($1, $2, $3, $4, $5, '', $6, $7, $8, 1)"
            ),
            &[&account, &group, &id, &name, &kernel::text::fold(&name), &true, &false, &tx.now()],
        )
        .await?;
        for client in &clients {
            tx.exec(
                sql!(
                    "INSERT INTO client_group_members (account_id, group_id, client_group_id, id, client_id, since)
                     VALUES ($1, $2, $3, $4, $5, $6)"
                ),
                &[&account, &group, &id, &tx.id::<kernel::id::Period>(), client, &tx.now()],
            )
            .await?;
        }
        Ok(id)
    });
    made.await.unwrap()
}

/// Speaks to the router as one person.
#[derive(Clone)]
pub struct Client {
    pub router: Router,
    pub token: Option<String>,
    /// Where it notes that its person proved again who they are, whenever they are asked to; without it, the refusal is
    /// the answer.
    pub proves: Option<Db>,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Reply {
    /// Whether what was asked needs a proof that is fresh.
    pub fn wants_proof(&self) -> bool {
        let to = self.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
        self.json["code"] == "password_needed" || to.is_some_and(|to| to.starts_with("/prove?"))
    }
}

impl Client {
    /// The same, whose refusals are answers also where the proof is too old.
    pub fn plain(self) -> Self {
        Self { proves: None, ..self }
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Reply {
        let small = axum::body::HttpBody::size_hint(&body).exact().is_some_and(|size| size < 1 << 20);
        let Some(db) = self.proves.as_ref().filter(|_| small) else {
            return self.send_once(method, path, headers, body).await;
        };
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        let reply = self.send_once(method.clone(), path, headers, bytes.clone().into()).await;
        if !reply.wants_proof() {
            return reply;
        }
        let hash = storage::Hash(kernel::random::Token::presented(self.token.as_ref().unwrap()).digest());
        let prove = async move |tx: &storage::Tx| {
            let text = storage::sql!("UPDATE sessions SET proved_at = $2 WHERE token_hash = $1");
            tx.exec(text, &[&hash, &tx.now()]).await
        };
        db.write(prove).await.unwrap();
        self.send_once(method, path, headers, bytes.into()).await
    }

    async fn send_once(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        // A stream of events never ends by itself: its beginning is enough.
        let events = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        let bytes = if events { vec![].into() } else { to_bytes(body, 64 << 20).await.unwrap() };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Reply { status: parts.status, headers: parts.headers, text, json }
    }

    pub async fn json(&self, method: Method, path: &str, body: &Value) -> Reply {
        let kind = [("content-type", "application/json")];
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(method, path, &kind, body).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.json(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.json(Method::PUT, path, body).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.json(Method::PATCH, path, body).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, &[], Body::empty()).await
    }

    /// Sends a form as a browser does, with the session in the cookie.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = [("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html")];
        self.send(Method::POST, path, &kind, Body::from(body)).await
    }

    /// Attaches a file.
    pub async fn upload(&self, path: &str, name: &str, bytes: &[u8]) -> Reply {
        let mut body = format!(
            "--xx\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             content-type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--xx--\r\n");
        self.send(Method::POST, path, &[("content-type", "multipart/form-data; boundary=xx")], body.into())
            .await
    }
}

/// What makes a handout.
pub fn handout(title: &str) -> Value {
    json!({ "title": title, "summary": "What to do at home.", "species": "dog", "topic": "aftercare", "language": "en",
            "body": "Keep the wound **dry**.\n\n## Ring us\n\n- at once\n" })
}

/// The smallest PNG.
pub const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0,
    0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63,
    0xf8, 0xcf, 0xc0, 0xf0, 0x1f, 0, 0x05, 0, 0x01, 0xff, 0x89, 0x99, 0x3d, 0x1d, 0, 0, 0, 0, 0x49, 0x45,
    0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];
