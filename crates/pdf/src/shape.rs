//! Text to lines of glyphs: shaping, line breaking, and the order of right-to-left parts.

use std::{borrow::Cow, collections::HashMap, ops::Range, sync::Arc};

use krilla::text::{Font, GlyphId, KrillaGlyph};
use parley::{
    Alignment, AlignmentOptions, FontContext, FontFamily, FontFamilyName, FontWeight, Layout, LayoutContext,
    LineHeight, OverflowWrap, StyleProperty,
    fontique::{Blob, Collection, CollectionOptions, FontInfoOverride, SourceCache},
};

use crate::{Align, Text};
use kernel::error::{Error, Result};

/// How dark something is.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Shade {
    /// For what is read.
    #[default]
    Ink,
    /// For what stands beside it.
    Quiet,
    /// For headings and names.
    Accent,
    /// For thin lines.
    Hair,
}

/// How a stretch of glyphs is drawn. The fonts have no italics that reach all scripts, so letters
/// that lean are upright ones, slanted.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub(super) struct Ink {
    pub(super) shade: Shade,
    pub(super) slanted: bool,
}

/// How a text is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// In points.
    pub(super) size: f32,
    pub(super) bold: bool,
    pub(super) shade: Shade,
}

/// Glyphs of one font and ink, side by side.
pub(super) struct Stretch {
    /// From the beginning of the text's box.
    pub(super) x: f32,
    pub(super) font: Font,
    pub(super) size: f32,
    pub(super) ink: Ink,
    pub(super) glyphs: Vec<KrillaGlyph>,
}

/// One line.
pub(super) struct Line {
    /// The whole text, which the glyphs point into.
    pub(super) text: Arc<str>,
    pub(super) height: f32,
    /// From the line's top to its baseline.
    pub(super) baseline: f32,
    pub(super) stretches: Vec<Stretch>,
}

/// The fonts, and what has been computed of them.
pub(super) struct Shaper {
    fonts: FontContext,
    layouts: LayoutContext<Ink>,
    known: HashMap<u64, Font>,
    right_to_left: bool,
}

/// The family whose letters are upright and plain: where the heavy face lacks a letter, this may have it.
const PLAIN: &str = "Covey Plain";
const FAMILY: &str = "DejaVu Sans";
/// Unseen, and read from the right: it leads a text whose page is read so, whatever letter comes first.
const RIGHT_TO_LEFT_MARK: &str = "\u{200f}";
/// The height of a line in sizes of its letters.
const LEADING: f32 = 1.45;

impl Shaper {
    pub(super) fn new(right_to_left: bool) -> Self {
        let options = CollectionOptions { shared: false, system_fonts: false };
        let mut collection = Collection::new(options);
        let regular: Blob<u8> = Blob::new(Arc::new(dejavu::sans::regular()));
        collection.register_fonts(regular.clone(), None);
        collection.register_fonts(Blob::new(Arc::new(dejavu::sans::bold())), None);
        let plain = FontInfoOverride { family_name: Some(PLAIN), ..FontInfoOverride::default() };
        collection.register_fonts(regular, Some(plain));
        Self {
            fonts: FontContext { collection, source_cache: SourceCache::default() },
            layouts: LayoutContext::new(),
            known: HashMap::new(),
            right_to_left,
        }
    }

    /// How wide a text is without a break of ours.
    pub(super) fn width(&mut self, text: &Text, style: Style) -> f32 {
        let (mut layout, _) = self.layout(text, style);
        layout.break_all_lines(None);
        layout.width()
    }

    /// The lines of a text in a box of this width.
    pub(super) fn lines(&mut self, text: &Text, style: Style, width: f32, align: Align) -> Result<Vec<Line>> {
        let (mut layout, words) = self.layout(text, style);
        layout.break_all_lines(Some(width.max(1.0)));
        // The page has its sides from its language: a name in another script stays where names stand.
        let side = match (align, self.right_to_left) {
            (Align::Start, true) | (Align::End, false) => Alignment::Right,
            _ => Alignment::Left,
        };
        layout.align(side, AlignmentOptions::default());
        let words: Arc<str> = words.into();
        layout.lines().map(|line| self.line(&line, &words)).collect()
    }

