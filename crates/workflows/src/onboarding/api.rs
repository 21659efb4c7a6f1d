//! Beginning, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use access::{Anyone, SignedIn};
use kernel::{
    error::Result,
    id::{AccountId, GroupId, LocationId, UserId},
    practice::PracticeKind,
    random::Token,
};
use people::sign_in::api::{Password, SignedInAnswer, from, session_cookies};
use web::{Answer, Body, Created, Json, May, WithCookies};

use crate::onboarding::actions;

/// The caller's own account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    account_name: String,
    /// `other` if absent.
    #[serde(default)]
    practice_kind: PracticeKind,
}

/// The account that was opened.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenedAccount)]
pub struct Opened {
    account: AccountId,
}

pub(crate) async fn open_own(may: May<SignedIn>, Body(input): Body<NewAccount>) -> Result<Answer<Opened>> {
    let (trial, open) = (may.app().config.trial(), may.app().config.sign_up);
    may.post(async move |tx, by| {
        let kind = Some(input.practice_kind);
        let account = actions::open_own(tx, by, &input.account_name, kind, trial, open).await?;
        Ok(Opened { account })
    })
    .await
}

/// First-run set-up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServerSetup)]
pub struct SetUp {
    code: String,
    account_name: String,
    /// `other` if absent.
    #[serde(default)]
    practice_kind: PracticeKind,
    name: String,
    email: String,
    password: String,
    /// By IANA's name, such as `America/Chicago`; UTC without it.
    #[serde(default)]
    time_zone: String,
    /// The first group; without it, groups are created later.
    #[serde(default)]
    group_name: String,
    /// The first group's first location.
    #[serde(default)]
    location_name: String,
}

/// What set-up made.
#[derive(Serialize, ToSchema)]
#[schema(as = ServerSetupResult)]
pub struct Begun {
    user: UserId,
    account: AccountId,
    group: Option<GroupId>,
    location: Option<LocationId>,
}

pub(crate) async fn set_up(
    may: May<Anyone>,
    Body(input): Body<SetUp>,
) -> Result<WithCookies<Created<Begun>>> {
    let input = actions::SetUp {
        code: input.code,
        account_name: input.account_name,
        practice_kind: Some(input.practice_kind),
        name: input.name,
        email: input.email,
        password: input.password,
        time_zone: input.time_zone,
        group_name: input.group_name,
        location_name: input.location_name,
    };
    let begun = actions::set_up(may.app(), input, from(&may)).await?;
    let answer = Begun {
        user: begun.entered.user.id,
        account: begun.account,
        group: begun.group,
        location: begun.location,
    };
    Ok(WithCookies::new(Created(answer), session_cookies(&may, &begun.entered.keys())))
}

pub(crate) async fn verify(
    may: May<Anyone>,
    Body(input): Body<Password>,
) -> Result<WithCookies<Json<SignedInAnswer>>> {
    let token = Token::presented(may.text("token")?);
    let entered = actions::verify(may.app(), &token, &input.password, from(&may)).await?;
    let cookies = session_cookies(&may, &entered.keys());
    Ok(WithCookies::new(Json(SignedInAnswer::of(entered)), cookies))
}
