//! Documents as PDF: a small model goes in, the bytes of a tagged PDF come out.
//!
//! It knows nothing of what a document says. The same input gives the same bytes: nothing here asks for
//! the time, and a date stands in the file only where [`Document::dated`] gives one. The fonts are
//! embedded (DejaVu Sans: Latin, Greek, Cyrillic, Hebrew, Arabic), so every reader shows the same, and
//! lines that run from right to left come out right.

mod draw;
mod flow;
mod shape;

use kernel::{clock::Time, error::Result};

/// A sheet's size.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Paper {
    /// 210 by 297 millimetres.
    #[default]
    A4,
    /// 8.5 by 11 inches.
    Letter,
}

impl Paper {
    /// The paper that is usual where clocks are set to this zone: Letter in North America, else A4.
    pub fn of_zone(zone: &str) -> Self {
        let american = zone.starts_with("America/") || zone.starts_with("US/") || zone.starts_with("Canada/");
        let letter = american || matches!(zone, "Pacific/Honolulu" | "Asia/Manila");
        if letter { Self::Letter } else { Self::A4 }
    }

    /// Width and height in points, of which 72 make an inch.
    const fn size(self) -> (f32, f32) {
        match self {
            Self::A4 => (595.28, 841.89),
            Self::Letter => (612.0, 792.0),
        }
    }
}

/// A piece of text that looks alike throughout. A line feed breaks the line.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Span {
    /// What is read.
    pub text: String,
    /// Whether it is heavy.
    pub bold: bool,
    /// Whether it leans.
    pub italic: bool,
}

/// Text out of spans.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Text(pub Vec<Span>);

impl Text {
    /// Plain text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self(vec![Span { text: text.into(), ..Span::default() }])
    }

    /// Heavy text.
    pub fn bold(text: impl Into<String>) -> Self {
        Self(vec![Span { text: text.into(), bold: true, italic: false }])
    }

    /// The words alone.
    pub fn words(&self) -> String {
        self.0.iter().map(|span| span.text.as_str()).collect()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::plain(text)
    }
}

/// Where the text of a table's column stands.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Align {
    /// Where reading begins.
    #[default]
    Start,
    /// At the other side: amounts and counts.
    End,
}

/// A column of a table. It is as wide as its content asks, as far as there is room.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Column {
    /// Its heading; may be empty.
    pub title: String,
    /// Where its text stands.
    pub align: Align,
}

impl Column {
    /// A column of words.
    pub fn text(title: impl Into<String>) -> Self {
        Self { title: title.into(), align: Align::Start }
    }

    /// A column of amounts, aligned at the end.
    pub fn amount(title: impl Into<String>) -> Self {
        Self { title: title.into(), align: Align::End }
    }
}

/// A row of a table.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TableRow {
    /// A text for each column; missing ones are empty.
    pub cells: Vec<Text>,
    /// Whether the row sums up those before it: heavy, beneath a stronger line.
    pub total: bool,
}

/// A table. Without any column title there is no heading row.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<TableRow>,
    /// Whether thin lines stand between the rows. Without them it only puts texts side by side.
    pub ruled: bool,
}

/// What a document is made of, from top to bottom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    /// Whose document it is: a name, and smaller lines beneath such as the address.
    Letterhead(String, Vec<String>),
    /// The title of the whole: the one heading of the first level.
    Title(String),
    /// A heading of the second level or, where the number is higher, of the third.
    Heading(u8, Text),
    /// A paragraph.
    Paragraph(Text),
    /// A paragraph in smaller and paler letters.
    Small(Text),
    /// A list, with bullets, or with numbers from this one on. Each item is blocks of its own.
    List(Option<u64>, Vec<Vec<Block>>),
    /// Blocks that stand out from the rest: a quotation, a warning.
    Aside(Vec<Block>),
    /// Pairs of what is meant and what it is, beneath each other.
    Facts(Vec<(String, Text)>),
    /// A table.
    Table(Table),
    /// A line across.
    Rule,
}

/// What is to be set.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Document {
    /// Its title, for the reader's window and for screen readers.
    pub title: String,
    /// Its language as in HTML: `en`. One that is written from right to left mirrors the page.
    pub language: String,
    /// Who made it.
    pub author: String,
    /// The date in the file's particulars; none stands there without it.
    pub dated: Option<Time>,
    /// The size of its sheets.
    pub paper: Paper,
    /// What it says.
    pub blocks: Vec<Block>,
    /// What stands at the foot of every page, before the page's number.
    pub footer: String,
    /// The words of the page's number: `("Page", "of")` gives "Page 1 of 3".
    pub numbering: (String, String),
}

