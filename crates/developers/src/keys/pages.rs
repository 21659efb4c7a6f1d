//! Pages of API keys.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use crate::keys::actions::{self, Key, Wanted};
use access::{AccountAdmin, ApiKeyAdmin, Scope};
use kernel::{
    clock::{DAY, Time},
    error::Result,
    id::{AccountId, GroupId},
    random::Token,
};
use people::groups;
use storage::list::Listing;
use web::{
    Form, May, Query,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, confirm, crumb, settle},
    parts::{Choice, Pager, choices},
};

/// How many keys a page shows.
const LIMIT: i64 = 25;
/// For how many hours the secret that a page replaces goes on.
const OVERLAP: u32 = 24;

/// When a key may end, in days, as the form offers it.
const LIVES: [(&str, &str); 4] =
    [("90", "In 90 days"), ("365", "In a year"), ("30", "In 30 days"), ("", "Never")];

#[derive(Template)]
#[template(path = "keys/templates/list.html")]
struct ListPage {
    frame: Frame,
    account: AccountId,
    tab: &'static str,
    keys: Vec<Key>,
    groups: Vec<Choice>,
    scopes: Vec<Scope>,
    lives: Vec<Choice>,
    entry: Entry,
    pager: Pager,
}

impl ListPage {
    fn ends(&self, key: &Key) -> String {
        match (key.row.revoked_at, key.row.expires_at) {
            (Some(at), _) => format!("Revoked {}", self.frame.day(&at)),
            (None, Some(at)) if at <= self.frame.kit.now => format!("Expired {}", self.frame.day(&at)),
            (None, Some(at)) => format!("Expires {}", self.frame.day(&at)),
            (None, None) => "Never expires".to_owned(),
        }
    }

    fn works(&self, key: &Key) -> bool {
        key.row.works(self.frame.kit.now)
    }
}

/// Which page of the list.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    cursor: Option<String>,
}

async fn list_page(may: &May<AccountAdmin>, cursor: Option<&str>, entry: Entry) -> Result<Response> {
    let listing = Listing::from_cursor(cursor)?;
    let (frame, account, keys, groups) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            let keys = actions::list(tx, by, &listing, LIMIT).await?;
            Ok((frame, by.account(), keys, groups::list(tx, by, false).await?))
        })
        .await?;
    let part = web::Page::cut(keys, LIMIT, |key| key.row.id.to_string());
    let pager = Pager::new(&format!("/a/{account}/developers"), &[], cursor, part.next_cursor.as_deref());
    let groups = choices(groups.into_iter().map(|group| (group.id, group.name)));
    let (frame, status) = (frame.page(may, "developers", [], "Developers"), entry.status());
    // Where nothing is sold, there is nothing about billing to be read.
    let (sells, all) = (may.app().config.sells(), Scope::ALL.iter().copied());
    let scopes = all.filter(|scope| sells || *scope != Scope::BillingRead).collect();
    let (keys, lives) = (part.items, choices(LIVES));
    page::show(
        may,
        status,
        &ListPage { frame, account, tab: "keys", keys, groups, scopes, lives, entry, pager },
    )
}

pub(crate) async fn index(may: May<AccountAdmin>, Query(part): Query<Part>) -> Result<Response> {
    list_page(&may, part.cursor.as_deref(), Entry::of(&[("expires", LIVES[0].0)])).await
}

#[derive(Template)]
#[template(path = "keys/templates/secret.html")]
struct SecretPage {
    frame: Frame,
    account: AccountId,
    key: Key,
    secret: String,
    /// Whether it replaces one that goes on for a while.
    replaces: bool,
}

pub(crate) async fn create(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (wanted, site) = (wanted(&form, may.app().db.clock().now()), may.app().site.clone());
    let made =
        may.write(async move |tx, by| Ok((by.account(), actions::create(tx, by, &wanted, &site).await?)));
    match made.await {
        Ok((account, (key, secret))) => secret_page(&may, account, key, &secret, false).await,
        Err(error) => list_page(&may, None, Entry::again(form, error)?).await,
    }
}

fn wanted(form: &Form, now: Time) -> Wanted {
    let days = form.get("expires").parse::<i64>().ok().filter(|days| (1..=3650).contains(days));
    let groups = form.all("groups").iter().filter_map(|id| id.parse::<GroupId>().ok());
    Wanted {
        name: form.get("name").to_owned(),
        scopes: form.all("scopes").iter().filter_map(|scope| Scope::read(scope)).collect(),
        groups: (form.get("reach") == "some").then(|| groups.collect()),
        expires_at: days.map(|days| now.plus(days * DAY)),
    }
}

async fn secret_page(
    may: &May<AccountAdmin>,
    account: AccountId,
    key: Key,
    secret: &Token,
    replaces: bool,
) -> Result<Response> {
    let frame = may.read(async |tx, by| may.frame(tx, by.user(), Here::Account(account)).await).await?;
    let between = [crumb("Developers", format!("/a/{account}/developers"))];
    let frame = frame.page(may, "developers", between, "API key");
    let secret = secret.reveal().to_owned();
    page::show(may, StatusCode::OK, &SecretPage { frame, account, key, secret, replaces })
}

pub(crate) async fn rotate(may: May<ApiKeyAdmin>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let back = format!("/a/{account}/developers");
    let question = page::Question {
        ask: "Replace this secret?".to_owned(),
        detail: "You get a new one. The present one still works for 24 hours.",
        action: "Replace secret",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    match may.write(async move |tx, by| actions::rotate(tx, by, OVERLAP).await).await {
        Ok((key, secret)) => {
            let admin = may.within::<AccountAdmin>(&[("account", account.to_string())]);
            secret_page(&admin, account, key, &secret, true).await
        }
        Err(error) => settle::<_, ()>(&may, &back, Err(error), |()| Flash::done("")),
    }
}

pub(crate) async fn revoke(may: May<ApiKeyAdmin>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let back = format!("/a/{account}/developers");
    let question = page::Question {
        ask: "Revoke this API key?".to_owned(),
        detail: "Programs that use it are refused from now on. This can’t be undone.",
        action: "Revoke",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let revoked = may.write(async move |tx, by| actions::revoke(tx, by).await).await;
    settle(&may, &back, revoked, |key| Flash::done(format!("“{}” was revoked.", key.row.name)))
}
