//! What happens at the same moment. Each race has a broken control, which must be caught: a test that
//! can't fail proves nothing.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::http::{Method, StatusCode};
use futures_util::future::join_all;
use kernel::error::Result;
use serde_json::{Value, json};
use storage::sql;
use workflows::onboarding;

use crate::support::{As, ENGINES, Engine, PASSWORD, Server, World, specs::Extras};

/// Runs as many of these at once as there are, on real threads.
async fn at_once<T: Send + 'static>(
    many: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let tasks = many.into_iter().map(tokio::spawn).collect::<Vec<_>>();
    join_all(tasks).await.into_iter().map(|done| done.unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_invitation_accepted_forty_times_at_once_makes_one_person() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let extras = Extras::make(&world).await;
        let path = format!("/api/v1/invitation-links/{}/accept", extras.token);
        let accept = |i: usize| {
            let (client, path) = (world.server.anonymous(), path.clone());
            async move {
                let body = json!({ "name": format!("Racer {i}"), "password": PASSWORD });
                client.post(&path, &body).await.status
            }
        };
        let answers = at_once((0..40).map(accept)).await;
        let won = answers.iter().filter(|status| status.is_success()).count();
        assert_eq!(won, 1, "{engine:?}: {answers:?}");
        assert!(answers.iter().all(|status| !status.is_server_error()), "{answers:?}");
        let people = sql!("SELECT count(*) FROM users WHERE email_key = 'new@riverside.test'");
        assert_eq!(world.server.count(people).await, 1);
        let periods = sql!(
            "SELECT count(*) FROM members m JOIN users u ON u.id = m.user_id WHERE u.email_key = 'new@riverside.test'"
        );
        assert_eq!(world.server.count(periods).await, 1);
    }
}

/// The control: looks in one transaction, changes in the next, as careless code does.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn control_looking_first_and_changing_later_accepts_twice() {
    let server = Server::new(Engine::Sqlite).await;
    let reset = || async {
        let seed = async |tx: &storage::Tx| {
            tx.exec(sql!("DELETE FROM throttles"), &[]).await?;
            tx.exec(sql!("INSERT INTO throttles (name, failures, last_at) VALUES ('invitation', 0, 0)"), &[])
                .await
        };
        server.db().write(seed).await.unwrap();
    };
    let wins = Arc::new(AtomicI64::new(0));
    reset().await;
    let all_have_looked = Arc::new(tokio::sync::Barrier::new(40));
    let careless = |_| {
        let (db, wins, all_have_looked) = (server.db().clone(), wins.clone(), all_have_looked.clone());
        async move {
            let look = async |tx: &storage::Tx| {
                tx.value::<i64>(sql!("SELECT failures FROM throttles WHERE name = 'invitation'"), &[]).await
            };
            let pending = db.read(look).await.unwrap() == 0;
            // The worst moment, every time: all have looked before anyone changes.
            all_have_looked.wait().await;
            if pending {
                let change = async |tx: &storage::Tx| {
                    tx.exec(sql!("UPDATE throttles SET failures = 1 WHERE name = 'invitation'"), &[]).await
                };
                db.write(change).await.unwrap();
                wins.fetch_add(1, Ordering::SeqCst);
            }
        }
    };
    at_once((0..40).map(careless)).await;
    assert!(wins.load(Ordering::SeqCst) > 1, "the race test could not have failed");
}

