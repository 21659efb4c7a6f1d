//! The two cookies: the session, and the message for the next page.

use axum::http::{HeaderMap, HeaderValue, header};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use kernel::{links::Site, random::Token};

const FLASH: &str = "covey_flash";

/// The session cookie's name. The `__Host-` prefix makes browsers refuse one that another host set;
/// it needs TLS, which plain localhost has not.
fn session_name(site: &Site) -> &'static str {
    if site.secure() { "__Host-covey" } else { "covey" }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

fn set(name: &str, value: &str, seconds: i64, site: &Site) -> Option<HeaderValue> {
    let secure = if site.secure() { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).ok()
}

/// The session's token that the browser sent.
pub fn session(headers: &HeaderMap, site: &Site) -> Option<Token> {
    cookie(headers, session_name(site)).filter(|value| !value.is_empty()).map(Token::presented)
}

/// The token that a program sent as its credential.
pub fn bearer(headers: &HeaderMap) -> Option<Token> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.strip_prefix("Bearer ")).map(Token::presented)
}

/// The session that someone presents: a program in its header, a browser in its cookie.
pub(crate) fn presented(headers: &HeaderMap, site: &Site) -> Option<Token> {
    bearer(headers).or_else(|| session(headers, site))
}

/// Gives the browser a session for so many seconds.
pub fn set_session(site: &Site, token: &Token, seconds: i64) -> Option<HeaderValue> {
    set(session_name(site), token.reveal(), seconds, site)
}

/// Takes the session from the browser.
pub fn clear_session(site: &Site) -> Option<HeaderValue> {
    set(session_name(site), "", 0, site)
}

/// The device cookie's name.
fn device_name(site: &Site) -> &'static str {
    if site.secure() { "__Host-covey-device" } else { "covey-device" }
}

/// What marks the browser as one that someone signed in from.
pub fn device(headers: &HeaderMap, site: &Site) -> Option<Token> {
    cookie(headers, device_name(site)).filter(|value| (32..100).contains(&value.len())).map(Token::presented)
}

/// Marks the browser for a year.
pub fn set_device(site: &Site, token: &Token) -> Option<HeaderValue> {
    set(device_name(site), token.reveal(), 365 * 86_400, site)
}

/// A message for the next page: what happened, and perhaps how to undo it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flash {
    /// The sentence.
    pub text: String,
    /// Whether it reports trouble.
    pub trouble: bool,
    /// A form that undoes what happened: where it posts, and its fields.
    pub undo: Option<(String, Vec<(String, String)>)>,
    /// The way on: what is read, and the page where it leads.
    #[serde(default)]
    pub link: Option<(String, String)>,
}

impl Flash {
    /// Good news.
    pub fn done(text: impl Into<String>) -> Self {
        Self { text: text.into(), trouble: false, undo: None, link: None }
    }

    /// Bad news.
    pub fn trouble(text: impl Into<String>) -> Self {
        Self { text: text.into(), trouble: true, undo: None, link: None }
    }

    /// Offers to undo by posting these fields there.
    #[must_use]
    pub fn undo(mut self, path: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.undo = Some((path.into(), fields));
        self
    }

    /// Offers a way on.
    #[must_use]
    pub fn link(mut self, label: impl Into<String>, path: impl Into<String>) -> Self {
        self.link = Some((label.into(), path.into()));
        self
    }
}

/// The message that the browser brought, if any.
pub fn flash(headers: &HeaderMap) -> Option<Flash> {
    let text = percent_decode_str(cookie(headers, FLASH)?).decode_utf8().ok()?;
    let mut flash: Flash = serde_json::from_str(&text).ok()?;
    // A neighbor may plant cookies: a message only ever leads to a path of ours.
    let ours = |path: &str| path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    flash.undo = flash.undo.filter(|(path, _)| ours(path));
    flash.link = flash.link.filter(|(_, path)| ours(path));
    Some(flash)
}

/// Gives the browser a message for the next page.
pub fn set_flash(site: &Site, flash: &Flash) -> Option<HeaderValue> {
    let json = serde_json::to_string(flash).ok()?;
    let value = utf8_percent_encode(&json, NON_ALPHANUMERIC).to_string();
    // Browsers drop cookies above 4 KiB; a message that long is no message.
    if value.len() > 3500 {
        return set_flash(site, &Flash { text: "Done.".to_owned(), undo: None, link: None, ..flash.clone() });
    }
    set(FLASH, &value, 60, site)
}

/// Takes the message back once it was shown.
pub fn clear_flash(site: &Site) -> Option<HeaderValue> {
    set(FLASH, "", 0, site)
}
