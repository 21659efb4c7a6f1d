//! The pages of pictures.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::pictures::{
    months::{self, Year},
    sights::{self, Sights},
    timeline::{self, Timeline},
};
use access::{AccountAdmin, GroupReader};
use kernel::{
    error::{Error, Result},
    id::{AccountId, UserId},
};
use people::users;
use web::{
    May, Query, csv,
    page::{self, Frame, Here, crumb},
};

#[derive(Template)]
#[template(path = "pictures/templates/year.html")]
struct YearPage {
    frame: Frame,
    year: Year,
}

pub(crate) async fn year(may: May<GroupReader>) -> Result<Response> {
    let shell = may.shell();
    let (frame, months) = may
        .read_heavy(async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let months = months::year(tx, by, &frame.kit.zone).await?;
            Ok((frame, months))
        })
        .await?;
    let frame = frame.page(&may, "home", [], "Cases by month");
    page::ok(&may, &YearPage { frame, year: Year::new(&months) })
}

/// As what to show who sees what.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct SightQuery {
    /// `csv`, or nothing for the page.
    format: Option<String>,
}

#[derive(Template)]
#[template(path = "pictures/templates/sights.html")]
struct SightsPage {
    frame: Frame,
    account: AccountId,
    sights: Sights,
}

pub(crate) async fn who_sees_what(
    may: May<AccountAdmin>,
    Query(query): Query<SightQuery>,
) -> Result<Response> {
    let shell = may.shell();
    let (frame, account, sights) = may
        .read_heavy(async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Account(by.account())).await?;
            Ok((frame, by.account(), sights::load(tx, by).await?))
        })
        .await?;
    if query.format.as_deref() == Some("csv") {
        let lines = futures_util::stream::iter([Ok(sights.lines())]);
        return Ok(csv::download("who-sees-what.csv", &sights.headings(), lines).into_response());
    }
    let frame = frame.page(&may, "users", [], "Who sees what");
    page::ok(&may, &SightsPage { frame, account, sights })
}

#[derive(Template)]
#[template(path = "pictures/templates/access.html")]
struct AccessPage {
    frame: Frame,
    path: String,
    name: String,
    picture: Timeline,
}

pub(crate) async fn over_time(may: May<AccountAdmin>) -> Result<Response> {
    let (user, shell): (UserId, _) = (may.id("user")?, may.shell());
    let (frame, account, rows, name) = may
        .read_heavy(async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Account(by.account())).await?;
            let rows = timeline::periods(tx, by, user).await?;
            Ok((frame, by.account(), rows, users::user(tx, user).await?.name))
        })
        .await?;
    let picture = Timeline::new(&rows, &frame.account, &name, frame.kit.now, |at| frame.day(&at));
    let picture = picture.ok_or_else(Error::not_found)?;
    let between = [crumb("Users", format!("/a/{account}/users"))];
    let frame = frame.page(&may, "users", between, "Access over time");
    page::ok(&may, &AccessPage { frame, path: format!("/a/{account}/users/{user}"), name, picture })
}
