//! The statements of clients and their animals.

mod find;

pub use find::{FoundClient, find as find_everywhere};

use serde_json::{Value, json};

use crate::{
    client_groups,
    clients::{
        Kind,
        fields::{AnimalDraft, Draft, search_text},
    },
};
use access::{ClientScope, GroupScope};
use kernel::{
    clock::{Time, date_words},
    error::Result,
    id::{AccountId, Animal, AnimalId, ClientId, GroupId, UserId},
    search, text,
};
use storage::{
    Param, Tx, Weight, hex, ids,
    list::{Key, Listing, Statements},
    orders, row, sorted, sql,
};

orders! {
    /// Clients.
    pub Clients of Client: "name" ["name" Folded, "created_at" Created, "updated_at" Moment] updated;
}

row! {
    /// A client, as lists and its page show it.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct ClientRow {
        /// Newer ones have greater ids.
        pub id: ClientId = "c.id",
        /// Part of its key in the database.
        pub account: AccountId = "c.account_id",
        /// Part of its key in the database.
        pub group: GroupId = "c.group_id",
        /// The group's name.
        pub group_name: String = "g.name",
        /// What they are to the group.
        pub kind: Kind = "c.kind",
        /// One line, up to 200 characters.
        pub name: String = "c.name",
        /// The group's own file number.
        pub reference: String = "c.reference",
        /// Their address for mail.
        pub email: String = "c.email",
        /// As it was entered.
        pub phone: String = "c.phone",
        /// Where they live.
        pub address: String = "c.address",
        /// When they were born: `2019-05-01`.
        pub birth_date: Option<String> = "c.birth_date",
        /// Whatever else.
        pub remarks: String = "c.remarks",
        /// Who added it.
        pub created_by: UserId = "c.created_by",
        /// The person's current name.
        pub creator: String = "u.name",
        /// By the server's clock.
        pub created_at: Time = "c.created_at",
        /// When it last changed.
        pub updated_at: Time = "c.updated_at",
        /// Since when it is archived.
        pub archived_at: Option<Time> = "c.archived_at",
        /// Into which client it was merged.
        pub merged_into: Option<ClientId> = "c.merged_into",
        /// That client's name.
        pub merged_name: Option<String> = "m.name",
        /// Counts the changes.
        pub version: i64 = "c.version",
    }
}

impl ClientRow {
    /// How it is told from others of the same name, where one chooses.
    pub fn label(&self) -> String {
        match [&self.reference, &self.email, &self.phone].into_iter().find(|text| !text.is_empty()) {
            Some(more) => format!("{} ({more})", self.name),
            None => self.name.clone(),
        }
    }

    /// Where it is in a list of clients that is sorted so.
    pub fn place(&self, by: &str) -> (Key, ClientId) {
        let key = match by {
            "name" => text::fold(&self.name).into(),
            "updated_at" => self.updated_at.into(),
            _ => Key::Created,
        };
        (key, self.id)
    }

    fn search(&self, animals: &[AnimalRow]) -> String {
        let Self { name, reference, email, phone, .. } = self;
        let current = animals.iter().filter(|animal| animal.archived_at.is_none());
        search_text(&[name, reference, email, phone], current.map(|animal| animal.name.as_str()))
    }
}

row! {
    /// An animal of a client.
    #[derive(Clone, Debug)]
    pub struct AnimalRow {
        /// The owner.
        pub client: ClientId = "a.client_id",
        /// Newer ones have greater ids.
        pub id: AnimalId = "a.id",
        /// One line, up to 200 characters.
        pub name: String = "a.name",
        /// Dog, cat …
        pub species: String = "a.species",
        /// As it was entered.
        pub breed: String = "a.breed",
        /// When it was born: `2019-05-01`.
        pub birth_date: Option<String> = "a.birth_date",
        /// Since when it is archived.
        pub archived_at: Option<Time> = "a.archived_at",
    }
}

impl AnimalRow {
    /// What it is and since when, in a line: "Dog · Collie · born May 1, 2019".
    pub fn line(&self) -> String {
        let born =
            self.birth_date.as_deref().map(|date| format!("born {}", date_words(date))).unwrap_or_default();
        let parts = [self.species.as_str(), &self.breed, &born];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }
}

