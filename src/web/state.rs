//! The state that handlers share.

use std::{ops::Deref, sync::Arc};

use crate::{blobs::Blobs, config::Config, db::Db, passwords::Passwords, payments::Provider, random::Token};

/// The server's state: a handle to be cloned.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What the state is made of.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// The configuration.
    pub config: Config,
    /// What letters need to know.
    pub site: Site,
    /// The hashing of passwords.
    pub passwords: Passwords,
    /// The bytes of attached files.
    pub blobs: Blobs,
    /// Who moves money.
    pub payments: Provider,
    /// The API's document, made of the route table.
    pub document: utoipa::openapi::OpenApi,
}

/// What letters and actions need to know of the outside: the only source of links.
#[derive(Clone, Debug)]
pub struct Site {
    /// What links begin with, without a slash at the end.
    pub base_url: String,
    /// Whether mail really leaves; if not, administrators are shown the links.
    pub mail_leaves: bool,
}

impl Site {
    /// A link with a secret: `BASE/kind/token`.
    pub fn link(&self, kind: &str, token: &Token) -> String {
        format!("{}/{kind}/{}", self.base_url, token.reveal())
    }

    /// A link to a page.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// Whether people reach the server over TLS.
    pub fn secure(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}

impl App {
    /// The state of these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
