//! Configuration: defaults, then a file, then the environment, then flags; the later wins.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::jobs::SmtpUrl;
use kernel::{
    clock::{DAY, HOUR, MINUTE},
    net::Allowed,
    prices::{PriceList, Trial, UNLIMITED},
};
use storage::PostgresUrl;

/// The fewest characters of a key that seals the audit trail.
pub const AUDIT_KEY_LEAST: usize = 32;

/// Everything that can be configured. README.md's table and `covey check-config` follow it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The folder for the embedded database, files and mail.
    pub data: PathBuf,
    /// The address and port to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address by which people reach the server: the only source of links in mail.
    pub public_url: Option<String>,
    /// `sqlite`, or `postgres://…`.
    pub database: String,
    /// `smtp://…`; without it mails are written to the data folder.
    pub smtp: Option<String>,
    /// A PEM file with a further certificate authority that the mail server is trusted by.
    pub smtp_root: Option<PathBuf>,
    /// Who mails are from.
    pub mail_from: String,
    /// Whether anyone may sign up: `closed` or `open`.
    pub sign_up: SignUp,
    /// Hours without use after which a session ends.
    pub session_idle_hours: f64,
    /// Days after which a session ends in any case.
    pub session_days: f64,
    /// The largest file that a case takes, in mebibytes.
    pub file_limit_mib: u64,
    /// How many requests an API key may make in a minute, of each server process; 0 for any number.
    pub key_requests_per_minute: u32,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// The secret with which `/metrics` is read from anywhere; without it, from private addresses alone.
    pub metrics_token: Option<String>,
    /// What is logged, as tracing's filter: `info`, `web=debug`.
    pub log: String,
    /// `text` or `json`.
    pub log_format: LogFormat,
    /// Days of trial of a new account, on the Pro plan, before it is to pay.
    pub trial_days: u32,
    /// The licenses of a group account's trial.
    pub trial_licenses: u32,
    /// The fewest licenses of a group account's paid subscription.
    pub licenses_least: u32,
    /// The most licenses that can be bought by self-service.
    pub licenses_most: u32,
    /// Days in which an invoice is to be paid.
    pub payment_days: u32,
    /// Days between the day when money was due and the account being read-only.
    pub grace_days: u32,
    /// Whether anything is sold here: `on`, `off`, or `auto`: where prices or a payment provider are set.
    pub billing: Billing,
    /// Without billing, how many licenses an account has; as many as it wants, if it is absent.
    pub licenses: Option<u32>,
    /// The prices of the plans; see docs/OPERATIONS.md.
    pub prices: PriceList,
    /// Who issues the invoices: name and address, the lines separated by `\n`.
    pub seller: String,
    /// The version of the terms of use that buyers agree to.
    pub terms_version: String,
    /// A Markdown file with the terms of use; without it a short text of Covey's own.
    pub terms_file: Option<PathBuf>,
    /// How people pay: `invoice` or `stripe`.
    pub payments: Payments,
    /// Stripe's secret key.
    pub stripe_key: Option<String>,
    /// The secret with which Stripe signs what it tells us.
    pub stripe_webhook_secret: Option<String>,
    /// Where Stripe's API is.
    pub stripe_url: String,
    /// The key that seals the audit trail. Without it, the data folder's file `audit-key` holds it.
    pub audit_key: Option<String>,
    /// Whether owners get a daily receipt of their audit trail by email: `daily` or `off`.
    pub receipt_mail: ReceiptMail,
    /// The folder with fonts for scripts that the binary has none for; without it, the system's font folders.
    pub fonts: Option<PathBuf>,
    /// Hosts, addresses and ranges of addresses that webhooks may reach although they are not public, and by http.
    pub webhook_allow: Vec<String>,
    /// Runs on a PostgreSQL that could lose acknowledged writes. For tests.
    pub unsafe_database: bool,
}

/// Whether anyone may sign up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignUp {
    /// Only by invitation.
    Closed,
    /// Anyone, with an account of their own.
    Open,
}

/// Whether anything is sold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Billing {
    /// Where prices or a payment provider are set.
    Auto,
    /// Accounts begin with a trial, and pay.
    On,
    /// There are no prices, plans or invoices: a practice runs the server for itself.
    Off,
}

