//! Out of the bytes of a file, its table: in which encoding, with which columns, beneath which headings. Knows no
//! database, and nothing of what the rows are about: the caller says which headings it knows.

mod decode;
mod records;
mod workbook;

use std::borrow::Cow;

use decode::{Decoded, decode};
use kernel::{
    addresses::Email,
    error::{Error, Result},
    text,
};
use records::{Record, Records};

/// A line of a file.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number in the file, from 1.
    pub number: i64,
    /// Its cells, as they are written.
    pub cells: Vec<String>,
    /// What was odd about it, in sentences.
    pub faults: Vec<String>,
}

impl Row {
    fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// A file, read.
#[derive(Clone, Debug)]
pub struct Table {
    /// The encoding, by its common name.
    pub encoding: String,
    /// `comma`, `semicolon`, `tab`, `pipe`, `other`, or `cell` in workbooks.
    pub separator: String,
    /// The headings, trimmed; "Column 1" and so on where the file has none.
    pub headings: Vec<String>,
    /// What is written above the headings.
    pub above: Vec<String>,
    /// Other sheets of the workbook, which are not read.
    pub others: Vec<String>,
    /// The lines below the headings that hold anything.
    pub rows: Vec<Row>,
}

/// How many cells of a column are shown.
const SAMPLES: usize = 3;

impl Table {
    /// The cells of a column that hold something, without blanks around them.
    pub fn filled(&self, at: usize) -> impl Iterator<Item = &str> {
        let cells = self.rows.iter().filter_map(move |row| row.cells.get(at));
        cells.map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
    }

    /// The first 3 of these cells, each once, as pages show them. Looks at no more than `within` of them.
    pub fn samples(&self, at: usize, within: usize) -> Vec<String> {
        let mut samples = Vec::<String>::new();
        for cell in self.filled(at).take(within).map(shown) {
            if !samples.contains(&cell) {
                samples.push(cell);
            }
            if samples.len() == SAMPLES {
                break;
            }
        }
        samples
    }
}

/// A column's heading on pages: its number where it has none.
pub fn name_of(heading: &str, at: usize) -> String {
    if heading.trim().is_empty() { format!("Column {}", at + 1) } else { shown(heading) }
}

/// What is known of the files that are read.
#[derive(Clone, Copy)]
pub struct Reader {
    /// What they list, as a sentence says it: "clients".
    pub what: &'static str,
    /// The largest file in bytes.
    pub largest: usize,
    /// The most lines, without the headings.
    pub most_rows: usize,
    /// Whether a cell is a heading that is known.
    pub heading: fn(&str) -> bool,
}

/// The most columns of a file: a hundred animals with four each, and what is beside them.
pub const MOST_COLUMNS: usize = 500;
/// The most bytes of a cell. Spreadsheets allow 32,767 characters.
const MOST_CELL: usize = 256 << 10;
/// How many records may stand above the headings.
const MOST_ABOVE: usize = 10;
/// How many records tell what separates the columns.
const PROBE: usize = 30;

/// What may separate columns. Of equals, the first.
const SEPARATORS: [(u8, &str); 4] = [(b',', "comma"), (b';', "semicolon"), (b'\t', "tab"), (b'|', "pipe")];

fn file(detail: impl Into<Cow<'static, str>>) -> Error {
    Error::field("file", detail.into().into_owned())
}

/// Refuses a cell that no spreadsheet would hold.
fn fits(cell: &str, line: i64) -> Result<()> {
    match cell.len() <= MOST_CELL {
        true => Ok(()),
        false => Err(file(format!("Line {line} has a cell of more than 256 KiB. Shorten it."))),
    }
}

impl Reader {
    /// Reads a file.
    ///
    /// # Errors
    /// It is no table: empty, too large, not text.
    pub fn read(&self, bytes: &[u8]) -> Result<Table> {
        if bytes.len() > self.largest {
            return Err(self.too_large());
        }
        if bytes.starts_with(b"PK\x03\x04") {
            let workbook::Sheet { rows, others } = workbook::read(self, bytes)?;
            return Ok(Table { others, ..self.table(rows, "XLSX", "cell")? });
        }
        if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
            return Err(file(
                "This is an older or protected Excel workbook. Save it as .xlsx without a password, or as CSV.",
            ));
        }
        match decode(bytes) {
            Some(decoded) => self.records(&decoded),
            None => Err(file(format!(
                "This file isn’t text. Export your {} as CSV, and choose that file.",
                self.what
            ))),
        }
    }

