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

/// How many lines are new, likely, duplicates, broken, added.
fn counts(import: &Value) -> [i64; 5] {
    ["new", "likely", "duplicate", "broken", "added"].map(|name| import["counts"][name].as_i64().unwrap())
}

async fn decide(by: &Client, import: &Value, decision: Value) -> Value {
    let reply = by.post(&format!("{}/decisions", at(import)), &decision).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    reply.json
}

/// The names of the group's clients with their animals, in order.
async fn clients(by: &Client, world: &World) -> Vec<String> {
    let page = by.get(&format!("/api/v1/groups/{}/clients?limit=100", world.group)).await.json;
    let names = page["items"].as_array().unwrap().iter().map(|client| {
        let animals =
            client["animals"].as_array().unwrap().iter().map(|animal| animal["name"].as_str().unwrap());
        let animals = animals.collect::<Vec<_>>().join("+");
        format!("{} {animals}", client["name"].as_str().unwrap()).trim().to_owned()
    });
    names.collect()
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
        let file = "Name;E-Mail;File no.;Owner DOB;Fax;Pet;Species\n\
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
        assert_eq!(counts(&import), [7, 3, 2, 2, 0], "{import}");
        assert_eq!(import["counts"]["noticed"], 2);
        assert_eq!(import["read"]["ignored"], json!(["Fax"]));
        assert_eq!(import["planned"], json!({ "clients": 7, "merges": 0, "animals": 1 }));
        assert_eq!(
            (&import["read"]["encoding"], &import["read"]["separator"]),
            (&json!("UTF-8"), &json!("semicolon"))
        );
        assert_eq!(
            lines(&keeper, &import, "likely").await,
            [
                "3 Same email address as Ann Lee.",
                "4 Same file number as Ann Lee.",
                "6 Same email address as line 2."
            ]
        );
        assert_eq!(
            lines(&keeper, &import, "duplicate").await,
            ["5 Same name and date of birth as Ann Lee.", "7 Same name and date of birth as line 2."]
        );
        assert_eq!(
            lines(&keeper, &import, "broken").await,
            ["10 The name is missing.", "15 Name: Use at most 200 characters. This has 100000."]
        );
        let noticed = keeper.get(&format!("{}/lines?noticed=true", at(&import))).await.json;
        let noticed = noticed["items"].as_array().unwrap().iter();
        assert_eq!(
            noticed.map(|line| line["notices"][0].as_str().unwrap()).collect::<Vec<_>>(),
            [
                "Email left out: “x@” isn’t an email address.",
                "Date of birth left out: “31.13.2020” isn’t a date.",
            ]
        );
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM clients")).await, 1, "nothing is added yet");
        let done = run(&keeper, &import).await;
        assert_eq!(
            (done.status, counts(&done.json), &done.json["state"]),
            (StatusCode::OK, [0, 3, 2, 2, 7], &json!("done"))
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
        assert_eq!(counts(&run(&keeper, &import).await.json), [0, 3, 2, 2, 7]);
        let left =
            format!("/g/{}/clients/imports/{}/not-added.csv", world.group, import["id"].as_str().unwrap());
        let left = keeper.get(&left).await.text;
        assert!(left.contains("Same email address as Ann Lee."), "{left}");
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
        (&b""[..], "Choose a file"),
        (b"name\n", "no lines below"),
        (b"PK\x03\x04", "workbook"),
        (b"\xd0\xcf\x11\xe0", "workbook"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "isn’t text"),
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
    assert_eq!((bare.status, counts(&bare.json)), (StatusCode::CREATED, [1, 0, 0, 0, 0]));
    run(&keeper, &bare.json).await;
    let clients = keeper.get(&format!("/api/v1/groups/{}/clients?kind=patient", world.group)).await.json;
    assert_eq!(clients["items"][0]["name"], "Ada");
}

/// 50,000 lines in Windows-1252 with every fifth broken and every fifth a likely double; of 100 a second column of
/// animals; some names in other letters are not possible there.
fn many() -> Vec<u8> {
    let mut text = String::from("name;email;reference;kind;animal;species\r\n");
    for line in 0..50_000 {
        match line % 10 {
            3 | 4 => write!(text, ";b{line}@x.org;;;;\r\n"),
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
        assert_eq!(counts(&import), [30_000, 10_000, 0, 10_000, 0]);
        assert_eq!(import["read"]["encoding"], "windows-1252");
        let (one, two) = tokio::join!(run(&keeper, &import), run(&keeper, &import));
        for reply in [&one, &two] {
            assert_eq!(
                (reply.status, counts(&reply.json)),
                (StatusCode::OK, [0, 10_000, 0, 10_000, 30_000]),
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
        let meanwhile = json!({ "kind": "owner", "name": "Someone", "email": "C2499@x.org" });
        member.post(&clients, &meanwhile).await;
        // A client that waits hangs up as soon as the first piece is there.
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
        assert_eq!((counts(&done), &done["state"]), ([0, 1, 0, 0, 2_499], &json!("done")));
        assert_eq!(lines(&keeper, &import, "likely").await, ["2501 Same email address as Someone."]);
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
        assert_eq!(counts(&import), [3, 0, 0, 0, 0]);
        run(&keeper, &import).await;
        assert_eq!(whole(member.get(&clients).await.json), before);
        // A second time nobody is added: each is known, for certain or likely.
        assert_eq!(counts(&read_in(&keeper, &world, file.text.as_bytes()).await), [0, 1, 2, 0, 0]);
    }
}

#[tokio::test]
async fn one_line_for_each_pet_adds_them_to_one_owner_and_to_who_is_there() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let keeper = world.client(As::GroupAdmin).await;
        let file = b"Client Name,Email,Phone,Pet Name,Species\nNora Quint,n@x.org,555-0110,Juno,Dog\nOtis Lang,o@x.org,,Ray,Dog\n\
                     Nora Quint,n@x.org,,Pip,Cat\n";
        let import = read_in(&keeper, &world, file).await;
        assert_eq!(import["planned"], json!({ "clients": 2, "merges": 1, "animals": 3 }));
        assert_eq!(lines(&keeper, &import, "animal").await, ["4 Adds “Pip” to line 2."]);
        let done = run(&keeper, &import).await.json;
        assert_eq!((&done["counts"]["added"], &done["counts"]["merged"]), (&json!(2), &json!(1)));
        assert_eq!(clients(&keeper, &world).await, ["Nora Quint Juno+Pip", "Otis Lang Ray"]);
        // A year later: one is known with her pets, another has a new one, who is found by it.
        let file = b"Client Name,Email,Pet Name,Birth date\nNora Quint,n@x.org,Pip,2021-01-02\nOtis Lang,O@x.org,Zip,\nOtis Lang,o@x.org,Zap,\n";
        let import = read_in(&keeper, &world, file).await;
        assert_eq!(
            lines(&keeper, &import, "duplicate").await,
            ["2 Same name and email address as Nora Quint."]
        );
        assert_eq!(
            lines(&keeper, &import, "animal").await,
            ["3 Adds “Zip” to Otis Lang.", "4 Adds “Zap” to Otis Lang."]
        );
        run(&keeper, &import).await;
        assert_eq!(clients(&keeper, &world).await, ["Nora Quint Juno+Pip", "Otis Lang Ray+Zip+Zap"]);
        let found = keeper.get(&format!("/api/v1/groups/{}/clients?q=zap", world.group)).await.json;
        assert_eq!(found["items"][0]["name"], "Otis Lang");
    }
}

#[tokio::test]
async fn the_same_file_twice_adds_nobody_unless_someone_decides_so() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let keeper = world.client(As::GroupAdmin).await;
        let file = b"Name,Phone\nNora Quint,555-0110\nOtis Lang,555-0111\nPia,\n";
        let first = read_in(&keeper, &world, file).await;
        run(&keeper, &first).await;
        let again = read_in(&keeper, &world, file).await;
        assert_eq!(counts(&again), [0, 3, 0, 0, 0]);
        assert_eq!(
            lines(&keeper, &again, "likely").await,
            [
                "2 Same name and phone as Nora Quint.",
                "3 Same name and phone as Otis Lang.",
                "4 Same name as Pia."
            ]
        );
        run(&keeper, &again).await;
        assert_eq!(clients(&keeper, &world).await.len(), 3, "silence adds nobody");
        // One line anyway, after the run too; then all of them, of which that one is done.
        let planned = decide(&keeper, &again, json!({ "action": "add", "line": 4 })).await;
        assert_eq!(planned["planned"]["clients"], 1);
        run(&keeper, &again).await;
        assert_eq!(clients(&keeper, &world).await, ["Nora Quint", "Otis Lang", "Pia", "Pia"]);
        decide(&keeper, &again, json!({ "action": "add", "outcome": "likely" })).await;
        decide(&keeper, &again, json!({ "action": "merge", "line": 2 })).await;
        let done = run(&keeper, &again).await.json;
        assert_eq!(counts(&done), [0, 0, 0, 0, 2]);
        assert_eq!(clients(&keeper, &world).await, ["Nora Quint", "Otis Lang", "Otis Lang", "Pia", "Pia"]);
        for wrong in [
            json!({ "action": "add", "line": 2 }),
            json!({ "action": "add", "outcome": "new" }),
            json!({ "action": "done", "outcome": "likely" }),
            json!({ "action": "add" }),
        ] {
            let reply = keeper.post(&format!("{}/decisions", at(&again)), &wrong).await;
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {}", reply.text);
        }
    }
}

