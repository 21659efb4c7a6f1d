//! Every mail that the product sends, as people read it. The snapshots are read like a page of text; a sentence
//! that is in no snapshot fails the last test here.

use std::{collections::BTreeSet, fs, path::Path};

use access::Privilege;
use billing::tick;
use kernel::{
    clock::{DAY, HOUR, MINUTE},
    id::UserId,
};
use messaging::requests::digests_due;
use serde_json::{Value, json};

use crate::{
    billing::buy,
    support::{
        As, Client, Engine, PASSWORD, Reply, Server, World,
        authenticator::Authenticator,
        handout, link_token, new_user_group, redacted,
        specs::{self, Extras},
    },
};

/// Takes up the mails that a server delivered so far, each wording once.
pub async fn read_well(name: &str, server: &Server) {
    snapshot(name, server.mail().await);
}

/// The same of a server on the machine's own clock: mails that name a day are another test's, and digits are zeros.
pub async fn read_well_on_any_day(name: &str, server: &Server) {
    let months = "January February March April May June July August September October November December";
    let dated = |mail: &String| months.split(' ').any(|month| mail.contains(month));
    let mails = server.mail().await.into_iter().filter(|mail| !dated(mail));
    let zeros = |c: char| if c.is_ascii_digit() { '0' } else { c };
    snapshot(name, mails.map(|mail| redacted(&mail).chars().map(zeros).collect()).collect());
}

fn snapshot(name: &str, mails: Vec<String>) {
    for mail in &mails {
        let invites = mail.to_lowercase().contains("reply to this email") && !mail.contains("don’t reply");
        assert!(!invites || mail.contains("\nReply-To: "), "an answer would reach nobody: {mail}");
    }
    let mails = mails.iter().map(|mail| redacted(mail)).collect::<BTreeSet<_>>();
    insta::assert_snapshot!(
        format!("letters_{name}"),
        mails.into_iter().collect::<Vec<_>>().join("\n————\n")
    );
}

fn fine(reply: Reply) -> Value {
    assert!(reply.status.is_success(), "{}", reply.text);
    reply.json
}

#[tokio::test]
async fn letters_to_people_read_well() {
    let world = World::new(Engine::Sqlite).await;
    let extras = Extras::make(&world).await;
    let (admin, anonymous) = (world.client(As::Administrator).await, world.server.anonymous());
    let account = format!("/api/v1/accounts/{}", world.account);
    let post = async |client: &Client, path: &str, body: Value| fine(client.post(path, &body).await);

    // Joining: alone and with groups, again, as an administrator, and of who is here already.
    let groups = format!("/api/v1/groups/{}/invitations", world.group);
    post(&admin, &groups, json!({ "emails": "elsewhere@riverside.test", "role": "member" })).await;
    post(&admin, &format!("/api/v1/invitations/{}/resend", extras.invitation), Value::Null).await;
    let (owner, invitations) = (world.client(As::Owner).await, format!("{account}/invitations"));
    post(&owner, &invitations, json!({ "emails": "boss@x.test", "role": "administrator" })).await;
    post(&owner, &invitations, json!({ "emails": "stranger@riverside.test", "role": "member" })).await;
    let list = b"Email,Name\nann.lee@x.test,Ann Lee\n";
    fine(owner.upload(&format!("{invitations}/import"), "people.csv", list).await);

    // Passwords and addresses.
    for email in ["nobody@x.test", "owner@riverside.test"] {
        post(&anonymous, "/api/v1/password-resets", json!({ "email": email })).await;
    }
    let reset = format!("/api/v1/password-resets/{}", extras.reset);
    post(&anonymous, &reset, json!({ "password": "twelve gray wagtails" })).await;
    let known =
        json!({ "email": "owner@riverside.test", "password": PASSWORD, "name": "O", "account_name": "O" });
    post(&anonymous, "/api/v1/sign-up", known).await;

    // Someone is removed from a group.
    fine(admin.delete(&format!("/api/v1/groups/{}/members/{}", world.group, world.group_admin)).await);

    // The account changes hands, and someone leaves.
    post(&admin, &format!("/api/v1/ownership-transfers/{}/accept", extras.transfer), Value::Null).await;
    fine(admin.delete(&format!("{account}/members/{}", world.member)).await);
    let chosen = json!({ "emails": ["elsewhere@riverside.test"] });
    post(&admin, &format!("{account}/introduction/sends"), chosen).await;
    // Where the audit trail ended, told on the next day.
    world.server.clock.advance(DAY);
    assert_eq!(people::activity::receipts_due(&world.server.app.services()).await.unwrap(), 2);
    read_well("to_people", &world.server).await;
}

