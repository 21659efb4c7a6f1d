//! Pages: the frame around them as plain data, and the few ways in which a handler answers.
//!
//! Who the caller is and where they may go is loaded by a slice and handed over as [`Frame`]; nothing
//! here knows a slice.

use std::{pin::Pin, sync::Arc};

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use jiff::tz::TimeZone;

use crate::{
    Form, May,
    cookies::{self, Flash},
    parts::Kit,
};
use access::Proof;
use kernel::{
    error::{Error, Kind, Result},
    id::{AccountId, GroupId, UserId},
    practice::PracticeKind,
};
use storage::Tx;

/// Where a page is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Here {
    /// Nowhere in particular.
    Nowhere,
    /// In all groups together.
    All,
    /// In a parent account.
    Account(AccountId),
    /// In a group of an account.
    Group(AccountId, GroupId),
}

impl Here {
    /// The account, where the page is in one.
    pub fn account(self) -> Option<AccountId> {
        match self {
            Self::Account(account) | Self::Group(account, _) => Some(account),
            Self::Nowhere | Self::All => None,
        }
    }

    /// The group, where the page is in one.
    pub fn group(self) -> Option<GroupId> {
        match self {
            Self::Group(_, group) => Some(group),
            _ => None,
        }
    }
}

/// Loads what surrounds a page. A workflow does that, for it draws on several wings.
pub trait Shell: Send + Sync {
    /// The frame for someone who has proved to be where they are.
    ///
    /// # Errors
    /// They are not known.
    fn frame<'a>(
        &'a self,
        tx: &'a Tx,
        user: UserId,
        here: Here,
    ) -> Pin<Box<dyn Future<Output = Result<Frame>> + Send + 'a>>;
}

/// What loads the surroundings of pages: a handle to be cloned into work that travels to another thread.
#[derive(Clone)]
pub struct Frames(Arc<dyn Shell>);

impl Frames {
    /// Loaded by this shell.
    pub fn new(shell: impl Shell + 'static) -> Self {
        Self(Arc::new(shell))
    }

    /// The frame for someone who has proved to be where they are.
    ///
    /// # Errors
    /// They are not known.
    pub async fn frame(&self, tx: &Tx, user: UserId, here: Here) -> Result<Frame> {
        self.0.frame(tx, user, here).await
    }
}

/// Somewhere one can go.
#[derive(Clone, Debug)]
pub struct NavItem {
    /// What tells it from the others: `cases`.
    pub key: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// What is read.
    pub label: String,
    /// A smaller line beneath.
    pub sub: String,
    /// Where it leads.
    pub href: String,
    /// Whether one is there.
    pub current: bool,
    /// How much waits there unread, where that is counted.
    pub count: Option<i64>,
    /// What the page is for, in a sentence or two, as the help menu says it; may be empty.
    pub about: &'static str,
}

impl NavItem {
    /// A place.
    pub fn new(
        key: &'static str,
        icon: &'static str,
        label: impl Into<String>,
        href: impl Into<String>,
    ) -> Self {
        Self {
            key,
            icon,
            label: label.into(),
            sub: String::new(),
            href: href.into(),
            current: false,
            count: None,
            about: "",
        }
    }

    /// With what its page is for.
    #[must_use]
    pub fn about(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }

    /// With a line beneath.
    #[must_use]
    pub fn beneath(mut self, sub: impl Into<String>) -> Self {
        self.sub = sub.into();
        self
    }

    /// With how much waits there unread.
    #[must_use]
    pub fn counting(mut self, unread: i64) -> Self {
        self.count = Some(unread);
        self
    }

    /// As the present one, or not.
    #[must_use]
    pub fn current(mut self, current: bool) -> Self {
        self.current = current;
        self
    }
}

/// One step of the way to a page.
#[derive(Clone, Debug)]
pub struct Crumb {
    /// What is read.
    pub label: String,
    /// Where it leads; nowhere, if one is there.
    pub href: Option<String>,
}

/// A step that can be gone back to.
pub fn crumb(label: impl Into<String>, href: impl Into<String>) -> Crumb {
    Crumb { label: label.into(), href: Some(href.into()) }
}

/// A message above every page of an account, until what it speaks of is put right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Banner {
    /// Whether nothing can be changed any more.
    pub serious: bool,
    /// The sentences.
    pub text: String,
    /// What one can do about it, and where.
    pub link: Option<(&'static str, String)>,
}

/// The requests that wait for someone, in all their accounts.
#[derive(Clone, Debug)]
pub struct Inbox {
    /// Where the button leads: the requests of the account that one is in, where it has any.
    pub href: String,
    /// How many are unread, in all accounts together.
    pub unread: i64,
    /// The accounts to choose from, where unread requests wait in another than the one that one is in.
    pub choices: Vec<NavItem>,
}

