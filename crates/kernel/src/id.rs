//! Identifiers: 16-byte UUIDv7 values that know what they identify.
//!
//! An `Id<Group>` can't be passed where an `Id<Case>` is wanted. Outside the database an id is its
//! prefix, an underscore and 26 characters of lower-case base32hex, which sorts as the bytes do:
//! `grp_069d2k0…`. Ids sort by the moment of their creation to about a quarter of a microsecond.

use std::{cmp::Ordering, fmt, hash, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::clock::Time;

/// What an [`Id`] can identify.
pub trait Named: 'static {
    /// The letters before the underscore in the written form.
    const PREFIX: &'static str;
    /// What it is called in the API document: `Case`.
    const NAME: &'static str;
}

macro_rules! named {
    ($($(#[$doc:meta])* $name:ident $alias:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub enum $name {}
        impl Named for $name {
            const PREFIX: &'static str = $prefix;
            const NAME: &'static str = stringify!($name);
        }
        #[doc = concat!("The id of: ", stringify!($name), ", written `", $prefix, "_…`.")]
        pub type $alias = Id<$name>;
    )*};
}

named! {
    /// The tenant.
    Account AccountId "acc";
    /// A person with one sign-in.
    User UserId "usr";
    /// A collection of members with its own locations and cases.
    Group GroupId "grp";
    /// A place of one group.
    Location LocationId "loc";
    /// Clinical work on one client or animal.
    Case CaseId "cas";
    /// An offer by email to join an account.
    Invitation InvitationId "inv";
    /// An entry in a chart or case.
    Note NoteId "not";
    /// A pet owner, producer or patient whom a group serves.
    Client ClientId "cli";
    /// An animal of a client.
    Animal AnimalId "ani";
    /// A file of clients on its way into a group.
    Import ImportId "imp";
    /// A named set of members of an account, with privileges.
    UserGroup UserGroupId "ugr";
    /// A named set of clients of one group, documented together.
    ClientGroup ClientGroupId "cgr";
    /// One note written for a client group.
    GroupNote GroupNoteId "gnt";
    /// A kind of note, with the text that it begins with.
    NoteType NoteTypeId "nty";
    /// An addition to a note that was released.
    Addendum AddendumId "add";
    /// A question or task for a user group.
    Request RequestId "req";
    /// Something said in a request's thread.
    Message MessageId "msg";
    /// A file attached to a case or a request.
    File FileId "fil";
    /// A kind of work that a case follows, out of the account's list.
    Protocol ProtocolId "pro";
    /// A document for pet owners.
    Handout HandoutId "hnd";
    /// A handout that was sent, or a link to it.
    HandoutShare HandoutShareId "shr";
    /// A secret of an account for its own programs.
    ApiKey ApiKeyId "key";
    /// A signed-in browser or program.
    Session SessionId "ses";
    /// A second factor of a person.
    Factor FactorId "fct";
    /// An offer to take over the ownership of an account.
    Transfer TransferId "otr";
    /// An email in the outbox.
    Mail MailId "mai";
    /// An account's plan, licenses, period and price.
    Subscription SubscriptionId "sub";
    /// A price that holds for a while.
    Quote QuoteId "quo";
    /// What an account owes or is owed.
    Invoice InvoiceId "ivc";
    /// A try to move money.
    Payment PaymentId "pay";
    /// An entry of the ledger.
    Entry EntryId "led";
    /// A row of the access log: that someone opened something.
    Opening OpeningId "opn";
    /// What was opened, whatever it is; shown under the prefix of what it is.
    Opened OpenedId "obj";
    /// An event of an account's feed.
    Event EventId "evt";
    /// An address that hears of an account's events.
    Webhook WebhookId "whk";
    /// An event on its way to a webhook.
    Delivery DeliveryId "dlv";
    /// One period of a membership; never shown.
    Period PeriodId "per";
}

/// A typed identifier. Shown with its prefix, stored as 16 bytes.
pub struct Id<T>(Uuid, PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// The id with these bytes.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The bytes as the drivers want them.
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// The same, borrowed.
    pub const fn uuid_ref(&self) -> &Uuid {
        &self.0
    }

    /// The 16 bytes themselves.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id that sorts after every id that is ever made: where a newest-first list begins.
    pub const fn last() -> Self {
        Self::from_uuid(Uuid::max())
    }

    /// The id that sorts before every other. The chain of server-wide audit events carries it.
    pub const fn nil() -> Self {
        Self::from_uuid(Uuid::nil())
    }

    /// A UUIDv7 for `now`: 48 bits of milliseconds, 12 bits of the fraction, 62 random bits
    /// (RFC 9562, section 6.2, method 3).
    pub fn at(now: Time, random: [u8; 8]) -> Self {
        let micros = now.micros().max(0).unsigned_abs();
        let millis = micros / 1000;
        let fraction = u16::try_from((micros % 1000) * 4096 / 1000).unwrap_or(0);
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        bytes[6..8].copy_from_slice(&(0x7000 | fraction).to_be_bytes());
        bytes[8..].copy_from_slice(&random);
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Self::from_uuid(Uuid::from_bytes(bytes))
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> hash::Hash for Id<T> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T: Named> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Base32hex, lower case, no padding: keeps the order of the bytes.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

impl<T: Named> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 128 bits are 25 groups of five and one of three, which stands in the high bits.
        let value = self.0.as_u128();
        let mut text = [0u8; 26];
        for (i, letter) in text.iter_mut().enumerate() {
            // The last group has three bits left, which two zeros fill up.
            let five = if i < 25 { value >> (123 - 5 * i) } else { value << 2 };
            *letter = ALPHABET[(five & 31) as usize];
        }
        write!(f, "{}_{}", T::PREFIX, str::from_utf8(&text).unwrap_or_default())
    }
}

/// The text is not an id of this kind.
#[derive(Debug, thiserror::Error)]
#[error("not an id of this kind")]
pub struct NotAnId;

impl<T: Named> FromStr for Id<T> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let letters = text
            .strip_prefix(T::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .filter(|rest| rest.len() == 26)
            .ok_or(NotAnId)?;
        let mut value = 0u128;
        for (i, letter) in letters.bytes().enumerate() {
            let five = ALPHABET.iter().position(|&l| l == letter).ok_or(NotAnId)? as u128;
            value = match i {
                25 if five & 0b11 != 0 => return Err(NotAnId),
                25 => (value << 3) | (five >> 2),
                _ => (value << 5) | five,
            };
        }
        Ok(Self::from_uuid(Uuid::from_u128(value)))
    }
}

