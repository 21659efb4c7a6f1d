//! Clients and their animals, in JSON; the export.

use std::sync::Arc;

use futures_util::{Stream, TryStreamExt as _};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    clients::{
        AnimalInput, AnimalRow, ClientInput, ClientRow, Clients, Filter, Kind,
        actions::{self, AnimalChanges, Client},
    },
    sight::{Sights, WhenQuery},
};
use access::{ClientCurator, ClientEditor, ClientKeeper, ClientReader, GroupMember, GroupReader};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, Animal, AnimalId, ClientId, GroupId},
};
use storage::{ExpectedVersion, Tx, Weight, list::Listing};
use web::{Answer, Body, Bulk, Csv, Json, JsonLines, Lists, May, NoContent, Page, Query, Tagged, csv};

/// How many clients one part of an export holds.
const PART: i64 = 1_000;

/// A client by id and name.
pub type NamedClient = web::Named<kernel::id::Client>;

/// An animal of a client.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientAnimal)]
pub struct AnimalOut {
    id: AnimalId,
    name: String,
    species: String,
    breed: String,
    /// `2019-05-01`.
    birth_date: Option<String>,
    archived_at: Option<Time>,
}

impl From<AnimalRow> for AnimalOut {
    fn from(row: AnimalRow) -> Self {
        let AnimalRow { id, name, species, breed, birth_date, archived_at, .. } = row;
        Self { id, name, species, breed, birth_date, archived_at }
    }
}

/// A client.
#[derive(Serialize, ToSchema)]
#[schema(as = Client)]
pub struct ClientOut {
    id: ClientId,
    account: AccountId,
    group: GroupId,
    kind: Kind,
    name: String,
    reference: String,
    email: String,
    phone: String,
    address: String,
    /// `2019-05-01`.
    birth_date: Option<String>,
    remarks: String,
    animals: Vec<AnimalOut>,
    created_at: Time,
    updated_at: Time,
    archived_at: Option<Time>,
    /// The client that this one was merged into.
    merged_into: Option<NamedClient>,
}

impl ClientOut {
    fn new(row: ClientRow, animals: Vec<AnimalRow>) -> Self {
        let merged = row.merged_into.zip(row.merged_name);
        Self {
            id: row.id,
            account: row.account,
            group: row.group,
            kind: row.kind,
            name: row.name,
            reference: row.reference,
            email: row.email,
            phone: row.phone,
            address: row.address,
            birth_date: row.birth_date,
            remarks: row.remarks,
            animals: animals.into_iter().map(AnimalOut::from).collect(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            archived_at: row.archived_at,
            merged_into: merged.map(|(id, name)| NamedClient { id, name }),
        }
    }
}

impl From<Client> for ClientOut {
    fn from(Client { row, animals }: Client) -> Self {
        Self::new(row, animals)
    }
}

/// Which clients to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ClientQuery {
    q: Option<String>,
    #[param(inline)]
    kind: Option<Kind>,
    archived: Option<bool>,
}

pub(crate) async fn index(
    may: May<GroupReader>,
    Lists { listing, limit, filter: query }: Lists<Clients, ClientQuery>,
) -> Result<Json<Page<ClientOut>>> {
    let ClientQuery { q: search, kind, archived } = query;
    let filter =
        Filter { search, kind, archived: archived.unwrap_or(false), listing: listing.clone(), after: None };
    let weight = filter.weight();
    let list = async move |tx: &_, by: &_| actions::list(tx, by, &filter, limit).await;
    let rows = may.read_noted("clients", weight, list).await?;
    Ok(Json(Page::sorted(rows, limit, &listing, |client, by| client.row.place(by)).map(ClientOut::from)))
}

/// An animal to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnimal {
    name: String,
    #[serde(default)]
    species: String,
    #[serde(default)]
    breed: String,
    #[serde(default)]
    birth_date: Option<String>,
}

impl From<NewAnimal> for AnimalInput {
    fn from(new: NewAnimal) -> Self {
        let NewAnimal { name, species, breed, birth_date } = new;
        Self { name, species, breed, birth_date: birth_date.unwrap_or_default() }
    }
}

