//! Requests: a clinician asks the insurance department about some clients, and what can go wrong on the way.

use access::Privilege;
use axum::http::{Method, StatusCode};
use futures_util::future::join_all;
use kernel::{
    clock::{DAY, HOUR, MINUTE},
    id::{CaseId, ClientId, RequestId, UserGroupId, UserId},
};
use messaging::requests::{self, digests_due};
use serde_json::{Value, json};
use storage::sql;

use crate::support::{As, Client, ENGINES, Engine, PNG, Reply, World, new_case, new_client, new_user_group};

/// A practice with clinicians who send and an insurance department that receives. The member is the clinician;
/// who is elsewhere, and the administrator, are the department. Neither is in the clients' group.
pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) insurance: UserGroupId,
    clara: ClientId,
    dmitri: ClientId,
    pub(crate) sender: Client,
    pub(crate) grace: Client,
    pub(crate) adam: Client,
}

impl Desk {
    pub(crate) async fn new(engine: Engine) -> Self {
        let world = World::new(engine).await;
        // Each step writes to someone: the tests of emails and summaries look at that.
        world.server.leave_mail();
        let (server, account) = (&world.server, world.account);
        let people = [world.elsewhere, world.administrator];
        let receive = [Privilege::RequestsReceive];
        let insurance = new_user_group(server, account, "Insurance Verification", &people, &receive).await;
        let send = [Privilege::RequestsSend];
        new_user_group(server, account, "Clinicians", &[world.member], &send).await;
        let clara = new_client(server, world.member, account, world.group, "Clara Voss").await;
        let dmitri = new_client(server, world.member, account, world.group, "Dmitri Orlov").await;
        let sender = world.client(As::Member).await;
        let (grace, adam) = (world.client(As::Elsewhere).await, world.client(As::Administrator).await);
        Self { world, insurance, clara, dmitri, sender, grace, adam }
    }

    pub(crate) fn api(&self) -> String {
        format!("/api/v1/accounts/{}/requests", self.world.account)
    }

    pub(crate) fn body(&self) -> Value {
        json!({ "to": self.insurance, "subject": "Cover for two", "body": "Are Clara and Dmitri covered?",
                "clients": [self.clara, self.dmitri] })
    }

    pub(crate) async fn send(&self) -> String {
        let sent = self.sender.post(&self.api(), &self.body()).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
        sent.json["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn list(&self, who: &Client, query: &str) -> Vec<Value> {
        let found = who.get(&format!("{}?{query}", self.api())).await;
        assert_eq!(found.status, StatusCode::OK, "{}", found.text);
        found.json["items"].as_array().unwrap().clone()
    }

    /// What someone has unread: in the inboxes, in what they hold, in what they sent.
    pub(crate) async fn unread(&self, who: &Client) -> [i64; 3] {
        let found = who.get(&format!("{}/unread", self.api())).await.json;
        let groups = found["groups"].as_array().unwrap();
        let inbox = groups.iter().map(|group| group["unread"].as_i64().unwrap()).sum();
        [inbox, found["mine"].as_i64().unwrap(), found["sent"].as_i64().unwrap()]
    }

    /// The mails since the last look: to whom, and the subject.
    pub(crate) async fn mails(&self) -> Vec<(String, String)> {
        let mails = self.world.server.mail().await;
        std::fs::remove_dir_all(self.world.server.folder.path().join("mail")).ok();
        let line = |mail: &String, at: usize| mail.lines().nth(at).unwrap_or_default().to_owned();
        let mut heads = mails.iter().map(|mail| (line(mail, 0), line(mail, 1))).collect::<Vec<_>>();
        heads.sort();
        heads
    }

    async fn put_into(&self, user: UserId, user_group: UserGroupId) {
        let account = self.world.account;
        let put = self.world.server.db().write(async move |tx| {
            tx.exec(
                sql!(
                    "INSERT INTO user_group_members (account_id, user_group_id, id, user_id, since)
                     VALUES ($1, $2, $3, $4, $5)"
                ),
                &[&account, &user_group, &tx.id::<kernel::id::Period>(), &user, &tx.now()],
            )
            .await
        });
        put.await.unwrap();
    }

    async fn take_out(&self, user: UserId, user_group: UserGroupId) {
        let account = self.world.account;
        let taken = self.world.server.db().write(async move |tx| {
            tx.exec(
                sql!(
                    "UPDATE user_group_members SET until = $4 WHERE account_id = $1 AND user_group_id = $2
                     AND user_id = $3 AND until IS NULL"
                ),
                &[&account, &user_group, &user, &tx.now()],
            )
            .await
        });
        assert_eq!(taken.await.unwrap(), 1);
    }

    /// The user group gives nothing any more.
    async fn silence(&self, user_group: UserGroupId) {
        let account = self.world.account;
        let done = self.world.server.db().write(async move |tx| {
            tx.exec(
                sql!("UPDATE user_groups SET active = FALSE WHERE account_id = $1 AND id = $2"),
                &[&account, &user_group],
            )
            .await?;
            tx.exec(
                sql!("UPDATE user_group_grants SET until = $3 WHERE account_id = $1 AND user_group_id = $2 AND until IS NULL"),
                &[&account, &user_group, &tx.now()],
            )
            .await
        });
        done.await.unwrap();
    }
}

pub(crate) async fn step(who: &Client, request: &str, step: &str, body: Value) -> Reply {
    who.post(&format!("/api/v1/requests/{request}/{step}"), &body).await
}

pub(crate) fn state(reply: &Reply) -> &str {
    assert!(reply.status.is_success(), "{}", reply.text);
    reply.json["state"].as_str().unwrap()
}

fn faults(reply: &Reply) -> Vec<(String, String)> {
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.text);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let each = |fault: &Value| (text(&fault["field"]), text(&fault["detail"]));
    reply.json["errors"].as_array().unwrap().iter().map(each).collect()
}

