//! The verbs of accounts.

use serde_json::json;

use crate::{
    access::{AccountAdmin, AccountMember, GroupRole, ProtocolAdmin, Role, SignedIn},
    accounts::{Kind, Protocol, open, store, store::AccountRow},
    audit::{self, Event},
    db::Tx,
    error::{Checks, Error, Result},
    groups,
    id::{AccountId, GroupId, LocationId, UserId},
    locations,
    passwords::acceptable,
    plans,
    prices::Trial,
    random::Token,
    sign_in::{self, UserType, actions::Entered, actions::From},
    text::{self, Email},
    web::{App, IfMatch},
};

/// What first-run set-up asks for.
#[derive(Clone, Debug)]
pub struct SetUp {
    /// The code that was printed at the first start.
    pub code: String,
    /// The account's name.
    pub account_name: String,
    /// The owner's name.
    pub name: String,
    /// The owner's address.
    pub email: String,
    /// The owner's password.
    pub password: String,
    /// The first group's name.
    pub group_name: String,
    /// Its first location's name.
    pub location_name: String,
}

/// What set-up made.
pub struct Begun {
    /// The owner, signed in.
    pub entered: Entered,
    /// The account.
    pub account: AccountId,
    /// The first group.
    pub group: GroupId,
    /// Its location.
    pub location: LocationId,
}

/// Makes the first account of a server, with its owner, first group and location. Works once, and only
/// with the code that whoever started the server was shown.
///
/// # Errors
/// The server is set up already (as if there were no such thing), or a field can't be used.
pub async fn set_up(app: &App, input: SetUp, from: From) -> Result<Begun> {
    let code_file = app.config.data.join("set-up-code");
    let expected = tokio::fs::read_to_string(&code_file).await.ok();
    let untouched = sign_in::actions::untouched(&app.db).await?;
    let Some(expected) = expected.filter(|_| untouched) else { return Err(Error::not_found()) };
    let (given, expected) = (Token::presented(input.code.trim()), Token::presented(expected.trim()));
    let mut checks = Checks::default();
    checks.that(
        given.digest() == expected.digest(),
        "code",
        "This is not the set-up code. It was printed when the server started, and is in its data folder.",
    );
    let account_name = checks.take("account_name", text::line(&input.account_name));
    let name = checks.take("name", text::line(&input.name));
    let email = checks.take("email", Email::read(&input.email));
    let own = [input.email.as_str(), input.name.as_str()];
    checks.take("password", acceptable(&input.password, &own));
    let group_name = checks.take("group_name", text::line(&input.group_name));
    let location_name = checks.take("location_name", text::line(&input.location_name));
    checks.done()?;
    let (Some(account_name), Some(name), Some(email)) = (account_name, name, email) else {
        return Err(Error::internal("checked above"));
    };
    let (Some(group_name), Some(location_name)) = (group_name, location_name) else {
        return Err(Error::internal("checked above"));
    };
    let hash = app.passwords.hash(&input.password).await?;
    let (length, trial) = (app.config.session_length(), app.config.trial());
    let begun = app.db.write(async move |tx| {
        let user: UserId = tx.id();
        if !sign_in::actions::untouched_in(tx).await? {
            return Err(Error::not_found());
        }
        sign_in::insert_user(tx, user, &email, &name, UserType::Other, Some(&hash)).await?;
        let account = tx.id();
        open(tx, account, Kind::Group, &account_name, user, trial).await?;
        let group = groups::found(tx, account, user, &group_name, "").await?;
        groups::add(tx, account, group, user, GroupRole::Administrator, user).await?;
        let location = locations::found(tx, account, group, user, &location_name, "").await?;
        let entered = sign_in::actions::enter(tx, user, length, &from).await?;
        Ok(Begun { entered, account, group, location })
    });
    let begun = begun.await?;
    if let Err(error) = tokio::fs::remove_file(&code_file).await {
        tracing::warn!(%error, "the used set-up code could not be removed; it is void all the same");
    }
    Ok(begun)
}

