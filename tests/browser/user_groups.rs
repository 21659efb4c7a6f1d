//! User groups as administrators make them: the dual list by mouse and keyboard, everything staged until Save,
//! a colleague who saves meanwhile, and leaving with unsaved work.

use serde_json::{Value, json};
use thirtyfour::{By, Key, WebElement};

use crate::{browser::Browser, crash::Running};

const PASSWORD: &str = "seven blue herons";

async fn element(browser: &Browser, selector: &str) -> WebElement {
    browser.driver.find(By::Css(selector)).await.unwrap_or_else(|_| panic!("{selector} is missing"))
}

async fn click(browser: &Browser, selector: &str) {
    let element = element(browser, selector).await;
    element.scroll_into_view().await.unwrap();
    element.click().await.unwrap();
}

/// The names in one of the lists.
pub(super) async fn names(browser: &Browser, side: &str) -> Vec<String> {
    let read = format!(
        "return [...document.querySelectorAll('[data-side={side}] [role=option]')]
            .map(option => option.querySelector('bdi').textContent)"
    );
    browser.driver.execute(read, vec![]).await.unwrap().convert().unwrap()
}

async fn option(browser: &Browser, side: &str, name: &str) -> WebElement {
    let path = format!("//*[@data-side='{side}']//*[@role='option'][bdi='{name}']");
    let found = browser.driver.find(By::XPath(path)).await;
    found.unwrap_or_else(|_| panic!("{name} is not {side}"))
}

/// The value of an expression in the page, with the API at hand as its user has it.
async fn ask(browser: &Browser, script: &str) -> Value {
    let call = format!(
        "const done = arguments[arguments.length - 1];
         const api = (method, path, body) => fetch('/api/v1' + path, {{ method, body: body && JSON.stringify(body),
             headers: {{ 'content-type': 'application/json' }} }}).then(async (answer) => {{
                 const text = await answer.text(); return text ? JSON.parse(text) : answer.status; }});
         (async () => {{ {script} }})().then(done, (error) => done(String(error)));"
    );
    browser.driver.execute_async(call, vec![]).await.unwrap().convert().unwrap()
}

pub(super) async fn account(browser: &Browser) -> String {
    let found = ask(browser, "return (await api('GET', '/me')).accounts[0].account").await;
    let id = found.as_str().or_else(|| found["id"].as_str());
    id.unwrap_or_else(|| panic!("{found}")).to_owned()
}

async fn announced(browser: &Browser) -> String {
    element(browser, "#announce").await.prop("textContent").await.unwrap().unwrap()
}

/// Whether the browser would ask before the window is closed.
async fn would_ask(browser: &Browser) -> bool {
    let asks = "const e = new Event('beforeunload', { cancelable: true }); dispatchEvent(e);
                return e.defaultPrevented";
    browser.driver.execute(asks, vec![]).await.unwrap().convert().unwrap()
}

/// A name that exists says so, and Edit name renames.
async fn renames(browser: &Browser, groups: &str, own: &str) {
    browser.go(groups).await;
    browser.fill("name", "front DESK crew").await;
    browser.press("Save").await;
    browser.sees("To edit it, choose it from the list.").await;
    browser.is_accessible().await;
    browser.choose("group", "Front desk crew").await;
    browser.sees("Leave without saving?").await;
    browser.press("Leave without saving").await;
    browser.sees("Delete user group").await;
    assert_eq!(browser.url().await, own);
    // Without Edit name, another name is asked about.
    browser.fill("name", "Reception").await;
    browser.press("Save").await;
    browser.sees("You typed another name").await;
    browser.is_accessible().await;
    browser.look("dark", 390).await;
    browser.is_accessible().await;
    browser.look("light", 1280).await;
    browser.press("Rename “Front desk crew” to “Reception”").await;
    browser.sees("“Reception” was saved").await;
}

