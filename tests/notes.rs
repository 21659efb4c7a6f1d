//! Charts and group notes: drafts, release, addenda, creating notes, and the guard that looks for names.

use access::Privilege;
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use kernel::{
    clock::{HOUR, MINUTE},
    id::{ClientGroupId, ClientId},
};
use serde_json::{Value, json};
use storage::{Sql, sql};

use crate::support::{
    As, Client, ENGINES, Engine, Reply, World, new_client, new_client_group, new_user_group,
};

const DAY: &str = "2026-03-02";

/// A world whose first group has three clients in a client group, and one client beside it.
struct Circle {
    world: World,
    member: Client,
    ann: ClientId,
    ben: ClientId,
    clara: ClientId,
    dora: ClientId,
    circle: ClientGroupId,
}

impl Circle {
    async fn new(engine: Engine) -> Self {
        let world = World::new(engine).await;
        let client =
            async |name| new_client(&world.server, world.member, world.account, world.group, name).await;
        let (ann, ben) = (client("Ann Lee").await, client("Ben Ode").await);
        let (clara, dora) = (client("Clara Voss").await, client("Dora Quist").await);
        let circle =
            new_client_group(&world.server, world.account, world.group, "Tuesday", &[ann, ben, clara]).await;
        let member = world.client(As::Member).await;
        Self { world, member, ann, ben, clara, dora, circle }
    }

    async fn group_note(&self, body: &str) -> String {
        let path = format!("/api/v1/client-groups/{}/notes", self.circle);
        let made = self.member.post(&path, &json!({ "service_date": DAY, "body": body })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        format!("/api/v1/group-notes/{}", text(&made.json["id"]))
    }

    async fn attend(&self, path: &str, who: &[(ClientId, &str, &str)]) -> Reply {
        let one = |(client, attendance, comment): &(ClientId, &str, &str)| json!({ "client": client, "attendance": attendance, "comment": comment });
        let list = who.iter().map(one).collect::<Vec<_>>();
        self.member.patch(path, &json!({ "attendance": list })).await
    }

    async fn exec(&self, statement: Sql) {
        self.world.server.db().write(async move |tx| tx.exec(statement, &[]).await).await.unwrap();
    }

    /// Archives a client, or says that it was merged into another.
    async fn archive(&self, client: ClientId, into: Option<ClientId>) {
        let archived = self.world.server.db().write(async move |tx| {
            let done = sql!("UPDATE clients SET archived_at = $2, merged_into = $3 WHERE id = $1");
            tx.exec(done, &[&client, &tx.now(), &into]).await
        });
        assert_eq!(archived.await.unwrap(), 1);
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}

/// Outcomes by client.
async fn create_notes(client: &Client, path: &str, body: &Value) -> Vec<(String, String, Option<String>)> {
    let made = client.post(&format!("{path}/create-notes"), body).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let outcomes = made.json["outcomes"].as_array().unwrap().iter();
    let one = |each: &Value| {
        (text(&each["client"]["name"]), text(&each["outcome"]), each["note"].as_str().map(str::to_owned))
    };
    outcomes.map(one).collect()
}

fn outcomes(list: &[(String, String, Option<String>)]) -> Vec<(&str, &str)> {
    list.iter().map(|(name, outcome, _)| (name.as_str(), outcome.as_str())).collect()
}

fn note_of(list: &[(String, String, Option<String>)], name: &str) -> String {
    let found = list.iter().find(|one| one.0 == name).unwrap_or_else(|| panic!("{name} has an outcome"));
    format!("/api/v1/notes/{}", found.2.as_deref().unwrap())
}

async fn patch_if(client: &Client, path: &str, version: &str, body: &Value) -> Reply {
    let headers = [("content-type", "application/json"), ("if-match", version)];
    client.send(Method::PATCH, path, &headers, Body::from(body.to_string())).await
}

fn refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status.as_u16(), reply.json["code"].as_str()), (status, Some(code)), "{}", reply.text);
}

fn faulty(reply: &Reply, field: &str) {
    refused(reply, 422, "invalid");
    let fields = reply.json["errors"].as_array().unwrap().iter().map(|error| text(&error["field"]));
    assert!(fields.clone().any(|name| name == field), "{field}: {}", reply.text);
}

#[tokio::test]
async fn a_chart_goes_from_the_newest_day_back_and_is_paged_without_gaps() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let path = format!("/api/v1/clients/{}/notes", it.ann);
        for (day, body) in
            [("2026-01-05", "b"), ("2026-02-01", "d"), ("2025-12-31", "a"), ("2026-01-05", "c"), (DAY, "e")]
        {
            let made = it.member.post(&path, &json!({ "service_date": day, "body": body })).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        }
        let (mut seen, mut next) = (String::new(), String::new());
        loop {
            let page = it.member.get(&format!("{path}?limit=2{next}")).await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.text);
            for note in page.json["items"].as_array().unwrap() {
                seen.push_str(note["body"].as_str().unwrap());
            }
            match page.json["next_cursor"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen, "edcba");
        faulty(&it.member.get(&format!("{path}?cursor=nonsense")).await, "cursor");
    }
}

