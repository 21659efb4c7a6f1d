//! The way to PostgreSQL: its URL with `sslmode` and `sslrootcert` as libpq means them, TLS by rustls, and a sentence
//! for each thing that goes wrong on the way.
//!
//! Two things differ from libpq. A host that is not this machine is `verify-full` unless the URL says otherwise, and
//! certificates are then checked against the system's authorities.

use std::{
    fmt, io,
    net::IpAddr,
    path::{Path, PathBuf},
    pin::Pin,
    str::FromStr,
    sync::Arc,
    task::{Context, Poll},
};

use deadpool_postgres::{Connect, PoolError};
use percent_encoding::percent_decode_str;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
    server::ParsedCertificate,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    task::JoinHandle,
};
use tokio_postgres::{
    Client, Config, Connection, Socket,
    config::{Host, SslMode},
    error::SqlState,
    tls::{ChannelBinding, MakeTlsConnect, TlsConnect},
};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type Failed = tokio_postgres::Error;

/// How much of TLS is asked for, by libpq's names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
enum Mode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

const MODES: [(&str, Mode); 6] = [
    ("disable", Mode::Disable),
    ("allow", Mode::Allow),
    ("prefer", Mode::Prefer),
    ("require", Mode::Require),
    ("verify-ca", Mode::VerifyCa),
    ("verify-full", Mode::VerifyFull),
];

/// Whose certificates are believed.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Roots {
    System,
    File(PathBuf),
}

/// Where PostgreSQL is and how it is reached. `Display` leaves user and password out.
#[derive(Clone)]
pub struct PostgresUrl {
    config: Config,
    mode: Mode,
    roots: Option<Roots>,
}

impl FromStr for PostgresUrl {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        let login = url.find('@').unwrap_or(0);
        let (base, query) = match url[login..].find('?') {
            Some(at) => (&url[..login + at], &url[login + at + 1..]),
            None => (url, ""),
        };
        let (mut mode, mut roots, mut rest) = (None, None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8_lossy();
            match key {
                "sslmode" => mode = Some(mode_of(&value)?),
                "sslrootcert" if value == "system" => roots = Some(Roots::System),
                "sslrootcert" => roots = Some(Roots::File(value.as_ref().into())),
                "channel_binding" if value == "require" => {
                    return Err(
                        "channel_binding=require is not supported; use sslmode=verify-full".to_owned()
                    );
                }
                _ if key.starts_with("ssl") && key != "sslnegotiation" => {
                    return Err(format!("{key} is not supported; sslmode and sslrootcert are"));
                }
                _ => rest.push(pair),
            }
        }
        let mut config = Config::from_str(&format!("{base}?{}", rest.join("&"))).map_err(|e| reason(&e))?;
        if config.get_hosts().is_empty() {
            for address in config.get_hostaddrs().to_vec() {
                config.host(address.to_string());
            }
        }
        let mode = match (mode, &roots) {
            (Some(mode), Some(Roots::System)) if mode != Mode::VerifyFull => {
                return Err(format!("sslrootcert=system needs sslmode=verify-full, not {}", mode.name()));
            }
            (Some(mode), _) => mode,
            (None, Some(Roots::System)) => Mode::VerifyFull,
            (None, _) if is_local(&config) => Mode::Prefer,
            (None, _) => Mode::VerifyFull,
        };
        Ok(Self { config, mode, roots })
    }
}

impl Mode {
    fn name(self) -> &'static str {
        MODES.iter().find(|(_, mode)| *mode == self).map_or("", |(name, _)| name)
    }
}

fn mode_of(text: &str) -> Result<Mode, String> {
    let found = MODES.iter().find(|(name, _)| *name == text).map(|(_, mode)| *mode);
    let names = MODES.map(|(name, _)| name).join(", ");
    found.ok_or_else(|| format!("sslmode is one of {names}, not {text:?}"))
}

