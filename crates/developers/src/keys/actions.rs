//! The verbs of API keys.

use serde_json::json;

use crate::keys::{
    KeyRow, LIMIT, LONGEST_OVERLAP, mail,
    store::{self, KeyGroup, Keys, NewKey},
};
use access::{AccountAdmin, ApiKeyAdmin, Scope};
use kernel::{
    api_keys,
    clock::{HOUR, Time},
    error::{Checks, Error, Result},
    id::{ApiKeyId, GroupId},
    links::Site,
    random::Token,
    text,
};
use people::{activity, users, withdrawals};
use platform::{
    audit::{self, Action, Event},
    jobs::enqueue,
};
use storage::{Tx, list::Listing};

/// A key that someone asks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What it is for.
    pub name: String,
    /// What it may do. At least one.
    pub scopes: Vec<Scope>,
    /// The groups that it is for; none for all of them.
    pub groups: Option<Vec<GroupId>>,
    /// When it ends by itself.
    pub expires_at: Option<Time>,
}

/// A key with its groups.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub row: KeyRow,
    /// The groups that it is for, by name; none for all of them.
    pub groups: Option<Vec<(GroupId, String)>>,
}

/// Makes a key. Its secret is in the answer and nowhere else. The owner gets an email.
///
/// # Errors
/// A field can't be used, a group isn't the account's, or there are too many keys.
pub async fn create(tx: &Tx, by: &AccountAdmin, wanted: &Wanted, site: &Site) -> Result<(Key, Token)> {
    let (name, scopes) = checked(tx, wanted)?;
    if store::in_use(tx, by.account()).await? >= LIMIT {
        return Err(Error::conflict(
            "too_many_keys",
            format!("An account has at most {LIMIT} API keys. Revoke one first."),
        ));
    }
    let (id, acts_as, secret) = (tx.id::<kernel::id::ApiKey>(), tx.id(), api_keys::of(tx.random()));
    users::insert_machine(tx, acts_as, &format!("{name} (API key)")).await?;
    let hint = api_keys::hint(&secret);
    let (all_groups, expires_at) = (wanted.groups.is_none(), wanted.expires_at);
    let new = NewKey { id, acts_as, name: &name, hint: &hint, scopes: &scopes, all_groups, expires_at };
    store::insert(tx, by, &new).await?;
    open_groups(tx, by, id, wanted.groups.as_deref()).await?;
    store::add_secret(tx, by.account(), id, &secret).await?;
    let detail = json!({ "name": name, "scopes": scopes, "all_groups": all_groups });
    audit::record(tx, Event::new(by.account(), by.user(), Action::ApiKeyCreated, id).with(detail)).await?;
    tell_owner(tx, by, &name, site).await?;
    Ok((show_of(tx, by, id).await?, secret))
}

fn checked(tx: &Tx, wanted: &Wanted) -> Result<(String, String)> {
    let mut checks = Checks::default();
    let name = checks.take("name", text::line(&wanted.name));
    checks.that(!wanted.scopes.is_empty(), "scopes", "Select at least one scope.");
    checks.that(
        wanted.groups.as_ref().is_none_or(|groups| !groups.is_empty()),
        "groups",
        "Select at least one group.",
    );
    checks.that(
        wanted.expires_at.is_none_or(|end| end > tx.now()),
        "expires_at",
        "Choose a date in the future.",
    );
    checks.done()?;
    let scopes = Scope::ALL.iter().filter(|scope| wanted.scopes.contains(scope));
    Ok((name.unwrap_or_default(), scopes.map(|scope| scope.word()).collect::<Vec<_>>().join(" ")))
}

async fn open_groups(tx: &Tx, by: &AccountAdmin, id: ApiKeyId, groups: Option<&[GroupId]>) -> Result<()> {
    let Some(groups) = groups else { return Ok(()) };
    let mut groups = groups.to_vec();
    groups.sort_unstable();
    groups.dedup();
    let opened = store::open_groups(tx, by.account(), id, &groups).await?;
    match usize::try_from(opened) == Ok(groups.len()) {
        true => Ok(()),
        false => Err(Error::field("groups", "One of these groups isn't in this account.")),
    }
}

