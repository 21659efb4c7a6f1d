//! Handouts: what a practice gives to pet owners, clients or patients, to be searched, read, printed, emailed and shared.
//!
//! - Every account has a library: its own handouts, and those of the starter set that comes with Covey which are for
//!   its kind of practice. The set is the same everywhere and is renewed with the program.
//! - Everyone in the account reads and shares, support staff too: it is all that they do. Owner and
//!   administrators add, change and archive the account's own, and make their own copy of a starter one.
//! - A text never changes: a change is a new version. What was shared keeps showing its version.
//! - Favorites and private notes belong to the person, and stay with them when they change account.
//! - A shared link is good for some days, opens without signing in, and can be revoked.

pub mod actions;
pub mod api;
mod mail;
mod markdown;
pub mod pages;
mod paper;
mod starter;
mod store;

pub use starter::seed;
pub use store::{Filter, HandoutRow, ShareRow, Shared, Shares, VersionRow, count_own, move_all};

use kernel::{
    clock::{DAY, HOUR},
    error::Result,
    id::{AccountId, UserId},
    practice::PracticeKind,
};
use storage::{Tx, word};

/// How long a shared link is good unless its sender says otherwise, in days.
pub const SHARE_DAYS: i64 = 30;
/// The longest that a sender may say, in days.
pub const SHARE_DAYS_LIMIT: i64 = 90;
/// How many handouts one person may email in [`EMAIL_WINDOW`].
pub const EMAILS_AT_MOST: i64 = 60;
/// The time in which they are counted.
pub const EMAIL_WINDOW: i64 = HOUR;
/// The longest message with a handout, in characters.
pub const MESSAGE_LIMIT: usize = 2000;
/// The unit of [`SHARE_DAYS`].
const SHARE_UNIT: i64 = DAY;

/// Revokes every link that a person made for an account: they leave it. Says how many were still good.
pub async fn revoke_all_of(tx: &Tx, account: AccountId, user: UserId) -> Result<u64> {
    store::revoke_all_of(tx, account, user).await
}

word! {
    /// Which animals a handout is about.
    pub enum Species {
        /// Dogs.
        Dog = "dog",
        /// Cats.
        Cat = "cat",
        /// Horses.
        Horse = "horse",
        /// Rabbits.
        Rabbit = "rabbit",
        /// Others, or several.
        Other = "other",
    }
}

impl Species {
    /// The word that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Dog => "Dog",
            Self::Cat => "Cat",
            Self::Horse => "Horse",
            Self::Rabbit => "Rabbit",
            Self::Other => "Other animals",
        }
    }
}

word! {
    /// What a handout is about.
    pub enum Topic as HandoutTopic {
        /// After surgery or treatment.
        Aftercare = "aftercare",
        /// How animals behave.
        Behavior = "behavior",
        /// Illness that stays.
        Chronic = "chronic",
        /// Teeth.
        Dental = "dental",
        /// What can't wait.
        Emergency = "emergency",
        /// Saying goodbye.
        EndOfLife = "end_of_life",
        /// Keeping animals well.
        Husbandry = "husbandry",
        /// Giving medicine.
        Medicine = "medicine",
        /// Feeding.
        Nutrition = "nutrition",
        /// Worms, fleas, ticks.
        Parasites = "parasites",
        /// Vaccination and check-ups.
        Prevention = "prevention",
        /// Skin, ears and coat.
        Skin = "skin",
        /// Worry, panic, fear.
        Anxiety = "anxiety",
        /// Skills for hard moments.
        Coping = "coping",
        /// Loss.
        Grief = "grief",
        /// Depression and what helps.
        Mood = "mood",
        /// Sleep.
        Sleep = "sleep",
        /// Alcohol and other drugs.
        SubstanceUse = "substance_use",
        /// What to expect of visits.
        Visits = "visits",
    }
}

impl Topic {
    /// The words that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Aftercare => "Aftercare",
            Self::Behavior => "Behavior",
            Self::Chronic => "Chronic conditions",
            Self::Dental => "Dental",
            Self::Emergency => "Emergency",
            Self::EndOfLife => "End of life",
            Self::Husbandry => "Everyday care",
            Self::Medicine => "Medication",
            Self::Nutrition => "Nutrition",
            Self::Parasites => "Parasites",
            Self::Prevention => "Prevention",
            Self::Skin => "Skin and ears",
            Self::Anxiety => "Anxiety",
            Self::Coping => "Coping skills",
            Self::Grief => "Grief",
            Self::Mood => "Mood",
            Self::Sleep => "Sleep",
            Self::SubstanceUse => "Substance use",
            Self::Visits => "Your visits",
        }
    }

    /// What handouts of this kind of practice are about, in the order of a list.
    pub const fn of(kind: PracticeKind) -> &'static [Self] {
        use Topic::{
            Aftercare, Anxiety, Behavior, Chronic, Coping, Dental, Emergency, EndOfLife, Grief, Husbandry,
            Medicine, Mood, Nutrition, Parasites, Prevention, Skin, Sleep, SubstanceUse, Visits,
        };
        match kind {
            PracticeKind::Veterinary => &[
                Aftercare, Behavior, Chronic, Dental, Emergency, EndOfLife, Husbandry, Medicine, Nutrition,
                Parasites, Prevention, Skin,
            ],
            PracticeKind::BehavioralHealth => {
                &[Anxiety, Coping, Emergency, Grief, Medicine, Mood, Sleep, SubstanceUse, Visits]
            }
            PracticeKind::Other => &[
                Aftercare, Chronic, Coping, Dental, Emergency, EndOfLife, Medicine, Nutrition, Prevention,
                Skin, Sleep, Visits,
            ],
        }
    }
}

word! {
    /// The language of a handout, by its code.
    pub enum Language as HandoutLanguage {
        /// English.
        English = "en",
        /// Spanish.
        Spanish = "es",
        /// French.
        French = "fr",
        /// German.
        German = "de",
        /// Portuguese.
        Portuguese = "pt",
        /// Italian.
        Italian = "it",
        /// Dutch.
        Dutch = "nl",
        /// Polish.
        Polish = "pl",
        /// Arabic.
        Arabic = "ar",
    }
}

impl Language {
    /// Its own name for itself.
    pub const fn label(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Español",
            Self::French => "Français",
            Self::German => "Deutsch",
            Self::Portuguese => "Português",
            Self::Italian => "Italiano",
            Self::Dutch => "Nederlands",
            Self::Polish => "Polski",
            Self::Arabic => "العربية",
        }
    }

    /// The best of them for a reader with this `Accept-Language`; none where it names none of them.
    pub fn preferred(header: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for range in header.split(',') {
            let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
            let tag = tag.split('-').next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = weight.trim().parse::<f32>().unwrap_or(0.0);
            let better = weight > best.map_or(0.0, |(_, weight)| weight);
            if let Some(language) = Self::read(&tag).filter(|_| better) {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }

    /// In which direction it is written, as HTML says it.
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Arabic => "rtl",
            _ => "ltr",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_a_reader_likes_best_is_taken_among_those_that_handouts_have() {
        let preferred = |header: &str| Language::preferred(header).map(Language::word);
        assert_eq!(preferred("es-MX,es;q=0.9,en;q=0.8"), Some("es"));
        assert_eq!(preferred("en;q=0.5, ES;q=0.7"), Some("es"));
        assert_eq!(preferred("ja, en-US;q=0.6"), Some("en"));
        for none in ["", "*", "ja", "es;q=0", "es;q=much", ",;q=,-"] {
            assert_eq!(preferred(none), None, "{none}");
        }
    }
}