#[tokio::test]
async fn letters_about_roles_and_groups_read_well() {
    let world = World::new(Engine::Sqlite).await;
    let (owner, admin) = (world.client(As::Owner).await, world.client(As::GroupAdmin).await);
    let account = format!("/api/v1/accounts/{}", world.account);
    let role = async |user: UserId, role: &str| {
        fine(owner.patch(&format!("{account}/members/{user}"), &json!({ "role": role })).await)
    };
    role(world.member, "administrator").await;
    role(world.support, "member").await;
    role(world.elsewhere, "support_staff").await;
    role(world.elsewhere, "member").await;
    role(world.support, "support_staff").await;
    let add = format!("/api/v1/groups/{}/members/{}", world.group, world.elsewhere);
    fine(owner.put(&add, &json!({ "role": "member" })).await);
    fine(owner.patch(&account, &json!({ "group_admins_add_groups": true })).await);
    fine(admin.post(&format!("{account}/groups"), &json!({ "name": "Third" })).await);
    let key = json!({ "name": "Lab interface", "scopes": ["cases.read"] });
    fine(world.client(As::Administrator).await.post(&format!("{account}/api-keys"), &key).await);
    let (solo, own, _) = crate::billing::individual(&world, "solo").await;
    fine(solo.post(&format!("/api/v1/accounts/{own}/close"), &json!({})).await);
    read_well("about_roles", &world.server).await;
}

#[tokio::test]
async fn letters_to_newcomers_and_about_guesses_read_well() {
    let world = World::new(Engine::Sqlite).await;
    let (owner, anonymous) = (world.client(As::Owner).await, world.server.anonymous());
    let invitations = format!("/api/v1/accounts/{}/invitations", world.account);
    let post = async |client: &Client, path: &str, body: Value| fine(client.post(path, &body).await);
    // Someone brings a group of their own; and someone invites who signed up by themselves.
    let (ann, own, email) = crate::billing::individual(&world, "ann").await;
    post(&ann, &format!("/api/v1/accounts/{own}/groups"), json!({ "name": "Ann's farm" })).await;
    post(&ann, &format!("/api/v1/accounts/{own}/handouts"), handout("Lame cows")).await;
    let invited = post(&owner, &invitations, json!({ "emails": email, "role": "member" })).await;
    let link = invited["outcomes"][0]["link"].as_str().unwrap().to_owned();
    let link = link_token(&link, "invitations");
    post(&ann, &format!("/api/v1/invitation-links/{link}/accept"), json!({})).await;
    let (eve, own, _) = crate::billing::individual(&world, "eve").await;
    let staff = json!({ "emails": "staff@x.test", "role": "support_staff" });
    post(&eve, &format!("/api/v1/accounts/{own}/invitations"), staff).await;
    // Someone guesses at a password until it is locked.
    for _ in 0..100 {
        world.server.clock.advance(16 * MINUTE);
        let wrong = json!({ "email": "elsewhere@riverside.test", "password": "a wrong guess of someone" });
        assert_eq!(anonymous.post("/api/v1/sign-in", &wrong).await.status.as_u16(), 401);
    }
    read_well("to_newcomers", &world.server).await;
}