#[tokio::test]
async fn a_clinician_asks_about_two_clients_and_is_answered() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let request = desk.send().await;
        let path = format!("/api/v1/requests/{request}");
        assert_eq!(desk.unread(&desk.grace).await, [1, 0, 0]);
        assert_eq!(desk.unread(&desk.sender).await, [0, 0, 0]);

        let seen = desk.grace.get(&path).await.json;
        assert_eq!(seen["number"], 1);
        assert_eq!(seen["about_clients"][0]["name"], "Clara Voss", "{seen}");
        assert_eq!(seen["about_clients"][0]["group"], Value::Null, "no way into the client's group");
        assert_eq!(seen["steps"], json!(["claim", "assign", "decline"]));
        assert_eq!(desk.unread(&desk.grace).await, [1, 0, 0], "looking through the API marks nothing");

        let claimed = step(&desk.grace, &request, "claim", Value::Null).await;
        assert_eq!(state(&claimed), "claimed");
        assert_eq!(claimed.json["steps"], json!(["release", "assign", "ask", "complete", "decline"]));
        assert_eq!(desk.unread(&desk.adam).await, [0, 0, 0], "what someone holds waits for nobody else");

        assert_eq!(
            state(&step(&desk.grace, &request, "ask", json!({ "body": "Which policy?" })).await),
            "waiting"
        );
        assert_eq!(desk.unread(&desk.sender).await, [0, 0, 1]);
        let answered = step(&desk.sender, &request, "messages", json!({ "body": "The blue one." })).await;
        assert_eq!(answered.status, StatusCode::CREATED);
        assert_eq!(answered.json["state"], "claimed", "an answer ends the waiting");
        assert_eq!(desk.unread(&desk.sender).await, [0, 0, 0], "who writes has read");
        assert_eq!(desk.unread(&desk.grace).await, [0, 1, 0]);
        assert_eq!(desk.list(&desk.grace, "mailbox=mine").await[0]["unread"], true);

        let done = step(&desk.grace, &request, "complete", json!({ "body": "Both are covered." })).await;
        assert_eq!(state(&done), "done");
        assert_eq!(desk.unread(&desk.sender).await, [0, 0, 1]);
        step(&desk.sender, &request, "read", Value::Null).await;
        assert_eq!(desk.unread(&desk.sender).await, [0, 0, 0]);
        let thread = desk.sender.get(&path).await.json["messages"].clone();
        let kinds =
            thread.as_array().unwrap().iter().map(|m| m["kind"].as_str().unwrap()).collect::<Vec<_>>();
        assert_eq!(kinds, ["claimed", "asked", "message", "completed"]);

        let reopened = step(&desk.sender, &request, "reopen", Value::Null).await;
        assert_eq!((state(&reopened), &reopened.json["claimed_by"]), ("new", &Value::Null));
        assert_eq!(desk.unread(&desk.adam).await, [1, 0, 0]);
        assert_eq!(state(&step(&desk.sender, &request, "cancel", Value::Null).await), "canceled");
        let again = step(&desk.sender, &request, "reopen", Value::Null).await;
        assert_eq!(
            (again.status, again.json["code"].as_str()),
            (StatusCode::CONFLICT, Some("request_settled"))
        );
    }
}

#[tokio::test]
async fn a_request_goes_only_where_it_can_be_read_and_only_about_ones_own_clients() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let world = &desk.world;
        let quiet = new_user_group(&world.server, world.account, "Archive", &[world.elsewhere], &[]).await;
        let receive = [Privilege::RequestsReceive];
        let asleep =
            new_user_group(&world.server, world.account, "Night shift", &[world.elsewhere], &receive).await;
        desk.silence(asleep).await;
        let stranger = world.client(As::Stranger).await;
        let theirs =
            new_client(&world.server, world.elsewhere, world.account, world.other_group, "Otto Brandt").await;
        let other_case = new_case(
            &world.server,
            world.elsewhere,
            world.other_group,
            world.other_location,
            world.protocol,
            "Colt",
        )
        .await;
        let (far, nobody): (UserGroupId, ClientId) = (UserGroupId::nil(), ClientId::nil());
        let with = |field: &str, value: Value| {
            let mut body = desk.body();
            body[field] = value;
            body
        };
        for (field, value, says) in [
            ("to", json!(quiet), "Archive can’t receive requests"),
            ("to", json!(asleep), "Night shift is inactive"),
            ("to", json!(far), "no such user group"),
            ("clients", json!([desk.clara, theirs]), "in a group you aren’t in"),
            ("clients", json!([desk.clara, nobody]), "in a group you aren’t in"),
            ("case", json!(other_case), "no such case"),
            ("case", json!(CaseId::nil()), "no such case"),
            ("due_at", json!("2026-03-01T00:00:00Z"), "has passed"),
            ("subject", json!("  "), "Enter a subject."),
            ("subject", json!("x".repeat(201)), "200"),
            ("body", json!(" \n "), "what you need"),
            ("body", json!("x".repeat(20_001)), "20000"),
        ] {
            let refused = desk.sender.post(&desk.api(), &with(field, value)).await;
            let faults = faults(&refused);
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert!(faults[0].0 == field && faults[0].1.contains(says), "{field}: {faults:?}");
        }
        let many = (0..201).map(|n| format!("cli_{n:026}").replace(' ', "0")).collect::<Vec<_>>();
        let refused = desk.sender.post(&desk.api(), &with("clients", json!(many))).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        // Absent and foreign are answered alike.
        let absent = desk.sender.post(&desk.api(), &with("clients", json!([nobody]))).await;
        let foreign = desk.sender.post(&desk.api(), &with("clients", json!([theirs]))).await;
        assert_eq!(absent.text, foreign.text);
        // An archived client is asked about no more.
        let clara = desk.clara;
        let archive = world.server.db().write(async move |tx| {
            tx.exec(sql!("UPDATE clients SET archived_at = $2 WHERE id = $1"), &[&clara, &tx.now()]).await
        });
        archive.await.unwrap();
        assert_eq!(faults(&desk.sender.post(&desk.api(), &desk.body()).await)[0].0, "clients");
        // Who may not send, and whom it does not concern.
        assert_eq!(desk.grace.post(&desk.api(), &desk.body()).await.status, StatusCode::FORBIDDEN);
        assert_eq!(stranger.post(&desk.api(), &desk.body()).await.status, StatusCode::NOT_FOUND);
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM requests")).await, 0);
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM outbox")).await, 0);
        // A question in general, of ten kilobytes, from right to left.
        let long = "هل التأمين ساري المفعول؟ ".repeat(430);
        let general =
            json!({ "to": desk.insurance, "subject": "سؤال عام", "body": long, "priority": "high" });
        let sent = desk.sender.post(&desk.api(), &general).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
        let path = format!("/api/v1/requests/{}", sent.json["id"].as_str().unwrap());
        let seen = desk.grace.get(&path).await.json;
        assert_eq!((seen["subject"].as_str(), seen["body"].as_str()), (Some("سؤال عام"), Some(long.trim())));
    }
}

