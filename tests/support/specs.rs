//! For every route: a request that its permitted caller makes with success. It comes out of the route's own row,
//! filled with what there is; a route without one fails the tests, so nothing gets into the product untested.

use access::{Access, Least, Privilege};
use axum::http::Method;
use serde_json::{Value, json};
use storage::sql;
use web::{example::fill, route::BodyLimit};

use super::{
    As, Client, Reply, Server, World,
    authenticator::{self, Authenticator},
};

/// How a request's body is sent.
#[derive(Clone, Debug)]
pub enum Sent {
    Json(Value),
    Form(Vec<(String, String)>),
    File,
    /// A file of clients.
    Sheet,
}

/// A request that succeeds for who may make it.
#[derive(Clone, Debug)]
pub struct Spec {
    pub path: String,
    pub sent: Sent,
    /// Who makes it with success.
    pub by: As,
}

/// What a route needs to exist before it is called.
pub struct Extras {
    pub invitation: String,
    pub token: String,
    pub transfer: String,
    pub file: String,
    pub session: String,
    pub mail: String,
    pub reset: String,
    pub sign_up: String,
    pub address: String,
    pub quote: String,
    pub invoice: String,
    pub payment: String,
    pub handout: String,
    pub share: String,
    pub share_token: String,
    pub client: String,
    pub other_client: String,
    pub animal: String,
    pub import: String,
    pub user_group: String,
    pub client_group: String,
    pub request: String,
    pub request_file: String,
    /// Another user group that may receive, in which nobody of the cast is but who is elsewhere.
    pub front_desk: String,
    pub note: String,
    pub group_note: String,
    pub generated_note: String,
    pub note_type: String,
    pub api_key: String,
    pub webhook: String,
    pub delivery: String,
    pub factors: Factors,
}

/// What waits for second factors, of the member but where it says otherwise.
pub struct Factors {
    pub factor: String,
    /// An app that is being set up, with its first code.
    pub new_app: (String, String),
    /// A passkey that is being set up, with its answer.
    pub new_passkey: (String, String),
    /// The group administrator's second step of a sign-in, with a code.
    pub second_step: (String, String),
    /// Their sign-in by passkey alone, with its answer.
    pub passkey_alone: (String, String),
}

