//! A person with one sign-in, who may belong to several accounts and groups. Every row has proved its
//! address, but those that API keys act through, which have none.

pub mod api;
mod store;

pub use store::{
    UserRow, anybody, by_email, insert, insert_machine, known_words, mark_password, mark_unproved, prove,
    set_email, set_password, update, user,
};

use storage::word;

word! {
    /// A person's job in the practice. It doesn't change what they can do.
    pub enum UserType {
        /// A veterinarian.
        Veterinarian = "veterinarian",
        /// A technician or nurse.
        Technician = "technician",
        /// A therapist or counsellor.
        Therapist = "therapist",
        /// Reception, insurance, billing.
        Office = "office",
        /// Anything else.
        Other = "other",
    }
}

impl UserType {
    /// The words that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Veterinarian => "Veterinarian",
            Self::Technician => "Technician or nurse",
            Self::Therapist => "Therapist",
            Self::Office => "Office",
            Self::Other => "Other",
        }
    }
}
