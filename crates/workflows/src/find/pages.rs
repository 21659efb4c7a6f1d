//! The search as a page of its own, for who sends its form.

use askama::Template;
use axum::response::Response;

use crate::find::{
    Section, Target,
    looking::{self, FindQuery, look},
};
use access::SignedIn;
use kernel::error::{Error, Result};
use web::{
    May, Query,
    page::{self, Frame},
    parts::link,
};

#[derive(Template)]
#[template(path = "find/templates/find.html")]
struct FindPage {
    frame: Frame,
    /// As it was typed.
    text: String,
    /// Where is searched: the form's hidden field.
    place: Option<(&'static str, String)>,
    /// The same search over all of the caller's groups, where this one is in one place.
    wider: Option<String>,
    sections: Vec<Section>,
}

impl FindPage {
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn address(&self, target: &Target) -> String {
        looking::address(target)
    }
}

pub(crate) async fn find(may: May<SignedIn>, Query(query): Query<FindQuery>) -> Result<Response> {
    let (frame, found) = look(&may, &query, true).await?;
    let frame = frame.ok_or_else(Error::not_found)?;
    let group = query.group.map(|group| ("group", group.to_string()));
    let place = group.or_else(|| query.account.map(|account| ("account", account.to_string())));
    let text = query.q.as_deref().unwrap_or_default().trim().to_owned();
    let page = FindPage {
        frame: frame.page(&may, "", [], "Search"),
        wider: place.as_ref().filter(|_| !text.is_empty()).map(|_| link("/find", &[("q", &text)])),
        text,
        place,
        sections: found.sections,
    };
    page::ok(&may, &page)
}
