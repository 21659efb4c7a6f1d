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
        ObjectBuilder, Ref, RefOr, Schema,
        path::{Parameter, ParameterIn},
        schema::Type,
    },
};

use crate::{
    Accepted, Answer, App, Body, Created, Csv, Download, FileForm, Form, Json, JsonLines, May, MaybeLater,
    NoContent, OrPdf, PdfFile, Query, QueryForm, SentFile, Tagged, WithCookies,
    errors::refuse,
    extract::{Incoming, Input, no_query},
    line::Line,
};
use access::{Access, Area, Proof, Scope, Strength};
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
/// - `nowhere`: what it makes has no address of its own.
/// - `fresh`: people prove again who they are, unless they did within the last ten minutes.
/// - `any_strength`: it is reached without the second factor that an account requires: on the way to one.
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
    /// What it makes has no address of its own.
    pub nowhere: bool,
    /// How well people must have proved who they are.
    pub strength: Strength,
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
    /// What the API document says of it, out of its handler's types.
    pub notes: Notes,
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

    /// Makes what has no address of its own.
    #[must_use]
    pub fn nowhere(mut self) -> Self {
        self.facts.nowhere = true;
        self
    }

    /// Asks people to prove again who they are.
    #[must_use]
    pub fn fresh(mut self) -> Self {
        self.facts.strength.fresh = true;
        self
    }

    /// Is reached without the second factor that an account requires.
    #[must_use]
    pub fn any_strength(mut self) -> Self {
        self.facts.strength.any = true;
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

/// A body of one media type.
pub struct Content {
    /// `application/json`.
    pub media: &'static str,
    /// What it looks like; bytes, where there is none.
    pub schema: RefOr<Schema>,
}

/// One way in which a route answers where all is well.
#[derive(Default)]
pub struct Reply {
    /// Its HTTP status.
    pub status: u16,
    /// Its body, in one of these types; none where it has none.
    pub contents: Vec<Content>,
    /// Whether an entity tag goes with it.
    pub tagged: bool,
}

/// A schema with the type that it was reached from.
pub struct Known {
    /// Under which it stands in the document.
    pub name: String,
    /// What the type looks like.
    pub schema: RefOr<Schema>,
    /// The type, or the one that it is a part of.
    pub of: &'static str,
}

/// What the API document says of a route, out of its handler's types.
#[derive(Default)]
pub struct Notes {
    /// What the query may have.
    pub parameters: Vec<Parameter>,
    /// What the body may be.
    pub body: Vec<Content>,
    /// How it answers.
    pub replies: Vec<Reply>,
    /// Whether it can be held against a version.
    pub conditional: bool,
    /// Whether it sets cookies.
    pub cookies: bool,
    /// What all that names.
    pub schemas: Vec<Known>,
}

/// Bytes, as schemas say that.
fn bytes() -> RefOr<Schema> {
    let bytes = ObjectBuilder::new().schema_type(Type::String);
    bytes.format(Some(utoipa::openapi::SchemaFormat::Custom("binary".to_owned()))).into()
}

/// A form with a file in its field `file`.
fn file_form() -> RefOr<Schema> {
    let file = ObjectBuilder::new().property("file", bytes()).required("file");
    file.description(Some("A form with the file.")).into()
}

impl Notes {
    fn schema<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let of = std::any::type_name::<T>();
        let mut found = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut found);
        self.schemas.extend(found.into_iter().map(|(name, schema)| Known { name, schema, of }));
        RefOr::Ref(Ref::from_schema_name(T::name()))
    }

    pub(crate) fn json<T: ToSchema + 'static>(&mut self, status: u16) -> &mut Reply {
        let nothing = std::any::TypeId::of::<T>() == std::any::TypeId::of::<()>();
        let contents = match nothing {
            true => Vec::new(),
            false => vec![Content { media: "application/json", schema: self.schema::<T>() }],
        };
        self.reply(status, contents)
    }

    fn reply(&mut self, status: u16, contents: Vec<Content>) -> &mut Reply {
        let at = self.replies.len();
        self.replies.push(Reply { status, contents, tagged: false });
        &mut self.replies[at]
    }
}

/// A type that says what it means for the API document.
pub trait Described {
    /// Adds it.
    fn describe(notes: &mut Notes);
}

