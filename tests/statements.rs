//! Every statement of the product is prepared on both engines, whether or not a test comes to run it.
//!
//! `sql!` leaves a record of each in the program. Here they are read out of the finished binary, after all macros;
//! and the sources are read too, so that a statement that left no record is missed by name.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::BufRead as _,
    path::Path,
};

use crate::{
    layout::names::{Token, placed},
    support::{Engine, Server, postgres_database},
};

/// Those that speak to one engine alone, by file, and why.
const OF_ONE_ENGINE: [(&str, &str); 1] =
    [("crates/storage/src/postgres.rs", "it is that engine's driver, and tells its other processes")];

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Statement {
    /// File and line.
    place: (String, usize),
    sqlite: String,
    postgres: String,
}

/// The statements that a program holds.
fn recorded(program: &[u8]) -> BTreeSet<Statement> {
    let (mut found, mut rest, mut piece) = (BTreeSet::new(), program, Vec::new());
    while rest.read_until(b'\x1e', &mut piece).unwrap() > 0 {
        found.extend(read(&piece));
        piece.clear();
    }
    found
}

fn read(record: &[u8]) -> Option<Statement> {
    let texts = record.strip_prefix(b"sql!\x1f")?.strip_suffix(b"\x1e")?;
    let mut parts = str::from_utf8(texts).ok()?.split('\x1f');
    let (file, line) = parts.next()?.rsplit_once(':')?;
    let place = (file.to_owned(), line.parse().ok()?);
    Some(Statement { place, sqlite: parts.next()?.to_owned(), postgres: parts.next()?.to_owned() })
}

/// Where macros are used and what they are made of.
#[derive(Default)]
struct Macros {
    /// Uses outside of other macros' definitions: name, file and line.
    uses: Vec<(String, String, usize)>,
    /// The macros that a macro's definition uses.
    made_of: BTreeMap<String, BTreeSet<String>>,
}

impl Macros {
    fn read(&mut self, file: &str, code: &str) {
        let tokens = placed(code);
        let word = |i: usize| match tokens.get(i) {
            Some((Token::Word(word), _)) => word.as_str(),
            _ => "",
        };
        let sign = |i: usize, sign: char| tokens.get(i).is_some_and(|(token, _)| *token == Token::Sign(sign));
        let (mut depth, mut defined) = (0, None::<(String, i32)>);
        for (i, (_, line)) in tokens.iter().enumerate() {
            if sign(i, '{') {
                depth += 1;
            } else if sign(i, '}') {
                depth -= 1;
                defined = defined.filter(|(_, outside)| depth > *outside);
            } else if word(i) == "macro_rules" {
                defined = Some((word(i + 2).to_owned(), depth));
            } else if !word(i).is_empty() && sign(i + 1, '!') && !sign(i + 2, '=') {
                let name = word(i).to_owned();
                match &defined {
                    Some((by, _)) => drop(self.made_of.entry(by.clone()).or_default().insert(name)),
                    None => self.uses.push((name, file.to_owned(), *line)),
                }
            }
        }
    }

    /// Where statements are written: each `sql!`, and each use of a macro that is made of it.
    fn sites(&self) -> BTreeMap<(String, usize), usize> {
        let mut names = BTreeSet::from(["sql".to_owned()]);
        loop {
            let more =
                self.made_of.iter().filter(|(_, of)| !of.is_disjoint(&names)).map(|(name, _)| name.clone());
            let grown = names.iter().cloned().chain(more).collect::<BTreeSet<_>>();
            if grown == names {
                break;
            }
            names = grown;
        }
        let mut sites = BTreeMap::new();
        for (_, file, line) in self.uses.iter().filter(|(name, _, _)| names.contains(name)) {
            *sites.entry((file.clone(), *line)).or_insert(0) += 1;
        }
        sites
    }
}

/// The sites that left fewer records than statements.
fn unrecorded(sites: &BTreeMap<(String, usize), usize>, statements: &BTreeSet<Statement>) -> Vec<String> {
    let missing = sites.iter().filter(|(place, many)| {
        statements.iter().filter(|statement| statement.place == **place).count() < **many
    });
    missing.map(|((file, line), _)| format!("{file}:{line}")).collect()
}

/// The product's sources, without unit tests.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            found.push((path.strip_prefix(root).unwrap().to_string_lossy().into_owned(), code));
        }
    }
}

fn product() -> BTreeSet<Statement> {
    recorded(&fs::read(env!("CARGO_BIN_EXE_covey")).unwrap())
}

#[test]
fn every_statement_in_the_sources_is_in_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    for wing in fs::read_dir(root.join("crates")).unwrap() {
        sources(&wing.unwrap().path().join("src"), &mut files);
    }
    let mut macros = Macros::default();
    for (file, code) in &files {
        macros.read(file, code);
    }
    let sites = macros.sites();
    assert!(sites.len() > 400, "only {} sites: the sources are not read", sites.len());
    assert_eq!(unrecorded(&sites, &product()), [""; 0], "these are in no program, or left no record");
}

/// What the engines say of a statement: an error, or how many parameters and columns it has.
type Shape = Result<(usize, usize), String>;

