//! Pages of handouts: the library, a handout, its form and versions, paper, and what was sent.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;

use crate::handouts::{
    Filter, HandoutRow, Language, MESSAGE_LIMIT, SHARE_DAYS, ShareRow, Species, Topic, VersionRow,
    actions::{self, Changes, Draft, Opened, Recipient},
    paper::{Sheet, Words},
};
use access::{AccountMember, Anyone, HandoutAuthor, HandoutEditor, HandoutReader, HandoutScope, Privilege};
use kernel::{
    error::{Error, Result},
    id::{AccountId, HandoutId, HandoutShareId},
    random::Token,
    text,
};
use people::accounts::Letterhead;
use platform::prose;
use storage::{ExpectedVersion, Hash, Tx};
use web::{
    Form, May, Page, Pdf, Query,
    answer::cursor_id,
    cookies::Flash,
    entry::Entry,
    page::{
        self, Crumb, Frame, Frames, Here, Notice, Plain, confirm, crumb, go, go_with, own_path, plain, settle,
    },
    parts::{Choice, Pager, choices, link},
};

/// How many handouts a page of the library shows.
const LIMIT: i64 = 24;
/// How many shares a page of the log shows, and how many versions one of the versions.
const ROWS: i64 = 25;

/// Which handouts to show.
#[derive(Clone, Default, Deserialize, utoipa::IntoParams)]
pub(crate) struct LibraryQuery {
    q: Option<String>,
    #[param(value_type = Option<String>)]
    species: Option<Species>,
    #[param(value_type = Option<String>)]
    topic: Option<Topic>,
    #[param(value_type = Option<String>)]
    language: Option<Language>,
    favorites: Option<String>,
    archived: Option<String>,
    cursor: Option<String>,
}

impl LibraryQuery {
    fn filter(&self, account: AccountId) -> Result<Filter> {
        Ok(Filter {
            search: self.q.clone(),
            species: self.species,
            topic: self.topic,
            language: self.language,
            account: Some(account),
            favorites: self.favorites.is_some(),
            archived: self.archived.is_some(),
            after: actions::after(self.cursor.as_deref())?,
        })
    }

    fn pairs(&self) -> [(&str, &str); 6] {
        let text = |value: &Option<String>| value.is_some();
        [
            ("q", self.q.as_deref().unwrap_or_default()),
            ("species", self.species.map_or("", Species::word)),
            ("topic", self.topic.map_or("", Topic::word)),
            ("language", self.language.map_or("", Language::word)),
            ("favorites", if text(&self.favorites) { "yes" } else { "" }),
            ("archived", if text(&self.archived) { "yes" } else { "" }),
        ]
    }
}

fn species() -> Vec<Choice> {
    choices(Species::ALL.iter().map(|each| (each.word(), each.label())))
}

fn topics() -> Vec<Choice> {
    choices(Topic::ALL.iter().map(|each| (each.word(), each.label())))
}

fn languages() -> Vec<Choice> {
    choices(Language::ALL.iter().map(|each| (each.word(), each.label())))
}

/// For how long a link may work.
fn lasting() -> Vec<Choice> {
    choices([(7, "7 days"), (14, "14 days"), (30, "30 days"), (90, "90 days")])
}

/// Choices with one before them for all.
fn any(label: &str, mut rest: Vec<Choice>) -> Vec<Choice> {
    rest.insert(0, Choice { value: String::new(), label: label.to_owned() });
    rest
}

#[derive(Template)]
#[template(path = "handouts/templates/library.html")]
struct LibraryPage {
    frame: Frame,
    path: String,
    /// The address of this very page, to come back to.
    here: String,
    entry: Entry,
    species: Vec<Choice>,
    topics: Vec<Choice>,
    languages: Vec<Choice>,
    favorites: bool,
    archived: bool,
    filtered: bool,
    manages: bool,
    rows: Vec<HandoutRow>,
    pager: Pager,
}

