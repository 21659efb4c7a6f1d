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

/// How deep elements lie within each other at most. What is set on paper is set by recursion, so a person who
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is no tag of ours, or leads somewhere else than the schemes allow.
    fn unsafe_parts(html: &str) -> Vec<String> {
        html.split('<').skip(1).filter_map(|rest| unsafe_tag(rest.split_once('>')?.0)).collect()
    }

    fn unsafe_tag(tag: &str) -> Option<String> {
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let known = TAGS.contains(&name.trim_start_matches('/'));
        let fine = match (name, attributes) {
            (_, "") => true,
            ("ol", start) => start.strip_prefix("start=\"").is_some_and(|rest| rest.ends_with('"')),
            ("a", "rel=\"noopener noreferrer\"") => true,
            ("a", attributes) => attributes
                .strip_prefix("href=\"")
                .and_then(|rest| rest.strip_suffix("\" rel=\"noopener noreferrer\""))
                .is_some_and(|href| !href.contains('"') && leads_outside_or_nowhere(href)),
            _ => false,
        };
        (!known || !fine).then(|| tag.to_owned())
    }

    /// As browsers read it: without control characters and white space, in any case.
    fn leads_outside_or_nowhere(href: &str) -> bool {
        let bare = href.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect::<String>();
        let before = bare.split(['/', '?', '#']).next().unwrap_or_default().to_lowercase();
        before.split_once(':').is_none_or(|(scheme, _)| SCHEMES.contains(&scheme))
    }

    #[test]
    fn what_must_never_get_out_is_told_from_what_may() {
        for sound in
            ["<p>a</p>", "<a href=\"https://x.org\" rel=\"noopener noreferrer\">a</a>", "<ol start=\"3\">"]
        {
            assert!(unsafe_parts(sound).is_empty(), "{sound}");
        }
        for bad in [
            "<script>",
            "<p onclick=\"x\">",
            "<a href=\"javascript:x\" rel=\"noopener noreferrer\">",
            "<a href=\"java\tscript:x\" rel=\"noopener noreferrer\">",
            "<a href=\"https://x.org\">",
            "<a href=\"https://x.org\" onclick=\"\" rel=\"noopener noreferrer\">",
            "<img src=\"x\">",
            "</style>",
        ] {
            assert_eq!(unsafe_parts(bad).len(), 1, "{bad}");
        }
    }

    /// Pieces that attacks on Markdown are made of, and plain ones between them.
    fn hostile() -> impl Strategy<Value = String> {
        let pieces = [
            "<",
            ">",
            "</",
            "<script>",
            "<img src=x onerror=alert(1)>",
            "<svg/onload=",
            "<a href=",
            "\"",
            "'",
            "`",
            "```\n",
            "[",
            "](",
            "](javascript:",
            "](JaVa\tscript&colon;",
            "](&#106;avascript:",
            "](data:text/html,",
            "](vbscript:",
            "](//x.org/",
            "](https://x.org",
            "](tel:1",
            "](<javascript:x>",
            ")",
            "]",
            "![",
            "[a]: javascript:x\n",
            "[a]",
            "<javascript:alert(1)>",
            "<https://x.org\" onclick=\">",
            "&lt;script&gt;",
            "&#60;",
            "\\",
            "*",
            "**",
            "_",
            "~~",
            "> ",
            "- ",
            "1. ",
            "9. ",
            "# ",
            "|",
            "|-|\n",
            "\n",
            "\n\n",
            "    ",
            " ",
            "a",
            "\0",
            "\u{202e}",
            "é",
            "<!--",
            "-->",
            "<?",
            "<![CDATA[",
            "</p>",
            "<style>",
            " onclick=x ",
            "<math><mtext><table><mglyph><style>",
        ];
        proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..40)
            .prop_map(|some| some.concat())
    }

    proptest! {
        #[test]
        fn whatever_is_written_nothing_but_our_tags_and_safe_links_come_out(text in hostile()) {
            let html = to_html(&text);
            prop_assert_eq!(unsafe_parts(&html), [""; 0], "{}", html);
        }

        #[test]
        fn words_are_never_lost_between_signs(words in proptest::collection::vec("[a-z]{3,9}", 1..8)) {
            let text = words.join("**<b>](javascript:");
            let html = to_html(&text);
            prop_assert!(words.iter().all(|word| html.contains(word.as_str())), "{}", html);
        }
    }

    #[test]
    fn whoever_nests_without_end_gets_an_answer() {
        for piece in ["> ", "[", "*", "- ", "<b>", "![", "](", "`", "~~"] {
            assert_eq!(unsafe_parts(&to_html(&piece.repeat(10_000))), [""; 0], "{piece}");
        }
    }
}