fn on_sqlite(conn: &rusqlite::Connection, text: &str) -> Shape {
    let statement = conn.prepare(text).map_err(|error| error.to_string())?;
    Ok((statement.parameter_count(), statement.column_count()))
}

async fn on_postgres(client: &tokio_postgres::Client, text: &str) -> Shape {
    let statement = client.prepare(text).await;
    let statement =
        statement.map_err(|error| error.as_db_error().map_or(error.to_string(), ToString::to_string))?;
    Ok((statement.params().len(), statement.columns().len()))
}

/// Prepares each on both engines, and tells what is wrong with it.
async fn faults(statements: &BTreeSet<Statement>) -> Vec<String> {
    let server = Server::new(Engine::Sqlite).await;
    let sqlite = rusqlite::Connection::open(server.folder.path().join("covey.db")).unwrap();
    let url = postgres_database().await;
    let other = storage::Db::postgres(&url, true, server.clock.clone(), kernel::random::Random::System).await;
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let mut faults = Vec::new();
    for Statement { place: (file, line), sqlite: ours, postgres: theirs } in statements {
        let (ours, theirs) = (on_sqlite(&sqlite, ours), on_postgres(&client, theirs).await);
        let alike = ours.is_ok() && ours == theirs;
        let one_engine = OF_ONE_ENGINE.iter().any(|(of, _)| of == file) && theirs.is_ok() && ours.is_err();
        if !alike && !one_engine {
            faults.push(format!("{file}:{line}: SQLite {ours:?}, PostgreSQL {theirs:?}"));
        }
    }
    drop(other);
    faults
}

#[tokio::test]
async fn every_statement_is_one_to_both_engines() {
    let statements = product();
    assert!(statements.len() > 400, "only {} statements", statements.len());
    assert_eq!(faults(&statements).await, [""; 0]);
}

mod controls {
    use super::{BTreeMap, BTreeSet, Macros, Statement, faults, recorded, unrecorded};

    fn statement(sqlite: &str, postgres: &str) -> Statement {
        let place = ("crates/care/src/store.rs".to_owned(), 7);
        Statement { place, sqlite: sqlite.to_owned(), postgres: postgres.to_owned() }
    }

    #[tokio::test]
    async fn a_statement_that_one_engine_refuses_or_reads_differently_is_found() {
        let sound =
            statement("SELECT name FROM groups WHERE id = ?1", "SELECT name FROM groups WHERE id = $1");
        assert_eq!(faults(&BTreeSet::from([sound])).await, [""; 0]);
        for (sqlite, postgres) in [
            ("SELECT nonsense FROM groups", "SELECT nonsense FROM groups"),
            ("SELECT name FROM groups", "SELECT name FROM groups GROUP BY id"),
            ("SELECT typeof(name) FROM groups", "SELECT typeof(name) FROM groups"),
            ("SELECT name FROM groups FOR UPDATE", "SELECT name FROM groups FOR UPDATE"),
            ("SELECT name FROM groups", "SELECT name, version FROM groups"),
            ("SELECT name FROM groups", "SELECT name FROM groups WHERE name = $1"),
        ] {
            assert_eq!(faults(&BTreeSet::from([statement(sqlite, postgres)])).await.len(), 1, "{sqlite}");
        }
    }

    #[test]
    fn records_are_read_between_any_other_bytes() {
        let one = "\x1esql!\x1fcrates/care/src/store.rs:7\x1fSELECT ?1\x1fSELECT $1\x1e";
        let program =
            [b"\xff\x1esql!\x1f", one.as_bytes(), b"\0", one.as_bytes(), b"\x1esql!\x1fa:"].concat();
        assert_eq!(recorded(&program), BTreeSet::from([statement("SELECT ?1", "SELECT $1")]));
    }

    #[test]
    fn sites_are_found_in_the_open_and_behind_macros_and_nowhere_else() {
        let code = "//! No sql!(\"x\") here.\nmacro_rules! inner { ($a:literal) => { sql!(concat!(\"{\", $a)) }; }\n\
                    macro_rules! outer { ($a:literal) => { inner!($a) }; }\n\
                    fn a() { sql!(\"SELECT '}'\"); sql!(\n\"b\"); }\nouter!(\"c\");\nlet s = \"sql!(x)\";\n\
                    let other = vec![1];\n";
        let mut macros = Macros::default();
        macros.read("a.rs", code);
        let at = |line| ("a.rs".to_owned(), line);
        assert_eq!(macros.sites(), BTreeMap::from([(at(4), 2), (at(6), 1)]));
        let made = |line| Statement { place: at(line), ..statement("x", "x") };
        let all = BTreeSet::from([made(4), Statement { sqlite: "y".to_owned(), ..made(4) }, made(6)]);
        assert_eq!(unrecorded(&macros.sites(), &all), [""; 0]);
        let fewer = BTreeSet::from([made(4), made(6)]);
        assert_eq!(unrecorded(&macros.sites(), &fewer), ["a.rs:4"]);
        assert_eq!(unrecorded(&macros.sites(), &BTreeSet::new()), ["a.rs:4", "a.rs:6"]);
    }
}
