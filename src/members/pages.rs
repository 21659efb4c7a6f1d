//! Pages of an account's people, and of offers of ownership.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::{
    access::{AccountAdmin, AccountMember, AccountOwner, InvitationManager, Role, TransferParty},
    accounts::{self, Here, frame},
    clock::Time,
    error::{Error, Kind, Result},
    id::{AccountId, InvitationId, TransferId, UserId},
    invitations,
    members::{
        Filter, MemberRow, State, TransferRow, actions, list, pending_transfer,
        table::{InvitationView, MemberView},
    },
    sign_in,
    web::{
        Form, May, Page, Query,
        cookies::Flash,
        entry::Entry,
        page::{self, Frame, Notice, confirm, go_with, plain, settle},
        parts::{Choice, Pager, choices},
    },
};

/// How many people a page shows.
const LIMIT: i64 = 50;
/// How many invitations stand beside them.
const INVITATIONS: i64 = 200;

/// Which people to show.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct UsersQuery {
    q: Option<String>,
    role: Option<String>,
    status: Option<String>,
    cursor: Option<String>,
}

impl UsersQuery {
    fn role(&self) -> Option<Role> {
        self.role.as_deref().and_then(Role::read)
    }

    fn status(&self) -> &str {
        self.status.as_deref().unwrap_or_default()
    }

    fn pairs(&self) -> [(&str, &str); 3] {
        [("q", &self.q), ("role", &self.role), ("status", &self.status)]
            .map(|(name, value)| (name, value.as_deref().unwrap_or_default()))
    }

    /// Whether invitations of this state are wanted.
    fn wants(&self, expired: bool, role: Role) -> bool {
        let state = match self.status() {
            "pending" => !expired,
            "expired" => expired,
            "" => true,
            _ => false,
        };
        state && self.role().is_none_or(|wanted| wanted == role)
    }
}

#[derive(Template)]
#[template(path = "members/templates/users.html")]
struct UsersPage {
    frame: Frame,
    account: AccountId,
    me: UserId,
    owner: bool,
    back: &'static str,
    entry: Entry,
    roles: Vec<Choice>,
    statuses: Vec<Choice>,
    people: Vec<MemberView>,
    invitations: Vec<InvitationView>,
    pager: Pager,
    offer: Option<TransferRow>,
}

async fn people(tx: &crate::db::Tx, by: &AccountAdmin, query: &UsersQuery) -> Result<Vec<MemberRow>> {
    let state = match query.status() {
        "" | "accepted" => State::Active,
        "removed" => State::Removed,
        _ => return Ok(Vec::new()),
    };
    let after = query.cursor.as_deref().map(str::parse).transpose();
    let after = after.map_err(|_| Error::field("cursor", "This is not a page of this list."))?;
    let filter = Filter { search: query.q.clone(), role: query.role(), state: Some(state), after };
    list(tx, by, &filter, LIMIT + 1).await
}

pub(crate) async fn index(may: May<AccountAdmin>, Query(query): Query<UsersQuery>) -> Result<Response> {
    let path = may.request().path.clone();
    let page = may
        .read(async |tx, by| {
            let frame = frame(tx, by.id(), Here::Account(by.account())).await?;
            let rows = Page::cut(people(tx, by, &query).await?, LIMIT, |row| row.user.to_string());
            let wanted = matches!(query.status(), "" | "pending" | "expired") && query.cursor.is_none();
            let pending = match wanted {
                true => {
                    invitations::unsettled(tx, by.account(), None, query.q.as_deref(), INVITATIONS).await?
                }
                false => Vec::new(),
            };
            let now = tx.now();
            let pending = pending.into_iter().filter(|row| query.wants(row.expires_at <= now, row.role));
            let mut roles = choices([("", "Any")]);
            roles.extend(choices(Role::ALL.iter().map(|role| (role.word(), role.label()))));
            let statuses = [
                ("", "Any"),
                ("accepted", "Accepted"),
                ("pending", "Pending"),
                ("expired", "Expired"),
                ("removed", "Removed"),
            ];
            Ok(UsersPage {
                frame: frame.page(&may, "users", [], "Users"),
                account: by.account(),
                me: by.id(),
                owner: by.role() == Role::Owner,
                offer: match by.role() {
                    Role::Owner => pending_transfer(tx, by.account()).await?,
                    _ => None,
                },
                entry: Entry::of(&query.pairs()),
                roles,
                statuses: choices(statuses),
                pager: Pager::new(
                    &path,
                    &query.pairs(),
                    query.cursor.as_deref(),
                    rows.next_cursor.as_deref(),
                ),
                people: rows.items.into_iter().map(MemberView::from).collect(),
                invitations: pending.map(|row| InvitationView::of(row, now)).collect(),
                back: "",
            })
        })
        .await?;
    page::ok(&may, &page)
}

