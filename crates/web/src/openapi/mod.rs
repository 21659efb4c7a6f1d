//! The API document, out of the route table: every route that is served is in it, as its handler's types have it.
//!
//! What a type looks like comes from the type, what a route is called and asks for from its row, how it fails from
//! [`problems`]. The rest follows from those: parameters, headers, statuses, links, samples.

mod links;
mod problems;
mod sample;
mod schemas;

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::{
    Route, example,
    route::{Content, Reply},
};
use access::Access;
use axum::http::Method;
use schemas::Schemas;

pub(crate) use schemas::type_of;

pub use problems::{CODES, Code};

/// What the API document is about, in its own words.
const ABOUT: &str = "Group accounts for clinical practices: who belongs, who sees what, who pays.\n\n\
    Send an API key, or the token that `POST /sign-in` gives, as `Authorization: Bearer …`; pages use the session cookie. \
    A list gives `items` and `next_cursor`: give that back as `cursor`. Send an `Idempotency-Key` with a POST, and \
    you can repeat it safely for 24 hours. Send the `ETag` as `If-Match` with a change, and you won’t overwrite \
    someone else’s; as `If-None-Match` with a GET, and you get 304 while nothing has changed.\n\n\
    Errors are problem+json (RFC 9457) with a stable `code`, and in `errors` the fields that are wrong, each with its \
    own `code` and a sentence. What you can’t see answers 404, as if it weren’t there. PATCH follows JSON Merge Patch \
    (RFC 7396): what you leave out stays, `null` empties what can be empty.";

/// The headings of the operations, in the order of the document, each with a sentence.
const TAGS: [(&str, &str); 25] = [
    ("Sign-in", "Sessions, passwords and addresses of the caller."),
    (
        "Second factors",
        "Authenticator apps, passkeys and recovery codes, and of whom an account requires one.",
    ),
    ("Accounts", "A practice’s account, its settings, protocols and mail."),
    ("Members", "The people of an account, and who owns it."),
    ("Invitations", "Offers by email to join an account."),
    ("Groups", "The groups of an account, and who is in them."),
    ("Locations", "The places where a group works."),
    ("Cases", "Clinical work, with its notes and files."),
    ("Clients", "Whom a group serves, their animals, and their import."),
    ("Client groups", "Clients who are documented together."),
    ("Notes", "Charts, group notes and note types."),
    ("Handouts", "Documents for clients, and where they were sent."),
    ("User groups", "Named sets of members, with privileges."),
    ("Requests", "Questions and tasks between user groups."),
    ("Billing", "Subscription, quotes, invoices and payments."),
    ("Licenses", "How many people an account has room for."),
    ("Introduction", "The email that introduces the team."),
    ("Audit trail", "What was done in an account, in a chain that shows changes."),
    ("Access log", "Who opened which record."),
    ("Search", "Everything that the caller may see, searched at once."),
    ("Access", "Who can see what, now and over time."),
    ("API keys", "Secrets of an account for its own programs."),
    ("Events", "What happened in an account, in order, for programs."),
    ("Webhooks", "Addresses that hear of events."),
    ("Server", "Setting up the server."),
];

/// The document, and what follows from the same table.
pub struct Document {
    /// The document itself.
    pub json: Value,
    /// Where objects are found, by the prefix of their ids.
    pub places: HashMap<&'static str, Place>,
}

/// Where objects of a kind are found.
pub struct Place {
    /// The path, its parts in braces; the last is the object's.
    pub path: &'static str,
    /// Whether reading one answers with an entity tag.
    pub tagged: bool,
}

/// The document for these routes.
///
/// # Panics
/// Two types have one name in it, or a route is under a heading without a sentence: a mistake of ours that no server
/// starts with.
pub fn document(routes: &[Route]) -> Document {
    let routes = routes.iter().filter(|route| route.path.starts_with("/api/v1/")).collect::<Vec<_>>();
    let schemas = Schemas::of(&routes);
    assert!(schemas.clashes.is_empty(), "{}", schemas.clashes.join("\n"));
    let unknown = routes.iter().find(|route| !TAGS.iter().any(|(tag, _)| *tag == route.tag));
    assert!(unknown.is_none(), "no sentence for the heading of {:?}", unknown.map(|route| route.path));
    let writer = Writer { places: places(&routes), routes: &routes, schemas: &schemas.found };
    let mut paths = Map::new();
    for route in &routes {
        writer.add(&mut paths, route);
    }
    let json = writer.whole(paths);
    Document { json, places: writer.places }
}

