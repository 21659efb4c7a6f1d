//! Where webhooks may lead: to public addresses by https, and to what the operator allows.
//!
//! A name says nothing about where it leads, and may lead elsewhere a moment later. So a name is looked up once, by the
//! resolver that the HTTP client itself asks; what it answers is checked, and only that is connected to.

use std::{
    error::Error,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use futures_util::future::BoxFuture;
use kernel::net::{Allowed, is_public};
use platform::config::Config;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

/// The longest address of a webhook, in characters.
const LONGEST: usize = 2_000;

/// Finds the addresses of a host. For tests there are others than the system's.
pub trait Lookup: Send + Sync {
    /// The addresses, in the order in which they are tried.
    fn lookup(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The system's.
struct System;

impl Lookup for System {
    fn lookup(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let host = host.to_owned();
        Box::pin(
            async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|found| found.ip()).collect()) },
        )
    }
}

/// What webhooks may reach.
#[derive(Clone)]
pub struct Targets {
    allowed: Arc<[Allowed]>,
    lookup: Arc<dyn Lookup>,
}

/// The host leads to no address that may be reached.
#[derive(Debug, thiserror::Error)]
#[error("{0}, which is not a public address")]
pub(super) struct NotPublic(IpAddr);

impl Targets {
    /// What this server's configuration allows.
    pub(super) fn of(config: &Config) -> Self {
        Self::new(&config.webhook_allow)
    }

    /// Those of the configuration's `webhook_allow`, and everything public.
    pub fn new(allowed: &[String]) -> Self {
        Self::found_by(allowed, Arc::new(System))
    }

    /// As [`new`](Self::new), with addresses from another source.
    pub fn found_by(allowed: &[String], lookup: Arc<dyn Lookup>) -> Self {
        Self { allowed: allowed.iter().filter_map(|entry| entry.parse().ok()).collect(), lookup }
    }

    fn allows_host(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        self.allowed.iter().any(|entry| matches!(entry, Allowed::Host(name) if name == host))
    }

    fn allows_address(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|entry| matches!(entry, Allowed::Range(range) if range.covers(address)))
    }

    /// Reads a URL, if a webhook may lead there as far as it shows. Odd spellings of addresses are read as the client
    /// reads them: `0x7f.1` is 127.0.0.1.
    pub(super) fn read(&self, text: &str) -> Result<Url, &'static str> {
        let text = text.trim();
        if text.chars().count() > LONGEST {
            return Err("Use at most 2,000 characters.");
        }
        let url = Url::parse(text).map_err(|_| "Enter an address such as https://example.com/hooks.")?;
        let host = url.host_str().unwrap_or_default().to_owned();
        if !matches!(url.scheme(), "https" | "http") || host.is_empty() {
            return Err("Enter an address such as https://example.com/hooks.");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("Leave out the user name and password. Check the signature instead.");
        }
        if url.fragment().is_some() {
            return Err("Leave out the part after #.");
        }
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        let allowed = address.map_or_else(|| self.allows_host(&host), |address| self.allows_address(address));
        if allowed {
            return Ok(url);
        }
        if url.scheme() != "https" {
            return Err("Use https.");
        }
        if address.is_some_and(|address| !is_public(address)) {
            return Err("This is not a public address. Only the operator of the server can allow it.");
        }
        match url.port_or_known_default() {
            Some(443 | 1024..) => Ok(url),
            _ => Err("Use port 443, or one from 1024 on."),
        }
    }
}

impl Targets {
    /// The addresses of a host that may be connected to.
    async fn checked(self, host: String) -> Result<Addrs, Box<dyn Error + Send + Sync>> {
        let found = self.lookup.lookup(&host).await?;
        let first = found.first().copied();
        let fine = |address: &IpAddr| {
            self.allows_host(&host) || is_public(*address) || self.allows_address(*address)
        };
        let checked = found.into_iter().filter(fine).map(|ip| SocketAddr::new(ip, 0)).collect::<Vec<_>>();
        match (checked.is_empty(), first) {
            (true, Some(first)) => Err(NotPublic(first).into()),
            (true, None) => Err(io::Error::from(io::ErrorKind::NotFound).into()),
            _ => Ok(Box::new(checked.into_iter())),
        }
    }
}

impl Resolve for Targets {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(self.clone().checked(name.as_str().to_ascii_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(allowed: &[&str]) -> Targets {
        Targets::new(&allowed.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn only_public_addresses_by_https_are_targets() {
        let targets = targets(&[]);
        for fine in [
            "https://example.com/hooks?x=1",
            "https://example.com:8443",
            "https://example.com:443/",
            "https://1.1.1.1/",
            "https://[2606:4700::1111]/",
            "https://büro.example/",
        ] {
            assert!(targets.read(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "http://example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "example.com",
            "https://",
            "https://user@example.com/",
            "https://user:pw@example.com/",
            "https://:pw@example.com/",
            "https://example.com/#x",
            "https://example.com:22/",
            "https://example.com:80/",
            "https://example.com:0/",
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://017700000001/",
            "https://127.1/",
            "https://127.0.0.1./",
            "https://１２７.0.0.1/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[64:ff9b::127.0.0.1]/",
            "https://[fe80::1]/",
            "https://[fd00::1]/",
            "https://0.0.0.0/",
            "https://0/",
            "https://10.0.0.1/",
            "https://169.254.169.254/latest",
            "https://100.64.0.1/",
            "https://[fe80::1%25eth0]/",
        ] {
            assert!(targets.read(wrong).is_err(), "{wrong}");
        }
        let long = format!("https://example.com/{}", "a".repeat(2_000));
        assert!(targets.read(&long).is_err());
    }

    #[test]
    fn what_the_operator_allows_is_a_target_by_http_and_on_any_port() {
        let targets = targets(&["127.0.0.1", "10.0.0.0/8", "hooks.local"]);
        for fine in ["http://127.0.0.1:81/", "http://0x7f.1/", "https://10.9.9.9:22/", "http://HOOKS.local./"]
        {
            assert!(targets.read(fine).is_ok(), "{fine}");
        }
        for wrong in ["http://127.0.0.2/", "http://[::ffff:127.0.0.1]/", "http://x.hooks.local/"] {
            assert!(targets.read(wrong).is_err(), "{wrong}");
        }
    }
}
