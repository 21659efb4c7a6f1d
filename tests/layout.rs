//! The structure, held by a test: the order of crates, no circles between slices, one front for each slice, and
//! where HTTP and SQL may stand. Each rule has a control: something small that breaks it.

pub mod names;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path as Folder,
    sync::LazyLock,
};

use names::{Module, Names, Path, names};

/// The crates by floors. A crate may use those of lower floors only, so those of one floor never name each other.
const FLOORS: [(&str, u8); 14] = [
    ("kernel", 0),
    ("storage", 1),
    ("pdf", 1),
    ("tables", 1),
    ("platform", 2),
    ("access", 3),
    ("web", 4),
    ("people", 5),
    ("billing", 6),
    ("care", 6),
    ("developers", 6),
    ("messaging", 6),
    ("workflows", 7),
    ("covey", 8),
];

/// Crates of one piece: their modules are no slices and may lean on each other.
const OF_ONE_PIECE: [(&str, &str); 5] = [
    ("access", "proofs, roles and their store are one thing"),
    ("pdf", "the document and how it is drawn are one thing"),
    ("storage", "the engines, the transaction and its values are one thing"),
    ("tables", "the reader and the formats that it reads are one thing"),
    ("web", "the state, who may, and the pages that show it are one thing"),
];

/// Files that speak HTTP and are neither `api.rs`, `pages.rs` nor `routes.rs`.
const SPEAK_HTTP: [(&str, &str); 7] = [
    ("covey/serving/mod.rs", "the loop that serves connections"),
    ("covey/serving/socket.rs", "an answer's body, on its way out"),
    ("care/clients/import/upload.rs", "how a file of clients comes in, for JSON and HTML"),
    ("people/invitations/import/upload.rs", "how a file of people comes in, for JSON and HTML"),
    ("workflows/find/looking.rs", "from where someone searches, for JSON and HTML"),
    ("workflows/directory/account.rs", "the pages of the Users table, of an account"),
    ("workflows/directory/group.rs", "the pages of the Users table, of a group"),
];

/// Where a deadline is measured, which no date is: it goes on when the clock is set.
const WAIT: [(&str, &str); 3] = [
    ("web/body.rs", "how long a body takes"),
    ("covey/serving/mod.rs", "how long a connection is silent"),
    ("covey/serving/socket.rs", "since when a connection is silent"),
];

/// What JSON and HTML, or the edges of two slices, have in common.
const EDGES_SHARE: [(&str, &str); 9] = [
    ("people::sign_in::api::from", "what is known of the browser that signs in"),
    ("people::sign_in::api::with_cookie", "how an answer carries a new session"),
    ("people::sign_in::api::session_cookies", "how an answer in JSON carries a new session"),
    ("people::sign_in::api::with_device", "how an answer marks a browser as known"),
    ("people::sign_in::api::note_sign_up", "a sign-up takes several transactions"),
    ("people::sign_in::pages::dead_link", "one page for all links that are no longer good"),
    ("people::members::pages::page_of", "the page that a button of the Users table stood on"),
    ("people::members::pages::users_path", "where the Users table is"),
    ("workflows::acceptance::api::acceptance", "who accepts is told from the session"),
];

struct Source {
    module: Module,
    /// Below `src`, with slashes.
    file: String,
    /// Without unit tests.
    code: String,
    names: Names,
}

impl Source {
    fn slice(&self) -> &str {
        self.module.path.first().map_or("lib", String::as_str)
    }

    fn label(&self) -> String {
        format!("{}/{}", self.module.krate, self.file)
    }

    fn is_named(&self, names: &[&str]) -> bool {
        let last = self.file.rsplit('/').next().unwrap().trim_end_matches(".rs");
        names.contains(&last) || self.file.split('/').rev().skip(1).any(|folder| names.contains(&folder))
    }
}

static BUILT: LazyLock<House> = LazyLock::new(House::built);

