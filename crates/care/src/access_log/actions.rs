//! Reading the access log. An export of it is an event.

use access::{AccountAdmin, CaseOverseer, ClientOverseer, Proof};
use kernel::{
    error::Result,
    id::{AccountId, UserId},
};
use platform::audit::{self, Action, Event};
use storage::{Tx, list::Listing};

use crate::access_log::store::{self, OpeningRow, Openings};

/// Openings, and of what or of whom they are.
pub(crate) struct Shown {
    /// The name of the case, the client or the person.
    pub(crate) name: String,
    pub(crate) rows: Vec<OpeningRow>,
}

/// Whose log a proof gives.
pub(crate) trait Logged: Proof {
    /// The account whose log it is.
    fn account(&self) -> AccountId;

    /// A page of openings. `person` counts only where the log is one of a person.
    fn openings(
        &self,
        tx: &Tx,
        person: Option<UserId>,
        listing: &Listing<Openings>,
        limit: i64,
    ) -> impl Future<Output = Result<Shown>> + Send;
}

impl Logged for CaseOverseer {
    fn account(&self) -> AccountId {
        (**self).account()
    }

    async fn openings(
        &self,
        tx: &Tx,
        _: Option<UserId>,
        listing: &Listing<Openings>,
        limit: i64,
    ) -> Result<Shown> {
        let rows = store::of_case(tx, self, listing, limit).await?;
        Ok(Shown { name: store::case(tx, self).await?, rows })
    }
}

impl Logged for ClientOverseer {
    fn account(&self) -> AccountId {
        (**self).account()
    }

    async fn openings(
        &self,
        tx: &Tx,
        _: Option<UserId>,
        listing: &Listing<Openings>,
        limit: i64,
    ) -> Result<Shown> {
        let rows = store::of_client(tx, self, listing, limit).await?;
        Ok(Shown { name: store::client(tx, self).await?, rows })
    }
}

impl Logged for AccountAdmin {
    fn account(&self) -> AccountId {
        (**self).account()
    }

    async fn openings(
        &self,
        tx: &Tx,
        person: Option<UserId>,
        listing: &Listing<Openings>,
        limit: i64,
    ) -> Result<Shown> {
        let user = person.ok_or_else(kernel::error::Error::not_found)?;
        let name = store::person(tx, self, user).await?;
        Ok(Shown { name, rows: store::of_person(tx, self, user, listing, limit).await? })
    }
}

/// Notes that the log of `object` is exported.
pub(crate) async fn begin_export(tx: &Tx, by: &impl Logged, object: String) -> Result<()> {
    let event = Event::unattended(by.account(), Action::AccessLogExported, object);
    audit::record(tx, Event { actor: by.actor(), ..event }).await
}
