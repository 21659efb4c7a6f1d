//! What kind of practice an account is. This is the one place that decides the words and the fields that follow
//! from it; pages ask it, and none decides for itself.

use std::borrow::Cow;

crate::word! {
    /// What kind of practice an account is.
    pub enum PracticeKind {
        /// Its clients bring or keep animals.
        Veterinary = "veterinary",
        /// Therapy and counseling.
        BehavioralHealth = "behavioral_health",
        /// Any other practice. Its texts assume nothing about whom it treats.
        Other = "other",
    }
}

impl Default for PracticeKind {
    /// What a program means that doesn't say. Pages ask.
    fn default() -> Self {
        Self::Other
    }
}

impl PracticeKind {
    /// The kind that someone chose in a form.
    ///
    /// # Errors
    /// They chose none.
    pub fn chosen(choice: Option<Self>) -> Result<Self, Cow<'static, str>> {
        choice.ok_or(Cow::Borrowed("Choose the kind of practice."))
    }

    /// Its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Veterinary => "Veterinary",
            Self::BehavioralHealth => "Behavioral health",
            Self::Other => "Other",
        }
    }

    /// What it means, to someone who chooses.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Veterinary => {
                "Clients own or keep animals. Clients, cases, and handouts can name an animal."
            }
            Self::BehavioralHealth => {
                "Therapy and counseling. Protocols, note types, and handouts are for people."
            }
            Self::Other => "Any other clinical practice, with a short, general list of protocols.",
        }
    }

    /// Whether records of animals are kept. Where they are not, those that exist stay readable.
    pub const fn has_animals(self) -> bool {
        matches!(self, Self::Veterinary)
    }

    /// Who handouts are for, one of them. Records say *client* in every practice, as the API does.
    pub const fn recipient(self) -> &'static str {
        match self {
            Self::Veterinary => "pet owner",
            Self::BehavioralHealth => "client",
            Self::Other => "patient",
        }
    }

    /// Who handouts are for, several of them.
    pub const fn recipients(self) -> &'static str {
        match self {
            Self::Veterinary => "pet owners",
            Self::BehavioralHealth => "clients",
            Self::Other => "patients",
        }
    }

    /// As [`PracticeKind::recipient`], at the start of a sentence.
    pub const fn recipient_first(self) -> &'static str {
        match self {
            Self::Veterinary => "Pet owner",
            Self::BehavioralHealth => "Client",
            Self::Other => "Patient",
        }
    }

    /// What a person is called whom the practice itself treats.
    pub const fn treated(self) -> &'static str {
        match self {
            Self::BehavioralHealth => "Client",
            Self::Veterinary | Self::Other => "Patient",
        }
    }

    /// Whom a group's list of clients holds.
    pub const fn clients_are(self) -> &'static str {
        match self {
            Self::Veterinary => "The people and animals that this group cares for.",
            Self::BehavioralHealth | Self::Other => "The people that this group cares for.",
        }
    }

    /// What a search for clients looks through, as a hint in its box.
    pub const fn client_search(self) -> &'static str {
        match self {
            Self::Veterinary => "Name, file number, phone, animal…",
            Self::BehavioralHealth | Self::Other => "Name, file number, phone…",
        }
    }

    /// What a search for handouts may look for, as a hint in its box.
    pub const fn handout_search(self) -> &'static str {
        match self {
            Self::Veterinary => "Lameness, itching, vomiting…",
            Self::BehavioralHealth => "Anxiety, sleep, panic…",
            Self::Other => "Title or topic…",
        }
    }

    /// The kind that a list of several practices follows: where one of them keeps animals, so does the list.
    pub fn of_all(mut kinds: impl Iterator<Item = Self>) -> Self {
        let Some(first) = kinds.next() else { return Self::Other };
        kinds.fold(first, |known, kind| match (known, kind) {
            (known, kind) if known == kind => known,
            (Self::Veterinary, _) | (_, Self::Veterinary) => Self::Veterinary,
            _ => Self::Other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::PracticeKind::{self, BehavioralHealth, Other, Veterinary};

    #[test]
    fn several_practices_together_show_what_one_of_them_has() {
        let of = |kinds: &[PracticeKind]| PracticeKind::of_all(kinds.iter().copied());
        assert_eq!(of(&[]), Other);
        assert_eq!(of(&[BehavioralHealth, BehavioralHealth]), BehavioralHealth);
        assert_eq!(of(&[BehavioralHealth, Other]), Other);
        assert_eq!(of(&[BehavioralHealth, Veterinary, Other]), Veterinary);
    }

    #[test]
    fn veterinary_words_are_in_veterinary_practices_alone() {
        for kind in [BehavioralHealth, Other] {
            let words =
                [kind.about(), kind.recipient(), kind.recipients(), kind.clients_are(), kind.client_search()];
            let words = [words.as_slice(), &[kind.handout_search(), kind.treated()]]
                .concat()
                .join(" ")
                .to_lowercase();
            for word in ["pet", "animal", "lameness", "species", "owner"] {
                assert!(!words.contains(word), "{kind}: {word}");
            }
            assert!(!kind.has_animals());
        }
        assert!(Veterinary.has_animals());
    }
}
