//! Receipts: where a chain ended at a moment, signed with the server's key. Kept elsewhere, a receipt tells even
//! a person who has the whole database, and an older copy of it, that events are gone.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::audit::{key, store};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::AccountId,
};
use storage::{Hash, Tx};

const LABEL: &str = "covey audit receipt";

/// The end of an account's audit trail at a moment, signed by the server.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuditReceipt)]
pub struct Receipt {
    /// Whose trail. The server's own belongs to the nil account.
    pub account: AccountId,
    /// The number of the last event.
    pub seq: i64,
    /// The last event's code, in hexadecimal digits. It covers all events before it.
    pub hash: String,
    /// When the receipt was made.
    pub at: Time,
    /// What the server's key is known by.
    pub key: String,
    /// The server's signature over all of the above, in hexadecimal digits.
    pub signature: String,
}

fn signature(secret: &[u8; 32], account: AccountId, seq: i64, hash: &[u8], at: Time) -> Result<Hash> {
    let fields: [&[u8]; 4] = [account.as_bytes(), &seq.to_be_bytes(), hash, &at.micros().to_be_bytes()];
    key::code(secret, LABEL, &fields)
}

/// Signs a chain's head.
fn sign(tx: &Tx, account: AccountId, seq: i64, hash: Hash) -> Result<Receipt> {
    let (secret, at) = (tx.secret()?, tx.now());
    let hex = |hash: Hash| data_encoding::HEXLOWER.encode(&hash.0);
    Ok(Receipt {
        account,
        seq,
        hash: hex(hash),
        at,
        key: key::name(secret)?,
        signature: hex(signature(secret, account, seq, &hash.0, at)?),
    })
}

impl Receipt {
    /// Reads every receipt in a text, such as a file of them or a saved email: a receipt holds no space, so line
    /// breaks that a mail program put into it do no harm.
    pub fn read_all(text: &str) -> Vec<Self> {
        let text = text.replace("=\r\n", "").replace("=\n", "");
        let text = text.split_whitespace().collect::<String>();
        let parts = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
        parts.filter_map(|(inside, _)| serde_json::from_str(&format!("{{{inside}}}")).ok()).collect()
    }

    /// The receipt on one line.
    ///
    /// # Errors
    /// None in practice.
    pub fn line(&self) -> Result<String> {
        serde_json::to_string(self).map_err(Error::internal)
    }

    /// Whether this server's key signed it.
    ///
    /// # Errors
    /// The database was opened without a key.
    pub fn is_ours(&self, tx: &Tx) -> Result<bool> {
        let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).ok();
        let (Some(hash), Some(given)) = (hex(&self.hash), hex(&self.signature)) else { return Ok(false) };
        let made = signature(tx.secret()?, self.account, self.seq, &hash, self.at)?;
        Ok(given == made.0)
    }

    pub(super) fn names(&self, hash: Hash) -> bool {
        self.hash == data_encoding::HEXLOWER.encode(&hash.0)
    }
}

/// The receipt of an account's trail as it ends now. None where nothing has happened yet.
///
/// # Errors
/// The database fails.
pub async fn receipt(tx: &Tx, account: AccountId) -> Result<Option<Receipt>> {
    let head = store::head(tx, account).await?;
    head.map(|head| sign(tx, account, head.seq, head.hash)).transpose()
}

/// The receipts of every chain as it ends now.
///
/// # Errors
/// The database fails.
pub async fn receipts(tx: &Tx) -> Result<Vec<Receipt>> {
    let mut found = Vec::new();
    for account in store::chains(tx).await? {
        found.extend(receipt(tx, account).await?);
    }
    Ok(found)
}

/// The accounts where something has happened since their last receipt was mailed, if that was before `midnight`.
///
/// # Errors
/// The database fails.
pub async fn due(tx: &Tx, midnight: Time) -> Result<Vec<AccountId>> {
    store::receipts_due(tx, midnight).await
}

/// Takes on the mailing of an account's receipt, so that of several servers one mails it; none where another has.
///
/// # Errors
/// The database fails.
pub async fn claim(tx: &Tx, account: AccountId, midnight: Time) -> Result<Option<Receipt>> {
    let head = store::claim_receipt(tx, account, midnight).await?;
    head.map(|(seq, hash)| sign(tx, account, seq, hash)).transpose()
}
