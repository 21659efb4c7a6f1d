//! Pages of second factors: a person's own, and what an account requires.

use askama::Template;
use axum::response::Response;
use qrcode::{QrCode, render::svg};
use serde::Deserialize;

use crate::{
    accounts,
    factors::{
        FactorKind, Who,
        actions::{self, NewCode, Overview, Requirement},
        passkeys,
    },
};
use access::{AccountAdmin, SignedIn, lacks_second_factor};
use kernel::{
    clock::Time,
    error::{Error, Fault, Result},
    id::{AccountId, FactorId, UserId},
    random::Token,
};
use web::{
    Form, May, Query,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, Plain, Question, confirm, go_with, own_path, plain, settle},
    parts::{Choice, choices},
};

const HOME: &str = "/second-factor";

/// Where to go on to, once a second factor is set up.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct NextQuery {
    next: Option<String>,
}

/// What both forms of the page show: in the frame, and outside it for those who reach nothing else.
struct Listed {
    seen: Overview,
    passkeys: bool,
    /// Where a person goes on to who was sent here.
    next: String,
}

impl Listed {
    fn app(&self) -> bool {
        self.seen.ways.code
    }

    fn codes(&self) -> &i64 {
        &self.seen.ways.recovery_codes
    }
}

#[derive(Template)]
#[template(path = "factors/templates/list.html")]
struct ListPage {
    frame: Frame,
    listed: Listed,
}

#[derive(Template)]
#[template(path = "factors/templates/enroll.html")]
struct EnrollPage {
    frame: Plain,
    listed: Listed,
}

pub(crate) async fn index(may: May<SignedIn>, Query(query): Query<NextQuery>) -> Result<Response> {
    let who = may.credential();
    let (seen, frame) = may
        .read(async |tx, by| {
            let lacking = lacks_second_factor(tx, who, None).await?;
            let seen = actions::overview(tx, by.user()).await?;
            let frame = if lacking { None } else { Some(may.frame(tx, by.user(), Here::Nowhere).await?) };
            Ok((seen, frame))
        })
        .await?;
    let next = query.next.as_deref().and_then(own_path).unwrap_or("/").to_owned();
    let listed = Listed { seen, passkeys: passkeys::usable(&may.app().site), next };
    match frame {
        Some(frame) => page::ok(&may, &ListPage { frame: frame.page(&may, "", [], "Second factor"), listed }),
        None => page::ok(&may, &EnrollPage { frame: plain(&may, "Set up a second factor"), listed }),
    }
}

#[derive(Template)]
#[template(path = "factors/templates/app.html")]
struct AppPage {
    frame: Plain,
    entry: Entry,
    picture: String,
    secret: String,
    token: String,
}

fn app_page(may: &May<SignedIn>, entry: Entry, new: NewCode) -> Result<Response> {
    let drawn = QrCode::new(new.address.as_bytes()).map_err(Error::internal)?;
    let picture = drawn.render::<svg::Color<'_>>().min_dimensions(220, 220).quiet_zone(true).build();
    // Only the drawing: the declaration before it belongs to a file of its own.
    let picture = picture.find("<svg").map_or(String::new(), |at| picture[at..].to_owned());
    let (status, token) = (entry.status(), new.token.reveal().to_owned());
    let frame = plain(may, "Set up an authenticator app");
    page::show(may, status, &AppPage { frame, entry, picture, secret: new.secret, token })
}

pub(crate) async fn begin_app(may: May<SignedIn>, form: Form) -> Result<Response> {
    match may.write(async |tx, by| actions::begin_code(tx, by).await).await {
        Ok(new) => app_page(&may, Entry::of(&[("next", form.get("next"))]), new),
        Err(error) => back(&may, error),
    }
}

pub(crate) async fn finish_app(may: May<SignedIn>, form: Form) -> Result<Response> {
    let (token, code) = (Token::presented(form.get("token")), form.get("code").to_owned());
    let waits = token.clone();
    let set_up = may.write(async move |tx, by| actions::finish_code(tx, by, &token, &code).await).await;
    match set_up {
        Ok(codes) => done(&may, codes, &form, "Your authenticator app is set up."),
        Err(error) if !error.fields().is_empty() => {
            let new = may.read(async |tx, by| actions::look_at_code(tx, by, &waits).await).await?;
            app_page(&may, Entry::again(form, error)?, new)
        }
        Err(error) => back(&may, error),
    }
}

#[derive(Template)]
#[template(path = "factors/templates/passkey.html")]
struct PasskeyPage {
    frame: Plain,
    entry: Entry,
    options: String,
    token: String,
}

pub(crate) async fn begin_passkey(may: May<SignedIn>, form: Form) -> Result<Response> {
    let site = may.app().site.clone();
    match may.write(async move |tx, by| actions::begin_passkey(tx, by, &site).await).await {
        Ok(begun) => {
            let token = begun.token.reveal().to_owned();
            let entry = Entry::of(&[("next", form.get("next"))]);
            let frame = plain(&may, "Add a passkey");
            page::ok(&may, &PasskeyPage { frame, entry, options: begun.options, token })
        }
        Err(error) => back(&may, error),
    }
}

pub(crate) async fn finish_passkey(may: May<SignedIn>, form: Form) -> Result<Response> {
    let site = may.app().site.clone();
    let token = Token::presented(form.get("token"));
    let (name, answer) = (form.get("name").to_owned(), form.get("passkey").to_owned());
    let added = may
        .write(async move |tx, by| actions::finish_passkey(tx, by, &site, &token, &name, &answer).await)
        .await;
    match added {
        Ok(codes) => done(&may, codes, &form, "Your passkey is set up."),
        Err(error) => back(&may, error),
    }
}

