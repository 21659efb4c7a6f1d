//! Markdown, read once for the screen and for paper. Raw HTML in it is text like any other, pictures are
//! their description, and links lead to web pages, addresses and phones alone.

use std::{collections::HashSet, sync::LazyLock};

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Where a link may lead.
pub const SCHEMES: [&str; 4] = ["https", "http", "mailto", "tel"];
/// What the HTML is made of.
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

/// The second line of defence: whatever the first lets through, nothing but these gets out.
static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = ammonia::Builder::empty();
    cleaner.tags(HashSet::from(TAGS)).url_schemes(HashSet::from(SCHEMES));
    cleaner.add_tag_attributes("a", ["href"]).add_tag_attributes("ol", ["start"]);
    cleaner.link_rel(Some("noopener noreferrer"));
    cleaner
});

/// The events of a text. The title stands above it, so its headings begin at the second level.
pub fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    let parser = Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    shallow(parser).filter_map(|event| match event {
        Event::Start(Tag::Heading { level, .. }) => {
            Some(Event::Start(Tag::Heading { level: lower(level), id: None, classes: vec![], attrs: vec![] }))
        }
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(lower(level)))),
        Event::Html(text) | Event::InlineHtml(text) | Event::Code(text) => Some(Event::Text(text)),
        Event::Start(Tag::HtmlBlock | Tag::CodeBlock(_)) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock | TagEnd::CodeBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        event => Some(event),
    })
}

/// How deep elements lie within each other at most. What is set on paper is set by recursion, so whoever
/// nests ten thousand quotations must not have them.
const DEEPEST: usize = 16;

/// The events without the elements that lie too deep; what they hold stays, at the depth where they would
/// have begun.
fn shallow<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let nests = |tag: &TagEnd| {
        use TagEnd::{BlockQuote, Emphasis, Item, Link, List, Strikethrough, Strong};
        matches!(tag, BlockQuote(_) | List(_) | Item | Strong | Emphasis | Strikethrough | Link)
    };
    let mut kept: Vec<bool> = Vec::new();
    let mut depth = 0;
    events.filter(move |event| match event {
        Event::Start(tag) if nests(&tag.to_end()) => {
            // An entry goes with its list.
            let keep = match tag {
                Tag::Item => kept.last().copied().unwrap_or(false),
                _ => depth < DEEPEST,
            };
            kept.push(keep);
            depth += usize::from(keep);
            keep
        }
        Event::End(tag) if nests(tag) => {
            let keep = kept.pop().unwrap_or(false);
            depth -= usize::from(keep);
            keep
        }
        _ => true,
    })
}

fn lower(level: HeadingLevel) -> HeadingLevel {
    if level <= HeadingLevel::H2 { HeadingLevel::H2 } else { HeadingLevel::H3 }
}

/// The HTML of a text, safe to be shown.
pub fn to_html(text: &str) -> String {
    let mut html = String::new();
    html::push_html(&mut html, events(text));
    CLEANER.clean(&html).to_string()
}
