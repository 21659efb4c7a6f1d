//! Licenses, in JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::licenses::{Held, Holder, Seat, Seats, holders, reservations, seats_of};
use access::AccountAdmin;
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, InvitationId, UserId},
    prices::UNLIMITED,
};
use web::{Json, May};

/// How many places there are, and how many are free.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = LicenseCount)]
pub struct Places {
    /// `null` for no limit.
    total: Option<i64>,
    used: i64,
    reserved: i64,
    /// `null` for no limit.
    free: Option<i64>,
}

impl From<&Seats> for Places {
    fn from(seats: &Seats) -> Self {
        let Seats { total, used, reserved, .. } = *seats;
        let limited = total < UNLIMITED;
        Self { total: limited.then_some(total), used, reserved, free: limited.then_some(seats.free()) }
    }
}

/// A person who uses a license.
#[derive(Serialize, ToSchema)]
#[schema(as = LicenseHolder)]
pub struct HolderView {
    user: UserId,
    name: String,
    email: String,
    since: Time,
}

/// A pending invitation that keeps a place.
#[derive(Serialize, ToSchema)]
#[schema(as = LicenseReservation)]
pub struct HeldView {
    invitation: InvitationId,
    email: String,
    seat: Seat,
    since: Time,
    until: Time,
}

/// An account's licenses: how many, and who uses each.
#[derive(Serialize, ToSchema)]
pub struct Licenses {
    account: AccountId,
    /// `null` for no limit.
    total: Option<i64>,
    used: i64,
    reserved: i64,
    /// `null` for no limit.
    free: Option<i64>,
    /// The place of support staff, which takes no license.
    support_staff: Places,
    /// Who uses a license, longest first.
    holders: Vec<HolderView>,
    /// The pending invitations that keep a place.
    reservations: Vec<HeldView>,
}

pub(crate) async fn show(may: May<AccountAdmin>) -> Result<Json<Licenses>> {
    may.read(async |tx, by| {
        let account = by.account();
        let seats = seats_of(tx, account).await?;
        let of = |kind| seats.iter().find(|seats| seats.kind == kind).map(Places::from);
        let none = Places { total: Some(0), used: 0, reserved: 0, free: Some(0) };
        let Places { total, used, reserved, free } = of(Seat::License).unwrap_or(none);
        let holders = holders(tx, account, false).await?.into_iter().map(|holder| {
            let Holder { user, name, email, since, .. } = holder;
            HolderView { user, name, email, since }
        });
        let held = reservations(tx, account).await?.into_iter().map(|held| {
            let Held { invitation, email, kind: seat, since, until } = held;
            HeldView { invitation, email, seat, since, until }
        });
        Ok(Json(Licenses {
            account,
            total,
            used,
            reserved,
            free,
            support_staff: of(Seat::SupportStaff).unwrap_or(none),
            holders: holders.collect(),
            reservations: held.collect(),
        }))
    })
    .await
}
