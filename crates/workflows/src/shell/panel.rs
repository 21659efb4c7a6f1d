//! What the Account button and the profile menu offer: only what applies to the caller, here. Nothing in them leads to
//! a page that refuses.

use kernel::id::{AccountId, GroupId};
use web::page::{AccountPanel, Here, NavItem};

use crate::shell::{frame::Belonging, store::Seat};

/// How many groups the panel names.
const GROUPS: usize = 5;

/// What the Account button opens.
pub(super) fn panel(
    seats: &[Seat],
    accounts: &[Belonging<'_>],
    here: Here,
    above: &[NavItem],
    sells: bool,
) -> AccountPanel {
    let several = accounts.len() > 1;
    let Some(present) = present(accounts, here) else { return AccountPanel::default() };
    let mut more = above.to_vec();
    // Support staff have nowhere to switch to: the page would be refused.
    if accounts.iter().any(|one| one.role.works()) {
        more.push(NavItem::new("switch", "switch", "Switch account", "/switch"));
    }
    AccountPanel {
        groups: groups(seats, present.account, here, several),
        more,
        account: if several { present.name.to_owned() } else { String::new() },
        manage: manage(seats, present, here),
        administration: if present.role.manages() {
            administration(present.account, sells)
        } else {
            Vec::new()
        },
    }
}

/// The account that a page is about; of a page that is about none, the first that the person manages.
fn present<'a>(accounts: &[Belonging<'a>], here: Here) -> Option<Belonging<'a>> {
    let inside = accounts.iter().find(|one| here.account() == Some(one.account));
    inside.or_else(|| accounts.iter().find(|one| one.role.manages())).or(accounts.first()).copied()
}

/// The first groups, those of the present account before others, and the present one among them.
fn groups(seats: &[Seat], account: AccountId, here: Here, several: bool) -> Vec<NavItem> {
    let mut mine = seats.iter().filter(|seat| seat.group.is_some()).collect::<Vec<_>>();
    mine.sort_by_key(|seat| (here.group() != seat.group, seat.account != Some(account)));
    mine.truncate(GROUPS);
    let shown = mine.into_iter().filter_map(|seat| {
        let (group, name) = (seat.group?, seat.group_name.clone()?);
        let sub = seat.account_name.clone().filter(|_| several).unwrap_or_default();
        let place = NavItem::new("group", "groups", name, format!("/g/{group}"));
        Some(place.beneath(sub).current(here.group() == Some(group)))
    });
    shown.collect()
}

/// Groups, Users, Locations, Handouts: of the present group where one is in one, else of the account.
fn manage(seats: &[Seat], present: Belonging<'_>, here: Here) -> Vec<NavItem> {
    let account = present.account;
    let at = |key, icon, label: &str| NavItem::new(key, icon, label, format!("/a/{account}/{key}"));
    let handouts = at("handouts", "book", "Handouts");
    if !present.role.works() {
        return vec![handouts];
    }
    let group = here.group().or_else(|| only_group(seats, account));
    let in_group = |key, icon, label: &str| match group {
        Some(group) => NavItem::new(key, icon, label, format!("/g/{group}/{key}")),
        // The list of groups has the way to the people and the locations of each.
        None => at("groups", icon, label).beneath("Choose a group"),
    };
    let users = match here.group() {
        None if present.role.manages() => at("users", "users", "Users"),
        _ => in_group("users", "users", "Users"),
    };
    vec![at("groups", "groups", "Groups"), users, in_group("locations", "location", "Locations"), handouts]
}

/// The one group that a person has in an account.
fn only_group(seats: &[Seat], account: AccountId) -> Option<GroupId> {
    let mut groups = seats.iter().filter(|seat| seat.account == Some(account)).filter_map(|seat| seat.group);
    groups.next().filter(|_| groups.next().is_none())
}

fn administration(account: AccountId, sells: bool) -> Vec<NavItem> {
    let at = |key, icon, label: &str| NavItem::new(key, icon, label, format!("/a/{account}/{key}"));
    let mut places = vec![
        at("dashboard", "dashboard", "Admin dashboard"),
        at("users", "users", "User management"),
        at("user-groups", "shield", "User groups"),
    ];
    if sells {
        places.push(at("subscription", "receipt", "Subscription"));
    }
    places.extend([
        at("activity", "activity", "Activity"),
        at("mail", "mail", "Mail"),
        at("developers", "key", "Developers"),
        at("settings", "settings", "Settings"),
    ]);
    places
}

/// Further entries of the profile menu. Where one is in an account, those of that account.
pub(super) fn profile(seats: &[Seat], accounts: &[Belonging<'_>], here: Here) -> Vec<NavItem> {
    let inside = accounts.iter().any(|one| here.account() == Some(one.account));
    let shown = accounts.iter().filter(|one| !inside || here.account() == Some(one.account));
    let shown = shown.filter(|one| one.role.works()).collect::<Vec<_>>();
    let several = shown.len() > 1;
    let at = |one: &Belonging<'_>, key, icon, label: &str, path: &str| {
        let sub = if several { one.name } else { "" };
        NavItem::new(key, icon, label, format!("/a/{}/{path}", one.account)).beneath(sub)
    };
    let managed = shown.iter().filter(|one| one.role.manages());
    let mut places = managed
        .map(|one| at(one, "dashboard", "dashboard", "Admin dashboard", "dashboard"))
        .collect::<Vec<_>>();
    places.extend(shown.iter().map(|one| at(one, "rights", "key", "My privileges", "rights")));
    if let Some(waiting) = seats.first().map(|seat| seat.invitations).filter(|waiting| *waiting > 0) {
        places.push(NavItem::new("invitations", "mail", "Invitations", "/me/invitations").counting(waiting));
    }
    if seats.iter().any(|seat| seat.operates) {
        places.push(NavItem::new("operator", "key", "Operator", "/operator"));
    }
    places
}
