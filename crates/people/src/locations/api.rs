//! Locations, in JSON.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::locations::{LocationRow, Locations, actions, list};
use access::{GroupAdmin, GroupReader, LocationAdmin};
use kernel::error::Result;
use storage::ExpectedVersion;
use web::{Answer, Body, Json, Lists, May, NoContent, Page, Tagged};

pub(crate) async fn index(
    may: May<GroupReader>,
    Lists { listing, limit, .. }: Lists<Locations>,
) -> Result<Json<Page<LocationRow>>> {
    let rows = may.read(async |tx, by| list(tx, by).await).await?;
    Ok(Json(Page::arranged(rows, limit, &listing, LocationRow::place)))
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
    may.post(add).await
}

/// What may be changed of a location. What is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LocationUpdate)]
pub struct Changes {
    #[serde(default, deserialize_with = "web::text_or_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    address: Option<String>,
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
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
    may.write(async move |tx, by| actions::change(tx, by, &input, ExpectedVersion::ANY).await).await?;
    Ok(NoContent)
}
