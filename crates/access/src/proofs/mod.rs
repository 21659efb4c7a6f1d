//! The proofs. Each `prove` asks [`store`](crate::store) where the caller stands, and [`policy`](crate::policy) what
//! that allows.

mod account;
mod case;
mod group;
mod maker;
mod manager;
mod operator;

pub use account::{
    AccountAdmin, AccountMember, AccountOwner, AccountWorker, AnyWorker, Anyone, ApiKeyAdmin,
    InvitationManager, InvoiceAdmin, NoteTypeAdmin, ProtocolAdmin, SignedIn, TransferParty, UserGroupAdmin,
};
pub use case::{CaseEditor, CaseOverseer, CaseReader, CaseScope, FileEditor, FileReader};
pub(crate) use group::watched;
pub use group::{GroupAdmin, GroupMember, GroupReader, GroupScope, GroupSteward, LocationAdmin, Watched};
pub use maker::{GroupMaker, may_add_groups};
pub use manager::Manager;
pub use operator::{Operator, OperatorNamed};
