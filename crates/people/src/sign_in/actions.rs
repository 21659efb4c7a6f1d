//! The verbs of signing in.

use serde_json::json;

pub use crate::sign_in::attempts::{From, flow};
use crate::{
    sign_in::{
        CONFIRM_LASTS, RESET_LASTS, SessionRow,
        attempts::{
            FREE_FAILURES, FREE_FAILURES_OF_PLACE, MOST_WRONG, Tries, place, take_anonymous_try, take_try,
        },
        mail,
        store::{self, NewLink, Purpose, SignUpRow},
    },
    users::{self, UserRow, UserType},
};
use access::SignedIn;
use kernel::{
    addresses::Email,
    clock::HOUR,
    error::{Checks, Error, Result},
    id::{AccountId, SessionId, UserId},
    links::Site,
    passwords::acceptable,
    random::Token,
    text,
    turns::Flow,
};
use platform::{
    Services,
    audit::{self, Action, Event},
    jobs::enqueue,
};
use storage::{Db, Tx};

/// How many sessions a person may have; the oldest goes.
const MOST_SESSIONS: i64 = 20;
/// How many browsers are known of one person. Programs that keep no cookies make one at every sign-in.
const MOST_BROWSERS: i64 = 200;
/// How many mails anyone may have sent to one address within an hour.
const MAILS_PER_HOUR: i64 = 5;

/// Someone who has just signed in.
pub struct Entered {
    /// The session's secret.
    pub token: Token,
    /// The session.
    pub session: SessionRow,
    /// Who.
    pub user: UserRow,
    /// What marks the browser from now on, if nothing did yet.
    pub device: Option<Token>,
}

/// What the browser gets of someone who has just signed in: the secrets for its cookies.
#[derive(Clone)]
pub struct Keys {
    /// The session's.
    pub session: Token,
    /// The browser's own, if it had none.
    pub device: Option<Token>,
}

impl Entered {
    /// The secrets for the browser's cookies.
    pub fn keys(&self) -> Keys {
        Keys { session: self.token.clone(), device: self.device.clone() }
    }
}

/// The same for an unknown address, a wrong password, and one that is locked: so it tells nobody which addresses are
/// known, and still says what to do.
fn wrong() -> Error {
    Error::unauthenticated_because(
        "wrong_credentials",
        "The email address or the password isn't right. After 100 wrong attempts in a row, a password stays locked \
         until you reset it by email.",
    )
}

/// Checks a password and opens a session.
///
/// # Errors
/// The address or the password is wrong, or there were too many tries.
pub async fn sign_in(services: &Services, email: &str, password: &str, from: From) -> Result<Entered> {
    // What can't be an address is one that nobody has.
    let key = Email::read(email).map_or_else(|_| "nobody".to_owned(), |email| email.key);
    let tries = Tries { key, place: place(&from.address), from: from.clone() };
    let length = services.config.session_length();
    let (seen, tries) = services.db.write(async move |tx| Ok((tries.take(tx).await?, tries.clone()))).await?;
    let flow = from.flow(&tries.key, seen.known_browser);
    let right = services.passwords.matches(&flow, password, seen.hash.as_deref()).await?;
    let Some(user) = seen.user.filter(|_| right && !seen.locked) else {
        if seen.last {
            tell_locked(services, seen.user).await?;
        }
        return Err(note_failure(services, seen.user, from).await);
    };
    services
        .db
        .write(async move |tx| {
            // The password may have been changed while it was being checked.
            if store::secret_of(tx, user).await?.hash != seen.hash {
                return Err(wrong());
            }
            tries.succeed(tx, user, seen.known_browser).await?;
            enter(tx, user, length, &from).await
        })
        .await
}

/// Notes that a sign-in failed; known and unknown addresses take the same work. Says what the caller reads.
async fn note_failure(services: &Services, known: Option<UserId>, from: From) -> Error {
    let whom = whom(known);
    tracing::info!(user = whom, "a sign-in failed");
    let noted = services.db.write(async move |tx| {
        let event = Event::unattended(AccountId::nil(), Action::SignInFailed, &whom);
        audit::record(tx, event.with(json!({ "address": from.address, "device": from.device }))).await
    });
    noted.await.err().unwrap_or_else(wrong)
}

