//! The verbs of clients. The audit trail names them by id alone: whom a practice treats is clinical.

use serde_json::json;

use crate::clients::{
    AnimalInput, AnimalRow, ClientInput, ClientRow, Filter, Kind, MOST_ANIMALS, NO_ANIMALS, Sort,
    fields::{self, AnimalDraft},
    must_have_animals, store,
};
use access::{
    ClientCurator, ClientEditor, ClientKeeper, ClientReader, ClientScope, GroupMember, GroupReader,
    GroupScope, Privilege,
    explain::{self, Seen},
    policy::Wish,
};
use kernel::{
    clock::{Span, date_words},
    error::{Error, Result},
    id::{AnimalId, ClientId},
    order::Order,
    text,
};
use people::accounts;
use platform::{
    access_log::{self, Opened, Record},
    audit::{self, Action, Event},
};
use storage::{ExpectedVersion, Tx, list::Listing};

/// A client with their animals, archived ones last.
#[derive(Clone, Debug)]
pub struct Client {
    /// As the store reads it.
    pub row: ClientRow,
    /// In the order in which they were added.
    pub animals: Vec<AnimalRow>,
}

impl Client {
    /// The animals that are not archived.
    pub fn current(&self) -> Vec<&AnimalRow> {
        self.animals.iter().filter(|animal| animal.archived_at.is_none()).collect()
    }

    /// The animals' names with what they are, in a line; of many, the first.
    pub fn animals_line(&self) -> String {
        let current = self.current();
        let names = current.iter().take(MOST_NAMED).map(|animal| match animal.species.as_str() {
            "" => animal.name.clone(),
            species => format!("{} ({species})", animal.name),
        });
        let line = names.collect::<Vec<_>>().join(", ");
        match current.len().saturating_sub(MOST_NAMED) {
            0 => line,
            more => format!("{line} and {more} more"),
        }
    }
}

/// How many animals a line names.
const MOST_NAMED: usize = 3;

/// The head of every page of a client.
#[derive(Clone, Debug)]
pub struct ClientHead {
    /// As the store reads it.
    pub row: ClientRow,
    /// Whether the caller may change it and write in its chart.
    pub works: bool,
    /// Whether the caller may merge, archive and restore it.
    pub curates: bool,
    /// Whether the caller reads from the parent account.
    pub from_parent: bool,
    /// The tab that is open: `overview`, `chart` or `cases`.
    pub tab: &'static str,
}

impl ClientHead {
    /// With this tab open.
    #[must_use]
    pub fn on(mut self, tab: &'static str) -> Self {
        self.tab = tab;
        self
    }

    /// How one reaches them and by what the group knows them, on a line.
    pub fn contact(&self) -> String {
        let ClientRow { reference, email, phone, birth_date, .. } = &self.row;
        let born = birth_date.as_ref().map(|date| format!("born {}", date_words(date))).unwrap_or_default();
        let number = if reference.is_empty() { String::new() } else { format!("File {reference}") };
        let parts = [number, phone.clone(), email.clone(), born];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }

    /// Where the client's pages are.
    pub fn path(&self) -> String {
        format!("/g/{}/clients/{}", self.row.group, self.row.id)
    }
}

/// The head of every page of the client in the scope, for `clients/templates/head.html`.
pub async fn head(tx: &Tx, scope: &ClientScope) -> Result<ClientHead> {
    let row = store::show(tx, scope).await?;
    let works = scope.may(Wish::Work);
    Ok(ClientHead {
        works: works && row.archived_at.is_none(),
        curates: works && scope.holds(tx, Privilege::ClientsManage).await?,
        from_parent: scope.from_parent(),
        tab: "overview",
        row,
    })
}

fn event(scope: &GroupScope, action: Action, client: ClientId) -> Event {
    Event::new(scope.account(), scope.user(), action, client).in_group(scope.group())
}