/// Whether owners get receipts of their audit trail by email.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiptMail {
    /// After each day on which something happened.
    Daily,
    /// Never.
    Off,
}

/// How people pay.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Payments {
    /// By invoice: the bookkeeper records what was paid.
    Invoice,
    /// By card, through Stripe.
    Stripe,
}

/// How logs are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: "covey-data".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            database: "sqlite".to_owned(),
            smtp: None,
            smtp_root: None,
            mail_from: "Covey <covey@localhost.localdomain>".to_owned(),
            sign_up: SignUp::Closed,
            session_idle_hours: 12.0,
            session_days: 14.0,
            file_limit_mib: 25,
            key_requests_per_minute: 6_000,
            trusted_proxies: Vec::new(),
            metrics_token: None,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            trial_days: 30,
            trial_licenses: 10,
            licenses_least: 2,
            licenses_most: 20,
            payment_days: 14,
            grace_days: 14,
            billing: Billing::Auto,
            licenses: None,
            prices: PriceList::default(),
            seller: "Covey".to_owned(),
            terms_version: "1".to_owned(),
            terms_file: None,
            payments: Payments::Invoice,
            stripe_key: None,
            stripe_webhook_secret: None,
            stripe_url: "https://api.stripe.com".to_owned(),
            audit_key: None,
            receipt_mail: ReceiptMail::Daily,
            fonts: None,
            webhook_allow: Vec::new(),
            unsafe_database: false,
        }
    }
}

impl Config {
    /// Reads the configuration. `flags` holds only what was given on the command line.
    ///
    /// # Errors
    /// A sentence per mistake: unknown keys, wrong types, values that can't be used.
    pub fn load(file: Option<&Path>, flags: &impl Serialize) -> Result<Self, Vec<String>> {
        let file = file.map(table_of).transpose().map_err(|mistake| vec![mistake])?;
        let environment = std::env::vars_os()
            .map(|(name, text)| (name.to_string_lossy().into_owned(), text.to_string_lossy().into_owned()));
        let config = Self::read(file, environment, flags).map_err(|mistake| vec![mistake])?;
        let mistakes = config.mistakes();
        if mistakes.is_empty() { Ok(config) } else { Err(mistakes) }
    }

    /// Puts what was set on top of the defaults. Only the outcome has to be fine; if it is not, the one that
    /// made it so is told.
    fn read(
        file: Option<(String, Table)>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &impl Serialize,
    ) -> Result<Self, String> {
        let mut settings = Table::try_from(Self::default()).map_err(|error| error.to_string())?;
        let mut layers = Vec::from_iter(file);
        for (name, text) in environment {
            if let Some(key) = key_of(&name) {
                let value = value_of(settings.get(&key), &text);
                layers.push((name, Table::from_iter([(key, value)])));
            }
        }
        let flags = Table::try_from(flags).map_err(|error| error.to_string())?;
        layers.push(("the command line".to_owned(), flags));
        let mut config = Ok(Self::default());
        for (source, layer) in layers {
            merge(&mut settings, layer);
            config = settings.clone().try_into().map_err(|error: toml::de::Error| {
                let mistake = format!("{}, in {source}", error.to_string().trim_end().replace('\n', " "));
                config.err().unwrap_or(mistake)
            });
        }
        config
    }

