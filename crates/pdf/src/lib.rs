//! Documents as PDF: a small model goes in, the bytes of a tagged PDF come out.
//!
//! It knows nothing of what a document says. The same input gives the same bytes: nothing here asks for
//! the time, and a date is in the file only where [`Document::dated`] gives one. The fonts are embedded, so every
//! reader shows the same, and lines that run from right to left come out right. The binary has DejaVu Sans (Latin,
//! Greek, Cyrillic, Hebrew, Arabic); fonts for other scripts are taken from the server's folders ([`Fonts`]). What no
//! font has is never left out in silence: the document says so at its end, and the log once.

mod draw;
mod flow;
mod fonts;
mod shape;

pub use fonts::Fonts;

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

/// The alignment of a table's column.
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
    /// How its text is aligned.
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
    /// From the side where reading begins.
    pub columns: Vec<Column>,
    /// From top to bottom.
    pub rows: Vec<TableRow>,
    /// Whether there are thin lines between the rows. Without them, it only puts texts side by side.
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
    /// Blocks that are set apart: a quotation, a warning.
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
    /// The creation date in the file's metadata; without it, there is none.
    pub dated: Option<Time>,
    /// The size of its sheets.
    pub paper: Paper,
    /// What it says.
    pub blocks: Vec<Block>,
    /// The foot of every page, before the page's number.
    pub footer: String,
    /// The words of the page's number: `("Page", "of")` gives "Page 1 of 3".
    pub numbering: (String, String),
    /// The sentence at its end where no font has some of its characters; an English one unless it is set.
    pub missing: Option<String>,
}

/// See [`Document::missing`].
const MISSING: &str =
    "Some characters can’t be printed on this server. Install fonts for them, for example Noto.";

impl Document {
    /// The bytes of the PDF. If a font of the server's folders turns out to be broken, only the binary's are used.
    ///
    /// # Errors
    /// The writer fails: a mistake of ours.
    pub fn write(&self, fonts: &Fonts) -> Result<Vec<u8>> {
        match draw::write(self, fonts) {
            Err(error) if fonts.any() => {
                tracing::warn!(?error, "a PDF could not be written with the server's fonts");
                draw::write(self, &Fonts::none())
            }
            written => written,
        }
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

    /// How often a text occurs in the bytes.
    fn count(bytes: &[u8], text: &str) -> usize {
        bytes.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
    }

    #[test]
    fn the_same_document_gives_the_same_bytes() {
        let once = sample().write(&Fonts::none()).unwrap();
        assert!(once.starts_with(b"%PDF-1.") && once.ends_with(b"%%EOF"));
        assert_eq!(once, sample().write(&Fonts::none()).unwrap());
        let dated = Document { dated: Some(Time::from_micros(1_772_442_000_000_000)), ..sample() };
        assert_eq!(
            (count(&once, "CreationDate"), count(&dated.write(&Fonts::none()).unwrap(), "CreationDate")),
            (0, 1)
        );
    }

    #[test]
    fn it_is_tagged_and_says_its_language() {
        let bytes = sample().write(&Fonts::none()).unwrap();
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
            assert!(count(&document.write(&Fonts::none()).unwrap(), "/Type/Page/") > 4);
        }
    }

    #[test]
    fn a_character_with_hundreds_of_marks_is_printed_with_some() {
        for marks in
            ["\u{301}".repeat(256), "\u{200d}🐄".repeat(300), "\u{1100}".repeat(300), "\u{93e}".repeat(300)]
        {
            let blocks = vec![Block::Paragraph(format!("z{marks} and on").as_str().into())];
            let document = Document { blocks, ..sample() };
            assert_eq!(count(&document.write(&Fonts::none()).unwrap(), "/Type/Page/"), 1);
        }
    }

    #[test]
    fn an_empty_document_is_one_empty_page() {
        let bytes = Document::default().write(&Fonts::none()).unwrap();
        assert_eq!(count(&bytes, "/Type/Page/"), 1);
    }

    #[test]
    fn america_prints_on_letter_and_the_others_on_a4() {
        assert_eq!(Paper::of_zone("America/Chicago"), Paper::Letter);
        assert_eq!(Paper::of_zone("Europe/Lisbon"), Paper::A4);
    }

