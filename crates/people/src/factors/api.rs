//! Second factors, in JSON. Passkeys are set up and used in a browser, on the pages.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::factors::{
    FactorKind, FactorRow, Who,
    actions::{self, Overview},
    store::{Person, RuleRow},
};
use access::{AccountAdmin, Role, SignedIn};
use kernel::{
    clock::Time,
    error::Result,
    id::{FactorId, UserId},
    random::Token,
};
use web::{Body, Json, May, NoContent, Page, Part, Query};

/// A second factor of the caller.
#[derive(Serialize, ToSchema)]
pub struct SecondFactor {
    id: FactorId,
    kind: FactorKind,
    /// What its person calls it.
    name: String,
    created_at: Time,
    last_used_at: Option<Time>,
}

impl From<FactorRow> for SecondFactor {
    fn from(row: FactorRow) -> Self {
        let FactorRow { id, kind, name, created_at, used_at, .. } = row;
        Self { id, kind, name, created_at, last_used_at: used_at }
    }
}

/// An account that requires a second factor of the caller.
#[derive(Serialize, ToSchema)]
pub struct SecondFactorDemand {
    /// The account's name.
    account: String,
    /// From when on. Before, nothing is refused.
    since: Time,
}

/// The caller's second factors.
#[derive(Serialize, ToSchema)]
pub struct SecondFactors {
    /// The oldest first.
    factors: Vec<SecondFactor>,
    recovery_codes_left: i64,
    /// The accounts that require one, the earliest first.
    required_by: Vec<SecondFactorDemand>,
}

impl From<Overview> for SecondFactors {
    fn from(seen: Overview) -> Self {
        let demand =
            |rule: super::store::Concerns| SecondFactorDemand { account: rule.account, since: rule.since };
        Self {
            factors: seen.factors.into_iter().map(SecondFactor::from).collect(),
            recovery_codes_left: seen.ways.recovery_codes,
            required_by: seen.rules.into_iter().map(demand).collect(),
        }
    }
}

pub(crate) async fn index(may: May<SignedIn>) -> Result<Json<SecondFactors>> {
    may.read(async |tx, by| Ok(Json(actions::overview(tx, by.user()).await?.into()))).await
}

/// An authenticator app to be set up: it is, once it made a code.
#[derive(Serialize, ToSchema)]
pub struct AuthenticatorSetup {
    /// Send it along with the app's first code, within ten minutes.
    token: String,
    /// To be typed into the app, in base32.
    secret: String,
    /// The same as an `otpauth://` address, for a QR code.
    address: String,
}

pub(crate) async fn begin_app(may: May<SignedIn>) -> Result<Json<AuthenticatorSetup>> {
    may.write(async |tx, by| {
        let new = actions::begin_code(tx, by).await?;
        let token = new.token.reveal().to_owned();
        Ok(Json(AuthenticatorSetup { token, secret: new.secret, address: new.address }))
    })
    .await
}

/// The first code of an authenticator app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthenticatorConfirmation {
    token: String,
    code: String,
}

/// Recovery codes, shown this once.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Each signs in once in the place of a second factor. Null where the caller has a set already.
    recovery_codes: Option<Vec<String>>,
}

pub(crate) async fn finish_app(
    may: May<SignedIn>,
    Body(input): Body<AuthenticatorConfirmation>,
) -> Result<Json<RecoveryCodes>> {
    let (token, code) = (Token::presented(&input.token), input.code);
    may.write(async move |tx, by| {
        let recovery_codes = actions::finish_code(tx, by, &token, &code).await?;
        Ok(Json(RecoveryCodes { recovery_codes }))
    })
    .await
}

pub(crate) async fn make_codes(may: May<SignedIn>) -> Result<Json<RecoveryCodes>> {
    may.write(async |tx, by| {
        let recovery_codes = Some(actions::new_recovery_codes(tx, by).await?);
        Ok(Json(RecoveryCodes { recovery_codes }))
    })
    .await
}

pub(crate) async fn remove(may: May<SignedIn>) -> Result<NoContent> {
    let factor = may.id("factor")?;
    may.write(async move |tx, by| actions::remove(tx, by, factor).await).await?;
    Ok(NoContent)
}

/// Of whom an account requires a second factor.
#[derive(Serialize, ToSchema)]
pub struct SecondFactorRule {
    /// Null where it is of nobody.
    who: Option<Who>,
    /// From when on. Null where it is of nobody.
    since: Option<Time>,
}

impl From<Option<RuleRow>> for SecondFactorRule {
    fn from(rule: Option<RuleRow>) -> Self {
        Self { who: rule.map(|rule| rule.who), since: rule.map(|rule| rule.since) }
    }
}

pub(crate) async fn rule(may: May<AccountAdmin>) -> Result<Json<SecondFactorRule>> {
    may.read(async |tx, by| Ok(Json(actions::requirement(tx, by).await?.rule.into()))).await
}

/// A rule to be set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSecondFactorRule {
    /// Null for nobody.
    who: Option<Who>,
    /// From when on, at most a year ahead. Leave out for now.
    since: Option<Time>,
}

pub(crate) async fn set_rule(
    may: May<AccountAdmin>,
    Body(input): Body<NewSecondFactorRule>,
) -> Result<Json<SecondFactorRule>> {
    may.write(async move |tx, by| {
        actions::require(tx, by, input.who, input.since).await?;
        Ok(Json(actions::requirement(tx, by).await?.rule.into()))
    })
    .await
}

/// A member with what they have set up.
#[derive(Serialize, ToSchema)]
pub struct MemberSecondFactors {
    user: UserId,
    name: String,
    role: Role,
    passkeys: i64,
    authenticator_app: bool,
}

impl From<Person> for MemberSecondFactors {
    fn from(person: Person) -> Self {
        let Person { user, name, role, passkeys, code, .. } = person;
        Self { user, name, role, passkeys, authenticator_app: code }
    }
}

pub(crate) async fn people(
    may: May<AccountAdmin>,
    Query(part): Query<Part>,
) -> Result<Json<Page<MemberSecondFactors>>> {
    let people = may.read(async |tx, by| Ok(actions::requirement(tx, by).await?.people)).await?;
    let page = Page::of(people, &part, |person| person.user.to_string())?;
    Ok(Json(page.map(MemberSecondFactors::from)))
}

pub(crate) async fn reset(may: May<AccountAdmin>) -> Result<NoContent> {
    let user = may.id("user")?;
    may.write(async move |tx, by| actions::reset(tx, by, user).await).await?;
    Ok(NoContent)
}
