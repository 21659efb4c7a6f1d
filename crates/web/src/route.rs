//! The parts of the route table: a method, a path, what it asks of its caller, and the handler.
//!
//! A handler gets into the table only if its first parameter is `May<P>` with the same `P` that the
//! table says, so what a route asks and what its handler proves can't differ, and a handler without a
//! permission does not compile. All that is known of a route stands in its row; the router, the API's
//! document, the log, the role matrix and its requests come from there.

use std::{pin::Pin, sync::Arc};

use axum::{
    extract::{Request, State},
    http::Method,
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        ContentBuilder, Ref, RefOr, Required, Schema,
        path::{Operation, ParameterIn},
        request_body::RequestBodyBuilder,
        response::ResponseBuilder,
    },
};

use crate::{
    Answer, App, Body, Created, FileForm, Form, Json, May, NoContent, OrPdf, Query, QueryForm, SentFile,
    Tagged,
    errors::refuse,
    extract::{Incoming, Input},
    line::Line,
};
use access::{Access, Area, Proof, Scope};
use kernel::error::Result;
use storage::ExpectedVersion;

/// Writes a table of routes.
///
/// ```text
/// tag "Cases";
/// GET  "/api/v1/groups/{group}/cases" GroupReader api::index,  listGroupCases, "List a group's cases";
/// POST "/api/v1/groups/{group}/cases" GroupMember api::create, createCase,     "Create a case",
///      example r#"{"protocol":"{protocol}","location":"{location}"}"#;
/// POST "/g/{group}/cases"             GroupMember pages::create, "Create a case",
///      example "protocol={protocol}&location={location}";
/// ```
///
/// A row names the method, the path, the proof, the handler, for the API the operation's id, and what it does.
/// A part of a path named `{token}` is a secret, and nothing else in a path is one. Then, as far as they apply:
///
/// - `example "…"`: a request that who may make it makes with success: JSON for the API, a form for pages, a
///   query for a GET. Ids stand in it as `{case}`, by the names of [`example::id`](crate::example::id).
/// - `body File`, `body Import`: it takes more than [`BodyLimit::Form`].
/// - `printed`: with `.pdf` at the end of the path, it answers with the document to be printed.
/// - `quiet`: something asks for it all the time, so it is logged at the level debug alone.
/// - `probe`: what asks is a program that watches the server, and never gets a page.
/// - `chart`: what it opens of a client is the chart.
/// - `person`: API keys can't call it.
///
/// `tag "Cases", keys Cases;` opens the operations of a table to API keys: a GET to those with the area's scope for
/// reading, the others to those with its scope for writing. Pages never are.
#[macro_export]
macro_rules! routes {
    (@rows $tag:expr, $area:expr; $(
        $method:ident $path:literal $proof:ident $handler:path, $($id:ident,)? $about:literal
        $(, $option:ident $($limit:ident)? $($text:literal)?)*;
    )*) => {
        vec![$(
            $crate::route::$method::<access::$proof, _, _>($path, $about, $handler)
                $(.operation($tag, stringify!($id), $area))?
                $(.$option($($crate::route::BodyLimit::$limit)? $($text)?))*,
        )*]
    };
    (tag $tag:literal, keys $area:ident; $($rows:tt)*) => {
        $crate::routes!(@rows $tag, Some(access::Area::$area); $($rows)*)
    };
    (tag $tag:literal; $($rows:tt)*) => { $crate::routes!(@rows $tag, None; $($rows)*) };
    ($($rows:tt)*) => { $crate::routes!(@rows "", None; $($rows)*) };
}

/// A handler, boxed, so that the router's frames are compiled once.
pub type Serve = Arc<dyn Fn(Incoming, App) -> Answered + Send + Sync>;
/// A handler's answer on its way.
pub type Answered = Pin<Box<dyn Future<Output = Result<Response>> + Send>>;

/// How large the bodies are that a route takes. The configuration says how many bytes that is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum BodyLimit {
    /// A form, or JSON.
    #[default]
    Form,
    /// A form with a file to be attached.
    File,
    /// A form with a file of clients.
    Import,
}