/// Where objects are read, else changed: by the shortest path that ends with their id.
fn places(routes: &[&Route]) -> HashMap<&'static str, Place> {
    let mut places = HashMap::<&str, Place>::new();
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let mut found = routes.iter().filter(|route| route.method == method).collect::<Vec<_>>();
        found.sort_by_key(|route| (route.path.contains("/me/"), route.path.split('/').count()));
        for route in found {
            let last =
                route.path.rsplit('/').next().and_then(|part| part.strip_prefix('{')?.strip_suffix('}'));
            if let Some(kind) = last.and_then(example::kind) {
                let tagged = route.notes.replies.iter().any(|reply| reply.tagged);
                places.entry(kind.prefix).or_insert(Place { path: route.path, tagged });
            }
        }
    }
    places
}

struct Writer<'a> {
    routes: &'a [&'a Route],
    schemas: &'a Map<String, Value>,
    places: HashMap<&'static str, Place>,
}

impl Writer<'_> {
    fn whole(&self, paths: Map<String, Value>) -> Value {
        let used = |tag: &str| self.routes.iter().any(|route| route.tag == tag);
        let tags = TAGS.iter().filter(|(tag, _)| used(tag));
        let tags = tags.map(|(name, description)| json!({ "name": name, "description": description }));
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Covey API",
                "version": env!("CARGO_PKG_VERSION"),
                "description": ABOUT,
                "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
                "contact": { "name": "The operator of this server" },
            },
            "servers": [{ "url": "/api/v1", "description": "This server" }],
            "tags": tags.collect::<Vec<_>>(),
            "security": [{ "bearer": [] }, { "session": [] }],
            "paths": paths,
            "components": {
                "schemas": self.schemas,
                "parameters": parameters(),
                "headers": headers(),
                "responses": problems::responses(self.routes),
                "securitySchemes": {
                    "bearer": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "The token that `signIn` answers with.",
                    },
                    "session": {
                        "type": "apiKey",
                        "in": "cookie",
                        "name": "__Host-covey",
                        "description": "What pages use. Without TLS it is called `covey`.",
                    },
                },
            },
        })
    }

    fn add(&self, paths: &mut Map<String, Value>, route: &Route) {
        let path = route.path.trim_start_matches("/api/v1");
        let method = route.method.as_str().to_lowercase();
        let operation = self.operation(route);
        if route.facts.printed {
            paths.entry(format!("{path}.pdf")).or_insert_with(|| json!({}))[&method] = printed(&operation);
        }
        paths.entry(path).or_insert_with(|| json!({}))[&method] = operation;
    }

    fn operation(&self, route: &Route) -> Value {
        let mut operation = json!({
            "operationId": route.id,
            "summary": route.about,
            "description": description(route),
            "tags": [route.tag],
            "parameters": self.parameters(route),
            "responses": self.responses(route),
        });
        if route.access == Access::Public {
            operation["security"] = json!([]);
        }
        if !route.notes.body.is_empty() {
            operation["requestBody"] = json!({ "required": true, "content": body(route) });
        }
        operation
    }

    fn parameters(&self, route: &Route) -> Value {
        let mut parameters = route.parts().map(part).collect::<Vec<_>>();
        let query = route.example.filter(|_| route.method == Method::GET).unwrap_or_default();
        let shown = example::fill(query, example::id);
        let shown = form_urlencoded::parse(shown.as_bytes()).into_owned().collect::<HashMap<_, _>>();
        for parameter in &route.notes.parameters {
            let mut parameter = serde_json::to_value(parameter).unwrap_or_default();
            schemas::tidy(&mut parameter["schema"]);
            self.name_again(&mut parameter["schema"]);
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            if parameter["description"].is_null() {
                parameter["description"] = query_words(&name).into();
            }
            if let Some(shown) = shown.get(&name) {
                let number = shown.parse::<i64>().ok().map(Value::from);
                parameter["example"] = number.unwrap_or_else(|| Value::from(shown.as_str()));
            }
            parameters.push(parameter);
        }
        let header = |name: &str| json!({ "$ref": format!("#/components/parameters/{name}") });
        if route.method == Method::POST && route.access != Access::Public {
            parameters.push(header("IdempotencyKey"));
        }
        if route.notes.conditional {
            parameters.push(header("IfMatch"));
        }
        if route.method == Method::GET && route.notes.replies.iter().any(|reply| reply.tagged) {
            parameters.push(header("IfNoneMatch"));
        }
        Value::from(parameters)
    }

    /// A parameter's schema stands in place; where it is one with a name, the name says more.
    fn name_again(&self, schema: &mut Value) {
        if schema["enum"].is_null() && schema["pattern"].is_null() {
            return;
        }
        let same = self
            .schemas
            .iter()
            .find(|(_, known)| known["enum"] == schema["enum"] && known["pattern"] == schema["pattern"]);
        if let Some((name, _)) = same {
            *schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        }
    }

    fn responses(&self, route: &Route) -> Value {
        let mut responses = Map::new();
        for reply in &route.notes.replies {
            responses.insert(reply.status.to_string(), self.reply(route, reply));
            if reply.tagged && route.method == Method::GET {
                let headers = json!({ "ETag": header("ETag") });
                let unchanged = json!({ "description": "You have this already.", "headers": headers });
                responses.insert("304".to_owned(), unchanged);
            }
        }
        for (status, name) in problems::of(route) {
            let named = json!({ "$ref": format!("#/components/responses/{name}") });
            responses.insert(status.to_string(), named);
        }
        Value::Object(responses)
    }

    fn reply(&self, route: &Route, reply: &Reply) -> Value {
        let mut response = json!({ "description": outcome(reply.status) });
        let content = reply.contents.iter().map(|content| (content.media.to_owned(), self.content(content)));
        let content = content.collect::<Map<_, _>>();
        if !content.is_empty() {
            response["content"] = content.into();
        }
        let mut headers = Map::new();
        let id = reply.contents.first().and_then(|content| links::id_of(&content.schema, self.schemas));
        if let Some(kind) = id.filter(|_| reply.status == 201 && !route.facts.nowhere) {
            if let Some(place) = self.places.get(kind.prefix) {
                headers.insert("Location".to_owned(), header("Location"));
                if place.tagged {
                    headers.insert("ETag".to_owned(), header("ETag"));
                }
            }
            response["links"] = links::from(&kind, self.routes);
        }
        if reply.tagged {
            headers.insert("ETag".to_owned(), header("ETag"));
        }
        if route.notes.cookies {
            headers.insert("Set-Cookie".to_owned(), header("SetCookie"));
        }
        headers.insert("X-Request-Id".to_owned(), header("RequestId"));
        response["headers"] = headers.into();
        if route.facts.scope.is_some() {
            rate_headers(&mut response["headers"]);
        }
        response
    }

    fn content(&self, content: &Content) -> Value {
        let schema = schemas::written(&content.schema);
        match content.media {
            "application/json" => {
                let shown = sample::of(&schema, self.schemas);
                json!({ "schema": schema, "example": shown })
            }
            // The body is a text, and each of its lines is JSON.
            "application/x-ndjson" => {
                let lines = json!({ "type": "string", "description": "An object in each line.", "contentSchema": schema });
                json!({ "schema": lines })
            }
            _ => json!({ "schema": schema }),
        }
    }
}

