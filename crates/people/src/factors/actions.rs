//! The verbs of second factors.

use serde_json::json;

use crate::{
    factors::{
        Begun, FactorKind, FactorRow, MOST, Ways, Who,
        ceremonies::{self, Ceremony},
        codes::{self, Secret},
        mail, passkeys,
        store::{self, Concerns, Person, RuleRow},
    },
    sessions,
    users::{self, UserRow},
};
use access::{AccountAdmin, Role, SignedIn};
use kernel::{
    clock::{DAY, Time},
    error::{Checks, Error, Fault, Result},
    id::{AccountId, FactorId, UserId},
    links::Site,
    random::Token,
    text,
};
use platform::{
    audit::{self, Action, Event},
    jobs::enqueue,
};
use storage::Tx;

/// How far ahead a requirement may begin.
const FURTHEST: i64 = 366 * DAY;

/// What a person has set up, and which of their accounts ask for it.
pub(super) struct Overview {
    pub(super) person: UserRow,
    pub(super) factors: Vec<FactorRow>,
    pub(super) ways: Ways,
    pub(super) rules: Vec<Concerns>,
}

pub(super) async fn overview(tx: &Tx, user: UserId) -> Result<Overview> {
    Ok(Overview {
        person: users::user(tx, user).await?,
        factors: store::factors(tx, user).await?,
        ways: store::ways(tx, user).await?,
        rules: store::rules_for(tx, user).await?,
    })
}

/// A new authenticator app, whose first code is waited for.
pub(super) struct NewCode {
    /// As it is typed into an app.
    pub(super) secret: String,
    /// As an app reads it.
    pub(super) address: String,
    pub(super) token: Token,
}

/// Begins to set up an authenticator app.
///
/// # Errors
/// They have one already.
pub(super) async fn begin_code(tx: &Tx, by: &SignedIn) -> Result<NewCode> {
    if store::ways(tx, by.user()).await?.code {
        return Err(has_app());
    }
    let (id, secret): (FactorId, _) = (tx.id(), Secret::new(tx));
    let state = format!("{id} {}", secret.seal(tx, id)?);
    let token = ceremonies::begin(tx, Ceremony::NewCode, Some(by.user()), &state).await?;
    let email = users::user(tx, by.user()).await?.email;
    Ok(NewCode { secret: secret.typed(), address: secret.address(&email), token })
}

/// The app that is being set up, to be shown again.
pub(super) async fn look_at_code(tx: &Tx, by: &SignedIn, token: &Token) -> Result<NewCode> {
    let (_, _, secret) = waiting(tx, by, token).await?;
    let email = users::user(tx, by.user()).await?.email;
    Ok(NewCode { secret: secret.typed(), address: secret.address(&email), token: token.clone() })
}

fn has_app() -> Error {
    Error::conflict(
        "has_app",
        "You already use an authenticator app. Remove it before you set up another one.",
    )
}

async fn waiting(tx: &Tx, by: &SignedIn, token: &Token) -> Result<(FactorId, String, Secret)> {
    let state = own(tx, by, Ceremony::NewCode, token).await?;
    let (id, sealed) = state.split_once(' ').ok_or_else(|| Error::internal("no secret waits"))?;
    let id: FactorId = id.parse().map_err(|_| Error::internal("no factor waits"))?;
    Ok((id, sealed.to_owned(), Secret::open(tx, id, sealed)?))
}

/// The state of the caller's own ceremony.
async fn own(tx: &Tx, by: &SignedIn, what: Ceremony, token: &Token) -> Result<String> {
    match ceremonies::look(tx, what, token).await? {
        (Some(user), state) if user == by.user() => Ok(state),
        _ => Err(Error::not_found()),
    }
}

/// Sets up an authenticator app by its first code. With a person's first factor come their recovery codes.
///
/// # Errors
/// The code is wrong, or they have an app already.
pub(super) async fn finish_code(
    tx: &Tx,
    by: &SignedIn,
    token: &Token,
    code: &str,
) -> Result<Option<Vec<String>>> {
    let (id, sealed, secret) = waiting(tx, by, token).await?;
    let typed = code.chars().filter(char::is_ascii_digit).collect::<String>();
    let step = secret.step(&typed, tx.now())?;
    if store::ways(tx, by.user()).await?.code {
        return Err(has_app());
    }
    ceremonies::end(tx, token).await?;
    let (kind, name) = (FactorKind::Code, FactorKind::Code.label());
    store::insert(tx, by.user(), id, kind, name, &sealed, step).await?;
    added(tx, by, id, kind, name).await
}

