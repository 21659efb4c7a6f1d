//! Client groups: named sets of the clients of one group, documented together.
