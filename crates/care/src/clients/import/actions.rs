//! The verbs of imports that look and decide. A file's way in is in [`intake`], the run in
//! [`super::running`].

use serde::{Deserialize, Serialize};

use crate::clients::{
    Draft,
    import::{
        About, ImportRow, LineRow, Outcome, Plan, State, intake,
        judging::{Known, Marks},
        store::{self, Candidate, Count},
    },
    store as clients,
};
use access::{ClientKeeper, GroupScope, ImportKeeper};
use kernel::{
    error::{Error, Result},
    id::ClientId,
    text,
};
use platform::audit::{self, Action, Event};
use storage::Tx;

/// How many lines one transaction takes.
pub(super) const PIECE: usize = 1_000;

/// An import, with what would become or became of its lines.
#[derive(Clone, Debug)]
pub struct Preview {
    /// As the store reads it.
    pub row: ImportRow,
    /// How the file was read.
    pub about: About,
    counts: Vec<Count>,
}

/// What the run will add.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Coming {
    /// New clients.
    pub clients: i64,
    /// Lines that are merged into clients who are there, or of earlier lines.
    pub merges: i64,
    /// Animals, with all of these.
    pub animals: i64,
}

impl Preview {
    fn sum(&self, of: impl Fn(&Count) -> bool, what: impl Fn(&Count) -> i64) -> i64 {
        self.counts.iter().filter(|count| of(count)).map(what).sum()
    }

    /// How many lines have this outcome.
    pub fn count(&self, outcome: Outcome) -> i64 {
        self.sum(|count| count.outcome == outcome, |count| count.lines)
    }

    /// How many lines of this outcome the run skips.
    pub fn skipped(&self, outcome: Outcome) -> i64 {
        self.sum(|count| count.outcome == outcome && count.plan == Plan::Skip, |count| count.lines)
    }

    /// In how many lines a cell was left out.
    pub fn noticed(&self) -> i64 {
        self.sum(|_| true, |count| count.noticed)
    }

    /// What the run will add.
    pub fn coming(&self) -> Coming {
        let planned = |count: &Count| matches!(count.plan, Plan::Add | Plan::Merge);
        Coming {
            clients: self.sum(|count| count.plan == Plan::Add, |count| count.lines),
            merges: self.sum(|count| count.plan == Plan::Merge, |count| count.lines),
            animals: self.sum(planned, |count| count.animals),
        }
    }
}

/// What is kept of a line.
#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    /// Its cells, as they are written.
    pub(super) cells: Vec<String>,
    /// What was odd about it in the file, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) faults: Vec<String>,
    /// The client that it would be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) draft: Option<Draft>,
    /// What was left out of it, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) notices: Vec<String>,
    /// Whether the earlier line is the same person for certain.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) same: bool,
    /// The animals that later lines bring to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) joined: Vec<String>,
}

impl LineRow {
    pub(super) fn content(&self) -> Result<Content> {
        serde_json::from_str(&self.content).map_err(Error::internal)
    }
}

/// A line, with what is kept of it.
pub struct Line {
    /// What it is, or became.
    pub row: LineRow,
    /// Its cells, as they are written.
    pub cells: Vec<String>,
    /// The client that would come of it.
    pub client: Option<Draft>,
    /// What was left out of it, in sentences.
    pub notices: Vec<String>,
    /// The animals that later lines bring to it.
    pub joined: Vec<String>,
}

impl TryFrom<LineRow> for Line {
    type Error = Error;

    fn try_from(row: LineRow) -> Result<Self> {
        let Content { cells, draft: client, notices, joined, .. } = row.content()?;
        Ok(Self { row, cells, client, notices, joined })
    }
}

