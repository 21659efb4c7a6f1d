//! A file of people on its way in, out of a form or as a body by itself, for the pages and the API; and how a page brings
//! along what was read, so that nothing of it is kept here.

use serde::{Deserialize, Serialize};

use crate::invitations::import::READER;
use kernel::error::{Error, Result};
use tables::{MOST_COLUMNS, Row, Table};
use web::{Form, SentFile};

/// What a form or a body brought.
pub(super) struct Taken {
    pub(super) table: Table,
    /// The other fields of the form.
    pub(super) form: Form,
}

/// Takes the table out of what was sent: a file, what was pasted, or what a page brought along.
///
/// # Errors
/// There is none, it is too large, it is no table, or it broke off. The form's other fields come along.
pub(super) async fn taken(sent: SentFile) -> std::result::Result<Taken, (Form, Error)> {
    let (mut bytes, mut read, mut fields) = (Vec::new(), Vec::new(), Vec::new());
    let mut failed = None;
    match sent {
        SentFile::Bare(body) => bytes = body.to_vec(),
        SentFile::Form(mut form) => loop {
            let part = match form.next().await {
                Ok(Some(part)) => part,
                Ok(None) => break,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            };
            let name = part.name().to_owned();
            match (name.as_str(), part.bytes().await) {
                (_, Err(error)) => failed = failed.or(Some(error)),
                ("file", Ok(content)) if content.is_empty() => {}
                ("file", Ok(content)) => bytes = content,
                ("read", Ok(content)) => read = content,
                (_, Ok(content)) => fields.push((name, String::from_utf8_lossy(&content).into_owned())),
            }
        },
    }
    let form = Form::of(fields);
    if let Some(error) = failed {
        return Err((form, error));
    }
    if bytes.is_empty() && read.is_empty() {
        bytes = form.get("pasted").trim_end().as_bytes().to_vec();
    }
    match table(bytes, read).await {
        Ok(table) => Ok(Taken { table, form }),
        Err(error) => Err((form, error)),
    }
}

/// Reads the table, aside: a large one takes a while.
async fn table(bytes: Vec<u8>, read: Vec<u8>) -> Result<Table> {
    if bytes.is_empty() && read.is_empty() {
        return Err(Error::field("file", "Choose a file, or paste rows from a spreadsheet."));
    }
    let work = move || match bytes.is_empty() {
        true => brought_along(&read),
        false => READER.read(&bytes),
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

/// A table as a page brings it along.
#[derive(Serialize, Deserialize)]
struct Kept {
    encoding: String,
    separator: String,
    headings: Vec<String>,
    above: Vec<String>,
    others: Vec<String>,
    /// Number, cells, what was odd.
    rows: Vec<(i64, Vec<String>, Vec<String>)>,
}

/// What a page brings along of a table.
pub(super) fn kept(table: &Table) -> Result<String> {
    let rows = table.rows.iter().map(|row| {
        let filled = row.cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
        (row.number, row.cells[..filled].to_vec(), row.faults.clone())
    });
    let kept = Kept {
        encoding: table.encoding.clone(),
        separator: table.separator.clone(),
        headings: table.headings.clone(),
        above: table.above.clone(),
        others: table.others.clone(),
        rows: rows.collect(),
    };
    serde_json::to_string(&kept).map_err(Error::internal)
}

fn brought_along(read: &[u8]) -> Result<Table> {
    let lost = || Error::field("file", "The file’s content was lost. Choose the file again.");
    let kept: Kept = serde_json::from_slice(read).map_err(|_| lost())?;
    if kept.headings.len() > MOST_COLUMNS || kept.rows.len() > READER.most_rows || kept.rows.is_empty() {
        return Err(lost());
    }
    let Kept { encoding, separator, headings, above, others, rows } = kept;
    let rows = rows.into_iter().map(|(number, cells, faults)| Row { number, cells, faults }).collect();
    Ok(Table { encoding, separator, headings, above, others, rows })
}
