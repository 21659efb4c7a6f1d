//! Every reading of a record leaves a trace: in every route that shows one, before the answer leaves.

use axum::http::Method;
use covey::routes;
use kernel::clock::MINUTE;
use serde_json::Value;
use storage::sql;

use crate::support::{
    As, ENGINES, Engine, World,
    specs::{self, Extras},
};

/// Routes about clients, cases, notes, files and requests that open no single record, each with its reason.
const NO_RECORD: [(&str, &str); 48] = [
    ("/api/v1/groups/{group}/cases", "a list, to find a case by"),
    ("/g/{group}/cases", "a list, to find a case by"),
    ("/api/v1/cases", "a list, to find a case by"),
    ("/all/cases", "a list, to find a case by"),
    ("/a/{account}/cases", "a list, to find a case by; from the parent account it is an audit event"),
    ("/g/{group}/cases/new", "an empty form"),
    ("/api/v1/groups/{group}/clients", "a list, to find a client by"),
    ("/g/{group}/clients", "a list, to find a client by"),
    ("/g/{group}/clients/new", "an empty form"),
    ("/api/v1/groups/{group}/clients/duplicates", "a list, to find clients by who may be the same"),
    ("/g/{group}/clients/duplicates", "a list, to find clients by who may be the same"),
    ("/api/v1/groups/{group}/cases.csv", "the export is noted in its own transaction"),
    ("/api/v1/groups/{group}/cases.jsonl", "the export is noted in its own transaction"),
    ("/api/v1/groups/{group}/clients.jsonl", "the export is noted in its own transaction"),
    ("/g/{group}/cases.csv", "the export is noted in its own transaction"),
    ("/api/v1/groups/{group}/clients.csv", "the export is noted in its own transaction"),
    ("/g/{group}/clients.csv", "the export is noted in its own transaction"),
    ("/g/{group}/clients/import", "an empty form"),
    ("/api/v1/client-imports/{import}", "what is imported is no client yet, and its maker's alone"),
    ("/api/v1/client-imports/{import}/lines", "what is imported is no client yet, and its maker's alone"),
    (
        "/g/{group}/clients/imports/{import}/columns",
        "what is imported is no client yet, and its maker's alone",
    ),
    ("/g/{group}/clients/imports/{import}", "what is imported is no client yet, and its maker's alone"),
    ("/g/{group}/clients/imports/{import}/not-added.csv", "what was not added is no client"),
    ("/api/v1/groups/{group}/client-groups", "a list, to find a client group by"),
    ("/g/{group}/client-groups", "a list, to find a client group by"),
    ("/api/v1/cases/{case}/access-log", "who opened it; not what is in it"),
    ("/g/{group}/cases/{case}/access-log", "who opened it; not what is in it"),
    ("/api/v1/clients/{client}/access-log", "who opened it; not what is in it"),
    ("/g/{group}/clients/{client}/access-log", "who opened it; not what is in it"),
    ("/api/v1/accounts/{account}/requests", "a list, to find a request by"),
    ("/api/v1/accounts/{account}/requests/receivers", "user groups, no request"),
    ("/api/v1/accounts/{account}/requests/unread", "a count"),
    ("/api/v1/accounts/{account}/requests/settings", "the caller's own settings"),
    ("/a/{account}/requests", "a list, to find a request by"),
    ("/a/{account}/requests/new", "a form; what it is about is chosen from lists"),
    ("/a/{account}/requests/live", "a count"),
    ("/a/{account}/requests/settings", "the caller's own settings"),
    ("/api/v1/accounts/{account}/note-types", "settings, no note"),
    ("/a/{account}/invite/import", "people to be invited, no record of a client"),
    ("/g/{group}/invite/import", "people to be invited, no record of a client"),
    ("/a/{account}/note-types", "settings, no note"),
    ("/a/{account}/handouts/new", "no record of a client"),
    ("/api/v1/accounts/{account}/members/{user}/access-log", "who opened what; not what is in it"),
    ("/a/{account}/users/{user}/access-log", "who opened what; not what is in it"),
    ("/a/{account}/handouts/{handout}", "no record of a client"),
    ("/g/{group}", "a group's counts and lists"),
    ("/api/v1/find", "names, to find a record by; from the parent account they are an audit event"),
    ("/find", "names, to find a record by; from the parent account they are an audit event"),
];

