//! Who can see a case, a client or a request, and why, now or at any time in the past: read out of the dated
//! memberships.

mod store;

pub use store::RequestSight;

use crate::{CaseScope, ClientScope, GroupRole, GroupScope, RequestScope, Role, Scope};
use kernel::{
    clock::{NEVER, Span, Time},
    error::Result,
    id::{UserGroupId, UserId},
};
use storage::Tx;
use store::{AskedRow, SightRow};

/// What gives sight of all of something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// They are in its group, in this role.
    InGroup(GroupRole),
    /// They read from the parent account, in this role.
    FromParent(Role),
    /// It is an API key with the scope for that.
    ByKey,
}

/// A time in which someone saw all of something, for one reason.
#[derive(Clone, Debug)]
pub struct Period {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// The reason.
    pub why: Why,
    /// Since when: never before the thing was there, or before its group came into the account.
    pub since: Time,
    /// The first moment without it; none while it goes on.
    pub until: Option<Time>,
}

impl Period {
    /// Whether they could only read, from the parent account.
    pub fn from_parent(&self) -> bool {
        matches!(self.why, Why::FromParent(_))
    }

    /// The reason, as a clause without its date: "member of Riverside".
    pub fn reason(&self, group: &str) -> String {
        match self.why {
            Why::InGroup(GroupRole::Administrator) => format!("administrator of {group}"),
            Why::InGroup(GroupRole::Member) => format!("member of {group}"),
            Why::FromParent(role) => {
                format!("{} of the account; reads from the parent account", role.label().to_lowercase())
            }
            Why::ByKey => "API key for programs; its scopes include this".to_owned(),
        }
    }
}

/// A time in which someone saw what a request shows of something.
#[derive(Clone, Debug)]
pub struct AskedPeriod {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// The user group that was asked.
    pub user_group: UserGroupId,
    /// Its name.
    pub user_group_name: String,
    /// Since when: since they were in the user group, it could be asked, and was asked.
    pub since: Time,
    /// The first moment without it; none while it goes on.
    pub until: Option<Time>,
}

impl AskedPeriod {
    /// The reason, as a clause without its date.
    pub fn reason(&self) -> String {
        format!(
            "in {}, which was asked about it; sees what the request shows, nothing else",
            self.user_group_name
        )
    }
}

/// Who sees something of a group at a time.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Those who see it whole, members of the group first. A person is named again for another reason or time.
    pub whole: Vec<Period>,
    /// Who else sees what a request shows of it.
    pub through_requests: Vec<AskedPeriod>,
}

impl Seen {
    /// `scopes` are those by which API keys see it.
    async fn of(
        tx: &Tx,
        scope: &GroupScope,
        scopes: &[Scope],
        asked: Vec<AskedRow>,
        life: Span,
        span: Span,
    ) -> Result<Self> {
        let rows = store::sight(tx, scope.account(), scope.group(), life).await?;
        let (keys, people) = rows.into_iter().partition::<Vec<_>, _>(|row| row.scopes.is_some());
        let whole = whole(people, life);
        let mut through_requests = through_requests(asked, life, &whole);
        let keys = by_keys(keys, scopes, life);
        let mut whole = whole.into_iter().flat_map(Held::periods).chain(keys).collect::<Vec<_>>();
        whole.retain(|period| meets(period.since, period.until, span));
        through_requests.retain(|period| meets(period.since, period.until, span));
        whole.sort_by_key(|period| (period.from_parent(), period.since, period.user));
        Ok(Self { whole, through_requests })
    }
}

/// The times of API keys that have one of these scopes.
fn by_keys(rows: Vec<SightRow>, scopes: &[Scope], life: Span) -> impl Iterator<Item = Period> {
    let fits = |row: &SightRow| {
        let own = row.scopes.as_deref().map(Scope::list).unwrap_or_default();
        own.iter().any(|scope| scopes.contains(scope))
    };
    let rows = rows.into_iter().filter(move |row| fits(row));
    let periods = rows.map(move |row| {
        let held = open(row.held_since.unwrap_or(life.from), None);
        let span = open(row.since, row.until).and(held).and(Span { from: life.from, until: NEVER });
        Period { user: row.user, name: row.name, why: Why::ByKey, since: span.from, until: end(span) }
    });
    periods.filter(|period| period.until.is_none_or(|until| until > period.since))
}

fn meets(since: Time, until: Option<Time>, span: Span) -> bool {
    !open(since, until).and(span).is_empty()
}

fn open(since: Time, until: Option<Time>) -> Span {
    Span { from: since, until: until.unwrap_or(NEVER) }
}

/// When a span ended, if it did.
fn end(span: Span) -> Option<Time> {
    Some(span.until).filter(|until| *until < NEVER)
}

/// A person's times for one reason, while one account held the group.
struct Held {
    user: UserId,
    name: String,
    why: Why,
    held: Option<Time>,
    spans: Vec<Span>,
}

