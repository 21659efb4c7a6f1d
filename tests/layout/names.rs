//! What a file of Rust names: paths, with use trees, aliases, `crate`, `self` and `super` resolved.
//!
//! No compiler: a lexer, and the rules of paths as far as our code uses them.

use std::collections::{BTreeMap, BTreeSet};

/// A path with its crate in front: `["people", "groups", "add"]`.
pub type Path = Vec<String>;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Token {
    Word(String),
    /// `::`
    Sep,
    Sign(char),
}

fn tokens(code: &str) -> Vec<Token> {
    placed(code).into_iter().map(|(token, _)| token).collect()
}

/// Tokens without comments, texts, characters and lifetimes, each with its line from 1.
pub fn placed(code: &str) -> Vec<(Token, usize)> {
    let chars = code.chars().collect::<Vec<_>>();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let (mut found, mut i, mut line, mut counted) = (Vec::new(), 0, 1, 0);
    while i < chars.len() {
        let c = chars[i];
        line += chars[counted..i].iter().filter(|c| **c == '\n').count();
        counted = i;
        let raw = if c == 'b' && at(i + 1) == 'r' { i + 1 } else { i };
        if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && chars[i] != '\n' {
                i += 1;
            }
        } else if at(raw) == 'r'
            && (at(raw + 1) == '"' || at(raw + 1) == '#')
            && raw_text(&chars, raw).is_some()
        {
            i = raw_text(&chars, raw).unwrap();
        } else if c == '"' {
            i += 1;
            while i < chars.len() && chars[i] != '"' {
                i += if chars[i] == '\\' { 2 } else { 1 };
            }
            i += 1;
        } else if c == '\'' {
            // A character ends with a quote; a lifetime has none.
            i += match (at(i + 1), at(i + 2)) {
                ('\\', _) => 3 + chars[i + 3..].iter().position(|c| *c == '\'').unwrap_or(0) + 1,
                (_, '\'') => 3,
                _ => 1,
            };
        } else if c.is_alphabetic() || c == '_' {
            let start = i;
            while at(i).is_alphanumeric() || at(i) == '_' {
                i += 1;
            }
            found.push((Token::Word(chars[start..i].iter().collect()), line));
        } else if c == ':' && at(i + 1) == ':' {
            found.push((Token::Sep, line));
            i += 2;
        } else {
            if !c.is_whitespace() {
                found.push((Token::Sign(c), line));
            }
            i += 1;
        }
    }
    found
}

/// Where a raw text that begins at this `r` has ended.
fn raw_text(chars: &[char], start: usize) -> Option<usize> {
    let marks = chars[start + 1..].iter().take_while(|c| **c == '#').count();
    let mut i = start + 1 + marks;
    if chars.get(i) != Some(&'"') {
        return None;
    }
    loop {
        i += 1;
        let ended =
            *chars.get(i)? == '"' && chars[i + 1..].iter().take_while(|c| **c == '#').count() >= marks;
        if ended {
            return Some(i + 1 + marks);
        }
    }
}

/// One leaf of a use tree.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Use {
    path: Path,
    alias: String,
    /// `pub use`: it gives a name away, and needs nothing for itself.
    public: bool,
}

/// Reads a use tree from `i` on; returns where it ends.
fn tree(tokens: &[Token], mut i: usize, prefix: &Path, found: &mut Vec<(Path, String)>) -> usize {
    let mut path = prefix.clone();
    loop {
        match tokens.get(i) {
            Some(Token::Word(word)) if word == "as" => {
                if let Some(Token::Word(alias)) = tokens.get(i + 1) {
                    found.push((path, alias.clone()));
                }
                return i + 2;
            }
            Some(Token::Word(word)) => {
                if word != "self" || path.is_empty() {
                    path.push(word.clone());
                }
                i += 1;
            }
            Some(Token::Sep) => i += 1,
            Some(Token::Sign('{')) => {
                i += 1;
                while !matches!(tokens.get(i), Some(Token::Sign('}')) | None) {
                    i = tree(tokens, i, &path, found);
                    if tokens.get(i) == Some(&Token::Sign(',')) {
                        i += 1;
                    }
                }
                return i + 1;
            }
            Some(Token::Sign('*')) => {
                path.push("*".to_owned());
                i += 1;
            }
            _ => {
                let alias = path.last().cloned().unwrap_or_default();
                found.push((path, alias));
                return i;
            }
        }
    }
}

