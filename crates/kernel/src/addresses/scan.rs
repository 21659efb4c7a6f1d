//! A cleaned text in pieces: words, and what is quoted, in parentheses or in angle brackets (RFC 5322, section 3.2).
//! Quotation marks and brackets that are never closed on their line are characters like others.

/// A piece of a text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece<'a> {
    /// Letters, digits and marks, or an address whose first part is quoted.
    Word(&'a str),
    /// What is between quotation marks.
    Quoted(&'a str),
    /// What is between parentheses.
    Comment(&'a str),
    /// An address in angle brackets, or the one that a link of a web page leads to.
    Angle(&'a str),
    /// A separator: names and comments belong to addresses on their own side of it.
    End,
}

/// The bytes that are in no word. All of them are ASCII, so a text can be cut at them.
fn divides(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b",;:\"()<>[]{}\\".contains(&byte)
}

/// The words of a text, whatever stands between them.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| u8::try_from(c).is_ok_and(divides)).filter(|word| !word.is_empty())
}

/// Cuts a text into pieces.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Before this, a quotation mark has no other to close it.
    no_quote_before: usize,
    /// Before this, an open parenthesis isn't closed.
    no_comment_before: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, no_quote_before: 0, no_comment_before: 0 }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// From an opening mark to where its line ends, or to where `closes` says so of a byte and what came before.
    fn closing(&self, mut closes: impl FnMut(u8) -> bool) -> Result<usize, usize> {
        let mut at = self.at + 1;
        loop {
            match self.byte(at) {
                None | Some(b'\n') => return Err(at),
                Some(b'\\') if self.byte(at + 1) != Some(b'\n') => at += 2,
                Some(byte) if closes(byte) => return Ok(at),
                Some(_) => at += 1,
            }
        }
    }

    /// Goes on after the mark at `end`, and gives what was between it and the mark before.
    fn pass(&mut self, end: usize) -> &'a str {
        let inner = &self.text[self.at + 1..end];
        self.at = end + 1;
        inner
    }

    fn quoted(&mut self) -> Option<Piece<'a>> {
        if self.at < self.no_quote_before {
            return None;
        }
        let start = self.at;
        match self.closing(|byte| byte == b'"') {
            Err(end) => {
                self.no_quote_before = end;
                None
            }
            Ok(end) => {
                let inner = self.pass(end);
                if self.byte(self.at) != Some(b'@') {
                    return Some(Piece::Quoted(inner));
                }
                self.at = self.word_end(self.at);
                Some(Piece::Word(&self.text[start..self.at]))
            }
        }
    }

    fn comment(&mut self) -> Option<Piece<'a>> {
        if self.at < self.no_comment_before {
            return None;
        }
        let mut depth = 1;
        let closes = |byte| {
            depth += i32::from(byte == b'(') - i32::from(byte == b')');
            depth == 0
        };
        match self.closing(closes) {
            Err(end) => {
                self.no_comment_before = end;
                None
            }
            Ok(end) => Some(Piece::Comment(self.pass(end))),
        }
    }

    /// What is in angle brackets: an address, or a tag of a web page. None is given of a tag without an address.
    fn angle(&mut self) -> Option<Piece<'a>> {
        let length = self.text[self.at + 1..].find(['<', '>', '\n'])?;
        let end = self.at + 1 + length;
        let inner = self.text[self.at + 1..end].trim();
        if self.byte(end) != Some(b'>') {
            return None;
        }
        if inner.contains('@')
            && !inner.bytes().any(|byte| byte.is_ascii_whitespace() || b",;\"(".contains(&byte))
        {
            self.at = end + 1;
            return Some(Piece::Angle(inner));
        }
        let tag = inner.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
        if tag && (!inner.contains('@') || inner.contains('=')) {
            self.at = end;
            return linked(inner).map(Piece::Angle);
        }
        None
    }

    /// Where a word ends that begins at `at`. Numbers in brackets after an @ belong to it.
    fn word_end(&self, at: usize) -> usize {
        let bytes = &self.text.as_bytes()[at..];
        let mut literal = false;
        let mut before = 0;
        let length = bytes.iter().position(|&byte| {
            literal |= byte == b'[' && before == b'@';
            let inside = literal && b"[]:".contains(&byte);
            literal &= byte != b']';
            before = byte;
            divides(byte) && !inside
        });
        at + length.unwrap_or(bytes.len())
    }
}

/// The address that the tag of a link leads to.
fn linked(tag: &str) -> Option<&str> {
    let at = tag.to_ascii_lowercase().find("mailto:")?;
    let address = &tag[at + "mailto:".len()..];
    let end = match tag[..at].chars().next_back() {
        Some(quote @ ('"' | '\'')) => address.find(quote),
        _ => address.find(char::is_whitespace),
    };
    Some(&address[..end.unwrap_or(address.len())])
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            let piece = match self.byte(self.at)? {
                b',' | b';' | b'\n' | b'\t' => {
                    self.at += 1;
                    return Some(Piece::End);
                }
                b'"' => self.quoted(),
                b'(' => self.comment(),
                b'<' => self.angle(),
                byte if divides(byte) => None,
                _ => {
                    let start = self.at;
                    self.at = self.word_end(start);
                    return Some(Piece::Word(&self.text[start..self.at]));
                }
            };
            match piece {
                Some(piece) => return Some(piece),
                None => self.at += 1,
            }
        }
    }
}
