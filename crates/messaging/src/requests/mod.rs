//! Requests: a person asks a user group for something, about clients or a case or in general.
//!
//! Everyone in the user group sees it, one of them claims it, and the answers are in a thread. Who may move a
//! request from which state to which is one pure function, [`steps::after`]; [`moves`] has the verbs that move
//! it, [`actions`] all others. Its sender sees it while they are in every group that it is about; the user group sees what the request shows of a client or case, and nothing
//! of them beyond it; nobody else learns that it exists. A claim by someone who is no longer in the user group
//! counts for nothing.
//!
//! News for the sender and for the receivers are dated apart. Someone has a request unread who read it before
//! its last news for them: for the receivers, if nobody holds it, or if they do.

pub mod actions;
pub mod api;
mod mail;
pub mod moves;
mod news;
pub mod pages;
mod scheduler;
pub mod steps;
mod store;

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
    /// Where a request is.
    pub enum State {
        /// Nobody holds it.
        New = "new",
        /// Someone works on it.
        Claimed = "claimed",
        /// Whoever works on it waits for an answer of its sender.
        Waiting = "waiting",
        /// It was done.
        Done = "done",
        /// It was refused, with a reason.
        Declined = "declined",
        /// Its sender needs it no more.
        Canceled = "canceled",
    }
}

impl State {
    /// The word that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Claimed => "Claimed",
            Self::Waiting => "Waiting for the sender",
            Self::Done => "Done",
            Self::Declined => "Declined",
            Self::Canceled => "Canceled",
        }
    }

    /// Whether there is still something to do.
    pub const fn open(self) -> bool {
        matches!(self, Self::New | Self::Claimed | Self::Waiting)
    }
}

word! {
    /// How pressing a request is.
    pub enum Priority {
        /// When there is time.
        Low = "low",
        /// As usual.
        Normal = "normal",
        /// Before others.
        High = "high",
    }
}

impl Priority {
    /// The word that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Normal => "Normal",
            Self::High => "High",
        }
    }
}

word! {
    /// What an entry of a thread tells.
    pub enum MessageKind {
        /// Something that someone wrote.
        Message = "message",
        /// Someone claimed it.
        Claimed = "claimed",
        /// Whoever held it gave it back.
        Released = "released",
        /// It was handed to someone: the text is their name.
        Assigned = "assigned",
        /// The sender was asked something: the text is the question.
        Waiting = "waiting",
        /// It was done, perhaps with a last word.
        Completed = "completed",
        /// It was declined: the text is the reason.
        Declined = "declined",
        /// Its sender canceled it.
        Canceled = "canceled",
        /// Its sender opened it again.
        Reopened = "reopened",
        /// It was passed to another user group: the text is its name.
        Forwarded = "forwarded",
        /// A file was attached: the text is its name.
        FileAdded = "file_added",
        /// Whoever held it left, so nobody holds it any more.
        LetGo = "let_go",
    }
}

impl MessageKind {
    /// What the author did, as a clause after their name; nothing where they only wrote.
    pub const fn did(self) -> &'static str {
        match self {
            Self::Message => "",
            Self::Claimed => "claimed the request",
            Self::Released => "gave the request back",
            Self::Assigned => "handed the request to",
            Self::Waiting => "asks the sender",
            Self::Completed => "finished the request",
            Self::Declined => "declined the request",
            Self::Canceled => "canceled the request",
            Self::Reopened => "opened the request again",
            Self::Forwarded => "passed the request on to",
            Self::FileAdded => "attached",
            Self::LetGo => "left, so nobody holds the request any more",
        }
    }

    /// Whether its text is a name that ends the clause, rather than something that someone wrote.
    pub const fn names(self) -> bool {
        matches!(self, Self::Assigned | Self::Forwarded | Self::FileAdded)
    }
}

word! {
    /// How someone wants to hear of requests by email.
    pub enum MailPreference {
        /// An email for each thing that is new to them.
        Each = "each",
        /// One email a day, if something waits.
        Digest = "digest",
        /// None.
        None = "none",
    }
}

word! {
    /// Which of someone's mailboxes.
    pub enum Mailbox {
        /// Addressed to the user groups that the caller is in.
        Inbox = "inbox",
        /// Sent by the caller.
        Sent = "sent",
        /// Held by the caller.
        Mine = "mine",
    }
}

/// For how long after a request is settled its news still count as unread, in days.
const UNREAD_DAYS: i64 = 30;

/// The topic of a user group's requests, for live counts.
pub fn topic(user_group: UserGroupId) -> String {
    format!("requests:{user_group}")
}

/// The topic of one person's requests in an account.
pub fn topic_of(account: AccountId, user: UserId) -> String {
    format!("requests:{account}:{user}")
}

/// Since when settled requests still count as unread.
fn counted_since(now: Time) -> Time {
    now.plus(-UNREAD_DAYS * DAY)
}

/// How many requests someone has unread in an account, in all their mailboxes.
pub async fn unread(tx: &Tx, account: AccountId, user: UserId) -> Result<i64> {
    let mailboxes = store::mailboxes(tx, account, user, counted_since(tx.now())).await?;
    Ok(mailboxes.iter().map(|mailbox| mailbox.unread).sum())
}

/// What someone held is nobody's again, because they leave the account or may no longer work in it: their
/// requests are new, and their threads say why.
pub async fn let_go(tx: &Tx, account: AccountId, user: UserId) -> Result<()> {
    let held = store::held_by(tx, account, user).await?;
    store::let_go(tx, account, &held).await
}

/// As [`let_go`], for those who hold requests of a user group that they are no longer in.
pub async fn let_go_in(tx: &Tx, account: AccountId, user_group: UserGroupId) -> Result<()> {
    let held = store::held_by_strangers(tx, account, user_group).await?;
    store::let_go(tx, account, &held).await
}

/// Passes the open requests of a user group on to another, with its name, because the former is deleted: there
/// they are new, and their threads say where they went. Says how many they were.
pub async fn pass_all_on(
    tx: &Tx,
    account: AccountId,
    by: UserId,
    from: UserGroupId,
    to: (UserGroupId, &str),
) -> Result<usize> {
    store::pass_all_on(tx, account, by, from, to).await
}
