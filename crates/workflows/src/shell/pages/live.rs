//! What every page hears while it is open: the unread requests, and whether its session goes on.

use std::{sync::Arc, time::Duration};

use axum::response::Response;
use serde::Serialize;

use access::{Role, SignedIn};
use kernel::{
    error::Result,
    id::{AccountId, UserId},
};
use messaging::requests;
use people::{accounts::belongings, sessions};
use storage::Tx;
use web::{May, live::stream_of};

/// How soon a session that runs out by time is noticed. One that is ended is noticed at once.
const GLANCE: Duration = Duration::from_secs(30);

/// What a page hears.
#[derive(PartialEq, Serialize)]
struct Heard {
    /// Who is signed in, for a page that was loaded by someone else.
    user: UserId,
    /// How many requests are unread in all accounts.
    inbox: i64,
}

/// The accounts that someone works in.
async fn works_in(tx: &Tx, user: UserId) -> Result<Vec<AccountId>> {
    let rows = belongings(tx, user).await?;
    let mut accounts =
        rows.iter().filter(|row| Role::works(row.role)).map(|row| row.account).collect::<Vec<_>>();
    accounts.dedup();
    Ok(accounts)
}

async fn heard(may: Arc<May<SignedIn>>) -> Result<Heard> {
    let read = may.read(async |tx, by| {
        let mut inbox = 0;
        for account in works_in(tx, by.user()).await? {
            inbox += requests::unread(tx, account, by.user()).await?;
        }
        Ok(Heard { user: by.user(), inbox })
    });
    read.await
}

/// The stream ends with the session.
pub(crate) async fn live(may: May<SignedIn>) -> Result<Response> {
    let topics = may.read(async |tx, by| {
        let mut topics = vec![sessions::topic(by.user())];
        for account in works_in(tx, by.user()).await? {
            topics.extend(requests::topics(tx, account, by.user()).await?);
        }
        Ok(topics)
    });
    let topics = topics.await?;
    Ok(stream_of(may, topics, GLANCE, heard))
}
