//! One voice: words that must not come back, in templates, in the texts of the sources, in comments and in documents.
//! American spelling, and no words that nobody says at the desk. Each rule has a control: a text that breaks it.

use std::{fs, path::Path};

/// Not even in a comment: British spellings, and words out of old books.
const NOWHERE: &[&str] = &[
    "anybody",
    "at present",
    "authorisation",
    "authorise",
    "authorised",
    "authorises",
    "authorising",
    "behaviour",
    "behaviours",
    "besides",
    "cancelled",
    "cancelling",
    "centre",
    "centres",
    "cheque",
    "cheques",
    "colour",
    "coloured",
    "colours",
    "e-mail",
    "e-mailed",
    "e-mails",
    "everybody",
    "favourite",
    "favourites",
    "for ever",
    "hand-out",
    "hand-outs",
    "individualise",
    "individualised",
    "individualising",
    "learnt",
    "licence",
    "licenced",
    "licences",
    "one's",
    "oneself",
    "organisation",
    "organise",
    "organised",
    "organising",
    "recognise",
    "recognised",
    "somebody",
    "telephone",
    "telephones",
    "towards",
    "whoever",
    "whomever",
];

/// Not in what people read: an email is no letter, a box is selected, and errors name the field and the fix.
const NOT_READ: &[&str] = &[
    "correct what is marked",
    "fill this in",
    "hello",
    "letter",
    "letters",
    "look at the",
    "on the account",
    "place for support staff",
    "taken or kept",
    "takes a license",
    "tick",
    "ticked",
    "ticks",
    "tries",
];

/// Where such a word is right: a file, the word, and why.
const RIGHT_HERE: &[(&str, &str, &str)] = &[
    ("crates/care/src/clients/import/columns/words.rs", "e-mail", "headings of other programs' files"),
    ("crates/care/src/clients/import/columns/words.rs", "telephone", "headings of other programs' files"),
    ("crates/care/src/clients/import/shapes.rs", "e-mail", "headings of other programs' files"),
    ("crates/storage/src/sql.rs", "letter", "of the alphabet"),
    ("crates/web/src/may.rs", "letters", "of the alphabet"),
    ("crates/web/src/parts.rs", "letters", "a name's first ones"),
    ("docs/ARCHITECTURE.md", "letter", "a name in the code"),
    ("docs/ARCHITECTURE.md", "letters", "of the alphabet"),
    ("src/demo/therapy.rs", "letter", "to a school, on paper"),
    ("tests/browser/user_groups.rs", "everybody", "a name in the code"),
    ("tests/imports.rs", "e-mail", "headings of other programs' files"),
    ("tests/people_import.rs", "e-mail", "headings of other programs' files"),
];

/// The attributes of a tag that people read or hear.
const READ_ATTRIBUTES: [&str; 6] =
    ["alt", "aria-label", "data-confirm", "data-confirm-action", "placeholder", "title"];

/// A stretch of a file, and what it is for.
struct Piece {
    line: usize,
    read: bool,
    text: String,
}

/// The comments and texts of a file of Rust; tests aside, texts with a space are read by people, SQL is not.
fn rust(code: &str, product: bool) -> Vec<Piece> {
    let chars = code.chars().collect::<Vec<_>>();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let (mut pieces, mut i) = (Vec::new(), 0);
    while i < chars.len() {
        let (start, comment) = (i, at(i) == '/' && at(i + 1) == '/');
        let raw = (at(i) == 'r' && !is_word(i.checked_sub(1).map_or(' ', at)))
            .then(|| marks(&chars, i + 1))
            .flatten();
        if comment {
            i += chars[i..].iter().position(|c| *c == '\n').unwrap_or(chars.len() - i);
        } else if let Some(marks) = raw {
            i += marks + 2;
            while i < chars.len() && !(at(i) == '"' && chars[i + 1..].iter().take(marks).all(|c| *c == '#')) {
                i += 1;
            }
            i += marks + 1;
        } else if at(i) == '"' {
            i += 1;
            while i < chars.len() && at(i) != '"' {
                i += if at(i) == '\\' { 2 } else { 1 };
            }
            i += 1;
        } else {
            // A character that is a quotation mark opens no text; a lifetime is no character.
            i += match (at(i), at(i + 1), at(i + 2), at(i + 3)) {
                ('\'', '\\', _, '\'') => 4,
                ('\'', _, '\'', _) => 3,
                _ => 1,
            };
            continue;
        }
        let text = chars[start..i.min(chars.len())].iter().collect::<String>();
        let line = 1 + chars[..start].iter().filter(|c| **c == '\n').count();
        let sql = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", " FROM ", " WHERE "]
            .iter()
            .any(|word| text.contains(word));
        pieces.push(Piece { line, read: product && !comment && !sql && text.contains(' '), text });
    }
    pieces
}