/// A person as the trail names them who has not proved to be one.
fn whom(known: Option<UserId>) -> String {
    known.map_or_else(|| "unknown".to_owned(), |user| user.to_string())
}

/// Tells a person by mail that their password is locked from now on.
async fn tell_locked(services: &Services, user: Option<UserId>) -> Result<()> {
    let Some(user) = user else { return Ok(()) };
    let link = services.site.page("/forgot-password");
    let told = async move |tx: &Tx| {
        let person = users::user(tx, user).await?;
        enqueue(tx, &mail::locked(&person, &link)).await.map(drop)
    };
    services.db.write(told).await
}

/// Opens a session for someone who has just proved who they are.
///
/// # Errors
/// The database fails.
pub async fn enter(tx: &Tx, user: UserId, length: i64, from: &From) -> Result<Entered> {
    let (token, session) = store::open_session(tx, user, length, &from.device, &from.address).await?;
    let detail = json!({ "address": from.address, "device": from.device });
    audit::record(tx, Event::new(AccountId::nil(), user, Action::SessionOpened, session.id).with(detail))
        .await?;
    store::end_oldest_sessions(tx, user, session.id, MOST_SESSIONS).await?;
    let device = know_browser(tx, user, from).await?;
    Ok(Entered { token, session, user: users::user(tx, user).await?, device })
}

/// Notes that a person proved who they are from this browser. Gives its new mark, unless it has one that is ours.
async fn know_browser(tx: &Tx, user: UserId, from: &From) -> Result<Option<Token>> {
    let ours = match &from.token {
        Some(device) => store::gave_device(tx, device).await?,
        None => false,
    };
    let new = (!ours).then(|| tx.token());
    if let Some(device) = new.as_ref().or(from.token.as_ref()) {
        store::know_device(tx, user, device, &place(&from.address)).await?;
        store::forget_oldest_devices(tx, user, device, MOST_BROWSERS).await?;
    }
    Ok(new)
}

/// Ends the caller's own session.
///
/// # Errors
/// The database fails.
pub async fn sign_out(tx: &Tx, by: &SignedIn) -> Result<()> {
    end_session(tx, by, by.session()).await
}

/// Ends one of the caller's sessions.
///
/// # Errors
/// It is none of theirs, or the database fails.
pub async fn end_session(tx: &Tx, by: &SignedIn, session: SessionId) -> Result<()> {
    if !store::end_session(tx, by.user(), session).await? {
        return Err(Error::not_found());
    }
    audit::record(tx, Event::new(AccountId::nil(), by.user(), Action::SessionEnded, session)).await
}

/// Ends all of the caller's sessions but the present one. Says how many.
///
/// # Errors
/// The database fails.
pub async fn end_other_sessions(tx: &Tx, by: &SignedIn) -> Result<u64> {
    let ended = store::end_sessions(tx, by.user(), Some(by.session())).await?;
    audit::record(tx, Event::new(AccountId::nil(), by.user(), Action::SessionOthersEnded, by.user())).await?;
    Ok(ended)
}

/// The caller's sessions, the latest used first.
///
/// # Errors
/// The database fails.
pub async fn sessions(tx: &Tx, by: &SignedIn, idle: i64) -> Result<Vec<SessionRow>> {
    store::sessions(tx, by.user(), idle).await
}

/// Someone who wants an account of their own.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// Their address.
    pub email: Email,
    /// Their name.
    pub name: String,
    /// The account's name.
    pub account_name: String,
}

