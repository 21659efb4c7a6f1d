//! How texts are folded to be searched: what is kept beside a name for searches, and what a search becomes.
//!
//! Letter case, accents, apostrophes and signs that show nothing don't matter; ß is ss, ł is l, ı is i. Umlauts are found
//! with and without their e: what is kept holds *Jörg* as jorg and joerg, and *Joerg* as joerg and jorg. What is searched
//! for is folded once, so that a search for *Joe* does not find every *John*.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::addresses::Email;

/// Whether a sign shows nothing, and so parts no words: soft hyphens, joiners, marks of direction.
pub const fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// The plain letters of a small letter that has no accent to be taken off; nothing for all others.
pub const fn plain(c: char) -> &'static str {
    match c {
        'ł' => "l",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ı' => "i",
        _ => "",
    }
}

/// Whether a sign stands for an apostrophe, straight, curly or mistyped.
const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '`' | '´' | '‘' | '’' | '‛' | '′' | 'ʹ' | 'ʻ' | 'ʼ' | '＇')
}

/// A text in plain small letters; all other signs stay as they are, but for apostrophes.
fn folded(text: &str) -> String {
    if text.is_ascii() {
        let mut text = text.to_ascii_lowercase();
        text.retain(|c| !is_apostrophe(c));
        return text;
    }
    let mut folded = String::with_capacity(text.len());
    let seen = text.chars().filter(|c| !is_apostrophe(*c)).nfkd();
    for c in seen.filter(|c| !is_combining_mark(*c) && !invisible(*c)).flat_map(char::to_lowercase) {
        match plain(c) {
            "" => folded.push(c),
            letters => folded.push_str(letters),
        }
    }
    folded
}

/// A folded text without the e that stands for an umlaut's dots, if it has any.
fn without_e(folded: &str) -> Option<String> {
    ["ae", "oe", "ue"]
        .iter()
        .any(|pair| folded.contains(pair))
        .then(|| folded.replace("ae", "a").replace("oe", "o").replace("ue", "u"))
}

/// A text with an e for an umlaut's dots, folded, if it has any.
fn with_e(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut found = false;
    let mut spelled = String::with_capacity(text.len());
    for c in text.nfc() {
        let pair = match c {
            'ä' | 'Ä' => "ae",
            'ö' | 'Ö' | 'ø' | 'Ø' => "oe",
            'ü' | 'Ü' => "ue",
            'å' | 'Å' => "aa",
            _ => {
                spelled.push(c);
                continue;
            }
        };
        found = true;
        spelled.push_str(pair);
    }
    found.then(|| folded(&spelled))
}

/// What is kept of a text to be found by [`pattern`], and to sort by: a line for each way to spell it, the plain one
/// first.
pub fn key(text: &str) -> String {
    let mut key = folded(text);
    let others = [without_e(&key), with_e(text)];
    for other in others.into_iter().flatten() {
        key.push('\n');
        key.push_str(&other);
    }
    key
}

/// The words of a text as it is searched for: letters and digits alone.
pub fn words(text: &str) -> Vec<String> {
    let bare = folded(text);
    let bare = bare.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    bare.map(str::to_owned).collect()
}

/// The words that are kept of a text to be found by its [`words`]: these, in their order, and then every other way to
/// spell one, with the parts on both sides of an apostrophe.
pub fn index(text: &str) -> Vec<String> {
    let mut all = words(text);
    let mut others = all.iter().filter_map(|word| without_e(word)).collect::<Vec<_>>();
    if let Some(spelled) = with_e(text) {
        others.extend(words(&spelled));
    }
    if text.contains(is_apostrophe) {
        let apart = text.replace(is_apostrophe, " ");
        others.extend(words(&apart));
    }
    others.retain(|other| !all.contains(other));
    all.extend(others);
    all
}

