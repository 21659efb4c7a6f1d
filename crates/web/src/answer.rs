//! What handlers of the API return.

use std::{borrow::Cow, marker::PhantomData};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

use crate::errors::refuse;
use kernel::{
    error::{Error, Result},
    id::{Id, Named},
    text,
};
use storage::idempotency::Kept;

fn json(status: StatusCode, body: String) -> Response {
    let mut response = (status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn serialized<T: Serialize>(status: StatusCode, value: &T) -> Response {
    match serde_json::to_string(value) {
        Ok(body) => json(status, body),
        Err(error) => refuse(Error::internal(error)),
    }
}

/// 201, for actions that know no HTTP types.
pub const CREATED: StatusCode = StatusCode::CREATED;

/// 200 with a body.
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        serialized(StatusCode::OK, &self.0)
    }
}

/// 201 with a body.
pub struct Created<T>(pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        serialized(StatusCode::CREATED, &self.0)
    }
}

/// 204.
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// 200 with a body and its version as `ETag`: send it back as `If-Match` with a change.
pub struct Tagged<T>(pub i64, pub T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = serialized(StatusCode::OK, &self.1);
        if let Ok(tag) = HeaderValue::from_str(&format!("\"v{}\"", self.0)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// The bytes of a PDF, with the name under which a browser would keep it.
pub struct Pdf {
    name: String,
    bytes: Vec<u8>,
}

impl Pdf {
    /// A document. Its name is made of the words of its title.
    pub fn new(title: &str, bytes: Vec<u8>) -> Self {
        let words = text::words(title).join("-");
        let name = words.chars().filter(char::is_ascii).take(80).collect::<String>();
        Self { name: if name.is_empty() { "document".to_owned() } else { name }, bytes }
    }
}

impl IntoResponse for Pdf {
    fn into_response(self) -> Response {
        let mut response = self.bytes.into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
        if let Ok(named) = HeaderValue::from_str(&format!("inline; filename=\"{}.pdf\"", self.name)) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, named);
        }
        response
    }
}

/// What a path gives that may end in `.pdf`: the object, or the document.
pub enum OrPdf<T> {
    /// The object with its version as `ETag`.
    Tagged(Tagged<T>),
    /// The document.
    Pdf(Pdf),
}

impl<T: Serialize> IntoResponse for OrPdf<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Tagged(object) => object.into_response(),
            Self::Pdf(document) => document.into_response(),
        }
    }
}

/// The answer to a POST: made now, or kept from the first time that it was asked.
pub struct Answer<T> {
    status: StatusCode,
    body: String,
    of: PhantomData<fn() -> T>,
}

impl<T> Answer<T> {
    pub(super) fn new(kept: Kept) -> Self {
        let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
        Self { status, body: kept.body, of: PhantomData }
    }
}

impl<T> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        match self.body.as_str() {
            "null" => self.status.into_response(),
            _ => json(self.status, self.body),
        }
    }
}

/// One page of a list.
#[derive(Clone, Debug, Serialize)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins: give it back as `cursor`. Null at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page out of rows that were asked for with one more than the limit, to see whether there are more.
    pub fn cut(mut items: Vec<T>, limit: i64, cursor: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(cursor);
        Self { items, next_cursor }
    }

    /// The page with other items.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next_cursor: self.next_cursor }
    }
}

/// Reads a cursor that is an id; absent, the list begins at its newest.
///
/// # Errors
/// It is not a cursor of this list.
pub fn cursor_id<T: Named>(cursor: Option<&str>) -> Result<Id<T>> {
    text::cursor(cursor, |text| text.parse().ok()).map(|id| id.unwrap_or(Id::last()))
}

impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let item = RefOr::Ref(utoipa::openapi::Ref::from_schema_name(T::name()));
        ObjectBuilder::new()
            .property("items", ArrayBuilder::new().items(item))
            .required("items")
            .property(
                "next_cursor",
                ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null])),
            )
            .required("next_cursor")
            .into()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        format!("PageOf{}", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}
