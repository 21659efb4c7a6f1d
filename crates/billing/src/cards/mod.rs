//! Cards: how an account pays by itself.
//!
//! A card is entered on the page of the payment provider, so its number never reaches this server. It is charged
//! only once an administrator has said so here.

mod actions;
pub mod api;
pub mod pages;
