//! Tables by the keyboard: one stop of the Tab key, arrows inside, and menus that leave nothing too small to press.

use serde_json::Value;
use thirtyfour::{By, Key};

use crate::{
    browser::{Browser, user_groups::account},
    crash::Running,
};

const PASSWORD: &str = "seven blue herons";

async fn run(browser: &Browser, script: &str) -> Value {
    browser.driver.execute(script, vec![]).await.unwrap().convert().unwrap()
}

async fn press(browser: &Browser, keys: impl Into<thirtyfour::TypingData>) {
    browser.driver.active_element().await.unwrap().send_keys(keys).await.unwrap();
}

/// Which row of the table has the focus, from the head on, and which of its stops.
async fn place(browser: &Browser) -> (i64, i64) {
    let script = "const at = document.activeElement, row = at.closest('table.table tr');
        if (!row) return [-1, -1];
        const stops = [...row.querySelectorAll('a[href], summary, input')].filter((each) => !each.closest('.menu-panel'));
        return [[...row.closest('table').rows].indexOf(row), stops.indexOf(at)]";
    let found = run(browser, script).await;
    (found[0].as_i64().unwrap(), found[1].as_i64().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_is_one_stop_and_the_arrows_move_inside() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = Browser::start().await;
    browser.sign_in(&base, "miriam.okafor@riverside.example", PASSWORD).await;
    let users = format!("{base}/a/{}/users", account(&browser).await);
    browser.go(&users).await;
    let stops = "return document.querySelectorAll('table.table :is(a, button, input, summary):not([tabindex=\"-1\"], \
                 .menu-panel *)').length";
    assert_eq!(run(&browser, stops).await, 1);
    browser.is_accessible().await;

    // From its only stop down, to the end of a row, and back to the first.
    run(&browser, "document.querySelector('table.table [tabindex=\"0\"]').focus()").await;
    let (row, stop) = place(&browser).await;
    press(&browser, Key::Down + "").await;
    assert_eq!(place(&browser).await, (row + 1, stop));
    press(&browser, Key::End + "").await;
    let (_, last) = place(&browser).await;
    assert!(last >= 1, "the menu of the row");
    press(&browser, Key::Down + "").await;
    assert_eq!(place(&browser).await.0, row + 2, "the next row's");
    press(&browser, Key::Home + Key::Up).await;
    assert_eq!(place(&browser).await, (row + 1, 0));

    // Enter opens a menu, and the arrows move in it; Escape closes it, and they move between rows again.
    press(&browser, Key::End + Key::Enter).await;
    assert_eq!(
        run(&browser, "return document.querySelectorAll('.cell-actions details[open]').length").await,
        1
    );
    press(&browser, Key::Down + "").await;
    let inside = "return !!document.activeElement.closest('.menu-panel')";
    assert_eq!(run(&browser, inside).await, true);
    press(&browser, Key::Escape + "").await;
    assert_eq!(run(&browser, inside).await, false);
    assert_eq!(run(&browser, "return document.querySelectorAll('details[open]').length").await, 0);
    press(&browser, Key::Tab + "").await;
    assert_eq!(place(&browser).await, (-1, -1), "out of the table");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_open_row_menu_is_accessible() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = Browser::start().await;
    browser.sign_in(&base, "miriam.okafor@riverside.example", PASSWORD).await;
    let users = format!("{base}/a/{}/users", account(&browser).await);
    for (scheme, width) in [("light", 1280), ("dark", 390)] {
        browser.look(scheme, width).await;
        browser.go(&users).await;
        let many = browser.driver.find_all(By::Css(".cell-actions summary")).await.unwrap().len();
        assert!(many > 3, "only {many} menus");
        for number in 0..many.min(6) {
            let open = format!("document.querySelectorAll('.cell-actions details')[{number}].open = true");
            run(&browser, &open).await;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            browser.is_accessible().await;
        }
    }
}
