//! The verbs of client groups. One save writes everything that its page staged, or nothing. The trail names
//! client groups and clients by id alone: who is in which is clinical.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client_groups::{
    CLIENT_LIMIT, LIMIT,
    store::{self, Candidate, ClientGroupRow, ClientGroups, Kept, Member, Sort, Unfit},
};
use access::{ClientGroupEditor, ClientReader, GroupMember, GroupScope};
use kernel::{
    error::{Checks, Error, Result},
    id::{ClientGroupId, ClientId},
    order::Order,
    text,
};
use platform::{
    audit::{self, Action, Event},
    named_set,
};
use storage::{ExpectedVersion, Tx, list::Listing};

/// Everything that one save writes.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it is in use.
    pub active: bool,
    /// Whether new clients join it, and new group notes are written for it.
    pub default: bool,
    /// Every client in it.
    pub clients: Vec<ClientId>,
}

/// A client group with every client in it.
#[derive(Clone, Debug)]
pub struct ClientGroup {
    /// Itself.
    pub row: ClientGroupRow,
    /// Every client in it, by name.
    pub clients: Vec<Member>,
}

/// A draft whose texts can be used.
struct Fine {
    name: String,
    description: String,
    clients: BTreeSet<ClientId>,
}

fn checked(draft: &Draft) -> Result<Fine> {
    let mut checks = Checks::default();
    let (name, description) =
        named_set::checked(&mut checks, &draft.name, &draft.description, draft.active, draft.default);
    let clients = draft.clients.iter().copied().collect::<BTreeSet<_>>();
    let few = i64::try_from(clients.len()).is_ok_and(|clients| clients <= CLIENT_LIMIT);
    checks.that(
        few,
        "clients",
        format!("A client group can have at most {} clients.", text::grouped(CLIENT_LIMIT)),
    );
    checks.done()?;
    Ok(Fine { name, description, clients })
}

/// Refuses clients who are not of the group, and says of each what it is.
async fn must_be_of_group(tx: &Tx, scope: &GroupScope, clients: &[ClientId]) -> Result<()> {
    if clients.is_empty() {
        return Ok(());
    }
    let unfit = store::unfit(tx, scope, clients).await?;
    let why = |Unfit { id, name }: Unfit| match name {
        Some(name) => format!("{name} is archived. Restore them first."),
        None => format!("{id} isn’t a client of this group."),
    };
    match unfit.into_iter().map(why).collect::<Vec<_>>() {
        fine if fine.is_empty() => Ok(()),
        unfit => Err(Error::field("clients", unfit.join(" "))),
    }
}

async fn whole(tx: &Tx, scope: &GroupScope, id: ClientGroupId) -> Result<ClientGroup> {
    Ok(ClientGroup { row: store::show(tx, scope, id).await?, clients: store::members(tx, scope, id).await? })
}

fn event(by: &GroupScope, action: Action, id: ClientGroupId, detail: Value) -> Event {
    Event::new(by.account(), by.user(), action, id).in_group(by.group()).with(detail)
}

fn kept<'a>(id: ClientGroupId, draft: &Draft, fine: &'a Fine) -> Kept<'a> {
    let (name, description) = (&fine.name, &fine.description);
    Kept { id, name, description, active: draft.active, default: draft.default }
}

/// Makes a client group.
///
/// # Errors
/// A field can't be used, the name is taken, a client in the list is not of the group, or there are too many.
pub async fn create(tx: &Tx, by: &GroupMember, draft: &Draft) -> Result<ClientGroup> {
    let id = tx.id();
    let fine = checked(draft)?;
    if store::name_is_taken(tx, by, id, &fine.name).await? {
        return Err(Error::field(
            "name",
            "A client group already has this name. To edit it, choose it from the list.",
        ));
    }
    if store::count(tx, by).await? >= LIMIT {
        return Err(Error::conflict(
            "too_many_client_groups",
            format!("A group can have at most {LIMIT} client groups. Delete one you no longer use."),
        ));
    }
    let clients = fine.clients.iter().copied().collect::<Vec<_>>();
    must_be_of_group(tx, by, &clients).await?;
    audit::record(tx, event(by, Action::ClientGroupCreated, id, json!({ "added": clients.len() }))).await?;
    if draft.default {
        store::take_default(tx, by, id).await?;
    }
    store::insert(tx, by, &kept(id, draft, &fine)).await?;
    store::begin(tx, (by.account(), by.group()), id, &clients).await?;
    whole(tx, by, id).await
}

