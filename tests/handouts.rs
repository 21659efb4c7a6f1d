//! Handouts: the library and its search, versions, what belongs to a person, what is sent and shared.

use access::Role;
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use care::handouts;
use kernel::clock::{DAY, MINUTE};
use serde_json::{Value, json};
use storage::sql;
use workflows::onboarding;

use crate::support::{As, Client, ENGINES, Engine, Reply, Server, World, handout, link_token, specs::Extras};

async fn add(client: &Client, world: &World, draft: Value) -> String {
    let made = client.post(&format!("/api/v1/accounts/{}/handouts", world.account), &draft).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json["id"].as_str().unwrap().to_owned()
}

fn titles(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let items = reply.json["items"].as_array().unwrap();
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

async fn search(client: &Client, query: &str) -> Vec<String> {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", query).finish();
    titles(&client.get(&format!("/api/v1/handouts?{query}")).await)
}

#[tokio::test]
async fn a_search_finds_words_and_their_beginnings_and_titles_come_first() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (admin, support) = (world.client(As::Administrator).await, world.client(As::Support).await);
        let draft = |title: &str, summary: &str, body: &str| {
            json!({ "title": title, "summary": summary, "body": body, "species": "horse", "topic": "chronic",
                    "language": "en" })
        };
        add(&admin, &world, draft("Colic", "Pain in the belly.", "It can follow laminitis.")).await;
        add(&admin, &world, draft("Sore feet", "About laminitis.", "Keep off grass.")).await;
        add(&admin, &world, draft("Laminitis", "Sore feet.", "Keep off grass.")).await;
        add(&admin, &world, draft("Crème for burns", "Brûlures", "Diarrhée: 50% water.")).await;
        assert_eq!(search(&support, "laminitis").await, ["Laminitis", "Sore feet", "Colic"], "{engine:?}");
        assert_eq!(search(&support, "LAMIN").await, ["Laminitis", "Sore feet", "Colic"]);
        assert_eq!(search(&support, "sore lam").await, ["Laminitis", "Sore feet"]);
        assert_eq!(search(&support, "creme brulures DIARRHEE").await, ["Crème for burns"]);
        assert_eq!(search(&support, "50%").await, ["Crème for burns"]);
        assert_eq!(search(&support, "minitis").await, Vec::<String>::new());
        assert_eq!(search(&support, "laminitis unicorn").await, Vec::<String>::new());
    }
}

async fn in_language(client: &Client, path: &str, languages: &str) -> Reply {
    client.send(Method::GET, path, &[("accept-language", languages)], Body::empty()).await
}

#[tokio::test]
async fn a_search_prefers_the_readers_language_within_each_tier_and_pages_stay_exact() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (admin, support) = (world.client(As::Administrator).await, world.client(As::Support).await);
        let draft = |title: &str, body: &str, language: &str| json!({ "title": title, "body": body, "species": "horse", "topic": "chronic", "language": language });
        for (title, body, language) in [
            ("Laminitis A", "Rest.", "en"),
            ("Laminitis B", "Reposo.", "es"),
            ("Laminitis C", "Rest.", "en"),
            ("Laminitis D", "Reposo.", "es"),
            ("Grass", "It can follow laminitis.", "en"),
            ("Pasto", "Puede causar laminitis.", "es"),
        ] {
            add(&admin, &world, draft(title, body, language)).await;
        }
        let all = "/api/v1/handouts?q=laminitis";
        let (spanish, english) = ("es-MX,es;q=0.9,en;q=0.1", "en-US");
        let by_spanish =
            ["Laminitis B", "Laminitis D", "Laminitis A", "Laminitis C", "Pasto", "Grass"].map(str::to_owned);
        assert_eq!(titles(&in_language(&support, all, spanish).await), by_spanish, "{engine:?}");
        assert_eq!(
            titles(&in_language(&support, all, english).await),
            ["Laminitis A", "Laminitis C", "Laminitis B", "Laminitis D", "Grass", "Pasto"]
        );
        for none in ["", "ja", "fr;q=0"] {
            assert_eq!(
                titles(&in_language(&support, all, none).await),
                ["Laminitis A", "Laminitis B", "Laminitis C", "Laminitis D", "Grass", "Pasto"]
            );
        }
        // The filter wins, and a list without a search is by title.
        let only = format!("{all}&language=en");
        let filtered = titles(&in_language(&support, &only, spanish).await);
        assert_eq!(filtered, ["Laminitis A", "Laminitis C", "Grass"]);
        let listed = titles(&in_language(&support, "/api/v1/handouts", spanish).await);
        assert_eq!(listed[..2], ["Grass", "Laminitis A"]);
        // The next pages keep the order of the first, whatever their own header says.
        for size in 1..=6 {
            let (mut seen, mut cursor, mut languages) = (Vec::new(), String::new(), spanish);
            loop {
                let page = format!("{all}&limit={size}&cursor={cursor}");
                let page = page.trim_end_matches("&cursor=");
                let page = in_language(&support, page, languages).await;
                seen.extend(titles(&page));
                languages = english;
                match page.json["next_cursor"].as_str() {
                    Some(next) => next.clone_into(&mut cursor),
                    None => break,
                }
            }
            assert_eq!(seen, by_spanish, "{size} a page, {engine:?}");
        }
        let wrong = format!("{all}&cursor=0.xx-hnd_00000000000000000000000000");
        assert_eq!(support.get(&wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page =
            in_language(&support, &format!("/a/{}/handouts?q=laminitis", world.account), spanish).await;
        let at = |title: &str| page.text.find(title).unwrap();
        assert!(at("Laminitis B") < at("Laminitis A") && at("Laminitis C") < at("Pasto"));
    }
}

