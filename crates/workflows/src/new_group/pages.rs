//! The pages of making a group.

use askama::Template;
use axum::response::Response;

use access::GroupMaker;
use kernel::{
    error::Result,
    id::{AccountId, GroupId},
};
use people::invitations::Outcome;
use web::{
    Form, May,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, crumb, go_with},
};

use crate::new_group::actions::{self, NewGroup};

#[derive(Template)]
#[template(path = "new_group/templates/new.html")]
struct NewPage {
    frame: Frame,
    account: AccountId,
    entry: Entry,
}

async fn new_page(may: &May<GroupMaker>, entry: Entry) -> Result<Response> {
    let load = async |tx: &_, by: &GroupMaker| {
        Ok((may.frame(tx, by.user(), Here::Account(by.account())).await?, by.account()))
    };
    let (frame, account) = may.read(load).await?;
    let between = [crumb("Groups", format!("/a/{account}/groups"))];
    let (frame, status) = (frame.page(may, "groups", between, "Create a group"), entry.status());
    page::show(may, status, &NewPage { frame, account, entry })
}

pub(crate) async fn new(may: May<GroupMaker>) -> Result<Response> {
    new_page(&may, Entry::default()).await
}

#[derive(Template)]
#[template(path = "new_group/templates/created.html")]
struct CreatedPage {
    frame: Frame,
    account: AccountId,
    group: GroupId,
    name: String,
    outcome: Outcome,
    link: String,
}

pub(crate) async fn create(may: May<GroupMaker>, form: Form) -> Result<Response> {
    let new = NewGroup {
        name: form.get("name").to_owned(),
        administrator_email: form.get("administrator_email").to_owned(),
        description: form.get("description").to_owned(),
    };
    let (site, shell, name) = (may.app().site.clone(), may.shell(), new.name.trim().to_owned());
    let made = may.write(async move |tx, by| {
        let (group, outcome) = actions::create(tx, by, &site, &new).await?;
        Ok((shell.frame(tx, by.user(), Here::Account(by.account())).await?, by.account(), group, outcome))
    });
    let (frame, account, group, outcome) = match made.await {
        Ok(made) => made,
        Err(error) => return new_page(&may, Entry::again(form, error)?).await,
    };
    if let Some(outcome) = outcome {
        if let Some(link) = outcome.link.clone() {
            let between = [crumb("Groups", format!("/a/{account}/groups"))];
            let frame = frame.page(&may, "groups", between, "Group created");
            return page::ok(&may, &CreatedPage { frame, account, group, name, outcome, link });
        }
        let told = format!("“{name}” was created. {}: {}", outcome.email, outcome.detail);
        return go_with(&may, &format!("/g/{group}"), &Flash::done(told));
    }
    go_with(&may, &format!("/g/{group}"), &Flash::done(format!("“{name}” was created.")))
}
