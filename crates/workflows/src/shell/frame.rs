//! The frame around a page: who is signed in, what they belong to, and where they may go from here.

use jiff::tz::TimeZone;

use access::{GroupRole, Role};
use kernel::{
    clock::{DAY, Time},
    error::{Error, Result},
    id::{AccountId, GroupId, UserId},
    practice::PracticeKind,
};
use people::plans::{Standing, State};
use storage::Tx;
use web::{
    page::{Banner, Crumb, Frame, Here, NavItem, crumb},
    parts::Kit,
};

use crate::shell::{
    Count,
    store::{self, Seat},
};

/// From how long before its end on a trial is spoken of.
const TRIAL_ENDS_SOON: i64 = 7 * DAY;

/// The frame for someone who has proved to be where they are. One statement, and in an account one more for
/// each count that was handed in.
///
/// # Errors
/// The person is not known.
pub(super) async fn frame(tx: &Tx, user: UserId, here: Here, unread: &[Count]) -> Result<Frame> {
    let account = here.account().unwrap_or(AccountId::nil());
    let seats = tx.beyond(store::seats(tx, user, account, here.group().unwrap_or(GroupId::nil()))).await?;
    let me = seats.first().ok_or_else(Error::not_found)?;
    let seated = seats.iter().find(|seat| seat.account.is_some() && seat.account == here.account());
    let zone = seated.or(Some(me)).and_then(|seat| seat.time_zone.as_deref());
    let zone = zone.and_then(|zone| TimeZone::get(zone).ok()).unwrap_or(TimeZone::UTC);
    let group_name = me.here.clone().unwrap_or_default();
    let account_name = seated.and_then(|seat| seat.account_name.clone()).unwrap_or_default();
    let role = seated.and_then(|seat| seat.role);
    let kit = Kit { now: tx.now(), zone, flash: None, sells: false };
    let mut waiting = 0;
    if let Some(account) = here.account().filter(|_| role.is_some_and(Role::works)) {
        for count in unread {
            waiting += count(tx, account, user).await?;
        }
    }
    let unread = waiting;
    Ok(Frame {
        banner: seated.and_then(|seat| banner(seat, &kit)),
        dashboards: dashboards(&seats, here),
        kit,
        title: String::new(),
        here: match here {
            Here::Nowhere => String::new(),
            Here::All => "All groups".to_owned(),
            Here::Account(_) => account_name.clone(),
            Here::Group(..) => group_name.clone(),
        },
        name: me.name.clone(),
        email: me.email.clone(),
        groups: groups(&seats, here),
        above: above(&seats, here),
        menu: menu(&seats, here, unread),
        places: places(&seats, here, role, unread),
        crumbs: crumbs(here, &account_name, &group_name, role),
        search: match here {
            Here::Group(_, group) => Some(("group", group.to_string())),
            Here::Account(account) => Some(("account", account.to_string())),
            Here::All | Here::Nowhere => None,
        },
        kind: seated
            .and_then(|seat| seat.practice_kind)
            .unwrap_or_else(|| PracticeKind::of_all(seats.iter().filter_map(|seat| seat.practice_kind))),
        account: account_name,
        live: None,
    })
}

fn groups(seats: &[Seat], here: Here) -> Vec<NavItem> {
    let accounts = accounts(seats).len();
    let found = seats.iter().filter_map(|seat| Some((seat.group?, seat.group_name.clone()?, seat)));
    found
        .map(|(group, name, seat)| {
            let role =
                if seat.group_role == Some(GroupRole::Administrator) { "Administrator" } else { "Member" };
            let account = seat.account_name.as_deref().filter(|_| accounts > 1);
            let sub = account.map_or(role.to_owned(), |account| format!("{role} · {account}"));
            NavItem::new("group", "groups", name, format!("/g/{group}"))
                .beneath(sub)
                .current(here.group() == Some(group))
        })
        .collect()
}

/// The accounts, each once, with the name and the role.
fn accounts(seats: &[Seat]) -> Vec<(AccountId, &str, Role)> {
    let mut found: Vec<(AccountId, &str, Role)> = Vec::new();
    for seat in seats {
        if let (Some(id), Some(name), Some(role)) = (seat.account, seat.account_name.as_deref(), seat.role)
            && found.last().is_none_or(|last| last.0 != id)
        {
            found.push((id, name, role));
        }
    }
    found
}

