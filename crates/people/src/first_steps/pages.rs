//! The button that dismisses the first steps, and the one that brings them back.

use axum::response::Response;

use crate::first_steps::dismiss;
use access::AccountAdmin;
use kernel::{error::Result, id::AccountId};
use web::{
    Form, May,
    cookies::Flash,
    page::{go_with, own_path},
};

pub(crate) async fn change(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let dismissed = form.get("dismissed") != "false";
    may.write(async move |tx, by| dismiss(tx, by, dismissed).await).await?;
    let groups = format!("/a/{account}/groups");
    let back = own_path(form.get("back")).unwrap_or(&groups).to_owned();
    let flash = match dismissed {
        true => Flash::done("Checklist dismissed.")
            .undo(may.request().path.clone(), &[("dismissed", "false"), ("back", &back)]),
        false => Flash::done("Checklist restored."),
    };
    go_with(&may, &back, &flash)
}
