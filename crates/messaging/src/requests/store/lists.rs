//! The lists of requests, and one request as a person sees it: as its sender, or as one of its receivers.
//!
//! What is still to be done is sorted by urgency: overdue first, then high priority, then by due date, then by the last
//! change. A list that also has closed requests is a history, newest first.

use crate::requests::{Mailbox, Place, Priority, State};
use access::{AccountMember, RequestScope};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, RequestId, UserGroupId, UserId},
    search,
};
use storage::{Param, Sql, Tx, Weight, row, sql};

row! {
    /// A request, as lists show it and as someone stands toward it: the person `$2`, who looks as its sender
    /// (`$3`) or as one of its receivers (`$4`). The holder of an open request must still be in the user group;
    /// otherwise no one holds it.
    #[derive(Clone, Debug)]
    pub struct RequestRow {
        pub id: RequestId = "r.id",
        pub account: AccountId = "r.account_id",
        /// Counts from 1 in each account.
        pub number: i64 = "r.number",
        pub subject: String = "r.subject",
        pub priority: Priority = "r.priority",
        pub due_at: Option<Time> = "r.due_at",
        pub state: State =
            "CASE WHEN r.state IN ('claimed', 'waiting') AND hm.user_id IS NULL THEN 'new' ELSE r.state END",
        pub sender: UserId = "r.sender_id",
        pub sender_name: String = "s.name",
        /// The user group it is addressed to.
        pub user_group: UserGroupId = "r.user_group_id",
        pub user_group_name: String = "ug.name",
        /// Who holds it, or held it last.
        pub claimed_by: Option<UserId> =
            "CASE WHEN r.closed_at IS NULL AND hm.user_id IS NULL THEN NULL ELSE r.claimed_by END",
        pub claimer: Option<String> =
            "CASE WHEN r.closed_at IS NULL AND hm.user_id IS NULL THEN NULL ELSE c.name END",
        pub claimed_at: Option<Time> =
            "CASE WHEN r.closed_at IS NULL AND hm.user_id IS NULL THEN NULL ELSE r.claimed_at END",
        pub created_at: Time = "r.created_at",
        pub updated_at: Time = "r.updated_at",
        /// When it was completed, declined or canceled.
        pub settled_at: Option<Time> = "r.closed_at",
        /// When something last was new to its sender or its receivers.
        pub news_at: Time =
            "CASE WHEN r.sender_news_at > r.receiver_news_at THEN r.sender_news_at
              ELSE r.receiver_news_at END",
        /// Counts the changes.
        pub version: i64 = "r.version",
        /// The number of clients it is about.
        pub clients: i64 =
            "(SELECT count(*) FROM request_clients rc
              WHERE rc.account_id = r.account_id AND rc.request_id = r.id)",
        /// Whether it has news for the person who looks.
        pub unread: bool =
            "CASE WHEN ($3 AND r.sender_news_at > COALESCE(d.read_at, 0))
                OR ($4 AND (r.state = 'new' OR r.claimed_by = $2)
                    AND r.receiver_news_at > COALESCE(d.read_at, 0))
              THEN TRUE ELSE FALSE END",
    }
}

impl RequestRow {
    pub fn overdue(&self, now: Time) -> bool {
        self.settled_at.is_none() && self.due_at.is_some_and(|due| due < now)
    }
}

/// Requests that the person `$2` reads, out of these tables.
macro_rules! select_requests {
    ($from:literal, $($rest:expr),+) => {
        sql!(
            concat!(
                "SELECT {} FROM ",
                $from,
                " JOIN users s ON s.id = r.sender_id \
                  JOIN user_groups ug ON ug.account_id = r.account_id AND ug.id = r.user_group_id \
                  LEFT JOIN users c ON c.id = r.claimed_by \
                  LEFT JOIN user_group_members h ON h.account_id = r.account_id AND h.user_id = r.claimed_by \
                       AND h.user_group_id = r.user_group_id AND h.until IS NULL \
                  LEFT JOIN workers hm ON hm.account_id = h.account_id AND hm.user_id = h.user_id \
                  LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = $2 AND d.request_id = r.id ",
                $($rest),+
            ),
            RequestRow
        )
    };
}

pub(crate) async fn show(tx: &Tx, scope: &RequestScope) -> Result<RequestRow> {
    tx.one(
        select_requests!("requests r", "WHERE r.account_id = $1 AND r.id = $5"),
        &[&scope.account(), &scope.user(), &scope.is_sender(), &scope.is_receiver(), &scope.request()],
    )
    .await
}

