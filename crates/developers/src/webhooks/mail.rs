//! What the owner hears when a webhook stops.

use kernel::{
    id::{AccountId, WebhookId},
    links::Site,
};
use people::activity::Owner;
use platform::jobs::Letter;

/// Deliveries failed for three days.
pub(super) fn paused(
    site: &Site,
    account: AccountId,
    webhook: WebhookId,
    owner: &Owner,
    host: &str,
) -> Letter {
    let what = format!(
        "Events of {} could not be delivered to your webhook at {host} for three days, so it is paused.",
        owner.account_name
    );
    let next = "Nothing is lost: once the receiver works again, resume the webhook. The events since then follow in \
                order. Events are kept for 90 days.";
    letter(site, account, webhook, owner, format!("Webhook paused: {host}"), [what, next.to_owned()])
}

/// The receiver answered 410.
pub(super) fn disabled(
    site: &Site,
    account: AccountId,
    webhook: WebhookId,
    owner: &Owner,
    host: &str,
) -> Letter {
    let what = format!(
        "Your webhook at {host} for {} answered that it is gone for good (410), so it gets no more events.",
        owner.account_name
    );
    let next = "If that is right, delete the webhook. If not, fix the receiver and resume it.";
    letter(site, account, webhook, owner, format!("Webhook disabled: {host}"), [what, next.to_owned()])
}

fn letter(
    site: &Site,
    account: AccountId,
    webhook: WebhookId,
    owner: &Owner,
    subject: String,
    said: [String; 2],
) -> Letter {
    let mut paragraphs = vec![format!("Hi {},", owner.name)];
    paragraphs.extend(said);
    let page = site.page(&format!("/a/{account}/developers/webhooks/{webhook}"));
    Letter {
        account: Some(account),
        to: owner.email.clone(),
        subject,
        paragraphs,
        button: Some(("View webhook".to_owned(), page)),
        small: Vec::new(),
    }
}
