//! The product in a real browser, as its users live it, with the accessibility rules on every page.

mod clients;
mod design;
mod grid;
mod handouts;
mod lists;
mod main_job;
mod notes;
mod pages;
mod palette;
mod paper;
mod photos;
mod purchase;
mod requests;
mod second_factor;
mod shell;
mod user_groups;

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use thirtyfour::prelude::*;

/// A Chromium with its driver, in a process group of its own and a folder of its own; both end at drop.
pub struct Browser {
    pub driver: WebDriver,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver's children are in its process group: ending the driver alone would orphan them.
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.process.wait();
    }
}

const FLAGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1280,900",
];

impl Browser {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("TMPDIR", folder.path()).env("HOME", folder.path()).process_group(0);
        let mut process =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("chromedriver is there");
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = lines
            .filter_map(|line| {
                line.rsplit_once("on port ").map(|(_, port)| port.trim_end_matches('.').to_owned())
            })
            .find(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
            .expect("chromedriver says its port");
        let mut capabilities = DesiredCapabilities::chrome();
        for flag in FLAGS {
            capabilities.add_arg(flag).unwrap();
        }
        capabilities
            .add_arg(&format!("--user-data-dir={}", folder.path().join("profile").display()))
            .unwrap();
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await.unwrap();
        Self { driver, process, _folder: folder }
    }

    pub async fn go(&self, url: &str) {
        self.driver.goto(url).await.unwrap();
    }

    /// Light or dark, wide or as a phone.
    pub async fn look(&self, scheme: &str, width: u32) {
        let cdp = self.driver.cdp();
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme },
                                          { "name": "prefers-reduced-motion", "value": "reduce" }] });
        cdp.send_raw("Emulation.setEmulatedMedia", media).await.unwrap();
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600 });
        cdp.send_raw("Emulation.setDeviceMetricsOverride", metrics).await.unwrap();
    }

    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.driver.find(By::Css(format!("main [name='{name}']"))).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    pub async fn choose(&self, name: &str, label: &str) {
        let option =
            format!("//main//select[@name='{name}']/option[contains(normalize-space(.), '{label}')]");
        self.driver.find(By::XPath(option)).await.unwrap().click().await.unwrap();
    }

    /// Picks one of several radio buttons.
    pub async fn pick(&self, name: &str, value: &str) {
        let radio = By::Css(format!("main [type='radio'][name='{name}'][value='{value}']"));
        self.driver.find(radio).await.unwrap().click().await.unwrap();
    }

    /// Presses the button or link with these words.
    pub async fn press(&self, words: &str) {
        let path = format!("//*[self::button or self::a][contains(normalize-space(.), '{words}')]");
        for element in self.driver.find_all(By::XPath(path)).await.unwrap() {
            if element.is_displayed().await.unwrap() {
                element.scroll_into_view().await.unwrap();
                element.click().await.unwrap();
                return;
            }
        }
        panic!("no button says {words:?} on {}:\n{}", self.url().await, self.text().await);
    }

    /// Presses a key where the focus is.
    pub async fn press_key(&self, key: thirtyfour::Key) {
        self.driver.active_element().await.unwrap().send_keys(key).await.unwrap();
    }

    pub async fn url(&self) -> String {
        self.driver.current_url().await.unwrap().to_string()
    }

    pub async fn text(&self) -> String {
        self.driver.find(By::Tag("body")).await.unwrap().text().await.unwrap()
    }

    /// Waits until the page shows this text.
    pub async fn sees(&self, text: &str) {
        self.waits(text, |page| page.contains(text)).await;
    }

    pub async fn waits(&self, what: &str, done: impl Fn(&str) -> bool) {
        for _ in 0..150 {
            if let Ok(body) = self.driver.find(By::Tag("body")).await
                && let Ok(page) = body.text().await
                && done(&page)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{what:?} never came on {}:\n{}", self.url().await, self.text().await);
    }

    /// Holds the page against the accessibility rules: nothing may be found. Nor may it scroll sideways.
    pub async fn is_accessible(&self) {
        self.keeps_all_rules_but("").await;
    }

    /// As [`Self::is_accessible`], where the reader's own colors replace ours: the rule on contrast reads those that are
    /// replaced, so it has nothing to say.
    pub async fn is_accessible_in_forced_colors(&self) {
        self.keeps_all_rules_but("color-contrast").await;
    }

    async fn keeps_all_rules_but(&self, rule: &str) {
        let tools =
            std::env::var("TEST_TOOLS").expect("run scripts/test: it installs the accessibility rules");
        let rules = std::fs::read_to_string(PathBuf::from(tools).join("axe.min.js")).unwrap();
        self.driver.execute(rules, vec![]).await.unwrap();
        let run = "const done = arguments[arguments.length - 1]; \
            const rules = arguments[0] ? { [arguments[0]]: { enabled: false } } : {}; \
            axe.run(document, { rules, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }) \
            .then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' | ').slice(0, 400))), \
                  e => done([String(e)]));";
        let found: Vec<String> =
            self.driver.execute_async(run, vec![json!(rule)]).await.unwrap().convert().unwrap();
        assert_eq!(found, Vec::<String>::new(), "on {}", self.url().await);
        self.does_not_scroll_sideways().await;
    }

    /// Waits until what moves has come to rest, and names what sticks out if something then still does.
    async fn does_not_scroll_sideways(&self) {
        let sticking_out = "const room = document.documentElement.clientWidth; \
            if (document.documentElement.scrollWidth <= room + 1) return null; \
            const wide = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > room + 1); \
            return `${document.documentElement.scrollWidth} of ${room}: ` \
                + wide.map(e => e.outerHTML.slice(0, 120)).slice(0, 5).join(' | ')";
        let mut found = None;
        for _ in 0..20 {
            found =
                self.driver.execute(sticking_out, vec![]).await.unwrap().convert::<Option<String>>().unwrap();
            if found.is_none() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{} scrolls sideways: {}", self.url().await, found.unwrap_or_default());
    }

    /// The errors in the browser's console since the last look: broken assets, blocked scripts.
    pub async fn console(&self) -> Vec<String> {
        let entries: Value = self
            .driver
            .execute("return performance.getEntriesByType('resource').filter(r => r.responseStatus >= 400).map(r => r.name)", vec![])
            .await
            .unwrap()
            .convert()
            .unwrap();
        entries.as_array().unwrap().iter().map(|entry| entry.as_str().unwrap().to_owned()).collect()
    }

    /// Signs in, and waits for the page behind: going on before it has come would be overtaken by it.
    pub async fn sign_in(&self, base: &str, email: &str, password: &str) {
        self.go(&format!("{base}/sign-in")).await;
        self.fill("email", email).await;
        self.fill("password", password).await;
        self.press("Sign in").await;
        self.waits("signed in", |page| !page.contains("Forgot password")).await;
    }
}