async fn with_animals(tx: &Tx, scope: &GroupScope, row: ClientRow) -> Result<Client> {
    let animals = store::animals(tx, scope, &[row.id]).await?;
    Ok(Client { row, animals })
}

/// Clients with their animals, by two statements.
async fn all_with_animals(tx: &Tx, scope: &GroupScope, rows: Vec<ClientRow>) -> Result<Vec<Client>> {
    let ids = rows.iter().map(|row| row.id).collect::<Vec<_>>();
    let animals = store::animals(tx, scope, &ids).await?;
    let mut of = std::collections::HashMap::<ClientId, Vec<AnimalRow>>::new();
    for animal in animals {
        of.entry(animal.client).or_default().push(animal);
    }
    let with = |row: ClientRow| Client { animals: of.remove(&row.id).unwrap_or_default(), row };
    Ok(rows.into_iter().map(with).collect())
}

/// Adds a client with their animals.
///
/// # Errors
/// A field can't be used.
pub async fn add(tx: &Tx, by: &GroupMember, input: &ClientInput) -> Result<Client> {
    let practice = accounts::practice_kind(tx, by.account()).await?;
    if !input.animals.is_empty() && !practice.has_animals() {
        return Err(Error::field("animals", NO_ANIMALS));
    }
    let kind = input.kind.or(Kind::assumed(practice));
    let draft = fields::check(&ClientInput { kind, ..input.clone() }, tx.now())?;
    let id = tx.id();
    store::insert(tx, by, &[store::New { id, draft: &draft }]).await?;
    audit::record(tx, event(by, Action::ClientAdded, id)).await?;
    let row = store::find(tx, by, id).await?.ok_or_else(Error::not_found)?;
    with_animals(tx, by, row).await
}

/// A page of the group's clients. Gives one more than the limit, if there are more.
pub async fn list(tx: &Tx, by: &GroupReader, filter: &Filter, limit: i64) -> Result<Vec<Client>> {
    let rows = store::list(tx, by, filter, limit + 1).await?;
    all_with_animals(tx, by, rows).await
}

/// A page of a group's clients with their animals, in an order that people chose. Gives one more than the limit, if there
/// are more.
pub async fn list_by(
    tx: &Tx,
    by: &GroupReader,
    filter: &Filter,
    order: Order<Sort>,
    limit: i64,
) -> Result<Vec<Client>> {
    let rows = store::sorted(tx, by, filter, order, limit + 1).await?;
    all_with_animals(tx, by, rows).await
}

/// A client.
pub async fn show(tx: &Tx, by: &ClientReader) -> Result<Client> {
    let row = store::show(tx, by).await?;
    with_animals(tx, by, row).await
}

/// A client, for the form that changes it.
///
/// # Errors
/// It is archived.
pub async fn show_for_edit(tx: &Tx, by: &ClientEditor) -> Result<Client> {
    let row = store::show(tx, by).await?;
    open(&row)?;
    with_animals(tx, by, row).await
}

/// What may be changed of a client. What is absent stays. Its group never changes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Changes {
    /// What they are to the group.
    pub kind: Option<Kind>,
    /// One line, up to 200 characters.
    pub name: Option<String>,
    /// The group's own file number.
    pub reference: Option<String>,
    /// Their address for mail.
    pub email: Option<String>,
    /// As it was entered.
    pub phone: Option<String>,
    /// Where they live.
    pub address: Option<String>,
    /// When they were born; empty where unknown.
    pub birth_date: Option<String>,
    /// Whatever else.
    pub remarks: Option<String>,
}

/// Refuses to change a client that is archived.
fn open(row: &ClientRow) -> Result<()> {
    match (row.archived_at, &row.merged_name) {
        (None, _) => Ok(()),
        (_, Some(_)) => Err(merged()),
        (_, None) => {
            let why = "This client is archived. Restore the client to make changes.";
            Err(Error::conflict("client_archived", why))
        }
    }
}

