//! The API document is a contract: what it says is what happens, and the tools of the field take it.
//!
//! The tools are others' programs, which `scripts/test` installs: schemathesis, Redocly and Spectral, and two that
//! generate clients.

use std::{
    fmt::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use access::Access;
use axum::http::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    matrix::{ELSEWHERE, Template},
    support::{
        As, Engine, PASSWORD, Server, World,
        specs::{self, Extras},
    },
};

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract").join(name)
}

fn tool(name: &str) -> PathBuf {
    let tools =
        std::env::var("TEST_TOOLS").expect("run scripts/test: it installs what checks the API document");
    Path::new(&tools).join(name)
}

/// Runs a program to its end and gives what it said; fails with that where it fails.
fn run(command: &mut Command, what: &str) -> String {
    let (fine, said) = heard(command, what);
    assert!(fine, "{what} failed:\n{said}");
    said
}

/// Runs a program to its end; gives whether it succeeded, and what it said.
fn heard(command: &mut Command, what: &str) -> (bool, String) {
    // The server that it speaks to goes on, on the other threads.
    let output = tokio::task::block_in_place(|| command.stdin(Stdio::null()).output());
    let output = output.unwrap_or_else(|error| panic!("{what}: {error}"));
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), said)
}

async fn document(server: &Server, folder: &Path) -> PathBuf {
    let text = server.anonymous().get("/api/openapi.json").await.text;
    let file = folder.join("openapi.json");
    std::fs::write(&file, text).unwrap();
    file
}

/// Serves a world on a port of its own.
async fn serve(server: &Server) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = server.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    format!("http://{address}")
}

/// Every route's own success, in a world of its own where it changes something.
#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_as_the_document_says() {
    let template = Template::make(Engine::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let file = document(&template.0.server, folder.path()).await;
    let mut lines = String::new();
    let mut world = template.fresh("").await;
    for route in covey::routes::all() {
        if !route.path.starts_with("/api/v1/") || ELSEWHERE.contains(&route.path) {
            continue;
        }
        let apart = route.method != Method::GET || route.path.contains("/me/invitations/");
        if apart {
            world = template.fresh(route.path).await;
        }
        let spec = specs::spec(&route, &world, &template.1);
        let reply = specs::send(&world.client(spec.by).await, &route.method, &spec).await;
        assert!(reply.status.is_success(), "{} {}: {}", route.method, route.path, reply.text);
        let headers =
            reply.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("")));
        let media =
            reply.headers.get("content-type").and_then(|media| media.to_str().ok()).unwrap_or_default();
        // JSON lines are checked each by itself.
        let body = match media.starts_with("application/x-ndjson") {
            true => reply.text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect(),
            false => reply.json.clone(),
        };
        let line = json!({
            "id": route.id,
            "status": reply.status.as_u16(),
            "media": media.split(';').next(),
            "headers": headers.collect::<std::collections::BTreeMap<_, _>>(),
            "body": body,
        });
        writeln!(lines, "{line}").unwrap();
        if apart {
            world = template.fresh("").await;
        }
    }
    let answers = folder.path().join("answers.jsonl");
    std::fs::write(&answers, lines).unwrap();
    let mut check = Command::new(tool("python/bin/python"));
    run(check.arg(here("check.py")).arg(&file).arg(&answers), "the check of the answers");
}

/// What is created says where it is, in which version, and both are true.
#[tokio::test]
async fn what_is_created_is_where_its_location_says() {
    let template = Template::make(Engine::Sqlite).await;
    let mut found = Vec::new();
    for route in covey::routes::all() {
        let creates = route.notes.replies.iter().any(|reply| reply.status == 201);
        if !creates || route.method != Method::POST || ELSEWHERE.contains(&route.path) {
            continue;
        }
        let world = template.fresh(route.path).await;
        let spec = specs::spec(&route, &world, &template.1);
        let client = world.client(spec.by).await;
        let made = specs::send(&client, &route.method, &spec).await;
        let Some(place) = made.headers.get("location") else { continue };
        let place = place.to_str().unwrap().to_owned();
        let id = made.json["id"].as_str().unwrap();
        assert!(place.ends_with(id), "{} says {place}", route.path);
        let got = client.get(&place).await;
        // Some can be changed there and are read in their list alone.
        assert!(got.status.is_success() || got.status == 405, "{place}: {}", got.text);
        if let Some(tag) = made.headers.get("etag").filter(|_| got.status.is_success()) {
            let version =
                |tag: &axum::http::HeaderValue| tag.to_str().unwrap().split('-').next().unwrap().to_owned();
            assert_eq!(version(tag), version(&got.headers["etag"]), "{}", route.path);
        }
        found.push(route.id);
    }
    assert!(found.len() > 10, "{found:?}");
    assert!(found.contains(&"createCase"), "{found:?}");
}