#[tokio::test]
async fn pet_owners_read_everything_in_the_language_of_the_handout() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (admin, support) = (world.client(As::Administrator).await, world.client(As::Support).await);
        let draft = json!({ "title": "Después de la cirugía", "species": "dog", "topic": "aftercare",
                            "language": "es", "body": "Mantenga la herida seca." });
        let id = add(&admin, &world, draft).await;
        let share = json!({ "email": "dueno@mascota.test", "message": "Todo fue bien." });
        let shared = support.post(&format!("/api/v1/handouts/{id}/shares"), &share).await.json;
        let link = shared["link"].as_str().unwrap().trim_start_matches("http://covey.test").to_owned();
        let anyone = world.server.anonymous();
        // An English browser changes nothing: the handout's language decides.
        let page = in_language(&anyone, &link, "en-US").await.text;
        for words in
            ["<html lang=\"es\"", "Imprimir", "Descargar PDF", "Nota de", "hasta el 1 de abril de 2026"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        for words in ["Print", "Download", "note from", "link works", "handout doesn"] {
            assert!(!page.contains(words), "{words}: {page}");
        }
        let pdf = anyone.get(&format!("{link}.pdf")).await;
        assert!(pdf.text.contains("/Lang(es)"), "{engine:?}");
        let in_spanish = sql!(
            "SELECT count(*) FROM outbox WHERE html_body LIKE '%lang=\"es\"%' AND html_body LIKE '%Leer la hoja%'
               AND html_body LIKE '%Si el botón no funciona%' AND html_body NOT LIKE '%If the button%'
               AND html_body NOT LIKE '%>Covey<%'"
        );
        assert_eq!(world.server.count(in_spanish).await, 1, "{engine:?}");
        world.server.leave_mail();
        let log = format!("/api/v1/accounts/{}/handout-shares", world.account);
        let revoked = support.delete(&format!("{log}/{}", shared["id"].as_str().unwrap())).await;
        assert_eq!(revoked.status, StatusCode::NO_CONTENT);
        let ended = in_language(&anyone, &link, "en-US").await;
        assert_eq!(ended.status, StatusCode::GONE);
        assert!(
            ended.text.contains("<html lang=\"es\"") && ended.text.contains("Este enlace ya no funciona")
        );
        assert!(ended.text.contains("Pida a <bdi>Riverside</bdi>"), "{}", ended.text);
        for words in ["This link", "Ask ", "Covey"] {
            assert!(!ended.text.contains(words), "{words}: {}", ended.text);
        }
    }
}

#[tokio::test]
async fn a_pdf_says_what_it_can_not_print_and_prints_it_once_there_is_a_font() {
    let fonts = tempfile::tempdir().unwrap();
    let font = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fonts/droid-fallback-few.ttf");
    let print = async |folder: std::path::PathBuf| {
        let server = Server::with(Engine::Sqlite, |config| config.fonts = Some(folder)).await;
        let world = World::on(server).await;
        let admin = world.client(As::Administrator).await;
        let id = add(&admin, &world, handout("王小明")).await;
        let pdf = admin.get(&format!("/api/v1/handouts/{id}.pdf")).await;
        assert_eq!(pdf.status, StatusCode::OK);
        pdf.text
    };
    let without = print(fonts.path().to_owned()).await;
    assert!(without.starts_with("%PDF-") && !without.contains("DroidSansFallback"));
    std::fs::copy(font, fonts.path().join("font.ttf")).unwrap();
    let with = print(fonts.path().to_owned()).await;
    assert!(with.contains("DroidSansFallback"));
}