/// Notes a sign-up and sends the link that completes it. An address that is known already gets a
/// email instead that says so; the answer is the same.
///
/// # Errors
/// The database fails.
pub async fn sign_up(
    services: &Services,
    sign_up: SignUp,
    password: &str,
    from: From,
) -> Result<(UserId, AccountId)> {
    let flow = flow(&from, &sign_up.email.key);
    services.db.write(async move |tx| take_anonymous_try(tx, &from).await).await?;
    let password_hash = services.passwords.hash(&flow, password).await?;
    let site = services.site.clone();
    services
        .db
        .write(async move |tx| {
            let (token, row) = (
                tx.token(),
                SignUpRow {
                    user: tx.id(),
                    account: tx.id(),
                    email: sign_up.email.shown.clone(),
                    name: sign_up.name.clone(),
                    account_name: sign_up.account_name.clone(),
                    password_hash: password_hash.clone(),
                    expires_at: tx.now().plus(CONFIRM_LASTS),
                },
            );
            store::insert_sign_up(tx, &token, &sign_up.email.key, &row).await?;
            let asked = Event::unattended(AccountId::nil(), Action::SignUpAsked, row.user);
            audit::record(tx, asked.with(json!({ "email": row.email, "name": row.name }))).await?;
            if mail_allowed(tx, &sign_up.email.key).await? {
                let letter = match users::by_email(tx, &sign_up.email.key).await? {
                    Some(user) => mail::known_already(&user, &site.page("/sign-in")),
                    None => mail::confirm_sign_up(&row.email, &site.link("verify", &token)),
                };
                enqueue(tx, &letter).await?;
            }
            Ok((row.user, row.account))
        })
        .await
}

/// Whether one more mail may go to an address that a stranger typed; counts it.
async fn mail_allowed(tx: &Tx, email_key: &str) -> Result<bool> {
    let name = format!("mail:{email_key}");
    let sent = store::throttle(tx, &name)
        .await?
        .map_or(0, |throttle| if tx.now().waited(throttle.last_at) > HOUR { 0 } else { throttle.failures });
    if sent >= MAILS_PER_HOUR {
        return Ok(false);
    }
    store::count(tx, &name, HOUR).await?;
    Ok(true)
}

fn dead_link() -> Error {
    Error::conflict(
        "link_dead",
        "This link was already used, was replaced by a newer one, or has expired. Ask for a new one.",
    )
}

/// A sign-up whose link and password met: the right to complete it.
pub struct ProvedSignUp {
    token: Token,
    place: String,
}

/// Checks who would complete a sign-up: who has the link and knows the password proves both the address and
/// that the sign-up is their own.
///
/// # Errors
/// The link is no longer good, or the password is wrong.
pub async fn prove_sign_up(
    services: &Services,
    token: &Token,
    password: &str,
    from: &From,
) -> Result<ProvedSignUp> {
    let place = place(&from.address);
    let (name, link) = (place.clone(), token.clone());
    let of_link = format!("sign-up:{}", data_encoding::HEXLOWER.encode(&token.digest()));
    let found = services.db.write(async move |tx| {
        take_try(tx, &name, FREE_FAILURES_OF_PLACE).await?;
        take_try(tx, &of_link, FREE_FAILURES).await?;
        store::sign_up(tx, &link).await
    });
    let found = found.await?;
    let hash = found.as_ref().map(|sign_up| sign_up.password_hash.clone());
    let account = found.as_ref().map_or_else(String::new, |sign_up| Email::key_of(&sign_up.email));
    let right = services.passwords.matches(&flow(from, &account), password, hash.as_deref()).await?;
    if found.is_none() {
        return Err(dead_link());
    }
    if !right {
        return Err(Error::field("password", "Enter the password that you chose at sign-up."));
    }
    Ok(ProvedSignUp { token: token.clone(), place })
}

/// What a completed sign-up made of a stranger, and the account that they asked for.
pub struct Completed {
    /// The new person.
    pub user: UserId,
    /// The id that the account is to have.
    pub account: AccountId,
    /// The name that it is to have.
    pub account_name: String,
}

