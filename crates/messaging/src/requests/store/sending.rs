//! A new request: what it may be about, and keeping it.

use crate::requests::{Priority, store::address};
use access::AccountMember;
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, CaseId, ClientId, GroupId, RequestId, UserGroupId},
    search,
};
use storage::{One, Tx, ids, row, sql};

row! {
    /// A client as the form of a new request offers it.
    #[derive(Clone, Debug)]
    pub(crate) struct Offered {
        pub(crate) id: ClientId = "c.id",
        pub(crate) name: String = "c.name",
        pub(crate) reference: String = "c.reference",
        pub(crate) group_name: String = "g.name",
    }
}

/// The clients that the sender can ask about, by group and name, whose name, reference number or address holds
/// what is searched for.
pub(crate) async fn offered_clients(
    tx: &Tx,
    scope: &AccountMember,
    search: Option<&str>,
    limit: i64,
) -> Result<Vec<Offered>> {
    let pattern = search.map(search::words_pattern);
    tx.all(
        sql!(
            "SELECT {} FROM group_members gm
             JOIN groups g ON g.account_id = gm.account_id AND g.id = gm.group_id AND g.archived_at IS NULL
             JOIN clients c ON c.account_id = gm.account_id AND c.group_id = gm.group_id AND c.archived_at IS NULL
             WHERE gm.account_id = $1 AND gm.user_id = $2 AND gm.until IS NULL
               AND (CAST($3 AS TEXT) IS NULL OR c.search LIKE $3 ESCAPE '\\')
             ORDER BY g.name_key, g.id, c.name_key, c.id LIMIT $4",
            Offered
        ),
        &[&scope.account(), &scope.user(), &pattern, &limit],
    )
    .await
}

/// Those of these clients that the sender can ask about.
pub(crate) async fn chosen_clients(
    tx: &Tx,
    scope: &AccountMember,
    chosen: &[ClientId],
) -> Result<Vec<Offered>> {
    tx.all(
        listed!(
            "SELECT c.id, c.name, c.reference, g.name FROM clients c
             JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id
             JOIN group_members gm ON gm.account_id = c.account_id AND gm.group_id = c.group_id AND gm.user_id = $2
                  AND gm.until IS NULL
             WHERE c.account_id = $1 AND c.archived_at IS NULL AND c.id IN ",
            "$3",
            " ORDER BY g.name_key, g.id, c.name_key, c.id"
        ),
        &[&scope.account(), &scope.user(), &ids(chosen)],
    )
    .await
}

/// The open cases that the sender can ask about, newest first, after the one that is named.
pub(crate) async fn offered_cases(
    tx: &Tx,
    scope: &AccountMember,
    chosen: Option<CaseId>,
    limit: i64,
) -> Result<Vec<(CaseId, String, String, i64)>> {
    tx.all(
        sql!(
            "SELECT id, name, group_name, number FROM (
                SELECT c.id, c.name, g.name AS group_name, c.number FROM group_members gm
                JOIN groups g ON g.account_id = gm.account_id AND g.id = gm.group_id AND g.archived_at IS NULL
                JOIN cases c ON c.account_id = gm.account_id AND c.group_id = gm.group_id
                WHERE gm.account_id = $1 AND gm.user_id = $2 AND gm.until IS NULL
                  AND (c.status = 'open' OR c.id = $3)
                ORDER BY CASE WHEN c.id = $3 THEN 0 ELSE 1 END, c.id DESC LIMIT $4) found
             ORDER BY CASE WHEN id = $3 THEN 0 ELSE 1 END, id DESC"
        ),
        &[&scope.account(), &scope.user(), &chosen, &limit],
    )
    .await
}

