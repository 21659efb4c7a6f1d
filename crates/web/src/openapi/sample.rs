//! Samples of answers, out of their schemas.

use serde_json::{Map, Value, json};

use super::schemas::{named, type_of};
use crate::example;

/// A value that fits a schema and looks like one from a practice.
pub(super) fn of(schema: &Value, schemas: &Map<String, Value>) -> Value {
    value("", schema, schemas, 0)
}

fn value(name: &str, schema: &Value, schemas: &Map<String, Value>, depth: usize) -> Value {
    if depth > 24 {
        return Value::Null;
    }
    let deeper = |schema: &Value| value(name, schema, schemas, depth + 1);
    if let Some(of) = named(schema) {
        let id = example::of_schema(of).map(Value::from);
        return id.unwrap_or_else(|| schemas.get(of).map_or(Value::Null, deeper));
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.first().cloned().unwrap_or_default();
    }
    if let Some(first) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()).and_then(|all| all.first())
    {
        return deeper(first);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(deeper).filter_map(|part| part.as_object().cloned());
        return Value::Object(parts.flatten().collect());
    }
    match type_of(schema) {
        "object" => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            let fields = fields.map(|(name, field)| (name.clone(), value(name, field, schemas, depth + 1)));
            Value::Object(fields.collect())
        }
        "array" => json!([value(name, &schema["items"], schemas, depth + 1)]),
        "integer" | "number" => json!(number(name)),
        "boolean" => json!(matches!(name, "active" | "known" | "favorite" | "held" | "address_proved")),
        "string" => json!(text(name, schema)),
        _ => json!({}),
    }
}

fn number(name: &str) -> i64 {
    match name {
        "amount" | "price" => 1250,
        "status" => 422,
        "minutes" => 45,
        "size" => 48_213,
        _ => 1,
    }
}

fn text(name: &str, schema: &Value) -> String {
    if let Some(pattern) = schema["pattern"].as_str() {
        let prefix = pattern.strip_prefix('^').and_then(|rest| rest.split_once("_["));
        return prefix.map_or("USD".to_owned(), |(prefix, _)| format!("{prefix}_06earhkqg1o01081040g208104"));
    }
    match (schema["format"].as_str(), name) {
        (Some("date-time"), _) => "2026-03-02T09:30:00Z",
        (Some("date"), _) | (_, "service_date") => "2026-03-02",
        (_, "birth_date") => "2019-05-01",
        (_, "email") => "ada.lund@riverside.example",
        (_, "name" | "account_name" | "practice") => "Riverside",
        (_, "title") => "After surgery",
        (_, "subject") => "Insurance question",
        (_, "body" | "note" | "message" | "comment") => "Seen today.",
        (_, "phone") => "+1 330 555 0100",
        (_, "species") => "Dog",
        (_, "breed") => "Collie",
        (_, "time_zone") => "America/Chicago",
        (_, "content_type") => "image/png",
        (_, "link") => "https://covey.example/invitations/4f1c",
        (_, "token") => "4f1c2a",
        (_, "cursor" | "next_cursor") => "cas_06earhkqg1o01081040g208104",
        (_, other) => return other.replace('_', " "),
    }
    .to_owned()
}