/// The ids of a world for the parts of paths.
fn parts(world: &World, extras: &Extras) -> String {
    let mut lines = String::new();
    for part in web::example::PARTS {
        if let Some(id) = specs::part(part, world, extras) {
            writeln!(lines, "\"path.{part}\" = \"{id}\"").unwrap();
        }
    }
    lines
}

/// What ends the session, the account or the membership that the run needs.
const ENDS: [&str; 8] = [
    "signOut",
    "endSession",
    "closeAccount",
    "leaveGroup",
    "removeMember",
    "removeGroupMember",
    "changePassword",
    "acceptOwnership",
];

/// Runs schemathesis against a world of its own, as one of its people; gives whether it was content, and what it said.
async fn schemathesis(role: As, mode: &str, more: &[&str]) -> (bool, String) {
    let world = World::new(Engine::Sqlite).await;
    let extras = Extras::make(&world).await;
    world.server.leave_mail();
    let folder = tempfile::tempdir().unwrap();
    let file = document(&world.server, folder.path()).await;
    let base = serve(&world.server).await;
    let config = folder.path().join("schemathesis.toml");
    std::fs::write(&config, format!("[parameters]\n{}", parts(&world, &extras))).unwrap();
    let token = world.client(role).await.token.unwrap();
    let mut command = Command::new(tool("python/bin/st"));
    command.current_dir(folder.path()).arg("--config-file").arg(&config).arg("run").arg(&file);
    command.args(["--url", &format!("{base}/api/v1"), "--mode", mode]);
    command.args(["--workers", "1", "--seed", "1", "--no-color"]);
    command.args(["-H", &format!("Authorization: Bearer {token}")]);
    for operation in ENDS {
        command.args(["--exclude-operation-id", operation]);
    }
    heard(command.args(more), "schemathesis")
}

