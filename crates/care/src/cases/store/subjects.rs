//! On whom cases are: a client, and one of their animals.

use crate::clients::Subject;
use access::GroupScope;
use kernel::{
    error::Result,
    id::{AnimalId, CaseId, ClientId},
};
use storage::{Tx, row, sql};

row! {
    /// On whom a case is.
    #[derive(Clone, Debug)]
    pub struct SubjectRow {
        /// A client of the same group.
        pub client: ClientId = "k.client_id",
        /// One line, up to 200 characters.
        pub client_name: String = "c.name",
        /// One of the client's.
        pub animal: Option<AnimalId> = "k.animal_id",
        /// One line, up to 200 characters.
        pub animal_name: Option<String> = "a.name",
    }
}

impl SubjectRow {
    /// Without the names.
    pub fn subject(&self) -> Subject {
        Subject { client: self.client, animal: self.animal }
    }
}

/// On whom a case is.
pub(crate) async fn subject(tx: &Tx, scope: &GroupScope, case: CaseId) -> Result<Option<SubjectRow>> {
    tx.maybe(
        sql!(
            "SELECT {} FROM case_clients k
             JOIN clients c ON c.account_id = k.account_id AND c.group_id = k.group_id AND c.id = k.client_id
             LEFT JOIN client_animals a ON a.account_id = k.account_id AND a.group_id = k.group_id
                  AND a.id = k.animal_id
             WHERE k.account_id = $1 AND k.group_id = $2 AND k.case_id = $3",
            SubjectRow
        ),
        &[&scope.account(), &scope.group(), &case],
    )
    .await
}

/// Says on whom a case is.
pub(crate) async fn set_subject(
    tx: &Tx,
    scope: &GroupScope,
    case: CaseId,
    subject: Option<Subject>,
) -> Result<()> {
    let Some(Subject { client, animal }) = subject else {
        let gone = sql!("DELETE FROM case_clients WHERE account_id = $1 AND group_id = $2 AND case_id = $3");
        tx.exec(gone, &[&scope.account(), &scope.group(), &case]).await?;
        return Ok(());
    };
    tx.exec(
        sql!(
            "INSERT INTO case_clients (account_id, group_id, case_id, client_id, animal_id)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (account_id, group_id, case_id)
             DO UPDATE SET client_id = excluded.client_id, animal_id = excluded.animal_id"
        ),
        &[&scope.account(), &scope.group(), &case, &client, &animal],
    )
    .await?;
    Ok(())
}
