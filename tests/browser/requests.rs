//! The source's use case, in two browsers at once: a clinician asks the insurance department about two clients.

use access::Privilege;
use kernel::{
    clock::Clock,
    id::{AccountId, GroupId, UserGroupId, UserId},
    random::Random,
};
use platform::{audit, config::Config};
use storage::{Db, SqliteOptions, sql};
use thirtyfour::{By, Key};

use crate::{browser::Browser, crash::Running};

const PASSWORD: &str = "seven blue herons";

/// The demo practice with an insurance department, which Grace is in, and clinicians who may send: Ann.
async fn practice(folder: &std::path::Path) -> (Running, AccountId) {
    let mut server = Running::start_with(folder, &["--demo"]);
    server.terminate();
    let options = SqliteOptions { path: folder.join("covey.db"), durable: false };
    let db = Db::sqlite(options, Clock::System, Random::System).unwrap();
    let config = Config { data: folder.to_owned(), ..Config::default() };
    audit::key::unlock(&db, &config).await.unwrap();
    let made = db.write(async |tx| {
        let user = async |email: String| {
            tx.value::<UserId>(sql!("SELECT id FROM users WHERE email_key = $1"), &[&email]).await
        };
        let (ann, grace) = (
            user("ann.lee@riverside.example".to_owned()).await?,
            user("grace.mbeki@riverside.example".to_owned()).await?,
        );
        let of_ann = sql!("SELECT account_id, group_id FROM group_members WHERE user_id = $1 AND until IS NULL");
        let (account, group): (AccountId, GroupId) = tx.one(of_ann, &[&ann]).await?;
        for (name, member, privilege) in [
            ("Clinicians", ann, Privilege::RequestsSend),
            ("Insurance Verification", grace, Privilege::RequestsReceive),
        ] {
            let id: UserGroupId = tx.id();
            tx.exec(
                sql!(
                    "INSERT INTO user_groups (account_id, id, name, name_key, description, active, is_default,
                                              privileges, created_at, version)
                     VALUES ($1, $2, $3, $4, '', TRUE, FALSE, $5, $6, 1)"
                ),
                &[&account, &id, &name, &name.to_lowercase(), &privilege.word(), &tx.now()],
            )
            .await?;
            tx.exec(
                sql!(
                    "INSERT INTO user_group_members (account_id, user_group_id, id, user_id, since)
                     VALUES ($1, $2, $3, $4, $5)"
                ),
                &[&account, &id, &tx.id::<kernel::id::Period>(), &member, &tx.now()],
            )
            .await?;
            tx.exec(
                sql!(
                    "INSERT INTO user_group_grants (account_id, user_group_id, id, privilege, since)
                     VALUES ($1, $2, $3, $4, $5)"
                ),
                &[&account, &id, &tx.id::<kernel::id::Period>(), &privilege, &tx.now()],
            )
            .await?;
        }
        for name in ["Clara Voss", "Dmitri Orlov", "هالة منصور"] {
            let id: kernel::id::ClientId = tx.id();
            tx.exec(
                sql!(
                    "INSERT INTO clients (account_id, group_id, id, kind, name, name_key, search, reference, email,
                                          email_key, phone, address, remarks, created_by, created_at, updated_at, version)
                     VALUES ($1, $2, $3, 'patient', $4, $5, $5, 'R-17', '', '', '', '', '', $6, $7, $7, 1)"
                ),
                &[&account, &group, &id, &name, &kernel::text::fold(name), &ann, &tx.now()],
            )
            .await?;
        }
        Ok(account)
    });
    let account = made.await.unwrap();
    db.close().await;
    (Running::start(folder), account)
}