pub(crate) async fn index(may: May<AccountMember>, Query(query): Query<LibraryQuery>) -> Result<Response> {
    let (asked, shell) = (query.clone(), may.shell());
    let (frame, rows, manages) = may
        .read_heavy(async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Account(by.account())).await?;
            let filter = asked.filter(by.account())?;
            let manages = by.holds(tx, Privilege::HandoutsManage).await?;
            Ok((frame, actions::list(tx, by.user(), &filter, LIMIT).await?, manages))
        })
        .await?;
    let path = may.request().path.clone();
    let pairs = query.pairs();
    let rows = Page::cut(rows, LIMIT, HandoutRow::cursor);
    let page = LibraryPage {
        frame: frame.page(&may, "handouts", [], "Handouts"),
        here: link(&path, &pairs),
        entry: Entry::of(&pairs),
        species: any("All animals", species()),
        topics: any("All topics", topics()),
        languages: any("All languages", languages()),
        favorites: query.favorites.is_some(),
        archived: query.archived.is_some(),
        filtered: pairs.iter().any(|(_, value)| !value.is_empty()),
        manages,
        pager: Pager::new(&path, &pairs, query.cursor.as_deref(), rows.next_cursor.as_deref()),
        rows: rows.items,
        path,
    };
    page::ok(&may, &page)
}

/// The library of the account in the path, as a step of the way.
fn library(account: AccountId) -> Crumb {
    crumb("Handouts", format!("/a/{account}/handouts"))
}

/// A link that was just made, to be passed on.
struct Fresh {
    link: String,
    until: String,
    /// To whom a mail was meant that does not leave this server.
    email: Option<String>,
}

#[derive(Template)]
#[template(path = "handouts/templates/show.html")]
struct ShowPage {
    frame: Frame,
    path: String,
    row: HandoutRow,
    html: String,
    manages: bool,
    note: Entry,
    share: Entry,
    fresh: Option<Fresh>,
    limit: usize,
    days: Vec<Choice>,
}

/// The forms of a handout's page, where one was not accepted.
#[derive(Default)]
struct Forms {
    note: Option<Entry>,
    share: Option<Entry>,
    fresh: Option<Fresh>,
}

async fn load(
    tx: &Tx,
    by: &HandoutScope,
    shell: &Frames,
    account: AccountId,
) -> Result<(Frame, HandoutRow, VersionRow, String, bool)> {
    let frame = shell.frame(tx, by.user(), Here::Account(account)).await?;
    let (row, version, note) = actions::show(tx, by).await?;
    Ok((frame, row, version, note, by.manages(tx, account).await?))
}

async fn show_page(may: &May<HandoutReader>, forms: Forms) -> Result<Response> {
    let (account, shell): (AccountId, _) = (may.id("account")?, may.shell());
    let load = async |tx: &_, by: &HandoutReader| load(tx, by, &shell, account).await;
    let (frame, row, version, note, manages) = may.read(load).await?;
    let days = SHARE_DAYS.to_string();
    let note = forms.note.unwrap_or_else(|| Entry::of(&[("body", &note)]));
    let share = forms.share.unwrap_or_else(|| Entry::of(&[("days", &days)]));
    let status = [&note, &share].into_iter().map(Entry::status).find(|status| *status != StatusCode::OK);
    let page = ShowPage {
        frame: frame.page(may, "handouts", [library(account)], row.title.clone()),
        path: format!("/a/{account}/handouts/{}", row.id),
        html: prose::to_html(&version.body),
        row,
        manages,
        note,
        share,
        fresh: forms.fresh,
        limit: MESSAGE_LIMIT,
        days: lasting(),
    };
    page::show(may, status.unwrap_or_default(), &page)
}

async fn pdf(sheet: Sheet) -> Result<Response> {
    Ok(Pdf::new(&sheet.title.clone(), sheet.pdf().await?).into_response())
}

pub(crate) async fn show(may: May<HandoutReader>) -> Result<Response> {
    if may.text("format").is_ok() {
        let account = may.id("account")?;
        let sheet = may.read(async move |tx, by| actions::sheet(tx, by, Some(account)).await).await?;
        return pdf(sheet).await;
    }
    show_page(&may, Forms::default()).await
}

/// The address of the handout in the path.
fn own<P: access::Proof>(may: &May<P>) -> Result<String> {
    let (account, handout): (AccountId, HandoutId) = (may.id("account")?, may.id("handout")?);
    Ok(format!("/a/{account}/handouts/{handout}"))
}

