//! Which accounts require a second factor, of whom, and from when on.

use storage::word;

word! {
    /// Of whom an account requires a second factor.
    pub enum Who {
        /// Of its owner and administrators.
        Managers = "managers",
        /// Of everyone in it.
        Everyone = "everyone",
    }
}

impl Who {
    /// The words that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Managers => "Owner and administrators",
            Self::Everyone => "Everyone",
        }
    }
}
