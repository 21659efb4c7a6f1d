//! Importing people: what a file becomes, line by line, and what the run does with it; who may, and what can't be
//! reached by it. How files in odd shapes are read is tried beside the reader, in `tables` and with clients.

use std::{fmt::Write as _, io::Write as _};

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use kernel::{clock::DAY, id::GroupId};
use serde_json::{Value, json};
use storage::sql;

use crate::support::{As, Client, ENGINES, Engine, PASSWORD, Reply, World, link_token};

fn path(world: &World) -> String {
    format!("/api/v1/accounts/{}/invitations/import", world.account)
}

async fn preview(by: &Client, world: &World, query: &str, file: impl AsRef<[u8]>) -> Value {
    let path = format!("{}/preview{query}", path(world));
    let reply = by.send(Method::POST, &path, &[], Body::from(file.as_ref().to_vec())).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    reply.json
}

async fn run(by: &Client, world: &World, query: &str, file: impl AsRef<[u8]>) -> Reply {
    by.send(Method::POST, &format!("{}{query}", path(world)), &[], Body::from(file.as_ref().to_vec())).await
}

/// The lines of a preview: "number email | name | role | groups | outcome".
fn lines(preview: &Value) -> Vec<String> {
    let line = |line: &Value| {
        let groups = line["groups"].as_array().unwrap().iter().map(|group| {
            let name = group["name"].as_str().unwrap();
            if group["role"] == "administrator" { format!("{name}*") } else { name.to_owned() }
        });
        let groups = groups.collect::<Vec<_>>().join("+");
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let parts = [text("email"), text("name"), text("role"), groups, text("outcome")];
        format!("{} {}", line["line"], parts.join("|"))
    };
    preview["lines"].as_array().unwrap().iter().map(line).collect()
}

/// The outcomes of a run: "email outcome".
fn outcomes(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let each = reply.json["outcomes"].as_array().unwrap().iter();
    each.map(|o| format!("{} {}", o["email"].as_str().unwrap(), o["outcome"].as_str().unwrap())).collect()
}

/// Makes a group beside those of the world.
async fn group(world: &World, name: &'static str) -> GroupId {
    let (account, owner) = (world.account, world.owner);
    let made =
        world.server.db().write(async move |tx| people::groups::create(tx, account, owner, name, "").await);
    made.await.unwrap()
}

async fn licenses(world: &World, total: i64, support: i64) {
    let account = world.account;
    let set = world.server.db().write(async move |tx| {
        tx.exec(
            sql!("UPDATE license_counts SET total = $2 WHERE account_id = $1 AND kind = 'license'"),
            &[&account, &total],
        )
        .await?;
        tx.exec(
            sql!("UPDATE license_counts SET total = $2 WHERE account_id = $1 AND kind = 'support_staff'"),
            &[&account, &support],
        )
        .await
    });
    set.await.unwrap();
}