#[tokio::test]
async fn a_note_is_written_changed_released_and_added_to() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let chart = format!("/api/v1/clients/{}/notes", it.ann);
        let all = json!({ "note_type": "progress NOTE", "description": " First  visit ", "service_date": DAY,
                          "minutes": 45, "location": it.world.location, "body": "" });
        let made = it.member.post(&chart, &all).await.json;
        assert_eq!((made["note_type"].as_str(), made["minutes"].as_i64()), (Some("Progress note"), Some(45)));
        assert_eq!(made["description"], "First visit");
        let path = format!("/api/v1/notes/{}", text(&made["id"]));
        refused(&it.member.post(&format!("{path}/release"), &json!({})).await, 409, "empty_note");
        refused(
            &it.member.post(&format!("{path}/addenda"), &json!({ "body": "x" })).await,
            409,
            "note_not_released",
        );
        let blank = it.member.patch(&path, &json!({ "body": "\u{200b} \u{200b}" })).await;
        assert_eq!(blank.status, StatusCode::OK, "{}", blank.text);
        refused(&it.member.post(&format!("{path}/release"), &json!({})).await, 409, "empty_note");
        let changed =
            it.member.patch(&path, &json!({ "body": "Calm.", "minutes": null, "location": null })).await;
        assert_eq!((&changed.json["minutes"], &changed.json["location"]), (&Value::Null, &Value::Null));
        let released = it.member.post(&format!("{path}/release"), &json!({})).await;
        assert_eq!(released.json["released"]["by"]["name"], "member", "{}", released.text);
        let kept = it.member.get(&path).await.text;
        refused(&it.member.patch(&path, &json!({ "body": "Other." })).await, 409, "note_released");
        refused(&it.member.delete(&path).await, 409, "note_released");
        refused(&it.member.post(&format!("{path}/release"), &json!({})).await, 409, "note_released");
        assert_eq!(it.member.get(&path).await.text, kept);
        faulty(&it.member.post(&format!("{path}/addenda"), &json!({ "body": " " })).await, "body");
        let added = it.member.post(&format!("{path}/addenda"), &json!({ "body": "Rang later." })).await;
        assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
        let entry = it.member.get(&chart).await.json["items"][0].clone();
        assert_eq!(entry["addenda"][0]["body"], "Rang later.");
        assert_eq!(entry["addenda"][0]["author"]["name"], "member");
        assert_eq!(entry["body"], "Calm.");
    }
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_what_was_released() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let chart = format!("/api/v1/clients/{}/notes", it.ann);
        let note = json!({ "service_date": DAY, "body": "Calm." });
        let path = format!("/api/v1/notes/{}", text(&it.member.post(&chart, &note).await.json["id"]));
        it.member.post(&format!("{path}/release"), &json!({})).await;
        it.member.post(&format!("{path}/addenda"), &json!({ "body": "Rang." })).await;
        for statement in [
            sql!("UPDATE notes SET body = 'Other.'"),
            sql!("UPDATE notes SET service_date = '2020-01-01'"),
            sql!("UPDATE notes SET released_by = NULL, released_at = NULL"),
            sql!("UPDATE notes SET minutes = 5"),
            sql!("DELETE FROM note_addenda"),
            sql!("UPDATE note_addenda SET body = 'Other.'"),
            sql!("DELETE FROM notes"),
        ] {
            let tried = it.world.server.db().write(async move |tx| tx.exec(statement, &[]).await).await;
            assert!(tried.is_err(), "{statement:?} on {engine:?}");
        }
        // Where it hangs may change, as clients are merged.
        let (from, to) = (it.ann, it.ben);
        let moved = it.world.server.db().write(async move |tx| {
            tx.exec(sql!("UPDATE notes SET client_id = $2 WHERE client_id = $1"), &[&from, &to]).await
        });
        assert_eq!(moved.await.unwrap(), 1);
        assert_eq!(it.member.get(&path).await.json["client"]["id"], json!(it.ben));
    }
}

#[tokio::test]
async fn bad_input_is_told_by_field_and_nothing_is_written() {
    let it = Circle::new(Engine::Sqlite).await;
    let chart = format!("/api/v1/clients/{}/notes", it.ann);
    let with = |field: &str, value: Value| {
        let mut body = json!({ "service_date": DAY });
        body[field] = value;
        body
    };
    for (field, value) in [
        ("service_date", json!("2026-02-30")),
        ("service_date", json!("soon")),
        ("minutes", json!(0)),
        ("minutes", json!(1441)),
        ("minutes", json!("ten")),
        ("note_type", json!("Séance")),
        ("description", json!("x".repeat(201))),
        ("description", json!("a\u{202e}b")),
        ("body", json!("x".repeat(20_001))),
        ("body", json!("a\u{0}b")),
        ("location", json!(it.world.other_location)),
        ("location", json!("loc_1")),
    ] {
        faulty(&it.member.post(&chart, &with(field, value)).await, field);
    }
    faulty(&it.member.post(&chart, &json!({})).await, "service_date");
    faulty(&it.member.post(&chart, &json!({ "service_date": DAY, "color": 1 })).await, "color");
    assert_eq!(it.world.server.count(sql!("SELECT count(*) FROM notes")).await, 0);
    it.archive(it.ann, None).await;
    refused(&it.member.post(&chart, &json!({ "service_date": DAY })).await, 409, "client_archived");
}

#[tokio::test]
async fn others_read_release_and_write_only_as_they_may() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let chart = format!("/api/v1/clients/{}/notes", it.ann);
        let note = json!({ "service_date": DAY, "body": "Calm." });
        let path = format!("/api/v1/notes/{}", text(&it.member.post(&chart, &note).await.json["id"]));
        for stranger in [As::Elsewhere, As::Stranger, As::Support] {
            let client = it.world.client(stranger).await;
            refused(&client.get(&path).await, 404, "not_found");
            refused(&client.get(&chart).await, 404, "not_found");
            refused(&client.post(&chart, &note).await, 404, "not_found");
        }
        let owner = it.world.client(As::Owner).await;
        assert_eq!(owner.get(&path).await.status, StatusCode::OK);
        assert_eq!(owner.get(&chart).await.status, StatusCode::OK);
        refused(&owner.patch(&path, &json!({ "body": "x" })).await, 403, "not_in_group");
        refused(&owner.post(&format!("{path}/release"), &json!({})).await, 403, "not_in_group");
        let noted = sql!(
            "SELECT count(*) FROM audit_events WHERE action IN ('note.read_from_parent', 'client.read_from_parent')"
        );
        assert_eq!(it.world.server.count(noted).await, 2);

        // Another member may write on it, and releases it only with the privilege.
        let (account, group, elsewhere) = (it.world.account, it.world.group, it.world.elsewhere);
        let owner_id = it.world.owner;
        let joined = it.world.server.db().write(async move |tx| {
            people::groups::add(tx, account, group, elsewhere, access::GroupRole::Member, owner_id).await
        });
        joined.await.unwrap();
        let colleague = it.world.client(As::Elsewhere).await;
        assert_eq!(colleague.patch(&path, &json!({ "body": "Very calm." })).await.status, StatusCode::OK);
        refused(&colleague.post(&format!("{path}/release"), &json!({})).await, 403, "privilege_needed");
        let may = [Privilege::NotesRelease];
        new_user_group(&it.world.server, account, "Supervisors", &[elsewhere], &may).await;
        let released = colleague.post(&format!("{path}/release"), &json!({})).await;
        assert_eq!(released.json["released"]["by"]["name"], "elsewhere", "{}", released.text);
        assert_eq!(released.json["author"]["name"], "member");
    }
}