/// Whether every server is on this machine, so that nobody is in between.
fn is_local(config: &Config) -> bool {
    let is_here = |host: &Host| match host {
        Host::Tcp(host) => host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    match config.get_hostaddrs() {
        [] => config.get_hosts().iter().all(is_here),
        addresses => addresses.iter().all(IpAddr::is_loopback),
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.config.get_dbname().or(self.config.get_user()).unwrap_or_default();
        write!(f, "{name} on {} (sslmode {}", self.hosts(), self.mode.name())?;
        match &self.roots {
            Some(Roots::File(file)) => write!(f, ", authorities in {})", file.display()),
            _ if self.mode >= Mode::VerifyCa => f.write_str(", the system's authorities)"),
            _ => f.write_str(")"),
        }
    }
}

impl PostgresUrl {
    /// Whether it leads to another machine without proving which one answers.
    pub fn trusts_the_network(&self) -> bool {
        self.mode < Mode::VerifyCa && !is_local(&self.config)
    }

    fn hosts(&self) -> String {
        let names = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(host) => host.clone(),
            #[cfg(unix)]
            Host::Unix(folder) => folder.display().to_string(),
        });
        names.collect::<Vec<_>>().join(", ")
    }
}

/// Makes connections. A handle to be cloned.
#[derive(Clone)]
pub(super) struct Dialer {
    url: Arc<PostgresUrl>,
    tls: Tls,
}

impl Dialer {
    /// A dialer to where the URL says.
    ///
    /// # Errors
    /// A sentence: the authorities can't be read.
    pub(super) fn new(url: PostgresUrl) -> Result<Self, String> {
        let check = match (url.mode, &url.roots) {
            (Mode::VerifyFull, _) => Check::ChainAndName,
            (Mode::VerifyCa, _) | (_, Some(Roots::File(_))) => Check::Chain,
            _ => Check::Nothing,
        };
        let believed = match (check, &url.roots) {
            (Check::Nothing, _) => Vec::new(),
            (_, Some(Roots::File(file))) => certificates(file)?,
            _ => system_certificates()?,
        };
        let tls = Tls(Arc::new(client_config(check, believed)?));
        Ok(Self { url: Arc::new(url), tls })
    }

    pub(super) fn config(&self) -> &Config {
        &self.url.config
    }

    /// Connects, over TLS or not as the mode says, in the order in which libpq tries.
    pub(super) async fn dial(&self) -> Result<(Client, Connection<Socket, Stream>), Failed> {
        let (first, then) = match self.url.mode {
            Mode::Disable => (SslMode::Disable, None),
            Mode::Allow => (SslMode::Disable, Some(SslMode::Require)),
            Mode::Prefer => (SslMode::Prefer, Some(SslMode::Disable)),
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => (SslMode::Require, None),
        };
        match (self.attempt(first).await, then) {
            (Err(error), Some(then)) if turned_away(&error) => self.attempt(then).await.map_err(|_| error),
            (outcome, _) => outcome,
        }
    }

    async fn attempt(&self, tls: SslMode) -> Result<(Client, Connection<Socket, Stream>), Failed> {
        let mut config = self.url.config.clone();
        let sockets = config.get_hosts().iter().all(|host| !matches!(host, Host::Tcp(_)));
        config.ssl_mode(if sockets { SslMode::Disable } else { tls });
        config.connect(self.tls.clone()).await
    }

    /// What an operator does about a connection that could not be made.
    pub(super) fn explain_pool(&self, error: &PoolError) -> String {
        match error {
            PoolError::Backend(error) => self.explain(error),
            other => format!("PostgreSQL on {} can't be reached: {other}.", self.url.hosts()),
        }
    }

    fn explain(&self, error: &Failed) -> String {
        let (hosts, mode) = (self.url.hosts(), self.url.mode.name());
        let user = self.url.config.get_user().unwrap_or_default();
        if let Some(said) = error.as_db_error() {
            return match *said.code() {
                SqlState::INVALID_PASSWORD => {
                    format!("PostgreSQL on {hosts} refuses the password of {user}.")
                }
                SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
                    format!(
                        "PostgreSQL on {hosts} doesn't let {user} in; see its pg_hba.conf: {}.",
                        said.message()
                    )
                }
                _ => format!("PostgreSQL on {hosts} says: {}.", said.message()),
            };
        }
        if let Some(fault) = tls_fault(error) {
            return explain_tls(fault, &hosts, &self.url);
        }
        let reason = reason(error);
        if reason.contains("does not support TLS") {
            return format!(
                "PostgreSQL on {hosts} doesn't offer TLS, and sslmode={mode} asks for it. Turn on ssl there, \
                 or add ?sslmode=disable to the database's URL if no one can listen in between."
            );
        }
        format!("PostgreSQL on {hosts} can't be reached: {reason}.")
    }
}

