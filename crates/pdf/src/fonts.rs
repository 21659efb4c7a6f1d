//! Fonts beside those in the binary: for the scripts that DejaVu Sans lacks, such as Chinese, Thai or Hindi. The
//! folders are read when a document first needs them, and never where none does.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use parley::fontique::{Blob, Collection, CollectionOptions, FamilyInfo, FontInfo};

/// Where further fonts are, and what was found in them. Clones share it.
#[derive(Clone, Default)]
pub struct Fonts(Arc<Inner>);

#[derive(Default)]
struct Inner {
    folders: Vec<PathBuf>,
    families: OnceLock<Vec<FamilyInfo>>,
    /// The family for each character that was looked for.
    found: Mutex<HashMap<char, Option<usize>>>,
    warned: AtomicBool,
}

/// A family of fonts that has a character.
pub(super) struct Family {
    pub(super) name: String,
    pub(super) files: Vec<Blob<u8>>,
}

impl Fonts {
    /// The fonts in this folder and below it; without one, in the system's usual folders.
    pub fn new(folder: Option<&Path>) -> Self {
        let folders = folder.map_or_else(system_folders, |folder| vec![folder.to_owned()]);
        Self(Arc::new(Inner { folders, ..Inner::default() }))
    }

    /// No fonts but those in the binary.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether there are folders to look in.
    pub(super) fn any(&self) -> bool {
        !self.0.folders.is_empty()
    }

    /// A family that can draw this character.
    pub(super) fn family_of(&self, character: char) -> Option<Family> {
        let families = self.0.families.get_or_init(|| families_in(&self.0.folders));
        let mut found = self.0.found.lock().unwrap_or_else(PoisonError::into_inner);
        let at = *found
            .entry(character)
            .or_insert_with(|| families.iter().position(|family| has(family, character)));
        let family = families.get(at?)?;
        let mut sources = Vec::new();
        let mut files = Vec::new();
        for font in family.fonts() {
            if !sources.contains(&font.source().id()) {
                sources.push(font.source().id());
                files.extend(font.load(None));
            }
        }
        Some(Family { name: family.name().to_owned(), files })
    }

    /// Notes in the log, once, that a document has characters that can't be printed. The log never says which text
    /// they are in.
    pub(super) fn warn_missing(&self, character: char) {
        if !self.0.warned.swap(true, Ordering::Relaxed) {
            let code = format!("U+{:04X}", u32::from(character));
            tracing::warn!(
                code,
                "a PDF has characters that no font on this server can print; install fonts, for example Noto, and restart"
            );
        }
    }
}

/// Whether the font has a glyph for the character.
pub(super) fn draws(font: &FontInfo, data: &Blob<u8>, character: char) -> bool {
    let charmap = font.charmap_index().charmap(data.as_ref());
    charmap.and_then(|map| map.map(character)).is_some_and(|glyph| glyph != 0)
}

fn has(family: &FamilyInfo, character: char) -> bool {
    let Some(font) = family.default_font() else { return false };
    let data = font.load(None);
    data.is_some_and(|data| draws(font, &data, character) && is_printable(data.as_ref(), font.index()))
}

/// Whether a font is made of outlines, or of pictures in one of the two ways that are printed: CBDT, as Noto's color emoji
/// are, and sbix, as Apple's.
fn is_printable(data: &[u8], index: u32) -> bool {
    let word =
        |at: usize| data.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    let collection = data.starts_with(b"ttcf");
    let start = if collection { word(12 + 4 * index as usize) } else { Some(0) };
    let Some(start) = start.and_then(|start| usize::try_from(start).ok()) else { return false };
    let count = word(start + 4).map_or(0, |word| word >> 16) as usize;
    (0..count).any(|i| {
        let at = start + 12 + 16 * i;
        data.get(at..at + 4)
            .is_some_and(|tag| [b"glyf", b"CFF ", b"CBDT", b"sbix"].iter().any(|known| tag == *known))
    })
}

fn families_in(folders: &[PathBuf]) -> Vec<FamilyInfo> {
    let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: false });
    collection.load_fonts_from_paths(folders);
    let names = collection.family_names().map(str::to_owned).collect::<Vec<_>>();
    let mut families = names.iter().filter_map(|name| collection.family_by_name(name)).collect::<Vec<_>>();
    families.retain(|family| !is_placeholder(family.name()));
    families.sort_by_key(|family| (rank(family.name()), family.name().to_owned()));
    families.dedup_by_key(|family| family.id());
    families
}

/// Fonts that draw a box for every character there is.
fn is_placeholder(name: &str) -> bool {
    let name = name.to_lowercase().replace([' ', '.'], "");
    ["lastresort", "adobeblank", "notdef", "tofu"].iter().any(|word| name.contains(word))
}

/// Which of several families is taken: plain sans-serif ones first, Noto's before others.
fn rank(name: &str) -> u8 {
    const SPECIAL: [&str; 10] =
        ["Mono", "Serif", "Condensed", "Light", "Thin", "Black", "Mincho", "Ming", "Unifont", "Symbol"];
    let special = SPECIAL.iter().any(|word| name.contains(word));
    let first = name.ends_with("CJK SC") || name.ends_with("Naskh Arabic");
    match (special, name.starts_with("Noto Sans"), first) {
        (false, true, true) => 0,
        (false, true, false) => 1,
        (false, false, _) => 2,
        (true, ..) => 3,
    }
}

fn system_folders() -> Vec<PathBuf> {
    let under = |variable: &str, folders: &[&str]| {
        let home = std::env::var_os(variable).map(PathBuf::from);
        folders.iter().filter_map(|folder| Some(home.as_ref()?.join(folder))).collect::<Vec<_>>()
    };
    if cfg!(windows) {
        return [under("WINDIR", &["Fonts"]), under("LOCALAPPDATA", &["Microsoft/Windows/Fonts"])].concat();
    }
    if cfg!(target_os = "macos") {
        let shared = ["/System/Library/Fonts", "/Library/Fonts"].map(PathBuf::from).to_vec();
        return [shared, under("HOME", &["Library/Fonts"])].concat();
    }
    let shared = ["/usr/share/fonts", "/usr/local/share/fonts"].map(PathBuf::from).to_vec();
    [shared, under("HOME", &[".local/share/fonts", ".fonts"])].concat()
}
