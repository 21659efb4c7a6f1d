//! Proofs about a case and its files.

use crate::proofs::group::{GroupScope, watched};
use crate::{
    Access, Credential, PathParams, Proof,
    caller::{self, Actor},
    policy::Wish,
    store::{self},
};
use kernel::{
    error::{Error, Result},
    id::{AccountId, CaseId, FileId, UserId},
};
use platform::access_log::Opened;
use storage::Tx;

/// A case, its group, and where the caller stands toward it.
#[derive(Clone, Debug)]
pub struct CaseScope {
    pub(super) scope: GroupScope,
    pub(super) case: CaseId,
}

impl CaseScope {
    /// The case.
    pub fn case(&self) -> CaseId {
        self.case
    }

    async fn prove(
        tx: &Tx,
        actor: Actor,
        case: CaseId,
        path: &PathParams,
        wish: Wish,
        access: Access,
    ) -> Result<Self> {
        let found = store::group_of_case(tx, actor, case).await?;
        Ok(Self { scope: GroupScope::decide(found, actor.user, wish, access, path, tx.now())?, case })
    }
}

impl std::ops::Deref for CaseScope {
    type Target = GroupScope;
    fn deref(&self) -> &GroupScope {
        &self.scope
    }
}

macro_rules! case_proofs {
    ($($(#[$doc:meta])* $name:ident: $wish:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(CaseScope);

        impl std::ops::Deref for $name {
            type Target = CaseScope;
            fn deref(&self) -> &CaseScope {
                &self.0
            }
        }

        impl Proof for $name {
            const ACCESS: Access = Access::$name;

            async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
                let actor = caller::actor(tx, who).await?;
                CaseScope::prove(tx, actor, path.id("case")?, path, $wish, Self::ACCESS).await.map(Self)
            }

            fn actor(&self) -> Option<UserId> {
                Some(self.0.user)
            }

            fn tenant(&self) -> Option<AccountId> {
                Some(self.0.account())
            }

            fn opened(&self) -> Option<Opened> {
                let record = Self::ACCESS.opens()?;
                Some(Opened::new(self.account(), self.user(), record, self.case))
            }
        }
    )*};
}
case_proofs! {
    /// Someone who may see the case in the path.
    CaseReader: Wish::See;
    /// Someone in the case's group, who may change it.
    CaseEditor: Wish::Work;
    /// Someone who manages the case's group, and so sees who opened it.
    CaseOverseer: Wish::Manage;
}

macro_rules! file_proofs {
    ($($(#[$doc:meta])* $name:ident: $wish:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            scope: CaseScope,
            file: FileId,
        }

        impl $name {
            /// The file.
            pub fn file(&self) -> FileId {
                self.file
            }
        }

        impl std::ops::Deref for $name {
            type Target = CaseScope;
            fn deref(&self) -> &CaseScope {
                &self.scope
            }
        }

        impl Proof for $name {
            const ACCESS: Access = Access::$name;

            async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
                let actor = caller::actor(tx, who).await?;
                let file = path.id("file")?;
                let case = store::case_of_file(tx, actor, file).await?.ok_or_else(Error::not_found)?;
                Ok(Self { scope: CaseScope::prove(tx, actor, case, path, $wish, Self::ACCESS).await?, file })
            }

            fn actor(&self) -> Option<UserId> {
                Some(self.scope.user)
            }

            fn tenant(&self) -> Option<AccountId> {
                Some(self.scope.account())
            }

            fn opened(&self) -> Option<Opened> {
                let record = Self::ACCESS.opens()?;
                Some(Opened::new(self.account(), self.user(), record, self.file))
            }
        }
    )*};
}
file_proofs! {
    /// Someone who may see the case that the file in the path belongs to.
    FileReader: Wish::See;
    /// Someone in the group of the case that the file in the path belongs to.
    FileEditor: Wish::Work;
}

watched! {
    CaseReader CaseReadFromParent case;
    FileReader CaseReadFromParent case;
}
