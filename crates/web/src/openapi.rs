//! The API document, out of the route table: every route that is served is in it. A type is described under its
//! bare name, or the one of `schema(as = …)`, so no two types that travel in JSON may share one.

use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, Info, ObjectBuilder, OpenApi, OpenApiBuilder, PathItem, Paths, Ref,
    RefOr, Required, ResponseBuilder, Schema, Server,
    path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn},
    schema::{ArrayBuilder, SchemaType, Type},
    security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    tag::TagBuilder,
};

use crate::{Route, example};
use access::Access;

/// What the API document is about, in its own words.
const ABOUT: &str = "Group accounts for clinical practices: who belongs, who sees what, who pays.\n\n\
    Sign in with `POST /sign-in` and send the token as `Authorization: Bearer …`. Lists return `items` and \
    `next_cursor`; send that back as `cursor`. Send an `Idempotency-Key` with a POST to repeat it safely for \
    24 hours, and the `ETag` as `If-Match` with a change to what people edit together. Errors are \
    problem+json (RFC 9457) with a stable `code`. What you can't see answers 404, as if it didn't exist.";

/// The document for these routes.
pub fn document(routes: Vec<Route>) -> OpenApi {
    let mut paths = Paths::new();
    let mut components = ComponentsBuilder::new().schema("Problem", problem()).security_scheme(
        "bearer",
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
    );
    let mut tags = Vec::<&str>::new();
    for route in routes.into_iter().filter(|route| route.path.starts_with("/api/v1/")) {
        components = components.schemas_from_iter(route.schemas.clone());
        if !tags.contains(&route.tag) {
            tags.push(route.tag);
        }
        let path = route.path.trim_start_matches("/api/v1");
        let method = match route.method.as_str() {
            "GET" => HttpMethod::Get,
            "PUT" => HttpMethod::Put,
            "PATCH" => HttpMethod::Patch,
            "DELETE" => HttpMethod::Delete,
            _ => HttpMethod::Post,
        };
        let item = PathItem::new(method, operation(route));
        match paths.paths.get_mut(path) {
            Some(known) => known.merge_operations(item),
            None => {
                paths.paths.insert(path.to_owned(), item);
            }
        }
    }
    let mut info = Info::new("Covey", env!("CARGO_PKG_VERSION"));
    info.description = Some(ABOUT.to_owned());
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new("/api/v1")]))
        .tags(Some(tags.into_iter().map(|tag| TagBuilder::new().name(tag).build())))
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn operation(route: Route) -> Operation {
    let parts = route.parts();
    let mut operation = route.operation;
    operation.summary = Some(route.about.to_owned());
    operation.description = Some(format!("Requires: {}.", route.access.requires()));
    operation.operation_id = Some(route.id.to_owned());
    operation.tags = Some(vec![route.tag.to_owned()]);
    if let Some(example) = route.example {
        show(&mut operation, &example::fill(example, example::id));
    }
    let named = parts.map(|name| part(name).into());
    operation.parameters.get_or_insert_default().extend(named);
    if route.access != Access::Public {
        operation.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    }
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let trouble =
        ResponseBuilder::new().description("A problem.").content("application/problem+json", content);
    operation.responses.responses.insert("4XX".to_owned(), trouble.build().into());
    operation
}

/// A part of the path.
fn part(name: &str) -> Parameter {
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
    match name {
        "token" => parameter.description(Some("The secret at the end of a link.")),
        _ => parameter.example(example::id(name).map(Into::into)),
    }
    .build()
}

/// Shows a request that succeeds: its body, or its query.
fn show(operation: &mut Operation, example: &str) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        for content in body.content.values_mut() {
            if let RefOr::T(content) = content {
                content.example = serde_json::from_str(example).ok();
            }
        }
        return;
    }
    let query = form_urlencoded::parse(example.as_bytes()).collect::<Vec<_>>();
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && let Some((_, value)) = query.iter().find(|(name, _)| *name == parameter.name)
        {
            let shown = ParameterBuilder::from(parameter.clone()).example(Some(value.as_ref().into()));
            *parameter = shown.build();
        }
    }
}

fn problem() -> Schema {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let field = ObjectBuilder::new().property("field", text()).property("detail", text());
    ObjectBuilder::new()
        .property("type", text())
        .property("title", text())
        .property("status", ObjectBuilder::new().schema_type(SchemaType::from(Type::Integer)))
        .property("detail", text())
        .property("code", text())
        .property("errors", ArrayBuilder::new().items(field))
        .into()
}
