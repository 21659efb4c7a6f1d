//! Asking for more licenses than one can buy: an email to the operators, who arrange it.

use serde::Deserialize;
use serde_json::json;

use crate::operator::{mail, store};
use access::AccountAdmin;
use billing::Shop;
use kernel::{
    clock::DAY,
    error::{Error, Result},
    links::Site,
    text,
};
use people::{accounts, plans, users};
use platform::{
    audit::{self, Action, Event},
    jobs::enqueue_from,
};
use storage::Tx;

/// The most licenses that one can ask for.
const MOST: i64 = 100_000;

/// How many licenses are wanted, and what there is to say about it.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LicenseRequest)]
pub struct Wish {
    /// How many in all.
    pub licenses: i64,
    /// What the operator should know.
    #[serde(default)]
    pub note: String,
}

/// Sends the operators what an account asks for. Once a day: they know by then.
///
/// # Errors
/// That many can be bought, it was asked for today, or the server has no operators.
pub(super) async fn ask(tx: &Tx, by: &AccountAdmin, shop: &Shop, site: &Site, wish: &Wish) -> Result<()> {
    let has = plans::subscription(tx, by.account()).await?;
    let most = has.license_limit.unwrap_or(shop.most).max(shop.most);
    if !(most + 1..=MOST).contains(&wish.licenses) {
        let why = format!("You can buy up to {most} licenses yourself. Enter a larger number.");
        return Err(Error::field("licenses", why));
    }
    let note = text::optional_line(&wish.note).map_err(|why| Error::field("note", why))?.unwrap_or_default();
    if store::asked_since(tx, by.account(), tx.now().plus(-DAY)).await? {
        return Err(Error::conflict(
            "asked_already",
            "Your practice already asked in the last 24 hours. You’ll get the answer by email.",
        ));
    }
    let operators = store::operators(tx).await?;
    if operators.is_empty() {
        let seller = shop.seller.lines().next().unwrap_or_default();
        return Err(Error::conflict(
            "nobody_to_ask",
            format!("This server can't forward your question. Write to {seller}."),
        ));
    }
    let (account, person) = (accounts::actions::show(tx, by).await?, users::user(tx, by.user()).await?);
    for operator in operators {
        let page = site.page("/operator/accounts");
        let letter = mail::asked(&operator, &account, &person, has.licenses, wish.licenses, &note, &page);
        enqueue_from(tx, &letter, &person.email).await?;
    }
    let event = Event::new(by.account(), by.user(), Action::LicensesAsked, has.id);
    audit::record(tx, event.with(json!({ "licenses": wish.licenses, "note": note }))).await
}
