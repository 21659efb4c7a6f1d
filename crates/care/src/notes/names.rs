//! Whom a text names. A guard against a slip, not a proof: it knows the names of one client group, and a person who
//! releases may say that a finding is none. No storage, no HTTP.

use std::collections::{HashMap, HashSet};

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use kernel::{
    id::ClientId,
    search::{invisible, plain},
};

/// A bare part of a name counts from this length on, in letters.
const SHORTEST: usize = 3;
/// A whole name of several words counts from this length on, in letters.
const SHORTEST_WHOLE: usize = 4;

/// Titles, which are no part of a name.
const TITLES: [&str; 20] = [
    "mr", "mrs", "ms", "mx", "miss", "dr", "prof", "sir", "herr", "frau", "mme", "sra", "don", "dona", "jr",
    "sr", "ii", "iii", "iv", "md",
];

/// Words of firms and farms that tell nobody from anyone.
const GENERIC: [&str; 22] = [
    "farm",
    "farms",
    "dairy",
    "ranch",
    "stable",
    "stables",
    "stud",
    "herd",
    "estate",
    "family",
    "household",
    "group",
    "kennel",
    "kennels",
    "ltd",
    "inc",
    "llc",
    "gmbh",
    "company",
    "and",
    "the",
    "of",
];

/// Last names that are words of every day too: they count where they are written with a capital.
const EVERYDAY: [&str; 56] = [
    "baker", "ball", "banks", "bell", "best", "bird", "black", "brook", "brooks", "brown", "carter", "case",
    "cook", "cross", "day", "field", "fields", "fisher", "fish", "flowers", "fox", "gold", "good", "grant",
    "gray", "green", "gray", "hall", "hand", "hill", "hills", "hope", "house", "hunt", "hunter", "king",
    "lane", "light", "little", "long", "love", "may", "miller", "moon", "page", "park", "price", "reed",
    "rice", "rose", "sharp", "short", "stone", "white", "wood", "young",
];

struct Word {
    text: String,
    capital: bool,
}

/// The words of a text: lower case, without accents, and whether each began with a capital. Scripts without
/// capitals count as if they had them.
fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word { text: String::new(), capital: false };
    let seen = text.nfkd().filter(|c| !is_combining_mark(*c) && !invisible(*c));
    for c in seen.chain([' ']) {
        if c.is_alphanumeric() {
            if word.text.is_empty() {
                word.capital = !c.is_lowercase();
            }
            for c in c.to_lowercase() {
                match plain(c) {
                    "" => word.text.push(c),
                    letters => word.text.push_str(letters),
                }
            }
        } else if !word.text.is_empty() {
            words.push(std::mem::replace(&mut word, Word { text: String::new(), capital: false }));
        }
    }
    words
}

/// A word without the one letter that Arabic and Hebrew write together with it: "and", "to", "the".
fn without_prefix(word: &str) -> Option<&str> {
    let first = word.chars().next().filter(|c| "وفبلكהובכלמש".contains(*c))?;
    let rest = &word[first.len_utf8()..];
    (rest.chars().count() >= SHORTEST).then_some(rest)
}

/// Whether a letter is of a script that sets no spaces between words, or hangs endings on names.
fn unspaced(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}')
}

struct Known {
    client: ClientId,
    name: String,
    words: Vec<String>,
    unspaced: bool,
}

impl Known {
    fn new(client: ClientId, name: String) -> Self {
        let words = words(&name).into_iter().map(|word| word.text);
        let words = words.filter(|word| !TITLES.contains(&word.as_str())).collect();
        Self { client, words, unspaced: name.chars().any(unspaced), name }
    }
}

/// The people whom a text might name.
pub struct Roster(Vec<Known>);

/// Someone whom a text names.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, utoipa::ToSchema)]
#[schema(as = MentionedClient)]
pub struct Named {
    /// A client of the group.
    pub client: ClientId,
    /// One line, up to 200 characters.
    pub name: String,
    /// The words that were found in the text.
    pub words: String,
}

/// A text made ready to be looked through.
struct Text {
    words: Vec<Word>,
    /// Each word, with whether it has a capital anywhere.
    known: HashMap<String, bool>,
    joined: String,
}