/// A client to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    /// May be absent where the practice keeps no animals; it is then `patient`.
    kind: Option<Kind>,
    name: String,
    #[serde(default)]
    reference: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    birth_date: Option<String>,
    #[serde(default)]
    remarks: String,
    /// None where the practice keeps no animals.
    #[serde(default)]
    animals: Vec<NewAnimal>,
}

impl From<NewClient> for ClientInput {
    fn from(new: NewClient) -> Self {
        let NewClient { kind, name, reference, email, phone, address, birth_date, remarks, animals } = new;
        Self {
            kind,
            name,
            reference,
            email,
            phone,
            address,
            birth_date: birth_date.unwrap_or_default(),
            remarks,
            animals: animals.into_iter().map(AnimalInput::from).collect(),
        }
    }
}

/// Clients to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClients {
    /// At most 500.
    items: Vec<NewClient>,
}

pub(crate) async fn create_many(
    may: May<GroupMember>,
    Body(input): Body<NewClients>,
) -> Result<Bulk<ClientOut>> {
    let items = input.items.into_iter().map(ClientInput::from).collect();
    let add = async |tx: &Tx, by: &GroupMember, item: &ClientInput| {
        actions::add(tx, by, item).await.map(ClientOut::from)
    };
    may.bulk(items, 201, add).await
}

pub(crate) async fn create(may: May<GroupMember>, Body(input): Body<NewClient>) -> Result<Answer<ClientOut>> {
    let input = ClientInput::from(input);
    may.post(async move |tx, by| actions::add(tx, by, &input).await.map(ClientOut::from)).await
}

pub(crate) async fn show(may: May<ClientReader>) -> Result<Tagged<ClientOut>> {
    let client = may.read_noted("client", Weight::Light, async |tx, by| actions::show(tx, by).await).await?;
    Ok(Tagged(client.row.version, client.into()))
}

/// Changes to a client. Absent fields stay as they are. You can't move a client to another group.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClientUpdate)]
pub struct ClientChanges {
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    kind: Option<Kind>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    reference: Option<String>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    email: Option<String>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    phone: Option<String>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    address: Option<String>,
    /// Empty if unknown.
    #[serde(default, deserialize_with = "web::text_or_null")]
    birth_date: Option<String>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    remarks: Option<String>,
    /// Archives or restores the client. Not together with other fields, and only for people who manage clients.
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    archived: Option<bool>,
}

impl ClientChanges {
    fn split(self) -> (actions::Changes, Option<bool>) {
        let Self { kind, name, reference, email, phone, address, birth_date, remarks, archived } = self;
        (actions::Changes { kind, name, reference, email, phone, address, birth_date, remarks }, archived)
    }
}

pub(crate) async fn change(
    may: May<ClientEditor>,
    seen: ExpectedVersion,
    Body(input): Body<ClientChanges>,
) -> Result<Tagged<ClientOut>> {
    let (input, archived) = input.split();
    let client = match archived {
        None => may.write(async move |tx, by| actions::change(tx, by, &input, seen).await).await?,
        Some(_) if input != actions::Changes::default() => {
            return Err(Error::field("archived", "Archive or restore the animal in a separate request."));
        }
        Some(archived) => set_archived(&may, archived, seen).await?,
    };
    Ok(Tagged(client.row.version, client.into()))
}

async fn set_archived<P: access::Proof>(
    may: &May<P>,
    archived: bool,
    seen: ExpectedVersion,
) -> Result<Client> {
    let client: ClientId = may.id("client")?;
    may.within::<ClientCurator>(&[("client", client.to_string())])
        .write(async move |tx, by| actions::set_archived(tx, by, archived, seen).await)
        .await
}

pub(crate) async fn archive(may: May<ClientCurator>) -> Result<NoContent> {
    set_archived(&may, true, ExpectedVersion::ANY).await?;
    Ok(NoContent)
}

pub(crate) async fn add_animal(
    may: May<ClientEditor>,
    Body(input): Body<NewAnimal>,
) -> Result<Answer<AnimalOut>> {
    let input = AnimalInput::from(input);
    may.post(async move |tx, by| actions::add_animal(tx, by, &input).await.map(AnimalOut::from)).await
}

