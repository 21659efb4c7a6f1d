//! Enums that are one word each in JSON, in forms and in the database.

use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

/// Declares an enum whose values are words, the same in JSON, in forms and, through the storage layer's
/// macro of the same name, in the database. `enum State as RequestState` calls it so in the API document, where
/// its own name would say too little.
#[macro_export]
macro_rules! word {
    ($(#[$meta:meta])* $vis:vis enum $name:ident $(as $alias:ident)? { $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        $vis enum $name { $($(#[$variant_meta])* $variant,)* }

        #[allow(dead_code, unreachable_pub, reason = "what every word has, though not each is used")]
        impl $name {
            /// Every value, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The value of a word.
            pub fn read(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::read(&word).ok_or_else(|| {
                    serde::de::Error::custom($crate::word::one_of(Self::ALL.iter().map(|value| value.word())))
                })
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::word::schema(Self::ALL.iter().map(|value| value.word()))
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                [$(stringify!($alias),)? stringify!($name)][0].into()
            }
        }
    };
}

/// What is said of a word that is none of these.
#[must_use]
pub fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> String {
    format!("not_a_choice: Use one of: {}.", words.collect::<Vec<_>>().join(", "))
}

/// How the API document describes a choice of words.
#[must_use]
pub fn schema<'a>(words: impl Iterator<Item = &'a str>) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
}

#[cfg(test)]
mod tests {
    use utoipa::{PartialSchema as _, ToSchema as _};

    word! {
        /// How ripe it is.
        enum State as FruitState {
            /// Not yet.
            NotYet = "not_yet",
            /// It is.
            Ripe = "ripe",
        }
    }

    #[test]
    fn the_schema_has_the_words_of_the_wire() {
        let schema = serde_json::to_value(State::schema()).unwrap();
        assert_eq!(schema, serde_json::json!({ "type": "string", "enum": ["not_yet", "ripe"] }));
        assert_eq!(State::name(), "FruitState");
        assert_eq!(serde_json::to_value(State::NotYet).unwrap(), schema["enum"][0]);
        assert_eq!(serde_json::from_str::<State>("\"ripe\"").unwrap(), State::Ripe);
        let wrong = serde_json::from_str::<State>("\"NotYet\"").unwrap_err().to_string();
        assert!(wrong.starts_with("not_a_choice: Use one of: not_yet, ripe."), "{wrong}");
    }
}
