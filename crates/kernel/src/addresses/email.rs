//! One address: what it must be, what to say where it isn't, and the form in which it is compared and mailed.

use std::borrow::Cow;

use idna::{
    AsciiDenyList,
    uts46::{DnsLength, Hyphens, Uts46},
};

use super::list;
use crate::text;

/// The longest address, in bytes (RFC 5321, section 4.5.3.1.3, less the brackets).
const ADDRESS_LIMIT: usize = 254;
/// The longest part before the @, in bytes (RFC 5321, section 4.5.3.1.1).
const LOCAL_LIMIT: usize = 64;
/// No address is longer than this in any script; longer text isn't looked at.
const TEXT_LIMIT: usize = 4 * ADDRESS_LIMIT;

type Reading<T> = std::result::Result<T, Cow<'static, str>>;

const NO_ADDRESS: &str = "Enter an email address, such as name@practice.org.";
const NO_NAME: &str = "The part after the @ must be a name such as practice.org, not a number.";

/// An email address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Email {
    /// As its owner writes it: letter case, and the domain in its own script.
    pub shown: String,
    /// Lower case, the domain in ASCII: two addresses are the same where these are.
    pub key: String,
}

impl Email {
    /// Reads the one address in a field: alone, with a name beside it, or as a link.
    ///
    /// # Errors
    /// It holds no address that mail could be sent to, or several. The text says what to change.
    pub fn read(text: &str) -> Reading<Self> {
        if let Ok(email) = Self::exact(text.trim()) {
            return Ok(email);
        }
        match list::read_alone(text) {
            Some(read) => read,
            None => Err(NO_ADDRESS.into()),
        }
    }

    /// The key of an address that was read before, by what is shown of it.
    pub fn key_of(shown: &str) -> String {
        Self::exact(shown.trim()).map_or_else(|_| text::fold(shown.trim()), |email| email.key)
    }

    /// Where mail to an address goes that was read before, by what is shown of it.
    pub fn mailbox_of(shown: &str) -> String {
        Self::exact(shown).map_or_else(|_| shown.to_owned(), |email| email.mailbox())
    }

    /// The address that mail is sent to: the domain is in ASCII, which every mail server takes.
    pub fn mailbox(&self) -> String {
        if self.shown.is_ascii() {
            return self.shown.clone();
        }
        let local = self.shown.rsplit_once('@').map_or("", |(local, _)| local);
        let domain = self.key.rsplit_once('@').map_or("", |(_, domain)| domain);
        format!("{local}@{domain}")
    }

    /// A domain, or some whole parts of one, in ASCII; nothing where it can't be part of a domain.
    pub(crate) fn domain_part(text: &str) -> Option<String> {
        let ascii =
            Uts46::new().to_ascii(text.as_bytes(), AsciiDenyList::STD3, Hyphens::Allow, DnsLength::Ignore);
        ascii.ok().map(Cow::into_owned)
    }

    /// Reads an address with nothing around it.
    pub(super) fn exact(text: &str) -> Reading<Self> {
        if text.len() > TEXT_LIMIT {
            return Err(format!("An address has at most {ADDRESS_LIMIT} characters.").into());
        }
        let (local, domain) = match text.split('@').collect::<Vec<_>>()[..] {
            [local, domain] => (local, domain),
            [_] => return Err(NO_ADDRESS.into()),
            _ => return Err("It has more than one @. Put a space between two addresses.".into()),
        };
        check_local(text, local)?;
        let ascii = check_domain(text, domain)?;
        if local.len() + 1 + ascii.len() > ADDRESS_LIMIT {
            return Err(format!("An address has at most {ADDRESS_LIMIT} characters.").into());
        }
        let email = Self { shown: text.to_owned(), key: format!("{}@{ascii}", local.to_ascii_lowercase()) };
        // The program that sends has the last word on what it can send to.
        match email.mailbox().parse::<lettre::Address>() {
            Ok(_) => Ok(email),
            Err(_) => Err(NO_ADDRESS.into()),
        }
    }
}

/// The part before the @: letters, digits and some marks (RFC 5322, section 3.2.3). Mail servers without SMTPUTF8 are
/// still the rule, so what they can't take is refused here; so is a percent sign, which is a link's escape or asks for a
/// relay.
fn check_local(text: &str, local: &str) -> Reading<()> {
    if local.is_empty() {
        return Err("Something is missing before the @.".into());
    }
    if local.contains('’') {
        let straight = text.replace('’', "'");
        return Err(match Email::exact(&straight) {
            Ok(email) => format!("Did you mean {}, with a straight apostrophe?", email.shown).into(),
            Err(why) => why,
        });
    }
    if local.contains('"') {
        return Err("Covey can't send to addresses with quotation marks before the @.".into());
    }
    if let Some(c) = local.chars().find(|c| !is_local(*c)) {
        return Err(misplaced(c, "before"));
    }
    if local.len() > LOCAL_LIMIT {
        let length = local.len();
        return Err(
            format!("The part before the @ has {length} characters; {LOCAL_LIMIT} are the most.").into()
        );
    }
    if local.split('.').any(str::is_empty) {
        return Err("Check the periods before the @.".into());
    }
    Ok(())
}

fn is_local(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$&'*+-/=?^_`{|}~.".contains(c)
}

fn misplaced(c: char, side: &str) -> Cow<'static, str> {
    match c {
        c if c.is_whitespace() || c.is_control() => NO_ADDRESS.into(),
        c => format!("“{c}” can't be used {side} the @.").into(),
    }
}

/// The part after the @, in ASCII.
fn check_domain(text: &str, domain: &str) -> Reading<String> {
    if domain.is_empty() {
        return Err("Something is missing after the @.".into());
    }
    if domain.starts_with('[') {
        return Err(NO_NAME.into());
    }
    if let Some(at) =
        domain.find(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '-' && c != '.')
    {
        let before = &text[..text.len() - domain.len() + at];
        return Err(match Email::exact(before) {
            Ok(email) if !domain[at..].starts_with(['_', '~']) => {
                format!("Did you mean {}?", email.shown).into()
            }
            _ => misplaced(domain[at..].chars().next().unwrap_or(' '), "after"),
        });
    }
    if !domain.contains('.') {
        return Err("The part after the @ needs a period, as in name@practice.org.".into());
    }
    let ascii = to_ascii(domain).ok_or("Check the part after the @: it looks like practice.org.")?;
    match ascii.rsplit('.').next() {
        Some(last) if last.bytes().all(|b| b.is_ascii_digit()) => Err(NO_NAME.into()),
        _ => Ok(ascii),
    }
}

/// A domain of at least two labels in ASCII; none if it isn't one (letters, digits and hyphens, labels of at most 63
/// bytes, RFC 1035 and RFC 5891).
fn to_ascii(domain: &str) -> Option<String> {
    let found = Uts46::new().to_ascii(
        domain.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
        DnsLength::Verify,
    );
    found.ok().filter(|ascii| ascii.contains('.')).map(Cow::into_owned)
}

/// Whether this can stand after an @.
pub(super) fn is_domain(text: &str) -> bool {
    text.len() <= TEXT_LIMIT && check_domain(text, text).is_ok()
}
