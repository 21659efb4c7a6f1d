//! The emails about requests. They say that there is something to read and where, and nothing of its content: no
//! subject, no text, no client and no case is ever sent by email.

use kernel::{
    id::{AccountId, RequestId},
    links::Site,
    text::counted,
};
use platform::jobs::Letter;

/// What an email says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum About {
    /// To the user group.
    New,
    /// To the user group.
    Reopened,
    /// To the person it was assigned to.
    Assigned,
    /// To the holder: someone wrote.
    Message,
    /// To the holder.
    Canceled,
    /// To the sender: someone wrote.
    Answer,
    /// To the sender: they were asked something.
    Question,
    /// To the sender.
    Done,
    /// To the sender: it is not done after all.
    Undone,
    /// To the sender.
    Declined,
    /// To the sender: another user group has it now.
    Forwarded,
}

impl About {
    /// The subject, and the text.
    fn words(self, group: &str) -> (String, String) {
        let (subject, text) = match self {
            Self::New => (
                "New request for GROUP",
                "There is a new request for GROUP. Anyone in the group can claim it.",
            ),
            Self::Reopened => {
                ("A request to GROUP was reopened", "The sender of a request to GROUP reopened it.")
            }
            Self::Assigned => {
                ("A request to GROUP was assigned to you", "A request to GROUP was assigned to you.")
            }
            Self::Message => (
                "New message in a request to GROUP",
                "There is a new message in a request to GROUP that is assigned to you.",
            ),
            Self::Canceled => (
                "A request to GROUP was canceled",
                "The sender canceled a request to GROUP that is assigned to you. You have nothing left to do.",
            ),
            Self::Answer => ("New message from GROUP", "There is a new message in your request to GROUP."),
            Self::Question => (
                "Question from GROUP",
                "GROUP has a question about your request. Work on it continues when you answer.",
            ),
            Self::Done => ("Your request to GROUP is done", "GROUP completed your request."),
            Self::Undone => (
                "Your request to GROUP is open again",
                "GROUP had marked your request as done by mistake. It is being worked on again.",
            ),
            Self::Declined => {
                ("Your request to GROUP was declined", "GROUP declined your request. Open it to see why.")
            }
            Self::Forwarded => {
                ("Your request was forwarded to GROUP", "Your request was forwarded to GROUP.")
            }
        };
        (subject.replace("GROUP", group), text.replace("GROUP", group))
    }
}

fn small(site: &Site, account: AccountId) -> Vec<String> {
    let settings = site.page(&format!("/a/{account}/requests/settings"));
    vec![
        "For privacy, details aren’t included in this email.".to_owned(),
        format!("Change how you get emails about requests: {settings}"),
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
        button: Some(("View request".to_owned(), link)),
        small: small(site, account),
    }
}

/// The daily summary: how many are unread or overdue, and nothing of what they are about.
pub(super) fn digest(site: &Site, account: AccountId, email: String, unread: i64, overdue: i64) -> Letter {
    let waiting = [(unread, "unread"), (overdue, "overdue")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| counted(number, &format!("{what} request"), &format!("{what} requests")))
        .collect::<Vec<_>>();
    Letter {
        account: Some(account),
        to: email,
        subject: "Your requests today".to_owned(),
        paragraphs: vec!["Good morning,".to_owned(), format!("You have {}.", waiting.join(" and "))],
        button: Some(("View your requests".to_owned(), site.page(&format!("/a/{account}/requests")))),
        small: small(site, account),
    }
}