/// All sources, and what is in them.
struct House {
    sources: Vec<Source>,
    modules: BTreeSet<Path>,
    /// What crates' roots hand on, by its path there.
    gives: BTreeMap<Path, Path>,
}

impl House {
    /// Of files by crate, name below `src`, and text.
    fn of(files: Vec<(String, String, String)>) -> Self {
        let module = |krate: &str, file: &str| {
            let mut path = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect::<Vec<_>>();
            if matches!(path.last().unwrap().as_str(), "mod" | "lib") {
                path.pop();
            }
            Module { krate: krate.to_owned(), path }
        };
        let mut modules = BTreeSet::new();
        for (krate, file, _) in &files {
            let path = module(krate, file).path;
            for depth in 1..=path.len() {
                modules.insert([std::slice::from_ref(krate), &path[..depth]].concat());
            }
        }
        let (mut sources, mut gives) = (Vec::new(), BTreeMap::new());
        for (krate, file, text) in files {
            let module = module(&krate, &file);
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
            let names = names(&module, &code, &modules);
            let here = |name: &String| vec![krate.clone(), name.clone()];
            if module.path.is_empty() {
                gives.extend(names.gives.iter().map(|(name, meant)| (here(name), meant.clone())));
            }
            sources.push(Source { module, file, code, names });
        }
        Self { sources, modules, gives }
    }

    fn built() -> Self {
        let root = Folder::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        for (krate, _) in FLOORS {
            let below =
                if krate == "covey" { root.join("src") } else { root.join("crates").join(krate).join("src") };
            for (file, text) in sources(&below, "") {
                files.push((krate.to_owned(), file, text));
            }
        }
        Self::of(files)
    }

    /// What a source names, through what crates' roots hand on.
    fn needs<'a>(&'a self, source: &'a Source) -> impl Iterator<Item = Path> + 'a {
        source.names.needs.iter().map(|path| {
            let given = self
                .gives
                .iter()
                .find(|(given, _)| path.starts_with(given) && !self.modules.contains(*given));
            given.map_or_else(|| path.clone(), |(given, meant)| [meant, &path[given.len()..]].concat())
        })
    }

    /// Which slice of a crate a path leads into: `lib` for what its root holds itself.
    fn slice_of(&self, path: &Path) -> String {
        match path.get(..2) {
            Some(front) if self.modules.contains(front) => path[1].clone(),
            _ => "lib".to_owned(),
        }
    }

    /// Circles between the slices of a crate.
    fn circles(&self) -> Vec<String> {
        let mut edges: BTreeMap<(String, String), BTreeMap<String, String>> = BTreeMap::new();
        for source in &self.sources {
            let (krate, slice) = (source.module.krate.clone(), source.slice().to_owned());
            for path in self.needs(source).filter(|path| path[0] == krate && path.len() > 1) {
                let other = self.slice_of(&path);
                if other != slice && !OF_ONE_PIECE.iter().any(|(known, _)| *known == krate) {
                    let why = format!("{} names {}", source.label(), path.join("::"));
                    edges.entry((krate.clone(), slice.clone())).or_default().entry(other).or_insert(why);
                }
            }
        }
        let mut found = Vec::new();
        for ((krate, slice), others) in &edges {
            for (other, why) in others {
                // Each circle is told once, from its first slice by name.
                if let Some(back) = way(&edges, krate, other, slice)
                    && back.iter().all(|(from, _)| from >= slice)
                {
                    let back = back.iter().map(|(_, why)| why.as_str());
                    let steps = std::iter::once(why.as_str()).chain(back).collect::<Vec<_>>();
                    found.push(format!("{krate} goes in a circle: {}", steps.join("; ")));
                }
            }
        }
        found
    }