/// Asks the caller's device for a new passkey.
///
/// # Errors
/// No passkey can be used here, or they have too many.
pub(super) async fn begin_passkey(tx: &Tx, by: &SignedIn, site: &Site) -> Result<Begun> {
    if store::ways(tx, by.user()).await?.passkeys >= MOST {
        let why = format!("You can have {MOST} passkeys. Remove one that you no longer use.");
        return Err(Error::conflict("too_many_passkeys", why));
    }
    let person = users::user(tx, by.user()).await?;
    passkeys::ask_for_new(tx, site, &person).await
}

/// Keeps the new passkey that the caller's device made.
///
/// # Errors
/// It is not the answer to what was asked, or the name can't be used.
pub(super) async fn finish_passkey(
    tx: &Tx,
    by: &SignedIn,
    site: &Site,
    token: &Token,
    name: &str,
    answer: &str,
) -> Result<Option<Vec<String>>> {
    let mut checks = Checks::default();
    let name = checks.take("name", text::required_line(name, "Enter a name, such as “Work laptop”."));
    checks.done()?;
    let name = name.unwrap_or_default();
    let state = own(tx, by, Ceremony::NewPasskey, token).await?;
    let secret = passkeys::made(site, &state, answer)?;
    ceremonies::end(tx, token).await?;
    let id = tx.id();
    store::insert(tx, by.user(), id, FactorKind::Passkey, &name, &secret, 0).await?;
    added(tx, by, id, FactorKind::Passkey, &name).await
}

/// What follows from a new factor: the session that made it has used it, every other one ends.
async fn added(
    tx: &Tx,
    by: &SignedIn,
    id: FactorId,
    kind: FactorKind,
    name: &str,
) -> Result<Option<Vec<String>>> {
    let user = by.user();
    let first = store::ways(tx, user).await?.factors() == 1;
    let codes = if first { Some(codes::new_recovery_codes(tx, user).await?) } else { None };
    store::must_enroll(tx, user, false).await?;
    sessions::strengthen(tx, by.session()).await?;
    sessions::end_sessions(tx, user, Some(by.session())).await?;
    let person = users::user(tx, user).await?;
    enqueue(tx, &mail::added(&person, kind, name)).await?;
    note(tx, by, Action::FactorAdded, id.to_string(), json!({ "kind": kind.word(), "name": name })).await?;
    Ok(codes)
}

async fn note(
    tx: &Tx,
    by: &SignedIn,
    action: Action,
    object: String,
    detail: serde_json::Value,
) -> Result<()> {
    audit::record(tx, Event::new(AccountId::nil(), by.user(), action, object).with(detail)).await
}

/// Removes one of the caller's factors.
///
/// # Errors
/// It is the last one, and an account requires one or their password is too short to stand alone.
pub(super) async fn remove(tx: &Tx, by: &SignedIn, id: FactorId) -> Result<()> {
    let seen = overview(tx, by.user()).await?;
    let factor = seen.factors.iter().find(|factor| factor.id == id).ok_or_else(Error::not_found)?;
    let last = seen.factors.len() == 1;
    if let Some(rule) = seen.rules.first().filter(|_| last) {
        let why = format!(
            "{} requires a second factor. Set up another one before you remove this one.",
            rule.account
        );
        return Err(Error::conflict("last_factor", why));
    }
    if last && seen.ways.short_password {
        let why = "Your password is too short to protect your account alone. Change it to one of at least 15 \
                   characters, or set up another factor first.";
        return Err(Error::conflict("short_password", why));
    }
    if !store::delete(tx, by.user(), id).await? {
        return Err(Error::not_found());
    }
    if last {
        store::set_recovery_codes(tx, by.user(), &[]).await?;
    }
    sessions::end_sessions(tx, by.user(), Some(by.session())).await?;
    enqueue(tx, &mail::removed(&seen.person, factor.kind, &factor.name)).await?;
    let detail = json!({ "kind": factor.kind.word(), "name": factor.name });
    note(tx, by, Action::FactorRemoved, id.to_string(), detail).await
}

