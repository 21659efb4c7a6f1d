//! What leaves a trace: SECURITY.md's table, held against the kinds of events and against every route that changes.

use std::collections::BTreeSet;

use axum::http::Method;
use covey::routes;
use platform::audit::Action;
use storage::sql;

use crate::{
    matrix::ELSEWHERE,
    support::{
        Engine, World,
        specs::{self, Extras},
    },
};

/// The section of SECURITY.md.
fn section() -> &'static str {
    let text = include_str!("../SECURITY.md");
    let (_, rest) = text.split_once("## What leaves a trace").unwrap();
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

/// What stands in code signs in the section.
fn coded() -> impl Iterator<Item = &'static str> {
    section().split('`').skip(1).step_by(2)
}

#[test]
fn the_table_names_every_kind_of_event_and_no_other() {
    let told =
        coded().filter(|code| code.contains('.') && !code.contains([' ', '/'])).collect::<BTreeSet<_>>();
    let known = Action::ALL.iter().map(|action| action.key()).collect::<BTreeSet<_>>();
    assert_eq!(told.difference(&known).collect::<Vec<_>>(), Vec::<&&str>::new(), "no such event");
    assert_eq!(known.difference(&told).collect::<Vec<_>>(), Vec::<&&str>::new(), "missing in SECURITY.md");
}

/// The routes that the section excuses: `POST /a/b`.
fn excused() -> BTreeSet<&'static str> {
    coded().filter(|code| code.contains(" /")).collect()
}

#[tokio::test]
async fn every_route_that_changes_something_leaves_an_event_or_is_excused() {
    let events = sql!("SELECT count(*) FROM audit_events");
    let mut silent = BTreeSet::new();
    for route in routes::all() {
        if route.method == Method::GET || ELSEWHERE.contains(&route.path) {
            continue;
        }
        let world = World::new(Engine::Sqlite).await;
        let extras = Extras::make(&world).await;
        world.server.leave_mail();
        specs::prepare(route.path, &world).await;
        let spec = specs::spec(&route, &world, &extras);
        let client = world.client(spec.by).await;
        let before = world.server.count(events).await;
        let reply = specs::send(&client, &route.method, &spec).await;
        assert!(reply.status.is_success() || reply.status.is_redirection(), "{} {}", route.path, reply.text);
        if world.server.count(events).await == before {
            silent.insert(format!("{} {}", route.method, route.path));
        }
    }
    let excused = excused().into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(silent, excused, "those that left no event, and those that SECURITY.md excuses");
}
