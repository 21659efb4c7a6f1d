//! Where the server is reached, and the links that lead there: out of the configuration alone, never out
//! of a request.

use crate::random::Token;

/// What emails and actions need to know of the outside: the only source of links.
#[derive(Clone, Debug)]
pub struct Site {
    /// What links begin with, without a slash at the end.
    pub base_url: String,
    /// Whether mail really leaves; if not, administrators are shown the links.
    pub mail_leaves: bool,
    /// Whether someone who invites may have an invitation's link to pass on. Not where anyone can sign up: there a
    /// stranger who makes an account could join in another's name.
    pub hands_out: bool,
}

/// What is said where a link waits that can't be mailed.
pub const KEPT: &str =
    "This server doesn’t send mail. Its operator can find the email with the link in the data folder.";

impl Site {
    /// How the people whom a change concerns hear of it.
    pub fn told(&self) -> &'static str {
        match self.mail_leaves {
            true => "They get an email.",
            false => "This server doesn’t send mail, so tell them yourself.",
        }
    }

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
