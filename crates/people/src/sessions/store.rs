//! The statements of sessions.

use crate::sessions::topic;
use kernel::{
    clock::Time,
    error::Result,
    id::{SessionId, UserId},
    random::Token,
};
use storage::{Hash, Tx, list::Key, orders, row, sql};

row! {
    /// A sign-in that is still good.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = Session)]
    pub struct SessionRow {
        /// Its id.
        pub id: SessionId,
        /// When it began.
        pub created_at: Time,
        /// When it was last used, to within five minutes.
        pub seen_at: Time,
        /// When it ends in any case.
        pub expires_at: Time,
        /// What the browser says it is.
        pub device: String,
        /// Where it was made from.
        pub address: String,
    }
}

orders! {
    /// The sessions of a person.
    pub Sessions of Session: "-seen_at" ["seen_at" Moment, "created_at" Created];
}

impl SessionRow {
    /// Where it is in a list of sessions that is sorted so.
    pub fn place(&self, by: &str) -> (Key, SessionId) {
        let key = if by == "seen_at" { self.seen_at.into() } else { Key::Created };
        (key, self.id)
    }
}

/// Opens a session for a person and gives its secret. Where their second factors were reset, it leads to another one
/// and nowhere else.
///
/// # Errors
/// The database fails.
pub async fn open_session(
    tx: &Tx,
    user: UserId,
    length: i64,
    device: &str,
    address: &str,
) -> Result<(Token, SessionRow)> {
    let token = tx.token();
    let session = SessionRow {
        id: tx.id(),
        created_at: tx.now(),
        seen_at: tx.now(),
        expires_at: tx.now().plus(length),
        device: device.to_owned(),
        address: address.to_owned(),
    };
    tx.exec(
        sql!(
            "INSERT INTO sessions (token_hash, id, user_id, created_at, seen_at, expires_at, device, address, limited)
             SELECT $1, $2, u.id, $4, $4, $5, $6, $7, u.must_enroll FROM users u WHERE u.id = $3"
        ),
        &[&Hash(token.digest()), &session.id, &user, &tx.now(), &session.expires_at, &device, &address],
    )
    .await?;
    tx.exec(sql!("UPDATE users SET seen_at = $2 WHERE id = $1"), &[&user, &tx.now()]).await?;
    Ok((token, session))
}

/// A person's sessions, the latest used first.
///
/// # Errors
/// The database fails.
pub async fn sessions(tx: &Tx, user: UserId, idle: i64) -> Result<Vec<SessionRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM sessions
             WHERE user_id = $1 AND expires_at > $2 AND seen_at > $3 ORDER BY seen_at DESC, id",
            SessionRow
        ),
        &[&user, &tx.now(), &tx.now().plus(-idle)],
    )
    .await
}

/// Notes that the person of this session has just proved again who they are.
///
/// # Errors
/// The database fails.
pub async fn prove_session(tx: &Tx, session: SessionId) -> Result<()> {
    tx.exec(sql!("UPDATE sessions SET proved_at = $2 WHERE id = $1"), &[&session, &tx.now()]).await?;
    Ok(())
}

/// Ends one of a person's sessions; says whether it was theirs.
///
/// # Errors
/// The database fails.
pub async fn end_session(tx: &Tx, user: UserId, session: SessionId) -> Result<bool> {
    let ended =
        tx.exec(sql!("DELETE FROM sessions WHERE user_id = $1 AND id = $2"), &[&user, &session]).await?;
    tx.announce(topic(user));
    Ok(ended == 1)
}

/// Ends a person's sessions, except one; and voids the links that were sent to them.
///
/// # Errors
/// The database fails.
pub async fn end_sessions(tx: &Tx, user: UserId, except: Option<SessionId>) -> Result<u64> {
    tx.exec(sql!("DELETE FROM links WHERE user_id = $1 AND used_at IS NULL"), &[&user]).await?;
    let except = except.unwrap_or(SessionId::nil());
    tx.announce(topic(user));
    tx.exec(sql!("DELETE FROM sessions WHERE user_id = $1 AND id <> $2"), &[&user, &except]).await
}

/// Notes in a session that its person used a second factor, and so proved again who they are.
///
/// # Errors
/// The database fails.
pub async fn strengthen(tx: &Tx, session: SessionId) -> Result<()> {
    let text = sql!("UPDATE sessions SET second_at = $2, proved_at = $2, limited = FALSE WHERE id = $1");
    tx.exec(text, &[&session, &tx.now()]).await.map(drop)
}

/// Ends a person's oldest sessions beyond so many. The newest is `keep`, whatever the clock says.
///
/// # Errors
/// The database fails.
pub async fn end_oldest_sessions(tx: &Tx, user: UserId, keep: SessionId, most: i64) -> Result<()> {
    tx.announce(topic(user));
    tx.exec(
        sql!(
            "DELETE FROM sessions WHERE user_id = $1 AND id <> $2 AND id NOT IN (
                 SELECT id FROM sessions WHERE user_id = $1 AND id <> $2 ORDER BY created_at DESC, id DESC LIMIT $3)"
        ),
        &[&user, &keep, &(most - 1)],
    )
    .await?;
    Ok(())
}
