//! Markdown to what is printed; what is shown is made by [`platform::prose`] of the same events.

use pulldown_cmark::{Alignment, Event, HeadingLevel, Tag, TagEnd};

use pdf::{Align, Block, Column, Span, Table, TableRow, Text};
use platform::prose::{SCHEMES, events};

/// The blocks of a text, to be printed.
pub(super) fn to_blocks(text: &str) -> Vec<Block> {
    Setter { events: events(text), bold: 0, italic: 0, links: Vec::new() }.blocks()
}

/// Turns events into blocks.
struct Setter<'a, I: Iterator<Item = Event<'a>>> {
    events: I,
    bold: usize,
    italic: usize,
    /// Where the links lead that are open, and what was read so far when each began.
    links: Vec<(String, usize)>,
}

impl<'a, I: Iterator<Item = Event<'a>>> Setter<'a, I> {
    /// The blocks up to the end of the element that is open.
    fn blocks(&mut self) -> Vec<Block> {
        let (mut done, mut line) = (Vec::new(), Text::default());
        while let Some(event) = self.events.next() {
            match event {
                Event::Start(tag) if self.opened(&tag, &line) => {}
                Event::Start(tag) => {
                    flush(&mut line, &mut done);
                    done.extend(self.element(tag));
                }
                Event::End(end) if self.closed(end, &mut line) => {}
                Event::End(_) => break,
                Event::Text(text) => self.push(&text, &mut line),
                Event::SoftBreak => self.push(" ", &mut line),
                Event::HardBreak => self.push("\n", &mut line),
                Event::Rule => {
                    flush(&mut line, &mut done);
                    done.push(Block::Rule);
                }
                _ => {}
            }
        }
        flush(&mut line, &mut done);
        done
    }

    fn push(&self, text: &str, line: &mut Text) {
        line.0.push(Span { text: text.to_owned(), bold: self.bold > 0, italic: self.italic > 0 });
    }

    /// Whether the element is one within a line.
    fn opened(&mut self, tag: &Tag<'a>, line: &Text) -> bool {
        match tag {
            Tag::Strong => self.bold += 1,
            Tag::Emphasis => self.italic += 1,
            Tag::Link { dest_url, .. } => self.links.push((dest_url.to_string(), line.words().len())),
            Tag::Strikethrough => {}
            _ => return false,
        }
        true
    }

    fn closed(&mut self, end: TagEnd, line: &mut Text) -> bool {
        match end {
            TagEnd::Strong => self.bold = self.bold.saturating_sub(1),
            TagEnd::Emphasis => self.italic = self.italic.saturating_sub(1),
            TagEnd::Link => self.name_link(line),
            TagEnd::Strikethrough => {}
            _ => return false,
        }
        true
    }

    /// On paper nobody can follow a link, so it is written out unless its words say it already.
    fn name_link(&mut self, line: &mut Text) {
        let Some((target, from)) = self.links.pop() else { return };
        let known = target.split_once(':').is_some_and(|(scheme, _)| SCHEMES.contains(&scheme));
        let words = line.words();
        let said = words.get(from..).is_some_and(|said| target.ends_with(said.trim()));
        if known && !said {
            let bare = target.trim_start_matches("mailto:").trim_start_matches("tel:").to_owned();
            self.push(&format!(" ({bare})"), line);
        }
    }

    fn element(&mut self, tag: Tag<'a>) -> Vec<Block> {
        match tag {
            Tag::Heading { level, .. } => {
                let level = if level == HeadingLevel::H2 { 2 } else { 3 };
                vec![Block::Heading(level, line_of(self.blocks()))]
            }
            Tag::List(first) => vec![Block::List(first, self.parts())],
            Tag::BlockQuote(_) => vec![Block::Aside(self.blocks())],
            Tag::Table(aligns) => vec![Block::Table(self.table(&aligns))],
            _ => self.blocks(),
        }
    }

    /// The blocks of each element up to the end of the one around them.
    fn parts(&mut self) -> Vec<Vec<Block>> {
        let mut parts = Vec::new();
        while let Some(Event::Start(_)) = self.events.next() {
            parts.push(self.blocks());
        }
        parts
    }

    fn table(&mut self, aligns: &[Alignment]) -> Table {
        let mut rows = Vec::new();
        while let Some(Event::Start(_)) = self.events.next() {
            rows.push(self.parts().into_iter().map(line_of).collect::<Vec<_>>());
        }
        let mut rows = rows.into_iter();
        let align = |align: &Alignment| if *align == Alignment::Right { Align::End } else { Align::Start };
        let titles = rows.next().unwrap_or_default();
        let columns =
            titles.iter().zip(aligns).map(|(title, at)| Column { title: title.words(), align: align(at) });
        Table {
            columns: columns.collect(),
            rows: rows.map(|cells| TableRow { cells, total: false }).collect(),
            ruled: true,
        }
    }
}

