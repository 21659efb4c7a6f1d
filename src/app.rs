//! Wiring: the router out of the route table, the server's life from start to end.

use std::{net::SocketAddr, path::Path, sync::Arc};

use axum::{Router, middleware};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tower_http::compression::CompressionLayer;

use crate::{
    alone::Alone,
    files, routes,
    serving::{self, Places},
};
use care::{clients, handouts};
use developers::webhooks;
use kernel::{
    clock::Clock,
    error::{Error, Result},
    links::Site,
    passwords::Passwords,
    random::{Random, Token},
};
use messaging::requests;
use people::{activity, sign_in};
use platform::{
    Fonts, Services, audit,
    blobs::{self, Blobs},
    config::{Config, SignUp},
    jobs::{Transport, Worker},
    payments::Provider,
    readiness::Readiness,
};
use storage::{Db, SqliteOptions, private};
use web::{App, page::Frames, route::BodyLimit};
use workflows::shell;

/// The file with the code that claims a fresh server.
pub(crate) const SET_UP_CODE: &str = "set-up-code";
/// The largest body of a request that carries no file.
const FORM_LIMIT: usize = 2 << 20;

/// The state out of the services: with the frame of pages, which counts what waits for someone, and the API's
/// document.
pub fn assemble(services: Services) -> App {
    let unread: shell::Count = Box::new(|tx, account, user| Box::pin(requests::unread(tx, account, user)));
    let frames = Frames::new(shell::Shell::new(vec![unread], services.config.sells()));
    let document = routes::document(services.config.sells());
    App::new(services, frames, document)
}

/// The whole service, as a function from requests to answers.
pub fn router(app: &App) -> Router {
    let file_limit = usize::try_from(app.config.file_limit()).unwrap_or(usize::MAX).saturating_add(1 << 20);
    let mut router = Router::new();
    for route in routes::served(app.config.sells()) {
        let limit = match route.limit {
            BodyLimit::Form => FORM_LIMIT,
            BodyLimit::File => file_limit,
            BodyLimit::Import => clients::import::LARGEST + (1 << 20),
        };
        router = router.route(route.path, route.into_service(limit));
    }
    router
        .fallback(web::not_found)
        .layer(middleware::from_fn_with_state(app.clone(), web::cross_site))
        .layer(middleware::from_fn_with_state(app.clone(), web::finish))
        .layer(middleware::from_fn_with_state(app.clone(), web::harden))
        .layer(CompressionLayer::new())
        .with_state(app.clone())
}

/// Opens the database that the configuration names, with the key of its audit trail.
///
/// # Errors
/// It can't be opened or reached; the key is missing, or another's.
pub async fn open_database(config: &Config, clock: Clock, random: Random) -> Result<Db> {
    let db = connect(config, clock, random).await?;
    audit::key::unlock(&db, config).await?;
    Ok(db)
}

async fn connect(config: &Config, clock: Clock, random: Random) -> Result<Db> {
    if config.database == "sqlite" {
        make_data_folder(config)?;
        let options = SqliteOptions { path: config.data.join("covey.db"), durable: true };
        return Db::sqlite(options, clock, random);
    }
    Db::postgres(&config.database, config.unsafe_database, clock, random).await
}

/// Makes the data folder, which is for the server's own user alone.
///
/// # Errors
/// The disk says no.
pub(crate) fn make_data_folder(config: &Config) -> Result<()> {
    private::own_folder(&config.data).map_err(|error| {
        Error::unavailable(format!("Can't create the data folder {}: {error}.", config.data.display()), error)
    })
}

/// The way out for mail that the configuration names.
///
/// # Errors
/// The mail server's address or certificate can't be used.
pub fn transport(config: &Config) -> Result<Transport> {
    let Some(url) = &config.smtp else { return Ok(Transport::Folder(config.data.join("mail"))) };
    let url = url.parse().map_err(|why: String| Error::field("smtp", why))?;
    let root = config.smtp_root.as_ref().map(std::fs::read).transpose().map_err(Error::internal)?;
    Transport::smtp(&url, root.as_deref()).map_err(|error| Error::field("smtp", error.to_string()))
}

/// A server that has begun to listen.
pub struct Server {
    app: App,
    listener: TcpListener,
    address: SocketAddr,
    transport: Transport,
    /// Held for as long as the server lives.
    alone: Alone,
}

