//! The verbs of imports. A file can be large, so reading it in and running it are each many transactions: what one
//! of them does stands here. Every one proves the permission anew.
//!
//! Reading in is [`read`], [`judge`], [`begin`], [`keep_lines`] for each piece, [`finish_reading`]; running is
//! [`run_piece`] until there is no more.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clients::{
    Draft, Kind,
    import::{
        About, ImportRow, LineRow, Outcome, State,
        reading::{self, Line, Sheet},
        store::{self, Match, NewLine, Settled},
    },
    store as clients,
};
use access::{ClientKeeper, GroupScope, ImportKeeper};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::ImportId,
    text,
};
use platform::audit::{self, Action, Event};
use storage::Tx;

/// How many lines one transaction takes.
const PIECE: usize = 1_000;

/// A file that somebody sends.
pub struct Upload {
    /// The name that it had there.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// What clients are whose line does not say it.
    pub kind: Kind,
}

/// An import, with what would become or became of its lines.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The import.
    pub row: ImportRow,
    /// How the file was read.
    pub about: About,
    /// How many lines have which outcome.
    counts: Vec<(Outcome, i64)>,
}

impl Preview {
    /// How many lines have this outcome.
    pub fn count(&self, outcome: Outcome) -> i64 {
        self.counts.iter().find(|(known, _)| *known == outcome).map_or(0, |(_, count)| *count)
    }
}

/// What is kept of a line.
#[derive(Serialize, Deserialize)]
struct Content {
    cells: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    draft: Option<Draft>,
}

impl LineRow {
    fn content(&self) -> Result<Content> {
        serde_json::from_str(&self.content).map_err(Error::internal)
    }

    /// Its cells, as they were written.
    ///
    /// # Errors
    /// What is kept of it can't be read.
    pub fn cells(&self) -> Result<Vec<String>> {
        Ok(self.content()?.cells)
    }
}

/// A file that was read, before anything is known of its lines.
pub struct ReadFile {
    head: Head,
    lines: Vec<Line>,
}

/// What is kept of a file besides its lines.
pub struct Head {
    name: String,
    /// How it was read, in JSON.
    about: String,
    lines: i64,
}

/// A file on its way in: what would become of each line, in pieces of one transaction each.
pub struct Incoming {
    /// The file.
    pub head: Head,
    /// Its lines.
    pub pieces: Vec<Vec<NewLine>>,
}

/// Reads a file, aside: a large one takes long.
///
/// # Errors
/// It is no list of clients.
pub async fn read(upload: Upload, now: Time) -> Result<ReadFile> {
    let Upload { name, bytes, kind } = upload;
    let sheet = tokio::task::spawn_blocking(move || reading::read(&bytes, kind, now));
    let Sheet { about, lines } = sheet.await.map_err(Error::internal)??;
    let name = text::optional_line(name.rsplit(['/', '\\']).next().unwrap_or_default()).ok().flatten();
    let head = Head {
        name: name.unwrap_or_else(|| "clients.csv".to_owned()),
        about: serde_json::to_string(&about).map_err(Error::internal)?,
        lines: i64::try_from(lines.len()).map_err(Error::internal)?,
    };
    Ok(ReadFile { head, lines })
}

/// What would become of each line: what clients there are already, and earlier lines, make it a duplicate.
pub async fn judge(tx: &Tx, by: &ClientKeeper, file: ReadFile) -> Result<Incoming> {
    let ReadFile { head, lines } = file;
    let mut found = HashMap::new();
    for piece in lines.chunks(PIECE) {
        let good = piece.iter().filter_map(|line| Some((line.number, line.verdict.as_ref().ok()?)));
        for found_one in store::matches(tx, by, good).await? {
            found.entry(found_one.number).or_insert(found_one);
        }
    }
    let mut earlier = Earlier::default();
    let judged = lines.into_iter().map(|line| judged(line, &found, &mut earlier));
    Ok(Incoming { head, pieces: pieces(judged.collect::<Result<_>>()?) })
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
    with_counts(tx, by, row).await
}

