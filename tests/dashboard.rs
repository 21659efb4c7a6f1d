//! What the pages of the admin dashboard do, beyond who may open them.

use axum::http::{StatusCode, header};
use kernel::clock::{DAY, MINUTE};
use serde_json::json;
use storage::sql;

use crate::support::{As, Client, Engine, Reply, Server, World};

/// A practice on a trial of so many licenses.
async fn practice(licenses: u32) -> World {
    let server =
        Server::with(Engine::Sqlite, |config| (config.trial_licenses, config.trial_days) = (licenses, 30));
    let world = World::on(server.await).await;
    // Every purchase mails its invoice; letters.rs reads them.
    world.server.leave_mail();
    world
}

fn leads_to(reply: &Reply) -> &str {
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text);
    reply.headers[header::LOCATION].to_str().unwrap()
}

/// Makes a quote by the form, and gives its page.
async fn quote(owner: &Client, world: &World, licenses: &str) -> String {
    let wish = [("plan", "pro"), ("billed", "month"), ("licenses", licenses)];
    leads_to(&owner.form(&format!("/a/{}/licenses", world.account), &wish).await).to_owned()
}

async fn buy(owner: &Client, world: &World, licenses: &str) -> String {
    let page = quote(owner, world, licenses).await;
    leads_to(&owner.form(&format!("{page}/purchase"), &[("accept_terms", "yes")]).await);
    page
}

#[tokio::test]
async fn without_a_script_the_server_writes_the_same_sum_and_charges_it_once() {
    let world = practice(10).await;
    let owner = world.client(As::Owner).await;
    let shown = owner.get(&format!("/a/{}/licenses?plan=pro&billed=month&licenses=6", world.account)).await;
    for part in ["5 × $45.00", "1 × $39.00", "$264.00"] {
        assert!(shown.text.contains(part), "{part}");
    }
    let page = quote(&owner, &world, "6").await;
    let refused = owner.form(&format!("{page}/purchase"), &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("accept_terms-error"));
    for _ in 0..3 {
        let bought = owner.form(&format!("{page}/purchase"), &[("accept_terms", "yes")]).await;
        assert_eq!(leads_to(&bought), page);
    }
    let done = owner.get(&page).await;
    assert!(done.text.contains("Thank you") && done.text.contains("/invoices/ivc_"));
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM invoices")).await, 1);
    assert_eq!(world.server.count(sql!("SELECT total FROM invoices")).await, 26_400);
}

