//! Reads JSON and queries into types, strictly: an object is an object and never a list, and what is wrong is said
//! with its place, a code for programs and a sentence for people.

use std::fmt::{self, Display};

use serde::{
    Deserialize, Deserializer,
    de::{
        self, DeserializeSeed, Expected, IntoDeserializer as _, MapAccess, SeqAccess, Unexpected, Visitor,
        value::StringDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::Value;

use kernel::error::{Error, Fault};

/// Reads a JSON body that has been parsed.
///
/// # Errors
/// What of it is wrong, by its place; `body` where that is the whole.
pub(crate) fn body<'de, T: Deserialize<'de>>(value: Value) -> Result<T, Error> {
    T::deserialize(Json(value)).map_err(|wrong| wrong.error("body"))
}

/// Reads a query's parameters.
///
/// # Errors
/// What of it is wrong, by its name.
pub(crate) fn query<'de, T: Deserialize<'de>>(pairs: Vec<(String, String)>) -> Result<T, Error> {
    T::deserialize(Pairs(pairs)).map_err(|wrong| wrong.error("query"))
}

/// What is wrong, and where.
#[derive(Debug)]
struct Wrong {
    place: String,
    fault: Fault,
}

impl Wrong {
    fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { place: String::new(), fault: Fault::new(code, detail.into()) }
    }

    /// The same, seen from further outside.
    fn within(mut self, outer: &str) -> Self {
        let dot = if self.place.is_empty() || self.place.starts_with('[') { "" } else { "." };
        self.place = format!("{outer}{dot}{}", self.place);
        self
    }

    fn error(self, whole: &'static str) -> Error {
        if self.place.is_empty() {
            Error::field(whole, self.fault)
        } else {
            Error::field(self.place, self.fault)
        }
    }
}

/// What would have been right, out of what a type says that it expects.
fn wanted(expected: &str) -> (&'static str, &'static str) {
    match expected {
        "a boolean" => ("not_a_boolean", "Use true or false."),
        text if text.contains("string") => ("not_a_text", "Use text."),
        "i64" | "i32" | "i16" | "u64" | "u32" | "usize" | "u16" => ("not_a_number", "Use a whole number."),
        text if text.contains("sequence") => ("not_a_list", "Use a list."),
        text if text.starts_with("struct") || text.contains("map") => ("not_an_object", "Use a JSON object."),
        _ => ("wrong_type", "This has the wrong form."),
    }
}

impl Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.fault.code, self.fault.detail)
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    /// A type of ours says `code: sentence`.
    fn custom<T: Display>(message: T) -> Self {
        let text = message.to_string();
        let coded = text.split_once(": ").filter(|(code, _)| {
            !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        });
        let fault = match coded {
            Some((code, detail)) => Fault::new(code.to_owned(), detail.to_owned()),
            None if text.starts_with("data did not match") => {
                Fault::new("wrong_type", "This has the wrong form.")
            }
            None => Fault::new("invalid", text),
        };
        Self { place: String::new(), fault }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let (code, detail) = wanted(&expected.to_string());
        match found {
            Unexpected::Unit | Unexpected::Option => {
                Self::new("required", format!("This can’t be null. {detail}"))
            }
            _ => Self::new(code, detail),
        }
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match wanted(&expected.to_string()) {
            ("not_a_number", _) => Self::new("out_of_range", "This number is out of range."),
            (code, detail) => Self::new(code, detail),
        }
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        let known = known.join(", ");
        let detail = format!("There is no such field here. Known: {known}.");
        Self::new("unknown_field", detail).within(&field.chars().take(100).collect::<String>())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new("required", "This is required.").within(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new("repeated", "Give this once.").within(field)
    }
}

/// A JSON value to be read.
struct Json(Value);

impl<'de> Deserializer<'de> for Json {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(number), _) => visitor.visit_i64(number),
                (None, Some(number)) => visitor.visit_u64(number),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => visitor.visit_seq(Items { rest: items.into_iter(), at: 0 }),
            Value::Object(members) => {
                visitor.visit_map(Entries { rest: members.into_iter(), next: None, read: Json })
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    /// The difference to serde's own readers, which take a list for an object whose members are in order.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        if self.0.is_object() {
            return self.deserialize_any(visitor);
        }
        Err(Wrong::new("not_an_object", "Use a JSON object."))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::String(text) => {
                let text: StringDeserializer<Wrong> = text.into_deserializer();
                visitor.visit_enum(text)
            }
            _ => Err(Wrong::new("not_a_text", "Use text.")),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq
        tuple tuple_struct map identifier ignored_any
    }
}

