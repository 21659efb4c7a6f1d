//! The statements of licenses.

use crate::licenses::Seat;
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, InvitationId, Period, UserId},
};
use storage::{One, Tx, row, sql};

row! {
    /// The places of one kind, as they are at this moment.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Seats {
        /// Of what.
        pub kind: Seat = "s.kind",
        /// How many there are.
        pub total: i64 = "s.total",
        /// How many are taken.
        pub used: i64 = "s.used",
        /// How many are kept for pending invitations.
        pub reserved: i64 =
            "s.reserved - (SELECT count(*) FROM license_reservations r
              WHERE r.account_id = s.account_id AND r.kind = s.kind AND r.expires_at <= $2)",
    }
}

impl Seats {
    /// How many are free.
    pub const fn free(&self) -> i64 {
        self.total - self.used - self.reserved
    }
}

/// Both kinds of places, licenses first. What expired invitations kept is not counted.
///
/// # Errors
/// The database fails.
pub async fn seats_of(tx: &Tx, account: AccountId) -> Result<Vec<Seats>> {
    tx.all(
        sql!("SELECT {} FROM license_counts s WHERE s.account_id = $1 ORDER BY s.kind", Seats),
        &[&account, &tx.now()],
    )
    .await
}

/// The places of one kind. What expired invitations kept is not counted.
///
/// # Errors
/// The account has none, or the database fails.
pub async fn seats(tx: &Tx, account: AccountId, kind: Seat) -> Result<Seats> {
    let all = seats_of(tx, account).await?;
    all.into_iter().find(|seats| seats.kind == kind).ok_or_else(kernel::error::Error::not_found)
}

pub(super) async fn insert(tx: &Tx, account: AccountId, kind: Seat, total: i64) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO license_counts (account_id, kind, total, used, reserved) VALUES ($1, $2, $3, 0, 0)"
        ),
        &[&account, &kind, &total],
    )
    .await?;
    Ok(())
}

/// Sets how many places there are; says whether all that are taken fit.
pub(super) async fn set_total(tx: &Tx, account: AccountId, kind: Seat, total: i64) -> Result<bool> {
    let set = tx
        .exec(
            sql!("UPDATE license_counts SET total = $3 WHERE account_id = $1 AND kind = $2 AND used + reserved <= $3"),
            &[&account, &kind, &total],
        )
        .await?;
    Ok(set == 1)
}

/// A change of the counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Take,
    Free,
    Reserve,
    Release,
}

/// Changes the counts where they allow it; says whether they did.
pub(super) async fn step(tx: &Tx, account: AccountId, kind: Seat, step: Step) -> Result<bool> {
    let statement = match step {
        Step::Take => sql!(
            "UPDATE license_counts SET used = used + 1 WHERE account_id = $1 AND kind = $2 AND used + reserved < total"
        ),
        Step::Free => {
            sql!("UPDATE license_counts SET used = used - 1 WHERE account_id = $1 AND kind = $2 AND used > 0")
        }
        Step::Reserve => sql!(
            "UPDATE license_counts SET reserved = reserved + 1
             WHERE account_id = $1 AND kind = $2 AND used + reserved < total"
        ),
        Step::Release => sql!(
            "UPDATE license_counts SET reserved = reserved - 1 WHERE account_id = $1 AND kind = $2 AND reserved > 0"
        ),
    };
    Ok(tx.exec(statement, &[&account, &kind]).await? == 1)
}

/// Gives up the places that expired invitations kept. Says how many.
pub(super) async fn sweep(tx: &Tx, account: AccountId, kind: Seat) -> Result<u64> {
    let swept = tx
        .exec(
            sql!("DELETE FROM license_reservations WHERE account_id = $1 AND kind = $2 AND expires_at <= $3"),
            &[&account, &kind, &tx.now()],
        )
        .await?;
    if swept > 0 {
        let count = i64::try_from(swept).unwrap_or(i64::MAX);
        tx.exec(
            sql!("UPDATE license_counts SET reserved = reserved - $3 WHERE account_id = $1 AND kind = $2"),
            &[&account, &kind, &count],
        )
        .await?;
    }
    Ok(swept)
}

pub(super) async fn insert_reservation(
    tx: &Tx,
    account: AccountId,
    invitation: InvitationId,
    kind: Seat,
    until: Time,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO license_reservations (account_id, invitation_id, kind, expires_at) VALUES ($1, $2, $3, $4)"
        ),
        &[&account, &invitation, &kind, &until],
    )
    .await?;
    Ok(())
}

