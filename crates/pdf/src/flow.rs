//! Blocks to pages: the place of each line, and where a page ends.

use std::num::NonZeroU16;

use krilla::tagging::{ListNumbering, TableHeaderScope, Tag, TagKind};

use crate::{
    Align, Block, Document, MISSING, Table, TableRow, Text,
    fonts::Fonts,
    shape::{Line, Shade, Shaper, Style},
};
use kernel::error::Result;

/// The white around a page, in points.
const SIDE: f32 = 56.0;
const TOP: f32 = 54.0;
const BOTTOM: f32 = 66.0;
/// The space between blocks.
const GAP: f32 = 8.0;
/// How far the items of a list are indented.
const INDENT: f32 = 18.0;
/// The space between the columns of a table.
const GUTTER: f32 = 14.0;
/// The space above and below the text of a table's row.
const PADDING: f32 = 4.0;

const BODY: Style = Style { size: 10.0, bold: false, shade: Shade::Ink };
const SMALL: Style = Style { size: 8.5, bold: false, shade: Shade::Quiet };
const TITLE: Style = Style { size: 20.0, bold: true, shade: Shade::Ink };
const NAME: Style = Style { size: 12.0, bold: true, shade: Shade::Accent };
pub(super) const FOOT: Style = Style { size: 8.0, bold: false, shade: Shade::Quiet };

/// A node of the tree that tells screen readers what is what.
pub(super) struct Node {
    pub(super) kind: TagKind,
    pub(super) parent: usize,
}

/// Something to be drawn, measured from the left margin and the top of its strip.
pub(super) enum Mark {
    /// A line of text, and the node that it belongs to.
    Text { x: f32, y: f32, line: Line, node: usize },
    /// A filled box: a line across, a ground.
    Box { x: f32, y: f32, width: f32, height: f32, shade: Shade },
}

/// A strip of the page that is never cut.
#[derive(Default)]
pub(super) struct Strip {
    pub(super) height: f32,
    pub(super) marks: Vec<Mark>,
    /// Whether it should be on the same page as the next.
    keep: bool,
    /// Whether it is only space, which no page begins with.
    space: bool,
}

/// A page: strips with their distance from its upper edge.
pub(super) type Sheet = Vec<(f32, Strip)>;

/// What is drawn, and the tree over it. The root is node 0.
pub(super) struct Set {
    pub(super) sheets: Vec<Sheet>,
    pub(super) nodes: Vec<Node>,
    pub(super) shaper: Shaper,
}

/// The space for the text of a block.
#[derive(Clone, Copy)]
struct Room {
    x: f32,
    width: f32,
    style: Style,
    node: usize,
}

struct Flow {
    shaper: Shaper,
    strips: Vec<Strip>,
    nodes: Vec<Node>,
    width: f32,
    mirrored: bool,
}

/// Width of the text, and the distance of its sides from the sheet's.
pub(super) fn measure(document: &Document) -> (f32, f32) {
    (document.paper.size().0 - 2.0 * SIDE, SIDE)
}

/// Sets a document.
pub(super) fn set(document: &Document, fonts: &Fonts) -> Result<Set> {
    let (width, _) = measure(document);
    let mirrored = document.right_to_left();
    let shaper = Shaper::new(mirrored, fonts.clone());
    let root = Node { kind: Tag::Part.into(), parent: 0 };
    let mut flow = Flow { shaper, strips: Vec::new(), nodes: vec![root], width, mirrored };
    let room = Room { x: 0.0, width, style: BODY, node: 0 };
    flow.blocks(&document.blocks, room)?;
    flow.shaper.prepare(&document.footer);
    if let Some(character) = flow.shaper.missing {
        fonts.warn_missing(character);
        let notice = document.missing.as_deref().unwrap_or(MISSING);
        flow.space(GAP);
        flow.block(&Block::Small(notice.into()), room)?;
    }
    let sheets = cut(flow.strips, document.paper.size().1 - TOP - BOTTOM);
    Ok(Set { sheets, nodes: flow.nodes, shaper: flow.shaper })
}

