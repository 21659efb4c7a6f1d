//! The smallest pieces, each of them pure: time, ids, randomness, money, text, errors. Nothing here reads a
//! disk, a network or a clock by itself.

pub mod addresses;
pub mod api_keys;
pub mod clock;
pub mod error;
mod guessable;
pub mod id;
pub mod links;
pub mod money;
pub mod net;
pub mod order;
pub mod passwords;
pub mod practice;
pub mod prices;
pub mod random;
pub mod seal;
pub mod search;
pub mod text;
pub mod turns;
pub mod word;
