//! Text to lines of glyphs: shaping, line breaking, and the order of right-to-left parts.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    ops::Range,
    sync::Arc,
};

use krilla::text::{Font, GlyphId, KrillaGlyph, Tag};
use parley::{
    Alignment, AlignmentOptions, FontContext, FontFamily, FontFamilyName, FontWeight, Layout, LayoutContext,
    LineHeight, OverflowWrap, Run, StyleProperty,
    fontique::{Blob, Collection, CollectionOptions, FontInfo, FontInfoOverride, SourceCache},
};

use crate::{
    Align, Span, Text,
    fonts::{Fonts, draws},
};
use kernel::error::{Error, Result};
use unicode_normalization::char::is_combining_mark;

/// How dark something is.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Shade {
    /// For what is read.
    #[default]
    Ink,
    /// For secondary text.
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

/// What one font file is drawn as: its data, its place in a collection, its variation.
type FontKey = (u64, u32, Vec<([u8; 4], u32)>);

/// The fonts, and what has been computed of them.
pub(super) struct Shaper {
    fonts: FontContext,
    layouts: LayoutContext<Ink>,
    known: HashMap<FontKey, Font>,
    right_to_left: bool,
    /// Where fonts are for what the binary's lack.
    further: Fonts,
    /// The families in the order in which they are asked for a character.
    families: Vec<String>,
    /// One font of each family, by which it is known what the family has.
    samples: Vec<(FontInfo, Blob<u8>)>,
    /// The characters that were looked for.
    checked: HashSet<char>,
    /// The first character that no font has.
    pub(super) missing: Option<char>,
}

/// The family whose letters are upright and plain: where the heavy face lacks a letter, this may have it.
const PLAIN: &str = "Covey Plain";
const FAMILY: &str = "DejaVu Sans";
/// Unseen, and read from the right: it leads a text whose page is read so, whatever letter comes first.
const RIGHT_TO_LEFT_MARK: &str = "\u{200f}";
/// The height of a line in sizes of its letters.
const LEADING: f32 = 1.45;

impl Shaper {
    pub(super) fn new(right_to_left: bool, further: Fonts) -> Self {
        let options = CollectionOptions { shared: false, system_fonts: false };
        let collection = Collection::new(options);
        let mut shaper = Self {
            fonts: FontContext { collection, source_cache: SourceCache::default() },
            layouts: LayoutContext::new(),
            known: HashMap::new(),
            right_to_left,
            further,
            families: vec![FAMILY.to_owned(), PLAIN.to_owned()],
            samples: Vec::new(),
            checked: HashSet::new(),
            missing: None,
        };
        let regular: Blob<u8> = Blob::new(Arc::new(dejavu::sans::regular()));
        let plain = FontInfoOverride { family_name: Some(PLAIN), ..FontInfoOverride::default() };
        shaper.register(regular.clone(), None);
        shaper.fonts.collection.register_fonts(Blob::new(Arc::new(dejavu::sans::bold())), None);
        shaper.fonts.collection.register_fonts(regular, Some(plain));
        shaper
    }

    /// Adds a font file, and keeps its first font as the sample of its family.
    fn register(&mut self, data: Blob<u8>, family: Option<&str>) {
        let added = self.fonts.collection.register_fonts(data.clone(), None);
        let named = |id| family.is_none_or(|name| self.fonts.collection.family_id(name) == Some(id));
        let mut named = named;
        let font = added.into_iter().filter(|(id, _)| named(*id)).flat_map(|(_, fonts)| fonts).next();
        self.samples.extend(font.map(|font| (font, data)));
    }

