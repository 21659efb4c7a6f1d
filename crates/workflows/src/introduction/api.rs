//! The introduction, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::introduction::{Introduction, actions};
use access::AccountAdmin;
use kernel::error::Result;
use web::{Answer, Body, Json, May, NoContent};

/// The email that introduces the team.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Introduction)]
pub(crate) struct IntroductionView {
    subject: String,
    /// With the placeholders `{name}`, `{practice}`, `{sender}`, `{link}`, `{guide}`.
    body: String,
    /// The version that was seen; 0 where it is still as Covey proposes it.
    #[serde(default)]
    version: i64,
}

pub(crate) async fn show(may: May<AccountAdmin>) -> Result<Json<IntroductionView>> {
    may.read(async |tx, by| {
        let Introduction { subject, body, version } = actions::show(tx, by).await?;
        Ok(Json(IntroductionView { subject, body, version }))
    })
    .await
}

pub(crate) async fn change(may: May<AccountAdmin>, Body(input): Body<IntroductionView>) -> Result<NoContent> {
    let IntroductionView { subject, body, version } = input;
    let new = Introduction { subject, body, version };
    may.write(async move |tx, by| actions::change(tx, by, &new).await).await?;
    Ok(NoContent)
}

/// To whom the introduction goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IntroductionSending)]
pub(crate) struct Introduce {
    /// Addresses of members and of people with a pending invitation.
    emails: Vec<String>,
}

/// How many emails were queued.
#[derive(Serialize, ToSchema)]
#[schema(as = SentIntroduction)]
pub(crate) struct Introduced {
    sent: usize,
}

pub(crate) async fn send(
    may: May<AccountAdmin>,
    Body(input): Body<Introduce>,
) -> Result<Answer<Introduced, 200>> {
    let site = may.app().site.clone();
    may.post(async move |tx, by| {
        let sent = actions::send(tx, by, &site, &input.emails).await?;
        Ok(Introduced { sent })
    })
    .await
}
