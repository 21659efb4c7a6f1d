//! The schemas of all types that travel: one name, one type.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value, json};

use crate::{Route, example, route::Known};
use utoipa::openapi::{RefOr, Schema};

/// The schemas by name, and the names that mean two things.
pub(super) struct Schemas {
    pub(super) found: Map<String, Value>,
    pub(super) clashes: Vec<String>,
}

impl Schemas {
    pub(super) fn of(routes: &[&Route]) -> Self {
        let mut known = BTreeMap::<String, (Value, String)>::new();
        let mut clashes = Vec::new();
        for route in routes {
            for Known { name, schema, of } in &route.notes.schemas {
                let from = format!("{of} ({})", route.id);
                let schema = written(schema);
                match known.get(name) {
                    Some((first, _)) if *first == schema => {}
                    Some((_, other)) => {
                        clashes.push(format!("{name} is two things: in {other}, and in {from}"));
                    }
                    None => _ = known.insert(name.clone(), (schema, from)),
                }
            }
        }
        let mut found = known.into_iter().map(|(name, (schema, _))| (name, schema)).collect::<Map<_, _>>();
        for kind in routes.iter().flat_map(|route| route.parts()).filter_map(example::kind) {
            let schema = serde_json::to_value(&kind.schema).unwrap_or_default();
            found.entry(kind.schema_name).or_insert(schema);
        }
        found.insert("Problem".to_owned(), problem());
        found.insert("FieldError".to_owned(), field_error());
        answers_are_whole(&mut found, routes);
        Self { found, clashes }
    }
}

/// What is only ever answered has every field always: what may be null is there, and null.
fn answers_are_whole(found: &mut Map<String, Value>, routes: &[&Route]) {
    let asked = reached(found, routes.iter().flat_map(|route| &route.notes.body).map(|body| &body.schema));
    for (name, schema) in found.iter_mut() {
        if !asked.contains(name) {
            require_all(schema);
            // What is answered may get more fields, and stands within others.
            schema.as_object_mut().map(|schema| schema.remove("additionalProperties"));
        }
    }
}

fn require_all(schema: &mut Value) {
    if let Some(Value::Array(parts)) = schema.get_mut("allOf") {
        parts.iter_mut().for_each(require_all);
    }
    let nullable = |field: &Value| {
        let null = json!("null");
        let options = field["oneOf"].as_array().or(field["anyOf"].as_array());
        field["type"].as_array().is_some_and(|types| types.contains(&null))
            || options.is_some_and(|options| options.iter().any(|option| option["type"] == null))
    };
    let Some(fields) = schema["properties"].as_object() else { return };
    let mut required = schema["required"].as_array().cloned().unwrap_or_default();
    let more = fields.iter().filter(|(_, field)| nullable(field)).map(|(name, _)| json!(name));
    let more = more.filter(|name| !required.contains(name)).collect::<Vec<_>>();
    required.extend(more);
    if !required.is_empty() {
        schema["required"] = required.into();
    }
}

/// The names of the schemas that these lead to.
fn reached<'a>(found: &Map<String, Value>, from: impl Iterator<Item = &'a RefOr<Schema>>) -> HashSet<String> {
    let mut names = HashSet::new();
    let mut open = from.map(|schema| serde_json::to_value(schema).unwrap_or_default()).collect::<Vec<_>>();
    while let Some(value) = open.pop() {
        if let Some(name) = named(&value)
            && names.insert(name.to_owned())
        {
            open.extend(found.get(name).cloned());
        }
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.into_iter().map(|(_, member)| member)),
            _ => {}
        }
    }
    names
}

/// The name of the schema that a reference leads to.
pub(super) fn named(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

/// The type of a schema, without null; empty where it says none.
pub(crate) fn type_of(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default()
        }
        _ => "",
    }
}

/// A schema as the document has it.
pub(super) fn written(schema: &RefOr<Schema>) -> Value {
    let mut written = serde_json::to_value(schema).unwrap_or_default();
    tidy(&mut written);
    written
}

/// Takes away what says nothing: formats of numbers are kept, empty descriptions aren't.
pub(super) fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("description").is_some_and(|text| text == "") {
                members.remove("description");
            }
            // A reference beside null: readers expect the type first.
            if let Some(Value::Array(options)) = members.get_mut("oneOf") {
                options.sort_by_key(|option| option["type"] == "null");
            }
            members.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

fn problem() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["type", "title", "status", "detail", "code", "errors"],
        "properties": {
            "type": { "type": "string", "description": "`urn:covey:problem:` and the code." },
            "title": { "type": "string", "description": "What kind of problem it is, for people." },
            "status": { "type": "integer", "description": "The HTTP status." },
            "detail": { "type": "string", "description": "What happened and what to do, for people." },
            "code": { "type": "string", "description": "What happened, for programs. It stays." },
            "errors": {
                "type": "array",
                "description": "The fields that are wrong.",
                "items": { "$ref": "#/components/schemas/FieldError" },
            },
        },
    })
}

fn field_error() -> Value {
    json!({
        "type": "object",
        "description": "What is wrong with one field.",
        "required": ["field", "code", "detail"],
        "properties": {
            "field": { "type": "string", "description": "The field, as you wrote it: `animals[0].birth_date`." },
            "code": { "type": "string", "description": "What is wrong, for programs: `not_a_date`." },
            "detail": { "type": "string", "description": "What is wrong and what would be right, for people." },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_answered_has_every_field() {
        let mut schema = json!({
            "properties": { "a": { "type": ["string", "null"] }, "b": { "type": "string" } },
        });
        require_all(&mut schema);
        assert_eq!(schema["required"], json!(["a"]), "what is left out where there is none, is not required");
    }
}
