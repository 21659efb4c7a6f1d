//! The audit trail: written with its cause, and any change of the past is found.

use kernel::{
    clock::{DAY, Time},
    id::{AccountId, UserId},
};
use people::activity;
use platform::audit::{self, Receipt, Verified};
use sha2::{Digest, Sha256};
use storage::{Hash, Sql, Tx, row, sql};

use crate::{
    config::covey,
    support::{AUDIT_KEY, As, ENGINES, Engine, World},
};

async fn check(world: &World, receipts: &[Receipt]) -> Verified {
    let (account, receipts) = (world.account, receipts.to_vec());
    let checked = async move |tx: &Tx| audit::verify_with(tx, account, &receipts).await;
    world.server.db().read(checked).await.unwrap()
}

async fn fault(world: &World) -> Option<String> {
    check(world, &[]).await.fault
}

async fn receipt(world: &World) -> Receipt {
    let account = world.account;
    world.server.db().read(async move |tx| audit::receipt(tx, account).await).await.unwrap().unwrap()
}

/// Runs these statements, each with the account as $1, as the owner of the database can.
async fn tamper(world: &World, statements: Vec<Sql>) {
    let account = world.account;
    let changed = world.server.db().write(async move |tx| {
        for statement in &statements {
            assert!(tx.exec(*statement, &[&account]).await? > 0);
        }
        Ok(())
    });
    changed.await.unwrap();
}

row! {
    struct Stored {
        seq: i64 = "seq",
        at: Time = "at",
        actor: Option<UserId> = "actor_id",
        action: String = "action",
        object: String = "object",
        group: String = "in_group",
        personal: Hash = "personal_digest",
    }
}

/// The chain's hash without a key: all that who has the database and this source, but not the key, can make.
fn unkeyed(account: AccountId, event: &Stored, previous: Hash) -> Hash {
    let (seq, at) = (event.seq.to_be_bytes(), event.at.micros().to_be_bytes());
    let actor = event.actor.map(|actor| *actor.as_bytes());
    let fields: [&[u8]; 9] = [
        account.as_bytes(),
        &seq,
        &at,
        actor.as_ref().map_or(&[], |bytes| bytes),
        event.action.as_bytes(),
        event.object.as_bytes(),
        event.group.as_bytes(),
        &event.personal.0,
        &previous.0,
    ];
    let mut hasher = Sha256::new();
    for field in fields {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field);
    }
    Hash(hasher.finalize().into())
}

/// Writes the hashes of the events from `first` to `last` anew, each on the one before, and the head if it is among
/// them.
async fn rechain(world: &World, first: i64, last: i64) {
    let account = world.account;
    let changed = world.server.db().write(async move |tx| {
        let before = sql!("SELECT hash FROM audit_events WHERE account_id = $1 AND seq = $2");
        let mut previous: Hash = tx.value(before, &[&account, &(first - 1)]).await?;
        let events = sql!(
            "SELECT {} FROM audit_events WHERE account_id = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq",
            Stored
        );
        for event in tx.all::<Stored>(events, &[&account, &first, &last]).await? {
            let hash = unkeyed(account, &event, previous);
            let write =
                sql!("UPDATE audit_events SET hash = $3, previous = $4 WHERE account_id = $1 AND seq = $2");
            tx.exec(write, &[&account, &event.seq, &hash, &previous]).await?;
            let head = sql!("UPDATE audit_heads SET hash = $3 WHERE account_id = $1 AND seq = $2");
            tx.exec(head, &[&account, &event.seq, &hash]).await?;
            previous = hash;
        }
        Ok(())
    });
    changed.await.unwrap();
}

fn cut_after_5() -> Vec<Sql> {
    vec![
        sql!("DELETE FROM audit_personal WHERE account_id = $1 AND seq > 5"),
        sql!("DELETE FROM audit_events WHERE account_id = $1 AND seq > 5"),
    ]
}

fn whole_chain() -> Vec<Sql> {
    vec![
        sql!("DELETE FROM audit_personal WHERE account_id = $1"),
        sql!("DELETE FROM audit_events WHERE account_id = $1"),
        sql!("DELETE FROM audit_heads WHERE account_id = $1"),
    ]
}

