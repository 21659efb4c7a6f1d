//! Importing clients: odd files, broken lines, duplicates; runs that break off or race; the way back out.

use std::fmt::Write as _;

use access::Privilege;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use storage::sql;

use crate::support::{As, Client, ENGINES, Engine, Reply, World, new_user_group};

fn imports(world: &World) -> String {
    format!("/api/v1/groups/{}/client-imports", world.group)
}

async fn read_in(by: &Client, world: &World, file: &[u8]) -> Value {
    let reply = by.upload(&imports(world), "clients.csv", file).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    reply.json
}

fn at(import: &Value) -> String {
    format!("/api/v1/client-imports/{}", import["id"].as_str().unwrap())
}

async fn run(by: &Client, import: &Value) -> Reply {
    by.post(&format!("{}/run", at(import)), &Value::Null).await
}

fn counts(import: &Value) -> [i64; 4] {
    ["new", "duplicate", "broken", "added"].map(|name| import["counts"][name].as_i64().unwrap())
}

/// Every line of an import as "number outcome detail", over all pages.
async fn lines(by: &Client, import: &Value, outcome: &str) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("{}/lines?limit=100&outcome={outcome}{cursor}", at(import));
        let page = by.get(&path).await.json;
        for line in page["items"].as_array().unwrap() {
            found.push(format!("{} {}", line["line"], line["detail"].as_str().unwrap()).trim().to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[tokio::test]
async fn every_line_says_beforehand_what_would_become_of_it() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (member, keeper) = (world.client(As::Member).await, world.client(As::GroupAdmin).await);
        let clients = format!("/api/v1/groups/{}/clients", world.group);
        let known = json!({ "kind": "owner", "name": "Ann Lee", "email": "Ann@x.org", "reference": "7",
                            "birth_date": "1980-01-01" });
        member.post(&clients, &known).await;
        let file = "Name;E-Mail;File no.;DOB;Fax;Pet;Species\n\
                    Ben Ott;ben@x.org;8;2.3.1970;1;Rex;Dog\n\
                    Someone;ANN@X.ORG;;;;;\n\
                    Someone;;7;;;;\n\
                    ann LEE;;;1.1.1980;;;\n\
                    Cy;ben@x.org;;;;;\n\
                    BEN OTT;;;1970-03-02;;;\n\
                    Dee;x@;;;;;\n\
                    Eve;e@x.org\n\
                    ;f@x.org;;;;;\n\
                    Gus;;;31.13.2020;;;\n\
                    عمر;o@x.org;9;;;;\n\
                    \u{0}Hal;;;;;;\n\
                    \"=HYPERLINK(\"\"x\"\")\";;;;;;\n"
            .to_owned()
            + format!("{};;;;;;\n", "i".repeat(100_000)).as_str();
        let import = read_in(&keeper, &world, file.as_bytes()).await;
        assert_eq!(counts(&import), [3, 5, 6, 0], "{import}");
        assert_eq!(import["read"]["ignored"], json!(["Fax"]));
        assert_eq!(
            (&import["read"]["encoding"], &import["read"]["separator"]),
            (&json!("UTF-8"), &json!("semicolon"))
        );
        assert_eq!(
            lines(&keeper, &import, "duplicate").await,
            [
                "3 same email address as Ann Lee",
                "4 same file number as Ann Lee",
                "5 same name and date of birth as Ann Lee",
                "6 same email address as line 2",
                "7 same name and date of birth as line 2",
            ]
        );
        assert_eq!(
            lines(&keeper, &import, "broken").await,
            [
                "8 “x@” is not an email address",
                "9 the line has 2 fields where the headings are 7",
                "10 no name",
                "11 birth date 31.13.2020 can’t be read; write it as 2019-05-31",
                "13 name: Please leave out control characters.",
                "15 name: Please use at most 200 characters; this has 100000.",
            ]
        );
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM clients")).await, 1, "nothing is added yet");
        let done = run(&keeper, &import).await;
        assert_eq!(
            (done.status, counts(&done.json), &done.json["state"]),
            (StatusCode::OK, [0, 5, 6, 3], &json!("done"))
        );
        let found = member.get(&format!("{clients}?q=rex")).await.json;
        assert_eq!(
            (&found["items"][0]["name"], &found["items"][0]["birth_date"]),
            (&json!("Ben Ott"), &json!("1970-03-02"))
        );
        assert_eq!(
            member.get(&format!("{clients}?q=%D8%B9%D9%85%D8%B1")).await.json["items"][0]["reference"],
            "9"
        );
        // Again is nothing more.
        assert_eq!(counts(&run(&keeper, &import).await.json), [0, 5, 6, 3]);
        let left =
            format!("/g/{}/clients/imports/{}/not-added.csv", world.group, import["id"].as_str().unwrap());
        let left = keeper.get(&left).await.text;
        assert!(left.contains("\"x@\"") && left.contains("is not an email address"), "{left}");
        assert!(!left.contains("Rex"));
        let imported = sql!("SELECT count(*) FROM audit_events WHERE action = 'clients.imported'");
        assert_eq!(world.server.count(imported).await, 1);
    }
}

