//! Signing in, in JSON.

use axum::{
    http::HeaderValue,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    sessions::{SessionRow, Sessions},
    sign_in::actions::{self, Answer, Arrived, Entered, Keys, Proof},
    users::{UserType, api::User},
};
use access::{Anyone, SignedIn};
use kernel::{
    addresses::Email,
    clock::Time,
    error::{Checks, Error, Result},
    id::{AccountId, UserId},
    passwords::acceptable,
    practice::PracticeKind,
    random::Token,
    text,
};
use platform::config::SignUp as Open;
use web::{Accepted, Body, Created, Form, Json, Lists, May, NoContent, Page, WithCookies, cookies};

/// An email address and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Credentials)]
pub struct SignIn {
    email: String,
    password: String,
    /// Of people who have a second factor: a one-time code from their app, or a recovery code.
    code: Option<String>,
}

/// A session: the token is shown once.
#[derive(Serialize, ToSchema)]
#[schema(as = SignInResult)]
pub struct SignedInAnswer {
    /// Send it as `Authorization: Bearer …`.
    pub token: String,
    /// When it ends in any case.
    pub expires_at: Time,
    /// Who signed in.
    pub user: User,
}

impl SignedInAnswer {
    /// Of someone who has just come in.
    pub fn of(entered: Entered) -> Self {
        Self {
            token: entered.token.reveal().to_owned(),
            expires_at: entered.session.expires_at,
            user: entered.user.into(),
        }
    }
}

/// Where a request comes from.
pub fn from<P>(may: &May<P>) -> actions::From
where
    P: access::Proof,
{
    let request = may.request().clone();
    actions::From { address: request.address, device: request.device, token: request.device_token }
}

/// An answer with the cookies of the session and the browser beside it, as a response.
pub fn with_cookie<P: access::Proof>(may: &May<P>, keys: &Keys, answer: impl IntoResponse) -> Response {
    let cookies = session_cookies(may, keys);
    WithCookies::new(answer, cookies).into_response()
}

/// The cookies of the session and the browser.
pub fn session_cookies<P: access::Proof>(
    may: &May<P>,
    keys: &Keys,
) -> impl Iterator<Item = HeaderValue> + use<P> {
    let seconds = may.app().config.session_length() / kernel::clock::SECOND;
    let site = &may.app().site;
    let device = keys.device.as_ref().and_then(|device| cookies::set_device(site, device));
    cookies::set_session(site, &keys.session, seconds).into_iter().chain(device)
}

/// An answer with the browser's cookie beside it, if it gets a new one.
pub fn with_device<P: access::Proof>(
    may: &May<P>,
    device: Option<&Token>,
    answer: impl IntoResponse,
) -> Response {
    let device = device.and_then(|device| cookies::set_device(&may.app().site, device));
    WithCookies::new(answer, device).into_response()
}

pub(crate) async fn sign_in(
    may: May<Anyone>,
    Body(input): Body<SignIn>,
) -> Result<WithCookies<Json<SignedInAnswer>>> {
    let entered = match actions::sign_in(may.app(), &input.email, &input.password, from(&may)).await? {
        Arrived::In(entered) => *entered,
        Arrived::Halfway(token) => {
            let code = input.code.ok_or_else(|| {
                Error::unauthenticated_because(
                    "code_needed",
                    "The password is right. Send a code from your authenticator app, or a recovery code, along as `code`.",
                )
            })?;
            actions::second_step(may.app(), token, Answer::Code(code), from(&may)).await?
        }
    };
    let cookies = session_cookies(&may, &entered.keys());
    Ok(WithCookies::new(Json(SignedInAnswer::of(entered)), cookies))
}

/// How the caller proves again who they are: by one of these.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProof {
    password: Option<String>,
    /// A one-time code from their app, or a recovery code.
    code: Option<String>,
}

pub(crate) async fn prove(may: May<SignedIn>, Body(input): Body<NewProof>) -> Result<NoContent> {
    let proof = match (input.password, input.code) {
        (Some(password), None) => Proof::Password(password),
        (None, Some(code)) => Proof::Code(code),
        _ => return Err(Error::field("password", "Send either `password` or `code`.")),
    };
    let by = may.read(async |_, by| Ok(by.clone())).await?;
    actions::prove(may.app(), by, proof).await?;
    Ok(NoContent)
}

pub(crate) async fn sign_out(may: May<SignedIn>) -> Result<WithCookies<NoContent>> {
    may.write(async |tx, by| actions::sign_out(tx, by).await).await?;
    Ok(WithCookies::new(NoContent, cookies::clear_session(&may.app().site)))
}

/// A person's wish for an account of their own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSignUp)]
pub struct SignUp {
    email: String,
    password: String,
    name: String,
    account_name: String,
    /// `other` if absent.
    practice_kind: Option<PracticeKind>,
}

/// What a sign-up will make, once its address is proved.
#[derive(Serialize, ToSchema)]
#[schema(as = SignUpResult)]
pub struct SignedUp {
    user: UserId,
    account: AccountId,
    detail: &'static str,
}

