//! The access log on paper. Pure: the same rows give the same document.

use std::fmt::Write as _;

use jiff::tz::TimeZone;

use crate::access_log::{OpeningRow, label};
use kernel::{clock::Time, text::grouped};
use pdf::{Block, Column, Document, Paper, Table, TableRow, Text};

/// A moment as the paper tells it, in the account's zone.
fn moment(at: Time, zone: &TimeZone) -> String {
    at.timestamp().to_zoned(zone.clone()).strftime("%b %-d, %Y, %-I:%M %p").to_string()
}

fn row(row: &OpeningRow, zone: &TimeZone) -> TableRow {
    let what = match row.name.as_str() {
        "" => label(row.record).to_owned(),
        name => format!("{}: {name}", label(row.record)),
    };
    let cells = [
        moment(row.first_at, zone),
        moment(row.last_at, zone),
        row.user_name.clone(),
        what,
        row.times.to_string(),
    ];
    TableRow { cells: cells.into_iter().map(Text::from).collect(), total: false }
}

/// The document of what `title` names; it says if it was `cut`.
pub(super) fn document(title: &str, rows: &[OpeningRow], cut: bool, zone: &TimeZone, now: Time) -> Document {
    let name = zone.iana_name().unwrap_or("UTC").to_owned();
    let mut head = format!("As of {}. Times are in {name}.", moment(now, zone));
    if cut {
        let newest = grouped(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        let _ = write!(head, " The newest {newest} rows are listed. Export CSV for all of them.");
    }
    let columns = vec![
        Column::text("First"),
        Column::text("Last"),
        Column::text("Person"),
        Column::text("Record"),
        Column::amount("Times"),
    ];
    Document {
        title: title.to_owned(),
        language: "en".to_owned(),
        author: "Covey".to_owned(),
        dated: Some(now),
        paper: Paper::of_zone(&name),
        blocks: vec![
            Block::Title(title.to_owned()),
            Block::Small(Text::from(head)),
            Block::Table(Table {
                columns,
                rows: rows.iter().map(|each| row(each, zone)).collect(),
                ruled: true,
            }),
        ],
        footer: title.to_owned(),
        numbering: ("Page".to_owned(), "of".to_owned()),
        missing: None,
    }
}
