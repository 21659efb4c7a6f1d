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

/// The routes, in JSON and HTML.
#[rustfmt::skip]
pub fn routes() -> Vec<Route> {
    web::routes! {
        GET    "/api/v1/price-list"                                 Anyone            quotes::prices,              "What things cost";
        GET    "/api/v1/accounts/{account}/subscription"            AccountAdmin      subscriptions::show,         "Show an account's subscription";
        GET    "/api/v1/accounts/{account}/subscription/price"      AccountAdmin      quotes::price,               "What a change would cost at this moment";
        POST   "/api/v1/accounts/{account}/subscription/quotes"     AccountAdmin      quotes::make,                "Fix the price of a change for 15 minutes";
        GET    "/api/v1/accounts/{account}/subscription/quotes/{quote}" AccountAdmin  quotes::show,                "Show a quote";
        POST   "/api/v1/accounts/{account}/subscription/purchases"  AccountAdmin      checkout::purchase,          "Buy what a quote offers";
        POST   "/api/v1/accounts/{account}/subscription/cancellation" AccountOwner    subscriptions::cancel,       "End a subscription, at its renewal or now";
        DELETE "/api/v1/accounts/{account}/subscription/cancellation" AccountOwner    subscriptions::keep,         "Take back what was planned for the renewal";
        PUT    "/api/v1/accounts/{account}/payment-method"          AccountAdmin      cards::set_method,           "Pay with this card from now on";
        GET    "/api/v1/accounts/{account}/billing"                 AccountAdmin      details::show,               "To whom an account's invoices go";
        PUT    "/api/v1/accounts/{account}/billing"                 AccountAdmin      details::change,             "Change to whom an account's invoices go";
        GET    "/api/v1/accounts/{account}/invoices"                AccountAdmin      invoices::index,             "List an account's invoices and credit notes";
        GET    "/api/v1/accounts/{account}/ledger"                  AccountAdmin      ledger::index,               "List what was charged, credited and paid";
        GET    "/api/v1/invoices/{invoice}"                         InvoiceAdmin      invoices::show,              "Show an invoice; with .pdf, as a document";
        POST   "/api/v1/invoices/{invoice}/payments"                InvoiceAdmin      charges::record_payment,     "Record a payment that was made outside";
        POST   "/api/v1/invoices/{invoice}/charges"                 InvoiceAdmin      charges::pay_now,            "Charge the card now with what is owed";
        POST   "/api/v1/webhooks/stripe"                            Anyone            charges::stripe_webhook,     "What Stripe tells by itself";

        GET    "/a/{account}/billing"                               AccountAdmin      details_pages::show,         "The practice's particulars, and to whom invoices go";
        POST   "/a/{account}/billing"                               AccountAdmin      details_pages::change,       "Change to whom invoices go";
        POST   "/a/{account}/practice"                              AccountAdmin      details_pages::change_practice, "Change the practice's particulars";
        GET    "/a/{account}/subscription"                          AccountAdmin      subscription_pages::show,    "An account's subscription and invoices";
        POST   "/a/{account}/subscription/cancel"                   AccountOwner      subscription_pages::cancel,  "End a subscription, at its renewal or now";
        POST   "/a/{account}/subscription/keep"                     AccountOwner      subscription_pages::keep,    "Take back what was planned for the renewal";
        GET    "/a/{account}/licenses"                              AccountAdmin      quote_pages::licenses,       "Choose licenses and a plan, with the price";
        POST   "/a/{account}/licenses"                              AccountAdmin      quote_pages::review,         "Fix the price of a change for 15 minutes";
        GET    "/a/{account}/quotes/{quote}"                        AccountAdmin      quote_pages::show,           "A purchase to be confirmed, and what became of it";
        POST   "/a/{account}/quotes/{quote}/purchase"               AccountAdmin      checkout_pages::purchase,    "Buy what a quote offers";
        GET    "/a/{account}/payment-method"                        AccountAdmin      card_pages::entered_card,    "Back from the payment provider's page";
        POST   "/a/{account}/payment-method"                        AccountAdmin      card_pages::enter_card,      "Enter a card at the payment provider";
        POST   "/a/{account}/payment-method/use"                    AccountAdmin      card_pages::use_card,        "Pay with the card that was entered";
        GET    "/invoices/{invoice}"                                InvoiceAdmin      invoice_pages::show,         "An invoice; with .pdf, as a document";
        POST   "/invoices/{invoice}/payments"                       InvoiceAdmin      charge_pages::record,        "Record a payment that was made outside";
        POST   "/invoices/{invoice}/charges"                        InvoiceAdmin      charge_pages::charge,        "Charge the card now with what is owed";
    }
}