/// A form with a file or fields, as a browser sends it.
async fn form(by: &Client, path: &str, fields: &[(&str, &str)]) -> Reply {
    let mut body = String::new();
    for (name, value) in fields {
        let _ = write!(body, "--xx\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body.push_str("--xx--\r\n");
    let headers = [("content-type", "multipart/form-data; boundary=xx"), ("accept", "text/html")];
    by.send(Method::POST, path, &headers, Body::from(body)).await
}

/// The value of a hidden field, as a browser reads it.
fn hidden(page: &str, name: &str) -> String {
    let begin = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("no {name} in {page}"));
    let value = rest.split('"').next().unwrap();
    let plain = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    plain.into_iter().fold(value.to_owned(), |text, (escaped, sign)| text.replace(escaped, sign))
}

fn utf16(text: &str) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// A workbook of one sheet.
fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{office}/{kind}\" \
             Target=\"{target}\"/></Relationships>"
        )
    };
    let cells = |number: usize, cells: &[&str]| {
        let cell = |(at, text): (usize, &&str)| {
            let column = char::from(b'A' + u8::try_from(at).unwrap());
            format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
        };
        format!("<row r=\"{number}\">{}</row>", cells.iter().enumerate().map(cell).collect::<String>())
    };
    let rows = rows.iter().zip(1..).map(|(row, number)| cells(number, row)).collect::<String>();
    let sheet = "<sheets><sheet name=\"People\" sheetId=\"1\" r:id=\"r1\"/></sheets>";
    let parts = [
        ("[Content_Types].xml", format!("<Types xmlns=\"{package}/content-types\"/>")),
        ("_rels/.rels", relation("officeDocument", "xl/workbook.xml")),
        ("xl/workbook.xml", format!("<workbook xmlns=\"{main}\" xmlns:r=\"{office}\">{sheet}</workbook>")),
        ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml")),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>"),
        ),
    ];
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A workbook whose rows all show one shared text, with what it says of how many texts it has.
fn shared_workbook(told: &str, text: &str, rows: usize) -> Vec<u8> {
    let plain = workbook(&[&["email"]]);
    let mut plain = zip::ZipArchive::new(std::io::Cursor::new(plain)).unwrap();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let cells =
        (2..rows + 2).map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>1</v></c></row>"));
    let head = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>";
    let sheet = format!(
        "<worksheet xmlns=\"{main}\"><sheetData>{head}{}</sheetData></worksheet>",
        cells.collect::<String>()
    );
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let texts = format!("<sst xmlns=\"{main}\" {told}><si><t>email</t></si><si><t>{text}</t></si></sst>");
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for at in 0..plain.len() {
        let mut entry = plain.by_index(at).unwrap();
        let name = entry.name().unwrap().to_string();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        if name.ends_with("sheet1.xml") {
            bytes = sheet.clone().into_bytes();
        }
        if name.ends_with("workbook.xml.rels") {
            let text = String::from_utf8(bytes).unwrap();
            let shared = format!(
                "<Relationship Id=\"r2\" Type=\"{office}/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>"
            );
            bytes = text.replace("</Relationships>", &shared).into_bytes();
        }
        archive.start_file(name, options).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.start_file("xl/sharedStrings.xml", options).unwrap();
    archive.write_all(texts.as_bytes()).unwrap();
    archive.finish().unwrap().into_inner()
}

/// A file of some kilobytes may say of itself that it is huge, or become it.
#[tokio::test]
async fn a_workbook_takes_no_more_memory_than_its_cells_may() {
    let world = World::new(Engine::Sqlite).await;
    let owner = world.client(As::Administrator).await;
    let path = format!("/api/v1/accounts/{}/invitations/import/preview", world.account);
    let kind = [("content-type", "application/octet-stream")];
    let refused = async |file: Vec<u8>| {
        let reply = owner.send(axum::http::Method::POST, &path, &kind, file.into()).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json["errors"][0]["field"]),
            (422, &json!("file")),
            "{}",
            reply.text
        );
        reply.json["errors"][0]["detail"].as_str().unwrap().to_owned()
    };
    let found = preview(&owner, &world, "", shared_workbook("uniqueCount=\"2\"", "ann@x.test", 1)).await;
    assert!(found.to_string().contains("ann@x.test"), "the control is read: {found}");
    for told in
        ["uniqueCount=\"99999999999999\"", "uniqueCount = '9999999999999999999'", "uniqueCount=\"2000001\""]
    {
        assert!(refused(shared_workbook(told, "ann@x.test", 1)).await.contains("too large"), "{told}");
    }
    let long = refused(shared_workbook("uniqueCount=\"2\"", &"x".repeat(300_000), 1)).await;
    assert!(long.contains("Line 2 has a cell of more than 256 KiB"), "{long}");
    let many = refused(shared_workbook("uniqueCount=\"2\"", &"x".repeat(200_000), 400)).await;
    assert!(many.contains("too large"), "{many}");
    let text = format!("email,note\nann@x.test,{}\n", "x".repeat(300_000));
    assert!(refused(text.into_bytes()).await.contains("Line 2"));
}

#[tokio::test]
async fn a_cell_of_a_million_group_names_is_looked_at_for_as_many_as_one_may_be_in() {
    let world = World::new(Engine::Sqlite).await;
    let owner = world.client(As::Administrator).await;
    let file = format!("email,groups\nann@x.test,\"Alder Creek;{}\"\n", "x;".repeat(40_000));
    let found = preview(&owner, &world, "", file).await;
    assert!(found.to_string().len() < 100_000, "{}", found.to_string().len());
    assert!(found.to_string().contains("Alder Creek"));
}

#[tokio::test]
async fn a_list_is_read_in_every_format_that_people_have() {
    let world = World::new(Engine::Sqlite).await;
    let owner = world.client(As::Administrator).await;
    let expected = ["ann@x.test|Ann Lee|administrator|Alder Creek|invite", "bo@x.test|Bo|member||invite"];
    let sheet: [&[&str]; 3] = [
        &["Name", "E-mail", "Role", "Team"],
        &["Ann Lee", "ann@x.test", "Admin", "alder creek"],
        &["Bo", "bo@x.test", "", ""],
    ];
    let with = |sign: &str| sheet.iter().map(|row| row.join(sign) + "\r\n").collect::<String>();
    let titled = format!("Our people,,,\r\n,,,\r\n{}", with(","));
    let bare = with(",").lines().skip(1).collect::<Vec<_>>().join("\n");
    let spanish = with(";").replace("Name;E-mail;Role;Team", "Nombre completo;Correo electrónico;Rol;Grupos");
    for (name, file, first) in [
        ("CSV", with(",").into_bytes(), 2),
        ("semicolons", with(";").into_bytes(), 2),
        ("TSV", with("\t").into_bytes(), 2),
        ("UTF-16", utf16(&with("\t")), 2),
        ("told", format!("sep=|\n{}", with("|")).into_bytes(), 3),
        ("a title above the headings", titled.into_bytes(), 4),
        ("ragged", with(",").replace("Bo,bo@x.test,,", "Bo,bo@x.test").into_bytes(), 2),
        ("without headings", bare.into_bytes(), 1),
        ("Spanish", spanish.into_bytes(), 2),
        ("a workbook", workbook(&sheet), 2),
    ] {
        let found = preview(&owner, &world, "", file).await;
        let wanted = expected.iter().zip(first..).map(|(line, number)| format!("{number} {line}"));
        assert_eq!(lines(&found), wanted.collect::<Vec<_>>(), "{name}: {found}");
        assert_eq!(found["summary"], "2 will be invited", "{name}");
    }
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM invitations")).await, 0, "nothing is sent yet");
}

