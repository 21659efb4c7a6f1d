//! `covey serve`.

use std::{
    io::{IsTerminal as _, Write as _},
    process::ExitCode,
};

use tokio::signal;

use crate::{
    app::{self, Server},
    demo,
};
use kernel::{
    clock::Clock,
    error::{Error, Result},
    random::{Random, Token},
};
use platform::{Services, config::Config};

pub(super) async fn serve(config: Config, with_demo: bool) -> Result<ExitCode> {
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let signs = if with_demo { Some(demo::prepare(&config).await?) } else { None };
    let server = Server::open(config, Clock::System, Random::System).await?;
    if let Some(code) = app::set_up_code(server.app()).await? {
        say(&how_to_set_up(server.app(), &code))?;
    }
    if let Some(signs) = signs {
        say(&signs)?;
    }
    say(&format!("listening on http://{}", server.address()))?;
    server.run(end()).await?;
    Ok(ExitCode::SUCCESS)
}

/// How a fresh server is claimed. The code is for someone who watches; it must not reach a log that a service's
/// output goes to, so there only its file is named.
fn how_to_set_up(services: &Services, code: &Token) -> String {
    let base = &services.site.base_url;
    if std::io::stdout().is_terminal() {
        return format!("This server is new. Set it up here:\n  {base}/set-up?code={}", code.reveal());
    }
    let file = services.config.data.join(app::SET_UP_CODE);
    format!("This server is new. Set it up at {base}/set-up with the code in\n  {}", file.display())
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