/// A colleague saves meanwhile: the work is kept, and the page says what changed. Gives who is in it then.
async fn saves_after_a_colleague(browser: &Browser, own: &str, staged: &[String]) -> Vec<String> {
    let id = own.rsplit('/').next().unwrap();
    let theirs = format!(
        "const it = await api('GET', '/user-groups/{id}');
         return await api('PUT', '/user-groups/{id}', {{ name: it.name, description: it.description, active: true,
             default: true, privileges: it.privileges, members: it.members.slice(1).map(each => each.id) }})"
    );
    assert_eq!(ask(browser, &theirs).await["default"], json!(true));
    let mine = names(browser, "unassigned").await[0].clone();
    let one = option(browser, "unassigned", &mine).await;
    browser.driver.action_chain().double_click_element(&one).perform().await.unwrap();
    browser.press("Save").await;
    browser.sees("Someone saved this user group while you worked on it").await;
    browser.sees(&format!("Removed: {}.", staged[0])).await;
    browser.sees("It is now the default.").await;
    browser.is_accessible().await;
    let merged = names(browser, "assigned").await;
    assert!(merged.contains(&mine) && !merged.contains(&staged[0]), "{merged:?}");
    assert!(would_ask(browser).await, "what was refused is still unsaved");
    browser.look("dark", 390).await;
    browser.is_accessible().await;
    browser.look("light", 1280).await;
    browser.press("Save").await;
    browser.sees("“Reception” was saved").await;
    assert_eq!(names(browser, "assigned").await, merged);
    merged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_fills_a_user_group_by_mouse_and_keyboard() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = Browser::start().await;
    browser.sign_in(&base, "miriam.okafor@riverside.example", PASSWORD).await;
    let account = account(&browser).await;
    let groups = format!("{base}/a/{account}/user-groups");
    browser.go(&groups).await;
    browser.sees("Unassigned").await;
    browser.is_accessible().await;
    let everybody = names(&browser, "unassigned").await;
    assert!(everybody.len() > 5 && names(&browser, "assigned").await.is_empty(), "{everybody:?}");

    // A double click moves one, and keeps the alphabet.
    browser.fill("name", "Front desk crew").await;
    let one = option(&browser, "unassigned", &everybody[3]).await;
    one.scroll_into_view().await.unwrap();
    browser.driver.action_chain().double_click_element(&one).perform().await.unwrap();
    assert_eq!(names(&browser, "assigned").await, [everybody[3].clone()]);
    assert!(announced(&browser).await.contains(&format!("Added {}. 1 person assigned.", everybody[3])));
    browser.sees("Not saved yet").await;

    // By keyboard: two by Shift, one by typing its beginning, Enter moves.
    let list = element(&browser, "#members-unassigned-list").await;
    list.send_keys(Key::Home).await.unwrap();
    list.send_keys(Key::Shift + Key::Down).await.unwrap();
    browser.is_accessible().await;
    list.send_keys(Key::Enter).await.unwrap();
    let mut assigned = vec![everybody[0].clone(), everybody[1].clone(), everybody[3].clone()];
    assert_eq!(names(&browser, "assigned").await, assigned);
    let last = everybody.last().unwrap();
    let first_word = last.split(' ').next().unwrap().to_lowercase();
    list.send_keys(first_word.as_str()).await.unwrap();
    list.send_keys(Key::Enter).await.unwrap();
    assert_eq!(names(&browser, "assigned").await.len(), 4);
    // Ctrl+A and back.
    element(&browser, "#members-assigned-list").await.send_keys(Key::Control + "a").await.unwrap();
    browser.press("Remove").await;
    assert_eq!(names(&browser, "unassigned").await, everybody);

    // Several by Ctrl, then the button; a filter, and all that it shows.
    let chain = browser.driver.action_chain();
    let (first, third) = (
        option(&browser, "unassigned", &everybody[0]).await,
        option(&browser, "unassigned", &everybody[2]).await,
    );
    chain
        .click_element(&first)
        .key_down(Key::Control)
        .click_element(&third)
        .key_up(Key::Control)
        .perform()
        .await
        .unwrap();
    click(&browser, "[data-move=add]").await;
    assigned = vec![everybody[0].clone(), everybody[2].clone()];
    assert_eq!(names(&browser, "assigned").await, assigned);
    let filter = element(&browser, "[data-side=unassigned] input").await;
    filter.send_keys("ann").await.unwrap();
    let shown = names(&browser, "unassigned").await;
    assert!(!shown.is_empty() && shown.len() < everybody.len() - 2, "{shown:?}");
    browser.press(&format!("Add the {} shown", shown.len())).await;
    browser.is_accessible().await;
    let staged = names(&browser, "assigned").await;
    assert_eq!(staged.len(), 2 + shown.len());
    filter.send_keys(Key::Enter).await.unwrap();
    assert!(browser.url().await.ends_with("/user-groups"), "Enter in a filter sends nothing");

    // Leaving asks; staying keeps the work.
    assert!(would_ask(&browser).await);
    browser.driver.execute("scrollTo(0, 0)", vec![]).await.unwrap();
    click(&browser, ".places a[href$='/users']").await;
    browser.sees("Leave without saving?").await;
    browser.is_accessible().await;
    browser.press("Stay here").await;
    assert_eq!(names(&browser, "assigned").await, staged);

    // Saved in one go.
    click(&browser, "input[value='requests.send']").await;
    browser.press("Save").await;
    browser.sees("“Front desk crew” was created").await;
    let focus = "return document.activeElement.tagName";
    let focus: Value = browser.driver.execute(focus, vec![]).await.unwrap().convert().unwrap();
    assert_eq!(focus, "H1", "after something was created the focus is on its heading");
    assert_eq!(names(&browser, "assigned").await, staged);
    assert!(!would_ask(&browser).await, "nothing is staged after a save");
    browser.is_accessible().await;
    let own = browser.url().await;

    renames(&browser, &groups, &own).await;
    let merged = saves_after_a_colleague(&browser, &own, &staged).await;

    // Deleting asks, and says what it does.
    browser.press("Delete").await;
    browser.sees(&format!("{} people are in it.", merged.len())).await;
    browser.press("Delete user group").await;
    browser.sees("“Reception” was deleted.").await;
    browser.go(&format!("{base}/a/{account}/rights")).await;
    browser.sees("you are the account’s owner").await;
    browser.is_accessible().await;
    assert_eq!(browser.console().await, Vec::<String>::new());
}