/// The clients of the group that drafts may be, with their animals.
pub(super) async fn known(
    tx: &Tx,
    scope: &GroupScope,
    drafts: impl Iterator<Item = &Draft>,
) -> Result<Vec<Known>> {
    let found = store::candidates(tx, scope, drafts).await?;
    let ids = found.iter().map(|candidate| candidate.client).collect::<Vec<_>>();
    let mut animals = std::collections::HashMap::<ClientId, Vec<String>>::new();
    for animal in clients::animals(tx, scope, &ids).await? {
        animals.entry(animal.client).or_default().push(text::fold(&animal.name));
    }
    let known = |candidate: Candidate| {
        let Candidate { client, name, email, reference, phone, birth_date } = candidate;
        let marks = Marks::new(&name, &email, &reference, &phone, birth_date);
        Known { client, name, marks, animals: animals.remove(&client).unwrap_or_default() }
    };
    Ok(found.into_iter().map(known).collect())
}

pub(super) async fn with_counts(tx: &Tx, scope: &GroupScope, row: ImportRow) -> Result<Preview> {
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

/// Which lines to list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Which {
    /// Of this outcome alone.
    pub outcome: Option<Outcome>,
    /// Those alone of which a cell was left out; whatever their outcome.
    pub noticed: bool,
    /// Those after this line.
    pub after: i64,
}

/// The lines that are asked for. Gives one more than the limit, if there are more.
pub async fn lines(tx: &Tx, by: &ImportKeeper, which: Which, limit: i64) -> Result<Vec<LineRow>> {
    match which.noticed {
        true => store::noticed(tx, by, which.after, limit + 1).await,
        false => store::lines(tx, by, which.outcome, which.after, limit + 1).await,
    }
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
        let mut cells = row.content()?.cells;
        cells.resize(cells.len().max(columns), String::new());
        cells.push(match row.detail.as_str() {
            "" => row.outcome.word().to_owned(),
            why => why.to_owned(),
        });
        Ok(cells)
    });
    Ok((cells.collect::<Result<_>>()?, last))
}

/// Which lines are decided on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deciding {
    /// All of this outcome.
    All(Outcome),
    /// One.
    Line(i64),
}

/// Decides what the run does with lines that are someone already, for certain or likely.
///
/// # Errors
/// The import was thrown away or isn't read yet, or there is no such line.
pub async fn decide(tx: &Tx, by: &ImportKeeper, plan: Plan, which: Deciding) -> Result<Preview> {
    let import = store::find(tx, by, by.object()).await?;
    match import.state {
        State::Ready | State::Running | State::Done => {}
        State::Reading => return Err(intake::not_ready()),
        State::Discarded => return Err(intake::discarded()),
    }
    if plan == Plan::Done {
        return Err(Error::field("action", "Choose add, merge or skip."));
    }
    let (outcome, line) = match which {
        Deciding::All(outcome) => (Some(outcome), None),
        Deciding::Line(line) => (None, Some(line)),
    };
    if outcome.is_some_and(|outcome| !matches!(outcome, Outcome::Likely | Outcome::Duplicate)) {
        return Err(Error::field("outcome", "Choose likely or duplicate."));
    }
    let changed = store::decide(tx, by, plan, outcome, line).await?;
    if changed == 0 && line.is_some() {
        return Err(Error::field(
            "line",
            "This line is neither a duplicate nor likely one, or it was added already.",
        ));
    }
    with_counts(tx, by, import).await
}

/// Throws an import away, with its lines and what was shown of them. Clients that it added stay.
pub async fn discard(tx: &Tx, by: &ImportKeeper) -> Result<()> {
    let row = store::find(tx, by, by.object()).await?;
    if row.state == State::Discarded {
        return Ok(());
    }
    store::set_state(tx, by, row.id, State::Discarded).await?;
    store::forget_lines(tx, by).await?;
    let mut about: About = serde_json::from_str(&row.about).map_err(Error::internal)?;
    about.above.clear();
    about.columns.iter_mut().for_each(|column| column.samples.clear());
    let about = serde_json::to_string(&about).map_err(Error::internal)?;
    store::describe(tx, by, row.id, &about).await?;
    let event =
        Event::new(by.account(), by.user(), Action::ClientsImportDiscarded, row.id).in_group(by.group());
    audit::record(tx, event).await
}
