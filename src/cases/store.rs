//! The statements of cases, their notes and their files.

use crate::{
    access::{AccountAdmin, CaseScope, GroupScope, SignedIn},
    cases::Status,
    clients::Subject,
    clock::Time,
    db::{Param, Tx},
    error::Result,
    id::{AccountId, AnimalId, CaseId, ClientId, FileId, GroupId, LocationId, NoteId, ProtocolId, UserId},
    row, sql, text,
    web::{Weight, files::NewFile},
};

row! {
    /// A case, as lists and its page show it.
    #[derive(Clone, Debug)]
    pub struct CaseRow {
        /// Its id.
        pub id: CaseId,
        /// Its account.
        pub account: AccountId,
        /// Its group.
        pub group: GroupId,
        /// The group's name.
        pub group_name: String,
        /// Its number in the group, from 1.
        pub number: i64,
        /// Its name.
        pub name: String,
        /// Whether work goes on.
        pub status: Status,
        /// What it follows.
        pub protocol: ProtocolId,
        /// The protocol's name.
        pub protocol_name: String,
        /// Where.
        pub location: LocationId,
        /// The location's name.
        pub location_name: String,
        /// Who created it.
        pub created_by: UserId,
        /// Their name.
        pub creator: String,
        /// When.
        pub created_at: Time,
        /// When it last changed.
        pub updated_at: Time,
        /// When it was closed.
        pub closed_at: Option<Time>,
        /// Counts the changes.
        pub version: i64,
    }
}

/// Which cases to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only open or only closed ones.
    pub status: Option<Status>,
    /// Part of the name or the number.
    pub search: Option<String>,
    /// Only at this location.
    pub location: Option<LocationId>,
    /// Only older ones than this: where the page before ended.
    pub before: Option<CaseId>,
}

impl Filter {
    /// Whether finding them takes long.
    pub fn weight(&self) -> Weight {
        match self.search.is_some() || self.location.is_some() {
            true => Weight::Heavy,
            false => Weight::Light,
        }
    }
}

/// The columns of a [`CaseRow`], with the names of what a case refers to: from these tables, where this.
macro_rules! select_cases {
    ($from:literal, $rest:literal) => {
        concat!(
            "SELECT c.id, c.account_id, c.group_id, g.name, c.number, c.name, c.status, c.protocol_id, p.name, \
                    c.location_id, l.name, c.created_by, u.name, c.created_at, c.updated_at, c.closed_at, c.version ",
            $from,
            " JOIN protocols p ON p.account_id = c.account_id AND p.id = c.protocol_id \
              JOIN locations l ON l.account_id = c.account_id AND l.group_id = c.group_id AND l.id = c.location_id \
              JOIN users u ON u.id = c.created_by ",
            $rest
        )
    };
}

/// A page of a group's cases, newest first.
pub(super) async fn in_group(
    tx: &Tx,
    scope: &GroupScope,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    let search = filter.search.as_deref().map(text::contains_pattern);
    let before = filter.before.unwrap_or(CaseId::last());
    let (account, group) = (scope.account(), scope.group());
    if search.is_none() && filter.location.is_none() {
        return match filter.status {
            None => tx.all(LIST, &[&account, &group, &before, &limit]).await,
            Some(status) => tx.all(LIST_BY_STATUS, &[&account, &group, &before, &status, &limit]).await,
        };
    }
    tx.all(
        sql!(select_cases!(
            "FROM cases c
             JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id ",
            "WHERE c.account_id = $1 AND c.group_id = $2 AND c.id < $3
               AND (CAST($4 AS TEXT) IS NULL OR c.status = $4)
               AND (CAST($5 AS TEXT) IS NULL OR c.search LIKE $5 ESCAPE '\\')
               AND ($6 OR c.location_id = $7)
             ORDER BY c.id DESC LIMIT $8"
        )),
        &[
            &account,
            &group,
            &before,
            &filter.status,
            &search,
            &filter.location.is_none(),
            &filter.location,
            &limit,
        ],
    )
    .await
}

const LIST: crate::db::Sql = sql!(select_cases!(
    "FROM cases c
     JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id ",
    "WHERE c.account_id = $1 AND c.group_id = $2 AND c.id < $3
     ORDER BY c.id DESC LIMIT $4"
));

const LIST_BY_STATUS: crate::db::Sql = sql!(select_cases!(
    "FROM cases c
     JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id ",
    "WHERE c.account_id = $1 AND c.group_id = $2 AND c.id < $3 AND c.status = $4
     ORDER BY c.id DESC LIMIT $5"
));

