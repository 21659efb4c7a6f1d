//! The emails about requests. They say that there is something to read and where, and nothing of what it is
//! about: no subject, no text, no client and no case ever travels by mail.

use kernel::{
    id::{AccountId, RequestId},
    links::Site,
    text::counted,
};
use platform::jobs::Letter;

/// What an email tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum About {
    /// To the user group: there is a request.
    New,
    /// To the user group: a request is open again.
    Reopened,
    /// To whoever was handed it.
    Handed,
    /// To whoever holds it: someone wrote.
    Message,
    /// To whoever holds it: it was called off.
    Canceled,
    /// To the sender: someone wrote.
    Answer,
    /// To the sender: something was asked.
    Question,
    /// To the sender: it was done.
    Done,
    /// To the sender: it was declined.
    Declined,
    /// To the sender: another user group has it now.
    PassedOn,
}

impl About {
    /// The subject, and the sentence beneath.
    fn words(self, group: &str) -> (String, String) {
        let (subject, text) = match self {
            Self::New => {
                ("A request in GROUP", "there is a request for GROUP. Whoever has time can claim it.")
            }
            Self::Reopened => {
                ("A request in GROUP is open again", "a request to GROUP was opened again by its sender.")
            }
            Self::Handed => {
                ("A request in GROUP was handed to you", "a request to GROUP is yours to answer now.")
            }
            Self::Message => {
                ("News in a request in GROUP", "somebody wrote in the request to GROUP that you hold.")
            }
            Self::Canceled => (
                "A request in GROUP was canceled",
                "the request to GROUP that you hold was canceled by its sender. There is nothing left to do.",
            ),
            Self::Answer => ("An answer from GROUP", "somebody wrote in your request to GROUP."),
            Self::Question => (
                "A question from GROUP",
                "GROUP needs to know something before your request can go on. It waits for your answer.",
            ),
            Self::Done => ("Your request to GROUP is done", "your request to GROUP is done."),
            Self::Declined => (
                "Your request to GROUP was declined",
                "your request to GROUP was declined. The reason stands in it.",
            ),
            Self::PassedOn => ("Your request is with GROUP now", "your request was passed on to GROUP."),
        };
        (subject.replace("GROUP", group), text.replace("GROUP", group))
    }
}

fn small(site: &Site, account: AccountId) -> Vec<String> {
    let settings = site.page(&format!("/a/{account}/requests/settings"));
    vec![
        "What it is about is not in this mail, so that nothing private travels with it.".to_owned(),
        format!("Choose how you hear of requests: {settings}"),
    ]
}

pub(super) fn letter(
    site: &Site,
    account: AccountId,
    request: RequestId,
    user_group: &str,
    email: String,
    about: About,
) -> Letter {
    let (subject, text) = about.words(user_group);
    let link = site.page(&format!("/a/{account}/requests/{request}"));
    Letter {
        account: Some(account),
        to: email,
        subject,
        paragraphs: vec!["Hello,".to_owned(), text],
        button: Some(("Open the request".to_owned(), link)),
        small: small(site, account),
    }
}

/// The daily summary: how many wait, and nothing of what they are about.
pub(super) fn digest(site: &Site, account: AccountId, email: String, unread: i64, overdue: i64) -> Letter {
    let parts =
        [(unread, "with news that you have not read"), (overdue, "that should have been done already")];
    let waiting = parts.iter().filter(|(number, _)| *number > 0);
    let waiting = waiting
        .map(|(number, what)| format!("{} {what}", counted(*number, "request", "requests")))
        .collect::<Vec<_>>();
    let first = if unread > 0 { unread } else { overdue };
    let verb = if first == 1 { "is" } else { "are" };
    Letter {
        account: Some(account),
        to: email,
        subject: "Requests that wait for you".to_owned(),
        paragraphs: vec!["Good morning,".to_owned(), format!("there {verb} {}.", waiting.join(", and "))],
        button: Some(("Open your requests".to_owned(), site.page(&format!("/a/{account}/requests")))),
        small: small(site, account),
    }
}
