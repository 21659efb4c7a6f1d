//! The audit trail, in JSON.

use kernel::text;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use access::AccountAdmin;
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::UserId,
};
use platform::audit;
use web::{Json, Limit, May, Page, Query};

/// An audit event.
#[derive(Serialize, ToSchema)]
pub struct AuditEvent {
    /// Its number in the account's chain.
    seq: i64,
    /// When.
    at: Time,
    /// Who; null where the server or its operator did it.
    actor: Option<UserId>,
    /// Their name.
    actor_name: Option<String>,
    /// What.
    action: String,
    /// To what.
    object: String,
    /// In which group; empty where in none.
    group: String,
    /// What else is known; null where it was erased.
    detail: Option<serde_json::Value>,
}

impl From<audit::EventRow> for AuditEvent {
    fn from(row: audit::EventRow) -> Self {
        let audit::EventRow { seq, at, actor, actor_name, action, object, group, detail } = row;
        let detail = detail.and_then(|text| serde_json::from_str(&text).ok());
        Self { seq, at, actor, actor_name, action, object, group, detail }
    }
}

/// Which events to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    #[param(inline)]
    actor: Option<UserId>,
    object: Option<String>,
    #[param(inline)]
    from: Option<Time>,
    #[param(inline)]
    to: Option<Time>,
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    cursor: Option<String>,
}

pub(crate) async fn audit_trail(
    may: May<AccountAdmin>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Page<AuditEvent>>> {
    let before = text::cursor(query.cursor.as_deref(), |text| text.parse::<i64>().ok())?;
    let AuditQuery { actor, object, from, to, limit: Limit(limit), .. } = query;
    let filter = audit::Filter { actor, object, from, to, before };
    let rows = may.read(async |tx, by| audit::list(tx, by.account(), &filter, limit + 1).await).await?;
    Ok(Json(Page::cut(rows, limit, |row| row.seq.to_string()).map(Into::into)))
}

pub(crate) async fn verify_audit(may: May<AccountAdmin>) -> Result<Json<audit::Verified>> {
    may.read_heavy(async |tx, by| audit::verify(tx, by.account()).await.map(Json)).await
}

pub(crate) async fn audit_receipt(may: May<AccountAdmin>) -> Result<Json<audit::Receipt>> {
    let receipt = may.read(async |tx, by| audit::receipt(tx, by.account()).await).await?;
    receipt.map(Json).ok_or_else(Error::not_found)
}
