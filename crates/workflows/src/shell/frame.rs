//! The frame around a page: who is signed in, what they belong to, and where they may go from here.

use jiff::tz::TimeZone;

use access::{GroupRole, Role};
use kernel::{
    error::{Error, Result},
    id::{AccountId, GroupId, UserId},
    practice::PracticeKind,
};
use storage::Tx;
use web::{
    page::{Crumb, Frame, Here, Inbox, NavItem, crumb},
    parts::Kit,
};

use crate::shell::{
    Count, Shell,
    banner::banner,
    panel::{panel, profile},
    places::places,
    store::{self, Seat},
};

/// The frame for someone who has proved to be where they are. One statement, and for each account that they work in
/// one more for each count that was handed in.
///
/// # Errors
/// The person is not known.
pub(super) async fn frame(tx: &Tx, user: UserId, here: Here, shell: &Shell) -> Result<Frame> {
    let account = here.account().unwrap_or(AccountId::nil());
    let seats = tx.beyond(store::seats(tx, user, account, here.group().unwrap_or(GroupId::nil()))).await?;
    let me = seats.first().ok_or_else(Error::not_found)?;
    let seated = seats.iter().find(|seat| seat.account.is_some() && seat.account == here.account());
    let accounts = accounts(&seats);
    let unread = unread(tx, user, &accounts, &shell.unread).await?;
    let kit = Kit { now: tx.now(), zone: zone(seated.unwrap_or(me)), flash: None, sells: shell.sells };
    let group_name = me.here.clone().unwrap_or_default();
    let account_name = seated.and_then(|seat| seat.account_name.clone()).unwrap_or_default();
    let role = seated.and_then(|seat| seat.role);
    let manages = role.is_some_and(Role::manages);
    let groups = groups(&seats, here, accounts.len() > 1);
    let above = above(&seats, &accounts, here);
    let mine = here.account().and_then(|here| unread.iter().find(|one| one.account == here));
    Ok(Frame {
        banner: seated.and_then(|seat| banner(seat, &kit)),
        panel: panel(&seats, &accounts, here, &above, shell.sells),
        profile: profile(&seats, &accounts, here),
        places: places(&seats, here, role, mine.map_or(0, |one| one.unread)),
        inbox: inbox(&unread, here),
        contact: contact(seated.unwrap_or(me)),
        about: "",
        kit,
        title: String::new(),
        here: match here {
            Here::Nowhere => String::new(),
            Here::All => "All groups".to_owned(),
            Here::Account(_) => account_name.clone(),
            Here::Group(..) => group_name.clone(),
        },
        user,
        name: me.name.clone(),
        email: me.email.clone(),
        groups,
        above,
        crumbs: crumbs(here, &account_name, &group_name, role),
        search: match here {
            Here::Group(_, group) => Some(("group", group.to_string())),
            Here::Account(account) => Some(("account", account.to_string())),
            Here::All | Here::Nowhere => None,
        },
        kind: seated
            .and_then(|seat| seat.practice_kind)
            .unwrap_or_else(|| PracticeKind::of_all(seats.iter().filter_map(|seat| seat.practice_kind))),
        administration: match here {
            Here::Account(account) if manages => Some(format!("/a/{account}/dashboard")),
            _ => None,
        },
        first_steps: manages && seated.is_some_and(|seat| seat.first_steps),
        account: account_name,
        live: None,
    })
}

fn zone(seat: &Seat) -> TimeZone {
    let zone = seat.time_zone.as_deref().and_then(|zone| TimeZone::get(zone).ok());
    zone.unwrap_or(TimeZone::UTC)
}

/// An account that one belongs to.
#[derive(Clone, Copy)]
pub(super) struct Belonging<'a> {
    pub(super) account: AccountId,
    pub(super) name: &'a str,
    pub(super) role: Role,
}

