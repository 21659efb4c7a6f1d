//! The starter set as it is kept.

use crate::handouts::{Language, Species, Topic};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, HandoutId},
};
use storage::{Tx, row, sql};

row! {
    /// A starter handout as it is kept.
    pub(crate) struct StarterRow {
        pub(crate) id: HandoutId,
        pub(crate) starter: String,
        pub(crate) species: Species,
        pub(crate) topic: Topic,
        pub(crate) language: Language,
        pub(crate) title: String,
        pub(crate) summary: String,
        pub(crate) body: String,
        pub(crate) number: i64,
        pub(crate) created_at: Time,
        pub(crate) archived_at: Option<Time>,
        pub(crate) version: i64,
    }
}

/// The starter set as it is kept.
pub(crate) async fn starters(tx: &Tx) -> Result<Vec<StarterRow>> {
    tx.all(
        sql!(
            "SELECT h.id, h.starter, h.species, h.topic, h.language, v.title, v.summary, v.body, h.number, h.created_at,
                    h.archived_at, h.version
             FROM handouts h
             JOIN handout_versions v ON v.account_id = h.account_id AND v.handout_id = h.id AND v.number = h.number
             WHERE h.account_id = $1 AND h.starter IS NOT NULL"
        ),
        &[&AccountId::nil()],
    )
    .await
}
