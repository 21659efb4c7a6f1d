//! Probes for whatever watches the server, and the API's document.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use access::Anyone;
use kernel::error::{Error, Result};
use platform::jobs;
use web::May;

pub(crate) async fn alive(_: May<Anyone>) -> Result<Response> {
    Ok("ok\n".into_response())
}

/// Whether it can serve, as text in any case: what asks is a program.
pub(crate) async fn ready(may: May<Anyone>) -> Result<Response> {
    let app = may.app();
    Ok(match app.readiness.trouble(&app.db, &app.blobs).await {
        None => format!("ready on {}\n", app.db.engine()).into_response(),
        Some(why) => {
            let kind = [(header::CONTENT_TYPE, "text/plain")];
            (StatusCode::SERVICE_UNAVAILABLE, kind, format!("not ready: {why}\n")).into_response()
        }
    })
}

/// What can be counted; in an outage, that there is one.
pub(crate) async fn metrics(may: May<Anyone>) -> Result<Response> {
    let app = may.app();
    let ready = i32::from(app.readiness.trouble(&app.db, &app.blobs).await.is_none());
    let mut text = format!(
        "# HELP covey_ready Whether the database and the data folder can be written.\n\
         # TYPE covey_ready gauge\n\
         covey_ready {ready}\n\
         # HELP covey_build_info The version.\n# TYPE covey_build_info gauge\n\
         covey_build_info{{version=\"{}\"}} 1\n",
        env!("CARGO_PKG_VERSION")
    );
    if let Ok(waiting) = app.db.read(async |tx| jobs::waiting(tx).await).await {
        text.push_str(&format!(
            "# HELP covey_mail_waiting Emails in the outbox.\n# TYPE covey_mail_waiting gauge\n\
             covey_mail_waiting {waiting}\n"
        ));
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

pub(crate) async fn openapi(may: May<Anyone>) -> Result<Response> {
    let json = may.app().document().to_json().map_err(Error::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], json).into_response())
}

pub(crate) async fn docs(may: May<Anyone>) -> Result<Response> {
    let mut frame = web::page::plain(&may, "API");
    frame.aside = "";
    web::page::ok(&may, &web::docs::page(frame, may.app().document()))
}
