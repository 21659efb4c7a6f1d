//! Out of the bytes of a file, its table: in which encoding, with which columns, beneath which headings. Knows no
//! database, and nothing of clients but the words of headings.

mod decode;
mod records;
mod workbook;

use std::borrow::Cow;

use crate::clients::import::{LARGEST, MOST_LINES, columns, drafts::quoted};
use decode::{Decoded, decode};
use kernel::{
    error::{Error, Result},
    text,
};
use records::{Record, Records};

/// A line of a file.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Its number in the file, from 1.
    pub(super) number: i64,
    /// Its cells, as they are written.
    pub(super) cells: Vec<String>,
    /// What was odd about it, in sentences.
    pub(super) faults: Vec<String>,
}

impl Row {
    fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// A file, read.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// The encoding, by its common name.
    pub(super) encoding: String,
    /// `comma`, `semicolon`, `tab`, `pipe`, `other`, or `cell` in workbooks.
    pub(super) separator: String,
    pub(super) headings: Vec<String>,
    /// What is written above the headings.
    pub(super) above: Vec<String>,
    /// Other sheets of the workbook, which are not read.
    pub(super) others: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// The most columns of a file: a hundred animals with four each, and what is beside them.
const MOST_COLUMNS: usize = 500;
/// How many records may stand above the headings.
const MOST_ABOVE: usize = 10;
/// How many records tell what separates the columns.
const PROBE: usize = 30;

/// What may separate columns. Of equals, the first.
const SEPARATORS: [(u8, &str); 4] = [(b',', "comma"), (b';', "semicolon"), (b'\t', "tab"), (b'|', "pipe")];

fn file(detail: impl Into<Cow<'static, str>>) -> Error {
    Error::field("file", detail)
}

pub(super) fn too_large() -> Error {
    file(format!("Files are {} MiB at most. Split it into several.", LARGEST >> 20))
}

/// Reads a file.
///
/// # Errors
/// It is no table: empty, too large, not text.
pub(super) fn read(bytes: &[u8]) -> Result<Table> {
    if bytes.len() > LARGEST {
        return Err(too_large());
    }
    if bytes.starts_with(b"PK\x03\x04") {
        let workbook::Sheet { rows, others } = workbook::read(bytes)?;
        return Ok(Table { others, ..table(rows, "XLSX", "cell")? });
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(file(
            "This is an older or protected Excel workbook. Save it as .xlsx without a password, or as CSV.",
        ));
    }
    let Some(Decoded { text, encoding, guessed }) = decode(bytes) else {
        return Err(file("This file isn’t text. Export your clients as CSV, and choose that file."));
    };
    let (body, told) = told_separator(&text);
    let skipped = i64::from(body.len() < text.len());
    let separator = told.unwrap_or_else(|| separator(body));
    let records = Records::new(body, separator, skipped + 1);
    let mut found = Vec::new();
    let mut guessed = guessed.into_iter().map(|at| at - (text.len() - body.len())).peekable();
    for record in records {
        let bad = std::iter::from_fn(|| guessed.next_if(|at| *at < record.end)).count();
        let row = row(record, bad > 0);
        if row.is_empty() {
            continue;
        }
        found.push(row);
        if found.len() > MOST_LINES + MOST_ABOVE + 1 {
            return Err(too_many());
        }
    }
    let name = SEPARATORS.iter().find(|(sign, _)| *sign == separator).map_or("other", |(_, name)| name);
    table(found, encoding, name)
}

fn too_many() -> Error {
    let most = text::grouped(i64::try_from(MOST_LINES).unwrap_or_default());
    file(format!("The file has more than {most} lines. Split it into several."))
}

/// The table that records make.
fn table(mut found: Vec<Row>, encoding: &str, separator: &str) -> Result<Table> {
    if found.is_empty() {
        return Err(file("The file is empty."));
    }
    let at = headings_at(&found);
    let above = found.drain(..at.unwrap_or_default());
    let above = above.flat_map(|record| record.cells).map(|cell| cell.trim().to_owned());
    let above = above.filter(|cell| !cell.is_empty()).collect();
    let headings = if at.is_some() {
        found.remove(0).cells
    } else {
        let columns = found.iter().take(PROBE).map(|record| record.cells.len()).max().unwrap_or_default();
        (1..=columns).map(|number| format!("Column {number}")).collect()
    };
    let mut headings = headings.iter().map(|heading| heading.trim().to_owned()).collect::<Vec<_>>();
    if headings.len() > MOST_COLUMNS {
        let columns = headings.len();
        return Err(file(format!("A file has at most {MOST_COLUMNS} columns; this one has {columns}.")));
    }
    if found.is_empty() {
        return Err(file("The file has headings, but no lines below them."));
    }
    if found.len() > MOST_LINES {
        return Err(too_many());
    }
    // Cells beyond the headings are a column of their own where most lines have them.
    let wider = |width: usize| {
        let longer = found.iter().take(PROBE).filter(|record| record.cells.len() > width);
        longer.filter(|record| record.cells[width..].iter().any(|cell| !cell.trim().is_empty())).count()
    };
    while headings.len() < MOST_COLUMNS && wider(headings.len()) * 2 > found.len().min(PROBE) {
        headings.push(String::new());
    }
    let (encoding, separator) = (encoding.to_owned(), separator.to_owned());
    Ok(Table { encoding, separator, headings, above, others: Vec::new(), rows: found })
}

/// Where the headings are: at the first record of those at the top that has the most headings that we know, with
/// nothing but short titles above. None where the first record is data already.
fn headings_at(records: &[Row]) -> Option<usize> {
    let filled = |record: &Row| record.cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    let top = records.iter().take(MOST_ABOVE + 1).enumerate();
    let known = top.map(|(at, record)| (columns::known_headings(&record.cells), at));
    let (best, at) = known.rev().max_by_key(|(known, _)| *known)?;
    let title =
        |above: &Row| filled(above) < filled(&records[at]) && columns::known_headings(&above.cells) == 0;
    let titled = at > 0 && best > 1 && records[..at].iter().all(title);
    if titled {
        return Some(at);
    }
    let first = &records[0].cells;
    let data = |cell: &String| {
        let cell = cell.trim();
        cell.contains('@')
            || (cell.len() > 5 && cell.chars().all(|c| c.is_ascii_digit() || "-/.+() ".contains(c)))
    };
    (columns::known_headings(first) > 0 || !first.iter().any(data)).then_some(0)
}

/// Spreadsheets may write `sep=;` above the headings.
fn told_separator(text: &str) -> (&str, Option<u8>) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let told = first.trim_end_matches('\r').trim_matches('"');
    let sign = match told.get(..4) {
        Some(said) if said.eq_ignore_ascii_case("sep=") => &told.as_bytes()[4..],
        _ => b"",
    };
    match sign {
        [sign] if *sign == b'\t' || (sign.is_ascii_punctuation() && *sign != b'"') => (rest, Some(*sign)),
        _ => (text, None),
    }
}