async fn owners(world: &World) -> i64 {
    world.server.count(sql!("SELECT count(*) FROM members WHERE role = 'owner' AND until IS NULL")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn there_is_always_exactly_one_owner() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let api = format!("/api/v1/accounts/{}", world.account);
        for round in 0..4 {
            let owner_now = world.server.db().read(async |tx| {
                tx.value::<kernel::id::UserId>(
                    sql!("SELECT user_id FROM members WHERE account_id = $1 AND role = 'owner' AND until IS NULL"),
                    &[&world.account],
                ).await
            }).await.unwrap();
            let to = if owner_now == world.owner { world.administrator } else { world.owner };
            let (owner, receiver) = (world.server.client(owner_now).await, world.server.client(to).await);
            let offer = owner.post(&format!("{api}/ownership-transfers"), &json!({ "to": to })).await;
            assert_eq!(offer.status, StatusCode::CREATED, "{}", offer.text);
            let offer = offer.json["id"].as_str().unwrap().to_owned();
            let mut all: Vec<(crate::support::Client, Method, String, Value)> = Vec::new();
            for _ in 0..4 {
                all.push((
                    receiver.clone(),
                    Method::POST,
                    format!("/api/v1/ownership-transfers/{offer}/accept"),
                    Value::Null,
                ));
                all.push((owner.clone(), Method::DELETE, format!("{api}/members/{owner_now}"), Value::Null));
                all.push((
                    receiver.clone(),
                    Method::DELETE,
                    format!("{api}/members/{owner_now}"),
                    Value::Null,
                ));
                all.push((
                    receiver.clone(),
                    Method::PATCH,
                    format!("{api}/members/{owner_now}"),
                    json!({ "role": "member" }),
                ));
                if round % 2 == 0 {
                    all.push((
                        owner.clone(),
                        Method::DELETE,
                        format!("/api/v1/ownership-transfers/{offer}"),
                        Value::Null,
                    ));
                }
            }
            let answers = at_once(all.into_iter().map(|(client, method, path, body)| async move {
                client.json(method, &path, &body).await.status
            }))
            .await;
            assert!(answers.iter().all(|status| !status.is_server_error()), "{engine:?} {answers:?}");
            assert_eq!(owners(&world).await, 2, "{engine:?}: one for each practice");
            // People who were removed come back for the next round.
            for person in [world.owner, world.administrator] {
                let account = world.account;
                world
                    .server
                    .db()
                    .write(async move |tx| {
                        onboarding::join(tx, account, person, access::Role::Administrator).await
                    })
                    .await
                    .unwrap();
            }
        }
    }
}

/// The control: without the schema's guard, two owners arise at once.
#[tokio::test]
async fn control_the_schema_refuses_a_second_owner_and_without_it_there_would_be_two() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (account, member) = (world.account, world.member);
        let promote = async move |tx: &storage::Tx| -> Result<u64> {
            tx.exec(
                sql!("UPDATE members SET role = 'owner' WHERE account_id = $1 AND user_id = $2 AND until IS NULL"),
                &[&account, &member],
            )
            .await
        };
        assert!(world.server.db().write(promote).await.is_err(), "{engine:?}");
        let unguarded = async move |tx: &storage::Tx| -> Result<u64> {
            tx.exec(sql!("DROP INDEX members_one_owner"), &[]).await?;
            promote(tx).await
        };
        assert_eq!(world.server.db().write(unguarded).await.unwrap(), 1);
        assert_eq!(owners(&world).await, 3, "{engine:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_post_fifty_times_at_once_has_one_effect_and_one_answer() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let client = world.client(As::Member).await;
        let path = format!("/api/v1/groups/{}/cases", world.group);
        let body =
            json!({ "protocol": world.protocol, "location": world.location, "name": "Once" }).to_string();
        let post = |_| {
            let (client, path, body) = (client.clone(), path.clone(), body.clone());
            async move {
                let headers = [("content-type", "application/json"), ("idempotency-key", "k-1")];
                let reply = client.send(Method::POST, &path, &headers, body.into()).await;
                (reply.status, reply.text)
            }
        };
        let answers = at_once((0..50).map(post)).await;
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{engine:?}");
        assert_eq!(answers[0].0, StatusCode::CREATED, "{}", answers[0].1);
        assert_eq!(world.server.count(sql!("SELECT count(*) FROM cases WHERE name = 'Once'")).await, 1);
        let headers = [("content-type", "application/json"), ("idempotency-key", "k-1")];
        let other = body.replace("Once", "Twice");
        let reused = client.send(Method::POST, &path, &headers, other.into()).await;
        assert_eq!(reused.status, StatusCode::UNPROCESSABLE_ENTITY);
        // Another caller's same key is another key.
        let admin = world.client(As::GroupAdmin).await;
        let theirs = admin.send(Method::POST, &path, &headers, body.clone().into()).await;
        assert_eq!(theirs.status, StatusCode::CREATED);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_removed_member_is_refused_at_the_next_request() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        world.server.leave_mail();
        let admin = world.client(As::GroupAdmin).await;
        let member = world.client(As::Member).await;
        let membership = format!("/api/v1/groups/{}/members/{}", world.group, world.member);
        let case = format!("/api/v1/cases/{}", world.case);
        for _ in 0..if engine == Engine::Sqlite { 100 } else { 30 } {
            assert_eq!(
                admin.put(&membership, &json!({ "role": "member" })).await.status,
                StatusCode::NO_CONTENT
            );
            assert_eq!(member.get(&case).await.status, StatusCode::OK);
            assert_eq!(admin.delete(&membership).await.status, StatusCode::NO_CONTENT);
            assert_eq!(member.get(&case).await.status, StatusCode::NOT_FOUND, "{engine:?}: a stale answer");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn numbers_of_cases_have_no_gaps_and_no_twins() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let client = world.client(As::Member).await;
        let path = format!("/api/v1/groups/{}/cases", world.group);
        let body = json!({ "protocol": world.protocol, "location": world.location });
        let made = at_once((0..30).map(|_| {
            let (client, path, body) = (client.clone(), path.clone(), body.clone());
            async move { client.post(&path, &body).await }
        }))
        .await;
        let mut numbers = made
            .iter()
            .map(|reply| reply.json["number"].as_i64().unwrap_or_else(|| panic!("{}", reply.text)))
            .collect::<Vec<_>>();
        numbers.sort_unstable();
        assert_eq!(numbers, (2..32).collect::<Vec<_>>(), "{engine:?}");
    }
}

