//! The two texts that anyone may read: the quick-start guide and the terms of use.

use std::fmt;

use askama::{Template, filters::HtmlSafe};
use axum::response::Response;

use crate::{
    May,
    page::{self, Plain, plain},
};
use access::Anyone;
use kernel::error::{Error, Result};
use platform::prose;

/// HTML that was made safe.
struct Prose(String);

impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Prose {}

impl Prose {
    /// Markdown as HTML.
    fn of(markdown: &str) -> Self {
        Self(prose::to_html(markdown))
    }
}

#[derive(Template)]
#[template(path = "web/src/templates/guide.html")]
struct GuidePage {
    frame: Plain,
}

/// The quick-start guide.
///
/// # Errors
/// The template fails.
#[allow(clippy::unused_async, reason = "the route table's handlers are async")]
pub async fn guide(may: May<Anyone>) -> Result<Response> {
    page::ok(&may, &GuidePage { frame: text_frame(&may, "Quick-start guide") })
}

#[derive(Template)]
#[template(path = "web/src/templates/terms.html")]
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