#[tokio::test]
async fn merging_fills_what_is_empty_and_adds_pets() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (member, keeper) = (world.client(As::Member).await, world.client(As::GroupAdmin).await);
        let group = format!("/api/v1/groups/{}/clients", world.group);
        member
            .post(&group, &json!({ "kind": "owner", "name": "Nora Quint", "email": "n@x.org", "phone": "1" }))
            .await;
        let file =
            b"Owner,Email,Phone,Address,Pet\nN. Quint,n@x.org,2,9 Elm Row,Juno\nN. Quint,n@x.org,2,,Pip\n";
        let import = read_in(&keeper, &world, file).await;
        assert_eq!(counts(&import), [0, 2, 0, 0, 0]);
        decide(&keeper, &import, json!({ "action": "merge", "outcome": "likely" })).await;
        run(&keeper, &import).await;
        let found = keeper.get(&group).await.json["items"][0].clone();
        assert_eq!((&found["name"], &found["phone"]), (&json!("Nora Quint"), &json!("1")));
        assert_eq!((&found["address"], found["animals"].as_array().unwrap().len()), (&json!("9 Elm Row"), 2));
        // Added anyway, both lines are one person still.
        let file = b"Owner,Email,Pet\nNora Q.,n@x.org,Rex\nNora Q.,n@x.org,Ray\n";
        let import = read_in(&keeper, &world, file).await;
        decide(&keeper, &import, json!({ "action": "add", "outcome": "likely" })).await;
        run(&keeper, &import).await;
        assert_eq!(clients(&keeper, &world).await, ["Nora Q. Rex+Ray", "Nora Quint Juno+Pip"]);
        // A client that was archived in between takes nothing in.
        let file = b"Owner,Email,Pet\nNora Q.,n@x.org,Zip\n";
        let import = read_in(&keeper, &world, file).await;
        let id = keeper.get(&group).await.json["items"][0]["id"].as_str().unwrap().to_owned();
        keeper.delete(&format!("/api/v1/clients/{id}")).await;
        run(&keeper, &import).await;
        assert_eq!(lines(&keeper, &import, "likely").await, ["2 This client was just archived or merged."]);
    }
}