/// The newest cases of several groups `s`: `$1` is whose, `$2` where the page before ended, `$3` the
/// page's last row from 0, `$4` the least id, `$5` the limit.
///
/// Each group is bounded to one page inside the join, which stays fast as groups grow, where a plain
/// join reads them whole; the names come last, for the few rows that are left. `CROSS JOIN … WHERE` is
/// an ordinary join that SQLite takes in the written order: left to itself it walks the whole account.
macro_rules! newest_of_groups {
    ($groups:literal, $x:literal, $c:literal) => {
        sql!(concat!(
            "SELECT c.id, c.account_id, c.group_id, g.name, c.number, c.name, c.status, c.protocol_id, p.name, \
                    c.location_id, l.name, c.created_by, u.name, c.created_at, c.updated_at, c.closed_at, c.version \
             FROM (SELECT c.account_id, c.group_id, c.id FROM ",
            $groups,
            "  AND c.account_id = s.account_id AND c.group_id = s.group_id AND c.id < $2 \
               AND c.id >= COALESCE((SELECT x.id FROM cases x WHERE x.account_id = s.account_id \
                   AND x.group_id = s.group_id AND x.id < $2 ",
            $x,
            "      ORDER BY x.id DESC LIMIT 1 OFFSET $3), $4) ",
            $c,
            "  ORDER BY c.id DESC LIMIT $5) n \
             CROSS JOIN cases c CROSS JOIN groups g CROSS JOIN protocols p CROSS JOIN locations l CROSS JOIN users u \
             WHERE c.account_id = n.account_id AND c.group_id = n.group_id AND c.id = n.id \
               AND g.account_id = c.account_id AND g.id = c.group_id \
               AND p.account_id = c.account_id AND p.id = c.protocol_id \
               AND l.account_id = c.account_id AND l.group_id = c.group_id AND l.id = c.location_id \
               AND u.id = c.created_by \
             ORDER BY n.id DESC"
        ))
    };
}

/// The three forms that a page of several groups takes: as it is, of one status, and searched.
struct Newest {
    plain: crate::db::Sql,
    by_status: crate::db::Sql,
    searched: crate::db::Sql,
}

macro_rules! newest {
    ($groups:literal) => {
        Newest {
            plain: newest_of_groups!($groups, "", ""),
            by_status: newest_of_groups!($groups, "AND x.status = $6 ", "AND c.status = $6 "),
            searched: newest_of_groups!(
                $groups,
                "AND (CAST($6 AS TEXT) IS NULL OR x.status = $6) AND x.search LIKE $7 ESCAPE '\\' ",
                "AND (CAST($6 AS TEXT) IS NULL OR c.status = $6) AND c.search LIKE $7 ESCAPE '\\' "
            ),
        }
    };
}

/// Of the groups that the person `$1` is in.
const OF_PERSON: Newest = newest!(
    "members m CROSS JOIN group_members s CROSS JOIN cases c \
     WHERE m.user_id = $1 AND m.until IS NULL AND m.role <> 'support_staff' \
       AND s.account_id = m.account_id AND s.user_id = m.user_id AND s.until IS NULL "
);

/// Of all groups of the account `$1`.
const OF_ACCOUNT: Newest = newest!(
    "(SELECT account_id, id AS group_id FROM groups WHERE account_id = $1) s CROSS JOIN cases c \
     WHERE c.account_id = $1 "
);

impl Newest {
    async fn page(&self, tx: &Tx, of: &dyn Param, filter: &Filter, limit: i64) -> Result<Vec<CaseRow>> {
        let before = filter.before.unwrap_or(CaseId::last());
        let (last, least) = (limit - 1, CaseId::nil());
        let pattern = filter.search.as_deref().map(text::contains_pattern);
        let mut params: Vec<&dyn Param> = vec![of, &before, &last, &least, &limit];
        let statement = match (&pattern, &filter.status) {
            (None, None) => self.plain,
            (None, Some(status)) => {
                params.push(status);
                self.by_status
            }
            (Some(pattern), _) => {
                params.extend([&filter.status as &dyn Param, pattern]);
                self.searched
            }
        };
        tx.all(statement, &params).await
    }
}

/// A page of the cases of all groups that a person is in, newest first.
pub(super) async fn of_person(
    tx: &Tx,
    scope: &SignedIn,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    OF_PERSON.page(tx, &scope.id(), filter, limit).await
}