#[tokio::test]
async fn two_who_write_the_same_draft_are_told_apart_by_its_version() {
    let it = Circle::new(Engine::Sqlite).await;
    let chart = format!("/api/v1/clients/{}/notes", it.ann);
    let made = it.member.post(&chart, &json!({ "service_date": DAY })).await.json;
    let path = format!("/api/v1/notes/{}", text(&made["id"]));
    let first = patch_if(&it.member, &path, "\"v1\"", &json!({ "body": "Mine." })).await;
    assert!(first.headers["etag"].to_str().unwrap().starts_with("\"v2-"));
    let second = patch_if(&it.member, &path, "\"v1\"", &json!({ "body": "Theirs." })).await;
    refused(&second, 412, "changed_meanwhile");
    let same = patch_if(&it.member, &path, "\"v2\"", &json!({ "body": "Mine. " })).await;
    assert_eq!(same.headers["etag"], first.headers["etag"], "nothing changed, so nobody is disturbed");
    let headers = [("if-match", "\"v1\"")];
    let stale = it.member.send(Method::DELETE, &path, &headers, Body::empty()).await;
    refused(&stale, 412, "changed_meanwhile");
    assert_eq!(it.member.delete(&path).await.status, StatusCode::NO_CONTENT);
    refused(&it.member.get(&path).await, 404, "not_found");
}

#[tokio::test]
async fn autosave_does_not_flood_the_trail() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let chart = format!("/api/v1/clients/{}/notes", it.ann);
        let made = it.member.post(&chart, &json!({ "service_date": DAY })).await.json;
        let path = format!("/api/v1/notes/{}", text(&made["id"]));
        let changes = sql!("SELECT count(*) FROM audit_events WHERE action = 'note.changed'");
        for round in 0..20 {
            it.world.server.clock.advance(5 * MINUTE);
            it.member.patch(&path, &json!({ "body": format!("Draft {round}") })).await;
        }
        // 100 minutes: one hour after it was written, and no second hour is over.
        assert_eq!(it.world.server.count(changes).await, 1);
        it.world.server.clock.advance(HOUR);
        it.member.patch(&path, &json!({ "body": "Last." })).await;
        assert_eq!(it.world.server.count(changes).await, 2);
        let names =
            sql!("SELECT count(*) FROM audit_personal WHERE detail LIKE '%Draft%' OR detail LIKE '%Ann%'");
        assert_eq!(it.world.server.count(names).await, 0);
    }
}

#[tokio::test]
async fn a_group_note_makes_a_note_for_each_who_was_there() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let path = it.group_note("{name} was {attendance}. {comment}").await;
        let shown = it.member.get(&path).await.json;
        let attendance = shown["attendance"].as_array().unwrap();
        assert_eq!(
            attendance.iter().map(|one| text(&one["name"])).collect::<Vec<_>>(),
            ["Ann Lee", "Ben Ode", "Clara Voss"]
        );
        assert!(attendance.iter().all(|one| one["attendance"] == "present" && one["guest"] == false));
        let set = it
            .attend(
                &path,
                &[
                    (it.ann, "late", "The bus {name} takes."),
                    (it.ben, "absent", ""),
                    (it.clara, "present", ""),
                    (it.dora, "present", "A guest."),
                ],
            )
            .await;
        assert_eq!(set.status, StatusCode::OK, "{}", set.text);
        let made = create_notes(&it.member, &path, &json!({})).await;
        assert_eq!(
            outcomes(&made),
            [("Ann Lee", "created"), ("Clara Voss", "created"), ("Dora Quist", "created")]
        );
        let ann = it.member.get(&note_of(&made, "Ann Lee")).await.json;
        assert_eq!(ann["body"], "Ann Lee was late. The bus {name} takes.");
        assert_eq!((ann["attendance"].as_str(), ann["personalized"].as_bool()), (Some("late"), Some(false)));
        assert_eq!(
            it.member.get(&note_of(&made, "Clara Voss")).await.json["body"],
            "Clara Voss was present."
        );
        let shown = it.member.get(&path).await.json;
        assert_eq!(shown["attendance"][3]["guest"], true);
        assert_eq!((shown["notes_created"].as_i64(), shown["notes_released"].as_i64()), (Some(3), Some(0)));

        // Again: nothing new. Another text: all are renewed. Someone absent after all: withdrawn.
        let again = create_notes(&it.member, &path, &json!({})).await;
        assert!(outcomes(&again).iter().all(|(_, outcome)| *outcome == "unchanged"), "{again:?}");
        it.member.patch(&path, &json!({ "body": "We talked.", "minutes": 50 })).await;
        let renewed = create_notes(&it.member, &path, &json!({})).await;
        assert!(outcomes(&renewed).iter().all(|(_, outcome)| *outcome == "updated"), "{renewed:?}");
        let ann = it.member.get(&note_of(&renewed, "Ann Lee")).await.json;
        assert_eq!((ann["body"].as_str(), ann["minutes"].as_i64()), (Some("We talked."), Some(50)));
        it.attend(&path, &[(it.ann, "absent", ""), (it.clara, "present", ""), (it.dora, "present", "")])
            .await;
        let withdrawn = create_notes(&it.member, &path, &json!({})).await;
        assert_eq!(outcomes(&withdrawn)[0], ("Ann Lee", "withdrawn"));
        refused(&it.member.get(&note_of(&renewed, "Ann Lee")).await, 404, "not_found");
    }
}

