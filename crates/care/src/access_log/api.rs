//! The access log, in JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::access_log::{OpeningRow, Openings, actions::Logged};
use access::{AccountAdmin, CaseOverseer, ClientOverseer};
use kernel::{
    clock::Time,
    error::Result,
    id::{User, UserId},
};
use platform::access_log::Record;
use storage::Tx;
use web::{Json, Lists, May, Page};

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

type Entries = Json<Page<AccessLogEntry>>;

async fn entries<P: Logged>(
    may: &May<P>,
    person: Option<UserId>,
    Lists { listing, limit, .. }: Lists<Openings>,
) -> Result<Entries> {
    may.app().access_log().flush(&may.app().db).await?;
    let from = listing.clone();
    let shown = may.read_heavy(async move |tx: &Tx, by: &P| by.openings(tx, person, &from, limit + 1).await);
    Ok(Json(Page::dated(shown.await?.rows, limit, &listing, |row| row.id).map(Into::into)))
}

pub(crate) async fn of_case(may: May<CaseOverseer>, query: Lists<Openings>) -> Result<Entries> {
    entries(&may, None, query).await
}

pub(crate) async fn of_client(may: May<ClientOverseer>, query: Lists<Openings>) -> Result<Entries> {
    entries(&may, None, query).await
}

pub(crate) async fn of_member(may: May<AccountAdmin>, query: Lists<Openings>) -> Result<Entries> {
    let user = may.id::<User>("user")?;
    entries(&may, Some(user), query).await
}