fn above(seats: &[Seat], here: Here) -> Vec<NavItem> {
    let mine = seats.iter().filter(|seat| seat.group.is_some()).count();
    let mut places = Vec::new();
    if mine > 1 {
        let all = NavItem::new("all", "groups", "All groups", "/all/cases");
        places.push(
            all.beneath(format!("The cases of your {mine} groups together")).current(here == Here::All),
        );
    }
    for (account, name, _) in accounts(seats).into_iter().filter(|(.., role)| role.manages()) {
        let parent = NavItem::new("parent", "building", "Parent account", format!("/a/{account}/groups"));
        places.push(parent.beneath(name).current(here == Here::Account(account)));
    }
    places
}

/// What the Account button offers: only what applies to the caller, here.
fn menu(seats: &[Seat], here: Here, unread: i64) -> Vec<NavItem> {
    let accounts = accounts(seats);
    let several = here.account().is_none() && accounts.len() > 1;
    let mut places = Vec::new();
    for (account, name, role) in accounts {
        if here.account().is_some_and(|here| here != account) {
            continue;
        }
        let sub = if several { name } else { "" };
        if !role.works() {
            places.push(handouts(account).beneath(sub));
            continue;
        }
        places.push(NavItem::new("groups", "groups", "Groups", format!("/a/{account}/groups")).beneath(sub));
        if let Some(group) = here.group() {
            places.push(NavItem::new("users", "users", "Users", format!("/g/{group}/users")));
            places.push(NavItem::new("locations", "location", "Locations", format!("/g/{group}/locations")));
        } else if role.manages() {
            places.push(NavItem::new("users", "users", "Users", format!("/a/{account}/users")).beneath(sub));
        }
        places.push(asked(account, unread).beneath(sub));
        places.push(handouts(account).beneath(sub));
        places.push(
            NavItem::new("rights", "key", "My privileges", format!("/a/{account}/rights")).beneath(sub),
        );
    }
    // Support staff have nowhere to switch to: the page would be refused.
    let mut roles = seats.iter().filter_map(|seat| seat.role).peekable();
    if roles.peek().is_none() || roles.any(Role::works) {
        places.push(NavItem::new("switch", "switch", "Switch account", "/switch"));
    }
    if let Some(waiting) = seats.first().map(|seat| seat.invitations).filter(|waiting| *waiting > 0) {
        places.push(NavItem::new("invitations", "mail", "Invitations", "/me/invitations").counting(waiting));
    }
    if seats.iter().any(|seat| seat.operates) {
        places.push(NavItem::new("operator", "key", "Operator", "/operator"));
    }
    places
}

/// The dashboards of the accounts that one manages; inside of one of them, that one's.
fn dashboards(seats: &[Seat], here: Here) -> Vec<NavItem> {
    let managed = accounts(seats).into_iter().filter(|(.., role)| role.manages()).collect::<Vec<_>>();
    let inside = managed.iter().any(|(account, ..)| here.account() == Some(*account));
    let shown = managed.iter().filter(|(account, ..)| !inside || here.account() == Some(*account));
    let place = |(account, name, _): &(AccountId, &str, Role)| {
        let sub = if managed.len() > 1 { *name } else { "" };
        NavItem::new("dashboard", "dashboard", "Admin dashboard", format!("/a/{account}/dashboard"))
            .beneath(sub)
    };
    shown.map(place).collect()
}

