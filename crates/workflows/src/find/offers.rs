//! The pages and actions that a search offers: each with the words that find it, and who gets it.

use crate::find::{Found, Kind, Section, Target};
use access::{GroupRole, Reach, ReachedGroup, Role, SearchedFrom};
use kernel::search;

/// How many of a kind are offered.
const FEW: usize = 5;

/// Whom something is offered to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum To {
    /// Everyone who is there.
    Everyone,
    /// Everyone but support staff.
    Worker,
    /// The owner and the administrators of the account.
    Manager,
    /// They too, where something is sold.
    Buyer,
    /// Who is in the group, while it is in use.
    Member,
    /// Who manages the group, while it is in use.
    GroupManager,
    /// Who manages the group.
    GroupSettings,
}

struct Offer {
    kind: Kind,
    label: &'static str,
    /// Further words that find it.
    also: &'static str,
    /// Behind the place's own path.
    path: &'static str,
    to: To,
}

const fn page(label: &'static str, also: &'static str, path: &'static str, to: To) -> Offer {
    Offer { kind: Kind::Page, label, also, path, to }
}

const fn action(label: &'static str, also: &'static str, path: &'static str, to: To) -> Offer {
    Offer { kind: Kind::Action, label, also, path, to }
}

/// In a group, behind `/g/{group}`.
const OF_GROUP: &[Offer] = &[
    action("New case", "add create start", "/cases/new", To::Member),
    action("Add client", "new create patient owner", "/clients/new", To::Member),
    action("Invite users", "add people members new", "/invite", To::GroupManager),
    action("Add location", "new create clinic", "/locations#add", To::GroupManager),
    page("Group home", "start", "", To::Worker),
    page("Cases", "", "/cases", To::Worker),
    page("Clients", "patients owners animals", "/clients", To::Worker),
    page("Client groups", "", "/client-groups", To::Worker),
    page("Users", "people members staff", "/users", To::Worker),
    page("Locations", "clinics", "/locations", To::Worker),
    page("Group settings", "rename archive", "/settings", To::GroupSettings),
];

/// In an account, behind `/a/{account}`.
const OF_ACCOUNT: &[Offer] = &[
    action("Invite users", "add people members new", "/invite", To::Manager),
    action("Import people", "csv file invite", "/invite/import", To::Manager),
    action("Create group", "new add", "/groups/new", To::Manager),
    action("Add licenses", "buy seats more users plan", "/licenses", To::Buyer),
    page("Groups", "", "/groups", To::Worker),
    page("Requests", "inbox messages", "/requests", To::Worker),
    page("Handouts", "library", "/handouts", To::Everyone),
    page("Sent handouts", "shared links", "/handouts/sent", To::Everyone),
    page("My privileges", "rights permissions", "/rights", To::Worker),
    page("Admin dashboard", "licenses charts", "/dashboard", To::Manager),
    page("All users", "people members staff", "/users", To::Manager),
    page("User groups", "user management administration privileges", "/user-groups", To::Manager),
    page("All cases", "", "/cases", To::Manager),
    page("Subscription details", "plan billing invoices payment", "/subscription", To::Buyer),
    page("Practice details", "address billing", "/practice", To::Manager),
    page("Activity", "audit trail history log", "/activity", To::Manager),
    page("Mail", "emails outbox", "/mail", To::Manager),
    page("Who sees what", "access report", "/access", To::Manager),
    page("Developers", "API keys webhooks events integrations", "/developers", To::Manager),
    page("Account settings", "time zone protocols", "/settings", To::Manager),
    page("Who needs a second factor", "2fa mfa security sign-in", "/second-factor", To::Manager),
    page("Note types", "templates", "/note-types", To::Manager),
];

/// Everywhere.
const OWN: &[Offer] = &[
    page("Profile", "password sessions email sign-in", "/profile", To::Everyone),
    page("Second factor", "passkey authenticator app recovery codes 2fa mfa", "/second-factor", To::Everyone),
    page("Switch group", "account", "/switch", To::Worker),
    page("Quick-start guide", "help", "/guide", To::Everyone),
];

/// Where an offer is made: the caller's role, the group if it is in one, and whether anything is sold.
struct Place<'a> {
    role: Option<Role>,
    group: Option<&'a ReachedGroup>,
    sells: bool,
}

impl Place<'_> {
    fn gets(&self, to: To) -> bool {
        let works = self.role.is_none_or(Role::works);
        let manages = self.role.is_some_and(Role::manages);
        let group_role = self.group.and_then(ReachedGroup::role);
        let current = self.group.is_some_and(|group| !group.archived());
        let leads = manages || group_role == Some(GroupRole::Administrator);
        match to {
            To::Everyone => true,
            To::Worker => works,
            To::Manager => manages,
            To::Buyer => manages && self.sells,
            To::Member => current && group_role.is_some(),
            To::GroupManager => current && leads,
            To::GroupSettings => leads,
        }
    }
}

/// The offers with all these words, by kind; and whether one of them begins with the words as they stand.
pub(super) fn offered(reach: &Reach, words: &[String], sells: bool) -> (Vec<Section>, bool) {
    let role = reach.accounts().first().map(|(_, role)| *role);
    let group = match reach.from() {
        SearchedFrom::Group(_, group) => reach.find(group),
        _ => None,
    };
    let place = Place { role, group, sells };
    let mut tables = Vec::new();
    if let Some(here) = group {
        tables.push((format!("/g/{}", here.group()), OF_GROUP, here.name()));
    }
    if let [(account, _)] = reach.accounts() {
        tables.push((format!("/a/{account}"), OF_ACCOUNT, if group.is_some() { "Account" } else { "" }));
    }
    tables.push((String::new(), OWN, ""));
    let (mut actions, mut pages) = (Vec::new(), Vec::new());
    for (base, offers, detail) in tables {
        for offer in offers.iter().filter(|offer| place.gets(offer.to) && fits(offer, words)) {
            let into = if offer.kind == Kind::Action { &mut actions } else { &mut pages };
            into.push(found(None, offer.label, detail, format!("{base}{}", offer.path)));
        }
    }
    let groups = reach.open().filter(|each| !words.is_empty() && search::begin_words(words, each.name()));
    let groups = groups
        .map(|each| found(Some(each.group().to_string()), each.name(), "", format!("/g/{}", each.group())));
    let groups = groups.collect::<Vec<_>>();
    let typed = words.join(" ");
    let mut all = actions.iter().chain(&pages).chain(&groups);
    let first = words.is_empty() || all.any(|each| search::key(&each.title).starts_with(&typed));
    let sections = [(Kind::Action, actions), (Kind::Page, pages), (Kind::Group, groups)];
    let sections = sections.map(|(kind, found)| sorted(kind, found, &typed));
    (sections.into_iter().filter(|section| !section.found.is_empty()).collect(), first)
}

fn found(id: Option<String>, title: &str, detail: &str, path: String) -> Found {
    Found { id, title: title.to_owned(), detail: detail.to_owned(), target: Target::at(path) }
}

fn fits(offer: &Offer, words: &[String]) -> bool {
    search::begin_words(words, &format!("{} {}", offer.label, offer.also))
}

/// The first few, those that begin with what was typed before the others.
fn sorted(kind: Kind, mut found: Vec<Found>, typed: &str) -> Section {
    found.sort_by_key(|each| !search::key(&each.title).starts_with(typed));
    found.truncate(FEW);
    Section { kind, found, more: None }
}