/// Another account's events, with their details, under this account's name.
fn the_neighbors() -> Vec<Sql> {
    let mut statements = whole_chain();
    statements.push(sql!(
        "INSERT INTO audit_events
             (account_id, seq, at, actor_id, action, object, in_group, personal_digest, previous, hash)
         SELECT $1, e.seq, e.at, e.actor_id, e.action, e.object, e.in_group, e.personal_digest, e.previous, e.hash
         FROM audit_events e JOIN accounts a ON a.id = e.account_id WHERE a.name = 'Hillside'"
    ));
    statements.push(sql!(
        "INSERT INTO audit_personal (account_id, seq, salt, detail)
         SELECT $1, p.seq, p.salt, p.detail
         FROM audit_personal p JOIN accounts a ON a.id = p.account_id WHERE a.name = 'Hillside'"
    ));
    statements.push(sql!(
        "INSERT INTO audit_heads (account_id, seq, hash, seal, receipted_seq, receipted_at)
         SELECT $1, h.seq, h.hash, h.seal, 0, 0
         FROM audit_heads h JOIN accounts a ON a.id = h.account_id WHERE a.name = 'Hillside'"
    ));
    statements
}

/// What the owner of the database does to the trail, and which event must be found.
async fn tampered(engine: Engine, how: &str) -> (World, i64) {
    let world = World::new(engine).await;
    let head = receipt(&world).await.seq;
    assert!(head > 6, "there is something to tamper with");
    let at = match how {
        "flip" => {
            let flip =
                sql!("UPDATE audit_events SET action = 'group.deleted' WHERE account_id = $1 AND seq = 3");
            tamper(&world, vec![flip]).await;
            3
        }
        "delete" => {
            let personal = sql!("DELETE FROM audit_personal WHERE account_id = $1 AND seq = 3");
            let event = sql!("DELETE FROM audit_events WHERE account_id = $1 AND seq = 3");
            tamper(&world, vec![personal, event]).await;
            3
        }
        "insert" => {
            let event = sql!(
                "INSERT INTO audit_events
                     (account_id, seq, at, actor_id, action, object, in_group, personal_digest, previous, hash)
                 SELECT account_id, seq + 1, at, actor_id, action, object, in_group, personal_digest, hash, hash
                 FROM audit_events WHERE account_id = $1 ORDER BY seq DESC LIMIT 1"
            );
            let personal = sql!(
                "INSERT INTO audit_personal (account_id, seq, salt, detail)
                 SELECT account_id, seq + 1, salt, detail
                 FROM audit_personal WHERE account_id = $1 ORDER BY seq DESC LIMIT 1"
            );
            let bump = sql!("UPDATE audit_heads SET seq = seq + 1 WHERE account_id = $1");
            tamper(&world, vec![event, personal, bump]).await;
            rechain(&world, head + 1, head + 1).await;
            head + 1
        }
        "swap" => {
            let swap = sql!(
                "UPDATE audit_events SET
                     object = (SELECT x.object FROM audit_events x
                               WHERE x.account_id = $1 AND x.seq = 6 - audit_events.seq),
                     action = (SELECT x.action FROM audit_events x
                               WHERE x.account_id = $1 AND x.seq = 6 - audit_events.seq)
                 WHERE account_id = $1 AND seq IN (2, 4)"
            );
            tamper(&world, vec![swap]).await;
            2
        }
        "truncate the tail" => {
            tamper(&world, cut_after_5()).await;
            6
        }
        "truncate the tail and the head" => {
            tamper(&world, cut_after_5()).await;
            let head = sql!(
                "UPDATE audit_heads SET seq = 5,
                     hash = (SELECT x.hash FROM audit_events x WHERE x.account_id = $1 AND x.seq = 5)
                 WHERE account_id = $1"
            );
            tamper(&world, vec![head]).await;
            6
        }
        "rehash one" => {
            let flip =
                sql!("UPDATE audit_events SET action = 'group.deleted' WHERE account_id = $1 AND seq = 3");
            tamper(&world, vec![flip]).await;
            rechain(&world, 3, 3).await;
            3
        }
        "rechain the tail" => {
            let flip =
                sql!("UPDATE audit_events SET action = 'group.deleted' WHERE account_id = $1 AND seq = 3");
            tamper(&world, vec![flip]).await;
            rechain(&world, 3, head).await;
            3
        }
        "wipe details" => {
            let wipe = sql!("DELETE FROM audit_personal WHERE account_id = $1 AND seq = 4");
            tamper(&world, vec![wipe]).await;
            4
        }
        "delete the chain" => {
            tamper(&world, whole_chain()).await;
            1
        }
        "another account's chain" => {
            tamper(&world, the_neighbors()).await;
            1
        }
        other => panic!("{other}"),
    };
    (world, at)
}

