//! The physical limits beside which the server is measured, and the client that sends each request once.
//!
//! `limits serve BODY PORT`   a bare axum handler that answers the bytes of the file BODY from memory
//! `limits query DB JOB`      the bare prepared statements of a read, without HTTP: CPU per operation
//! `limits fsync DIR`         an append of 4 KiB made durable
//! `limits load JOB`          requests out of a file, each sent once, over kept connections
//!
//! A JOB is a JSON file; every answer is one line of JSON on standard output.

mod fsync;
mod load;
mod query;
mod serve;

use std::{env, fs, process::ExitCode};

/// What ends a run: a sentence for the person who started it.
pub(crate) type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments = env::args().skip(1).collect::<Vec<_>>();
    let arguments = arguments.iter().map(String::as_str).collect::<Vec<_>>();
    let done = match arguments[..] {
        ["serve", body, port] => fs::read(body).map_err(Into::into).and_then(|body| serve::run(body, port)),
        ["query", database, job] => query::run(database, job),
        ["fsync", folder] => fsync::run(folder),
        ["load", job] => load::run(job),
        _ => Err("usage: limits serve BODY PORT | query DB JOB | fsync DIR | load JOB".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("limits: {error}");
            ExitCode::FAILURE
        }
    }
}
