//! The proofs about requests. A request is seen by who sent it and by the user group that it is addressed to,
//! and by nobody else: not from the parent account either.
//!
//! What it says about a client follows the client's group: its sender sees it while they are in every group
//! that it is about. The receiving group sees what the request shows, and nothing of the client beyond it.

use crate::{
    Access, AccountMember, AccountWorker, Credential, PathParams, Privilege, Proof, Refused, SignedIn, store,
};
use kernel::{
    error::{Error, Result},
    id::{AccountId, RequestId, UserGroupId, UserId},
};
use platform::access_log::Opened;
use storage::Tx;

/// A member of the account in the path who may send requests.
#[derive(Clone, Debug)]
pub struct RequestSender(AccountWorker);

impl std::ops::Deref for RequestSender {
    type Target = AccountMember;
    fn deref(&self) -> &AccountMember {
        &self.0
    }
}

impl Proof for RequestSender {
    const ACCESS: Access = Access::RequestSender;

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        let worker = AccountWorker::prove(tx, who, path).await?;
        match worker.holds(tx, Privilege::RequestsSend).await? {
            true => Ok(Self(worker)),
            false => Err(Privilege::RequestsSend.needed().because(worker.refused(Self::ACCESS))),
        }
    }

    fn actor(&self) -> Option<UserId> {
        self.0.actor()
    }

    fn tenant(&self) -> Option<AccountId> {
        self.0.tenant()
    }
}

/// A request, and where the caller stands toward it.
#[derive(Clone, Debug)]
pub struct RequestScope {
    account: AccountId,
    request: RequestId,
    user: UserId,
    user_group: UserGroupId,
    sender: bool,
    receives: bool,
}

impl RequestScope {
    /// The account.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The request.
    pub fn request(&self) -> RequestId {
        self.request
    }

    /// Who it is.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The user group that it is addressed to now.
    pub fn user_group(&self) -> UserGroupId {
        self.user_group
    }

    /// Whether the caller sent it, and still is in every group that it is about.
    pub fn is_sender(&self) -> bool {
        self.sender
    }

    /// Whether the caller is in the user group that it is addressed to.
    pub fn is_receiver(&self) -> bool {
        self.receives
    }

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        let user = SignedIn::prove(tx, who, path).await?.user();
        let request = path.id("request")?;
        let found = store::request(tx, user, request).await?.filter(|row| row.role.works());
        let found = found.ok_or_else(Error::not_found)?;
        path.agrees("account", found.account)?;
        let (sender, receives) = (found.sends, found.receives);
        if !sender && !receives {
            return Err(Error::not_found());
        }
        let (account, user_group) = (found.account, found.user_group);
        Ok(Self { account, request, user, user_group, sender, receives })
    }

    fn refuse(&self, access: Access, code: &'static str, why: &'static str) -> Error {
        let object = self.request.to_string();
        Error::forbidden(code, why).because(Refused {
            account: self.account,
            user: self.user,
            access,
            object,
        })
    }
}

const NOT_RECEIVER: &str = "Only a member of the user group that the request was sent to can do this.";
const NOT_SENDER: &str = "Only the person who sent the request can do this.";

macro_rules! request_proofs {
    ($($(#[$doc:meta])* $name:ident: $fits:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(RequestScope);

        impl std::ops::Deref for $name {
            type Target = RequestScope;
            fn deref(&self) -> &RequestScope {
                &self.0
            }
        }

        impl Proof for $name {
            const ACCESS: Access = Access::$name;

            async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
                let scope = RequestScope::prove(tx, who, path).await?;
                let fits: fn(&RequestScope) -> Result<()> = $fits;
                fits(&scope)?;
                Ok(Self(scope))
            }

            fn actor(&self) -> Option<UserId> {
                Some(self.0.user)
            }

            fn tenant(&self) -> Option<AccountId> {
                Some(self.0.account())
            }

            fn opened(&self) -> Option<Opened> {
                let record = Self::ACCESS.opens()?;
                Some(Opened::new(self.account(), self.user(), record, self.request()))
            }
        }
    )*};
}
request_proofs! {
    /// Who sent the request in the path, or someone in the user group that it is addressed to.
    RequestReader: |_| Ok(());
    /// Someone in the user group that the request in the path is addressed to.
    RequestReceiver: |scope| match scope.receives {
        true => Ok(()),
        false => Err(scope.refuse(Access::RequestReceiver, "not_receiver", NOT_RECEIVER)),
    };
    /// Who sent the request in the path.
    RequestAuthor: |scope| match scope.sender {
        true => Ok(()),
        false => Err(scope.refuse(Access::RequestAuthor, "not_sender", NOT_SENDER)),
    };
}
