//! The command line: what an operator does with the one binary.

/// Writes a line for people and scripts; a reader who has gone away (`| head`) is no error.
macro_rules! tell {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

mod backup;
mod log;
mod operator;
mod serve;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use crate::demo;
use kernel::{clock::Clock, error::Error, random::Random};
use platform::config::Config;
use storage::Db;

/// Group accounts for clinical practices: who belongs, who sees what, who pays.
#[derive(Parser)]
#[command(version, about, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Settings that every command takes. Others come from the environment, the file, or the defaults.
#[derive(Args)]
struct Common {
    /// The configuration file (TOML).
    #[arg(long, global = true, env = "COVEY_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Args, Serialize)]
struct Flags {
    /// The folder for the embedded database, files and mail.
    #[arg(long, global = true, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<PathBuf>,
    /// The address and port to listen on. Port 0 uses any free port.
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<SocketAddr>,
    /// The address where people reach the server.
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    public_url: Option<String>,
    /// `sqlite`, or `postgres://user@host/name`.
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the pages and the API.
    Serve {
        /// Start with a demo practice, and print how to sign in.
        #[arg(long)]
        demo: bool,
    },
    /// Update the database's schema, and exit.
    Migrate,
    /// Copy the embedded database and the files into a new folder, while the server runs.
    Backup {
        /// The folder to create.
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
        /// Continue even if attached files are missing on the disk, and list them.
        #[arg(long)]
        allow_missing_files: bool,
    },
    /// Restore a backup into a data folder without a database.
    Restore {
        /// A folder created by `backup`.
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
        /// Continue even if attached files are missing in the backup, and list them.
        #[arg(long)]
        allow_missing_files: bool,
    },
    /// Check the audit trail, or erase personal details from it.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Create people and reset passwords, for example when you are locked out.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Confirm accounts as practices.
    Account {
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// Choose who can open the operator's pages.
    Operator {
        #[command(subcommand)]
        command: OperatorCommand,
    },
    /// Record and confirm payments and refunds.
    Billing {
        #[command(subcommand)]
        command: BillingCommand,
    },
    /// Show the configuration, or its errors.
    CheckConfig,
}

#[derive(Subcommand)]
enum BillingCommand {
    /// Record that an invoice was paid, by a bank transfer for example.
    Record {
        /// The invoice's number: 2026-00001.
        #[arg(long)]
        invoice: String,
        /// The amount in minor units, such as cents. Without it, the whole amount due.
        #[arg(long)]
        amount: Option<i64>,
        /// A note, such as the bank's reference.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// List the payments that accounts reported and that are not confirmed yet.
    Reported,
    /// Confirm a payment that an account reported: the money arrived.
    Confirm {
        /// The payment (`pay_…`).
        #[arg(long)]
        payment: String,
    },
    /// Reject a payment that an account reported: the money did not arrive.
    Reject {
        /// The payment (`pay_…`).
        #[arg(long)]
        payment: String,
    },
    /// Record that an account's credit was paid out to it.
    PayOut {
        /// The account (`acc_…`).
        #[arg(long)]
        account: String,
        /// The amount in minor units, such as cents. Without it, the whole credit.
        #[arg(long)]
        amount: Option<i64>,
        /// A note.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Let an account buy more licenses than the usual limit.
    Arrange {
        /// The account (`acc_…`).
        #[arg(long)]
        account: String,
        /// The new limit.
        #[arg(long)]
        licenses: i64,
    },
}

#[derive(Subcommand)]
enum AccountCommand {
    /// Confirm that an account opened by sign-up is a practice, before it has paid.
    Admit {
        /// The account (`acc_…`).
        #[arg(long)]
        account: String,
    },
}

#[derive(Subcommand)]
enum OperatorCommand {
    /// Let a person open the operator's pages (`/operator`) after they enter their password again.
    Add {
        /// Their email address.
        #[arg(long)]
        email: String,
    },
    /// Stop a person from opening the operator's pages.
    Remove {
        /// Their email address.
        #[arg(long)]
        email: String,
    },
    /// List who can open the operator's pages.
    List,
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Check every account's audit trail. Exits with 1 if it finds a fault.
    Verify {
        /// A file with receipts to check against: a download, a day's file from the data folder, or a saved email.
        #[arg(long, value_name = "FILE")]
        receipt: Vec<PathBuf>,
    },
    /// Erase a person's details, such as names and addresses, from events. The erasure is an event too.
    Erase {
        /// The account (`acc_…`). Without it, the server's own trail.
        #[arg(long)]
        account: Option<String>,
        /// The person (`usr_…`), or another id that events are about.
        #[arg(long, value_name = "ID")]
        about: String,
    },
}

#[derive(Subcommand)]
enum UserCommand {
    /// Create a person, and print a link to set their password.
    Create {
        /// Their email address.
        #[arg(long)]
        email: String,
        /// Their name.
        #[arg(long)]
        name: String,
        /// The account (`acc_…`) that they become an administrator of. Without it, they own a new account.
        #[arg(long)]
        account: Option<String>,
        /// What kind of practice a new account is: `veterinary`, `behavioral_health` or `other`.
        #[arg(long, default_value = "other", conflicts_with = "account")]
        practice_kind: String,
    },
    /// Take a person's second factors away, so that they set up new ones after they sign in.
    ResetSecondFactors {
        /// Their email address.
        #[arg(long)]
        email: String,
    },
    /// Print a link to reset a person's password.
    ResetPassword {
        /// Their email address.
        #[arg(long)]
        email: String,
    },
}

/// Does what the command line says.
pub fn run(cli: Cli) -> ExitCode {
    let mut common = cli.common;
    if let Command::Serve { demo: true } = cli.command {
        common.flags.data.get_or_insert_with(|| demo::FOLDER.into());
    }
    let config = match Config::load(common.config.as_deref(), &common.flags) {
        // The demo shows all there is.
        Ok(config) if matches!(cli.command, Command::Serve { demo: true }) => {
            Config { billing: platform::config::Billing::On, ..config }
        }
        Ok(config) => config,
        Err(mistakes) => {
            eprintln!("The configuration has errors:");
            for mistake in mistakes {
                eprintln!("  - {mistake}");
            }
            return ExitCode::from(2);
        }
    };
    log::start(&config);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("Can't start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(dispatch(cli.command, config)) {
        Ok(code) => code,
        Err(error) => {
            explain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Tells an operator what went wrong, the cause included: they may see it.
fn explain(error: &Error) {
    eprintln!("{}", error.public());
    for field in error.fields() {
        eprintln!("  {}: {}", field.field, field.detail);
    }
    tracing::debug!(?error);
}

async fn dispatch(command: Command, config: Config) -> Result<ExitCode, Error> {
    match command {
        Command::Serve { demo } => serve::serve(config, demo).await,
        Command::Migrate => {
            let db = open(&config).await?;
            tell!("The schema is up to date ({}).", db.engine());
            db.close().await;
            Ok(ExitCode::SUCCESS)
        }
        Command::Backup { to, allow_missing_files } => {
            backup::backup(&config, &to, allow_missing_files).await
        }
        Command::Restore { from, allow_missing_files } => {
            backup::restore(&config, &from, allow_missing_files).await
        }
        Command::Audit { command: AuditCommand::Verify { receipt } } => {
            operator::verify(&open(&config).await?, &receipt).await
        }
        Command::Audit { command: AuditCommand::Erase { account, about } } => {
            operator::erase(&open(&config).await?, account.as_deref(), &about).await
        }
        Command::User { command: UserCommand::Create { email, name, account, practice_kind } } => {
            let new = operator::NewUser { email, name, account, practice_kind };
            operator::create(&open(&config).await?, &config, &new).await
        }
        Command::User { command: UserCommand::ResetSecondFactors { email } } => {
            operator::reset_second_factors(&open(&config).await?, &email).await
        }
        Command::User { command: UserCommand::ResetPassword { email } } => {
            operator::reset_password(&open(&config).await?, &config, &email).await
        }
        Command::Account { command: AccountCommand::Admit { account } } => {
            operator::admit(&open(&config).await?, &account).await
        }
        Command::Operator { command } => {
            let db = open(&config).await?;
            match command {
                OperatorCommand::Add { email } => operator::add(&db, &config, &email).await,
                OperatorCommand::Remove { email } => operator::remove(&db, &email).await,
                OperatorCommand::List => operator::list(&db).await,
            }
        }
        Command::Billing { command } => {
            let db = open(&config).await?;
            match command {
                BillingCommand::Record { invoice, amount, note } => {
                    operator::record_payment(&db, &config, &invoice, amount, &note).await
                }
                BillingCommand::Reported => operator::reported(&db).await,
                BillingCommand::Confirm { payment } => operator::confirm(&db, &config, &payment).await,
                BillingCommand::Reject { payment } => operator::reject(&db, &payment).await,
                BillingCommand::PayOut { account, amount, note } => {
                    operator::pay_out(&db, &config, &account, amount, &note).await
                }
                BillingCommand::Arrange { account, licenses } => {
                    operator::arrange(&db, &account, licenses).await
                }
            }
        }
        Command::CheckConfig => Ok(operator::check_config(&config)),
    }
}

async fn open(config: &Config) -> Result<Db, Error> {
    crate::app::open_database(config, Clock::System, Random::System).await
}
