//! Probes for whatever watches the server, and the API's document.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

use access::Anyone;
use kernel::error::{Error, Result};
use platform::jobs;
use web::May;

pub(crate) async fn alive(_: May<Anyone>) -> Result<Response> {
    Ok("ok\n".into_response())
}

pub(crate) async fn ready(may: May<Anyone>) -> Result<Response> {
    may.app().db.read(async |tx| jobs::waiting(tx).await).await?;
    Ok(format!("ready on {}\n", may.app().db.engine()).into_response())
}

pub(crate) async fn metrics(may: May<Anyone>) -> Result<Response> {
    let waiting = may.app().db.read(async |tx| jobs::waiting(tx).await).await?;
    let text = format!(
        "# HELP covey_mail_waiting Letters in the outbox.\n# TYPE covey_mail_waiting gauge\n\
         covey_mail_waiting {waiting}\n\
         # HELP covey_build_info The version.\n# TYPE covey_build_info gauge\n\
         covey_build_info{{version=\"{}\"}} 1\n",
        env!("CARGO_PKG_VERSION")
    );
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