/// The lines so far that will be clients, by what tells clients apart.
#[derive(Default)]
struct Earlier(HashMap<String, i64>);

impl Earlier {
    fn keys(draft: &Draft) -> Vec<(&'static str, String)> {
        let mut keys = Vec::new();
        if !draft.email.is_empty() {
            keys.push(("email", format!("e{}", text::fold(&draft.email))));
        }
        if !draft.reference.is_empty() {
            keys.push(("reference", format!("r{}", draft.reference)));
        }
        if let Some(birth_date) = &draft.birth_date {
            keys.push(("name", format!("n{birth_date}{}", text::fold(&draft.name))));
        }
        keys
    }

    /// The line that this one doubles, and by what; otherwise it will be a client itself.
    fn meet(&mut self, number: i64, draft: &Draft) -> Option<(i64, &'static str)> {
        let keys = Self::keys(draft);
        let met = keys.iter().find_map(|(why, key)| self.0.get(key).map(|line| (*line, *why)));
        if met.is_none() {
            self.0.extend(keys.into_iter().map(|(_, key)| (key, number)));
        }
        met
    }
}

/// What two have in common, in words.
fn common(why: &str) -> &'static str {
    match why {
        "email" => "email address",
        "reference" => "file number",
        _ => "name and date of birth",
    }
}

/// Whom a line doubles, and by what, in words.
fn doubles(found: &Match) -> String {
    format!("same {} as {}", common(&found.why), found.name)
}

fn judged(line: Line, found: &HashMap<i64, Match>, earlier: &mut Earlier) -> Result<NewLine> {
    let Line { number, cells, verdict } = line;
    let (outcome, detail, client, draft) = match verdict {
        Err(why) => (Outcome::Broken, why, None, None),
        Ok(draft) => match found.get(&number) {
            Some(found) => (Outcome::Duplicate, doubles(found), Some(found.client), None),
            None => match earlier.meet(number, &draft) {
                Some((line, why)) => {
                    (Outcome::Duplicate, format!("same {} as line {line}", common(why)), None, None)
                }
                None => (Outcome::New, String::new(), None, Some(draft)),
            },
        },
    };
    let content = serde_json::to_string(&Content { cells, draft }).map_err(Error::internal)?;
    Ok(NewLine { number, content, outcome, detail, client })
}

async fn with_counts(tx: &Tx, scope: &GroupScope, row: ImportRow) -> Result<Preview> {
    let counts = store::counts(tx, scope, row.id).await?;
    let about = serde_json::from_str(&row.about).map_err(Error::internal)?;
    Ok(Preview { row, about, counts })
}

/// An import.
pub async fn show(tx: &Tx, by: &ImportKeeper) -> Result<Preview> {
    let row = store::find(tx, by, by.object()).await?;
    with_counts(tx, by, row).await
}

/// The group's newest imports that were not thrown away.
pub async fn recent(tx: &Tx, by: &ClientKeeper) -> Result<Vec<ImportRow>> {
    store::recent(tx, by, 10).await
}

/// The line at which the page before ended.
///
/// # Errors
/// It is not a cursor of lines.
pub(super) fn after(cursor: Option<&str>) -> Result<i64> {
    text::cursor(cursor, |text| text.parse().ok()).map(Option::unwrap_or_default)
}

/// The lines after this one, of one outcome or all. Gives one more than the limit, if there are more.
pub async fn lines(
    tx: &Tx,
    by: &ImportKeeper,
    outcome: Option<Outcome>,
    after: i64,
    limit: i64,
) -> Result<Vec<LineRow>> {
    store::lines(tx, by, outcome, after, limit + 1).await
}

/// The lines after this one that did not become clients: as many cells as there are columns, then why. And where
/// they end.
pub async fn left_over(
    tx: &Tx,
    by: &ImportKeeper,
    columns: usize,
    after: i64,
    limit: i64,
) -> Result<(Vec<Vec<String>>, Option<i64>)> {
    let rows = store::left_over(tx, by, after, limit).await?;
    let last = rows.last().map(|row| row.number);
    let cells = rows.iter().map(|row| {
        let mut cells = row.cells()?;
        cells.resize(cells.len().max(columns), String::new());
        cells.push(match row.detail.as_str() {
            "" => row.outcome.word().to_owned(),
            why => why.to_owned(),
        });
        Ok(cells)
    });
    Ok((cells.collect::<Result<_>>()?, last))
}