/// How many places are taken or kept beyond those that there are, and how many of `offered` were given.
async fn oversold(world: &World) -> i64 {
    world
        .server
        .count(sql!(
            "SELECT CAST(sum(CASE WHEN used + reserved > total THEN 1 ELSE 0 END) AS BIGINT) FROM license_counts"
        ))
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn licenses_are_never_oversold_by_invitations_acceptances_and_roles_at_once() {
    for engine in ENGINES {
        let world = World::on(
            Server::with(engine, |config| (config.trial_licenses, config.trial_days) = (10, 30)).await,
        )
        .await;
        world.server.leave_mail();
        let api = format!("/api/v1/accounts/{}", world.account);
        let owner = world.client(As::Owner).await;
        // Five of ten are taken; forty want one.
        let invite = |i: usize| {
            let (owner, path) = (owner.clone(), format!("{api}/invitations"));
            async move {
                let body = json!({ "emails": format!("r{i}@riverside.test"), "role": "member" });
                owner.post(&path, &body).await.json["outcomes"][0].clone()
            }
        };
        let outcomes = at_once((0..40).map(invite)).await;
        let invited = outcomes.iter().filter(|o| o["outcome"] == "invited").collect::<Vec<_>>();
        assert_eq!(invited.len(), 5, "{engine:?}: {outcomes:?}");
        // They accept, each several times, while someone is removed and others are invited into the gap.
        let links =
            invited.iter().map(|o| o["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned());
        let mut all: Vec<(crate::support::Client, Method, String, Value)> = Vec::new();
        for (i, token) in links.enumerate() {
            for _ in 0..3 {
                let body = json!({ "name": "Racer", "password": PASSWORD });
                let path = format!("/api/v1/invitation-links/{token}/accept");
                all.push((world.server.anonymous(), Method::POST, path, body));
            }
            let body = json!({ "emails": format!("s{i}@riverside.test"), "role": "member" });
            all.push((owner.clone(), Method::POST, format!("{api}/invitations"), body));
        }
        all.push((owner.clone(), Method::DELETE, format!("{api}/members/{}", world.elsewhere), Value::Null));
        let support = format!("{api}/members/{}", world.support);
        all.push((owner.clone(), Method::PATCH, support, json!({ "role": "member" })));
        let send = |(client, method, path, body): (crate::support::Client, Method, String, Value)| async move {
            client.json(method, &path, &body).await.status
        };
        let answers = at_once(all.into_iter().map(send)).await;
        assert!(answers.iter().all(|status| !status.is_server_error()), "{answers:?}");
        assert_eq!(oversold(&world).await, 0);
        crate::billing::check_invariants(&world.server).await;
    }
}

/// The control: counts first and takes later, as careless code does.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn control_counting_first_and_taking_later_oversells() {
    let server = Server::new(Engine::Sqlite).await;
    let made = async |tx: &storage::Tx| {
        tx.exec(sql!("CREATE TABLE careless (taken BIGINT NOT NULL)"), &[]).await?;
        tx.exec(sql!("INSERT INTO careless (taken) VALUES (0)"), &[]).await
    };
    server.db().write(made).await.unwrap();
    let all_have_counted = Arc::new(tokio::sync::Barrier::new(20));
    let careless = |_| {
        let (db, all_have_counted) = (server.db().clone(), all_have_counted.clone());
        async move {
            let count =
                async |tx: &storage::Tx| tx.value::<i64>(sql!("SELECT taken FROM careless"), &[]).await;
            let free = db.read(count).await.unwrap() < 3;
            all_have_counted.wait().await;
            if free {
                let take = async |tx: &storage::Tx| {
                    tx.exec(sql!("UPDATE careless SET taken = taken + 1"), &[]).await
                };
                db.write(take).await.unwrap();
            }
        }
    };
    at_once((0..20).map(careless)).await;
    assert!(
        server.count(sql!("SELECT taken FROM careless")).await > 3,
        "the race test could not have failed"
    );
}
