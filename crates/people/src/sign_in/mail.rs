//! The emails about signing in.

use crate::users::UserRow;
use platform::jobs::Letter;

fn letter(to: &str, subject: &str, paragraphs: Vec<String>) -> Letter {
    let (to, subject) = (to.to_owned(), subject.to_owned());
    Letter { account: None, to, subject, paragraphs, button: None, small: Vec::new() }
}

pub(super) fn reset(user: &UserRow, link: &str, by: Option<&str>) -> Letter {
    let asked = match by {
        Some(by) => format!("{by} asked us to send you a link to reset your password."),
        None => "Someone, probably you, asked to reset your password.".to_owned(),
    };
    Letter {
        button: Some(("Reset your password".to_owned(), link.to_owned())),
        small: vec![
            "The link works once and expires in one hour. If you don't need it, ignore this email. Your \
             password stays the same."
                .to_owned(),
        ],
        ..letter(&user.email, "Reset your password", vec![format!("Hi {},", user.name), asked])
    }
}

pub(super) fn no_such_person(to: &str, sign_in: &str) -> Letter {
    Letter {
        button: Some(("Sign in".to_owned(), sign_in.to_owned())),
        ..letter(
            to,
            "No account with this email address",
            vec![
                "Hi,".to_owned(),
                "Someone, probably you, asked to reset a password, but no account uses this email address."
                    .to_owned(),
                "If you belong to a practice, sign in with the address that your invitation was sent to."
                    .to_owned(),
            ],
        )
    }
}

pub(super) fn password_changed(user: &UserRow) -> Letter {
    letter(
        &user.email,
        "Your password was changed",
        vec![
            format!("Hi {},", user.name),
            "Your password was just changed, and you were signed out everywhere else.".to_owned(),
            "If it wasn't you, reset your password now: select \"Forgot your password?\" on the sign-in page."
                .to_owned(),
        ],
    )
}

pub(super) fn locked(user: &UserRow, link: &str) -> Letter {
    Letter {
        button: Some(("Reset password".to_owned(), link.to_owned())),
        ..letter(
            &user.email,
            "Your password is locked",
            vec![
                format!("Hi {},", user.name),
                "Someone entered a wrong password for you 100 times in a row, so your password is locked. It \
                 still works in browsers where you have signed in before."
                    .to_owned(),
                "To sign in from anywhere else, reset your password.".to_owned(),
            ],
        )
    }
}

/// It says nothing that a stranger typed: this server carries no words to people who never asked for them.
pub(super) fn confirm_sign_up(to: &str, link: &str) -> Letter {
    Letter {
        button: Some(("Confirm email address".to_owned(), link.to_owned())),
        small: vec![
            "The link works for 24 hours. You also need the password that you chose. If you didn't sign up, \
             ignore this \
             email. Nothing happens without you."
                .to_owned(),
        ],
        ..letter(
            to,
            "Confirm your email address",
            vec!["Hi,".to_owned(), "You're almost done. Confirm your email address.".to_owned()],
        )
    }
}

pub(super) fn known_already(user: &UserRow, sign_in: &str) -> Letter {
    Letter {
        button: Some(("Sign in".to_owned(), sign_in.to_owned())),
        ..letter(
            &user.email,
            "You already have an account",
            vec![
                format!("Hi {},", user.name),
                "Someone, probably you, tried to sign up with this address, but you already have an account. \
                 Sign in \
                 with it. If you forgot your password, you can reset it there."
                    .to_owned(),
            ],
        )
    }
}

/// As [`confirm_sign_up`], it says nothing that was typed.
pub(super) fn confirm_address(to: &str, link: &str) -> Letter {
    Letter {
        button: Some(("Confirm email address".to_owned(), link.to_owned())),
        small: vec![
            "The link works for 24 hours. Until you confirm, you sign in with your old address.".to_owned(),
        ],
        ..letter(
            to,
            "Confirm your new email address",
            vec![
                "Hi,".to_owned(),
                "You asked to change the email address you sign in with to this one.".to_owned(),
            ],
        )
    }
}

pub(super) fn address_changing(user: &UserRow, new: &str) -> Letter {
    letter(
        &user.email,
        "Your email address is about to change",
        vec![
            format!("Hi {},", user.name),
            format!(
                "You asked to change your email address to {new}. It changes when you confirm the new address."
            ),
            "If it wasn't you, change your password now. That also cancels this change.".to_owned(),
        ],
    )
}