    fn mistakes(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut check = |fine: bool, why: String| {
            if !fine {
                found.push(why);
            }
        };
        if let Some(url) = &self.public_url {
            let plain = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            let fine = plain.is_some_and(|host| !host.is_empty() && !host.contains(['?', '#', ' ']));
            check(fine, format!("public_url {url:?}: use an address such as https://covey.practice.org"));
        }
        if let Some(why) = self.database_mistake() {
            check(false, format!("database: {why}"));
        }
        if let Some(Err(why)) = self.smtp.as_ref().map(|url| url.parse::<SmtpUrl>()) {
            check(
                false,
                format!("smtp: {why}; use an address such as smtp://user:password@host:587?tls=required"),
            );
        }
        let from = self.mail_from.parse::<lettre::message::Mailbox>();
        check(
            from.is_ok(),
            format!("mail_from {:?}: use an address such as Covey <covey@practice.org>", self.mail_from),
        );
        check(self.session_idle_hours > 0.0, "session_idle_hours: more than 0".to_owned());
        check(self.session_days > 0.0, "session_days: more than 0".to_owned());
        check((1..=1024).contains(&self.file_limit_mib), "file_limit_mib: from 1 to 1024".to_owned());
        let limits = self.licenses_least >= 2 && self.licenses_least <= self.licenses_most;
        check(limits, "licenses_least is at least 2, and not above licenses_most".to_owned());
        check(self.trial_licenses >= 1, "trial_licenses: at least 1".to_owned());
        if let Some(why) = self.prices.mistake() {
            check(false, why);
        }
        let keys = self.stripe_key.is_some() && self.stripe_webhook_secret.is_some();
        check(
            self.payments != Payments::Stripe || keys,
            "payments: `stripe` needs stripe_key and stripe_webhook_secret".to_owned(),
        );
        check(
            self.billing != Billing::Off || self.payments == Payments::Invoice,
            "billing is `off`, but payments are `stripe`; remove one of them".to_owned(),
        );
        check(self.licenses != Some(0), "licenses: at least 1, or absent for no limit".to_owned());
        let key = self.audit_key.as_ref().is_none_or(|key| key.trim().len() >= AUDIT_KEY_LEAST);
        check(key, format!("audit_key: at least {AUDIT_KEY_LEAST} characters, as of `openssl rand -hex 32`"));
        let terms = self.terms_file.as_ref().is_none_or(|file| file.is_file());
        check(terms, "terms_file: this file can't be read".to_owned());
        let fonts = self.fonts.as_ref().is_none_or(|folder| folder.is_dir());
        check(fonts, "fonts: this isn't a folder".to_owned());
        for entry in self.webhook_allow.iter().filter(|entry| entry.parse::<Allowed>().is_err()) {
            check(
                false,
                format!("webhook_allow {entry:?}: it looks like 10.1.2.3, 10.0.0.0/8 or hooks.practice.org"),
            );
        }
        found
    }

    fn database_mistake(&self) -> Option<String> {
        let url = &self.database;
        if url == "sqlite" {
            return None;
        }
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Some("use `sqlite` or `postgres://user@host/name`".to_owned());
        }
        url.parse::<PostgresUrl>().err()
    }

    /// What can be used and is probably not meant. A sentence each: `check-config` and the start of the server say them.
    pub fn warnings(&self) -> Vec<String> {
        let https = self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        let loopback = self.listen.ip().is_loopback();
        let mut found = Vec::new();
        if !loopback && !https {
            found.push(
                "people reach this server over the network without https; set public_url to an https address."
                    .to_owned(),
            );
        }
        if self.public_url.is_none() && self.smtp.is_some() {
            found.push(format!(
                "links in emails will start with {}; set public_url.",
                self.base_url(self.listen)
            ));
        }
        if self.database.parse::<PostgresUrl>().is_ok_and(|url| url.trusts_the_network()) {
            found.push(
                "nothing proves that PostgreSQL on the other machine is yours; sslmode=verify-full does."
                    .to_owned(),
            );
        }
        if self.public_url.is_some() && self.passkey_host().is_none() {
            found.push(
                "public_url is a bare IP address, so people can't use passkeys; set it to a host name."
                    .to_owned(),
            );
        }
        if https && self.trusted_proxies.is_empty() {
            found.push(
                "public_url is https, so there is probably a proxy in front, but trusted_proxies is empty: everyone \
                 seems to come from the proxy's address, and shares its limits on attempts. Set trusted_proxies to \
                 that address."
                    .to_owned(),
            );
        }
        if self.sign_up == SignUp::Open && self.smtp.is_none() {
            found.push(format!(
                "ANYONE CAN SIGN UP AND NO MAIL IS SENT: emails are files in {}, so no address is ever proved. Set \
                 smtp, or sign_up = \"closed\".",
                self.data.join("mail").display()
            ));
        }
        found
    }

    /// The host that passkeys are bound to once and for all; none on a bare IP address but this machine's own.
    pub fn passkey_host(&self) -> Option<String> {
        let base = self.base_url(self.listen);
        match host_of(&base).trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) => address.is_loopback().then(|| "localhost".to_owned()),
            Err(_) => Some(host_of(&base).to_owned()),
        }
    }

    /// What links in mail begin with, without a slash at the end. `bound` is the address that the
    /// server really listens on.
    pub fn base_url(&self, bound: SocketAddr) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{bound}"),
        }
    }

    /// Microseconds without use after which a session ends.
    #[allow(clippy::cast_possible_truncation, reason = "hours and days are small")]
    pub fn session_idle(&self) -> i64 {
        ((self.session_idle_hours * HOUR as f64) as i64).max(MINUTE)
    }

    /// Microseconds after which a session ends in any case.
    #[allow(clippy::cast_possible_truncation, reason = "hours and days are small")]
    pub fn session_length(&self) -> i64 {
        ((self.session_days * DAY as f64) as i64).max(MINUTE)
    }

    /// Whether anything is sold here.
    pub fn sells(&self) -> bool {
        match self.billing {
            Billing::On => true,
            Billing::Off => false,
            Billing::Auto => self.payments != Payments::Invoice || self.prices != PriceList::default(),
        }
    }

    /// What a new account gets before it pays, or for good where nothing is sold.
    pub fn trial(&self) -> Trial {
        let sold = self.sells();
        let free = self.licenses.map_or(UNLIMITED, i64::from);
        Trial {
            sold,
            days: self.trial_days.into(),
            licenses: if sold { self.trial_licenses.into() } else { free },
            grace_days: self.grace_days.into(),
            currency: self.prices.currency,
        }
    }

    /// The largest file in bytes.
    pub fn file_limit(&self) -> u64 {
        self.file_limit_mib * 1024 * 1024
    }
}

