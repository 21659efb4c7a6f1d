//! The emails about API keys.

use kernel::id::AccountId;
use people::activity::Owner;
use platform::jobs::Letter;

/// To the owner: someone else made a key.
pub(super) fn created(account: AccountId, owner: &Owner, maker: &str, name: &str, page: &str) -> Letter {
    Letter {
        account: Some(account),
        to: owner.email.clone(),
        subject: format!("New API key for {}", owner.account_name),
        paragraphs: vec![
            format!("Hi {},", owner.name),
            format!("{maker} created the API key “{name}” for {}.", owner.account_name),
            "Programs that have it can read or change what its scopes say. If you didn't expect this, revoke the key."
                .to_owned(),
        ],
        button: Some(("View API keys".to_owned(), page.to_owned())),
        small: Vec::new(),
    }
}
