//! The API document, out of the route table: what is served and what is documented can't differ.

use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, Info, ObjectBuilder, OpenApi, OpenApiBuilder, PathItem, Paths, Ref,
    Required, ResponseBuilder, Schema, Server,
    path::{HttpMethod, ParameterBuilder, ParameterIn},
    schema::{ArrayBuilder, SchemaType, Type},
    security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    tag::TagBuilder,
};

use crate::Route;
use access::Access;

/// What the API document is about, in its own words.
const ABOUT: &str = "Group accounts for clinical practices: who belongs, who sees what, who pays.\n\n\
    Sign in with `POST /sign-in` and send the token as `Authorization: Bearer …`. Lists give `items` and \
    `next_cursor`; give it back as `cursor`. Send an `Idempotency-Key` with a POST to repeat it safely for \
    24 hours, and the `ETag` as `If-Match` with a change to what people edit together. Errors are \
    problem+json (RFC 9457) with a stable `code`; what you can't see answers 404, as if it were not there.";

/// The document for these routes.
pub fn document(routes: Vec<Route>) -> OpenApi {
    let mut paths = Paths::new();
    let mut components = ComponentsBuilder::new().schema("Problem", problem()).security_scheme(
        "bearer",
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
    );
    for route in routes.into_iter().filter(|route| route.path.starts_with("/api/v1/")) {
        components = components.schemas_from_iter(route.schemas.clone());
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
        .tags(Some(
            ["People", "Accounts", "Groups", "Cases", "Sign-in"]
                .map(|tag| TagBuilder::new().name(tag).build()),
        ))
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn operation(route: Route) -> utoipa::openapi::path::Operation {
    let mut operation = route.operation;
    operation.summary = Some(route.about.to_owned());
    operation.description = Some(format!("Requires: {}.", route.access.requires()));
    operation.operation_id = Some(operation_id(route.method.as_str(), route.path));
    let named = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    for name in named {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
        operation.parameters.get_or_insert_default().push(parameter.build().into());
    }
    if route.access != Access::Public {
        operation.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    }
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let trouble =
        ResponseBuilder::new().description("A problem.").content("application/problem+json", content);
    operation.responses.responses.insert("4XX".to_owned(), trouble.build().into());
    operation
}

/// `POST /api/v1/groups/{group}/cases` is `post_groups_group_cases`.
fn operation_id(method: &str, path: &str) -> String {
    let words =
        path.trim_start_matches("/api/v1/").split(['/', '{', '}', '-', '.']).filter(|word| !word.is_empty());
    words.fold(method.to_lowercase(), |id, word| format!("{id}_{word}"))
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
