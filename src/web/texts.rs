//! The two texts that anybody may read: the quick-start guide and the terms of use.

use std::{collections::HashSet, fmt, sync::LazyLock};

use askama::{Template, filters::HtmlSafe};
use axum::response::Response;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use crate::{
    access::Anyone,
    error::{Error, Result},
    web::{
        May,
        page::{self, Plain, plain},
    },
};

/// What the HTML of a text is made of.
const TAGS: [&str; 19] = [
    "p",
    "h2",
    "h3",
    "ul",
    "ol",
    "li",
    "strong",
    "em",
    "del",
    "a",
    "blockquote",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "hr",
    "br",
];

/// Lets nothing through but these, whatever the text holds.
static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = ammonia::Builder::empty();
    cleaner.tags(HashSet::from(TAGS)).url_schemes(HashSet::from(["https", "http", "mailto", "tel"]));
    cleaner.add_tag_attributes("a", ["href"]).add_tag_attributes("ol", ["start"]);
    cleaner.link_rel(Some("noopener noreferrer"));
    cleaner
});

/// HTML that was made safe.
struct Prose(String);

impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Prose {}

/// A heading of the page's second or third level: its first is the page's title.
const fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HeadingLevel::H2,
        _ => HeadingLevel::H3,
    }
}

impl Prose {
    /// Markdown as HTML. Raw HTML in it is text like any other, and pictures are left out.
    fn of(markdown: &str) -> Self {
        let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
        let events = parser.filter_map(|event| match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let level = lower(level);
                Some(Event::Start(Tag::Heading { level, id: None, classes: vec![], attrs: vec![] }))
            }
            Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(lower(level)))),
            Event::Html(text) | Event::InlineHtml(text) | Event::Code(text) => Some(Event::Text(text)),
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
            event => Some(event),
        });
        let mut text = String::new();
        html::push_html(&mut text, events);
        Self(CLEANER.clean(&text).to_string())
    }
}

#[derive(Template)]
#[template(path = "web/templates/guide.html")]
struct GuidePage {
    frame: Plain,
}

/// The quick-start guide.
///
/// # Errors
/// The template fails.
pub async fn guide(may: May<Anyone>) -> Result<Response> {
    page::ok(&may, &GuidePage { frame: text_frame(&may, "Quick-start guide") })
}

#[derive(Template)]
#[template(path = "web/templates/terms.html")]
struct TermsPage {
    frame: Plain,
    version: String,
    seller: String,
    /// The operator's text; without it stands a short one of ours.
    text: Option<Prose>,
}

/// The terms of use.
///
/// # Errors
/// The configured file can't be read.
pub async fn terms(may: May<Anyone>) -> Result<Response> {
    let config = &may.app().config;
    let text = match &config.terms_file {
        Some(file) => Some(tokio::fs::read_to_string(file).await.map_err(Error::internal)?),
        None => None,
    };
    let page = TermsPage {
        frame: text_frame(&may, "Terms of use"),
        version: config.terms_version.clone(),
        seller: config.seller.lines().next().unwrap_or_default().to_owned(),
        text: text.as_deref().map(Prose::of),
    };
    page::ok(&may, &page)
}

/// The surroundings of a text: nothing beside it.
fn text_frame(may: &May<Anyone>, title: &str) -> Plain {
    let mut frame = plain(may, title);
    frame.aside = "";
    frame
}

#[cfg(test)]
mod tests {
    use super::Prose;

    #[test]
    fn markdown_becomes_safe_html() {
        let html = Prose::of("# Title\n\nSome *text* and [a link](https://x.test).\n\n1. one").to_string();
        assert!(html.contains("<h2>Title</h2>") && html.contains("<em>text</em>"), "{html}");
        assert!(html.contains("href=\"https://x.test\"") && html.contains("<ol>"), "{html}");
        let evil =
            Prose::of("<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>");
        let evil = evil.to_string();
        assert!(
            !evil.contains("<script") && !evil.contains("<img") && !evil.contains("href=\"javascript"),
            "{evil}"
        );
    }
}
