//! The users of an account, and what is done to several at once.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use access::{AccountAdmin, InvitationManager, Role};
use kernel::{
    error::{Kind, Result},
    id::{AccountId, GroupId, InvitationId, UserId},
    order::Order,
    text::counted,
};
use people::{
    invitations,
    members::{self, State, TransferRow, pages::users_path, pending_transfer},
};
use web::{
    Form, May, Page, Query,
    cookies::Flash,
    entry::Entry,
    list::{self, Heads},
    page::{self, Frame, Here, NavItem, confirm, go_with, settle},
    parts::{Choice, choices},
};

use crate::{
    departure,
    directory::{
        LIMIT, hands_out,
        store::{Filter, Sort, in_account},
        table::{MemberView, Row, USUAL, after, cursor, in_order, invitations_of, open, people_of},
    },
};

/// Which people to show.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct UsersQuery {
    q: Option<String>,
    role: Option<String>,
    status: Option<String>,
    /// The group that the reader came from.
    from: Option<String>,
    sort: Option<String>,
    cursor: Option<String>,
}

impl UsersQuery {
    fn role(&self) -> Option<Role> {
        self.role.as_deref().and_then(Role::read)
    }

    fn status(&self) -> &str {
        self.status.as_deref().unwrap_or_default()
    }

    fn from(&self) -> Option<GroupId> {
        self.from.as_deref().and_then(|from| from.parse().ok())
    }

    fn pairs(&self) -> [(&str, &str); 4] {
        [("q", &self.q), ("role", &self.role), ("status", &self.status), ("from", &self.from)]
            .map(|(name, value)| (name, value.as_deref().unwrap_or_default()))
    }

    fn filter(&self) -> Result<Filter<'_>> {
        let people = match self.status() {
            "" | "accepted" => Some(State::Active),
            "removed" => Some(State::Removed),
            _ => None,
        };
        Ok(Filter {
            search: self.q.as_deref(),
            role: self.role(),
            people,
            invitations: open(self.status()),
            after: after(self.cursor.as_deref())?,
        })
    }
}

#[derive(Template)]
#[template(path = "directory/templates/users.html")]
struct UsersPage {
    frame: Frame,
    tabs: [NavItem; 2],
    from: Option<GroupId>,
    account: AccountId,
    me: UserId,
    owner: bool,
    back: &'static str,
    entry: Entry,
    roles: Vec<Choice>,
    statuses: Vec<Choice>,
    rows: Vec<Row<MemberView>>,
    list: Heads,
    /// Whether links of invitations whose emails wait can be had.
    hands_out: bool,
    offer: Option<TransferRow>,
}

/// The rows of a page, and where the next begins.
async fn rows(
    tx: &storage::Tx,
    by: &AccountAdmin,
    query: &UsersQuery,
    order: Order<Sort>,
) -> Result<(Vec<Row<MemberView>>, Option<String>)> {
    let filter = query.filter()?;
    let lines = Page::cut(in_account(tx, by, &filter, order, LIMIT).await?, LIMIT, cursor);
    let state = filter.people.unwrap_or(State::Active);
    let people = members::these(tx, by, &people_of(&lines.items), state).await?;
    let invited = invitations::these(tx, by.account(), None, &invitations_of(&lines.items)).await?;
    let people = people.into_iter().map(|row| (row.user, MemberView::from(row)));
    Ok((in_order(&lines.items, people, invited, tx.now()), lines.next_cursor))
}

pub(crate) async fn index(may: May<AccountAdmin>, Query(query): Query<UsersQuery>) -> Result<Response> {
    let path = may.request().path.clone();
    let page = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            let order = list::order(query.sort.as_deref(), USUAL);
            let (rows, next) = rows(tx, by, &query, order).await?;
            let mut roles = choices([("", "Any")]);
            roles.extend(choices(Role::ALL.iter().map(|role| (role.word(), role.label()))));
            let statuses = [
                ("", "Any"),
                ("accepted", "Active"),
                ("pending", "Pending"),
                ("expired", "Expired"),
                ("removed", "Removed"),
            ];
            Ok(UsersPage {
                frame: frame.page(&may, "users", [], "Users"),
                tabs: tabs(by.account(), query.from(), false),
                from: query.from(),
                account: by.account(),
                me: by.user(),
                owner: by.role() == Role::Owner,
                offer: match by.role() {
                    Role::Owner => pending_transfer(tx, by.account()).await?,
                    _ => None,
                },
                entry: Entry::of(&query.pairs()),
                roles,
                statuses: choices(statuses),
                list: Heads::new(&path, &query.pairs(), order, USUAL)
                    .paged(query.cursor.as_deref(), next.as_deref()),
                rows,
                hands_out: hands_out(&may.app().site),
                back: "",
            })
        })
        .await?;
    page::ok(&may, &page)
}