async fn tick(browser: &Browser, client: &str) {
    let path = format!("//label[contains(., '{client}')]/input[@name='client']");
    for _ in 0..50 {
        // The list may just be given anew.
        if let Ok(element) = browser.driver.find(By::XPath(&path)).await
            && element.click().await.is_ok()
        {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{client} can't be ticked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clinician_asks_the_insurance_department_about_two_clients() {
    let folder = tempfile::tempdir().unwrap();
    let (server, account) = practice(folder.path()).await;
    let base = format!("http://{}", server.address());
    let (ann, grace) = (Browser::start().await, Browser::start().await);
    ann.sign_in(&base, "ann.lee@riverside.example", PASSWORD).await;
    grace.sign_in(&base, "grace.mbeki@riverside.example", PASSWORD).await;

    grace.go(&format!("{base}/a/{account}/requests")).await;
    grace.sees("No open requests").await;
    grace.is_accessible().await;

    ann.go(&format!("{base}/a/{account}/requests")).await;
    // What was finished and not read yet stands beside what is open.
    ann.sees("Estimate for Aria").await;
    ann.is_accessible().await;
    ann.press("New request").await;
    ann.is_accessible().await;
    // An empty form says what is missing, where it is.
    ann.driver.execute("document.querySelector('main form').noValidate = true", vec![]).await.unwrap();
    ann.press("Send request").await;
    ann.sees("Choose a user group.").await;
    ann.is_accessible().await;
    ann.choose("to", "Insurance Verification").await;
    ann.fill("subject", "Cover for two").await;
    ann.fill("body", "Are they covered for the surgery?").await;
    tick(&ann, "Clara").await;
    // The list is found anew as one types; what is ticked stays.
    let find = ann.driver.find(By::Name("find")).await.unwrap();
    find.send_keys("orlov" + Key::Enter).await.unwrap();
    tick(&ann, "Dmitri").await;
    ann.sees("Selected").await;
    ann.is_accessible().await;
    ann.press("Send request").await;
    ann.sees("Request #4 was sent").await;
    ann.is_accessible().await;

    // The count comes by itself.
    let unread = By::Css(".tabs [aria-current] .count");
    for _ in 0..100 {
        if grace.driver.find(unread.clone()).await.unwrap().text().await.unwrap() == "1" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(grace.driver.find(unread).await.unwrap().text().await.unwrap(), "1");
    grace.go(&format!("{base}/a/{account}/requests")).await;
    grace.is_accessible().await;
    grace.press("Cover for two").await;
    grace.sees("Clara Voss").await;
    grace.sees("Dmitri Orlov").await;
    assert!(grace.driver.find_all(By::Css("#about a")).await.unwrap().is_empty(), "no way to the charts");
    grace.press("Claim").await;
    grace.sees("This request is yours").await;
    grace.fill("body", "Which policy is it?").await;
    grace.press("Ask sender").await;
    grace.sees("Waiting for sender").await;
    grace.is_accessible().await;

    ann.go(&format!("{base}/a/{account}/requests")).await;
    ann.sees("Unread").await;
    ann.press("Cover for two").await;
    ann.sees("Which policy is it?").await;
    ann.fill("body", "The one from 2024.").await;
    ann.press("Answer").await;
    ann.sees("Your message was sent").await;

    grace.go(&format!("{base}/a/{account}/requests?mailbox=mine")).await;
    grace.press("Cover for two").await;
    grace.fill("body", "Both are covered.").await;
    grace.press("Complete").await;
    grace.sees("The request was completed").await;
    ann.driver.refresh().await.unwrap();
    ann.sees("Both are covered.").await;
    ann.sees("Reopen").await;

    // In the dark, on a phone, and how to hear of it.
    ann.look("dark", 390).await;
    ann.is_accessible().await;
    ann.go(&format!("{base}/a/{account}/requests?state=all")).await;
    ann.is_accessible().await;
    ann.press("Email settings").await;
    ann.is_accessible().await;
    ann.driver.find(By::Css("input[value='digest']")).await.unwrap().click().await.unwrap();
    ann.press("Save").await;
    ann.sees("Your choice was saved").await;
    for browser in [&ann, &grace] {
        assert_eq!(browser.console().await, Vec::<String>::new());
    }
}
