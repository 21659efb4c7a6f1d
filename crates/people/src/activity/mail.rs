//! The daily receipt of the audit trail.

use crate::activity::store::Owner;
use kernel::{clock::date_words, error::Result, id::AccountId, links::Site};
use platform::{audit::Receipt, jobs::Letter};

pub(super) fn receipt(site: &Site, account: AccountId, owner: &Owner, receipt: &Receipt) -> Result<Letter> {
    let day = date_words(&receipt.at.to_string()[..10]);
    Ok(Letter {
        account: Some(account),
        to: owner.email.clone(),
        subject: format!("Audit trail receipt for {}, {day}", owner.account_name),
        paragraphs: vec![
            format!("Hi {},", owner.name),
            format!(
                "The audit trail of {} now ends with event {}. Keep this email. If events are removed later, \
                 it is your proof.",
                owner.account_name, receipt.seq
            ),
            receipt.line()?,
        ],
        button: Some(("View activity".to_owned(), site.page(&format!("/a/{account}/activity")))),
        small: vec![
            "To check the trail, save this email as a file and ask the operator of your server to run: covey audit verify \
             --receipt FILE"
                .to_owned(),
        ],
    })
}
