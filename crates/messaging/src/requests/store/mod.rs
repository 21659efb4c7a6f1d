//! The statements of requests, by topic.

/// A statement with the ids of the list that is this parameter in its middle.
macro_rules! listed {
    ($before:literal, $list:literal, $after:literal $(, $row:ty)?) => {
        sql!(
            sqlite: concat!($before, "(SELECT unhex(value) FROM json_each(", $list, "))", $after),
            postgres: concat!(
                $before,
                "(SELECT CAST(value AS UUID) FROM jsonb_array_elements_text(CAST(CAST(",
                $list,
                " AS TEXT) AS JSONB)))",
                $after
            )
            $(, $row)?
        )
    };
}

mod about;
mod addressees;
mod lists;
mod mailboxes;
mod moves;
mod news;
mod sending;
mod thread;

pub use about::{AboutCase, AboutClient, forget_links};
pub(super) use about::{clients, matter};
pub use addressees::Receiver;
pub(super) use addressees::{address, addressee, count_present, present, present_name, receivers};
pub use lists::{Filter, RequestRow};
pub(super) use lists::{list, show};
pub use mailboxes::MailboxRow;
pub(super) use mailboxes::mailboxes;
pub(super) use moves::{Turn, claim, forward_all, held_by, held_by_strangers, let_go, turn};
pub(super) use news::{
    claim_digests, date_news, group_to_tell, holder_to_tell, mail_preference, mark_read, sender_to_tell,
    set_mail_preference, subscribers, waiting,
};
pub(super) use sending::{
    New, Offered, askable, chosen_clients, group_of_case, insert, next_number, offered_cases, offered_clients,
};
pub use thread::{FileRow, MessageRow, stored_files};
pub(super) use thread::{file, files, insert_file, last_messages, messages, say, sizes};
