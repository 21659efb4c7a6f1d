//! The overview of a client: their facts and animals, their newest cases, the client groups that they are in, and
//! who can see them, on one page. It stands above all of these and keeps nothing of its own.

pub(crate) mod pages;
