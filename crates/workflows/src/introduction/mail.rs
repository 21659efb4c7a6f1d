//! The email that introduces the team, with its placeholders filled in.

use kernel::{id::AccountId, links::Site};
use platform::jobs::Letter;

use crate::introduction::{Introduction, Recipient};

/// The placeholders, and what each stands for.
pub(super) const PLACEHOLDERS: [(&str, &str); 5] = [
    ("{name}", "the reader's name"),
    ("{practice}", "the account's name"),
    ("{sender}", "your name"),
    ("{link}", "the sign-in page"),
    ("{guide}", "the quick-start guide"),
];

const SUBJECT: &str = "Welcome to Covey at {practice}";
const BODY: &str = "Hi {name},

{practice} now uses Covey for its groups, cases, and handouts. You see the cases of the groups you belong to. \
People outside a group can't see its cases, except the account's owner and administrators.

Here's how to start:

1. If you got an invitation by email, open its link and choose a password. The link is valid for 7 days.
2. Sign in at {link}.
3. Read the quick-start guide. It takes five minutes: {guide}

If you have questions, reply to this email.

{sender}";

/// The email as Covey proposes it.
pub(super) fn proposed() -> Introduction {
    Introduction { subject: SUBJECT.to_owned(), body: BODY.to_owned(), version: 0 }
}

/// The first word in braces that stands for nothing.
pub(super) fn unknown_placeholder(body: &str) -> Option<String> {
    let mut rest = body;
    while let Some((_, after)) = rest.split_once('{') {
        let (word, tail) = after.split_once('}')?;
        let whole = format!("{{{word}}}");
        let is_word = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
        if is_word && PLACEHOLDERS.iter().all(|(known, _)| *known != whole) {
            return Some(whole);
        }
        rest = tail;
    }
    None
}

/// Who reads the email, from whom and where.
pub(super) struct Filling<'a> {
    pub(super) name: &'a str,
    pub(super) practice: &'a str,
    pub(super) sender: &'a str,
    pub(super) site: &'a Site,
}

impl Filling<'_> {
    /// A text with its placeholders filled in, each once: what fills one is not looked at again.
    pub(super) fn fill(&self, text: &str) -> String {
        let name = if self.name.is_empty() { "there" } else { self.name };
        let (link, guide) = (self.site.page("/sign-in"), self.site.page("/guide"));
        let values = [name, self.practice, self.sender, &link, &guide];
        let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(at) = rest.find('{') {
            filled.push_str(&rest[..at]);
            rest = &rest[at..];
            let known = PLACEHOLDERS.iter().zip(values).find(|((word, _), _)| rest.starts_with(word));
            let (taken, value) = known.map_or(("{", "{"), |((word, _), value)| (*word, value));
            filled.push_str(value);
            rest = &rest[taken.len()..];
        }
        filled.push_str(rest);
        filled
    }

    /// The email to one reader.
    pub(super) fn letter(&self, account: AccountId, to: &Recipient, letter: &Introduction) -> Letter {
        Letter {
            account: Some(account),
            to: to.email.clone(),
            subject: self.fill(&letter.subject),
            paragraphs: self.fill(&letter.body).split("\n\n").map(str::to_owned).collect(),
            button: Some(("Read quick-start guide".to_owned(), self.site.page("/guide"))),
            small: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_once_and_in_one_pass() {
        let site = Site { base_url: "https://x.test".into(), mail_leaves: true, hands_out: true };
        let filling = Filling { name: "{sender}", practice: "Mill & Co", sender: "Ann", site: &site };
        assert_eq!(
            filling.fill("Hi {name} of {practice} { {x}: {link}"),
            "Hi {sender} of Mill & Co { {x}: https://x.test/sign-in"
        );
    }

    #[test]
    fn misspelt_placeholders_are_named() {
        assert_eq!(unknown_placeholder("Hi {nmae}"), Some("{nmae}".into()));
        assert_eq!(unknown_placeholder("Hi {name} {"), None);
        assert_eq!(unknown_placeholder("{a b} {}"), None);
    }
}
