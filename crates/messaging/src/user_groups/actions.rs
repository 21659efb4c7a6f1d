//! The verbs of user groups. One save writes everything staged on its page, or nothing. The event is recorded before the
//! rows are written: it takes the head of the account's trail, which puts two concurrent saves in order.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    requests,
    user_groups::{
        LIMIT, PEOPLE_LIMIT,
        store::{self, Kept, Person, Unfit, UserGroupRow, UserGroups},
    },
};
use access::{AccountAdmin, AccountMember, Privilege, Role, UserGroupAdmin};
use kernel::{
    error::{Checks, Error, Result},
    id::{AccountId, UserGroupId, UserId},
    text,
};
use people::plans;
use platform::{
    audit::{self, Action, Event},
    named_set,
};
use storage::{ExpectedVersion, Tx, list::Listing};

/// The most people an event in the trail names; their periods name them all.
const NAMED: usize = 100;

/// Everything that one save writes.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub name: String,
    pub description: String,
    /// Whether its members have its privileges.
    pub active: bool,
    /// Whether new members join it, and new requests are addressed to it.
    pub default: bool,
    /// All its members.
    pub members: Vec<UserId>,
    pub privileges: Vec<Privilege>,
}

/// A user group with its members.
#[derive(Clone, Debug)]
pub struct UserGroup {
    pub row: UserGroupRow,
    /// Its members, by name.
    pub people: Vec<Person>,
    /// The number of open requests addressed to it.
    pub open_requests: i64,
}

impl UserGroup {
    /// What needs attention, if anything: requests that no one can see.
    pub fn warning(&self) -> Option<String> {
        let receives = self.row.gives_this(Privilege::RequestsReceive);
        let requests = text::counted(self.open_requests, "open request is", "open requests are");
        match (self.open_requests, receives, self.people.is_empty()) {
            (0, true, true) => {
                Some("No one is in this group, so no one sees the requests sent to it.".to_owned())
            }
            (0, ..) => None,
            (_, false, _) if !self.row.active => Some(format!(
                "{requests} addressed to this group, and no one sees them while it is inactive."
            )),
            (_, false, _) => Some(format!(
                "{requests} addressed to this group, and no one sees them while it can’t receive requests."
            )),
            (_, true, true) => {
                Some(format!("{requests} addressed to this group, and it has no members to see them."))
            }
            _ => None,
        }
    }
}

/// A draft whose texts are valid.
struct Fine {
    name: String,
    description: String,
    members: BTreeSet<UserId>,
    privileges: Vec<Privilege>,
}

fn checked(draft: &Draft) -> Result<Fine> {
    let mut checks = Checks::default();
    let (name, description) =
        named_set::checked(&mut checks, &draft.name, &draft.description, draft.active, draft.default);
    let members = draft.members.iter().copied().collect::<BTreeSet<_>>();
    let few = i64::try_from(members.len()).is_ok_and(|people| people <= PEOPLE_LIMIT);
    checks.that(
        few,
        "members",
        format!("A user group can have at most {} people.", text::grouped(PEOPLE_LIMIT)),
    );
    checks.done()?;
    let privileges = draft.privileges.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    Ok(Fine { name, description, members, privileges })
}

/// Refuses people who don't work in the account, with the reason for each.
async fn must_work_here(tx: &Tx, account: AccountId, people: &[UserId]) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let unfit = store::unfit(tx, account, people).await?;
    let why = |Unfit { id, name, role }: Unfit| match (name, role) {
        (Some(name), Some(Role::SupportStaff)) => {
            format!("{name} is support staff, who only see handouts.")
        }
        (Some(name), _) => format!("{name} is no longer in the account."),
        (None, _) => format!("{id} isn’t in this account."),
    };
    match unfit.into_iter().map(why).collect::<Vec<_>>() {
        fine if fine.is_empty() => Ok(()),
        unfit => Err(Error::field("members", unfit.join(" "))),
    }
}

fn named(people: &[UserId]) -> &[UserId] {
    &people[..people.len().min(NAMED)]
}

async fn whole(tx: &Tx, account: AccountId, id: UserGroupId) -> Result<UserGroup> {
    Ok(UserGroup {
        row: store::show(tx, account, id).await?,
        people: store::people(tx, account, id).await?,
        open_requests: store::open_requests(tx, account, id).await?,
    })
}