pub(crate) async fn set_favorite(may: May<HandoutReader>, form: Form) -> Result<Response> {
    let favorite = form.get("favorite") == "yes";
    may.write(async move |tx, by| actions::set_favorite(tx, by, favorite).await).await?;
    match own_path(form.get("back")) {
        Some(back) => go(back),
        None => go(&own(&may)?),
    }
}

pub(crate) async fn set_note(may: May<HandoutReader>, form: Form) -> Result<Response> {
    let body = form.get("body").to_owned();
    match may.write(async move |tx, by| actions::set_note(tx, by, &body).await).await {
        Ok(kept) if kept.is_empty() => go_with(&may, &own(&may)?, &Flash::done("Your note is empty.")),
        Ok(_) => go_with(&may, &own(&may)?, &Flash::done("Your note was kept. Only you see it.")),
        Err(error) => {
            let note = Some(Entry::again(form, error)?);
            show_page(&may, Forms { note, ..Forms::default() }).await
        }
    }
}

pub(crate) async fn share(may: May<HandoutReader>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let email = form.get("email").trim().to_owned();
    let by_link = form.get("do") == "link";
    let recipient = Recipient {
        account: Some(account),
        email: (!by_link).then(|| email.clone()),
        message: form.get("message").to_owned(),
        days: form.get("days").parse().ok().or(if form.get("days").is_empty() { None } else { Some(0) }),
    };
    let site = may.app().site.clone();
    let leaves = site.mail_leaves;
    let made = may.write(async move |tx, by| {
        if !by_link && email.is_empty() {
            return Err(Error::field("email", "Please give the owner’s address, or make a link instead."));
        }
        let made = actions::share(tx, by, &site, &recipient).await?;
        let from = people::accounts::letterhead(tx, account).await?;
        let until = actions::day(made.share.expires_at, &from, Language::English);
        Ok((made.share.email, made.link, until))
    });
    match made.await {
        Ok((Some(email), ..)) if leaves => {
            go_with(&may, &own(&may)?, &Flash::done(format!("The handout is on its way to {email}.")))
        }
        Ok((email, link, until)) => {
            let fresh = Some(Fresh { link, until, email });
            show_page(&may, Forms { fresh, ..Forms::default() }).await
        }
        Err(error) => {
            let share = Some(Entry::again(form, error)?);
            show_page(&may, Forms { share, ..Forms::default() }).await
        }
    }
}

#[derive(Template)]
#[template(path = "handouts/templates/form.html")]
struct FormPage {
    frame: Frame,
    /// Where the form goes, and where one gets back.
    action: String,
    back: String,
    /// The version of the row that is edited; none for a new one.
    version: Option<i64>,
    entry: Entry,
    species: Vec<Choice>,
    topics: Vec<Choice>,
    languages: Vec<Choice>,
    limit: usize,
}

impl FormPage {
    fn new(frame: Frame, action: String, back: String, version: Option<i64>, entry: Entry) -> Self {
        let first = |rest| if version.is_none() { any("Choose…", rest) } else { rest };
        Self {
            frame,
            action,
            back,
            version,
            entry,
            species: first(species()),
            topics: first(topics()),
            languages: languages(),
            limit: text::PROSE_LIMIT,
        }
    }
}

async fn new_page(may: &May<HandoutAuthor>, entry: Entry) -> Result<Response> {
    let (frame, account) = may
        .read(async |tx, by| Ok((may.frame(tx, by.user(), Here::Account(by.account())).await?, by.account())))
        .await?;
    let (path, status) = (format!("/a/{account}/handouts"), entry.status());
    let frame = frame.page(may, "handouts", [library(account)], "New handout");
    page::show(may, status, &FormPage::new(frame, path.clone(), path, None, entry))
}

pub(crate) async fn new(may: May<HandoutAuthor>) -> Result<Response> {
    new_page(&may, Entry::of(&[("language", "en")])).await
}

fn draft(form: &Form) -> Draft {
    Draft {
        title: form.get("title").to_owned(),
        summary: form.get("summary").to_owned(),
        body: form.get("body").to_owned(),
        species: Species::read(form.get("species")),
        topic: Topic::read(form.get("topic")),
        language: Language::read(form.get("language")),
    }
}