/// A new set of recovery codes for the caller; those before are worth nothing from now on.
///
/// # Errors
/// They have no second factor.
pub(super) async fn new_recovery_codes(tx: &Tx, by: &SignedIn) -> Result<Vec<String>> {
    if !store::ways(tx, by.user()).await?.any() {
        let why = "Recovery codes stand in for a second factor. Set one up first.";
        return Err(Error::conflict("no_factor", why));
    }
    let codes = codes::new_recovery_codes(tx, by.user()).await?;
    let person = users::user(tx, by.user()).await?;
    enqueue(tx, &mail::recovery_codes_made(&person)).await?;
    note(tx, by, Action::RecoveryCodesMade, by.user().to_string(), json!({})).await?;
    Ok(codes)
}

/// What an account requires, and who of it has set up what.
pub(super) struct Requirement {
    pub(super) rule: Option<RuleRow>,
    pub(super) people: Vec<Person>,
}

pub(super) async fn requirement(tx: &Tx, by: &AccountAdmin) -> Result<Requirement> {
    let rule = store::rule(tx, by.account()).await?;
    Ok(Requirement { rule, people: store::people(tx, by.account()).await? })
}

/// Changes of whom an account requires a second factor, and from when on.
///
/// # Errors
/// The date is too far away.
pub async fn require(tx: &Tx, by: &AccountAdmin, who: Option<Who>, since: Option<Time>) -> Result<()> {
    let before = store::rule(tx, by.account()).await?;
    let rule = who.map(|who| RuleRow { who, since: since.unwrap_or(tx.now()) });
    if rule.is_some_and(|rule| rule.since > tx.now().plus(FURTHEST)) {
        return Err(Error::field("since", Fault::new("too_late", "Choose a date within a year.")));
    }
    if rule == before {
        return Ok(());
    }
    store::set_rule(tx, by.account(), rule.as_ref()).await?;
    let detail = json!({ "who": rule.map(|rule| rule.who.word()), "since": rule.map(|rule| rule.since) });
    let event = Event::new(by.account(), by.user(), Action::FactorsRequired, by.account());
    audit::record(tx, event.with(detail)).await
}

/// Takes a member's factors away, so that they set up new ones: they are signed out everywhere, and their next sign-in
/// leads there and nowhere else.
///
/// # Errors
/// They are no member, the owner, or more than a member elsewhere.
pub(super) async fn reset(tx: &Tx, by: &AccountAdmin, user: UserId) -> Result<UserRow> {
    // Whether another account would be weakened, which this one sees nothing of.
    let standing = tx.beyond(store::standing(tx, by.account(), user)).await?.ok_or_else(Error::not_found)?;
    if user == by.user() {
        let why = "Manage your own second factors in your profile.";
        return Err(Error::conflict("own_factors", why));
    }
    if standing.role == Role::Owner {
        let why = "Nobody in the account can reset the owner’s second factors. The owner can use a recovery code, or \
                   the server’s operator can reset them.";
        return Err(Error::forbidden("owners_factors", why));
    }
    if standing.elsewhere {
        let why = "This person owns another account, or one that requires a second factor, so only the server’s \
                   operator can reset theirs.";
        return Err(Error::forbidden("belongs_elsewhere", why));
    }
    if !store::ways(tx, user).await?.any() {
        return Err(Error::conflict("no_factor", "This person has no second factor yet."));
    }
    let sender = users::user(tx, by.user()).await?;
    let person = forget(tx, user, Some(&sender.name)).await?;
    audit::record(tx, Event::new(by.account(), by.user(), Action::FactorsReset, user)).await?;
    Ok(person)
}

/// As an administrator's reset, by the operator at the console: for an owner who lost everything.
///
/// # Errors
/// There is no such person, or the database fails.
pub async fn reset_by_operator(tx: &Tx, user: UserId) -> Result<()> {
    forget(tx, user, None).await?;
    audit::record(tx, Event::unattended(AccountId::nil(), Action::FactorsReset, user)).await
}

async fn forget(tx: &Tx, user: UserId, by: Option<&str>) -> Result<UserRow> {
    store::delete_all(tx, user).await?;
    store::must_enroll(tx, user, true).await?;
    sessions::end_sessions(tx, user, None).await?;
    let person = users::user(tx, user).await?;
    enqueue(tx, &mail::reset(&person, by)).await?;
    Ok(person)
}
