//! The starter set as it is kept.

use crate::handouts::{Language, Species, Topic};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, HandoutId},
    practice::PracticeKind,
};
use storage::{Tx, row, sql};

row! {
    /// A starter handout as it is kept.
    pub(crate) struct StarterRow {
        pub(crate) id: HandoutId = "h.id",
        pub(crate) starter: String = "h.starter",
        pub(crate) practice_kind: Option<PracticeKind> = "h.practice_kind",
        pub(crate) species: Option<Species> = "h.species",
        pub(crate) topic: Topic = "h.topic",
        pub(crate) language: Language = "h.language",
        pub(crate) title: String = "v.title",
        pub(crate) summary: String = "v.summary",
        pub(crate) body: String = "v.body",
        pub(crate) number: i64 = "h.number",
        pub(crate) created_at: Time = "h.created_at",
        pub(crate) archived_at: Option<Time> = "h.archived_at",
        pub(crate) version: i64 = "h.version",
    }
}

/// Says for which kind of practice a starter handout is.
pub(crate) async fn set_practice_kind(tx: &Tx, id: HandoutId, kind: Option<PracticeKind>) -> Result<()> {
    tx.exec(
        sql!("UPDATE handouts SET practice_kind = $3 WHERE account_id = $1 AND id = $2"),
        &[&AccountId::nil(), &id, &kind],
    )
    .await?;
    Ok(())
}

/// The starter set as it is kept.
pub(crate) async fn starters(tx: &Tx) -> Result<Vec<StarterRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM handouts h
             JOIN handout_versions v ON v.account_id = h.account_id AND v.handout_id = h.id AND v.number = h.number
             WHERE h.account_id = $1 AND h.starter IS NOT NULL",
            StarterRow
        ),
        &[&AccountId::nil()],
    )
    .await
}
