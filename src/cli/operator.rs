//! `covey audit`, `covey user`, `covey check-config`: for the operator of the server.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use access::Role;
use billing::Shop;
use kernel::{
    addresses::Email,
    error::{Checks, Error, Result},
    id::{AccountId, PaymentId},
    links::Site,
    money::Money,
    practice::PracticeKind,
    text,
};
use people::{
    accounts, factors, sign_in,
    users::{self, UserType},
};
use platform::{
    audit::{self, Action, Event, Receipt, Verified},
    config::{Config, SignUp},
    jobs::SmtpUrl,
};
use storage::{Db, PostgresUrl, Tx};
use workflows::onboarding;

pub(super) async fn verify(db: &Db, files: &[PathBuf]) -> Result<ExitCode> {
    let mut receipts = Vec::new();
    for file in files {
        receipts.extend(receipts_in(file)?);
    }
    let held = receipts.len();
    let checked = db.read_heavy(async move |tx| check_all(tx, receipts).await);
    let (forged, checked) = checked.await?;
    for receipt in &forged {
        tell!("a receipt of {}, event {}, was not made with this server's key", receipt.account, receipt.seq);
    }
    for chain in &checked {
        let whose =
            if chain.account == AccountId::nil() { "server".to_owned() } else { chain.account.to_string() };
        match &chain.fault {
            None => tell!("{whose}: {} events, intact", chain.events),
            Some(fault) => tell!("{whose}: ALTERED at {fault}"),
        }
    }
    db.close().await;
    let whole = forged.is_empty() && checked.iter().all(|chain| chain.fault.is_none());
    if held > 0 {
        tell!("Checked against {}.", text::counted(held, "receipt", "receipts"));
    }
    tell!("{}", if whole { "The audit trail is intact." } else { "The audit trail was altered." });
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The receipts in a file.
fn receipts_in(file: &Path) -> Result<Vec<Receipt>> {
    let name = file.display();
    let text = std::fs::read(file)
        .map_err(|error| Error::unavailable(format!("Can't read {name}: {error}."), error))?;
    let found = Receipt::read_all(&String::from_utf8_lossy(&text));
    match found.is_empty() {
        true => Err(Error::field("receipt", format!("{name} contains no receipt."))),
        false => Ok(found),
    }
}

/// The receipts that this server did not make, and what the check of every chain found under the others.
async fn check_all(tx: &Tx, receipts: Vec<Receipt>) -> Result<(Vec<Receipt>, Vec<Verified>)> {
    let (mut ours, mut forged, mut checked) = (Vec::new(), Vec::new(), Vec::new());
    for receipt in receipts {
        let list = if receipt.is_ours(tx)? { &mut ours } else { &mut forged };
        list.push(receipt);
    }
    let mut accounts = audit::chains(tx).await?;
    accounts.extend(ours.iter().map(|receipt| receipt.account));
    accounts.sort();
    accounts.dedup();
    for account in accounts {
        checked.push(audit::verify_with(tx, account, &ours).await?);
    }
    Ok((forged, checked))
}

pub(super) async fn erase(db: &Db, account: Option<&str>, about: &str) -> Result<ExitCode> {
    let account = account.map_or(Ok(AccountId::nil()), account_of)?;
    let about = about.to_owned();
    let erased = db.write(async move |tx| audit::erase(tx, account, &about, None).await);
    tell!("Erased the details of {} events.", erased.await?);
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// A person to be made, as the command line names them.
pub(super) struct NewUser {
    pub(super) email: String,
    pub(super) name: String,
    pub(super) account: Option<String>,
    pub(super) practice_kind: String,
}

pub(super) async fn create(db: &Db, config: &Config, new: &NewUser) -> Result<ExitCode> {
    let mut checks = Checks::default();
    let email = checks.take("email", Email::read(&new.email));
    let name = checks.take("name", text::line(&new.name));
    let account = new.account.as_deref().map(str::parse::<AccountId>).transpose();
    checks.that(account.is_ok(), "account", "Enter an account's id. It starts with acc_.");
    let kind = checks.take("practice_kind", PracticeKind::chosen(PracticeKind::read(&new.practice_kind)));
    checks.done()?;
    let (Some(email), Some(name), Some(kind), Ok(account)) = (email, name, kind, account) else {
        return Err(Error::internal("checked above"));
    };
    let (base, trial) = (config.base_url(config.listen), config.trial());
    let link = db.write(async move |tx| {
        let user = tx.id();
        if users::by_email(tx, &email.key).await?.is_some() {
            return Err(Error::field("email", "Someone already uses this address. Use reset-password."));
        }
        users::insert(tx, user, &email, &name, UserType::Other, None).await?;
        match account {
            None => {
                onboarding::open_account(tx, tx.id(), accounts::Kind::Group, kind, &name, user, trial)
                    .await?;
            }
            Some(account) => {
                accounts::account_name(tx, account).await?;
                onboarding::join(tx, account, user, Role::Administrator).await?;
                audit::record(tx, Event::unattended(account, Action::MemberAdded, user)).await?;
            }
        }
        sign_in::reset_link(tx, user, &base).await
    });
    tell!("Created. The owner can set a password here within one hour:\n  {}", link.await?);
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn reset_password(db: &Db, config: &Config, email: &str) -> Result<ExitCode> {
    let key = Email::key_of(email);
    let base = config.base_url(config.listen);
    let link = db.write(async move |tx| {
        let user = users::by_email(tx, &key).await?;
        let user =
            user.ok_or_else(|| Error::field("email", "No one uses this address. Check its spelling."))?;
        audit::record(tx, audit::Event::unattended(AccountId::nil(), Action::MemberResetSent, user.id))
            .await?;
        sign_in::reset_link(tx, user.id, &base).await
    });
    tell!("They can reset their password here within one hour:\n  {}", link.await?);
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// For an owner who lost every factor and recovery code: nobody in the account may help them.
pub(super) async fn reset_second_factors(db: &Db, email: &str) -> Result<ExitCode> {
    let key = Email::key_of(email);
    let reset = db.write(async move |tx| {
        let user = users::by_email(tx, &key).await?;
        let user =
            user.ok_or_else(|| Error::field("email", "No one uses this address. Check its spelling."))?;
        factors::actions::reset_by_operator(tx, user.id).await
    });
    reset.await?;
    tell!("Reset. They are signed out everywhere, and set up a new second factor after they sign in.");
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

fn site(config: &Config) -> Site {
    Site {
        base_url: config.base_url(config.listen),
        mail_leaves: config.smtp.is_some(),
        hands_out: config.sign_up != SignUp::Open,
    }
}

fn account_of(text: &str) -> Result<AccountId> {
    text.parse().map_err(|_| Error::field("account", "Enter an account's id. It starts with acc_."))
}

pub(super) async fn admit(db: &Db, account: &str) -> Result<ExitCode> {
    let account = account_of(account)?;
    let admitted = db.write(async move |tx| {
        let name = accounts::account_name(tx, account).await?;
        let new = accounts::admit(tx, account).await?;
        if new {
            audit::record(tx, Event::unattended(account, Action::AccountAdmitted, account)).await?;
        }
        Ok((name, new))
    });
    let (name, new) = admitted.await?;
    tell!("{name} {} confirmed.", if new { "is" } else { "was already" });
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn add(db: &Db, config: &Config, email: &str) -> Result<ExitCode> {
    let named = email.to_owned();
    let new = db.write(async move |tx| workflows::operator::name(tx, &named).await).await?;
    let page = site(config).page("/operator");
    tell!("{email} {} an operator. Their pages: {page}", if new { "is" } else { "was already" });
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn remove(db: &Db, email: &str) -> Result<ExitCode> {
    let named = email.to_owned();
    db.write(async move |tx| workflows::operator::dismiss(tx, &named).await).await?;
    tell!("{email} is no longer an operator.");
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn list(db: &Db) -> Result<ExitCode> {
    let operators = db.read(async |tx| workflows::operator::operators(tx).await).await?;
    for one in &operators {
        tell!("{}  {}  since {}", one.email, one.name, one.since);
    }
    tell!("{} can open the operator's pages.", operators.len());
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn record_payment(
    db: &Db,
    config: &Config,
    invoice: &str,
    amount: Option<i64>,
    note: &str,
) -> Result<ExitCode> {
    let (shop, site) = (Shop::of(config), site(config));
    let (number, note) = (invoice.to_owned(), note.to_owned());
    let recorded = db.write(async move |tx| {
        billing::charges::record_by_operator(tx, &shop, &site, &number, amount, &note).await
    });
    tell!("Recorded as {}.", recorded.await?);
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn reported(db: &Db) -> Result<ExitCode> {
    let reported = db.read(async |tx| billing::charges::reported(tx).await).await?;
    for one in &reported {
        let amount = Money::new(one.amount, one.currency);
        tell!("{}  {}  {amount}  {}  {} ({})", one.id, one.at, one.note, one.name, one.account);
    }
    tell!("{} to confirm.", reported.len());
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

fn payment_of(text: &str) -> Result<PaymentId> {
    text.parse().map_err(|_| Error::field("payment", "Enter a payment's id. It starts with pay_."))
}

pub(super) async fn confirm(db: &Db, config: &Config, payment: &str) -> Result<ExitCode> {
    let (shop, site, id) = (Shop::of(config), site(config), payment_of(payment)?);
    let confirmed = db.write(async move |tx| billing::charges::confirm(tx, &shop, &site, None, id).await);
    tell!("{} confirmed.", confirmed.await?);
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn reject(db: &Db, payment: &str) -> Result<ExitCode> {
    let id = payment_of(payment)?;
    db.write(async move |tx| billing::charges::reject(tx, None, id).await).await?;
    tell!("Rejected.");
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn pay_out(
    db: &Db,
    config: &Config,
    account: &str,
    amount: Option<i64>,
    note: &str,
) -> Result<ExitCode> {
    let (shop, site, account, note) = (Shop::of(config), site(config), account_of(account)?, note.to_owned());
    let recorded = db.write(async move |tx| {
        billing::charges::record_payout(tx, &shop, &site, None, account, amount, &note).await
    });
    tell!("Recorded as {}.", recorded.await?);
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn arrange(db: &Db, account: &str, licenses: i64) -> Result<ExitCode> {
    let account = account_of(account)?;
    if !(1..=1_000_000).contains(&licenses) {
        return Err(Error::field("licenses", "Enter a number from 1 to 1,000,000."));
    }
    db.write(async move |tx| billing::subscriptions::arrange_limit(tx, account, licenses).await).await?;
    tell!("They can now buy up to {licenses} licenses.");
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

fn key_rate(most: u32) -> String {
    match most {
        0 => "any number of requests".to_owned(),
        most => format!("up to {most} requests a minute each, of each process"),
    }
}

pub(super) fn check_config(config: &Config) -> ExitCode {
    let database = match config.database.parse::<PostgresUrl>() {
        Ok(url) if config.database != "sqlite" => format!("PostgreSQL, {url}"),
        _ => config.database.clone(),
    };
    tell!("data               {}", config.data.display());
    tell!("listen             {}", config.listen);
    tell!("links begin with   {}", config.base_url(config.listen));
    tell!("database           {database}");
    let mail = match config.smtp.as_deref().map(str::parse::<SmtpUrl>) {
        Some(Ok(smtp)) => smtp.to_string(),
        _ => format!("files in {}", config.data.join("mail").display()),
    };
    tell!("mail               {mail}, from {}", config.mail_from);
    let key = match config.audit_key {
        Some(_) => "from the configuration".to_owned(),
        None => config.data.join(audit::key::FILE).display().to_string(),
    };
    let fonts = config.fonts.as_ref().map(|folder| folder.display().to_string());
    tell!("fonts for PDFs     {}", fonts.as_deref().unwrap_or("from the system's folders"));
    tell!("audit key          {key}; receipts by email: {:?}", config.receipt_mail);
    let passkeys = config.passkey_host().map_or_else(
        || "none, for they need a host name".to_owned(),
        |host| format!("bound to {host}: with another host, people set up new ones"),
    );
    tell!("passkeys           {passkeys}");
    tell!("sign-up            {:?}", config.sign_up);
    tell!("sessions           {} h idle, {} days in all", config.session_idle_hours, config.session_days);
    tell!(
        "trial              {} days with {} licenses, then {} days of grace",
        config.trial_days,
        config.trial_licenses,
        config.grace_days
    );
    tell!("licenses {} to {} without asking", config.licenses_least, config.licenses_most);
    tell!("payments           {:?}, in {}", config.payments, config.prices.currency.word());
    tell!("API keys           {}", key_rate(config.key_requests_per_minute));
    tell!("files              up to {} MiB each", config.file_limit_mib);
    for warning in config.warnings() {
        tell!("warning: {warning}");
    }
    tell!("The configuration is valid.");
    ExitCode::SUCCESS
}