#[tokio::test]
async fn nobody_but_the_sender_and_the_user_group_learns_of_a_request() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let world = &desk.world;
        let request = desk.send().await;
        let path = format!("/api/v1/requests/{request}");
        let absent = desk.sender.get(&format!("/api/v1/requests/{}", RequestId::nil())).await;
        // The owner of the account is not in the user group; nor is the group administrator of the clients.
        for role in [As::Owner, As::GroupAdmin, As::Support, As::Stranger] {
            let client = world.client(role).await;
            let hidden = client.get(&path).await;
            assert_eq!((hidden.status, &hidden.text), (absent.status, &absent.text), "{role:?}");
            for each in ["claim", "messages", "forward", "cancel", "read"] {
                let body = json!({ "body": "x", "to": desk.insurance });
                let status = step(&client, &request, each, body).await.status;
                assert!([404, 422].contains(&status.as_u16()), "{role:?} {each}: {status}");
            }
            let pages = format!("/a/{}/requests/{request}", world.account);
            assert_eq!(client.get(&pages).await.status, StatusCode::NOT_FOUND, "{role:?}");
        }
        let owner = world.client(As::Owner).await;
        for tray in ["inbox", "sent", "mine"] {
            assert!(desk.list(&owner, &format!("mailbox={tray}")).await.is_empty());
        }
        // The receivers see what the request shows, and nothing of the client beyond it.
        let seen = desk.grace.get(&path).await;
        let client = seen.json["about_clients"][0].as_object().unwrap();
        let mut shown = client.keys().map(String::as_str).collect::<Vec<_>>();
        shown.sort_unstable();
        assert_eq!(shown, ["birth_date", "group", "id", "kind", "name", "reference"]);
        assert!(!seen.text.contains(&world.group.to_string()), "{}", seen.text);
        assert_eq!(
            desk.grace.get(&format!("/api/v1/clients/{}", desk.clara)).await.status,
            StatusCode::NOT_FOUND
        );
        // A page's address must name the account that the request is in.
        let wrong = format!("/a/{}/requests/{request}", kernel::id::AccountId::nil());
        assert_eq!(desk.sender.get(&wrong).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn sight_ends_with_the_membership_that_gave_it() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let world = &desk.world;
        let request = desk.send().await;
        let path = format!("/api/v1/requests/{request}");
        let membership = format!("/api/v1/groups/{}/members/{}", world.group, world.member);
        let admin = world.client(As::GroupAdmin).await;

        // Who leaves the clients' group sees no more what they asked about them.
        assert_eq!(desk.list(&desk.sender, "mailbox=sent").await.len(), 1);
        admin.delete(&membership).await;
        assert_eq!(desk.sender.get(&path).await.status, StatusCode::NOT_FOUND, "{engine:?}");
        assert!(desk.list(&desk.sender, "mailbox=sent").await.is_empty());
        assert_eq!(desk.unread(&desk.sender).await, [0, 0, 0]);
        admin.put(&membership, &json!({ "role": "member" })).await;
        assert_eq!(desk.sender.get(&path).await.status, StatusCode::OK);

        // Who leaves the user group is refused at the next request.
        assert_eq!(state(&step(&desk.grace, &request, "claim", Value::Null).await), "claimed");
        desk.take_out(world.elsewhere, desk.insurance).await;
        assert_eq!(desk.grace.get(&path).await.status, StatusCode::NOT_FOUND);
        assert!(desk.list(&desk.grace, "mailbox=inbox").await.is_empty());
        assert!(desk.list(&desk.grace, "mailbox=mine").await.is_empty());
        // Their claim counts for nothing: another may take it up.
        let seen = desk.adam.get(&path).await.json;
        assert_eq!((seen["state"].as_str(), &seen["claimed_by"]), (Some("new"), &Value::Null));
        assert_eq!(state(&step(&desk.adam, &request, "claim", Value::Null).await), "claimed");

        // An inactive user group sees nothing; the sender does, and passes the request on.
        desk.silence(desk.insurance).await;
        assert_eq!(desk.adam.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(desk.unread(&desk.adam).await, [0, 0, 0]);
        let receive = [Privilege::RequestsReceive];
        let desk2 =
            new_user_group(&world.server, world.account, "Front desk", &[world.elsewhere], &receive).await;
        let to_nobody = step(&desk.sender, &request, "forward", json!({ "to": desk.insurance })).await;
        assert_eq!(faults(&to_nobody)[0].0, "to");
        let passed = step(&desk.sender, &request, "forward", json!({ "to": desk2 })).await;
        assert_eq!(state(&passed), "new");
        assert_eq!(desk.grace.get(&path).await.json["to"]["name"], "Front desk");
    }
}

