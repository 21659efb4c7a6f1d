//! Cases as an export tells them.

use crate::cases::Status;
use access::GroupScope;
use kernel::{clock::Time, error::Result, id::CaseId};
use storage::{Tx, row, sql};

row! {
    /// A case as an export tells it.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = ExportedCase)]
    pub struct ExportRow {
        /// Newer ones have greater ids.
        pub id: CaseId = "c.id",
        /// Its number in the group.
        pub number: i64 = "c.number",
        /// One line, up to 200 characters.
        pub name: String = "c.name",
        /// Whether work goes on.
        pub status: Status = "c.status",
        /// What it follows.
        pub protocol: String = "p.name",
        /// Where.
        pub location: String = "l.name",
        /// On which client it is.
        pub client: Option<String> = "o.name",
        /// On which animal.
        pub animal: Option<String> = "a.name",
        /// Who created it.
        pub creator: String = "u.name",
        /// By the server's clock.
        pub created_at: Time = "c.created_at",
        /// When it last changed.
        pub updated_at: Time = "c.updated_at",
        /// When it was closed.
        pub closed_at: Option<Time> = "c.closed_at",
    }
}

/// The group's cases older than this one, newest first, with on whom they are.
pub(crate) async fn export(
    tx: &Tx,
    scope: &GroupScope,
    before: CaseId,
    limit: i64,
) -> Result<Vec<ExportRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM cases c
             JOIN protocols p ON p.account_id = c.account_id AND p.id = c.protocol_id
             JOIN locations l ON l.account_id = c.account_id AND l.group_id = c.group_id AND l.id = c.location_id
             JOIN users u ON u.id = c.created_by
             LEFT JOIN case_clients k ON k.account_id = c.account_id AND k.group_id = c.group_id AND k.case_id = c.id
             LEFT JOIN clients o ON o.account_id = k.account_id AND o.group_id = k.group_id AND o.id = k.client_id
             LEFT JOIN client_animals a ON a.account_id = k.account_id AND a.group_id = k.group_id
                  AND a.id = k.animal_id
             WHERE c.account_id = $1 AND c.group_id = $2 AND c.id < $3 ORDER BY c.id DESC LIMIT $4",
            ExportRow
        ),
        &[&scope.account(), &scope.group(), &before, &limit],
    )
    .await
}
