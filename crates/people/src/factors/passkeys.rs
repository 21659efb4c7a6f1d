//! Passkeys (WebAuthn), by the library webauthn-rs. A person's device is asked to check who holds it, so that a
//! passkey is two factors at once.

use serde_json::{Value, json};
use url::Url;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyAuthentication,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Webauthn, WebauthnBuilder,
};

use crate::{
    factors::{FactorKind, FactorRow, ceremonies, ceremonies::Ceremony, store},
    users::UserRow,
};
use kernel::{
    error::{Error, Fault, Result},
    id::UserId,
    links::Site,
    random::Token,
};
use storage::Tx;

/// A question that was put to a passkey: what the browser is given, and the token that answers come with.
pub struct Begun {
    /// The options of `navigator.credentials`, as JSON.
    pub options: String,
    /// Who has it may answer.
    pub token: Token,
}

/// Why no passkey can be used here: they are bound to a host's name.
const NO_HOST: &str = "Passkeys need a host name. This server’s public address is a bare IP address.";

/// Where passkeys are used: the public address. One that is this machine alone has the name `localhost` for that, since
/// passkeys need a name; on 127.0.0.1 itself the browser refuses them.
fn origin(site: &Site) -> Result<Url> {
    let mut origin = Url::parse(&site.base_url).map_err(Error::internal)?;
    let here = match origin.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    if here {
        origin.set_host(Some("localhost")).map_err(Error::internal)?;
    }
    Ok(origin)
}

/// The party that passkeys are made for: the host of the public address.
///
/// # Errors
/// The public address has no host name.
fn party(site: &Site) -> Result<Webauthn> {
    let none = || Error::conflict("no_passkeys", NO_HOST);
    let origin = origin(site)?;
    let host = origin.domain().ok_or_else(none)?.to_owned();
    let builder = WebauthnBuilder::new(&host, &origin).map_err(|_| none())?;
    builder.rp_name("Covey").build().map_err(|_| none())
}

/// Whether passkeys can be used at all.
pub(super) fn usable(site: &Site) -> bool {
    party(site).is_ok()
}

fn passkey(factor: &FactorRow) -> Result<Passkey> {
    serde_json::from_str(&factor.secret).map_err(Error::internal)
}

async fn passkeys(tx: &Tx, user: UserId) -> Result<Vec<(FactorRow, Passkey)>> {
    let factors = store::factors(tx, user).await?;
    let keys = factors.into_iter().filter(|factor| factor.kind == FactorKind::Passkey);
    keys.map(|factor| Ok((passkey(&factor)?, factor)))
        .map(|both| both.map(|(key, factor)| (factor, key)))
        .collect()
}