#[tokio::test]
async fn nothing_that_a_reader_types_is_taken_for_an_operator() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let member = world.client(As::Member).await;
        add(&world.client(As::Owner).await, &world, handout("O’Neill’s \"best\" * (NEAR)")).await;
        for evil in [
            "\"",
            "'",
            "'' OR 1",
            "a AND",
            "NOT",
            "NEAR(a b)",
            "title:",
            "{title} :",
            "*",
            "^a",
            "a*b",
            "-",
            ":*",
            "!a",
            "a & | b",
            "<->",
            "\\",
            "\\'",
            "%",
            "_",
            "(",
            "))",
            "a:A",
            "🐄",
            "ﬁ",
            "①",
            "\u{301}",
            "a\u{301}*",
            "ة",
            "中文",
            "--",
            ";",
            "$1",
            "?1",
            "{{}}",
            "''''",
            "ͅ",
            "ʼ",
            "٣",
            "Ⅷ",
            "〇",
            "ª",
            "ⓐ",
            "\u{1d7d8}",
        ] {
            search(&member, evil).await;
        }
        assert_eq!(search(&member, "…!").await, Vec::<String>::new());
        assert_eq!(search(&member, "o'neill best near").await.len(), 1, "{engine:?}");
        assert_eq!(member.get("/api/v1/handouts?cursor=x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            member.get("/api/v1/handouts?species=unicorn").await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
}

#[tokio::test]
async fn the_starter_set_is_planted_once_and_renewed_when_it_reads_differently() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let db = world.server.db();
        let seeded = handouts::seed(db).await.unwrap();
        assert!(seeded >= 24, "{engine:?}: {seeded}");
        let versions = world.server.count(sql!("SELECT count(*) FROM handout_versions")).await;
        assert_eq!(handouts::seed(db).await.unwrap(), 0);
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM handout_versions")).await, versions);

        // A database that an older version of Covey seeded: one text reads differently, one was filed
        // elsewhere, and one is no longer in the set.
        db.write(async |tx| {
            tx.exec(
                sql!(
                    "UPDATE handout_versions SET body = 'Older.'
                     WHERE handout_id IN (SELECT id FROM handouts WHERE starter = 'horse-colic')"
                ),
                &[],
            )
            .await?;
            tx.exec(sql!("UPDATE handouts SET topic = 'skin' WHERE starter = 'cat-poisons'"), &[]).await?;
            let (nil, id) = (kernel::id::AccountId::nil(), tx.id::<kernel::id::Handout>());
            tx.exec(
                sql!(
                    "INSERT INTO handouts (account_id, id, starter, species, topic, language, title, title_key,
                         summary, number, created_at, updated_at, version)
                     VALUES ($1, $2, 'gone', 'dog', 'skin', 'en', 'Gone', 'gone', '', 1, 0, 0, 1)"
                ),
                &[&nil, &id],
            )
            .await?;
            tx.exec(
                sql!(
                    "INSERT INTO handout_versions (account_id, handout_id, number, title, summary, body, created_at)
                     VALUES ($1, $2, 1, 'Gone', '', 'Gone.', 0)"
                ),
                &[&nil, &id],
            )
            .await
        })
        .await
        .unwrap();
        let member = world.client(As::Member).await;
        assert!(
            titles(&member.get("/api/v1/handouts?topic=skin&limit=100").await).contains(&"Gone".to_owned())
        );
        assert_eq!(handouts::seed(db).await.unwrap(), 3);
        assert!(
            !titles(&member.get("/api/v1/handouts?topic=skin&limit=100").await).contains(&"Gone".to_owned())
        );
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM handout_versions")).await, versions + 2);
        let colic = sql!("SELECT number FROM handouts WHERE starter = 'horse-colic'");
        assert_eq!(world.server.count(colic).await, 2);
        assert_eq!(handouts::seed(db).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_starter_handout_is_everybodys_to_read_and_nobodys_to_change() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        handouts::seed(world.server.db()).await.unwrap();
        for role in [As::Support, As::Member, As::Owner, As::Stranger] {
            let client = world.client(role).await;
            let found = client.get("/api/v1/handouts?q=colic&language=en").await;
            let first = &found.json["items"][0];
            assert!(first["account"].is_null() && first["species"] == "horse", "{engine:?}: {}", found.text);
            let path = format!("/api/v1/handouts/{}", first["id"].as_str().unwrap());
            let whole = client.get(&path).await;
            assert!(whole.json["body"].as_str().unwrap().len() > 500 && whole.json["note"] == "");
            let expected = if matches!(role, As::Owner | As::Stranger) { 409 } else { 403 };
            let refused = client.patch(&path, &json!({ "title": "Ours" })).await;
            assert_eq!(refused.status.as_u16(), expected, "{role:?}: {}", refused.text);
        }
        let owner = world.client(As::Owner).await;
        let id = owner.get("/api/v1/handouts?q=colic&language=en").await.json["items"][0]["id"].clone();
        let copy = add(&owner, &world, json!({ "copy_of": id })).await;
        let changed = owner
            .patch(&format!("/api/v1/handouts/{copy}"), &json!({ "title": "Riverside’s colic sheet" }))
            .await;
        assert_eq!((changed.status.as_u16(), changed.json["number"].as_i64()), (200, Some(2)));
        let stranger = world.client(As::Stranger).await;
        assert_eq!(search(&stranger, "riverside colic").await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_change_is_a_new_version_and_the_old_ones_stay() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (admin, member) = (world.client(As::Administrator).await, world.client(As::Member).await);
        let path = format!("/api/v1/handouts/{}", add(&admin, &world, handout("After surgery")).await);
        let tag = member.get(&path).await.headers["etag"].to_str().unwrap().to_owned();
        let change = |body: Value, tag: String| {
            let (admin, path) = (admin.clone(), path.clone());
            async move {
                let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
                admin.send(Method::PATCH, &path, &headers, body.to_string().into()).await
            }
        };
        let second = change(json!({ "body": "Better." }), tag.clone()).await;
        assert_eq!((second.status.as_u16(), second.json["number"].as_i64()), (200, Some(2)), "{engine:?}");
        assert_eq!(change(json!({ "body": "Lost." }), tag).await.status.as_u16(), 412);
        // What is filed under another animal says the same.
        let filed = admin.patch(&path, &json!({ "species": "cat" })).await;
        assert_eq!((filed.json["number"].as_i64(), filed.json["species"].as_str()), (Some(2), Some("cat")));
        let versions = member.get(&format!("{path}/versions")).await;
        let bodies = versions.json["items"].as_array().unwrap().iter().map(|version| version["body"].clone());
        assert_eq!(
            bodies.collect::<Vec<_>>(),
            ["Better.", handout("")["body"].as_str().unwrap().trim()],
            "{}",
            versions.text
        );
        assert_eq!(versions.json["items"][0]["author"]["name"], "administrator");
        let refused = admin.patch(&path, &json!({ "title": " ", "body": "" })).await;
        assert_eq!(refused.status.as_u16(), 422);
        assert_eq!(refused.json["errors"].as_array().unwrap().len(), 2, "{}", refused.text);
        assert_eq!(search(&member, "better").await, ["After surgery"]);
        assert_eq!(
            search(&member, "wound").await,
            Vec::<String>::new(),
            "the words of the old version are gone"
        );
    }
}