/// What the ticked boxes stand for.
#[derive(Clone, Debug, Default)]
struct Ticked {
    people: Vec<UserId>,
    invitations: Vec<InvitationId>,
}

fn ticked(form: &Form) -> Ticked {
    let who = form.all("who");
    Ticked {
        people: who.iter().filter_map(|id| id.parse().ok()).collect(),
        invitations: who.iter().filter_map(|id| id.parse().ok()).collect(),
    }
}

/// Does the same to everyone who is ticked: all of it, or, where one can't be done, none.
pub(crate) async fn bulk(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let back = users_path(account);
    let Ticked { people, invitations } = ticked(&form);
    if form.get("do") == "cancel" && invitations.is_empty() {
        return go_with(&may, &back, &Flash::trouble("Select at least one invitation."));
    }
    if form.get("do") == "remove" && people.is_empty() {
        return go_with(&may, &back, &Flash::trouble("Select at least one person who can be removed."));
    }
    match form.get("do") {
        "remove" => {
            let question = page::Question {
                ask: format!("Remove {} from the account?", counted(people.len(), "person", "people")),
                detail: "They lose access to everything in it right away.",
                action: "Remove",
                back: &back,
            };
            if let Some(asked) = confirm(&may, &form, question)? {
                return Ok(asked);
            }
            remove_all(&may, &back, people).await
        }
        "resend" => each_invitation(&may, &back, invitations, true).await,
        "cancel" => {
            let question = page::Question {
                ask: format!("Cancel {}?", counted(invitations.len(), "invitation", "invitations")),
                detail: "Their links stop working right away.",
                action: "Cancel invitations",
                back: &back,
            };
            if let Some(asked) = confirm(&may, &form, question)? {
                return Ok(asked);
            }
            each_invitation(&may, &back, invitations, false).await
        }
        _ => go_with(&may, &back, &Flash::trouble("Choose what to do with the people you selected.")),
    }
}

async fn remove_all(may: &May<AccountAdmin>, back: &str, people: Vec<UserId>) -> Result<Response> {
    let (site, many) = (may.app().site.clone(), people.len());
    let removed = may.write(async move |tx, by| {
        for person in &people {
            departure::actions::remove(tx, by, *person, &site).await?;
        }
        Ok(())
    });
    settle(may, back, removed.await, |()| {
        Flash::done(format!("{} removed from the account.", counted(many, "person was", "people were")))
    })
}

async fn each_invitation(
    may: &May<AccountAdmin>,
    back: &str,
    found: Vec<InvitationId>,
    resend: bool,
) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let (mut done, mut refused) = (0, 0);
    for id in found {
        let one = may
            .within::<InvitationManager>(&[("account", account.to_string()), ("invitation", id.to_string())]);
        let site = may.app().site.clone();
        let outcome = one.write(async move |tx, by| match resend {
            true => invitations::actions::resend(tx, by, &site).await.map(drop),
            false => invitations::actions::cancel(tx, by).await,
        });
        match outcome.await {
            Ok(()) => done += 1,
            Err(error) if matches!(error.kind(), Kind::Conflict | Kind::NotFound) => refused += 1,
            Err(error) => return Err(error),
        }
    }
    let what = match resend {
        true if !may.app().site.mail_leaves => "resent (resend one by itself to see its new link)",
        true => "resent",
        false => "canceled",
    };
    let flash = match (done, refused) {
        (0, 0) => Flash::trouble("Select at least one invitation."),
        (0, _) => Flash::trouble("These invitations were already accepted or canceled."),
        (done, 0) => Flash::done(format!("{} {what}.", counted(done, "invitation was", "invitations were"))),
        (done, refused) => Flash::done(format!(
            "{} {what}. {} already accepted or canceled.",
            counted(done, "invitation was", "invitations were"),
            counted(refused, "was", "were")
        )),
    };
    go_with(may, back, &flash)
}

/// The tabs over a list of users, for who may see both: those of a group, and those of its whole account. The account's
/// page knows the group that one came from, if it was one.
pub(super) fn tabs(account: AccountId, group: Option<GroupId>, in_group: bool) -> [NavItem; 2] {
    let one = match group {
        Some(group) => NavItem::new("group", "", "This group", format!("/g/{group}/users")),
        None => NavItem::new("group", "", "One group", format!("/a/{account}/groups")),
    };
    let from = group.map(|group| format!("?from={group}")).unwrap_or_default();
    let whole = NavItem::new("account", "", "Whole account", format!("/a/{account}/users{from}"));
    [one.current(in_group), whole.current(!in_group)]
}