/// Creates a user group.
///
/// # Errors
/// A field is invalid, the name is taken, a member doesn't work in the account, there are too many user groups, or the
/// account is read-only.
pub async fn create(tx: &Tx, by: &AccountAdmin, draft: &Draft) -> Result<UserGroup> {
    let (account, id) = (by.account(), tx.id());
    let fine = checked(draft)?;
    plans::must_be_open(tx, account).await?;
    if store::name_is_taken(tx, account, id, &fine.name).await? {
        return Err(Error::field(
            "name",
            "A user group already has this name. To edit it, choose it from the list.",
        ));
    }
    if store::count(tx, account).await? >= LIMIT {
        return Err(Error::conflict(
            "too_many_user_groups",
            format!("An account can have at most {LIMIT} user groups. Delete one you no longer use."),
        ));
    }
    let people = fine.members.iter().copied().collect::<Vec<_>>();
    must_work_here(tx, account, &people).await?;
    let given = if draft.active { fine.privileges.as_slice() } else { &[] };
    let detail =
        json!({ "name": fine.name, "added": people.len(), "people_added": named(&people), "given": given });
    audit::record(tx, Event::new(account, by.user(), Action::UserGroupCreated, id).with(detail)).await?;
    if draft.default {
        store::take_default(tx, account, id).await?;
    }
    store::insert(tx, account, &kept(id, draft, &fine)).await?;
    store::begin(tx, account, id, &people).await?;
    store::grant(tx, account, id, given).await?;
    whole(tx, account, id).await
}

fn kept<'a>(id: UserGroupId, draft: &Draft, fine: &'a Fine) -> Kept<'a> {
    Kept {
        id,
        name: &fine.name,
        description: &fine.description,
        active: draft.active,
        default: draft.default,
        privileges: &fine.privileges,
    }
}

/// What a save changes.
struct Step {
    added: Vec<UserId>,
    removed: Vec<UserId>,
    given: Vec<Privilege>,
    taken: Vec<Privilege>,
    gives: Vec<Privilege>,
    same: bool,
}

impl Step {
    fn between(before: &UserGroupRow, present: &[UserId], draft: &Draft, fine: &Fine) -> Self {
        let present = present.iter().copied().collect::<BTreeSet<_>>();
        let gave = before.gives();
        let gives = if draft.active { fine.privileges.clone() } else { Vec::new() };
        let itself = before.name == fine.name
            && before.description == fine.description
            && (before.active, before.default) == (draft.active, draft.default)
            && before.privileges() == fine.privileges;
        Self {
            same: itself && present == fine.members,
            added: fine.members.difference(&present).copied().collect(),
            removed: present.difference(&fine.members).copied().collect(),
            given: gives.iter().filter(|each| !gave.contains(each)).copied().collect(),
            taken: gave.iter().filter(|each| !gives.contains(each)).copied().collect(),
            gives,
        }
    }

    fn detail(&self, before: &UserGroupRow, draft: &Draft, name: &str) -> Value {
        let mut detail = json!({
            "name": name, "added": self.added.len(), "removed": self.removed.len(), "given": self.given,
            "taken": self.taken, "people_added": named(&self.added), "people_removed": named(&self.removed),
        });
        if before.name != name {
            detail["renamed_from"] = json!(before.name);
        }
        if before.default != draft.default {
            detail["default"] = json!(draft.default);
        }
        if before.active != draft.active {
            detail["active"] = json!(draft.active);
        }
        detail
    }
}

/// Saves a user group with its people and privileges. In a read-only account, a save can only take away.
///
/// # Errors
/// Someone changed it meanwhile, a field is invalid, the name is taken, a new member doesn't work in the account, or the
/// account is read-only and the save gives more.
pub async fn save(tx: &Tx, by: &UserGroupAdmin, draft: &Draft, seen: ExpectedVersion) -> Result<UserGroup> {
    let (account, id) = (by.account(), by.user_group());
    let before = store::show(tx, account, id).await?;
    seen.check(before.version)?;
    let fine = checked(draft)?;
    if fine.name != before.name && store::name_is_taken(tx, account, id, &fine.name).await? {
        return Err(Error::field("name", "Another user group has this name. Choose a different name."));
    }
    let step = Step::between(&before, &store::members(tx, account, id).await?, draft, &fine);
    if step.same {
        return whole(tx, account, id).await;
    }
    must_work_here(tx, account, &step.added).await?;
    if !(step.added.is_empty() && step.given.is_empty()) {
        plans::must_be_open(tx, account).await?;
    }
    let detail = step.detail(&before, draft, &fine.name);
    audit::record(tx, Event::new(account, by.user(), Action::UserGroupChanged, id).with(detail)).await?;
    if draft.default && !before.default {
        store::take_default(tx, account, id).await?;
    }
    if !store::update(tx, account, &kept(id, draft, &fine), before.version).await? {
        return Err(Error::stale());
    }
    store::end(tx, account, id, &step.removed).await?;
    store::begin(tx, account, id, &step.added).await?;
    store::grant(tx, account, id, &step.gives).await?;
    requests::let_go_in(tx, account, id).await?;
    whole(tx, account, id).await
}

/// A user group with its members.
///
/// # Errors
/// It was deleted.
pub async fn show(tx: &Tx, by: &UserGroupAdmin) -> Result<UserGroup> {
    whole(tx, by.account(), by.user_group()).await
}

/// A page of the account's user groups: one more than the limit, if there are more.
pub async fn list(
    tx: &Tx,
    by: &AccountMember,
    listing: &Listing<UserGroups>,
    limit: i64,
) -> Result<Vec<UserGroupRow>> {
    store::list(tx, by, listing, limit + 1).await
}