#[tokio::test]
async fn columns_get_another_meaning_which_is_remembered_for_the_account() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let keeper = world.client(As::GroupAdmin).await;
        let file = b"Who,Reach,Since\nNora Quint,n@x.org,03/04/2020\nOtis Lang,555-0111,\n";
        let import = read_in(&keeper, &world, file).await;
        assert_eq!((counts(&import), &import["read"]["names"]), ([0, 0, 0, 2, 0], &json!(false)));
        assert_eq!(run(&keeper, &import).await.json["code"], "import_without_names");
        let map = async |import: &Value, mapping: Value| {
            keeper.put(&format!("{}/mapping", at(import)), &mapping).await
        };
        for (wrong, field) in [
            (json!({ "columns": ["name"] }), "columns"),
            (json!({ "columns": ["name", "nonsense", null] }), "columns[1]"),
            (json!({ "columns": ["name", "name", null] }), "columns[1]"),
        ] {
            let reply = map(&import, wrong).await;
            assert_eq!(
                (reply.status, &reply.json["errors"][0]["field"]),
                (StatusCode::UNPROCESSABLE_ENTITY, &json!(field))
            );
        }
        let mapping = json!({ "columns": ["name", "email", "birth_date"], "date_order": "day_first" });
        let mapped = map(&import, mapping).await;
        assert_eq!(
            (mapped.status, counts(&mapped.json)),
            (StatusCode::OK, [2, 0, 0, 0, 0]),
            "{}",
            mapped.text
        );
        assert_eq!(mapped.json["counts"]["noticed"], 1, "a phone is no address");
        // The next file with these headings is read so from the start.
        let next = read_in(&keeper, &world, b"who,REACH,Since\nPia,p@x.org,05/06/2020\n").await;
        assert_eq!(
            (&next["read"]["remembered"], &next["read"]["date_order"]),
            (&json!(true), &json!("day_first"))
        );
        let line = keeper.get(&format!("{}/lines", at(&next))).await.json["items"][0].clone();
        assert_eq!(line["result"]["birth_date"], "2020-06-05");
        // What was run keeps its meaning.
        run(&keeper, &import).await;
        let reply = map(&import, json!({ "columns": ["name", null, null] })).await;
        assert_eq!(reply.json["code"], "import_running");
    }
}