#[tokio::test]
async fn steps_are_for_those_whom_the_table_names_and_the_others_read_who_holds_it() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let world = &desk.world;
        let request = desk.send().await;
        // The sender is no receiver, and the receivers are no senders.
        for each in ["claim", "release"] {
            let refused = step(&desk.sender, &request, each, Value::Null).await;
            assert_eq!(
                (refused.status, refused.json["code"].as_str()),
                (StatusCode::FORBIDDEN, Some("not_receiver"))
            );
        }
        for each in ["cancel", "reopen"] {
            let refused = step(&desk.grace, &request, each, Value::Null).await;
            assert_eq!(
                (refused.status, refused.json["code"].as_str()),
                (StatusCode::FORBIDDEN, Some("not_sender"))
            );
        }
        let unclaimed = step(&desk.grace, &request, "complete", json!({})).await;
        assert_eq!(unclaimed.json["code"], "request_not_claimed", "{}", unclaimed.text);
        step(&desk.grace, &request, "claim", Value::Null).await;
        world.server.clock.advance(3 * MINUTE);
        for (each, body) in [
            ("claim", Value::Null),
            ("release", Value::Null),
            ("ask", json!({ "body": "?" })),
            ("complete", json!({})),
            ("decline", json!({ "reason": "no" })),
            ("forward", json!({ "to": desk.insurance })),
        ] {
            let refused = step(&desk.adam, &request, each, body).await;
            assert_eq!(refused.status, StatusCode::CONFLICT, "{each}: {}", refused.text);
            assert_eq!(refused.json["detail"], "elsewhere claimed this request 3 minutes ago.", "{each}");
        }
        // A colleague may write all the same, which is news for the holder and the sender.
        assert_eq!(
            step(&desk.adam, &request, "messages", json!({ "body": "I know them." })).await.status,
            201
        );
        assert_eq!((desk.unread(&desk.grace).await, desk.unread(&desk.sender).await), ([0, 1, 0], [0, 0, 1]));
        // And take it over.
        let strangers = step(&desk.adam, &request, "assign", json!({ "user": world.member })).await;
        assert_eq!(faults(&strangers)[0].0, "user");
        let taken = step(&desk.adam, &request, "assign", json!({ "user": world.administrator })).await;
        assert_eq!(
            (state(&taken), taken.json["claimed_by"]["name"].as_str()),
            ("claimed", Some("administrator"))
        );
        let twice = step(&desk.adam, &request, "assign", json!({ "user": world.administrator })).await;
        assert_eq!(faults(&twice)[0].0, "user");
        // Back, and another declines it; a reason is asked for.
        assert_eq!(state(&step(&desk.adam, &request, "release", Value::Null).await), "new");
        assert_eq!(desk.unread(&desk.grace).await, [1, 0, 0]);
        let silent = step(&desk.grace, &request, "decline", json!({ "reason": " " })).await;
        assert_eq!(faults(&silent)[0].0, "reason");
        assert_eq!(
            state(&step(&desk.grace, &request, "decline", json!({ "reason": "Not ours." })).await),
            "declined"
        );
        let settled = step(&desk.adam, &request, "claim", Value::Null).await;
        assert_eq!(settled.status, StatusCode::CONFLICT);
        let says = settled.json["detail"].as_str().unwrap();
        assert!(says.contains("was declined just now") && says.contains("elsewhere worked on it"), "{says}");
        // People who can be written to, can be written to after the end.
        assert_eq!(step(&desk.sender, &request, "messages", json!({ "body": "Thanks." })).await.status, 201);
        assert_eq!(
            faults(&step(&desk.sender, &request, "messages", json!({ "body": "" })).await)[0].0,
            "body"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_who_claim_at_once_one_wins_and_the_others_are_told_who() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let world = &desk.world;
        let members = [world.member, world.group_admin, world.owner];
        for member in members {
            desk.put_into(member, desk.insurance).await;
        }
        let mut people = vec![desk.grace.clone(), desk.adam.clone()];
        for member in members {
            people.push(world.server.client(member).await);
        }
        let request = desk.send().await;
        let claims = (0..50).map(|i| {
            let (client, request) = (people[i % people.len()].clone(), request.clone());
            tokio::spawn(async move { step(&client, &request, "claim", Value::Null).await })
        });
        let answers = join_all(claims).await.into_iter().map(Result::unwrap).collect::<Vec<_>>();
        let won = answers.iter().filter(|answer| answer.status.is_success()).collect::<Vec<_>>();
        assert_eq!(won.len(), 1, "{engine:?}");
        let winner = won[0].json["claimed_by"]["name"].as_str().unwrap().to_owned();
        for lost in answers.iter().filter(|answer| !answer.status.is_success()) {
            let says = lost.json["detail"].as_str().unwrap();
            assert_eq!(lost.status, StatusCode::CONFLICT, "{}", lost.text);
            assert!(
                says == format!("{winner} claimed this request just now.")
                    || says == "You claimed this request just now.",
                "{says}"
            );
        }
        let claims = sql!("SELECT count(*) FROM request_messages WHERE kind = 'claimed'");
        assert_eq!(world.server.count(claims).await, 1);
    }
}

/// The control: looks first and claims later, as careless code does.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn control_looking_first_and_claiming_later_is_won_by_several() {
    let desk = Desk::new(Engine::Sqlite).await;
    desk.send().await;
    let all_have_looked = std::sync::Arc::new(tokio::sync::Barrier::new(20));
    let careless = (0..20).map(|_| {
        let (db, all_have_looked) = (desk.world.server.db().clone(), all_have_looked.clone());
        tokio::spawn(async move {
            let free = db
                .read(async |tx| {
                    tx.value::<i64>(sql!("SELECT count(*) FROM requests WHERE state = 'new'"), &[]).await
                })
                .await
                .unwrap();
            all_have_looked.wait().await;
            if free == 0 {
                return 0;
            }
            let claim =
                async |tx: &storage::Tx| tx.exec(sql!("UPDATE requests SET state = 'claimed'"), &[]).await;
            db.write(claim).await.unwrap()
        })
    });
    let won: u64 = join_all(careless).await.into_iter().map(Result::unwrap).sum();
    assert!(won > 1, "the race test could not have failed");
}

#[tokio::test]
async fn whoever_leaves_lets_go_of_what_they_hold() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let world = &desk.world;
        let owner = world.client(As::Owner).await;
        let (first, second) = (desk.send().await, desk.send().await);
        step(&desk.grace, &first, "claim", Value::Null).await;
        step(&desk.grace, &second, "claim", Value::Null).await;
        step(&desk.grace, &second, "complete", json!({})).await;
        let member = format!("/api/v1/accounts/{}/members/{}", world.account, world.elsewhere);
        assert_eq!(owner.delete(&member).await.status, StatusCode::NO_CONTENT);
        let seen = desk.adam.get(&format!("/api/v1/requests/{first}")).await.json;
        assert_eq!((seen["state"].as_str(), &seen["claimed_by"]), (Some("new"), &Value::Null));
        let last = seen["messages"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(
            (last["kind"].as_str(), last["author"]["name"].as_str()),
            (Some("let_go"), Some("elsewhere"))
        );
        assert_eq!(desk.list(&desk.adam, "mailbox=inbox&state=new").await.len(), 1);
        assert_eq!(desk.unread(&desk.adam).await, [1, 0, 0]);
        let done = desk.adam.get(&format!("/api/v1/requests/{second}")).await.json;
        assert_eq!(
            (done["state"].as_str(), done["claimed_by"]["name"].as_str()),
            (Some("done"), Some("elsewhere"))
        );

        // The same by another role, and by the user group.
        step(&desk.adam, &first, "claim", Value::Null).await;
        let member = format!("/api/v1/accounts/{}/members/{}", world.account, world.administrator);
        owner.delete(&format!("/api/v1/accounts/{}/members/{}", world.account, world.support)).await;
        assert_eq!(
            owner.patch(&member, &json!({ "role": "support_staff" })).await.status,
            StatusCode::NO_CONTENT
        );
        let state_of = sql!("SELECT count(*) FROM requests WHERE state = 'new' AND claimed_by IS NULL");
        assert_eq!(world.server.count(state_of).await, 1);
        desk.put_into(world.group_admin, desk.insurance).await;
        let colleague = world.client(As::GroupAdmin).await;
        step(&colleague, &first, "claim", Value::Null).await;
        desk.take_out(world.group_admin, desk.insurance).await;
        let (account, insurance) = (world.account, desk.insurance);
        let let_go = async move |tx: &storage::Tx| requests::let_go_in(tx, account, insurance).await;
        world.server.db().write(let_go).await.unwrap();
        assert_eq!(world.server.count(state_of).await, 1);
    }
}

