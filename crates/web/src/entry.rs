//! What was typed into a form, and what is wrong with it: a page shows both again.

use axum::http::StatusCode;

use crate::{
    Form,
    errors::status,
    parts::{Field, Summary},
};
use kernel::error::{Error, FieldError, Kind, Result};

/// The values of a form with their faults.
#[derive(Debug)]
pub struct Entry {
    form: Form,
    faults: Vec<FieldError>,
    problem: Option<String>,
    status: StatusCode,
}

impl Default for Entry {
    fn default() -> Self {
        Self { form: Form::default(), faults: Vec::new(), problem: None, status: StatusCode::OK }
    }
}

impl From<Form> for Entry {
    /// The form as it was sent, with nothing wrong.
    fn from(form: Form) -> Self {
        Self { form, ..Self::default() }
    }
}

impl Entry {
    /// A form that shows these values.
    pub fn of(fields: &[(&str, &str)]) -> Self {
        let form = Form::of(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self { form, ..Self::default() }
    }

    /// The form as it was sent, with what is wrong.
    ///
    /// # Errors
    /// The error is none that the form could mend: it is given back.
    pub fn again(form: Form, error: Error) -> Result<Self> {
        let mends = matches!(
            error.kind(),
            Kind::Invalid | Kind::TooLarge | Kind::Conflict | Kind::Stale | Kind::Throttled
        ) || error.code() == "wrong_credentials";
        if !mends {
            return Err(error);
        }
        let faults = error.fields().to_vec();
        let problem = faults.is_empty().then(|| error.public().to_owned());
        // The browser would take a 401 for a wish to ask for a password by itself.
        let status = match error.kind() {
            Kind::Unauthenticated => StatusCode::UNPROCESSABLE_ENTITY,
            kind => status(kind),
        };
        Ok(Self { form, faults, problem, status })
    }

    /// The same form, with what is wrong.
    ///
    /// # Errors
    /// As [`Entry::again`].
    pub fn refused_for(self, error: Error) -> Result<Self> {
        Self::again(self.form, error)
    }

    /// The same, with these values in place of what was sent.
    #[must_use]
    pub fn showing(mut self, fields: &[(&str, &str)]) -> Self {
        for (name, value) in fields {
            self.form = self.form.with(name, (*value).to_owned());
        }
        self
    }

    /// The status of the page that shows it.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Whether something is wrong.
    pub fn refused(&self) -> bool {
        self.status != StatusCode::OK
    }

    /// The text of a field.
    pub fn get(&self, name: &str) -> &str {
        self.form.get(name)
    }

    /// Whether a field was sent at all.
    pub fn sent(&self, name: &str) -> bool {
        self.form.ticked(name)
    }

    /// Whether a check box or choice with this value is selected.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.form.all(name).iter().any(|known| known == value)
    }

    /// What is wrong with a field.
    pub fn fault(&self, name: &str) -> Option<String> {
        let found = self.faults.iter().find(|fault| fault.field == name);
        found.map(|fault| fault.detail.clone().into_owned())
    }

    fn field(&self, kind: &'static str, name: &str, label: &str) -> Field {
        // Browsers don't give secrets back, so neither do we.
        let value = if kind == "password" { "" } else { self.get(name) };
        Field::new(kind, name, label, value, self.fault(name))
    }

    /// A line of text.
    pub fn text(&self, name: &str, label: &str) -> Field {
        self.field("text", name, label)
    }

    /// An email address.
    pub fn email(&self, name: &str, label: &str) -> Field {
        self.field("email", name, label)
    }

    /// A password.
    pub fn password(&self, name: &str, label: &str) -> Field {
        self.field("password", name, label)
    }

    /// A date.
    pub fn date(&self, name: &str, label: &str) -> Field {
        self.field("date", name, label)
    }

    /// A date and a time of day.
    pub fn moment(&self, name: &str, label: &str) -> Field {
        self.field("datetime-local", name, label)
    }

    /// Several lines.
    pub fn area(&self, name: &str, label: &str) -> Field {
        self.field("area", name, label)
    }

    /// One out of a list.
    pub fn select(&self, name: &str, label: &str) -> Field {
        self.field("select", name, label)
    }

    /// A file.
    pub fn file(&self, name: &str, label: &str) -> Field {
        self.field("file", name, label)
    }

    /// What is wrong, to stand above the form; nothing where nothing is.
    pub fn summary(&self) -> Option<Summary> {
        if !self.refused() {
            return None;
        }
        let heading = self.problem.clone().unwrap_or_else(|| match self.faults.len() {
            1 => format!("Please fix one field: {}", label(&self.faults[0].field)),
            many => format!("Please fix {many} fields"),
        });
        let fault =
            |fault: &FieldError| (fault.field.to_string(), label(&fault.field), fault.detail.to_string());
        Some(Summary { heading, faults: self.faults.iter().map(fault).collect() })
    }
}

/// A field's name for people: most are called as they are labeled.
fn label(field: &str) -> String {
    let name = match field {
        "to" => "user group",
        "body" => "message",
        "due_at" => "due",
        "emails" => "email addresses",
        field => field,
    };
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", letters.as_str().replace('_', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_stays_and_passwords_do_not() {
        let form = Form::of([("name".into(), "Ann".into()), ("password".into(), "secret".into())]);
        let entry = Entry::again(form, Error::field("name", "Too short.")).unwrap();
        let name = entry.text("name", "Name").to_string();
        assert!(
            name.contains("value=\"Ann\"")
                && name.contains("aria-invalid=\"true\"")
                && name.contains("Too short.")
        );
        assert!(!entry.password("password", "Password").to_string().contains("secret"));
        assert_eq!(entry.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let summary = entry.summary().unwrap().to_string();
        assert!(summary.contains("<a href=\"#name\">Name</a>: Too short."), "{summary}");
        assert!(summary.contains("Please fix one field: Name"), "{summary}");
    }

    #[test]
    fn what_no_form_can_mend_is_given_back() {
        assert!(Entry::again(Form::default(), Error::not_found()).is_err());
        assert!(Entry::again(Form::default(), Error::unauthenticated()).is_err());
    }
}