fn merged() -> Error {
    Error::conflict("client_merged", "This client was merged into another. Make changes there.")
}

/// Changes a client.
///
/// # Errors
/// A field can't be used, it is archived, or someone changed it first.
pub async fn change(tx: &Tx, by: &ClientEditor, input: &Changes, seen: ExpectedVersion) -> Result<Client> {
    let before = store::show(tx, by).await?;
    open(&before)?;
    seen.check(before.version)?;
    let or = |new: &Option<String>, old: &str| new.clone().unwrap_or_else(|| old.to_owned());
    let typed = ClientInput {
        kind: Some(input.kind.unwrap_or(before.kind)),
        name: or(&input.name, &before.name),
        reference: or(&input.reference, &before.reference),
        email: or(&input.email, &before.email),
        phone: or(&input.phone, &before.phone),
        address: or(&input.address, &before.address),
        birth_date: or(&input.birth_date, before.birth_date.as_deref().unwrap_or_default()),
        remarks: or(&input.remarks, &before.remarks),
        animals: Vec::new(),
    };
    let draft = fields::check(&typed, tx.now())?;
    let row = ClientRow {
        kind: draft.kind,
        name: draft.name,
        reference: draft.reference,
        email: draft.email,
        phone: draft.phone,
        address: draft.address,
        birth_date: draft.birth_date,
        remarks: draft.remarks,
        ..before.clone()
    };
    if row == before {
        return with_animals(tx, by, row).await;
    }
    save(tx, by, &row, Action::ClientChanged).await
}

/// Keeps a client as it now is, with what a search finds it by.
async fn save(tx: &Tx, by: &ClientScope, row: &ClientRow, action: Action) -> Result<Client> {
    let animals = store::animals(tx, by, &[row.id]).await?;
    if !store::update(tx, by, row, &animals).await? {
        return Err(Error::stale());
    }
    audit::record(tx, event(by, action, row.id)).await?;
    Ok(Client { row: store::show(tx, by).await?, animals })
}

/// Archives or restores a client. What it was archived with stays as it was.
///
/// # Errors
/// It was merged into another, or someone changed it first.
pub async fn set_archived(
    tx: &Tx,
    by: &ClientCurator,
    archived: bool,
    seen: ExpectedVersion,
) -> Result<Client> {
    let before = store::show(tx, by).await?;
    seen.check(before.version)?;
    if before.merged_into.is_some() {
        return Err(merged());
    }
    if before.archived_at.is_some() == archived {
        return with_animals(tx, by, before).await;
    }
    let row = ClientRow { archived_at: archived.then(|| tx.now()), ..before };
    save(tx, by, &row, if archived { Action::ClientArchived } else { Action::ClientRestored }).await
}

/// Adds an animal.
///
/// # Errors
/// A field can't be used, there are too many, or the client is archived.
pub async fn add_animal(tx: &Tx, by: &ClientEditor, input: &AnimalInput) -> Result<AnimalRow> {
    let row = store::show(tx, by).await?;
    open(&row)?;
    must_have_animals(tx, by.account(), "animal").await?;
    let draft = fields::check_animal(input, tx.now())?;
    let before = store::animals(tx, by, &[row.id]).await?;
    not_too_many(&before)?;
    store::insert_animals(tx, by, [(row.id, std::slice::from_ref(&draft))].into_iter()).await?;
    let known = before.iter().map(|animal| animal.id).collect::<Vec<_>>();
    let Client { animals, .. } = save(tx, by, &row, Action::ClientAnimalAdded).await?;
    animals
        .into_iter()
        .find(|animal| !known.contains(&animal.id))
        .ok_or_else(|| Error::internal("just added"))
}

fn not_too_many(animals: &[AnimalRow]) -> Result<()> {
    match animals.iter().filter(|animal| animal.archived_at.is_none()).count() {
        many if many >= MOST_ANIMALS => Err(Error::conflict(
            "too_many_animals",
            format!("A client can have up to {MOST_ANIMALS} animals. Archive one first."),
        )),
        _ => Ok(()),
    }
}