/// What a file says, with its name.
fn table_of(file: &Path) -> Result<(String, Table), String> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|_| format!("{name}: this file can't be read"))?;
    let table =
        text.parse().map_err(|error: toml::de::Error| format!("{name}: {}", error.to_string().trim_end()))?;
    Ok((name, table))
}

/// The setting that a variable of the environment is for: `data` of `COVEY_DATA`.
fn key_of(variable: &str) -> Option<String> {
    let name = variable.to_ascii_lowercase();
    let key = name.strip_prefix("covey_")?;
    (!key.is_empty() && key != "config").then(|| key.to_owned())
}

/// The value that a text of the environment means, by what stands there else: lists in brackets or without,
/// text with quotation marks or without. What is not set yet is text.
fn value_of(before: Option<&Value>, text: &str) -> Value {
    let text = text.trim();
    match before {
        Some(Value::Array(_)) => {
            let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
            let items = inner.split(',').map(|item| item.trim().trim_matches(['"', '\'']));
            items.filter(|item| !item.is_empty()).map(Value::from).collect::<Vec<_>>().into()
        }
        Some(Value::String(_)) | None if !text.starts_with('"') => text.into(),
        _ => text.parse().unwrap_or_else(|_| text.into()),
    }
}

/// Tables are merged key by key, everything else is replaced.
fn merge(settings: &mut Table, layer: Table) {
    for (key, value) in layer {
        match (settings.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => {
                settings.insert(key, value);
            }
        }
    }
}

