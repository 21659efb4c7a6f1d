//! The lists of requests, and one request as a person sees it: as its sender, or as one of its receivers.

use crate::requests::{Mailbox, Priority, State};
use access::{AccountMember, RequestScope};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, RequestId, UserGroupId, UserId},
    search,
};
use storage::{Sql, Tx, Weight, row, sql};

row! {
    /// A request, as lists show it and as someone stands towards it: the person `$2`, who looks as its sender
    /// (`$3`) or as one of its receivers (`$4`). Whoever holds a request that is open must still be in the user
    /// group: otherwise nobody does.
    #[derive(Clone, Debug)]
    pub struct RequestRow {
        /// Its id.
        pub id: RequestId = "r.id",
        /// Its account.
        pub account: AccountId = "r.account_id",
        /// Its number in the account, from 1.
        pub number: i64 = "r.number",
        /// What it is about, on one line.
        pub subject: String = "r.subject",
        /// How pressing it is.
        pub priority: Priority = "r.priority",
        /// Until when it should be done.
        pub due_at: Option<Time> = "r.due_at",
        /// Where it is.
        pub state: State =
            "CASE WHEN r.state IN ('claimed', 'waiting') AND hm.user_id IS NULL THEN 'new' ELSE r.state END",
        /// Who sent it.
        pub sender: UserId = "r.sender_id",
        /// Their name.
        pub sender_name: String = "s.name",
        /// The user group that it is addressed to.
        pub user_group: UserGroupId = "r.user_group_id",
        /// Its name.
        pub user_group_name: String = "ug.name",
        /// Who holds it, or held it last.
        pub claimed_by: Option<UserId> =
            "CASE WHEN r.closed_at IS NULL AND hm.user_id IS NULL THEN NULL ELSE r.claimed_by END",
        /// Their name.
        pub claimer: Option<String> =
            "CASE WHEN r.closed_at IS NULL AND hm.user_id IS NULL THEN NULL ELSE c.name END",
        /// Since when.
        pub claimed_at: Option<Time> =
            "CASE WHEN r.closed_at IS NULL AND hm.user_id IS NULL THEN NULL ELSE r.claimed_at END",
        /// When it was sent.
        pub created_at: Time = "r.created_at",
        /// When it last changed.
        pub updated_at: Time = "r.updated_at",
        /// When it was done, declined or canceled.
        pub settled_at: Option<Time> = "r.closed_at",
        /// When something last was new to its sender or its receivers.
        pub news_at: Time =
            "CASE WHEN r.sender_news_at > r.receiver_news_at THEN r.sender_news_at
              ELSE r.receiver_news_at END",
        /// Counts the changes.
        pub version: i64 = "r.version",
        /// About how many clients it is.
        pub clients: i64 =
            "(SELECT count(*) FROM request_clients rc
              WHERE rc.account_id = r.account_id AND rc.request_id = r.id)",
        /// Whether it holds news for whoever looks.
        pub unread: bool =
            "CASE WHEN ($3 AND r.sender_news_at > COALESCE(d.read_at, 0))
                OR ($4 AND (r.state = 'new' OR r.claimed_by = $2)
                    AND r.receiver_news_at > COALESCE(d.read_at, 0))
              THEN TRUE ELSE FALSE END",
    }
}

impl RequestRow {
    /// Whether it should have been done before `now`.
    pub fn overdue(&self, now: Time) -> bool {
        self.settled_at.is_none() && self.due_at.is_some_and(|due| due < now)
    }
}

/// Requests that the person `$2` reads, out of these tables.
macro_rules! select_requests {
    ($from:literal, $($rest:literal)+) => {
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
    /// Out of which box.
    pub mailbox: Mailbox,
    /// Only where there is still something to do.
    pub open: bool,
    /// With those that are settled and hold news, where only open ones are asked for.
    pub unread: bool,
    /// Only in this state.
    pub state: Option<State>,
    /// Only those addressed to this user group.
    pub to: Option<UserGroupId>,
    /// Only those that should have been done already.
    pub overdue: bool,
    /// Part of the subject or the number.
    pub search: Option<String>,
    /// Only older ones than this: where the page before ended.
    pub before: RequestId,
}

impl Filter {
    /// Whether finding them takes long.
    pub fn weight(&self) -> Weight {
        match self.search.is_some() {
            true => Weight::Heavy,
            false => Weight::Light,
        }
    }
}

/// A list of a box: as it is, with what is open alone, and with what is open or holds news.
macro_rules! lists {
    ($name:ident: $unread:literal, $from:literal, $whose:literal) => {
        const $name: [Sql; 3] = [
    lists!(@ $from, $whose, ""),
    lists!(@ $from, $whose, "AND r.closed_at IS NULL"),
    lists!(@ $from, $whose, "AND (r.closed_at IS NULL OR (" $unread "))"),
        ];
    };
    (@ $from:literal, $whose:literal, $($open:literal)+) => {
        select_requests!(
            $from,
            "WHERE " $whose " AND r.id < $5 " $($open)+
            " AND (CAST($6 AS TEXT) IS NULL OR r.state = $6) AND ($7 OR r.user_group_id = $8) \
              AND (NOT $9 OR (r.closed_at IS NULL AND r.due_at < $10)) \
              AND (CAST($11 AS TEXT) IS NULL OR r.search LIKE $11 ESCAPE '\\') \
              ORDER BY r.id DESC LIMIT $12"
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

/// A page of one of the caller's boxes, newest first.
pub(crate) async fn list(
    tx: &Tx,
    scope: &AccountMember,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<RequestRow>> {
    let of = match filter.mailbox {
        Mailbox::Inbox => &INBOX,
        Mailbox::Sent => &SENT,
        Mailbox::Mine => &MINE,
    };
    let sent = filter.mailbox == Mailbox::Sent;
    let search = filter.search.as_deref().map(search::pattern);
    tx.all(
        of[usize::from(filter.open) + usize::from(filter.open && filter.unread)],
        &[
            &scope.account(),
            &scope.user(),
            &sent,
            &!sent,
            &filter.before,
            &filter.state,
            &filter.to.is_none(),
            &filter.to,
            &filter.overdue,
            &tx.now(),
            &search,
            &limit,
        ],
    )
    .await
}