/// Whether a path has to do with what the log is about.
fn about_records(path: &str) -> bool {
    let words = ["case", "client", "note", "file", "request", "chart", "animal", "import", "access-log"];
    let part = |part: &str| words.iter().any(|word| part.trim_matches(['{', '}']).starts_with(word));
    path.split('/').any(part)
}

#[test]
fn every_route_that_shows_a_record_opens_it_or_has_a_reason() {
    let mut missing = Vec::new();
    for route in routes::all() {
        let excused = NO_RECORD.iter().any(|(path, _)| *path == route.path);
        if route.method == Method::GET
            && about_records(route.path)
            && route.access.opens().is_none()
            && !excused
        {
            missing.push(route.path);
        }
    }
    assert_eq!(missing, Vec::<&str>::new());
    for (path, why) in NO_RECORD {
        assert!(
            !why.is_empty() && routes::all().iter().any(|route| route.path == path),
            "{path} is no route"
        );
    }
}

/// How often anything was opened so far.
async fn opened(world: &World) -> i64 {
    let app = &world.server.app;
    app.access_log().flush(&app.db).await.unwrap();
    world.server.count(sql!("SELECT CAST(COALESCE(sum(times), 0) AS BIGINT) FROM access_log")).await
}

#[tokio::test]
async fn every_route_that_opens_a_record_is_noted_when_it_is_called() {
    let world = World::new(Engine::Sqlite).await;
    let extras = Extras::make(&world).await;
    world.server.leave_mail();
    for route in routes::all() {
        if route.method != Method::GET {
            continue;
        }
        let excused = NO_RECORD.iter().any(|(path, _)| *path == route.path);
        if route.access.opens().is_none() && !excused {
            continue;
        }
        let spec = specs::spec(&route, &world, &extras);
        let client = world.client(spec.by).await;
        let before = opened(&world).await;
        let reply = specs::send(&client, &route.method, &spec).await;
        assert!(reply.status.is_success() || reply.status.is_redirection(), "{} {}", route.path, reply.text);
        let more = opened(&world).await - before;
        let export = ["cases.csv", "clients.csv", "cases.jsonl", "clients.jsonl"]
            .iter()
            .any(|end| route.path.ends_with(end));
        let expected = i64::from(route.access.opens().is_some() || export);
        assert_eq!(more, expected, "{} as {:?}", route.path, spec.by);
    }
}

#[tokio::test]
async fn the_first_opening_is_on_the_disk_with_its_answer_and_the_others_are_counted() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let member = world.client(As::Member).await;
        let path = format!("/api/v1/cases/{}", world.case);
        let rows = sql!("SELECT count(*) FROM access_log");
        let times = sql!("SELECT CAST(COALESCE(sum(times), 0) AS BIGINT) FROM access_log");
        assert_eq!(world.server.count(rows).await, 0);
        assert!(member.get(&path).await.status.is_success());
        assert_eq!(world.server.count(rows).await, 1, "{engine:?}: without any flush");
        for _ in 0..4 {
            member.get(&path).await;
        }
        assert_eq!(world.server.count(times).await, 1, "{engine:?}: repeated reading writes nothing");
        assert_eq!(opened(&world).await, 5);
        world.server.clock.advance(15 * MINUTE);
        member.get(&path).await;
        assert_eq!(world.server.count(rows).await, 2, "{engine:?}: another quarter of an hour");
        // What is remembered never stands for a right.
        let removed = format!("/api/v1/groups/{}/members/{}", world.group, world.member);
        assert!(world.client(As::Owner).await.delete(&removed).await.status.is_success());
        assert_eq!(member.get(&path).await.status.as_u16(), 404);
        assert_eq!(opened(&world).await, 6);
    }
}

