//! The emails about second factors: each change tells its person, who may not be the one who made it.

use crate::{factors::FactorKind, users::UserRow};
use platform::jobs::Letter;

const NOT_YOU: &str = "If it wasn't you, reset your password now: select \"Forgot your password?\" on the sign-in page. \
                       Then tell an administrator of your practice.";

fn letter(person: &UserRow, subject: &str, paragraphs: impl IntoIterator<Item = String>) -> Letter {
    let hello = format!("Hi {},", person.name);
    Letter {
        account: None,
        to: person.email.clone(),
        subject: subject.to_owned(),
        paragraphs: std::iter::once(hello).chain(paragraphs).collect(),
        button: None,
        small: Vec::new(),
    }
}

fn named(kind: FactorKind, name: &str) -> String {
    match kind {
        FactorKind::Passkey => format!("the passkey \"{name}\""),
        FactorKind::Code => "an authenticator app".to_owned(),
    }
}

pub(super) fn added(person: &UserRow, kind: FactorKind, name: &str) -> Letter {
    let what = named(kind, name);
    let text = format!("You can now sign in with {what}. You were signed out everywhere else.");
    letter(person, "A second factor was set up", [text, NOT_YOU.to_owned()])
}

pub(super) fn removed(person: &UserRow, kind: FactorKind, name: &str) -> Letter {
    let what = named(kind, name);
    let text = format!("You can no longer sign in with {what}. You were signed out everywhere else.");
    letter(person, "A second factor was removed", [text, NOT_YOU.to_owned()])
}

pub(super) fn recovery_codes_made(person: &UserRow) -> Letter {
    let text = "You have new recovery codes. The ones before no longer work.".to_owned();
    letter(person, "You have new recovery codes", [text, NOT_YOU.to_owned()])
}

/// That someone signed in by a recovery code, with how many are left.
pub(crate) fn recovery_code_used(person: &UserRow, left: i64) -> Letter {
    let left = match left {
        0 => "None are left. Get new ones in your profile, under Second factor.".to_owned(),
        1 => "One is left. Get new ones in your profile, under Second factor.".to_owned(),
        left => format!("{left} are left."),
    };
    let text = format!("Someone, probably you, just signed in with one of your recovery codes. {left}");
    letter(person, "A recovery code was used", [text, NOT_YOU.to_owned()])
}

pub(super) fn reset(person: &UserRow, by: Option<&str>) -> Letter {
    let who = by.unwrap_or("The server's operator");
    let texts = [
        format!("{who} reset your second factors, and you were signed out everywhere."),
        "The next time you sign in, you set up a new one before you go on.".to_owned(),
    ];
    letter(person, "Your second factors were reset", texts)
}
