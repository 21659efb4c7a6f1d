//! The verbs of beginning.

use access::{GroupRole, Role, SignedIn};
use kernel::{
    addresses::Email,
    error::{Checks, Error, Result},
    id::{AccountId, GroupId, LocationId, UserId},
    passwords::acceptable,
    practice::PracticeKind,
    prices::Trial,
    random::Token,
    text,
};
use people::{
    accounts::{self, Kind},
    groups, locations,
    sign_in::{
        self,
        actions::{Completed, Entered, From},
    },
    users::{self, UserType},
};
use platform::{Services, config::SignUp};
use storage::Tx;

use crate::onboarding::open_account;

/// What first-run set-up asks for.
#[derive(Clone, Debug)]
pub struct SetUp {
    /// The code that was printed at the first start.
    pub code: String,
    /// The account's name.
    pub account_name: String,
    /// What kind of practice it is, if that was chosen.
    pub practice_kind: Option<PracticeKind>,
    /// The owner's name.
    pub name: String,
    /// The owner's address.
    pub email: String,
    /// The owner's password.
    pub password: String,
    /// The account's time zone, by IANA's name; UTC where it is empty.
    pub time_zone: String,
    /// The first group's name; empty where groups come later.
    pub group_name: String,
    /// Its first location's name; empty where locations come later.
    pub location_name: String,
}

/// What set-up made.
pub struct Begun {
    /// The owner, signed in.
    pub entered: Entered,
    /// The account.
    pub account: AccountId,
    /// The first group, if one was named.
    pub group: Option<GroupId>,
    /// Its location, if one was named.
    pub location: Option<LocationId>,
}

/// Makes the first account of a server, with its owner and, if they are named, a first group and location. Works once,
/// and only with the code that was shown to the person who started the server.
///
/// # Errors
/// The server is set up already (as if there were no such thing), or a field can't be used.
pub async fn set_up(services: &Services, input: SetUp, from: From) -> Result<Begun> {
    let code_file = services.config.data.join("set-up-code");
    let expected = tokio::fs::read_to_string(&code_file).await.ok();
    let untouched = sign_in::actions::untouched(&services.db).await?;
    let Some(expected) = expected.filter(|_| untouched) else { return Err(Error::not_found()) };
    let (given, expected) = (Token::presented(input.code.trim()), Token::presented(expected.trim()));
    let mut checks = Checks::default();
    checks.that(
        given.digest() == expected.digest(),
        "code",
        "This set-up code isn't right. Find it in the file set-up-code in the server's data folder.",
    );
    let account_name =
        checks.take("account_name", text::required_line(&input.account_name, "Enter an account name."));
    let practice_kind = checks.take("practice_kind", PracticeKind::chosen(input.practice_kind));
    let name = checks.take("name", text::line(&input.name));
    let email = checks.take("email", Email::read(&input.email));
    let own = [&input.email, &input.name, &input.account_name, &input.group_name, &input.location_name];
    checks.take("password", acceptable(&input.password, &own.map(String::as_str)));
    let zone = if input.time_zone.is_empty() { "UTC".to_owned() } else { input.time_zone };
    checks.that(jiff::tz::TimeZone::get(&zone).is_ok(), "time_zone", "Choose a time zone from the list.");
    let group_name =
        checks.take("group_name", text::optional_line(&input.group_name)).flatten().unwrap_or_default();
    let location_name =
        checks.take("location_name", text::optional_line(&input.location_name)).flatten().unwrap_or_default();
    checks.that(
        location_name.is_empty() || !group_name.is_empty(),
        "group_name",
        "A location belongs to a group. Name the group, or leave the location blank.",
    );
    checks.done()?;
    let (Some(account_name), Some(practice_kind), Some(name), Some(email)) =
        (account_name, practice_kind, name, email)
    else {
        return Err(Error::internal("checked above"));
    };
    let flow = sign_in::actions::flow(&from, &email.key);
    let hash = services.passwords.hash(&flow, &input.password).await?;
    let (length, trial) = (services.config.session_length(), services.config.trial());
    let begun = services.db.write(async move |tx| {
        let user: UserId = tx.id();
        if !sign_in::actions::untouched_in(tx).await? {
            return Err(Error::not_found());
        }
        users::insert(tx, user, &email, &name, UserType::Other, Some(&hash)).await?;
        let account = tx.id();
        open_account(tx, account, Kind::Group, practice_kind, &account_name, user, trial).await?;
        accounts::set_time_zone(tx, account, &zone).await?;
        let (mut group, mut location) = (None, None);
        if !group_name.is_empty() {
            let first = groups::create(tx, account, user, &group_name, "").await?;
            groups::add(tx, account, first, user, GroupRole::Administrator, user).await?;
            group = Some(first);
            if !location_name.is_empty() {
                location = Some(locations::create(tx, account, first, user, &location_name, "").await?);
            }
        }
        let entered = sign_in::actions::enter(tx, user, length, &from).await?;
        Ok(Begun { entered, account, group, location })
    });
    let begun = begun.await?;
    if let Err(error) = tokio::fs::remove_file(&code_file).await {
        tracing::warn!(%error, "the used set-up code could not be removed; it is void all the same");
    }
    Ok(begun)
}

/// Opens a person's own account, with its trial. A person who was removed from a practice goes on this way.
///
/// # Errors
/// A field can't be used, or they own an account already.
pub async fn open_own(
    tx: &Tx,
    by: &SignedIn,
    name: &str,
    practice_kind: Option<PracticeKind>,
    trial: Trial,
    open: SignUp,
) -> Result<AccountId> {
    let mut checks = Checks::default();
    let name =
        checks.take("account_name", text::required_line(name, "Enter an account name.")).unwrap_or_default();
    let practice_kind = checks.take("practice_kind", PracticeKind::chosen(practice_kind)).unwrap_or_default();
    checks.done()?;
    if accounts::belongings(tx, by.user()).await?.iter().any(|row| row.role == Role::Owner) {
        return Err(Error::conflict(
            "account_owned",
            "You already own an account. Choose a plan for it, or transfer its ownership first.",
        ));
    }
    let id = tx.id();
    // A trial is for getting to know Covey: who closed an account has done that.
    let trial = match accounts::closed_one(tx, by.user()).await? {
        true => Trial { days: 0, grace_days: 0, ..trial },
        false => trial,
    };
    open_account(tx, id, Kind::Individual, practice_kind, &name, by.user(), trial).await?;
    if open == SignUp::Open {
        accounts::await_admission(tx, id).await?;
    }
    Ok(id)
}

/// Completes a sign-up: who has the link and knows the password proves both the address and that the sign-up
/// is their own.
///
/// # Errors
/// The link is no longer good, or the password is wrong.
pub async fn verify(services: &Services, token: &Token, password: &str, from: From) -> Result<Entered> {
    let proved = sign_in::actions::prove_sign_up(services, token, password, &from).await?;
    let (length, trial) = (services.config.session_length(), services.config.trial());
    let site = services.site.clone();
    services
        .db
        .write(async move |tx| {
            let made = sign_in::actions::complete_sign_up(tx, &proved, &site).await?;
            let Completed { user, account, account_name, practice_kind } = &made;
            open_account(tx, *account, Kind::Individual, *practice_kind, account_name, *user, trial).await?;
            accounts::await_admission(tx, made.account).await?;
            sign_in::actions::enter(tx, made.user, length, &from).await
        })
        .await
}