/// Cuts the strips into pages. What keeps together moves to the next page together, if one can hold it.
fn cut(strips: Vec<Strip>, room: f32) -> Vec<Sheet> {
    let mut sheets = vec![Sheet::new()];
    let mut used = 0.0;
    let mut strips = strips.into_iter().peekable();
    while strips.peek().is_some() {
        let mut together = Vec::new();
        for strip in strips.by_ref() {
            let keep = strip.keep;
            together.push(strip);
            if !keep {
                break;
            }
        }
        let height = together.iter().map(|strip| strip.height).sum::<f32>();
        if used + height > room && height <= room {
            sheets.push(Sheet::new());
            used = 0.0;
        }
        for strip in together {
            if used > 0.0 && used + strip.height > room {
                sheets.push(Sheet::new());
                used = 0.0;
            }
            if let Some(sheet) = sheets.last_mut().filter(|_| used > 0.0 || !strip.space) {
                let height = strip.height;
                sheet.push((TOP + used, strip));
                used += height;
            }
        }
    }
    sheets
}

impl Flow {
    fn node(&mut self, parent: usize, kind: impl Into<TagKind>) -> usize {
        self.nodes.push(Node { kind: kind.into(), parent });
        self.nodes.len() - 1
    }

    /// The distance of a box from the left margin, mirrored where reading begins at the right.
    fn left(&self, x: f32, width: f32) -> f32 {
        if self.mirrored { self.width - x - width } else { x }
    }

    fn space(&mut self, height: f32) {
        let keep = self.strips.last().is_some_and(|last| last.keep);
        self.strips.push(Strip { height, keep, space: true, ..Strip::default() });
    }

    fn blocks(&mut self, blocks: &[Block], room: Room) -> Result<()> {
        for (i, block) in blocks.iter().enumerate() {
            if i > 0 {
                self.space(if matches!(block, Block::Heading(..)) { GAP + 6.0 } else { GAP });
            }
            self.block(block, room)?;
        }
        Ok(())
    }

    fn block(&mut self, block: &Block, room: Room) -> Result<()> {
        match block {
            Block::Letterhead(name, lines) => self.letterhead(name, lines, room),
            Block::Title(title) => {
                let node = self.node(room.node, heading(1, title));
                self.text(&title.as_str().into(), Room { style: TITLE, node, ..room }, true)
            }
            Block::Heading(level, text) => self.heading(*level, text, room),
            Block::Paragraph(text) => {
                let node = self.node(room.node, Tag::P);
                self.text(text, Room { node, ..room }, false)
            }
            Block::Small(text) => {
                let node = self.node(room.node, Tag::P);
                self.text(text, Room { node, style: SMALL, ..room }, false)
            }
            Block::List(first, items) => self.list(*first, items, room),
            Block::Aside(blocks) => self.aside(blocks, room),
            Block::Facts(facts) => self.facts(facts, room),
            Block::Table(table) => self.table(table, room),
            Block::Rule => {
                self.rule(room, 0.6, Shade::Hair);
                Ok(())
            }
        }
    }

    fn letterhead(&mut self, name: &str, lines: &[String], room: Room) -> Result<()> {
        let node = self.node(room.node, Tag::P);
        self.text(&name.into(), Room { style: NAME, node, ..room }, true)?;
        if !lines.is_empty() {
            let node = self.node(room.node, Tag::P);
            self.text(&lines.join("\n").into(), Room { style: SMALL, node, ..room }, true)?;
        }
        self.space(6.0);
        self.rule(room, 1.0, Shade::Accent);
        self.space(6.0);
        Ok(())
    }

    fn heading(&mut self, level: u8, text: &Text, room: Room) -> Result<()> {
        let (level, size) = if level > 2 { (3, 11.0) } else { (2, 13.0) };
        let node = self.node(room.node, heading(level, &text.words()));
        self.text(text, Room { style: Style { size, bold: true, shade: Shade::Ink }, node, ..room }, true)
    }

