//! Out of a workbook (XLSX), the cells of its first sheet that has any. A small file can unfold to a huge one, so
//! it is unfolded once to be measured, and cells are taken one by one, never as a rectangle.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, SheetVisible, Xlsx};

use crate::{MOST_ABOVE, MOST_COLUMNS, Reader, Row, file, fits};
use kernel::error::Result;

/// How many bytes a workbook unfolds to at most.
const MOST_UNFOLDED: u64 = 300 << 20;
/// How many of them may be the texts of its cells, which are all in memory at once.
const MOST_TEXTS: u64 = 64 << 20;

/// How many texts a workbook may list, of which each takes memory, however short.
const MOST_SHARED: usize = 2_000_000;

/// The sheet that was read.
pub(super) struct Sheet {
    pub(super) rows: Vec<Row>,
    /// Other sheets that may hold something.
    pub(super) others: Vec<String>,
}

/// Reads the first sheet that holds anything and is not hidden.
///
/// # Errors
/// It is no workbook that can be read, or too large.
pub(super) fn read(reader: &Reader, bytes: &[u8]) -> Result<Sheet> {
    measure(bytes)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let sheets = book.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
    let names = sheets.map(|sheet| sheet.name.clone()).collect::<Vec<_>>();
    for (at, name) in names.iter().enumerate() {
        let rows = rows(reader, &mut book, name)?;
        if !rows.is_empty() {
            return Ok(Sheet { rows, others: names[at + 1..].to_vec() });
        }
    }
    Err(file("The workbook is empty."))
}

fn unreadable() -> kernel::error::Error {
    file(
        "This workbook can’t be read. It may be damaged or protected by a password. Save it again as .xlsx without a \
         password, or as CSV.",
    )
}

/// Refuses what unfolds to more than it should.
fn measure(bytes: &[u8]) -> Result<()> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let mut left = MOST_UNFOLDED;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(|_| unreadable())?;
        let name = entry.name().map(|name| name.to_lowercase()).unwrap_or_default();
        let most = if name.contains("worksheets/") { left } else { left.min(MOST_TEXTS) };
        let mut entry = entry.take(most + 1);
        let unfolded = if name.ends_with("sharedstrings.xml") {
            let mut texts = Vec::new();
            entry.read_to_end(&mut texts).map_err(|_| unreadable())?;
            check_texts(&texts)?;
            texts.len() as u64
        } else {
            std::io::copy(&mut entry, &mut std::io::sink()).map_err(|_| unreadable())?
        };
        if unfolded > most {
            return Err(too_large());
        }
        left -= unfolded;
    }
    Ok(())
}

fn too_large() -> kernel::error::Error {
    file("This workbook is too large. Split it into several, or save it as CSV.")
}

/// Refuses a list of texts that says of itself that it is longer than it can be: room is made for as many as it says.
fn check_texts(texts: &[u8]) -> Result<()> {
    let told =
        find_all(texts, b"uniqueCount").filter_map(|at| number_at(&texts[at + b"uniqueCount".len()..]));
    let most = find_all(texts, b"<si").count().max(1);
    match most <= MOST_SHARED && told.into_iter().all(|told| told <= MOST_SHARED.min(texts.len())) {
        true => Ok(()),
        false => Err(too_large()),
    }
}

fn find_all<'a>(text: &'a [u8], word: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    text.windows(word.len()).enumerate().filter(move |(_, part)| *part == word).map(|(at, _)| at)
}

/// The number of an attribute whose name ends here. What is no number that fits is as large as can be.
fn number_at(after: &[u8]) -> Option<usize> {
    let rest = after.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = rest.get(1..)?.split(|byte| *byte == rest[0]).next()?.trim_ascii();
    Some(std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).unwrap_or(usize::MAX))
}

fn rows<R: std::io::Read + std::io::Seek>(
    reader: &Reader,
    book: &mut Xlsx<R>,
    name: &str,
) -> Result<Vec<Row>> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|_| unreadable())?;
    let mut rows: Vec<Row> = Vec::new();
    // One text may stand in every cell, so what the cells come to is counted, not what the file holds.
    let mut left = MOST_TEXTS;
    while let Some(cell) = cells.next_cell().map_err(|_| unreadable())? {
        let ((row, column), text) = (cell.get_position(), text(cell.get_value()));
        let (number, column) = (i64::from(row) + 1, column as usize);
        if text.trim().is_empty() {
            continue;
        }
        fits(&text, number)?;
        left = left.checked_sub(text.len() as u64).ok_or_else(too_large)?;
        if column >= MOST_COLUMNS {
            return Err(file(format!("A sheet has at most {MOST_COLUMNS} columns.")));
        }
        if rows.last().is_none_or(|last| last.number < number) {
            if rows.len() > reader.most_rows + MOST_ABOVE {
                return Err(reader.too_many());
            }
            rows.push(Row { number, cells: Vec::new(), faults: Vec::new() });
        }
        let Some(last) = rows.last_mut().filter(|last| last.number == number) else {
            return Err(unreadable());
        };
        if last.cells.len() <= column {
            last.cells.resize(column + 1, String::new());
        }
        last.cells[column] = text;
    }
    Ok(rows)
}

/// A cell as people read it; dates in the form that is kept.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        DataRef::DateTime(time) if time.is_datetime() && time.as_f64() >= 1.0 => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTime(time) => time.as_f64().to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}