#[tokio::test]
async fn columns_are_known_by_headings_else_by_cells_and_can_be_chosen() {
    let world = World::new(Engine::Sqlite).await;
    let owner = world.client(As::Owner).await;
    let fields = async |query: &str, file: &str| {
        let found = preview(&owner, &world, query, file).await;
        let columns = found["columns"].as_array().unwrap().iter();
        (
            columns.map(|each| each["field"].as_str().unwrap_or("-")).collect::<Vec<_>>().join(" "),
            lines(&found),
        )
    };
    for (file, expected) in [
        ("Member,Email,Phone\nAnn,a@x.test,1\n", "name email -"),
        (
            "First Name [Required],Last Name [Required],Email Address [Required]\nA,B,a@x.test\n",
            "first_name last_name email",
        ),
        ("Nombre;Apellidos;Correo\nA;B;a@x.test\n", "first_name last_name email"),
        (
            "Name;Vorname;E-Mail-Adresse;Gruppe;Rolle\nLee;Ann;a@x.test;;\n",
            "last_name first_name email groups role",
        ),
        ("Who,Where\nAnn,a@x.test\n", "- email"),
        ("a@x.test,Ann Lee,Member,Alder Creek\n", "email name role groups"),
        ("Member,a@x.test\n", "role email"),
        (
            "Email,Team,Department,Group role\na@x.test,Alder Creek,Brookfield,Admin\n",
            "email groups groups group_role",
        ),
    ] {
        assert_eq!(fields("", file).await.0, expected, "{file}");
    }
    let chosen = fields("?columns=,email,groups", "Where,Mail,Who\nAnn,a@x.test,Brookfield\n").await;
    assert_eq!(chosen.1, ["2 a@x.test||member|Brookfield|invite"]);
    let wrong = async |query: &str| run(&owner, &world, query, "Name,Mail\nAnn,a@x.test\n").await;
    for (query, field, why) in [
        ("?columns=email,email", "columns[1]", "Two columns are"),
        ("?columns=email", "columns", "2 columns"),
        ("?columns=email,phone", "columns[1]", "Choose a field of a person"),
        ("?columns=name,", "columns[0]", "Choose the column"),
        ("?role=owner", "role", "can’t give"),
    ] {
        let reply = wrong(query).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}: {}", reply.text);
        assert!(reply.text.contains(field) && reply.text.contains(why), "{query}: {}", reply.text);
    }
}

#[tokio::test]
async fn roles_groups_and_names_are_read_as_people_write_them() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        group(&world, "Smith; Sons").await;
        group(&world, "Müller, Vets").await;
        let owner = world.client(As::Owner).await;
        let file = "Email,Name,Role,Groups,Group role\n\
                    a@x.test,\"Lee, Ann\",ADMIN,ALDER CREEK,administrator\n\
                    b@x.test,\"Bo Ott, DVM\",staff,Smith; Sons,\n\
                    c@x.test,=HYPERLINK(\"x\"),Mitarbeiterin,\"smith; sons, Muller, Vets|Brookfield\",member\n\
                    d@x.test,,Boss,Rivrside; Brookfield,\n\
                    e@x.test,,Owner,Hillside Herd,\n\
                    f@x.test,,Support staff,Brookfield,\n\
                    Gus <g@x.test>,,,Brookfield (administrator),\n\
                    h@x,,,,\n\
                    ,Nobody,,,\n\
                    A@X.TEST,,Member,Brookfield,\n";
        licenses(&world, 20, 2).await;
        let found = preview(&owner, &world, "", file).await;
        assert_eq!(
            lines(&found),
            [
                "2 a@x.test|Ann Lee|administrator|Alder Creek*+Brookfield|invite",
                "3 b@x.test|Bo Ott, DVM|member|Smith; Sons|invite",
                "4 c@x.test|=HYPERLINK(\"x\")|member|Smith; Sons+Müller, Vets+Brookfield|invite",
                "5 d@x.test||member|Brookfield|invite",
                "6 e@x.test||member||invite",
                "7 f@x.test||support_staff||invite",
                "8 g@x.test|Gus|member|Brookfield*|invite",
                "9 h@x||member||not_an_address",
                "10 |Nobody|member||not_an_address",
                "11 A@X.TEST||member|Brookfield|repeated",
            ],
            "{engine:?}: {found}"
        );
        let notices = |at: usize| found["lines"][at]["notices"].to_string();
        for (at, told) in [
            (3, "“Boss” isn’t a role here. The role is Member."),
            (3, "“Rivrside” isn’t a group here, so it’s left out."),
            (4, "You can’t invite an owner. The role is Member."),
            (4, "“Hillside Herd” isn’t a group here"),
            (5, "support staff can’t join groups"),
            (9, "Role left out: line 2 says Administrator."),
        ] {
            assert!(notices(at).contains(told), "{engine:?}: {told}: {}", notices(at));
        }
        assert_eq!(found["summary"], "7 will be invited, 2 not addresses, 1 repeat");
        let done = run(&owner, &world, "", file).await;
        assert_eq!(done.json["summary"], "7 invited, 2 not addresses, 1 repeat", "{engine:?}");
        let listed =
            owner.get(&format!("/api/v1/accounts/{}/invitations?limit=100", world.account)).await.json;
        let listed = listed["items"].as_array().unwrap().iter().map(|each| {
            let groups = each["groups"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
            let groups = groups.collect::<Vec<_>>().join("+");
            let text = |name: &str| each[name].as_str().unwrap_or_default().to_owned();
            format!("{}|{}|{}|{groups}", text("email"), text("name"), text("role"))
        });
        let mut listed = listed.collect::<Vec<_>>();
        listed.sort();
        assert_eq!(
            listed,
            [
                "a@x.test|Ann Lee|administrator|Alder Creek (administrator)+Brookfield",
                "b@x.test|Bo Ott, DVM|member|Smith; Sons",
                "c@x.test|=HYPERLINK(\"x\")|member|Brookfield+Müller, Vets+Smith; Sons",
                "d@x.test||member|Brookfield",
                "e@x.test||member|",
                "f@x.test||support_staff|",
                "g@x.test|Gus|member|Brookfield (administrator)",
            ],
            "{engine:?}"
        );
    }
}