impl Text {
    fn new(text: &str) -> Self {
        let words = words(text);
        let mut known = HashMap::new();
        for word in &words {
            *known.entry(word.text.clone()).or_insert(false) |= word.capital;
            if let Some(rest) = without_prefix(&word.text) {
                *known.entry(rest.to_owned()).or_insert(false) |= word.capital;
            }
        }
        let joined = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        Self { words, known, joined }
    }

    fn holds_in_order(&self, name: &[String]) -> bool {
        self.known.contains_key(&name[0])
            && self.words.windows(name.len()).any(|some| some.iter().map(|word| &word.text).eq(name))
    }

    /// What of a name it holds, as it may be shown. `own` are the words of whom the text is about.
    fn names(&self, known: &Known, own: &HashSet<&str>) -> Option<String> {
        let name = &known.words;
        if name.iter().all(|word| own.contains(word.as_str())) {
            return None;
        }
        let letters = name.iter().map(|word| word.chars().count()).sum::<usize>();
        if name.len() > 1 && letters >= SHORTEST_WHOLE && self.holds_in_order(name) {
            return Some(known.name.clone());
        }
        let joined = name.concat();
        if known.unspaced && joined.chars().count() > 1 && self.joined.contains(&joined) {
            return Some(known.name.clone());
        }
        let last = name.last()?;
        let told =
            |word: &str| word.chars().count() >= SHORTEST && !own.contains(word) && !GENERIC.contains(&word);
        let bare = |word: &str, always: bool| {
            told(word) && self.known.get(word).is_some_and(|capital| *capital || always)
        };
        if name.len() > 1 && bare(last, !EVERYDAY.contains(&last.as_str())) {
            return Some(shown(&known.name, last));
        }
        if let Some(part) =
            name.iter().filter(|word| *word != last || name.len() == 1).find(|word| bare(word, false))
        {
            return Some(shown(&known.name, part));
        }
        // O’Brien written OBrien, Mary-Jane written MaryJane.
        let pairs = name.windows(2).map(<[String]>::concat);
        let mut pairs = pairs.filter(|pair| told(pair) && pair.chars().count() > SHORTEST_WHOLE);
        pairs.find(|pair| self.known.contains_key(pair)).map(|_| known.name.clone())
    }
}

/// A word of a name as the name writes it.
fn shown(name: &str, word: &str) -> String {
    let mut parts = name.split(|c: char| !(c.is_alphanumeric() || is_combining_mark(c)));
    let found = parts.rfind(|part| words(part).first().is_some_and(|found| found.text == word));
    found.unwrap_or(word).to_owned()
}

impl Roster {
    /// A roster of these clients.
    pub fn new(people: impl IntoIterator<Item = (ClientId, String)>) -> Self {
        Self(people.into_iter().map(|(client, name)| Known::new(client, name)).collect())
    }

