//! An invoice on paper. Pure: the same invoice gives the same document.

use crate::{
    invoices::{InvoiceKind, Shown},
    periods::day,
};
use kernel::{clock::Time, money::Money};
use pdf::{Block, Column, Document, Paper, Span, Table, TableRow, Text};

/// What an invoice is called: "Invoice 2026-00001".
pub(super) fn title(shown: &Shown) -> String {
    let kind = if shown.row.kind == InvoiceKind::CreditNote { "Credit note" } else { "Invoice" };
    format!("{kind} {}", shown.row.number)
}

/// Under which name a browser keeps it.
pub(super) fn file_name(shown: &Shown) -> String {
    let kind = if shown.row.kind == InvoiceKind::CreditNote { "credit-note" } else { "invoice" };
    format!("{kind}-{}.pdf", shown.row.number)
}

/// Whether it is paid, and if not, by when it is to be.
pub(super) fn note(shown: &Shown, now: Time) -> String {
    let open = Money::new(shown.open, shown.row.currency);
    match (shown.row.kind, shown.row.settled_at) {
        (InvoiceKind::CreditNote, _) => shown.row.given_back().sentence(),
        (_, Some(_)) if shown.row.canceled == shown.row.total && shown.row.total > 0 => {
            "Canceled before it was paid. Nothing is owed.".to_owned()
        }
        (_, Some(at)) if shown.row.canceled > 0 => {
            let canceled = Money::new(shown.row.canceled, shown.row.currency);
            format!("Paid on {}, except {canceled}, which was canceled. Thank you.", day(at))
        }
        (_, Some(at)) => format!("Paid on {}. Thank you.", day(at)),
        _ if shown.row.due_at <= now => format!("{open} was due on {}.", day(shown.row.due_at)),
        _ => format!(
            "{open} is due on {}. Please include the invoice number with your payment.",
            day(shown.row.due_at)
        ),
    }
}

/// The first line of a text as a name, and the others.
pub(super) fn letterhead(seller: &str) -> Block {
    let mut lines = seller.lines().map(str::to_owned);
    Block::Letterhead(lines.next().unwrap_or_default(), lines.collect())
}

/// A line of an invoice: what for, and how it comes about beneath.
fn line(text: &str, sum: &str, amount: Money) -> TableRow {
    let sum = if sum.is_empty() { String::new() } else { format!("\n{sum}") };
    let spans = [text.to_owned(), sum].map(|text| Span { text, ..Span::default() });
    TableRow { cells: vec![Text(spans.into()), amount.to_string().into()], total: false }
}

/// The lines with their sum.
fn table(shown: &Shown) -> Table {
    let currency = shown.row.currency;
    let mut rows = shown
        .lines
        .iter()
        .map(|each| line(&each.text, &each.sum, Money::new(each.amount, currency)))
        .collect::<Vec<_>>();
    rows.push(TableRow { cells: vec!["Total".into(), shown.row.money().to_string().into()], total: true });
    let columns = vec![Column::text("Description"), Column::amount(format!("Amount, {}", currency.word()))];
    Table { columns, rows, ruled: true }
}

/// What stands on it beneath its title.
pub(super) fn particulars(shown: &Shown, now: Time) -> [Block; 3] {
    let row = &shown.row;
    let mut facts = vec![
        ("Number".to_owned(), row.number.as_str().into()),
        ("Date".to_owned(), day(row.issued_at).into()),
    ];
    if row.kind == InvoiceKind::Invoice {
        facts.push(("Due on".to_owned(), day(row.due_at).into()));
    }
    facts.push(("To".to_owned(), row.bill_to.as_str().into()));
    [Block::Facts(facts), Block::Table(table(shown)), Block::Paragraph(note(shown, now).into())]
}