#[tokio::test]
async fn what_is_no_list_is_refused_whole_and_says_why() {
    let world = World::new(Engine::Sqlite).await;
    let keeper = world.client(As::GroupAdmin).await;
    for (file, why) in [
        (&b""[..], "choose a file"),
        (b"name\n", "no line beneath"),
        (b"a;b\n1;2\n", "one of them must be"),
        (b"PK\x03\x04", "workbook"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", ""),
    ] {
        let reply = keeper.upload(&imports(&world), "x.csv", file).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.text);
        assert!(reply.text.contains(why), "{why}: {}", reply.text);
    }
    let large = vec![b'a'; (20 << 20) + 10];
    let reply = keeper.upload(&imports(&world), "x.csv", &large).await;
    assert!(reply.text.contains("20 MiB"), "{}", reply.text);
    let csv = [("content-type", "text/csv")];
    let reply = keeper.send(Method::POST, &imports(&world), &csv, large.into()).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let many = format!("name\n{}", "a\n".repeat(100_001));
    let reply = keeper.send(Method::POST, &imports(&world), &csv, many.into()).await;
    assert!(reply.text.contains("100,000 lines"), "{}", reply.text);
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM client_imports")).await, 0);
    // A bare body is as good as a form, and a column of names is a list.
    let bare = keeper
        .send(Method::POST, &format!("{}?kind=patient", imports(&world)), &csv, "name\nAda\n".into())
        .await;
    assert_eq!((bare.status, counts(&bare.json)), (StatusCode::CREATED, [1, 0, 0, 0]));
    run(&keeper, &bare.json).await;
    let clients = keeper.get(&format!("/api/v1/groups/{}/clients?kind=patient", world.group)).await.json;
    assert_eq!(clients["items"][0]["name"], "Ada");
}

/// 50,000 lines in Windows-1252 with every tenth broken and every tenth a double; of 100 a second column of
/// animals; some names in other letters are not possible there.
fn many() -> Vec<u8> {
    let mut text = String::from("name;email;reference;kind;animal;species\r\n");
    for line in 0..50_000 {
        match line % 10 {
            3 => write!(text, "Broken {line};b{line}@;;;;\r\n"),
            4 => write!(text, "Short {line};s@x.org\r\n"),
            5 => write!(text, "Dòuble;c{}@x.org;;;;\r\n", line - 5),
            6 => write!(text, "Dòuble;;R{};;;\r\n", line - 6),
            _ => write!(text, "\"Müller, {line}\";C{line}@x.org;R{line};patient;Rex {line};Dog\r\n"),
        }
        .unwrap();
    }
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

#[tokio::test]
async fn fifty_thousand_lines_come_in_by_two_at_once_and_none_twice() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let keeper = world.client(As::GroupAdmin).await;
        let import = read_in(&keeper, &world, &many()).await;
        assert_eq!(counts(&import), [30_000, 10_000, 10_000, 0]);
        assert_eq!(import["read"]["encoding"], "windows-1252");
        let (one, two) = tokio::join!(run(&keeper, &import), run(&keeper, &import));
        for reply in [&one, &two] {
            assert_eq!(
                (reply.status, counts(&reply.json)),
                (StatusCode::OK, [0, 10_000, 10_000, 30_000]),
                "{}",
                reply.text
            );
        }
        for (statement, expected) in [
            (sql!("SELECT count(*) FROM clients"), 30_000),
            (sql!("SELECT count(DISTINCT email_key) FROM clients"), 30_000),
            (sql!("SELECT count(*) FROM client_animals"), 30_000),
            (
                sql!("SELECT count(DISTINCT client_id) FROM client_import_lines WHERE outcome = 'added'"),
                30_000,
            ),
            (sql!("SELECT count(*) FROM audit_events WHERE action = 'clients.imported'"), 1),
        ] {
            assert_eq!(world.server.count(statement).await, expected, "{engine:?} {statement:?}");
        }
        let page =
            keeper.get(&format!("/api/v1/groups/{}/clients?q=m%C3%BCller+49999", world.group)).await.json;
        assert_eq!(page["items"][0]["animals"][0]["name"], "Rex 49999");
    }
}

