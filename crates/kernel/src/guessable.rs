//! Which passwords are guessed first: those that many people have, those that a keyboard suggests, and those made of
//! what everyone knows about a person and their practice (NIST SP 800-63B-4, 3.1.1.2). It counts no kinds of
//! characters: a phrase of a few unrelated words always passes.

use std::{
    cmp::{Ordering, Reverse},
    sync::LazyLock,
};

use crate::text;

/// 30,000 passwords by frequency in leaks, sorted and front-coded; `scripts/common-passwords` makes it. Each is one
/// byte (upper half: characters shared with the one before; lower half: characters that follow) and what follows.
const LIST: &[u8] = include_bytes!("common-passwords.bin");

/// Passwords of 15 and more characters that lists of leaks, being mostly of short ones, don't have.
const LONG: &[&str] = &[
    "1qaz2wsx3edc4rfv5tgb",
    "administratorpassword",
    "correcthorsebatterystaple",
    "letmeinletmeinplease",
    "mypasswordispassword",
    "passwordispassword",
    "thequickbrownfox",
    "thequickbrownfoxjumps",
    "thequickbrownfoxjumpsoverthelazydog",
    "thisismypassword",
    "welcometotheclinic",
    "whatismypassword",
];

/// What fingers run along: the alphabet, digits, a keyboard's rows and columns.
const RUNS: [&str; 6] = [
    "abcdefghijklmnopqrstuvwxyz",
    "012345678901234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
];

/// Parts of addresses that say nothing about anyone.
const UNTELLING: [&str; 6] = ["com", "edu", "gov", "net", "org", "www"];

/// How much must be left of a password once names and addresses are taken out of it.
const REST: usize = 8;

/// Whether a password would be among the first guesses. `own` is what is known of the person and their practice:
/// names, addresses.
pub(crate) fn guessable(password: &str, own: &[&str]) -> bool {
    let folded = text::fold(password).split_whitespace().collect::<String>();
    let bare = text::words(password).concat();
    let rest = without(&bare, own);
    let made_of_own = rest.len() < bare.len() && rest.chars().count() < REST;
    made_of_own || [&folded, &bare, &rest].into_iter().any(|text| first_guess(text))
}

/// A text without the words that are known of a person, the longest first.
fn without(bare: &str, own: &[&str]) -> String {
    let mut words = own.iter().flat_map(|own| text::words(own)).collect::<Vec<_>>();
    words.extend(own.iter().map(|own| text::words(own).concat()));
    words.push("covey".to_owned());
    words.retain(|word| word.chars().count() >= 3 && !UNTELLING.contains(&word.as_str()));
    words.sort_by_key(|word| Reverse(word.len()));
    words.iter().fold(bare.to_owned(), |rest, word| rest.replace(word, ""))
}

/// Whether it is a common password, bare, repeated, or with digits around it that add nothing; or a run of keys.
fn first_guess(text: &str) -> bool {
    let core = text.trim_matches(|c: char| c.is_ascii_digit());
    let start = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let around = if core.is_empty() { [text, ""] } else { [&text[..start], &text[start + core.len()..]] };
    let adds_nothing = |digits: &str| digits.len() <= 6 || repeats(digits) || is_run(digits);
    let in_essence = !core.is_empty() && around.into_iter().all(adds_nothing) && is_common(core);
    is_common(text) || repeats(text) || is_run(text) || in_essence
}

/// Whether it is one common password, or up to four characters, again and again.
fn repeats(text: &str) -> bool {
    let chars = text.chars().collect::<Vec<_>>();
    let period =
        (1..=chars.len() / 2).find(|period| chars.iter().skip(*period).eq(&chars[..chars.len() - period]));
    period.is_some_and(|period| period <= 4 || is_common(&chars[..period].iter().collect::<String>()))
}

/// Whether it is nothing but runs of three keys and more, forward or backward.
fn is_run(text: &str) -> bool {
    static BOTH_WAYS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let backward = RUNS.iter().map(|run| run.chars().rev().collect());
        RUNS.iter().map(|run| (*run).to_owned()).chain(backward).collect()
    });
    let mut rest = text;
    while let Some(longest) = (3..=rest.len())
        .take_while(|length| {
            rest.get(..*length).is_some_and(|part| BOTH_WAYS.iter().any(|run| run.contains(part)))
        })
        .last()
    {
        rest = &rest[longest..];
    }
    rest.is_empty() && !text.is_empty()
}