/// Completes a proved sign-up in the caller's transaction: the person is there from now on.
///
/// # Errors
/// The link was used meanwhile, or the address is someone's.
pub async fn complete_sign_up(tx: &Tx, proved: &ProvedSignUp, site: &Site) -> Result<Completed> {
    let found = store::sign_up(tx, &proved.token).await?.filter(|sign_up| sign_up.expires_at > tx.now());
    let sign_up = found.ok_or_else(dead_link)?;
    let email = Email::read(&sign_up.email).map_err(|_| dead_link())?;
    if users::by_email(tx, &email.key).await?.is_some() {
        return Err(dead_link());
    }
    let hash = Some(sign_up.password_hash.as_str());
    users::insert(tx, sign_up.user, &email, &sign_up.name, UserType::Other, hash).await?;
    if !site.mail_leaves {
        users::mark_unproved(tx, sign_up.user).await?;
    }
    store::forget_sign_ups(tx, &email.key).await?;
    store::count_back(tx, &proved.place).await?;
    Ok(Completed { user: sign_up.user, account: sign_up.account, account_name: sign_up.account_name })
}

/// Whether a link completes a sign-up; opening it changes nothing.
///
/// # Errors
/// The link is no longer good.
pub async fn look_at_sign_up(tx: &Tx, token: &Token) -> Result<String> {
    let found = store::sign_up(tx, token).await?.filter(|sign_up| sign_up.expires_at > tx.now());
    found.map(|sign_up| sign_up.email).ok_or_else(dead_link)
}

/// Sends a link to choose a new password, to the address. Unknown addresses get an email that says so:
/// the answer, the statements and the number of mails are the same. The link for nobody is kept too, and goes nowhere.
///
/// # Errors
/// The database fails.
pub async fn ask_reset(tx: &Tx, site: &Site, email: &Email, from: &From) -> Result<()> {
    take_anonymous_try(tx, from).await?;
    if !mail_allowed(tx, &email.key).await? {
        return Ok(());
    }
    let user = users::by_email(tx, &email.key).await?;
    let asked = Event::unattended(
        AccountId::nil(),
        Action::PasswordResetAsked,
        whom(user.as_ref().map(|user| user.id)),
    );
    audit::record(tx, asked.with(json!({ "address": from.address, "device": from.device }))).await?;
    let (token, id) = (tx.token(), user.as_ref().map_or(UserId::nil(), |user| user.id));
    let new = NewLink {
        purpose: Purpose::Reset,
        user: id,
        email: &email.shown,
        lasts: RESET_LASTS,
        mailed: site.mail_leaves,
    };
    store::insert_link(tx, &token, &new).await?;
    let letter = match &user {
        Some(user) => mail::reset(user, &site.link("password-resets", &token), None),
        None => mail::no_such_person(&email.shown, &site.page("/sign-in")),
    };
    enqueue(tx, &letter).await.map(drop)
}

/// Whose password a link resets; opening it changes nothing.
///
/// # Errors
/// The link is no longer good.
pub async fn look_at_reset(tx: &Tx, token: &Token) -> Result<String> {
    let link = store::link(tx, token, Purpose::Reset).await?.ok_or_else(dead_link)?;
    if link.used_at.is_some() || link.expires_at <= tx.now() {
        return Err(dead_link());
    }
    Ok(link.email)
}

/// Sets a new password by a link: ends every session, and tells the person. The browser in which that was done is a
/// known one from now on, whose mark is given if it is new: so nobody's attempts can keep the person out.
///
/// # Errors
/// The link is no longer good, or the password is not accepted.
pub async fn reset(services: &Services, token: Token, password: &str, from: From) -> Result<Option<Token>> {
    let (email, own) = services
        .db
        .read(async |tx| {
            let email = look_at_reset(tx, &token).await?;
            let own = match users::by_email(tx, &Email::key_of(&email)).await? {
                Some(person) => users::known_words(tx, &person).await?,
                None => vec![email.clone()],
            };
            Ok((email, own))
        })
        .await?;
    acceptable_for(password, &own)?;
    let hash = services.passwords.hash(&flow(&from, &Email::key_of(&email)), password).await?;
    services
        .db
        .write(async move |tx| {
            let link = store::link(tx, &token, Purpose::Reset).await?.ok_or_else(dead_link)?;
            if !store::use_link(tx, &token, Purpose::Reset).await? {
                return Err(dead_link());
            }
            change_password(tx, link.user, &hash, None).await?;
            if link.mailed {
                users::prove(tx, link.user).await?;
            }
            know_browser(tx, link.user, &from).await
        })
        .await
}

