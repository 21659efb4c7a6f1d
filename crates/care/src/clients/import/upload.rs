//! A file of clients on its way in, out of a form or as a body by itself, for the pages and the API.

use std::sync::Arc;

use crate::clients::{
    Kind,
    import::{
        LARGEST, Mapping,
        intake::{self, Incoming, Upload},
        reading,
    },
};
use access::{ClientKeeper, ImportKeeper};
use kernel::{
    error::{Error, Result},
    id::ImportId,
};
use web::{May, SentFile};

/// Takes the file out of what was sent.
///
/// # Errors
/// There is none, it is too large, or it broke off.
pub(super) async fn taken(sent: SentFile, kind: Option<Kind>) -> Result<Upload> {
    let mut upload = Upload { name: String::new(), bytes: Vec::new(), kind };
    match sent {
        SentFile::Bare(bytes) => upload.bytes = bytes.to_vec(),
        SentFile::Form(mut form) => {
            while let Some(part) = form.next().await? {
                match part.name() {
                    "file" => {
                        part.file_name().clone_into(&mut upload.name);
                        upload.bytes = part.bytes().await?;
                    }
                    "kind" => {
                        let kind = Kind::read(&String::from_utf8_lossy(&part.bytes().await?));
                        let wrong = || Error::field("kind", "Choose owner, producer or patient.");
                        upload.kind = Some(kind.ok_or_else(wrong)?);
                    }
                    _ => {}
                }
            }
        }
    }
    if upload.bytes.len() > LARGEST {
        return Err(reading::too_large());
    }
    if upload.bytes.is_empty() {
        return Err(Error::field("file", "Choose a file that isn't empty."));
    }
    Ok(upload)
}

/// Reads a file in by as many transactions as it takes. Nothing becomes a client yet.
///
/// # Errors
/// The file is no table, or the permission is refused.
pub(super) async fn read_in(may: &May<ClientKeeper>, upload: Upload) -> Result<ImportId> {
    let mut file = intake::read(upload).await?;
    let (file, remembered) = may
        .read(async move |tx, by| {
            let remembered = intake::remembered(tx, by, &mut file).await?;
            Ok((file, remembered))
        })
        .await?;
    let file = intake::understand(file, remembered, may.app().db.clock().now()).await?;
    let judge = async move |tx: &_, by: &ClientKeeper| intake::judge(tx, by, file).await;
    let Incoming { head, pieces } = may.read_heavy(judge).await?;
    let id = may.write(async move |tx, by| intake::begin(tx, by, &head).await).await?;
    for lines in pieces {
        may.write(async move |tx, by| intake::keep_lines(tx, by, id, &lines).await).await?;
    }
    Ok(id)
}

/// Gives the columns of an import another meaning, by as many transactions as it takes. The head finishes it.
///
/// # Errors
/// It was run or discarded, these are not its columns, or the permission is refused.
pub(super) async fn read_again(may: &May<ImportKeeper>, mapping: Mapping) -> Result<Arc<intake::Head>> {
    intake::check(&mapping)?;
    let chosen = mapping.clone();
    let file = may.read_heavy(async move |tx, by| intake::reread(tx, by, &chosen).await).await?;
    let file = intake::understand(file, Some(mapping), may.app().db.clock().now()).await?;
    let judge = async move |tx: &_, by: &ImportKeeper| intake::judge(tx, by, file).await;
    let Incoming { head, pieces } = may.read_heavy(judge).await?;
    let head = Arc::new(head);
    let begun = head.clone();
    may.write(async move |tx, by| intake::begin_again(tx, by, &begun).await).await?;
    for lines in pieces {
        let head = head.clone();
        may.write(async move |tx, by| intake::keep_lines_again(tx, by, &head, &lines).await).await?;
    }
    Ok(head)
}
