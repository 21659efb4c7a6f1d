//! What handlers of the API return.

use std::{borrow::Cow, marker::PhantomData};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder, Ref, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

use crate::{Limit, errors::refuse};
use kernel::{
    error::{Error, Result},
    id::{self, Id},
    text,
};
use storage::{
    idempotency::Kept,
    list::{Key, Listing, Sorted},
};

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

/// 202 without a body: it was taken, and will be done.
pub struct Accepted;

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        StatusCode::ACCEPTED.into_response()
    }
}

/// An answer of one kind with one of two statuses: done now, or still under way.
pub enum MaybeLater<T> {
    /// 201: it is done.
    Done(T),
    /// 202: it is under way.
    Later(T),
}

impl<T: Serialize> IntoResponse for MaybeLater<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Done(body) => serialized(StatusCode::CREATED, &body),
            Self::Later(body) => serialized(StatusCode::ACCEPTED, &body),
        }
    }
}

/// An answer with cookies beside it.
pub struct WithCookies<A> {
    answer: A,
    cookies: Vec<HeaderValue>,
}

impl<A> WithCookies<A> {
    /// The answer with these, perhaps none.
    pub fn new(answer: A, cookies: impl IntoIterator<Item = HeaderValue>) -> Self {
        Self { answer, cookies: cookies.into_iter().collect() }
    }
}

impl<A: IntoResponse> IntoResponse for WithCookies<A> {
    fn into_response(self) -> Response {
        let mut response = self.answer.into_response();
        for cookie in self.cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// A table as CSV.
pub struct Csv(pub Response);

/// A table as JSON lines, each a `T`.
pub struct JsonLines<T> {
    response: Response,
    of: PhantomData<fn() -> T>,
}

impl<T> JsonLines<T> {
    pub(crate) fn of(response: Response) -> Self {
        Self { response, of: PhantomData }
    }
}

impl<T> IntoResponse for JsonLines<T> {
    fn into_response(self) -> Response {
        self.response
    }
}

/// A file that someone attached, in its own format.
pub struct Download(pub Response);

/// A document to be printed.
pub struct PdfFile(pub Response);

impl From<Pdf> for PdfFile {
    fn from(document: Pdf) -> Self {
        Self(document.into_response())
    }
}

macro_rules! as_they_are {
    ($($name:ident)*) => {$(
        impl IntoResponse for $name {
            fn into_response(self) -> Response {
                self.0
            }
        }

        impl From<$name> for Response {
            fn from(file: $name) -> Self {
                file.0
            }
        }
    )*};
}
as_they_are! { Csv Download PdfFile }

/// Something by its id and name.
#[derive(Clone, Debug, Serialize)]
#[serde(bound = "")]
pub struct Named<T: id::Named> {
    /// Its id.
    pub id: Id<T>,
    /// Its name.
    pub name: String,
}

impl<T: id::Named> PartialSchema for Named<T> {
    fn schema() -> RefOr<Schema> {
        let id = RefOr::Ref(Ref::from_schema_name(Id::<T>::name()));
        let name = ObjectBuilder::new().schema_type(Type::String);
        ObjectBuilder::new()
            .description(Some("Something by its id and name."))
            .property("id", id)
            .required("id")
            .property("name", name)
            .required("name")
            .into()
    }
}

impl<T: id::Named> ToSchema for Named<T> {
    fn name() -> Cow<'static, str> {
        format!("{}Ref", T::NAME).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Id::<T>::name().into_owned(), Id::<T>::schema()));
    }
}

/// The entity tag of a body: its object's version, which a change is held against, and what the body is made of
/// beyond that, which tells whether a reader has it already.
fn tag(version: i64, body: &str) -> Option<HeaderValue> {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(body)[..6]);
    HeaderValue::from_str(&format!("\"v{version}-{hash}\"")).ok()
}

