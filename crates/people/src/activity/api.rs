//! The audit trail, in JSON.

use std::sync::Arc;

use kernel::text;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::activity::begin_export;
use access::AccountAdmin;
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::UserId,
};
use platform::audit;
use storage::Tx;
use web::{Json, JsonLines, Limit, May, Page, Query, csv};

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

/// Which events to export.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AuditExportQuery {
    /// Only events after this number (`seq`): where the export before ended.
    after: Option<i64>,
    #[param(inline)]
    actor: Option<UserId>,
    object: Option<String>,
    #[param(inline)]
    from: Option<Time>,
    #[param(inline)]
    to: Option<Time>,
}

/// How many events one part of an export holds.
const PART: i64 = 1_000;

/// An export is an event of the trail itself. One that goes on where another ended is not: a program that asks every
/// minute would fill the trail with its own asking.
pub(crate) async fn export_audit(
    may: May<AccountAdmin>,
    Query(query): Query<AuditExportQuery>,
) -> Result<JsonLines<AuditEvent>> {
    let AuditExportQuery { after, actor, object, from, to } = query;
    let filter = audit::Filter { actor, object, from, to, before: None };
    match after {
        Some(1..) => may.read(async |_, _| Ok(())).await?,
        _ => may.write(async |tx, by| begin_export(tx, by).await).await?,
    }
    let from = (Arc::new(may), after.unwrap_or_default());
    let parts = futures_util::stream::try_unfold(from, move |(may, after)| {
        let filter = filter.clone();
        async move {
            let part = async move |tx: &Tx, by: &AccountAdmin| {
                audit::list_after(tx, by.account(), &filter, after, PART).await
            };
            let rows = may.read_heavy(part).await?;
            let last = rows.last().map(|row| row.seq);
            let events = rows.into_iter().map(AuditEvent::from).collect();
            Ok::<_, Error>(last.map(|last| (events, (may, last))))
        }
    });
    Ok(csv::lines("audit.jsonl", parts))
}

pub(crate) async fn verify_audit(may: May<AccountAdmin>) -> Result<Json<audit::Verified>> {
    may.read_heavy(async |tx, by| audit::verify(tx, by.account()).await.map(Json)).await
}

pub(crate) async fn audit_receipt(may: May<AccountAdmin>) -> Result<Json<audit::Receipt>> {
    let receipt = may.read(async |tx, by| audit::receipt(tx, by.account()).await).await?;
    receipt.map(Json).ok_or_else(Error::not_found)
}
