//! Where one lands, and the page that switches between groups and accounts.

use askama::Template;
use axum::response::Response;

use access::{AnyWorker, Anyone};
use kernel::error::Result;
use people::{
    accounts::{Belonging, belongings},
    sign_in,
};
use web::{
    May,
    page::{self, Frame, Here, go},
};

/// The best place for somebody: where they would most likely go.
fn best_place(rows: &[Belonging]) -> String {
    let mut groups = rows.iter().filter_map(|row| row.group);
    match (groups.next(), groups.next()) {
        (Some(only), None) => return format!("/g/{only}"),
        (Some(_), Some(_)) => return "/all/cases".to_owned(),
        _ => {}
    }
    if let Some(parent) = rows.iter().find(|row| row.role.manages()) {
        return format!("/a/{}/groups", parent.account);
    }
    let first = rows.first();
    first.map_or_else(
        || "/profile".to_owned(),
        |row| match row.role.works() {
            true => format!("/a/{}/requests", row.account),
            false => format!("/a/{}/handouts", row.account),
        },
    )
}

pub(crate) async fn home(may: May<Anyone>) -> Result<Response> {
    use access::Proof;
    let rows = may
        .read(async |tx, by| match by.actor() {
            Some(user) => belongings(tx, user).await.map(Some),
            None => Ok(None),
        })
        .await?;
    let path = match rows {
        Some(rows) => best_place(&rows),
        None if sign_in::actions::untouched(&may.app().db).await? => "/set-up".to_owned(),
        None => "/sign-in".to_owned(),
    };
    // A message for the next page is not shown here, so it stays.
    go(&path)
}

#[derive(Template)]
#[template(path = "shell/templates/switch.html")]
struct SwitchPage {
    frame: Frame,
}

pub(crate) async fn switch(may: May<AnyWorker>) -> Result<Response> {
    let frame = may.read(async |tx, by| may.frame(tx, by.user(), Here::Nowhere).await).await?;
    let frame = frame.page(&may, "", [], "Switch group");
    page::ok(&may, &SwitchPage { frame })
}