#[tokio::test]
async fn emails_say_that_there_is_something_and_never_what() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let world = &desk.world;
        let request = desk.send().await;
        let mails = world.server.mail().await;
        let secrets = ["Clara", "Voss", "Dmitri", "Cover", "covered", "Bella", "blue"];
        assert_eq!(mails.len(), 2);
        for mail in &mails {
            assert!(secrets.iter().all(|secret| !mail.contains(secret)), "{mail}");
            assert!(mail.contains("New request for Insurance Verification\n"), "{mail}");
            assert!(
                mail.contains(&format!("http://covey.test/a/{}/requests/{request}", world.account)),
                "{mail}"
            );
            assert!(mail.contains("/requests/settings"), "{mail}");
        }
        let heads = desk.mails().await;
        assert_eq!(
            heads.iter().map(|head| head.0.as_str()).collect::<Vec<_>>(),
            ["administrator@riverside.test", "elsewhere@riverside.test"]
        );

        step(&desk.grace, &request, "claim", Value::Null).await;
        assert!(desk.mails().await.is_empty(), "claiming is shown, not mailed");
        step(&desk.grace, &request, "ask", json!({ "body": "Which card, the blue one?" })).await;
        let member = "member@riverside.test".to_owned();
        let question = "Question from Insurance Verification".to_owned();
        assert_eq!(desk.mails().await, [(member.clone(), question)]);
        step(&desk.grace, &request, "messages", json!({ "body": "Or the red one?" })).await;
        step(&desk.adam, &request, "messages", json!({ "body": "Clara has none." })).await;
        let to_grace = "elsewhere@riverside.test".to_owned();
        let news = "New message in a request to Insurance Verification".to_owned();
        assert_eq!(desk.mails().await, [(to_grace.clone(), news)], "the sender has not read the first yet");
        step(&desk.sender, &request, "messages", json!({ "body": "The blue one." })).await;
        assert!(desk.mails().await.is_empty(), "nor has the holder");
        step(&desk.grace, &request, "complete", json!({ "body": "Covered." })).await;
        let done = "Your request to Insurance Verification is done".to_owned();
        assert_eq!(desk.mails().await, [(member.clone(), done)]);
        step(&desk.sender, &request, "reopen", Value::Null).await;
        let heads = desk.mails().await;
        assert_eq!(heads.len(), 2);
        assert!(heads.iter().all(|head| head.1 == "A request to Insurance Verification was reopened"));
        step(&desk.adam, &request, "assign", json!({ "user": world.elsewhere })).await;
        let handed = "A request to Insurance Verification was assigned to you".to_owned();
        assert_eq!(desk.mails().await, [(to_grace.clone(), handed)]);
        step(&desk.sender, &request, "cancel", Value::Null).await;
        assert!(desk.mails().await.is_empty(), "handed, and not read yet");

        // Nobody is told who wants no emails, or a summary.
        let settings = format!("{}/settings", desk.api());
        assert_eq!(desk.grace.get(&settings).await.json["mail"], "each");
        assert_eq!(desk.grace.put(&settings, &json!({ "mail": "none" })).await.json["mail"], "none");
        desk.adam.put(&settings, &json!({ "mail": "digest" })).await;
        assert_eq!(desk.grace.put(&settings, &json!({ "mail": "hourly" })).await.status, 422);
        desk.send().await;
        assert!(desk.mails().await.is_empty());
        // Nothing of it lies in the audit trail either.
        let trail = world
            .client(As::Owner)
            .await
            .get(&format!("/api/v1/accounts/{}/audit?limit=100", world.account))
            .await;
        assert!(trail.text.contains("request.assigned") && trail.text.contains("Insurance Verification"));
        assert!(secrets.iter().all(|secret| !trail.text.contains(secret)), "{}", trail.text);
    }
}

#[tokio::test]
async fn summaries_come_once_a_morning_if_something_waits() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let world = &desk.world;
        let server = &world.server;
        let settings = format!("{}/settings", desk.api());
        desk.grace.put(&settings, &json!({ "mail": "digest" })).await;
        desk.adam.put(&settings, &json!({ "mail": "none" })).await;
        desk.sender.put(&settings, &json!({ "mail": "digest" })).await;
        let mut body = desk.body();
        body["due_at"] = json!("2026-03-02T12:00:00Z");
        let sent = desk.sender.post(&desk.api(), &body).await;
        let request = sent.json["id"].as_str().unwrap().to_owned();
        let summaries = async || {
            let (db, site) = (server.db().clone(), server.app.site.clone());
            let all = (0..4).map(|_| {
                let (db, site) = (db.clone(), site.clone());
                tokio::spawn(async move { digests_due(&db, &site).await.unwrap() })
            });
            join_all(all).await.into_iter().map(Result::unwrap).sum::<usize>()
        };
        // It is nine in the morning: the first summary comes tomorrow.
        assert_eq!(summaries().await, 0);
        server.clock.advance(21 * HOUR + 59 * MINUTE);
        assert_eq!(summaries().await, 0);
        server.clock.advance(2 * MINUTE);
        assert_eq!(summaries().await, 2, "{engine:?}");
        assert_eq!(summaries().await, 0, "once a day, however many ask");
        let mails = server.mail().await;
        let of = |address: &str| mails.iter().find(|mail| mail.starts_with(address)).unwrap();
        let grace = of("elsewhere@riverside.test");
        assert!(grace.contains("Your requests today"), "{grace}");
        assert!(grace.contains("You have 1 unread request and 1 overdue request."), "{grace}");
        assert!(of("member@riverside.test").contains("You have 1 overdue request."));
        assert!(mails.iter().all(|mail| !mail.contains("Clara") && !mail.contains("Cover")));
        // What is read and done waits for nobody.
        let (grace, sender) = (world.client(As::Elsewhere).await, world.client(As::Member).await);
        step(&grace, &request, "claim", Value::Null).await;
        assert_eq!(state(&step(&grace, &request, "complete", json!({})).await), "done");
        step(&sender, &request, "read", Value::Null).await;
        server.clock.advance(DAY);
        assert_eq!(summaries().await, 0);
        // People who are no longer there get none.
        let sent = world.client(As::Member).await.post(&desk.api(), &desk.body()).await;
        assert_eq!(sent.status, StatusCode::CREATED);
        desk.take_out(world.elsewhere, desk.insurance).await;
        server.clock.advance(DAY);
        assert_eq!(summaries().await, 0);
    }
}