    /// Paths past the front of another slice.
    fn reaches(&self) -> Vec<String> {
        let mut found = Vec::new();
        for source in &self.sources {
            for path in self.needs(source) {
                let own = path[0] == source.module.krate;
                let known = FLOORS.iter().any(|(krate, _)| *krate == path[0]);
                let slice = self.slice_of(&path);
                if !known || slice == "lib" || (own && slice == source.slice()) || path.len() < 3 {
                    continue;
                }
                if !self.open(&path) || (edge(&path[2]) && !may_use_edge(source, &path) && !shared(&path)) {
                    found.push(format!("{} reaches into {}", source.label(), path.join("::")));
                }
            }
        }
        found
    }

    /// Whether every module on a path is opened by the one above it.
    fn open(&self, path: &Path) -> bool {
        (3..=path.len()).take_while(|depth| self.modules.contains(&path[..*depth])).all(|depth| {
            let above = &path[..depth - 1];
            let mut fronts = self
                .sources
                .iter()
                .filter(|source| source.module.krate == above[0] && source.module.path == above[1..]);
            let word = format!("mod {};", path[depth - 1]);
            let opened = |front: &Source| {
                front.code.match_indices(&word).any(|(at, _)| {
                    let before = front.code[..at].trim_end();
                    before.ends_with("pub") || before.ends_with("pub(crate)")
                })
            };
            // A function may be handed on that is called like its module.
            let handed_on =
                |front: &Source| depth == path.len() && front.names.gives.contains_key(&path[depth - 1]);
            path[depth - 1] != "store" && fronts.any(|front| opened(front) || handed_on(front))
        })
    }

    /// HTTP where none belongs, and pages that call the API.
    fn http(&self) -> Vec<String> {
        let mut found = Vec::new();
        for source in &self.sources {
            let allowed = source.module.krate == "web"
                || source.is_named(&["api", "pages", "routes"])
                || (source.module.krate == "workflows" && source.slice() == "shell")
                || (source.module.krate == "covey" && ["app", "health", "demo"].contains(&source.slice()))
                || SPEAK_HTTP.iter().any(|(file, _)| *file == source.label());
            let mut needs = self.needs(source);
            let http = needs.find(|path| !allowed && is_http(path));
            found.extend(http.map(|path| format!("{} speaks HTTP: {}", source.label(), path.join("::"))));
            let calls = self.needs(source).filter(|path| source.is_named(&["pages"]) && calls_api(path));
            found.extend(calls.map(|path| format!("{} calls the API: {}", source.label(), path.join("::"))));
        }
        found
    }

    /// SQL outside of stores.
    fn sql(&self) -> Vec<String> {
        let outside = |source: &&Source| source.module.krate != "storage" && !source.is_named(&["store"]);
        let sql = |source: &Source| {
            let words = ["sql!(", "\"SELECT ", "\"INSERT INTO", "\"UPDATE ", "\"DELETE FROM"];
            let word = words.into_iter().find(|word| source.code.contains(word))?;
            Some(format!("{} has SQL: {word}", source.label()))
        };
        self.sources.iter().filter(outside).filter_map(sql).collect()
    }

    /// Time and chance that are not asked of the state.
    fn chance(&self) -> Vec<String> {
        let outside = |source: &&Source| {
            source.module.krate != "kernel" || !["clock", "random"].contains(&source.slice())
        };
        let asked = |source: &Source| {
            let words = ["SystemTime::now", "Timestamp::now", "Zoned::now", "rand::rng", "Instant::now"];
            let waits = WAIT.iter().any(|(file, _)| *file == source.label());
            let allowed = |word: &&str| waits && *word == "Instant::now";
            let word =
                words.into_iter().filter(|word| !allowed(word)).find(|word| source.code.contains(word))?;
            Some(format!("{} uses {word}", source.label()))
        };
        self.sources.iter().filter(outside).filter_map(asked).collect()
    }
}

fn sources(folder: &Folder, prefix: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            found.extend(sources(&path, &format!("{name}/")));
        } else if name.ends_with(".rs") {
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    found
}