fn text(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

/// What the browser is to ask for; the rest of what the library says is about its own pages.
fn options(asked: &impl serde::Serialize) -> Result<Value> {
    let value = serde_json::to_value(asked).map_err(Error::internal)?;
    Ok(value["publicKey"].clone())
}

fn refused(error: &impl std::fmt::Debug) -> Error {
    tracing::info!(?error, "a passkey was refused");
    let why = "This passkey couldn’t be checked. Try again, or use another way.";
    Error::field("passkey", Fault::new("wrong_passkey", why))
}

fn read<T: serde::de::DeserializeOwned>(answer: &str) -> Result<T> {
    serde_json::from_str(answer).map_err(|error| refused(&error))
}

/// Asks a device for a new passkey of this person. It is one that signs in without an address being typed, where the
/// device can keep such.
pub(super) async fn ask_for_new(tx: &Tx, site: &Site, person: &UserRow) -> Result<Begun> {
    let known = passkeys(tx, person.id).await?.iter().map(|(_, key)| key.cred_id().clone()).collect();
    let id = person.id.uuid();
    let begun = party(site)?.start_passkey_registration(id, &person.email, &person.name, Some(known));
    let (asked, state) = begun.map_err(|error| refused(&error))?;
    let mut options = options(&asked)?;
    options["authenticatorSelection"]["residentKey"] = json!("preferred");
    let token = ceremonies::begin(tx, Ceremony::NewPasskey, Some(person.id), &text(&state)?).await?;
    Ok(Begun { options: options.to_string(), token })
}

/// The new passkey out of its device's answer, as it is kept.
pub(super) fn made(site: &Site, state: &str, answer: &str) -> Result<String> {
    let state: PasskeyRegistration = serde_json::from_str(state).map_err(Error::internal)?;
    let answer: RegisterPublicKeyCredential = read(answer)?;
    let key = party(site)?.finish_passkey_registration(&answer, &state).map_err(|error| refused(&error))?;
    text(&key)
}

/// Asks one of a person's passkeys. None where they have none, or none can be used here.
///
/// # Errors
/// The database fails.
pub async fn ask_for(tx: &Tx, site: &Site, user: UserId) -> Result<Option<(String, String)>> {
    let Ok(party) = party(site) else { return Ok(None) };
    let keys = passkeys(tx, user).await?.into_iter().map(|(_, key)| key).collect::<Vec<_>>();
    if keys.is_empty() {
        return Ok(None);
    }
    let (asked, state) = party.start_passkey_authentication(&keys).map_err(|error| refused(&error))?;
    Ok(Some((options(&asked)?.to_string(), text(&state)?)))
}

/// Checks the answer of one of a person's passkeys to what was asked, and notes its use.
///
/// # Errors
/// It is not the answer, not to this question, not from this host, or the device didn't check who holds it.
pub async fn verify(tx: &Tx, site: &Site, user: UserId, state: &str, answer: &str) -> Result<()> {
    let state: PasskeyAuthentication = serde_json::from_str(state).map_err(|error| refused(&error))?;
    let answer: PublicKeyCredential = read(answer)?;
    let used =
        party(site)?.finish_passkey_authentication(&answer, &state).map_err(|error| refused(&error))?;
    note(tx, user, &used).await
}

/// Asks for any passkey that the device has: for a sign-in without an address.
///
/// # Errors
/// No passkey can be used here, or the database fails.
pub async fn ask_anyone(tx: &Tx, site: &Site) -> Result<Begun> {
    let (asked, state) = party(site)?.start_discoverable_authentication().map_err(|error| refused(&error))?;
    let token = ceremonies::begin(tx, Ceremony::PasskeyAlone, None, &text(&state)?).await?;
    Ok(Begun { options: options(&asked)?.to_string(), token })
}

/// Whose passkey answered, once its answer is checked; notes its use.
///
/// # Errors
/// As [`verify`]; and it is nobody's.
pub async fn identify(tx: &Tx, site: &Site, state: &str, answer: &str) -> Result<UserId> {
    let party = party(site)?;
    let state: DiscoverableAuthentication = serde_json::from_str(state).map_err(Error::internal)?;
    let answer: PublicKeyCredential = read(answer)?;
    let (user, id) = party.identify_discoverable_authentication(&answer).map_err(|error| refused(&error))?;
    let user = UserId::from_uuid(user);
    let keys = passkeys(tx, user).await?;
    let known = keys.iter().find(|(_, key)| key.cred_id().as_slice() == id);
    let (_, key) = known.ok_or_else(|| refused(&"it is nobody's"))?;
    let key = DiscoverableKey::from(key);
    let used = party.finish_discoverable_authentication_v2(&answer, state, &key);
    note(tx, user, &used.map_err(|error| refused(&error))?).await.map(|()| user)
}

/// Notes that a passkey was used, with its counter. One whose counter went back may be a copy: it is refused.
async fn note(tx: &Tx, user: UserId, used: &AuthenticationResult) -> Result<()> {
    let keys = passkeys(tx, user).await?;
    let known = keys.into_iter().find(|(_, key)| key.cred_id() == used.cred_id());
    let (factor, mut key) = known.ok_or_else(|| refused(&"it was removed meanwhile"))?;
    key.update_credential(used);
    store::use_passkey(tx, user, factor.id, &text(&key)?).await
}