#[tokio::test]
async fn lists_are_filtered_searched_and_paged() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let world = &desk.world;
        let mut body = desk.body();
        let mut requests = Vec::new();
        for (subject, due) in
            [("Rabies papers", None), ("Cover 50%", Some("2026-03-02T10:00:00Z")), ("Refund", None)]
        {
            body["subject"] = json!(subject);
            body["due_at"] = json!(due);
            requests.push(desk.sender.post(&desk.api(), &body).await.json["id"].as_str().unwrap().to_owned());
            // Ids of one moment are in no order.
            world.server.clock.advance(HOUR / 60);
        }
        world.server.clock.advance(2 * HOUR);
        let subjects = async |who: &Client, query: &str| {
            let found = desk.list(who, query).await;
            found.iter().map(|row| row["subject"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(subjects(&desk.grace, "").await, ["Refund", "Cover 50%", "Rabies papers"]);
        assert_eq!(subjects(&desk.grace, "overdue=true").await, ["Cover 50%"]);
        assert_eq!(subjects(&desk.grace, "q=50%25").await, ["Cover 50%"]);
        assert_eq!(subjects(&desk.grace, "q=rabies").await, ["Rabies papers"]);
        assert_eq!(subjects(&desk.grace, "q=%233").await, ["Refund"]);
        step(&desk.grace, &requests[0], "claim", Value::Null).await;
        step(&desk.grace, &requests[2], "decline", json!({ "reason": "no" })).await;
        assert_eq!(subjects(&desk.grace, "state=new").await, ["Cover 50%"]);
        assert_eq!(subjects(&desk.grace, "state=open").await, ["Cover 50%", "Rabies papers"]);
        assert_eq!(subjects(&desk.grace, "mailbox=mine").await, ["Refund", "Rabies papers"]);
        assert_eq!(subjects(&desk.adam, "mailbox=mine").await, Vec::<String>::new());
        assert_eq!(subjects(&desk.sender, "mailbox=sent&state=declined").await, ["Refund"]);
        assert_eq!(subjects(&desk.sender, "mailbox=inbox").await, Vec::<String>::new());
        assert_eq!(subjects(&desk.grace, &format!("to={}", desk.insurance)).await.len(), 3);
        assert_eq!(subjects(&desk.grace, &format!("to={}", UserGroupId::nil())).await.len(), 0);
        let first = desk.grace.get(&format!("{}?limit=2", desk.api())).await.json;
        let cursor = first["next_cursor"].as_str().unwrap();
        assert_eq!(subjects(&desk.grace, &format!("limit=2&cursor={cursor}")).await, ["Rabies papers"]);
        for bad in ["state=lost", "mailbox=trash", "limit=0", "cursor=x", "to=x", "sort=up"] {
            let refused = desk.grace.get(&format!("{}?{bad}", desk.api())).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}: {}", refused.text);
        }
        let before = world.server.db().statements();
        desk.list(&desk.grace, "state=open").await;
        assert!(world.server.db().statements() - before < 6);
        // Settled long ago, news count no more.
        let sent = desk.unread(&desk.sender).await;
        assert_eq!(sent, [0, 0, 1]);
        world.server.clock.advance(13 * DAY);
        assert_eq!(desk.unread(&world.client(As::Member).await).await, [0, 0, 1]);
        world.server.clock.advance(18 * DAY);
        let later = world.client(As::Member).await;
        assert_eq!(desk.unread(&later).await, [0, 0, 0]);
    }
}