/// Changes to an animal. Absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AnimalUpdate)]
pub struct AnimalPatch {
    #[serde(default, deserialize_with = "web::text_or_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    species: Option<String>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    breed: Option<String>,
    /// Empty if unknown.
    #[serde(default, deserialize_with = "web::text_or_null")]
    birth_date: Option<String>,
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    archived: Option<bool>,
}

pub(crate) async fn change_animal(
    may: May<ClientEditor>,
    Body(input): Body<AnimalPatch>,
) -> Result<Json<AnimalOut>> {
    let animal: AnimalId = may.id::<Animal>("animal")?;
    let AnimalPatch { name, species, breed, birth_date, archived } = input;
    let input = AnimalChanges { name, species, breed, birth_date, archived };
    let row = may.write(async move |tx, by| actions::change_animal(tx, by, animal, &input).await).await?;
    Ok(Json(row.into()))
}

pub(crate) async fn archive_animal(may: May<ClientEditor>) -> Result<NoContent> {
    let animal: AnimalId = may.id::<Animal>("animal")?;
    let input = AnimalChanges { archived: Some(true), ..AnimalChanges::default() };
    may.write(async move |tx, by| actions::change_animal(tx, by, animal, &input).await).await?;
    Ok(NoContent)
}

/// Clients that are likely the same.
#[derive(Serialize, ToSchema)]
#[schema(as = DuplicateClients)]
pub struct AlikeClients {
    /// The reason: "the same email address".
    why: &'static str,
    /// Oldest first.
    clients: Vec<ClientOut>,
}

/// Likely duplicates.
#[derive(Serialize, ToSchema)]
#[schema(as = DuplicateClientsReport)]
pub struct Duplicates {
    items: Vec<AlikeClients>,
    /// Whether there are more; they are listed as you merge these.
    more: bool,
}

pub(crate) async fn duplicates(may: May<ClientKeeper>) -> Result<Json<Duplicates>> {
    let found = may.read_heavy(async |tx, by| actions::alike(tx, by).await).await?;
    let items = found.sets.into_iter().map(|alike| AlikeClients {
        why: alike.why,
        clients: alike.clients.into_iter().map(|row| ClientOut::new(row, Vec::new())).collect(),
    });
    Ok(Json(Duplicates { items: items.collect(), more: found.more }))
}

pub(crate) async fn access(may: May<ClientReader>, Query(query): Query<WhenQuery>) -> Result<Json<Sights>> {
    let found = may.read_noted("access", Weight::Light, async move |tx, by| {
        let when = query.of_account(tx, by.account()).await?;
        Ok((when, actions::access(tx, by, when.span).await?))
    });
    let (when, (client, seen)) = found.await?;
    Ok(Json(Sights::new(&when, seen, &client.group_name)))
}

/// The group's clients as CSV, with the columns that an import reads.
pub(crate) async fn export(may: May<ClientKeeper>) -> Result<Csv> {
    let headings = may.write(async |tx, by| actions::begin_export(tx, by).await).await?;
    let columns = headings.len();
    let cells = move |client| actions::exported(client, columns);
    let parts = exported(may).map_ok(move |clients| clients.into_iter().map(cells).collect());
    Ok(csv::download("clients.csv", &headings, parts))
}

/// The group's clients as JSON lines, as a call for one of them answers.
pub(crate) async fn export_lines(may: May<ClientKeeper>) -> Result<JsonLines<ClientOut>> {
    may.write(async |tx, by| actions::begin_export(tx, by).await).await?;
    let parts = exported(may).map_ok(|clients| clients.into_iter().map(ClientOut::from).collect());
    Ok(csv::lines("clients.jsonl", parts))
}

/// The group's clients, by name, a part at a time.
fn exported(may: May<ClientKeeper>) -> impl Stream<Item = Result<Vec<Client>>> + Send + 'static {
    let from = (Arc::new(may), Some(Listing::<Clients>::default()));
    futures_util::stream::try_unfold(from, |(may, from)| async move {
        let Some(from) = from else { return Ok(None) };
        let clients = may.read_heavy(async move |tx, by| actions::export(tx, by, from, PART).await).await?;
        let next = clients.last().map(|client| {
            let (key, id) = client.row.place("name");
            Listing::behind(key, id)
        });
        Ok::<_, Error>(next.map(|next| (clients, (may, Some(next)))))
    })
}
