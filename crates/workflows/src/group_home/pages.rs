//! The home page of a group.

use askama::Template;
use axum::response::Response;

use access::{GroupReader, may_add_groups, policy::Wish};
use care::cases::{self, CaseRow};
use kernel::{error::Result, id::UserId};
use people::{
    first_steps::{self, FirstSteps},
    groups::{self, GroupRow},
};
use web::{
    May,
    list::Heads,
    page::{self, Frame, Here},
};

/// How many of the newest cases the page shows.
const RECENT: i64 = 8;

#[derive(Template)]
#[template(path = "group_home/templates/home.html")]
#[allow(clippy::struct_excessive_bools, reason = "each says what one part of the page shows")]
struct HomePage {
    frame: Frame,
    group: GroupRow,
    closed: i64,
    cases: Vec<CaseRow>,
    /// None: they are always the newest first.
    list: Option<Heads>,
    manages: bool,
    adds_groups: bool,
    works: bool,
    from_parent: bool,
    me: UserId,
    first_steps: Option<FirstSteps>,
    /// Where the checklist's button leads back to.
    back: String,
}

pub(crate) async fn home(may: May<GroupReader>) -> Result<Response> {
    let page = may
        .read(async |tx, by| {
            let mut frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            frame.live = Some(format!("/g/{}/live", by.group()));
            let group = groups::show(tx, by).await?;
            // From the parent account a look at cases is noted, so it is asked for on their own page.
            let cases = match by.from_parent() {
                true => Vec::new(),
                false => cases::actions::list(tx, by, &cases::Filter::default(), RECENT).await?,
            };
            let first_steps = match frame.first_steps {
                true => Some(first_steps::of(tx, by.account(), by.user(), frame.kit.sells).await?),
                false => None,
            };
            Ok(HomePage {
                frame: frame.page(&may, "home", [], group.name.clone()),
                closed: group.cases - group.open_cases,
                group,
                cases: cases.into_iter().take(usize::try_from(RECENT).unwrap_or_default()).collect(),
                list: None,
                manages: by.may(Wish::Manage),
                adds_groups: may_add_groups(tx, by.account(), by.user(), by.role()).await?,
                works: by.may(Wish::Work),
                from_parent: by.from_parent(),
                me: by.user(),
                first_steps,
                back: format!("/g/{}", by.group()),
            })
        })
        .await?;
    page::ok(&may, &page)
}
