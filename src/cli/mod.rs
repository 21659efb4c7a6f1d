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

/// Settings that every command takes. What is not given comes from the environment, the file, the defaults.
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
    /// The address and port to listen on; port 0 takes a free one.
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<SocketAddr>,
    /// The address by which people reach the server.
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
        /// Begin with a believable practice, and say how to sign in.
        #[arg(long)]
        demo: bool,
    },
    /// Bring the database's schema up to date, and end.
    Migrate,
    /// Copy the embedded database and the files into a new folder, while the server runs.
    Backup {
        /// The folder to be made.
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
        /// Go on where attached files have no bytes on the disk; they are listed.
        #[arg(long)]
        allow_missing_files: bool,
    },
    /// Put a backup back, into a data folder that holds no database.
    Restore {
        /// A folder that `backup` made.
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
        /// Go on where attached files have no bytes in the backup; they are listed.
        #[arg(long)]
        allow_missing_files: bool,
    },
    /// The audit trail.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// People, for an operator who is locked out.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Accounts: let practices in.
    Account {
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// Say who may open the operator's pages.
    Operator {
        #[command(subcommand)]
        command: OperatorCommand,
    },
    /// Money, for whoever keeps the books.
    Billing {
        #[command(subcommand)]
        command: BillingCommand,
    },
    /// Say what the configuration is, or what is wrong with it.
    CheckConfig,
}

#[derive(Subcommand)]
enum BillingCommand {
    /// Record that an invoice was paid, by a bank transfer for example.
    Record {
        /// The invoice's number: 2026-00001.
        #[arg(long)]
        invoice: String,
        /// How much, in minor units; all that is open, if it is left out.
        #[arg(long)]
        amount: Option<i64>,
        /// What else there is to say, such as the bank's reference.
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
        /// How much, in minor units; all of it, if it is left out.
        #[arg(long)]
        amount: Option<i64>,
        /// What else there is to say.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Let an account buy more licenses than self-service gives.
    Arrange {
        /// The account (`acc_…`).
        #[arg(long)]
        account: String,
        /// The most licenses.
        #[arg(long)]
        licenses: i64,
    },
}

#[derive(Subcommand)]
enum AccountCommand {
    /// Confirm that an account which was opened by sign-up is a practice, before it has paid.
    Admit {
        /// The account (`acc_…`).
        #[arg(long)]
        account: String,
    },
}

#[derive(Subcommand)]
enum OperatorCommand {
    /// Let a person open the operator's pages (`/operator`), after they type their password again.
    Add {
        /// Their email address.
        #[arg(long)]
        email: String,
    },
    /// Take the operator's pages from a person.
    Remove {
        /// Their email address.
        #[arg(long)]
        email: String,
    },
    /// List who may open the operator's pages.
    List,
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Check every account's audit trail; exit with 1 at a fault.
    Verify {
        /// A file with receipts to hold against it: a downloaded one, a day's of the data folder, a saved email.
        #[arg(long, value_name = "FILE")]
        receipt: Vec<PathBuf>,
    },
    /// Erase what the events about someone say about them, names and addresses; the erasure is an event.
    Erase {
        /// The account (`acc_…`); without it, the server's own trail.
        #[arg(long)]
        account: Option<String>,
        /// The person (`usr_…`), or another id that events are about.
        #[arg(long, value_name = "ID")]
        about: String,
    },
}

#[derive(Subcommand)]
enum UserCommand {
    /// Make a person, and print the link with which they choose a password.
    Create {
        /// Their email address.
        #[arg(long)]
        email: String,
        /// Their name.
        #[arg(long)]
        name: String,
        /// The account (`acc_…`) that they become an administrator of; without it they own a new one.
        #[arg(long)]
        account: Option<String>,
    },
    /// Print a link with which a person chooses a new password.
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
            eprintln!("The configuration can't be used:");
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
            eprintln!("The runtime can't be started: {error}");
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
        Command::User { command: UserCommand::Create { email, name, account } } => {
            operator::create(&open(&config).await?, &config, &email, &name, account.as_deref()).await
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