#[tokio::test]
async fn the_library_filters_pages_and_hides_what_is_archived() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (admin, support) = (world.client(As::Administrator).await, world.client(As::Support).await);
        let mut ids = Vec::new();
        for title in ["Delta", "alpha", "Charlie", "bravo", "Echo"] {
            ids.push(add(&admin, &world, handout(title)).await);
        }
        admin
            .patch(&format!("/api/v1/handouts/{}", ids[4]), &json!({ "species": "cat", "language": "es" }))
            .await;
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = support.get(&format!("/api/v1/handouts?limit=2&cursor={cursor}")).await;
            seen.extend(titles(&page));
            match page.json["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(seen, ["alpha", "bravo", "Charlie", "Delta", "Echo"], "{engine:?}");
        assert_eq!(titles(&support.get("/api/v1/handouts?species=cat").await), ["Echo"]);
        assert_eq!(titles(&support.get("/api/v1/handouts?language=es&topic=aftercare").await), ["Echo"]);
        let favorite = format!("/api/v1/handouts/{}/favorite", ids[2]);
        assert_eq!(support.put(&favorite, &Value::Null).await.status, StatusCode::NO_CONTENT);
        assert_eq!(support.put(&favorite, &Value::Null).await.status, StatusCode::NO_CONTENT);
        assert_eq!(titles(&support.get("/api/v1/handouts?favorites=true").await), ["Charlie"]);
        assert_eq!(titles(&admin.get("/api/v1/handouts?favorites=true").await), Vec::<String>::new());
        admin.patch(&format!("/api/v1/handouts/{}", ids[2]), &json!({ "archived": true })).await;
        assert_eq!(titles(&support.get("/api/v1/handouts?favorites=true").await), Vec::<String>::new());
        assert_eq!(titles(&admin.get("/api/v1/handouts?archived=true").await), ["Charlie"]);
        let shared = support.post(&format!("/api/v1/handouts/{}/shares", ids[2]), &json!({})).await;
        assert_eq!((shared.status.as_u16(), shared.json["code"].as_str()), (409, Some("handout_archived")));
        let account = format!("/api/v1/handouts?account={}", world.account);
        assert_eq!(titles(&support.get(&account).await).len(), 4);
        assert_eq!(world.client(As::Stranger).await.get(&account).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn favorites_and_notes_stay_with_the_person_who_changes_account() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        handouts::seed(world.server.db()).await.unwrap();
        let (owner, member) = (world.client(As::Owner).await, world.client(As::Member).await);
        let starter =
            owner.get("/api/v1/handouts?q=laminitis&language=en").await.json["items"][0]["id"].clone();
        let starter = starter.as_str().unwrap().to_owned();
        let own = add(&owner, &world, handout("Ours alone")).await;
        for id in [&starter, &own] {
            member.put(&format!("/api/v1/handouts/{id}/favorite"), &Value::Null).await;
            let note =
                member.put(&format!("/api/v1/handouts/{id}/note"), &json!({ "body": " Mine. " })).await;
            assert_eq!(note.json["body"], "Mine.", "{engine:?}");
        }
        assert_eq!(owner.get(&format!("/api/v1/handouts/{own}")).await.json["note"], "", "a note is private");
        let (account, hillside, who) = (world.account, world.hillside_group, world.member);
        owner.delete(&format!("/api/v1/accounts/{account}/members/{who}")).await;
        assert_eq!(member.get("/api/v1/handouts").await.json["items"], json!([]));
        assert_eq!(member.get(&format!("/api/v1/handouts/{starter}")).await.status, StatusCode::NOT_FOUND);
        world
            .server
            .db()
            .write(async move |tx| {
                let other: kernel::id::AccountId =
                    tx.value(sql!("SELECT account_id FROM groups WHERE id = $1"), &[&hillside]).await?;
                onboarding::join(tx, other, who, Role::SupportStaff).await
            })
            .await
            .unwrap();
        let there = member.get(&format!("/api/v1/handouts/{starter}")).await;
        assert_eq!(
            (there.json["note"].as_str(), there.json["favorite"].as_bool()),
            (Some("Mine."), Some(true))
        );
        assert_eq!(
            titles(&member.get("/api/v1/handouts?favorites=true").await).len(),
            1,
            "not the other account's"
        );
        assert_eq!(member.get(&format!("/api/v1/handouts/{own}")).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_shared_link_shows_its_version_until_it_expires_or_is_taken_back() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (admin, support) = (world.client(As::Administrator).await, world.client(As::Support).await);
        let path = format!("/api/v1/handouts/{}", add(&admin, &world, handout("After surgery")).await);
        let shared = support
            .post(&format!("{path}/shares"), &json!({ "days": 2, "message": "Rest <b>well</b>" }))
            .await;
        assert_eq!(shared.status, StatusCode::CREATED, "{}", shared.text);
        let link = shared.json["link"].as_str().unwrap().trim_start_matches("http://covey.test").to_owned();
        admin.patch(&path, &json!({ "body": "Another text.", "archived": true })).await;
        let anyone = world.server.anonymous();
        for _ in 0..3 {
            let page = anyone.get(&link).await;
            assert_eq!(page.status, StatusCode::OK, "{engine:?}: {}", page.text);
            assert!(
                page.text.contains("Keep the wound <strong>dry</strong>")
                    && !page.text.contains("Another text")
            );
            assert!(
                page.text.contains("Rest &#60;b&#62;well")
                    && page.headers["x-robots-tag"] == "noindex, nofollow"
            );
        }
        let pdf = anyone.get(&format!("{link}.pdf")).await;
        assert!(pdf.text.starts_with("%PDF-") && pdf.headers["content-type"] == "application/pdf");
        let log = format!("/api/v1/accounts/{}/handout-shares", world.account);
        assert_eq!(support.get(&log).await.json["items"][0]["opened"], 4);
        assert!(support.get(&log).await.json["items"][0].get("link").is_none());
        for wrong in ["/h/x", "/h/", &link[..link.len() - 1], &format!("{link}x")] {
            assert_eq!(anyone.get(wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
        }
        world.server.clock.advance(2 * DAY);
        for path in [link.clone(), format!("{link}.pdf")] {
            let gone = anyone.get(&path).await;
            assert_eq!(gone.status, StatusCode::GONE);
            assert!(
                gone.text.contains("Ask <bdi>Riverside</bdi>") && !gone.text.contains("wound"),
                "{}",
                gone.text
            );
        }
        // Two days without use end a session.
        let (admin, support) = (world.client(As::Administrator).await, world.client(As::Support).await);
        admin.patch(&path, &json!({ "archived": false })).await;
        let again = support.post(&format!("{path}/shares"), &json!({})).await.json;
        let link = again["link"].as_str().unwrap().trim_start_matches("http://covey.test").to_owned();
        assert!(anyone.get(&link).await.text.contains("Another text"));
        let one = format!("{log}/{}", again["id"].as_str().unwrap());
        let member = world.client(As::Member).await;
        assert_eq!(member.delete(&one).await.status, StatusCode::NOT_FOUND, "someone else's");
        assert_eq!(member.get(&log).await.json["items"], json!([]), "what others sent");
        assert_eq!(admin.get(&log).await.json["items"].as_array().unwrap().len(), 2);
        assert_eq!(support.delete(&one).await.status, StatusCode::NO_CONTENT);
        assert_eq!(support.delete(&one).await.status, StatusCode::NO_CONTENT);
        assert_eq!(anyone.get(&link).await.status, StatusCode::GONE);
    }
}

#[tokio::test]
async fn a_share_is_one_thing_however_often_it_is_asked_for_and_says_what_is_wrong_with_it() {
    let world = World::new(Engine::Sqlite).await;
    let extras = Extras::make(&world).await;
    let support = world.client(As::Support).await;
    let path = format!("/api/v1/handouts/{}/shares", extras.handout);
    let body = json!({ "email": "Pet@Owner.test" }).to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", "one")];
    let first = support.send(Method::POST, &path, &headers, body.clone().into()).await;
    let second = support.send(Method::POST, &path, &headers, body.into()).await;
    assert_eq!((first.status.as_u16(), &first.text), (201, &second.text));
    let mails = world.server.mail().await;
    assert_eq!(mails.iter().filter(|mail| mail.starts_with("Pet@Owner.test")).count(), 1);
    let refused =
        support.post(&path, &json!({ "email": "nobody", "days": 91, "message": "x".repeat(2001) })).await;
    let fields = refused.json["errors"].as_array().unwrap().iter().map(|error| error["field"].clone());
    assert_eq!(fields.collect::<Vec<_>>(), ["email", "message", "days"], "{}", refused.text);
}

#[tokio::test]
async fn one_person_sends_so_many_mails_an_hour_and_no_more() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let extras = Extras::make(&world).await;
        let (support, member) = (world.client(As::Support).await, world.client(As::Member).await);
        let path = format!("/api/v1/handouts/{}/shares", extras.handout);
        for i in 0..handouts::EMAILS_AT_MOST {
            let sent = support.post(&path, &json!({ "email": format!("p{i}@owner.test") })).await;
            assert_eq!(sent.status, StatusCode::CREATED, "{engine:?} {i}: {}", sent.text);
        }
        let refused = support.post(&path, &json!({ "email": "one@owner.test" })).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{engine:?}");
        let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((3500..=3601).contains(&wait), "{wait}");
        assert_eq!(support.post(&path, &json!({})).await.status, StatusCode::CREATED, "a link is no mail");
        let other = member.post(&path, &json!({ "email": "one@owner.test" })).await;
        assert_eq!(other.status, StatusCode::CREATED);
        world.server.clock.advance(60 * MINUTE);
        let later = support.post(&path, &json!({ "email": "one@owner.test" })).await;
        assert_eq!(later.status, StatusCode::CREATED, "{}", later.text);
    }
}

#[tokio::test]
async fn support_staff_do_everything_with_handouts_and_nothing_else() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    handouts::seed(world.server.db()).await.unwrap();
    let extras = Extras::make(&world).await;
    let support = world.client(As::Support).await;
    let home = support.send(Method::GET, "/", &[("accept", "text/html")], axum::body::Body::empty()).await;
    assert_eq!(home.headers["location"], format!("/a/{}/handouts", world.account).as_str());
    let base = format!("/a/{}/handouts", world.account);
    let one = format!("{base}/{}", extras.handout);
    for path in [
        base.clone(),
        format!("{base}?q=colic&species=horse"),
        one.clone(),
        format!("{one}/print"),
        format!("{one}.pdf"),
        format!("{one}/versions"),
        format!("{base}/sent"),
        "/profile".to_owned(),
    ] {
        let page = support.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for other in ["/groups", "/users", "/cases", "/locations", "/mail\"", "/activity", "/settings"] {
            assert!(!page.text.contains(&format!("/a/{}{other}", world.account)), "{path} leads to {other}");
        }
    }
    for (path, fields) in [
        (format!("{one}/favorite"), vec![("favorite", "yes"), ("back", base.as_str())]),
        (format!("{one}/note"), vec![("body", "Mine.")]),
        (format!("{one}/share"), vec![("do", "email"), ("email", "pet@owner.test")]),
        (format!("{one}/share"), vec![("do", "link"), ("days", "7")]),
    ] {
        let done = support.form(&path, &fields).await;
        assert!(done.status.is_success() || done.status.is_redirection(), "{path}: {}", done.text);
    }
    for path in [format!("{base}/new"), format!("{one}/edit"), "/switch".to_owned(), "/all/cases".to_owned()]
    {
        assert_eq!(support.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for path in [
        format!("/a/{}/users", world.account),
        format!("/a/{}/cases", world.account),
        format!("/g/{}", world.group),
        format!("/g/{}/cases/{}", world.group, world.case),
        format!("/api/v1/cases/{}", world.case),
        format!("/api/v1/accounts/{}/members", world.account),
        format!("/api/v1/groups/{}/members", world.group),
    ] {
        assert!(support.get(&path).await.status.is_client_error(), "{path}");
    }
}

#[tokio::test]
async fn a_page_keeps_what_was_typed_when_it_can_not_be_sent() {
    let world = World::new(Engine::Sqlite).await;
    let extras = Extras::make(&world).await;
    let (support, admin) = (world.client(As::Support).await, world.client(As::Administrator).await);
    let one = format!("/a/{}/handouts/{}", world.account, extras.handout);
    let empty = support.form(&format!("{one}/share"), &[("do", "email"), ("message", "Rest.")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains("Rest.") && empty.text.contains("href=\"#email\""), "{}", empty.text);
    let link = support.form(&format!("{one}/share"), &[("do", "link"), ("days", "14")]).await;
    assert!(
        link.text.contains("http://covey.test/h/") && link.text.contains("March 16, 2026"),
        "{}",
        link.text
    );
    let form = admin.form(&format!("{one}/edit"), &[("title", ""), ("body", "Kept text")]).await;
    assert!(form.text.contains("Kept text") && form.text.contains("Enter a title."));
    let asked = admin.form(&format!("{one}/archive"), &[]).await;
    assert!(asked.text.contains("Archive this handout?"));
    let elsewhere =
        support.form(&format!("{one}/favorite"), &[("favorite", "yes"), ("back", "//evil.org")]).await;
    assert_eq!(elsewhere.headers["location"], one.as_str());
}

#[tokio::test]
async fn the_database_refuses_a_share_of_another_accounts_handout() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let owner = world.client(As::Owner).await;
        let id: kernel::id::HandoutId = add(&owner, &world, handout("Ours")).await.parse().unwrap();
        let (account, group, user) = (world.account, world.hillside_group, world.stranger);
        let crossed = world.server.db().write(async move |tx| {
            let other: kernel::id::AccountId =
                tx.value(sql!("SELECT account_id FROM groups WHERE id = $1"), &[&group]).await?;
            tx.exec(
                sql!(
                    "INSERT INTO handout_shares (account_id, id, owner_id, handout_id, number, sent_by, message,
                         token_hash, created_at, expires_at, open_count)
                     VALUES ($1, $2, $3, $4, 1, $5, '', $6, 0, 0, 0)"
                ),
                &[&other, &tx.id::<kernel::id::HandoutShare>(), &account, &id, &user, &storage::Hash([1; 32])],
            )
            .await
        });
        assert!(crossed.await.is_err(), "{engine:?}");
    }
}