/// How many `#` stand before the quotation mark of a raw text, if one begins here.
fn marks(chars: &[char], start: usize) -> Option<usize> {
    let marks = chars[start..].iter().take_while(|c| **c == '#').count();
    (chars.get(start + marks) == Some(&'"')).then_some(marks)
}

/// What people read of a template: what stands between tags, some attributes, and the texts in expressions.
fn template(text: &str) -> String {
    let text = without(&without(text, "{#", "#}", |_| String::new()), "{%", "%}", |_| String::new());
    let text = without(&text, "{{", "}}", |inside| {
        inside.split('"').skip(1).step_by(2).collect::<Vec<_>>().join(" . ")
    });
    without(&text, "<", ">", |tag| {
        let tag = tag.replace('\n', " ");
        let spoken = READ_ATTRIBUTES.iter().filter_map(|name| {
            let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
            rest.split('"').next().map(str::to_owned)
        });
        spoken.collect::<Vec<_>>().join(" . ")
    })
}

/// A text with each stretch from `open` to `close` replaced; its lines stay where they are.
fn without(text: &str, open: &str, close: &str, instead: impl Fn(&str) -> String) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once(open) {
        let (inside, behind) = after.split_once(close).unwrap_or((after, ""));
        kept.push_str(before);
        kept.push_str(&format!(" {} {}", instead(inside), "\n".repeat(inside.matches('\n').count())));
        rest = behind;
    }
    kept + rest
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a line has a word or several in a row, and not only as part of a longer one.
fn has(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().unwrap_or(' ');
        let mut after = line[at + word.len()..].chars();
        let next = after.next().unwrap_or(' ');
        let hyphen = next == '-' && after.next().is_some_and(is_word);
        !is_word(before) && !matches!(before, '-' | '\'') && !is_word(next) && !hyphen
    })
}

/// What a file says that nobody should read in it, as `file:line: word`.
fn faults(file: &str, text: &str) -> Vec<String> {
    let starter = file.contains("/starter/");
    let pieces = match file.rsplit('.').next().unwrap_or_default() {
        "rs" => rust(text, !file.starts_with("tests/") && !file.starts_with("bench/")),
        "html" => vec![Piece { line: 1, read: true, text: template(text) }],
        "md" => {
            let text = without(&without(text, "```", "```", |_| String::new()), "`", "`", |_| String::new());
            vec![Piece { line: 1, read: !starter, text }]
        }
        _ => vec![Piece { line: 1, read: false, text: text.to_owned() }],
    };
    let mut found = Vec::new();
    for piece in &pieces {
        for (below, line) in piece.text.lines().enumerate() {
            let line = line.to_lowercase().replace('’', "'");
            let unread = NOT_READ.iter().filter(|_| piece.read);
            let words = NOWHERE.iter().chain(unread).filter(|word| has(&line, word));
            found.extend(words.map(|word| format!("{file}:{}: {word}", piece.line + below)));
        }
    }
    found
}

/// The exception that a fault falls under.
fn exception(fault: &str) -> Option<usize> {
    RIGHT_HERE.iter().position(|(file, word, _)| {
        fault
            .strip_prefix(file)
            .is_some_and(|rest| rest.starts_with(':') && rest.ends_with(&format!(": {word}")))
    })
}

fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            if !["snapshots", "target", ".tools", "fonts"].contains(&&*name) {
                files(&path, found);
            }
        } else if ["rs", "html", "md", "sql", "js", "css"]
            .iter()
            .any(|kind| name.ends_with(&format!(".{kind}")))
        {
            found.push(path);
        }
    }
}

#[test]
fn the_product_speaks_plain_american_english() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["bench", "crates", "docs", "migrations", "src", "tests"] {
        files(&root.join(folder), &mut found);
    }
    found.extend(["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|file| root.join(file)));
    assert!(found.len() > 500, "only {} files were read", found.len());
    let (mut wrong, mut used) = (Vec::new(), vec![false; RIGHT_HERE.len()]);
    for path in found.iter().filter(|path| !path.ends_with("tests/words.rs")) {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap();
        for fault in faults(name, &fs::read_to_string(path).unwrap()) {
            match exception(&fault) {
                Some(at) => used[at] = true,
                None => wrong.push(fault),
            }
        }
    }
    assert!(wrong.is_empty(), "{} words that must not come back:\n{}", wrong.len(), wrong.join("\n"));
    let idle =
        RIGHT_HERE.iter().zip(used).filter(|(_, used)| !used).map(|(right, _)| right).collect::<Vec<_>>();
    assert!(idle.is_empty(), "exceptions that nothing needs: {idle:?}");
}

/// Controls: what breaks a rule is found, where it is; what only looks like it is not.
mod controls {
    use super::{exception, faults};

    #[test]
    fn words_are_found_with_their_file_and_line() {
        let code = "fn a() {}\n/// Whoever it is.\nconst B: &str = \"The letter \\\n    is tried by somebody.\";\n\
                    const C: &str = r#\"Any \"colour\" here.\"#;\n";
        assert_eq!(
            faults("crates/a/src/b.rs", code),
            [
                "crates/a/src/b.rs:2: whoever",
                "crates/a/src/b.rs:3: letter",
                "crates/a/src/b.rs:4: somebody",
                "crates/a/src/b.rs:5: colour",
            ]
        );
        let page = "<p\n  class=\"letter\" title=\"Your licence\"\n>\n{% if ticked %}Tick one’s box{% endif %}\n</p>\n\
                    {{ form.text(\"letters\", \"Your telephone\") }}";
        let found = faults("crates/a/src/templates/b.html", page);
        assert_eq!(found.iter().filter(|fault| fault.ends_with("licence")).count(), 1, "{found:?}");
        for fault in ["b.html:4: one's", "b.html:4: tick", "b.html:6: telephone"] {
            assert!(found.iter().any(|one| one.ends_with(fault)), "{fault} in {found:?}");
        }
        assert_eq!(faults("docs/A.md", "# A\n\nA letter for everybody, at\npresent or at present.").len(), 3);
    }

    #[test]
    fn what_only_looks_like_a_wrong_word_is_fine() {
        let code = "let letter = form.ticked(\"letter\"); // The letter's color\nlet sql = \"SELECT letter FROM letters\";\n\
                    let c = '\"'; let everybody = users::anybody(tx);\nlet d = \"Retries and newsletters: no one’s business\";";
        let code = code.replace("no one’s business", "fine");
        assert_eq!(faults("crates/a/src/b.rs", &code), Vec::<String>::new());
        let page =
            "<p class=\"letter\">{% for letter in letters %}{{ letter.tries }}{% endfor %}</p>{# a letter #}";
        assert_eq!(faults("crates/a/src/templates/b.html", page), Vec::<String>::new());
        assert_eq!(faults("docs/A.md", "`letter`\n\n```\nsomebody\n```\n"), Vec::<String>::new());
        assert_eq!(faults("tests/a.rs", "let a = \"Hello letter\";"), Vec::<String>::new());
    }

    #[test]
    fn an_exception_is_for_one_word_in_one_file() {
        assert!(exception("src/demo/therapy.rs:260: letter").is_some());
        assert!(exception("src/demo/therapy.rs:260: letters").is_none());
        assert!(exception("src/demo/clinic.rs:260: letter").is_none());
    }
}
