//! Where one lands, and the page that switches between groups and accounts.

mod live;

use askama::Template;
use axum::response::Response;

use access::{AnyWorker, Anyone};
use kernel::error::Result;
use people::{
    accounts::{Belonging, belongings},
    invitations::{self, WaitingRow},
    sign_in,
};
use web::{
    May,
    cookies::Flash,
    page::{self, Frame, Here, go, go_with},
};

pub(crate) use live::live;

/// The best place for a person: where they would most likely go.
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
    let mine = may.read(async |tx, by| match by.actor() {
        Some(user) => Ok(Some((belongings(tx, user).await?, invitations::waiting(tx, user).await?))),
        None => Ok(None),
    });
    match mine.await? {
        Some((rows, waiting)) => land(&may, &rows, &waiting),
        None if sign_in::actions::untouched(&may.app().db).await? => go("/set-up"),
        None => go("/sign-in"),
    }
}

/// Goes to a person's best place, and offers the invitations that wait for them. Where they belong nowhere yet, the
/// best place is what they were invited to.
fn land(may: &May<Anyone>, rows: &[Belonging], waiting: &[WaitingRow]) -> Result<Response> {
    let offer = match waiting {
        // A message for the next page is not shown here, so it stays.
        [] => return go(&best_place(rows)),
        [only] => format!("/me/invitations/{}", only.id),
        _ => "/me/invitations".to_owned(),
    };
    if rows.is_empty() {
        return go(&offer);
    }
    if may.request().flash.is_some() {
        return go(&best_place(rows));
    }
    let flash = match waiting {
        [only] => Flash::done(format!("{} invited you to {}.", only.inviter, only.account_name))
            .link("View invitation", offer),
        _ => Flash::done(format!("You have {} invitations.", waiting.len())).link("View invitations", offer),
    };
    go_with(may, &best_place(rows), &flash)
}

#[derive(Template)]
#[template(path = "shell/templates/switch.html")]
struct SwitchPage {
    frame: Frame,
}

pub(crate) async fn switch(may: May<AnyWorker>) -> Result<Response> {
    let frame = may.read(async |tx, by| may.frame(tx, by.user(), Here::Nowhere).await).await?;
    let frame = frame.page(&may, "", [], "Switch account");
    page::ok(&may, &SwitchPage { frame })
}
