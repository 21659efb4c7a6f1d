//! The routes of the operator's pages.

use web::{Route, routes};

use crate::operator::{api, pages};

#[rustfmt::skip]
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        GET    "/operator"                            Operator      pages::payments, "Payments and refunds that wait for the operator";
        GET    "/operator/enter"                      OperatorNamed pages::enter,    "Enter your password again for the operator's pages";
        POST   "/operator/enter"                      OperatorNamed pages::do_enter, "Enter your password again for the operator's pages",
               example "current_password=eleven+gray+wagtails";
        POST   "/operator/payments/{payment}/confirm" Operator      pages::confirm_payment, "Confirm a payment that was reported",
               example "confirm=yes";
        POST   "/operator/payments/{payment}/reject"  Operator      pages::reject_payment,  "Reject a payment that was reported",
               example "confirm=yes";
        GET    "/operator/accounts"                   Operator      pages::accounts, "Every account of the server";
        POST   "/operator/accounts/{account}/admit"   Operator      pages::admit,    "Confirm that an account is a practice",
               example "confirm=yes";
        POST   "/operator/accounts/{account}/payout"  Operator      pages::pay_out,  "Record that an account's credit was paid out",
               example "confirm=yes&note=Bank+transfer";
        GET    "/operator/invoices"                   Operator      pages::invoices, "The open invoices of all accounts";
        GET    "/operator/mail"                       Operator      pages::mail,     "Emails that couldn't be delivered";
        POST   "/operator/mail/{mail}/retry"          Operator      pages::retry_mail, "Retry a failed email",
               example "confirm=yes";
    }
}

/// What an account asks of them.
#[rustfmt::skip]
pub(crate) fn asking() -> Vec<Route> {
    routes! {
        tag "Billing";

        POST   "/api/v1/accounts/{account}/license-requests" AccountAdmin api::ask, askForLicenses, "Ask the operators for more licenses than the limit",
               example r#"{"licenses":30,"note":"We open a second site."}"#;
        POST   "/a/{account}/licenses/ask"            AccountAdmin  pages::ask,      "Ask the operators for more licenses than the limit",
               example "licenses=30";
    }
}