#[tokio::test]
async fn a_personalized_text_stays_and_a_released_note_is_never_touched() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let path = it.group_note("We talked.").await;
        let made = create_notes(&it.member, &path, &json!({})).await;
        let [ann, ben, clara] = ["Ann Lee", "Ben Ode", "Clara Voss"].map(|name| note_of(&made, name));
        faulty(&it.member.patch(&ann, &json!({ "minutes": 5 })).await, "minutes");
        let own = it.member.patch(&ann, &json!({ "body": "She wept." })).await;
        assert_eq!(own.json["personalized"], true, "{}", own.text);
        it.member.patch(&clara, &json!({ "body": "Quiet." })).await;
        it.member.post(&format!("{ben}/release"), &json!({})).await;
        let released = it.member.get(&ben).await.text;

        it.member.patch(&path, &json!({ "body": "We sang.", "description": "Songs" })).await;
        let again = create_notes(&it.member, &path, &json!({ "overwrite_personalized": [it.clara] })).await;
        assert_eq!(
            outcomes(&again),
            [("Ann Lee", "kept_personalized"), ("Ben Ode", "kept_released"), ("Clara Voss", "updated")]
        );
        let note = it.member.get(&ann).await.json;
        assert_eq!((note["body"].as_str(), note["description"].as_str()), (Some("She wept."), Some("Songs")));
        let note = it.member.get(&clara).await.json;
        assert_eq!((note["body"].as_str(), note["personalized"].as_bool()), (Some("We sang."), Some(false)));
        assert_eq!(it.member.get(&ben).await.text, released, "byte for byte");

        // Absent after all: the individual text stays and is told, the released one stays.
        let all_absent = [(it.ann, "absent", ""), (it.ben, "absent", ""), (it.clara, "absent", "")];
        it.attend(&path, &all_absent).await;
        let absent = create_notes(&it.member, &path, &json!({})).await;
        assert_eq!(
            outcomes(&absent),
            [("Ann Lee", "kept_absent"), ("Ben Ode", "kept_released"), ("Clara Voss", "withdrawn")]
        );
        assert_eq!(it.member.get(&ben).await.text, released, "byte for byte");
        let back = it.member.patch(&ann, &json!({ "personalized": false })).await;
        assert_eq!(
            (back.json["body"].as_str(), back.json["personalized"].as_bool()),
            (Some("We sang."), Some(false))
        );
        faulty(&it.member.patch(&ann, &json!({ "personalized": false, "body": "x" })).await, "personalized");
        let strangers = json!({ "overwrite_personalized": [it.dora] });
        faulty(
            &it.member.post(&format!("{path}/create-notes"), &strangers).await,
            "overwrite_personalized[0]",
        );
        refused(&it.member.delete(&path).await, 409, "note_released");
    }
}

#[tokio::test]
async fn who_joins_or_leaves_the_client_group_meanwhile_is_told_and_nothing_is_lost() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let path = it.group_note("We talked.").await;
        let (account, group, circle, ben, dora) =
            (it.world.account, it.world.group, it.circle, it.ben, it.dora);
        let changed = it.world.server.db().write(async move |tx| {
            let left = sql!("UPDATE client_group_members SET until = $2 WHERE client_id = $1");
            tx.exec(left, &[&ben, &tx.now()]).await?;
            let join = sql!(
                "INSERT INTO client_group_members (account_id, group_id, client_group_id, id, client_id, since)
                 VALUES ($1, $2, $3, $4, $5, $6)"
            );
            let id = tx.id::<kernel::id::Period>();
            tx.exec(join, &[&account, &group, &circle, &id, &dora, &tx.now()]).await
        });
        changed.await.unwrap();
        let made = it.member.post(&format!("{path}/create-notes"), &json!({})).await.json;
        assert_eq!(made["outcomes"].as_array().unwrap().len(), 3);
        assert_eq!(made["group_note"]["joined"][0]["name"], "Dora Quist");
        assert_eq!(made["group_note"]["left"][0]["name"], "Ben Ode");
        // Added now, the one who joined is no guest.
        let all = [
            (it.ann, "present", ""),
            (it.ben, "present", ""),
            (it.clara, "late", ""),
            (it.dora, "present", ""),
        ];
        it.attend(&path, &all).await;
        let shown = it.member.get(&path).await.json;
        assert_eq!(
            (shown["joined"].as_array().unwrap().len(), &shown["attendance"][3]["guest"]),
            (0, &json!(false))
        );
    }
}

#[tokio::test]
async fn archived_and_merged_clients_are_skipped_and_their_notes_stay() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let path = it.group_note("We talked.").await;
        it.archive(it.ben, None).await;
        let made = create_notes(&it.member, &path, &json!({})).await;
        assert_eq!(
            outcomes(&made),
            [("Ann Lee", "created"), ("Ben Ode", "archived"), ("Clara Voss", "created")]
        );
        // Clara turns out to be Dora: the draft moves, and is not withdrawn for want of an attendance.
        let (clara, dora) = (it.clara, it.dora);
        let moved = it.world.server.db().write(async move |tx| {
            tx.exec(sql!("UPDATE notes SET client_id = $2 WHERE client_id = $1"), &[&clara, &dora]).await
        });
        moved.await.unwrap();
        it.archive(it.clara, Some(it.dora)).await;
        let again = create_notes(&it.member, &path, &json!({})).await;
        assert_eq!(
            outcomes(&again),
            [
                ("Ann Lee", "unchanged"),
                ("Ben Ode", "archived"),
                ("Clara Voss", "archived"),
                ("Dora Quist", "unchanged")
            ]
        );
        // Who is archived stays in the attendance, but does not come anew.
        let set = it.attend(&path, &[(it.ann, "present", ""), (it.ben, "present", "")]).await;
        assert_eq!(set.status, StatusCode::OK, "{}", set.text);
        faulty(
            &it.attend(&path, &[(it.ann, "present", ""), (it.clara, "present", "")]).await,
            "attendance[1].client",
        );
    }
}

