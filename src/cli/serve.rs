//! `covey serve`.

use std::{io::Write as _, process::ExitCode};

use tokio::signal;

use crate::{
    app::{self, Server},
    demo,
};
use kernel::{
    clock::Clock,
    error::{Error, Result},
    random::Random,
};
use platform::config::Config;

pub(super) async fn serve(config: Config, with_demo: bool) -> Result<ExitCode> {
    let signs = if with_demo { Some(demo::prepare(&config).await?) } else { None };
    let server = Server::open(config, Clock::System, Random::System).await?;
    let base = &server.app().site.base_url;
    if let Some(code) = app::set_up_code(server.app()).await? {
        say(&format!("This server is new. Set it up here:\n  {base}/set-up?code={}", code.reveal()))?;
    }
    if let Some(signs) = signs {
        say(&signs)?;
    }
    say(&format!("listening on http://{}", server.address()))?;
    server.run(end()).await?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a line where scripts and people look for it.
fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(Error::internal)
}

/// Completes when the operator or the system asks the server to end.
async fn end() {
    let interrupted = async {
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut term) => drop(term.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
