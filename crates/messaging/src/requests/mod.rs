//! Requests: a person asks a user group for something, about clients or a case or in general.
//!
//! Everyone in the user group sees it, one of them claims it, and the answers are in a thread. Who may move a request
//! from which state to which is one pure function, [`steps::after`]; [`moves`] has the verbs that move it, `undo` the
//! one that reverses the last of them, [`actions`] all others. Its sender sees it while they are in every group that
//! it is about. The user group sees what the request shows of a client or case, and nothing more. No one else learns
//! that it exists. A claim by someone who is no longer in the user group counts for nothing.
//!
//! News for the sender and news for the receivers are dated separately. A request is unread for a person who last read
//! it before the latest news for them: for a receiver, if no one holds it or if they do.

pub mod actions;
pub mod api;
mod mail;
pub mod moves;
mod news;
pub mod pages;
mod place;
mod scheduler;
pub mod steps;
mod store;
mod undo;

pub use place::Place;
pub use scheduler::{Scheduler, digests_due};
pub use steps::{Part, Step};
pub use store::{
    AboutCase, AboutClient, FileRow, Filter, MailboxRow, MessageRow, Receiver, RequestRow, forget_links,
    stored_files,
};

use kernel::{
    clock::{DAY, Time},
    error::Result,
    id::{AccountId, UserGroupId, UserId},
};
use storage::{Tx, word};

word! {
    /// The state of a request.
    pub enum State as RequestState {
        /// No one holds it.
        New = "new",
        /// Someone works on it.
        Claimed = "claimed",
        /// The holder waits for an answer from the sender.
        Waiting = "waiting",
        /// It was completed.
        Done = "done",
        /// It was turned down, with a reason.
        Declined = "declined",
        /// Its sender no longer needs it.
        Canceled = "canceled",
    }
}

impl State {
    /// The label on screens.
    pub const fn label(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Claimed => "Claimed",
            Self::Waiting => "Waiting for sender",
            Self::Done => "Done",
            Self::Declined => "Declined",
            Self::Canceled => "Canceled",
        }
    }

    pub const fn open(self) -> bool {
        matches!(self, Self::New | Self::Claimed | Self::Waiting)
    }
}

word! {
    /// How urgent a request is.
    pub enum Priority as RequestPriority {
        /// When there is time.
        Low = "low",
        /// As usual.
        Normal = "normal",
        /// Before others.
        High = "high",
    }
}

impl Priority {
    /// The label on screens.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Normal => "Normal",
            Self::High => "High",
        }
    }
}

word! {
    /// What an entry in a thread says.
    pub enum MessageKind as RequestMessageKind {
        /// A message.
        Message = "message",
        /// Someone claimed it.
        Claimed = "claimed",
        /// Its holder released it.
        Released = "released",
        /// It was assigned to someone: the text is their name.
        Assigned = "assigned",
        /// The sender was asked something: the text is the question.
        Asked = "asked",
        /// It was completed, perhaps with a last message.
        Completed = "completed",
        /// It was declined: the text is the reason.
        Declined = "declined",
        /// Its sender canceled it.
        Canceled = "canceled",
        /// Its sender reopened it.
        Reopened = "reopened",
        /// It was forwarded to another user group: the text is its name.
        Forwarded = "forwarded",
        /// A file was attached: the text is its name.
        FileAdded = "file_added",
        /// Its holder left, so no one holds it now.
        LetGo = "let_go",
        /// The step before it was undone: the text is the word on that step's button.
        Undone = "undone",
    }
}

impl MessageKind {
    /// What the author did, as a clause after their name; empty for a message.
    pub const fn did(self) -> &'static str {
        match self {
            Self::Message => "",
            Self::Claimed => "claimed the request",
            Self::Released => "released the request",
            Self::Assigned => "assigned the request to",
            Self::Asked => "asked the sender",
            Self::Completed => "completed the request",
            Self::Declined => "declined the request",
            Self::Canceled => "canceled the request",
            Self::Reopened => "reopened the request",
            Self::Forwarded => "forwarded the request to",
            Self::FileAdded => "attached",
            Self::LetGo => "left, so no one holds the request now",
            Self::Undone => "undid",
        }
    }

    /// Whether its text is a name that ends the clause, rather than something someone wrote.
    pub const fn names(self) -> bool {
        matches!(self, Self::Assigned | Self::Forwarded | Self::FileAdded | Self::Undone)
    }
}

word! {
    /// How a person wants to get emails about requests.
    pub enum MailPreference as RequestMailPreference {
        /// An email about each piece of news.
        Each = "each",
        /// One email a day, if anything is unread or overdue.
        Digest = "digest",
        /// None.
        None = "none",
    }
}

word! {
    /// A person's mailbox.
    pub enum Mailbox {
        /// Addressed to the user groups they are in.
        Inbox = "inbox",
        /// Sent by them.
        Sent = "sent",
        /// Held by them.
        Mine = "mine",
    }
}

/// How many days after a request is closed its news still counts as unread.
const UNREAD_DAYS: i64 = 30;

/// The topic of a user group's requests, for live counts.
pub fn topic(user_group: UserGroupId) -> String {
    format!("requests:{user_group}")
}

/// The topic of one person's requests in an account.
pub fn topic_of(account: AccountId, user: UserId) -> String {
    format!("requests:{account}:{user}")
}

/// The time since when closed requests still count as unread.
fn counted_since(now: Time) -> Time {
    now.plus(-UNREAD_DAYS * DAY)
}

/// The number of a person's unread requests in an account, in all their mailboxes.
pub async fn unread(tx: &Tx, account: AccountId, user: UserId) -> Result<i64> {
    let mailboxes = store::mailboxes(tx, account, user, counted_since(tx.now())).await?;
    Ok(mailboxes.iter().map(|mailbox| mailbox.unread).sum())
}

/// The topics of everything that may change the number of a person's unread requests in an account.
///
/// # Errors
/// The database fails.
pub async fn topics(tx: &Tx, account: AccountId, user: UserId) -> Result<Vec<String>> {
    let mailboxes = store::mailboxes(tx, account, user, counted_since(tx.now())).await?;
    let mut topics = vec![topic_of(account, user)];
    topics.extend(mailboxes.iter().filter_map(|mailbox| mailbox.user_group).map(topic));
    Ok(topics)
}

/// Releases what a person holds, because they leave the account or may no longer work in it: the requests are new
/// again, and their threads say why.
pub async fn let_go(tx: &Tx, account: AccountId, user: UserId) -> Result<()> {
    let held = store::held_by(tx, account, user).await?;
    store::let_go(tx, account, &held).await
}

/// As [`let_go`], for everyone who holds requests of a user group they are no longer in.
pub async fn let_go_in(tx: &Tx, account: AccountId, user_group: UserGroupId) -> Result<()> {
    let held = store::held_by_strangers(tx, account, user_group).await?;
    store::let_go(tx, account, &held).await
}

/// Forwards the open requests of a user group that is deleted to another, with its name: they are new there, and their
/// threads say where they went. Returns how many there were.
pub async fn forward_all(
    tx: &Tx,
    account: AccountId,
    by: UserId,
    from: UserGroupId,
    to: (UserGroupId, &str),
) -> Result<usize> {
    store::forward_all(tx, account, by, from, to).await
}