/// What the Account button opens.
#[derive(Clone, Debug, Default)]
pub struct AccountPanel {
    /// The first of the reader's groups, the present one among them.
    pub groups: Vec<NavItem>,
    /// What lies around them: all groups together, the parent accounts, the list of everything.
    pub more: Vec<NavItem>,
    /// The account that the rest is about, where one has several.
    pub account: String,
    /// What everyone does in it.
    pub manage: Vec<NavItem>,
    /// What its owner and administrators do.
    pub administration: Vec<NavItem>,
}

/// What surrounds a page for a person who is signed in.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What every page has at hand.
    pub kit: Kit,
    /// What the page is called.
    pub title: String,
    /// Where one is: a group's name, `All groups`; empty where nowhere in particular.
    pub here: String,
    /// Who is signed in, by id.
    pub user: UserId,
    /// Who is signed in.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their groups.
    pub groups: Vec<NavItem>,
    /// What lies above the groups: all of them together, and the parent accounts.
    pub above: Vec<NavItem>,
    /// What the Account button opens.
    pub panel: AccountPanel,
    /// Further entries of the profile menu, such as the dashboards of the accounts that one manages.
    pub profile: Vec<NavItem>,
    /// The reader's requests; none for readers who get none in any account.
    pub inbox: Option<Inbox>,
    /// Who helps in the present account: a name and an address. None for that person.
    pub contact: Option<(String, String)>,
    /// What the present page is for; may be empty.
    pub about: &'static str,
    /// What stands above every page of the account, if there is anything to be said.
    pub banner: Option<Banner>,
    /// The tabs of the present group or account; empty where there is none.
    pub places: Vec<NavItem>,
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// Where the search box searches: the hidden field that names the place, if one is in one.
    pub search: Option<(&'static str, String)>,
    /// The account's name.
    pub account: String,
    /// What kind of practice it is, which decides words and fields; outside of an account, what all of a person's
    /// practices have together.
    pub kind: PracticeKind,
    /// Where administration begins in the present account, for its owner and administrators.
    pub administration: Option<String>,
    /// Whether the account's first steps are to be shown to the reader, who manages it.
    pub first_steps: bool,
    /// The stream of live counts, if the page has any.
    pub live: Option<String>,
}

impl std::ops::Deref for Frame {
    type Target = Kit;
    fn deref(&self) -> &Kit {
        &self.kit
    }
}

/// The tabs of an account that belong to its administration.
const ADMINISTRATION: [&str; 6] = ["dashboard", "users", "user-groups", "mail", "activity", "settings"];

impl Frame {
    /// The frame for one page: the tab that it belongs to, the steps between, and its title.
    #[must_use]
    pub fn page<P: Proof>(
        mut self,
        may: &May<P>,
        tab: &str,
        between: impl IntoIterator<Item = Crumb>,
        title: impl Into<String>,
    ) -> Self {
        self.kit.flash.clone_from(&may.request().flash);
        self.title = title.into();
        for place in &mut self.places {
            place.current = place.key == tab;
        }
        let present = self.places.iter().find(|place| place.current);
        self.about = present.map_or("", |place| place.about);
        if ADMINISTRATION.contains(&tab)
            && let Some(href) = &self.administration
        {
            self.crumbs.push(crumb("Administration", href.clone()));
        }
        for step in between {
            // Two steps to one page are one step.
            if self.crumbs.last().is_none_or(|last| last.href != step.href) {
                self.crumbs.push(step);
            }
        }
        if self.crumbs.last().is_none_or(|last| last.label != self.title) {
            self.crumbs.push(Crumb { label: self.title.clone(), href: None });
        }
        if let Some(last) = self.crumbs.last_mut() {
            last.href = None;
        }
        self
    }

    /// What the browser's window is called.
    pub fn window(&self) -> String {
        match self.here.as_str() {
            here if here.is_empty() || here == self.title => format!("{} · Covey", self.title),
            here => format!("{} · {here} · Covey", self.title),
        }
    }
}

/// What surrounds a page outside the frame: signing in, links, errors.
#[derive(Clone, Debug)]
pub struct Plain {
    /// What every page has at hand.
    pub kit: Kit,
    /// What the page is called.
    pub title: String,
    /// The sentence beside it, where there is room.
    pub aside: &'static str,
}

impl std::ops::Deref for Plain {
    type Target = Kit;
    fn deref(&self) -> &Kit {
        &self.kit
    }
}

