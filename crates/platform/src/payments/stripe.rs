//! Stripe: cards. It takes payments; what is owed is reckoned here, never there.
//!
//! A small client of its HTTP interface that reads no more of an answer than it needs. A charge is first
//! written down there, which moves no money, and its reference kept here; only then is it made. So when
//! an answer is lost we look at that one charge and never make another. Every request carries our
//! payment's id as `Idempotency-Key`, too.

use std::time::Duration;

use data_encoding::HEXLOWER;
use futures_util::future::BoxFuture;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::payments::{ChargeRequest, Method, Outcome, Payer, PaymentProvider, Refund};
use kernel::{
    clock::{SECOND, Time},
    error::{Error, Result},
    id::PaymentId,
};

/// How long we wait for an answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// How old a signed notice may be (Stripe's own libraries' default).
const TOLERANCE: i64 = 300 * SECOND;

/// A client of Stripe.
pub struct Stripe {
    http: reqwest::Client,
    base: String,
    key: String,
    secret: String,
}

/// What the payer reads where Stripe has lost sight of something.
const ABSENT: &str = "The card company doesn't know this card entry. Enter the card again.";

/// What went wrong with a request.
enum Trouble {
    /// Stripe says no, in words for the payer.
    Refused(String),
    /// It knows nothing of what it is asked about.
    Absent,
    /// No answer that says anything.
    Unknown(String),
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Refused(why) => Self::conflict("card_refused", why),
            Trouble::Absent => Self::conflict("card_refused", ABSENT),
            Trouble::Unknown(why) => Self::unavailable(
                "We can't reach the card company. Nothing was charged. Please try again.",
                why,
            ),
        }
    }
}

/// Something that Stripe tells by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Stripe's id of it: the same when it is told again.
    pub id: String,
    /// Our payment's id.
    pub payment: String,
    /// What came of the payment.
    pub outcome: Outcome,
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What a payment intent says.
fn outcome(intent: &Value) -> Outcome {
    match intent["status"].as_str() {
        Some("succeeded") => Outcome::Done(text(intent, "/id")),
        Some("processing") => Outcome::Unknown("it is being processed".to_owned()),
        Some("requires_action" | "requires_confirmation") => Outcome::Declined(
            "Your bank wants you to confirm this payment, which isn't possible here. Use another card."
                .to_owned(),
        ),
        Some(_) => {
            let why = text(intent, "/last_payment_error/message");
            Outcome::Declined(if why.is_empty() { "The card was declined.".to_owned() } else { why })
        }
        None => Outcome::Unknown("the answer says nothing".to_owned()),
    }
}

impl Stripe {
    /// A client of the interface at `base`.
    ///
    /// # Errors
    /// No client can be made.
    pub fn new(base: &str, key: &str, secret: &str) -> Result<Self> {
        // The same cryptography that mail uses; another part may have chosen it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(Error::internal)?;
        let (base, key, secret) = (base.trim_end_matches('/').to_owned(), key.to_owned(), secret.to_owned());
        Ok(Self { http, base, key, secret })
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<Value, Trouble> {
        let unknown = |error: reqwest::Error| Trouble::Unknown(error.without_url().to_string());
        let response = request.bearer_auth(&self.key).send().await.map_err(unknown)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(unknown)?;
        let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        // 409 and 429 ask to try again; so does whatever is their mistake.
        if status.is_server_error() || matches!(status.as_u16(), 409 | 429) {
            return Err(Trouble::Unknown(format!("status {status}")));
        }
        match (status.is_success(), text(&body, "/error/message")) {
            (true, _) => Ok(body),
            (false, _) if status.as_u16() == 404 => Err(Trouble::Absent),
            (false, why) if status.as_u16() == 402 || text(&body, "/error/type") == "card_error" => {
                Err(Trouble::Refused(why))
            }
            (false, why) => {
                tracing::error!(%status, %why, "the payment provider refused a request");
                Err(Trouble::Refused(
                    "The card company refused this. Check the card, or use another one.".to_owned(),
                ))
            }
        }
    }

    async fn post(&self, path: &str, key: &str, form: &[(&str, String)]) -> Result<Value, Trouble> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.http.post(format!("{}/v1/{path}", self.base));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.answer(request.header("idempotency-key", key).body(body)).await
    }

    async fn get(&self, path: &str) -> Result<Value, Trouble> {
        self.answer(self.http.get(format!("{}/v1/{path}", self.base))).await
    }

    /// The newest object of a list whose metadata name our payment.
    async fn find(&self, list: &str, payment: &str) -> Result<Option<Value>, Trouble> {
        let found = self.get(list).await?;
        let items = found["data"].as_array().cloned().unwrap_or_default();
        Ok(items.into_iter().find(|item| item["metadata"]["payment"] == payment))
    }