/// Keeps a place for longer; says whether one was kept.
pub(super) async fn prolong(
    tx: &Tx,
    account: AccountId,
    invitation: InvitationId,
    until: Time,
) -> Result<bool> {
    let kept = tx
        .exec(
            sql!(
                "UPDATE license_reservations SET expires_at = $3 WHERE account_id = $1 AND invitation_id = $2"
            ),
            &[&account, &invitation, &until],
        )
        .await?;
    Ok(kept == 1)
}

pub(super) async fn delete_reservation(
    tx: &Tx,
    account: AccountId,
    invitation: InvitationId,
) -> Result<Option<Seat>> {
    let deleted = tx
        .maybe::<One<Seat>>(
            sql!(
                "DELETE FROM license_reservations WHERE account_id = $1 AND invitation_id = $2 RETURNING kind"
            ),
            &[&account, &invitation],
        )
        .await?;
    Ok(deleted.map(|one| one.0))
}

pub(super) async fn begin_holding(tx: &Tx, account: AccountId, user: UserId) -> Result<()> {
    tx.exec(
        sql!("INSERT INTO license_holders (account_id, id, user_id, since) VALUES ($1, $2, $3, $4)"),
        &[&account, &tx.id::<Period>(), &user, &tx.now()],
    )
    .await?;
    Ok(())
}

pub(super) async fn end_holding(tx: &Tx, account: AccountId, user: UserId) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE license_holders SET until = $3 WHERE account_id = $1 AND user_id = $2 AND until IS NULL"
        ),
        &[&account, &user, &tx.now()],
    )
    .await?;
    Ok(())
}

pub(super) async fn note_total(tx: &Tx, account: AccountId, total: i64) -> Result<()> {
    tx.exec(
        sql!("INSERT INTO license_totals (account_id, id, at, total) VALUES ($1, $2, $3, $4)"),
        &[&account, &tx.id::<Period>(), &tx.now(), &total],
    )
    .await?;
    Ok(())
}

row! {
    /// A person who uses a license.
    #[derive(Clone, Debug)]
    pub struct Holder {
        /// Who.
        pub user: UserId = "u.id",
        /// Their name.
        pub name: String = "u.name",
        /// Their address.
        pub email: String = "u.email",
        /// Since when.
        pub since: Time = "h.since",
        /// Until when, if they take it no longer.
        pub until: Option<Time> = "h.until",
    }
}

/// Who takes the account's licenses, longest first; with those who once did, where `past` says so.
///
/// # Errors
/// The database fails.
pub async fn holders(tx: &Tx, account: AccountId, past: bool) -> Result<Vec<Holder>> {
    tx.all(
        sql!(
            "SELECT {} FROM license_holders h JOIN users u ON u.id = h.user_id
             WHERE h.account_id = $1 AND (h.until IS NULL OR $2) ORDER BY h.since, h.id",
            Holder
        ),
        &[&account, &past],
    )
    .await
}

row! {
    /// An invitation that keeps a place.
    #[derive(Clone, Debug)]
    pub struct Held {
        /// Which.
        pub invitation: InvitationId = "i.id",
        /// To whom.
        pub email: String = "i.email",
        /// Of what.
        pub kind: Seat = "r.kind",
        /// Since when.
        pub since: Time = "i.sent_at",
        /// Until when, unless it is sent again.
        pub until: Time = "r.expires_at",
    }
}

/// The pending invitations that keep places, oldest first.
///
/// # Errors
/// The database fails.
pub async fn reservations(tx: &Tx, account: AccountId) -> Result<Vec<Held>> {
    tx.all(
        sql!(
            "SELECT {} FROM license_reservations r
             JOIN invitations i ON i.account_id = r.account_id AND i.id = r.invitation_id
             WHERE r.account_id = $1 AND r.expires_at > $2 ORDER BY i.id",
            Held
        ),
        &[&account, &tx.now()],
    )
    .await
}

/// How many licenses there were, since when; oldest first.
///
/// # Errors
/// The database fails.
pub async fn totals(tx: &Tx, account: AccountId) -> Result<Vec<(Time, i64)>> {
    tx.all(sql!("SELECT at, total FROM license_totals WHERE account_id = $1 ORDER BY id"), &[&account]).await
}