type Edges = BTreeMap<(String, String), BTreeMap<String, String>>;

/// A shortest way from one slice to another: each step's slice, and why it is one.
fn way(edges: &Edges, krate: &str, from: &str, to: &str) -> Option<Vec<(String, String)>> {
    let mut ways = BTreeMap::from([(from.to_owned(), Vec::new())]);
    let mut next = vec![from.to_owned()];
    while !next.is_empty() {
        let mut after = Vec::new();
        for slice in next {
            if slice == to {
                return ways.remove(to);
            }
            for (other, why) in edges.get(&(krate.to_owned(), slice.clone())).into_iter().flatten() {
                if !ways.contains_key(other) {
                    let way = [&ways[&slice][..], &[(slice.clone(), why.clone())]].concat();
                    ways.insert(other.clone(), way);
                    after.push(other.clone());
                }
            }
        }
        next = after;
    }
    None
}

fn edge(module: &str) -> bool {
    ["api", "pages"].contains(&module)
}

/// The routes name handlers; JSON and HTML of one slice may show what those of another show.
fn may_use_edge(source: &Source, path: &Path) -> bool {
    source.slice() == "routes"
        || (source.is_named(&["api", "pages"]) && path.get(3).is_some_and(|name| is_type(name)))
}

fn is_http(path: &Path) -> bool {
    ["web", "axum"].contains(&path[0].as_str())
}

/// Whether a path names a function of an `api.rs`.
fn calls_api(path: &Path) -> bool {
    let at = path.iter().position(|part| part == "api");
    let name = at.and_then(|at| path.get(at + 1));
    name.is_some_and(|name| !is_type(name)) && !shared(path)
}

fn shared(path: &Path) -> bool {
    EDGES_SHARE.iter().any(|(known, _)| *known == path.join("::"))
}

fn is_type(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

/// Dependencies that don't lead down, out of the crates' manifests.
fn upward(manifests: &[(String, String)]) -> Vec<String> {
    let floor = |name: &str| FLOORS.iter().find(|(krate, _)| *krate == name).map(|(_, floor)| *floor);
    let mut found = Vec::new();
    for (krate, manifest) in manifests {
        let Some(own) = floor(krate) else {
            found.push(format!("{krate} is new: say in tests/layout.rs on which floor it is"));
            continue;
        };
        for name in dependencies(manifest) {
            if floor(&name).is_some_and(|other| other >= own) {
                found.push(format!("{krate} depends on {name}"));
            }
        }
    }
    found
}

/// What a manifest names in any of its tables of dependencies.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut table = String::new();
    let mut found = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            line.trim_matches(['[', ']']).clone_into(&mut table);
            if let Some((_, name)) = table.split_once("dependencies.") {
                found.push(name.to_owned());
            }
        } else if table.ends_with("dependencies") && table != "workspace.dependencies" {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            found.extend((!name.is_empty() && !name.starts_with('#')).then(|| name.to_owned()));
        }
    }
    found
}

fn manifests() -> Vec<(String, String)> {
    let root = Folder::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![("covey".to_owned(), fs::read_to_string(root.join("Cargo.toml")).unwrap())];
    for entry in fs::read_dir(root.join("crates")).unwrap() {
        let entry = entry.unwrap();
        let text = fs::read_to_string(entry.path().join("Cargo.toml")).unwrap();
        found.push((entry.file_name().to_string_lossy().into_owned(), text));
    }
    found
}

#[track_caller]
fn none(found: Vec<String>) {
    assert!(found.is_empty(), "{} found:\n  {}", found.len(), found.join("\n  "));
}

#[test]
fn crates_use_those_below_them_only() {
    none(upward(&manifests()));
}

#[test]
fn slices_never_form_a_circle() {
    none(BUILT.circles());
}

#[test]
fn a_slice_is_entered_by_its_front() {
    none(BUILT.reaches());
}

#[test]
fn http_stands_at_the_edge_only() {
    none(BUILT.http());
}