#[tokio::test]
async fn what_can_not_be_noted_is_not_shown() {
    let world = World::new(Engine::Sqlite).await;
    world.server.db().write(async |tx| tx.exec(sql!("DROP TABLE access_log"), &[]).await).await.unwrap();
    let member = world.client(As::Member).await;
    let reply = member.get(&format!("/api/v1/cases/{}", world.case)).await;
    assert!(reply.status.is_server_error() && !reply.text.contains("Bella"), "{}", reply.text);
}

#[tokio::test]
async fn who_opened_what_is_told_by_record_by_client_and_by_person() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let extras = Extras::make(&world).await;
        world.server.leave_mail();
        let member = world.client(As::Member).await;
        for path in [
            format!("/api/v1/clients/{}", extras.client),
            format!("/g/{}/clients/{}/chart", world.group, extras.client),
            format!("/api/v1/notes/{}", extras.generated_note),
            format!("/api/v1/group-notes/{}", extras.group_note),
            format!("/api/v1/client-groups/{}", extras.client_group),
            format!("/api/v1/requests/{}", extras.request),
            format!("/api/v1/cases/{}", world.case),
            format!("/api/v1/files/{}", extras.file),
        ] {
            let reply = member.get(&path).await;
            assert!(reply.status.is_success(), "{path} {}", reply.text);
        }
        let admin = world.client(As::GroupAdmin).await;
        admin.get(&format!("/g/{}/clients.csv", world.group)).await;
        let kinds = async |path: String, by: &crate::support::Client| {
            let reply = by.get(&path).await;
            assert!(reply.status.is_success(), "{path} {}", reply.text);
            let items = reply.json["items"].as_array().unwrap().clone();
            let kind = |item: &Value| item["record"].as_str().unwrap().to_owned();
            items.iter().map(kind).collect::<std::collections::BTreeSet<_>>()
        };
        let of_client =
            kinds(format!("/api/v1/clients/{}/access-log?limit=100", extras.client), &admin).await;
        for kind in ["client", "chart", "note", "group_note", "client_group", "request", "client_export"] {
            assert!(of_client.contains(kind), "{engine:?}: {kind} is missing from {of_client:?}");
        }
        let of_other =
            kinds(format!("/api/v1/clients/{}/access-log?limit=100", extras.other_client), &admin).await;
        assert!(!of_other.contains("chart") && !of_other.contains("client_group"), "{of_other:?}");
        let of_case = kinds(format!("/api/v1/cases/{}/access-log?limit=100", world.case), &admin).await;
        assert!(of_case.contains("case") && of_case.contains("file"), "{of_case:?}");
        let owner = world.client(As::Owner).await;
        let member_log = format!("/api/v1/accounts/{}/members/{}/access-log", world.account, world.member);
        assert!(kinds(format!("{member_log}?limit=100"), &owner).await.len() >= 8);
        let first = owner.get(&format!("{member_log}?limit=1")).await.json;
        let next = first["next_cursor"].as_str().unwrap();
        let second = owner.get(&format!("{member_log}?limit=1&cursor={next}")).await.json;
        assert_ne!(first["items"], second["items"]);
        let page = format!("/g/{}/clients/{}/access-log", world.group, extras.client);
        assert!(admin.get(&page).await.text.contains("Who opened Clara Voss"));
        assert!(admin.get(&format!("{page}?format=csv")).await.text.contains("client_export"));
        let paper = admin.get(&format!("{page}?format=pdf")).await;
        assert_eq!(paper.headers["content-type"], "application/pdf");
        let shown = admin.get(&format!("/g/{}/cases/{}", world.group, world.case)).await.text;
        assert!(shown.contains("/access-log"));
        let shown = member.get(&format!("/g/{}/cases/{}", world.group, world.case)).await.text;
        assert!(!shown.contains("/access-log"), "a member has no button for what they may not see");
    }
}