#[tokio::test]
async fn the_run_does_what_was_shown_and_a_second_one_invites_nobody() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let owner = world.client(As::Owner).await;
        let api = format!("/api/v1/accounts/{}/invitations", world.account);
        owner.post(&api, &json!({ "emails": "old@x.test", "role": "member" })).await;
        world.server.clock.advance(8 * DAY);
        let owner = world.client(As::Owner).await;
        owner.post(&api, &json!({ "emails": "pending@x.test same@x.test", "role": "member" })).await;
        world.server.mail().await;
        let file = "Email,Name,Role,Groups\nnew@x.test,New,,\npending@x.test,Pen,Admin,Brookfield\nsame@x.test,,,\n\
                    old@x.test,,,\nmember@riverside.test,,,Brookfield\nelsewhere@riverside.test,,Admin,Brookfield\n\
                    support@riverside.test,,,Brookfield\n";
        let found = preview(&owner, &world, "", file).await;
        let word = |line: &String| line.rsplit('|').next().unwrap().to_owned();
        assert_eq!(
            lines(&found).iter().map(word).collect::<Vec<_>>(),
            [
                "invite",
                "already_invited",
                "already_invited",
                "invite",
                "add",
                "already_member",
                "already_member"
            ],
            "{engine:?}: {found}"
        );
        assert_eq!(
            (&found["lines"][1]["change"]["now"]["role"], &found["lines"][1]["change"]["then"]["role"]),
            (&json!("member"), &json!("administrator"))
        );
        assert!(found["lines"][5]["notices"].to_string().contains("Their role stays Member"), "{found}");
        let done = run(&owner, &world, "", file).await;
        let told = [
            "new@x.test invited",
            "pending@x.test already_invited",
            "same@x.test already_invited",
            "old@x.test invited",
            "member@riverside.test added",
            "elsewhere@riverside.test already_member",
            "support@riverside.test already_member",
        ];
        assert_eq!(outcomes(&done), told, "{engine:?}");
        assert!(done.json["outcomes"][0]["link"].as_str().unwrap().contains("/invitations/"));
        let mails = world.server.mail().await;
        assert_eq!(mails.len(), 6, "three more: {mails:?}");
        assert!(mails.iter().any(|mail| mail.contains("Hi New,")), "{mails:?}");
        let again = run(&owner, &world, "", file).await;
        let quiet = again.json["summary"].as_str().unwrap();
        assert_eq!(quiet, "3 already members, 4 already invited", "{engine:?}");
        assert_eq!(world.server.mail().await.len(), 6, "no more");
        // Changed only when that is asked for.
        let asked = preview(&owner, &world, "?change=true", file).await;
        assert_eq!(asked["lines"][1]["outcome"], "change");
        let changed = run(&owner, &world, "?change=true", file).await;
        assert_eq!(outcomes(&changed)[1], "pending@x.test changed", "{engine:?}");
        let listed = owner.get(&format!("{api}?q=pending")).await.json;
        assert_eq!(
            (&listed["items"][0]["role"], &listed["items"][0]["groups"], &listed["items"][0]["name"]),
            (&json!("administrator"), &json!(["Brookfield"]), &json!("Pen"))
        );
        let twice = run(&owner, &world, "?change=true", file).await;
        assert_eq!(twice.json["summary"], "3 already members, 4 already invited", "{engine:?}");
    }
}

#[tokio::test]
async fn licenses_that_run_out_are_shown_beforehand_and_never_oversold() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        licenses(&world, 7, 1).await;
        let owner = world.client(As::Owner).await;
        let file = "Email,Role\na@x.test,\nb@x.test,support\nc@x.test,\nd@x.test,\n";
        let found = preview(&owner, &world, "", file).await;
        let word = |line: &String| line.rsplit('|').next().unwrap().to_owned();
        assert_eq!(
            lines(&found).iter().map(word).collect::<Vec<_>>(),
            ["invite", "no_license", "invite", "no_license"],
            "{engine:?}: {found}"
        );
        assert_eq!((&found["licenses_needed"], &found["licenses_available"]), (&json!(3), &json!(2)));
        assert_eq!(found["summary"], "2 will be invited, 2 without a license");
        let page =
            form(&owner, &format!("/a/{}/invite/import", world.account), &[("pasted", file)]).await.text;
        assert!(page.contains("3 of these people need a license; 2 are available."), "{page}");
        assert_eq!(page.contains("Add licenses"), world.server.app.config.sells());
        let done = run(&owner, &world, "", file).await;
        assert_eq!(
            outcomes(&done),
            ["a@x.test invited", "b@x.test no_license", "c@x.test invited", "d@x.test no_license"],
            "{engine:?}"
        );
        assert_eq!(
            world
                .server
                .count(sql!("SELECT CAST(max(used + reserved - total) AS BIGINT) FROM license_counts"))
                .await,
            0
        );
        // A plan without a seat for support staff says so, and nobody else waits for it.
        let leave = sql!("UPDATE license_counts SET used = 0 WHERE kind = 'support_staff'");
        world.server.db().write(async move |tx| tx.exec(leave, &[]).await).await.unwrap();
        licenses(&world, 8, 0).await;
        let done = run(&owner, &world, "", "Email,Role\nz@x.test,support\ny@x.test,\n").await;
        assert_eq!(outcomes(&done), ["z@x.test no_license", "y@x.test invited"], "{engine:?}");
    }
}

