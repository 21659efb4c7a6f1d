//! The addresses in a text: which words are addresses, which belong to a name, and what to say of the rest.

use std::{borrow::Cow, collections::HashMap, iter::once};

use super::{
    Email,
    clean::clean,
    email::is_domain,
    scan::{Piece, Scanner, words},
};

/// An address that was found in a text, or what has an @ and is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// As it was typed, without what stood around it.
    pub typed: String,
    /// The address, or a sentence that says what to change.
    pub email: Result<Email, Cow<'static, str>>,
    /// How many times it was there.
    pub times: usize,
}

impl From<Email> for Entry {
    fn from(email: Email) -> Self {
        Self { typed: email.shown.clone(), email: Ok(email), times: 1 }
    }
}

/// Every address in a text, in its order, each once; words without an @ are passed over.
pub fn read(text: &str) -> Vec<Entry> {
    let mut reader = Reader::default();
    reader.text(text);
    reader.entries
}

/// As [`read()`], of texts each of which is meant as an address: one without an @ is none, instead of being passed over.
pub fn read_each<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Vec<Entry> {
    let mut reader = Reader::default();
    for text in texts {
        let text = text.as_ref();
        let known = reader.found;
        reader.text(text);
        if reader.found == known && !text.trim().is_empty() {
            let why = Email::exact(text.trim()).err().unwrap_or_default();
            reader.add(text.trim(), Err(why));
        }
    }
    reader.entries
}

/// The one address in a text that has nothing else but a name that belongs to it; none where it has no address.
pub(super) fn read_alone(text: &str) -> Option<Result<Email, Cow<'static, str>>> {
    let mut reader = Reader::default();
    reader.text(text);
    let several = reader.entries.len() > 1;
    let first = reader.entries.into_iter().next()?;
    Some(match first.email {
        Ok(_) if several => Err("Enter only one address.".into()),
        Ok(email) if reader.strays > 0 => Err(format!("Leave out what is around {}.", email.shown).into()),
        email => email,
    })
}

/// The marks that lists, quotations and formulas put in front of an address. An address could begin with some of them, but
/// in a list it is the list's.
const IN_FRONT: &[char] = &['\'', '’', '`', '*', '-', '.', '=', '|', '/', '~', '#', '!', '+'];
/// The marks that can follow an address in the same word.
const BEHIND: &[char] = &['?', '&', '/', '|', '#', '+', '*', '=', '!', '$', '^', '\''];
/// How much of a text that is no address is shown again, in characters.
const SHOWN: usize = 100;

#[derive(Default)]
struct Reader {
    entries: Vec<Entry>,
    /// Where in the entries an address is, by its key; what is no address is there by its text, after a blank.
    places: HashMap<String, usize>,
    /// The key of the address that was found last.
    latest: Option<String>,
    /// How many addresses and faults were found, repeats included.
    found: usize,
    /// How many words were passed over that are no part of a name.
    strays: usize,
}

impl Reader {
    fn text(&mut self, text: &str) {
        let text = clean(text);
        let text = unnumbered(&text);
        let mut entry = Vec::new();
        for piece in Scanner::new(&text).chain(once(Piece::End)) {
            match piece {
                Piece::End => self.entry(&std::mem::take(&mut entry)),
                piece => entry.push(piece),
            }
        }
    }