#[tokio::test]
async fn letters_about_requests_read_well() {
    let world = World::new(Engine::Sqlite).await;
    let server = &world.server;
    let group = async |name: &str, members: &[_], privilege| {
        new_user_group(server, world.account, name, members, &[privilege]).await
    };
    let department = [world.elsewhere, world.administrator];
    let insurance = group("Insurance", &department, Privilege::RequestsReceive).await;
    let desk = group("Front desk", &[world.group_admin], Privilege::RequestsReceive).await;
    group("Clinicians", &[world.member], Privilege::RequestsSend).await;
    let (sender, grace) = (world.client(As::Member).await, world.client(As::Elsewhere).await);
    let adam = world.client(As::Administrator).await;
    let api = format!("/api/v1/accounts/{}/requests", world.account);
    let send = async || {
        let request = json!({ "to": insurance, "subject": "Cover", "body": "Is she covered?" });
        fine(sender.post(&api, &request).await)["id"].as_str().unwrap().to_owned()
    };
    let step = async |who: &Client, request: &str, step: &str, body: Value| {
        fine(who.post(&format!("/api/v1/requests/{request}/{step}"), &body).await);
        // People who have not read the last news are not written to again.
        for reader in [&sender, &grace, &adam] {
            reader.post(&format!("/api/v1/requests/{request}/read"), &Value::Null).await;
        }
        server.clock.advance(1_000_000);
    };
    let words = json!({ "body": "Which card?" });
    let long = send().await;
    step(&grace, &long, "claim", Value::Null).await;
    for (who, what) in [(&grace, "messages"), (&sender, "messages"), (&grace, "ask"), (&grace, "complete")] {
        step(who, &long, what, words.clone()).await;
    }
    step(&grace, &long, "undo", Value::Null).await;
    step(&grace, &long, "complete", words).await;
    step(&sender, &long, "reopen", Value::Null).await;
    step(&adam, &long, "assign", json!({ "user": world.elsewhere })).await;
    step(&sender, &long, "cancel", Value::Null).await;
    let declined = send().await;
    step(&grace, &declined, "claim", Value::Null).await;
    step(&grace, &declined, "decline", json!({ "reason": "Not insured with us." })).await;
    let passed_on = send().await;
    step(&grace, &passed_on, "forward", json!({ "to": desk })).await;

    // What waits for one, and for another, told in the morning.
    for who in [&sender, &grace] {
        fine(who.put(&format!("{api}/settings"), &json!({ "mail": "digest" })).await);
    }
    for _ in 0..2 {
        let due =
            json!({ "to": insurance, "subject": "Cover", "body": "?", "due_at": "2026-03-02T12:00:00Z" });
        fine(sender.post(&api, &due).await);
    }
    server.clock.advance(23 * HOUR);
    assert_eq!(digests_due(server.db(), &server.app.site).await.unwrap(), 2);
    read_well("about_requests", server).await;
}

#[tokio::test]
async fn letters_about_money_read_well() {
    let trials = |config: &mut platform::config::Config| {
        (config.trial_licenses, config.trial_days) = (10, 30);
    };
    let world = World::on(Server::with(Engine::Sqlite, trials).await).await;
    let account = format!("/api/v1/accounts/{}", world.account);
    let advance = async |days: i64| {
        world.server.clock.advance(days * DAY);
        tick(&world.server.app).await.unwrap();
        world.client(As::Owner).await
    };
    let pay = async |client: &Client, bought: &Value| {
        let pay = format!("/api/v1/invoices/{}/payments", bought["invoice"].as_str().unwrap());
        fine(client.post(&pay, &json!({})).await);
        assert_eq!(crate::billing::confirm_reported(&world.server).await, 1);
    };
    let owner = world.client(As::Owner).await;
    let month = json!({ "plan": "pro", "billed": "month", "licenses": 8 });
    let (_, bought) = buy(&owner, world.account, &month).await;
    // Fewer from the renewal on, but more are in use by then.
    buy(&owner, world.account, &json!({ "licenses": 5 })).await;
    let owner = advance(15).await;
    pay(&owner, &bought).await;
    let owner = advance(12).await;
    let invite = json!({ "emails": "new@riverside.test", "role": "member" });
    fine(owner.post(&format!("{account}/invitations"), &invite).await);
    let owner = advance(5).await;
    let newest = fine(owner.get(&format!("{account}/invoices")).await)["items"][0]["id"].clone();
    pay(&owner, &json!({ "invoice": newest })).await;
    let cancel = format!("{account}/subscription/cancellation");
    fine(owner.post(&cancel, &json!({ "when": "now" })).await);
    let (shop, site) = (billing::Shop::of(&world.server.app.config), world.server.app.site.clone());
    let account = world.account;
    let paid = world.server.db().write(async move |tx| {
        billing::charges::record_payout(tx, &shop, &site, None, account, None, "T-77").await
    });
    paid.await.unwrap();
    let more = json!({ "licenses": 30, "note": "We open a second site." });
    let owner = world.client(As::Owner).await;
    fine(owner.post(&format!("/api/v1/accounts/{account}/license-requests"), &more).await);
    read_well("about_money", &world.server).await;
}

/// The texts of a source.
fn literals(code: &str) -> Vec<String> {
    let mut chars = code.chars().peekable();
    let (mut found, mut last) = (Vec::new(), ' ');
    while let Some(c) = chars.next() {
        if c == '/' && last == '/' {
            chars.by_ref().find(|c| *c == '\n');
        } else if c == '"' && last != '\'' {
            let mut text = String::new();
            while let Some(c) = chars.next().filter(|c| *c != '"') {
                match (c, c == '\\') {
                    (_, true) => match chars.next().unwrap() {
                        '\n' => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                        'n' => text.push('\n'),
                        other => text.push(other),
                    },
                    _ => text.push(c),
                }
            }
            found.push(text);
        }
        last = c;
    }
    found
}