/// Which clients to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words that are all in it: of the name, the file number, the address for mail, the phone, the names of
    /// animals.
    pub search: Option<String>,
    /// Of this kind alone.
    pub kind: Option<Kind>,
    /// Those that are archived instead of those that are not.
    pub archived: bool,
    /// From where on, in which order.
    pub listing: Listing<Clients>,
    /// Where a page in an order that people chose goes on.
    pub after: Option<ClientId>,
}

impl Filter {
    /// Whether finding them takes long.
    pub fn weight(&self) -> Weight {
        let by_name = self.listing.by() == "name";
        if self.search.is_some() || !by_name { Weight::Heavy } else { Weight::Light }
    }
}

/// How many words of a search count.
const MOST_WORDS: usize = 4;

/// The columns of a [`ClientRow`]. `CROSS JOIN … WHERE` keeps the order in which the tables are read.
macro_rules! select_clients {
    ($($where:literal)+) => {
        sql!(
            concat!(
                "SELECT {} FROM clients c CROSS JOIN users u CROSS JOIN groups g \
                 LEFT JOIN clients m ON m.account_id = c.account_id AND m.group_id = c.group_id AND m.id = c.merged_into \
                 WHERE u.id = c.created_by AND g.account_id = c.account_id AND g.id = c.group_id AND c.account_id = $1 AND c.group_id = $2 AND ",
                $($where,)+
            ),
            ClientRow
        )
    };
}

mod sorted;

pub use sorted::Sort;
pub(super) use sorted::sorted;

/// A page of a group's clients; the condition says which.
macro_rules! listed {
    ($which:literal; [$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM clients c CROSS JOIN users u CROSS JOIN groups g \
                 LEFT JOIN clients m ON m.account_id = c.account_id AND m.group_id = c.group_id AND m.id = c.merged_into \
                 WHERE u.id = c.created_by AND g.account_id = c.account_id AND g.id = c.group_id \
                  AND c.account_id = $5 AND c.group_id = $6 AND ",
                $which, " AND ", $($after,)+
                " AND c.id > $3 AND +c.updated_at > $4 \
                  AND (CAST($7 AS TEXT) IS NULL OR c.kind = $7) \
                  AND (CAST($8 AS TEXT) IS NULL OR c.search LIKE $8 ESCAPE '\\') \
                  AND (CAST($9 AS TEXT) IS NULL OR c.search LIKE $9 ESCAPE '\\') \
                  AND (CAST($10 AS TEXT) IS NULL OR c.search LIKE $10 ESCAPE '\\') \
                  AND (CAST($11 AS TEXT) IS NULL OR c.search LIKE $11 ESCAPE '\\') \
                 ORDER BY ",
                $($order,)+ " LIMIT $12"
            ),
            ClientRow
        )
    };
}
macro_rules! present { ($($part:tt)+) => { listed!("c.archived_at IS NULL"; $($part)+) }; }
macro_rules! archived { ($($part:tt)+) => { listed!("c.archived_at IS NOT NULL"; $($part)+) }; }

const PRESENT: Statements = sorted!(present; "c.id"; Folded "c.name_key", Created, Moment "c.updated_at");
const ARCHIVED: Statements = sorted!(archived; "c.id"; Folded "c.name_key", Created, Moment "c.updated_at");

/// A page of a group's clients. Words without a letter or digit find nothing.
pub(super) async fn list(tx: &Tx, scope: &GroupScope, filter: &Filter, limit: i64) -> Result<Vec<ClientRow>> {
    let words = filter.search.as_deref().map(search::words);
    if words.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let mut patterns = words.unwrap_or_default().into_iter().take(MOST_WORDS).map(|word| format!("%{word}%"));
    let patterns: [Option<String>; MOST_WORDS] = std::array::from_fn(|_| patterns.next());
    let (account, group) = (scope.account(), scope.group());
    let mut params = filter.listing.params();
    params.extend([&account as &dyn Param, &group, &filter.kind]);
    params.extend(patterns.iter().map(|pattern| pattern as &dyn Param));
    params.push(&limit);
    let statements = if filter.archived { ARCHIVED } else { PRESENT };
    tx.all(filter.listing.statement(statements)?, &params).await
}