#[tokio::test]
async fn only_owner_and_administrators_import_and_only_into_their_own_account() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let file = "Email\na@x.test\n";
        for role in [As::Member, As::GroupAdmin, As::Support, As::Elsewhere, As::Stranger, As::Anonymous] {
            let client = world.client(role).await;
            for path in [path(&world), format!("{}/preview", path(&world))] {
                let reply = client.send(Method::POST, &path, &[], file.into()).await;
                let refused = [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND, StatusCode::UNAUTHORIZED];
                assert!(refused.contains(&reply.status), "{engine:?} {role:?}: {}", reply.text);
            }
        }
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM invitations")).await, 0);
        // Another tenant's people and invitations are strangers here, and its groups no groups.
        let stranger = world.client(As::Stranger).await;
        let theirs = format!("/api/v1/accounts/{}/invitations", hillside(&world).await);
        let invite = json!({ "emails": "shared@x.test", "role": "member" });
        assert_eq!(stranger.post(&theirs, &invite).await.json["outcomes"][0]["outcome"], "invited");
        world.server.leave_mail();
        let administrator = world.client(As::Administrator).await;
        let file = "Email,Role,Groups\nshared@x.test,Admin,Hillside Herd\nstranger@riverside.test,,\n";
        let found = preview(&administrator, &world, "", file).await;
        assert_eq!(
            lines(&found),
            ["2 shared@x.test||administrator||invite", "3 stranger@riverside.test||member||invite"],
            "{engine:?}"
        );
    }
}

/// The other account of the world.
async fn hillside(world: &World) -> kernel::id::AccountId {
    let found = world.server.db().read(async |tx| {
        tx.value::<kernel::id::AccountId>(sql!("SELECT id FROM accounts WHERE name = 'Hillside'"), &[]).await
    });
    found.await.unwrap()
}

#[tokio::test]
async fn the_pages_show_what_happens_before_it_does_and_ask_again_after_a_change() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let start = format!("/a/{}/invite/import", world.account);
        let begin = owner.get(&start).await.text;
        assert!(begin.contains("name=\"file\"") && begin.contains("name=\"pasted\""));
        assert!(owner.get(&format!("/a/{}/users", world.account)).await.text.contains(&start));
        let pasted = "Email\tName\tGroups\nann@x.test\tAnn <Lee>\tBrookfield\nbo@x.test\tBo\tRivrside\n";
        let shown = form(&owner, &start, &[("pasted", pasted)]).await;
        assert_eq!(shown.status, StatusCode::OK);
        for told in [
            "2 will be invited",
            "Invite 2 people",
            "Ann &#60;Lee&#62;",
            "“Rivrside” isn’t a group here: 1 line comes without it.",
        ] {
            assert!(shown.text.contains(told), "{engine:?}: {told}: {}", shown.text);
        }
        let (read, seen) = (hidden(&shown.text, "read"), hidden(&shown.text, "seen"));
        let columns = [("column", "email"), ("column", "name"), ("column", "groups")];
        let sent = |columns: [(&'static str, &'static str); 3], role: &'static str| {
            let mut fields = columns.to_vec();
            fields.push(("role", role));
            fields.push(("user_type", "other"));
            fields
        };
        // Pressing the button after a change shows what would happen now, and sends nothing.
        let run = format!("{start}/run");
        let mut fields = vec![("read", read.as_str()), ("seen", seen.as_str())];
        fields.extend(sent(columns, "administrator"));
        let asked = form(&owner, &run, &fields).await;
        assert!(asked.text.contains("You changed something since the last check"), "{}", asked.text);
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM invitations")).await, 0);
        let twice = form(
            &owner,
            &start,
            &[&fields[..2], &[("column", "email"), ("column", "email"), ("column", "")][..]].concat(),
        )
        .await;
        assert!(twice.text.contains("Two columns are “Email address”"), "{}", twice.text);
        assert!(!twice.text.contains("/run"));
        // The same button twice at once invites each once.
        let mut fields = vec![("read", read.as_str()), ("seen", seen.as_str())];
        fields.extend(sent(columns, "member"));
        let (first, second) = tokio::join!(form(&owner, &run, &fields), form(&owner, &run, &fields));
        let both = [first.text, second.text].join("\n");
        assert!(both.contains("2 invited") && both.contains("2 already invited"), "{engine:?}: {both}");
        assert!(both.contains("The link is shown once."));
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM invitations")).await, 2, "{engine:?}");
        let users = owner.get(&format!("/a/{}/users", world.account)).await.text;
        assert!(users.contains("Ann &#60;Lee&#62;") && users.contains("ann@x.test"), "{users}");
        for (fields, why) in [
            (vec![], "Choose a file, or paste rows from a spreadsheet."),
            (vec![("pasted", "Email\n")], "The file has headings, but no lines below them."),
            (vec![("read", "{")], "Choose the file again."),
        ] {
            let refused = form(&owner, &start, &fields).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(refused.text.contains(why), "{why}: {}", refused.text);
        }
        let none = form(&owner, &start, &[("pasted", "Name,Phone\nAnn,5550100\n")]).await.text;
        assert!(none.contains("No column looks like email addresses") && !none.contains("/run"), "{none}");
    }
}