pub(crate) async fn create(may: May<HandoutAuthor>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let draft = draft(&form);
    match may.write(async move |tx, by| actions::add(tx, by, &draft).await).await {
        Ok(row) => {
            let flash = Flash::done(format!("“{}” is in the library now.", row.title));
            go_with(&may, &format!("/a/{account}/handouts/{}", row.id), &flash)
        }
        Err(error) => new_page(&may, Entry::again(form, error)?).await,
    }
}

pub(crate) async fn copy(may: May<HandoutAuthor>) -> Result<Response> {
    let (account, source): (AccountId, HandoutId) = (may.id("account")?, may.id("handout")?);
    let row = may.write(async move |tx, by| actions::copy(tx, by, source).await).await?;
    let flash = Flash::done("This copy is your own. Change it as you like.");
    go_with(&may, &format!("/a/{account}/handouts/{}/edit", row.id), &flash)
}

async fn edit_page(may: &May<HandoutEditor>, entry: Option<Entry>) -> Result<Response> {
    let (account, shell): (AccountId, _) = (may.id("account")?, may.shell());
    let load = async |tx: &_, by: &HandoutEditor| load(tx, by, &shell, account).await;
    let (frame, row, version, ..) = may.read(load).await?;
    let entry = entry.unwrap_or_else(|| {
        Entry::of(&[
            ("title", &row.title),
            ("summary", &row.summary),
            ("body", &version.body),
            ("species", row.species.word()),
            ("topic", row.topic.word()),
            ("language", row.language.word()),
        ])
    });
    let back = own(may)?;
    let between = [library(account), crumb(row.title.clone(), back.clone())];
    let (frame, status) = (frame.page(may, "handouts", between, "Edit handout"), entry.status());
    page::show(may, status, &FormPage::new(frame, format!("{back}/edit"), back, Some(row.version), entry))
}

pub(crate) async fn edit(may: May<HandoutEditor>) -> Result<Response> {
    edit_page(&may, None).await
}

pub(crate) async fn change(may: May<HandoutEditor>, form: Form) -> Result<Response> {
    let Draft { title, summary, body, species, topic, language } = draft(&form);
    let (title, summary, body) = (Some(title), Some(summary), Some(body));
    let changes = Changes { title, summary, body, species, topic, language, archived: None };
    let seen = ExpectedVersion(form.get("version").parse().ok());
    match may.write(async move |tx, by| actions::change(tx, by, &changes, seen).await).await {
        Ok(row) => {
            let flash = Flash::done(format!("“{}” was saved as version {}.", row.title, row.number));
            go_with(&may, &own(&may)?, &flash)
        }
        Err(error) => edit_page(&may, Some(Entry::again(form, error)?)).await,
    }
}

pub(crate) async fn archive(may: May<HandoutEditor>, form: Form) -> Result<Response> {
    let archived = form.get("archived") != "false";
    let back = own(&may)?;
    let question = page::Question {
        ask: "Archive this handout?".to_owned(),
        detail: "It leaves the library. Links that were sent go on showing it.",
        action: "Archive",
        back: &back,
    };
    if archived && let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let changes = Changes { archived: Some(archived), ..Changes::default() };
    let changed =
        may.write(async move |tx, by| actions::change(tx, by, &changes, ExpectedVersion(None)).await).await;
    let again = may.request().path.clone();
    settle(&may, &back, changed, |row| match archived {
        true => Flash::done(format!("“{}” is archived.", row.title)).undo(again, &[("archived", "false")]),
        false => Flash::done(format!("“{}” is in the library again.", row.title)),
    })
}

/// Which version to show.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct VersionQuery {
    number: Option<i64>,
    cursor: Option<i64>,
}

#[derive(Template)]
#[template(path = "handouts/templates/versions.html")]
struct VersionsPage {
    frame: Frame,
    path: String,
    row: HandoutRow,
    versions: Vec<VersionRow>,
    older: Option<String>,
    shown: VersionRow,
    html: String,
}

