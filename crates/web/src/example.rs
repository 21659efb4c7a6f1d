//! The examples of the route tables, with ids where names in braces stand.
//!
//! The API's document shows them with samples of ids; the tests fill in what is there and send them.

use utoipa::{
    PartialSchema as _, ToSchema as _,
    openapi::{RefOr, Schema},
};

use kernel::{
    clock::Time,
    id::{self, Id, Named},
};

/// An example with its names in braces replaced. What `value` doesn't know stays as it is.
pub fn fill(example: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut rest = example;
    let mut filled = String::with_capacity(example.len());
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after.split_once('}').and_then(|(name, behind)| Some((value(name)?, behind)));
        rest = if let Some((id, behind)) = known {
            filled.push_str(&id);
            behind
        } else {
            filled.push('{');
            after
        };
    }
    filled + rest
}

/// Samples of what stands in requests and is no id: what waits for a second factor, and its answers.
fn text(name: &str) -> Option<&'static str> {
    Some(match name {
        "new_code" => "123456",
        "second_code" => "abcd-efgh-ijkl-mnop",
        "new_app" | "new_passkey" | "second_step" | "passkey_alone" => "mF9c3o0pZt7kVwq1Yh2sXu",
        "new_passkey_answer" | "passkey_answer" => "%7B%22id%22%3A%22%E2%80%A6%22%7D",
        _ => return None,
    })
}

macro_rules! samples {
    ($($name:literal $type:ident;)*) => {
        /// What a part of a path of this name is an id of, as the API document and the ids themselves say it.
        pub fn kind(name: &str) -> Option<Kind> {
            match name {
                $($name => Some(Kind::of::<id::$type>()),)*
                _ => None,
            }
        }

        /// The names of such parts.
        pub const PARTS: &[&str] = &[$($name),*];

        /// A sample of the id that a name in braces stands for: that of a path's part, or `other_` or `third_`
        /// before it for a further one of its kind.
        pub fn id(name: &str) -> Option<String> {
            if let Some(text) = text(name) {
                return Some(text.to_owned());
            }
            let further = ["other_", "third_"].into_iter().zip(2..);
            let mut further = further.filter_map(|(word, seed)| Some((name.strip_prefix(word)?, seed)));
            let (kind, seed) = further.next().unwrap_or((name, 1));
            match kind {
                $($name => Some(sample::<id::$type>(seed)),)*
                _ => None,
            }
        }
    };
}
samples! {
    "entry" Entry;
    "subscription" Subscription;
    "message" Message;
    "addendum" Addendum;
    "account" Account;
    "animal" Animal;
    "api_key" ApiKey;
    "case" Case;
    "client" Client;
    "client_group" ClientGroup;
    "delivery" Delivery;
    "event" Event;
    "factor" Factor;
    "file" File;
    "group" Group;
    "group_note" GroupNote;
    "handout" Handout;
    "import" Import;
    "invitation" Invitation;
    "invoice" Invoice;
    "location" Location;
    "mail" Mail;
    "note" Note;
    "note_type" NoteType;
    "payment" Payment;
    "protocol" Protocol;
    "quote" Quote;
    "request" Request;
    "session" Session;
    "share" HandoutShare;
    "transfer" Transfer;
    "user" User;
    "user_group" UserGroup;
    "webhook" Webhook;
}

/// A kind of ids.
pub struct Kind {
    /// The name of its schema: `CaseId`.
    pub schema_name: String,
    /// Its schema.
    pub schema: RefOr<Schema>,
    /// What its ids begin with: `cas`.
    pub prefix: &'static str,
}

impl Kind {
    fn of<T: Named>() -> Self {
        Self { schema_name: Id::<T>::name().into_owned(), schema: Id::<T>::schema(), prefix: T::PREFIX }
    }
}

/// A sample of the ids of a schema: of `CaseId`.
pub fn of_schema(schema_name: &str) -> Option<String> {
    let named = PARTS.iter().find(|name| kind(name).is_some_and(|kind| kind.schema_name == schema_name));
    named.and_then(|name| id(name))
}

fn sample<T: Named>(seed: u8) -> String {
    const MARCH_2026: Time = Time::from_micros(1_772_442_000_000_000);
    Id::<T>::at(MARCH_2026, [seed; 8]).to_string()
}

#[cfg(test)]
mod tests {
    use super::{fill, id};

    #[test]
    fn names_that_are_known_are_replaced_and_nothing_else() {
        let example = r#"{"into":"{other_client}","text":"Hi {name} {"}"#;
        let filled = fill(example, |name| (name == "other_client").then(|| "cli_2".to_owned()));
        assert_eq!(filled, r#"{"into":"cli_2","text":"Hi {name} {"}"#);
    }

    #[test]
    fn samples_are_ids_of_their_kind() {
        let client = id("client").unwrap();
        assert!(client.parse::<kernel::id::ClientId>().is_ok());
        assert_ne!(id("other_client").unwrap(), client);
        assert_eq!(id("name"), None);
    }
}
