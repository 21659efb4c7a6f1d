//! The one error type.
//!
//! It carries two texts: a sentence for the caller, and an internal cause for the log. The driver's
//! words never reach a caller. `web` turns it into problem+json or a page.

use std::{borrow::Cow, fmt};

/// What went wrong, as the caller can act on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Nobody is signed in.
    Unauthenticated,
    /// The caller may see the object but not do this.
    Forbidden,
    /// Absent, or hidden: the two are never told apart.
    NotFound,
    /// It was here, and is kept no longer.
    Gone,
    /// The present state doesn't allow it.
    Conflict,
    /// The input is not valid; the fields say which part.
    Invalid,
    /// What is there can't be used in this way.
    Method,
    /// The body is larger than is taken here.
    TooLarge,
    /// The body is of a kind that is not taken here.
    MediaType,
    /// Someone changed it meanwhile.
    Stale,
    /// Too many attempts; comes with the seconds to wait.
    Throttled,
    /// Something that we need is down or full; trying again may help.
    Unavailable,
    /// Our mistake.
    Internal,
}

/// A message about one field of the input.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field's name as the caller wrote it; nested as `groups[0].role`.
    pub field: Cow<'static, str>,
    /// What is wrong, for programs: `required`, `too_long`, `not_a_date`; `invalid` where there is no closer word.
    pub code: Cow<'static, str>,
    /// What is wrong with it and what would be right, for people.
    pub detail: Cow<'static, str>,
}

impl FieldError {
    /// A fault of a field.
    pub fn new(field: impl Into<Cow<'static, str>>, fault: impl Into<Fault>) -> Self {
        let Fault { code, detail } = fault.into();
        Self { field: field.into(), code, detail }
    }
}

/// What is wrong with a value, whatever its field is called. A sentence alone has the code `invalid`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// For programs, in snake case.
    pub code: Cow<'static, str>,
    /// For people.
    pub detail: Cow<'static, str>,
}

impl Fault {
    /// A fault with its own code.
    pub fn new(code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), detail: detail.into() }
    }

    /// A value that there must be and is not.
    pub fn required(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new("required", detail)
    }
}

macro_rules! faults {
    ($($text:ty)*) => {$(
        impl From<$text> for Fault {
            fn from(detail: $text) -> Self {
                Self::new("invalid", detail)
            }
        }
    )*};
}
faults! { &'static str String Cow<'static, str> }

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl From<Fault> for Cow<'static, str> {
    fn from(fault: Fault) -> Self {
        fault.detail
    }
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Seconds after which what was not available is worth another attempt.
const UNAVAILABLE_FOR: u32 = 5;

struct Inner {
    kind: Kind,
    code: &'static str,
    public: Cow<'static, str>,
    fields: Vec<FieldError>,
    retry_after: Option<u32>,
    cause: Option<Cause>,
}

/// A failure of any action. Small, so that `Result` stays small.
pub struct Error(Box<Inner>);

