//! Delivery of an email: over SMTP, or into a folder where no server is configured.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};

use kernel::{
    addresses::Email,
    clock::{DAY, Time},
    id::MailId,
};

/// How long a written mail is kept: as long as the longest-lived link that lets someone in, which an invitation has.
const LINKS_LAST: i64 = 7 * DAY;
/// How long a mail server may take for one step.
const PATIENCE: Duration = Duration::from_secs(30);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// `smtp://user:password@host:port?tls=required|opportunistic|off`, or `smtps://` for TLS from the
/// first byte. Its `Debug` and `Display` leave the password out.
#[derive(Clone)]
pub struct SmtpUrl {
    host: String,
    port: u16,
    login: Option<(String, String)>,
    tls: TlsMode,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum TlsMode {
    Wrapped,
    Required,
    Opportunistic,
    Off,
}

impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{} (tls {:?}, {})",
            self.host,
            self.port,
            self.tls,
            match self.login {
                Some(_) => "signing in",
                None => "without signing in",
            }
        )
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SmtpUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").ok_or("it does not begin with smtp:// or smtps://")?;
        let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
        let authority = authority.trim_end_matches('/');
        let (login, address) = match authority.rsplit_once('@') {
            Some((login, address)) => (Some(login), address),
            None => (None, authority),
        };
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().map_err(|_| format!("{port} is not a port"))?)),
            None => (address, None),
        };
        if host.is_empty() {
            return Err("the host is missing".to_owned());
        }
        let tls = match (scheme, query.strip_prefix("tls=").unwrap_or(query)) {
            ("smtps", "") => TlsMode::Wrapped,
            ("smtp", "" | "required") => TlsMode::Required,
            ("smtp", "opportunistic") => TlsMode::Opportunistic,
            ("smtp", "off") => TlsMode::Off,
            (_, other) => {
                return Err(format!("{scheme}:// with {other:?}: tls is required, opportunistic or off"));
            }
        };
        let decode = |text: &str| {
            percent_encoding::percent_decode_str(text)
                .decode_utf8()
                .map(String::from)
                .map_err(|e| e.to_string())
        };
        let login = match login.map(|login| login.split_once(':').unwrap_or((login, ""))) {
            Some((user, password)) => Some((decode(user)?, decode(password)?)),
            None => None,
        };
        let standard = if tls == TlsMode::Wrapped { 465 } else { 587 };
        Ok(Self { host: host.to_owned(), port: port.unwrap_or(standard), login, tls })
    }
}

/// An email on its way.
pub struct Delivery<'a> {
    /// Its id; the message's id is made of it, so an email that is sent twice can be told.
    pub id: MailId,
    /// The address.
    pub to: &'a str,
    /// Where answers go; none where they would reach nobody.
    pub reply_to: Option<&'a str>,
    /// One line.
    pub subject: &'a str,
    /// The plain form.
    pub text: &'a str,
    /// The HTML form.
    pub html: &'a str,
    /// When.
    pub now: Time,
}

/// Where emails go.
pub enum Transport {
    /// To a mail server.
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    /// Into a folder, a file each.
    Folder(PathBuf),
}

impl Transport {
    /// A transport to a mail server. `root` is a further certificate authority in PEM to trust.
    ///
    /// # Errors
    /// The host's name or the certificate can't be used.
    pub fn smtp(url: &SmtpUrl, root: Option<&[u8]>) -> Result<Self, Failure> {
        let mut tls = TlsParameters::builder(url.host.clone());
        if let Some(pem) = root {
            tls = tls.add_root_certificate(lettre::transport::smtp::client::Certificate::from_pem(pem)?);
        }
        let mode = match url.tls {
            TlsMode::Wrapped => Tls::Wrapper(tls.build_rustls()?),
            TlsMode::Required => Tls::Required(tls.build_rustls()?),
            TlsMode::Opportunistic => Tls::Opportunistic(tls.build_rustls()?),
            TlsMode::Off => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&url.host)
            .port(url.port)
            .tls(mode)
            .timeout(Some(PATIENCE));
        if let Some((user, password)) = &url.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self::Smtp(Box::new(builder.build())))
    }

    /// Hands one email over. `Ok` means that the other side has taken responsibility for it.
    pub(super) async fn deliver(&self, from: &Mailbox, letter: &Delivery<'_>) -> Result<(), Failure> {
        let domain = from.email.domain();
        let mailbox = |address| Ok::<_, Failure>(Mailbox::new(None, Email::mailbox_of(address).parse()?));
        let mut message = Message::builder().from(from.clone()).to(mailbox(letter.to)?);
        if let Some(sender) = letter.reply_to {
            message = message.reply_to(mailbox(sender)?);
        }
        let message = message
            .subject(letter.subject)
            .message_id(Some(format!("<{}@{domain}>", letter.id)))
            .date(letter.now.timestamp().into())
            .multipart(MultiPart::alternative_plain_html(letter.text.to_owned(), letter.html.to_owned()))?;
        match self {
            Self::Smtp(smtp) => smtp.send(message).await.map(drop).map_err(Into::into),
            Self::Folder(folder) => {
                let path = folder.join(format!("{}-{}.eml", letter.now.stamp(), letter.id));
                let bytes = message.formatted();
                tokio::task::spawn_blocking(move || crate::blobs::write(&path, &bytes))
                    .await?
                    .map_err(Into::into)
            }
        }
    }
}

impl Transport {
    /// Removes what was written into the folder of mail so long ago that no link in it is good any more. Says how
    /// many files that were.
    ///
    /// # Errors
    /// The folder can't be read.
    pub fn tidy(&self, now: Time) -> std::io::Result<usize> {
        let Self::Folder(folder) = self else { return Ok(0) };
        let files = match std::fs::read_dir(folder) {
            Ok(files) => files,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error),
        };
        let mut removed = 0;
        for file in files {
            let path = file?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let written = name.split_once('-').and_then(|(stamp, _)| Time::stamped(stamp));
            if written.is_some_and(|written| now.since(written) > LINKS_LAST) {
                std::fs::remove_file(&path)?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_urls_are_read_and_never_show_their_password() {
        let url: SmtpUrl = "smtp://ann%40x.org:s3cret@mail.x.org:2525?tls=opportunistic".parse().unwrap();
        assert_eq!((url.host.as_str(), url.port, url.tls), ("mail.x.org", 2525, TlsMode::Opportunistic));
        assert_eq!(url.login.as_ref().unwrap().0, "ann@x.org");
        assert!(!format!("{url} {url:?}").contains("s3cret"));
        assert_eq!("smtps://mail.x.org".parse::<SmtpUrl>().unwrap().port, 465);
        for bad in ["mail.x.org", "http://x", "smtp://", "smtp://x:99999", "smtp://x?tls=maybe"] {
            assert!(bad.parse::<SmtpUrl>().is_err(), "{bad}");
        }
    }
}
