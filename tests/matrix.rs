//! Every route, tried by everyone. The table that comes out is reviewed like code.

use std::fmt::Write as _;

use access::Access;
use axum::http::{Method, StatusCode};
use covey::routes;

use crate::support::{
    As, Engine, Reply, World, fingerprint,
    specs::{self, Extras},
};

/// Routes that a test of their own covers, for success there means more than a request: set-up happens
/// once, cards need a provider (tests/stripe.rs), and only an account of one person is closed (tests/departure.rs).
pub const ELSEWHERE: [&str; 10] = [
    "/api/v1/set-up",
    "/set-up",
    "/api/v1/accounts/{account}/payment-method",
    "/a/{account}/payment-method",
    "/a/{account}/payment-method/use",
    "/api/v1/invoices/{invoice}/charges",
    "/invoices/{invoice}/charges",
    "/api/v1/webhooks/stripe",
    "/api/v1/accounts/{account}/close",
    "/a/{account}/close",
];

/// What gives a part of the route table.
type Table = fn() -> Vec<web::Route>;

/// The parts that the matrix is tried in, side by side: the wings, and the root's own routes.
pub const PARTS: [(&str, Table); 7] = [
    ("people", people::routes),
    ("care", care::routes),
    ("messaging", messaging::routes),
    ("billing", billing::routes),
    ("developers", developers::routes),
    ("workflows", workflows::routes),
    ("root", routes::own),
];

/// The routes of a part, by path; or with `MATRIX_ONLY=client` those whose path holds that, while one works on them.
fn tested(part: &str) -> Vec<web::Route> {
    let (_, routes) = PARTS.iter().find(|(name, _)| *name == part).unwrap();
    let routes = by_path(routes()).into_iter().filter(|route| !ELSEWHERE.contains(&route.path));
    routes.filter(|route| only().is_none_or(|part| route.path.contains(&part))).collect()
}

fn by_path(mut routes: Vec<web::Route>) -> Vec<web::Route> {
    routes.sort_by(|a, b| (a.path, a.method.as_str()).cmp(&(b.path, b.method.as_str())));
    routes
}

fn only() -> Option<String> {
    std::env::var("MATRIX_ONLY").ok()
}

/// A world with all that routes need. It is made once, and copied for each test that changes something in it.
pub struct Template(pub World, pub Extras);

impl Template {
    pub async fn make(engine: Engine) -> Self {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let extras = Extras::make(&world).await;
        Self(world, extras)
    }

    pub async fn fresh(&self, pattern: &str) -> World {
        let world = self.0.copy().await;
        world.server.leave_mail();
        specs::prepare(pattern, &world).await;
        world
    }
}