impl Server {
    /// Opens everything that the configuration names and begins to listen.
    ///
    /// # Errors
    /// The database, the mail settings or the address can't be used.
    pub async fn open(config: Config, clock: Clock, random: Random) -> Result<Self> {
        make_data_folder(&config)?;
        let alone = Alone::in_folder(&config)?;
        let db = open_database(&config, clock, random).await?;
        let seeded = handouts::seed(&db).await?;
        if seeded > 0 {
            tracing::info!(seeded, "the starter handouts were renewed");
        }
        let transport = transport(&config)?;
        let listener = TcpListener::bind(config.listen).await.map_err(|error| {
            Error::unavailable(format!("Can't listen on the address {}: {error}.", config.listen), error)
        })?;
        let address = listener.local_addr().map_err(Error::internal)?;
        let hands_out = config.sign_up != SignUp::Open;
        let site = Site { base_url: config.base_url(address), mail_leaves: config.smtp.is_some(), hands_out };
        let blobs = Blobs::new(config.data.join("files"));
        let fonts = Fonts::new(config.fonts.as_deref());
        let payments = Provider::new(&config)?;
        let passwords = Passwords::default();
        let app = assemble(Services {
            db,
            config,
            site,
            passwords,
            blobs,
            fonts,
            payments,
            readiness: Readiness::default(),
        });
        Ok(Self { app, listener, address, transport, alone })
    }

    /// The state.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` completes; then finishes the requests and emails in hand.
    ///
    /// # Errors
    /// The mail address of the server is none.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
        let Self { app, listener, transport, alone, .. } = self;
        let worker = start_worker(&app, transport, app.ending())?;
        let renewals = tokio::spawn(billing::Scheduler { services: app.services() }.run(app.ending()));
        let webhooks = tokio::spawn(webhooks::Worker::new(app.services())?.run(app.ending()));
        let summaries = tokio::spawn(requests::Scheduler { services: app.services() }.run(app.ending()));
        let sweeps = tokio::spawn(files::sweep_daily(app.services(), app.ending()));
        let receipts = tokio::spawn(activity::Scheduler { services: app.services() }.run(app.ending()));
        let openings = tokio::spawn(app.access_log().clone().run(app.db.clone(), app.ending()));
        let end = app.clone();
        tokio::spawn(async move {
            stop.await;
            end.end();
        });
        let places = Places::new(serving::capacity(), &app.config.trusted_proxies);
        serving::serve(listener, router(&app), places, app.ending()).await;
        worker.await.map_err(Error::internal)?;
        renewals.await.map_err(Error::internal)?;
        webhooks.await.map_err(Error::internal)?;
        summaries.await.map_err(Error::internal)?;
        sweeps.await.map_err(Error::internal)?;
        receipts.await.map_err(Error::internal)?;
        openings.await.map_err(Error::internal)?;
        app.settled().await;
        app.access_log().flush(&app.db).await?;
        app.db.close().await;
        drop(alone);
        Ok(())
    }
}

fn start_worker(app: &App, transport: Transport, stop: watch::Receiver<bool>) -> Result<JoinHandle<()>> {
    let from = app.config.mail_from.parse().map_err(|_| Error::field("mail_from", "not an address"))?;
    let worker = Worker { db: app.db.clone(), transport: Arc::new(transport), from };
    Ok(tokio::spawn(worker.run(stop)))
}

/// The code with which a fresh server is claimed: kept in a private file until it is used. None once
/// the server has people.
///
/// # Errors
/// The data folder can't be written.
pub async fn set_up_code(app: &App) -> Result<Option<Token>> {
    if !sign_in::actions::untouched(&app.db).await? {
        return Ok(None);
    }
    let path = app.config.data.join(SET_UP_CODE);
    read_or_make(&path, app.db.random()).map(Some).map_err(|error| {
        Error::unavailable(format!("Can't write to the data folder {}.", app.config.data.display()), error)
    })
}

fn read_or_make(path: &Path, random: &Random) -> std::io::Result<Token> {
    if let Ok(code) = std::fs::read_to_string(path)
        && !code.trim().is_empty()
    {
        return Ok(Token::presented(code.trim()));
    }
    let token = Token::new(random);
    blobs::write(path, token.reveal().as_bytes())?;
    Ok(token)
}
