//! What requests are about: nothing more is ever read of a client or case for them.

use access::RequestScope;
use kernel::{
    error::Result,
    id::{AccountId, CaseId, ClientId, GroupId},
};
use storage::{Tx, row, sql};

row! {
    /// What a request asks, and about which case.
    pub(crate) struct Matter {
        pub(crate) body: String = "r.body",
        pub(crate) case: Option<CaseId> = "c.id",
        pub(crate) case_group: Option<GroupId> = "c.group_id",
        pub(crate) case_number: Option<i64> = "c.number",
        pub(crate) case_name: Option<String> = "c.name",
        pub(crate) case_status: Option<String> = "c.status",
        /// Whether the person who looks is in the case's group.
        pub(crate) in_group: bool = "gm.user_id IS NOT NULL",
    }
}

/// What a request shows of the case that it is about: nothing more is ever read for it.
#[derive(Clone, Debug)]
pub struct AboutCase {
    pub id: CaseId,
    /// Its number in its group.
    pub number: i64,
    pub name: String,
    /// Whether work on it goes on.
    pub status: String,
    /// Its group, if the person who looks is in it.
    pub group: Option<GroupId>,
}

pub(crate) async fn matter(tx: &Tx, scope: &RequestScope) -> Result<(String, Option<AboutCase>)> {
    let found: Matter = tx
        .one(
            sql!(
                "SELECT {} FROM requests r
             LEFT JOIN cases c ON c.account_id = r.account_id AND c.group_id = r.case_group_id AND c.id = r.case_id
             LEFT JOIN group_members gm ON gm.account_id = c.account_id AND gm.group_id = c.group_id
                  AND gm.user_id = $3 AND gm.until IS NULL
             WHERE r.account_id = $1 AND r.id = $2",
                Matter
            ),
            &[&scope.account(), &scope.request(), &scope.user()],
        )
        .await?;
    let case = found.case.map(|id| AboutCase {
        id,
        number: found.case_number.unwrap_or_default(),
        name: found.case_name.unwrap_or_default(),
        status: found.case_status.unwrap_or_default(),
        group: found.case_group.filter(|_| found.in_group),
    });
    Ok((found.body, case))
}

row! {
    /// What a request shows of a client that it is about: nothing more is ever read for it.
    #[derive(Clone, Debug)]
    pub struct AboutClient {
        pub id: ClientId = "c.id",
        pub name: String = "c.name",
        /// What they are.
        pub kind: String = "c.kind",
        /// When they were born.
        pub birth_date: Option<String> = "c.birth_date",
        /// Their reference number.
        pub reference: String = "c.reference",
        /// Their group, if the person who looks is in it.
        pub group: Option<GroupId> = "gm.group_id",
    }
}

impl AboutClient {
    /// What they are, as a word to be read.
    pub fn label(&self) -> String {
        let mut letters = self.kind.replace('_', " ").chars().collect::<Vec<_>>();
        if let Some(first) = letters.first_mut() {
            *first = first.to_ascii_uppercase();
        }
        letters.into_iter().collect()
    }
}

pub(crate) async fn clients(tx: &Tx, scope: &RequestScope) -> Result<Vec<AboutClient>> {
    tx.all(
        sql!(
            "SELECT {} FROM request_clients rc
             JOIN clients c ON c.account_id = rc.account_id AND c.group_id = rc.group_id AND c.id = rc.client_id
             LEFT JOIN group_members gm ON gm.account_id = c.account_id AND gm.group_id = c.group_id
                  AND gm.user_id = $3 AND gm.until IS NULL
             WHERE rc.account_id = $1 AND rc.request_id = $2 ORDER BY c.name_key, c.id",
            AboutClient
        ),
        &[&scope.account(), &scope.request(), &scope.user()],
    )
    .await
}

/// Takes off an account's requests what they are about, so that the groups, clients and cases that are named
/// there can leave it. The requests themselves stay.
pub async fn forget_links(tx: &Tx, from: AccountId) -> Result<()> {
    for statement in [
        sql!("DELETE FROM request_clients WHERE account_id = $1"),
        sql!("DELETE FROM request_groups WHERE account_id = $1"),
        sql!(
            "UPDATE requests SET case_group_id = NULL, case_id = NULL WHERE account_id = $1 AND case_id IS NOT NULL"
        ),
    ] {
        tx.exec(statement, &[&from]).await?;
    }
    Ok(())
}