/// Whether it is in the lists. Takes microseconds: only the words with the same first letter are looked through.
fn is_common(text: &str) -> bool {
    static STARTS: LazyLock<[usize; 256]> = LazyLock::new(starts);
    let Some(first) = text.bytes().next() else { return false };
    let mut words = Words::from(STARTS[usize::from(first)]);
    while let Some(word) = words.read() {
        match word.cmp(text.as_bytes()) {
            Ordering::Less => {}
            Ordering::Equal => return true,
            Ordering::Greater => break,
        }
    }
    LONG.contains(&text)
}

/// Where the words of each first letter begin.
fn starts() -> [usize; 256] {
    let mut starts = [LIST.len(); 256];
    let mut words = Words::from(0);
    let mut at = 0;
    while let Some(first) = words.read().and_then(|word| word.first().copied()) {
        let start = &mut starts[usize::from(first)];
        *start = (*start).min(at);
        at = LIST.len() - words.rest.len();
    }
    starts
}

/// Reads front-coded words, from a place where the first shares nothing with the one before.
struct Words {
    rest: &'static [u8],
    word: Vec<u8>,
}

impl Words {
    fn from(start: usize) -> Self {
        Self { rest: &LIST[start..], word: Vec::with_capacity(15) }
    }

    fn read(&mut self) -> Option<&[u8]> {
        let (head, rest) = self.rest.split_first()?;
        let (added, rest) = rest.split_at_checked(usize::from(head & 15))?;
        self.word.truncate(usize::from(head >> 4));
        self.word.extend_from_slice(added);
        self.rest = rest;
        Some(&self.word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_sorted_and_every_word_is_found() {
        let (mut reader, mut words) = (Words::from(0), Vec::new());
        while let Some(word) = reader.read() {
            words.push(String::from_utf8(word.to_vec()).unwrap());
        }
        assert!(words.len() > 29_000, "{}", words.len());
        assert!(words.is_sorted());
        for word in words.iter().step_by(13) {
            assert!(is_common(word), "{word}");
            assert!(!is_common(&format!("{word}~")) && !is_common(&format!("~{word}")), "{word}");
        }
        assert!(!is_common("") && !is_common("\u{ff}") && !is_common("zzzzzzzzzzzzzzzzz"));
    }

    #[test]
    fn common_ones_are_told_in_every_length_and_dress() {
        for bad in [
            "sunshine",
            "Sunshine",
            "superman",
            "P@ssw0rd",
            "sunshine2026",
            "Sunshine 1234567890",
            "2026superman2026",
            "princessprincess",
            "princess princess prin",
            "aaaaaaaaaaaaaaaa",
            "abcabcabcabcabc",
            "abcdefghijklmnop",
            "9876543210987654321",
            "1234 5678 9012 345",
            "qwertyuiopasdfgh",
            "QWERTYUIOP123456",
            "1qaz2wsx3edc4rfv",
            "poiuytrewqlkjhgfdsa",
            "correct horse battery staple",
            "This is my password!",
            "!!!!!!!!!!!!!!!!!!",
        ] {
            assert!(guessable(bad, &[]), "{bad}");
        }
    }

    #[test]
    fn names_and_addresses_of_the_person_and_the_practice_are_told() {
        let own = ["ann.lee@riverside-vet.org", "Ann Lee", "Riverside Animal Hospital"];
        for bad in [
            "ann.lee@riverside-vet.org",
            "Ann Lee Riverside",
            "riversideanimalhospital",
            "Riverside Animal Hospital 2026!",
            "hospital-Riverside-1",
            "sunshine riverside 12",
            "coveycoveycovey",
            "annleeannleeannlee",
        ] {
            assert!(guessable(bad, &own), "{bad}");
        }
        for good in ["river stones sing softly", "ann planted yellow tulips", "riverside mules drink ale"] {
            assert!(!guessable(good, &own), "{good}");
        }
    }

    #[test]
    fn phrases_and_random_ones_pass() {
        for good in [
            "seven blue herons",
            "eleven gray wagtails",
            "mustard sunshine ferry",
            "83620175930482716",
            "пятнадцать слов и ещё",
            "kR7#vq2Lx9!pTm4z",
            "dragon eats marmalade",
            "abc kettle 123 moss",
        ] {
            assert!(!guessable(good, &["ann.lee@riverside.org", "Ann Lee"]), "{good}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_asked_about(password: String, own: String) {
            guessable(&password, &[&own]);
        }
    }
}
