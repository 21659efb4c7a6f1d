//! Many things in one call: what people do by hundreds, by the same action as one of them.
//!
//! Each item has its own proof, transaction and outcome. With an `Idempotency-Key`, each item that succeeded keeps its
//! own answer in its own transaction, so that a call that broke off half-way can be repeated: what was done is told
//! again, and the rest is done.

use std::{borrow::Cow, marker::PhantomData};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

use crate::{
    Json,
    errors::status,
    route::{Described, Notes},
};
use kernel::error::{Error, Fault, FieldError, Kind, Result};

/// How many items one call takes.
pub const MOST: usize = 500;

/// What became of one item.
#[derive(Serialize)]
pub struct Outcome {
    index: usize,
    status: u16,
    code: Option<Cow<'static, str>>,
    detail: Option<String>,
    errors: Vec<FieldError>,
    result: Option<Value>,
}

impl Outcome {
    pub(crate) fn done(index: usize, status: u16, result: Value) -> Self {
        Self { index, status, code: None, detail: None, errors: Vec::new(), result: Some(result) }
    }

    pub(crate) fn failed(index: usize, error: &Error) -> Self {
        if matches!(error.kind(), Kind::Internal | Kind::Unavailable) {
            tracing::error!(index, ?error, "an item of a call failed");
        }
        Self {
            index,
            status: status(error.kind()).as_u16(),
            code: Some(error.code().into()),
            detail: Some(error.public().to_owned()),
            errors: error.fields().to_vec(),
            result: None,
        }
    }

    /// An item that came to something without being done, as its own result says.
    #[must_use]
    pub fn refused(self, status: u16, code: impl Into<Cow<'static, str>>, detail: String) -> Self {
        Self { status, code: Some(code.into()), detail: Some(detail), ..self }
    }
}

/// The outcomes of a call, in the order of its items; `T` is what a single call answers.
#[derive(Serialize)]
pub struct Outcomes<T> {
    outcomes: Vec<Outcome>,
    succeeded: usize,
    failed: usize,
    #[serde(skip)]
    of: PhantomData<fn() -> T>,
}

impl<T> Outcomes<T> {
    pub(crate) fn new(outcomes: Vec<Outcome>) -> Self {
        let failed = outcomes.iter().filter(|outcome| outcome.code.is_some()).count();
        Self { succeeded: outcomes.len() - failed, failed, outcomes, of: PhantomData }
    }
}

/// 200 with what became of each item, whatever that is.
pub struct Bulk<T>(pub(crate) Outcomes<T>);

impl<T> IntoResponse for Bulk<T> {
    fn into_response(self) -> Response {
        Json(self.0).into_response()
    }
}

impl<T: ToSchema + 'static> Described for Bulk<T> {
    fn describe(notes: &mut Notes) {
        notes.json::<Outcomes<T>>(StatusCode::OK.as_u16());
    }
}

/// Takes the items of a call.
///
/// # Errors
/// There are none, or more than [`MOST`].
pub fn items<I>(items: Vec<I>) -> Result<Vec<I>> {
    match items.len() {
        0 => Err(Error::field("items", Fault::required("Send at least one item."))),
        many if many > MOST => {
            let detail = format!("Send at most {MOST} items in one call. This call has {many}.");
            Err(Error::field("items", Fault::new("too_many", detail)))
        }
        _ => Ok(items),
    }
}

/// The name of the schema of one outcome.
fn item<T: ToSchema>() -> String {
    format!("{}BulkItem", T::name())
}

fn nullable(of: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([of, Type::Null]))
}

fn item_schema<T: ToSchema>() -> RefOr<Schema> {
    let integer = || ObjectBuilder::new().schema_type(Type::Integer);
    let fault = RefOr::Ref(Ref::from_schema_name(FieldError::name()));
    let result = OneOfBuilder::new()
        .item(RefOr::Ref(Ref::from_schema_name(T::name())))
        .item(ObjectBuilder::new().schema_type(Type::Null));
    ObjectBuilder::new()
        .description(Some("What became of one item."))
        .property(
            "index",
            integer().minimum(Some(0)).description(Some("The item’s place in the call, from 0.")),
        )
        .property(
            "status",
            integer().description(Some(
                "200 or 201 where it succeeded; else the status that a call for this item alone would have.",
            )),
        )
        .property("code", nullable(Type::String).description(Some("Why it failed. Null where it succeeded.")))
        .property("detail", nullable(Type::String).description(Some("The same in a sentence.")))
        .property("errors", ArrayBuilder::new().items(fault))
        .property("result", result)
        .required("index")
        .required("status")
        .required("code")
        .required("detail")
        .required("errors")
        .required("result")
        .into()
}

impl<T: ToSchema> PartialSchema for Outcomes<T> {
    fn schema() -> RefOr<Schema> {
        let count = || ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let each = RefOr::Ref(Ref::from_schema_name(item::<T>()));
        ObjectBuilder::new()
            .description(Some("What became of each item."))
            .property("outcomes", ArrayBuilder::new().items(each))
            .property("succeeded", count())
            .property("failed", count())
            .required("outcomes")
            .required("succeeded")
            .required("failed")
            .into()
    }
}

impl<T: ToSchema> ToSchema for Outcomes<T> {
    fn name() -> Cow<'static, str> {
        format!("{}BulkOutcomes", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((item::<T>(), item_schema::<T>()));
        schemas.push((FieldError::name().into_owned(), FieldError::schema()));
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}
