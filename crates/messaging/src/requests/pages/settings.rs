//! The choice of emails about requests.

use askama::Template;
use axum::response::Response;

use crate::requests::{MailPreference, actions};
use access::AccountWorker;
use kernel::{
    error::{Error, Result},
    id::{Account, AccountId},
};
use web::{
    Form, May,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, crumb, go_with},
};

#[derive(Template)]
#[template(path = "requests/templates/settings.html")]
struct SettingsPage {
    frame: Frame,
    path: String,
    mail: MailPreference,
    entry: Entry,
}

async fn settings_page(may: &May<AccountWorker>, entry: Entry) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let (frame, mail) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            Ok((frame, actions::mail_preference(tx, by).await?))
        })
        .await?;
    let path = format!("/a/{account}/requests");
    let between = [crumb("Requests", path.clone())];
    let (frame, status) = (frame.page(may, "requests", between, "Email settings"), entry.status());
    page::show(may, status, &SettingsPage { frame, path, mail, entry })
}

pub(crate) async fn settings(may: May<AccountWorker>) -> Result<Response> {
    settings_page(&may, Entry::default()).await
}

pub(crate) async fn set_settings(may: May<AccountWorker>, form: Form) -> Result<Response> {
    let (account, mail) = (may.id::<Account>("account")?, MailPreference::read(form.get("mail")));
    let done = may.write(async move |tx, by| {
        let mail = mail.ok_or_else(|| Error::field("mail", "Choose one of the three options."))?;
        actions::set_mail_preference(tx, by, mail).await
    });
    match done.await {
        Ok(_) => go_with(&may, &format!("/a/{account}/requests"), &Flash::done("Your choice was saved.")),
        Err(error) => settings_page(&may, Entry::again(form, error)?).await,
    }
}
