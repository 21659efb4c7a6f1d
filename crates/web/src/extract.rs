//! What handlers read from a request. Every mistake names its field and is a 4xx.

use std::collections::HashMap;

use axum::{
    body::Bytes,
    extract::Request,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

use crate::{
    App,
    body::{FileForm, Fingerprint, Held, Source},
    strict,
};
use kernel::error::{Error, Fault, Result};
use storage::ExpectedVersion;

/// What of a request has not been read yet.
pub struct Incoming {
    /// Method, path, headers.
    pub parts: Parts,
    /// The body, until a parameter takes it.
    source: Option<Source>,
    /// The memory that the body takes, which stays with the request until it is answered.
    _held: Held,
}

/// The most bytes of a body that anyone at all may send.
const PUBLIC_LIMIT: usize = 256 << 10;
/// The most fields of a form.
const FIELDS: usize = 10_000;

impl Incoming {
    /// A request to a route that takes bodies of at most `limit` bytes; those that are `stored` go on to the disk.
    pub fn new(request: Request, limit: usize, stored: bool, app: &App) -> Self {
        let (parts, body) = request.into_parts();
        let held = Held::default();
        let source = Source {
            body: body.into_data_stream(),
            limit,
            room: (!stored).then(|| app.room().clone()),
            held: held.clone(),
            fingerprint: None,
            ending: app.ending(),
            received: 0,
            began: None,
        };
        Self { parts, source: Some(source), _held: held }
    }

    /// Takes only what anyone at all may send.
    pub(crate) fn for_anyone(&mut self) {
        if let Some(source) = &mut self.source {
            source.limit = source.limit.min(PUBLIC_LIMIT);
        }
    }

    /// Has what is read of the body hashed.
    pub(crate) fn hash_into(&mut self, fingerprint: Option<Fingerprint>) {
        if let Some(source) = &mut self.source {
            source.fingerprint = fingerprint;
        }
    }

    fn source(&mut self) -> Result<Source> {
        self.source.take().ok_or_else(|| Error::internal("two parameters read the body"))
    }

    /// The whole body, at most as long as the route takes.
    async fn bytes(&mut self) -> Result<Bytes> {
        self.source()?.bytes().await
    }
}

/// What a handler's parameters are read from.
pub trait Input: Sized + Send {
    /// Whether it is read from the body: then the handler's proof comes first.
    const BODY: bool = false;
    /// Whether it is read from the query: where no parameter is, a query means nothing.
    const QUERY: bool = false;

    /// Reads it.
    ///
    /// # Errors
    /// The caller's mistake, by field.
    fn take(incoming: &mut Incoming) -> impl Future<Output = Result<Self>> + Send;
}

impl Input for Bytes {
    const BODY: bool = true;

    async fn take(incoming: &mut Incoming) -> Result<Self> {
        incoming.bytes().await
    }
}

impl Input for HeaderMap {
    async fn take(incoming: &mut Incoming) -> Result<Self> {
        Ok(incoming.parts.headers.clone())
    }
}

impl Input for FileForm {
    const BODY: bool = true;

    async fn take(incoming: &mut Incoming) -> Result<Self> {
        let source = incoming.source()?;
        Self::of(incoming.parts.clone(), source).await
    }
}

/// A file in a form, or as the body by itself.
pub enum SentFile {
    /// In a form.
    Form(FileForm),
    /// By itself.
    Bare(Bytes),
}

impl Input for SentFile {
    const BODY: bool = true;

    async fn take(incoming: &mut Incoming) -> Result<Self> {
        let kind = incoming.parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        match kind.is_some_and(|kind| kind.starts_with("multipart/")) {
            true => FileForm::take(incoming).await.map(Self::Form),
            false => Bytes::take(incoming).await.map(Self::Bare),
        }
    }
}

/// A JSON body.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + Send> Input for Body<T> {
    const BODY: bool = true;

    async fn take(incoming: &mut Incoming) -> Result<Self> {
        let kind = media_type(&incoming.parts.headers);
        if kind.is_some_and(|kind| !kind.ends_with("json")) {
            return Err(Error::media_type("Send JSON, with the header Content-Type: application/json."));
        }
        let bytes = incoming.bytes().await?;
        let bytes = if bytes.is_empty() { Bytes::from_static(b"{}") } else { bytes };
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let not_json = |_| Error::field("body", Fault::new("not_json", "This isn’t valid JSON."));
        let value = serde_json::Value::deserialize(&mut reader).map_err(not_json)?;
        let more = |_| Error::field("body", Fault::new("not_json", "Unexpected data after the JSON body."));
        reader.end().map_err(more)?;
        strict::body(value).map(Self)
    }
}

