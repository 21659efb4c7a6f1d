//! The API document as pages to be read: the headings with their operations, then the operations of one heading, each
//! with what it takes and gives, and how to call it.

use askama::Template;
use serde_json::Value;

use crate::{example, openapi::type_of, page::Plain};

/// Which part to show.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
pub struct DocsQuery {
    /// The operations under this heading, whole.
    tag: Option<String>,
    /// The operations that have these words.
    q: Option<String>,
}

/// A parameter of an operation.
struct Parameter {
    name: String,
    place: &'static str,
    required: bool,
    kind: String,
    about: String,
}

/// A way to call an operation.
struct Sample {
    language: &'static str,
    code: String,
}

/// How an operation answers.
struct Answer {
    status: String,
    about: String,
}

/// One operation.
struct Entry {
    id: String,
    method: String,
    path: String,
    summary: String,
    access: String,
    tag: String,
    parameters: Vec<Parameter>,
    takes: String,
    body: String,
    gives: String,
    answer: String,
    answers: Vec<Answer>,
    samples: Vec<Sample>,
}

/// The operations under one heading.
struct Group {
    tag: String,
    about: String,
    entries: Vec<Entry>,
}

/// The page.
#[derive(Template)]
#[template(path = "web/src/templates/docs.html")]
pub struct Docs {
    frame: Plain,
    about: Vec<String>,
    /// What was searched for; empty for nothing.
    search: String,
    /// Whether the operations are shown whole.
    whole: bool,
    groups: Vec<Group>,
}

/// The pages of a document; `base` is where this server is.
pub fn page(frame: Plain, document: &Value, base: &str, query: DocsQuery) -> Docs {
    let reader = Reader { document, base };
    let search = query.q.unwrap_or_default();
    let words = search.to_lowercase();
    let words = words.split_whitespace().collect::<Vec<_>>();
    let tags = document["tags"].as_array().into_iter().flatten();
    let groups = tags.filter(|tag| query.tag.as_deref().is_none_or(|wanted| tag["name"] == wanted));
    let groups = groups.map(|tag| Group {
        tag: text(&tag["name"]),
        about: text(&tag["description"]),
        entries: reader.under(&text(&tag["name"])).filter(|entry| entry.has(&words)).collect(),
    });
    let about = text(&document["info"]["description"]);
    Docs {
        frame,
        about: about.replace('`', "").split("\n\n").map(str::to_owned).collect(),
        groups: groups.filter(|group| !group.entries.is_empty()).collect(),
        whole: query.tag.is_some(),
        search,
    }
}

impl Entry {
    /// Its heading, as a query has it.
    fn at(&self) -> String {
        form_urlencoded::byte_serialize(self.tag.as_bytes()).collect()
    }

    fn has(&self, words: &[&str]) -> bool {
        let all = format!("{} {} {} {}", self.id, self.method, self.path, self.summary).to_lowercase();
        words.iter().all(|word| all.contains(word))
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn pretty(value: &Value) -> String {
    if value.is_null() { String::new() } else { serde_json::to_string_pretty(value).unwrap_or_default() }
}

struct Reader<'a> {
    document: &'a Value,
    base: &'a str,
}

impl<'a> Reader<'a> {
    fn under(&self, tag: &str) -> impl Iterator<Item = Entry> {
        let tag = tag.to_owned();
        let paths = self.document["paths"].as_object().into_iter().flatten();
        let operations = paths.flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods.map(move |(method, operation)| (path, method, operation))
        });
        operations
            .filter(move |(.., operation)| operation["tags"][0] == tag.as_str())
            .map(|(path, method, operation)| self.entry(path, method, operation))
    }

    fn entry(&self, path: &str, method: &str, operation: &Value) -> Entry {
        let description = text(&operation["description"]);
        let access = description.split_once("Requires: ").map_or("", |(_, access)| access);
        let (takes, body) = content(&operation["requestBody"]["content"]);
        let responses = operation["responses"].as_object().into_iter().flatten();
        let responses = responses.map(|(status, response)| (status, self.resolved(response)));
        let good = responses.clone().find(|(status, _)| status.starts_with('2'));
        let (gives, answer) = good.map(|(_, response)| content(&response["content"])).unwrap_or_default();
        let answers = responses.map(|(status, response)| Answer {
            status: status.clone(),
            about: text(&response["description"]).replace('`', ""),
        });
        Entry {
            id: text(&operation["operationId"]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&operation["summary"]),
            access: access.to_owned(),
            tag: text(&operation["tags"][0]),
            parameters: self.parameters(operation),
            samples: self.samples(path, method, operation),
            answers: answers.collect(),
            takes,
            body: pretty(&body),
            gives,
            answer: pretty(&answer),
        }
    }

    /// What a reference leads to.
    fn resolved(&self, value: &'a Value) -> &'a Value {
        let place = value["$ref"].as_str().and_then(|place| place.strip_prefix('#'));
        place.and_then(|place| self.document.pointer(place)).unwrap_or(value)
    }

    fn parameters(&self, operation: &'a Value) -> Vec<Parameter> {
        let given = operation["parameters"].as_array().into_iter().flatten();
        let given = given.map(|parameter| self.resolved(parameter));
        let shown = given.map(|parameter| Parameter {
            name: text(&parameter["name"]),
            place: match parameter["in"].as_str() {
                Some("path") => "path",
                Some("header") => "header",
                _ => "query",
            },
            required: parameter["required"] == true,
            kind: kind(self.resolved(&parameter["schema"])),
            about: text(&parameter["description"]).replace('`', ""),
        });
        shown.collect()
    }

    fn samples(&self, path: &str, method: &str, operation: &Value) -> Vec<Sample> {
        let call = Call::of(path, method, operation);
        vec![
            Sample { language: "curl", code: call.curl(self.base) },
            Sample { language: "TypeScript", code: call.typescript() },
            Sample { language: "Python", code: call.python() },
        ]
    }
}

