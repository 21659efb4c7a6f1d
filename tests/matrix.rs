//! Every route, tried by everybody. The table that comes out is reviewed like code.

use std::fmt::Write as _;

use access::Access;
use axum::http::{Method, StatusCode};
use covey::routes;

use crate::support::{
    As, Engine, World, fingerprint,
    specs::{self, Extras},
};

/// Routes that a test of their own covers, for success there means more than a request: set-up happens
/// once, and cards need a provider (tests/stripe.rs).
const ELSEWHERE: [&str; 8] = [
    "/api/v1/set-up",
    "/set-up",
    "/api/v1/accounts/{account}/payment-method",
    "/a/{account}/payment-method",
    "/a/{account}/payment-method/use",
    "/api/v1/invoices/{invoice}/charges",
    "/invoices/{invoice}/charges",
    "/api/v1/webhooks/stripe",
];

async fn fresh(engine: Engine, pattern: &str) -> (World, Extras) {
    let world = World::new(engine).await;
    let extras = Extras::make(&world).await;
    specs::prepare(pattern, &world).await;
    (world, extras)
}

/// Every route, or with `MATRIX_ONLY=client` those whose path holds that, while one works on them.
fn tested() -> Vec<web::Route> {
    let routes = by_path().into_iter().filter(|route| !ELSEWHERE.contains(&route.path));
    routes.filter(|route| only().is_none_or(|part| route.path.contains(&part))).collect()
}

/// By path, so that the tables below don't tell which wing a route is in.
fn by_path() -> Vec<web::Route> {
    let mut routes = routes::all();
    routes.sort_by(|a, b| (a.path, a.method.as_str()).cmp(&(b.path, b.method.as_str())));
    routes
}

fn only() -> Option<String> {
    std::env::var("MATRIX_ONLY").ok()
}

/// What must come out, where the proof alone decides.
fn expected(access: Access, role: As) -> Option<u16> {
    use As::{Administrator, Anonymous, Elsewhere, GroupAdmin, Member, Owner, Stranger, Support};
    match (access, role) {
        (Access::Public, _) => None,
        (_, Anonymous) => Some(401),
        (Access::SignedIn, _) => None,
        (_, Stranger) => Some(404),
        (Access::AccountMember, _) => None,
        (Access::AccountWorker, Support) => Some(403),
        (Access::AccountWorker, _) => None,
        (Access::RequestSender, Support | Elsewhere | GroupAdmin) => Some(403),
        (Access::RequestSender, _) => None,
        (Access::HandoutAuthor, Support | Elsewhere | Member | GroupAdmin) => Some(403),
        (Access::AccountAdmin, Support | Elsewhere | Member | GroupAdmin) => Some(403),
        (Access::AccountOwner, Support | Elsewhere | Member | GroupAdmin | Administrator) => Some(403),
        (Access::TransferParty, Support | Elsewhere | Member | GroupAdmin) => Some(404),
        (Access::HandoutReader, _) => None,
        (Access::HandoutEditor, Support | Elsewhere | Member | GroupAdmin) => Some(403),
        (
            Access::ProtocolAdmin | Access::InvoiceAdmin | Access::UserGroupAdmin | Access::NoteTypeAdmin,
            Elsewhere | Member | GroupAdmin,
        ) => Some(403),
        (_, Support) => Some(404),
        // The member sends, and the group administrator is in the user group that receives: nobody else sees.
        (Access::RequestReader | Access::RequestReceiver | Access::RequestAuthor, Administrator | Owner) => {
            Some(404)
        }
        (Access::RequestReceiver, Member) | (Access::RequestAuthor, GroupAdmin) => Some(403),
        (Access::InvitationManager, Elsewhere) => Some(404),
        (Access::InvitationManager, Member) => Some(403),
        (_, Elsewhere) if !matches!(access, Access::AccountAdmin | Access::AccountOwner) => Some(404),
        (Access::GroupAdmin | Access::LocationAdmin, Member) => Some(403),
        (Access::GroupSteward, Member | GroupAdmin) => Some(403),
        (
            Access::GroupMember
            | Access::CaseEditor
            | Access::FileEditor
            | Access::ClientEditor
            | Access::ClientKeeper
            | Access::ClientCurator
            | Access::ImportKeeper
            | Access::ClientGroupEditor
            | Access::GroupNoteEditor
            | Access::GroupNoteReleaser
            | Access::NoteEditor
            | Access::NoteReleaser,
            Administrator | Owner,
        ) => Some(403),
        // The member wrote the notes; who administers the group may release them too.
        (
            Access::CaseExporter | Access::ClientKeeper | Access::ClientCurator | Access::ImportKeeper,
            Member,
        ) => Some(403),
        _ => None,
    }
}

