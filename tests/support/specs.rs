//! For every route of the table: a request that its permitted caller makes with success. A route
//! without one fails the tests, so nothing gets into the product untested.

use access::{Access, Privilege};
use axum::http::Method;
use serde_json::{Value, json};
use storage::sql;

use super::{As, Client, Reply, Server, World};

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
}

impl Extras {
    pub async fn make(world: &World) -> Self {
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
        let (quote, invoice) = bought(&owner, &api).await;
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
    let generated = made(format!("/api/v1/group-notes/{group_note}/generate"), json!({})).await;
    (text(&note["id"]), group_note, text(&generated["outcomes"][0]["note"]))
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
    admin.post(&reset, &Value::Null).await;
    let hash = server.app.passwords.hash(super::PASSWORD).await.unwrap();
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

/// Fills a route's path.
fn path(pattern: &str, world: &World, extras: &Extras) -> String {
    let token = match pattern {
        p if p.contains("password-resets") => &extras.reset,
        p if p.contains("verif") => &extras.sign_up,
        p if p.contains("addresses") => &extras.address,
        p if p.starts_with("/h/") => &extras.share_token,
        _ => &extras.token,
    };
    pattern
        .replace("{account}", &world.account.to_string())
        .replace("{group}", &world.group.to_string())
        .replace("{location}", &world.location.to_string())
        .replace("{protocol}", &world.protocol.to_string())
        .replace("{case}", &world.case.to_string())
        .replace("{request}", &extras.request)
        .replace("{file}", if pattern.contains("{request}") { &extras.request_file } else { &extras.file })
        .replace("{invitation}", &extras.invitation)
        .replace("{transfer}", &extras.transfer)
        .replace("{handout}", &extras.handout)
        .replace("{share}", &extras.share)
        .replace("{client}", &extras.client)
        .replace("{animal}", &extras.animal)
        .replace("{import}", &extras.import)
        .replace("{user_group}", &extras.user_group)
        .replace("{client_group}", &extras.client_group)
        .replace("{group_note}", &extras.group_note)
        .replace("{note}", if pattern.ends_with("/shared") { &extras.generated_note } else { &extras.note })
        .replace("{note_type}", &extras.note_type)
        .replace("{session}", &extras.session)
        .replace("{mail}", &extras.mail)
        .replace("{quote}", &extras.quote)
        .replace("{invoice}", &extras.invoice)
        .replace("{token}", token)
        .replace("{user}", &world.member.to_string())
        .replace("/assets/{hash}/{name}", "/assets/0/style.css")
        .replace("/subscription/price", "/subscription/price?licenses=19")
}

/// Who makes the route's request with success: the lowest role that may.
pub fn permitted(access: Access) -> As {
    match access {
        Access::Public => As::Anonymous,
        Access::AccountMember | Access::SignedIn | Access::GroupReader | Access::GroupMember => As::Member,
        Access::HandoutReader => As::Support,
        Access::CaseReader | Access::CaseEditor | Access::FileReader | Access::FileEditor => As::Member,
        Access::GroupAdmin | Access::LocationAdmin | Access::InvitationManager => As::GroupAdmin,
        Access::AccountAdmin | Access::ProtocolAdmin | Access::InvoiceAdmin => As::Administrator,
        Access::TransferParty | Access::GroupSteward => As::Administrator,
        Access::HandoutEditor | Access::HandoutAuthor => As::Administrator,
        Access::AccountWorker => As::Member,
        Access::UserGroupAdmin | Access::NoteTypeAdmin => As::Administrator,
        Access::CaseExporter | Access::ClientKeeper | Access::ClientCurator | Access::ImportKeeper => {
            As::GroupAdmin
        }
        Access::ClientReader | Access::ClientEditor => As::Member,
        Access::ClientGroupReader | Access::ClientGroupEditor => As::Member,
        Access::GroupNoteReader | Access::GroupNoteEditor | Access::GroupNoteReleaser => As::Member,
        Access::NoteReader | Access::NoteEditor | Access::NoteReleaser => As::Member,
        Access::RequestSender | Access::RequestReader | Access::RequestAuthor => As::Member,
        Access::RequestReceiver => As::GroupAdmin,
        Access::AccountOwner => As::Owner,
    }
}

/// The body of an API route's request.
#[rustfmt::skip]
fn body(method: &Method, pattern: &str, world: &World, extras: &Extras) -> Option<Sent> {
    if *method == Method::GET || *method == Method::DELETE {
        return Some(Sent::Json(Value::Null));
    }
    let new_user = || json!({ "name": "New", "password": super::PASSWORD });
    let password = || json!({ "password": super::PASSWORD });
    if !pattern.starts_with("/api/") {
        return super::specs_of_pages(pattern, world, extras);
    }
    Some(Sent::Json(match (method.as_str(), pattern.trim_start_matches("/api/v1")) {
        ("POST", "/set-up") => json!({ "code": "x", "account_name": "A", "name": "N", "email": "n@a.test",
            "password": super::PASSWORD, "group_name": "G", "location_name": "L" }),
        ("POST", "/sign-up") => json!({ "email": "a@b.test", "password": super::PASSWORD, "name": "A", "account_name": "A" }),
        ("POST", "/verifications/{token}" | "/verify/{token}" | "/password-resets/{token}") => password(),
        ("POST", "/sign-in") => json!({ "email": "elsewhere@riverside.test", "password": super::PASSWORD }),
        ("POST", "/password-resets") => json!({ "email": "member@riverside.test" }),
        ("POST", "/sign-out" | "/addresses/{token}" | "/accounts/{account}/mail/{mail}/retry") => Value::Null,
        ("POST", "/accounts/{account}/members/{user}/password-reset") => Value::Null,
        ("POST", "/ownership-transfers/{transfer}/accept" | "/invitations/{invitation}/resend") => Value::Null,
        ("POST", "/groups/{group}/leave") => Value::Null,
        ("PATCH", "/me") => json!({ "name": "Member" }),
        ("PUT", "/me/password") => json!({ "current_password": super::PASSWORD, "password": "twelve gray wagtails" }),
        ("PUT", "/me/address") => json!({ "current_password": super::PASSWORD, "email": "m@m.test" }),
        ("PATCH", "/accounts/{account}") => json!({ "name": "Riverside II" }),
        ("POST", "/accounts") => json!({ "account_name": "Own" }),
        ("POST", "/accounts/{account}/protocols") => json!({ "name": "Dentistry" }),
        ("PATCH", "/protocols/{protocol}") => json!({ "name": "Dentistry" }),
        ("PATCH", "/accounts/{account}/members/{user}") => json!({ "role": "administrator" }),
        ("POST", "/accounts/{account}/subscription/quotes") => json!({ "licenses": 19 }),
        ("POST", "/accounts/{account}/subscription/purchases") => json!({ "quote": extras.quote, "accept_terms": true }),
        ("POST", "/accounts/{account}/subscription/cancellation") => json!({ "when": "renewal" }),
        ("PUT", "/accounts/{account}/payment-method") => json!({ "method": "pm_card" }),
        ("PUT", "/accounts/{account}/billing") => json!({ "name": "Riverside", "email": "books@riverside.test" }),
        ("POST", "/invoices/{invoice}/payments") => json!({ "note": "Bank transfer" }),
        ("POST", "/invoices/{invoice}/charges" | "/webhooks/stripe") => Value::Null,
        ("PUT", "/accounts/{account}/introduction") => json!({ "subject": "Hello", "body": "Hi {name}" }),
        ("POST", "/accounts/{account}/introduction/sends") => json!({ "emails": ["member@riverside.test"] }),
        ("POST", "/accounts/{account}/ownership-transfers") => json!({ "to": world.member }),
        ("POST", "/accounts/{account}/invitations") => json!({ "emails": "z@z.test", "role": "member" }),
        ("POST", "/groups/{group}/invitations") => json!({ "emails": ["z@z.test"], "role": "member" }),
        ("POST", "/invitation-links/{token}/accept" | "/invitations/{token}/accept") => new_user(),
        ("POST", "/accounts/{account}/groups") => json!({ "name": "Third" }),
        ("PATCH", "/groups/{group}") => json!({ "description": "Better" }),
        ("PUT", "/groups/{group}/members/{user}") => json!({ "role": "administrator" }),
        ("POST", "/groups/{group}/locations") => json!({ "name": "Shed" }),
        ("PATCH", "/locations/{location}") => json!({ "name": "Shed" }),
        ("POST", "/groups/{group}/cases") => json!({ "protocol": world.protocol, "location": world.location }),
        ("PATCH", "/cases/{case}") => json!({ "status": "closed" }),
        ("POST", "/cases/{case}/notes") => json!({ "body": "Seen." }),
        ("POST", "/accounts/{account}/handouts") => super::handout("Weaning"),
        ("PATCH", "/handouts/{handout}") => json!({ "title": "After any surgery" }),
        ("PUT", "/handouts/{handout}/favorite") => Value::Null,
        ("PUT", "/handouts/{handout}/note") => json!({ "body": "Mine." }),
        ("POST", "/handouts/{handout}/shares") => json!({ "email": "pet@owner.test", "message": "Rest well." }),
        ("POST", "/accounts/{account}/requests") => json!({ "to": extras.user_group, "subject": "Cover",
            "body": "Are they covered?", "clients": [extras.client] }),
        ("PUT", "/accounts/{account}/requests/settings") => json!({ "mail": "digest" }),
        ("POST", "/requests/{request}/messages" | "/requests/{request}/wait" | "/requests/{request}/complete") =>
            json!({ "body": "Which card?" }),
        ("POST", "/requests/{request}/read" | "/requests/{request}/claim" | "/requests/{request}/release"
            | "/requests/{request}/cancel" | "/requests/{request}/reopen") => Value::Null,
        ("POST", "/requests/{request}/assign") => json!({ "user": world.group_admin }),
        ("POST", "/requests/{request}/decline") => json!({ "reason": "Not insured with us." }),
        ("POST", "/requests/{request}/forward") => json!({ "to": extras.front_desk }),
        ("POST", "/requests/{request}/files") => return Some(Sent::File),
        ("POST", "/accounts/{account}/user-groups") => json!({ "name": "Back office", "members": [world.member],
            "privileges": ["requests.send"] }),
        ("PUT", "/user-groups/{user_group}") => json!({ "name": "Insurance", "description": "", "active": true,
            "default": true, "members": [world.member, world.group_admin], "privileges": ["requests.receive"] }),
        ("POST", "/groups/{group}/client-groups") => json!({ "name": "Friday circle", "clients": [extras.client] }),
        ("PUT", "/client-groups/{client_group}") => json!({ "name": "Tuesday circle", "description": "", "active": true,
            "default": true, "clients": [extras.client] }),
        ("POST", "/accounts/{account}/note-types") => json!({ "name": "Home visit" }),
        ("PATCH", "/note-types/{note_type}") => json!({ "body": "Who was there:" }),
        ("POST", "/clients/{client}/notes" | "/client-groups/{client_group}/notes") =>
            json!({ "service_date": "2026-03-02", "body": "Seen." }),
        ("PATCH", "/notes/{note}" | "/group-notes/{group_note}") => json!({ "body": "Seen twice." }),
        ("POST", "/notes/{note}/release" | "/group-notes/{group_note}/generate" | "/group-notes/{group_note}/release") => json!({}),
        ("POST", "/notes/{note}/addenda") => json!({ "body": "Rang later." }),
        ("POST", "/cases/{case}/files") => return Some(Sent::File),
        ("POST", "/groups/{group}/clients") => json!({ "kind": "owner", "name": "Ada Lund", "animals": [{ "name": "Rex" }] }),
        ("PATCH", "/clients/{client}") => json!({ "phone": "+49 30 1" }),
        ("POST", "/clients/{client}/animals") => json!({ "name": "Mia", "species": "Cat" }),
        ("PATCH", "/clients/{client}/animals/{animal}") => json!({ "breed": "Collie" }),
        ("POST", "/clients/{client}/merge") => json!({ "into": extras.other_client }),
        ("POST", "/groups/{group}/client-imports") => return Some(Sent::Sheet),
        ("POST", "/client-imports/{import}/run") => Value::Null,
        _ => return None,
    }))
}

/// The request of a route.
pub fn spec(route: &web::Route, world: &World, extras: &Extras) -> Spec {
    let sent = body(&route.method, route.path, world, extras);
    let sent = sent.unwrap_or_else(|| {
        panic!("{} {} has no request in tests/support/specs.rs", route.method, route.path)
    });
    Spec { path: path(route.path, world, extras), sent, by: permitted(route.access) }
}

/// Makes the state that a route's success needs beyond the world.
pub async fn prepare(pattern: &str, world: &World) {
    let owner = world.client(As::Owner).await;
    let hash = world.server.app.passwords.hash(super::PASSWORD).await.unwrap();
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
    if ["release", "wait", "complete", "reopen"].contains(&step) {
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
