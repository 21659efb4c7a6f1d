//! `covey audit`, `covey user`, `covey check-config`: for whoever runs the server.

use std::process::ExitCode;

use access::Role;
use billing::Shop;
use kernel::{
    error::{Checks, Error, Result},
    id::AccountId,
    links::Site,
    text::{self, Email},
};
use people::{
    accounts, sign_in,
    users::{self, UserType},
};
use platform::{
    audit::{self, Action, Event},
    config::Config,
    jobs::SmtpUrl,
};
use storage::{Db, PostgresUrl};
use workflows::onboarding;

pub(super) async fn verify(db: &Db) -> Result<ExitCode> {
    let checked = db.read_heavy(async |tx| {
        let mut checked = Vec::new();
        for account in audit::chains(tx).await? {
            checked.push(audit::verify(tx, account).await?);
        }
        Ok(checked)
    });
    let checked = checked.await?;
    for chain in &checked {
        let whose =
            if chain.account == AccountId::nil() { "server".to_owned() } else { chain.account.to_string() };
        match &chain.fault {
            None => tell!("{whose}: {} events, whole", chain.events),
            Some(fault) => tell!("{whose}: BROKEN at {fault}"),
        }
    }
    db.close().await;
    let whole = checked.iter().all(|chain| chain.fault.is_none());
    tell!("{}", if whole { "The audit trail is whole." } else { "The audit trail was tampered with." });
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) async fn create(
    db: &Db,
    config: &Config,
    email: &str,
    name: &str,
    account: Option<&str>,
) -> Result<ExitCode> {
    let mut checks = Checks::default();
    let email = checks.take("email", Email::read(email));
    let name = checks.take("name", text::line(name));
    let account = account.map(str::parse::<AccountId>).transpose();
    checks.that(account.is_ok(), "account", "This is not an account's id; it begins with acc_.");
    checks.done()?;
    let (Some(email), Some(name), Ok(account)) = (email, name, account) else {
        return Err(Error::internal("checked above"));
    };
    let (base, trial) = (config.base_url(config.listen), config.trial());
    let link = db.write(async move |tx| {
        let user = tx.id();
        if users::by_email(tx, &email.key).await?.is_some() {
            return Err(Error::field(
                "email",
                "This address belongs to somebody already. Use reset-password.",
            ));
        }
        users::insert(tx, user, &email, &name, UserType::Other, None).await?;
        match account {
            None => onboarding::open_account(tx, tx.id(), accounts::Kind::Group, &name, user, trial).await?,
            Some(account) => {
                accounts::account_name(tx, account).await?;
                onboarding::join(tx, account, user, Role::Administrator).await?;
                audit::record(tx, Event::unattended(account, Action::MemberAdded, user)).await?;
            }
        }
        sign_in::reset_link(tx, user, &base).await
    });
    tell!("Made. They choose their password here, within one hour:\n  {}", link.await?);
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn reset_password(db: &Db, config: &Config, email: &str) -> Result<ExitCode> {
    let key = text::fold(email.trim());
    let base = config.base_url(config.listen);
    let link = db.write(async move |tx| {
        let user = users::by_email(tx, &key).await?;
        let user = user.ok_or_else(|| Error::field("email", "Nobody has this address."))?;
        audit::record(tx, audit::Event::unattended(AccountId::nil(), Action::MemberResetSent, user.id))
            .await?;
        sign_in::reset_link(tx, user.id, &base).await
    });
    tell!("They choose a new password here, within one hour:\n  {}", link.await?);
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

fn site(config: &Config) -> Site {
    Site { base_url: config.base_url(config.listen), mail_leaves: config.smtp.is_some() }
}

fn account_of(text: &str) -> Result<AccountId> {
    text.parse().map_err(|_| Error::field("account", "This is not an account's id; it begins with acc_."))
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

pub(super) async fn pay_out(
    db: &Db,
    config: &Config,
    account: &str,
    amount: Option<i64>,
    note: &str,
) -> Result<ExitCode> {
    let (shop, site, account, note) = (Shop::of(config), site(config), account_of(account)?, note.to_owned());
    let recorded = db.write(async move |tx| {
        billing::charges::record_payout(tx, &shop, &site, account, amount, &note).await
    });
    tell!("Recorded as {}.", recorded.await?);
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn arrange(db: &Db, account: &str, licenses: i64) -> Result<ExitCode> {
    let account = account_of(account)?;
    if !(1..=1_000_000).contains(&licenses) {
        return Err(Error::field("licenses", "From 1 to 1,000,000."));
    }
    db.write(async move |tx| billing::subscriptions::arrange_limit(tx, account, licenses).await).await?;
    tell!("They can buy up to {licenses} licenses by themselves now.");
    db.close().await;
    Ok(ExitCode::SUCCESS)
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
    tell!("sign-up            {:?}", config.sign_up);
    tell!("sessions           {} h idle, {} days in all", config.session_idle_hours, config.session_days);
    tell!(
        "trial              {} days with {} licenses, then {} days of grace",
        config.trial_days,
        config.trial_licenses,
        config.grace_days
    );
    tell!("licenses           {} to {} by self-service", config.licenses_least, config.licenses_most);
    tell!("payments           {:?}, in {}", config.payments, config.prices.currency.word());
    tell!("files              up to {} MiB each", config.file_limit_mib);
    let https = config.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    if !config.listen.ip().is_loopback() && !https {
        tell!(
            "warning: people reach this server over the network without https; set public_url to an https address."
        );
    }
    if config.database.parse::<PostgresUrl>().is_ok_and(|url| url.trusts_the_network()) {
        tell!(
            "warning: nothing proves that PostgreSQL on the other machine is yours; sslmode=verify-full does."
        );
    }
    if config.public_url.is_none() && config.smtp.is_some() {
        tell!("warning: links in mail will begin with {}; set public_url.", config.base_url(config.listen));
    }
    tell!("The configuration can be used.");
    ExitCode::SUCCESS
}