/// A client of the group, if there is one of this id.
pub(super) async fn find(tx: &Tx, scope: &GroupScope, id: ClientId) -> Result<Option<ClientRow>> {
    tx.maybe(select_clients!("c.id = $3"), &[&scope.account(), &scope.group(), &id]).await
}

/// Those of these clients of the group that are not archived.
pub(super) async fn find_all(tx: &Tx, scope: &GroupScope, of: &[ClientId]) -> Result<Vec<ClientRow>> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let ids = ids(of);
    tx.all(
        sql!(
            sqlite: "SELECT {} FROM json_each($3) r CROSS JOIN clients c CROSS JOIN users u CROSS JOIN groups g
                     LEFT JOIN clients m ON m.account_id = c.account_id AND m.group_id = c.group_id
                          AND m.id = c.merged_into
                     WHERE c.account_id = $1 AND c.group_id = $2 AND c.id = unhex(r.value) AND c.archived_at IS NULL
                       AND u.id = c.created_by AND g.account_id = c.account_id AND g.id = c.group_id",
            postgres: "SELECT {} FROM jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB)) AS r(value)
                       JOIN clients c ON c.id = CAST(r.value AS UUID)
                       JOIN users u ON u.id = c.created_by
                       JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id
                       LEFT JOIN clients m ON m.account_id = c.account_id AND m.group_id = c.group_id
                            AND m.id = c.merged_into
                       WHERE c.account_id = $1 AND c.group_id = $2 AND c.archived_at IS NULL",
            ClientRow,
        ),
        &[&scope.account(), &scope.group(), &ids],
    )
    .await
}

/// The client of the scope.
pub(super) async fn show(tx: &Tx, scope: &ClientScope) -> Result<ClientRow> {
    tx.one(select_clients!("c.id = $3"), &[&scope.account(), &scope.group(), &scope.object()]).await
}

/// The animals of these clients of the group, archived ones last.
pub(super) async fn animals(tx: &Tx, scope: &GroupScope, of: &[ClientId]) -> Result<Vec<AnimalRow>> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let ids = ids(of);
    tx.all(
        sql!(
            sqlite: "SELECT {} FROM json_each($3) r CROSS JOIN client_animals a
                     WHERE a.account_id = $1 AND a.group_id = $2 AND a.client_id = unhex(r.value)
                     ORDER BY a.archived_at IS NOT NULL, a.id",
            postgres: "SELECT {} FROM jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB)) AS r(value)
                       JOIN client_animals a ON a.client_id = CAST(r.value AS UUID)
                       WHERE a.account_id = $1 AND a.group_id = $2
                       ORDER BY a.archived_at IS NOT NULL, a.id",
            AnimalRow,
        ),
        &[&scope.account(), &scope.group(), &ids],
    )
    .await
}

/// A client to be kept.
pub(super) struct New<'a> {
    pub(super) id: ClientId,
    pub(super) draft: &'a Draft,
}

/// Adds clients with their animals, however many, by a few statements. They join the group's default client
/// group, if it has one.
pub(super) async fn insert(tx: &Tx, scope: &GroupScope, new: &[New<'_>]) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let rows = Value::Array(new.iter().map(client_json).collect()).to_string();
    tx.exec(
        sql!(
            sqlite: "INSERT INTO clients (account_id, group_id, id, kind, name, name_key, search, reference, email,
                         email_key, phone, address, birth_date, remarks, created_by, created_at, updated_at, version)
                     SELECT $1, $2, unhex(r.value ->> 'id'), r.value ->> 'kind', r.value ->> 'name',
                         r.value ->> 'name_key', r.value ->> 'search', r.value ->> 'reference', r.value ->> 'email',
                         r.value ->> 'email_key', r.value ->> 'phone', r.value ->> 'address',
                         r.value ->> 'birth_date', r.value ->> 'remarks', $4, $5, $5, 1
                     FROM json_each($3) r",
            postgres: "INSERT INTO clients (account_id, group_id, id, kind, name, name_key, search, reference, email,
                           email_key, phone, address, birth_date, remarks, created_by, created_at, updated_at, version)
                       SELECT CAST($1 AS UUID), CAST($2 AS UUID), r.id, r.kind, r.name, r.name_key, r.search,
                           r.reference, r.email, r.email_key, r.phone, r.address, r.birth_date, r.remarks,
                           CAST($4 AS UUID), CAST($5 AS BIGINT), CAST($5 AS BIGINT), 1
                       FROM jsonb_to_recordset(CAST(CAST($3 AS TEXT) AS JSONB)) AS r(id UUID, kind TEXT, name TEXT,
                           name_key TEXT, search TEXT, reference TEXT, email TEXT, email_key TEXT, phone TEXT,
                           address TEXT, birth_date TEXT, remarks TEXT)",
        ),
        &[&scope.account(), &scope.group(), &rows, &scope.user(), &tx.now()],
    )
    .await?;
    insert_animals(tx, scope, new.iter().map(|new| (new.id, new.draft.animals.as_slice()))).await?;
    let ids = new.iter().map(|new| new.id).collect::<Vec<_>>();
    client_groups::welcome_all(tx, scope.account(), scope.group(), &ids).await
}

