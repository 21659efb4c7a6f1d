//! Texts that only the holder of a secret can read again: HMAC-SHA-256 in counter mode, then an HMAC over that.
//!
//! For keys that are used for **one text each**: the stream begins at the same place for every text.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::random::Digest32;

/// A key that seals one text.
#[derive(Clone, Copy)]
pub struct Key(Digest32);

fn mac(key: &[u8], parts: &[&[u8]]) -> Digest32 {
    // An HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Digest32::default() };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl Key {
    /// A key out of a secret, for this purpose.
    pub fn of(secret: &[u8], purpose: &[u8]) -> Self {
        Self(mac(secret, &[b"key", purpose]))
    }

    /// A further key out of this one.
    #[must_use]
    pub fn within(&self, purpose: &[u8]) -> Self {
        Self::of(&self.0, purpose)
    }

    fn stream(&self, bytes: &[u8]) -> Vec<u8> {
        let blocks = bytes.chunks(32).zip(0_u64..);
        blocks
            .flat_map(|(block, number)| {
                let pad = mac(&self.0, &[b"stream", &number.to_be_bytes()]);
                block.iter().zip(pad).map(|(byte, pad)| byte ^ pad).collect::<Vec<_>>()
            })
            .collect()
    }

    /// The text, sealed.
    pub fn seal(&self, text: &str) -> String {
        let sealed = self.stream(text.as_bytes());
        let tag = mac(&self.0, &[b"tag", &sealed]);
        format!("{}.{}", BASE64.encode(&tag), BASE64.encode(&sealed))
    }

    /// The text again; none if another key sealed it, or it was changed.
    pub fn open(&self, sealed: &str) -> Option<String> {
        let (tag, sealed) = sealed.split_once('.')?;
        let (tag, sealed) = (BASE64.decode(tag.as_bytes()).ok()?, BASE64.decode(sealed.as_bytes()).ok()?);
        if tag != mac(&self.0, &[b"tag", &sealed]) {
            return None;
        }
        String::from_utf8(self.stream(&sealed)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_alone() {
        let key = Key::of(b"secret", b"a");
        for text in ["", "short", &"a long text of several blocks ".repeat(9)] {
            let sealed = key.seal(text);
            assert_eq!(key.open(&sealed).as_deref(), Some(text));
            assert_eq!(Key::of(b"secret", b"b").open(&sealed), None);
            assert_eq!(Key::of(b"another", b"a").open(&sealed), None);
            assert!(text.is_empty() || !sealed.contains(text));
        }
        let mut changed = key.seal("ten dollars");
        changed.pop();
        changed.push('A');
        assert!(key.open(&changed).is_none_or(|text| text == "ten dollars"));
        assert_eq!(key.open("nonsense"), None);
    }
}
