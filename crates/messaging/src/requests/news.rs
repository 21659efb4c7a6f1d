//! Who gets which news. A step or a message is news for the side that did not make it. People see it in their counts at
//! once, and get an email if they had nothing unread in that request: so no one gets a second email about a request
//! before they have read what the first was about.
//!
//! Claiming and releasing are shown but not emailed: that email would hold back the one with the answer.

use crate::requests::{
    mail::{self, About},
    store::{self, RequestRow},
    topic, topic_of,
};
use access::{AccountMember, RequestScope};
use kernel::{
    error::Result,
    id::{AccountId, RequestId, UserGroupId},
    links::Site,
};
use platform::jobs::{Letter, enqueue_all};
use storage::Tx;

/// What happened.
#[derive(Clone, Debug)]
pub(super) enum News {
    /// A message, or a file.
    Said,
    Claimed,
    Released,
    Assigned,
    /// The sender was asked something.
    Asked,
    Done,
    Declined,
    Canceled,
    Reopened,
    /// It was forwarded to this user group.
    Forwarded(UserGroupId, String),
    /// That it is done was undone.
    Undone,
    /// A claim or a release was undone.
    Restored,
}

impl News {
    /// The email to the sender.
    fn to_sender(&self) -> Option<About> {
        match self {
            Self::Said => Some(About::Answer),
            Self::Asked => Some(About::Question),
            Self::Done => Some(About::Done),
            Self::Declined => Some(About::Declined),
            Self::Forwarded(..) => Some(About::Forwarded),
            Self::Undone => Some(About::Undone),
            Self::Claimed
            | Self::Released
            | Self::Assigned
            | Self::Canceled
            | Self::Reopened
            | Self::Restored => None,
        }
    }

    /// The email to the holder.
    fn to_holder(&self) -> Option<About> {
        match self {
            Self::Said => Some(About::Message),
            Self::Assigned => Some(About::Assigned),
            Self::Canceled => Some(About::Canceled),
            _ => None,
        }
    }

    /// Whether it is news for the receivers; `holds` says whether it was the holder who acted.
    fn for_receivers(&self, holds: bool) -> bool {
        match self {
            Self::Said => !holds,
            Self::Claimed | Self::Asked | Self::Done | Self::Declined | Self::Undone | Self::Restored => {
                false
            }
            _ => true,
        }
    }
}

/// Tells the user group about a new request.
pub(super) async fn sent(
    tx: &Tx,
    by: &AccountMember,
    site: &Site,
    id: RequestId,
    to: UserGroupId,
    name: &str,
) -> Result<()> {
    let people = store::group_to_tell(tx, by.account(), to, [by.user(), by.user()]).await?;
    tx.announce(topic(to));
    post(tx, site, by.account(), id, name, people.into_iter().map(|email| (email, About::New))).await
}

/// Tells everyone concerned what happened to a request, which was `row` before. The person who did it has read it.
pub(super) async fn tell(
    tx: &Tx,
    by: &RequestScope,
    site: &Site,
    row: &RequestRow,
    news: News,
) -> Result<()> {
    let mut told: Vec<(String, About)> = Vec::new();
    if let Some(about) = news.to_sender() {
        told.extend(store::sender_to_tell(tx, by).await?.map(|email| (email, about)));
    }
    if let Some(about) = news.to_holder() {
        let assigned = matches!(news, News::Assigned);
        told.extend(store::holder_to_tell(tx, by, assigned).await?.map(|email| (email, about)));
    }
    let (to, name) = match &news {
        News::Forwarded(to, name) => (*to, name.as_str()),
        _ => (row.user_group, row.user_group_name.as_str()),
    };
    let group = match &news {
        News::Forwarded(..) => Some(About::New),
        News::Reopened => Some(About::Reopened),
        _ => None,
    };
    if let Some(about) = group {
        let people = store::group_to_tell(tx, by.account(), to, [by.user(), row.sender]).await?;
        told.extend(people.into_iter().map(|email| (email, about)));
    }
    let holds = row.claimed_by == Some(by.user());
    let for_sender = news.to_sender().is_some() && row.sender != by.user();
    store::date_news(tx, by, for_sender, news.for_receivers(holds)).await?;
    store::mark_read(tx, by.account(), by.user(), by.request(), tx.now()).await?;
    for topic in [
        topic(row.user_group),
        topic(to),
        topic_of(by.account(), row.sender),
        topic_of(by.account(), by.user()),
    ] {
        tx.announce(topic);
    }
    post(tx, site, by.account(), by.request(), name, told.into_iter()).await
}

async fn post(
    tx: &Tx,
    site: &Site,
    account: AccountId,
    request: RequestId,
    user_group: &str,
    told: impl Iterator<Item = (String, About)>,
) -> Result<()> {
    let mut letters: Vec<Letter> = Vec::new();
    for (email, about) in told {
        // A sender who is also in the user group gets one email.
        if letters.iter().all(|letter| letter.to != email) {
            letters.push(mail::letter(site, account, request, user_group, email, about));
        }
    }
    enqueue_all(tx, &letters).await
}
