//! The first steps of a practice, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::first_steps::{Step, dismiss, steps, store};
use access::AccountAdmin;
use kernel::error::Result;
use web::{Body, Json, May};

/// What a practice has to do first.
#[derive(Serialize, ToSchema)]
pub struct Checklist {
    /// In the order in which they are best done.
    steps: Vec<Step>,
    /// Whether pages leave the list out.
    dismissed: bool,
}

async fn checklist(tx: &storage::Tx, by: &AccountAdmin, sells: bool) -> Result<Json<Checklist>> {
    let facts = store::facts(tx, by.account(), by.user()).await?;
    Ok(Json(Checklist { steps: steps(by.account(), &facts, sells), dismissed: facts.dismissed }))
}

pub(crate) async fn show(may: May<AccountAdmin>) -> Result<Json<Checklist>> {
    let sells = may.app().config.sells();
    may.read(async |tx, by| checklist(tx, by, sells).await).await
}

/// What may be changed of the first steps.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChecklistChanges {
    /// Whether pages leave the list out.
    dismissed: bool,
}

pub(crate) async fn change(
    may: May<AccountAdmin>,
    Body(input): Body<ChecklistChanges>,
) -> Result<Json<Checklist>> {
    let sells = may.app().config.sells();
    let change = async move |tx: &storage::Tx, by: &AccountAdmin| {
        dismiss(tx, by, input.dismissed).await?;
        checklist(tx, by, sells).await
    };
    may.write(change).await
}