const TAMPERINGS: [&str; 11] = [
    "flip",
    "delete",
    "insert",
    "swap",
    "truncate the tail",
    "truncate the tail and the head",
    "rehash one",
    "rechain the tail",
    "wipe details",
    "delete the chain",
    "another account's chain",
];

#[tokio::test]
async fn every_way_to_change_the_past_is_found_at_the_first_bad_event() {
    for engine in ENGINES {
        for how in TAMPERINGS {
            let (world, at) = tampered(engine, how).await;
            let found = fault(&world).await.unwrap_or_else(|| panic!("{engine:?}: {how} was not found"));
            assert!(found.starts_with(&format!("event {at}: ")), "{engine:?} {how}: {found}");
        }
    }
}

#[tokio::test]
async fn an_older_copy_put_back_is_found_by_a_receipt_alone() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let account = world.account;
        let old = sql!("SELECT seq, hash, seal FROM audit_heads WHERE account_id = $1");
        let (seq, hash, seal): (i64, Hash, Hash) =
            world.server.db().read(async |tx| tx.one(old, &[&account]).await).await.unwrap();
        let rename = serde_json::json!({ "name": "Riverside II" });
        let path = format!("/api/v1/accounts/{account}");
        world.client(As::Owner).await.patch(&path, &rename).await;
        let held = receipt(&world).await;
        assert!(held.seq > seq);
        assert_eq!(check(&world, std::slice::from_ref(&held)).await.fault, None, "as it was");
        let back = world.server.db().write(async move |tx| {
            for statement in [
                sql!("DELETE FROM audit_personal WHERE account_id = $1 AND seq > $2"),
                sql!("DELETE FROM audit_events WHERE account_id = $1 AND seq > $2"),
            ] {
                tx.exec(statement, &[&account, &seq]).await?;
            }
            let head = sql!("UPDATE audit_heads SET seq = $2, hash = $3, seal = $4 WHERE account_id = $1");
            tx.exec(head, &[&account, &seq, &hash, &seal]).await
        });
        back.await.unwrap();
        assert_eq!(fault(&world).await, None, "the copy is whole by itself");
        let found = check(&world, std::slice::from_ref(&held)).await.fault.unwrap();
        assert!(found.starts_with(&format!("event {}: it is missing", seq + 1)), "{engine:?} {found}");
        // What happens afterwards fills the gap, and is another event than the receipt names.
        world.client(As::Owner).await.patch(&path, &serde_json::json!({ "name": "Riverside III" })).await;
        let found = check(&world, std::slice::from_ref(&held)).await.fault.unwrap();
        assert!(found.contains("it differs from the event in a receipt"), "{engine:?} {found}");
    }
}

#[tokio::test]
async fn what_was_cut_off_stays_found_when_the_server_goes_on() {
    for how in ["truncate the tail and the head", "delete the chain"] {
        let (world, at) = tampered(Engine::Sqlite, how).await;
        let rename = serde_json::json!({ "name": "Riverside II" });
        let path = format!("/api/v1/accounts/{}", world.account);
        let reply = world.client(As::Owner).await.patch(&path, &rename).await;
        assert!(reply.status.is_success(), "{}", reply.text);
        let found = fault(&world).await.unwrap_or_else(|| panic!("{how} was not found"));
        assert!(found.starts_with(&format!("event {at}: ")), "{how}: {found}");
    }
}