/// Opens an account of somebody's own, with its trial. Whoever was removed from a practice goes on so.
///
/// # Errors
/// The name can't be used, or they own an account already.
pub async fn open_own(tx: &Tx, by: &SignedIn, name: &str, trial: Trial) -> Result<AccountId> {
    let name = text::line(name).map_err(|why| Error::field("account_name", why))?;
    if store::belongings(tx, by.id()).await?.iter().any(|row| row.role == Role::Owner) {
        return Err(Error::conflict(
            "account_owned",
            "You own an account already. Choose a plan for that one, or transfer its ownership first.",
        ));
    }
    let id = tx.id();
    open(tx, id, Kind::Individual, &name, by.id(), trial).await?;
    Ok(id)
}

/// What may be changed of an account. What is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Its name.
    pub name: Option<String>,
    /// The practice's particulars: address, phone.
    pub practice: Option<String>,
    /// Its time zone, by IANA's name.
    pub time_zone: Option<String>,
}

/// The account.
///
/// # Errors
/// The database fails.
pub async fn show(tx: &Tx, scope: &AccountMember) -> Result<AccountRow> {
    store::account(tx, scope).await
}

/// Changes an account's settings.
///
/// # Errors
/// A field can't be used, or somebody changed them meanwhile.
pub async fn change(tx: &Tx, by: &AccountAdmin, input: &Settings, seen: IfMatch) -> Result<AccountRow> {
    let mut row = store::account(tx, by).await?;
    seen.check(row.version)?;
    let mut checks = Checks::default();
    if let Some(name) = &input.name {
        row.name = checks.take("name", text::line(name)).unwrap_or_default();
    }
    if let Some(practice) = &input.practice {
        row.practice = checks.take("practice", text::prose(practice)).unwrap_or_default();
    }
    if let Some(zone) = &input.time_zone {
        let known = jiff::tz::TimeZone::get(zone).is_ok();
        checks.that(known, "time_zone", "This is not a time zone. It looks like America/Chicago.");
        row.time_zone.clone_from(zone);
    }
    checks.done()?;
    if !store::update(tx, by, &row).await? {
        return Err(Error::stale());
    }
    let detail = json!({ "name": row.name, "time_zone": row.time_zone });
    audit::record(tx, Event::new(by.account(), by.id(), "account.changed", by.account()).with(detail))
        .await?;
    store::account(tx, by).await
}

fn name_taken() -> Error {
    Error::field("name", "There is a protocol of this name already. It may be archived; restore it then.")
}

fn protocol_name(name: &str) -> Result<String> {
    text::line(name).map_err(|why| Error::field("name", why))
}

/// Adds a protocol to the account's list.
///
/// # Errors
/// The name can't be used or is taken.
pub async fn add_protocol(tx: &Tx, by: &AccountAdmin, name: &str) -> Result<Protocol> {
    plans::must_be_open(tx, by.account()).await?;
    let (id, name) = (tx.id(), protocol_name(name)?);
    if !store::insert_protocol(tx, by.account(), id, &name).await? {
        return Err(name_taken());
    }
    let detail = json!({ "name": name });
    audit::record(tx, Event::new(by.account(), by.id(), "protocol.added", id).with(detail)).await?;
    Ok(Protocol { id, name, archived_at: None })
}

/// Renames, archives or restores a protocol. Cases that follow it keep it.
///
/// # Errors
/// The name can't be used or is taken.
pub async fn change_protocol(
    tx: &Tx,
    by: &ProtocolAdmin,
    name: Option<&str>,
    archived: Option<bool>,
) -> Result<Protocol> {
    plans::must_be_open(tx, by.account()).await?;
    if let Some(name) = name {
        let name = protocol_name(name)?;
        if !store::rename_protocol(tx, by, &name).await? {
            return Err(name_taken());
        }
    }
    if let Some(archived) = archived {
        store::archive_protocol(tx, by, archived.then_some(tx.now())).await?;
    }
    let now = store::protocol(tx, by).await?;
    let detail = json!({ "name": now.name, "archived": now.archived_at.is_some() });
    audit::record(tx, Event::new(by.account(), by.id(), "protocol.changed", now.id).with(detail)).await?;
    Ok(now)
}