/// The sign between the columns: the one with which the most headings are known, and then the most lines are of
/// one length.
fn separator(text: &str) -> u8 {
    let score = |sign: u8| {
        let records = Records::new(text, sign, 1)
            .filter(|record| record.cells.iter().any(|cell| !cell.trim().is_empty()));
        let records = records.take(PROBE).collect::<Vec<_>>();
        let top = records.iter().take(MOST_ABOVE + 1);
        let known = top.map(|record| columns::known_headings(&record.cells)).max().unwrap_or_default();
        let mut widths = std::collections::BTreeMap::<usize, usize>::new();
        for record in &records {
            *widths.entry(record.cells.len()).or_default() += 1;
        }
        let (width, alike) = widths.into_iter().max_by_key(|(_, count)| *count).unwrap_or_default();
        (known, alike, width)
    };
    let scored = SEPARATORS.iter().rev().map(|(sign, _)| (score(*sign), *sign));
    scored.max_by_key(|(score, _)| *score).map_or(b',', |(_, sign)| sign)
}

/// A record, with what was odd about it.
fn row(record: Record, guessed: bool) -> Row {
    let Record { number, cells, unclosed, .. } = record;
    let mut faults = Vec::new();
    if guessed {
        let cell = cells.iter().find(|cell| cell.chars().any(|c| ('\u{80}'..'\u{100}').contains(&c)));
        let cell = cell.map(|cell| quoted(cell)).unwrap_or_default();
        faults.push(format!("A character isn’t readable and was guessed. Please check {cell}."));
    }
    if unclosed {
        faults.push("A quotation mark isn’t closed, so it was read as part of the text.".to_owned());
    }
    Row { number, cells, faults }
}
