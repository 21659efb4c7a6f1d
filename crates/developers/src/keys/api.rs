//! API keys, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::keys::{
    actions::{self, Key, Wanted},
    store::Keys,
};
use access::{AccountAdmin, ApiKeyAdmin, Scope};
use kernel::{
    clock::Time,
    error::Result,
    id::{ApiKeyId, GroupId, UserId},
};
use web::{Answer, Body, Json, Lists, May, Page};

/// An API key of an account, without its secret.
#[derive(Serialize, ToSchema)]
pub struct ApiKey {
    id: ApiKeyId,
    name: String,
    /// How the secret begins.
    hint: String,
    scopes: Vec<Scope>,
    /// The groups that it is for; null for all of them.
    groups: Option<Vec<GroupId>>,
    created_by: UserId,
    created_at: Time,
    expires_at: Option<Time>,
    revoked_at: Option<Time>,
    last_used_at: Option<Time>,
    /// The network address from which it was last used.
    last_used_from: Option<String>,
    /// Until when the secret still works that the newest one replaced.
    old_secret_until: Option<Time>,
}

impl From<Key> for ApiKey {
    fn from(Key { row, groups }: Key) -> Self {
        Self {
            id: row.id,
            scopes: row.scopes(),
            name: row.name,
            hint: row.hint,
            groups: groups.map(|groups| groups.into_iter().map(|(group, _)| group).collect()),
            created_by: row.created_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
            last_used_from: Some(row.last_used_from).filter(|address| !address.is_empty()),
            old_secret_until: row.old_secret_until,
        }
    }
}

/// A new secret. It is shown this once.
#[derive(Serialize, ToSchema)]
pub struct ApiKeySecret {
    key: ApiKey,
    /// To be sent as `Authorization: Bearer …`.
    secret: String,
}

pub(crate) async fn index(
    may: May<AccountAdmin>,
    Lists { listing, limit, .. }: Lists<Keys>,
) -> Result<Json<Page<ApiKey>>> {
    let keys = may.read(async |tx, by| actions::list(tx, by, &listing, limit).await).await?;
    Ok(Json(Page::dated(keys, limit, &listing, |key| key.row.id).map(ApiKey::from)))
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    name: String,
    scopes: Vec<Scope>,
    /// The groups that it is for. Leave out for all groups of the account, present and future.
    groups: Option<Vec<GroupId>>,
    /// When it ends by itself. Leave out for never.
    expires_at: Option<Time>,
}

pub(crate) async fn create(
    may: May<AccountAdmin>,
    Body(input): Body<NewApiKey>,
) -> Result<Answer<ApiKeySecret>> {
    let NewApiKey { name, scopes, groups, expires_at } = input;
    let (wanted, site) = (Wanted { name, scopes, groups, expires_at }, may.app().site.clone());
    let create = async move |tx: &_, by: &_| {
        let (key, secret) = actions::create(tx, by, &wanted, &site).await?;
        Ok(ApiKeySecret { key: key.into(), secret: secret.reveal().to_owned() })
    };
    may.post(create).await
}

pub(crate) async fn show(may: May<ApiKeyAdmin>) -> Result<Json<ApiKey>> {
    may.read(async |tx, by| Ok(Json(actions::show(tx, by).await?.into()))).await
}

/// How a secret is replaced.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// For how many hours the present secret goes on beside the new one, 0 to 168; 24 if not given.
    #[serde(default = "a_day")]
    overlap_hours: u32,
}

fn a_day() -> u32 {
    24
}

pub(crate) async fn rotate(
    may: May<ApiKeyAdmin>,
    Body(input): Body<Rotation>,
) -> Result<Answer<ApiKeySecret, 200>> {
    let rotate = async move |tx: &_, by: &_| {
        let (key, secret) = actions::rotate(tx, by, input.overlap_hours).await?;
        Ok(ApiKeySecret { key: key.into(), secret: secret.reveal().to_owned() })
    };
    may.post(rotate).await
}

pub(crate) async fn revoke(may: May<ApiKeyAdmin>) -> Result<Json<ApiKey>> {
    may.write(async |tx, by| actions::revoke(tx, by).await).await.map(|key| Json(key.into()))
}
