//! Exports as JSON lines: the same rows as the lists, each by itself, for programs that read them as they come.

use access::{Privilege, Scope};
use axum::http::StatusCode;
use serde_json::{Value, json};
use storage::sql;

use crate::support::{As, Client, ENGINES, Engine, Reply, World, new_client, new_user_group};

fn lines(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert_eq!(reply.headers["content-type"], "application/x-ndjson");
    assert!(reply.headers["content-disposition"].to_str().unwrap().ends_with(".jsonl\""));
    assert!(reply.text.is_empty() || reply.text.ends_with('\n'));
    reply.text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

/// The caller's every page of a list.
async fn all(client: &Client, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}?limit=100{cursor}")).await.json;
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { return items };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn clients_and_cases_leave_as_json_lines() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let may = [Privilege::ClientsManage, Privilege::CasesExport];
        new_user_group(&world.server, world.account, "Keepers", &[world.member], &may).await;
        for name in ["Zoë", "ada \"A\" lund", "Bo\u{2028}x", "Bo"] {
            let name = name.replace('\u{2028}', " ");
            new_client(&world.server, world.member, world.account, world.group, &name).await;
        }
        let member = world.client(As::Member).await;
        let group = format!("/api/v1/groups/{}", world.group);
        let clients = lines(&member.get(&format!("{group}/clients.jsonl")).await);
        assert_eq!(
            clients,
            all(&member, &format!("{group}/clients")).await,
            "{engine:?}: as the list has them"
        );
        let cases = lines(&member.get(&format!("{group}/cases.jsonl")).await);
        let listed = all(&member, &format!("{group}/cases")).await;
        let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&cases), ids(&listed));
        assert_eq!(
            (&cases[0]["protocol"], &cases[0]["status"]),
            (&listed[0]["protocol"]["name"], &json!("open"))
        );
        for (action, times) in [("clients.exported", 1), ("cases.exported", 1)] {
            let account = world.account;
            let noted = world.server.db().read(async move |tx| {
                let events = sql!("SELECT count(*) FROM audit_events WHERE account_id = $1 AND action = $2");
                tx.value::<i64>(events, &[&account, &action]).await
            });
            assert_eq!(noted.await.unwrap(), times, "{engine:?}: {action}");
        }
        // Who may not export, may not in this form.
        for (file, stranger) in [("cases", As::Elsewhere), ("clients", As::Stranger)] {
            let refused = world.client(stranger).await.get(&format!("{group}/{file}.jsonl")).await;
            assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.text);
        }
    }
}

#[tokio::test]
async fn the_trail_is_pulled_with_a_key_from_where_it_ended() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let owner = world.client(As::Owner).await;
        let api = format!("/api/v1/accounts/{}", world.account);
        let wanted = json!({ "name": "SIEM", "scopes": [Scope::AuditRead.word()] });
        let made = owner.post(&format!("{api}/api-keys"), &wanted).await.json;
        let siem = Client { token: made["secret"].as_str().map(str::to_owned), ..world.server.anonymous() };
        let first = lines(&siem.get(&format!("{api}/audit.jsonl")).await);
        let mut listed = all(&owner, &format!("{api}/audit")).await;
        listed.reverse();
        assert_eq!(first, listed, "{engine:?}: oldest first, each as the list has it, the export included");
        let last = first.last().unwrap();
        assert_eq!(last["action"], "audit.exported");
        let after = format!("{api}/audit.jsonl?after={}", last["seq"]);
        assert_eq!(lines(&siem.get(&after).await), Vec::<Value>::new(), "asking again is no event");
        let case = format!("/api/v1/cases/{}", world.case);
        world.client(As::Member).await.patch(&case, &json!({ "name": "Renamed" })).await;
        let more = lines(&siem.get(&after).await);
        assert_eq!(more.len(), 1, "{engine:?}: {more:?}");
        assert_eq!(more[0]["seq"].as_i64().unwrap(), last["seq"].as_i64().unwrap() + 1);
        // By person and by object, as the list.
        let of_member = format!("{api}/audit.jsonl?after=1&actor={}", world.member);
        let own = lines(&siem.get(&of_member).await);
        assert!(
            !own.is_empty() && own.iter().all(|event| event["actor"] == world.member.to_string().as_str())
        );
        let wrong = siem.get(&format!("{api}/audit.jsonl?after=x")).await;
        assert_eq!((wrong.status.as_u16(), &wrong.json["errors"][0]["field"]), (422, &json!("after")));
        let member = world.client(As::Member).await.get(&after).await;
        assert_eq!(member.status, StatusCode::FORBIDDEN);
    }
}

/// More events than one part of an export holds.
#[tokio::test]
async fn a_long_trail_comes_whole_and_in_order() {
    let world = World::new(Engine::Sqlite).await;
    let (account, member, case) = (world.account, world.member, world.case);
    let made = world.server.db().write(async move |tx| {
        for _ in 0..2_300 {
            let event =
                platform::audit::Event::new(account, member, platform::audit::Action::CaseChanged, case);
            platform::audit::record(tx, event).await?;
        }
        Ok(())
    });
    made.await.unwrap();
    let owner = world.client(As::Owner).await;
    let events = lines(&owner.get(&format!("/api/v1/accounts/{account}/audit.jsonl")).await);
    let numbers = events.iter().map(|event| event["seq"].as_i64().unwrap()).collect::<Vec<_>>();
    let first = numbers[0];
    assert!(numbers.len() > 2_300);
    assert_eq!(numbers, (first..first + i64::try_from(numbers.len()).unwrap()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_years_invoices_leave_with_their_lines() {
    let world = World::new(Engine::Sqlite).await;
    world.server.leave_mail();
    let owner = world.client(As::Owner).await;
    let api = format!("/api/v1/accounts/{}", world.account);
    let wish = json!({ "plan": "pro", "billed": "month", "licenses": 18 });
    let quote = owner.post(&format!("{api}/subscription/quotes"), &wish).await.json["id"].clone();
    owner
        .post(&format!("{api}/subscription/purchases"), &json!({ "quote": quote, "accept_terms": true }))
        .await;
    let exported = lines(&owner.get(&format!("{api}/invoices.jsonl")).await);
    assert_eq!(exported.len(), 1, "{exported:?}");
    let alone = owner.get(&format!("/api/v1/invoices/{}", exported[0]["id"].as_str().unwrap())).await.json;
    assert_eq!(exported[0], alone, "each as a call for it alone answers");
    let none = owner.get(&format!("{api}/invoices.jsonl?year=2020")).await;
    assert_eq!(lines(&none), Vec::<Value>::new());
}