fn users_path(account: AccountId) -> String {
    format!("/a/{account}/users")
}

/// The page that a button stood on: the account's people, or its dashboard.
fn page_of(account: AccountId, form: &Form) -> String {
    match form.get("back") {
        "dashboard" => format!("/a/{account}/dashboard"),
        _ => users_path(account),
    }
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
    may.read(async |_, _| Ok(())).await?;
    let Ticked { people, invitations } = ticked(&form);
    if form.get("do") == "cancel" && invitations.is_empty() {
        return go_with(&may, &back, &Flash::trouble("No invitation is ticked."));
    }
    if form.get("do") == "remove" && people.is_empty() {
        return go_with(&may, &back, &Flash::trouble("Nobody who could be removed is ticked."));
    }
    match form.get("do") {
        "remove" => {
            let question = page::Question {
                ask: format!("Remove {} from the account?", counted(people.len(), "person", "people")),
                detail: "They lose access to everything in it now, and are told by email.",
                action: "Remove",
                back: &back,
            };
            if let Some(asked) = confirm(&may, &form, question).await? {
                return Ok(asked);
            }
            remove_all(&may, &back, people).await
        }
        "resend" => each_invitation(&may, &back, invitations, true).await,
        "cancel" => {
            let question = page::Question {
                ask: format!("Cancel {}?", counted(invitations.len(), "invitation", "invitations")),
                detail: "Their links stop working at once.",
                action: "Cancel the invitations",
                back: &back,
            };
            if let Some(asked) = confirm(&may, &form, question).await? {
                return Ok(asked);
            }
            each_invitation(&may, &back, invitations, false).await
        }
        _ => go_with(&may, &back, &Flash::trouble("Choose what to do with those who are ticked.")),
    }
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

async fn remove_all(may: &May<AccountAdmin>, back: &str, people: Vec<UserId>) -> Result<Response> {
    let (site, many) = (may.app().site.clone(), people.len());
    let removed = may.write(async move |tx, by| {
        for person in &people {
            actions::remove(tx, by, *person, &site).await?;
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
        true if !may.app().site.mail_leaves => "sent again (resend one alone to see its new link)",
        true => "sent again",
        false => "canceled",
    };
    let flash = match (done, refused) {
        (0, 0) => Flash::trouble("No invitation is ticked."),
        (0, _) => Flash::trouble("These invitations were accepted or canceled already."),
        (done, 0) => Flash::done(format!("{} {what}.", counted(done, "invitation was", "invitations were"))),
        (done, refused) => Flash::done(format!(
            "{} {what}; {} settled already.",
            counted(done, "invitation was", "invitations were"),
            counted(refused, "was", "were")
        )),
    };
    go_with(may, back, &flash)
}

pub(crate) async fn change_role(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (account, user): (AccountId, UserId) = (may.id("account")?, may.id("user")?);
    let role = Role::read(form.get("role"));
    let changed = may.write(async move |tx, by| {
        let role = role.ok_or_else(|| Error::field("role", "Choose a role."))?;
        let before = super::current_role(tx, by.account(), user).await?;
        actions::change_role(tx, by, user, role).await?;
        Ok((sign_in::user(tx, user).await?.name, role, before))
    });
    let (own, back) = (may.request().path.clone(), page_of(account, &form));
    let changed = match changed.await {
        Err(error) if no_place(&error) => return go_with(&may, &back, &way_out(account, &error)),
        changed => changed,
    };
    settle(&may, &back, changed, |(name, role, before)| {
        let done = Flash::done(format!("{name} has the role {} now.", role.label().to_lowercase()));
        // Whoever became support staff left their groups, which giving the old role back would not mend.
        match before.filter(|before| role.works() && *before != role && *before != Role::SupportStaff) {
            Some(before) => done.undo(own, &[("role", before.word()), ("back", form.get("back"))]),
            None => done,
        }
    })
}

/// Whether the subscription has no place for what was wanted.
fn no_place(error: &Error) -> bool {
    matches!(error.code(), "no_license" | "support_staff_needs_pro")
}

/// Why there is no place, with the page where one can be had.
fn way_out(account: AccountId, error: &Error) -> Flash {
    let label = if error.code() == "no_license" { "Add a license" } else { "Change the plan" };
    Flash::trouble(error.public()).link(label, format!("/a/{account}/licenses"))
}

pub(crate) async fn remove(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (account, user): (AccountId, UserId) = (may.id("account")?, may.id("user")?);
    let back = page_of(account, &form);
    let question = page::Question {
        ask: "Remove this person from the account?".to_owned(),
        detail: "They lose access to everything in it now, and are told by email.",
        action: "Remove",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question).await? {
        return Ok(asked);
    }
    let site = may.app().site.clone();
    let removed = may.write(async move |tx, by| {
        actions::remove(tx, by, user, &site).await?;
        Ok(sign_in::user(tx, user).await?.name)
    });
    settle(&may, &back, removed.await, |name| {
        Flash::done(format!("{name} was removed from the account, and told so by email."))
    })
}

pub(crate) async fn send_password_reset(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (account, user): (AccountId, UserId) = (may.id("account")?, may.id("user")?);
    let site = may.app().site.clone();
    let sent = may.write(async move |tx, by| {
        actions::send_password_reset(tx, by, user, &site).await?;
        Ok(sign_in::user(tx, user).await?.name)
    });
    settle(&may, &page_of(account, &form), sent.await, |name| {
        Flash::done(format!("A link to choose a new password is on its way to {name}."))
    })
}

pub(crate) async fn leave(may: May<AccountMember>, form: Form) -> Result<Response> {
    let question = page::Question {
        ask: "Leave this account?".to_owned(),
        detail: "You lose access to everything in it at once.",
        action: "Leave the account",
        back: "/profile",
    };
    if let Some(asked) = confirm(&may, &form, question).await? {
        return Ok(asked);
    }
    let site = may.app().site.clone();
    let left = may.write(async move |tx, by| actions::remove(tx, by, by.id(), &site).await).await;
    settle(&may, "/profile", left, |()| Flash::done("You left the account."))
}

pub(crate) async fn offer_ownership(may: May<AccountOwner>, form: Form) -> Result<Response> {
    let (account, user): (AccountId, UserId) = (may.id("account")?, may.id("user")?);
    let back = page_of(account, &form);
    let question = page::Question {
        ask: "Offer the ownership to this person?".to_owned(),
        detail: "They are asked by email. Once they accept, they are the owner, and you are an administrator.",
        action: "Offer the ownership",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question).await? {
        return Ok(asked);
    }
    let site = may.app().site.clone();
    let offered = may.write(async move |tx, by| actions::offer_ownership(tx, by, user, &site).await).await;
    match offered {
        Ok(id) => go_with(&may, &format!("/transfers/{id}"), &Flash::done("The ownership was offered.")),
        Err(error) => settle(&may, &back, Err::<(), _>(error), |()| Flash::done("")),
    }
}

#[derive(Template)]
#[template(path = "members/templates/transfer.html")]
struct TransferPage {
    frame: Frame,
    transfer: TransferId,
    account: String,
    from: String,
    to: String,
    mine: bool,
    since: Time,
}

pub(crate) async fn transfer(may: May<TransferParty>) -> Result<Response> {
    let page = may
        .read(async |tx, by| {
            let pending = pending_transfer(tx, by.account()).await?;
            let Some(pending) = pending.filter(|pending| pending.id == by.transfer()) else {
                return Ok(None);
            };
            let frame = frame(tx, by.id(), Here::Account(by.account())).await?;
            Ok(Some(TransferPage {
                frame: frame.page(&may, "", [], "Transfer of ownership"),
                transfer: by.transfer(),
                account: accounts::account_name(tx, by.account()).await?,
                from: sign_in::user(tx, by.from()).await?.name,
                to: pending.to_name,
                mine: pending.to == by.id(),
                since: pending.created_at,
            }))
        })
        .await?;
    if let Some(page) = page {
        return page::ok(&may, &page);
    }
    let frame = plain(&may, "This offer is settled");
    let text = "It was accepted, declined or withdrawn already. Nothing is left to do here.";
    page::ok(&may, &Notice { frame, text, links: &[("Go home", "/")] })
}

pub(crate) async fn answer_transfer(may: May<TransferParty>, form: Form) -> Result<Response> {
    let back = may.request().path.clone();
    may.read(async |_, _| Ok(())).await?;
    if form.get("answer") == "accept" {
        let accepted = may.write(async |tx, by| {
            actions::accept_ownership(tx, by).await?;
            Ok(by.account())
        });
        return match accepted.await {
            Ok(account) => {
                let flash = Flash::done("You are the owner of the account now.");
                go_with(&may, &users_path(account), &flash)
            }
            Err(error) => settle(&may, &back, Err::<(), _>(error), |()| Flash::done("")),
        };
    }
    let dropped = may.write(async |tx, by| {
        actions::drop_offer(tx, by).await?;
        Ok(by.id() == by.to())
    });
    settle(&may, "/profile", dropped.await, |declined| {
        Flash::done(if declined { "You declined the ownership." } else { "The offer was withdrawn." })
    })
}