/// What stands in a text for sure: the parts between what is filled in.
fn sentences(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for c in text.replace("GROUP", "{}").replace("{{", "").replace("}}", "").chars() {
        match c {
            '{' | '}' | '\n' => parts.push(String::new()),
            _ => parts.last_mut().unwrap().push(c),
        }
    }
    // Every second part of a text with braces is a name; names have no spaces around words.
    parts
        .iter()
        .map(|part| part.trim().to_owned())
        .filter(|part| part.contains(' ') && part.len() > 9)
        .collect()
}

/// What stands beside the emails and is in none.
const NOT_IN_LETTERS: [&str; 3] = [
    // The placeholders of the introduction, explained to who words it.
    "the reader's name",
    "the account's name",
    "the sign-in page",
];

/// The sentences of a source that no snapshot has.
fn unseen(code: &str, seen: &str) -> Vec<String> {
    let texts = literals(code.split("#[cfg(test)]").next().unwrap());
    texts.iter().flat_map(|text| sentences(text)).filter(|sentence| !seen.contains(sentence)).collect()
}

/// Each change of a second factor, and each use of a recovery code: with some left, with one, with none.
#[tokio::test]
async fn letters_about_second_factors_read_well() {
    let world = World::new(Engine::Sqlite).await;
    crate::second_factor::with_password(&world, world.member).await;
    let member = world.client(As::Member).await;
    let (_, codes) = crate::second_factor::with_app(&world, &member).await;
    for code in &codes {
        let asked = json!({ "email": "member@riverside.test", "password": PASSWORD, "code": code });
        fine(world.server.anonymous().post("/api/v1/sign-in", &asked).await);
    }
    specs::set_up(&member, &Authenticator::new(), "Work laptop").await;
    fine(member.post("/api/v1/me/recovery-codes", &Value::Null).await);
    let mine = fine(member.get("/api/v1/me/second-factors").await);
    for factor in mine["factors"].as_array().unwrap() {
        let path = format!("/api/v1/me/second-factors/{}", factor["id"].as_str().unwrap());
        fine(member.delete(&path).await);
    }
    crate::second_factor::with_app(&world, &member).await;
    let reset = format!("/api/v1/accounts/{}/members/{}/second-factor-reset", world.account, world.member);
    fine(world.client(As::Administrator).await.post(&reset, &Value::Null).await);
    let member = world.member;
    let by_operator =
        async move |tx: &storage::Tx| people::factors::actions::reset_by_operator(tx, member).await;
    world.server.db().write(by_operator).await.unwrap();
    read_well("about_second_factors", &world.server).await;
}

#[test]
fn every_sentence_of_every_letter_is_in_a_snapshot() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |folder: &Path, name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let snapshots = root.join("tests/snapshots");
    let names =
        fs::read_dir(&snapshots).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let letters = names.filter(|name| name.contains("__letters_")).collect::<Vec<_>>();
    assert!(letters.len() >= 5, "{letters:?}");
    let seen = letters.iter().map(|name| text(&snapshots, name)).collect::<String>();
    let (mut files, mut missed) = (0, Vec::new());
    for wing in fs::read_dir(root.join("crates")).unwrap().map(|wing| wing.unwrap().path().join("src")) {
        for slice in fs::read_dir(wing).unwrap().map(|slice| slice.unwrap().path()) {
            if slice.join("mail.rs").is_file() {
                files += 1;
                missed.extend(unseen(&text(&slice, "mail.rs"), &seen));
            }
        }
    }
    assert!(files >= 10, "{files}");
    missed.retain(|sentence| !NOT_IN_LETTERS.contains(&sentence.as_str()));
    assert_eq!(missed, [""; 0], "no snapshot shows these: send them in a test above");
}

#[test]
fn a_sentence_that_nobody_sends_is_found() {
    let code = "// \"in a comment only\"\nfn a() { format!(\"Hello {name}, you are \\\n    welcome here.\"); '\"'; \"short\" }\n\
                #[cfg(test)] mod tests { \"of the tests only\" }";
    assert_eq!(unseen(code, ""), [", you are welcome here."]);
    assert_eq!(unseen(code, "Hello Ann, you are welcome here."), [""; 0]);
}
