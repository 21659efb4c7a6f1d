//! A year's invoices for the accountant: as a table, and as one document. The year is that of their dates, in UTC, which
//! their numbers begin with.

use jiff::{civil::date, tz::TimeZone};

use crate::{
    invoices::{
        Shown,
        document::{self, letterhead},
        store::{self, InvoiceRow},
    },
    ledger::{self, EntryKind},
    periods::day,
};
use access::AccountAdmin;
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::AccountId,
    money::Money,
    text::csv_cell,
};
use pdf::{Block, Column, Document, Paper, Table, TableRow};
use people::{accounts, plans};
use storage::Tx;

/// The invoices and credit notes of a year, oldest first, and the money that moved in it.
pub(super) struct Year {
    pub(super) year: i16,
    name: String,
    zone: String,
    pub(super) documents: Vec<Shown>,
    paid: Money,
    refunded: Money,
    now: Time,
}

/// The first moment of a year.
fn begin(year: i16) -> Result<Time> {
    let outside = || Error::field("year", "Enter a year, such as 2026.");
    let known = (2000..=2999).contains(&year).then(|| date(year, 1, 1)).ok_or_else(outside)?;
    Ok(known.to_zoned(TimeZone::UTC).map_err(Error::internal)?.timestamp().into())
}

/// The years in which the account was issued something, newest first.
pub(crate) async fn years(tx: &Tx, account: AccountId) -> Result<Vec<i16>> {
    let Some((first, last)) = store::first_and_last(tx, account).await? else { return Ok(Vec::new()) };
    let year = |at: Time| at.timestamp().to_zoned(TimeZone::UTC).year();
    Ok((year(first)..=year(last)).rev().collect())
}

/// The invoices of a year, the present one if none is named.
///
/// # Errors
/// It is no year of this or the next centuries.
pub(super) async fn load(tx: &Tx, by: &AccountAdmin, year: Option<i16>) -> Result<Year> {
    let account = by.account();
    let year = year.unwrap_or_else(|| tx.now().timestamp().to_zoned(TimeZone::UTC).year());
    let (from, until) = (begin(year)?, begin(year + 1)?);
    let known = accounts::actions::show(tx, by).await?;
    let mut documents = Vec::new();
    for row in store::between(tx, account, from, until).await? {
        let lines = store::lines(tx, account, row.id).await?;
        documents.push(Shown { open: row.open, row, lines, zone: known.time_zone.clone() });
    }
    let currency = plans::subscription(tx, account).await?.currency;
    let moved = async |kind| ledger::moved(tx, account, kind, from, until).await;
    let (paid, refunded) = (-moved(EntryKind::Payment).await?, moved(EntryKind::Refund).await?);
    let money = |amount| Money::new(amount, currency);
    let (name, zone, now) = (known.name, known.time_zone, tx.now());
    Ok(Year { year, name, zone, documents, paid: money(paid), refunded: money(refunded), now })
}

impl Year {
    fn sum(&self, of: impl Fn(&InvoiceRow) -> i64) -> Money {
        let currency = self.paid.currency;
        Money::new(self.documents.iter().map(|one| of(&one.row)).sum(), currency)
    }

    /// A row for each document, and one with the totals. Amounts are plain numbers, which spreadsheets add up.
    pub(super) fn csv(&self) -> String {
        let mut csv = String::from(
            "\u{feff}number,kind,date,due,state,settled,currency,total,canceled before it was paid,still due\r\n",
        );
        let date = |at: Time| at.to_string()[..10].to_owned();
        for Shown { row, .. } in &self.documents {
            let texts = [
                row.number.clone(),
                row.kind.word().to_owned(),
                date(row.issued_at),
                date(row.due_at),
                row.state(self.now).to_owned(),
                row.settled_at.map(date).unwrap_or_default(),
                row.currency.word().to_owned(),
            ];
            let money = |amount| number(Money::new(amount, row.currency));
            let amounts = [money(row.total), money(row.canceled), money(row.open)].join(",");
            csv.push_str(&format!("{},{amounts}\r\n", texts.map(|text| csv_cell(&text)).join(",")));
        }
        let totals = [self.sum(|row| row.total), self.sum(|row| row.canceled), self.sum(|row| row.open)];
        let (currency, totals) = (csv_cell(self.paid.currency.word()), totals.map(number).join(","));
        csv.push_str(&format!("\"Total\",,,,,,{currency},{totals}\r\n"));
        for (what, money) in [("Payments received", self.paid), ("Refunds paid out", self.refunded)] {
            csv.push_str(&format!("\"{what}\",,,,,,{currency},{},,\r\n", number(money)));
        }
        csv
    }

    /// A page of totals, and every document after it.
    pub(super) fn document(&self, seller: &str) -> Document {
        let title = format!("Invoices of {}", self.year);
        let mut rows = self.documents.iter().map(|one| self.row(one)).collect::<Vec<_>>();
        let cells = vec!["Total".into(), "".into(), "".into(), self.sum(|row| row.total).to_string().into()];
        rows.push(TableRow { cells, total: true });
        let amount = Column::amount(format!("Amount, {}", self.paid.currency.word()));
        let columns = vec![Column::text("Number"), Column::text("Date"), Column::text("State"), amount];
        let mut blocks = vec![
            letterhead(seller),
            Block::Title(title.clone()),
            Block::Facts(vec![
                ("Account".to_owned(), self.name.as_str().into()),
                ("Payments received".to_owned(), self.paid.to_string().into()),
                ("Refunds paid out".to_owned(), self.refunded.to_string().into()),
                ("Still due".to_owned(), self.sum(|row| row.open).to_string().into()),
            ]),
            Block::Table(Table { columns, rows, ruled: true }),
        ];
        for shown in &self.documents {
            blocks.push(Block::Rule);
            blocks.push(Block::Heading(2, document::title(shown).into()));
            blocks.extend(document::particulars(shown, self.now));
        }
        Document {
            title: title.clone(),
            language: "en".to_owned(),
            author: seller.lines().next().unwrap_or_default().to_owned(),
            dated: Some(self.now),
            paper: Paper::of_zone(&self.zone),
            blocks,
            footer: format!("{title}, {}", self.name),
            numbering: ("Page".to_owned(), "of".to_owned()),
            missing: None,
        }
    }

    fn row(&self, one: &Shown) -> TableRow {
        let (row, state) = (&one.row, super::pages::badge(one.row.state(self.now)).1);
        let cells = vec![
            row.number.as_str().into(),
            day(row.issued_at).into(),
            state.into(),
            row.money().to_string().into(),
        ];
        TableRow { cells, total: false }
    }
}

/// An amount as programs read it: `-1234.50`.
fn number(money: Money) -> String {
    money.figure().replace('−', "-").replace(',', "")
}
