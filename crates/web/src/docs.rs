//! The API document as a page to be read.

use askama::Template;
use utoipa::openapi::{Content, OpenApi, RefOr, path::Operation};

use crate::page::Plain;

/// One operation.
struct Entry {
    method: &'static str,
    summary: String,
    access: String,
    takes: String,
    gives: String,
}

/// The operations of one path.
struct Group {
    path: String,
    anchor: String,
    entries: Vec<Entry>,
}

/// The page.
#[derive(Template)]
#[template(path = "web/src/templates/docs.html")]
pub struct Docs {
    frame: Plain,
    about: Vec<String>,
    groups: Vec<Group>,
}

/// The page of a document.
pub fn page(frame: Plain, document: &OpenApi) -> Docs {
    let about = document.info.description.as_deref().unwrap_or_default();
    let groups = document.paths.paths.iter().map(|(path, item)| {
        let operations = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        let named = operations.into_iter().filter_map(|(method, found)| Some((method, found.as_ref()?)));
        Group {
            path: path.clone(),
            anchor: path.replace(['/', '{', '}'], "-"),
            entries: named.map(|(method, operation)| entry(method, operation)).collect(),
        }
    });
    Docs { frame, about: about.split("\n\n").map(str::to_owned).collect(), groups: groups.collect() }
}

fn entry(method: &'static str, operation: &Operation) -> Entry {
    let body = operation.request_body.as_ref().and_then(inline);
    let takes = body.and_then(|body| named(body.content.values().next()));
    let query = operation.parameters.iter().flatten().filter_map(query_name).collect::<Vec<_>>();
    let given = operation.responses.responses.iter().filter(|(status, _)| status.as_str() != "4XX");
    let gives = given.map(|(status, response)| match response {
        RefOr::T(response) => {
            let name = named(response.content.values().next());
            format!("{status} {}", name.unwrap_or_default()).trim().to_owned()
        }
        RefOr::Ref(_) => status.clone(),
    });
    Entry {
        method,
        summary: operation.summary.clone().unwrap_or_default(),
        access: operation.description.clone().unwrap_or_default().replace("Requires: ", ""),
        takes: takes.unwrap_or_else(|| query.join(", ")),
        gives: gives.collect::<Vec<_>>().join(", "),
    }
}

fn query_name(parameter: &RefOr<utoipa::openapi::path::Parameter>) -> Option<String> {
    match parameter {
        RefOr::T(parameter) if parameter.parameter_in == utoipa::openapi::path::ParameterIn::Query => {
            Some(format!("?{}", parameter.name))
        }
        _ => None,
    }
}

fn inline<T>(part: &RefOr<T>) -> Option<&T> {
    match part {
        RefOr::T(part) => Some(part),
        RefOr::Ref(_) => None,
    }
}

/// The name of the schema of a content.
fn named(content: Option<&RefOr<Content>>) -> Option<String> {
    match inline(content?)?.schema.as_ref()? {
        RefOr::Ref(named) => named.ref_location.rsplit('/').next().map(str::to_owned),
        RefOr::T(_) => None,
    }
}
