//! User groups: named sets of an account's members, with privileges, that can send and receive requests.