#[tokio::test]
async fn a_name_from_the_list_waits_in_the_form_of_who_accepts() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let done = run(&owner, &world, "", "Email,First name,Last name\nann@x.test,Ann,Lee\n").await;
        let link = done.json["outcomes"][0]["link"].as_str().unwrap();
        let token = link_token(link, "invitations");
        let page = world.server.anonymous().get(&format!("/invitations/{token}")).await.text;
        assert!(page.contains("value=\"Ann Lee\""), "{engine:?}: {page}");
        let body = json!({ "name": "Ann B. Lee", "password": PASSWORD });
        let accept = format!("/api/v1/invitation-links/{token}/accept");
        let joined = world.server.anonymous().post(&accept, &body).await;
        assert_eq!(joined.status, StatusCode::OK, "{}", joined.text);
        let members = owner.get(&format!("/api/v1/accounts/{}/members?q=ann", world.account)).await.json;
        assert_eq!(members["items"][0]["user"]["name"], "Ann B. Lee", "what they choose counts");
    }
}

#[tokio::test]
async fn invited_people_are_found_by_their_names_however_these_are_spelled() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (owner, admin) = (world.client(As::Owner).await, world.client(As::GroupAdmin).await);
        let file =
            "Email,Name,Groups\nj.m@x.test,Jörg O'Müller,Alder Creek\nann@x.test,Ann Lee,Alder Creek\n";
        assert_eq!(run(&owner, &world, "", file).await.status, StatusCode::OK);
        let api = format!("/api/v1/accounts/{}/invitations", world.account);
        for (search, expected) in [
            ("joerg", vec!["j.m@x.test"]),
            ("omuller", vec!["j.m@x.test"]),
            ("O%E2%80%99M%C3%BCller", vec!["j.m@x.test"]),
            ("lee", vec!["ann@x.test"]),
            ("ann@", vec!["ann@x.test"]),
            ("x.test", vec!["ann@x.test", "j.m@x.test"]),
            ("jo_rg", vec![]),
        ] {
            let found = owner.get(&format!("{api}?q={search}")).await.json;
            let found = found["items"].as_array().unwrap().iter().map(|each| each["email"].as_str().unwrap());
            let mut found = found.collect::<Vec<_>>();
            found.sort_unstable();
            assert_eq!(found, expected, "{engine:?}: {search}");
            for (client, page) in [
                (&owner, format!("/a/{}/users?q={search}", world.account)),
                (&admin, format!("/g/{}/users?q={search}", world.group)),
            ] {
                let shown = client.get(&page).await.text;
                for email in ["ann@x.test", "j.m@x.test"] {
                    let there = shown.contains(&format!("Actions for {email}"));
                    assert_eq!(there, expected.contains(&email), "{engine:?}: {page}");
                }
            }
        }
    }
}

/// The path of an import into the first group of the world.
fn into_group(world: &World, rest: &str) -> String {
    format!("/api/v1/groups/{}/invitations/import{rest}", world.group)
}

async fn sent(by: &Client, path: &str, file: &str) -> Reply {
    by.send(Method::POST, path, &[], Body::from(file.to_owned())).await
}