#[tokio::test]
async fn what_was_done_is_in_the_trail_and_the_address_with_it() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let extras = Extras::make(&world).await;
    let support = world.client(As::Support).await;
    let path = format!("/api/v1/handouts/{}", extras.handout);
    support.post(&format!("{path}/shares"), &json!({ "email": "pet@owner.test" })).await;
    support.patch(&path, &json!({ "title": "x" })).await;
    let owner = world.client(As::Owner).await;
    owner.patch(&path, &json!({ "archived": true })).await;
    world.server.app.settled().await;
    let page = owner.get(&format!("/a/{}/activity", world.account)).await;
    for told in [
        "Emailed a handout to pet@owner.test",
        "Created a link to a handout",
        "Added a handout",
        "Archived a handout",
        "tried to change a handout",
    ] {
        assert!(page.text.contains(told), "{told}");
    }
    assert_eq!(
        world.server.count(sql!("SELECT count(*) FROM audit_events WHERE object LIKE '%pet@%'")).await,
        0
    );
}

#[tokio::test]
async fn the_letters_to_pet_owners_read_well() {
    let world = World::new(Engine::Sqlite).await;
    let owner = world.client(As::Owner).await;
    let settings = json!({ "practice": "Riverside\n12 Mill Lane\n+1 555 0100" });
    owner.patch(&format!("/api/v1/accounts/{}", world.account), &settings).await;
    let support = world.support;
    let rename = async move |tx: &storage::Tx| {
        tx.exec(sql!("UPDATE users SET name = 'Sam Carter' WHERE id = $1"), &[&support]).await
    };
    world.server.db().write(rename).await.unwrap();
    let support = world.client(As::Support).await;
    let spanish = json!({ "title": "Después de la cirugía", "species": "dog", "topic": "aftercare", "language": "es",
                          "body": "Mantenga la herida seca." });
    let mut of_any = handout("Giving pills");
    of_any["species"] = json!("other");
    let words = "Bella did well today.\nRing us with any question.";
    for (draft, message) in [(handout("After surgery"), words), (spanish, ""), (of_any, "")] {
        let id = add(&owner, &world, draft).await;
        let share = json!({ "email": "pet@owner.test", "message": message });
        support.post(&format!("/api/v1/handouts/{id}/shares"), &share).await;
    }
    let mut mails = world.server.mail().await;
    for mail in &mut mails {
        *mail = mail.replace(&link_token(mail, "h"), "TOKEN");
    }
    mails.sort();
    insta::assert_snapshot!("letters_to_owners", mails.join("\n————\n"));
}