#[tokio::test]
async fn a_price_that_is_over_is_not_charged_and_leads_to_the_new_one() {
    let world = practice(10).await;
    let owner = world.client(As::Owner).await;
    let page = quote(&owner, &world, "6").await;
    world.server.clock.advance(16 * MINUTE);
    let late = owner.form(&format!("{page}/purchase"), &[("accept_terms", "yes")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("See current price") && late.text.contains("licenses=6"));
    assert_eq!(world.server.count(sql!("SELECT count(*) FROM invoices")).await, 0);
}

#[tokio::test]
async fn what_is_wrong_with_a_wish_stands_beside_it() {
    let world = practice(10).await;
    let owner = world.client(As::Owner).await;
    let path = format!("/a/{}/licenses", world.account);
    for (licenses, why) in
        [("four", "whole number"), ("3", "used or reserved"), ("99", "up to 20 licenses here")]
    {
        let refused = owner.form(&path, &[("licenses", licenses)]).await;
        assert!(
            refused.status.is_client_error() && refused.text.contains(why),
            "{licenses}: {}",
            refused.text
        );
        assert!(refused.text.contains(&format!("value=\"{licenses}\"")), "what was typed stays");
    }
}

#[tokio::test]
async fn fewer_licenses_begin_with_the_renewal_and_can_be_taken_back() {
    let world = practice(10).await;
    let owner = world.client(As::Owner).await;
    buy(&owner, &world, "8").await;
    let page = buy(&owner, &world, "6").await;
    assert!(owner.get(&page).await.text.contains("Change scheduled"));
    let path = format!("/a/{}/subscription", world.account);
    let planned = owner.get(&path).await.text;
    assert!(planned.contains("6 licenses, Pro, for $264.00 a month"), "{planned}");
    leads_to(&owner.form(&format!("{path}/keep"), &[]).await);
    assert!(!owner.get(&path).await.text.contains("Undo"));
    let asked = owner.form(&format!("{path}/cancel"), &[("when", "now")]).await;
    assert!(asked.text.contains("becomes read-only now"), "without a script it asks first");
    leads_to(&owner.form(&format!("{path}/cancel"), &[("when", "now"), ("confirm", "yes")]).await);
    let ended = owner.get(&path).await.text;
    assert!(ended.contains("so this account is read-only") && ended.contains("Credit note"));
}

#[tokio::test]
async fn an_invoice_is_shown_printed_and_paid() {
    let world = practice(10).await;
    let owner = world.client(As::Owner).await;
    let bought = buy(&owner, &world, "6").await;
    let text = owner.get(&bought).await.text;
    let at = text.find("/invoices/ivc_").unwrap();
    let path = text[at..].split('"').next().unwrap();
    let pdf = owner.get(&format!("{path}.pdf")).await;
    assert_eq!(pdf.headers[header::CONTENT_TYPE], "application/pdf");
    assert_eq!(pdf.headers[header::CONTENT_DISPOSITION], "inline; filename=\"invoice-2026-00001.pdf\"");
    assert_eq!(owner.get(&format!("/api/v1{path}.pdf")).await.text, pdf.text);
    let too_much = owner.form(&format!("{path}/payments"), &[("amount", "264.01")]).await;
    assert!(too_much.text.contains("from $0.01 to $264.00") && too_much.text.contains("value=\"264.01\""));
    leads_to(&owner.form(&format!("{path}/payments"), &[("amount", "200"), ("note", "First")]).await);
    assert_eq!(crate::billing::confirm_reported(&world.server).await, 1);
    assert!(owner.get(path).await.text.contains("value=\"64.00\""), "the rest is proposed");
    leads_to(&owner.form(&format!("{path}/payments"), &[("amount", "64")]).await);
    assert_eq!(crate::billing::confirm_reported(&world.server).await, 1);
    let paid = owner.get(path).await.text;
    assert!(paid.contains("Paid on") && !paid.contains("Report a payment"));
    let trail = owner.get(&format!("/a/{}/activity", world.account)).await.text;
    for told in ["Recorded a payment of $200.00", "Bought 6 licenses (Pro) for $264.00"] {
        assert!(trail.contains(told), "{told}");
    }
}

#[tokio::test]
async fn without_a_free_license_the_pages_say_so_and_offer_one() {
    let world = practice(5).await;
    let owner = world.client(As::Owner).await;
    let invite = format!("/a/{}/invite", world.account);
    let page = owner.get(&invite).await.text;
    assert!(page.contains("All 5 licenses are used") && page.contains("Add a license"), "{page}");
    assert!(page.contains("The support-staff seat is used, or reserved"));
    let sent = owner.form(&invite, &[("emails", "new@x.test"), ("role", "member")]).await.text;
    assert!(sent.contains("No license") && sent.contains("Add licenses"));
    // A person who manages only a group is told whom to ask.
    let group = world.client(As::GroupAdmin).await.get(&format!("/g/{}/invite", world.group)).await.text;
    assert!(group.contains("Ask an administrator of the account") && !group.contains("/licenses\""));
    // Support staff take no license; as a member they would need one.
    let role = format!("/a/{}/users/{}/role", world.account, world.support);
    let refused = owner.form(&role, &[("role", "member"), ("back", "dashboard")]).await;
    assert!(leads_to(&refused).ends_with("/dashboard"));
    let message = refused.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(message.contains("Add%20a%20license"), "{message}");
}

#[tokio::test]
async fn the_dashboard_shows_who_takes_each_license_and_changes_the_name() {
    let world = practice(10).await;
    let owner = world.client(As::Owner).await;
    let path = format!("/a/{}/dashboard", world.account);
    let page = owner.get(&path).await.text;
    for part in [
        "5 of 10 licenses are available",
        "Since",
        "March 2, 2026",
        "Needs none",
        "Licenses over time",
        "Alder Creek",
    ] {
        assert!(page.contains(part), "{part}");
    }
    leads_to(&owner.form(&path, &[("name", "Riverside <Partners>"), ("version", "1")]).await);
    assert!(owner.get(&path).await.text.contains("Riverside &#60;Partners&#62;"));
    let stale = owner.form(&path, &[("name", "Mine"), ("version", "1")]).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert!(stale.text.contains("value=\"Mine\""), "what was typed stays");
}

#[tokio::test]
async fn of_two_editors_of_the_letter_the_second_keeps_what_they_typed() {
    let world = practice(10).await;
    let (owner, other) = (world.client(As::Owner).await, world.client(As::Administrator).await);
    let path = format!("/a/{}/introduce", world.account);
    let letter = |body| [("do", "save"), ("subject", "Hello"), ("body", body), ("version", "0")];
    leads_to(&owner.form(&path, &letter("Theirs, {name}")).await);
    let stale = other.form(&path, &letter("Mine, {name}")).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert!(stale.text.contains("Mine, {name}") && stale.text.contains("Theirs, {name}"));
    let wrong = other.form(&path, &[("do", "preview"), ("subject", "Hi"), ("body", "Hi {nmae}")]).await;
    assert!(wrong.text.contains("{nmae} isn’t a placeholder"));
    let preview = [
        ("do", "preview"),
        ("subject", "At {practice}"),
        ("body", "Hi {name}"),
        ("emails", "member@riverside.test"),
    ];
    let seen = other.form(&path, &preview).await;
    assert!(
        seen.status.is_success() && seen.text.contains("At Riverside") && seen.text.contains("Hi member")
    );
}

#[tokio::test]
async fn the_letter_goes_to_those_who_are_ticked_as_it_stands_in_the_form() {
    let world = practice(10).await;
    let owner = world.client(As::Owner).await;
    let path = format!("/a/{}/introduce", world.account);
    let nobody = [("subject", "Hello"), ("body", "Hi {name}"), ("version", "0")];
    let refused = owner.form(&format!("{path}/send"), &nobody).await;
    assert!(refused.text.contains("Select at least one person"));
    let mut some = nobody.to_vec();
    some.extend([("emails", "member@riverside.test"), ("emails", "support@riverside.test")]);
    leads_to(&owner.form(&format!("{path}/send"), &some).await);
    let letters = world.server.mail().await;
    assert_eq!(letters.iter().filter(|letter| letter.contains("Hello")).count(), 2);
    assert!(letters.iter().any(|letter| letter.contains("Hi member")));
}

#[tokio::test]
async fn pages_say_how_the_subscription_stands_to_whom_it_concerns() {
    let world = practice(10).await;
    let (owner, member) = (world.client(As::Owner).await, world.client(As::Member).await);
    let home = format!("/g/{}", world.group);
    let banner = async |client: &Client| {
        let text = client.get(&home).await.text;
        text.split("About the subscription")
            .nth(1)
            .map(|rest| rest.split("</section>").next().unwrap().to_owned())
    };
    assert_eq!((banner(&owner).await, banner(&member).await), (None, None));
    let later = async |days: i64| {
        world.server.clock.advance(days * DAY);
        // Sessions don't last that long.
        (world.client(As::Owner).await, world.client(As::Member).await)
    };
    let (owner, member) = later(24).await;
    assert!(banner(&owner).await.unwrap().contains("Your trial ends on"));
    assert_eq!(banner(&member).await, None);
    let (owner, _) = later(7).await;
    assert!(banner(&owner).await.unwrap().contains("to keep working"));
    let (owner, member) = later(14).await;
    assert!(banner(&owner).await.unwrap().contains("Choose a plan"));
    let told = banner(&member).await.unwrap();
    assert!(told.contains("read-only for now") && !told.contains("Choose a plan"), "{told}");
}

#[tokio::test]
async fn the_terms_are_the_operators_own_where_there_is_a_file() {
    let world = practice(10).await;
    let ours = world.server.anonymous().get("/terms").await.text;
    assert!(ours.contains("Version 1") && ours.contains("How it ends"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("terms.md");
    std::fs::write(&file, "# Rules\n\nBe *kind*. <script>alert(1)</script>").unwrap();
    let server = Server::with(Engine::Sqlite, |config| config.terms_file = Some(file)).await;
    let theirs = server.anonymous().get("/terms").await.text;
    assert!(theirs.contains("<h2>Rules</h2>") && theirs.contains("<em>kind</em>"), "{theirs}");
    assert!(!theirs.contains("<script>alert"));
    assert!(server.anonymous().get("/guide").await.text.contains("For support staff"));
}

#[tokio::test]
async fn billing_details_are_saved_and_lead_back_to_the_purchase() {
    let world = practice(10).await;
    let owner = world.client(As::Owner).await;
    let page = quote(&owner, &world, "6").await;
    let path = format!("/a/{}/billing", world.account);
    assert!(owner.get(&format!("{path}?next={page}")).await.text.contains("Back to purchase"));
    let fields =
        [("name", "Mill & Co"), ("email", "books@mill.test"), ("version", "0"), ("next", page.as_str())];
    assert_eq!(leads_to(&owner.form(&path, &fields).await), page);
    assert!(owner.get(&page).await.text.contains("Mill &#38; Co"));
    let away = [("name", "Mill"), ("email", "books@mill.test"), ("version", "1"), ("next", "//evil.test")];
    assert_eq!(leads_to(&owner.form(&path, &away).await), path);
    let practice = [("practice", "1 Mill Lane"), ("version", "1")];
    leads_to(&owner.form(&format!("/a/{}/practice", world.account), &practice).await);
    let shown = owner.get(&format!("/api/v1/accounts/{}", world.account)).await.json;
    assert_eq!(shown["practice"], json!("1 Mill Lane"));
}
