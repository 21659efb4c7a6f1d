//! Out of bytes, text: in which encoding they are, and what to do with a byte that fits none.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// A file's text.
pub(super) struct Decoded {
    pub(super) text: String,
    /// The encoding, by its common name.
    pub(super) encoding: &'static str,
    /// Where in the text characters stand that were guessed, because their bytes are no UTF-8.
    pub(super) guessed: Vec<usize>,
}

/// How many bytes tell whether a file is text.
const PROBE: usize = 4_096;

/// The text of a file: in the encoding that the mark at its beginning says; else in UTF-16 where every other byte
/// is zero, in UTF-8, or as Windows writes in the West. None where it is no text at all.
pub(super) fn decode(bytes: &[u8]) -> Option<Decoded> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return Some(match encoding == UTF_8 {
            true => utf8(&bytes[length..]),
            false => whole(encoding, &bytes[length..]),
        });
    }
    if let Some(encoding) = unmarked_utf16(bytes) {
        return Some(whole(encoding, bytes));
    }
    let nothing = bytes.iter().take(PROBE).filter(|byte| **byte == 0).count();
    if nothing > 8 || bytes.starts_with(b"\x89PNG") || bytes.starts_with(b"%PDF") {
        return None;
    }
    Some(utf8(bytes))
}

fn whole(encoding: &'static Encoding, bytes: &[u8]) -> Decoded {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Decoded { text: line_ends(text.into_owned()), encoding: encoding.name(), guessed: Vec::new() }
}

/// Line ends of old Macs, and of nobody else. Neither changes where characters are.
fn line_ends(text: String) -> String {
    if text.contains('\n') { text } else { text.replace('\r', "\n") }
}

/// UTF-16 without a mark: of the letters that headings are made of, one of two bytes is zero.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let pairs = bytes.as_chunks::<2>().0;
    let pairs = &pairs[..pairs.len().min(PROBE / 2)];
    let zeros = |at: usize| pairs.iter().filter(|pair| pair[at] == 0 && pair[1 - at] != 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let most = |one: usize, other: usize| one > 2 && one * 10 > pairs.len() * 3 && other * 10 < one;
    match () {
        () if most(second, first) => Some(UTF_16LE),
        () if most(first, second) => Some(UTF_16BE),
        () => None,
    }
}

/// UTF-8, if it is that but for a few bytes; those are read as Windows would write them. With more of them than
/// of what is good UTF-8 beyond ASCII, all of it is as Windows writes.
fn utf8(bytes: &[u8]) -> Decoded {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let text = line_ends(text.to_owned());
        return Decoded { text, encoding: UTF_8.name(), guessed: Vec::new() };
    }
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    if bad > good {
        return whole(WINDOWS_1252, bytes);
    }
    let (mut text, mut guessed) = (String::with_capacity(bytes.len()), Vec::new());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            guessed.push(text.len());
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
        }
    }
    Decoded { text: line_ends(text), encoding: UTF_8.name(), guessed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, &'static str) {
        let Decoded { text, encoding, .. } = decode(bytes).unwrap();
        (text, encoding)
    }

    #[test]
    fn encodings_are_told_apart_with_and_without_marks() {
        let text = "name;email\nMüller;m@x.org\n";
        let utf16 = |mark: &str, big: bool| {
            let units = mark.encode_utf16().chain(text.encode_utf16());
            let bytes = units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
            bytes.collect::<Vec<_>>()
        };
        let western = WINDOWS_1252.encode(text).0.into_owned();
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), "UTF-8"),
            (utf16("\u{feff}", false), "UTF-16LE"),
            (utf16("\u{feff}", true), "UTF-16BE"),
            (utf16("", false), "UTF-16LE"),
            (utf16("", true), "UTF-16BE"),
            (western, "windows-1252"),
        ] {
            assert_eq!(read(&bytes), (text.to_owned(), encoding));
        }
    }

    #[test]
    fn one_bad_byte_changes_no_other_character() {
        let bytes = [b"name\nJ\xc3\xb6rg\nCaf", &b"\xe9\nZo\xc3\xab\n"[..]].concat();
        let found = decode(&bytes).unwrap();
        assert_eq!((found.text.as_str(), found.encoding), ("name\nJörg\nCafé\nZoë\n", "UTF-8"));
        assert_eq!(&found.text[found.guessed[0]..][..2], "é");
    }

    #[test]
    fn pictures_are_no_text() {
        assert!(decode(b"\x89PNG\r\n\x1a\n").is_none());
        assert!(decode(&[0; 100]).is_none());
        assert!(decode(b"a\0b").is_some(), "one zero is a typo");
    }
}
