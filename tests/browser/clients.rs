//! The work with clients, as it is done: one is added, found, merged with their double; a list is imported.

use thirtyfour::By;

use crate::{browser::Browser, crash::Running};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_are_added_found_imported_and_merged() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = Browser::start().await;
    browser.sign_in(&base, "miriam.okafor@riverside.example", "seven blue herons").await;
    browser.sees("Locations").await;
    let group = group_of(&browser, &base).await;
    browser.go(&format!("{group}/clients")).await;
    browser.press("Add client").await;
    browser.sees("Add client").await;
    browser.is_accessible().await;
    browser.fill("name", "Nadia Quist").await;
    browser.choose("kind", "Owner").await;
    browser.fill("email", "nadia@quist.example").await;
    browser.fill("animal_name", "Rex").await;
    browser.fill("animal_species", "Dog").await;
    browser.press("Add client").await;
    browser.sees("“Nadia Quist” was added.").await;
    browser.sees("Who can see this, and why").await;
    browser.is_accessible().await;
    browser.press("New case").await;
    browser.sees("Create case").await;
    browser.is_accessible().await;

    // A list comes in: one new, one known already, one broken.
    let file = folder.path().join("list.csv");
    let list = "name,email,fax\nOmar Lind,omar@lind.example,1\nN. Quist,nadia@quist.example,\nBroken,x@,\n";
    std::fs::write(&file, list).unwrap();
    browser.go(&format!("{group}/clients/import")).await;
    browser.is_accessible().await;
    let field = browser.driver.find(By::Css("input[type='file']")).await.unwrap();
    field.send_keys(file.to_string_lossy()).await.unwrap();
    browser.press("Read the file").await;
    browser.sees("What each column holds").await;
    browser.is_accessible().await;
    browser.press("Save and preview").await;
    browser.sees("Nothing has been added yet").await;
    browser.sees("1 column is left out: fax.").await;
    browser.is_accessible().await;
    browser.press("Cells left out").await;
    browser.sees("“x@” isn’t an email address").await;
    browser.press("Likely duplicates").await;
    browser.sees("Same email address as Nadia Quist.").await;
    browser.is_accessible().await;
    browser.press("Add 2 clients").await;
    browser.sees("2 clients came from 3 lines").await;
    browser.is_accessible().await;

    // Found as one types, and merged with the double.
    browser.go(&format!("{group}/clients/new")).await;
    browser.fill("name", "Nadia Quist-Berg").await;
    browser.choose("kind", "Owner").await;
    browser.fill("email", "nadia@quist.example").await;
    browser.fill("phone", "+1 555 0100").await;
    browser.press("Add client").await;
    browser.go(&format!("{group}/clients")).await;
    browser.fill("q", "rex qui").await;
    browser
        .waits("the one that is sought", |page| page.contains("Nadia Quist") && !page.contains("Omar Lind"))
        .await;
    browser.is_accessible().await;
    browser.go(&format!("{group}/clients/duplicates")).await;
    browser.sees("with the same email address").await;
    browser.is_accessible().await;
    let of_nadia = "//section[contains(., 'Nadia')]//a[contains(., 'Compare')]";
    browser.driver.find(By::XPath(of_nadia)).await.unwrap().click().await.unwrap();
    browser.sees("Preview").await;
    browser.sees("Filled in").await;
    browser.is_accessible().await;
    browser.press("Merge").await;
    browser.sees("Merged into").await;
    browser.sees("+1 555 0100").await;
    assert_eq!(browser.console().await, Vec::<String>::new());
}

/// The address of the first group that the person is in.
async fn group_of(browser: &Browser, base: &str) -> String {
    let link = browser.driver.find(By::Css("#switcher-list a")).await.unwrap();
    format!("{base}{}", link.attr("href").await.unwrap().unwrap())
}