/// The host of an address, without its port.
fn host_of(url: &str) -> &str {
    let after = url.split_once("://").map_or(url, |(_, after)| after);
    let host = after.split('/').next().unwrap_or_default();
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_fine() {
        assert_eq!(Config::default().mistakes(), Vec::<String>::new());
    }

    fn read(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Config, String> {
        let file = file.parse().map(|table| ("covey.toml".to_owned(), table)).unwrap();
        let environment = environment.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let flags = flags.iter().copied().collect::<std::collections::BTreeMap<_, _>>();
        Config::read(Some(file), environment, &flags)
    }

    #[test]
    fn what_is_set_later_wins_and_what_is_not_set_stays() {
        let file = "data = \"file\"\nlog = \"file\"\nseller = \"file\"\n[prices]\ncurrency = \"EUR\"\n";
        let environment = [("COVEY_LOG", "variable"), ("covey_seller", "variable"), ("COVEY_CONFIG", "x")];
        let config = read(file, &environment, &[("seller", "flag")]).unwrap();
        assert_eq!(config.data, Path::new("file"));
        assert_eq!((config.log.as_str(), config.seller.as_str()), ("variable", "flag"));
        let defaults = Config::default();
        assert_eq!(config.prices.currency.word(), "EUR");
        assert_eq!(config.prices.pro_year, defaults.prices.pro_year);
        assert_eq!((config.listen, config.smtp), (defaults.listen, defaults.smtp));
    }

    #[test]
    fn a_text_of_the_environment_means_what_the_setting_is() {
        let config = |name: &str, text: &str| read("", &[(name, text)], &[]).unwrap();
        for text in ["[127.0.0.1, ::1]", "[\"127.0.0.1\",\"::1\"]", "127.0.0.1,::1"] {
            assert_eq!(config("COVEY_TRUSTED_PROXIES", text).trusted_proxies.len(), 2, "{text}");
        }
        assert!(config("COVEY_TRUSTED_PROXIES", "[]").trusted_proxies.is_empty());
        assert_eq!(config("COVEY_TERMS_VERSION", "2").terms_version, "2");
        assert_eq!(config("COVEY_STRIPE_KEY", "7").stripe_key.as_deref(), Some("7"));
        assert_eq!(config("COVEY_SELLER", "A, [B]").seller, "A, [B]");
        assert_eq!(config("COVEY_SELLER", r#""A\nB""#).seller, "A\nB");
        assert_eq!(config("COVEY_SELLER", r#""A" & B"#).seller, r#""A" & B"#);
        assert!((config("COVEY_SESSION_DAYS", "0.5").session_days - 0.5).abs() < 1e-9);
        assert!((config("COVEY_SESSION_DAYS", " 3 ").session_days - 3.0).abs() < 1e-9);
        assert_eq!(config("COVEY_TRIAL_DAYS", "7").trial_days, 7);
        assert!(config("COVEY_UNSAFE_DATABASE", "true").unsafe_database);
        assert_eq!(config("COVEY_SIGN_UP", "open").sign_up, SignUp::Open);
    }

    #[test]
    fn a_mistake_says_what_and_where_unless_it_is_mended() {
        let unknown = read("color = 1", &[], &[]).unwrap_err();
        assert!(unknown.contains("unknown field `color`") && unknown.ends_with("covey.toml"), "{unknown}");
        let unknown = read("[prices]\nlifetime = 1", &[("COVEY_LOG", "info")], &[]).unwrap_err();
        assert!(unknown.contains("unknown field `lifetime`") && unknown.ends_with("covey.toml"), "{unknown}");
        let unknown = read("", &[("COVEY_COLOR", "1")], &[]).unwrap_err();
        assert!(unknown.ends_with("COVEY_COLOR"), "{unknown}");
        let wrong = read("", &[("COVEY_TRIAL_DAYS", "soon")], &[]).unwrap_err();
        assert!(wrong.contains("\"soon\"") && wrong.ends_with("COVEY_TRIAL_DAYS"), "{wrong}");
        assert!(read("trial_days = \"soon\"", &[("COVEY_TRIAL_DAYS", "7")], &[]).is_ok());
    }

    #[test]
    fn what_is_probably_not_meant_is_said() {
        let warned = |config: Config| config.warnings().join("\n");
        assert_eq!(warned(Config::default()), "");
        let https = Config { public_url: Some("https://covey.org".into()), ..Config::default() };
        assert!(warned(https.clone()).contains("trusted_proxies is empty"));
        let proxied = Config { trusted_proxies: vec![[127, 0, 0, 1].into()], ..https };
        assert_eq!(warned(proxied.clone()), "");
        let open = Config { sign_up: SignUp::Open, ..proxied };
        assert!(warned(open.clone()).contains("ANYONE CAN SIGN UP"));
        assert_eq!(warned(Config { smtp: Some("smtp://mail.x.org".into()), ..open }), "");
        let bare = Config { listen: SocketAddr::from(([0, 0, 0, 0], 80)), ..Config::default() };
        assert!(warned(bare).contains("without https"));
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let config = Config {
            public_url: Some("covey.org".into()),
            database: "mysql://x".into(),
            smtp: Some("mail".into()),
            mail_from: "nobody".into(),
            session_days: 0.0,
            ..Config::default()
        };
        assert_eq!(config.mistakes().len(), 5);
    }
}