#[tokio::test]
async fn nobody_of_another_group_or_account_comes_into_an_attendance() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let path = it.group_note("We talked.").await;
        let (world, server) = (&it.world, &it.world.server);
        let far = new_client(server, world.elsewhere, world.account, world.other_group, "Eve Far").await;
        let before = it.member.get(&path).await.text;
        faulty(
            &it.attend(&path, &[(it.ann, "late", ""), (far, "present", "")]).await,
            "attendance[1].client",
        );
        faulty(
            &it.attend(&path, &[(it.ann, "late", ""), (it.ann, "late", "")]).await,
            "attendance[1].client",
        );
        faulty(&it.attend(&path, &[(it.ann, "late", &"x".repeat(201))]).await, "attendance[0].comment");
        let odd = json!({ "attendance": [{ "client": it.ann, "attendance": "asleep" }] });
        faulty(&it.member.patch(&path, &odd).await, "attendance[0].attendance");
        assert_eq!(it.member.get(&path).await.text, before);
        let elsewhere = it.world.client(As::Elsewhere).await;
        refused(&elsewhere.get(&path).await, 404, "not_found");
        refused(&elsewhere.post(&format!("{path}/create-notes"), &json!({})).await, 404, "not_found");
        let owner = it.world.client(As::Owner).await;
        assert_eq!(owner.get(&path).await.status, StatusCode::OK);
        refused(&owner.post(&format!("{path}/create-notes"), &json!({})).await, 403, "not_in_group");
    }
}

#[tokio::test]
async fn a_note_that_names_another_is_not_released_unawares() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let path = it.group_note("We talked.").await;
        refused(&it.member.post(&format!("{path}/release"), &json!({})).await, 409, "nothing_to_release");
        let made = create_notes(&it.member, &path, &json!({})).await;
        let ann = note_of(&made, "Ann Lee");
        it.member.patch(&ann, &json!({ "body": "She and Clara quarrelled." })).await;
        let shown = it.member.get(&path).await.json;
        assert_eq!(shown["notes"][0]["names"][0]["words"], "Clara");
        let chosen = json!({ "clients": [it.ann, it.ben] });
        for (path, body) in
            [(format!("{path}/release"), chosen), (format!("{ann}/release"), json!({ "despite": false }))]
        {
            let refusal = it.member.post(&path, &body).await;
            refused(&refusal, 409, "names_another_client");
            assert_eq!(
                refusal.json["errors"][0]["detail"],
                "The note for Ann Lee mentions Clara Voss (“Clara”)."
            );
            assert!(ann.ends_with(refusal.json["errors"][0]["field"].as_str().unwrap()));
        }
        assert_eq!(it.member.get(&path).await.json["notes_released"], 0, "all or none");
        let one = json!({ "clients": [it.ben] });
        assert_eq!(it.member.post(&format!("{path}/release"), &one).await.status, StatusCode::OK);
        faulty(
            &it.member.post(&format!("{path}/release"), &json!({ "clients": [it.dora] })).await,
            "clients[0]",
        );
        let rest = it.member.post(&format!("{path}/release"), &json!({ "despite": true })).await;
        assert_eq!(rest.json["released"].as_array().unwrap().len(), 2, "{}", rest.text);
        let despite = sql!("SELECT count(*) FROM audit_personal WHERE detail LIKE '%\"despite\":[\"not_%'");
        assert_eq!(it.world.server.count(despite).await, 1);
    }
}

#[tokio::test]
async fn releasing_all_releases_what_can_be_and_says_why_the_rest_stays() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let path = it.group_note("We talked.").await;
        let made = create_notes(&it.member, &path, &json!({})).await;
        it.member.patch(&note_of(&made, "Ann Lee"), &json!({ "body": "She and Clara quarrelled." })).await;
        it.member.patch(&note_of(&made, "Clara Voss"), &json!({ "body": "" })).await;
        let released = it.member.post(&format!("{path}/release"), &json!({})).await;
        assert_eq!(released.status, StatusCode::OK, "{}", released.text);
        assert_eq!(released.json["released"][0]["client"]["name"], "Ben Ode");
        assert_eq!(released.json["released"].as_array().unwrap().len(), 1);
        let kept = released.json["kept"].as_array().unwrap().iter();
        let kept = kept.map(|kept| (text(&kept["code"]), text(&kept["reason"]))).collect::<Vec<_>>();
        let expected = [
            ("names_another_client", "The note for Ann Lee mentions Clara Voss (“Clara”)."),
            ("empty_note", "The note for Clara Voss has no text yet."),
        ];
        assert_eq!(kept, expected.map(|(code, why)| (code.to_owned(), why.to_owned())));
        assert_eq!(it.member.get(&path).await.json["notes_released"], 1);
        // Nothing is left that can be: the refusal names both.
        let refusal = it.member.post(&format!("{path}/release"), &json!({})).await;
        refused(&refusal, 409, "empty_note");
        assert_eq!(refusal.json["errors"].as_array().unwrap().len(), 2);
        let rest = it.member.post(&format!("{path}/release"), &json!({ "despite": true })).await;
        assert_eq!(rest.json["kept"].as_array().unwrap().len(), 1, "{}", rest.text);
    }
}

#[tokio::test]
async fn the_page_of_a_group_note_tells_what_was_released_and_what_was_not() {
    let it = Circle::new(Engine::Sqlite).await;
    let path = it.group_note("We talked.").await;
    let made = create_notes(&it.member, &path, &json!({})).await;
    it.member.patch(&note_of(&made, "Clara Voss"), &json!({ "body": "" })).await;
    let page = format!("/g/{}/{}", it.world.group, path.trim_start_matches("/api/v1/"));
    let answer = it.member.form(&format!("{page}/release"), &[("confirm", "yes")]).await;
    let flash = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap().to_owned());
    let flash = flash.collect::<String>().replace("%20", " ").replace("%3A", ":").replace("%2E", ".");
    assert!(
        flash.contains(
            "2 notes were released. 1 note is still a draft: The note for Clara Voss has no text yet."
        ),
        "{flash}"
    );
}

