//! The public id of an event: its number in the chain, and the beginning of a code that only this server can make.
//!
//! The code covers the event's own code, and so its account and content. So an id is nobody's to guess, is of no
//! use in another account, and after a backup was put back stands for no other event that got the same number.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use kernel::{
    error::{Error, Result},
    id::EventId,
};
use storage::Hash;

const LABEL: &[u8] = b"covey event id";

/// The id of the event with this number and code.
pub(crate) fn id(secret: &[u8; 32], seq: i64, hash: Hash) -> Result<EventId> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(Error::internal)?;
    for part in [LABEL, &hash.0] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    let code = mac.finalize().into_bytes();
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&seq.to_be_bytes());
    bytes[8..].copy_from_slice(&code[..8]);
    Ok(EventId::from_uuid(Uuid::from_bytes(bytes)))
}

/// The number that an id names. It is the event's only if its code is right, too.
pub(super) fn number(id: EventId) -> i64 {
    id.as_bytes().first_chunk().map_or(0, |number| i64::from_be_bytes(*number))
}