#[test]
fn every_exception_is_still_one() {
    for (file, _) in SPEAK_HTTP {
        let mut files = BUILT.sources.iter().filter(|source| source.label() == file);
        let speaks = |source: &Source| BUILT.needs(source).any(|path| is_http(&path));
        assert!(files.any(speaks), "{file} needs no exception");
    }
    for (file, _) in WAIT {
        let mut files = BUILT.sources.iter().filter(|source| source.label() == file);
        assert!(files.any(|source| source.code.contains("Instant::now")), "{file} needs no exception");
    }
    let named = BUILT.sources.iter().flat_map(|source| BUILT.needs(source).map(|path| path.join("::")));
    let named = named.collect::<BTreeSet<_>>();
    for (shared, _) in EDGES_SHARE {
        assert!(named.contains(shared), "{shared} needs no exception");
    }
}

#[test]
fn sql_stands_in_stores_and_in_the_storage_layer_only() {
    none(BUILT.sql());
}

#[test]
fn time_and_chance_are_asked_of_the_state_only() {
    none(BUILT.chance());
}

/// Controls: each breaks one rule, and is caught.
mod controls {
    use super::{House, upward};

    fn house(files: &[(&str, &str, &str)]) -> House {
        let owned = |(krate, file, text): &(&str, &str, &str)| {
            ((*krate).to_owned(), (*file).to_owned(), (*text).to_owned())
        };
        House::of(files.iter().map(owned).collect())
    }

