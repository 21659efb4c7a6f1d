//! The page *Practice and billing details*: what the practice says of itself, and to whom invoices go.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use crate::{
    details::{self, Details},
    paths,
};
use access::AccountAdmin;
use kernel::{
    error::{Error, Result},
    id::AccountId,
};
use people::accounts::{actions as accounts, actions::Settings};
use storage::ExpectedVersion;
use web::{
    Form, May, Query,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, crumb, go_with, own_path},
};

#[derive(Template)]
#[template(path = "details/templates/details.html")]
struct DetailsPage {
    frame: Frame,
    tab: &'static str,
    account: AccountId,
    practice: Entry,
    practice_version: i64,
    billing: Entry,
    version: i64,
    next: String,
}

/// Where to go on to once the details are saved.
#[derive(serde::Deserialize, utoipa::IntoParams)]
pub(crate) struct NextQuery {
    next: Option<String>,
}

async fn details_page(
    may: &May<AccountAdmin>,
    practice: Option<Entry>,
    billing: Option<Entry>,
    next: &str,
) -> Result<Response> {
    let (frame, shown, details) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            Ok((frame, accounts::show(tx, by).await?, details::show(tx, by).await?))
        })
        .await?;
    let status = practice.as_ref().or(billing.as_ref()).map_or(StatusCode::OK, Entry::status);
    let Details { name, address, email, tax_id, version } = details;
    let between = [crumb("Admin dashboard", format!("/a/{}/dashboard", shown.id))];
    let page = DetailsPage {
        frame: frame.page(may, "dashboard", between, "Details"),
        tab: "details",
        account: shown.id,
        practice: practice.unwrap_or_else(|| Entry::of(&[("practice", &shown.practice)])),
        practice_version: shown.version,
        billing: billing.unwrap_or_else(|| {
            Entry::of(&[("name", &name), ("address", &address), ("email", &email), ("tax_id", &tax_id)])
        }),
        version,
        next: own_path(next).unwrap_or_default().to_owned(),
    };
    page::show(may, status, &page)
}

pub(crate) async fn show(may: May<AccountAdmin>, Query(query): Query<NextQuery>) -> Result<Response> {
    details_page(&may, None, None, query.next.as_deref().unwrap_or_default()).await
}

pub(crate) async fn change_practice(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let input = Settings { practice: Some(form.get("practice").to_owned()), ..Settings::default() };
    let seen = ExpectedVersion::of(form.get("version").parse().ok());
    match may.write(async move |tx, by| accounts::change(tx, by, &input, seen).await).await {
        Ok(row) => {
            let told = Flash::done("Practice details saved.");
            let sells = may.app().config.sells();
            go_with(&may, &if sells { paths::details(row.id) } else { paths::practice(row.id) }, &told)
        }
        Err(error) => details_page(&may, Some(Entry::again(form, error)?), None, "").await,
    }
}

pub(crate) async fn change(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let text = |name: &str| form.get(name).to_owned();
    let new = Details {
        name: text("name"),
        address: text("address"),
        email: text("email"),
        tax_id: text("tax_id"),
        version: form.get("version").parse().map_err(|_| Error::stale())?,
    };
    let next = text("next");
    match may.write(async move |tx, by| details::change(tx, by, &new).await).await {
        Ok(()) => {
            let own = paths::details(account);
            let to = own_path(&next).unwrap_or(&own);
            let told = Flash::done("Billing details saved. New invoices will show them.");
            go_with(&may, to, &told)
        }
        Err(error) => details_page(&may, None, Some(Entry::again(form, error)?), &next).await,
    }
}