impl<T: Named> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: Named> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(|_| {
            de::Error::custom(format_args!("not_an_id: Use an id that begins with {}_.", T::PREFIX))
        })
    }
}

impl<T: Named> utoipa::PartialSchema for Id<T> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            // Of the last character three bits are used, so it is one of eight.
            .pattern(Some(format!("^{}_[0-9a-v]{{25}}[048cgkos]$", T::PREFIX)))
            .into()
    }
}
impl<T: Named> utoipa::ToSchema for Id<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("{}Id", T::NAME).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_form_reads_back_and_keeps_the_order() {
        let early = GroupId::at(Time::from_micros(1_700_000_000_000_000), [0xff; 8]);
        let late = GroupId::at(Time::from_micros(1_700_000_000_000_001), [0; 8]);
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
        assert_eq!(early.to_string().parse::<GroupId>().unwrap(), early);
        assert_eq!(GroupId::last().to_string().parse::<GroupId>().unwrap(), GroupId::last());
    }

    #[test]
    fn an_id_of_another_kind_or_a_second_spelling_is_refused() {
        let group = GroupId::at(Time::from_micros(1), [7; 8]).to_string();
        assert!(group.replace("grp", "cas").parse::<GroupId>().is_err());
        assert!(group.to_uppercase().parse::<GroupId>().is_err());
        assert!(format!("{}v", &group[..group.len() - 1]).parse::<GroupId>().is_err());
        assert!("grp_".parse::<GroupId>().is_err());
        assert!("grp_é0000000000000000000000000".parse::<GroupId>().is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_id_round_trips(bits: u128) {
            let id = CaseId::from_uuid(Uuid::from_u128(bits));
            proptest::prop_assert_eq!(id.to_string().parse::<CaseId>().unwrap(), id);
        }

        #[test]
        fn any_text_is_refused_or_is_the_one_spelling_of_an_id(text in "cas_[0-9a-w]{26}|cas_.{24,28}|.*") {
            if let Ok(id) = text.parse::<CaseId>() {
                proptest::prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