/// The beginning of a script that puts this many people into the boxes of a page's dual list, whose lists are then built
/// anew by importing dual.js again; `done` says that the script has ended.
pub(super) fn with_people(many: usize) -> String {
    let digits = (many - 1).to_string().len();
    format!(
        "const done = arguments[arguments.length - 1];
        const fieldset = document.querySelector('[data-dual]');
        const label = fieldset.querySelector('.dual-boxes label');
        const boxes = document.createDocumentFragment();
        for (let n = 0; n < {many}; n += 1) {{
            const copy = label.cloneNode(true);
            copy.querySelector('bdi').textContent = 'Person ' + String(n).padStart({digits}, '0');
            copy.querySelector('input').value = 'usr_' + n;
            boxes.append(copy);
        }}
        fieldset.querySelector('.dual-boxes').replaceChildren(boxes);
        fieldset.querySelector('.dual-lists').remove();
        "
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_five_thousand_stays_quick() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    let base = format!("http://{}", server.address());
    let browser = Browser::start().await;
    browser.sign_in(&base, "miriam.okafor@riverside.example", PASSWORD).await;
    let account = account(&browser).await;
    browser.go(&format!("{base}/a/{account}/user-groups")).await;
    browser.sees("Unassigned").await;
    // The page as it would be with 5,000 people: the list is built anew out of so many boxes.
    let measure = "const frame = () => new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
        const timed = async (work) => { const from = performance.now(); await work(); await frame();
            return Math.round(performance.now() - from); };
        (async () => {
            const address = document.querySelector('script[src*=\"dual.js\"]').src;
            const built = await timed(() => import(address + '?again'));
            const count = () => document.querySelectorAll('[data-side=assigned] [role=option]').length;
            const all = await timed(() => document.querySelector('[data-move=add-all]').click());
            const moved = count();
            const input = document.querySelector('[data-side=assigned] input');
            input.value = '49';
            const filtered = await timed(() => input.dispatchEvent(new Event('input', { bubbles: true })));
            const left = count();
            const one = await timed(() => document.querySelector('[data-side=assigned] [role=option]')
                .dispatchEvent(new MouseEvent('dblclick', { bubbles: true })));
            return { built, all, moved, filtered, left, one };
        })().then(done, (error) => done(String(error)));";
    let script = format!("{}{measure}", with_people(5_000));
    let found: Value = browser.driver.execute_async(script, vec![]).await.unwrap().convert().unwrap();
    assert_eq!(found["moved"], 5_000, "{found}");
    assert!(found["left"].as_i64().unwrap() > 50, "{found}");
    println!("{found}");
    for (what, most) in [("built", 3_000), ("all", 1_500), ("filtered", 1_000), ("one", 500)] {
        assert!(found[what].as_i64().unwrap() < most, "{what}: {found}");
    }
}
