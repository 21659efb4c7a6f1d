//! What was sent, and revoking it.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::{ROWS, library};
use crate::handouts::{ShareRow, actions};
use access::AccountMember;
use kernel::{
    error::Result,
    id::{AccountId, HandoutShareId},
};
use storage::list::Listing;
use web::{
    Form, May, Page, Query,
    cookies::Flash,
    page::{self, Frame, Here, confirm, settle},
    parts::Pager,
};

/// Where the log begins.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct SentQuery {
    cursor: Option<String>,
}

/// A share with its state in a word.
struct Sent {
    row: ShareRow,
    kind: &'static str,
    word: &'static str,
    revocable: bool,
}

#[derive(Template)]
#[template(path = "handouts/templates/sent.html")]
struct SentPage {
    frame: Frame,
    path: String,
    library: String,
    manages: bool,
    rows: Vec<Sent>,
    pager: Pager,
}

pub(crate) async fn sent(may: May<AccountMember>, Query(query): Query<SentQuery>) -> Result<Response> {
    let listing = Listing::from_cursor(query.cursor.as_deref())?;
    let (frame, account, rows, manages) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            let rows = actions::shares(tx, by, &listing, ROWS).await?;
            Ok((frame, by.account(), rows, by.role().manages()))
        })
        .await?;
    let (path, now) = (may.request().path.clone(), frame.now);
    let rows = Page::cut(rows, ROWS, |row| row.id.to_string());
    let pager = Pager::new(&path, &[], query.cursor.as_deref(), rows.next_cursor.as_deref());
    let sent = rows.items.into_iter().map(|row| {
        let (kind, word) = match (row.revoked_at, row.expires_at <= now) {
            (Some(_), _) => ("removed", "Revoked"),
            (None, true) => ("expired", "Expired"),
            (None, false) => ("active", "Active"),
        };
        Sent { revocable: kind == "active", row, kind, word }
    });
    let page = SentPage {
        frame: frame.page(&may, "handouts", [library(account)], "Sent"),
        library: format!("/a/{account}/handouts"),
        path,
        manages,
        rows: sent.collect(),
        pager,
    };
    page::ok(&may, &page)
}

pub(crate) async fn revoke(may: May<AccountMember>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let back = format!("/a/{account}/handouts/sent");
    let question = page::Question {
        ask: "Revoke this link?".to_owned(),
        detail: "People who open it are asked to contact the practice.",
        action: "Revoke",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let share: HandoutShareId = may.id("share")?;
    let revoked = may.write(async move |tx, by| actions::revoke(tx, by, share).await).await;
    settle(&may, &back, revoked, |row| Flash::done(format!("The link to “{}” no longer works.", row.title)))
}
