//! The dual list under a pointer: what was pressed first moves, no matter where the page and the list are scrolled to, and
//! nothing moves under the pointer between the two clicks.

use serde_json::{Value, json};
use thirtyfour::{By, Key};

use crate::{
    browser::{
        Browser,
        user_groups::{account, names, with_people},
    },
    crash::Running,
};

const PASSWORD: &str = "seven blue herons";

/// Builds the lists of a page anew, out of its boxes.
const BUILD: &str = "import(document.querySelector('script[src*=\"dual.js\"]').src + '?' + Math.random()).then(() => done());";

/// Of the rows that can be pressed where the page and its list are scrolled to: the first, the last, or one between;
/// its name, and a point on what can be seen of it.
const ROW: &str = "const [page, list, which] = arguments;
    const box = document.querySelector('[data-side=unassigned] [role=listbox]');
    scrollTo(0, page * (document.documentElement.scrollHeight - innerHeight));
    box.scrollTop = list;
    const found = [];
    for (const row of box.children) {
        const area = row.getBoundingClientRect(), frame = box.getBoundingClientRect();
        const top = Math.max(area.top, frame.top + 1, 0), bottom = Math.min(area.bottom, frame.bottom - 1, innerHeight);
        if (bottom - top < 3) continue;
        const [x, y] = [area.left + 40, (top + bottom) / 2];
        if (document.elementFromPoint(x, y)?.closest('[role=option]') !== row) continue;
        found.push({ name: row.querySelector('bdi').textContent, x, y });
    }
    return found[which === 'first' ? 0 : which === 'last' ? found.length - 1 : found.length >> 1] ?? null;";

/// Where everything is that may not move.
const PLACES: &str = "const box = document.querySelector('[data-side=unassigned] [role=listbox]');
    return [scrollX, scrollY, box.scrollTop, box.getBoundingClientRect().top, box.getBoundingClientRect().height]";

async fn run(browser: &Browser, script: &str, arguments: Vec<Value>) -> Value {
    browser.driver.execute(script, arguments).await.unwrap().convert().unwrap()
}

async fn window(browser: &Browser, width: u32, height: u32, mobile: bool) {
    let cdp = browser.driver.cdp();
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
    cdp.send_raw("Emulation.setDeviceMetricsOverride", metrics).await.unwrap();
    cdp.send_raw("Emulation.setTouchEmulationEnabled", json!({ "enabled": mobile })).await.unwrap();
}

/// One press and release of the left button; `count` as the browser counts the clicks of one double click.
async fn click(browser: &Browser, at: &Value, count: u32) {
    for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
        let event =
            json!({ "type": kind, "x": at["x"], "y": at["y"], "button": "left", "clickCount": count });
        browser.driver.cdp().send_raw("Input.dispatchMouseEvent", event).await.unwrap();
    }
}

async fn tap(browser: &Browser, at: &Value) {
    let cdp = browser.driver.cdp();
    let down = json!({ "type": "touchStart", "touchPoints": [{ "x": at["x"], "y": at["y"] }] });
    cdp.send_raw("Input.dispatchTouchEvent", down).await.unwrap();
    cdp.send_raw("Input.dispatchTouchEvent", json!({ "type": "touchEnd", "touchPoints": [] })).await.unwrap();
}

async fn all_back(browser: &Browser) {
    run(
        browser,
        "document.querySelector('[data-move=remove-all]').click(); document.activeElement.blur()",
        vec![],
    )
    .await;
    assert!(names(browser, "assigned").await.is_empty());
}

async fn start() -> (tempfile::TempDir, Running, Browser, String) {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = Browser::start().await;
    browser.sign_in(&base, "miriam.okafor@riverside.example", PASSWORD).await;
    let groups = format!("{base}/a/{}/user-groups", account(&browser).await);
    (folder, server, browser, groups)
}

async fn sixty(browser: &Browser, groups: &str) {
    browser.go(groups).await;
    browser.sees("Unassigned").await;
    browser.driver.execute_async(with_people(60) + BUILD, vec![]).await.unwrap();
    assert_eq!(names(browser, "unassigned").await.len(), 60);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_double_click_moves_what_was_pressed_first_wherever_everything_is_scrolled_to() {
    let (_folder, _server, browser, groups) = start().await;
    let mut pressed = 0;
    for (width, height) in [(1280, 800), (1366, 620), (390, 844)] {
        window(&browser, width, height, false).await;
        sixty(&browser, &groups).await;
        for page in [0.0, 0.5, 1.0] {
            for list in [0, 7, 333, 5_000] {
                for which in ["first", "middle", "last"] {
                    let at = run(&browser, ROW, vec![json!(page), json!(list), json!(which)]).await;
                    if at.is_null() {
                        continue;
                    }
                    let here = format!("{width}x{height} {page} {list} {which}: {at}");
                    let before = run(&browser, PLACES, vec![]).await;
                    click(&browser, &at, 1).await;
                    assert_eq!(run(&browser, PLACES, vec![]).await, before, "{here}");
                    click(&browser, &at, 2).await;
                    assert_eq!(json!(names(&browser, "assigned").await), json!([at["name"]]), "{here}");
                    pressed += 1;
                    all_back(&browser).await;
                }
            }
        }
    }
    assert!(pressed >= 50, "only {pressed} rows could be pressed");
}

/// The control: where something does scroll between the clicks, another row lies under the second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_scrolls_under_the_pointer_still_moves_what_was_pressed_first() {
    let (_folder, _server, browser, groups) = start().await;
    window(&browser, 1280, 800, false).await;
    sixty(&browser, &groups).await;
    let at = run(&browser, ROW, vec![json!(0), json!(100), json!("middle")]).await;
    click(&browser, &at, 1).await;
    let scroll = "document.querySelector('[data-side=unassigned] [role=listbox]').scrollTop += 72;
        return document.elementFromPoint(arguments[0], arguments[1]).closest('[role=option]').querySelector('bdi').textContent";
    let under = run(&browser, scroll, vec![at["x"].clone(), at["y"].clone()]).await;
    assert_ne!(under, at["name"], "the control shows nothing");
    click(&browser, &at, 2).await;
    assert_eq!(json!(names(&browser, "assigned").await), json!([at["name"]]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_double_tap_and_the_keyboard_move_one_too() {
    let (_folder, _server, browser, groups) = start().await;
    window(&browser, 390, 844, true).await;
    sixty(&browser, &groups).await;
    for (page, list, which) in [(0.5, 0, "first"), (1.0, 333, "last"), (0.5, 7, "middle")] {
        let at = run(&browser, ROW, vec![json!(page), json!(list), json!(which)]).await;
        if at.is_null() {
            continue;
        }
        let before = run(&browser, PLACES, vec![]).await;
        tap(&browser, &at).await;
        assert_eq!(run(&browser, PLACES, vec![]).await, before, "{at}");
        tap(&browser, &at).await;
        for _ in 0..20 {
            if !names(&browser, "assigned").await.is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(json!(names(&browser, "assigned").await), json!([at["name"]]), "{page} {list}");
        all_back(&browser).await;
    }
    window(&browser, 1280, 800, false).await;
    sixty(&browser, &groups).await;
    let list = browser.driver.find(By::Css("#members-unassigned-list")).await.unwrap();
    list.send_keys(Key::End + Key::Enter).await.unwrap();
    assert_eq!(names(&browser, "assigned").await, ["Person 59"]);
    list.send_keys(Key::Home + Key::Down + Key::Space + Key::Enter).await.unwrap();
    assert_eq!(names(&browser, "assigned").await.len(), 2);
}
