//! Text that people type: trimmed, bounded, folded for comparison.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::error::Fault;

/// The longest name of anything, in characters.
pub const NAME_LIMIT: usize = 200;
/// The longest description or note, in characters.
pub const PROSE_LIMIT: usize = 20_000;

/// A character that would garble or disguise a single line: controls, and the marks that reorder
/// text beyond the reach of one word.
fn garbles(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A character that is never seen and changes nothing about its neighbors: dropped from a single line, where it could
/// only make two names that look alike.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// A character that joins or parts its neighbors and has no shape of its own. Some scripts need it, so it stays in names;
/// two names that differ by it alone are one name.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{34f}' | '\u{200c}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}')
}

/// A name. White space is collapsed; letters are composed (NFC).
///
/// # Errors
/// Nothing is left, it is longer than [`NAME_LIMIT`], or it holds control characters.
pub fn line(text: &str) -> Result<String, Fault> {
    required_line(text, "Enter a name.")
}

/// As [`line()`], for what is no name: `missing` says what to enter, such as "Enter a subject."
///
/// # Errors
/// Nothing is left, it is longer than [`NAME_LIMIT`], or it holds control characters.
pub fn required_line(text: &str, missing: &'static str) -> Result<String, Fault> {
    optional_line(text).and_then(|line| line.ok_or(Fault::required(missing)))
}

/// As [`line()`], but it may be empty.
///
/// # Errors
/// It is longer than [`NAME_LIMIT`], or it holds control characters.
pub fn optional_line(text: &str) -> Result<Option<String>, Fault> {
    let text = text.replace(is_unseen, "");
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect::<String>();
    if line.chars().any(garbles) {
        return Err(Fault::new("bad_characters", "Remove the invisible control characters."));
    }
    match line.chars().count() {
        0 => Ok(None),
        length if length > NAME_LIMIT => {
            Err(Fault::new("too_long", format!("Use at most {NAME_LIMIT} characters. This has {length}.")))
        }
        _ => Ok(Some(line)),
    }
}

/// Several lines of text: a description, a note. May be empty.
///
/// # Errors
/// It is longer than [`PROSE_LIMIT`], or it holds control characters other than line breaks and tabs.
pub fn prose(text: &str) -> Result<String, Fault> {
    let text = text.replace("\r\n", "\n").trim().nfc().collect::<String>();
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(Fault::new("bad_characters", "Remove the invisible control characters."));
    }
    match text.chars().count() {
        length if length > PROSE_LIMIT => {
            Err(Fault::new("too_long", format!("Use at most {PROSE_LIMIT} characters. This has {length}.")))
        }
        _ => Ok(text),
    }
}

/// The form in which names are compared: compatibility-composed and lower case. What is searched is folded further, by
/// [`search`](crate::search).
pub fn fold(text: &str) -> String {
    // Most texts of an import of many thousand lines.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkc().filter(|c| !is_unseen(*c) && !is_joiner(*c)).flat_map(char::to_lowercase).collect()
}

/// The words of a text as it is read by meaning, such as a heading: lower case, without accents, nothing but letters and
/// digits. Apostrophes part words here; in a [search](crate::search) they don't.
pub fn words(text: &str) -> Vec<String> {
    let bare = match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect(),
    };
    let words = bare.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// A cell of a CSV file, quoted. What a spreadsheet would take for a formula gets an apostrophe in front, and so
/// does what begins with such an apostrophe itself: [`unmarked`] takes exactly one off again.
pub fn csv_cell(text: &str) -> String {
    let mark = if marked(text) { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

/// A row of a CSV file, with its line end.
pub fn csv_row<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let mut row = cells.into_iter().map(|cell| csv_cell(cell.as_ref())).collect::<Vec<_>>().join(",");
    row.push_str("\r\n");
    row
}

/// The text of a cell as it was before [`csv_cell`] marked it.
pub fn unmarked(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| marked(rest)).unwrap_or(text)
}

fn marked(text: &str) -> bool {
    let bare = text.trim_start_matches('\'');
    let first = bare.trim_start().chars().next();
    let first = first.map(|c| c.nfkc().next().unwrap_or(c));
    bare.starts_with(['\t', '\r', '\n']) || first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@'))
}

