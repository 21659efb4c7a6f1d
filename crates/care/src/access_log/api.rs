//! The access log, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access_log::{OpeningRow, actions::Logged};
use access::{AccountAdmin, CaseOverseer, ClientOverseer};
use kernel::{
    clock::Time,
    error::Result,
    id::{OpeningId, User, UserId},
};
use platform::access_log::Record;
use storage::Tx;
use web::{Json, Limit, May, Page, Query, answer::cursor_id};

/// Who opened a record.
pub(crate) type Person = web::Named<kernel::id::User>;

/// A person opened a record at least once within 15 minutes.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccessLogEntry {
    user: Person,
    record: Record,
    /// The record's id; for an export, the group's.
    object: String,
    /// The record's name; empty for a request.
    name: String,
    first_at: Time,
    last_at: Time,
    /// How often. The count can lag by half a minute.
    times: i64,
}

impl From<OpeningRow> for AccessLogEntry {
    fn from(row: OpeningRow) -> Self {
        let OpeningRow { user, user_name, record, object, name, first_at, last_at, times, .. } = row;
        let user = Person { id: user, name: user_name };
        Self { user, record, object: record.id(object), name, first_at, last_at, times }
    }
}

/// Which page of a log.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessLogQuery {
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    cursor: Option<String>,
}

type Entries = Json<Page<AccessLogEntry>>;

async fn entries<P: Logged>(may: &May<P>, person: Option<UserId>, query: AccessLogQuery) -> Result<Entries> {
    let before: OpeningId = cursor_id(query.cursor.as_deref())?;
    let Limit(limit) = query.limit;
    may.app().access_log().flush(&may.app().db).await?;
    let shown = may.read_heavy(async move |tx: &Tx, by: &P| by.openings(tx, person, before, limit + 1).await);
    Ok(Json(Page::cut(shown.await?.rows, limit, |row| row.id.to_string()).map(Into::into)))
}

pub(crate) async fn of_case(may: May<CaseOverseer>, Query(query): Query<AccessLogQuery>) -> Result<Entries> {
    entries(&may, None, query).await
}

pub(crate) async fn of_client(
    may: May<ClientOverseer>,
    Query(query): Query<AccessLogQuery>,
) -> Result<Entries> {
    entries(&may, None, query).await
}

pub(crate) async fn of_member(
    may: May<AccountAdmin>,
    Query(query): Query<AccessLogQuery>,
) -> Result<Entries> {
    let user = may.id::<User>("user")?;
    entries(&may, Some(user), query).await
}
