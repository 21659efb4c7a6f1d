//! The overview of a client: their facts and animals, their newest cases, the client groups that they are in, and
//! who can see them, on one page. It uses all of these and stores nothing itself.

pub(crate) mod pages;