/// Whether the other way, with TLS or without, may succeed: the server refused this one, or TLS itself failed.
fn turned_away(error: &Failed) -> bool {
    error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
        || error.to_string().contains("TLS handshake")
}

/// The innermost reason of an error.
fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.last().map(ToString::to_string).unwrap_or_default()
}

fn tls_fault(error: &Failed) -> Option<&rustls::Error> {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let fault = error.downcast_ref().or_else(|| inside.and_then(|inside| inside.downcast_ref()));
        if fault.is_some() {
            return fault;
        }
        source = error.source();
    }
    None
}

fn explain_tls(fault: &rustls::Error, hosts: &str, url: &PostgresUrl) -> String {
    let whose = format!("The certificate of PostgreSQL on {hosts}");
    match fault {
        rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => match &url.roots {
            Some(Roots::File(file)) => {
                format!("{whose} is not signed by an authority in {}.", file.display())
            }
            _ => format!(
                "{whose} is not signed by an authority that this system trusts. Add ?sslrootcert=FILE with its \
                     authority's certificate to the database's URL."
            ),
        },
        rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }) => {
            let names = if presented.is_empty() { "no host at all".to_owned() } else { presented.join(", ") };
            format!(
                "{whose} is for {names} (subjectAltName), not for this host. Use a name that it is for, or \
                 ?sslmode=verify-ca if any server of that authority will do."
            )
        }
        rustls::Error::InvalidCertificate(CertificateError::NotValidForName) => {
            format!("{whose} is not for this host.")
        }
        rustls::Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => format!("{whose} has expired."),
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => format!("{whose} is not valid yet. Is this machine's clock right?"),
        other => format!("TLS with PostgreSQL on {hosts} failed: {other}."),
    }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let unread = |why: String| format!("sslrootcert: {} can't be used: {why}.", file.display());
    let pem = std::fs::read(file).map_err(|error| unread(error.to_string()))?;
    let found = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    let found = found.map_err(|error| unread(error.to_string()))?;
    if found.is_empty() { Err(unread("it holds no certificate in PEM".to_owned())) } else { Ok(found) }
}

fn system_certificates() -> Result<Vec<CertificateDer<'static>>, String> {
    let found = rustls_native_certs::load_native_certs().certs;
    if found.is_empty() {
        return Err("This system has no certificates of authorities. Install ca-certificates, or add \
                    ?sslrootcert=FILE to the database's URL."
            .to_owned());
    }
    Ok(found)
}

fn client_config(check: Check, believed: Vec<CertificateDer<'static>>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(believed.iter().cloned());
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier { check, roots, believed, provider: provider.clone() };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?;
    let mut config =
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(config)
}

/// What is asked of a server's certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Check {
    Nothing,
    Chain,
    ChainAndName,
}