/// The document of an invoice that `seller` issued (name and address, a line each).
pub(super) fn document(shown: &Shown, seller: &str, now: Time) -> Document {
    let mut blocks = vec![letterhead(seller), Block::Title(title(shown))];
    blocks.extend(particulars(shown, now));
    Document {
        title: title(shown),
        language: "en".to_owned(),
        author: seller.lines().next().unwrap_or_default().to_owned(),
        dated: Some(shown.row.issued_at),
        paper: Paper::of_zone(&shown.zone),
        blocks,
        footer: title(shown),
        numbering: ("Page".to_owned(), "of".to_owned()),
        missing: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invoices::{InvoiceRow, LineRow};
    use kernel::{
        clock::DAY,
        id::{AccountId, InvoiceId},
        money::Currency,
    };

    fn shown(kind: InvoiceKind, settled: Option<Time>) -> Shown {
        let at = Time::from_micros(1_772_442_000_000_000);
        let amount = if kind == InvoiceKind::Invoice { 13_500 } else { -13_500 };
        Shown {
            row: InvoiceRow {
                account: AccountId::nil(),
                id: InvoiceId::nil(),
                number: "2026-00001".to_owned(),
                kind,
                bill_to: "Mill & Co\n12 Mill Lane".to_owned(),
                currency: Currency::USD,
                total: amount,
                open: if settled.is_some() { 0 } else { amount.max(0) },
                canceled: 0,
                issued_at: at,
                due_at: at.plus(14 * DAY),
                settled_at: settled,
            },
            lines: vec![LineRow {
                text: "3 licenses, Pro, billed monthly".to_owned(),
                sum: "3 × $45.00".to_owned(),
                amount,
            }],
            open: if settled.is_some() { 0 } else { amount.max(0) },
            zone: "America/Chicago".to_owned(),
        }
    }

    /// Everything that a document says, a line each.
    fn words(document: &Document) -> String {
        let mut said = Vec::new();
        for block in &document.blocks {
            match block {
                Block::Letterhead(name, lines) => said.extend([vec![name.clone()], lines.clone()].concat()),
                Block::Title(text) => said.push(text.clone()),
                Block::Facts(facts) => {
                    said.extend(facts.iter().map(|(name, text)| format!("{name}: {}", text.words())));
                }
                Block::Table(table) => {
                    let cells =
                        table.rows.iter().map(|row| row.cells.iter().map(Text::words).collect::<Vec<_>>());
                    said.extend(cells.map(|cells| cells.join(" | ")));
                }
                Block::Paragraph(text) => said.push(text.words()),
                other => panic!("{other:?}"),
            }
        }
        said.join("\n")
    }

    #[test]
    fn an_invoice_has_its_lines_their_sum_and_what_is_open() {
        let now = Time::from_micros(1_772_442_000_000_000);
        let invoice = document(&shown(InvoiceKind::Invoice, None), "Covey Ltd\n1 High Street", now);
        assert_eq!(
            words(&invoice),
            "Covey Ltd\n1 High Street\nInvoice 2026-00001\nNumber: 2026-00001\nDate: March 2, 2026\n\
             Due on: March 16, 2026\nTo: Mill & Co\n12 Mill Lane\n\
             3 licenses, Pro, billed monthly\n3 × $45.00 | $135.00\nTotal | $135.00\n\
             $135.00 is due on March 16, 2026. Please include the invoice number with your payment."
        );
        assert_eq!(invoice.paper, Paper::Letter);
        assert!(invoice.write(&pdf::Fonts::none()).unwrap().starts_with(b"%PDF-1."));
    }

    #[test]
    fn what_is_paid_overdue_or_given_back_says_so() {
        let now = Time::from_micros(1_772_442_000_000_000);
        let later = now.plus(20 * DAY);
        let open = shown(InvoiceKind::Invoice, None);
        assert_eq!(note(&open, later), "$135.00 was due on March 16, 2026.");
        assert_eq!(
            note(&shown(InvoiceKind::Invoice, Some(later)), later),
            "Paid on March 22, 2026. Thank you."
        );
        let back = shown(InvoiceKind::CreditNote, Some(now));
        assert_eq!(
            (title(&back).as_str(), file_name(&back).as_str()),
            ("Credit note 2026-00001", "credit-note-2026-00001.pdf")
        );
        assert!(
            words(&document(&back, "Covey", now)).contains("Total | −$135.00\n$135.00 for unused time is")
        );
        let mut part = shown(InvoiceKind::CreditNote, Some(now));
        part.row.canceled = 10_000;
        assert_eq!(
            note(&part, now),
            "The unpaid $100.00 is canceled, and $35.00 for unused time is credited to you."
        );
        let mut undone = shown(InvoiceKind::Invoice, Some(later));
        undone.row.canceled = 13_500;
        assert_eq!(note(&undone, later), "Canceled before it was paid. Nothing is owed.");
        assert_eq!(undone.row.state(later), "canceled");
    }
}
