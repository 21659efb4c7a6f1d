//! Clients: whom a group serves, and their charts.