/// Checks a sign-up and notes it.
///
/// # Errors
/// Sign-up is closed, or a field can't be used.
pub(super) async fn note_sign_up(may: &May<Anyone>, input: &SignUp) -> Result<(UserId, AccountId)> {
    if may.app().config.sign_up == Open::Closed {
        return Err(Error::forbidden(
            "sign_up_closed",
            "You can join this server by invitation only. Ask your practice for one.",
        ));
    }
    let mut checks = Checks::default();
    let email = checks.take("email", Email::read(&input.email));
    let name = checks.take("name", text::line(&input.name));
    let account_name =
        checks.take("account_name", text::required_line(&input.account_name, "Enter an account name."));
    let practice_kind = checks.take("practice_kind", PracticeKind::chosen(input.practice_kind));
    checks.take("password", acceptable(&input.password, &[&input.email, &input.name, &input.account_name]));
    checks.done()?;
    let (Some(email), Some(name), Some(account_name), Some(practice_kind)) =
        (email, name, account_name, practice_kind)
    else {
        return Err(Error::internal("checked above"));
    };
    let sign_up = actions::SignUp { email, name, account_name, practice_kind };
    actions::sign_up(may.app(), sign_up, &input.password, from(may)).await
}

pub(crate) async fn sign_up(may: May<Anyone>, Body(input): Body<SignUp>) -> Result<Created<SignedUp>> {
    let practice_kind = Some(input.practice_kind.unwrap_or_default());
    let (user, account) = note_sign_up(&may, &SignUp { practice_kind, ..input }).await?;
    Ok(Created(SignedUp { user, account, detail: "Open the link in the email that we sent to finish." }))
}

impl SignUp {
    /// As a form has it.
    pub(super) fn of(form: &Form) -> Self {
        let [email, password, name, account_name] =
            ["email", "password", "name", "account_name"].map(|field| form.get(field).to_owned());
        let practice_kind = PracticeKind::read(form.get("practice_kind"));
        Self { email, password, name, account_name, practice_kind }
    }
}

/// A password alone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewOwnPassword)]
pub struct Password {
    /// As it was typed.
    pub password: String,
}

/// An email address alone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordResetRequest)]
pub struct Address {
    email: String,
}

pub(crate) async fn ask_reset(may: May<Anyone>, Body(input): Body<Address>) -> Result<Accepted> {
    let email = Email::read(&input.email).map_err(|why| Error::field("email", why))?;
    let site = may.app().site.clone();
    let from = from(&may);
    may.write(async move |tx, _| actions::ask_reset(tx, &site, &email, &from).await).await?;
    Ok(Accepted)
}

pub(crate) async fn reset(may: May<Anyone>, Body(input): Body<Password>) -> Result<WithCookies<NoContent>> {
    let token = Token::presented(may.text("token")?);
    let device = actions::reset(may.app(), token, &input.password, from(&may)).await?;
    let device = device.and_then(|device| cookies::set_device(&may.app().site, &device));
    Ok(WithCookies::new(NoContent, device))
}

pub(crate) async fn confirm_address(may: May<Anyone>) -> Result<NoContent> {
    let token = Token::presented(may.text("token")?);
    may.write(async move |tx, _| actions::confirm_address(tx, &token).await).await?;
    Ok(NoContent)
}

pub(crate) async fn sessions(
    may: May<SignedIn>,
    Lists { listing, limit, .. }: Lists<Sessions>,
) -> Result<Json<Page<SessionRow>>> {
    let idle = may.app().config.session_idle();
    let rows = may.read(async |tx, by| actions::sessions(tx, by, idle).await).await?;
    Ok(Json(Page::arranged(rows, limit, &listing, SessionRow::place)))
}

pub(crate) async fn end_session(may: May<SignedIn>) -> Result<NoContent> {
    let session = may.id("session")?;
    may.write(async move |tx, by| actions::end_session(tx, by, session).await).await?;
    Ok(NoContent)
}

/// Changes to the caller's own profile. What is absent stays the same.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserUpdate)]
pub struct Profile {
    #[serde(default, deserialize_with = "web::text_or_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    user_type: Option<UserType>,
}

pub(crate) async fn update_profile(may: May<SignedIn>, Body(input): Body<Profile>) -> Result<Json<User>> {
    may.write(async move |tx, by| {
        let changed = actions::update_profile(tx, by, input.name.as_deref(), input.user_type).await?;
        Ok(Json(changed.into()))
    })
    .await
}

/// A change of the caller's own password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordChange)]
pub struct NewPassword {
    current_password: String,
    password: String,
}

pub(crate) async fn change_password(may: May<SignedIn>, Body(input): Body<NewPassword>) -> Result<NoContent> {
    let by = may.read(async |_, by| Ok(by.clone())).await?;
    actions::change_own_password(may.app(), by, &input.current_password, &input.password).await?;
    Ok(NoContent)
}

/// A change of the caller's own address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AddressChange)]
pub struct NewAddress {
    current_password: String,
    email: String,
}

pub(crate) async fn change_address(may: May<SignedIn>, Body(input): Body<NewAddress>) -> Result<Accepted> {
    let email = Email::read(&input.email).map_err(|why| Error::field("email", why))?;
    let by = may.read(async |_, by| Ok(by.clone())).await?;
    actions::change_address(may.app(), by, &input.current_password, email).await?;
    Ok(Accepted)
}
