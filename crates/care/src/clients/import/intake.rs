//! A file's way in: read aside, judged against the group's clients, kept in pieces. A large one takes long, so each
//! step is a transaction of its own that proves the permission anew: [`read`], [`judge`], [`begin`], [`keep_lines`]
//! for each piece, [`finish_reading`]. To give the columns another meaning, the same lines go the same way again,
//! from [`reread`] on.

use std::fmt::Write as _;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::clients::{
    Kind, NO_ANIMALS,
    import::{
        About, ImportColumn, ImportRow, Mapping, NewLine, State,
        actions::{self, Content, PIECE, Preview},
        columns,
        drafts::{self, Drafted, Reader},
        judging::{Group, Judge, Judged, Known},
        reading::{self, Row, Table},
        store,
    },
};
use access::{ClientKeeper, GroupScope, ImportKeeper};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::ImportId,
    practice::PracticeKind,
    text,
};
use people::accounts;
use platform::audit::{self, Action, Event};
use storage::Tx;
use tables::shown;

/// A file that someone sends.
pub struct Upload {
    /// The name that it had there.
    pub name: String,
    /// The bytes as they were sent.
    pub bytes: Vec<u8>,
    /// What clients are whose line does not say it, if that was said.
    pub kind: Option<Kind>,
}

/// A file that was read, before anything is known of its lines.
pub struct ReadFile {
    name: String,
    table: Table,
    kind: Option<Kind>,
    practice: PracticeKind,
}

/// A file whose columns have a meaning, with what each line would be.
pub struct Understood {
    /// The name of the file.
    name: String,
    about: About,
    lines: Vec<(Row, Drafted)>,
}

/// What is kept of a file beyond its lines.
pub struct Head {
    name: String,
    /// How it was read, in JSON.
    about: String,
    /// The columns, for files with the same headings.
    mapping: Mapping,
    headings: String,
    lines: i64,
}

/// A file on its way in: what would become of each line, in pieces of one transaction each.
pub struct Incoming {
    /// What is kept of the file.
    pub head: Head,
    /// Its lines, in pieces that are written one by one.
    pub pieces: Vec<Vec<NewLine>>,
}

/// Reads a file, aside: a large one takes long.
///
/// # Errors
/// It is no table.
pub async fn read(upload: Upload) -> Result<ReadFile> {
    let Upload { name, bytes, kind } = upload;
    let table =
        tokio::task::spawn_blocking(move || reading::read(&bytes)).await.map_err(Error::internal)??;
    let name = text::optional_line(name.rsplit(['/', '\\']).next().unwrap_or_default()).ok().flatten();
    Ok(ReadFile {
        name: name.unwrap_or_else(|| "clients.csv".to_owned()),
        table,
        kind,
        practice: PracticeKind::default(),
    })
}

/// By what files with the same headings are known.
fn headings_key(headings: &[String]) -> String {
    let folded = headings.iter().map(|heading| text::words(heading).join(" ")).collect::<Vec<_>>();
    let mut key = String::with_capacity(64);
    for byte in Sha256::digest(folded.join("\n")) {
        let _ = write!(key, "{byte:02x}");
    }
    key
}

/// Says in what kind of practice a file is read, and what someone chose for the columns of a file with the same
/// headings.
pub async fn remembered(tx: &Tx, by: &ClientKeeper, file: &mut ReadFile) -> Result<Option<Mapping>> {
    file.practice = accounts::practice_kind(tx, by.account()).await?;
    let found = store::mapping(tx, by, &headings_key(&file.table.headings)).await?;
    let mapping = found.and_then(|found| serde_json::from_str::<Mapping>(&found).ok());
    Ok(mapping.filter(|mapping| mapping.columns.len() == file.table.headings.len()))
}