/// What may be changed of an animal. What is absent stays.
#[derive(Clone, Debug, Default)]
pub struct AnimalChanges {
    /// One line, up to 200 characters.
    pub name: Option<String>,
    /// Dog, cat …
    pub species: Option<String>,
    /// As it was entered.
    pub breed: Option<String>,
    /// When it was born; empty where unknown.
    pub birth_date: Option<String>,
    /// Whether it is no longer offered for new cases. Its cases keep it.
    pub archived: Option<bool>,
}

/// Changes, archives or restores an animal of the client.
///
/// # Errors
/// It is none of theirs, a field can't be used, or the client is archived.
pub async fn change_animal(
    tx: &Tx,
    by: &ClientEditor,
    id: AnimalId,
    input: &AnimalChanges,
) -> Result<AnimalRow> {
    let client = store::show(tx, by).await?;
    let animals = store::animals(tx, by, &[client.id]).await?;
    let before = animals.iter().find(|animal| animal.id == id).cloned().ok_or_else(Error::not_found)?;
    open(&client)?;
    let or = |new: &Option<String>, old: &str| new.clone().unwrap_or_else(|| old.to_owned());
    let typed = AnimalInput {
        name: or(&input.name, &before.name),
        species: or(&input.species, &before.species),
        breed: or(&input.breed, &before.breed),
        birth_date: or(&input.birth_date, before.birth_date.as_deref().unwrap_or_default()),
    };
    let AnimalDraft { name, species, breed, birth_date } = fields::check_animal(&typed, tx.now())?;
    let archived_at = match input.archived {
        None => before.archived_at,
        Some(true) => before.archived_at.or(Some(tx.now())),
        Some(false) => {
            if before.archived_at.is_some() {
                not_too_many(&animals)?;
            }
            None
        }
    };
    let row = AnimalRow { name, species, breed, birth_date, archived_at, ..before };
    store::update_animal(tx, by, &row).await?;
    save(tx, by, &client, Action::ClientAnimalChanged).await?;
    Ok(row)
}

/// Who can see a client, and why; or could, at any time in a span in the past. Before it existed, nobody.
pub async fn access(tx: &Tx, by: &ClientReader, span: Span) -> Result<(ClientRow, Seen)> {
    let client = store::show(tx, by).await?;
    let seen = explain::who_sees_client(tx, by, client.created_at, span).await?;
    Ok((client, seen))
}

/// Clients that are likely the same.
#[derive(Clone, Debug)]
pub struct Alike {
    /// Why: "the same email address".
    pub why: &'static str,
    /// Them, the oldest first.
    pub clients: Vec<ClientRow>,
}

/// How many clients a look for duplicates takes in at most.
pub const MOST_ALIKE: i64 = 500;

/// Likely duplicates, and whether more clients might be some than were compared.
#[derive(Clone, Debug, Default)]
pub struct Duplicates {
    /// Sets of clients that are likely the same.
    pub sets: Vec<Alike>,
    /// Whether there are more: they come up as these are merged.
    pub more: bool,
}