    /// Sees to it that there are fonts for a text, and notes where there are none.
    pub(super) fn prepare(&mut self, text: &str) {
        for character in text.chars() {
            if character.is_ascii() || is_ignorable(character) || !self.checked.insert(character) {
                continue;
            }
            if self.samples.iter().any(|(font, data)| draws(font, data, character)) {
                continue;
            }
            match self.further.family_of(character) {
                Some(family) => {
                    for file in family.files {
                        self.register(file, Some(&family.name));
                    }
                    self.families.push(family.name);
                }
                None if !character.is_whitespace() => {
                    self.missing.get_or_insert(character);
                }
                None => (),
            }
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
        // The page has its sides from its language: a name in another script stays where names are.
        let side = match (align, self.right_to_left) {
            (Align::Start, true) | (Align::End, false) => Alignment::Right,
            _ => Alignment::Left,
        };
        layout.align(side, AlignmentOptions::default());
        let words: Arc<str> = words.into();
        layout.lines().map(|line| self.line(&line, &words)).collect()
    }

    fn layout(&mut self, text: &Text, style: Style) -> (Layout<Ink>, String) {
        let text = &*with_short_clusters(text);
        // A paragraph has the direction of its first letter or mark.
        let mark = if self.right_to_left { RIGHT_TO_LEFT_MARK } else { "" };
        let words = mark.to_owned() + &text.words();
        self.prepare(&words);
        let mut builder = self.layouts.ranged_builder(&mut self.fonts, &words, 1.0, false);
        let families = self.families.iter().map(|name| FontFamilyName::Named(Cow::Borrowed(name.as_str())));
        builder.push_default(StyleProperty::FontFamily(FontFamily::List(Cow::Owned(families.collect()))));
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

    fn font(&mut self, run: &Run<'_, Ink>) -> Result<Font> {
        let data = run.font();
        let (bytes, id) = data.data.clone().into_raw_parts();
        let synthesis = run.synthesis();
        let variation = synthesis.variation_settings().iter();
        let variation =
            variation.map(|(tag, value)| (tag.to_be_bytes(), value.to_bits())).collect::<Vec<_>>();
        let key = (id, data.index, variation);
        if let Some(font) = self.known.get(&key) {
            return Ok(font.clone());
        }
        let coordinates =
            key.2.iter().map(|(tag, bits)| (Tag::new(tag), f32::from_bits(*bits))).collect::<Vec<_>>();
        let font = Font::new_variable(bytes.into(), data.index, &coordinates)
            .ok_or_else(|| Error::internal("a font can't be read"))?;
        self.known.insert(key, font.clone());
        Ok(font)
    }

    fn line(&mut self, line: &parley::Line<'_, Ink>, words: &Arc<str>) -> Result<Line> {
        let metrics = *line.metrics();
        let mut x = metrics.offset;
        let mut stretches: Vec<Stretch> = Vec::new();
        for run in line.runs() {
            let (font, size) = (self.font(&run)?, run.font_size());
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
                // No box for what has no glyph and is not seen anyway.
                if words.get(range.clone()).is_some_and(is_blank)
                    && cluster.glyphs().all(|glyph| glyph.id == 0)
                {
                    x += cluster.advance();
                    fresh = true;
                    continue;
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
/// The most characters that may be written as one. The library that lays text out counts them in a byte.
const MOST_AS_ONE: usize = 200;

/// The text, without what stands on or in one and the same character beyond what can be laid out: no script needs that.
fn with_short_clusters(text: &Text) -> Cow<'_, Text> {
    if text.0.iter().flat_map(|span| span.text.chars()).all(fits_its_cluster()) {
        return Cow::Borrowed(text);
    }
    let mut fits = fits_its_cluster();
    let spans = text.0.iter().map(|span| {
        let text = span.text.chars().filter(|c| fits(*c)).collect();
        Span { text, ..span.clone() }
    });
    Cow::Owned(Text(spans.collect()))
}

/// Says of one character after the other whether it still fits.
fn fits_its_cluster() -> impl FnMut(char) -> bool {
    let mut run = 0;
    move |c| {
        run = if begins_cluster(c) { 0 } else { run + 1 };
        run < MOST_AS_ONE
    }
}

/// Whether a character certainly is one by itself: no mark, no joiner, no part of a syllable.
fn begins_cluster(c: char) -> bool {
    let jamo = matches!(c, '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{d7b0}'..='\u{d7ff}');
    c.is_ascii() || c.is_whitespace() || (c.is_alphanumeric() && !jamo && !is_combining_mark(c))
}

fn is_unseen(text: &str) -> bool {
    text == RIGHT_TO_LEFT_MARK || text.chars().all(char::is_control)
}

/// Whether a text is white space, or steers what is around it.
fn is_blank(text: &str) -> bool {
    text.chars().all(|character| character.is_whitespace() || is_ignorable(character))
}

/// Characters that are not drawn where a font lacks them: Unicode's "default ignorable" ones, and control characters.
fn is_ignorable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
                | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The writer counts in sizes of the letters, not in points.
fn glyph_of(glyph: &parley::Glyph, size: f32, range: Range<usize>) -> KrillaGlyph {
    let [advance, x, y] = [glyph.advance, glyph.x, glyph.y].map(|points| points / size);
    KrillaGlyph::new(GlyphId::new(glyph.id), advance, x, y, 0.0, range, None)
}