#[tokio::test]
async fn after_the_release_a_group_note_offers_only_what_can_still_be_done() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let path = it.group_note("We talked.").await;
        let page = format!("/g/{}/{}", it.world.group, path.trim_start_matches("/api/v1/"));
        let made = create_notes(&it.member, &path, &json!({})).await;
        assert!(it.member.get(&page).await.text.contains("Release all 3 notes"), "{engine:?}");
        it.member.post(&format!("{}/release", note_of(&made, "Ann Lee")), &json!({})).await;
        let some = it.member.get(&page).await.text;
        assert!(some.contains("Release all 2 notes") && some.contains("Create notes</button>"));
        // Without JavaScript, the question says it too.
        let asked = it.member.form(&format!("{page}/release"), &[]).await;
        assert!(asked.text.contains("Release 2 notes?") && asked.text.contains("Release all 2 notes"));
        it.member.form(&format!("{page}/release"), &[("confirm", "yes")]).await;
        let locked = it.member.get(&page).await.text;
        assert!(locked.contains("All 3 notes are released, so this group note can’t be edited."));
        for gone in ["Create notes</button>", "value=\"\">Save</button>", "Release all", "Delete group note"]
        {
            assert!(!locked.contains(gone), "{gone}: {locked}");
        }
        assert!(locked.contains("We talked."), "it is still read");
        // A client who was missed can be added: then there is something to create again.
        let adding = it.member.get(&format!("{page}?add=yes")).await.text;
        assert!(adding.contains("Create notes</button>"));
        let who = [it.ann, it.ben, it.clara, it.dora].map(|client| (client, "present", ""));
        assert_eq!(it.attend(&path, &who).await.status, StatusCode::OK);
        assert!(it.member.get(&page).await.text.contains("Create notes</button>"));
        let made = create_notes(&it.member, &path, &json!({})).await;
        assert_eq!(outcomes(&made)[3], ("Dora Quist", "created"));
        assert!(it.member.get(&page).await.text.contains("Release 1 note"));
        // Who only reads is told nothing of buttons.
        let owner = it.world.client(As::Owner).await.get(&page).await.text;
        assert!(!owner.contains("Create notes</button>") && !owner.contains("Add a missed client"));
    }
}

#[tokio::test]
async fn empty_notes_hold_up_the_release_of_chosen_ones() {
    let it = Circle::new(Engine::Sqlite).await;
    let path = it.group_note("").await;
    let made = create_notes(&it.member, &path, &json!({})).await;
    it.member.patch(&note_of(&made, "Ann Lee"), &json!({ "body": "Fine." })).await;
    let all = json!({ "despite": true, "clients": [it.ann, it.ben, it.clara] });
    let refusal = it.member.post(&format!("{path}/release"), &all).await;
    refused(&refusal, 409, "empty_note");
    assert_eq!(refusal.json["errors"].as_array().unwrap().len(), 2);
    assert_eq!(it.member.get(&path).await.json["notes_released"], 0);
}

#[tokio::test]
async fn only_the_author_and_who_has_the_privilege_release_a_group_note() {
    let it = Circle::new(Engine::Sqlite).await;
    let path = it.group_note("We talked.").await;
    create_notes(&it.member, &path, &json!({})).await;
    let (account, group, elsewhere, owner) =
        (it.world.account, it.world.group, it.world.elsewhere, it.world.owner);
    let joined = it.world.server.db().write(async move |tx| {
        people::groups::add(tx, account, group, elsewhere, access::GroupRole::Member, owner).await
    });
    joined.await.unwrap();
    let colleague = it.world.client(As::Elsewhere).await;
    refused(&colleague.post(&format!("{path}/release"), &json!({})).await, 403, "privilege_needed");
    let admin = it.world.client(As::GroupAdmin).await;
    assert_eq!(admin.post(&format!("{path}/release"), &json!({})).await.status, StatusCode::OK);
}

#[tokio::test]
async fn many_who_create_and_release_notes_at_once_make_one_note_per_client() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let path = it.group_note("We talked.").await;
        let version = it.member.get(&path).await.headers["etag"].to_str().unwrap().to_owned();
        let tries = (0..8).map(|_| {
            let (client, path, version) = (it.member.clone(), path.clone(), version.clone());
            tokio::spawn(async move {
                let headers = [("content-type", "application/json"), ("if-match", version.as_str())];
                client
                    .send(Method::POST, &format!("{path}/create-notes"), &headers, Body::from("{}"))
                    .await
                    .status
            })
        });
        let mut statuses = Vec::new();
        for one in tries.collect::<Vec<_>>() {
            statuses.push(one.await.unwrap().as_u16());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412], "{engine:?}");
        let mixed = (0..8).map(|turn| {
            let (client, path) = (it.member.clone(), path.clone());
            tokio::spawn(async move {
                let verb = if turn % 2 == 0 { "create-notes" } else { "release" };
                client.post(&format!("{path}/{verb}"), &json!({})).await.status.as_u16()
            })
        });
        for one in mixed.collect::<Vec<_>>() {
            let status = one.await.unwrap();
            assert!([200, 409, 412, 503].contains(&status), "{status} on {engine:?}");
        }
        assert_eq!(it.world.server.count(sql!("SELECT count(*) FROM notes")).await, 3);
        assert_eq!(it.member.get(&path).await.json["notes_released"], 3);
    }
}

#[tokio::test]
async fn two_hundred_clients_take_no_more_statements_than_three() {
    let it = Circle::new(Engine::Sqlite).await;
    let (world, server) = (&it.world, &it.world.server);
    let small = it.group_note("{name} sang.").await;
    let before = server.db().statements();
    create_notes(&it.member, &small, &json!({})).await;
    let few = server.db().statements() - before;
    let mut many = Vec::new();
    for number in 0..200 {
        many.push(
            new_client(server, world.member, world.account, world.group, &format!("Guest No{number}")).await,
        );
    }
    let circle = new_client_group(server, world.account, world.group, "Choir", &many).await;
    let path = format!("/api/v1/client-groups/{circle}/notes");
    let made = it.member.post(&path, &json!({ "service_date": DAY, "body": "{name} sang." })).await.json;
    let path = format!("/api/v1/group-notes/{}", text(&made["id"]));
    let before = server.db().statements();
    assert_eq!(create_notes(&it.member, &path, &json!({})).await.len(), 200);
    assert_eq!(server.db().statements() - before, few);
}

