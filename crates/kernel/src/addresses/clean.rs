//! What is pasted, in plain characters: without invisible marks, with the separators, spaces and quotation marks of all
//! scripts and programs as the few of ASCII, and with what a web page or a link wrote in its own way put back.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Separators are `,`, spaces and line ends; quotation marks are `"`, and `’` for what may be an apostrophe.
pub(super) fn clean(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_query = false;
    while let Some(c) = rest.chars().next() {
        in_query = (in_query || c == '?') && !c.is_whitespace();
        let escaped = match c {
            '&' => entity(rest),
            // The words of a link's query are not words of the text.
            '%' => percent(rest).filter(|(c, _)| !in_query || *c == '@'),
            _ => None,
        };
        let (c, length) = escaped.unwrap_or((c, c.len_utf8()));
        rest = &rest[length..];
        plain.extend(simple(c, plain.chars().next_back(), rest.chars().next()));
    }
    if plain.is_ascii() { plain } else { plain.nfc().collect() }
}

/// What a character is read as; none where it is dropped. A joiner or a middle dot is part of a word only within one.
fn simple(c: char, before: Option<char>, after: Option<char>) -> Option<char> {
    let within = |fits: fn(char) -> bool| before.is_some_and(fits) && after.is_some_and(fits);
    Some(match c {
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        '\t' => '\t',
        '\u{200c}' | '\u{200d}' if within(|c| !c.is_ascii() && is_letter(c)) => c,
        '·' | '・' if within(is_letter) => c,
        c if is_invisible(c) => return None,
        c if c.is_whitespace() || c.is_control() => ' ',
        '\u{ff01}'..='\u{ff5e}' => fullwidth(c),
        '、' | '､' | '﹐' | '،' | '؛' | '\u{37e}' | '﹔' => ',',
        '。' | '｡' | '﹒' => '.',
        '﹫' => '@',
        '“' | '”' | '„' | '‟' | '«' | '»' => '"',
        '‘' | '’' | '‛' | 'ʼ' | '′' | '´' => '’',
        '‐' | '‑' | '﹣' => '-',
        c if c.is_ascii() || is_letter(c) => c,
        _ => ' ',
    })
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// The same character at its common width.
fn fullwidth(c: char) -> char {
    char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
}

/// Marks that show nothing: zero width, byte order, soft hyphens, directions.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}'
    )
}

/// The characters that HTML writes as names, as far as they stand around or within addresses.
const ENTITIES: [(&str, char); 10] = [
    ("lt", '<'),
    ("gt", '>'),
    ("amp", '&'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("commat", '@'),
    ("period", '.'),
    ("rsquo", '’'),
    ("bull", ' '),
];

/// The character that an HTML reference at the start of a text stands for, and its length. The semicolon may be missing
/// where the name clearly ends.
fn entity(text: &str) -> Option<(char, usize)> {
    let name = &text[1..];
    let length = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '#').unwrap_or(name.len());
    // Longer than any of these: no reference.
    let name = name.get(..length).filter(|name| name.len() <= 8)?;
    let after = text[1 + length..].chars().next();
    let length = 1 + length + usize::from(after == Some(';'));
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?).filter(|_| after == Some(';'))?
        }
        None => ENTITIES.iter().find(|(known, _)| *known == name).map(|(_, c)| *c)?,
    };
    (after != Some('@')).then_some((c, length))
}

/// The character that a link's escape at the start of a text stands for, if it is one that ends or divides addresses: in
/// an address itself, a percent sign is a character like others.
fn percent(text: &str) -> Option<(char, usize)> {
    let byte = u8::from_str_radix(text.get(1..3)?, 16).ok()?;
    let known = matches!(
        byte,
        b' ' | b'\t' | b'\n' | b'\r' | b',' | b';' | b'<' | b'>' | b'"' | b'@' | b':' | b'?' | b'='
    );
    known.then_some((char::from(byte), 3))
}