impl Document {
    /// The bytes of the PDF.
    ///
    /// # Errors
    /// The writer fails: a mistake of ours.
    pub fn write(&self) -> Result<Vec<u8>> {
        draw::write(self)
    }

    /// Whether its language is written from right to left.
    fn right_to_left(&self) -> bool {
        let language = self.language.split('-').next().unwrap_or_default();
        matches!(language, "ar" | "fa" | "he" | "ur" | "ps" | "yi" | "dv")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Document {
        let amount = |text: &str| TableRow { cells: vec!["Licenses".into(), text.into()], total: false };
        Document {
            title: "Letter".to_owned(),
            language: "en".to_owned(),
            blocks: vec![
                Block::Letterhead("عيادة النيل".to_owned(), vec!["1 Mill Lane".to_owned()]),
                Block::Title("Letter".to_owned()),
                Block::Heading(2, "First".into()),
                Block::Paragraph(Text(vec![
                    Span { text: "Some ".to_owned(), ..Span::default() },
                    Span { text: "heavy italic".to_owned(), bold: true, italic: true },
                    Span { text: "\nand עברית and Ωmega and 🐄.".to_owned(), ..Span::default() },
                ])),
                Block::List(Some(3), vec![vec![Block::Paragraph("Third".into())], vec![Block::Rule]]),
                Block::Aside(vec![Block::Small("Careful.".into())]),
                Block::Facts(vec![("Number".to_owned(), "7".into())]),
                Block::Table(Table {
                    columns: vec![Column::text("What"), Column::amount("Amount")],
                    rows: vec![amount("$ 12.50"), TableRow { total: true, ..amount("$ 12.50") }],
                    ruled: true,
                }),
            ],
            footer: "Riverside".to_owned(),
            numbering: ("Page".to_owned(), "of".to_owned()),
            ..Document::default()
        }
    }

    /// How often a text stands in the bytes.
    fn count(bytes: &[u8], text: &str) -> usize {
        bytes.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
    }

    #[test]
    fn the_same_document_gives_the_same_bytes() {
        let once = sample().write().unwrap();
        assert!(once.starts_with(b"%PDF-1.") && once.ends_with(b"%%EOF"));
        assert_eq!(once, sample().write().unwrap());
        let dated = Document { dated: Some(Time::from_micros(1_772_442_000_000_000)), ..sample() };
        assert_eq!((count(&once, "CreationDate"), count(&dated.write().unwrap(), "CreationDate")), (0, 1));
    }

    #[test]
    fn it_is_tagged_and_says_its_language() {
        let bytes = sample().write().unwrap();
        for mark in ["/StructTreeRoot", "/Lang", "/Marked true", "/S/H1", "/S/H2", "/S/LI", "/S/TH", "/S/TD"]
        {
            assert!(count(&bytes, mark) > 0, "{mark} is missing");
        }
    }

    #[test]
    fn what_is_longer_than_a_page_goes_on_over_as_many_as_it_takes() {
        let words = "A sentence that goes on for a while, so that the line is full. ".repeat(400);
        for paper in [Paper::A4, Paper::Letter] {
            let cell = TableRow { cells: vec![words.as_str().into(), "1".into()], total: false };
            let table = Table {
                columns: vec![Column::text("a"), Column::amount("b")],
                rows: vec![cell],
                ruled: true,
            };
            let blocks = vec![Block::Paragraph(words.as_str().into()), Block::Table(table)];
            let document = Document { paper, blocks, ..sample() };
            assert!(count(&document.write().unwrap(), "/Type/Page/") > 4);
        }
    }

    #[test]
    fn an_empty_document_is_one_empty_page() {
        let bytes = Document::default().write().unwrap();
        assert_eq!(count(&bytes, "/Type/Page/"), 1);
    }

    #[test]
    fn america_prints_on_letter_and_the_others_on_a4() {
        assert_eq!(Paper::of_zone("America/Chicago"), Paper::Letter);
        assert_eq!(Paper::of_zone("Europe/Lisbon"), Paper::A4);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(40))]
        #[test]
        fn any_text_can_be_set(text: String, other: String) {
            let blocks = vec![Block::Title(text.clone()), Block::Paragraph(Text(vec![
                Span { text: other, bold: true, italic: true },
                Span { text, bold: false, italic: false },
            ]))];
            Document { blocks, ..Document::default() }.write().unwrap();
        }
    }
}
