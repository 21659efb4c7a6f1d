//! The letters about signing in.

use crate::users::UserRow;
use platform::jobs::Letter;

fn letter(to: &str, subject: &str, paragraphs: Vec<String>) -> Letter {
    let (to, subject) = (to.to_owned(), subject.to_owned());
    Letter { account: None, to, subject, paragraphs, button: None, small: Vec::new() }
}

pub(super) fn reset(user: &UserRow, link: &str, by: Option<&str>) -> Letter {
    let asked = match by {
        Some(by) => format!("{by} has asked us to send you a link with which you choose a new password."),
        None => "You, or somebody who knows your address, asked for a new password.".to_owned(),
    };
    Letter {
        button: Some(("Choose a new password".to_owned(), link.to_owned())),
        small: vec![
            "The link works once, for one hour. If you don't need it, ignore this mail: your password stays as it is."
                .to_owned(),
        ],
        ..letter(&user.email, "Choose a new password", vec![format!("Hello {},", user.name), asked])
    }
}

pub(super) fn no_such_person(to: &str, sign_in: &str) -> Letter {
    Letter {
        button: Some(("Sign in".to_owned(), sign_in.to_owned())),
        ..letter(
            to,
            "No account with this address",
            vec![
                "Someone, probably you, asked for a new password, but there is no account with this address."
                    .to_owned(),
                "If you belong to a practice, sign in with the address that its invitation was sent to."
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
            format!("Hello {},", user.name),
            "Your password was just changed, and all other sign-ins were ended.".to_owned(),
            "If it wasn't you, choose a new password at once with \"Forgot password\" on the sign-in page."
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
                "Someone entered a wrong password for you 100 times in a row, so it's locked now. Browsers in which \
                 you have signed in before still take it."
                    .to_owned(),
                "To sign in from anywhere else, reset your password.".to_owned(),
            ],
        )
    }
}

/// It says nothing that a stranger typed: this server carries no words to people who never asked for them.
pub(super) fn confirm_sign_up(to: &str, link: &str) -> Letter {
    Letter {
        button: Some(("Confirm my address".to_owned(), link.to_owned())),
        small: vec![
            "The link works for 24 hours, together with the password that you chose. If you didn't sign up, \
             ignore this mail: without your help nothing comes of it."
                .to_owned(),
        ],
        ..letter(
            to,
            "Confirm your address",
            vec!["Hi,".to_owned(), "You're almost done. Confirm that this address is yours.".to_owned()],
        )
    }
}

pub(super) fn known_already(user: &UserRow, sign_in: &str) -> Letter {
    Letter {
        button: Some(("Sign in".to_owned(), sign_in.to_owned())),
        ..letter(
            &user.email,
            "You have an account already",
            vec![
                format!("Hello {},", user.name),
                "somebody, probably you, tried to sign up with this address, but you have an account already. \
                 Sign in with it; if you forgot the password, you can choose a new one there."
                    .to_owned(),
            ],
        )
    }
}

/// As [`confirm_sign_up`], it says nothing that was typed.
pub(super) fn confirm_address(to: &str, link: &str) -> Letter {
    Letter {
        button: Some(("Use this address".to_owned(), link.to_owned())),
        small: vec!["The link works for 24 hours. Until then your old address stays in use.".to_owned()],
        ..letter(
            to,
            "Confirm your new address",
            vec!["Hi,".to_owned(), "You asked to sign in with this address from now on.".to_owned()],
        )
    }
}

pub(super) fn address_changing(user: &UserRow, new: &str) -> Letter {
    letter(
        &user.email,
        "Your address is about to change",
        vec![
            format!("Hello {},", user.name),
            format!(
                "you asked to sign in with {new} from now on. It changes once that address is confirmed."
            ),
            "If it wasn't you, change your password now: that also cancels the change of address.".to_owned(),
        ],
    )
}