#[tokio::test]
async fn a_group_note_is_listed_deleted_and_not_written_for_what_is_inactive() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let first = it.group_note("One.").await;
        let second = it.group_note("Two.").await;
        let list = format!("/api/v1/client-groups/{}/notes", it.circle);
        let page = it.member.get(&format!("{list}?limit=1")).await.json;
        assert_eq!(page["items"][0]["body"], "Two.");
        let next = it.member.get(&format!("{list}?cursor={}", text(&page["next_cursor"]))).await.json;
        assert_eq!(next["items"][0]["body"], "One.");
        create_notes(&it.member, &first, &json!({})).await;
        assert_eq!(it.member.delete(&first).await.status, StatusCode::NO_CONTENT);
        refused(&it.member.get(&first).await, 404, "not_found");
        assert_eq!(it.world.server.count(sql!("SELECT count(*) FROM notes")).await, 0);
        it.exec(sql!("UPDATE client_groups SET active = FALSE")).await;
        let new = json!({ "service_date": DAY });
        refused(&it.member.post(&list, &new).await, 409, "client_group_inactive");
        it.exec(sql!("UPDATE client_groups SET deleted_at = 1")).await;
        refused(&it.member.post(&list, &new).await, 404, "not_found");
        refused(&it.member.get(&list).await, 404, "not_found");
        assert_eq!(it.member.get(&second).await.status, StatusCode::OK, "what was written stays to be read");
    }
}

#[tokio::test]
async fn note_types_give_a_note_its_first_text_and_their_name() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let list = format!("/api/v1/accounts/{}/note-types", it.world.account);
        // Before anyone looked at the list, its first types are offered all the same.
        let session = json!({ "service_date": DAY, "note_type": "Group session" });
        let path = format!("/api/v1/client-groups/{}/notes", it.circle);
        let made = it.member.post(&path, &session).await.json;
        assert!(text(&made["body"]).contains("{name}"), "{made}");
        let types = it.member.get(&list).await.json;
        assert_eq!(types["items"].as_array().unwrap().len(), 5);
        assert_eq!(it.member.get(&list).await.json, types, "they are made once");
        refused(&it.member.post(&list, &json!({ "name": "Home visit" })).await, 403, "not_administrator");
        let owner = it.world.client(As::Owner).await;
        let home = owner.post(&list, &json!({ "name": "Home visit", "body": "Who was there:" })).await.json;
        faulty(&owner.post(&list, &json!({ "name": "HOME visit" })).await, "name");
        let one = format!("/api/v1/note-types/{}", text(&home["id"]));
        let renamed = patch_if(&owner, &one, "\"v1\"", &json!({ "name": "House call" })).await;
        assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.text);
        refused(&patch_if(&owner, &one, "\"v1\"", &json!({ "body": "x" })).await, 412, "changed_meanwhile");
        let chart = format!("/api/v1/clients/{}/notes", it.ann);
        let typed = json!({ "service_date": DAY, "note_type": "House call" });
        let note = format!("/api/v1/notes/{}", text(&it.member.post(&chart, &typed).await.json["id"]));
        owner.patch(&one, &json!({ "archived": true })).await;
        faulty(&it.member.post(&chart, &typed).await, "note_type");
        let kept = it.member.patch(&note, &json!({ "note_type": "House call", "body": "x" })).await;
        assert_eq!(kept.status, StatusCode::OK, "what a note has it keeps: {}", kept.text);
        let stranger = it.world.client(As::Stranger).await;
        refused(&stranger.patch(&one, &json!({ "body": "x" })).await, 404, "not_found");
    }
}

#[tokio::test]
async fn an_archived_group_and_a_read_only_account_write_nothing() {
    let it = Circle::new(Engine::Sqlite).await;
    let path = it.group_note("We talked.").await;
    it.exec(sql!("UPDATE groups SET archived_at = 1")).await;
    refused(&it.member.post(&format!("{path}/create-notes"), &json!({})).await, 409, "group_archived");
    assert_eq!(it.member.get(&path).await.status, StatusCode::OK);
    it.exec(sql!("UPDATE groups SET archived_at = NULL")).await;
    it.exec(sql!("UPDATE subscriptions SET read_only_from = 1")).await;
    refused(&it.member.patch(&path, &json!({ "body": "x" })).await, 409, "account_read_only");
    let types = format!("/api/v1/accounts/{}/note-types", it.world.account);
    let owner = it.world.client(As::Owner).await;
    refused(&owner.post(&types, &json!({ "name": "x" })).await, 409, "account_read_only");
}

#[tokio::test]
async fn notes_come_along_when_an_account_joins_another_released_ones_too() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let path = it.group_note("We talked.").await;
        let made = create_notes(&it.member, &path, &json!({})).await;
        let ann = note_of(&made, "Ann Lee");
        it.member.post(&format!("{ann}/release"), &json!({})).await;
        it.member.post(&format!("{ann}/addenda"), &json!({ "body": "Rang." })).await;
        let (from, group) = (it.world.account, it.world.group);
        let to = it.world.server.db().read(async |tx| {
            tx.value::<kernel::id::AccountId>(sql!("SELECT id FROM accounts WHERE name = 'Hillside'"), &[])
                .await
        });
        let to = to.await.unwrap();
        let moved = it.world.server.db().write(async move |tx| {
            for outer in [
                sql!(
                    "INSERT INTO groups (account_id, id, name, name_key, description, cases_made, created_at, version)
                     SELECT $2, id, name, name_key, description, 0, created_at, 1 FROM groups
                     WHERE account_id = $1 AND id = $3"
                ),
                sql!(
                    "INSERT INTO clients (account_id, group_id, id, kind, name, name_key, search, reference, email,
                                          email_key, phone, address, remarks, created_by, created_at, updated_at, version)
                     SELECT $2, group_id, id, kind, name, name_key, search, reference, email, email_key, phone, address,
                            remarks, created_by, created_at, updated_at, version
                     FROM clients WHERE account_id = $1 AND group_id = $3"
                ),
                sql!(
                    "INSERT INTO client_groups (account_id, group_id, id, name, name_key, description, active, is_default,
                                                created_at, version)
                     SELECT $2, group_id, id, name, name_key, description, active, is_default, created_at, version
                     FROM client_groups WHERE account_id = $1 AND group_id = $3"
                ),
            ] {
                tx.exec(outer, &[&from, &to, &group]).await?;
            }
            care::notes::copy_all(tx, from, to).await?;
            care::notes::forget_all(tx, from).await
        });
        moved.await.unwrap();
        let there = sql!(
            "SELECT count(*) FROM notes n JOIN accounts a ON a.id = n.account_id AND a.name = 'Hillside'
             LEFT JOIN note_addenda d ON d.account_id = n.account_id AND d.note_id = n.id"
        );
        assert_eq!(it.world.server.count(there).await, 3);
        assert_eq!(it.world.server.count(sql!("SELECT count(*) FROM group_notes")).await, 1);
    }
}

