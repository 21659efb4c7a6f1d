//! The tabs of a group and of an account, each with what it is for.

use access::{GroupRole, Role};
use kernel::id::{AccountId, GroupId};
use web::page::{Here, NavItem};

use crate::shell::store::Seat;

/// The tabs where one is.
pub(super) fn places(seats: &[Seat], here: Here, role: Option<Role>, unread: i64) -> Vec<NavItem> {
    let role = role.unwrap_or(Role::SupportStaff);
    match here {
        Here::Nowhere | Here::All => Vec::new(),
        Here::Account(account) => of_account(account, role, unread),
        Here::Group(_, group) => {
            let mine = seats.iter().find(|seat| seat.group == Some(group)).and_then(|seat| seat.group_role);
            of_group(group, role.manages() || mine == Some(GroupRole::Administrator))
        }
    }
}

fn of_account(account: AccountId, role: Role, unread: i64) -> Vec<NavItem> {
    let at = |key, icon, label: &str, about| {
        NavItem::new(key, icon, label, format!("/a/{account}/{key}")).about(about)
    };
    let handouts = at("handouts", "book", "Handouts", HANDOUTS);
    if !role.works() {
        return vec![handouts];
    }
    let mut places = vec![at("groups", "groups", "Groups", GROUPS)];
    if role.manages() {
        places.push(at("dashboard", "dashboard", "Dashboard", DASHBOARD));
        places.push(at("users", "users", "Users", USERS));
        places.push(at("user-groups", "shield", "User groups", USER_GROUPS));
        places.push(at("cases", "case", "Cases", ALL_CASES));
    }
    places.push(at("requests", "inbox", "Requests", REQUESTS).counting(unread));
    places.push(handouts);
    if role.manages() {
        places.push(at("mail", "mail", "Mail", MAIL));
        places.push(at("activity", "activity", "Activity", ACTIVITY));
        places.push(at("settings", "settings", "Settings", SETTINGS));
    }
    places
}

fn of_group(group: GroupId, manages: bool) -> Vec<NavItem> {
    let at = |key, icon, label: &str, about| {
        NavItem::new(key, icon, label, format!("/g/{group}/{key}")).about(about)
    };
    let mut places = vec![
        NavItem::new("home", "home", "Home", format!("/g/{group}")).about(HOME),
        at("cases", "case", "Cases", CASES),
        at("clients", "user", "Clients", CLIENTS),
        at("client-groups", "groups", "Client groups", CLIENT_GROUPS),
        at("users", "users", "Users", GROUP_USERS),
        at("locations", "location", "Locations", LOCATIONS),
    ];
    if manages {
        places.push(at("settings", "settings", "Settings", GROUP_SETTINGS));
    }
    places
}

const GROUPS: &str = "Your groups in this account. Open one to work in it. Each group has its own people, locations, and \
                      cases.";
const DASHBOARD: &str =
    "An overview of the account: who belongs to it, who has been invited, and what happens in its groups.";
const USERS: &str = "Everyone in the account, and everyone who has been invited. Invite people, change their role, or remove \
                     them.";
const USER_GROUPS: &str = "A user group is a named team, such as Insurance Verification. Choose its members and what they \
                           can do, such as receive requests.";
const ALL_CASES: &str =
    "The cases of every group in the account. Opening one from here is recorded under Activity.";
const REQUESTS: &str = "Questions and tasks that colleagues send to a user group. Claim one to work on it. Its whole team sees \
                        who has it.";
const HANDOUTS: &str =
    "Handouts to read, print, email, or share by link. Search by title, topic, or words in the text.";
const MAIL: &str = "Every email that this account sent, and whether it arrived.";
const ACTIVITY: &str = "Every change to who belongs and who sees what. Entries can’t be edited or deleted.";
const SETTINGS: &str = "The account’s name, time zone, protocols, and note types.";
const HOME: &str = "An overview of this group: what to do next, its people, and its newest cases.";
const CASES: &str = "The cases of this group, newest first. Only people in the group and the account’s administrators can see \
                     them.";
const CLIENTS: &str = "The clients of this group. Open one for its chart, cases, and notes.";
const CLIENT_GROUPS: &str =
    "Clients that are seen together. Write one note for all of them, then personalize it for each.";
const GROUP_USERS: &str = "The people of this group, and everyone who has been invited to it.";
const LOCATIONS: &str = "Where this group works. Each case has one location.";
const GROUP_SETTINGS: &str = "The group’s name and description. You can also archive the group here.";