pub(crate) async fn versions(may: May<HandoutReader>, Query(query): Query<VersionQuery>) -> Result<Response> {
    let (account, shell): (AccountId, _) = (may.id("account")?, may.shell());
    let before = query.cursor.unwrap_or(i64::MAX);
    let (frame, row, versions, shown) = may
        .read(async move |tx, by| {
            let (frame, row, current, ..) = load(tx, by, &shell, account).await?;
            let shown = match query.number.filter(|number| *number != row.number) {
                Some(number) => actions::version(tx, by, number).await?,
                None => current,
            };
            Ok((frame, row, actions::versions(tx, by, before, ROWS).await?, shown))
        })
        .await?;
    let path = own(&may)?;
    let versions = Page::cut(versions, ROWS, |version| version.number.to_string());
    let between = [library(account), crumb(row.title.clone(), path.clone())];
    let page = VersionsPage {
        frame: frame.page(&may, "handouts", between, "Versions"),
        older: versions.next_cursor.map(|cursor| link(&format!("{path}/versions"), &[("cursor", &cursor)])),
        versions: versions.items,
        html: prose::to_html(&shown.body),
        shown,
        row,
        path,
    };
    page::ok(&may, &page)
}

#[derive(Template)]
#[template(path = "handouts/templates/paper.html")]
struct PaperPage {
    frame: Plain,
    sheet: Sheet,
    html: String,
    lines: Vec<String>,
    words: Words,
    /// Where the PDF is, and the way back for those who have one.
    pdf: String,
    back: Option<String>,
    /// The note of who shared it, with their name.
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
        Opened::Past(from) => return past(&may, &from),
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
        return pdf(sheet).await;
    }
    let page = PaperPage::new(plain(&may, sheet.title.clone()), sheet, format!("{path}.pdf"));
    let note = (!shared.message.is_empty()).then_some((shared.sender, shared.message));
    page::ok(&may, &PaperPage { note, until: Some(until), ..page })
}

/// What is said where a link is no longer good.
fn past(may: &May<Anyone>, from: &Letterhead) -> Result<Response> {
    let mut frame = plain(may, "This link is no longer good");
    frame.aside = "";
    let contact = from.lines().join(", ");
    let text = match contact.as_str() {
        "" => format!("Ask {} to send you the handout again. They will be glad to help.", from.name),
        contact => {
            format!("Ask {} to send you the handout again. They will be glad to help: {contact}.", from.name)
        }
    };
    page::show(may, StatusCode::GONE, &Notice { frame, text: &text, links: &[] })
}

/// Where the log begins.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct SentQuery {
    cursor: Option<String>,
}

/// A share with its state in a word.
struct Sent {
    row: ShareRow,
    kind: &'static str,
    word: &'static str,
    revocable: bool,
}

#[derive(Template)]
#[template(path = "handouts/templates/sent.html")]
struct SentPage {
    frame: Frame,
    path: String,
    library: String,
    manages: bool,
    rows: Vec<Sent>,
    pager: Pager,
}

pub(crate) async fn sent(may: May<AccountMember>, Query(query): Query<SentQuery>) -> Result<Response> {
    let before = cursor_id(query.cursor.as_deref())?;
    let (frame, account, rows, manages) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            let rows = actions::shares(tx, by, before, ROWS).await?;
            Ok((frame, by.account(), rows, by.role().manages()))
        })
        .await?;
    let (path, now) = (may.request().path.clone(), frame.now);
    let rows = Page::cut(rows, ROWS, |row| row.id.to_string());
    let pager = Pager::new(&path, &[], query.cursor.as_deref(), rows.next_cursor.as_deref());
    let sent = rows.items.into_iter().map(|row| {
        let (kind, word) = match (row.revoked_at, row.expires_at <= now) {
            (Some(_), _) => ("removed", "Taken back"),
            (None, true) => ("expired", "Expired"),
            (None, false) => ("active", "Works"),
        };
        Sent { revocable: kind == "active", row, kind, word }
    });
    let page = SentPage {
        frame: frame.page(&may, "handouts", [library(account)], "Sent"),
        library: format!("/a/{account}/handouts"),
        path,
        manages,
        rows: sent.collect(),
        pager,
    };
    page::ok(&may, &page)
}

pub(crate) async fn revoke(may: May<AccountMember>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let back = format!("/a/{account}/handouts/sent");
    let question = page::Question {
        ask: "Take this link back?".to_owned(),
        detail: "Whoever opens it is told to ask the practice.",
        action: "Take back",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let share: HandoutShareId = may.id("share")?;
    let revoked = may.write(async move |tx, by| actions::revoke(tx, by, share).await).await;
    settle(&may, &back, revoked, |row| Flash::done(format!("The link to “{}” no longer works.", row.title)))
}