    /// Writes down what is to be charged. No money moves yet.
    async fn write_down(&self, charge: &ChargeRequest) -> Result<String, Trouble> {
        let payment = charge.payment.to_string();
        let form = [
            ("amount", charge.amount.amount.to_string()),
            ("currency", charge.amount.currency.word().to_lowercase()),
            ("customer", charge.customer.clone()),
            ("payment_method", charge.method.clone()),
            ("metadata[for]", charge.text.clone()),
            ("metadata[payment]", payment.clone()),
        ];
        let written = self.post("payment_intents", &payment, &form).await?;
        match text(&written, "/id") {
            id if id.is_empty() => Err(Trouble::Unknown("the answer says nothing".to_owned())),
            id => Ok(id),
        }
    }

    /// Charges what was written down. One intent is charged once, no matter how often it is asked for.
    async fn pay(&self, payment: PaymentId, intent: &str, again: bool) -> Result<Outcome, Trouble> {
        let fine = intent.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !fine {
            return Err(Trouble::Unknown("not an intent".to_owned()));
        }
        if again {
            let seen = self.get(&format!("payment_intents/{intent}")).await.map_err(not_a_refusal)?;
            if seen["status"] != "requires_confirmation" {
                return Ok(outcome(&seen));
            }
        }
        let path = format!("payment_intents/{intent}/confirm");
        Ok(outcome(&self.post(&path, &format!("confirm-{payment}"), &[]).await?))
    }

    async fn give_back(&self, refund: &Refund) -> Result<Outcome, Trouble> {
        let payment = refund.payment.to_string();
        if refund.again {
            let list = format!("refunds?limit=100&payment_intent={}", refund.charge);
            if let Some(found) = self.find(&list, &payment).await.map_err(not_a_refusal)? {
                return Ok(Outcome::Done(text(&found, "/id")));
            }
        }
        let form = [
            ("payment_intent", refund.charge.clone()),
            ("amount", refund.amount.amount.to_string()),
            ("metadata[payment]", payment.clone()),
        ];
        let made = self.post("refunds", &payment, &form).await?;
        Ok(match made["status"].as_str() {
            Some("failed" | "canceled") => Outcome::Declined(text(&made, "/failure_reason")),
            _ => Outcome::Done(text(&made, "/id")),
        })
    }

    /// Makes the account known to Stripe.
    ///
    /// # Errors
    /// It can't be reached, or refuses.
    pub async fn customer(&self, payer: &Payer) -> Result<String> {
        let form = [
            ("name", payer.name.clone()),
            ("email", payer.email.clone()),
            ("metadata[account]", payer.account.to_string()),
        ];
        let key = format!("customer-{}", payer.account);
        Ok(text(&self.post("customers", &key, &form).await?, "/id"))
    }

    /// Begins the entry of a card on Stripe's own page. Gives that page's address.
    ///
    /// # Errors
    /// It can't be reached, or refuses.
    pub async fn enter_card(&self, customer: &str, back: &str, key: &str) -> Result<String> {
        let form = [
            ("mode", "setup".to_owned()),
            ("customer", customer.to_owned()),
            ("payment_method_types[]", "card".to_owned()),
            ("success_url", format!("{back}?session={{CHECKOUT_SESSION_ID}}")),
            ("cancel_url", back.to_owned()),
        ];
        Ok(text(&self.post("checkout/sessions", key, &form).await?, "/url"))
    }

    /// The card that was entered on Stripe's page, if it was for this customer.
    ///
    /// # Errors
    /// It can't be reached, or there is none.
    pub async fn entered_card(&self, session: &str, customer: &str) -> Result<Method> {
        let fine = !session.is_empty() && session.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let none = || Error::conflict("no_card", "No card was entered. Enter a card.");
        if !fine {
            return Err(none());
        }
        let path = format!("checkout/sessions/{session}?expand[]=setup_intent.payment_method");
        let found = self.get(&path).await?;
        if text(&found, "/customer") != customer {
            return Err(none());
        }
        let method = found.pointer("/setup_intent/payment_method").ok_or_else(none)?;
        Ok(Method { reference: text(method, "/id"), label: label(method) })
    }

    /// Attaches a payment method that was made at Stripe to a customer.
    ///
    /// # Errors
    /// It can't be reached, or refuses.
    pub async fn attach(&self, method: &str, customer: &str) -> Result<Method> {
        let fine = !method.is_empty() && method.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !fine {
            return Err(Error::field("method", "Enter the id of a payment method. It starts with pm_."));
        }
        let form = [("customer", customer.to_owned())];
        let key = format!("attach-{method}-{customer}");
        let attached = self.post(&format!("payment_methods/{method}/attach"), &key, &form).await?;
        Ok(Method { reference: text(&attached, "/id"), label: label(&attached) })
    }