/// Adds the clients of the next lines. Says whether there are more; whoever comes second finds them done.
///
/// # Errors
/// The import was thrown away or never read in whole: what was added until then stays, and running it again goes
/// on.
pub async fn run_piece(tx: &Tx, by: &ImportKeeper) -> Result<bool> {
    let import = store::find(tx, by, by.object()).await?;
    match import.state {
        State::Ready | State::Running => {}
        State::Done => return Ok(false),
        State::Reading => {
            let why = "This file was not read in to its end. Discard it, and choose the file again.";
            return Err(Error::conflict("import_not_ready", why));
        }
        State::Discarded => {
            return Err(Error::conflict(
                "import_discarded",
                "This import was discarded. Choose the file again.",
            ));
        }
    }
    let limit = i64::try_from(PIECE).map_err(Error::internal)?;
    let lines = store::lines(tx, by, Some(Outcome::New), 0, limit).await?;
    if lines.is_empty() {
        finish(tx, by).await?;
        return Ok(false);
    }
    if import.state == State::Ready {
        store::set_state(tx, by, import.id, State::Running).await?;
    }
    add_lines(tx, by, &lines).await?;
    Ok(true)
}

/// Turns lines into clients, but for those that somebody added meanwhile.
async fn add_lines(tx: &Tx, by: &ImportKeeper, lines: &[LineRow]) -> Result<()> {
    let drafts = lines.iter().map(|line| {
        let draft = line.content()?.draft.ok_or_else(|| Error::internal("a new line has a draft"))?;
        Ok((line.number, draft))
    });
    let drafts = drafts.collect::<Result<Vec<(i64, Draft)>>>()?;
    let found = store::matches(tx, by, drafts.iter().map(|(number, draft)| (*number, draft))).await?;
    let found = found.into_iter().map(|found| (found.number, found)).collect::<HashMap<_, _>>();
    let (mut new, mut settled) = (Vec::new(), Vec::new());
    for (number, draft) in &drafts {
        let doubled = found.get(number).map(|found| (found.client, doubles(found)));
        let (outcome, (client, detail)) = match doubled {
            Some(doubled) => (Outcome::Duplicate, doubled),
            None => (Outcome::Added, (tx.id(), String::new())),
        };
        if outcome == Outcome::Added {
            new.push(clients::New { id: client, draft });
        }
        settled.push(Settled { number: *number, outcome, detail, client });
    }
    clients::insert(tx, by, &new).await?;
    store::settle(tx, by, &settled).await
}

async fn finish(tx: &Tx, by: &ImportKeeper) -> Result<()> {
    let id = by.object();
    store::set_state(tx, by, id, State::Done).await?;
    let counts = store::counts(tx, by, id).await?;
    let count = |outcome| counts.iter().find(|(known, _)| *known == outcome).map_or(0, |(_, count)| *count);
    let detail = json!({ "added": count(Outcome::Added), "duplicate": count(Outcome::Duplicate),
                         "broken": count(Outcome::Broken) });
    let event = Event::new(by.account(), by.user(), Action::ClientsImported, id).in_group(by.group());
    audit::record(tx, event.with(detail)).await
}

/// Throws an import away, with what stands in its lines. Clients that it added stay.
pub async fn discard(tx: &Tx, by: &ImportKeeper) -> Result<()> {
    let row = store::find(tx, by, by.object()).await?;
    if row.state == State::Discarded {
        return Ok(());
    }
    store::set_state(tx, by, row.id, State::Discarded).await?;
    store::forget_lines(tx, by).await?;
    let event =
        Event::new(by.account(), by.user(), Action::ClientsImportDiscarded, row.id).in_group(by.group());
    audit::record(tx, event).await
}
