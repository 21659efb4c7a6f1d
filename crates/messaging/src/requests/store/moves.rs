//! Moving a request, or many at once. Most steps are one statement, [`turn`]; a claim has its own, so that one of
//! many wins.

use serde_json::{Value, json};

use crate::requests::{
    MessageKind, State,
    store::{RequestRow, thread::say_in_all},
    topic, topic_of,
};
use access::RequestScope;
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, Period, RequestId, UserGroupId, UserId},
};
use storage::{Tx, hex, ids, row, sql};

/// Claims a request, unless someone who is still in the user group holds it. Returns whether it was claimed.
pub(crate) async fn claim(tx: &Tx, scope: &RequestScope) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE requests SET state = 'claimed', claimed_by = $3, claimed_at = $4, updated_at = $4,
                    version = version + 1
             WHERE account_id = $1 AND id = $2 AND closed_at IS NULL
               AND (state = 'new' OR NOT EXISTS (SELECT 1 FROM user_group_people um
                   WHERE um.account_id = requests.account_id AND um.user_group_id = requests.user_group_id
                     AND um.user_id = requests.claimed_by))"
            ),
            &[&scope.account(), &scope.request(), &scope.user(), &tx.now()],
        )
        .await?;
    Ok(changed == 1)
}

/// A request's fields after a step.
pub(crate) struct Turn {
    pub(crate) state: State,
    pub(crate) holder: Option<(UserId, Time)>,
    pub(crate) to: UserGroupId,
}

/// Moves a request if it is still as it was read. Returns whether it was.
pub(crate) async fn turn(tx: &Tx, scope: &RequestScope, row: &RequestRow, turn: &Turn) -> Result<bool> {
    let (holder, since) = turn.holder.unzip();
    let settled = (!turn.state.open()).then_some(tx.now());
    let changed = tx
        .exec(
            sql!(
                "UPDATE requests SET state = $3, claimed_by = $4, claimed_at = $5, user_group_id = $6, closed_at = $7,
                    updated_at = $8, version = version + 1
             WHERE account_id = $1 AND id = $2 AND version = $9"
            ),
            &[
                &scope.account(),
                &scope.request(),
                &turn.state,
                &holder,
                &since,
                &turn.to,
                &settled,
                &tx.now(),
                &row.version,
            ],
        )
        .await?;
    Ok(changed == 1)
}

row! {
    /// A request whose holder may no longer hold it.
    pub(crate) struct Held {
        pub(crate) id: RequestId = "r.id",
        pub(crate) user_group: UserGroupId = "r.user_group_id",
        pub(crate) holder: UserId = "r.claimed_by",
        pub(crate) sender: UserId = "r.sender_id",
    }
}

pub(crate) async fn held_by(tx: &Tx, account: AccountId, user: UserId) -> Result<Vec<Held>> {
    tx.all(
        sql!(
            "SELECT {} FROM requests r WHERE r.account_id = $1 AND r.claimed_by = $2 AND r.closed_at IS NULL",
            Held
        ),
        &[&account, &user],
    )
    .await
}

/// A user group's requests that are held by people who are not in it.
pub(crate) async fn held_by_strangers(
    tx: &Tx,
    account: AccountId,
    user_group: UserGroupId,
) -> Result<Vec<Held>> {
    tx.all(
        sql!(
            "SELECT {} FROM requests r
             WHERE r.account_id = $1 AND r.user_group_id = $2 AND r.closed_at IS NULL
               AND r.state IN ('claimed', 'waiting') AND NOT EXISTS (SELECT 1 FROM user_group_members um
                   WHERE um.account_id = r.account_id AND um.user_group_id = r.user_group_id
                     AND um.user_id = r.claimed_by AND um.until IS NULL)",
            Held
        ),
        &[&account, &user_group],
    )
    .await
}

/// Releases these requests, with an entry in each thread.
pub(crate) async fn let_go(tx: &Tx, account: AccountId, held: &[Held]) -> Result<()> {
    if held.is_empty() {
        return Ok(());
    }
    let all = held.iter().map(|one| one.id).collect::<Vec<_>>();
    tx.exec(
        listed!(
            "UPDATE requests SET state = 'new', claimed_by = NULL, claimed_at = NULL, receiver_news_at = $2,
                    updated_at = $2, version = version + 1
             WHERE account_id = $1 AND id IN ",
            "$3",
            ""
        ),
        &[&account, &tx.now(), &ids(&all)],
    )
    .await?;
    let authors = held.iter().map(|one| (one.id, one.holder));
    say_in_all(tx, account, authors, MessageKind::LetGo, "").await?;
    for one in held {
        tx.announce(topic(one.user_group));
        tx.announce(topic_of(account, one.sender));
    }
    Ok(())
}

/// Forwards the open requests of one user group to another, where they are new. Returns how many there were.
pub(crate) async fn forward_all(
    tx: &Tx,
    account: AccountId,
    by: UserId,
    from: UserGroupId,
    to: (UserGroupId, &str),
) -> Result<usize> {
    let open = tx
        .all::<(RequestId, UserId)>(
            sql!(
                "SELECT id, sender_id FROM requests
                 WHERE account_id = $1 AND user_group_id = $2 AND closed_at IS NULL"
            ),
            &[&account, &from],
        )
        .await?;
    if open.is_empty() {
        return Ok(0);
    }
    let ids = ids(&open.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    tx.exec(
        listed!(
            "UPDATE requests SET user_group_id = $4, state = 'new', claimed_by = NULL, claimed_at = NULL,
                    receiver_news_at = $2, updated_at = $2, version = version + 1
             WHERE account_id = $1 AND id IN ",
            "$3",
            ""
        ),
        &[&account, &tx.now(), &ids, &to.0],
    )
    .await?;
    tx.exec(
        listed!(
            "UPDATE request_addressees SET until = $2
             WHERE account_id = $1 AND until IS NULL AND request_id IN ",
            "$3",
            ""
        ),
        &[&account, &tx.now(), &ids],
    )
    .await?;
    let periods =
        open.iter().map(|(request, _)| json!({ "id": hex(tx.id::<Period>()), "request": hex(*request) }));
    let periods = Value::Array(periods.collect()).to_string();
    tx.exec(
        sql!(
            sqlite: "INSERT INTO request_addressees (account_id, request_id, id, user_group_id, since)
             SELECT $1, unhex(value ->> 'request'), unhex(value ->> 'id'), $4, $2 FROM json_each($3)",
            postgres: "INSERT INTO request_addressees (account_id, request_id, id, user_group_id, since)
             SELECT $1, CAST(value ->> 'request' AS UUID), CAST(value ->> 'id' AS UUID), $4, $2
             FROM jsonb_array_elements(CAST(CAST($3 AS TEXT) AS JSONB)) AS periods (value)",
        ),
        &[&account, &tx.now(), &periods, &to.0],
    )
    .await?;
    let authors = open.iter().map(|(request, _)| (*request, by));
    say_in_all(tx, account, authors, MessageKind::Forwarded, to.1).await?;
    for (_, sender) in &open {
        tx.announce(topic_of(account, *sender));
    }
    tx.announce(topic(from));
    tx.announce(topic(to.0));
    Ok(open.len())
}
