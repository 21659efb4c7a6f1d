//! Out of a workbook (XLSX), the cells of its first sheet that has any. A small file can unfold to a huge one, so
//! it is unfolded once to be measured, and cells are taken one by one, never as a rectangle.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, SheetVisible, Xlsx};

use crate::{MOST_ABOVE, MOST_COLUMNS, Reader, Row, file};
use kernel::error::Result;

/// How many bytes a workbook unfolds to at most.
const MOST_UNFOLDED: u64 = 300 << 20;
/// How many of them may be the texts of its cells, which are all in memory at once.
const MOST_TEXTS: u64 = 64 << 20;

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
        let sheet = entry.name().is_ok_and(|name| name.to_lowercase().contains("worksheets/"));
        let most = if sheet { left } else { left.min(MOST_TEXTS) };
        let unfolded =
            std::io::copy(&mut entry.take(most + 1), &mut std::io::sink()).map_err(|_| unreadable())?;
        if unfolded > most {
            return Err(file("This workbook is too large. Split it into several, or save it as CSV."));
        }
        left -= unfolded;
    }
    Ok(())
}

fn rows<R: std::io::Read + std::io::Seek>(
    reader: &Reader,
    book: &mut Xlsx<R>,
    name: &str,
) -> Result<Vec<Row>> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|_| unreadable())?;
    let mut rows: Vec<Row> = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(|_| unreadable())? {
        let ((row, column), text) = (cell.get_position(), text(cell.get_value()));
        let (number, column) = (i64::from(row) + 1, column as usize);
        if text.trim().is_empty() {
            continue;
        }
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