#[tokio::test]
async fn files_are_taken_and_given_like_those_of_cases() {
    let desk = Desk::new(Engine::Sqlite).await;
    let request = desk.send().await;
    let files = format!("/api/v1/requests/{request}/files");
    let kept = desk.sender.upload(&files, "card.png", PNG).await;
    assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.text);
    let path = format!("{files}/{}", kept.json["id"].as_str().unwrap());
    let opened = desk.grace.get(&path).await;
    assert_eq!(opened.status, StatusCode::OK);
    assert_eq!(opened.headers["content-type"], "image/png");
    assert_eq!(opened.headers["content-security-policy"], "default-src 'none'; sandbox");
    assert_eq!(opened.headers["cache-control"], "private, no-store");
    assert_eq!(
        desk.sender.upload(&files, "x.exe", b"MZ\x90\x00").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let owner = desk.world.client(As::Owner).await;
    assert_eq!(owner.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(owner.upload(&files, "card.png", PNG).await.status, StatusCode::NOT_FOUND);
    // A file is found in its own request alone.
    let other = desk.send().await;
    let crossed = path.replace(&request, &other);
    assert_eq!(desk.grace.get(&crossed).await.status, StatusCode::NOT_FOUND);
    let seen = desk.grace.get(&format!("/api/v1/requests/{request}")).await.json;
    assert_eq!(seen["files"][0]["name"], "card.png");
    assert_eq!(seen["messages"][0]["kind"], "file_added");
}

#[tokio::test]
async fn the_access_panel_names_who_sees_a_case_through_a_request_and_when() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let world = &desk.world;
        let before = world.server.clock.now();
        world.server.clock.advance(HOUR);
        let mut body = desk.body();
        body["case"] = json!(world.case);
        let sent = desk.sender.post(&desk.api(), &body).await;
        let request = sent.json["id"].as_str().unwrap().to_owned();
        world.server.clock.advance(HOUR);
        let access = format!("/api/v1/cases/{}/access", world.case);
        let asked = async |query: &str| {
            let found = desk.sender.get(&format!("{access}{query}")).await.json;
            found["through_requests"].as_array().unwrap().clone()
        };
        let now = asked("").await;
        // The administrator reads the case from the parent account anyway.
        assert_eq!(now.len(), 1, "{now:?}");
        assert_eq!(now[0]["user"]["name"], "elsewhere");
        assert_eq!(
            now[0]["why"],
            "in Insurance Verification, which was asked about it; sees what the request shows, nothing else"
        );
        let asked_at = now[0]["since"].as_str().unwrap().to_owned();
        assert!(asked(&format!("?at={before}")).await.is_empty(), "nobody was asked yet");
        // Passed on: from then on another user group sees it, and the past stays as it was.
        let receive = [Privilege::RequestsReceive];
        let front =
            new_user_group(&world.server, world.account, "Front desk", &[world.group_admin], &receive).await;
        assert!(step(&desk.sender, &request, "forward", json!({ "to": front })).await.status.is_success());
        assert!(asked("").await.is_empty(), "who has it now is in the case's group anyway");
        let then = asked(&format!("?at={asked_at}")).await;
        assert_eq!(then.len(), 1, "{then:?}");
        let page = desk.sender.get(&format!("/g/{}/cases/{}?at=2026-03-02", world.group, world.case)).await;
        assert_eq!(page.status, StatusCode::OK);

        let access = format!("/api/v1/clients/{}/access", desk.clara);
        let seen = desk.sender.get(&format!("{access}?at={asked_at}")).await.json;
        assert_eq!(seen["through_requests"][0]["user"]["name"], "elsewhere", "{seen}");
        assert_eq!(desk.sender.get(&access).await.json["through_requests"], json!([]));

        let who = desk.sender.get(&format!("/api/v1/requests/{request}/access")).await.json;
        let names = who["items"].as_array().unwrap().iter().map(|one| {
            (one["user"]["name"].as_str().unwrap().to_owned(), one["why"].as_str().unwrap().to_owned())
        });
        let expected = [("member", "sent it"), ("group_admin", "in Front desk, which it is addressed to")];
        assert_eq!(names.collect::<Vec<_>>(), expected.map(|(name, why)| (name.to_owned(), why.to_owned())));
    }
}

#[tokio::test]
async fn a_user_group_without_people_is_asked_with_a_warning() {
    let desk = Desk::new(Engine::Sqlite).await;
    let world = &desk.world;
    desk.take_out(world.elsewhere, desk.insurance).await;
    let owner = world.client(As::Owner).await;
    owner.delete(&format!("/api/v1/accounts/{}/members/{}", world.account, world.administrator)).await;
    let receivers = desk.sender.get(&format!("{}/receivers", desk.api())).await.json;
    assert_eq!(
        (receivers["items"][0]["name"].as_str(), receivers["items"][0]["people"].as_i64()),
        (Some("Insurance Verification"), Some(0))
    );
    let sent = desk.sender.post(&desk.api(), &desk.body()).await;
    assert_eq!(sent.status, StatusCode::CREATED);
    let warning =
        "No one is in Insurance Verification right now. The request stays there until someone joins.";
    assert_eq!(sent.json["warning"], warning);
    let path = format!("/api/v1/requests/{}", sent.json["id"].as_str().unwrap());
    assert_eq!(desk.sender.get(&path).await.json["warning"], warning);
    desk.put_into(world.group_admin, desk.insurance).await;
    assert_eq!(desk.sender.get(&path).await.json["warning"], Value::Null);
    assert_eq!(desk.unread(&world.client(As::GroupAdmin).await).await, [1, 0, 0], "it waited");
}

#[tokio::test]
async fn nothing_moves_in_an_account_that_is_not_paid() {
    let desk = Desk::new(Engine::Sqlite).await;
    let request = desk.send().await;
    let account = desk.world.account;
    let lapse = async move |tx: &storage::Tx| {
        tx.exec(sql!("UPDATE subscriptions SET read_only_from = 1 WHERE account_id = $1"), &[&account]).await
    };
    desk.world.server.db().write(lapse).await.unwrap();
    for (who, each, body) in [
        (&desk.grace, "claim", Value::Null),
        (&desk.grace, "assign", json!({ "user": desk.world.elsewhere })),
        (&desk.sender, "messages", json!({ "body": "x" })),
        (&desk.sender, "cancel", Value::Null),
        (&desk.sender, "reopen", Value::Null),
        (&desk.sender, "forward", json!({ "to": desk.insurance })),
    ] {
        assert_eq!(step(who, &request, each, body).await.json["code"], "account_read_only", "{each}");
    }
    let files = format!("/api/v1/requests/{request}/files");
    assert_eq!(desk.sender.upload(&files, "x.png", PNG).await.json["code"], "account_read_only");
    assert_eq!(desk.sender.post(&desk.api(), &desk.body()).await.json["code"], "account_read_only");
    assert_eq!(desk.grace.get(&format!("/api/v1/requests/{request}")).await.status, StatusCode::OK);
    assert_eq!(step(&desk.grace, &request, "read", Value::Null).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_same_post_twice_sends_one_request() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let body = desk.body().to_string();
        let headers = [("content-type", "application/json"), ("idempotency-key", "r-1")];
        let first = desk.sender.send(Method::POST, &desk.api(), &headers, body.clone().into()).await;
        let second = desk.sender.send(Method::POST, &desk.api(), &headers, body.into()).await;
        assert_eq!((first.status, &first.text), (second.status, &second.text));
        assert_eq!(desk.world.server.count(sql!("SELECT count(*) FROM requests")).await, 1);
        // Links can be taken off, so that the groups they name can move to another account.
        let account = desk.world.account;
        let forget = async move |tx: &storage::Tx| requests::forget_links(tx, account).await;
        desk.world.server.db().write(forget).await.unwrap();
        let left =
            sql!("SELECT (SELECT count(*) FROM request_clients) + (SELECT count(*) FROM request_groups)");
        assert_eq!(desk.world.server.count(left).await, 0);
    }
}