fn success(status: StatusCode) -> bool {
    status.is_success() || status.is_redirection()
}

#[tokio::test]
async fn every_route_lets_its_caller_in_and_everybody_else_learns_nothing() {
    let mut table =
        String::from("                                                                              ");
    for role in As::ALL {
        write!(table, " {:>4}", &format!("{role:?}")[..4]).unwrap();
    }
    for route in tested() {
        let line = format!("{:<6} {:<53} {:?}", route.method.as_str(), route.path, route.access);
        write!(table, "\n{line:<78}").unwrap();
        // What was refused, or only read, has left the world as it was: the next may have it.
        let mut untouched = None;
        for role in As::ALL {
            let (world, extras) = match untouched.take() {
                Some(world) => world,
                None => fresh(Engine::Sqlite, route.path).await,
            };
            let spec = specs::spec(&route, &world, &extras);
            let client = world.client(role).await;
            let before = fingerprint(&world.server).await;
            let reply = specs::send(&client, &route.method, &spec).await;
            let status = reply.status.as_u16();
            write!(table, " {status:>4}").unwrap();
            let redirected_to_sign_in = reply
                .headers
                .get("location")
                .is_some_and(|to| to.to_str().unwrap().starts_with("/sign-in?next="));
            let status = if redirected_to_sign_in { 401 } else { status };
            if let Some(expected) = expected(route.access, role) {
                assert_eq!(status, expected, "{} {} as {role:?}: {}", route.method, route.path, reply.text);
            }
            if role == spec.by {
                assert!(success(reply.status), "{} {} as {role:?}: {}", route.method, route.path, reply.text);
            }
            if !success(reply.status) || redirected_to_sign_in {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                assert_eq!(
                    fingerprint(&world.server).await,
                    before,
                    "{} {} as {role:?} changed something",
                    route.method,
                    route.path
                );
            }
            if !route.path.starts_with("/api/")
                && reply.status.is_success()
                && reply.headers["content-type"] == "text/html; charset=utf-8"
            {
                assert!(
                    reply.text.contains("<title>") && !reply.text.contains("style="),
                    "{} is no page of ours",
                    route.path
                );
            }
            if status == 404 && route.method == Method::GET && route.path.starts_with("/api/") {
                let absent = absent(&spec.path);
                let other = client.get(&absent).await;
                assert_eq!(
                    (reply.status, &reply.text),
                    (other.status, &other.text),
                    "hidden {} is not like absent",
                    spec.path
                );
            }
            if !success(reply.status) || route.method == Method::GET {
                untouched = Some((world, extras));
            }
        }
    }
    if only().is_none() {
        insta::assert_snapshot!("roles", table);
    }
}

/// The same path with an id that nothing has.
fn absent(path: &str) -> String {
    let mut parts = path.split('/').map(str::to_owned).collect::<Vec<_>>();
    if let Some(id) = parts.iter_mut().find(|part| part.len() == 30 && part.contains('_')) {
        let prefix = id[..4].to_owned();
        *id = format!("{prefix}{}", "0".repeat(26));
    }
    parts.join("/")
}

#[tokio::test]
async fn every_route_lets_its_caller_in_on_postgresql_too() {
    for route in tested() {
        let (world, extras) = fresh(Engine::Postgres, route.path).await;
        let spec = specs::spec(&route, &world, &extras);
        let client = world.client(spec.by).await;
        let reply = specs::send(&client, &route.method, &spec).await;
        assert!(success(reply.status), "{} {}: {} {}", route.method, route.path, reply.status, reply.text);
    }
}

#[test]
fn only_these_routes_are_public() {
    let public = by_path().into_iter().filter(|route| route.access == Access::Public);
    let list = public.map(|route| format!("{} {}", route.method, route.path)).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!("public", list);
}

#[tokio::test]
async fn a_malformed_credential_is_no_credential() {
    let world = World::new(Engine::Sqlite).await;
    for token in ["", "x", "Bearer", "é", &"a".repeat(10_000)] {
        let client = crate::support::Client { token: None, ..world.server.anonymous() };
        let value = format!("Bearer {token}");
        let Ok(value) = axum::http::HeaderValue::from_bytes(value.as_bytes()) else { continue };
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let reply = client
            .send(Method::GET, "/api/v1/me", &[("authorization", &value)], axum::body::Body::empty())
            .await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    }
}