struct Items {
    rest: std::vec::IntoIter<Value>,
    at: usize,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some(value) = self.rest.next() else { return Ok(None) };
        let at = self.at;
        self.at += 1;
        seed.deserialize(Json(value)).map(Some).map_err(|wrong| wrong.within(&format!("[{at}]")))
    }
}

/// The members of an object, or a query's parameters: `read` makes a value one that can be read.
struct Entries<I, V, R> {
    rest: I,
    next: Option<(String, V)>,
    read: fn(V) -> R,
}

impl<'de, I, V, R> MapAccess<'de> for Entries<I, V, R>
where
    I: Iterator<Item = (String, V)>,
    V: Default,
    R: Deserializer<'de, Error = Wrong>,
{
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        let key: StringDeserializer<Wrong> = name.clone().into_deserializer();
        self.next = Some((name, value));
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Wrong> {
        let (name, value) = self.next.take().unwrap_or_default();
        seed.deserialize((self.read)(value)).map_err(|wrong| wrong.within(&name))
    }
}

/// A query's parameters.
struct Pairs(Vec<(String, String)>);

impl<'de> Deserializer<'de> for Pairs {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_map(Entries { rest: self.0.into_iter(), next: None, read: Text })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The value of a parameter, which is text whatever it means.
struct Text(String);

macro_rules! numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            match self.0.parse::<i64>() {
                Ok(number) => visitor.visit_i64(number),
                Err(_) => Err(Wrong::new("not_a_number", "Use a whole number.")),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Text {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_string(self.0)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0.as_str() {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Wrong::new("not_a_boolean", "Use true or false.")),
        }
    }

    numbers! { deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u16 deserialize_u32 deserialize_u64 }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let text: StringDeserializer<Wrong> = self.0.into_deserializer();
        visitor.visit_enum(text)
    }

    forward_to_deserialize_any! {
        i8 i128 u8 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only whether it can be read is tested")]
    struct Pet {
        name: String,
        #[serde(default)]
        age: i64,
        #[serde(default)]
        friends: Vec<Pet>,
        born: Option<kernel::clock::Time>,
    }

    fn refused(value: Value) -> (String, String, String) {
        let error = body::<Pet>(value).unwrap_err();
        let fault = &error.fields()[0];
        (fault.field.to_string(), fault.code.to_string(), fault.detail.to_string())
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_a_code_and_a_sentence() {
        for (value, place, code, detail) in [
            (json!([]), "body", "not_an_object", "Use a JSON object."),
            (json!({}), "name", "required", "This is required."),
            (json!({ "name": 7 }), "name", "not_a_text", "Use text."),
            (json!({ "name": null }), "name", "required", "This can’t be null. Use text."),
            (json!({ "name": "A", "age": "7" }), "age", "not_a_number", "Use a whole number."),
            (json!({ "name": "A", "age": 1.5 }), "age", "not_a_number", "Use a whole number."),
            (json!({ "name": "A", "friends": {} }), "friends", "not_a_list", "Use a list."),
            (json!({ "name": "A", "friends": [["B"]] }), "friends[0]", "not_an_object", "Use a JSON object."),
            (json!({ "name": "A", "friends": [{}] }), "friends[0].name", "required", "This is required."),
            (
                json!({ "name": "A", "born": "x" }),
                "born",
                "not_a_time",
                "Use a time such as 2026-03-01T09:30:00Z.",
            ),
        ] {
            let found = refused(value);
            assert_eq!((found.0.as_str(), found.1.as_str(), found.2.as_str()), (place, code, detail));
        }
        let (place, code, _) = refused(json!({ "name": "A", "friends": [{ "name": "B", "color": 1 }] }));
        assert_eq!((place.as_str(), code.as_str()), ("friends[0].color", "unknown_field"));
    }

    #[test]
    fn a_parameter_is_text_and_means_what_its_type_says() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Which {
            year: Option<i16>,
            #[serde(default)]
            all: bool,
        }
        let read = |pairs: &[(&str, &str)]| {
            let owned = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            query::<Which>(owned.collect())
        };
        let which = read(&[("year", "2026"), ("all", "true")]).unwrap();
        assert_eq!((which.year, which.all), (Some(2026), true));
        for (pairs, field, code) in [
            ([("year", "x")], "year", "not_a_number"),
            ([("year", "70000")], "year", "out_of_range"),
            ([("all", "yes")], "all", "not_a_boolean"),
            ([("unknown", "1")], "unknown", "unknown_field"),
        ] {
            let error = read(&pairs).unwrap_err();
            assert_eq!((&*error.fields()[0].field, &*error.fields()[0].code), (field, code));
        }
    }
}