    /// A text; `keep`: on the page of what follows. No page begins or ends with one line of several.
    fn text(&mut self, text: &Text, room: Room, keep: bool) -> Result<()> {
        let lines = self.shaper.lines(text, room.style, room.width, Align::Start)?;
        let (count, x) = (lines.len(), self.left(room.x, room.width));
        for (i, line) in lines.into_iter().enumerate() {
            let alone = count > 2 && (i == 0 || i + 2 == count);
            let (height, node) = (line.height, room.node);
            let marks = vec![Mark::Text { x, y: 0.0, line, node }];
            self.strips.push(Strip { height, marks, keep: keep || alone, space: false });
        }
        Ok(())
    }

    fn rule(&mut self, room: Room, height: f32, shade: Shade) {
        let x = self.left(room.x, room.width);
        let mark = Mark::Box { x, y: 0.0, width: room.width, height, shade };
        self.strips.push(Strip { height, marks: vec![mark], ..Strip::default() });
    }

    /// Puts a text of one line beside what comes next, at this place among the strips.
    fn beside(&mut self, at: usize, text: &Text, room: Room) -> Result<()> {
        let x = self.left(room.x, room.width);
        let line = self.shaper.lines(text, room.style, room.width, Align::Start)?.into_iter().next();
        if let (Some(line), Some(strip)) = (line, self.strips.get_mut(at)) {
            strip.height = strip.height.max(line.height);
            strip.marks.insert(0, Mark::Text { x, y: 0.0, line, node: room.node });
        }
        Ok(())
    }

