//! The routes of billing.

use web::Route;

use crate::{
    cards::{api as cards, pages as card_pages},
    charges::{api as charges, pages as charge_pages},
    checkout::{api as checkout, pages as checkout_pages},
    details::{api as details, pages as details_pages},
    invoices::{api as invoices, pages as invoice_pages},
    ledger::api as ledger,
    quotes::{api as quotes, pages as quote_pages},
    subscriptions::{api as subscriptions, pages as subscription_pages},
};

/// What there is of this wing where nothing is sold.
#[rustfmt::skip]
pub fn unsold() -> Vec<Route> {
    web::routes! {
        GET    "/a/{account}/practice"                                  AccountAdmin details_pages::show,            "The practice details";
        POST   "/a/{account}/practice"                                  AccountAdmin details_pages::change_practice, "Change the practice details",
               example "practice=1+Mill+Lane&version=1";
    }
}

/// The routes, in JSON and HTML.
pub fn routes() -> Vec<Route> {
    unsold().into_iter().chain(sold()).collect()
}

#[rustfmt::skip]
fn sold() -> Vec<Route> {
    web::routes! {
        tag "Billing", keys Billing;

        GET    "/api/v1/price-list"                                     Anyone       quotes::prices,                 getPriceList,         "What things cost";
        GET    "/api/v1/accounts/{account}/subscription"                AccountAdmin subscriptions::show,            getSubscription,      "Show an account's subscription";
        GET    "/api/v1/accounts/{account}/subscription/price"          AccountAdmin quotes::price,                  previewPrice,         "What a change would cost now",
               example "licenses=19";
        POST   "/api/v1/accounts/{account}/subscription/quotes"         AccountAdmin quotes::make,                   createQuote,          "Fix the price of a change for 15 minutes",
               example r#"{"licenses":19}"#;
        GET    "/api/v1/accounts/{account}/subscription/quotes/{quote}" AccountAdmin quotes::show,                   getQuote,             "Show a quote";
        POST   "/api/v1/accounts/{account}/subscription/purchases"      AccountAdmin checkout::purchase,             purchaseQuote,        "Buy what a quote offers", fresh,
               example r#"{"quote":"{quote}","accept_terms":true}"#;
        POST   "/api/v1/accounts/{account}/subscription/cancellation"   AccountOwner subscriptions::cancel,          cancelSubscription,   "End a subscription, at its renewal or now", fresh,
               example r#"{"when":"renewal"}"#;
        DELETE "/api/v1/accounts/{account}/subscription/cancellation"   AccountOwner subscriptions::keep,            keepSubscription,     "Undo what was planned for the renewal";
        PUT    "/api/v1/accounts/{account}/payment-method"              AccountAdmin cards::set_method,              setPaymentMethod,     "Use a card for future payments",
               example r#"{"method":"pm_card"}"#;
        GET    "/api/v1/accounts/{account}/billing"                     AccountAdmin details::show,                  getBillingDetails,    "Show an account's billing details";
        PUT    "/api/v1/accounts/{account}/billing"                     AccountAdmin details::change,                updateBillingDetails, "Change an account's billing details",
               example r#"{"name":"Riverside","email":"books@riverside.test"}"#;
        GET    "/api/v1/accounts/{account}/invoices"                    AccountAdmin invoices::index,                listInvoices,         "List an account's invoices and credit notes";
        GET    "/api/v1/accounts/{account}/invoices.csv"                AccountAdmin invoices::year_csv,               exportInvoicesAsCsv,  "A year's invoices as CSV, with totals", fresh, example "year=2026";
        GET    "/api/v1/accounts/{account}/invoices.jsonl"              AccountAdmin invoices::year_lines,           exportInvoicesAsJsonLines, "A year's invoices with their lines, as JSON lines", fresh, example "year=2026";
        GET    "/api/v1/accounts/{account}/invoices.pdf"                AccountAdmin invoices::year_pdf,               exportInvoicesAsPdf,  "A year's invoices as one document, with totals", fresh, example "year=2026";
        GET    "/api/v1/accounts/{account}/ledger"                      AccountAdmin ledger::index,                  listLedgerEntries,    "List charges, credits, and payments";
        GET    "/api/v1/accounts/{account}/refunds"                     AccountAdmin charges::refunds,               listRefunds,          "List an account's refunds and their status";
        GET    "/api/v1/invoices/{invoice}"                             InvoiceAdmin invoices::show,                 getInvoice,           "Show an invoice; with .pdf, as a document", printed;
        POST   "/api/v1/invoices/{invoice}/payments"                    InvoiceAdmin charges::report_payment,        reportPayment,        "Report a payment made outside Covey",
               example r#"{"note":"Bank transfer"}"#;
        POST   "/api/v1/invoices/{invoice}/charges"                     InvoiceAdmin charges::pay_now,               chargeInvoice,        "Charge the card now for the amount due";
        POST   "/api/v1/webhooks/stripe"                                Anyone       charges::stripe_webhook,        receiveStripeEvent,   "Receive Stripe's events";

        GET    "/a/{account}/billing"                                   AccountAdmin details_pages::show,            "The practice and billing details";
        POST   "/a/{account}/billing"                                   AccountAdmin details_pages::change,          "Change the billing details",
               example "name=Riverside&email=books%40riverside.test&version=0";
        GET    "/a/{account}/subscription"                              AccountAdmin subscription_pages::show,       "An account's subscription and invoices";
        POST   "/a/{account}/subscription/cancel"                       AccountOwner subscription_pages::cancel,     "End a subscription, at its renewal or now", fresh,
               example "when=renewal&confirm=yes";
        POST   "/a/{account}/subscription/keep"                         AccountOwner subscription_pages::keep,       "Undo what was planned for the renewal",
               example "confirm=yes";
        GET    "/a/{account}/licenses"                                  AccountAdmin quote_pages::licenses,          "Choose licenses and a plan, with the price";
        POST   "/a/{account}/licenses"                                  AccountAdmin quote_pages::review,            "Fix the price of a change for 15 minutes",
               example "licenses=19";
        GET    "/a/{account}/quotes/{quote}"                            AccountAdmin quote_pages::show,              "A purchase to confirm, and its outcome";
        POST   "/a/{account}/quotes/{quote}/purchase"                   AccountAdmin checkout_pages::purchase,       "Buy what a quote offers", fresh,
               example "accept_terms=yes";
        GET    "/a/{account}/payment-method"                            AccountAdmin card_pages::entered_card,       "Back from the payment provider's page";
        POST   "/a/{account}/payment-method"                            AccountAdmin card_pages::enter_card,         "Enter a card at the payment provider",
               example "confirm=yes";
        POST   "/a/{account}/payment-method/use"                        AccountAdmin card_pages::use_card,           "Pay with the card that was entered",
               example "confirm=yes";
        GET    "/a/{account}/invoices.csv"                              AccountAdmin invoices::year_csv,               "A year's invoices as CSV, with totals", fresh, example "year=2026";
        GET    "/a/{account}/invoices.pdf"                              AccountAdmin invoices::year_pdf,               "A year's invoices as one document, with totals", fresh, example "year=2026";
        GET    "/invoices/{invoice}"                                    InvoiceAdmin invoice_pages::show,            "An invoice; with .pdf, as a document", printed;
        POST   "/invoices/{invoice}/payments"                           InvoiceAdmin charge_pages::report,           "Report a payment made outside Covey",
               example "amount=10.00&note=Bank+transfer";
        POST   "/invoices/{invoice}/charges"                            InvoiceAdmin charge_pages::charge,           "Charge the card now for the amount due",
               example "confirm=yes";
    }
}