#[tokio::test]
async fn who_manages_a_group_imports_into_it_and_gives_nothing_else() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let (owner, admin) = (world.client(As::Owner).await, world.client(As::GroupAdmin).await);
        let groups = json!([{ "group": world.other_group, "role": "member" }]);
        let body = json!({ "emails": "boss@x.test", "role": "administrator", "groups": groups });
        owner.post(&format!("/api/v1/accounts/{}/invitations", world.account), &body).await;
        let file = "Email,Name,Role,Groups,Group role\n\
                    a@x.test,Ann,Administrator,Brookfield,\n\
                    b@x.test,Bo,,,administrator\n\
                    c@x.test,Cy,Owner,Alder Creek (administrator),\n\
                    member@riverside.test,,,,\n\
                    elsewhere@riverside.test,,,,\n\
                    boss@x.test,,,,\n";
        let found = sent(&admin, &into_group(&world, "/preview?change_lines=7"), file).await;
        assert_eq!(found.status, StatusCode::OK, "{}", found.text);
        assert_eq!(
            lines(&found.json),
            [
                "2 a@x.test|Ann|member|Alder Creek|invite",
                "3 b@x.test|Bo|member|Alder Creek*|invite",
                "4 c@x.test|Cy|member|Alder Creek*|invite",
                "5 member@riverside.test||member|Alder Creek|already_member",
                "6 elsewhere@riverside.test||member|Alder Creek|add",
                "7 boss@x.test||member|Alder Creek|change",
            ],
            "{engine:?}"
        );
        let notices = found.json["lines"][0]["notices"].to_string();
        for told in
            ["“Administrator” left out: everyone joins as a member", "“Brookfield” left out: this list"]
        {
            assert!(notices.contains(told), "{engine:?}: {told}: {notices}");
        }
        let change = &found.json["lines"][5]["change"];
        assert!(change["now"]["role"].is_null() && !change.to_string().contains("Brookfield"), "{change}");

        let done = sent(&admin, &into_group(&world, "?change_lines=7"), file).await;
        assert_eq!(
            outcomes(&done),
            [
                "a@x.test invited",
                "b@x.test invited",
                "c@x.test invited",
                "member@riverside.test already_member",
                "elsewhere@riverside.test added",
                "boss@x.test changed",
            ],
            "{engine:?}"
        );
        let api = format!("/api/v1/accounts/{}/invitations?limit=100", world.account);
        let listed = owner.get(&api).await.json;
        let listed = listed["items"].as_array().unwrap().iter();
        let mut listed = listed
            .map(|each| format!("{} {} {}", each["email"], each["role"], each["groups"]))
            .collect::<Vec<_>>();
        listed.sort();
        assert_eq!(
            listed.join("\n").replace('"', ""),
            "a@x.test member [Alder Creek]\n\
             b@x.test member [Alder Creek (administrator)]\n\
             boss@x.test administrator [Alder Creek,Brookfield]\n\
             c@x.test member [Alder Creek (administrator)]",
            "{engine:?}"
        );
        // Nobody else may, and nobody into another group.
        let other = format!("/api/v1/groups/{}/invitations/import", world.other_group);
        assert_eq!(sent(&admin, &other, file).await.status, StatusCode::NOT_FOUND);
        for (role, status) in [
            (As::Member, StatusCode::FORBIDDEN),
            (As::Elsewhere, StatusCode::FORBIDDEN),
            (As::Stranger, StatusCode::NOT_FOUND),
            (As::Anonymous, StatusCode::UNAUTHORIZED),
        ] {
            let refused = sent(&world.client(role).await, &into_group(&world, ""), file).await;
            assert_eq!(refused.status, status, "{engine:?}: {role:?}");
        }
    }
}

#[tokio::test]
async fn the_pages_of_a_group_lead_to_its_import_and_back() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let admin = world.client(As::GroupAdmin).await;
    let start = format!("/g/{}/invite/import", world.group);
    assert!(admin.get(&format!("/g/{}/invite", world.group)).await.text.contains(&start));
    let upload = admin.get(&start).await;
    assert!(upload.text.contains("Everyone joins the account as a member."), "{}", upload.text);
    let shown =
        form(&admin, &start, &[("pasted", "Email\tName\nann@x.test\tAnn\n"), ("role", "administrator")])
            .await;
    assert!(shown.text.contains("Invite 1 person") && shown.text.contains("Alder Creek (administrator)"));
    assert!(!shown.text.contains("Support staff"), "{}", shown.text);
    let (read, seen) = (hidden(&shown.text, "read"), hidden(&shown.text, "seen"));
    let fields = [
        ("read", read.as_str()),
        ("seen", seen.as_str()),
        ("column", "email"),
        ("column", "name"),
        ("role", "administrator"),
        ("user_type", "other"),
    ];
    let done = form(&admin, &format!("{start}/run"), &fields).await;
    assert!(done.text.contains("1 invited") && done.text.contains(&format!("/g/{}/users", world.group)));
    // A role in the account can't be slipped in.
    let mut hostile = fields;
    hostile[4] = ("role", "owner");
    let refused = form(&admin, &format!("{start}/run"), &hostile).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
}

#[tokio::test]
async fn a_name_that_is_no_group_may_stand_for_one() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let file = "Email,Groups\na@x.test,Rivrside\nb@x.test,rivrside; Alder Creek\nc@x.test,Lost\n";
        let query = |group: GroupId| {
            let chosen = json!({ "Rivrside": group }).to_string();
            format!("?instead={}", chosen.replace('"', "%22").replace('{', "%7B").replace('}', "%7D"))
        };
        let found = preview(&owner, &world, &query(world.other_group), file).await;
        assert_eq!(
            lines(&found),
            [
                "2 a@x.test||member|Brookfield|invite",
                "3 b@x.test||member|Alder Creek+Brookfield|invite",
                "4 c@x.test||member||invite",
            ],
            "{engine:?}"
        );
        assert_eq!(found["unknown_groups"][1]["instead"], json!(world.other_group), "{found}");
        assert!(found["lines"][0]["notices"][0].as_str().unwrap().contains("“Brookfield” is taken instead"));
        // Another account's group stands for nothing.
        let foreign = preview(&owner, &world, &query(world.hillside_group), file).await;
        assert_eq!(lines(&foreign)[0], "2 a@x.test||member||invite", "{engine:?}");
        // The page asks for each name, and the run does what it showed.
        let start = format!("/a/{}/invite/import", world.account);
        let shown = form(&owner, &start, &[("pasted", file)]).await.text;
        assert!(
            shown.contains("Use instead of Rivrside") && shown.contains("Use instead of Lost"),
            "{shown}"
        );
        let (read, other) = (hidden(&shown, "read"), world.other_group.to_string());
        let mut fields = vec![
            ("read", read.as_str()),
            ("column", "email"),
            ("column", "groups"),
            ("role", "member"),
            ("user_type", "other"),
            ("unknown", "Rivrside"),
            ("instead", other.as_str()),
            ("unknown", "rivrside"),
            ("instead", other.as_str()),
            ("unknown", "Lost"),
            ("instead", ""),
        ];
        let shown = form(&owner, &start, &fields).await.text;
        assert!(shown.contains("“Lost” isn’t a group here: 1 line comes without it."), "{shown}");
        assert!(!shown.contains("“Rivrside” isn’t a group here: "), "{shown}");
        let seen = hidden(&shown, "seen");
        fields.push(("seen", seen.as_str()));
        let done = form(&owner, &format!("{start}/run"), &fields).await.text;
        assert!(done.contains("3 invited"), "{engine:?}: {done}");
        let into = sql!(
            "SELECT count(*) FROM invitation_groups ig JOIN groups g ON g.id = ig.group_id WHERE g.name = 'Brookfield'"
        );
        assert_eq!(world.server.count(into).await, 2, "{engine:?}");
    }
}