fn client_json(new: &New<'_>) -> Value {
    let Draft { kind, name, reference, email, phone, address, birth_date, remarks, .. } = new.draft;
    json!({ "id": hex(new.id), "kind": kind, "name": name, "name_key": text::fold(name),
            "search": new.draft.search(), "reference": reference, "email": email, "email_key": text::fold(email),
            "phone": phone, "address": address, "birth_date": birth_date, "remarks": remarks })
}

/// Adds animals to clients.
pub(super) async fn insert_animals<'a>(
    tx: &Tx,
    scope: &GroupScope,
    new: impl Iterator<Item = (ClientId, &'a [AnimalDraft])>,
) -> Result<()> {
    let new = new.flat_map(|(client, animals)| animals.iter().map(move |animal| (client, animal)));
    let new = new.collect::<Vec<_>>();
    // Ids of one moment are in no order, and animals stay in the order in which they were written.
    let mut ids = new.iter().map(|_| tx.id::<Animal>()).collect::<Vec<_>>();
    ids.sort_unstable();
    let rows = new.iter().zip(ids).map(|((client, animal), id)| {
        json!({ "client": hex(*client), "id": hex(id), "name": animal.name, "species": animal.species,
                "breed": animal.breed, "birth_date": animal.birth_date })
    });
    let rows = rows.collect::<Vec<_>>();
    if rows.is_empty() {
        return Ok(());
    }
    tx.exec(
        sql!(
            sqlite: "INSERT INTO client_animals (account_id, group_id, client_id, id, name, species, breed, birth_date,
                         created_at)
                     SELECT $1, $2, unhex(r.value ->> 'client'), unhex(r.value ->> 'id'), r.value ->> 'name',
                         r.value ->> 'species', r.value ->> 'breed', r.value ->> 'birth_date', $4
                     FROM json_each($3) r",
            postgres: "INSERT INTO client_animals (account_id, group_id, client_id, id, name, species, breed,
                           birth_date, created_at)
                       SELECT CAST($1 AS UUID), CAST($2 AS UUID), r.client, r.id, r.name, r.species, r.breed,
                           r.birth_date, CAST($4 AS BIGINT)
                       FROM jsonb_to_recordset(CAST(CAST($3 AS TEXT) AS JSONB)) AS r(client UUID, id UUID, name TEXT,
                           species TEXT, breed TEXT, birth_date TEXT)",
        ),
        &[&scope.account(), &scope.group(), &Value::Array(rows).to_string(), &tx.now()],
    )
    .await?;
    Ok(())
}

