//! Every answer in JSON that can be asked for, as programs get it: whatever changes in one is read in a snapshot.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    matrix::PARTS,
    support::{
        As, Client, Reply, Server, World, redacted,
        specs::{self, Extras},
    },
};

/// Answers with snapshots of their own, or of the machine that runs.
const ELSEWHERE: [&str; 3] = ["/api/openapi.json", "/api/docs", "/api/v1/set-up"];

fn shown(what: &str, reply: &Reply) -> String {
    let status = reply.status.as_u16();
    format!("{what} {status}\n{}\n", redacted(&serde_json::to_string_pretty(&reply.json).unwrap()))
}

/// A page of a list is enough.
fn short(path: &str, route: &web::Route) -> String {
    let limited = specs::parameters(route).iter().any(|name| name == "limit");
    let sign = if path.contains('?') { '&' } else { '?' };
    if limited && !path.contains("limit=") { format!("{path}{sign}limit=3") } else { path.to_owned() }
}

#[tokio::test]
async fn answers_are_as_they_were() {
    let world = World::on(Server::repeatable().await).await;
    let extras = Extras::make(&world).await;
    world.server.leave_mail();
    for (part, routes) in PARTS {
        let mut routes = routes();
        routes.retain(|route| {
            let json = route.method == Method::GET && route.path.starts_with("/api/");
            json && !ELSEWHERE.contains(&route.path)
        });
        routes.sort_by_key(|route| route.path);
        let mut answers = String::new();
        for route in &routes {
            if route.path == "/api/v1/me/invitations/{invitation}" {
                specs::prepare(route.path, &world).await;
            }
            let spec = specs::spec(route, &world, &extras);
            let client = world.client(spec.by).await;
            let path = short(&spec.path, route);
            let reply = client.get(&path).await;
            assert!(reply.status.is_success(), "{path}: {}", reply.text);
            if reply.headers["content-type"].to_str().unwrap().starts_with("application/json") {
                answers.push_str(&shown(&format!("GET {} as {:?}", route.path, spec.by), &reply));
            }
        }
        if !answers.is_empty() {
            insta::assert_snapshot!(format!("answers_{part}"), answers);
        }
    }
}

/// What inviting says of each address, and how requests are refused.
#[tokio::test]
async fn outcomes_and_refusals_are_as_they_were() {
    let world = World::on(Server::repeatable().await).await;
    world.server.leave_mail();
    let (admin, owner) = (world.client(As::GroupAdmin).await, world.client(As::Owner).await);
    let invitations = format!("/api/v1/groups/{}/invitations", world.group);
    let emails = "new@x.test, nonsense non@sense\nmember@riverside.test elsewhere@riverside.test support@riverside.test";
    let cases = format!("/api/v1/groups/{}/cases", world.group);
    let member = world.client(As::Member).await;
    let purchases = format!("/api/v1/accounts/{}/subscription", world.account);
    let mut answers = String::new();
    let asked: [(&str, &Client, &str, Value); 9] = [
        ("inviting", &admin, &invitations, json!({ "emails": emails, "role": "member" })),
        ("inviting again", &admin, &invitations, json!({ "emails": "new@x.test", "role": "member" })),
        ("inviting nobody", &admin, &invitations, json!({ "emails": "", "role": "member" })),
        ("inviting as nothing known", &admin, &invitations, json!({ "emails": "a@x.test", "role": "king" })),
        ("a case", &member, &cases, json!({ "protocol": world.protocol, "location": world.location })),
        (
            "a case at no location",
            &member,
            &cases,
            json!({ "protocol": world.protocol, "location": "loc_x" }),
        ),
        ("a quote", &owner, &format!("{purchases}/quotes"), json!({ "plan": "pro", "licenses": 9 })),
        ("no quote to buy", &owner, &format!("{purchases}/purchases"), json!({ "accept_terms": true })),
        (
            "signing in with a wrong word",
            &member,
            "/api/v1/sign-in",
            json!({ "email": "a@x.test", "password": "x" }),
        ),
    ];
    for (what, client, path, body) in asked {
        answers.push_str(&shown(what, &client.post(path, &body).await));
    }
    answers.push_str(&shown("nothing is there", &member.get("/api/v1/nothing").await));
    answers.push_str(&shown("nobody asks", &world.server.anonymous().get("/api/v1/me").await));
    insta::assert_snapshot!("outcomes", answers);
}