/// Gives the columns a meaning, aside: as it is remembered, else as it is guessed.
pub async fn understand(file: ReadFile, remembered: Option<Mapping>, now: Time) -> Result<Understood> {
    let ReadFile { name, table, kind, practice } = file;
    let known = remembered.is_some();
    let kind = kind.or(Kind::assumed(practice)).unwrap_or(Kind::Owner);
    let work = move || {
        let mut mapping = remembered.unwrap_or_else(|| columns::guess(&table.headings, &table.rows));
        if !practice.has_animals() {
            mapping.leave_out_animals();
        }
        understood(name, table, &mapping, kind, known, now)
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

fn understood(
    name: String,
    table: Table,
    mapping: &Mapping,
    kind: Kind,
    remembered: bool,
    now: Time,
) -> Understood {
    let about = about(&table, mapping, kind, remembered);
    let reader = Reader::new(&table, mapping, kind, now);
    let drafted = table.rows.iter().map(|row| reader.draft(row)).collect::<Vec<_>>();
    let lines = table.rows.into_iter().zip(drafted).collect();
    Understood { name, about, lines }
}

fn about(table: &Table, mapping: &Mapping, kind: Kind, remembered: bool) -> About {
    let column = |(at, heading): (usize, &String)| {
        let samples = table.samples(at, usize::MAX);
        let filled = i64::try_from(table.filled(at).count()).unwrap_or(i64::MAX);
        let field = mapping.columns.get(at).copied().flatten();
        ImportColumn { heading: heading.clone(), samples, filled, field }
    };
    let columns = table.headings.iter().enumerate().map(column).collect::<Vec<_>>();
    let lost = columns.iter().filter(|column| column.field.is_none() && column.filled > 0);
    let (date_order, date_order_from) = drafts::order(table, mapping);
    About {
        encoding: table.encoding.clone(),
        separator: table.separator.clone(),
        above: table.above.clone(),
        other_sheets: table.others.clone(),
        ignored: lost.map(|column| shown(&column.heading)).collect(),
        columns,
        date_order,
        date_order_from,
        names: mapping.names_clients(),
        remembered,
        kind,
    }
}

/// The clients of the group that these lines may be.
async fn known(tx: &Tx, scope: &GroupScope, lines: &[(Row, Drafted)]) -> Result<Group> {
    let mut found = std::collections::HashMap::new();
    for piece in lines.chunks(PIECE) {
        let drafts = piece.iter().filter_map(|(_, drafted)| drafted.client.as_ref().ok());
        for one in actions::known(tx, scope, drafts).await? {
            found.entry(one.client).or_insert(one);
        }
    }
    Ok(Group::new(found.into_values().collect::<Vec<Known>>()))
}

/// What would become of each line, by the clients that the group has and by earlier lines.
pub async fn judge(tx: &Tx, scope: &GroupScope, file: Understood) -> Result<Incoming> {
    let group = known(tx, scope, &file.lines).await?;
    let Understood { name, about, lines } = file;
    let mut judge = Judge::new(group);
    for (row, drafted) in lines {
        judge.take(row, drafted);
    }
    let lines = judge.done().into_iter().map(kept).collect::<Result<Vec<_>>>()?;
    let head = Head {
        name,
        mapping: about.mapping(),
        headings: headings_key(&about.headings()),
        about: serde_json::to_string(&about).map_err(Error::internal)?,
        lines: i64::try_from(lines.len()).map_err(Error::internal)?,
    };
    Ok(Incoming { head, pieces: pieces(lines) })
}

/// A line as it is kept.
fn kept(judged: Judged) -> Result<NewLine> {
    let Judged {
        row: Row { number, cells, faults },
        draft,
        notices,
        outcome,
        plan,
        detail,
        client,
        earlier,
        same,
        animals,
        joined,
    } = judged;
    let noticed = !notices.is_empty();
    let content = Content { cells, faults, draft, notices, same, joined };
    let content = serde_json::to_string(&content).map_err(Error::internal)?;
    let animals = i64::try_from(animals).map_err(Error::internal)?;
    Ok(NewLine { number, content, outcome, plan, detail, client, earlier, animals, noticed })
}

fn pieces(mut lines: Vec<NewLine>) -> Vec<Vec<NewLine>> {
    let mut pieces = Vec::new();
    while !lines.is_empty() {
        let rest = lines.split_off(lines.len().min(PIECE));
        pieces.push(std::mem::replace(&mut lines, rest));
    }
    pieces
}

/// Begins to keep a file. Nothing becomes a client yet; [`finish_reading`] says that it is whole.
pub async fn begin(tx: &Tx, by: &ClientKeeper, head: &Head) -> Result<ImportId> {
    let id = tx.id();
    store::insert(tx, by, id, &head.name, head.lines, &head.about).await?;
    Ok(id)
}

/// Keeps lines of a file.
pub async fn keep_lines(tx: &Tx, by: &ClientKeeper, id: ImportId, lines: &[NewLine]) -> Result<()> {
    store::insert_lines(tx, by, id, lines).await
}

/// Marks a file as read in to its end.
pub async fn finish_reading(tx: &Tx, by: &ClientKeeper, id: ImportId) -> Result<Preview> {
    store::set_state(tx, by, id, State::Ready).await?;
    let row = store::find(tx, by, id).await?;
    let event = Event::new(by.account(), by.user(), Action::ClientsImportRead, id).in_group(by.group());
    audit::record(tx, event.with(json!({ "lines": row.lines }))).await?;
    actions::with_counts(tx, by, row).await
}

/// The import, if its columns can be given another meaning: nothing of it was added yet.
async fn changeable(tx: &Tx, by: &ImportKeeper) -> Result<ImportRow> {
    let row = store::find(tx, by, by.object()).await?;
    match row.state {
        State::Ready => Ok(row),
        State::Reading if store::line_count(tx, by).await? == row.lines => Ok(row),
        State::Reading => Err(not_ready()),
        State::Discarded => Err(discarded()),
        State::Running | State::Done => Err(Error::conflict(
            "import_running",
            "Clients of this file were added already, so its columns can’t be changed. Import the file again.",
        )),
    }
}

pub(super) fn not_ready() -> Error {
    let why = "This file wasn’t read to its end. Discard it, and choose the file again.";
    Error::conflict("import_not_ready", why)
}

pub(super) fn discarded() -> Error {
    Error::conflict("import_discarded", "This import was discarded. Choose the file again.")
}

/// The lines of an import as they were read, to give its columns another meaning.
///
/// # Errors
/// It was run or discarded, these are not its columns, or one becomes an animal where the practice has none.
pub async fn reread(tx: &Tx, by: &ImportKeeper, mapping: &Mapping) -> Result<ReadFile> {
    let import = changeable(tx, by).await?;
    let about: About = serde_json::from_str(&import.about).map_err(Error::internal)?;
    let practice = accounts::practice_kind(tx, by.account()).await?;
    if let Some(at) = mapping.first_of_animals().filter(|_| !practice.has_animals()) {
        return Err(Error::field(format!("columns[{at}]"), NO_ANIMALS));
    }
    if about.columns.len() != mapping.columns.len() {
        let wanted = text::counted(about.columns.len(), "column", "columns");
        return Err(Error::field("columns", format!("This file has {wanted}.")));
    }
    let (mut rows, mut after) = (Vec::new(), 0);
    let limit = i64::try_from(PIECE).map_err(Error::internal)?;
    loop {
        let lines = store::lines(tx, by, None, after, limit).await?;
        let Some(last) = lines.last() else { break };
        after = last.number;
        for line in lines {
            let Content { cells, faults, .. } = line.content()?;
            rows.push(Row { number: line.number, cells, faults });
        }
    }
    let headings = about.headings();
    let About { encoding, separator, above, other_sheets: others, kind, .. } = about;
    let table = Table { encoding, separator, headings, above, others, rows };
    Ok(ReadFile { name: import.name, table, kind: Some(kind), practice })
}

/// Begins to keep the lines of an import with another meaning of its columns, which is remembered.
///
/// # Errors
/// It was run or discarded since.
pub async fn begin_again(tx: &Tx, by: &ImportKeeper, head: &Head) -> Result<()> {
    let import = changeable(tx, by).await?;
    store::describe(tx, by, import.id, &head.about).await?;
    store::set_state(tx, by, import.id, State::Reading).await?;
    let mapping = serde_json::to_string(&head.mapping).map_err(Error::internal)?;
    store::remember(tx, by, &head.headings, &mapping).await
}

/// Keeps lines with another meaning.
///
/// # Errors
/// Someone gave the columns another meaning first.
pub async fn keep_lines_again(tx: &Tx, by: &ImportKeeper, head: &Head, lines: &[NewLine]) -> Result<()> {
    still(tx, by, head).await?;
    store::replace_lines(tx, by, lines).await
}

async fn still(tx: &Tx, by: &ImportKeeper, head: &Head) -> Result<()> {
    let import = store::find(tx, by, by.object()).await?;
    match import.state == State::Reading && import.about == head.about {
        true => Ok(()),
        false => Err(Error::stale()),
    }
}

/// Marks an import as read again to its end.
///
/// # Errors
/// Someone gave the columns another meaning first.
pub async fn finish_again(tx: &Tx, by: &ImportKeeper, head: &Head) -> Result<Preview> {
    still(tx, by, head).await?;
    store::set_state(tx, by, by.object(), State::Ready).await?;
    actions::show(tx, by).await
}

/// How the columns are checked before anything is read again: a field that only one column can be is none of
/// several.
///
/// # Errors
/// Two columns are the same field, and it takes one alone.
pub fn check(mapping: &Mapping) -> Result<()> {
    for (at, field) in mapping.columns.iter().enumerate() {
        let Some(field) = field.filter(|field| !field.takes_several()) else { continue };
        if mapping.columns[..at].contains(&Some(field)) {
            let why =
                format!("Two columns are “{}”. Choose one, and keep the other as remarks.", field.label());
            return Err(Error::field(format!("columns[{at}]"), why));
        }
    }
    Ok(())
}
