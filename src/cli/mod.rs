//! The command line.
pub fn run(_: Cli) -> std::process::ExitCode { std::process::ExitCode::SUCCESS }
/// x
#[derive(clap::Parser)]
pub struct Cli {}