    /// Why a file is refused that has more bytes than it may.
    pub fn too_large(&self) -> Error {
        file(format!("Files are {} MiB at most. Split it into several.", self.largest >> 20))
    }

    fn too_many(&self) -> Error {
        let most = text::grouped(i64::try_from(self.most_rows).unwrap_or_default());
        file(format!("The file has more than {most} lines. Split it into several."))
    }

    fn records(&self, decoded: &Decoded) -> Result<Table> {
        let Decoded { text, encoding, guessed } = decoded;
        let (body, told) = told_separator(text);
        let skipped = i64::from(body.len() < text.len());
        let separator = told.unwrap_or_else(|| self.separator(body));
        let mut found = Vec::new();
        let mut guessed = guessed.iter().map(|at| at - (text.len() - body.len())).peekable();
        for record in Records::new(body, separator, skipped + 1) {
            let bad = std::iter::from_fn(|| guessed.next_if(|at| *at < record.end)).count();
            let row = row(record, bad > 0);
            if row.is_empty() {
                continue;
            }
            for cell in &row.cells {
                fits(cell, row.number)?;
            }
            found.push(row);
            if found.len() > self.most_rows + MOST_ABOVE + 1 {
                return Err(self.too_many());
            }
        }
        let name = SEPARATORS.iter().find(|(sign, _)| *sign == separator).map_or("other", |(_, name)| name);
        self.table(found, encoding, name)
    }