/// The accounts, each once.
fn accounts(seats: &[Seat]) -> Vec<Belonging<'_>> {
    let all = seats.iter().filter_map(|seat| {
        Some(Belonging { account: seat.account?, name: seat.account_name.as_deref()?, role: seat.role? })
    });
    let mut found = all.collect::<Vec<_>>();
    found.dedup_by_key(|one| one.account);
    found
}

/// What is unread in an account.
struct Unread {
    account: AccountId,
    name: String,
    unread: i64,
}

/// What is unread in each account that one works in.
async fn unread(tx: &Tx, user: UserId, accounts: &[Belonging<'_>], counts: &[Count]) -> Result<Vec<Unread>> {
    let mut all = Vec::new();
    for one in accounts.iter().filter(|one| one.role.works()) {
        let mut unread = 0;
        for count in counts {
            unread += tx.beyond(count(tx, one.account, user)).await?;
        }
        all.push(Unread { account: one.account, name: one.name.to_owned(), unread });
    }
    Ok(all)
}

/// The button of the requests. It leads to those of the present account, else to the first unread ones; where others
/// wait elsewhere, it asks which.
fn inbox(all: &[Unread], here: Here) -> Option<Inbox> {
    let present = all.iter().find(|one| here.account() == Some(one.account));
    let target = present.or_else(|| all.iter().find(|one| one.unread > 0)).or(all.first())?;
    let elsewhere = all.iter().any(|one| one.account != target.account && one.unread > 0);
    let place = |one: &Unread| {
        let href = format!("/a/{}/requests", one.account);
        NavItem::new("requests", "inbox", one.name.as_str(), href).counting(one.unread)
    };
    Some(Inbox {
        href: place(target).href,
        unread: all.iter().map(|one| one.unread).sum(),
        choices: if elsewhere { all.iter().map(place).collect() } else { Vec::new() },
    })
}

/// The owner of the account, for everyone else in it.
fn contact(seat: &Seat) -> Option<(String, String)> {
    seat.role.filter(|role| *role != Role::Owner)?;
    Some((seat.owner_name.clone()?, seat.owner_email.clone()?))
}

fn groups(seats: &[Seat], here: Here, several: bool) -> Vec<NavItem> {
    let found = seats.iter().filter_map(|seat| Some((seat.group?, seat.group_name.clone()?, seat)));
    found
        .map(|(group, name, seat)| {
            let role =
                if seat.group_role == Some(GroupRole::Administrator) { "Administrator" } else { "Member" };
            let account = seat.account_name.as_deref().filter(|_| several);
            let sub = account.map_or(role.to_owned(), |account| format!("{role} · {account}"));
            NavItem::new("group", "groups", name, format!("/g/{group}"))
                .beneath(sub)
                .current(here.group() == Some(group))
        })
        .collect()
}

fn above(seats: &[Seat], accounts: &[Belonging<'_>], here: Here) -> Vec<NavItem> {
    let mine = seats.iter().filter(|seat| seat.group.is_some()).count();
    let mut places = Vec::new();
    if mine > 1 {
        let all = NavItem::new("all", "groups", "All groups", "/all/cases");
        places.push(
            all.beneath(format!("The cases of your {mine} groups together")).current(here == Here::All),
        );
    }
    for one in accounts.iter().filter(|one| one.role.manages()) {
        let parent =
            NavItem::new("parent", "building", "Parent account", format!("/a/{}/groups", one.account));
        places.push(parent.beneath(one.name).current(here == Here::Account(one.account)));
    }
    places
}

fn crumbs(here: Here, account_name: &str, group_name: &str, role: Option<Role>) -> Vec<Crumb> {
    let groups = |account| match role.is_some_and(Role::works) {
        true => crumb(account_name, format!("/a/{account}/groups")),
        false => Crumb { label: account_name.to_owned(), href: None },
    };
    match here {
        Here::Nowhere => Vec::new(),
        Here::All => vec![crumb("All groups", "/all/cases")],
        Here::Account(account) => vec![groups(account)],
        Here::Group(account, group) => vec![groups(account), crumb(group_name, format!("/g/{group}"))],
    }
}