#[tokio::test]
async fn details_can_be_erased_and_the_erasure_is_an_event() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let (account, about) = (world.account, world.group.to_string());
        let erased = world.server.db().write(async move |tx| audit::erase(tx, account, &about, None).await);
        assert!(erased.await.unwrap() > 0, "{engine:?}");
        assert_eq!(fault(&world).await, None, "{engine:?}");
        assert!(actions(&world).await.contains(&"details.erased".to_owned()));
        // An erasure names its events: it does not cover what is wiped later.
        let wipe = sql!(
            "DELETE FROM audit_personal WHERE account_id = $1 AND seq IN
                 (SELECT seq FROM audit_events WHERE account_id = $1 AND action = 'account.opened')"
        );
        tamper(&world, vec![wipe]).await;
        assert!(fault(&world).await.unwrap().contains("personal details are gone"), "{engine:?}");
    }
}

#[tokio::test]
async fn receipts_are_given_out_mailed_once_a_day_and_kept_as_files() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let owner = world.client(As::Owner).await;
        let given = owner.get(&format!("/api/v1/accounts/{}/audit/receipt", world.account)).await;
        let shown: Receipt = serde_json::from_value(given.json).unwrap();
        let page = owner.get(&format!("/a/{}/activity/receipt", world.account)).await;
        let held = Receipt::read_all(&page.text);
        assert_eq!((held.len(), held[0].seq, &held[0].hash), (1, shown.seq, &shown.hash));
        let services = world.server.app.services();
        assert_eq!(activity::receipts_due(&services).await.unwrap(), 0, "the day is not over");
        world.server.clock.advance(DAY);
        assert_eq!(activity::receipts_due(&services).await.unwrap(), 2, "one for each account");
        assert_eq!(activity::receipts_due(&services).await.unwrap(), 0);
        world.server.clock.advance(DAY);
        assert_eq!(activity::receipts_due(&services).await.unwrap(), 0, "nothing happened");
        let mail = world.server.mail().await;
        let mailed = mail.iter().find(|mail| mail.starts_with("owner@riverside.test")).unwrap();
        let mailed = Receipt::read_all(mailed);
        assert_eq!((mailed.len(), &mailed[0].hash), (1, &shown.hash), "{engine:?}");
        assert_eq!(check(&world, &mailed).await.fault, None);
        let file = world.server.folder.path().join("receipts/2026-03-02.jsonl");
        let kept = Receipt::read_all(&std::fs::read_to_string(file).unwrap());
        assert_eq!(kept.len(), 3, "both accounts and the server");
        // A receipt that someone changed, or made without the key, is none.
        let forged = Receipt { seq: 2, ..shown };
        let db = world.server.db();
        assert!(db.read(async |tx| mailed[0].is_ours(tx)).await.unwrap());
        assert!(!db.read(async |tx| forged.is_ours(tx)).await.unwrap());
    }
}

#[tokio::test]
async fn an_operator_holds_a_receipt_against_the_trail() {
    let world = World::new(Engine::Sqlite).await;
    let held = receipt(&world).await;
    let folder = world.server.folder.path();
    let (file, settings) = (folder.join("receipt.txt"), folder.join("covey.toml"));
    let line = held.line().unwrap();
    std::fs::write(&file, format!("Dear owner,\n{}\n{}\nBye", &line[..70], &line[70..])).unwrap();
    std::fs::write(&settings, format!("data = {folder:?}\naudit_key = {AUDIT_KEY:?}\n")).unwrap();
    let verify = || {
        let said = covey(&[
            "audit",
            "verify",
            "--config",
            settings.to_str().unwrap(),
            "--receipt",
            file.to_str().unwrap(),
        ]);
        (said.status.code(), String::from_utf8_lossy(&said.stdout).into_owned())
    };
    let (code, said) = verify();
    assert!(code == Some(0) && said.contains("Checked against 1 receipt."), "{said}");
    tamper(&world, whole_chain()).await;
    let (code, said) = verify();
    assert!(code == Some(1) && said.contains("ALTERED at event 1"), "{said}");
    std::fs::write(&file, line.replacen("\"seq\":", "\"seq\":1", 1)).unwrap();
    assert!(verify().1.contains("was not made with this server's key"));
    std::fs::write(&file, "nothing").unwrap();
    assert_eq!(verify().0, Some(1));
}