/// The same operation with `.pdf` at the end of its path: it answers with the document.
fn printed(operation: &Value) -> Value {
    let mut printed = operation.clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    printed["operationId"] = format!("{}Pdf", text(&operation["operationId"])).into();
    printed["summary"] = format!("{}, as a PDF", text(&operation["summary"])).into();
    printed["description"] = format!("As a PDF. {}", text(&operation["description"])).into();
    let bytes = json!({ "schema": { "type": "string", "format": "binary" } });
    let headers = json!({ "X-Request-Id": header("RequestId") });
    printed["responses"]["200"] = json!({ "description": "The document.", "content": { "application/pdf": bytes }, "headers": headers });
    if let Some(responses) = printed["responses"].as_object_mut() {
        responses.remove("304");
    }
    if let Some(parameters) = printed["parameters"].as_array_mut() {
        parameters.retain(|parameter| parameter["$ref"].is_null());
    }
    printed
}

/// What a status of success means.
fn outcome(status: u16) -> &'static str {
    match status {
        201 => "Created.",
        202 => "Accepted: it will be done.",
        204 => "Done. There is nothing to say.",
        _ => "OK.",
    }
}

fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// What an operation does, whom it asks for, and what an API key needs for it.
fn description(route: &Route) -> String {
    let keys = match (route.facts.scope, route.access) {
        (Some(scope), _) => format!(" API keys need the scope `{scope}`."),
        (None, Access::Public) => String::new(),
        (None, _) => " API keys can’t call it.".to_owned(),
    };
    format!("{}. Requires: {}.{keys}", route.about, route.access.requires())
}