    /// Whom of the roster a text names, other than its own client: by their whole name, or by any
    /// part of it alone as a whole word. Parts shorter than three letters, and those that the text's own client
    /// shares, don't count; a bare part that is not the last counts where it begins with a capital.
    pub fn named_in(&self, text: &str, own: ClientId, own_name: &str) -> Vec<Named> {
        let text = Text::new(text);
        let own_words = words(own_name);
        let mine = own_words.iter().map(|word| word.text.as_str()).collect::<HashSet<_>>();
        let others = self.0.iter().filter(|known| known.client != own && !known.words.is_empty());
        let named = others.filter_map(|known| {
            let words = text.names(known, &mine)?;
            Some(Named { client: known.client, name: known.name.clone(), words })
        });
        named.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::clock::Time;

    fn client(number: u8) -> ClientId {
        ClientId::at(Time::from_micros(i64::from(number)), [number; 8])
    }

    /// What a text about the first of these people is found to hold.
    fn found(text: &str, people: &[&str]) -> Vec<String> {
        let people = people.iter().zip(1..).map(|(name, number)| (client(number), (*name).to_owned()));
        let people = people.collect::<Vec<_>>();
        let own = people[0].clone();
        let named = Roster::new(people).named_in(text, own.0, &own.1);
        named.into_iter().map(|named| named.words).collect()
    }

    #[test]
    fn whole_names_and_bare_parts_of_them_are_found() {
        let people = ["Ann Lee", "Clara Voss", "Ben Ode"];
        assert_eq!(found("Talked with clara voss.", &people), ["Clara Voss"]);
        assert_eq!(found("Clara's turn", &people), ["Clara"]);
        assert_eq!(found("mr voss left", &people), ["Voss"]);
        assert_eq!(found("Ben, then Clara Voss", &people), ["Clara Voss", "Ben"]);
        assert_eq!(found("Voss, Clara", &people), ["Voss"]);
    }

    #[test]
    fn every_part_of_a_name_counts_however_it_is_written() {
        let one = |text: &str, name: &str| found(text, &["Ann Lee", name]);
        assert_eq!(one("García rang.", "Maria García Ibáñez"), ["García"]);
        assert_eq!(one("Jane rang.", "Mary-Jane Watson"), ["Jane"]);
        assert_eq!(one("with MaryJane", "Mary-Jane Watson"), ["Mary-Jane Watson"]);
        assert_eq!(one("Angelo said so", "D’Angelo Smith"), ["Angelo"]);
        assert_eq!(one("OBrien said so", "Pat O’Brien"), ["Pat O’Brien"]);
        assert_eq!(one("Ca\u{ad}r\u{200b}men sang", "Carmen Diaz"), ["Carmen"]);
        assert_eq!(one("Golab and Orsted", "Łukasz Gołąb"), ["Gołąb"]);
        assert_eq!(one("Orsted", "Bjørn Ørsted"), ["Ørsted"]);
        assert_eq!(one("قلت ليوسف شيئا", "يوسف منصور").len(), 1);
        assert!(one("the garden of everyone", "Maria García Ibáñez").is_empty());
    }

    #[test]
    fn ones_own_name_and_what_is_shared_does_not_count() {
        assert!(found("Ann Lee and Lee", &["Ann Lee", "Bo Lee"]).is_empty());
        assert_eq!(found("Dora Lee", &["Ann Lee", "Dora Lee"]), ["Dora Lee"]);
        assert!(found("Ann Lee", &["Ann Lee", "Ann Lee"]).is_empty());
        assert!(found("Mary Ann Lee", &["Mary Ann Lee", "Ann Lee"]).is_empty());
    }

    #[test]
    fn short_words_everyday_words_and_parts_of_words_do_not_count() {
        assert!(found("so al went", &["Ann Lee", "Al So"]).is_empty());
        assert!(found("they will be frank about it", &["Ann Lee", "Will Stone", "Frank"]).is_empty());
        assert_eq!(found("Will will", &["Ann Lee", "Will Stone"]), ["Will"]);
        assert!(found("a stone in the shoe, a long day", &["Ann Lee", "Bo Stone", "Bo Long"]).is_empty());
        assert!(found("Clarabelle vossed", &["Ann Lee", "Clara Voss"]).is_empty());
        assert!(found("at the farm", &["Ann Lee", "Happy Valley Farm"]).is_empty());
        assert!(found("Mrs came", &["Ann Lee", "Mrs. Paz Ruiz"]).is_empty());
    }

    #[test]
    fn accents_and_scripts_make_no_difference() {
        assert_eq!(found("Zoe and JOSE", &["Ann Lee", "Zoë Brandt", "José Núñez"]), ["Zoë", "José"]);
        assert_eq!(found("Плюша ушла", &["Ann Lee", "Плюша"]), ["Плюша"]);
        assert_eq!(found("今天王小明来了", &["Ann Lee", "王小明"]), ["王小明"]);
        assert_eq!(found("مع ليلى", &["Ann Lee", "ليلى حسن"]), ["ليلى"]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_and_no_name_is_too_odd(text: String, own: String, names in proptest::collection::vec(".*", 0..5)) {
            let people = names.into_iter().zip(2..).map(|(name, number)| (client(number), name));
            for named in Roster::new(people).named_in(&text, client(1), &own) {
                proptest::prop_assert!(!named.words.is_empty());
            }
        }

        #[test]
        fn a_whole_name_is_found_wherever_it_stands(before in "[a-z ,.]{0,20}", after in "[a-z ,.]{0,20}") {
            let text = format!("{before} Clara Voss {after}");
            proptest::prop_assert_eq!(found(&text, &["Ann Lee", "Clara Voss"]), ["Clara Voss"]);
        }
    }
}
