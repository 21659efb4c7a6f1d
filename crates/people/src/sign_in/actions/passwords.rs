//! Passwords: forgotten, reset, changed, and typed again before what a stolen session must not do.

use serde_json::json;

use super::{Mailed, dead_link, mail_allowed, sessions::know_browser, whom};
use crate::{
    factors, sessions,
    sign_in::{
        RESET_LASTS,
        attempts::{FREE_FAILURES, From, MOST_WRONG, flow, take_anonymous_try, take_try},
        mail,
        store::{self, NewLink, Purpose},
    },
    users,
};
use access::SignedIn;
use kernel::{
    addresses::Email,
    error::{Error, Result},
    id::{AccountId, SessionId, UserId},
    links::Site,
    passwords::{self, acceptable_beside},
    random::Token,
    turns::Flow,
};
use platform::{
    Services,
    audit::{self, Action, Event},
    jobs::enqueue,
};
use storage::Tx;

/// Tells a person by mail that their password is locked from now on.
pub(super) async fn tell_locked(services: &Services, user: Option<UserId>) -> Result<()> {
    let Some(user) = user else { return Ok(()) };
    let link = services.site.page("/forgot-password");
    let told = async move |tx: &Tx| {
        let person = users::user(tx, user).await?;
        enqueue(tx, &mail::locked(&person, &link)).await.map(drop)
    };
    services.db.write(told).await
}

/// Sends a link to choose a new password, to the address. Unknown addresses get an email that says so:
/// the answer, the statements and the number of mails are the same. The link for nobody is kept too, and goes nowhere.
///
/// # Errors
/// The database fails.
pub async fn ask_reset(tx: &Tx, site: &Site, email: &Email, from: &From) -> Result<()> {
    take_anonymous_try(tx, from).await?;
    if !mail_allowed(tx, &email.key, Mailed::Reset).await? {
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
    let (email, rule) = services
        .db
        .read(async |tx| {
            let email = look_at_reset(tx, &token).await?;
            let rule = match users::by_email(tx, &Email::key_of(&email)).await? {
                Some(person) => Rule::of(tx, &person).await?,
                None => Rule { own: vec![email.clone()], beside: false },
            };
            Ok((email, rule))
        })
        .await?;
    rule.accepts(password)?;
    let short = passwords::short(password);
    let hash = services.passwords.hash(&flow(&from, &Email::key_of(&email)), password).await?;
    services
        .db
        .write(async move |tx| {
            let link = store::link(tx, &token, Purpose::Reset).await?.ok_or_else(dead_link)?;
            if !store::use_link(tx, &token, Purpose::Reset).await? {
                return Err(dead_link());
            }
            change_password(tx, link.user, &hash, short, None).await?;
            if link.mailed {
                users::prove(tx, link.user).await?;
            }
            know_browser(tx, link.user, &from).await
        })
        .await
}

/// What a person's password must be like.
struct Rule {
    /// What those who know them would guess.
    own: Vec<String>,
    /// Whether it stands beside a second factor, and so may be shorter.
    beside: bool,
}

impl Rule {
    async fn of(tx: &Tx, person: &users::UserRow) -> Result<Self> {
        let beside = factors::ways(tx, person.id).await?.any();
        Ok(Self { own: users::known_words(tx, person).await?, beside })
    }

    fn accepts(&self, password: &str) -> Result<()> {
        let own = self.own.iter().map(String::as_str).collect::<Vec<_>>();
        let accepted = if self.beside {
            acceptable_beside(password, &own)
        } else {
            passwords::acceptable(password, &own)
        };
        accepted.map_err(|why| Error::field("password", why))
    }
}

/// Keeps a new password, ends the other sessions, tells the person, notes it.
async fn change_password(
    tx: &Tx,
    user: UserId,
    hash: &str,
    short: bool,
    keep: Option<SessionId>,
) -> Result<()> {
    // The last factor may have gone while the password was being hashed.
    if short && !factors::ways(tx, user).await?.any() {
        return Err(Error::conflict(
            "factor_gone",
            "Your second factor was removed. Choose a longer password.",
        ));
    }
    users::set_password(tx, user, hash).await?;
    users::mark_password(tx, user, short).await?;
    sessions::end_sessions(tx, user, keep).await?;
    let person = users::user(tx, user).await?;
    store::forget(tx, &format!("address:{}", Email::key_of(&person.email))).await?;
    enqueue(tx, &mail::password_changed(&person)).await?;
    audit::record(tx, Event::new(AccountId::nil(), user, Action::PasswordChanged, user)).await
}

/// Checks the caller's own password again, before something that a stolen session must not do.
pub(super) async fn again(services: &Services, user: UserId, password: &str) -> Result<()> {
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
    services.db.write(async move |tx| sessions::prove_session(tx, by.session()).await).await
}

/// Changes the caller's password.
///
/// # Errors
/// The present one is wrong, or the new one is not accepted.
pub async fn change_own_password(services: &Services, by: SignedIn, current: &str, new: &str) -> Result<()> {
    let own = services.db.read(async |tx| {
        let person = users::user(tx, by.user()).await?;
        Rule::of(tx, &person).await
    });
    own.await?.accepts(new)?;
    let short = passwords::short(new);
    again(services, by.user(), current).await?;
    let flow = Flow { account: by.user().to_string(), place: by.user().to_string() };
    let hash = services.passwords.hash(&flow, new).await?;
    let changed = async move |tx: &Tx| change_password(tx, by.user(), &hash, short, Some(by.session())).await;
    services.db.write(changed).await
}