/// What a request needs to know of the route that it came by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// With `.pdf` at the end of the path, it answers with the document to be printed.
    pub printed: bool,
    /// It is logged at the level debug alone.
    pub quiet: bool,
    /// Its errors are never pages.
    pub probe: bool,
    /// What it opens of a client is the chart.
    pub chart: bool,
    /// What API keys need to call it. None where it is for people alone.
    pub scope: Option<Scope>,
}

/// One row of a route table.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, its parts in braces.
    pub path: &'static str,
    /// What it asks of its caller.
    pub access: Access,
    /// What it does, in a few words: the operation's summary in the API document.
    pub about: &'static str,
    /// The operation's id in the API document; empty for what is not in it.
    pub id: &'static str,
    /// The heading that the operation is under in the API document.
    pub tag: &'static str,
    /// A request that succeeds: JSON, a form or a query, with ids in braces.
    pub example: Option<&'static str>,
    /// How large its bodies may be.
    pub limit: BodyLimit,
    /// What requests need to know of it.
    pub facts: Facts,
    /// The operation in the API document.
    pub operation: Operation,
    /// The schemas that the operation names.
    pub schemas: Vec<(String, RefOr<Schema>)>,
    /// The handler.
    pub handler: Serve,
}

impl Route {
    /// Names the operation, and the area in which API keys may call it.
    #[must_use]
    pub fn operation(mut self, tag: &'static str, id: &'static str, area: Option<Area>) -> Self {
        (self.tag, self.id) = (tag, id);
        self.facts.scope = area.and_then(|area| area.scope(self.method == Method::GET));
        self
    }

    /// Is for people alone.
    #[must_use]
    pub fn person(mut self) -> Self {
        self.facts.scope = None;
        self
    }

    /// Shows a request.
    #[must_use]
    pub fn example(mut self, request: &'static str) -> Self {
        self.example = Some(request);
        self
    }

    /// Takes larger bodies.
    #[must_use]
    pub fn body(mut self, limit: BodyLimit) -> Self {
        self.limit = limit;
        self
    }

    /// Has a printed form.
    #[must_use]
    pub fn printed(mut self) -> Self {
        self.facts.printed = true;
        self
    }

    /// Is asked for all the time.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.facts.quiet = true;
        self
    }

    /// Is asked for by what watches the server.
    #[must_use]
    pub fn probe(mut self) -> Self {
        self.facts.probe = true;
        self
    }

    /// Opens a client's chart.
    #[must_use]
    pub fn chart(mut self) -> Self {
        self.facts.chart = true;
        self
    }

    /// The names of the path's parts.
    pub fn parts(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// The route as axum takes it: one type for all of them. Bodies are at most `limit` bytes long.
    pub fn into_service(self, limit: usize) -> MethodRouter<App> {
        // The tables know five methods, and axum has a filter for each of them.
        let method = MethodFilter::try_from(self.method).unwrap_or(MethodFilter::OPTIONS);
        let (handler, facts, stored) = (self.handler, self.facts, self.limit == BodyLimit::File);
        on(method, move |State(app): State<App>, mut request: Request| {
            Line::of(request.extensions_mut()).came_by(facts);
            let answer = handler(Incoming::new(request, limit, stored, &app), app);
            async move { answer.await.unwrap_or_else(refuse) }
        })
    }
}

/// Collects what the API document says of a route, from its handler's types.
#[derive(Default)]
pub struct Notes {
    operation: Operation,
    schemas: Vec<(String, RefOr<Schema>)>,
}

impl Notes {
    fn schema<T: ToSchema>(&mut self) -> RefOr<Schema> {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
        RefOr::Ref(Ref::from_schema_name(T::name()))
    }

    fn answer<T: ToSchema>(&mut self, status: &str) {
        let content = ContentBuilder::new().schema(Some(self.schema::<T>())).build();
        self.empty(status, ResponseBuilder::new().description("Done.").content("application/json", content));
    }

    fn empty(&mut self, status: &str, response: ResponseBuilder) {
        self.operation.responses.responses.insert(status.to_owned(), response.build().into());
    }
}

/// A type that says what it means for the API document.
pub trait Described {
    /// Adds it.
    fn describe(notes: &mut Notes);
}

impl<T: ToSchema> Described for Body<T> {
    fn describe(notes: &mut Notes) {
        let content = ContentBuilder::new().schema(Some(notes.schema::<T>())).build();
        let body =
            RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True));
        notes.operation.request_body = Some(body.build().into());
    }
}