/// The name of what a content is, and an example of it.
fn content(content: &Value) -> (String, Value) {
    let Some((media, found)) = content.as_object().and_then(|all| all.iter().next()) else {
        return (String::new(), Value::Null);
    };
    let name = found["schema"]["$ref"].as_str().and_then(|place| place.rsplit('/').next());
    let name = if media == "application/json" { name.unwrap_or("JSON") } else { media };
    (name.to_owned(), found["example"].clone())
}

/// What a value is, in a few words.
fn kind(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ");
    }
    type_of(schema).to_owned()
}

/// A request as programs write it.
struct Call {
    id: String,
    method: String,
    path: String,
    /// The parts of the path with examples.
    parts: Vec<(String, String)>,
    public: bool,
    /// The body's media type.
    media: Option<String>,
    body: Value,
}

impl Call {
    fn of(path: &str, method: &str, operation: &Value) -> Self {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let parts = parameters.filter(|parameter| parameter["in"] == "path");
        let parts = parts.map(|part| {
            let shown = part["example"].as_str().unwrap_or("TOKEN");
            (text(&part["name"]), shown.to_owned())
        });
        let content = operation["requestBody"]["content"].as_object();
        Self {
            id: text(&operation["operationId"]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            parts: parts.collect(),
            public: operation["security"].as_array().is_some_and(Vec::is_empty),
            media: content.and_then(|all| all.keys().next().cloned()),
            body: content
                .and_then(|all| all.values().next())
                .map_or(Value::Null, |body| body["example"].clone()),
        }
    }

    fn filled(&self) -> String {
        let shown = |name: &str| self.parts.iter().find(|(known, _)| known == name);
        example::fill(&self.path, |name| shown(name).map(|(_, shown)| shown.clone()))
    }

    fn curl(&self, base: &str) -> String {
        let mut lines = vec![format!("curl -X {} '{base}/api/v1{}'", self.method, self.filled())];
        if !self.public {
            lines.push("-H \"Authorization: Bearer $COVEY_TOKEN\"".to_owned());
        }
        match self.media.as_deref() {
            Some("application/json") => {
                lines.push("-H 'Content-Type: application/json'".to_owned());
                lines.push(format!("-d '{}'", self.body.to_string().replace('\'', "'\\''")));
            }
            Some("multipart/form-data") => lines.push("-F file=@file.pdf".to_owned()),
            Some(media) => {
                lines.push(format!("-H 'Content-Type: {media}'"));
                lines.push("--data-binary @file".to_owned());
            }
            None => {}
        }
        lines.join(" \\\n  ")
    }

    fn typescript(&self) -> String {
        let parts = self.parts.iter().map(|(name, shown)| format!("{name}: \"{shown}\""));
        let parts = parts.collect::<Vec<_>>().join(", ");
        let mut options = Vec::new();
        if !parts.is_empty() {
            options.push(format!("  params: {{ path: {{ {parts} }} }},\n"));
        }
        if self.media.as_deref() == Some("application/json") {
            options.push(format!("  body: {},\n", pretty(&self.body).replace('\n', "\n  ")));
        }
        let options =
            if options.is_empty() { String::new() } else { format!(", {{\n{}}}", options.concat()) };
        format!("const {{ data, error }} = await covey.{}(\"{}\"{options});", self.method, self.path)
    }

    fn python(&self) -> String {
        let parts = self.parts.iter().map(|(name, shown)| format!("{name}=\"{shown}\""));
        let mut given = parts.collect::<Vec<_>>();
        given.push("client=covey".to_owned());
        if self.media.as_deref() == Some("application/json") {
            let body = pretty(&self.body).replace("true", "True").replace("false", "False");
            given.push(format!("body={}", body.replace("null", "None").replace('\n', "\n  ")));
        }
        format!("{}.sync({})", snake(&self.id), given.join(", "))
    }
}

/// `listGroupCases` as `list_group_cases`.
fn snake(id: &str) -> String {
    let mut name = String::with_capacity(id.len() + 4);
    for letter in id.chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}
