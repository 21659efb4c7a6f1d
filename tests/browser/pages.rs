//! Every page of the demo practice, light and dark, wide and on a phone: accessible, and nothing broken.

use std::collections::BTreeSet;

use thirtyfour::By;

use crate::{browser::Browser, crash::Running};

const PASSWORD: &str = "seven blue herons";

/// The pages that a person finds by following links, one of each shape.
async fn pages(browser: &Browser, base: &str) -> Vec<String> {
    let mut shapes = BTreeSet::new();
    let (mut found, mut next) = (Vec::new(), vec![format!("{base}/"), format!("{base}/switch")]);
    while let Some(url) = next.pop() {
        browser.go(&url).await;
        let here = browser.url().await;
        let path = here.trim_start_matches(base).split(['?', '#']).next().unwrap().to_owned();
        if !here.starts_with(base) || path.ends_with(".csv") || !shapes.insert(shape(&path)) {
            continue;
        }
        found.push(here);
        for link in browser.driver.find_all(By::Css("a[href^='/']")).await.unwrap() {
            let Some(href) = link.attr("href").await.unwrap() else { continue };
            let path = href.split(['?', '#']).next().unwrap();
            let download = path.contains("/case-files/")
                || path.ends_with(".pdf")
                || path.ends_with(".csv")
                || path.starts_with("/api/openapi");
            if !download && !shapes.contains(&shape(path)) {
                next.push(format!("{base}{path}"));
            }
        }
    }
    found
}

/// A path with its ids left out.
fn shape(path: &str) -> String {
    path.split('/')
        .map(|part| if part.len() == 30 && part.contains('_') { "*" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

async fn all_pages_are_fine(email: &str, at_least: usize) {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = Browser::start().await;
    for url in [
        format!("{base}/sign-in"),
        format!("{base}/forgot-password"),
        format!("{base}/guide"),
        format!("{base}/terms"),
        format!("{base}/nothing"),
    ] {
        browser.go(&url).await;
        browser.is_accessible().await;
    }
    browser.sign_in(&base, email, PASSWORD).await;
    let pages = pages(&browser, &base).await;
    assert!(pages.len() >= at_least, "only {pages:#?}");
    for (scheme, width) in [("light", 1280), ("dark", 390)] {
        browser.look(scheme, width).await;
        for page in &pages {
            browser.go(page).await;
            browser.is_accessible().await;
            assert_eq!(browser.console().await, Vec::<String>::new(), "{page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_owners_pages_are_accessible_and_whole() {
    all_pages_are_fine("miriam.okafor@riverside.example", 25).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_members_pages_are_accessible_and_whole() {
    all_pages_are_fine("ann.lee@riverside.example", 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn support_staffs_pages_are_accessible_and_whole() {
    all_pages_are_fine("sam.carter@riverside.example", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_therapy_practices_pages_speak_of_no_animals() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = Browser::start().await;
    browser.sign_in(&base, "elena.marsh@harborlane.example", PASSWORD).await;
    let pages = pages(&browser, &base).await;
    assert!(pages.len() >= 20, "only {pages:#?}");
    // The settings offer the kinds of practice, and the API is the same in all of them.
    for page in pages.iter().filter(|page| !page.ends_with("/settings") && !page.contains("/api/")) {
        browser.go(page).await;
        let text = browser.text().await.to_lowercase();
        for word in ["animal", "pet owner", "lameness", "species", "herd"] {
            assert!(!text.contains(word), "{page}: {word}\n{text}");
        }
    }
}
