//! Pages to bytes: draws each mark, and tags what it is.

use std::collections::BTreeMap;

use krilla::{
    Document as Writer,
    color::rgb,
    geom::{PathBuilder, Point, Rect, Transform},
    metadata::{DateTime, Metadata, TextDirection},
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, FillRule},
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, Identifier, Node as Child, SpanTag, TagGroup, TagTree},
};

use crate::{
    Align, Document,
    flow::{self, FOOT, Mark, Node, Set, Strip},
    fonts::Fonts,
    shape::{Line, Shade, Shaper, Stretch},
};
use kernel::{
    clock::Time,
    error::{Error, Result},
};

/// How far letters lean that have no italics of their own: a sixth of their height or so.
const SLANT: f32 = -0.19;

fn color(shade: Shade) -> rgb::Color {
    match shade {
        Shade::Ink => rgb::Color::new(20, 35, 31),
        Shade::Quiet => rgb::Color::new(81, 99, 93),
        Shade::Accent => rgb::Color::new(12, 95, 76),
        Shade::Hair => rgb::Color::new(200, 212, 207),
    }
}

fn fill(shade: Shade) -> Fill {
    Fill { paint: color(shade).into(), opacity: NormalizedF32::ONE, rule: FillRule::default() }
}

/// What each node of the tree has on the pages, in the order of drawing.
type Leaves = BTreeMap<usize, Vec<Identifier>>;

/// Writes a document.
pub(super) fn write(document: &Document, fonts: &Fonts) -> Result<Vec<u8>> {
    let Set { sheets, nodes, mut shaper } = flow::set(document, fonts)?;
    let (width, height) = document.paper.size();
    let (room, left) = flow::measure(document);
    let mut writer = Writer::new();
    writer.set_metadata(metadata(document));
    let (mut leaves, pages) = (Leaves::new(), sheets.len());
    for (i, sheet) in sheets.iter().enumerate() {
        let settings = PageSettings::from_wh(width, height).ok_or_else(|| Error::internal("no size"))?;
        let mut page = writer.start_page_with(settings);
        let mut surface = page.surface();
        for (y, strip) in sheet {
            strip_at(&mut surface, (left, *y), strip, &mut leaves);
        }
        let number = format!("{} {} {} {pages}", document.numbering.0, i + 1, document.numbering.1);
        foot(&mut surface, &mut shaper, document, &number, (left, height - 42.0, room))?;
        surface.finish();
        page.finish();
    }
    writer.set_tag_tree(tree(document, &nodes, leaves));
    writer.finish().map_err(|error| Error::internal(format!("the PDF could not be written: {error:?}")))
}

fn metadata(document: &Document) -> Metadata {
    let direction =
        if document.right_to_left() { TextDirection::RightToLeft } else { TextDirection::LeftToRight };
    let mut metadata =
        Metadata::new().title(document.title.clone()).creator("Covey".to_owned()).text_direction(direction);
    if !document.language.is_empty() {
        metadata = metadata.language(document.language.clone());
    }
    if !document.author.is_empty() {
        metadata = metadata.authors(vec![document.author.clone()]);
    }
    match document.dated {
        Some(time) => metadata.creation_date(date(time)),
        None => metadata,
    }
}

fn date(time: Time) -> DateTime {
    let at = time.timestamp().to_zoned(jiff::tz::TimeZone::UTC);
    let small = |number: i8| number.unsigned_abs();
    DateTime::new(at.year().unsigned_abs())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn strip_at(surface: &mut Surface<'_>, (left, top): (f32, f32), strip: &Strip, leaves: &mut Leaves) {
    for mark in &strip.marks {
        match mark {
            Mark::Box { x, y, width, height, shade } => {
                surface.start_tagged(ContentTag::Artifact(artifact(ArtifactType::Other)));
                rectangle(surface, (left + x, top + y, *width, *height), *shade);
                surface.end_tagged();
            }
            Mark::Text { x, y, line, node } => {
                let leaf = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
                text(surface, (left + x, top + y), line);
                surface.end_tagged();
                leaves.entry(*node).or_default().push(leaf);
            }
        }
    }
}

fn artifact(kind: ArtifactType) -> Artifact {
    Artifact { kind, ..Artifact::default() }
}

fn rectangle(surface: &mut Surface<'_>, (x, y, width, height): (f32, f32, f32, f32), shade: Shade) {
    let mut path = PathBuilder::new();
    if let Some(rect) = Rect::from_xywh(x, y, width, height) {
        path.push_rect(rect);
    }
    if let Some(path) = path.finish() {
        surface.set_fill(Some(fill(shade)));
        surface.draw_path(&path);
    }
}

fn text(surface: &mut Surface<'_>, (x, y): (f32, f32), line: &Line) {
    for stretch in &line.stretches {
        let Stretch { ink, font, size, glyphs, .. } = stretch;
        surface.set_fill(Some(fill(ink.shade)));
        let at = Point::from_xy(x + stretch.x, y + line.baseline);
        let (lean, start) = match ink.slanted {
            true => (Some(Transform::from_row(1.0, 0.0, SLANT, 1.0, at.x, at.y)), Point::from_xy(0.0, 0.0)),
            false => (None, at),
        };
        if let Some(lean) = &lean {
            surface.push_transform(lean);
        }
        surface.draw_glyphs(start, glyphs, font.clone(), &line.text, *size, false);
        if lean.is_some() {
            surface.pop();
        }
    }
}

/// The foot of a page: a text where reading begins, the number at the other side.
fn foot(
    surface: &mut Surface<'_>,
    shaper: &mut Shaper,
    document: &Document,
    number: &str,
    (x, y, room): (f32, f32, f32),
) -> Result<()> {
    surface.start_tagged(ContentTag::Artifact(artifact(ArtifactType::Footer)));
    rectangle(surface, (x, y - 6.0, room, 0.5), Shade::Hair);
    let whole = number.trim();
    let side = shaper.width(&whole.into(), FOOT) + 12.0;
    let mirrored = document.right_to_left();
    for (words, align, width) in
        [(document.footer.as_str(), Align::Start, room - side), (whole, Align::End, room)]
    {
        let shift = if mirrored { room - width } else { 0.0 };
        if let Some(line) = shaper.lines(&words.into(), FOOT, width, align)?.first() {
            text(surface, (x + shift, y), line);
        }
    }
    surface.end_tagged();
    Ok(())
}

/// The tree of what is what. Nodes without anything on a page are left out.
fn tree(document: &Document, nodes: &[Node], mut leaves: Leaves) -> TagTree {
    let mut groups = nodes.iter().map(|node| Some(TagGroup::new(node.kind.clone()))).collect::<Vec<_>>();
    let mut children: Vec<Vec<Child>> = nodes.iter().map(|_| Vec::new()).collect();
    // A child has a higher number than its parent, so from the last on each is complete when it is reached.
    for i in (0..nodes.len()).rev() {
        let own = leaves.remove(&i).unwrap_or_default().into_iter().map(Child::Leaf);
        let below = std::mem::take(&mut children[i]).into_iter().rev();
        let all = own.chain(below).collect::<Vec<_>>();
        let Some(mut group) = groups[i].take().filter(|_| i > 0 && !all.is_empty()) else {
            children[i] = all;
            continue;
        };
        for child in all {
            group.push(child);
        }
        children[nodes[i].parent].push(Child::Group(group));
    }
    let language = Some(document.language.clone()).filter(|language| !language.is_empty());
    let mut tree = TagTree::new().with_lang(language);
    for child in children.into_iter().next().unwrap_or_default() {
        tree.push(child);
    }
    tree
}