/// A page of the cases of all groups of an account, for who manages it, newest first.
pub(super) async fn of_account(
    tx: &Tx,
    scope: &AccountAdmin,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    OF_ACCOUNT.page(tx, &scope.account(), filter, limit).await
}

pub(super) async fn show(tx: &Tx, scope: &CaseScope) -> Result<CaseRow> {
    of_group(tx, scope, scope.case()).await
}

/// A case of a group.
pub(super) async fn of_group(tx: &Tx, scope: &GroupScope, id: CaseId) -> Result<CaseRow> {
    tx.one(
        sql!(select_cases!(
            "FROM cases c JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id",
            "WHERE c.account_id = $1 AND c.group_id = $2 AND c.id = $3"
        )),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

/// A case to be kept.
pub(super) struct New<'a> {
    pub(super) id: CaseId,
    pub(super) number: i64,
    pub(super) protocol: ProtocolId,
    pub(super) location: LocationId,
    pub(super) name: &'a str,
}

/// Takes the next number of a group.
pub(super) async fn next_number(tx: &Tx, scope: &GroupScope) -> Result<i64> {
    tx.value(
        sql!("UPDATE groups SET cases_made = cases_made + 1 WHERE account_id = $1 AND id = $2 RETURNING cases_made"),
        &[&scope.account(), &scope.group()],
    )
    .await
}

fn search_text(number: i64, name: &str) -> String {
    format!("#{number} {}", text::fold(name))
}

pub(super) async fn insert(tx: &Tx, scope: &GroupScope, new: &New<'_>) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO cases (account_id, group_id, id, number, protocol_id, location_id, name, search, status,
                                created_by, created_at, updated_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10, $10, 1)"
        ),
        &[
            &scope.account(),
            &scope.group(),
            &new.id,
            &new.number,
            &new.protocol,
            &new.location,
            &new.name,
            &search_text(new.number, new.name),
            &scope.id(),
            &tx.now(),
        ],
    )
    .await?;
    Ok(())
}

/// Changes a case, if it is still as it was read.
pub(super) async fn update(tx: &Tx, scope: &CaseScope, row: &CaseRow) -> Result<bool> {
    let changed = tx.exec(
        sql!(
            "UPDATE cases SET protocol_id = $4, location_id = $5, name = $6, search = $7, status = $8, closed_at = $9,
                    updated_at = $10, version = version + 1
             WHERE account_id = $1 AND group_id = $2 AND id = $3 AND version = $11"
        ),
        &[
            &scope.account(),
            &scope.group(),
            &scope.case(),
            &row.protocol,
            &row.location,
            &row.name,
            &search_text(row.number, &row.name),
            &row.status,
            &row.closed_at,
            &tx.now(),
            &row.version,
        ],
    ).await?;
    Ok(changed == 1)
}

/// Marks a case as changed now.
pub(super) async fn touch(tx: &Tx, scope: &CaseScope) -> Result<()> {
    tx.exec(
        sql!("UPDATE cases SET updated_at = $4 WHERE account_id = $1 AND group_id = $2 AND id = $3"),
        &[&scope.account(), &scope.group(), &scope.case(), &tx.now()],
    )
    .await?;
    Ok(())
}

row! {
    /// On whom a case is.
    #[derive(Clone, Debug)]
    pub struct SubjectRow {
        /// The client.
        pub client: ClientId,
        /// Their name.
        pub client_name: String,
        /// The animal.
        pub animal: Option<AnimalId>,
        /// Its name.
        pub animal_name: Option<String>,
    }
}

impl SubjectRow {
    /// Without the names.
    pub fn subject(&self) -> Subject {
        Subject { client: self.client, animal: self.animal }
    }
}

/// On whom a case is.
pub(super) async fn subject(tx: &Tx, scope: &GroupScope, case: CaseId) -> Result<Option<SubjectRow>> {
    tx.maybe(
        sql!(
            "SELECT k.client_id, c.name, k.animal_id, a.name FROM case_clients k
             JOIN clients c ON c.account_id = k.account_id AND c.group_id = k.group_id AND c.id = k.client_id
             LEFT JOIN client_animals a ON a.account_id = k.account_id AND a.group_id = k.group_id
                  AND a.id = k.animal_id
             WHERE k.account_id = $1 AND k.group_id = $2 AND k.case_id = $3"
        ),
        &[&scope.account(), &scope.group(), &case],
    )
    .await
}