/// What a body is said to be, without its parameters.
fn media_type(headers: &HeaderMap) -> Option<&str> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().unwrap_or_default();
    Some(kind.split(';').next().unwrap_or_default().trim())
}

/// Reads a field of a change: absent, it stays; null takes it away. For `#[serde(default, deserialize_with)]`.
///
/// # Errors
/// The value is of another kind.
#[allow(clippy::option_option, reason = "absent, null and a value mean three things")]
pub fn double_option<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// As [`double_option`], for a text: null empties it.
///
/// # Errors
/// The value is of another kind.
pub fn text_or_null<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Option<String>, D::Error> {
    Option::<String>::deserialize(from).map(|text| Some(text.unwrap_or_default()))
}

/// As [`double_option`], for what can't be empty: null is refused.
///
/// # Errors
/// The value is null, or of another kind.
pub fn not_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> std::result::Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// The query, read into a struct whose fields are all optional. An empty value is an absent one.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Send> Input for Query<T> {
    const QUERY: bool = true;

    async fn take(Incoming { parts, .. }: &mut Incoming) -> Result<Self> {
        strict::query(pairs(parts)?).map(Self)
    }
}

/// The query's parameters that have a value.
pub(crate) fn pairs(parts: &Parts) -> Result<Vec<(String, String)>> {
    let given = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let given = given.filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>();
    let fits = |name: &str, value: &str| match name {
        // A cursor can hold the whole name of a row.
        "cursor" => value.len() <= CURSOR_LIMIT,
        _ => searchable(value),
    };
    if let Some((name, _)) = given.iter().find(|(name, value)| !fits(name, value)) {
        return Err(not_searchable(name.clone().into_owned()));
    }
    Ok(given.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
}

/// The longest value in a query, in characters.
const QUERY_LIMIT: usize = 200;
/// The longest cursor, in bytes: a folded name of 200 characters, written in Base64, and then some.
const CURSOR_LIMIT: usize = 4_000;

fn searchable(value: &str) -> bool {
    value.chars().count() <= QUERY_LIMIT && !value.chars().any(char::is_control)
}

fn not_searchable(name: String) -> Error {
    Error::field(name, format!("Use at most {QUERY_LIMIT} characters and no control characters."))
}

/// A submitted HTML form: fields by name, some of them several times.
#[derive(Clone, Debug, Default)]
pub struct Form(HashMap<String, Vec<String>>);

impl Form {
    /// The field's text; empty where it is absent.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// Every value of a field, such as ticked boxes.
    pub fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a box is ticked.
    pub fn ticked(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Every field with every value, by name.
    pub fn fields(&self) -> Vec<(String, String)> {
        let each =
            self.0.iter().flat_map(|(name, values)| values.iter().map(|value| (name.clone(), value.clone())));
        let mut fields = each.collect::<Vec<_>>();
        fields.sort();
        fields
    }

    /// The form with one field set to this alone.
    #[must_use]
    pub fn with(mut self, name: &str, value: String) -> Self {
        self.0.insert(name.to_owned(), vec![value]);
        self
    }

    /// The form with these fields.
    pub fn of(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in fields {
            form.0.entry(name).or_default().push(value);
        }
        form
    }
}

impl Input for Form {
    const BODY: bool = true;

    async fn take(incoming: &mut Incoming) -> Result<Self> {
        let bytes = incoming.bytes().await?;
        if bytes.split(|&byte| byte == b'&').count() > FIELDS {
            return Err(Error::field("body", format!("This form has more than {FIELDS} fields.")));
        }
        let pairs = form_urlencoded::parse(&bytes);
        Ok(Self::of(pairs.map(|(name, value)| (name.into_owned(), value.into_owned()))))
    }
}

/// The query as a form: for pages whose form can be filled by a link, fields repeated or not.
pub struct QueryForm(pub Form);

impl Input for QueryForm {
    const QUERY: bool = true;

    async fn take(Incoming { parts, .. }: &mut Incoming) -> Result<Self> {
        let given = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let given = given.map(|(name, value)| (name.into_owned(), value.into_owned())).collect::<Vec<_>>();
        match given.iter().find(|(_, value)| !searchable(value)) {
            Some((name, _)) => Err(not_searchable(name.clone())),
            None => Ok(Self(Form::of(given))),
        }
    }
}

/// Out of `If-Match`.
impl Input for ExpectedVersion {
    async fn take(Incoming { parts, .. }: &mut Incoming) -> Result<Self> {
        let given = parts.headers.get_all(header::IF_MATCH);
        let tags = tags(given.iter()).collect::<Vec<_>>();
        if tags.is_empty() || tags.contains(&"*") {
            return Ok(Self::ANY);
        }
        let version = |tag: &str| {
            let tag = tag.strip_prefix("\"v")?.strip_suffix('"')?;
            tag.split_once('-').map_or(tag, |(version, _)| version).parse().ok()
        };
        // A tag that is none of ours matches nothing.
        Ok(Self::one_of(tags.iter().map(|tag| version(tag).unwrap_or(-1))))
    }
}

/// The entity tags of `If-Match` or `If-None-Match`.
pub(crate) fn tags<'a>(values: impl Iterator<Item = &'a HeaderValue>) -> impl Iterator<Item = &'a str> {
    let lists = values.map(|value| value.to_str().unwrap_or_default());
    lists.flat_map(|list| list.split(',')).map(str::trim).filter(|tag| !tag.is_empty())
}