    const CHINESE: &str = "王小明";
    const FONT: &[u8] = include_bytes!("../../../tests/fonts/droid-fallback-few.ttf");
    const EMOJI: &[u8] = include_bytes!("../../../tests/fonts/noto-color-emoji-few.ttf");

    fn named(name: &str) -> Document {
        let blocks = vec![Block::Title(name.to_owned()), Block::Paragraph(name.into())];
        Document { blocks, missing: Some("NOTICE".to_owned()), ..Document::default() }
    }

    /// What the document says in its structure, where titles are not compressed.
    fn fonts_in(bytes: &[u8]) -> (usize, usize) {
        (count(bytes, "DejaVuSans"), count(bytes, "DroidSansFallback"))
    }

    #[test]
    fn what_the_binary_has_no_font_for_is_printed_with_a_font_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("below")).unwrap();
        std::fs::write(folder.path().join("below/droid.ttf"), FONT).unwrap();
        std::fs::write(folder.path().join("broken.ttf"), &FONT[..900]).unwrap();
        std::fs::write(folder.path().join("empty.ttf"), b"").unwrap();
        let fonts = Fonts::new(Some(folder.path()));
        let printed = named(CHINESE).write(&fonts).unwrap();
        assert!(fonts_in(&printed).1 > 0, "the font is embedded");
        assert_eq!(printed, named(CHINESE).write(&fonts).unwrap(), "the same input gives the same bytes");
        assert_eq!(flow::set(&named(CHINESE), &fonts).unwrap().shaper.missing, None);
        assert_eq!(fonts_in(&named("Łukasz").write(&fonts).unwrap()).1, 0, "what the binary has is its own");
    }

    #[test]
    fn emoji_that_are_pictures_are_printed_as_pictures() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("emoji.ttf"), EMOJI).unwrap();
        let fonts = Fonts::new(Some(folder.path()));
        let document = named("Rex 🐶 and Kit 🐱");
        let printed = document.write(&fonts).unwrap();
        assert_eq!(count(&printed, "/Subtype/Image"), 2, "the dog and the cat have their pictures");
        assert_eq!(flow::set(&document, &fonts).unwrap().shaper.missing, None);
        assert_eq!(printed, document.write(&fonts).unwrap(), "the same input gives the same bytes");
        let without = document.write(&Fonts::none()).unwrap();
        assert_eq!(count(&without, "/Subtype/Image"), 0);
    }

    #[test]
    fn what_no_font_has_is_said_at_the_end_and_never_left_out_in_silence() {
        let folder = tempfile::tempdir().unwrap();
        for fonts in
            [Fonts::none(), Fonts::new(Some(folder.path())), Fonts::new(Some(&folder.path().join("no")))]
        {
            let lines = |name: &str| {
                let set = flow::set(&named(name), &fonts).unwrap();
                let strips = set.sheets.iter().flatten().flat_map(|(_, strip)| &strip.marks);
                let texts = strips.filter_map(|mark| match mark {
                    flow::Mark::Text { line, .. } => Some(line.text.to_string()),
                    flow::Mark::Box { .. } => None,
                });
                texts.collect::<Vec<_>>()
            };
            assert_eq!(lines(CHINESE).last().unwrap(), "NOTICE");
            assert_eq!(lines("Łukasz").last().unwrap(), "Łukasz");
            assert_eq!(lines("a\u{200d}b\u{fe0f}\u{3000}c").len(), 2, "what is not seen is not missed");
            assert!(named(CHINESE).write(&fonts).unwrap().starts_with(b"%PDF"));
        }
        let footer = Document { footer: CHINESE.to_owned(), ..Document::default() };
        assert!(flow::set(&footer, &Fonts::none()).unwrap().shaper.missing.is_some());
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(40))]
        #[test]
        fn any_text_can_be_set(text: String, other: String) {
            let blocks = vec![Block::Title(text.clone()), Block::Paragraph(Text(vec![
                Span { text: other, bold: true, italic: true },
                Span { text, bold: false, italic: false },
            ]))];
            Document { blocks, ..Document::default() }.write(&Fonts::none()).unwrap();
        }
    }
}