fn like(folded: &str) -> String {
    let mut pattern = String::from("%");
    for c in folded.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// A `LIKE` pattern, escaped with `\`, that finds a text anywhere in a column of [`key`]s.
pub fn pattern(text: &str) -> String {
    like(&folded(text.trim()))
}

/// How many words of a search are looked for one by one.
pub const MOST_WORDS: usize = 4;

/// `LIKE` patterns that find the words of a text, each anywhere and in any order, in a column of [`key`]s or joined
/// [`index`] words; what is left over finds everything. Nothing where there is no letter or digit.
pub fn patterns(text: &str) -> Option<[String; MOST_WORDS]> {
    let mut words = words(text).into_iter().peekable();
    words.peek()?;
    Some(std::array::from_fn(|_| words.next().map_or_else(|| "%".to_owned(), |word| format!("%{word}%"))))
}

/// Whether each word of a search begins one of a text.
pub fn begin_words(search: &[String], text: &str) -> bool {
    let kept = index(text);
    search.iter().all(|word| kept.iter().any(|each| each.starts_with(word)))
}

/// A `LIKE` pattern that finds the words of a text, one after the other, in a column of joined [`index`] words.
pub fn words_pattern(text: &str) -> String {
    match words(text) {
        none if none.is_empty() => pattern(text),
        words => like(&words.join(" ")),
    }
}

/// A `LIKE` pattern, escaped with `\`, that finds a part of an address in its key less all apostrophes. A domain in
/// another script finds its form in ASCII, from the first whole part of its name on.
pub fn address_pattern(text: &str) -> String {
    let text = text.trim().replace(is_apostrophe, "");
    let domain = text.rsplit_once('@').map_or(text.as_str(), |(_, domain)| domain);
    let ascii = match domain.is_ascii() {
        true => Cow::Borrowed(domain),
        false => Email::domain_part(domain).map_or(Cow::Borrowed(domain), Cow::Owned),
    };
    let local = &text[..text.len() - domain.len()];
    like(&format!("{local}{ascii}").to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a search finds a name where its key is kept, and where its words are.
    fn finds(search: &str, name: &str) -> bool {
        let pattern = pattern(search).replace('\\', "");
        let by_key = key(name).contains(pattern.trim_matches('%'));
        let kept = index(name);
        let by_words = words(search).iter().all(|word| kept.iter().any(|each| each.starts_with(word)));
        assert_eq!(by_key, by_words, "{search} in {name}: by its key, by its words");
        by_key
    }

    #[test]
    fn names_are_found_however_they_are_spelled() {
        for spellings in [
            &["O'Neil", "ONeil", "O’Neil", "oʼneil", "O`NEIL"][..],
            &["Jörg", "Joerg", "jo\u{308}rg", "JÖRG"],
            &["Weiß", "Weiss", "WEIẞ"],
            &["Łukasz", "Lukasz", "łukasz"],
            &["Işıl", "Isil", "IŞIL"],
            &["Søren", "Soeren"],
            &["Müller-Lüdenscheidt", "Mueller-Luedenscheidt"],
            &["Chloë", "Chloe", "CHLOÉ"],
            &["D’Angelo", "d'angelo", "dangelo"],
        ] {
            for search in spellings {
                for name in spellings {
                    assert!(finds(search, name), "{search} finds {name}");
                }
            }
        }
        // Accents may be left out without an e, too.
        assert!(finds("Jorg", "Jörg") && finds("Soren", "Søren"));
        assert!(finds("joe", "Joerg") && finds("jo", "Jörg") && finds("noell", "Noelle"));
        for (search, name) in [("Joe", "John"), ("Sue", "Susan"), ("Jorge", "Jörg"), ("Neal", "O'Neil")] {
            assert!(!finds(search, name), "{search} does not find {name}");
        }
    }

    #[test]
    fn words_are_alike_whatever_their_accents_and_case() {
        assert_eq!(words("  Crème BRÛLÉE—50% (dogs')"), ["creme", "brulee", "50", "dogs"]);
        assert_eq!(words("Diarrea en el gato: ¿qué hacer?"), ["diarrea", "en", "el", "gato", "que", "hacer"]);
        assert_eq!(words("\"; DROP * ^ NEAR( "), ["drop", "near"]);
        assert_eq!(words("…"), Vec::<String>::new());
        assert_eq!(index("Übel, the dog's toe"), ["ubel", "the", "dogs", "toe", "to", "uebel", "dog", "s"]);
    }

    #[test]
    fn plain_text_takes_the_short_way_to_the_same_end() {
        for text in ["O'Neil & Sons", "JOERG", "a@b.org", "", "~`|", "Sue 12/3"] {
            // A letter in another script takes the long way.
            let long = folded(&format!("{text}ж"));
            assert_eq!(folded(text), long.trim_end_matches('ж'));
        }
    }

    #[test]
    fn a_search_pattern_takes_wildcards_by_their_word() {
        assert_eq!(pattern("50%_A\\"), "%50\\%\\_a\\\\%");
        assert_eq!(words_pattern("Ann  Lee-Voss"), "%ann lee voss%");
    }

    #[test]
    fn each_word_of_a_search_is_looked_for_by_itself() {
        assert_eq!(patterns("O’Neil, Ma%"), Some(["%oneil%", "%ma%", "%", "%"].map(str::to_owned)));
        assert_eq!(patterns("a b c d e").unwrap()[3], "%d%");
        assert_eq!(patterns(" %_ "), None);
        assert!(begin_words(&words("new ca"), "New case") && begin_words(&words("case new"), "New case"));
        assert!(begin_words(&[], "New case") && !begin_words(&words("new ase"), "New case"));
    }

    #[test]
    fn domains_are_found_in_their_own_script() {
        assert_eq!(address_pattern("Ann@München.de"), "%ann@xn--mnchen-3ya.de%");
        assert_eq!(address_pattern("münchen"), "%xn--mnchen-3ya%");
        assert_eq!(address_pattern("xn--mnchen-3ya.de"), "%xn--mnchen-3ya.de%");
        assert_eq!(address_pattern("O'Neil@x_y.org"), "%oneil@x\\_y.org%");
    }
}