/// Changes a client, if it is still as it was read.
pub(super) async fn update(
    tx: &Tx,
    scope: &ClientScope,
    row: &ClientRow,
    animals: &[AnimalRow],
) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE clients SET kind = $4, name = $5, name_key = $6, search = $7, reference = $8, email = $9,
                        email_key = $10, phone = $11, address = $12, birth_date = $13, remarks = $14, archived_at = $15,
                        updated_at = $16, version = version + 1
                 WHERE account_id = $1 AND group_id = $2 AND id = $3 AND version = $17"
            ),
            &[
                &scope.account(),
                &scope.group(),
                &row.id,
                &row.kind,
                &row.name,
                &text::fold(&row.name),
                &row.search(animals),
                &row.reference,
                &row.email,
                &text::fold(&row.email),
                &row.phone,
                &row.address,
                &row.birth_date,
                &row.remarks,
                &row.archived_at,
                &tx.now(),
                &row.version,
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Fills in what clients now have, and the names of their animals for searches, by one statement: an insert that
/// meets them goes from one to the next by their keys. Says how many were still as they were read.
pub(super) async fn fill_all(tx: &Tx, scope: &GroupScope, rows: &[(ClientRow, Vec<String>)]) -> Result<u64> {
    let rows = rows.iter().map(|(row, animals)| {
        let ClientRow { kind, name, reference, email, phone, address, birth_date, remarks, version, .. } = row;
        let search = search_text(&[name, reference, email, phone], animals.iter().map(String::as_str));
        json!({ "id": hex(row.id), "kind": kind, "name": name, "name_key": text::fold(name), "search": search,
                "reference": reference, "email": email, "email_key": text::fold(email), "phone": phone,
                "address": address, "birth_date": birth_date, "remarks": remarks,
                "created_by": hex(row.created_by), "created_at": row.created_at.micros(), "version": version })
    });
    let rows = Value::Array(rows.collect()).to_string();
    tx.exec(
        sql!(
            sqlite: "INSERT INTO clients (account_id, group_id, id, kind, name, name_key, search, reference, email,
                         email_key, phone, address, birth_date, remarks, created_by, created_at, updated_at, version)
                     SELECT $1, $2, unhex(r.value ->> 'id'), r.value ->> 'kind', r.value ->> 'name',
                         r.value ->> 'name_key', r.value ->> 'search', r.value ->> 'reference', r.value ->> 'email',
                         r.value ->> 'email_key', r.value ->> 'phone', r.value ->> 'address',
                         r.value ->> 'birth_date', r.value ->> 'remarks', unhex(r.value ->> 'created_by'),
                         r.value ->> 'created_at', $4, r.value ->> 'version'
                     FROM json_each($3) r WHERE true
                     ON CONFLICT (account_id, group_id, id) DO UPDATE SET search = excluded.search,
                         reference = excluded.reference, email = excluded.email, email_key = excluded.email_key,
                         phone = excluded.phone, address = excluded.address, birth_date = excluded.birth_date,
                         remarks = excluded.remarks, updated_at = excluded.updated_at,
                         version = clients.version + 1
                     WHERE clients.version = excluded.version",
            postgres: "INSERT INTO clients (account_id, group_id, id, kind, name, name_key, search, reference, email,
                           email_key, phone, address, birth_date, remarks, created_by, created_at, updated_at, version)
                       SELECT CAST($1 AS UUID), CAST($2 AS UUID), r.id, r.kind, r.name, r.name_key, r.search,
                           r.reference, r.email, r.email_key, r.phone, r.address, r.birth_date, r.remarks,
                           r.created_by, r.created_at, CAST($4 AS BIGINT), r.version
                       FROM jsonb_to_recordset(CAST(CAST($3 AS TEXT) AS JSONB)) AS r(id UUID, kind TEXT, name TEXT,
                           name_key TEXT, search TEXT, reference TEXT, email TEXT, email_key TEXT, phone TEXT,
                           address TEXT, birth_date TEXT, remarks TEXT, created_by UUID, created_at BIGINT,
                           version BIGINT)
                       ON CONFLICT (account_id, group_id, id) DO UPDATE SET search = excluded.search,
                           reference = excluded.reference, email = excluded.email, email_key = excluded.email_key,
                           phone = excluded.phone, address = excluded.address, birth_date = excluded.birth_date,
                           remarks = excluded.remarks, updated_at = excluded.updated_at,
                           version = clients.version + 1
                       WHERE clients.version = excluded.version",
        ),
        &[&scope.account(), &scope.group(), &rows, &tx.now()],
    )
    .await
}

pub(super) async fn update_animal(tx: &Tx, scope: &ClientScope, row: &AnimalRow) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE client_animals SET name = $5, species = $6, breed = $7, birth_date = $8, archived_at = $9
             WHERE account_id = $1 AND group_id = $2 AND client_id = $3 AND id = $4"
        ),
        &[
            &scope.account(),
            &scope.group(),
            &scope.object(),
            &row.id,
            &row.name,
            &row.species,
            &row.breed,
            &row.birth_date,
            &row.archived_at,
        ],
    )
    .await?;
    Ok(())
}

