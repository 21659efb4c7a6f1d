//! Links: what an operation makes, others take by its id.

use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};

use super::schemas::named;
use crate::{
    Route,
    example::{self, Kind},
};
use axum::http::Method;

/// What the field `id` of a schema is an id of.
pub(super) fn id_of(schema: &RefOr<Schema>, schemas: &Map<String, Value>) -> Option<Kind> {
    let schema = serde_json::to_value(schema).ok()?;
    let name = id_in(&schema, schemas)?;
    example::PARTS.iter().filter_map(|part| example::kind(part)).find(|kind| kind.schema_name == name)
}

fn id_in(schema: &Value, schemas: &Map<String, Value>) -> Option<String> {
    if let Some(name) = named(schema) {
        return id_in(schemas.get(name)?, schemas);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        return parts.iter().find_map(|part| id_in(part, schemas));
    }
    named(&schema["properties"]["id"]).map(str::to_owned)
}

/// The operations that take nothing but such an id.
pub(super) fn from(kind: &Kind, routes: &[&Route]) -> Value {
    let takes = |route: &&&Route| {
        let parts = route.parts().collect::<Vec<_>>();
        let alone = parts.len() == 1 && example::kind(parts[0]).is_some_and(|of| of.prefix == kind.prefix);
        alone && matches!(route.method, Method::GET | Method::PATCH) && !route.path.contains("/me/")
    };
    let link = |route: &&Route| {
        let name = route.parts().next().unwrap_or_default();
        let parameters = json!({ name: "$response.body#/id" });
        (route.id.to_owned(), json!({ "operationId": route.id, "parameters": parameters }))
    };
    Value::Object(routes.iter().filter(takes).map(link).collect())
}
