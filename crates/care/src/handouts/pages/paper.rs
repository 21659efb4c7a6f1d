//! A handout on paper: for those who print it, and for people who open a link.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

use super::own;
use crate::handouts::{
    Language,
    actions::{self, Opened},
    paper::{Sheet, Words},
};
use access::{Anyone, HandoutReader};
use kernel::{error::Result, id::AccountId, random::Token};
use pdf::Fonts;
use people::accounts::Letterhead;
use platform::prose;
use storage::Hash;
use web::{
    May, Pdf,
    page::{self, Plain, plain},
};

pub(super) async fn pdf(sheet: Sheet, fonts: &Fonts) -> Result<Response> {
    Ok(Pdf::new(&sheet.title.clone(), sheet.pdf(fonts).await?).into_response())
}

#[derive(Template)]
#[template(path = "handouts/templates/paper.html")]
struct PaperPage {
    frame: Plain,
    sheet: Sheet,
    html: String,
    lines: Vec<String>,
    words: Words,
    /// Where the PDF is, and the way back for people who are signed in.
    pdf: String,
    back: Option<String>,
    /// Who shared it, and their message.
    note: Option<(String, String)>,
    until: Option<String>,
}

impl PaperPage {
    fn new(frame: Plain, sheet: Sheet, pdf: String) -> Self {
        Self {
            frame,
            html: prose::to_html(&sheet.body),
            lines: sheet.from.as_ref().map(Letterhead::lines).unwrap_or_default(),
            words: sheet.language.words(),
            sheet,
            pdf,
            back: None,
            note: None,
            until: None,
        }
    }
}

pub(crate) async fn print(may: May<HandoutReader>) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let sheet = may.read(async move |tx, by| actions::sheet(tx, by, Some(account)).await).await?;
    let back = own(&may)?;
    let page = PaperPage::new(plain(&may, sheet.title.clone()), sheet, format!("{back}.pdf"));
    page::ok(&may, &PaperPage { back: Some(back), ..page })
}

pub(crate) async fn open(may: May<Anyone>) -> Result<Response> {
    let path = format!("/h/{}", may.text("token")?);
    let token = Hash(Token::presented(may.text("token")?).digest());
    let (shared, from) = match may.write(async move |tx, _| actions::open(tx, token).await).await? {
        Opened::Good(found) => *found,
        Opened::Ended(found) => return ended(&may, found.0, found.1),
    };
    let until = actions::day(shared.expires_at, &from, shared.language);
    let sheet = Sheet {
        language: shared.language,
        title: shared.title,
        body: shared.body,
        written_at: shared.written_at,
        from: Some(from),
    };
    if may.text("format").is_ok() {
        return pdf(sheet, &may.app().fonts).await;
    }
    let page = PaperPage::new(plain(&may, sheet.title.clone()), sheet, format!("{path}.pdf"));
    let note = (!shared.message.is_empty()).then_some((shared.sender, shared.message));
    page::ok(&may, &PaperPage { note, until: Some(until), ..page })
}

#[derive(Template)]
#[template(path = "handouts/templates/ended.html")]
struct EndedPage {
    frame: Plain,
    words: Words,
    from: Letterhead,
    lines: Vec<String>,
}

/// Says that a link has expired or was revoked, in the handout's language.
fn ended(may: &May<Anyone>, language: Language, from: Letterhead) -> Result<Response> {
    let words = language.words();
    let page = EndedPage { frame: plain(may, words.ended), words, lines: from.lines(), from };
    page::show(may, StatusCode::GONE, &page)
}