    /// Reads what Stripe tells by itself, once its signature is checked. None for what we don't act on.
    ///
    /// # Errors
    /// It is not signed with our secret, or too old.
    pub fn notice(&self, payload: &[u8], signature: &str, now: Time) -> Result<Option<Notice>> {
        let forged = || Error::forbidden("bad_signature", "The signature of this notice is wrong.");
        let parts = signature.split(',').filter_map(|part| part.trim().split_once('=')).collect::<Vec<_>>();
        let part = |name| parts.iter().filter(move |part| part.0 == name).map(|part| part.1);
        let at: i64 = part("t").next().and_then(|at| at.parse().ok()).ok_or_else(forged)?;
        if now.since(Time::from_micros(at.saturating_mul(SECOND))).abs() > TOLERANCE {
            return Err(forged());
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).map_err(Error::internal)?;
        mac.update(format!("{at}.").as_bytes());
        mac.update(payload);
        let signed = part("v1").filter_map(|hex| HEXLOWER.decode(hex.as_bytes()).ok());
        if !signed.into_iter().any(|signed| mac.clone().verify_slice(&signed).is_ok()) {
            return Err(forged());
        }
        let event: Value = serde_json::from_slice(payload).map_err(|_| forged())?;
        let object = &event["data"]["object"];
        let payment = text(object, "/metadata/payment");
        let known = matches!(
            event["type"].as_str(),
            Some("payment_intent.succeeded" | "payment_intent.payment_failed")
        );
        let notice = Notice { id: text(&event, "/id"), payment, outcome: outcome(object) };
        Ok((known && !notice.payment.is_empty()).then_some(notice))
    }
}

/// What people call a card.
fn label(method: &Value) -> String {
    let brand = text(method, "/card/brand");
    let mut letters = brand.chars();
    let brand = letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
    format!("{} ending in {}", brand.unwrap_or_else(|| "Card".to_owned()), text(method, "/card/last4"))
}

/// A provider that can't be reached has refused nothing.
fn not_a_refusal(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Refused(why) | Trouble::Unknown(why) => Trouble::Unknown(why),
        Trouble::Absent => Trouble::Absent,
    }
}

impl From<Trouble> for Outcome {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Refused(why) => Self::Declined(why),
            // What was written down there is gone, and with it the only charge that could have been made.
            Trouble::Absent => Self::Declined(ABSENT.to_owned()),
            Trouble::Unknown(why) => Self::Unknown(why),
        }
    }
}

impl PaymentProvider for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn begin<'a>(&'a self, charge: &'a ChargeRequest) -> BoxFuture<'a, Result<String, Outcome>> {
        Box::pin(async { self.write_down(charge).await.map_err(Into::into) })
    }

    fn charge<'a>(&'a self, payment: PaymentId, reference: &'a str, again: bool) -> BoxFuture<'a, Outcome> {
        Box::pin(async move { self.pay(payment, reference, again).await.unwrap_or_else(Into::into) })
    }

    fn refund<'a>(&'a self, refund: &'a Refund) -> BoxFuture<'a, Outcome> {
        Box::pin(async { self.give_back(refund).await.unwrap_or_else(Into::into) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripe() -> Stripe {
        Stripe::new("http://127.0.0.1:1", "sk_test", "whsec_test").unwrap()
    }

    fn signed(payload: &str, at: i64) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec_test").unwrap();
        mac.update(format!("{at}.{payload}").as_bytes());
        format!("t={at},v1={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
    }

    const PAID: &str = r#"{"id":"evt_1","type":"payment_intent.succeeded",
        "data":{"object":{"id":"pi_1","status":"succeeded","metadata":{"payment":"pay_x"}}}}"#;

    #[test]
    fn only_what_is_signed_and_fresh_is_believed() {
        let now = Time::from_micros(1_000_000 * SECOND);
        let told = stripe().notice(PAID.as_bytes(), &signed(PAID, 1_000_000), now).unwrap().unwrap();
        assert_eq!(told.outcome, Outcome::Done("pi_1".into()));
        assert_eq!((told.id.as_str(), told.payment.as_str()), ("evt_1", "pay_x"));
        let other = PAID.replace("pay_x", "pay_y");
        assert!(stripe().notice(other.as_bytes(), &signed(PAID, 1_000_000), now).is_err());
        assert!(stripe().notice(PAID.as_bytes(), &signed(PAID, 999_000), now).is_err());
        assert!(stripe().notice(PAID.as_bytes(), "", now).is_err());
        assert!(stripe().notice(PAID.as_bytes(), "t=1000000,v1=00", now).is_err());
    }

    #[test]
    fn what_does_not_concern_us_is_no_notice() {
        let other = PAID.replace("payment_intent.succeeded", "customer.created");
        let now = Time::from_micros(1_000_000 * SECOND);
        assert_eq!(stripe().notice(other.as_bytes(), &signed(&other, 1_000_000), now).unwrap(), None);
    }
}