impl Extras {
    pub async fn make(world: &World) -> Self {
        // First, for a new factor ends sessions and links.
        let factors = factors(world).await;
        let owner = world.client(As::Owner).await;
        let member = world.client(As::Member).await;
        let api = format!("/api/v1/accounts/{}", world.account);
        let groups = json!([{ "group": world.group, "role": "member" }]);
        let invite = json!({ "emails": "new@riverside.test", "role": "member", "groups": groups });
        let outcome = owner.post(&format!("{api}/invitations"), &invite).await.json["outcomes"][0].clone();
        let link = outcome["link"].as_str().unwrap_or_else(|| panic!("{outcome}")).to_owned();
        let to = json!({ "to": world.administrator });
        let transfer = owner.post(&format!("{api}/ownership-transfers"), &to).await.json["id"].clone();
        let files = format!("/api/v1/cases/{}/files", world.case);
        let file = member.upload(&files, "x.png", super::PNG).await.json["id"].clone();
        let handouts = format!("{api}/handouts");
        let handout = owner.post(&handouts, &super::handout("After surgery")).await.json["id"].clone();
        let shares = format!("/api/v1/handouts/{}/shares", handout.as_str().unwrap());
        let share = member.post(&shares, &json!({ "message": "Ring us." })).await.json;
        let text = |value: Value| value.as_str().unwrap_or_else(|| panic!("an id, not {value}")).to_owned();
        let sold = world.server.app.config.sells();
        let (quote, invoice) = if sold { bought(&owner, &api).await } else { Default::default() };
        // The member may send requests, and the group administrator receives them.
        let server = &world.server;
        let client = super::new_client(server, world.member, world.account, world.group, "Clara Voss").await;
        let other = super::new_client(server, world.member, world.account, world.group, "Clara Foss").await;
        let animals = format!("/api/v1/clients/{client}/animals");
        let animal = member.post(&animals, &json!({ "name": "Rex" })).await.json["id"].clone();
        let imports = format!("/api/v1/groups/{}/client-imports", world.group);
        let admin = world.client(As::GroupAdmin).await;
        let import = admin.upload(&imports, "old.csv", b"name\nOlga Ott\n").await.json["id"].clone();
        let send = [Privilege::RequestsSend];
        super::new_user_group(server, world.account, "Clinicians", &[world.member], &send).await;
        let receive = [Privilege::RequestsReceive];
        let receivers = [world.group_admin];
        let user_group =
            super::new_user_group(server, world.account, "Insurance", &receivers, &receive).await;
        let client_group =
            super::new_client_group(server, world.account, world.group, "Tuesday circle", &[client]).await;
        let front_desk =
            super::new_user_group(server, world.account, "Front desk", &[world.elsewhere], &receive).await;
        let request = new_request(world, &member, user_group, client).await;
        let files = format!("/api/v1/requests/{request}/files");
        let request_file = member.upload(&files, "x.png", super::PNG).await.json["id"].clone();
        let (note, group_note, generated_note) = notes(&member, client, client_group).await;
        let types = member.get(&format!("{api}/note-types")).await.json["items"][0]["id"].clone();
        let (reset, sign_up, address) = links(&world.server, world).await;
        owner
            .post(
                &format!("{api}/invitations"),
                &json!({ "emails": "late@riverside.test", "role": "member" }),
            )
            .await;
        // This one waits in the outbox, for the routes that show it and hurry it.
        server.leave_mail_to("late@riverside.test");
        let report = json!({ "amount": 100, "note": "Check 7" });
        let payment =
            owner.post(&format!("/api/v1/invoices/{invoice}/payments"), &report).await.json["payment"]
                .clone();
        let key = json!({ "name": "Lab interface", "scopes": ["cases.read"] });
        let api_key = owner.post(&format!("{api}/api-keys"), &key).await.json["key"]["id"].clone();
        let (webhook, delivery) = webhook(world, &owner).await;
        let mails = owner.get(&format!("{api}/mail")).await.json["items"][0]["id"].clone();
        Self {
            invitation: text(outcome["invitation"].clone()),
            token: link.rsplit('/').next().unwrap().to_owned(),
            transfer: text(transfer),
            file: text(file),
            session: session_of(world).await,
            mail: text(mails),
            reset,
            sign_up,
            address,
            quote,
            payment: payment.as_str().unwrap_or_default().to_owned(),
            invoice,
            handout: text(handout),
            share: text(share["id"].clone()),
            client: client.to_string(),
            other_client: other.to_string(),
            animal: text(animal),
            import: text(import),
            user_group: user_group.to_string(),
            client_group: client_group.to_string(),
            request,
            request_file: text(request_file),
            front_desk: front_desk.to_string(),
            note,
            group_note,
            generated_note,
            note_type: text(types),
            api_key: text(api_key),
            webhook,
            delivery,
            factors,
            share_token: share["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned(),
        }
    }
}

/// A request of the member's about a client, which nobody holds.
async fn new_request(
    world: &World,
    member: &Client,
    to: kernel::id::UserGroupId,
    client: kernel::id::ClientId,
) -> String {
    let request = json!({ "to": to, "subject": "Cover", "body": "Is she covered?", "clients": [client],
                          "case": world.case });
    let sent = member.post(&format!("/api/v1/accounts/{}/requests", world.account), &request).await;
    sent.json["id"].as_str().unwrap_or_else(|| panic!("{}", sent.text)).to_owned()
}

/// A draft in the client's chart; a group note, and the draft that was made from it.
async fn notes(
    member: &Client,
    client: kernel::id::ClientId,
    client_group: kernel::id::ClientGroupId,
) -> (String, String, String) {
    let made = async |path: String, body: Value| {
        let made = member.post(&path, &body).await;
        assert!(made.status.is_success(), "{}", made.text);
        made.json
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let body = json!({ "service_date": "2026-03-02", "body": "Seen." });
    let note = made(format!("/api/v1/clients/{client}/notes"), body.clone()).await;
    let group_note = text(&made(format!("/api/v1/client-groups/{client_group}/notes"), body).await["id"]);
    let generated = made(format!("/api/v1/group-notes/{group_note}/create-notes"), json!({})).await;
    (text(&note["id"]), group_note, text(&generated["outcomes"][0]["note"]))
}

/// A webhook, and the delivery of an event to it.
async fn webhook(world: &World, owner: &Client) -> (String, String) {
    let path = format!("/api/v1/accounts/{}/webhooks", world.account);
    let made = owner.post(&path, &json!({ "url": "https://hooks.example.com/covey" })).await;
    let webhook = made.json["webhook"]["id"].as_str().unwrap_or_else(|| panic!("{}", made.text)).to_owned();
    let (account, id) = (world.account, webhook.parse::<kernel::id::WebhookId>().unwrap());
    let delivery = world.server.db().write(async move |tx| {
        let delivery: kernel::id::DeliveryId = tx.id();
        let case = sql!("SELECT min(seq) FROM audit_events WHERE account_id = $1 AND action = 'case.created'");
        let seq: i64 = tx.value(case, &[&account]).await?;
        let of_case = sql!(
            "INSERT INTO webhook_deliveries
                 (account_id, webhook_id, id, lane, seq, event_type, state, attempts, next_at, waits_since, created_at)
             VALUES ($1, $2, $3, 'event', $4, 'case.created', 'failed', 1, 0, 0, 0)"
        );
        tx.exec(of_case, &[&account, &id, &delivery, &seq]).await?;
        Ok(delivery)
    });
    (webhook, delivery.await.unwrap().to_string())
}

/// A subscription, with a quote that is still open and the first invoice.
async fn bought(owner: &Client, api: &str) -> (String, String) {
    let wish = json!({ "plan": "pro", "billed": "month", "licenses": 18 });
    let quote = owner.post(&format!("{api}/subscription/quotes"), &wish).await.json["id"].clone();
    let purchase = json!({ "quote": quote, "accept_terms": true });
    let bought = owner.post(&format!("{api}/subscription/purchases"), &purchase).await;
    let invoice = bought.json["invoice"].as_str().unwrap_or_else(|| panic!("{}", bought.text)).to_owned();
    let more = owner.post(&format!("{api}/subscription/quotes"), &json!({ "licenses": 20 })).await;
    (more.json["id"].as_str().unwrap_or_else(|| panic!("{}", more.text)).to_owned(), invoice)
}

/// A reset link of the member, and a sign-up's and an address change's link.
async fn links(server: &Server, world: &World) -> (String, String, String) {
    let anonymous = server.anonymous();
    let sign_up = json!({ "email": "fresh@else.test", "password": super::PASSWORD, "name": "Fresh",
                          "account_name": "Fresh" });
    anonymous.post("/api/v1/sign-up", &sign_up).await;
    let admin = world.client(As::Administrator).await;
    let reset = format!("/api/v1/accounts/{}/members/{}/password-reset", world.account, world.member);
    let sent = admin.post(&reset, &Value::Null).await;
    assert!(sent.status.is_success(), "{}", sent.text);
    let hash = server.app.passwords.hash(&kernel::turns::Flow::default(), super::PASSWORD).await.unwrap();
    let elsewhere = world.elsewhere;
    server.db().write(async move |tx| people::users::set_password(tx, elsewhere, &hash).await).await.unwrap();
    let change = json!({ "current_password": super::PASSWORD, "email": "else@where.test" });
    world.client(As::Elsewhere).await.put("/api/v1/me/address", &change).await;
    let mails = server.mail().await.join("\n");
    let token = |kind| super::link_token(&mails, kind);
    (token("password-resets"), token("verify"), token("addresses"))
}

async fn session_of(world: &World) -> String {
    let member = world.client(As::Member).await;
    member.get("/api/v1/me/sessions").await.json["items"][0]["id"].as_str().unwrap().to_owned()
}

/// As it stands in a form.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Second factors of the member and the group administrator, with questions that wait for them.
async fn factors(world: &World) -> Factors {
    let member = world.client(As::Member).await;
    let key = Authenticator::new();
    set_up(&member, &key, "Work laptop").await;
    let mine = member.get("/api/v1/me/second-factors").await;
    let factor = mine.json["factors"][0]["id"].as_str().unwrap_or_else(|| panic!("{}", mine.text)).to_owned();
    let app = member.post("/api/v1/me/second-factors/app", &Value::Null).await.json;
    let code = authenticator::code(app["secret"].as_str().unwrap(), world.server.clock.now());
    let asked = member.form("/second-factor/passkey", &[]).await.text;
    let new_passkey = (authenticator::token(&asked), Authenticator::new().make(&asked));

    let admin = world.client(As::GroupAdmin).await;
    let theirs = Authenticator::new();
    let codes = set_up(&admin, &theirs, "Phone").await;
    let user = world.group_admin;
    let begun = async move |tx: &storage::Tx| {
        let state = r#"["",""]"#;
        people::factors::begin(tx, people::factors::Ceremony::SecondStep, Some(user), state).await
    };
    let second = world.server.db().write(begun).await.unwrap();
    let asked = world.server.anonymous().form("/sign-in/passkey", &[]).await.text;
    // What tells them of it.
    world.server.mail().await;
    Factors {
        factor,
        new_app: (app["token"].as_str().unwrap().to_owned(), code),
        new_passkey,
        second_step: (second.reveal().to_owned(), codes[0].clone()),
        passkey_alone: (authenticator::token(&asked), theirs.answer(&asked)),
    }
}

/// Sets up a passkey as a browser does, and gives the recovery codes that come with the first.
pub async fn set_up(client: &Client, key: &Authenticator, name: &str) -> Vec<String> {
    let asked = client.form("/second-factor/passkey", &[]).await;
    assert!(asked.status.is_success(), "{} {}", asked.status, asked.text);
    let (token, answer) = (authenticator::token(&asked.text), key.make(&asked.text));
    let fields = [("token", token.as_str()), ("name", name), ("passkey", &answer)];
    let made = client.form("/second-factor/passkey/confirm", &fields).await;
    assert!(made.status.is_success() || made.status.is_redirection(), "{} {}", made.status, made.text);
    authenticator::recovery_codes(&made.text)
}

/// What a name in braces stands for, in the route of this path.
fn id(name: &str, pattern: &str, world: &World, extras: &Extras) -> Option<String> {
    Some(match name {
        "account" => world.account.to_string(),
        "group" => world.group.to_string(),
        "location" => world.location.to_string(),
        "protocol" => world.protocol.to_string(),
        "case" => world.case.to_string(),
        "user" => world.member.to_string(),
        "other_user" => world.group_admin.to_string(),
        "third_user" => world.elsewhere.to_string(),
        "request" => extras.request.clone(),
        "file" if pattern.contains("{request}") => extras.request_file.clone(),
        "file" => extras.file.clone(),
        "invitation" => extras.invitation.clone(),
        "transfer" => extras.transfer.clone(),
        "handout" => extras.handout.clone(),
        "share" => extras.share.clone(),
        "client" => extras.client.clone(),
        "other_client" => extras.other_client.clone(),
        "animal" => extras.animal.clone(),
        "import" => extras.import.clone(),
        "user_group" => extras.user_group.clone(),
        "other_user_group" => extras.front_desk.clone(),
        "client_group" => extras.client_group.clone(),
        "group_note" => extras.group_note.clone(),
        "note" if pattern.ends_with("/shared") => extras.generated_note.clone(),
        "note" => extras.note.clone(),
        "note_type" => extras.note_type.clone(),
        "api_key" => extras.api_key.clone(),
        "session" => extras.session.clone(),
        "factor" => extras.factors.factor.clone(),
        "new_app" => extras.factors.new_app.0.clone(),
        "new_code" => extras.factors.new_app.1.clone(),
        "new_passkey" => extras.factors.new_passkey.0.clone(),
        "new_passkey_answer" => encoded(&extras.factors.new_passkey.1),
        "second_step" => extras.factors.second_step.0.clone(),
        "second_code" => extras.factors.second_step.1.clone(),
        "passkey_alone" => extras.factors.passkey_alone.0.clone(),
        "passkey_answer" => encoded(&extras.factors.passkey_alone.1),
        "mail" => extras.mail.clone(),
        "quote" => extras.quote.clone(),
        "invoice" => extras.invoice.clone(),
        "payment" => extras.payment.clone(),
        "webhook" => extras.webhook.clone(),
        "delivery" => extras.delivery.clone(),
        _ => return None,
    })
}

/// What stands in a path and is no id.
fn text(name: &str, pattern: &str, extras: &Extras) -> Option<String> {
    let token = match pattern {
        p if p.contains("password-resets") => &extras.reset,
        p if p.contains("verif") => &extras.sign_up,
        p if p.contains("addresses") => &extras.address,
        p if p.starts_with("/h/") => &extras.share_token,
        _ => &extras.token,
    };
    let asset = pattern.starts_with("/assets/");
    match name {
        "token" => Some(token.clone()),
        "hash" if asset => Some("0".to_owned()),
        "name" if asset => Some("style.css".to_owned()),
        _ => None,
    }
}

/// Who makes a route's request with success: who is the least that may. What these two ask about (sessions, shares)
/// is the member's in this world, so the member asks.
fn by(access: Access) -> As {
    match (access, access.least()) {
        (Access::SignedIn | Access::AccountMember, _) | (_, Least::Member) => As::Member,
        (_, Least::Anyone) => As::Anonymous,
        (_, Least::SupportStaff) => As::Support,
        (_, Least::GroupAdministrator) => As::GroupAdmin,
        (_, Least::Administrator) => As::Administrator,
        (_, Least::Owner) => As::Owner,
        (_, Least::Operator) => As::Operator,
    }
}

/// The body that a route's example is.
fn sent(route: &web::Route, example: Option<String>) -> Sent {
    let reads = route.method == Method::GET || route.method == Method::DELETE;
    let bare = route.path.starts_with("/api/") && route.notes.body.is_empty();
    match (route.limit, example) {
        (BodyLimit::File, _) => Sent::File,
        (BodyLimit::Import, _) => Sent::Sheet,
        _ if reads => Sent::Json(Value::Null),
        (_, Some(json)) if route.path.starts_with("/api/") => {
            Sent::Json(serde_json::from_str(&json).unwrap())
        }
        (_, Some(form)) => {
            let fields = form_urlencoded::parse(form.as_bytes());
            Sent::Form(fields.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
        }
        (_, None) if bare => Sent::Json(Value::Null),
        (_, None) => panic!("{} {} has no example in its table", route.method, route.path),
    }
}

/// The request of a route.
pub fn spec(route: &web::Route, world: &World, extras: &Extras) -> Spec {
    let id = |name: &str| id(name, route.path, world, extras);
    let mut path = fill(route.path, |name| id(name).or_else(|| text(name, route.path, extras)));
    let example = route.example.map(|example| fill(example, id));
    if let Some(query) = example.as_ref().filter(|_| route.method == Method::GET) {
        path = format!("{path}?{query}");
    }
    Spec { path, sent: sent(route, example), by: by(route.access) }
}

/// The id that a part of a path of this name has in a world.
pub fn part(name: &str, world: &World, extras: &Extras) -> Option<String> {
    id(name, "", world, extras)
}

/// What a route's query may name.
pub fn parameters(route: &web::Route) -> Vec<String> {
    route.notes.parameters.iter().map(|parameter| parameter.name.clone()).collect()
}

/// Makes the state that a route's success needs beyond the world.
pub async fn prepare(pattern: &str, world: &World) {
    let owner = world.client(As::Owner).await;
    let hash =
        world.server.app.passwords.hash(&kernel::turns::Flow::default(), super::PASSWORD).await.unwrap();
    let member = world.member;
    world
        .server
        .db()
        .write(async move |tx| people::users::set_password(tx, member, &hash).await)
        .await
        .unwrap();
    if pattern.contains("/requests/{request}/") {
        hold_request(world, pattern).await;
    }
    if ["/api/v1/groups/{group}", "/g/{group}/delete"].contains(&pattern) {
        forget_cases(world).await;
    }
    if pattern.contains("/user-groups/{user_group}") {
        // Otherwise a user group can't be deleted without saying who takes its requests over.
        let settle = sql!("UPDATE requests SET state = 'done'");
        world.server.db().write(async move |tx| tx.exec(settle, &[]).await).await.unwrap();
    }
    if pattern.contains("/me/invitations/{invitation}") {
        let (email, key) = ("member@riverside.test", "member@riverside.test");
        let own =
            sql!("UPDATE invitations SET email = $1, email_key = $2 WHERE email_key = 'new@riverside.test'");
        world.server.db().write(async move |tx| tx.exec(own, &[&email, &key]).await).await.unwrap();
    }
    if pattern == "/operator/accounts/{account}/admit" {
        let new = sql!("UPDATE accounts SET admitted_at = NULL");
        world.server.db().write(async move |tx| tx.exec(new, &[]).await).await.unwrap();
    }
    if pattern == "/operator/accounts/{account}/payout" {
        let (account, id) = (world.account, kernel::random::Random::System.bytes::<16>());
        let id: kernel::id::EntryId = kernel::id::Id::from_uuid(uuid::Uuid::from_bytes(id));
        let credit = sql!(
            "INSERT INTO ledger (account_id, id, at, kind, amount, currency, object, note)
             VALUES ($1, $2, 0, 'payment', -100000000, 'usd', '', '')"
        );
        world.server.db().write(async move |tx| tx.exec(credit, &[&account, &id]).await).await.unwrap();
    }
    if pattern.ends_with("/resume") {
        let pause = sql!("UPDATE webhook_endpoints SET state = 'paused'");
        world.server.db().write(async move |tx| tx.exec(pause, &[]).await).await.unwrap();
    }
    if pattern.ends_with("/addenda") {
        let member = world.client(As::Member).await;
        let note: kernel::id::NoteId = world
            .server
            .db()
            .read(async |tx| tx.value(sql!("SELECT id FROM notes WHERE group_note_id IS NULL"), &[]).await)
            .await
            .unwrap();
        let released = member.post(&format!("/api/v1/notes/{note}/release"), &json!({})).await;
        assert!(released.status.is_success(), "{}", released.text);
    }
    if pattern.ends_with("/ownership-transfers") || pattern.ends_with("/offer-ownership") {
        let pending: String = world
            .server
            .db()
            .read(async |tx| {
                tx.value::<kernel::id::TransferId>(sql!("SELECT id FROM ownership_transfers"), &[]).await
            })
            .await
            .unwrap()
            .to_string();
        owner.delete(&format!("/api/v1/ownership-transfers/{pending}")).await;
    }
}

/// Takes the world's request to where the step that the pattern ends in can be taken.
async fn hold_request(world: &World, pattern: &str) {
    let step = pattern.rsplit('/').next().unwrap_or_default();
    let found = world.server.db().read(async |tx| {
        tx.value::<kernel::id::RequestId>(sql!("SELECT id FROM requests ORDER BY id LIMIT 1"), &[]).await
    });
    let request = format!("/api/v1/requests/{}", found.await.unwrap());
    let receiver = world.client(As::GroupAdmin).await;
    if ["release", "ask", "complete", "reopen", "undo"].contains(&step) {
        receiver.post(&format!("{request}/claim"), &Value::Null).await;
    }
    if step == "reopen" {
        receiver.post(&format!("{request}/complete"), &Value::Null).await;
    }
}

/// Takes every case and client out of the world, as if there had never been one.
async fn forget_cases(world: &World) {
    for statement in [
        sql!("DELETE FROM request_clients"),
        sql!("DELETE FROM request_groups"),
        sql!("UPDATE requests SET case_group_id = NULL, case_id = NULL"),
        sql!("DELETE FROM notes"),
        sql!("DELETE FROM group_note_attendance"),
        sql!("DELETE FROM group_notes"),
        sql!("DELETE FROM client_group_members"),
        sql!("DELETE FROM case_clients"),
        sql!("DELETE FROM client_animals"),
        sql!("DELETE FROM clients"),
        sql!("DELETE FROM case_files"),
        sql!("DELETE FROM case_notes"),
        sql!("DELETE FROM cases"),
        sql!("UPDATE groups SET cases_made = 0"),
    ] {
        world.server.db().write(async move |tx| tx.exec(statement, &[]).await).await.unwrap();
    }
}

/// Sends a spec's request.
pub async fn send(client: &Client, method: &Method, spec: &Spec) -> Reply {
    match &spec.sent {
        Sent::Json(Value::Null) if !spec.path.starts_with("/api/") => {
            client
                .send(method.clone(), &spec.path, &[("accept", "text/html")], axum::body::Body::empty())
                .await
        }
        Sent::Json(body) => client.json(method.clone(), &spec.path, body).await,
        Sent::File => client.upload(&spec.path, "x.png", super::PNG).await,
        Sent::Sheet => client.upload(&spec.path, "clients.csv", b"name,email\nNell Orr,n@x.test\n").await,
        Sent::Form(fields) => {
            let fields =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>();
            client.form(&spec.path, &fields).await
        }
    }
}
