//! What strangers put into addresses: cursors of nothing, searches for anything. Everything gets an answer, and it is
//! never that the server failed.

use axum::http::Method;
use covey::routes;
use kernel::{
    id::{CaseId, HandoutId, NoteId},
    random::Random,
};
use serde_json::Value;

use crate::support::{
    Client, ENGINES, World,
    specs::{self, Extras},
};

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Cursors that no list gave, or another, and what is none at all.
fn texts(random: &Random) -> Vec<String> {
    let (case, handout, note) = (CaseId::last(), HandoutId::nil(), NoteId::nil());
    let mut texts = vec![
        "\0".to_owned(),
        String::new(),
        "x".to_owned(),
        "0".to_owned(),
        "-1".to_owned(),
        i64::MAX.to_string(),
        i64::MIN.to_string(),
        format!("{}0", i64::MAX),
        case.to_string(),
        case.to_string().to_uppercase(),
        format!("{}-{handout}", i64::MAX),
        format!("{}-{handout}", i64::MIN),
        format!("2026-03-02.{note}"),
        format!("2026-02-30.{note}"),
        format!("-9999-01-01.{note}"),
        "é\u{202e}'; DROP TABLE users; --".to_owned(),
        format!("cas_{}", "é".repeat(13)),
        "a".repeat(5_000),
    ];
    texts.extend((0..6).map(|_| String::from_utf8_lossy(&random.bytes::<20>()).into_owned()));
    texts
}

#[tokio::test]
async fn no_cursor_and_no_search_makes_a_list_fail() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let extras = Extras::make(&world).await;
        world.server.leave_mail();
        let mut lists = 0;
        for route in routes::all().into_iter().filter(|route| route.method == Method::GET) {
            let spec = specs::spec(&route, &world, &extras);
            let client = world.client(spec.by).await;
            // Pages read the same lists by the same code: a few of the worst are enough for them.
            let page = !route.path.starts_with("/api/");
            let names =
                if page { vec!["cursor".to_owned(), "q".to_owned()] } else { specs::parameters(&route) };
            let texts =
                texts(&Random::System).into_iter().step_by(if page { 4 } else { 1 }).collect::<Vec<_>>();
            for name in names.iter().filter(|name| !route.path.contains(&format!("{{{name}}}"))) {
                lists += 1;
                for text in &texts {
                    let sign = if spec.path.contains('?') { '&' } else { '?' };
                    let path = format!("{}{sign}{name}={}", spec.path, encoded(text));
                    let reply = client.get(&path).await;
                    assert!(
                        reply.status.as_u16() < 500,
                        "{engine:?} {path}: {} {}",
                        reply.status,
                        reply.text
                    );
                }
            }
        }
        assert!(lists > 100, "{lists}");
    }
}

/// The items of a list, a page after the other; each cursor that it gives leads on.
async fn paged(client: &Client, path: &str, limit: usize) -> Vec<Value> {
    let sign = if path.contains('?') { '&' } else { '?' };
    let (mut items, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let next = cursor.as_ref().map(|cursor| format!("&cursor={}", encoded(cursor))).unwrap_or_default();
        let page = client.get(&format!("{path}{sign}limit={limit}{next}")).await;
        assert!(page.status.is_success(), "{path} {cursor:?}: {}", page.text);
        items.extend(page.json["items"].as_array().unwrap().clone());
        match page.json["next_cursor"].as_str() {
            Some(next) if cursor.as_deref() == Some(next) => panic!("{path} stays at {next}"),
            Some(next) => cursor = Some(next.to_owned()),
            None => return items,
        }
    }
}

#[tokio::test]
async fn every_cursor_that_a_list_gives_reads_back_and_leads_through_all_of_it() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let extras = Extras::make(&world).await;
        world.server.leave_mail();
        let mut several = 0;
        for route in routes::all().into_iter().filter(|route| route.method == Method::GET) {
            if !route.path.starts_with("/api/") || !specs::parameters(&route).contains(&"cursor".to_owned()) {
                continue;
            }
            let spec = specs::spec(&route, &world, &extras);
            // Reading may be noted, and the trail grows then: this one is asked by who leaves none.
            let client = world.client(spec.by).await;
            let (single, whole) =
                (paged(&client, &spec.path, 1).await, paged(&client, &spec.path, 100).await);
            several += usize::from(whole.len() > 1);
            assert_eq!(single, whole, "{engine:?} {}", spec.path);
        }
        assert!(several >= 6, "{several} lists hold more than one thing");
    }
}
