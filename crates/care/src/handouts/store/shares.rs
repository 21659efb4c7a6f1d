//! What was sent, and what a link's token opens.

use crate::handouts::Language;
use access::{AccountMember, HandoutScope};
use kernel::{
    clock::{SKEW, Time},
    error::Result,
    id::{AccountId, HandoutId, HandoutShareId, UserId},
};
use storage::{
    Hash, Param, Tx,
    list::{Listing, Statements},
    orders, row, sorted, sql,
};

/// A share to be kept.
pub(crate) struct NewShare<'a> {
    pub(crate) account: AccountId,
    pub(crate) id: HandoutShareId,
    pub(crate) number: i64,
    pub(crate) email: Option<&'a str>,
    pub(crate) message: &'a str,
    pub(crate) token: Hash,
    pub(crate) expires_at: Time,
}

pub(crate) async fn insert_share(tx: &Tx, scope: &HandoutScope, new: &NewShare<'_>) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO handout_shares (account_id, id, owner_id, handout_id, number, sent_by, email, message,
                 token_hash, created_at, expires_at, open_count)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)"
        ),
        &[
            &new.account,
            &new.id,
            &scope.owner(),
            &scope.handout(),
            &new.number,
            &scope.user(),
            &new.email,
            &new.message,
            &new.token,
            &tx.now(),
            &new.expires_at,
        ],
    )
    .await?;
    Ok(())
}

/// How many a person emailed since then, and when the first of them.
pub(crate) async fn emailed_since(tx: &Tx, user: UserId, since: Time) -> Result<(i64, Option<Time>)> {
    tx.one(
        sql!(
            "SELECT count(*), min(created_at) FROM handout_shares
             WHERE sent_by = $1 AND created_at > $2 AND created_at <= $3 AND email IS NOT NULL"
        ),
        &[&user, &since, &tx.now().plus(SKEW)],
    )
    .await
}

row! {
    /// A handout that was sent, or a link to it, as the account's log shows it.
    #[derive(Clone, Debug)]
    pub struct ShareRow {
        /// Newer ones have greater ids.
        pub id: HandoutShareId = "s.id",
        /// The handout that was shared.
        pub handout: HandoutId = "s.handout_id",
        /// The title of the version that was shared.
        pub title: String = "v.title",
        /// The version's number.
        pub number: i64 = "s.number",
        /// Who shared it.
        pub sent_by: UserId = "s.sent_by",
        /// The person's current name.
        pub sender: String = "u.name",
        /// To which address; none where it is a link to copy.
        pub email: Option<String> = "s.email",
        /// The note that went with it.
        pub message: String = "s.message",
        /// By the server's clock.
        pub created_at: Time = "s.created_at",
        /// Until when the link is good.
        pub expires_at: Time = "s.expires_at",
        /// When it was revoked.
        pub revoked_at: Option<Time> = "s.revoked_at",
        /// How often the link was opened, by people and by programs that look through mail.
        pub opened: i64 = "s.open_count",
        /// When last.
        pub opened_at: Option<Time> = "s.opened_at",
    }
}

/// The columns of a [`ShareRow`] out of the shares `s`.
macro_rules! select_shares {
    ($($rest:literal)+) => {
        sql!(
            concat!(
                "SELECT {} FROM handout_shares s \
             JOIN handout_versions v ON v.account_id = s.owner_id AND v.handout_id = s.handout_id \
                  AND v.number = s.number \
             JOIN users u ON u.id = s.sent_by ",
                $($rest),+
            ),
            ShareRow
        )
    };
}

orders! {
    /// What an account shared.
    pub Shares of HandoutShare: "-created_at" ["created_at" Created];
}

macro_rules! listed {
    ([$($after:literal)+] [$($order:literal)+]) => {
        select_shares!(
            "WHERE s.account_id = $4 AND ($5 OR s.sent_by = $6) AND s.id > $3 AND " $($after)+
            " ORDER BY " $($order)+ " LIMIT $7"
        )
    };
}

