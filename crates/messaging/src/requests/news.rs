//! Who hears of what. A step or a message is news for the side that didn't make it; people hear of it in their
//! counts at once, and by mail if they had nothing unread in that request: so nobody gets a second email about
//! a request before they have read what the first was about.
//!
//! Claiming and giving back are shown, not told: otherwise the email about them would keep back the one with
//! the answer.

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
    /// Someone wrote, or attached a file.
    Said,
    /// Someone took it up.
    Claimed,
    /// Someone gave it back.
    Released,
    /// It was handed to someone.
    Assigned,
    /// The sender was asked something.
    Asked,
    /// It was done.
    Done,
    /// It was declined.
    Declined,
    /// Its sender called it off.
    Canceled,
    /// Its sender opened it again.
    Reopened,
    /// It was passed to this user group.
    Forwarded(UserGroupId, String),
}

impl News {
    /// What the sender reads of it.
    fn to_sender(&self) -> Option<About> {
        match self {
            Self::Said => Some(About::Answer),
            Self::Asked => Some(About::Question),
            Self::Done => Some(About::Done),
            Self::Declined => Some(About::Declined),
            Self::Forwarded(..) => Some(About::PassedOn),
            Self::Claimed | Self::Released | Self::Assigned | Self::Canceled | Self::Reopened => None,
        }
    }

    /// What whoever holds it reads of it.
    fn to_holder(&self) -> Option<About> {
        match self {
            Self::Said => Some(About::Message),
            Self::Assigned => Some(About::Handed),
            Self::Canceled => Some(About::Canceled),
            _ => None,
        }
    }

    /// Whether it is news for the receivers that `holds` says whether the one who acts is the holder.
    fn for_receivers(&self, holds: bool) -> bool {
        match self {
            Self::Said => !holds,
            Self::Claimed | Self::Asked | Self::Done | Self::Declined => false,
            _ => true,
        }
    }
}

/// Tells of a new request.
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

/// Tells of what happened to a request, which was `row` before; and whoever did it has read it.
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
        let handed = matches!(news, News::Assigned);
        told.extend(store::holder_to_tell(tx, by, handed).await?.map(|email| (email, about)));
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
        // Whoever is both its sender and in its user group hears of it once.
        if letters.iter().all(|letter| letter.to != email) {
            letters.push(mail::letter(site, account, request, user_group, email, about));
        }
    }
    enqueue_all(tx, &letters).await
}
