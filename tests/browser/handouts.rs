//! The work of support staff, as they do it: find a handout while typing, read it, give it to an owner.

use crate::{browser::Browser, crash::Running};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn support_staff_find_a_handout_as_they_type_and_give_it_to_an_owner() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = Browser::start().await;
    browser.sign_in(&base, "sam.carter@riverside.example", "seven blue herons").await;
    browser.sees("Find a handout to read").await;
    browser.fill("q", "cat pill").await;
    browser
        .waits("the one that is sought", |page| {
            page.contains("Giving your cat a pill") && !page.contains("A good home for rabbits")
        })
        .await;
    assert!(browser.url().await.ends_with("?q=cat+pill"), "{}", browser.url().await);
    browser.press("Giving your cat a pill").await;
    browser.sees("Share with pet owner").await;
    browser.fill("body", "Show them the pill giver.").await;
    browser.press("Save note").await;
    browser.sees("Only you can see it.").await;
    browser.fill("email", "owner@example.org").await;
    browser.fill("message", "Call us with any questions.").await;
    browser.press("Send email").await;
    browser.sees("This server doesn’t send email").await;
    browser.is_accessible().await;
    let field = browser.driver.find(thirtyfour::By::Id("fresh-link")).await.unwrap();
    let link = field.value().await.unwrap().unwrap();
    browser.go(&link).await;
    browser.sees("A note from Sam Carter").await;
    browser.sees("Riverside Veterinary Partners").await;
    browser.is_accessible().await;
    assert_eq!(browser.console().await, Vec::<String>::new());
}
