//! Buying licenses: the price follows the slider, and what was shown is charged, once.

use thirtyfour::{By, Key};

use crate::{browser::Browser, crash::Running};

const OWNER: &str = "eleven gray wagtails";

async fn element(browser: &Browser, selector: &str) -> thirtyfour::WebElement {
    browser.driver.find(By::Css(selector)).await.unwrap_or_else(|_| panic!("{selector} is missing"))
}

/// The amount that the page says is charged now; nothing while it says none.
async fn due(browser: &Browser) -> String {
    match browser.driver.find(By::Css("[data-sum-due]")).await {
        Ok(amount) => amount.text().await.unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// Waits until the page says that this is charged now.
async fn costs(browser: &Browser, amount: &str) {
    for _ in 0..100 {
        if due(browser).await == amount {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{amount} never came, it is {}", due(browser).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_price_follows_the_slider_and_is_charged_once_however_often_one_presses() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path());
    let made = server.set_up();
    let (base, account) = (format!("http://{}", server.address()), made["account"].as_str().unwrap());
    let browser = Browser::start().await;
    browser.sign_in(&base, "owner@x.test", OWNER).await;
    browser.sees("Alder Creek").await;

    // The slider, the number and the sum keep step.
    browser.go(&format!("{base}/a/{account}/licenses")).await;
    costs(&browser, "$90.00").await;
    let slider = element(&browser, "[data-range]").await;
    for _ in 0..4 {
        slider.send_keys(Key::Right).await.unwrap();
    }
    costs(&browser, "$264.00").await;
    assert_eq!(element(&browser, "#licenses").await.prop("value").await.unwrap().as_deref(), Some("6"));
    browser.sees("5 × $45.00").await;
    browser.sees("1 × $39.00").await;
    let standard = element(&browser, "input[value='standard']").await;
    standard.scroll_into_view().await.unwrap();
    standard.click().await.unwrap();
    costs(&browser, "$170.00").await;
    browser.fill("licenses", "500").await;
    browser.sees("up to 20 licenses").await;
    browser.fill("licenses", "3").await;
    costs(&browser, "$87.00").await;
    assert_eq!(slider.prop("value").await.unwrap().as_deref(), Some("3"));
    browser.is_accessible().await;

    // The next page holds exactly that price.
    browser.press("Review purchase").await;
    browser.sees("This price is valid until").await;
    assert_eq!(due(&browser).await, "$87.00");
    browser.is_accessible().await;
    browser.look("dark", 390).await;
    browser.is_accessible().await;
    browser.look("light", 1280).await;
    element(&browser, "#accept_terms").await.click().await.unwrap();
    let confirm = element(&browser, "form[action$='/purchase'] button").await;
    confirm.scroll_into_view().await.unwrap();
    browser.driver.action_chain().double_click_element(&confirm).perform().await.unwrap();
    browser.sees("Thank you").await;
    browser.is_accessible().await;
    let bought = browser.url().await;

    // One invoice of that amount, and pressing again later changes nothing.
    let client = format!(
        "const body = new URLSearchParams({{ accept_terms: 'yes' }}); \
         return fetch('{bought}/purchase', {{ method: 'POST', body }}).then(answer => answer.status)"
    );
    browser.driver.execute(client, vec![]).await.unwrap();
    browser.go(&format!("{base}/a/{account}/subscription")).await;
    let invoices = browser.driver.find_all(By::Css("#invoices tbody tr")).await.unwrap();
    assert_eq!(invoices.len(), 1);
    assert!(invoices[0].text().await.unwrap().contains("$87.00"));
    browser.press(&invoices[0].find(By::Css("a")).await.unwrap().text().await.unwrap()).await;
    browser.sees("Report a payment").await;
    browser.sees("3 × $29.00").await;
    browser.is_accessible().await;
    browser.press("Report payment").await;
    browser.sees("The invoice counts as paid when").await;
    assert_eq!(browser.console().await, Vec::<String>::new());
}
