//! Menus near the edge of the window, lists in the first screen, and paper.

use serde_json::{Value, json};

use crate::{
    browser::{Browser, user_groups::account},
    crash::Running,
};

const PASSWORD: &str = "seven blue herons";

async fn start(email: &str) -> (tempfile::TempDir, Running, Browser, String) {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = Browser::start().await;
    browser.sign_in(&base, email, PASSWORD).await;
    (folder, server, browser, base)
}

async fn run(browser: &Browser, script: &str) -> Value {
    browser.driver.execute(script, vec![]).await.unwrap().convert().unwrap()
}

async fn window(browser: &Browser, width: u32, height: u32) {
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
    browser.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", metrics).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_menu_of_the_last_row_can_be_seen_whole() {
    let (_folder, _server, browser, base) = start("miriam.okafor@riverside.example").await;
    let users = format!("{base}/a/{}/users", account(&browser).await);
    for (width, height) in [(1280, 800), (390, 844), (320, 640)] {
        window(&browser, width, height).await;
        browser.go(&users).await;
        // The last row's button stands at the lower edge of what can be seen.
        let open = "const menus = [...document.querySelectorAll('td .menu')];
            const menu = menus.at(-1);
            menu.scrollIntoView({ block: 'end' });
            scrollBy(0, -1);
            menu.querySelector('summary').click();
            return new Promise((done) => setTimeout(() => {
                const panel = menu.querySelector('.menu-panel').getBoundingClientRect();
                const bar = document.querySelector('.topbar').getBoundingClientRect().bottom;
                done({ open: menu.open, above: panel.top >= bar, beneath: panel.bottom <= innerHeight,
                       aside: panel.left >= 0 && panel.right <= innerWidth, up: menu.classList.contains('menu-up') });
            }, 200))";
        let found = run(&browser, open).await;
        let expected = json!({ "open": true, "above": true, "beneath": true, "aside": true, "up": true });
        assert_eq!(found, expected, "{width}x{height}");
    }
    // Where there is room, it opens downward.
    window(&browser, 1280, 1200).await;
    browser.go(&users).await;
    let first = "const menu = document.querySelector('td .menu'); menu.querySelector('summary').click();
        return new Promise((done) => setTimeout(() => done(menu.classList.contains('menu-up')), 200))";
    assert_eq!(run(&browser, first).await, json!(false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_two_lists_are_in_the_first_screen() {
    let (_folder, _server, browser, base) = start("miriam.okafor@riverside.example").await;
    let groups = format!("{base}/a/{}/user-groups", account(&browser).await);
    let lists =
        "return [...document.querySelectorAll('.dual [role=listbox]')].map((list) => list.getBoundingClientRect())
        .map(({ top, bottom }) => [Math.round(top), Math.round(Math.min(bottom, innerHeight) - top)])";
    window(&browser, 1280, 800).await;
    browser.go(&groups).await;
    let found = run(&browser, lists).await;
    for list in found.as_array().unwrap() {
        assert!(list[0].as_i64().unwrap() < 500 && list[1].as_i64().unwrap() > 270, "{found}");
    }
    window(&browser, 390, 844).await;
    browser.go(&groups).await;
    let found = run(&browser, lists).await;
    assert!(found[0][0].as_i64().unwrap() < 844, "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paper_has_a_letterhead_and_neither_frame_nor_drafts() {
    let (_folder, _server, browser, base) = start("ann.lee@riverside.example").await;
    let find = "const get = (path) => fetch('/api/v1' + path).then((answer) => answer.json());
        const done = arguments[arguments.length - 1];
        (async () => {
            const me = await get('/me');
            const group = me.accounts[0].groups[0].group.id;
            return [group, (await get(`/groups/${group}/clients`)).items[0].id];
        })().then(done, (error) => done(String(error)))";
    let found: Value = browser.driver.execute_async(find, vec![]).await.unwrap().convert().unwrap();
    let (group, client) =
        (found[0].as_str().unwrap_or_else(|| panic!("{found}")), found[1].as_str().unwrap());
    let draft = format!(
        "const done = arguments[arguments.length - 1];
         const send = (path, body) => fetch('/api/v1' + path, {{ method: 'POST', body: JSON.stringify(body),
             headers: {{ 'content-type': 'application/json' }} }}).then((answer) => answer.json());
         (async () => {{
             const released = await send('/clients/{client}/notes', {{ service_date: '2026-03-02', body: 'Released text.' }});
             await send(`/notes/${{released.id}}/release`, {{}});
             await send('/clients/{client}/notes', {{ service_date: '2026-03-02', body: 'Draft text.' }});
         }})().then(() => done('made'), (error) => done(String(error)))"
    );
    let made: Value = browser.driver.execute_async(draft, vec![]).await.unwrap().convert().unwrap();
    assert_eq!(made, "made");
    browser.go(&format!("{base}/g/{group}/clients/{client}/chart")).await;
    browser.sees("Draft text.").await;
    let media = json!({ "media": "print" });
    browser.driver.cdp().send_raw("Emulation.setEmulatedMedia", media).await.unwrap();
    let shown = "const shown = (selector) => [...document.querySelectorAll(selector)]
            .filter((each) => each.getClientRects().length).map((each) => each.textContent.trim());
        return { frame: shown('.topbar, .places, .crumbs, .footer, .btn').length,
                 head: shown('.print-head').length, texts: shown('.note-text'),
                 whole: getComputedStyle(document.querySelector('.card')).breakInside }";
    let found = run(&browser, shown).await;
    assert_eq!(
        (&found["frame"], &found["head"], &found["whole"]),
        (&json!(0), &json!(1), &json!("auto")),
        "{found}"
    );
    let texts = found["texts"].to_string();
    assert!(texts.contains("Released text.") && !texts.contains("Draft text."), "{found}");
    run(&browser, "document.documentElement.dataset.print = 'drafts'").await;
    let found = run(&browser, shown).await;
    assert!(found["texts"].to_string().contains("Draft text."), "{found}");
    browser.driver.cdp().send_raw("Emulation.setEmulatedMedia", json!({ "media": "" })).await.unwrap();
    browser.sees("Print with drafts").await;
    browser.is_accessible().await;
}