/// The result of anything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    fn new(kind: Kind, code: &'static str, public: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            code,
            public: public.into(),
            fields: Vec::new(),
            retry_after: None,
            cause: None,
        }))
    }

    /// 401.
    pub fn unauthenticated() -> Self {
        Self::new(Kind::Unauthenticated, "not_signed_in", "Sign in to continue.")
    }

    /// 401 with its own reason.
    pub fn unauthenticated_because(code: &'static str, why: &'static str) -> Self {
        Self::new(Kind::Unauthenticated, code, why)
    }

    /// 403: `why` says which right is missing and who can give it.
    pub fn forbidden(code: &'static str, why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Forbidden, code, why)
    }

    /// 403 until the caller types their password again: [`Error::wants_password`].
    pub fn password_needed() -> Self {
        Self::new(Kind::Forbidden, "password_needed", "Enter your password again to continue.")
    }

    /// Whether the caller may do this once they have typed their password again.
    pub fn wants_password(&self) -> bool {
        self.code() == "password_needed"
    }

    /// 403 until the caller has set up a second factor, or used it in this session.
    pub fn second_factor_needed() -> Self {
        Self::new(
            Kind::Forbidden,
            "second_factor_needed",
            "This practice requires a second factor. Set one up, or sign in again with yours, to continue.",
        )
    }

    /// Whether the caller may do this once they have used a second factor.
    pub fn wants_second_factor(&self) -> bool {
        self.code() == "second_factor_needed"
    }

    /// 404, the same for absent and hidden things.
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "not_found", "It may have moved, or you may not have access.")
    }

    /// 410: what was asked for is kept no longer.
    pub fn gone(code: &'static str, why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Gone, code, why)
    }

    /// 409.
    pub fn conflict(code: &'static str, why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Conflict, code, why)
    }

    /// 422 about one field.
    pub fn field(field: impl Into<Cow<'static, str>>, fault: impl Into<Fault>) -> Self {
        Self::invalid(vec![FieldError::new(field, fault)])
    }

    /// 422 about several fields.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let mut error = Self::new(Kind::Invalid, "invalid", to_fix(&fields));
        error.0.fields = fields;
        error
    }

    /// 405.
    pub fn method() -> Self {
        Self::new(
            Kind::Method,
            "method_not_allowed",
            "This method can’t be used here. The Allow header names those that can.",
        )
    }

    /// 413.
    pub fn too_large(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::TooLarge, "too_large", why)
    }

    /// 415: `why` says what is taken.
    pub fn media_type(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::MediaType, "unsupported_media_type", why)
    }

    /// 412.
    pub fn stale() -> Self {
        Self::new(
            Kind::Stale,
            "changed_meanwhile",
            "Someone else changed this. Load it again, then repeat your change.",
        )
    }

    /// 429, to be tried again in so many seconds.
    pub fn throttled(retry_after: u32) -> Self {
        let mut error = Self::new(
            Kind::Throttled,
            "slow_down",
            format!("Too many attempts. Please wait {}.", wait(retry_after)),
        );
        error.0.retry_after = Some(retry_after);
        error
    }

    /// 503 with its cause, to be tried again in a few seconds.
    pub fn unavailable(public: impl Into<Cow<'static, str>>, cause: impl Into<Cause>) -> Self {
        let mut error = Self::new(Kind::Unavailable, "unavailable", public).because(cause);
        error.0.retry_after = Some(UNAVAILABLE_FOR);
        error
    }

    /// 500 with its cause.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::new(
            Kind::Internal,
            "internal",
            "Something went wrong on our side. Nothing was changed. Please try again.",
        )
        .because(cause)
    }

    /// Adds the internal cause.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Cause>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Adds what there is to say of each of several things; `field` names the thing.
    #[must_use]
    pub fn about(mut self, things: Vec<FieldError>) -> Self {
        self.0.fields = things;
        self
    }

    /// What kind it is.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The stable machine-readable code.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The sentence for the caller.
    pub fn public(&self) -> &str {
        &self.0.public
    }

    /// The messages per field.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// Seconds to wait before trying again.
    pub fn retry_after(&self) -> Option<u32> {
        self.0.retry_after
    }

    /// The internal cause, if it is a `T`.
    pub fn cause<T: std::error::Error + 'static>(&self) -> Option<&T> {
        self.0.cause.as_ref()?.downcast_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.public)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}: {}", self.0.kind, self.0.code, self.0.public)?;
        for field in &self.0.fields {
            write!(f, " [{}: {}]", field.field, field.detail)?;
        }
        let mut cause = self.0.cause.as_deref().map(|c| c as &dyn std::error::Error);
        while let Some(error) = cause {
            write!(f, "; caused by: {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Collects what is wrong with an input, so that the caller hears everything at once.
#[derive(Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// Notes a fault of `field` unless `fine`.
    pub fn that(&mut self, fine: bool, field: &'static str, fault: impl Into<Fault>) {
        if !fine {
            self.0.push(FieldError::new(field, fault));
        }
    }

    /// Keeps a value, or notes why it can't be used.
    pub fn take<T>(&mut self, field: &'static str, value: Result<T, impl Into<Fault>>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(fault) => {
                self.that(false, field, fault);
                None
            }
        }
    }

    /// The faults, if there are any.
    pub fn done(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::invalid(self.0)) }
    }
}

/// Names the fields to fix, as a caller of the API spells them.
fn to_fix(fields: &[FieldError]) -> String {
    let names = fields.iter().map(|fault| fault.field.as_ref()).collect::<Vec<_>>();
    match names[..] {
        [one] => format!("Please fix one field: {one}"),
        _ => format!("Please fix {} fields: {}", names.len(), names.join(", ")),
    }
}

/// How long to wait, in words.
fn wait(seconds: u32) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}