#[tokio::test]
async fn a_run_that_broke_off_goes_on_and_sees_what_was_added_meanwhile() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (member, keeper) = (world.client(As::Member).await, world.client(As::GroupAdmin).await);
        let mut text = String::from("name,email\n");
        for line in 0..2_500 {
            writeln!(text, "Client {line},c{line}@x.org").unwrap();
        }
        let import = read_in(&keeper, &world, text.as_bytes()).await;
        let clients = format!("/api/v1/groups/{}/clients", world.group);
        let meanwhile = json!({ "kind": "owner", "name": "Somebody", "email": "C2499@x.org" });
        member.post(&clients, &meanwhile).await;
        // Whoever waits hangs up as soon as the first piece is there.
        let going = tokio::spawn({
            let (keeper, import) = (keeper.clone(), import.clone());
            async move { run(&keeper, &import).await }
        });
        let added = sql!("SELECT count(*) FROM client_import_lines WHERE outcome = 'added'");
        while world.server.count(added).await == 0 && !going.is_finished() {
            tokio::task::yield_now().await;
        }
        going.abort();
        let _ = going.await;
        let part = keeper.get(&at(&import)).await.json;
        assert_eq!(counts(&part).iter().sum::<i64>(), 2_500);
        let done = run(&keeper, &import).await.json;
        assert_eq!((counts(&done), &done["state"]), ([0, 1, 0, 2_499], &json!("done")));
        assert_eq!(lines(&keeper, &import, "duplicate").await, ["2501 same email address as Somebody"]);
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM clients")).await, 2_500);
    }
}

