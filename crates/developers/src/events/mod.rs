//! The account's event feed, in the order of commits.
