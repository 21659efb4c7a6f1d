//! The key that seals the audit trail. It lies outside of the database, so that a person who can change the database
//! can't write a trail that looks whole.

use std::{fs, io, path::Path};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::{
    audit::{self, Action, Event, store},
    blobs,
    config::{AUDIT_KEY_LEAST, Config},
};
use kernel::{
    error::{Error, Result},
    id::AccountId,
    random::{Random, Token},
};
use storage::{Db, Hash};

/// The key's file in the data folder.
pub const FILE: &str = "audit-key";

/// A code over fields under the server's secret. The label keeps codes of one use from passing for another's, and
/// each field is preceded by its length, so that no two lists of fields ever read the same.
pub(super) fn code(secret: &[u8; 32], label: &str, fields: &[&[u8]]) -> Result<Hash> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(Error::internal)?;
    for field in std::iter::once(label.as_bytes()).chain(fields.iter().copied()) {
        mac.update(&(field.len() as u64).to_be_bytes());
        mac.update(field);
    }
    Ok(Hash(mac.finalize().into_bytes().into()))
}

/// What a key is known by: nothing that tells the key.
fn fingerprint(secret: &[u8; 32]) -> Result<Hash> {
    code(secret, "covey audit key", &[])
}

/// The first letters of a fingerprint, for people and receipts.
fn short(fingerprint: Hash) -> String {
    data_encoding::HEXLOWER.encode(&fingerprint.0[..8])
}

/// What the key of this transaction is known by on receipts.
pub(super) fn name(secret: &[u8; 32]) -> Result<String> {
    Ok(short(fingerprint(secret)?))
}

/// The secret that a key's text stands for. The same text is the same key, in the file and in the environment.
fn secret(text: &str) -> [u8; 32] {
    Sha256::digest(text.trim().as_bytes()).into()
}

fn refuse(text: String) -> Error {
    Error::conflict("audit_key", text)
}

/// Gives the database the key that the configuration or the data folder holds. An empty server gets a new one.
///
/// # Errors
/// The key is missing, unreadable or another than the one that sealed the trail. There is never a new key over a
/// trail that another one sealed.
pub async fn unlock(db: &Db, config: &Config) -> Result<()> {
    let (known, begun) =
        db.read(async |tx| Ok((store::fingerprint(tx).await?, store::begun(tx).await?))).await?;
    let path = config.data.join(FILE);
    let (text, place) = match &config.audit_key {
        Some(text) => (text.clone(), "audit_key".to_owned()),
        None => (in_file(&path, known, begun, db.random())?, path.display().to_string()),
    };
    let secret = secret(&text);
    let own = fingerprint(&secret)?;
    if known.is_none() && begun {
        return Err(refuse(
            "The database holds an audit trail, but not which key sealed it. Someone has changed it. Restore \
             a backup."
                .to_owned(),
        ));
    }
    if let Some(known) = known
        && known != own
    {
        return Err(other_key(known, own, &place));
    }
    db.entrust(secret);
    if known.is_none() {
        let winner = db.write(async move |tx| begin(tx, own).await).await?;
        if winner != own {
            return Err(other_key(winner, own, &place));
        }
    }
    Ok(())
}

fn other_key(known: Hash, own: Hash, place: &str) -> Error {
    refuse(format!(
        "The audit trail is sealed with the key {}, but {place} holds the key {}. Restore the right key. \
         Servers that share a database share one key (audit_key, COVEY_AUDIT_KEY).",
        short(known),
        short(own)
    ))
}

/// Notes the key of a new trail; says which one is noted now, for another server may have been faster.
async fn begin(tx: &storage::Tx, own: Hash) -> Result<Hash> {
    if store::note_fingerprint(tx, own).await? {
        audit::record(tx, Event::unattended(AccountId::nil(), Action::TrailBegun, short(own))).await?;
    }
    store::fingerprint(tx).await?.ok_or_else(|| Error::internal("noted above"))
}

/// The key in the data folder; a new one, if the trail has not begun.
fn in_file(path: &Path, known: Option<Hash>, begun: bool, random: &Random) -> Result<String> {
    let shown = path.display();
    match fs::read_to_string(path) {
        Ok(text) if text.trim().len() >= AUDIT_KEY_LEAST => Ok(text),
        Ok(_) => Err(refuse(format!(
            "{shown} holds no key: it is shorter than {AUDIT_KEY_LEAST} characters. Restore the right file."
        ))),
        Err(error) if error.kind() == io::ErrorKind::NotFound && known.is_none() && !begun => {
            let text = Token::new(random).reveal().to_owned();
            blobs::write(path, format!("{text}\n").as_bytes())
                .map_err(|error| Error::unavailable(format!("{shown} can't be written: {error}."), error))?;
            Ok(text)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(refuse(format!(
            "The key of the audit trail{} is missing: {shown} doesn't exist. Restore it, or set \
             COVEY_AUDIT_KEY to what it held. Covey never starts a new key on an existing trail.",
            known.map(|known| format!(" ({})", short(known))).unwrap_or_default()
        ))),
        Err(error) => Err(Error::unavailable(
            format!("The key of the audit trail, {shown}, can't be read: {error}."),
            error,
        )),
    }
}
