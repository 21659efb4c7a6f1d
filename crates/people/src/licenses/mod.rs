//! Licenses: the right of one person to use an account. Owner, administrators and members take one
//! each; support staff take none, but a place of their own, which some plans have.
//!
//! One row per account and kind says how many there are, are taken and are reserved for pending
//! invitations. Conditional updates alone change it: a place is taken where one is free, in the statement
//! that takes it. So nothing is ever oversold, whatever runs at the same time; a check in the schema backs
//! that. An invitation that has expired keeps nothing from that moment on: [`seats`] leaves it out, and
//! [`take`] and [`reserve`] sweep it away when they find nothing free.
//!
//! An invitation's place takes two calls: [`reserve`] counts it, [`keep`] notes for whom and until when.

pub mod api;
mod meter;
mod store;

pub use meter::Meter;
pub use store::{Held, Holder, Seats, holders, reservations, seats, seats_of, totals};

use access::Role;
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, InvitationId, UserId},
};
use storage::{Tx, word};

word! {
    /// What a person uses: a license, or the support-staff seat.
    pub enum Seat as LicenseKind {
        /// A license.
        License = "license",
        /// The place of support staff.
        SupportStaff = "support_staff",
    }
}

impl From<Role> for Seat {
    fn from(role: Role) -> Self {
        if role == Role::SupportStaff { Self::SupportStaff } else { Self::License }
    }
}

/// Why there is no place.
pub fn none_free(seats: &Seats) -> Error {
    match seats.kind {
        Seat::License => Error::conflict(
            "no_license",
            format!(
                "All {} licenses are used or reserved for pending invitations. Add licenses, remove a person, or \
                 cancel an invitation.",
                seats.total
            ),
        ),
        Seat::SupportStaff if seats.total == 0 => Error::conflict(
            "support_staff_needs_pro",
            "The support-staff seat comes with the Pro plan. Change your plan first.",
        ),
        Seat::SupportStaff => Error::conflict(
            "support_staff_taken",
            "The support-staff seat is used, or reserved for an invitation.",
        ),
    }
}

/// Makes an account's places, none of them taken.
///
/// # Errors
/// The database fails.
pub async fn open(tx: &Tx, account: AccountId, licenses: i64, support_staff: i64) -> Result<()> {
    store::insert(tx, account, Seat::License, licenses).await?;
    store::insert(tx, account, Seat::SupportStaff, support_staff).await?;
    store::note_total(tx, account, licenses).await
}

/// Sets how many places there are.
///
/// # Errors
/// More are taken than there would be.
pub async fn resize(tx: &Tx, account: AccountId, licenses: i64, support_staff: i64) -> Result<()> {
    for (kind, total) in [(Seat::License, licenses), (Seat::SupportStaff, support_staff)] {
        store::sweep(tx, account, kind).await?;
        if !store::set_total(tx, account, kind, total).await? {
            return Err(does_not_fit(&store::seats(tx, account, kind).await?, total));
        }
    }
    store::note_total(tx, account, licenses).await?;
    tx.announce(topic(account));
    Ok(())
}

/// Why so few places can't be.
pub fn does_not_fit(seats: &Seats, total: i64) -> Error {
    let taken = seats.used + seats.reserved;
    match seats.kind {
        Seat::License => Error::conflict(
            "more_people_than_licenses",
            format!(
                "{taken} licenses are used or reserved for pending invitations, so you can't go down to \
                 {total}. Remove \
                 people or cancel invitations first."
            ),
        ),
        Seat::SupportStaff => Error::conflict(
            "support_staff_needs_pro",
            "The support-staff seat comes with the Pro plan. Remove that person or cancel their invitation \
             before you change plans.",
        ),
    }
}

/// The topic of an account's licenses, for live counts.
pub fn topic(account: AccountId) -> String {
    format!("licenses:{account}")
}