/// Refuses a query of the API where nothing reads one.
pub(crate) fn no_query(parts: &Parts) -> Result<()> {
    let query = parts.uri.query().filter(|_| parts.uri.path().starts_with("/api/v1/")).unwrap_or_default();
    match form_urlencoded::parse(query.as_bytes()).next() {
        None => Ok(()),
        Some((name, _)) => {
            let name = name.chars().take(100).collect::<String>();
            Err(Error::field(name, Fault::new("unknown_field", "There are no parameters here.")))
        }
    }
}

/// How many items a list gives at most: 25 unless asked otherwise, 100 at most.
#[derive(Clone, Copy, Debug, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String")]
pub struct Limit(pub i64);

impl utoipa::PartialSchema for Limit {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(100));
        number.default(Some(25.into())).into()
    }
}

impl utoipa::ToSchema for Limit {}

impl Default for Limit {
    fn default() -> Self {
        Self(25)
    }
}

impl TryFrom<String> for Limit {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let limit = text.parse::<i64>().ok().filter(|limit| (1..=100).contains(limit));
        limit.map(Self).ok_or("out_of_range: Use a whole number from 1 to 100.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_and_null_are_told_apart() -> serde_json::Result<()> {
        #[derive(Deserialize)]
        struct Change {
            #[serde(default, deserialize_with = "double_option")]
            #[allow(clippy::option_option, reason = "it is what is tested")]
            of: Option<Option<u8>>,
        }
        let of = |body| serde_json::from_str::<Change>(body).map(|change| change.of);
        assert_eq!([of("{}")?, of(r#"{"of":null}"#)?, of(r#"{"of":7}"#)?], [None, Some(None), Some(Some(7))]);
        Ok(())
    }
}