/// Says on whom a case is.
pub(super) async fn set_subject(
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

/// A page of the cases on a client of the group, newest first.
///
/// # Errors
/// The database fails.
pub async fn of_client(
    tx: &Tx,
    scope: &GroupScope,
    client: ClientId,
    before: CaseId,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    tx.all(
        sql!(select_cases!(
            "FROM case_clients k
             JOIN cases c ON c.account_id = k.account_id AND c.group_id = k.group_id AND c.id = k.case_id
             JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id ",
            "WHERE k.account_id = $1 AND k.group_id = $2 AND k.client_id = $3 AND k.case_id < $4
             ORDER BY k.case_id DESC LIMIT $5"
        )),
        &[&scope.account(), &scope.group(), &client, &before, &limit],
    )
    .await
}

row! {
    /// A case as an export tells it.
    #[derive(Clone, Debug)]
    pub struct ExportRow {
        /// Its id.
        pub id: CaseId,
        /// Its number in the group.
        pub number: i64,
        /// Its name.
        pub name: String,
        /// Whether work goes on.
        pub status: Status,
        /// What it follows.
        pub protocol: String,
        /// Where.
        pub location: String,
        /// On which client it is.
        pub client: Option<String>,
        /// On which animal.
        pub animal: Option<String>,
        /// Who created it.
        pub creator: String,
        /// When.
        pub created_at: Time,
        /// When it last changed.
        pub updated_at: Time,
        /// When it was closed.
        pub closed_at: Option<Time>,
    }
}

/// The group's cases older than this one, newest first, with on whom they are.
pub(super) async fn export(
    tx: &Tx,
    scope: &GroupScope,
    before: CaseId,
    limit: i64,
) -> Result<Vec<ExportRow>> {
    tx.all(
        sql!(
            "SELECT c.id, c.number, c.name, c.status, p.name, l.name, o.name, a.name, u.name, c.created_at,
                    c.updated_at, c.closed_at
             FROM cases c
             JOIN protocols p ON p.account_id = c.account_id AND p.id = c.protocol_id
             JOIN locations l ON l.account_id = c.account_id AND l.group_id = c.group_id AND l.id = c.location_id
             JOIN users u ON u.id = c.created_by
             LEFT JOIN case_clients k ON k.account_id = c.account_id AND k.group_id = c.group_id AND k.case_id = c.id
             LEFT JOIN clients o ON o.account_id = k.account_id AND o.group_id = k.group_id AND o.id = k.client_id
             LEFT JOIN client_animals a ON a.account_id = k.account_id AND a.group_id = k.group_id
                  AND a.id = k.animal_id
             WHERE c.account_id = $1 AND c.group_id = $2 AND c.id < $3 ORDER BY c.id DESC LIMIT $4"
        ),
        &[&scope.account(), &scope.group(), &before, &limit],
    )
    .await
}

row! {
    /// A note in a case.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    pub struct NoteRow {
        /// Its id.
        pub id: NoteId,
        /// Who wrote it.
        pub author: UserId,
        /// Their name.
        pub author_name: String,
        /// What they wrote.
        pub body: String,
        /// When.
        pub created_at: Time,
    }
}

pub(super) async fn notes(tx: &Tx, scope: &CaseScope, before: NoteId, limit: i64) -> Result<Vec<NoteRow>> {
    tx.all(
        sql!(
            "SELECT n.id, n.author_id, u.name, n.body, n.created_at
             FROM case_notes n JOIN users u ON u.id = n.author_id
             WHERE n.account_id = $1 AND n.group_id = $2 AND n.case_id = $3 AND n.id < $4
             ORDER BY n.id DESC LIMIT $5"
        ),
        &[&scope.account(), &scope.group(), &scope.case(), &before, &limit],
    )
    .await
}

pub(super) async fn insert_note(tx: &Tx, scope: &CaseScope, id: NoteId, body: &str) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO case_notes (account_id, group_id, case_id, id, author_id, body, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        &[&scope.account(), &scope.group(), &scope.case(), &id, &scope.id(), &body, &tx.now()],
    )
    .await?;
    Ok(())
}

row! {
    /// A file attached to a case.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    pub struct FileRow {
        /// Its id.
        pub id: FileId,
        /// Its name.
        pub name: String,
        /// Its kind, told by its first bytes.
        pub content_type: String,
        /// Its size in bytes.
        pub size: i64,
        /// Who attached it.
        pub uploaded_by: UserId,
        /// Their name.
        pub uploader: String,
        /// When.
        pub created_at: Time,
    }
}

