//! Pages of billing.

use axum::response::Response;

use crate::{
    billing::actions::Shown,
    clock::Time,
    error::{Error, Result},
};

pub(super) fn invoice_pdf(_: &Shown, _: &str, _: Time) -> Result<Response> {
    Err(Error::not_found())
}