/// Counts one up where there is a free place, once the places of expired invitations are swept.
async fn count(tx: &Tx, account: AccountId, kind: Seat, step: store::Step) -> Result<()> {
    tx.announce(topic(account));
    if store::step(tx, account, kind, step).await? {
        return Ok(());
    }
    if store::sweep(tx, account, kind).await? > 0 && store::step(tx, account, kind, step).await? {
        return Ok(());
    }
    Err(none_free(&store::seats(tx, account, kind).await?))
}

/// Gives someone the place that their role needs.
///
/// # Errors
/// None is free.
pub async fn take(tx: &Tx, account: AccountId, user: UserId, role: Role) -> Result<()> {
    count(tx, account, role.into(), store::Step::Take).await?;
    hold(tx, account, user, role).await
}

async fn hold(tx: &Tx, account: AccountId, user: UserId, role: Role) -> Result<()> {
    match Seat::from(role) {
        Seat::License => store::begin_holding(tx, account, user).await,
        Seat::SupportStaff => Ok(()),
    }
}

/// Frees the place of someone who had this role.
///
/// # Errors
/// The database fails.
pub async fn free(tx: &Tx, account: AccountId, user: UserId, role: Role) -> Result<()> {
    store::step(tx, account, role.into(), store::Step::Free).await?;
    store::end_holding(tx, account, user).await?;
    tx.announce(topic(account));
    Ok(())
}

/// Gives someone the place that a new role needs, for that of the old one.
///
/// # Errors
/// None is free.
pub async fn change(tx: &Tx, account: AccountId, user: UserId, from: Role, to: Role) -> Result<()> {
    if Seat::from(from) == Seat::from(to) {
        return Ok(());
    }
    free(tx, account, user, from).await?;
    take(tx, account, user, to).await
}

/// Counts a place as kept for an invitation that is about to be written; [`keep`] says for which.
///
/// # Errors
/// None is free.
pub async fn reserve(tx: &Tx, account: AccountId, role: Role) -> Result<()> {
    count(tx, account, role.into(), store::Step::Reserve).await
}

/// Notes for which invitation the place is kept that [`reserve`] counted, and until when.
///
/// # Errors
/// The database fails.
pub async fn keep(
    tx: &Tx,
    account: AccountId,
    invitation: InvitationId,
    role: Role,
    until: Time,
) -> Result<()> {
    store::insert_reservation(tx, account, invitation, role.into(), until).await
}

/// Keeps an invitation's place until `until`: the one that it has, or a new one if it had lost it.
///
/// # Errors
/// It had lost it, and none is free.
pub async fn keep_on(
    tx: &Tx,
    account: AccountId,
    invitation: InvitationId,
    role: Role,
    until: Time,
) -> Result<()> {
    if store::prolong(tx, account, invitation, until).await? {
        return Ok(());
    }
    reserve(tx, account, role).await?;
    keep(tx, account, invitation, role, until).await
}

/// Frees the place that is kept for an invitation, if one still is.
///
/// # Errors
/// The database fails.
pub async fn release(tx: &Tx, account: AccountId, invitation: InvitationId) -> Result<()> {
    if let Some(kind) = store::delete_reservation(tx, account, invitation).await? {
        store::step(tx, account, kind, store::Step::Release).await?;
        tx.announce(topic(account));
    }
    Ok(())
}

/// Gives someone the place that was kept for their invitation.
///
/// # Errors
/// It was kept no longer, and none is free.
pub async fn accept(
    tx: &Tx,
    account: AccountId,
    invitation: InvitationId,
    user: UserId,
    role: Role,
) -> Result<()> {
    release(tx, account, invitation).await?;
    take(tx, account, user, role).await
}

/// Keeps no more places for invitations that have expired; so the stored counts are exact.
///
/// # Errors
/// The database fails.
pub async fn sweep(tx: &Tx, account: AccountId) -> Result<()> {
    for kind in Seat::ALL {
        store::sweep(tx, account, *kind).await?;
    }
    Ok(())
}
