//! An email: what a mail says, once, for its text and its HTML form.

use askama::Template;

use crate::jobs::store;
use kernel::{
    error::{Error, Result},
    id::{AccountId, MailId},
};
use storage::Tx;

/// How many emails are written by one statement.
const AT_ONCE: usize = 200;

/// The content of a mail.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The account whose administrators see whether it arrived; none for sign-in matters.
    pub account: Option<AccountId>,
    /// The address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The paragraphs before the button.
    pub paragraphs: Vec<String>,
    /// What to do: the button's words and its link.
    pub button: Option<(String, String)>,
    /// The small print after it.
    pub small: Vec<String>,
}

impl Letter {
    /// The form for people who read plain text.
    pub fn text(&self) -> String {
        let mut text = self.paragraphs.join("\n\n");
        if let Some((label, link)) = &self.button {
            text.push_str(&format!("\n\n{label}:\n{link}"));
        }
        for line in &self.small {
            text.push_str(&format!("\n\n{line}"));
        }
        text.push('\n');
        text
    }

    /// The form for everyone else.
    ///
    /// # Errors
    /// The template can't be rendered: a mistake of ours.
    pub fn html(&self) -> Result<String> {
        self.html_as(&Voice::default())
    }

    pub(super) fn html_as(&self, voice: &Voice<'_>) -> Result<String> {
        let Self { subject, paragraphs, button, small, .. } = self;
        LetterPage { subject, paragraphs, button: button.as_ref(), small, voice }
            .render()
            .map_err(Error::internal)
    }
}

/// Who speaks in a mail, and in which language. Covey, in English, unless it is sent for someone else.
#[derive(Clone, Copy, Debug)]
pub struct Voice<'a> {
    /// As HTML says it: `en`.
    pub language: &'a str,
    /// The name above the text.
    pub name: &'a str,
    /// What leads to the button's address, for programs that show no buttons.
    pub address: &'a str,
}

impl Default for Voice<'_> {
    fn default() -> Self {
        Self { language: "en", name: "Covey", address: "If the button doesn't work, open this address:" }
    }
}

#[derive(Template)]
#[template(path = "jobs/templates/letter.html")]
struct LetterPage<'a> {
    subject: &'a str,
    paragraphs: &'a [String],
    button: Option<&'a (String, String)>,
    small: &'a [String],
    voice: &'a Voice<'a>,
}

/// Queues an email in the caller's transaction; the worker is woken when that commits.
///
/// # Errors
/// The database fails.
pub async fn enqueue(tx: &Tx, letter: &Letter) -> Result<MailId> {
    enqueue_as(tx, letter, &Voice::default()).await
}

/// As [`enqueue`], for what a person did: answers go to that person's address, so the text may invite them. An API key
/// has no address.
///
/// # Errors
/// As [`enqueue`].
pub async fn enqueue_from(tx: &Tx, letter: &Letter, sender: &str) -> Result<MailId> {
    queue(tx, letter, Some(sender).filter(|sender| !sender.is_empty()), &Voice::default()).await
}

/// As [`enqueue`], for someone else or in another language.
///
/// # Errors
/// As [`enqueue`].
pub async fn enqueue_as(tx: &Tx, letter: &Letter, voice: &Voice<'_>) -> Result<MailId> {
    queue(tx, letter, None, voice).await
}

async fn queue(tx: &Tx, letter: &Letter, reply_to: Option<&str>, voice: &Voice<'_>) -> Result<MailId> {
    let id = tx.id();
    store::insert(tx, id, letter, reply_to, voice).await?;
    tx.announce(store::TOPIC);
    Ok(id)
}

/// Queues several emails at once, as [`enqueue`] does one.
///
/// # Errors
/// The database fails.
pub async fn enqueue_all(tx: &Tx, letters: &[Letter]) -> Result<()> {
    for some in letters.chunks(AT_ONCE) {
        store::insert_all(tx, some).await?;
    }
    if !letters.is_empty() {
        tx.announce(store::TOPIC);
    }
    Ok(())
}
