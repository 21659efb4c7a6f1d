//! What every named set has, be it of people or of clients.

use kernel::{error::Checks, text};

/// Checks what every named set has: its name, its description, and that no inactive one is the default.
pub fn checked(
    checks: &mut Checks,
    name: &str,
    description: &str,
    active: bool,
    default: bool,
) -> (String, String) {
    let name = checks.take("name", text::line(name)).unwrap_or_default();
    let description = checks.take("description", text::prose(description)).unwrap_or_default();
    checks.that(
        active || !default,
        "default",
        "An inactive group can’t be the default. Select Active or clear Default.",
    );
    (name, description)
}