const LISTED: Statements = sorted!(listed; "s.id"; Created);

/// A page of what an account sent. Who doesn't manage the account sees what they sent.
pub(crate) async fn shares(
    tx: &Tx,
    scope: &AccountMember,
    listing: &Listing<Shares>,
    limit: i64,
) -> Result<Vec<ShareRow>> {
    let (account, manages, user) = (scope.account(), scope.role().manages(), scope.user());
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &manages, &user, &limit]);
    tx.all(listing.statement(LISTED)?, &params).await
}

/// One share of an account: who doesn't manage it finds what they sent.
pub(crate) async fn share(
    tx: &Tx,
    account: AccountId,
    id: HandoutShareId,
    reader: UserId,
    manages: bool,
) -> Result<ShareRow> {
    tx.one(
        select_shares!("WHERE s.account_id = $1 AND s.id = $2 AND ($3 OR s.sent_by = $4)"),
        &[&account, &id, &manages, &reader],
    )
    .await
}

/// Revokes a share.
pub(crate) async fn revoke(tx: &Tx, scope: &AccountMember, id: HandoutShareId) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE handout_shares SET revoked_at = $3 WHERE account_id = $1 AND id = $2 AND revoked_at IS NULL"
        ),
        &[&scope.account(), &id, &tx.now()],
    )
    .await?;
    Ok(())
}

/// Revokes everything that a person shared for an account, whose links are still good. Says how many.
pub(crate) async fn revoke_all_of(tx: &Tx, account: AccountId, user: UserId) -> Result<u64> {
    tx.exec(
        sql!(
            "UPDATE handout_shares SET revoked_at = $3
             WHERE account_id = $1 AND sent_by = $2 AND revoked_at IS NULL AND expires_at > $3"
        ),
        &[&account, &user, &tx.now()],
    )
    .await
}

row! {
    /// What a link shows to anyone who has it.
    #[derive(Clone, Debug)]
    pub struct Shared {
        /// Newer ones have greater ids.
        pub id: HandoutShareId = "s.id",
        /// The account that shared it.
        pub account: AccountId = "s.account_id",
        /// In which language.
        pub language: Language = "h.language",
        /// One line, up to 200 characters.
        pub title: String = "v.title",
        /// The text, in Markdown.
        pub body: String = "v.body",
        /// When that version was written.
        pub written_at: Time = "v.created_at",
        /// The note that went with it.
        pub message: String = "s.message",
        /// Who shared it.
        pub sender: String = "u.name",
        /// Until when the link is good.
        pub expires_at: Time = "s.expires_at",
        /// When it was revoked.
        pub revoked_at: Option<Time> = "s.revoked_at",
        /// Whether who shared it is still a member of the account: a link ends with its maker's right.
        pub sender_is_member: bool =
            "EXISTS (SELECT 1 FROM members m
              WHERE m.account_id = s.account_id AND m.user_id = s.sent_by AND m.until IS NULL)",
    }
}

/// What a link's token opens. The token itself is the permission.
pub(crate) async fn by_token(tx: &Tx, token: Hash) -> Result<Option<Shared>> {
    tx.maybe(
        sql!(
            "SELECT {} FROM handout_shares s
             JOIN handouts h ON h.account_id = s.owner_id AND h.id = s.handout_id
             JOIN handout_versions v ON v.account_id = s.owner_id AND v.handout_id = s.handout_id
                  AND v.number = s.number
             JOIN users u ON u.id = s.sent_by
             WHERE s.token_hash = $1",
            Shared
        ),
        &[&token],
    )
    .await
}

/// Counts that a link was opened.
pub(crate) async fn opened(tx: &Tx, share: &Shared) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE handout_shares SET open_count = open_count + 1, opened_at = $3 WHERE account_id = $1 AND id = $2"
        ),
        &[&share.account, &share.id, &tx.now()],
    )
    .await?;
    Ok(())
}