/// How many of these clients the sender can ask about: of a group that they are in now, not archived.
pub(crate) async fn askable(tx: &Tx, scope: &AccountMember, clients: &[ClientId]) -> Result<i64> {
    tx.value(
        listed!(
            "SELECT count(*) FROM clients c
             JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id AND g.archived_at IS NULL
             JOIN group_members gm ON gm.account_id = c.account_id AND gm.group_id = c.group_id AND gm.user_id = $2
                  AND gm.until IS NULL
             WHERE c.account_id = $1 AND c.archived_at IS NULL AND c.id IN ",
            "$3",
            ""
        ),
        &[&scope.account(), &scope.user(), &ids(clients)],
    )
    .await
}

/// The group of a case, if someone is in it now.
pub(crate) async fn group_of_case(tx: &Tx, scope: &AccountMember, case: CaseId) -> Result<Option<GroupId>> {
    let found = tx
        .maybe::<One<GroupId>>(
            sql!(
                "SELECT c.group_id FROM cases c
             JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id AND g.archived_at IS NULL
             JOIN group_members gm ON gm.account_id = c.account_id AND gm.group_id = c.group_id AND gm.user_id = $2
                  AND gm.until IS NULL
             WHERE c.account_id = $1 AND c.id = $3"
            ),
            &[&scope.account(), &scope.user(), &case],
        )
        .await?;
    Ok(found.map(|one| one.0))
}

/// A request to be kept.
pub(crate) struct New<'a> {
    pub(crate) id: RequestId,
    pub(crate) number: i64,
    pub(crate) to: UserGroupId,
    pub(crate) subject: &'a str,
    pub(crate) body: &'a str,
    pub(crate) priority: Priority,
    pub(crate) due_at: Option<Time>,
    pub(crate) case: Option<(GroupId, CaseId)>,
    pub(crate) clients: &'a [ClientId],
}

/// Takes the next number of an account.
pub(crate) async fn next_number(tx: &Tx, account: AccountId) -> Result<i64> {
    tx.value(
        sql!(
            "INSERT INTO request_numbers (account_id, last) VALUES ($1, 1)
             ON CONFLICT (account_id) DO UPDATE SET last = request_numbers.last + 1 RETURNING last"
        ),
        &[&account],
    )
    .await
}

/// Keeps a request with what it is about, and every group that this concerns.
pub(crate) async fn insert(tx: &Tx, scope: &AccountMember, new: &New<'_>) -> Result<()> {
    let (case_group, case) = new.case.unzip();
    let search = search::key(&format!("#{} {}", new.number, new.subject));
    tx.exec(
        sql!(
            "INSERT INTO requests (account_id, id, number, sender_id, user_group_id, subject, search, body, priority,
                                   due_at, state, case_group_id, case_id, created_at, updated_at, sender_news_at,
                                   receiver_news_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'new', $11, $12, $13, $13, $13, $13, 1)"
        ),
        &[
            &scope.account(),
            &new.id,
            &new.number,
            &scope.user(),
            &new.to,
            &new.subject,
            &search,
            &new.body,
            &new.priority,
            &new.due_at,
            &case_group,
            &case,
            &tx.now(),
        ],
    )
    .await?;
    address(tx, scope.account(), new.id, new.to).await?;
    tx.exec(
        listed!(
            "INSERT INTO request_clients (account_id, request_id, group_id, client_id)
             SELECT c.account_id, $2, c.group_id, c.id FROM clients c WHERE c.account_id = $1 AND c.id IN ",
            "$3",
            ""
        ),
        &[&scope.account(), &new.id, &ids(new.clients)],
    )
    .await?;
    tx.exec(
        sql!(
            "INSERT INTO request_groups (account_id, request_id, group_id)
             SELECT rc.account_id, rc.request_id, rc.group_id FROM request_clients rc
             WHERE rc.account_id = $1 AND rc.request_id = $2
             UNION
             SELECT r.account_id, r.id, r.case_group_id FROM requests r
             WHERE r.account_id = $1 AND r.id = $2 AND r.case_group_id IS NOT NULL"
        ),
        &[&scope.account(), &new.id],
    )
    .await?;
    Ok(())
}