/// Saves a client group whole: its clients and itself.
///
/// # Errors
/// Someone changed it meanwhile, a field is invalid, the name is taken, or a client in the list is not of
/// the group.
pub async fn save(
    tx: &Tx,
    by: &ClientGroupEditor,
    draft: &Draft,
    seen: ExpectedVersion,
) -> Result<ClientGroup> {
    let id = by.object();
    let before = whole(tx, by, id).await?;
    seen.check(before.row.version)?;
    let fine = checked(draft)?;
    if fine.name != before.row.name && store::name_is_taken(tx, by, id, &fine.name).await? {
        return Err(Error::field("name", "Another client group has this name. Choose a different name."));
    }
    let present = before.clients.iter().map(|client| client.id).collect::<BTreeSet<_>>();
    let added = fine.clients.difference(&present).copied().collect::<Vec<_>>();
    let removed = present.difference(&fine.clients).copied().collect::<Vec<_>>();
    let same = before.row.name == fine.name
        && before.row.description == fine.description
        && (before.row.active, before.row.default) == (draft.active, draft.default);
    if same && added.is_empty() && removed.is_empty() {
        return Ok(before);
    }
    must_be_of_group(tx, by, &added).await?;
    let detail = json!({ "added": added.len(), "removed": removed.len() });
    audit::record(tx, event(by, Action::ClientGroupChanged, id, detail)).await?;
    if draft.default && !before.row.default {
        store::take_default(tx, by, id).await?;
    }
    if !store::update(tx, by, &kept(id, draft, &fine), before.row.version).await? {
        return Err(Error::stale());
    }
    store::end(tx, by, id, &removed).await?;
    store::begin(tx, (by.account(), by.group()), id, &added).await?;
    whole(tx, by, id).await
}

/// A client group with every client in it.
///
/// # Errors
/// It was deleted.
pub async fn show(tx: &Tx, by: &GroupScope, id: ClientGroupId) -> Result<ClientGroup> {
    whole(tx, by, id).await
}

/// A page of the group's client groups. Gives one more than the limit, if there are more.
pub async fn list(
    tx: &Tx,
    by: &GroupScope,
    listing: &Listing<ClientGroups>,
    limit: i64,
) -> Result<Vec<ClientGroupRow>> {
    store::list(tx, by, listing, limit + 1).await
}

/// A page of the group's client groups in an order that people chose. Gives one more than the limit, if there are more.
pub async fn list_by(
    tx: &Tx,
    by: &GroupScope,
    order: Order<Sort>,
    after: Option<ClientGroupId>,
    limit: i64,
) -> Result<Vec<ClientGroupRow>> {
    store::page(tx, by, order, after, limit + 1).await
}

/// The client groups that a client is in now, by name.
pub async fn of_client(tx: &Tx, by: &ClientReader) -> Result<Vec<(ClientGroupId, String)>> {
    store::of_client(tx, by).await
}

/// Every client of the group who is not archived, by name: who can be in a client group.
pub(super) async fn candidates(tx: &Tx, by: &GroupScope) -> Result<Vec<Candidate>> {
    store::candidates(tx, by).await
}

/// Deletes a client group: its name is free, and its group notes stay readable. Gives what it was.
///
/// # Errors
/// Someone changed it meanwhile.
pub async fn delete(tx: &Tx, by: &ClientGroupEditor, seen: ExpectedVersion) -> Result<ClientGroupRow> {
    let row = store::show(tx, by, by.object()).await?;
    seen.check(row.version)?;
    let detail = json!({ "clients": row.count, "group_notes": row.group_notes });
    audit::record(tx, event(by, Action::ClientGroupDeleted, row.id, detail)).await?;
    match store::delete(tx, by, row.id, row.version).await? {
        true => Ok(row),
        false => Err(Error::stale()),
    }
}