/// Refuses a password that those who know the person would guess.
fn acceptable_for(password: &str, own: &[String]) -> Result<()> {
    let own = own.iter().map(String::as_str).collect::<Vec<_>>();
    acceptable(password, &own).map_err(|why| Error::field("password", why))
}

/// Keeps a new password, ends the other sessions, tells the person, notes it.
async fn change_password(tx: &Tx, user: UserId, hash: &str, keep: Option<SessionId>) -> Result<()> {
    users::set_password(tx, user, hash).await?;
    store::end_sessions(tx, user, keep).await?;
    let person = users::user(tx, user).await?;
    store::forget(tx, &format!("address:{}", Email::key_of(&person.email))).await?;
    enqueue(tx, &mail::password_changed(&person)).await?;
    audit::record(tx, Event::new(AccountId::nil(), user, Action::PasswordChanged, user)).await
}

/// Checks the caller's own password again, before something that a stolen session must not do.
async fn again(services: &Services, user: UserId, password: &str) -> Result<()> {
    let name = format!("again:{user}");
    let counted = name.clone();
    let secret = services.db.write(async move |tx| {
        take_try(tx, &counted, FREE_FAILURES).await?;
        let secret = store::secret_of(tx, user).await?;
        store::count_wrong(tx, user).await?;
        Ok(secret)
    });
    let secret = secret.await?;
    let flow = Flow { account: user.to_string(), place: user.to_string() };
    let right = services.passwords.matches(&flow, password, secret.hash.as_deref()).await?;
    if secret.wrong >= MOST_WRONG {
        return Err(Error::field(
            "current_password",
            "This password is locked after 100 wrong attempts in a row. Sign out and reset it by email.",
        ));
    }
    if right {
        let proved = async move |tx: &Tx| {
            store::forget_wrong(tx, user, MOST_WRONG).await?;
            store::forget(tx, &name).await
        };
        return services.db.write(proved).await;
    }
    if secret.wrong + 1 == MOST_WRONG {
        tell_locked(services, Some(user)).await?;
    }
    Err(Error::field("current_password", "This isn't your current password."))
}

/// Notes in the caller's session that they have just typed their password again.
///
/// # Errors
/// It is wrong, or there were too many tries.
pub async fn prove_again(services: &Services, by: SignedIn, password: &str) -> Result<()> {
    again(services, by.user(), password).await?;
    services.db.write(async move |tx| store::prove_session(tx, by.session()).await).await
}

/// Changes the caller's password.
///
/// # Errors
/// The present one is wrong, or the new one is not accepted.
pub async fn change_own_password(services: &Services, by: SignedIn, current: &str, new: &str) -> Result<()> {
    let own = services.db.read(async |tx| {
        let person = users::user(tx, by.user()).await?;
        users::known_words(tx, &person).await
    });
    acceptable_for(new, &own.await?)?;
    again(services, by.user(), current).await?;
    let flow = Flow { account: by.user().to_string(), place: by.user().to_string() };
    let hash = services.passwords.hash(&flow, new).await?;
    services.db.write(async move |tx| change_password(tx, by.user(), &hash, Some(by.session())).await).await
}