/// 200 with a body and its version as `ETag`: send it back as `If-Match` with a change.
pub struct Tagged<T>(pub i64, pub T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let body = match serde_json::to_string(&self.1) {
            Ok(body) => body,
            Err(error) => return refuse(Error::internal(error)),
        };
        let tag = tag(self.0, &body);
        let mut response = json(StatusCode::OK, body);
        tag.map(|tag| response.headers_mut().insert(header::ETAG, tag));
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
pub enum OrPdf<A> {
    /// The object.
    Object(A),
    /// The document.
    Pdf(PdfFile),
}

impl<A: IntoResponse> IntoResponse for OrPdf<A> {
    fn into_response(self) -> Response {
        match self {
            Self::Object(object) => object.into_response(),
            Self::Pdf(document) => document.into_response(),
        }
    }
}

/// The answer to a POST, with its status: made now, or kept from the first time that it was asked.
pub struct Answer<T, const STATUS: u16 = 201> {
    body: String,
    address: Option<Address>,
    of: PhantomData<fn() -> T>,
}

/// Where something that was made is found, and under which version.
pub(crate) struct Address {
    pub(crate) path: String,
    pub(crate) tagged: bool,
}

impl<T, const STATUS: u16> Answer<T, STATUS> {
    pub(super) fn new(kept: Kept, address: Option<Address>) -> Self {
        Self { body: kept.body, address, of: PhantomData }
    }
}

impl<T, const STATUS: u16> IntoResponse for Answer<T, STATUS> {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(STATUS).unwrap_or(StatusCode::OK);
        let Some(Address { path, tagged }) = self.address else {
            return if self.body == "null" { status.into_response() } else { json(status, self.body) };
        };
        // What was made just now is in its first version.
        let tag = if tagged { tag(1, &self.body) } else { None };
        let mut response = json(status, self.body);
        let headers = response.headers_mut();
        tag.map(|tag| headers.insert(header::ETAG, tag));
        HeaderValue::from_str(&path).ok().map(|path| headers.insert(header::LOCATION, path));
        response
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

    /// A page of a list that can be sorted, out of rows that were asked for with one more than the limit.
    pub fn sorted<L: Sorted>(
        rows: Vec<T>,
        limit: i64,
        listing: &Listing<L>,
        place: impl Fn(&T, &str) -> (Key, Id<L::Of>),
    ) -> Self {
        Self::cut(rows, limit, |row| {
            let (key, id) = place(row, listing.by());
            listing.cursor(&key, id)
        })
    }

    /// A page of a list that is sorted by the creation of its rows alone.
    pub fn dated<L: Sorted>(
        rows: Vec<T>,
        limit: i64,
        listing: &Listing<L>,
        id: impl Fn(&T) -> Id<L::Of>,
    ) -> Self {
        Self::sorted(rows, limit, listing, |row, _| (Key::Created, id(row)))
    }

    /// A page of a list that can be sorted and is short enough to be read whole.
    pub fn arranged<L: Sorted>(
        rows: Vec<T>,
        limit: i64,
        listing: &Listing<L>,
        place: impl Fn(&T, &str) -> (Key, Id<L::Of>),
    ) -> Self {
        let rows = listing.arrange(rows, |row| place(row, listing.by()), |row| place(row, "updated_at").0);
        Self::sorted(rows, limit, listing, place)
    }

    /// A page out of a short list that is read whole. The cursor names the last item that was given, and its place, in
    /// case it is gone by then.
    ///
    /// # Errors
    /// It is not a cursor of this list.
    pub fn of(items: Vec<T>, part: &Part, key: impl Fn(&T) -> String) -> Result<Self> {
        let after = text::cursor(part.cursor.as_deref(), |text| {
            let (place, id) = text.split_once('-')?;
            Some((place.parse::<usize>().ok()?, id.to_owned()))
        })?;
        let from = after.map_or(0, |(place, id)| {
            items.iter().position(|item| key(item) == id).map_or(place, |found| found + 1)
        });
        let limit = usize::try_from(part.limit.0).unwrap_or(0);
        let (all, items) = (items.len(), items.into_iter().skip(from).take(limit).collect::<Vec<_>>());
        let end = from.saturating_add(items.len());
        let next_cursor = items.last().filter(|_| end < all).map(|last| format!("{end}-{}", key(last)));
        Ok(Self { items, next_cursor })
    }

    /// The page with other items.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next_cursor: self.next_cursor }
    }
}

/// Which part of a list.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// How many items a page has at most.
    #[serde(default)]
    #[param(inline)]
    pub limit: Limit,
    /// Where to go on: the `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Reads a cursor that is an id; absent, the list begins at its newest.
///
/// # Errors
/// It is not a cursor of this list.
pub fn cursor_id<T: id::Named>(cursor: Option<&str>) -> Result<Id<T>> {
    text::cursor(cursor, |text| text.parse().ok()).map(|id| id.unwrap_or(Id::last()))
}

impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let item = RefOr::Ref(Ref::from_schema_name(T::name()));
        ObjectBuilder::new()
            .description(Some("One page of a list."))
            .property("items", ArrayBuilder::new().items(item))
            .required("items")
            .property(
                "next_cursor",
                ObjectBuilder::new()
                    .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
                    .description(Some(
                        "Where the next page begins: give it back as `cursor`. Null at the end.",
                    )),
            )
            .required("next_cursor")
            .into()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        format!("{}List", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}