#[tokio::test]
async fn invitations_are_changed_line_by_line() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let invite = json!({ "emails": "a@x.test b@x.test c@x.test", "role": "member" });
        owner.post(&format!("/api/v1/accounts/{}/invitations", world.account), &invite).await;
        let file = "Email,Groups\na@x.test,Brookfield\nb@x.test,Brookfield\nc@x.test,\n";
        let found = preview(&owner, &world, "?change_lines=3,4", file).await;
        assert_eq!(
            lines(&found),
            [
                "2 a@x.test||member|Brookfield|already_invited",
                "3 b@x.test||member|Brookfield|change",
                "4 c@x.test||member||already_invited",
            ],
            "{engine:?}"
        );
        let start = format!("/a/{}/invite/import", world.account);
        let shown = form(&owner, &start, &[("pasted", file)]).await.text;
        assert_eq!(shown.matches("name=\"change\"").count(), 2, "{shown}");
        assert!(shown.contains("2 people have invitations that differ"), "{shown}");
        let (read, seen) = (hidden(&shown, "read"), hidden(&shown, "seen"));
        let mut fields = vec![
            ("read", read.as_str()),
            ("seen", seen.as_str()),
            ("column", "email"),
            ("column", "groups"),
            ("role", "member"),
            ("user_type", "other"),
        ];
        let all = form(&owner, &start, &[&fields[..], &[("changes", "all")]].concat()).await.text;
        assert!(all.contains("2 invitations will be changed"), "{all}");
        // What is selected on another page comes along.
        let paged = [&fields[..], &[("elsewhere", "2"), ("show", "already_invited")]].concat();
        let paged = form(&owner, &start, &paged).await.text;
        assert_eq!(hidden(&paged, "elsewhere"), "2", "{engine:?}: {paged}");
        fields.extend([("change", "3"), ("elsewhere", "")]);
        let done = form(&owner, &format!("{start}/run"), &fields).await.text;
        assert!(done.contains("1 changed") && done.contains("2 already invited"), "{done}");
        let changed = sql!("SELECT count(*) FROM invitation_groups");
        assert_eq!(world.server.count(changed).await, 1, "{engine:?}");
    }
}

#[tokio::test]
async fn ten_thousand_lines_are_invited_and_each_has_its_outcome() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let owner = world.client(As::Owner).await;
    let mut file = "Email,Name,Groups\n".to_owned();
    for number in 0..9_997 {
        let _ = writeln!(file, "p{number}@x.test,Person {number},Brookfield");
    }
    file.push_str("member@riverside.test,,Brookfield\nno address,,\np1@x.test,,\n");
    let start = format!("/a/{}/invite/import", world.account);
    let page = owner.upload(&start, "people.csv", file.as_bytes()).await;
    // The page says that it works, for as long as that takes.
    assert!(page.text.contains("data-progress=\"Inviting people…\""), "{}", page.text.len());
    let (read, seen) = (hidden(&page.text, "read"), hidden(&page.text, "seen"));
    let fields = [
        ("read", read.as_str()),
        ("seen", seen.as_str()),
        ("column", "email"),
        ("column", "name"),
        ("column", "groups"),
        ("role", "member"),
        ("user_type", "other"),
    ];
    let begun = std::time::Instant::now();
    let done = form(&owner, &format!("{start}/run"), &fields).await;
    eprintln!("10,000 lines invited in {:?}, {} bytes", begun.elapsed(), done.text.len());
    assert_eq!(done.status, StatusCode::OK);
    assert!(
        done.text.contains("9,997 invited, 1 added, 1 not an address, 1 repeat"),
        "{}",
        &done.text[..4000]
    );
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM invitations")).await, 9_997);
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM outbox WHERE state = 'queued'")).await, 9_998);
}

#[tokio::test]
async fn ten_thousand_lines_are_looked_at_page_by_page() {
    let world = World::new(Engine::Sqlite).await;
    let owner = world.client(As::Owner).await;
    let mut file = "Email,Name,Groups\n".to_owned();
    for number in 0..10_000 {
        let _ = writeln!(file, "p{number}@x.test,Person {number},Brookfield");
    }
    let start = format!("/a/{}/invite/import", world.account);
    let page = owner.upload(&start, "people.csv", file.as_bytes()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("1 to 200 of 10,000"));
    let read = hidden(&page.text, "read");
    let next = form(&owner, &start, &[("read", &read), ("show", "no_license"), ("from", "200")]).await.text;
    assert!(next.contains("201 to 400 of"), "{}", next.len());
    let more = owner.upload(&start, "people.csv", (file + "one@x.test,One,\n").as_bytes()).await;
    assert!(more.text.contains("more than 10,000 lines"));
}