/// What is to be said about an account's subscription on each of its pages: to those who can do something
/// about it in good time, to everybody once nothing can be changed.
fn banner(seat: &Seat, kit: &Kit) -> Option<Banner> {
    let (account, state) = (seat.account?, seat.state?);
    let manages = seat.role.is_some_and(Role::manages);
    let standing = Standing::at(state, seat.due_at, seat.read_only_from, kit.now);
    // Periods are counted in UTC, and letters name the same day.
    let utc = Kit { zone: TimeZone::UTC, ..kit.clone() };
    let until = |at: Option<Time>| at.map(|at| utc.day(&at)).unwrap_or_default();
    let text = match (standing, state) {
        (Standing::ReadOnly, _) if !manages => {
            "This account is read-only at present. Nothing is lost; its owner can put that right.".to_owned()
        }
        _ if !manages => return None,
        (Standing::ReadOnly, State::Trial) => {
            "The trial is over, so this account can only be read. Nothing is lost; a plan opens it again at once."
                .to_owned()
        }
        (Standing::ReadOnly, State::Active) => {
            "An invoice was not paid, so this account can only be read. Nothing is lost; a payment opens it again at \
             once."
                .to_owned()
        }
        (Standing::ReadOnly, State::Ended | State::Unbilled) => {
            "The subscription has ended, so this account can only be read. Nothing is lost; a plan opens it again at \
             once."
                .to_owned()
        }
        (Standing::Grace, State::Trial) => {
            format!("The trial is over. Everything works until {}; choose a plan by then.", until(seat.read_only_from))
        }
        (Standing::Grace, _) => {
            format!("A payment is overdue. Everything works until {}.", until(seat.read_only_from))
        }
        (Standing::Trial, _) if seat.due_at.is_some_and(|end| end.since(kit.now) <= TRIAL_ENDS_SOON) => {
            format!("The trial ends on {}. Choose a plan, so that everything goes on.", until(seat.due_at))
        }
        _ => return None,
    };
    let link = match state {
        State::Active => ("Look at the subscription", format!("/a/{account}/subscription")),
        State::Trial | State::Ended | State::Unbilled => ("Choose a plan", format!("/a/{account}/licenses")),
    };
    Some(Banner { serious: standing == Standing::ReadOnly, text, link: manages.then_some(link) })
}

/// The library of handouts: the one place of an account that everybody in it has.
fn handouts(account: AccountId) -> NavItem {
    NavItem::new("handouts", "book", "Handouts", format!("/a/{account}/handouts"))
}

/// The requests of an account, with how many are unread.
fn asked(account: AccountId, unread: i64) -> NavItem {
    NavItem::new("requests", "mail", "Requests", format!("/a/{account}/requests")).counting(unread)
}

fn places(seats: &[Seat], here: Here, role: Option<Role>, unread: i64) -> Vec<NavItem> {
    let manages = role.is_some_and(Role::manages);
    match here {
        Here::Nowhere | Here::All => Vec::new(),
        Here::Account(account) => {
            let at = |key, icon, label: &str, path: &str| {
                NavItem::new(key, icon, label, format!("/a/{account}/{path}"))
            };
            if !role.is_some_and(Role::works) {
                return vec![handouts(account)];
            }
            let mut places = vec![at("groups", "groups", "Groups", "groups")];
            if manages {
                places.push(at("dashboard", "dashboard", "Dashboard", "dashboard"));
                places.push(at("users", "users", "Users", "users"));
                places.push(at("user-groups", "shield", "User groups", "user-groups"));
                places.push(at("cases", "case", "Cases", "cases"));
            }
            places.push(asked(account, unread));
            places.push(handouts(account));
            if manages {
                places.push(at("mail", "mail", "Mail", "mail"));
                places.push(at("activity", "activity", "Activity", "activity"));
                places.push(at("settings", "settings", "Settings", "settings"));
            }
            places
        }
        Here::Group(_, group) => {
            let at = |key, icon, label: &str, path: &str| {
                NavItem::new(key, icon, label, format!("/g/{group}{path}"))
            };
            let mut places = vec![
                at("home", "home", "Home", ""),
                at("cases", "case", "Cases", "/cases"),
                at("clients", "user", "Clients", "/clients"),
                at("client-groups", "groups", "Client groups", "/client-groups"),
                at("users", "users", "Users", "/users"),
                at("locations", "location", "Locations", "/locations"),
            ];
            let mine = seats.iter().find(|seat| seat.group == Some(group)).and_then(|seat| seat.group_role);
            if manages || mine == Some(GroupRole::Administrator) {
                places.push(at("settings", "settings", "Settings", "/settings"));
            }
            places
        }
    }
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
