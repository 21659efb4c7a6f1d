//! Secrets of webhooks, and signatures, as Standard Webhooks has them.

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use kernel::{
    error::{Error, Result},
    id::WebhookId,
    seal::Key,
};
use storage::Tx;

/// What a secret begins with as people see it.
const PREFIX: &str = "whsec_";
/// A secret's length in bytes; the specification wants 24 to 64.
const LENGTH: usize = 32;

/// A new secret: as its holder gets it, and sealed.
pub(super) fn new(tx: &Tx, webhook: WebhookId) -> Result<(String, String)> {
    let secret = format!("{PREFIX}{}", BASE64.encode(&tx.random::<LENGTH>()));
    let salt = tx.random::<16>();
    let sealed = key(tx, webhook, &salt)?.seal(&secret);
    Ok((secret, format!("{}.{sealed}", HEXLOWER.encode(&salt))))
}

/// A key seals one text, so each secret has its own.
fn key(tx: &Tx, webhook: WebhookId, salt: &[u8]) -> Result<Key> {
    let purpose = [webhook.as_bytes(), salt].concat();
    Ok(Key::of(tx.secret()?, b"webhook secrets").within(&purpose))
}

/// What was sealed.
pub(super) fn open(tx: &Tx, webhook: WebhookId, sealed: &str) -> Result<String> {
    let (salt, sealed) = sealed.split_once('.').ok_or_else(|| Error::internal("no sealed secret"))?;
    let salt = HEXLOWER.decode(salt.as_bytes()).map_err(Error::internal)?;
    let opened = key(tx, webhook, &salt)?.open(sealed);
    opened.ok_or_else(|| Error::internal("the secret was sealed with another key"))
}

/// The header `webhook-signature`: a signature by each secret, the newest first.
pub(super) fn sign(secrets: &[String], id: &str, at: i64, body: &str) -> Result<String> {
    let mut signatures = Vec::new();
    for secret in secrets {
        let bytes = BASE64.decode(secret.trim_start_matches(PREFIX).as_bytes()).map_err(Error::internal)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&bytes).map_err(Error::internal)?;
        mac.update(format!("{id}.{at}.{body}").as_bytes());
        signatures.push(format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes())));
    }
    Ok(signatures.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_specification() {
        // The example of the specification's own libraries.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let one = sign(std::slice::from_ref(&secret), id, 1_614_265_330, r#"{"test": 2432232314}"#).unwrap();
        assert_eq!(one, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let two = sign(&[secret.clone(), secret], id, 1_614_265_330, r#"{"test": 2432232314}"#).unwrap();
        assert_eq!(two, format!("{one} {one}"));
    }
}