/// The surroundings of a page outside the frame.
pub fn plain<P: Proof>(may: &May<P>, title: impl Into<String>) -> Plain {
    let app = may.app();
    let kit = Kit {
        now: app.db.clock().now(),
        zone: TimeZone::UTC,
        flash: may.request().flash.clone(),
        sells: app.config.sells(),
    };
    Plain { kit, title: title.into(), aside: "Who belongs, who sees what, who pays." }
}

/// Answers with a page, and takes back the message that it shows.
///
/// # Errors
/// The template fails.
pub fn show<P: Proof>(may: &May<P>, status: StatusCode, page: &impl Template) -> Result<Response> {
    let html = page.render().map_err(Error::internal)?;
    let mut response = (status, Html(html)).into_response();
    if may.request().flash.is_some()
        && let Some(cookie) = cookies::clear_flash(&may.app().site)
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// As [`show`], for a page that is as it should be.
///
/// # Errors
/// The template fails.
pub fn ok<P: Proof>(may: &May<P>, page: &impl Template) -> Result<Response> {
    show(may, StatusCode::OK, page)
}

/// Sends the browser on, by GET.
///
/// # Errors
/// The path holds what no header can.
pub fn go(path: &str) -> Result<Response> {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let path = HeaderValue::from_str(path).map_err(Error::internal)?;
    response.headers_mut().insert(header::LOCATION, path);
    Ok(response)
}

/// Sends the browser on, with a message for the page there.
///
/// # Errors
/// As [`go`].
pub fn go_with<P: Proof>(may: &May<P>, path: &str, flash: &Flash) -> Result<Response> {
    let mut response = go(path)?;
    if let Some(cookie) = cookies::set_flash(&may.app().site, flash) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Answers a button: says what happened on the page that it stands on, or why it didn't.
///
/// # Errors
/// Those that are no answer to a button: no right, nothing there, our mistake.
pub fn settle<P: Proof, T>(
    may: &May<P>,
    path: &str,
    outcome: Result<T>,
    done: impl FnOnce(T) -> Flash,
) -> Result<Response> {
    match outcome {
        Ok(value) => go_with(may, path, &done(value)),
        Err(error)
            if matches!(error.kind(), Kind::Invalid | Kind::Conflict | Kind::Stale | Kind::Throttled) =>
        {
            let detail = error.fields().first().map_or(error.public(), |fault| fault.detail.as_ref());
            go_with(may, path, &Flash::trouble(detail))
        }
        Err(error) => Err(error),
    }
}

/// A question before something that can't easily be taken back.
pub struct Question<'a> {
    /// What will be done, as a question.
    pub ask: String,
    /// What it means.
    pub detail: &'a str,
    /// The word on the button.
    pub action: &'a str,
    /// Where who thinks better of it goes.
    pub back: &'a str,
}

#[derive(Template)]
#[template(path = "web/src/templates/confirm.html")]
struct Confirm<'a> {
    frame: Plain,
    question: &'a Question<'a>,
    path: &'a str,
    fields: Vec<(String, String)>,
}

/// Asks first, unless the form says that it was asked: with JavaScript a dialog does that, without
/// it this page. The form was read, so the permission to do what it asks about was proved.
///
/// # Errors
/// The page can't be drawn.
pub fn confirm<P: Proof>(may: &May<P>, form: &Form, question: Question<'_>) -> Result<Option<Response>> {
    if form.ticked("confirm") {
        return Ok(None);
    }
    let page = Confirm {
        frame: plain(may, question.action),
        question: &question,
        path: &may.request().path,
        fields: form.fields(),
    };
    ok(may, &page).map(Some)
}

/// A short page that says one thing and leads on.
#[derive(Template)]
#[template(path = "web/src/templates/notice.html")]
pub struct Notice<'a> {
    /// The surroundings, with the title.
    pub frame: Plain,
    /// What there is to say.
    pub text: &'a str,
    /// Where to go from here: what is read, and where it leads.
    pub links: &'a [(&'a str, &'a str)],
}

/// The path to go to next, if it is one of ours: it begins with exactly one slash, and holds nothing
/// that a browser might read as another host.
pub fn own_path(next: &str) -> Option<&str> {
    let fine = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains("//")
        && next.len() < 2000
        && next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    fine.then_some(next)
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_our_own_paths_are_followed() {
        assert_eq!(own_path("/g/grp_1/cases?q=x"), Some("/g/grp_1/cases?q=x"));
        for evil in [
            "",
            "//evil.org",
            "/\\evil.org",
            "https://evil.org",
            "/x\n",
            "evil",
            "/a//b",
            "/\t/evil.org",
            "/é",
        ] {
            assert_eq!(own_path(evil), None, "{evil:?}");
        }
    }
}