fn flush(line: &mut Text, done: &mut Vec<Block>) {
    let line = std::mem::take(line);
    if !line.words().trim().is_empty() {
        done.push(Block::Paragraph(line));
    }
}

/// The text of the first paragraph among blocks.
fn line_of(blocks: Vec<Block>) -> Text {
    let mut lines = blocks.into_iter().filter_map(|block| match block {
        Block::Paragraph(text) => Some(text),
        _ => None,
    });
    lines.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::prose::to_html;

    #[test]
    fn what_is_nested_without_end_is_shown_and_printed_all_the_same() {
        for unit in [">", "> ", "- ", "1. ", "*a **b ", "[a"] {
            let text = format!("{}end", unit.repeat(9_900 / unit.len()));
            let document = pdf::Document { blocks: to_blocks(&text), ..Default::default() };
            assert!(document.write(&pdf::Fonts::none()).unwrap().starts_with(b"%PDF"), "{unit}");
            assert!(to_html(&text).contains("end"), "{unit}");
        }
        let wide = format!("{}\n{}\n", "|a".repeat(300), "|-".repeat(300));
        let document = pdf::Document { blocks: to_blocks(&wide), ..Default::default() };
        assert!(document.write(&pdf::Fonts::none()).unwrap().starts_with(b"%PDF"));
    }

    #[test]
    fn what_is_written_is_what_is_shown() {
        let html =
            to_html("# One\n\n## Two\n\n#### Three\n\n- **a**\n- *b*\n\n| x | y |\n|---|--:|\n| 1 | 2 |\n");
        assert!(
            html.contains("<h2>One</h2>") && html.contains("<h2>Two</h2>") && html.contains("<h3>Three</h3>")
        );
        assert!(
            html.contains("<strong>a</strong>") && html.contains("<td>1</td>") && !html.contains("style")
        );
    }

    #[test]
    fn nothing_in_a_text_runs_or_is_fetched() {
        for evil in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[a](javascript:alert(1))",
            "![a](https://evil.org/x.png)",
            "<a href='https://x.org' onclick='x'>a</a>",
            "<style>*{}</style>",
            "[a](data:text/html,x)",
            "`<b>`\n\n    <i>code</i>",
        ] {
            let html = to_html(evil);
            for bad in ["<script", "<img", "<style", "javascript:", "data:", "onclick=\"", "<b>", "<i>"] {
                let shown = html.replace("&lt;", "");
                assert!(
                    !html.contains(bad) || shown.contains("alert") && !html.contains('<'),
                    "{evil}: {html}"
                );
            }
        }
        assert!(to_html("[a](https://x.org)").contains("rel=\"noopener noreferrer\""));
    }

    #[test]
    fn paper_has_the_same_parts() {
        let text = "Go **now** and [ring](tel:+123).\n\n1. one\n   - deep\n2. two\n\n> Careful\n\n\
                    | dose | ml |\n|---|--:|\n| day | **2** |\n\n---\n\n<b>x</b>";
        let blocks = to_blocks(text);
        assert!(matches!(&blocks[0], Block::Paragraph(text) if text.words() == "Go now and ring (+123)."));
        assert!(matches!(&blocks[1], Block::List(Some(1), items) if items.len() == 2
            && matches!(&items[0][1], Block::List(None, _))));
        assert!(matches!(&blocks[2], Block::Aside(_)));
        assert!(matches!(&blocks[3], Block::Table(table) if table.columns[1].align == Align::End
            && table.rows[0].cells[1].0[0].bold));
        assert!(matches!(&blocks[4], Block::Rule));
        assert!(matches!(&blocks[5], Block::Paragraph(text) if text.words() == "<b>x</b>"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_becomes_clean_html_and_blocks(text in "[-#*>|`<a-c\\[\\]()!:/ \n1.&]{0,200}") {
            let html = to_html(&text);
            proptest::prop_assert!(!html.contains("<img") && !html.contains("<script") && !html.contains(" on"));
            let _ = to_blocks(&text);
        }
    }
}
