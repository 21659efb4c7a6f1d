//! The structure, held by a test: who may import whom, and where SQL and HTTP may stand.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const SLICES: [&str; 16] = [
    "accounts",
    "sign_in",
    "members",
    "groups",
    "locations",
    "invitations",
    "cases",
    "plans",
    "licenses",
    "billing",
    "handouts",
    "user_groups",
    "requests",
    "clients",
    "client_groups",
    "notes",
];
const BELOW: [&str; 18] = [
    "access",
    "db",
    "audit",
    "jobs",
    "web",
    "config",
    "clock",
    "id",
    "error",
    "random",
    "text",
    "passwords",
    "pdf",
    "blobs",
    "money",
    "payments",
    "prices",
    "lib",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

struct Source {
    /// Below `src`, with slashes.
    name: String,
    /// Without comments and unit tests.
    code: String,
}

impl Source {
    fn top(&self) -> &str {
        self.name.split('/').next().unwrap().trim_end_matches(".rs")
    }
}

fn all() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
        let code =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        Source { name: path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/"), code }
    };
    sources(&root).into_iter().map(read).collect()
}

/// The paths below `crate::` that a file names, with braces resolved.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let flat = code.split_whitespace().collect::<Vec<_>>().join(" ");
    for at in flat.match_indices("crate::").map(|(at, _)| at + "crate::".len()) {
        if flat[..at].ends_with("$crate::") {
            continue;
        }
        expand("", &flat[at..], &mut found);
    }
    found
}

fn expand(prefix: &str, rest: &str, found: &mut BTreeSet<String>) {
    let Some(group) = rest.strip_prefix('{') else {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
        let path = rest[..end].trim_end_matches(':');
        if rest[end..].starts_with('{') && rest[..end].ends_with("::") {
            expand(&format!("{prefix}{path}::"), &rest[end..], found);
        } else {
            found.insert(format!("{prefix}{path}"));
        }
        return;
    };
    let (mut depth, mut start) = (0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                expand(prefix, group[start..at].trim(), found);
                return;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(prefix, group[start..at].trim(), found);
                start = at + 1;
            }
            _ => {}
        }
    }
}

#[test]
fn what_lies_below_the_slices_never_imports_one() {
    for source in all().iter().filter(|source| BELOW.contains(&source.top()) && source.name != "lib.rs") {
        for import in imports(&source.code) {
            let top = import.split("::").next().unwrap();
            assert!(
                !SLICES.contains(&top) && !["app", "routes", "cli"].contains(&top),
                "{} imports {import}",
                source.name
            );
        }
    }
}

#[test]
fn a_slice_uses_another_through_its_front_only() {
    for source in all().iter().filter(|source| SLICES.contains(&source.top())) {
        for import in imports(&source.code) {
            let parts = import.split("::").collect::<Vec<_>>();
            let other = SLICES.contains(&parts[0]) && parts[0] != source.top();
            assert!(!(other && parts.get(1) == Some(&"store")), "{} reaches into {import}", source.name);
            assert!(!["app", "routes", "cli"].contains(&parts[0]), "{} imports {import}", source.name);
        }
    }
}

#[test]
fn every_folder_is_a_known_slice_or_lies_below_them() {
    for source in all() {
        let known = SLICES.contains(&source.top())
            || BELOW.contains(&source.top())
            || ["app", "routes", "health", "cli", "main"].contains(&source.top());
        assert!(known, "{} is new: say in tests/layout.rs where it belongs", source.name);
    }
}

#[test]
fn sql_stands_in_stores_and_in_the_storage_layer_only() {
    for source in all() {
        let allowed = source.name.ends_with("/store.rs") || ["db", "jobs", "audit"].contains(&source.top());
        assert!(allowed || !source.code.contains("sql!("), "{} has SQL", source.name);
        for word in ["SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM"] {
            assert!(
                allowed || !source.code.contains(&format!("\"{word}")),
                "{} has SQL: {word}",
                source.name
            );
        }
    }
}

#[test]
fn http_stands_at_the_edge_only() {
    for source in all() {
        let file = source.name.rsplit('/').next().unwrap();
        let allowed = source.top() == "web"
            || ["app.rs", "routes.rs", "health.rs", "api.rs", "pages.rs"].contains(&file);
        assert!(allowed || !source.code.contains("axum"), "{} speaks HTTP", source.name);
    }
}

#[test]
fn time_and_chance_are_asked_of_the_state_only() {
    for source in all().iter().filter(|source| !["clock.rs", "random.rs"].contains(&source.name.as_str())) {
        for word in ["SystemTime::now", "Timestamp::now", "Zoned::now", "rand::rng", "Instant::now"] {
            assert!(!source.code.contains(word), "{} uses {word}", source.name);
        }
    }
}
