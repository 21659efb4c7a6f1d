//! The parts that pages are built of, each in every state, on one page (`/design`). It is there in development builds
//! alone: when you change a part or the stylesheet, it shows everything that you touched. The browser test looks at it in
//! light and dark, forced colors, and at every width.
//!
//! The page uses the parts and nothing of its own. What it shows is made up, and its forms lead back to it.

pub mod pages;