/// Which requests to list.
#[derive(Clone, Debug)]
pub struct Filter {
    pub mailbox: Mailbox,
    /// Only those that are still open.
    pub open: bool,
    /// Along with open ones, those that were closed lately and have news.
    pub unread: bool,
    pub state: Option<State>,
    /// Only those addressed to this user group.
    pub to: Option<UserGroupId>,
    pub overdue: bool,
    /// Part of the subject or the number.
    pub search: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl Filter {
    /// Whether finding them takes long.
    pub fn weight(&self) -> Weight {
        match self.search.is_some() {
            true => Weight::Heavy,
            false => Weight::Light,
        }
    }

    /// Whether there is only what is still to be done, and what has news.
    pub fn by_urgency(&self) -> bool {
        self.open || self.state.is_some_and(State::open)
    }
}

/// The order by urgency as three numbers that ascend. [`Place::of`] computes the same.
macro_rules! urgency {
    () => {
        "CASE WHEN r.closed_at IS NULL AND r.due_at < $10 THEN 0 \
              WHEN r.closed_at IS NULL AND r.priority = 'high' THEN 1 ELSE 2 END, \
         CASE WHEN r.closed_at IS NULL THEN COALESCE(r.due_at, 9223372036854775807) \
              ELSE 9223372036854775807 END, \
         -r.updated_at"
    };
}

/// What every list asks, whatever its order.
macro_rules! filters {
    () => {
        " AND (CAST($6 AS TEXT) IS NULL OR r.state = $6) AND ($7 OR r.user_group_id = $8) \
          AND (NOT $9 OR (r.closed_at IS NULL AND r.due_at < $10)) \
          AND (CAST($11 AS TEXT) IS NULL OR r.search LIKE $11 ESCAPE '\\') "
    };
}

/// The lists of a mailbox: the history; what is open, by urgency; the same with what was closed since `$16` and has
/// news.
macro_rules! lists {
    ($name:ident: $unread:literal, $from:literal, $whose:literal) => {
        const $name: [Sql; 3] = [
            select_requests!(
                $from,
                concat!("WHERE ", $whose, filters!(), "AND r.id < $5 ORDER BY r.id DESC LIMIT $12")
            ),
            lists!(@ $from, $whose, "AND r.closed_at IS NULL "),
            lists!(
                @ $from, $whose,
                "AND (r.closed_at IS NULL OR r.closed_at > $16) AND (r.closed_at IS NULL OR (", $unread, ")) "
            ),
        ];
    };
    (@ $from:literal, $whose:literal, $($open:literal),+) => {
        select_requests!(
            $from,
            concat!(
                "WHERE ", $whose, filters!(), $($open,)+
                "AND ((", urgency!(), ") > (CAST($13 AS BIGINT), CAST($14 AS BIGINT), CAST($15 AS BIGINT)) \
                  OR ((", urgency!(), ") = (CAST($13 AS BIGINT), CAST($14 AS BIGINT), CAST($15 AS BIGINT)) \
                      AND r.id < $5)) \
                  ORDER BY ", urgency!(), ", r.id DESC LIMIT $12"
            )
        )
    };
}
lists!(INBOX:
    "(r.state = 'new' OR r.claimed_by = $2) AND r.receiver_news_at > COALESCE(d.read_at, 0)",
    "user_group_members um JOIN receivers p ON p.account_id = um.account_id \
         AND p.user_group_id = um.user_group_id \
         JOIN requests r ON r.account_id = um.account_id AND r.user_group_id = um.user_group_id",
    "um.account_id = $1 AND um.user_id = $2 AND um.until IS NULL"
);
lists!(MINE:
    "r.receiver_news_at > COALESCE(d.read_at, 0)",
    "requests r JOIN user_group_members um ON um.account_id = r.account_id AND um.user_id = r.claimed_by \
         AND um.user_group_id = r.user_group_id AND um.until IS NULL \
         JOIN receivers p ON p.account_id = um.account_id AND p.user_group_id = um.user_group_id",
    "r.account_id = $1 AND r.claimed_by = $2"
);
lists!(SENT:
    "r.sender_news_at > COALESCE(d.read_at, 0)",
    "sent_requests r",
    "r.account_id = $1 AND r.sender_id = $2"
);

/// A page of one of the caller's mailboxes. `closed_since` says since when closed requests still count as news.
pub(crate) async fn list(
    tx: &Tx,
    scope: &AccountMember,
    filter: &Filter,
    place: &Place,
    closed_since: Time,
    limit: i64,
) -> Result<Vec<RequestRow>> {
    let of = match filter.mailbox {
        Mailbox::Inbox => &INBOX,
        Mailbox::Sent => &SENT,
        Mailbox::Mine => &MINE,
    };
    let urgent = filter.by_urgency();
    let sent = filter.mailbox == Mailbox::Sent;
    let search = filter.search.as_deref().map(search::pattern);
    let (account, user, any, not_sent) = (scope.account(), scope.user(), filter.to.is_none(), !sent);
    let [rank, due, changed] = &place.key;
    let mut params: Vec<&dyn Param> = vec![
        &account,
        &user,
        &sent,
        &not_sent,
        &place.id,
        &filter.state,
        &any,
        &filter.to,
        &filter.overdue,
        &place.now,
        &search,
        &limit,
    ];
    let news = filter.open && filter.unread;
    if urgent {
        params.extend([rank as &dyn Param, due, changed]);
    }
    if news {
        params.push(&closed_since);
    }
    tx.all(of[usize::from(urgent) + usize::from(news)], &params).await
}