/// Tells the owner that there is a new key, unless they made it.
async fn tell_owner(tx: &Tx, by: &AccountAdmin, name: &str, site: &Site) -> Result<()> {
    let Some(owner) = activity::owner(tx, by.account()).await? else { return Ok(()) };
    if owner.user == by.user() {
        return Ok(());
    }
    let maker = users::user(tx, by.user()).await?;
    let page = site.page(&format!("/a/{}/developers", by.account()));
    enqueue(tx, &mail::created(by.account(), &owner, &maker.name, name, &page)).await.map(drop)
}

/// Gives a key a new secret. The present ones go on for so many hours.
///
/// # Errors
/// The key has ended, or the hours are too many.
pub async fn rotate(tx: &Tx, by: &ApiKeyAdmin, overlap: u32) -> Result<(Key, Token)> {
    if overlap > LONGEST_OVERLAP {
        return Err(Error::field("overlap_hours", format!("Use 0 to {LONGEST_OVERLAP} hours.")));
    }
    let row = store::show(tx, by.account(), by.api_key()).await?;
    if !row.works(tx.now()) {
        return Err(Error::conflict("key_ended", "This API key has ended. Create a new one."));
    }
    let secret = api_keys::of(tx.random());
    store::end_secrets(tx, by.account(), row.id, tx.now().plus(i64::from(overlap) * HOUR)).await?;
    store::add_secret(tx, by.account(), row.id, &secret).await?;
    store::set_hint(tx, by.account(), row.id, &api_keys::hint(&secret)).await?;
    let detail = json!({ "name": row.name, "overlap_hours": overlap });
    audit::record(tx, Event::new(by.account(), by.user(), Action::ApiKeyRotated, row.id).with(detail))
        .await?;
    Ok((show(tx, by).await?, secret))
}

/// Ends a key for good: the very next request with it is refused. Ending it twice is no mistake.
///
/// # Errors
/// The database fails.
pub async fn revoke(tx: &Tx, by: &ApiKeyAdmin) -> Result<Key> {
    if store::revoke(tx, by.account(), by.api_key()).await? {
        let row = store::show(tx, by.account(), by.api_key()).await?;
        let event = Event::new(by.account(), by.user(), Action::ApiKeyRevoked, row.id);
        audit::record(tx, event.with(json!({ "name": row.name }))).await?;
        // What the key invited ends with it, unless someone else may give it.
        withdrawals::withdraw(tx, by.account(), by.user()).await?;
    }
    show(tx, by).await
}

/// The key of a proof.
///
/// # Errors
/// The database fails.
pub async fn show(tx: &Tx, by: &ApiKeyAdmin) -> Result<Key> {
    show_of(tx, by, by.api_key()).await
}

async fn show_of(tx: &Tx, by: &AccountAdmin, id: ApiKeyId) -> Result<Key> {
    let row = store::show(tx, by.account(), id).await?;
    Ok(with_groups(row, &store::groups(tx, by.account()).await?))
}

/// A page of an account's keys; one more than the limit, if there are more.
///
/// # Errors
/// The database fails.
pub async fn list(tx: &Tx, by: &AccountAdmin, listing: &Listing<Keys>, limit: i64) -> Result<Vec<Key>> {
    let groups = store::groups(tx, by.account()).await?;
    let rows = store::list(tx, by.account(), listing, limit + 1).await?;
    Ok(rows.into_iter().map(|row| with_groups(row, &groups)).collect())
}

fn with_groups(row: KeyRow, all: &[KeyGroup]) -> Key {
    let own = all.iter().filter(|group| group.key == row.id).map(|group| (group.group, group.name.clone()));
    let groups = (!row.all_groups).then(|| own.collect());
    Key { row, groups }
}
