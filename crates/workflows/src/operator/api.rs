//! What an account asks of the operators, in JSON.

use crate::operator::asking::{self, Wish};
use access::AccountAdmin;
use billing::Shop;
use kernel::error::Result;
use web::{Answer, Body, May};

pub(crate) async fn ask(may: May<AccountAdmin>, Body(wish): Body<Wish>) -> Result<Answer<(), 202>> {
    let (shop, site) = (Shop::of(&may.app().config), may.app().site.clone());
    may.post(async move |tx, by| asking::ask(tx, by, &shop, &site, &wish).await).await
}
