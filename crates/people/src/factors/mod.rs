//! Second factors: passkeys, one-time codes, recovery codes; and the accounts that require one.
//!
//! - A passkey is both factors at once, for the device checks who holds it: it also signs in alone. It is bound to the
//!   host of `public_url`, so another site can't ask for it, and it doesn't move along when that host changes.
//! - A one-time code is taken once, of this half minute or the ones beside it. After 100 wrong ones in a row none is.
//! - With the first factor come ten recovery codes, shown once, which sign in once each.
//! - Where an account requires a factor, its last one stays; so does one beside which a short password was chosen.
//! - An administrator's reset, as the command line's, leads to setting up another factor and to nothing else.
//! - An account requires a factor from a date on, of its managers or of everyone. Until then people are asked. What
//!   refuses is [`access::strong_enough`], for each request.

pub mod actions;
pub mod api;
mod ceremonies;
mod codes;
mod mail;
pub mod pages;
mod passkeys;
mod rules;
mod store;

pub use ceremonies::{Ceremony, begin, end, look};
pub use codes::{Code, check as check_code};
pub(crate) use mail::recovery_code_used;
pub use passkeys::{Begun, ask_anyone, ask_for, identify, verify};
pub use rules::Who;
pub use store::{FactorRow, Ways, ways};

use storage::word;

word! {
    /// A kind of second factor.
    pub enum FactorKind {
        /// A key pair that a device, a browser or a stick keeps.
        Passkey = "passkey",
        /// Codes of an authenticator app.
        Code = "code",
    }
}

impl FactorKind {
    /// The words that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Passkey => "Passkey",
            Self::Code => "Authenticator app",
        }
    }
}

/// How many passkeys a person may have.
const MOST: i64 = 20;
/// How many recovery codes there are in a set.
const RECOVERY_CODES: usize = 10;