    /// The table that records make.
    fn table(&self, mut found: Vec<Row>, encoding: &str, separator: &str) -> Result<Table> {
        if found.is_empty() {
            return Err(file("The file is empty."));
        }
        let at = self.headings_at(&found);
        let above = found.drain(..at.unwrap_or_default());
        let above = above.flat_map(|record| record.cells).map(|cell| cell.trim().to_owned());
        let above = above.filter(|cell| !cell.is_empty()).collect();
        let headings = if at.is_some() { found.remove(0).cells } else { numbered(&found) };
        let mut headings = headings.iter().map(|heading| heading.trim().to_owned()).collect::<Vec<_>>();
        if headings.len() > MOST_COLUMNS {
            let columns = headings.len();
            return Err(file(format!("A file has at most {MOST_COLUMNS} columns; this one has {columns}.")));
        }
        if found.is_empty() {
            return Err(file("The file has headings, but no lines below them."));
        }
        if found.len() > self.most_rows {
            return Err(self.too_many());
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

    /// How many of a record's cells are headings that are known. What holds an address is a line of data, whatever else
    /// it says.
    fn known(&self, record: &[String]) -> usize {
        match record.iter().any(|cell| is_address(cell)) {
            true => 0,
            false => record.iter().filter(|cell| (self.heading)(cell)).count(),
        }
    }

    /// Where the headings are: at the first record of those at the top that has the most headings that we know, with
    /// nothing but short titles above. None where the first record is data already.
    fn headings_at(&self, records: &[Row]) -> Option<usize> {
        let filled = |record: &Row| record.cells.iter().filter(|cell| !cell.trim().is_empty()).count();
        let top = records.iter().take(MOST_ABOVE + 1).enumerate();
        let known = top.map(|(at, record)| (self.known(&record.cells), at));
        let (best, at) = known.rev().max_by_key(|(known, _)| *known)?;
        let title = |above: &Row| filled(above) < filled(&records[at]) && self.known(&above.cells) == 0;
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
        (self.known(first) > 0 || !first.iter().any(data)).then_some(0)
    }

    /// The sign between the columns: the one with which the most headings are known, and then the most lines are of
    /// one length.
    fn separator(&self, text: &str) -> u8 {
        let score = |sign: u8| {
            let records = Records::new(text, sign, 1)
                .filter(|record| record.cells.iter().any(|cell| !cell.trim().is_empty()));
            let records = records.take(PROBE).collect::<Vec<_>>();
            let top = records.iter().take(MOST_ABOVE + 1);
            let known = top.map(|record| self.known(&record.cells)).max().unwrap_or_default();
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
}

/// The headings of a file that has none.
fn numbered(found: &[Row]) -> Vec<String> {
    let columns = found.iter().take(PROBE).map(|record| record.cells.len()).max().unwrap_or_default();
    (1..=columns).map(|number| format!("Column {number}")).collect()
}

/// Whether a cell is an address for mail, and nothing else.
fn is_address(cell: &str) -> bool {
    let cell = cell.trim();
    cell.contains('@') && !cell.contains(char::is_whitespace) && Email::read(cell).is_ok()
}

/// A piece of someone's text: on one line, without what can't be shown, not too long.
pub fn shown(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    match clean.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean,
    }
}

/// It within a sentence of ours.
pub fn quoted(text: &str) -> String {
    format!("“{}”", shown(text))
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

/// A record, with what was odd about it.
fn row(record: Record, guessed: bool) -> Row {
    let Record { number, cells, unclosed, .. } = record;
    let mut faults = Vec::new();
    if guessed {
        let cell = cells.iter().find(|cell| cell.chars().any(|c| ('\u{80}'..'\u{100}').contains(&c)));
        let cell = cell.map(|cell| quoted(cell)).unwrap_or_default();
        faults.push(format!("A character wasn’t readable and was guessed. Check {cell}."));
    }
    if unclosed {
        faults.push("A quotation mark isn’t closed, so it was read as part of the text.".to_owned());
    }
    Row { number, cells, faults }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READER: Reader = Reader {
        what: "people",
        largest: 1 << 20,
        most_rows: 3,
        heading: |cell| ["name", "email", "member"].contains(&cell.trim().to_lowercase().as_str()),
    };

    fn read(file: &str) -> (Vec<String>, Vec<String>) {
        let table = READER.read(file.as_bytes()).unwrap();
        (
            table.headings,
            table.rows.iter().map(|row| format!("{} {}", row.number, row.cells.join("|"))).collect(),
        )
    }

    #[test]
    fn a_line_that_holds_an_address_is_data_whatever_its_words() {
        assert_eq!(
            read("Member,Email\nAnn,a@x.test\n"),
            (vec!["Member".into(), "Email".into()], vec!["2 Ann|a@x.test".into()])
        );
        let bare = (vec!["Column 1".to_owned(), "Column 2".to_owned()], vec!["1 a@x.test|Member".to_owned()]);
        assert_eq!(read("a@x.test,Member\n"), bare);
    }

    #[test]
    fn titles_above_the_headings_and_lines_that_are_too_long_cost_nothing() {
        let (headings, rows) = read("Our people\n\nname;email\nAnn;a@x.test;more\n");
        assert_eq!(
            (headings.join("|"), rows.join(" ")),
            ("name|email|".into(), "4 Ann|a@x.test|more".into())
        );
        let many = READER.read(b"name\n1\n2\n3\n4\n").unwrap_err();
        assert!(many.fields()[0].detail.contains("more than 3 lines"));
        let picture = READER.read(b"\x89PNG\r\n\x1a\n").unwrap_err();
        assert!(picture.fields()[0].detail.contains("Export your people as CSV"));
    }
}