#[tokio::test]
async fn a_chart_follows_its_client_when_two_are_merged() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let path = it.group_note("We talked.").await;
        create_notes(&it.member, &path, &json!({})).await;
        it.member.post(&format!("{path}/release"), &json!({ "clients": [it.ann] })).await;
        let other = it.group_note("We sang.").await;
        it.attend(&other, &[(it.ann, "late", "")]).await;
        create_notes(&it.member, &other, &json!({})).await;
        let (ann, ben) = (it.ann, it.ben);
        let admin = it.world.client(As::GroupAdmin).await;
        let merged = admin.post(&format!("/api/v1/clients/{ann}/merge"), &json!({ "into": ben })).await;
        assert!(merged.status.is_success(), "{}", merged.text);
        let chart = it.member.get(&format!("/api/v1/clients/{ben}/notes")).await.json;
        assert_eq!(chart["items"].as_array().unwrap().len(), 3, "{chart}");
        let attendance = it.member.get(&other).await.json["attendance"].clone();
        assert_eq!(attendance[0]["client"], json!(ben));
        assert_eq!(it.member.get(&path).await.json["attendance"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn creating_notes_does_not_become_the_author_of_what_another_wrote() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let (account, group, elsewhere) = (it.world.account, it.world.group, it.world.elsewhere);
        let owner = it.world.owner;
        let joined = it.world.server.db().write(async move |tx| {
            let role = access::GroupRole::Member;
            people::groups::add(tx, account, group, elsewhere, role, owner).await
        });
        assert!(joined.await.unwrap());
        let other = it.world.client(As::Elsewhere).await;
        let path = it.group_note("We talked.").await;
        let made = create_notes(&other, &path, &json!({})).await;
        let note = note_of(&made, "Ann Lee");
        assert_eq!(it.member.get(&note).await.json["author"]["name"], "member");
        refused(&other.post(&format!("{note}/release"), &json!({})).await, 403, "privilege_needed");
        refused(&other.post(&format!("{path}/release"), &json!({})).await, 403, "privilege_needed");
        assert!(it.member.post(&format!("{note}/release"), &json!({})).await.status.is_success());
    }
}

#[tokio::test]
async fn the_guard_knows_whoever_was_there_alone_and_in_bulk() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let path = it.group_note("We talked with Voss, and with Quist.").await;
        it.attend(&path, &[(it.ann, "present", ""), (it.clara, "present", ""), (it.dora, "present", "")])
            .await;
        let made = create_notes(&it.member, &path, &json!({})).await;
        // Out of the attendance, archived, and merged into another: they stay known.
        it.attend(&path, &[(it.ann, "present", "")]).await;
        it.archive(it.clara, None).await;
        it.archive(it.dora, Some(it.ben)).await;
        let alone = it.member.post(&format!("{}/release", note_of(&made, "Ann Lee")), &json!({})).await;
        refused(&alone, 409, "names_another_client");
        assert!(alone.text.contains("Voss") && alone.text.contains("Quist"), "{}", alone.text);
        let bulk = it.member.post(&format!("{path}/release"), &json!({ "clients": [it.ann] })).await;
        refused(&bulk, 409, "names_another_client");
        assert!(bulk.text.contains("Voss") && bulk.text.contains("Quist"), "{}", bulk.text);
    }
}

#[tokio::test]
async fn an_addendum_names_nobody_else_unless_that_is_meant() {
    let it = Circle::new(Engine::Sqlite).await;
    let path = it.group_note("We talked.").await;
    let note = note_of(&create_notes(&it.member, &path, &json!({})).await, "Ann Lee");
    it.member.post(&format!("{note}/release"), &json!({})).await;
    let addenda = format!("{note}/addenda");
    let named = json!({ "body": "Clara Voss was late." });
    refused(&it.member.post(&addenda, &named).await, 409, "names_another_client");
    let page = format!("/g/{}/notes/{}/addenda", it.world.group, note.rsplit('/').next().unwrap());
    let asked = it.member.form(&page, &[("addendum", "Clara Voss was late.")]).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", asked.text);
    assert!(asked.text.contains("name=\"despite\"") && asked.text.contains("Clara Voss was late."));
    let meant = json!({ "body": "Clara Voss was late.", "despite": true });
    assert_eq!(it.member.post(&addenda, &meant).await.status, StatusCode::CREATED);
    assert_eq!(it.member.post(&addenda, &json!({ "body": "Ann rang." })).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn of_two_notes_of_a_session_the_released_one_stays_with_it_when_clients_are_merged() {
    for engine in ENGINES {
        let it = Circle::new(engine).await;
        let path = it.group_note("We talked.").await;
        create_notes(&it.member, &path, &json!({})).await;
        it.member.post(&format!("{path}/release"), &json!({ "clients": [it.ann] })).await;
        let admin = it.world.client(As::GroupAdmin).await;
        let merged =
            admin.post(&format!("/api/v1/clients/{}/merge", it.ann), &json!({ "into": it.ben })).await;
        assert!(merged.status.is_success(), "{}", merged.text);
        let again = create_notes(&it.member, &path, &json!({})).await;
        let of_ben = again.iter().find(|one| one.0 == "Ben Ode").unwrap();
        assert_eq!(of_ben.1, "kept_released", "{again:?}");
        refused(&it.member.delete(&path).await, 409, "note_released");
    }
}