#[derive(Debug)]
struct Verifier {
    check: Check,
    roots: RootCertStore,
    believed: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    /// What a fault in the chain comes to. A server that shows an authority's certificate, as many self-signed ones
    /// are, is believed if just that one is; everything else about it was found in order then.
    fn weigh(&self, certificate: &CertificateDer<'_>, fault: rustls::Error) -> Result<(), rustls::Error> {
        match &fault {
            rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(why)))
                if format!("{why:?}") == "CaUsedAsEndEntity" =>
            {
                let believed = self.believed.iter().any(|one| one == certificate);
                believed.then_some(()).ok_or(CertificateError::UnknownIssuer.into())
            }
            _ => Err(fault),
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.check == Check::Nothing {
            return Ok(ServerCertVerified::assertion());
        }
        let parsed = ParsedCertificate::try_from(certificate)?;
        let known = self.provider.signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&parsed, &self.roots, intermediates, now, known)
            .or_else(|fault| self.weigh(certificate, fault))?;
        if self.check == Check::ChainAndName {
            verify_server_name(&parsed, name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// TLS as the driver wants it.
#[derive(Clone)]
pub(super) struct Tls(Arc<ClientConfig>);

/// TLS to one host. It has no name on a socket, where there is no TLS either.
pub(super) struct TlsTo(Arc<ClientConfig>, io::Result<ServerName<'static>>);

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Stream;
    type TlsConnect = TlsTo;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<TlsTo> {
        Ok(TlsTo(self.0.clone(), ServerName::try_from(host.to_owned()).map_err(io::Error::other)))
    }
}

impl TlsConnect<Socket> for TlsTo {
    type Stream = Stream;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Stream>>;

    fn connect(self, socket: Socket) -> Self::Future {
        let connector = tokio_rustls::TlsConnector::from(self.0);
        Box::pin(async move { Ok(Stream(connector.connect(self.1?, socket).await?)) })
    }
}

/// A connection with TLS on it.
pub(super) struct Stream(tokio_rustls::client::TlsStream<Socket>);

impl tokio_postgres::tls::TlsStream for Stream {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl Connect for Dialer {
    fn connect(&self, _: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Failed>> {
        Box::pin(async move {
            let (client, connection) = self.dial().await?;
            let driver = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::warn!("a connection to PostgreSQL ended: {error}");
                }
            });
            Ok((client, driver))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<(&'static str, Option<Roots>), String> {
        let url = url.parse::<PostgresUrl>()?;
        Ok((url.mode.name(), url.roots))
    }

    #[test]
    fn other_machines_are_verified_and_this_one_may_do_without() {
        for url in
            ["postgres://x@db.internal/c", "postgres://x@10.0.0.7/c", "postgres://x@localhost,db.internal/c"]
        {
            assert_eq!(read(url).unwrap().0, "verify-full", "{url}");
        }
        for url in [
            "postgres://x@localhost/c",
            "postgres://x@127.0.0.1:5433/c",
            "postgres://x@[::1]/c",
            "postgres://x@%2Frun%2Fpostgresql/c",
            "postgres:///c?host=/run/postgresql",
        ] {
            assert_eq!(read(url).unwrap().0, "prefer", "{url}");
        }
        assert_eq!(read("postgres://x@db/c?sslmode=disable").unwrap().0, "disable");
        let trusting = |url: &str| url.parse::<PostgresUrl>().unwrap().trusts_the_network();
        assert!(trusting("postgres://x@db/c?sslmode=require") && !trusting("postgres://x@db/c"));
        assert!(!trusting("postgres://x@localhost/c?sslmode=disable"));
        assert_eq!(read("postgres://x@localhost/c?sslrootcert=system").unwrap().0, "verify-full");
        let file = Roots::File("/etc/my ca.pem".into());
        assert_eq!(
            read("postgres://x:a?b@db/c?connect_timeout=5&sslmode=verify-ca&sslrootcert=/etc/my%20ca.pem"),
            Ok(("verify-ca", Some(file)))
        );
    }

    #[test]
    fn mistakes_are_named_and_secrets_are_not_shown() {
        for (url, named) in [
            ("postgres://x@db/c?sslmode=on", "verify-full"),
            ("postgres://x@db/c?sslmode=require&sslrootcert=system", "verify-full"),
            ("postgres://x@db/c?sslcert=x.pem", "sslcert"),
            ("postgres://x@db/c?color=1", "color"),
            ("postgres://x@db/c?channel_binding=require", "channel_binding"),
        ] {
            let why = read(url).unwrap_err();
            assert!(why.contains(named), "{url}: {why}");
        }
        let url = "postgres://ann:s3cret@db.internal/covey?password=s3cret".parse::<PostgresUrl>().unwrap();
        let shown = url.to_string();
        assert!(!shown.contains("s3cret") && !shown.contains("ann"), "{shown}");
        assert_eq!(shown, "covey on db.internal (sslmode verify-full, the system's authorities)");
        let missing = "postgres://x@db/c?sslrootcert=/nowhere/ca.pem".parse().unwrap();
        let why = Dialer::new(missing).err().unwrap();
        assert!(why.contains("/nowhere/ca.pem"), "{why}");
    }
}