impl<T: ToSchema> Described for Body<T> {
    fn describe(notes: &mut Notes) {
        let schema = notes.schema::<T>();
        notes.body = vec![Content { media: "application/json", schema }];
    }
}

impl<T: IntoParams> Described for Query<T> {
    fn describe(notes: &mut Notes) {
        notes.parameters.extend(T::into_params(|| Some(ParameterIn::Query)));
    }
}

impl Described for FileForm {
    fn describe(notes: &mut Notes) {
        notes.body = vec![Content { media: "multipart/form-data", schema: file_form() }];
    }
}

impl Described for SentFile {
    fn describe(notes: &mut Notes) {
        let workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        let text = ObjectBuilder::new().schema_type(Type::String).into();
        notes.body = vec![
            Content { media: "text/csv", schema: text },
            Content { media: workbook, schema: bytes() },
            Content { media: "multipart/form-data", schema: file_form() },
        ];
    }
}

/// What another program sends by itself.
impl Described for axum::body::Bytes {
    fn describe(notes: &mut Notes) {
        let schema = ObjectBuilder::new().schema_type(Type::Object).into();
        notes.body = vec![Content { media: "application/json", schema }];
    }
}

impl Described for ExpectedVersion {
    fn describe(notes: &mut Notes) {
        notes.conditional = true;
    }
}

impl<T: ToSchema + 'static> Described for Json<T> {
    fn describe(notes: &mut Notes) {
        notes.json::<T>(200);
    }
}

impl<T: ToSchema + 'static> Described for Tagged<T> {
    fn describe(notes: &mut Notes) {
        notes.json::<T>(200).tagged = true;
    }
}

impl<A: Described> Described for OrPdf<A> {
    fn describe(notes: &mut Notes) {
        A::describe(notes);
    }
}

impl<T: ToSchema + 'static> Described for Created<T> {
    fn describe(notes: &mut Notes) {
        notes.json::<T>(201);
    }
}

impl<T: ToSchema + 'static, const STATUS: u16> Described for Answer<T, STATUS> {
    fn describe(notes: &mut Notes) {
        notes.json::<T>(STATUS);
    }
}

impl<T: ToSchema + 'static> Described for MaybeLater<T> {
    fn describe(notes: &mut Notes) {
        notes.json::<T>(201);
        notes.json::<T>(202);
    }
}

impl<A: Described> Described for WithCookies<A> {
    fn describe(notes: &mut Notes) {
        A::describe(notes);
        notes.cookies = true;
    }
}

impl Described for NoContent {
    fn describe(notes: &mut Notes) {
        notes.reply(204, Vec::new());
    }
}

impl Described for Accepted {
    fn describe(notes: &mut Notes) {
        notes.reply(202, Vec::new());
    }
}

impl Described for PdfFile {
    fn describe(notes: &mut Notes) {
        notes.reply(200, vec![Content { media: "application/pdf", schema: bytes() }]);
    }
}

impl Described for Csv {
    fn describe(notes: &mut Notes) {
        let schema = ObjectBuilder::new().schema_type(Type::String).into();
        notes.reply(200, vec![Content { media: "text/csv", schema }]);
    }
}

impl<T: ToSchema> Described for JsonLines<T> {
    fn describe(notes: &mut Notes) {
        let schema = notes.schema::<T>();
        notes.reply(200, vec![Content { media: "application/x-ndjson", schema }]);
    }
}

impl Described for Download {
    fn describe(notes: &mut Notes) {
        notes.reply(200, vec![Content { media: "*/*", schema: bytes() }]);
    }
}

macro_rules! says_nothing {
    ($($type:ty)*) => {$(
        impl Described for $type {
            fn describe(_: &mut Notes) {}
        }
    )*};
}
says_nothing! { Form QueryForm Response axum::http::HeaderMap }

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
                        let (may, fine) = May::of(&mut incoming, &app).await;
                        let (body, query) = (false $(|| $input::BODY)*, false $(|| $input::QUERY)*);
                        if body {
                            may.admit(&mut incoming).await?;
                        }
                        let fine = if query { fine } else { fine.and_then(|()| no_query(&incoming.parts)) };
                        if fine.is_err() {
                            may.hear_first(&mut incoming, body).await?;
                        }
                        fine?;
                        $(
                            let taken = $input::take(&mut incoming).await;
                            if taken.is_err() {
                                may.hear_first(&mut incoming, body).await?;
                            }
                            let $value = taken?;
                        )*
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
                notes,
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