#[tokio::test]
async fn the_permission_is_proved_for_every_piece() {
    let world = World::new(Engine::Sqlite).await;
    let member = world.client(As::Member).await;
    assert_eq!(member.upload(&imports(&world), "x.csv", b"name\nA\n").await.json["code"], "privilege_needed");
    let manage = [Privilege::ClientsManage];
    let records = new_user_group(&world.server, world.account, "Records", &[world.member], &manage).await;
    let import = read_in(&member, &world, b"name\nAda\nBen\n").await;
    let elsewhere = world.client(As::Elsewhere).await;
    assert_eq!(elsewhere.get(&at(&import)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(run(&elsewhere, &import).await.status, StatusCode::NOT_FOUND);
    let revoke = async move |tx: &storage::Tx| {
        let statement = sql!("UPDATE user_group_grants SET until = $2 WHERE user_group_id = $1");
        tx.exec(statement, &[&records, &tx.now()]).await
    };
    world.server.db().write(revoke).await.unwrap();
    assert_eq!(run(&member, &import).await.json["code"], "privilege_needed");
    assert_eq!(member.get(&at(&import)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM clients")).await, 0);
    // Discarding forgets what stands in the lines; then nothing can be run.
    let keeper = world.client(As::GroupAdmin).await;
    assert_eq!(keeper.delete(&at(&import)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM client_import_lines")).await, 0);
    assert_eq!(run(&keeper, &import).await.json["code"], "import_discarded");
}

#[tokio::test]
async fn a_repeated_request_reads_the_file_in_once() {
    let world = World::new(Engine::Sqlite).await;
    let keeper = world.client(As::GroupAdmin).await;
    let headers = [("content-type", "text/csv"), ("idempotency-key", "once")];
    let path = imports(&world);
    let send = || keeper.send(Method::POST, &path, &headers, "name\nAda\n".into());
    let (first, second) = (send().await, send().await);
    assert_eq!((first.status, &first.text), (StatusCode::CREATED, &second.text));
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM client_imports")).await, 1);
}

#[tokio::test]
async fn a_repeated_form_is_the_same_however_it_is_cut_into_pieces() {
    let world = World::new(Engine::Sqlite).await;
    let keeper = world.client(As::GroupAdmin).await;
    let headers = [("content-type", "multipart/form-data; boundary=xx"), ("idempotency-key", "once")];
    let form = "--xx\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nname\nAda\n\r\n--xx--\r\n";
    let path = imports(&world);
    let send = async |size: usize| {
        let pieces = form.as_bytes().chunks(size).map(|piece| Ok::<_, std::io::Error>(piece.to_vec()));
        let pieces = futures_util::stream::iter(pieces.collect::<Vec<_>>());
        keeper.send(Method::POST, &path, &headers, axum::body::Body::from_stream(pieces)).await
    };
    let (first, second, third) = (send(form.len()).await, send(form.len() - 2).await, send(5).await);
    assert_eq!((first.status, &first.text), (StatusCode::CREATED, &second.text));
    assert_eq!(first.text, third.text);
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM client_imports")).await, 1);
}

#[tokio::test]
async fn what_is_exported_comes_in_again_as_it_was() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (member, keeper) = (world.client(As::Member).await, world.client(As::GroupAdmin).await);
        let clients = format!("/api/v1/groups/{}/clients", world.group);
        for new in [
            json!({ "kind": "owner", "name": "=1+1", "phone": "+49 30 1", "email": "a@x.org", "reference": "-7",
                    "remarks": "She said \"no\",\nthen; yes", "animals": [{ "name": "Rex", "species": "Dog" },
                    { "name": "'=Mia", "breed": "@home", "birth_date": "2020-02-29" }] }),
            json!({ "kind": "producer", "name": "عيادة النيل", "address": "1 Mill Lane\nTown" }),
            json!({ "kind": "patient", "name": "Zoë", "birth_date": "1980-02-29" }),
        ] {
            assert_eq!(member.post(&clients, &new).await.status, StatusCode::CREATED);
        }
        let whole = |list: Value| {
            let mut items = list["items"].as_array().unwrap().clone();
            for item in &mut items {
                let item = item.as_object_mut().unwrap();
                item.retain(|key, _| {
                    !["id", "account", "group", "created_at", "updated_at"].contains(&key.as_str())
                });
                for animal in item["animals"].as_array_mut().unwrap() {
                    animal.as_object_mut().unwrap().remove("id");
                }
            }
            items
        };
        let before = whole(member.get(&clients).await.json);
        let file = keeper.get(&format!("{clients}.csv")).await;
        assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
        let formula = file.text.split(['"', ',', '\n']).any(|cell| cell.starts_with(['=', '+', '-', '@']));
        assert!(!formula, "{}", file.text);
        for statement in [sql!("DELETE FROM client_animals"), sql!("DELETE FROM clients")] {
            world.server.db().write(async move |tx| tx.exec(statement, &[]).await).await.unwrap();
        }
        let import = read_in(&keeper, &world, file.text.as_bytes()).await;
        assert_eq!(counts(&import), [3, 0, 0, 0]);
        run(&keeper, &import).await;
        assert_eq!(whole(member.get(&clients).await.json), before);
        // A second time, those with anything to be told by are known.
        assert_eq!(counts(&read_in(&keeper, &world, file.text.as_bytes()).await), [1, 2, 0, 0]);
    }
}
