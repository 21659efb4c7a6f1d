//! A letter: what a mail says, once, for its text and its HTML form.

use askama::Template;

use crate::jobs::store;
use kernel::{
    error::{Error, Result},
    id::{AccountId, MailId},
};
use storage::Tx;

/// How many letters are written by one statement.
const AT_ONCE: usize = 200;

/// The content of a mail.
#[derive(Clone, Debug, Template)]
#[template(path = "jobs/templates/letter.html")]
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

    /// The form for everybody else.
    ///
    /// # Errors
    /// The template can't be rendered: a mistake of ours.
    pub fn html(&self) -> Result<String> {
        self.render().map_err(Error::internal)
    }
}

/// Queues a letter in the caller's transaction; the worker is woken when that commits.
///
/// # Errors
/// The database fails.
pub async fn enqueue(tx: &Tx, letter: &Letter) -> Result<MailId> {
    let id = tx.id();
    store::insert(tx, id, letter, &letter.text(), &letter.html()?).await?;
    tx.announce(store::TOPIC);
    Ok(id)
}

/// Queues several letters at once, as [`enqueue`] does one.
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