/// Begins a change of address: the new one must confirm, the old one is told.
///
/// # Errors
/// The password is wrong.
pub async fn change_address(services: &Services, by: SignedIn, current: &str, email: Email) -> Result<()> {
    again(services, by.user(), current).await?;
    let site = services.site.clone();
    services
        .db
        .write(async move |tx| {
            let person = users::user(tx, by.user()).await?;
            enqueue(tx, &mail::address_changing(&person, &email.shown)).await?;
            // An address that belongs to someone gets the email that they have an account already.
            let letter = if let Some(other) = users::by_email(tx, &email.key).await? {
                mail::known_already(&other, &site.page("/sign-in"))
            } else {
                let token = tx.token();
                let new = NewLink {
                    purpose: Purpose::Address,
                    user: by.user(),
                    email: &email.shown,
                    lasts: CONFIRM_LASTS,
                    mailed: site.mail_leaves,
                };
                store::insert_link(tx, &token, &new).await?;
                mail::confirm_address(&email.shown, &site.link("addresses", &token))
            };
            enqueue(tx, &letter).await?;
            let detail = json!({ "to": email.shown });
            audit::record(
                tx,
                Event::new(AccountId::nil(), by.user(), Action::AddressChangeAsked, by.user()).with(detail),
            )
            .await
        })
        .await
}

/// Which address a link confirms; opening it changes nothing.
///
/// # Errors
/// The link is no longer good.
pub async fn look_at_address(tx: &Tx, token: &Token) -> Result<String> {
    let link = store::link(tx, token, Purpose::Address).await?.ok_or_else(dead_link)?;
    if link.used_at.is_some() || link.expires_at <= tx.now() {
        return Err(dead_link());
    }
    Ok(link.email)
}

/// Completes a change of address; ends all sessions.
///
/// # Errors
/// The link is no longer good, or someone took the address meanwhile.
pub async fn confirm_address(tx: &Tx, token: &Token) -> Result<()> {
    let link = store::link(tx, token, Purpose::Address).await?.ok_or_else(dead_link)?;
    let email = Email::read(&link.email).map_err(|_| dead_link())?;
    if !store::use_link(tx, token, Purpose::Address).await? {
        return Err(dead_link());
    }
    if !users::set_email(tx, link.user, &email).await? {
        return Err(Error::conflict(
            "address_taken",
            "Someone else uses this address now. Choose another one.",
        ));
    }
    match link.mailed {
        true => users::prove(tx, link.user).await?,
        false => users::mark_unproved(tx, link.user).await?,
    }
    store::end_sessions(tx, link.user, None).await?;
    let detail = json!({ "to": email.shown });
    audit::record(tx, Event::new(AccountId::nil(), link.user, Action::AddressChanged, link.user).with(detail))
        .await
}

/// Changes the caller's name and type.
///
/// # Errors
/// The name can't be used.
pub async fn update_profile(
    tx: &Tx,
    by: &SignedIn,
    name: Option<&str>,
    kind: Option<UserType>,
) -> Result<UserRow> {
    let person = users::user(tx, by.user()).await?;
    let mut checks = Checks::default();
    let name = checks.take("name", text::line(name.unwrap_or(&person.name)));
    checks.done()?;
    let name = name.unwrap_or_default();
    users::update(tx, by.user(), &name, kind.unwrap_or(person.user_type)).await?;
    let detail = json!({ "name": name });
    audit::record(
        tx,
        Event::new(AccountId::nil(), by.user(), Action::ProfileChanged, by.user()).with(detail),
    )
    .await?;
    users::user(tx, by.user()).await
}

/// Whether the server still waits for its first person.
///
/// # Errors
/// The database fails.
pub async fn untouched(db: &Db) -> Result<bool> {
    db.read(async |tx| untouched_in(tx).await).await
}

/// As [`untouched`], within a transaction.
///
/// # Errors
/// The database fails.
pub async fn untouched_in(tx: &Tx) -> Result<bool> {
    Ok(!users::anybody(tx).await?)
}

/// Forgets the unproved sign-ups of an address that someone else has proved.
///
/// # Errors
/// The database fails.
pub async fn forget_sign_ups(tx: &Tx, email: &Email) -> Result<()> {
    store::forget_sign_ups(tx, &email.key).await
}
