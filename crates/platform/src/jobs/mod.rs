//! What happens after the answer: mail out of the outbox, and the hourly tidying.
//!
//! An email is queued in the transaction of its cause, so it exists exactly if its cause does. The
//! worker delivers it, tries again with growing pauses, and shows it to an administrator when it
//! gives up. Nothing here decides what to say: slices write the emails.

mod letter;
mod store;
mod transport;
mod worker;

pub use letter::{Letter, Voice, enqueue, enqueue_all, enqueue_as, enqueue_from};
pub use store::{
    HeldUp, MailRow, MailState, Mails, held_up, list, outage, retry, retry_for_anyone, sent_today, spare,
    waiting,
};
pub use transport::{Delivery, SmtpUrl, Transport};
pub use worker::{Worker, deliver_due, tidy};
