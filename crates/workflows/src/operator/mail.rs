//! The emails to operators.

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
        format!("Hi {},", to.name),
        format!(
            "{} ({}) at {} asks for {}. They have {has} now.",
            by.name,
            by.email,
            account.name,
            counted(wants, "license", "licenses")
        ),
    ];
    if !note.is_empty() {
        paragraphs.push(format!("Their note: {note}"));
    }
    paragraphs.push(format!(
        "To allow it, run: covey billing arrange --account {} --licenses {wants}. To answer {}, reply \
         to this email.",
        account.id, by.name
    ));
    Letter {
        account: None,
        to: to.email.clone(),
        subject: format!("{} asks for {wants} licenses", account.name),
        paragraphs,
        button: Some(("View accounts".to_owned(), page.to_owned())),
        small: Vec::new(),
    }
}