    fn list(&mut self, first: Option<u64>, items: &[Vec<Block>], room: Room) -> Result<()> {
        let numbering = if first.is_some() { ListNumbering::Decimal } else { ListNumbering::Disc };
        let list = self.node(room.node, Tag::L(numbering));
        let marker =
            |i: usize| first.map_or("•".to_owned(), |first| format!("{}.", first.saturating_add(i as u64)));
        let widest = items.len().saturating_sub(1);
        let indent = self.shaper.width(&marker(widest).into(), room.style).max(INDENT - 6.0) + 6.0;
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.space(3.0);
            }
            let entry = self.node(list, Tag::LI);
            let label = self.node(entry, Tag::Lbl);
            let body = self.node(entry, Tag::LBody);
            let at = self.strips.len();
            let inner = Room { x: room.x + indent, width: room.width - indent, node: body, ..room };
            self.blocks(item, inner)?;
            if self.strips.len() == at {
                self.strips.push(Strip::default());
            }
            self.beside(at, &marker(i).into(), Room { width: indent, node: label, ..room })?;
        }
        Ok(())
    }

    fn aside(&mut self, blocks: &[Block], room: Room) -> Result<()> {
        let node = self.node(room.node, Tag::BlockQuote);
        let at = self.strips.len();
        self.blocks(blocks, Room { x: room.x + 14.0, width: room.width - 14.0, node, ..room })?;
        let x = self.left(room.x, 2.5);
        for strip in self.strips.iter_mut().skip(at) {
            let bar = Mark::Box { x, y: 0.0, width: 2.5, height: strip.height, shade: Shade::Accent };
            strip.marks.push(bar);
        }
        Ok(())
    }

    fn facts(&mut self, facts: &[(String, Text)], room: Room) -> Result<()> {
        let quiet = Style { shade: Shade::Quiet, ..room.style };
        let mut widest: f32 = 0.0;
        for (label, _) in facts {
            widest = widest.max(self.shaper.width(&label.as_str().into(), quiet));
        }
        let indent = widest.min(room.width / 2.0) + GUTTER;
        for (label, value) in facts {
            let node = self.node(room.node, Tag::P);
            let at = self.strips.len();
            self.text(value, Room { x: room.x + indent, width: room.width - indent, node, ..room }, false)?;
            self.beside(at, &label.as_str().into(), Room { width: indent, style: quiet, node, ..room })?;
        }
        Ok(())
    }

    fn table(&mut self, table: &Table, room: Room) -> Result<()> {
        let widths = self.widths(table, room);
        let node = self.node(room.node, Tag::Table);
        if table.columns.iter().any(|column| !column.title.is_empty()) {
            let cells = table.columns.iter().map(|column| Text::bold(column.title.clone())).collect();
            let row = self.node(node, Tag::TR);
            self.row(table, &TableRow { cells, total: false }, &widths, room, (row, true))?;
            self.line_below(room, 0.8, Shade::Quiet, true);
        }
        for (i, row) in table.rows.iter().enumerate() {
            if row.total && table.ruled && i > 0 {
                self.line_below(room, 0.8, Shade::Quiet, true);
            }
            let here = self.node(node, Tag::TR);
            self.row(table, row, &widths, room, (here, false))?;
            let summed = table.rows.get(i + 1).is_none_or(|next| next.total);
            if table.ruled && !summed && !row.total {
                self.line_below(room, 0.5, Shade::Hair, false);
            }
        }
        Ok(())
    }

    fn line_below(&mut self, room: Room, height: f32, shade: Shade, keep: bool) {
        // A line belongs to the row above it.
        if let Some(last) = self.strips.last_mut() {
            last.keep = true;
        }
        self.rule(room, height, shade);
        if let Some(last) = self.strips.last_mut() {
            last.keep = keep;
        }
    }

    /// A row: the lines of its cells side by side, strip by strip.
    fn row(
        &mut self,
        table: &Table,
        row: &TableRow,
        widths: &[f32],
        room: Room,
        node: (usize, bool),
    ) -> Result<()> {
        let padding = if table.ruled { PADDING } else { 1.0 };
        let style = Style { bold: row.total || node.1, ..room.style };
        let mut strips: Vec<Strip> = Vec::new();
        let mut x = room.x;
        for (i, (column, width)) in table.columns.iter().zip(widths).enumerate() {
            let kind: TagKind =
                if node.1 { Tag::TH(TableHeaderScope::Column).into() } else { Tag::TD.into() };
            let cell = self.node(node.0, kind);
            let empty = Text::default();
            let text = row.cells.get(i).unwrap_or(&empty);
            let left = self.left(x, *width);
            for (at, line) in self.shaper.lines(text, style, *width, column.align)?.into_iter().enumerate() {
                if strips.len() <= at {
                    strips.push(Strip { keep: true, ..Strip::default() });
                }
                let y = if at == 0 { padding } else { 0.0 };
                strips[at].height = strips[at].height.max(line.height + y);
                strips[at].marks.push(Mark::Text { x: left, y, line, node: cell });
            }
            x += width + GUTTER;
        }
        if let Some(last) = strips.last_mut() {
            last.height += padding;
            last.keep = false;
        }
        self.strips.extend(strips);
        Ok(())
    }

    /// Amounts get what they need; the words share the rest by how long they are.
    fn widths(&mut self, table: &Table, room: Room) -> Vec<f32> {
        let bold = Style { bold: true, ..room.style };
        let mut natural = Vec::new();
        for (i, column) in table.columns.iter().enumerate() {
            let mut width = self.shaper.width(&column.title.as_str().into(), bold);
            for row in &table.rows {
                if let Some(cell) = row.cells.get(i) {
                    width = width.max(self.shaper.width(cell, if row.total { bold } else { room.style }));
                }
            }
            natural.push(width + 0.5);
        }
        let gutters = GUTTER * natural.len().saturating_sub(1) as f32;
        share(
            &natural,
            &table.columns.iter().map(|column| column.align).collect::<Vec<_>>(),
            room.width - gutters,
        )
    }
}

/// Shares out a width: columns aligned at the end keep their own, up to a third; the others take the rest.
fn share(natural: &[f32], aligns: &[Align], total: f32) -> Vec<f32> {
    let fixed = |i: usize| aligns[i] == Align::End && aligns.contains(&Align::Start);
    let firm = |i: usize| if fixed(i) { natural[i].min(total / 3.0) } else { 0.0 };
    let taken = (0..natural.len()).map(firm).sum::<f32>();
    let left = (total - taken).max(0.0);
    // A word that is very long does not starve the columns beside it.
    let most = (total / 2.0).max(1.0);
    let weight = |i: usize| if fixed(i) { 0.0 } else { natural[i].clamp(30.0_f32.min(most), most) };
    let weights = (0..natural.len()).map(weight).sum::<f32>().max(1.0);
    (0..natural.len()).map(|i| if fixed(i) { firm(i) } else { left * weight(i) / weights }).collect()
}

fn heading(level: u16, title: &str) -> TagKind {
    Tag::Hn(NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN), Some(title.to_owned())).into()
}