#[tokio::test]
async fn a_handout_is_printed_with_the_practices_letterhead() {
    let world = World::new(Engine::Sqlite).await;
    let extras = Extras::make(&world).await;
    let support = world.client(As::Support).await;
    let pdf = support.get(&format!("/api/v1/handouts/{}.pdf", extras.handout)).await;
    assert_eq!(
        (pdf.status.as_u16(), pdf.headers["content-type"].to_str().unwrap()),
        (200, "application/pdf")
    );
    assert_eq!(pdf.headers["content-disposition"], "inline; filename=\"after-surgery.pdf\"");
    assert!(pdf.text.starts_with("%PDF-") && pdf.text.contains("/Lang(en)") && pdf.text.contains("/S/H1"));
    let again = support.get(&format!("/a/{}/handouts/{}.pdf", world.account, extras.handout)).await;
    assert_eq!(pdf.text, again.text, "the page and the API give the same paper");
    let paper = support.get(&format!("/a/{}/handouts/{}/print", world.account, extras.handout)).await;
    assert!(paper.text.contains("Riverside") && paper.text.contains("Keep the wound <strong>dry</strong>"));
    for absent in ["hnd_00000000000000000000000000.pdf", "x.pdf", ".pdf"] {
        assert_eq!(support.get(&format!("/api/v1/handouts/{absent}")).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_cursor_tells_nothing_of_a_handout_that_its_reader_does_not_see() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let extras = Extras::make(&world).await;
        let stranger = world.client(As::Stranger).await;
        let at = |id: &str| format!("/api/v1/handouts?limit=100&cursor=0-{id}");
        let (foreign, absent) = (at(&extras.handout), at("hnd_vvvvvvvvvvvvvvvvvvvvvvvvvs"));
        let (foreign, absent) = (stranger.get(&foreign).await, stranger.get(&absent).await);
        assert!(foreign.status.is_success() && absent.status.is_success(), "{}", absent.text);
        assert_eq!(foreign.json["items"], absent.json["items"]);
    }
}
