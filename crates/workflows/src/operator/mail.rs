//! The letters to operators.

use crate::operator::OperatorRow;
use kernel::text::counted;
use people::{accounts::AccountRow, users::UserRow};
use platform::jobs::Letter;

/// An account asks for more licenses than it can buy by itself.
pub(super) fn asked(
    to: &OperatorRow,
    account: &AccountRow,
    by: &UserRow,
    has: i64,
    wants: i64,
    note: &str,
    page: &str,
) -> Letter {
    let mut paragraphs = vec![
        format!("Hello {},", to.name),
        format!(
            "{} ({}) of {} asks for {}; they have {has}.",
            by.name,
            by.email,
            account.name,
            counted(wants, "license", "licenses")
        ),
    ];
    if !note.is_empty() {
        paragraphs.push(format!("They write: {note}"));
    }
    paragraphs.push(format!(
        "To let them buy that many: covey billing arrange --account {} --licenses {wants}. Then answer {}.",
        account.id, by.email
    ));
    Letter {
        account: None,
        to: to.email.clone(),
        subject: format!("{} asks for {wants} licenses", account.name),
        paragraphs,
        button: Some(("Look at the accounts".to_owned(), page.to_owned())),
        small: Vec::new(),
    }
}
