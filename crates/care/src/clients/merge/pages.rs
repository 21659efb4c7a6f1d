//! The page that merges two clients: choose the other, look at what will happen, do it.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::clients::{
    ClientRow,
    merge::actions::{self, Preview},
    pages::{client_crumb, list_crumb},
};
use access::ClientCurator;
use kernel::{
    error::{Error, Result},
    id::{ClientId, GroupId},
};
use platform::access_log::{Opened, Record};
use web::{
    Form, May, Query,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, go_with},
    parts::link,
};

/// The client to merge into, or what to search for.
#[derive(Clone, Default, Deserialize, utoipa::IntoParams)]
pub(crate) struct MergeQuery {
    into: Option<String>,
    q: Option<String>,
}

#[derive(Template)]
#[template(path = "clients/templates/merge.html")]
struct MergePage {
    frame: Frame,
    path: String,
    back: String,
    from: ClientRow,
    entry: Entry,
    candidates: Vec<ClientRow>,
    preview: Option<Preview>,
}

impl MergePage {
    fn choose(&self, row: &ClientRow) -> String {
        link(&self.path, &[("into", &row.id.to_string())])
    }
}

async fn merge_page(may: &May<ClientCurator>, query: MergeQuery, error: Option<Error>) -> Result<Response> {
    let words = query.q.clone().unwrap_or_default();
    let (search, into) = (words.clone(), query.into.as_deref().map(str::parse::<ClientId>));
    let (into, shell) = (into.transpose().unwrap_or_default(), may.shell());
    let (frame, from, candidates, preview) = may
        .read_heavy(async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let (from, candidates) = actions::candidates(tx, by, &search).await?;
            let preview = match into {
                Some(into) => Some(actions::preview(tx, by, into).await),
                None => None,
            };
            let other = into.map(|into| Opened::new(by.account(), by.user(), Record::Client, into));
            Ok((frame, from, candidates, (preview, other)))
        })
        .await?;
    let (preview, other) = preview;
    if let (Some(Ok(_)), Some(other)) = (&preview, other) {
        may.also_opened(other).await?;
    }
    let (preview, refused) = match preview {
        Some(Ok(preview)) => (Some(preview), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let form = Form::of([("q".to_owned(), words)]);
    let entry = match error.or(refused) {
        Some(error) => Entry::again(form, error)?,
        None => Entry::from(form),
    };
    let (path, back) = (may.request().path.clone(), format!("/g/{}/clients/{}", from.group, from.id));
    let between = [list_crumb(from.group), client_crumb(&from)];
    let status = entry.status();
    let frame = frame.page(may, "clients", between, "Merge");
    page::show(may, status, &MergePage { frame, path, back, from, entry, candidates, preview })
}

pub(crate) async fn choose(may: May<ClientCurator>, Query(query): Query<MergeQuery>) -> Result<Response> {
    merge_page(&may, query, None).await
}

pub(crate) async fn merge(may: May<ClientCurator>, form: Form) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let into = form.get("into").parse::<ClientId>();
    let merged = may.write(async move |tx, by| {
        let into = into.as_ref().map_err(|_| Error::field("into", "Choose the client to keep."))?;
        actions::merge(tx, by, *into).await
    });
    match merged.await {
        Ok(row) => {
            let flash = Flash::done(format!("Merged into “{}”.", row.name));
            go_with(&may, &format!("/g/{group}/clients/{}", row.id), &flash)
        }
        Err(error) => merge_page(&may, MergeQuery::default(), Some(error)).await,
    }
}