#[test]
fn a_key_that_is_missing_unreadable_or_anothers_is_refused_and_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("audit-key");
    let open = || {
        let said = covey(&["migrate", "--data", folder.path().to_str().unwrap()]);
        (said.status.success(), String::from_utf8_lossy(&said.stderr).into_owned())
    };
    assert!(open().0, "an empty server makes its key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let mine = std::fs::read_to_string(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let (fine, said) = open();
    assert!(!fine && said.contains("is missing") && !key.exists(), "{said}");
    std::fs::write(&key, "another key, and just as long as it must be").unwrap();
    let (fine, said) = open();
    assert!(!fine && said.contains("Restore the right key"), "{said}");
    std::fs::write(&key, "short").unwrap();
    assert!(open().1.contains("holds no key"));
    std::fs::remove_file(&key).unwrap();
    std::fs::create_dir(&key).unwrap();
    assert!(open().1.contains("can't be read"));
    std::fs::remove_dir(&key).unwrap();
    std::fs::write(&key, mine.trim()).unwrap();
    assert!(open().0, "the right one opens it again");
}

#[tokio::test]
async fn a_trail_whose_key_was_struck_out_of_the_database_gets_no_new_one() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let struck = sql!("DELETE FROM audit_key");
        world.server.db().write(async move |tx| tx.exec(struck, &[]).await).await.unwrap();
        let refused = audit::key::unlock(world.server.db(), &world.server.app.config).await;
        assert!(refused.unwrap_err().public().contains("not which key sealed it"), "{engine:?}");
    }
}

async fn actions(world: &World) -> Vec<String> {
    let admin = world.client(As::Owner).await;
    let list = admin.get(&format!("/api/v1/accounts/{}/audit?limit=100", world.account)).await;
    list.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["action"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_read_from_the_parent_account_is_noted_and_a_members_read_is_not() {
    for engine in ENGINES {
        let world = World::new(engine).await;
        let path = format!("/api/v1/cases/{}", world.case);
        world.client(As::Member).await.get(&path).await;
        assert!(!actions(&world).await.contains(&"case.read_from_parent".to_owned()));
        for end in ["", "/notes", "/files", "/access"] {
            let reply = world.client(As::Administrator).await.get(&format!("{path}{end}")).await;
            assert!(reply.status.is_success(), "{}", reply.text);
        }
        let noted =
            actions(&world).await.into_iter().filter(|action| action == "case.read_from_parent").count();
        assert_eq!(noted, 4, "{engine:?}");
        let list = format!("/api/v1/groups/{}/cases", world.group);
        world.client(As::Administrator).await.get(&list).await;
        world.client(As::Owner).await.get(&format!("/api/v1/cases?account={}", world.account)).await;
        let listed =
            actions(&world).await.into_iter().filter(|action| action == "cases.listed_from_parent").count();
        assert_eq!(listed, 2, "{engine:?}");
    }
}

#[tokio::test]
async fn a_refusal_inside_the_account_is_noted() {
    let world = World::new(Engine::Sqlite).await;
    world.client(As::Elsewhere).await.get(&format!("/api/v1/cases/{}", world.case)).await;
    world.server.app.settled().await;
    assert!(actions(&world).await.contains(&"access.refused".to_owned()));
}

#[tokio::test]
async fn what_was_undone_left_no_event() {
    let world = World::new(Engine::Sqlite).await;
    let before = actions(&world).await.len();
    let taken = serde_json::json!({ "name": "Brookfield", "administrator_email": "x@y.test" });
    let reply = world
        .client(As::Owner)
        .await
        .post(&format!("/api/v1/accounts/{}/groups", world.account), &taken)
        .await;
    assert_eq!(reply.status.as_u16(), 422);
    assert_eq!(actions(&world).await.len(), before);
}