#[tokio::test]
async fn a_request_is_opened_again_only_where_somebody_may_receive_it() {
    let desk = Desk::new(Engine::Sqlite).await;
    let request = desk.send().await;
    let receiver = desk.world.client(As::Elsewhere).await;
    assert!(step(&receiver, &request, "decline", json!({ "reason": "Not ours." })).await.status.is_success());
    let owner = desk.world.client(As::Owner).await;
    let path = format!("/api/v1/user-groups/{}", desk.insurance);
    let mut whole = owner.get(&path).await.json;
    let members =
        whole["members"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    whole = json!({ "name": whole["name"], "description": "", "active": false, "default": false,
                    "members": members, "privileges": ["requests.receive"] });
    assert!(owner.put(&path, &whole).await.status.is_success());
    let again = step(&desk.sender, &request, "reopen", json!({})).await;
    assert_eq!((again.status, &again.json["code"]), (StatusCode::CONFLICT, &json!("not_receiving")));
}

#[tokio::test]
async fn nobody_asks_about_the_clients_of_an_archived_group() {
    let desk = Desk::new(Engine::Sqlite).await;
    let owner = desk.world.client(As::Owner).await;
    let archived =
        owner.patch(&format!("/api/v1/groups/{}", desk.world.group), &json!({ "archived": true })).await;
    assert!(archived.status.is_success(), "{}", archived.text);
    let sent = desk.sender.post(&desk.api(), &desk.body()).await;
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", sent.text);
}

#[tokio::test]
async fn an_answer_that_finishes_a_request_is_shown_to_its_sender_until_it_is_read() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let request = desk.send().await;
        step(&desk.grace, &request, "claim", json!({})).await;
        step(&desk.grace, &request, "complete", json!({ "body": "Both are." })).await;
        let page = format!("/a/{}/requests?mailbox=sent", desk.world.account);
        assert!(desk.sender.get(&page).await.text.contains("Cover for two"));
        desk.sender.get(&format!("/a/{}/requests/{request}", desk.world.account)).await;
        assert!(!desk.sender.get(&page).await.text.contains("Cover for two"));
        assert!(desk.sender.get(&format!("{page}&state=all")).await.text.contains("Cover for two"));
        assert!(desk.list(&desk.sender, "mailbox=sent&state=open").await.is_empty());
    }
}

#[tokio::test]
async fn one_user_group_sends_and_receives() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let world = &desk.world;
        // Made and saved on the page, with both privileges.
        let admin = world.client(As::Owner).await;
        let (one, two) = (world.group_admin.to_string(), world.elsewhere.to_string());
        let fields = [
            ("name", "Front desk"),
            ("active", "yes"),
            ("members", one.as_str()),
            ("members", two.as_str()),
            ("privileges", "requests.send"),
            ("privileges", "requests.receive"),
        ];
        let made = admin.form(&format!("/a/{}/user-groups", world.account), &fields).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
        let all = admin.get(&format!("/api/v1/accounts/{}/user-groups", world.account)).await.json;
        let front = all["items"].as_array().unwrap().iter().find(|one| one["name"] == "Front desk").unwrap();
        assert_eq!(front["privileges"], json!(["requests.send", "requests.receive"]));
        let bo = world.client(As::GroupAdmin).await;
        let rights = bo.get(&format!("/api/v1/accounts/{}/privileges", world.account)).await.json;
        for (at, privilege) in ["requests.send", "requests.receive"].into_iter().enumerate() {
            assert_eq!(
                (&rights["items"][at]["privilege"], &rights["items"][at]["held"]),
                (&json!(privilege), &json!(true))
            );
            assert_eq!(rights["items"][at]["reasons"][0]["why"], "you are in Front desk");
        }
        // Both buttons and both mailboxes are there.
        let page = bo.get(&format!("/a/{}/requests", world.account)).await.text;
        assert!(page.contains("/requests/new") && page.contains("Front desk"), "{page}");
        // To the own user group: its sender is one of its receivers, and every part is theirs.
        let body = json!({ "to": front["id"], "subject": "Phones", "body": "Who takes them at noon?" });
        let sent = bo.post(&desk.api(), &body).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
        let request = sent.json["id"].as_str().unwrap().to_owned();
        for (who, boxes) in [(&bo, ["inbox", "sent"].as_slice()), (&desk.grace, &["inbox"])] {
            for each in boxes {
                let list = who.get(&format!("{}?mailbox={each}", desk.api())).await.json;
                let found =
                    list["items"].as_array().unwrap().iter().filter(|one| one["id"] == json!(request));
                assert_eq!(found.count(), 1, "{each}: {list}");
            }
        }
        assert_eq!(desk.unread(&bo).await[0], 0, "nobody has news of what they sent");
        assert_eq!(desk.unread(&desk.grace).await[0], 1);
        assert_eq!(state(&step(&desk.grace, &request, "claim", Value::Null).await), "claimed");
        assert_eq!(
            state(&step(&desk.grace, &request, "ask", json!({ "body": "Both lines?" })).await),
            "waiting"
        );
        let said =
            bo.post(&format!("/api/v1/requests/{request}/messages"), &json!({ "body": "Both." })).await;
        assert!(said.status.is_success(), "{}", said.text);
        assert_eq!(bo.get(&format!("/api/v1/requests/{request}")).await.json["state"], "claimed");
        assert_eq!(
            state(&step(&bo, &request, "assign", json!({ "user": world.group_admin })).await),
            "claimed"
        );
        assert_eq!(state(&step(&bo, &request, "complete", Value::Null).await), "done");
        // Two people see it, one of them for two reasons.
        let page = bo.get(&format!("/a/{}/requests/{request}", world.account)).await.text;
        assert!(page.contains("2 people. The owner"), "{page}");
    }
}

#[tokio::test]
async fn forwarding_is_offered_only_where_there_is_somewhere_to_go() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let world = &desk.world;
        let request = desk.send().await;
        let page = format!("/a/{}/requests/{request}", world.account);
        for who in [&desk.sender, &desk.grace] {
            let shown = who.get(&format!("/api/v1/requests/{request}")).await.json;
            assert!(!shown["steps"].as_array().unwrap().contains(&json!("forward")), "{shown}");
            assert!(!who.get(&page).await.text.contains("/forward"));
        }
        let receive = [Privilege::RequestsReceive];
        let front =
            new_user_group(&world.server, world.account, "Front desk", &[world.group_admin], &receive).await;
        for who in [&desk.sender, &desk.grace] {
            let shown = who.get(&format!("/api/v1/requests/{request}")).await.json;
            assert!(shown["steps"].as_array().unwrap().contains(&json!("forward")), "{shown}");
            assert!(who.get(&page).await.text.contains("/forward"));
        }
        assert!(step(&desk.sender, &request, "forward", json!({ "to": front })).await.status.is_success());
    }
}