/// What must come out, where the proof alone decides.
fn expected(access: Access, role: As) -> Option<u16> {
    use As::{Administrator, Anonymous, Elsewhere, GroupAdmin, Member, Operator, Owner, Stranger, Support};
    match (access, role) {
        (Access::Public, _) => None,
        (_, Anonymous) => Some(401),
        (Access::SignedIn, _) => None,
        (Access::Operator | Access::OperatorNamed, Operator) => None,
        (Access::Operator | Access::OperatorNamed, _) => Some(404),
        (Access::AnyWorker, Support) => Some(403),
        (Access::AnyWorker, _) => None,
        (_, Stranger | Operator) => Some(404),
        (Access::AccountMember, _) => None,
        (Access::AccountWorker, Support) => Some(403),
        (Access::AccountWorker, _) => None,
        (Access::RequestSender, Support | Elsewhere | GroupAdmin) => Some(403),
        (Access::RequestSender, _) => None,
        (Access::HandoutAuthor, Support | Elsewhere | Member | GroupAdmin) => Some(403),
        (Access::AccountAdmin | Access::GroupMaker, Support | Elsewhere | Member | GroupAdmin) => Some(403),
        (Access::AccountOwner, Support | Elsewhere | Member | GroupAdmin | Administrator) => Some(403),
        (Access::TransferParty, Support | Elsewhere | Member | GroupAdmin) => Some(404),
        (Access::HandoutReader, _) => None,
        (Access::HandoutEditor, Support | Elsewhere | Member | GroupAdmin) => Some(403),
        (
            Access::ApiKeyAdmin
            | Access::ProtocolAdmin
            | Access::InvoiceAdmin
            | Access::UserGroupAdmin
            | Access::NoteTypeAdmin,
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
        (_, Elsewhere)
            if !matches!(access, Access::AccountAdmin | Access::AccountOwner | Access::GroupMaker) =>
        {
            Some(404)
        }
        (
            Access::GroupAdmin | Access::LocationAdmin | Access::CaseOverseer | Access::ClientOverseer,
            Member,
        ) => Some(403),
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

/// Tries the routes of a part as everyone.
async fn matrix(part: &str) {
    let template = Template::make(Engine::Sqlite).await;
    let mut table = format!("{part:<78}");
    for role in As::ALL {
        write!(table, " {:>4}", &format!("{role:?}")[..4]).unwrap();
    }
    for route in tested(part) {
        let line = format!("{:<6} {:<53} {:?}", route.method.as_str(), route.path, route.access);
        write!(table, "\n{line:<78}").unwrap();
        // What was refused, or only read, has left the world as it was: the next may have it.
        let mut untouched = None;
        for role in As::ALL {
            let world = match untouched.take() {
                Some(world) => world,
                None => template.fresh(route.path).await,
            };
            let reply = tried(&route, role, &world, &template.1).await;
            write!(table, " {:>4}", reply.status.as_u16()).unwrap();
            if !success(reply.status) || route.method == Method::GET {
                untouched = Some(world);
            }
        }
    }
    if only().is_none() {
        insta::assert_snapshot!(format!("roles_{part}"), table);
    }
}

/// Tries a route as one of them, and looks at what came of it.
async fn tried(route: &web::Route, role: As, world: &World, extras: &Extras) -> Reply {
    let spec = specs::spec(route, world, extras);
    let client = world.client(role).await;
    let before = fingerprint(&world.server).await;
    let reply = specs::send(&client, &route.method, &spec).await;
    let what = format!("{} {} as {role:?}", route.method, route.path);
    let to_sign_in = reply.headers.get("location");
    let to_sign_in = to_sign_in.is_some_and(|to| to.to_str().unwrap().starts_with("/sign-in?next="));
    let status = if to_sign_in { 401 } else { reply.status.as_u16() };
    if let Some(expected) = expected(route.access, role) {
        assert_eq!(status, expected, "{what}: {}", reply.text);
    }
    if role == spec.by {
        assert!(success(reply.status), "{what}: {}", reply.text);
    }
    if !success(reply.status) || to_sign_in {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        let changed = fingerprint(&world.server).await;
        assert_eq!(changed.differs(&before), [""; 0], "{what} changed something");
    }
    if !route.path.starts_with("/api/")
        && reply.status.is_success()
        && reply.headers["content-type"] == "text/html; charset=utf-8"
    {
        let ours = reply.text.contains("<title>") && !reply.text.contains("style=");
        assert!(ours, "{} is no page of ours", route.path);
    }
    if status == 404 && route.method == Method::GET && route.path.starts_with("/api/") {
        let other = client.get(&absent(&spec.path)).await;
        let (hidden, absent) = ((reply.status, &reply.text), (other.status, &other.text));
        assert_eq!(hidden, absent, "hidden {} is not like absent", spec.path);
    }
    reply
}

/// In parts, so that the runner tries them side by side.
mod every_route_lets_its_caller_in_and_everybody_else_learns_nothing {
    #[tokio::test]
    async fn in_people() {
        super::matrix("people").await;
    }

    #[tokio::test]
    async fn in_care() {
        super::matrix("care").await;
    }

    #[tokio::test]
    async fn in_messaging() {
        super::matrix("messaging").await;
    }

    #[tokio::test]
    async fn in_billing() {
        super::matrix("billing").await;
    }

    #[tokio::test]
    async fn in_developers() {
        super::matrix("developers").await;
    }

    #[tokio::test]
    async fn in_workflows() {
        super::matrix("workflows").await;
    }

    #[tokio::test]
    async fn in_the_root() {
        super::matrix("root").await;
    }
}

/// The routes that are in several parts or none, and parts that nobody tries.
fn misplaced(all: &[String], parts: &[(&str, Vec<String>)], test: &str) -> Vec<String> {
    let places =
        |route: &String| parts.iter().flat_map(|(_, routes)| routes).filter(|one| *one == route).count();
    let wrong = all.iter().filter(|route| places(route) != 1).cloned();
    let strange = parts.iter().flat_map(|(_, routes)| routes).filter(|route| !all.contains(route)).cloned();
    let untried = parts.iter().filter(|(part, _)| test.matches(&format!("matrix(\"{part}\")")).count() != 1);
    wrong.chain(strange).chain(untried.map(|(part, _)| (*part).to_owned())).collect()
}

#[test]
fn every_route_is_tried_in_exactly_one_part() {
    let named = |routes: Vec<web::Route>| {
        routes.iter().map(|route| format!("{} {}", route.method, route.path)).collect::<Vec<_>>()
    };
    let all = named(routes::all());
    let parts = PARTS.map(|(part, routes)| (part, named(routes())));
    let this = include_str!("matrix.rs");
    assert_eq!(misplaced(&all, &parts, this), [""; 0]);
    // A route that no part has, one that two have, one that the product lacks, and a part without a test are found.
    let [one, two] = ["GET /one", "GET /two"].map(str::to_owned);
    let tests = "matrix(\"a\") matrix(\"b\")";
    let found = |all: &[&String], a: &[&String], b: &[&String], tests| {
        let owned = |routes: &[&String]| routes.iter().map(|route| (*route).clone()).collect::<Vec<_>>();
        misplaced(&owned(all), &[("a", owned(a)), ("b", owned(b))], tests)
    };
    assert_eq!(found(&[&one, &two], &[&one], &[&two], tests), [""; 0]);
    assert_eq!(found(&[&one, &two], &[&one], &[], tests), ["GET /two"]);
    assert_eq!(found(&[&one], &[&one], &[&one], tests), ["GET /one"]);
    assert_eq!(found(&[&one], &[&one], &[&two], tests), ["GET /two"]);
    assert_eq!(found(&[&one, &two], &[&one], &[&two], "matrix(\"a\")"), ["b"]);
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
    for route in PARTS.iter().flat_map(|(part, _)| tested(part)) {
        let Template(world, extras) = Template::make(Engine::Postgres).await;
        specs::prepare(route.path, &world).await;
        let spec = specs::spec(&route, &world, &extras);
        let client = world.client(spec.by).await;
        let reply = specs::send(&client, &route.method, &spec).await;
        assert!(success(reply.status), "{} {}: {} {}", route.method, route.path, reply.status, reply.text);
    }
}

#[test]
fn only_these_routes_are_public() {
    let public = by_path(routes::all()).into_iter().filter(|route| route.access == Access::Public);
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