#[derive(Template)]
#[template(path = "factors/templates/codes.html")]
struct CodesPage {
    frame: Plain,
    codes: Vec<String>,
    next: String,
}

/// Says on the page of second factors why something wasn't done.
fn back(may: &May<SignedIn>, error: Error) -> Result<Response> {
    settle(may, HOME, Err(error), |()| Flash::done(""))
}

/// Recovery codes are shown once, in the answer that makes them; where there are none, the way goes on.
fn done(may: &May<SignedIn>, codes: Option<Vec<String>>, form: &Form, said: &str) -> Result<Response> {
    let next = own_path(form.get("next")).filter(|next| *next != "/").unwrap_or(HOME).to_owned();
    match codes {
        Some(codes) => page::ok(may, &CodesPage { frame: plain(may, "Recovery codes"), codes, next }),
        None => go_with(may, &next, &Flash::done(said)),
    }
}

pub(crate) async fn make_codes(may: May<SignedIn>, form: Form) -> Result<Response> {
    match may.write(async |tx, by| actions::new_recovery_codes(tx, by).await).await {
        Ok(codes) => done(&may, Some(codes), &form, ""),
        Err(error) => back(&may, error),
    }
}

pub(crate) async fn remove(may: May<SignedIn>, form: Form) -> Result<Response> {
    let factor: FactorId = may.id("factor")?;
    let question = Question {
        ask: "Remove this second factor?".to_owned(),
        detail: "You can no longer sign in with it, and you’re signed out everywhere else.",
        action: "Remove",
        back: HOME,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let removed = may.write(async move |tx, by| actions::remove(tx, by, factor).await).await;
    settle(&may, HOME, removed, |()| Flash::done("Second factor removed."))
}

#[derive(Template)]
#[template(path = "factors/templates/rule.html")]
struct RulePage {
    frame: Frame,
    account: AccountId,
    entry: Entry,
    required: Requirement,
    choices: Vec<Choice>,
}

impl RulePage {
    /// How many of those whom the rule concerns have set one up, out of how many.
    fn ready(&self) -> (usize, usize) {
        let concerned = self.required.people.iter().filter(|person| self.concerns(person));
        let all = concerned.collect::<Vec<_>>();
        (all.iter().filter(|person| person.has_any()).count(), all.len())
    }

    fn concerns(&self, person: &super::store::Person) -> bool {
        match self.required.rule.map(|rule| rule.who) {
            Some(Who::Everyone) => true,
            Some(Who::Managers) => person.role.manages(),
            None => false,
        }
    }
}

async fn rule_page(may: &May<AccountAdmin>, again: Option<Entry>) -> Result<Response> {
    let (frame, account, required) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            Ok((frame, by.account(), actions::requirement(tx, by).await?))
        })
        .await?;
    let day = |at: Time| at.timestamp().to_zoned(frame.kit.zone.clone()).date().to_string();
    let known = || {
        let since = required.rule.map(|rule| day(rule.since)).unwrap_or_default();
        let who = required.rule.map_or("", |rule| rule.who.word());
        Entry::of(&[("who", who), ("since", &since)])
    };
    let entry = again.unwrap_or_else(known);
    let nobody = std::iter::once(("", "Nobody"));
    let choices = choices(nobody.chain(Who::ALL.iter().map(|who| (who.word(), who.label()))));
    let status = entry.status();
    let frame = frame.page(may, "settings", [], "Second factor");
    page::show(may, status, &RulePage { frame, account, entry, required, choices })
}

pub(crate) async fn rule(may: May<AccountAdmin>) -> Result<Response> {
    rule_page(&may, None).await
}

pub(crate) async fn set_rule(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (who, day) = (form.get("who").to_owned(), form.get("since").to_owned());
    let changed = may
        .write(async move |tx, by| {
            let zone = accounts::letterhead(tx, by.account()).await?.zone();
            let since = match day.as_str() {
                "" => None,
                day => Some(beginning(day, &zone)?),
            };
            actions::require(tx, by, Who::read(&who), since).await.map(|()| by.account())
        })
        .await;
    match changed {
        Ok(account) => go_with(&may, &format!("/a/{account}/second-factor"), &Flash::done("Saved.")),
        Err(error) => rule_page(&may, Some(Entry::again(form, error)?)).await,
    }
}

/// The beginning of a day that was typed, in the account's zone.
fn beginning(day: &str, zone: &jiff::tz::TimeZone) -> Result<Time> {
    let read = day.parse::<jiff::civil::Date>().and_then(|date| date.to_zoned(zone.clone()));
    let at = read
        .map_err(|_| Error::field("since", Fault::new("not_a_date", "Enter a date, such as 2026-12-31.")))?;
    Ok(at.timestamp().into())
}

pub(crate) async fn reset(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (account, user): (AccountId, UserId) = (may.id("account")?, may.id("user")?);
    let back = format!("/a/{account}/second-factor");
    let question = Question {
        ask: "Reset this person’s second factors?".to_owned(),
        detail: "They’re signed out everywhere. After their next sign-in they set up a new one before they go on.",
        action: "Reset second factors",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let told = may.app().site.told();
    let reset = may.write(async move |tx, by| actions::reset(tx, by, user).await).await;
    settle(&may, &back, reset, |person| {
        Flash::done(format!("Second factors of {} reset. {told}", person.name))
    })
}

impl FactorKind {
    /// The name of its icon.
    pub(super) const fn icon(self) -> &'static str {
        match self {
            Self::Passkey => "key",
            Self::Code => "clock",
        }
    }
}
