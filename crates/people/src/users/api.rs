//! A user, in JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::users::{UserRow, UserType};
use kernel::id::UserId;

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they are in the practice.
    pub user_type: UserType,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self { id: row.id, email: row.email, name: row.name, user_type: row.user_type }
    }
}