    fn layout(&mut self, text: &Text, style: Style) -> (Layout<Ink>, String) {
        // A paragraph has the direction of its first letter or mark.
        let mark = if self.right_to_left { RIGHT_TO_LEFT_MARK } else { "" };
        let words = mark.to_owned() + &text.words();
        let mut builder = self.layouts.ranged_builder(&mut self.fonts, &words, 1.0, false);
        let families = [FAMILY, PLAIN].map(|name| FontFamilyName::Named(Cow::Borrowed(name)));
        builder.push_default(StyleProperty::FontFamily(FontFamily::List(Cow::Owned(families.to_vec()))));
        builder.push_default(StyleProperty::FontSize(style.size));
        builder.push_default(StyleProperty::LineHeight(LineHeight::FontSizeRelative(LEADING)));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        builder.push_default(StyleProperty::Brush(Ink { shade: style.shade, slanted: false }));
        let mut at = mark.len();
        for span in &text.0 {
            let range = at..at + span.text.len();
            at = range.end;
            if (span.bold || style.bold) && !range.is_empty() {
                builder.push(StyleProperty::FontWeight(FontWeight::BOLD), range.clone());
            }
            if span.italic && !range.is_empty() {
                builder.push(StyleProperty::Brush(Ink { shade: style.shade, slanted: true }), range);
            }
        }
        (builder.build(&words), words)
    }

    fn font(&mut self, data: &parley::FontData) -> Result<Font> {
        let (bytes, id) = data.data.clone().into_raw_parts();
        if let Some(font) = self.known.get(&id) {
            return Ok(font.clone());
        }
        let font = Font::new(bytes.into(), data.index)
            .ok_or_else(|| Error::internal("an embedded font can't be read"))?;
        self.known.insert(id, font.clone());
        Ok(font)
    }

    fn line(&mut self, line: &parley::Line<'_, Ink>, words: &Arc<str>) -> Result<Line> {
        let metrics = *line.metrics();
        let mut x = metrics.offset;
        let mut stretches: Vec<Stretch> = Vec::new();
        for run in line.runs() {
            let (font, size) = (self.font(run.font())?, run.font_size());
            let mut fresh = true;
            for cluster in run.visual_clusters() {
                let range = cluster.text_range();
                if cluster.is_ligature_continuation() {
                    let last = stretches.last_mut().and_then(|stretch| stretch.glyphs.last_mut());
                    if let Some(glyph) = last.filter(|_| !fresh) {
                        glyph.text_range =
                            glyph.text_range.start.min(range.start)..glyph.text_range.end.max(range.end);
                    }
                    continue;
                }
                if words.get(range.clone()).is_none_or(is_unseen) {
                    continue;
                }
                let ink = cluster.first_style().brush;
                if fresh || stretches.last().is_none_or(|stretch| stretch.ink != ink) {
                    stretches.push(Stretch { x, font: font.clone(), size, ink, glyphs: Vec::new() });
                    fresh = false;
                }
                for glyph in cluster.glyphs() {
                    let stretch = stretches.last_mut().ok_or_else(|| Error::internal("pushed above"))?;
                    stretch.glyphs.push(glyph_of(&glyph, size, range.clone()));
                    x += glyph.advance;
                }
            }
        }
        stretches.retain(|stretch| !stretch.glyphs.is_empty());
        let (top, bottom) = (metrics.block_min_coord, metrics.block_max_coord);
        Ok(Line { text: words.clone(), height: bottom - top, baseline: metrics.baseline - top, stretches })
    }
}

/// Whether nothing of a text is drawn.
fn is_unseen(text: &str) -> bool {
    text == RIGHT_TO_LEFT_MARK || text.chars().all(char::is_control)
}

/// The writer counts in sizes of the letters, not in points.
fn glyph_of(glyph: &parley::Glyph, size: f32, range: Range<usize>) -> KrillaGlyph {
    let [advance, x, y] = [glyph.advance, glyph.x, glyph.y].map(|points| points / size);
    KrillaGlyph::new(GlyphId::new(glyph.id), advance, x, y, 0.0, range, None)
}