/// Clients that may be the same as others, of those that are not archived: who share an address for mail (first),
/// or a name. Of each at most so many.
pub(super) async fn alike(
    tx: &Tx,
    scope: &GroupScope,
    limit: i64,
) -> Result<(Vec<ClientRow>, Vec<ClientRow>)> {
    let place: [&dyn Param; 3] = [&scope.account(), &scope.group(), &limit];
    let by_email = select_clients!(
        "c.archived_at IS NULL AND c.email_key IN (SELECT d.email_key FROM clients d
             WHERE d.account_id = $1 AND d.group_id = $2 AND d.email_key <> '' AND d.archived_at IS NULL
             GROUP BY d.email_key HAVING count(*) > 1)
         ORDER BY c.email_key, c.id LIMIT $3"
    );
    let by_name = select_clients!(
        "c.archived_at IS NULL AND c.name_key IN (SELECT d.name_key FROM clients d
             WHERE d.account_id = $1 AND d.group_id = $2 AND d.archived_at IS NULL
             GROUP BY d.name_key HAVING count(*) > 1)
         ORDER BY c.name_key, c.id LIMIT $3"
    );
    Ok((tx.all(by_email, &place).await?, tx.all(by_name, &place).await?))
}

/// How many animals that are not archived a client of the group has at most.
pub(super) async fn most_animals(tx: &Tx, scope: &GroupScope) -> Result<i64> {
    tx.value(
        sql!(
            "SELECT CAST(COALESCE(max(q.n), 0) AS BIGINT) FROM (SELECT count(*) AS n FROM client_animals
             WHERE account_id = $1 AND group_id = $2 AND archived_at IS NULL GROUP BY client_id) q"
        ),
        &[&scope.account(), &scope.group()],
    )
    .await
}

/// Copies the clients of an account to the copies of their groups in another; cases bring their own links.
pub async fn copy_all(tx: &Tx, from: AccountId, to: AccountId) -> Result<()> {
    for statement in [
        sql!(
            "INSERT INTO clients (account_id, group_id, id, kind, name, name_key, search, reference, email, email_key,
                                  phone, address, birth_date, remarks, created_by, created_at, updated_at, archived_at,
                                  merged_into, version)
             SELECT $2, group_id, id, kind, name, name_key, search, reference, email, email_key, phone, address,
                    birth_date, remarks, created_by, created_at, updated_at, archived_at, merged_into, version
             FROM clients WHERE account_id = $1"
        ),
        sql!(
            "INSERT INTO client_animals (account_id, group_id, client_id, id, name, species, breed, birth_date,
                                         created_at, archived_at)
             SELECT $2, group_id, client_id, id, name, species, breed, birth_date, created_at, archived_at
             FROM client_animals WHERE account_id = $1"
        ),
        sql!(
            "INSERT INTO client_imports (account_id, group_id, id, name, state, lines, format, created_by, created_at,
                                         settled_at)
             SELECT $2, group_id, id, name, state, lines, format, created_by, created_at, settled_at
             FROM client_imports WHERE account_id = $1"
        ),
        sql!(
            "INSERT INTO client_import_lines (account_id, group_id, import_id, number, content, outcome, plan, detail,
                                              client_id, earlier_line, animals, noticed)
             SELECT $2, group_id, import_id, number, content, outcome, plan, detail, client_id, earlier_line, animals,
                    noticed
             FROM client_import_lines WHERE account_id = $1"
        ),
    ] {
        tx.exec(statement, &[&from, &to]).await?;
    }
    Ok(())
}

/// Deletes every client of an account whose groups were copied elsewhere, once nothing refers to them.
pub async fn forget_all(tx: &Tx, account: AccountId) -> Result<()> {
    for statement in [
        sql!("DELETE FROM client_import_lines WHERE account_id = $1"),
        sql!("DELETE FROM client_imports WHERE account_id = $1"),
        sql!("DELETE FROM client_import_mappings WHERE account_id = $1"),
        sql!("DELETE FROM client_animals WHERE account_id = $1"),
        sql!("DELETE FROM clients WHERE account_id = $1"),
    ] {
        tx.exec(statement, &[&account]).await?;
    }
    Ok(())
}