    /// Reads what stands between two separators. What is in front of an address in angle brackets is its name.
    fn entry(&mut self, pieces: &[Piece<'_>]) {
        let mut rest = pieces;
        let mut beside = None;
        while let Some(at) = rest.iter().position(|piece| matches!(piece, Piece::Angle(_))) {
            if let Piece::Angle(inner) = rest[at] {
                let key = key_of(inner);
                self.name(&rest[..at], key.as_deref());
                for word in words(inner) {
                    self.word(word, None);
                }
                beside = key;
            }
            rest = &rest[at + 1..];
        }
        self.bare(rest, pieces.len() > rest.len(), beside.as_deref());
    }

    /// Reads a name. Another address in it that isn't quoted is an address by itself: the list has only spaces.
    fn name(&mut self, pieces: &[Piece<'_>], key: Option<&str>) {
        for piece in pieces {
            if let Piece::Word(word) = piece
                && word.split_once('@').is_some_and(|(_, domain)| domain.contains('.'))
            {
                self.word(word, key);
            }
        }
    }

    /// Reads what isn't a name. A comment belongs to the address that it follows, unless it holds nothing but addresses
    /// (of which the same one is that of a link in Markdown). `beside` is the address in brackets before it, which a link of a web page repeats.
    fn bare(&mut self, pieces: &[Piece<'_>], follows: bool, beside: Option<&str>) {
        let mut follows = follows;
        let mut run = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Word(word) => run.push(*word),
                // An @ alone in quotation marks is part of what someone is called.
                Piece::Quoted(inner) => run.extend(words(inner).filter(|word| *word != "@")),
                Piece::Comment(inner) => {
                    follows = self.run(&std::mem::take(&mut run), beside).unwrap_or(follows);
                    if !follows || words(inner).all(|word| word == "mailto" || key_of(word).is_some()) {
                        let latest = self.latest.clone();
                        self.run(&words(inner).collect::<Vec<_>>(), latest.as_deref());
                    }
                }
                Piece::Angle(_) | Piece::End => {}
            }
        }
        self.run(&run, beside);
    }

    /// Reads words that follow each other. Says whether the last one was an address, if there was any.
    fn run(&mut self, words: &[&str], beside: Option<&str>) -> Option<bool> {
        let mut last = None;
        let mut i = 0;
        while i < words.len() {
            let (word, found) = (words[i], self.found);
            i += 1;
            if !word.contains('@') {
                self.strays += usize::from(!word.eq_ignore_ascii_case("mailto"));
                last = Some(false);
                continue;
            }
            match apart(words, i - 1) {
                Some((typed, hint, next)) => {
                    self.add(&typed, Err(hint));
                    i = next;
                }
                None => self.word(word, beside),
            }
            last = Some(self.found > found || beside.is_some());
        }
        last
    }

    /// Reads a word with an @, and what a link or a list without spaces put behind it.
    fn word(&mut self, word: &str, beside: Option<&str>) {
        let mut waiting = vec![word];
        while let Some(word) = waiting.pop() {
            let word = bare_word(word);
            let (address, behind) = cut(word);
            if !address.contains('@') {
                continue;
            }
            let email = Email::exact(address);
            if beside.is_none() || email.as_ref().ok().map(|email| email.key.as_str()) != beside {
                self.add(address, email);
            }
            match behind.strip_prefix('?') {
                Some(query) => waiting.extend(query.rsplit('&').filter_map(recipients)),
                None => waiting.extend(behind.get(1..)),
            }
        }
    }

    fn add(&mut self, typed: &str, email: Result<Email, Cow<'static, str>>) {
        self.found += 1;
        let typed = match typed.char_indices().nth(SHOWN) {
            Some((end, _)) if email.is_err() => format!("{}…", &typed[..end]),
            _ => typed.to_owned(),
        };
        let key = match &email {
            Ok(email) => email.key.clone(),
            Err(_) => format!(" {typed}"),
        };
        if email.is_ok() {
            self.latest = Some(key.clone());
        }
        let place = *self.places.entry(key).or_insert(self.entries.len());
        match self.entries.get_mut(place) {
            Some(known) => known.times += 1,
            None => self.entries.push(Entry { typed, email, times: 1 }),
        }
    }
}

/// The key of the address in a text with no other.
fn key_of(text: &str) -> Option<String> {
    let word = words(text).find(|word| word.contains('@'))?;
    Email::exact(cut(bare_word(word)).0).ok().map(|email| email.key)
}

/// An address that spaces divide at its @: as it was typed, what to change, and which word comes next.
fn apart(words: &[&str], at: usize) -> Option<(String, Cow<'static, str>, usize)> {
    let word = words[at];
    let other = |i: Option<usize>| i.and_then(|i| words.get(i)).copied().filter(|word| !word.contains('@'));
    let before = if word.starts_with('@') { other(at.checked_sub(1)) } else { None };
    let after = if word.ends_with('@') { other(Some(at + 1)) } else { None };
    let parts = [before, Some(word), after].into_iter().flatten().collect::<Vec<_>>();
    let joined = parts.concat();
    let hint = match Email::exact(bare_word(&joined)) {
        Ok(email) if parts.len() > 1 => Cow::from(format!("Leave out the spaces: {}", email.shown)),
        _ if word == "@" => Cow::from("An @ alone is not an email address."),
        _ => return None,
    };
    Some((parts.join(" "), hint, at + 1 + usize::from(after.is_some())))
}

/// A word without the marks around it.
fn bare_word(word: &str) -> &str {
    let mark = |c: char| c == '’' || (c.is_ascii_punctuation() && !matches!(c, '@' | ']'));
    let inner = word.trim_end_matches(mark).trim_start_matches(IN_FRONT);
    match inner.strip_prefix('_') {
        Some(between) if word.ends_with('_') => between,
        _ => inner,
    }
}

/// An address, and what clearly is behind it in the same word: the query of a link, or another address.
fn cut(word: &str) -> (&str, &str) {
    let Some(at) = word.find('@') else { return (word, "") };
    let Some(end) = word[at..].find(BEHIND).map(|length| at + length) else { return (word, "") };
    let clear = word[end..].starts_with('?') || word[end..].contains('@');
    if clear && is_domain(&word[at + 1..end]) { word.split_at(end) } else { (word, "") }
}

/// What a field of a link's query says of further recipients (RFC 6068).
fn recipients(field: &str) -> Option<&str> {
    let (name, value) = field.split_once('=')?;
    ["to", "cc", "bcc"].iter().any(|known| name.eq_ignore_ascii_case(known)).then_some(value)
}

/// A list without the numbers before its lines, where no space divides them from the addresses: `1.ann@x.org`. It is one
/// only if each of its lines has the number that comes next.
fn unnumbered(text: &str) -> Cow<'_, str> {
    let mut lines = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let next = (lines.len() + 1).to_string();
        match line.strip_prefix(&next).and_then(|line| line.strip_prefix('.')) {
            Some(line) => lines.push(line),
            None => return text.into(),
        }
    }
    if lines.len() > 1 { lines.join("\n").into() } else { text.into() }
}