impl Held {
    fn periods(self) -> impl Iterator<Item = Period> {
        let Self { user, name, why, spans, .. } = self;
        Span::joined(spans).into_iter().map(move |span| Period {
            user,
            name: name.clone(),
            why,
            since: span.from,
            until: end(span),
        })
    }
}

/// Everyone's times within the life of the thing. A person in the group sees it as one of the group, also where
/// they could read from the parent account.
fn whole(rows: Vec<SightRow>, life: Span) -> Vec<Held> {
    let mut all = Vec::<Held>::new();
    for row in rows {
        let held = open(row.held_since.unwrap_or(life.from), row.held_until);
        let member = open(row.since, row.until).and(held).and(Span { from: life.from, until: NEVER });
        let inside = row
            .group_role
            .zip(row.group_since)
            .map(|(role, since)| (Why::InGroup(role), member.and(open(since, row.group_until))));
        let above = matches!(row.role, Role::Owner | Role::Administrator);
        let above = above.then_some((Why::FromParent(row.role), member));
        for (why, span) in inside.into_iter().chain(above) {
            let same = |one: &&mut Held| (one.user, one.why, one.held) == (row.user, why, row.held_since);
            match all.iter_mut().find(same) {
                Some(one) => one.spans.push(span),
                None => all.push(Held {
                    user: row.user,
                    name: row.name.clone(),
                    why,
                    held: row.held_since,
                    spans: vec![span],
                }),
            }
        }
    }
    take_group_from_parent(&mut all);
    all
}

fn take_group_from_parent(all: &mut [Held]) {
    for at in 0..all.len() {
        if matches!(all[at].why, Why::FromParent(_)) {
            let user = all[at].user;
            let inside = all.iter().filter(|one| one.user == user && matches!(one.why, Why::InGroup(_)));
            let inside = inside.flat_map(|one| one.spans.iter().copied()).collect::<Vec<_>>();
            let spans = std::mem::take(&mut all[at].spans);
            all[at].spans = Span::joined(spans).into_iter().flat_map(|span| span.without(&inside)).collect();
        }
    }
}

/// Who saw it through requests while they did not see it whole.
fn through_requests(rows: Vec<AskedRow>, life: Span, whole: &[Held]) -> Vec<AskedPeriod> {
    let mut all = Vec::<(AskedRow, Vec<Span>)>::new();
    for row in rows {
        let span = open(row.asked_since, row.asked_until)
            .and(open(row.granted_since, row.granted_until))
            .and(open(row.inside_since, row.inside_until))
            .and(open(row.member_since, row.member_until))
            .and(Span { from: life.from, until: NEVER });
        match all.iter_mut().find(|(one, _)| (one.user, one.user_group) == (row.user, row.user_group)) {
            Some((_, spans)) => spans.push(span),
            None => all.push((row, vec![span])),
        }
    }
    let periods = all.into_iter().flat_map(|(row, spans)| {
        let own = whole.iter().filter(|one| one.user == row.user);
        let own = own.flat_map(|one| one.spans.iter().copied()).collect::<Vec<_>>();
        let parts = Span::joined(spans).into_iter().flat_map(move |span| span.without(&own));
        parts.map(move |span| AskedPeriod {
            user: row.user,
            name: row.name.clone(),
            user_group: row.user_group,
            user_group_name: row.user_group_name.clone(),
            since: span.from,
            until: end(span),
        })
    });
    periods.collect()
}

/// Everyone who could see a case that was `made` then, at any time in the span. Who was asked about it sees its
/// name, number and status.
///
/// # Errors
/// The database fails.
pub async fn who_sees_case(tx: &Tx, case: &CaseScope, made: Time, span: Span) -> Result<Seen> {
    let life = Span { from: made, until: span.until };
    if life.is_empty() {
        return Ok(Seen::default());
    }
    let asked = store::asked_about_case(tx, case.account(), case.case(), span.until).await?;
    Seen::of(tx, case, &[Scope::CasesRead], asked, life, span).await
}

/// Everyone who could see a client who was `made` then, at any time in the span. Who was asked about them sees
/// name, kind, birth date and reference number.
///
/// # Errors
/// The database fails.
pub async fn who_sees_client(tx: &Tx, client: &ClientScope, made: Time, span: Span) -> Result<Seen> {
    let life = Span { from: made, until: span.until };
    if life.is_empty() {
        return Ok(Seen::default());
    }
    let asked = store::asked_about_client(tx, client.account(), client.object(), span.until).await?;
    Seen::of(tx, client, &[Scope::ClientsRead, Scope::NotesRead], asked, life, span).await
}

impl RequestSight {
    /// The reason, as a clause without its date: "sent it".
    pub fn reason(&self) -> String {
        match &self.user_group {
            None => "sent it".to_owned(),
            Some(name) => format!("in {name}, which it is addressed to"),
        }
    }
}

/// Everyone who sees a request now: its sender first, while they are in every group that it is about.
///
/// # Errors
/// The database fails.
pub async fn who_sees_request(tx: &Tx, request: &RequestScope) -> Result<Vec<RequestSight>> {
    store::request_sight(tx, request.account(), request.request()).await
}