/// A whole number with its thousands apart: `1,234,567`.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { "-".to_owned() } else { String::new() };
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things in words, its thousands apart: "1 person", "3 people".
pub fn counted(number: impl TryInto<i64>, one: &str, many: &str) -> String {
    let number = number.try_into().unwrap_or(i64::MAX);
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// What stands beneath a list that is cut: "Showing the first 500 of 1,203 people. Search to find the others." The last
/// sentence is `others`.
pub fn first_of(shown: impl TryInto<i64>, all: impl TryInto<i64>, what: &str, others: &str) -> String {
    let [shown, all] =
        [shown.try_into().unwrap_or(i64::MAX), all.try_into().unwrap_or(i64::MAX)].map(grouped);
    format!("Showing the first {shown} of {all} {what}. {others}")
}

/// Names in a row: "Ann", "Ann and Bo", "Ann, Bo and Cy".
pub fn all_of(names: &[String]) -> String {
    joined(names, "and")
}

/// Names to choose from: "Ann", "Ann or Bo", "Ann, Bo or Cy".
pub fn any_of(names: &[String]) -> String {
    joined(names, "or")
}

fn joined(names: &[String], word: &str) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

/// Whether what comes after a name's comma are credentials, such as LCSW, PhD or "DVM, MPH", and not first names.
fn are_credentials(text: &str) -> bool {
    let capitals = |word: &str| word.chars().filter(|c| c.is_uppercase()).count();
    let mut words = text.split([',', ' ']).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(|word| capitals(word) > 1)
}

/// One or two letters that stand for a person where there is no room for the name. Titles ("Dr.") and credentials after a
/// comma ("LCSW") are left out.
pub fn initials(name: &str) -> String {
    let name = match name.split_once(',') {
        Some((bare, after)) if are_credentials(after) => bare,
        _ => name,
    };
    let title = |word: &&str| word.ends_with('.') && name.trim() != *word;
    let words = name.split_whitespace().filter(|word| !title(word));
    let mut words = words.filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// Where a list is asked to go on from, as `read` knows that list's cursors; none where it begins.
///
/// # Errors
/// It is not a cursor of this list.
pub fn cursor<T>(
    text: Option<&str>,
    read: impl FnOnce(&str) -> Option<T>,
) -> crate::error::Result<Option<T>> {
    let wrong = || {
        crate::error::Error::field(
            "cursor",
            Fault::new("not_a_cursor", "This cursor isn't from this list. Start without one."),
        )
    };
    text.map(|text| read(text).ok_or_else(wrong)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_script_but_not_their_disguises() {
        assert_eq!(line("  عيادة   النيل ").unwrap(), "عيادة النيل");
        assert_eq!(line("Happy 🐄 Farm").unwrap(), "Happy 🐄 Farm");
        assert_eq!(line("Zw\u{200b} 1\u{feff}\u{ad}").unwrap(), "Zw 1");
        assert!(line("\u{200b}\u{2060}").is_err(), "nothing is left");
        assert_eq!(fold("نامه\u{200c}ها"), fold("نامهها"), "a joiner makes no other name");
        assert_eq!(line("نامه\u{200c}ها").unwrap(), "نامه\u{200c}ها", "and stays in this one");
        assert!(line("evil\u{202e}gpj").is_err());
        assert!(line("a\u{0}b").is_err());
        assert!(line("   ").is_err());
        assert!(line(&"n".repeat(300)).unwrap_err().detail.contains("300"));
    }

    #[test]
    fn plain_text_is_folded_the_short_way() {
        for text in ["Ann LEE", "o'neil@X.org", "", "\t~"] {
            assert_eq!(fold(text), text.nfkc().flat_map(char::to_lowercase).collect::<String>());
        }
        assert_eq!(fold("ﬁ ÄÖ"), "fi äö");
    }

    #[test]
    fn words_are_alike_whatever_their_accents_and_case() {
        assert_eq!(words("  Crème BRÛLÉE—50% (dogs')"), ["creme", "brulee", "50", "dogs"]);
        assert_eq!(words("Owner's NAME"), ["owner", "s", "name"]);
        assert_eq!(words("…"), Vec::<String>::new());
    }

    #[test]
    fn formulas_are_neutralised_and_read_back() {
        assert_eq!(csv_cell("=1+1"), "\"'=1+1\"");
        assert_eq!(csv_cell(" @SUM(A1)"), "\"' @SUM(A1)\"");
        assert_eq!(csv_cell("\tx"), "\"'\tx\"");
        assert_eq!(csv_cell("＝1+1"), "\"'＝1+1\"");
        assert_eq!(csv_cell("say \"hi\""), "\"say \"\"hi\"\"\"");
        for text in ["=1", "'=1", "''+49", "'quoted'", "+49 30 1", "O'Hara", "", "'"] {
            let cell = csv_cell(text);
            assert_eq!(unmarked(&cell[1..cell.len() - 1].replace("\"\"", "\"")), text);
        }
    }

    #[test]
    fn initials_take_the_first_and_the_last_word() {
        assert_eq!(initials("Ann Maria Lee"), "AL");
        assert_eq!(initials("Dr. Ann Lee"), "AL");
        assert_eq!(initials("Daniel Cho, LCSW"), "DC");
        assert_eq!(initials("Dr. Ann Lee, DVM, PhD"), "AL");
        assert_eq!(initials("Lee, Ann"), "LA");
        assert_eq!(initials("Плюша"), "П");
        assert_eq!(initials(""), "");
    }

    proptest::proptest! {
        #[test]
        fn any_cell_of_our_files_reads_back_and_is_no_formula(text in "[-=+@'\"\t a-z＝]{0,12}|.*") {
            let cell = csv_cell(&text);
            let inner = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap();
            proptest::prop_assert_eq!(inner.replace("\"\"", "").matches('"').count(), 0, "quotes stay in pairs");
            let read = inner.replace("\"\"", "\"");
            proptest::prop_assert!(!read.trim_start().starts_with(['=', '+', '-', '@', '＝']));
            proptest::prop_assert_eq!(unmarked(&read), text);
        }
    }

    #[test]
    fn things_are_counted_in_words() {
        assert_eq!(counted(0, "person", "people"), "0 people");
        assert_eq!(counted(1_usize, "person", "people"), "1 person");
        assert_eq!(counted(1_234, "person", "people"), "1,234 people");
        let cut = first_of(500, 1_203_usize, "people", "Search to find the others.");
        assert_eq!(cut, "Showing the first 500 of 1,203 people. Search to find the others.");
    }
}