/// A body, with a request that succeeds.
fn body(route: &Route) -> Map<String, Value> {
    let shown = route.example.map(|shown| example::fill(shown, example::id));
    let shown = shown.and_then(|shown| serde_json::from_str::<Value>(&shown).ok());
    let of = |content: &Content| {
        let schema = schemas::written(&content.schema);
        match (&shown, content.media) {
            (Some(shown), "application/json") => json!({ "schema": schema, "example": shown }),
            _ => json!({ "schema": schema }),
        }
    };
    route.notes.body.iter().map(|content| (content.media.to_owned(), of(content))).collect()
}

/// A part of the path.
fn part(name: &str) -> Value {
    match example::kind(name) {
        Some(kind) => json!({
            "name": name,
            "in": "path",
            "required": true,
            "description": format!("The ID of the {}.", name.replace('_', " ")),
            "schema": { "$ref": format!("#/components/schemas/{}", kind.schema_name) },
            "example": example::id(name),
        }),
        None => json!({
            "name": name,
            "in": "path",
            "required": true,
            "description": "The secret at the end of the link.",
            "schema": { "type": "string", "minLength": 1 },
        }),
    }
}

/// What a parameter of a query means wherever it is.
fn query_words(name: &str) -> String {
    match name {
        "q" => "Words to search for.".to_owned(),
        "limit" => "How many items a page has at most.".to_owned(),
        "cursor" => "Where to go on: the `next_cursor` of the page before.".to_owned(),
        "from" => "Not before this time.".to_owned(),
        "to" => "Not after this time.".to_owned(),
        _ => format!("Only with this {}.", name.replace('_', " ")),
    }
}

fn parameters() -> Value {
    json!({
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "Makes the request safe to repeat: for 24 hours the same key gets the same answer.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$" },
            "example": "7f3c2c58-5a0e-4c0b-9d5e-0f1d6c2f9a11",
        },
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "required": false,
            "description": "The entity tag you last saw, or several. If it has changed since, the answer is 412.",
            "schema": { "type": "string" },
            "example": "\"v3-0f1d6c2f9a11\"",
        },
        "IfNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "required": false,
            "description": "The entity tag you have. If nothing has changed since, the answer is 304.",
            "schema": { "type": "string" },
            "example": "\"v3-0f1d6c2f9a11\"",
        },
    })
}

/// What an answer to an API key says of its rate.
fn rate_headers(headers: &mut Value) {
    headers["RateLimit"] = header("RateLimit");
    headers["RateLimit-Policy"] = header("RateLimitPolicy");
}

fn headers() -> Value {
    let text = || json!({ "type": "string" });
    json!({
        "ETag": { "description": "The version of what the answer shows.", "schema": text() },
        "Location": { "description": "The path of what was created.", "schema": text() },
        "SetCookie": { "description": "The session, for browsers.", "schema": text() },
        "RequestId": {
            "description": "The request’s ID: yours, if you sent an `X-Request-Id`.",
            "schema": text(),
        },
        "RateLimit": {
            "description": "For API keys: how many requests are left (`r`), for how many seconds (`t`).",
            "schema": text(),
            "example": "\"key\";r=5999;t=60",
        },
        "RateLimitPolicy": {
            "description": "For API keys: how many requests (`q`) are possible in so many seconds (`w`).",
            "schema": text(),
            "example": "\"key\";q=6000;w=60",
        },
        "RetryAfter": {
            "description": "How many seconds to wait before you try again.",
            "schema": { "type": "integer", "minimum": 0 },
        },
    })
}