    /// A sound house of two slices, with these files added.
    fn with<'a>(more: &[(&'a str, &'a str, &'a str)]) -> House {
        let sound = [
            ("people", "lib.rs", "pub mod groups; pub mod members; pub use groups::Group;"),
            ("people", "groups/mod.rs", "pub mod actions; pub mod api; mod store; pub use store::Group;"),
            ("people", "groups/store.rs", "use storage::sql; pub async fn all() { sql!(\"SELECT 1\") }"),
            ("people", "groups/actions.rs", "use crate::groups::store; // crate::members::store"),
            ("people", "groups/api.rs", "use web::May; use crate::groups::actions; pub struct Shown;"),
            ("people", "members/mod.rs", "pub mod actions; pub mod pages;"),
            ("people", "members/pages.rs", "use crate::groups::{self, api::Shown, actions};"),
        ];
        house(&[&sound, more].concat())
    }

    #[track_caller]
    fn one(found: &[String], text: &str) {
        assert!(found.len() == 1 && found[0].contains(text), "{found:#?}");
    }

    #[test]
    fn a_sound_house_has_no_faults() {
        let house = with(&[]);
        for found in [house.circles(), house.reaches(), house.http(), house.sql(), house.chance()] {
            assert!(found.is_empty(), "{found:#?}");
        }
    }

    #[test]
    fn circles_are_found_however_they_are_written() {
        for code in [
            "use crate::members::actions;",
            "use crate::{groups::store::Group, members::{self as people, actions}};",
            "fn f() { crate::members::actions::add() }",
            "fn f() { super::super::members::actions::add() }",
            "use crate::members; fn f() { members::actions::add() }",
            "/* fine */ fn f<'a>(c: &'a char) -> bool { *c == '\"' && crate::members::actions::is(c) }",
        ] {
            let house = with(&[("people", "groups/steps.rs", code)]);
            one(&house.circles(), "people goes in a circle: people/groups/steps.rs names people::members");
        }
        let text = "// crate::members\n/// crate::members::actions\nconst A: &str = \"crate::members::x\"; const B: &str = \
                    r#\"crate::members::y\"#;";
        assert!(with(&[("people", "groups/steps.rs", text)]).circles().is_empty());
    }

    #[test]
    fn a_circle_of_three_is_told_step_by_step_and_once() {
        let house = house(&[
            ("care", "lib.rs", "pub mod a; pub mod b; pub mod c;"),
            ("care", "a/mod.rs", "use crate::b::B;"),
            ("care", "b/mod.rs", "use crate::c::C;"),
            ("care", "c/mod.rs", "use crate::a::A;"),
        ]);
        let steps =
            "care/a/mod.rs names care::b::B; care/b/mod.rs names care::c::C; care/c/mod.rs names care::a::A";
        one(&house.circles(), steps);
    }

    #[test]
    fn a_circle_through_a_crates_root_is_found() {
        let handed_on = [("people", "groups/steps.rs", "use crate::Group;")];
        assert!(with(&handed_on).circles().is_empty(), "what is handed on is the slice's own");
        let house = house(&[
            ("billing", "lib.rs", "pub mod quotes; pub fn f() { quotes::make() }"),
            ("billing", "quotes/mod.rs", "use crate::f;"),
        ]);
        one(
            &house.circles(),
            "billing/lib.rs names billing::quotes::make; billing/quotes/mod.rs names billing::f",
        );
    }

    #[test]
    fn paths_past_a_front_are_found() {
        for (krate, code) in [
            ("people", "use crate::groups::store::Group;"),
            ("people", "use crate::groups; fn f() { groups::store::all() }"),
            ("people", "fn f() { crate::groups::api::show() }"),
            ("care", "use people::groups::store;"),
            ("care", "use people::{groups::{Group, store::all}};"),
        ] {
            let house = with(&[(krate, "members/actions.rs", code)]);
            one(&house.reaches(), "members/actions.rs reaches into people::groups::");
        }
        let routes =
            with(&[("people", "routes.rs", "use crate::groups::api as groups; fn f() { groups::show() }")]);
        assert!(routes.reaches().is_empty());
    }

    #[test]
    fn http_inside_is_found() {
        for code in ["use axum::Json;", "fn f() -> web::Page { }", "use web::{page, May};"] {
            let found = with(&[("people", "groups/actions.rs", code)]).http();
            assert!(
                found.iter().any(|found| found.contains("people/groups/actions.rs speaks HTTP")),
                "{found:#?}"
            );
        }
        let pages = with(&[("people", "groups/pages.rs", "use crate::groups::api; fn f() { api::show() }")]);
        one(&pages.http(), "people/groups/pages.rs calls the API: people::groups::api::show");
    }

    #[test]
    fn sql_outside_of_stores_is_found() {
        for code in ["fn f() { sql!(\"VALUES (1)\") }", "const A: &str = \"SELECT 1\";"] {
            one(&with(&[("people", "members/actions.rs", code)]).sql(), "people/members/actions.rs has SQL");
        }
    }

    #[test]
    fn clocks_of_ones_own_are_found() {
        let house = with(&[("people", "members/actions.rs", "fn f() { std::time::Instant::now() }")]);
        one(&house.chance(), "people/members/actions.rs uses Instant::now");
    }

    #[test]
    fn dependencies_that_lead_up_or_aside_are_found() {
        let manifest = |krate: &str, text: &str| vec![(krate.to_owned(), text.to_owned())];
        let fine =
            "[package]\nname = \"care\"\n[dependencies]\n# web\npeople.workspace = true\nserde = \"1\"\n";
        assert!(upward(&manifest("care", fine)).is_empty());
        one(
            &upward(&manifest("care", &format!("{fine}billing.workspace = true"))),
            "care depends on billing",
        );
        one(
            &upward(&manifest("web", &format!("{fine}\n[dev-dependencies]\nkernel = {{ }}"))),
            "web depends on people",
        );
        one(
            &upward(&manifest("kernel", "[dependencies.storage]\nworkspace = true")),
            "kernel depends on storage",
        );
        one(
            &upward(&manifest("people", "[dependencies]\nworkflows = { path = \"..\" }")),
            "people depends on workflows",
        );
        one(&upward(&manifest("new", "")), "new is new");
    }
}
