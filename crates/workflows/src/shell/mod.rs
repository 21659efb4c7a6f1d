//! The frame of every page: who is signed in, what they belong to, and where they may go from here; the page
//! where one lands, and the one that switches.

mod banner;
mod frame;
pub mod pages;
mod panel;
mod places;
mod store;

use std::pin::Pin;

use kernel::{
    error::Result,
    id::{AccountId, UserId},
};
use storage::Tx;
use web::page::{Frame, Here};

/// How much waits unread for someone in an account, counted by a slice that the frame need not know.
pub type Count = Box<
    dyn for<'a> Fn(&'a Tx, AccountId, UserId) -> Pin<Box<dyn Future<Output = Result<i64>> + Send + 'a>>
        + Send
        + Sync,
>;

/// Loads the frame of pages.
pub struct Shell {
    unread: Vec<Count>,
    sells: bool,
}

impl Shell {
    /// With these counts of what is unread, on a server that sells licenses or not.
    pub fn new(unread: Vec<Count>, sells: bool) -> Self {
        Self { unread, sells }
    }
}

impl web::page::Shell for Shell {
    fn frame<'a>(
        &'a self,
        tx: &'a Tx,
        user: UserId,
        here: Here,
    ) -> Pin<Box<dyn Future<Output = Result<Frame>> + Send + 'a>> {
        Box::pin(frame::frame(tx, user, here, self))
    }
}