/// The use statements, and all other paths of two parts or more.
fn scan(code: &str) -> (Vec<Use>, BTreeSet<Path>) {
    let tokens = tokens(code);
    let (mut uses, mut paths, mut i) = (Vec::new(), BTreeSet::new(), 0);
    while i < tokens.len() {
        let before = i.checked_sub(1).map(|i| &tokens[i]);
        match &tokens[i] {
            Token::Word(word) if word == "use" && tokens.get(i + 1) != Some(&Token::Sign('<')) => {
                // Behind `pub(crate)` the closing parenthesis stands before `use`.
                let public = matches!(before, Some(Token::Word(word)) if word == "pub")
                    || before == Some(&Token::Sign(')'));
                let mut leaves = Vec::new();
                i = tree(&tokens, i + 1, &Vec::new(), &mut leaves);
                uses.extend(leaves.into_iter().map(|(path, alias)| Use { path, alias, public }));
            }
            Token::Word(word) if before != Some(&Token::Sep) && before != Some(&Token::Sign('$')) => {
                let mut path = vec![word.clone()];
                while let (Some(Token::Sep), Some(Token::Word(next))) = (tokens.get(i + 1), tokens.get(i + 2))
                {
                    path.push(next.clone());
                    i += 2;
                }
                i += 1;
                if path.len() > 1 {
                    paths.insert(path);
                }
            }
            _ => i += 1,
        }
    }
    (uses, paths)
}

/// Where a file is: its crate, and its module's path in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Module {
    pub krate: String,
    pub path: Path,
}

impl Module {
    fn child(&self, name: &str) -> Path {
        [std::slice::from_ref(&self.krate), &self.path, &[name.to_owned()]].concat()
    }
}

/// What a file names.
#[derive(Default, Debug)]
pub struct Names {
    /// What it needs, crate in front.
    pub needs: BTreeSet<Path>,
    /// What it hands on: by its name there, what is meant.
    pub gives: BTreeMap<String, Path>,
}

/// The names in a file. `modules` are the paths of all modules, crate in front.
pub fn names(at: &Module, code: &str, modules: &BTreeSet<Path>) -> Names {
    let (uses, paths) = scan(code);
    let mut aliases = BTreeMap::new();
    let mut names = Names::default();
    for leaf in &uses {
        let path = resolve(at, &leaf.path, &BTreeMap::new(), modules);
        aliases.insert(leaf.alias.clone(), path.clone());
        if leaf.public {
            names.gives.insert(leaf.alias.clone(), path.clone());
        }
        // A crate's root that hands a slice's name on does not lean on the slice.
        if !leaf.public || !at.path.is_empty() {
            names.needs.insert(path);
        }
    }
    names.needs.extend(paths.iter().map(|path| resolve(at, path, &aliases, modules)));
    names
}

fn resolve(at: &Module, path: &Path, aliases: &BTreeMap<String, Path>, modules: &BTreeSet<Path>) -> Path {
    let mut here = [std::slice::from_ref(&at.krate), &at.path].concat();
    match path[0].as_str() {
        "crate" => [std::slice::from_ref(&at.krate), &path[1..]].concat(),
        "self" | "super" => {
            let mut rest = &path[..];
            while let Some(first) = rest.first().filter(|first| ["self", "super"].contains(&first.as_str())) {
                if first == "super" && here.len() > 1 {
                    here.pop();
                }
                rest = &rest[1..];
            }
            [&here, rest].concat()
        }
        head => match aliases.get(head) {
            Some(meant) => [meant, &path[1..]].concat(),
            None if modules.contains(&at.child(head)) => [&here, &path[..]].concat(),
            None => path.clone(),
        },
    }
}