impl<T: IntoParams> Described for Query<T> {
    fn describe(notes: &mut Notes) {
        let parameters = T::into_params(|| Some(ParameterIn::Query));
        notes.operation.parameters.get_or_insert_default().extend(parameters.into_iter().map(Into::into));
    }
}

impl<T: ToSchema> Described for Json<T> {
    fn describe(notes: &mut Notes) {
        notes.answer::<T>("200");
    }
}

impl<T: ToSchema> Described for Tagged<T> {
    fn describe(notes: &mut Notes) {
        notes.answer::<T>("200");
    }
}

impl<T: ToSchema> Described for OrPdf<T> {
    fn describe(notes: &mut Notes) {
        let json = ContentBuilder::new().schema(Some(notes.schema::<T>())).build();
        let about = "Done. With .pdf at the end of the path it is the document to be printed.";
        let response = ResponseBuilder::new().description(about).content("application/json", json);
        notes.empty("200", response.content("application/pdf", ContentBuilder::new().build()));
    }
}

impl<T: ToSchema> Described for Created<T> {
    fn describe(notes: &mut Notes) {
        notes.answer::<T>("201");
    }
}

impl<T: ToSchema> Described for Answer<T> {
    fn describe(notes: &mut Notes) {
        notes.answer::<T>("2XX");
    }
}

impl Described for NoContent {
    fn describe(notes: &mut Notes) {
        notes.empty("204", ResponseBuilder::new().description("Done."));
    }
}

impl Described for axum::response::Response {
    fn describe(notes: &mut Notes) {
        notes.empty("200", ResponseBuilder::new().description("Done."));
    }
}

macro_rules! says_nothing {
    ($($type:ty)*) => {$(
        impl Described for $type {
            fn describe(_: &mut Notes) {}
        }
    )*};
}
says_nothing! { ExpectedVersion Form QueryForm FileForm SentFile axum::http::HeaderMap axum::body::Bytes }

/// A handler that proves `P` and says what it reads and returns. `Shape` only tells the arities apart.
pub trait Endpoint<P, Shape>: Clone + Send + Sync + 'static {
    /// Describes it for the API document.
    fn describe(notes: &mut Notes);
    /// The handler, boxed.
    fn serve(self) -> Serve;
}

macro_rules! endpoints {
    ($([$($input:ident $value:ident)*])*) => {$(
        impl<F, Fut, P, R, $($input,)*> Endpoint<P, (R, $($input,)*)> for F
        where
            F: Fn(May<P>, $($input),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future<Output = Result<R>> + Send,
            P: Proof,
            R: Described + IntoResponse,
            $($input: Described + Input + 'static,)*
        {
            fn describe(notes: &mut Notes) {
                $($input::describe(notes);)*
                R::describe(notes);
            }

            fn serve(self) -> Serve {
                Arc::new(move |mut incoming, app| {
                    let handler = self.clone();
                    Box::pin(async move {
                        let may = May::of(&mut incoming, &app).await?;
                        if false $(|| $input::BODY)* {
                            may.admit(&mut incoming).await?;
                        }
                        $(let $value = $input::take(&mut incoming).await?;)*
                        handler(may, $($value),*).await.map(IntoResponse::into_response)
                    })
                })
            }
        }
    )*};
}
endpoints! { [] [A a] [A a B b] [A a B b C c] }

macro_rules! methods {
    ($($(#[$doc:meta])* $method:ident;)*) => {$(
        $(#[$doc])*
        #[allow(non_snake_case, reason = "the table writes methods as HTTP does")]
        pub fn $method<P: Proof, Shape, E: Endpoint<P, Shape>>(
            path: &'static str,
            about: &'static str,
            handler: E,
        ) -> Route {
            let mut notes = Notes::default();
            E::describe(&mut notes);
            Route {
                method: Method::$method,
                path,
                access: P::ACCESS,
                about,
                id: "",
                tag: "",
                example: None,
                limit: BodyLimit::default(),
                facts: Facts::default(),
                operation: notes.operation,
                schemas: notes.schemas,
                handler: handler.serve(),
            }
        }
    )*};
}
methods! {
    /// A GET.
    GET;
    /// A POST.
    POST;
    /// A PUT.
    PUT;
    /// A PATCH.
    PATCH;
    /// A DELETE.
    DELETE;
}
