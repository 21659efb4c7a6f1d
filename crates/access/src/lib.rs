//! Who may do what: the only maker of proofs.
//!
//! A *proof* ([`GroupMember`], [`CaseReader`] …) is a value that exists only because, inside the
//! present transaction, the database said that the caller may. Its fields are private and it is made
//! here alone, so a store function that takes a proof as its scope can't be reached without one, and
//! nothing is ever cached: the next request proves again.
//!
//! A caller is a person or an API key of an account ([`Credential`]); no proof but those about a person alone asks which.
//!
//! The decisions themselves are pure functions in [`policy`]; [`explain`] tells them to people.

mod caller;
pub mod explain;
mod handouts;
pub mod policy;
mod privileges;
mod proofs;
mod reach;
mod records;
mod requests;
mod roles;
mod scopes;
mod store;
mod strength;
mod table;

pub use caller::{Credential, Found};
pub use handouts::{HandoutAuthor, HandoutEditor, HandoutReader, HandoutScope};
pub(crate) use platform::audit::Action;
pub use privileges::{Privilege, Source, held};
pub use proofs::{
    AccountAdmin, AccountMember, AccountOwner, AccountWorker, AnyWorker, Anyone, ApiKeyAdmin, CaseEditor,
    CaseOverseer, CaseReader, CaseScope, FileEditor, FileReader, GroupAdmin, GroupMaker, GroupMember,
    GroupReader, GroupScope, GroupSteward, InvitationManager, InvoiceAdmin, LocationAdmin, Manager,
    NoteTypeAdmin, Operator, OperatorNamed, ProtocolAdmin, SignedIn, TransferParty, UserGroupAdmin, Watched,
    may_add_groups,
};
pub use reach::{Reach, ReachedGroup, SearchedFrom};
pub use records::{
    CaseExporter, ClientCurator, ClientEditor, ClientGroupEditor, ClientGroupReader, ClientGroupScope,
    ClientKeeper, ClientOverseer, ClientReader, ClientScope, GroupNoteEditor, GroupNoteReader,
    GroupNoteReleaser, GroupNoteScope, GroupObject, ImportKeeper, ImportScope, NoteEditor, NoteReader,
    NoteReleaser, NoteScope,
};
pub use requests::{RequestAuthor, RequestReader, RequestReceiver, RequestScope, RequestSender};
pub use roles::{GroupRole, Role};
pub use scopes::{Area, Scope};
pub use strength::{FRESH_FOR, Strength, is_fresh, lacks_second_factor, strong_enough};
pub use table::{Access, Least};

pub use store::touch;

/// The error of a change in an account whose subscription is not paid.
pub const READ_ONLY: &str = "This account is read-only because its subscription has ended or isn't paid. \
                             Nothing is lost. The owner can fix this on the Admin dashboard, under \
                             Subscription details.";

use kernel::{
    error::{Error, Result},
    id::{AccountId, Id, Named, UserId},
};
use platform::access_log::Opened;
use storage::Tx;

/// The ids in the path of the request, by name.
#[derive(Clone, Default, Debug)]
pub struct PathParams(Vec<(String, String)>);

impl PathParams {
    /// The named parts of a path.
    pub fn new(parts: Vec<(String, String)>) -> Self {
        Self(parts)
    }

    /// The text of a part.
    ///
    /// # Errors
    /// It is absent: hidden and absent are alike, so [`Error::not_found`].
    pub fn text(&self, name: &str) -> Result<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).ok_or_else(Error::not_found)
    }

    /// The id in a part. A malformed id is an absent one.
    ///
    /// # Errors
    /// [`Error::not_found`].
    pub fn id<T: Named>(&self, name: &str) -> Result<Id<T>> {
        self.text(name)?.parse().map_err(|_| Error::not_found())
    }

    /// Checks that a page's address names the place that the object is really in.
    fn agrees<T: Named>(&self, name: &str, id: Id<T>) -> Result<()> {
        match self.id::<T>(name) {
            Ok(named) if named != id => Err(Error::not_found()),
            Err(_) if self.text(name).is_ok() => Err(Error::not_found()),
            _ => Ok(()),
        }
    }
}

/// Evidence that the caller may do what the route does.
pub trait Proof: Sized + Send + Sync + 'static {
    /// Its name in the route table.
    const ACCESS: Access;

    /// Proves it, or refuses.
    fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> impl Future<Output = Result<Self>> + Send;

    /// Who is acting, if anyone is signed in.
    fn actor(&self) -> Option<UserId>;

    /// In which account they act, where it is one.
    fn tenant(&self) -> Option<AccountId>;

    /// The record that they open with it, for the access log.
    fn opened(&self) -> Option<Opened> {
        None
    }
}

/// The cause inside a refusal by someone of the same account: it becomes an audit event.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{user} was refused {} on {object}", access.name())]
pub struct Refused {
    /// Whose trail it goes into.
    pub account: AccountId,
    /// Who tried.
    pub user: UserId,
    /// What the route asked for.
    pub access: Access,
    /// The object's id as it was written.
    pub object: String,
}
