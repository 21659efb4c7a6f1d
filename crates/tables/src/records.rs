//! Out of text, records. Our own reader, because files break in ways that a strict one can't tell of: a quotation
//! mark that is never closed would swallow the lines after it, and backslashes may stand before quotation marks.

use std::borrow::Cow;

/// A line of a table, which may be several lines of text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Record {
    /// The line of the file at which it begins, from 1.
    pub(super) number: i64,
    pub(super) cells: Vec<String>,
    /// Where it ends in the text.
    pub(super) end: usize,
    /// Whether a quotation mark was taken for an ordinary character, because it is never closed.
    pub(super) unclosed: bool,
}

/// How many lines a cell has at most. A quotation mark that finds no partner within them is an ordinary character.
const MOST_CELL_LINES: usize = 200;

/// Reads records one after the other.
pub(super) struct Records<'a> {
    text: &'a str,
    separator: u8,
    /// Whether `\"` is a quotation mark within a cell.
    backslash: bool,
    at: usize,
    line: i64,
}

impl<'a> Records<'a> {
    /// Of a text whose first line has this number.
    pub(super) fn new(text: &'a str, separator: u8, line: i64) -> Self {
        Self { text, separator, backslash: backslashed(text, separator), at: 0, line }
    }

    /// Up to the next separator or line end from here.
    fn plain(&self, from: usize) -> usize {
        let rest = &self.text.as_bytes()[from..];
        let found = rest.iter().position(|byte| *byte == self.separator || matches!(byte, b'\r' | b'\n'));
        from + found.unwrap_or(rest.len())
    }

    /// The text of a cell whose quotation mark stands before `from`, and where it ends; none if it is not closed.
    fn quoted(&self, from: usize) -> Option<(Cow<'a, str>, usize)> {
        let bytes = self.text.as_bytes();
        let (mut built, mut taken, mut at, mut lines) = (String::new(), from, from, 0);
        loop {
            match *bytes.get(at)? {
                b'\\' if self.backslash && bytes.get(at + 1) == Some(&b'"') => {
                    built.push_str(&self.text[taken..at]);
                    (taken, at) = (at + 1, at + 2);
                }
                b'"' if bytes.get(at + 1) == Some(&b'"') => {
                    built.push_str(&self.text[taken..=at]);
                    (taken, at) = (at + 2, at + 2);
                }
                b'"' => {
                    // What follows the mark belongs to the cell all the same.
                    let end = self.plain(at + 1);
                    let after = &self.text[at + 1..end];
                    let inner = &self.text[taken..at];
                    let plain = built.is_empty() && after.trim().is_empty();
                    let cell = if plain { inner.into() } else { (built + inner + after.trim_end()).into() };
                    return Some((cell, end));
                }
                byte => {
                    lines += usize::from(byte == b'\n');
                    if lines > MOST_CELL_LINES {
                        return None;
                    }
                    at += 1;
                }
            }
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if self.at >= self.text.len() {
            return None;
        }
        let bytes = self.text.as_bytes();
        let (begun, number, mut cells, mut unclosed) = (self.at, self.line, Vec::new(), false);
        loop {
            let blanks = bytes[self.at..].iter().take_while(|byte| **byte == b' ').count();
            let quoted = match bytes.get(self.at + blanks) {
                Some(b'"') => self.quoted(self.at + blanks + 1),
                _ => None,
            };
            unclosed |= quoted.is_none() && bytes.get(self.at + blanks) == Some(&b'"');
            let (cell, end) = quoted.unwrap_or_else(|| {
                let end = self.plain(self.at);
                (self.text[self.at..end].into(), end)
            });
            cells.push(cell.into_owned());
            self.at = end;
            match bytes.get(end) {
                Some(byte) if *byte == self.separator && !matches!(byte, b'\r' | b'\n') => self.at += 1,
                _ => break,
            }
        }
        if bytes.get(self.at) == Some(&b'\r') {
            self.at += 1;
        }
        if bytes.get(self.at) == Some(&b'\n') {
            self.at += 1;
        }
        let breaks = self.text[begun..self.at].matches('\n').count();
        self.line += i64::try_from(breaks).unwrap_or_default();
        Some(Record { number, cells, end: self.at, unclosed })
    }
}

/// Whether a file writes `\"` within cells: the mark that follows a backslash does not end its cell.
fn backslashed(text: &str, separator: u8) -> bool {
    let bytes = text.as_bytes();
    text.match_indices("\\\"").any(|(at, _)| {
        let next = bytes.get(at + 2);
        next.is_some_and(|byte| *byte != separator && !matches!(byte, b'\r' | b'\n' | b'"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(i64, Vec<String>)> {
        Records::new(text, b',', 1).map(|record| (record.number, record.cells)).collect()
    }

    fn cells(text: &str) -> Vec<String> {
        read(text).remove(0).1
    }

    #[test]
    fn quotes_are_read_in_every_style() {
        assert_eq!(cells("\"Lee, Ann\",\"say \"\"hi\"\"\",x"), ["Lee, Ann", "say \"hi\"", "x"]);
        assert_eq!(cells(r#""Ann \"Annie\" Lee","\"x\"",1"#), [r#"Ann "Annie" Lee"#, "\"x\"", "1"]);
        assert_eq!(cells(r#""C:\dir\",x"#), [r"C:\dir\", "x"]);
        assert_eq!(cells("Ann \"Annie\" Lee,6\" tall"), ["Ann \"Annie\" Lee", "6\" tall"]);
        assert_eq!(cells("\"Ann\" Lee, \"b, c\" ,"), ["Ann Lee", "b, c", ""]);
    }

    #[test]
    fn a_quote_that_is_never_closed_swallows_nothing() {
        let text = format!("name,x\n\"Ann Lee,1\nBen,2\n{}", "Cy,3\n".repeat(300));
        let found = Records::new(&text, b',', 1).collect::<Vec<_>>();
        assert_eq!(found.len(), 303);
        assert_eq!((found[1].cells[0].as_str(), found[1].unclosed), ("\"Ann Lee", true));
        assert_eq!(found[2].cells, ["Ben", "2"]);
    }

    #[test]
    fn lines_are_counted_through_cells_of_several() {
        let found = read("a,b\r\n\r\n\"two\nlines\",1\nc,2");
        assert_eq!(found.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2, 3, 5]);
        assert_eq!(found[2].1, ["two\nlines", "1"]);
        assert_eq!(read("a,").remove(0).1, ["a", ""]);
        assert_eq!(read("").len(), 0);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in "(\"|\"\"|\\\\|,|\r?\n|[a-c]| |é){0,60}") {
            let found = Records::new(&text, b',', 1).collect::<Vec<_>>();
            proptest::prop_assert_eq!(found.last().map_or(0, |record| record.end), text.len());
        }
    }
}
