//! Requests: a question or a task from a person to a user group, about clients or a case.
