//! Locations, in JSON.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::locations::{LocationRow, actions, list};
use access::{GroupAdmin, GroupReader, LocationAdmin};
use kernel::error::Result;
use storage::ExpectedVersion;
use web::{Answer, Body, Json, May, NoContent, Tagged};

/// A group's locations.
#[derive(Serialize, ToSchema)]
pub struct Locations {
    items: Vec<LocationRow>,
}

pub(crate) async fn index(may: May<GroupReader>) -> Result<Json<Locations>> {
    may.read(async |tx, by| Ok(Json(Locations { items: list(tx, by).await? }))).await
}

/// A location to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLocation {
    name: String,
    #[serde(default)]
    address: String,
}

pub(crate) async fn create(
    may: May<GroupAdmin>,
    Body(input): Body<NewLocation>,
) -> Result<Answer<LocationRow>> {
    let add = async move |tx: &_, by: &_| actions::add(tx, by, &input.name, &input.address).await;
    may.post(StatusCode::CREATED, add).await
}

/// What may be changed of a location. What is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    name: Option<String>,
    address: Option<String>,
    archived: Option<bool>,
}

pub(crate) async fn change(
    may: May<LocationAdmin>,
    seen: ExpectedVersion,
    Body(input): Body<Changes>,
) -> Result<Tagged<LocationRow>> {
    let Changes { name, address, archived } = input;
    let input = actions::Changes { name, address, archived };
    let row = may.write(async move |tx, by| actions::change(tx, by, &input, seen).await).await?;
    Ok(Tagged(row.version, row))
}

pub(crate) async fn archive(may: May<LocationAdmin>) -> Result<NoContent> {
    let input = actions::Changes { archived: Some(true), ..actions::Changes::default() };
    may.write(async move |tx, by| actions::change(tx, by, &input, ExpectedVersion(None)).await).await?;
    Ok(NoContent)
}
