//! Second factors in a real browser, with a passkey of its own and with an app.

use serde_json::json;

use crate::{browser::Browser, crash::Running, support::authenticator};

const PASSWORD: &str = "seven blue herons";
const ANN: &str = "ann.lee@riverside.example";

/// Gives the browser a passkey that checks who holds it, as a laptop has one.
async fn with_authenticator(browser: &Browser) {
    let cdp = browser.driver.cdp();
    cdp.send_raw("WebAuthn.enable", json!({})).await.unwrap();
    let options = json!({ "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
                          "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true });
    cdp.send_raw("WebAuthn.addVirtualAuthenticator", json!({ "options": options })).await.unwrap();
}

async fn sign_out(browser: &Browser, base: &str) {
    browser.driver.delete_all_cookies().await.unwrap();
    browser.go(&format!("{base}/sign-in")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_passkey_is_set_up_used_lost_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start_with(folder.path(), &["--demo"]);
    // Passkeys need a name.
    let base = format!("http://localhost:{}", server.address().rsplit(':').next().unwrap());
    let browser = Browser::start().await;
    with_authenticator(&browser).await;
    browser.sign_in(&base, ANN, PASSWORD).await;
    browser.go(&format!("{base}/second-factor")).await;
    browser.sees("No second factor yet").await;
    browser.is_accessible().await;
    browser.press("Add a passkey").await;
    browser.sees("Give it a name").await;
    browser.is_accessible().await;
    browser.fill("name", "Work laptop").await;
    browser.press("Create passkey").await;
    browser.sees("Your recovery codes").await;
    browser.is_accessible().await;
    let page = browser.driver.source().await.unwrap();
    let codes = authenticator::recovery_codes(&page);
    assert_eq!(codes.len(), 10);
    browser.press("I saved them").await;
    browser.sees("Work laptop").await;
    browser.is_accessible().await;

    // With the password, and then alone.
    sign_out(&browser, &base).await;
    browser.fill("email", ANN).await;
    browser.fill("password", PASSWORD).await;
    browser.press("Sign in").await;
    browser.sees("Confirm your sign-in").await;
    browser.is_accessible().await;
    browser.press("Use your passkey").await;
    browser.waits("in", |page| !page.contains("Confirm your sign-in")).await;
    browser.go(&format!("{base}/profile")).await;
    browser.sees("recovery codes left").await;
    browser.is_accessible().await;
    sign_out(&browser, &base).await;
    browser.press("Sign in with a passkey").await;
    browser.waits("in", |page| !page.contains("passkey")).await;
    browser.go(&format!("{base}/profile")).await;
    browser.sees(ANN).await;

    // The laptop is lost: a recovery code is the way in.
    sign_out(&browser, &base).await;
    browser.fill("email", ANN).await;
    browser.fill("password", PASSWORD).await;
    browser.press("Sign in").await;
    browser.sees("Recovery code").await;
    browser.fill("code", &codes[0]).await;
    browser.driver.active_element().await.unwrap().send_keys(thirtyfour::Key::Enter).await.unwrap();
    browser.waits("in", |page| !page.contains("Confirm your sign-in")).await;
    browser.go(&format!("{base}/second-factor")).await;
    browser.sees("9 codes are left").await;
    browser.press("Set up an authenticator app").await;
    browser.sees("Scan this code").await;
    browser.is_accessible().await;
    for (scheme, width) in [("dark", 1280), ("light", 320)] {
        browser.look(scheme, width).await;
        browser.is_accessible().await;
    }
}