/// Likely duplicates among the group's clients: who share an address for mail, or a name with a date of birth or
/// a phone.
pub async fn alike(tx: &Tx, by: &ClientKeeper) -> Result<Duplicates> {
    let (mut by_email, mut by_name) = store::alike(tx, by, MOST_ALIKE + 1).await?;
    let most = usize::try_from(MOST_ALIKE).unwrap_or(usize::MAX);
    let more = by_email.len() > most || by_name.len() > most;
    by_email.truncate(most);
    by_name.truncate(most);
    let digits = |row: &ClientRow| row.phone.chars().filter(char::is_ascii_digit).collect::<String>();
    let mut found = sets("the same email address", &by_email, |row| Some(text::fold(&row.email)));
    for further in [
        sets("the same name and date of birth", &by_name, |row| {
            Some(format!("{}\n{}", text::fold(&row.name), row.birth_date.as_ref()?))
        }),
        sets("the same name and phone", &by_name, |row| {
            Some(format!(
                "{}\n{}",
                text::fold(&row.name),
                Some(digits(row)).filter(|digits| !digits.is_empty())?
            ))
        }),
    ] {
        let ids = |alike: &Alike| alike.clients.iter().map(|row| row.id).collect::<Vec<_>>();
        let known = found.iter().map(ids).collect::<Vec<_>>();
        found.extend(further.into_iter().filter(|alike| !known.contains(&ids(alike))));
    }
    Ok(Duplicates { sets: found, more })
}

/// The sets of more than one that share a key, in the order of the rows.
fn sets(why: &'static str, rows: &[ClientRow], key: impl Fn(&ClientRow) -> Option<String>) -> Vec<Alike> {
    let mut found: Vec<(String, Vec<ClientRow>)> = Vec::new();
    let mut at = std::collections::HashMap::<String, usize>::new();
    for row in rows {
        let Some(key) = key(row) else { continue };
        let index = *at.entry(key.clone()).or_insert_with(|| {
            found.push((key, Vec::new()));
            found.len() - 1
        });
        found[index].1.push(row.clone());
    }
    let several = found.into_iter().filter(|(_, clients)| clients.len() > 1);
    several.map(|(_, clients)| Alike { why, clients }).collect()
}

/// The headings of an export, which an import reads again; the animals' repeat once for each animal that any
/// client has.
pub(super) fn headings(animals: usize) -> Vec<String> {
    let fixed = ["name", "kind", "reference", "email", "phone", "address", "birth date", "remarks"];
    let mut headings = fixed.map(str::to_owned).to_vec();
    for number in 1..=animals {
        let number = if number == 1 { String::new() } else { format!(" {number}") };
        let each = ["animal", "species", "breed", "animal birth date"];
        headings.extend(each.map(|name| format!("{name}{number}")));
    }
    headings
}

/// Begins an export: notes it, and gives the headings.
pub async fn begin_export(tx: &Tx, by: &ClientKeeper) -> Result<Vec<String>> {
    let event = Event::new(by.account(), by.user(), Action::ClientsExported, by.group()).in_group(by.group());
    audit::record(tx, event.with(json!({}))).await?;
    access_log::record(tx, &Opened::new(by.account(), by.user(), Record::ClientExport, by.group())).await?;
    let most = usize::try_from(store::most_animals(tx, by).await?).unwrap_or_default();
    let least = usize::from(accounts::practice_kind(tx, by.account()).await?.has_animals());
    Ok(headings(most.max(least)))
}

/// A part of an export: the clients that follow in the list, by name.
pub async fn export(
    tx: &Tx,
    by: &ClientKeeper,
    listing: Listing<store::Clients>,
    limit: i64,
) -> Result<Vec<Client>> {
    let rows = store::list(tx, by, &Filter { listing, ..Filter::default() }, limit).await?;
    all_with_animals(tx, by, rows).await
}

/// The cells of a client in an export, as many as there are headings.
pub fn exported(Client { row, animals }: Client, columns: usize) -> Vec<String> {
    let birth_date = row.birth_date.unwrap_or_default();
    let kind = row.kind.word().to_owned();
    let mut cells =
        vec![row.name, kind, row.reference, row.email, row.phone, row.address, birth_date, row.remarks];
    for animal in animals.into_iter().filter(|animal| animal.archived_at.is_none()) {
        cells.extend([animal.name, animal.species, animal.breed, animal.birth_date.unwrap_or_default()]);
    }
    // An animal that was added since the export began is left out; its client keeps as many cells as the others.
    cells.resize(columns, String::new());
    cells
}