pub(super) async fn files(tx: &Tx, scope: &CaseScope) -> Result<Vec<FileRow>> {
    tx.all(
        sql!(
            "SELECT f.id, f.name, f.content_type, f.size, f.uploaded_by, u.name, f.created_at
             FROM case_files f JOIN users u ON u.id = f.uploaded_by
             WHERE f.account_id = $1 AND f.group_id = $2 AND f.case_id = $3 AND f.removed_at IS NULL
             ORDER BY f.id DESC LIMIT 500"
        ),
        &[&scope.account(), &scope.group(), &scope.case()],
    )
    .await
}

pub(super) async fn file(tx: &Tx, scope: &CaseScope, id: FileId) -> Result<FileRow> {
    tx.one(
        sql!(
            "SELECT f.id, f.name, f.content_type, f.size, f.uploaded_by, u.name, f.created_at
             FROM case_files f JOIN users u ON u.id = f.uploaded_by
             WHERE f.account_id = $1 AND f.group_id = $2 AND f.case_id = $3 AND f.id = $4 AND f.removed_at IS NULL"
        ),
        &[&scope.account(), &scope.group(), &scope.case(), &id],
    )
    .await
}

pub(super) async fn insert_file(tx: &Tx, scope: &CaseScope, file: &NewFile) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO case_files (account_id, group_id, case_id, id, name, content_type, size, digest,
                                     uploaded_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ),
        &[
            &scope.account(),
            &scope.group(),
            &scope.case(),
            &file.id,
            &file.name,
            &file.kind,
            &file.size,
            &file.digest,
            &scope.id(),
            &tx.now(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn remove_file(tx: &Tx, scope: &CaseScope, id: FileId) -> Result<bool> {
    let removed = tx
        .exec(
            sql!(
                "UPDATE case_files SET removed_at = $5
             WHERE account_id = $1 AND group_id = $2 AND case_id = $3 AND id = $4 AND removed_at IS NULL"
            ),
            &[&scope.account(), &scope.group(), &scope.case(), &id, &tx.now()],
        )
        .await?;
    Ok(removed == 1)
}

/// How many cases an account has.
///
/// # Errors
/// The database fails.
pub async fn count_all(tx: &Tx, account: AccountId) -> Result<i64> {
    tx.value(sql!("SELECT count(*) FROM cases WHERE account_id = $1"), &[&account]).await
}

/// Moves the cases of an account, with their notes and files and on whom they are, to the copies of their groups in another,
/// where a protocol of the same name stands for each of theirs.
///
/// # Errors
/// The database fails.
pub async fn move_all(tx: &Tx, from: AccountId, to: AccountId) -> Result<()> {
    for statement in [
        sql!(
            "INSERT INTO cases (account_id, group_id, id, number, protocol_id, location_id, name, search, status,
                                created_by, created_at, updated_at, closed_at, version)
             SELECT $2, c.group_id, c.id, c.number, theirs.id, c.location_id, c.name, c.search, c.status,
                    c.created_by, c.created_at, c.updated_at, c.closed_at, c.version
             FROM cases c
             JOIN protocols own ON own.account_id = c.account_id AND own.id = c.protocol_id
             JOIN protocols theirs ON theirs.account_id = $2 AND theirs.name_key = own.name_key
             WHERE c.account_id = $1"
        ),
        sql!(
            "INSERT INTO case_notes (account_id, group_id, case_id, id, author_id, body, created_at)
             SELECT $2, group_id, case_id, id, author_id, body, created_at FROM case_notes WHERE account_id = $1"
        ),
        sql!(
            "INSERT INTO case_files (account_id, group_id, case_id, id, name, content_type, size, digest, uploaded_by,
                                     created_at, removed_at)
             SELECT $2, group_id, case_id, id, name, content_type, size, digest, uploaded_by, created_at, removed_at
             FROM case_files WHERE account_id = $1"
        ),
        sql!(
            "INSERT INTO case_clients (account_id, group_id, case_id, client_id, animal_id)
             SELECT $2, group_id, case_id, client_id, animal_id FROM case_clients WHERE account_id = $1"
        ),
    ] {
        tx.exec(statement, &[&from, &to]).await?;
    }
    for statement in [
        sql!("DELETE FROM case_clients WHERE account_id = $1"),
        sql!("DELETE FROM case_files WHERE account_id = $1"),
        sql!("DELETE FROM case_notes WHERE account_id = $1"),
        sql!("DELETE FROM cases WHERE account_id = $1"),
    ] {
        tx.exec(statement, &[&from]).await?;
    }
    Ok(())
}
