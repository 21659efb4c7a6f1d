//! The proofs about what lies in a group other than cases: clients, client groups, notes. Sight and work are
//! those of the group; what is more than everyday work asks for a privilege too.

use crate::{
    Access, Credential, GroupScope, PathParams, Privilege, Proof, caller, policy::Wish, proofs::watched,
    store,
};
use kernel::{
    error::Result,
    id::{AccountId, Client, ClientGroup, GroupNote, Id, Import, Named, Note, UserId},
};
use platform::access_log::Opened;
use storage::Tx;

/// Something in a group, and where the caller stands toward that group. The scope of its store.
#[derive(Clone, Debug)]
pub struct GroupObject<T: Named> {
    scope: GroupScope,
    object: Id<T>,
}

impl<T: Named> GroupObject<T> {
    /// What the path names.
    pub fn object(&self) -> Id<T> {
        self.object
    }
}

impl<T: Named> std::ops::Deref for GroupObject<T> {
    type Target = GroupScope;
    fn deref(&self) -> &GroupScope {
        &self.scope
    }
}

/// A client and its group.
pub type ClientScope = GroupObject<Client>;
/// An import of clients and its group.
pub type ImportScope = GroupObject<Import>;
/// A client group and its group.
pub type ClientGroupScope = GroupObject<ClientGroup>;
/// A group note and its group.
pub type GroupNoteScope = GroupObject<GroupNote>;
/// A note of a chart and its group.
pub type NoteScope = GroupObject<Note>;

macro_rules! object_proofs {
    ($($(#[$doc:meta])* $name:ident: $object:ident $part:literal $find:ident $wish:expr $(, $more:expr)?;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(GroupObject<$object>);

        impl std::ops::Deref for $name {
            type Target = GroupObject<$object>;
            fn deref(&self) -> &GroupObject<$object> {
                &self.0
            }
        }

        impl Proof for $name {
            const ACCESS: Access = Access::$name;

            async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
                let actor = caller::actor(tx, who).await?;
                let object = path.id($part)?;
                let found = store::$find(tx, actor, object).await?;
                let scope = GroupScope::decide(found, actor.user, $wish, Self::ACCESS, path, tx.now())?;
                let proof = Self(GroupObject { scope, object });
                $(($more)(tx, &proof.0, Self::ACCESS).await?;)?
                Ok(proof)
            }

            fn actor(&self) -> Option<UserId> {
                Some(self.0.scope.user())
            }

            fn tenant(&self) -> Option<AccountId> {
                Some(self.0.scope.account())
            }

            fn opened(&self) -> Option<Opened> {
                let record = Self::ACCESS.opens()?;
                Some(Opened::new(self.account(), self.user(), record, self.object()))
            }
        }
    )*};
}
object_proofs! {
    /// Someone who may see the client in the path: in its group, or from the parent account.
    ClientReader: Client "client" group_of_client Wish::See;
    /// Someone in the client's group, who may change it and write in its chart.
    ClientEditor: Client "client" group_of_client Wish::Work;
    /// Someone in the client's group who may also merge and archive clients.
    ClientCurator: Client "client" group_of_client Wish::Work, manages_clients;
    /// Someone who manages the client's group, and so sees who opened what is the client's.
    ClientOverseer: Client "client" group_of_client Wish::Manage;
    /// Someone in the group of the import in the path who may import clients.
    ImportKeeper: Import "import" group_of_import Wish::Work, manages_clients;
    /// Someone who may see the client group in the path.
    ClientGroupReader: ClientGroup "client_group" group_of_client_group Wish::See;
    /// Someone in the client group's group, who may change it and write notes for it.
    ClientGroupEditor: ClientGroup "client_group" group_of_client_group Wish::Work;
    /// Someone who may see the group note in the path.
    GroupNoteReader: GroupNote "group_note" group_of_group_note Wish::See;
    /// Someone in the group note's group, who may change it.
    GroupNoteEditor: GroupNote "group_note" group_of_group_note Wish::Work;
    /// Who wrote the group note in the path, or someone in its group who may release others' notes.
    GroupNoteReleaser: GroupNote "group_note" group_of_group_note Wish::Work, releases_all;
    /// Someone who may see the note in the path.
    NoteReader: Note "note" group_of_note Wish::See;
    /// Someone in the note's group, who may change it until it is released.
    NoteEditor: Note "note" group_of_note Wish::Work;
    /// Who wrote the note in the path, or someone in its group who may release others' notes.
    NoteReleaser: Note "note" group_of_note Wish::Work, releases;
}

/// Asks for a privilege on top of a place in the group.
async fn privileged(tx: &Tx, scope: &GroupScope, access: Access, privilege: Privilege) -> Result<()> {
    match scope.holds(tx, privilege).await? {
        true => Ok(()),
        false => Err(privilege.needed().because(scope.refused(access))),
    }
}

async fn manages_clients<T: Named>(tx: &Tx, of: &GroupObject<T>, access: Access) -> Result<()> {
    privileged(tx, of, access, Privilege::ClientsManage).await
}

async fn releases(tx: &Tx, of: &NoteScope, access: Access) -> Result<()> {
    match store::author_of_note(tx, of.account(), of.object).await? == of.user() {
        true => Ok(()),
        false => privileged(tx, of, access, Privilege::NotesRelease).await,
    }
}

async fn releases_all(tx: &Tx, of: &GroupNoteScope, access: Access) -> Result<()> {
    match store::author_of_group_note(tx, of.account(), of.object).await? == of.user() {
        true => Ok(()),
        false => privileged(tx, of, access, Privilege::NotesRelease).await,
    }
}

watched! {
    ClientReader ClientReadFromParent object;
    ClientGroupReader ClientGroupReadFromParent object;
    GroupNoteReader GroupNoteReadFromParent object;
    NoteReader NoteReadFromParent object;
}

macro_rules! privileged_group_proofs {
    ($($(#[$doc:meta])* $name:ident: $wish:expr, $privilege:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(GroupScope);

        impl std::ops::Deref for $name {
            type Target = GroupScope;
            fn deref(&self) -> &GroupScope {
                &self.0
            }
        }

        impl Proof for $name {
            const ACCESS: Access = Access::$name;

            async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
                let scope = GroupScope::prove(tx, who, path, $wish, Self::ACCESS).await?;
                privileged(tx, &scope, Self::ACCESS, Privilege::$privilege).await?;
                Ok(Self(scope))
            }

            fn actor(&self) -> Option<UserId> {
                Some(self.0.user())
            }

            fn tenant(&self) -> Option<AccountId> {
                Some(self.0.account())
            }
        }
    )*};
}
privileged_group_proofs! {
    /// Someone in the group in the path who may import and export its clients.
    ClientKeeper: Wish::Work, ClientsManage;
    /// Someone who sees the group in the path and may export its cases.
    CaseExporter: Wish::See, CasesExport;
}