const CONFORMS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance";

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing_that_breaks_the_contract() {
    let few = ["--phases", "examples,fuzzing", "--max-examples", "4", "--checks", CONFORMS];
    for role in [As::Owner, As::GroupAdmin] {
        let (fine, said) = schemathesis(role, "positive", &few).await;
        assert!(fine, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_breaks_nothing_with_what_is_not_valid() {
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance";
    let few =
        ["--phases", "fuzzing", "--max-examples", "4", "--checks", checks, "--suppress-health-check", "all"];
    let (_, said) = schemathesis(As::Owner, "negative", &few).await;
    // Of an operation that takes nothing but ids, it can't make a request that is wrong.
    let errors = said.lines().filter_map(|line| line.trim().strip_prefix("🚫 ")?.split_once(':'));
    let errors = errors.map(|(kind, _)| kind).filter(|kind| *kind != "Schema Error").collect::<Vec<_>>();
    assert!(
        said.contains(" passed") && !said.contains(" FAILURES ") && errors.is_empty(),
        "{errors:?}\n{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_passes_the_linters_of_the_field() {
    let world = World::new(Engine::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let file = document(&world.server, folder.path()).await;
    let mut redocly = Command::new(tool("contract/node_modules/.bin/redocly"));
    redocly.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    redocly.arg("lint").arg(&file).arg("--config").arg(here("redocly.yaml")).arg("--format=stylish");
    let said = run(&mut redocly, "Redocly");
    assert!(said.contains("is valid") && !said.contains("You have"), "{said}");
    let mut spectral = Command::new(tool("contract/node_modules/.bin/spectral"));
    spectral.arg("lint").arg(&file).arg("--ruleset").arg(here("spectral.yaml")).arg("--fail-severity=warn");
    run(&mut spectral, "Spectral");
}

/// A world whose owner can sign in, served, with what the main job needs.
async fn at_work() -> (World, String, Vec<String>) {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let hash = world.server.app.passwords.hash(&kernel::turns::Flow::default(), PASSWORD).await.unwrap();
    let owner = world.owner;
    let set = async move |tx: &storage::Tx| people::users::set_password(tx, owner, &hash).await;
    world.server.db().write(set).await.unwrap();
    let base = serve(&world.server).await;
    let arguments = vec![
        base.clone(),
        "owner@riverside.test".to_owned(),
        PASSWORD.to_owned(),
        world.account.to_string(),
        world.protocol.to_string(),
    ];
    (world, base, arguments)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_typescript_client_does_the_main_job() {
    let (world, _, arguments) = at_work().await;
    let folder = tempfile::tempdir().unwrap();
    let file = document(&world.server, folder.path()).await;
    let modules = tool("contract/node_modules");
    std::os::unix::fs::symlink(&modules, folder.path().join("node_modules")).unwrap();
    let schema = folder.path().join("schema.d.ts");
    let mut generate = Command::new(modules.join(".bin/openapi-typescript"));
    run(generate.arg(&file).arg("-o").arg(&schema), "openapi-typescript");
    std::fs::copy(here("main_job.ts"), folder.path().join("main_job.ts")).unwrap();
    std::fs::write(folder.path().join("package.json"), r#"{"type":"module"}"#).unwrap();
    let mut compile = Command::new(modules.join(".bin/tsc"));
    compile.current_dir(folder.path()).args(["--strict", "--noUncheckedIndexedAccess", "--target", "es2022"]);
    compile.args(["--module", "nodenext", "--moduleResolution", "nodenext", "--skipLibCheck", "false"]);
    compile.args(["--lib", "es2022,dom,dom.iterable", "--types", "node", "main_job.ts"]);
    run(&mut compile, "tsc");
    let mut job = Command::new("node");
    let said = run(job.arg(folder.path().join("main_job.js")).args(&arguments), "the TypeScript client");
    assert!(said.contains("Juno is open in Willow Bend"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_python_client_does_the_main_job() {
    let (world, _, arguments) = at_work().await;
    let folder = tempfile::tempdir().unwrap();
    let file = document(&world.server, folder.path()).await;
    let mut generate = Command::new(tool("python/bin/openapi-python-client"));
    generate.arg("generate").arg("--path").arg(&file).args(["--meta", "none", "--output-path"]);
    let config = here("python_client.yaml");
    let path = tool("python/bin").display().to_string();
    generate.env("PATH", format!("{path}:{}", std::env::var("PATH").unwrap_or_default()));
    generate.arg(folder.path().join("covey_api_client")).arg("--config").arg(config);
    let said = run(&mut generate, "openapi-python-client");
    assert!(!said.contains("WARNING") && !said.contains("ERROR"), "{said}");
    let mut job = Command::new(tool("python/bin/python"));
    job.env("PYTHONPATH", folder.path()).arg(here("main_job.py")).args(&arguments);
    let said = run(&mut job, "the Python client");
    assert!(said.contains("Rex is open in Quail Run"), "{said}");
}

/// The tour of docs/API.md, as it is printed, by curl.
#[tokio::test(flavor = "multi_thread")]
async fn the_tour_of_the_documentation_is_true() {
    let (world, base, _) = at_work().await;
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/API.md")).unwrap();
    let tour = text.split("## A tour").nth(1).unwrap().split("```sh\n").nth(1).unwrap();
    let tour = tour.split("```").next().unwrap();
    let script = format!("set -eu\ncurl() {{ command curl --fail-with-body \"$@\"; echo; }}\n{tour}");
    let mut shell = Command::new("bash");
    shell
        .env("BASE", format!("{base}/api/v1"))
        .env("PASSWORD", PASSWORD)
        .env("EMAIL", "owner@riverside.test");
    let said = run(shell.arg("-c").arg(script), "the tour");
    assert!(said.contains("invited"), "{said}");
    assert!(world.server.count(storage::sql!("SELECT count(*) FROM cases")).await > 1);
}

/// Two types that are called alike would overwrite each other in the document; here they are found in the code, also
/// where they look alike by chance.
#[test]
fn no_two_types_have_one_name_in_the_document() {
    let mut known = std::collections::BTreeMap::<String, PathBuf>::new();
    let mut clashes = Vec::new();
    for file in super::routes::sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("crates")) {
        for name in described(&std::fs::read_to_string(&file).unwrap()) {
            if let Some(other) = known.insert(name.clone(), file.clone()).filter(|other| *other != file) {
                clashes.push(format!("{name}: {} and {}", other.display(), file.display()));
            }
        }
    }
    assert!(known.len() > 150, "{}", known.len());
    assert!(clashes.is_empty(), "{}", clashes.join("\n"));
}

/// The names in the document of the types in a file.
fn described(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut lines = code.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if !(line.starts_with("#[derive(") && line.contains("ToSchema")) {
            continue;
        }
        let mut called = None;
        for line in lines.by_ref() {
            if let Some(name) = line.split("schema(as = ").nth(1) {
                called = name.split(')').next().map(str::to_owned);
            }
            let declared = line.split_once("struct ").or(line.split_once("enum "));
            if let Some((_, name)) = declared.filter(|_| !line.starts_with("//") && !line.starts_with('#')) {
                let own = name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
                names.push(called.unwrap_or(own));
                break;
            }
        }
    }
    names
}

/// Every code of a problem that the code answers with is in the document's list, and the list has no other.
#[test]
fn the_codes_of_problems_are_listed() {
    let listed = web::openapi::CODES.iter().map(|code| code.code).collect::<std::collections::BTreeSet<_>>();
    let mut missing = Vec::new();
    for file in super::routes::sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("crates")) {
        if file.ends_with("migrate.rs") || file.ends_with("statements.rs") || file.ends_with("audit/key.rs") {
            continue;
        }
        let code = std::fs::read_to_string(&file).unwrap();
        for maker in ["conflict(", "forbidden(", "unauthenticated_because("] {
            for rest in code.split(maker).skip(1) {
                let Some(name) = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next())
                else {
                    continue;
                };
                if !listed.contains(name) && name != "password_needed" {
                    missing.push(format!("{name} in {}", file.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Who may not call hears that, whatever else is wrong.
#[tokio::test]
async fn whoever_is_not_signed_in_hears_that_first() {
    let template = Template::make(Engine::Sqlite).await;
    for route in covey::routes::all() {
        if !route.path.starts_with("/api/v1/") || route.access == Access::Public {
            continue;
        }
        let spec = specs::spec(&route, &template.0, &template.1);
        let path = format!("{}?nothing=of-that", spec.path.split('?').next().unwrap());
        let headers = [("content-type", "text/x-nonsense"), ("idempotency-key", "")];
        let anonymous = template.0.server.anonymous();
        let reply = anonymous.send(route.method.clone(), &path, &headers, "{".into()).await;
        assert_eq!(reply.status, 401, "{} {}: {}", route.method, route.path, reply.text);
    }
}

/// A parameter that there isn't is refused by its name.
#[tokio::test]
async fn an_unknown_parameter_is_refused_by_name() {
    let template = Template::make(Engine::Sqlite).await;
    for route in covey::routes::all() {
        if !route.path.starts_with("/api/v1/")
            || route.method != Method::GET
            || route.path.contains("{token}")
        {
            continue;
        }
        let spec = specs::spec(&route, &template.0, &template.1);
        let client = template.0.client(spec.by).await;
        let reply = client.get(&format!("{}?nothing=of-that", spec.path.split('?').next().unwrap())).await;
        assert_eq!(reply.status, 422, "{}: {}", route.path, reply.text);
        assert_eq!(reply.json["errors"][0]["field"], "nothing", "{}", route.path);
        assert_eq!(reply.json["errors"][0]["code"], "unknown_field", "{}", route.path);
    }
}

/// Every list is paged: it takes a limit and a cursor, and its pages join without a gap.
#[tokio::test]
async fn every_list_has_pages() {
    let template = Template::make(Engine::Sqlite).await;
    let (mut lists, mut followed) = (0, 0);
    for route in covey::routes::all() {
        let lists_it = route.id.starts_with("list") && !REPORTS.contains(&route.id);
        if !lists_it {
            continue;
        }
        let spec = specs::spec(&route, &template.0, &template.1);
        let client = template.0.client(spec.by).await;
        let path = spec.path.clone();
        let sign = if path.contains('?') { '&' } else { '?' };
        let all = client.get(&format!("{path}{sign}limit=100")).await;
        let whole = all.json["items"].as_array().unwrap_or_else(|| panic!("{path}: {}", all.text)).clone();
        assert_eq!(all.json["next_cursor"], Value::Null, "{path}");
        let mut pages = Vec::new();
        let mut cursor = None::<String>;
        loop {
            let at = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let page = client.get(&format!("{path}{sign}limit=1{at}")).await;
            pages.extend(
                page.json["items"].as_array().unwrap_or_else(|| panic!("{path}: {}", page.text)).clone(),
            );
            match page.json["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => break,
            }
        }
        assert_eq!(pages.len(), whole.len(), "{path}");
        (lists, followed) = (lists + 1, followed + usize::from(whole.len() > 1));
    }
    assert!(lists > 30 && followed > 10, "{lists} lists, {followed} of more than one item");
}

/// What is called a list and is a report on one thing: whole, with more than its items.
const REPORTS: [&str; 4] = ["listCaseAccess", "listClientAccess", "listDuplicateClients", "listEvents"];
