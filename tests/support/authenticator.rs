//! A passkey made of software, and an authenticator app: what people have in their hands. It answers the questions
//! that stand in our pages, as a browser does, and can be told to answer wrongly.

use data_encoding::BASE64URL_NOPAD;
use kernel::clock::{SECOND, Time};
use ring::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};

/// That a person is there, and was checked.
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const WITH_KEY: u8 = 0x40;

pub struct Authenticator {
    key: EcdsaKeyPair,
    id: [u8; 16],
    /// Where it believes to be.
    pub origin: String,
    pub host: String,
    /// Whether it checks who holds it.
    pub verifies: bool,
    /// How often it was used, by its own count.
    pub counter: std::cell::Cell<u32>,
    /// Whose it is: as the site said when it was made.
    user: std::cell::RefCell<String>,
}

impl Authenticator {
    pub fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).unwrap();
        let mut id = [0; 16];
        ring::rand::SecureRandom::fill(&random, &mut id).unwrap();
        Self {
            key,
            id,
            origin: "http://covey.test".to_owned(),
            host: "covey.test".to_owned(),
            verifies: true,
            counter: std::cell::Cell::new(1),
            user: std::cell::RefCell::default(),
        }
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let flags = PRESENT | more | if self.verifies { VERIFIED } else { 0 };
        let mut data = digest(&SHA256, self.host.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend(self.counter.get().to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let said = json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin,
                           "crossOrigin": false });
        said.to_string().into_bytes()
    }

    fn answered(&self, response: &Value) -> String {
        let id = BASE64URL_NOPAD.encode(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string()
    }

    /// Makes a passkey, as the page asks.
    pub fn make(&self, page: &str) -> String {
        let options = options(page);
        options["user"]["id"].as_str().unwrap().clone_into(&mut self.user.borrow_mut());
        let point = self.key.public_key().as_ref();
        let mut data = self.data(WITH_KEY);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(self.id);
        // COSE: an EC2 key for ES256 on P-256, and its two coordinates.
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..65]);
        let mut object = vec![0xa3];
        object.extend(b"\x63fmt\x64none\x67attStmt\xa0\x68authData\x58");
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let said = self.client_data("webauthn.create", &options);
        self.answered(&json!({ "attestationObject": BASE64URL_NOPAD.encode(&object),
                               "clientDataJSON": BASE64URL_NOPAD.encode(&said) }))
    }

    /// Answers a question, as the page asks.
    pub fn answer(&self, page: &str) -> String {
        self.counter.set(self.counter.get() + 1);
        let said = self.client_data("webauthn.get", &options(page));
        let data = self.data(0);
        let signed = [data.as_slice(), digest(&SHA256, &said).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        self.answered(&json!({ "authenticatorData": BASE64URL_NOPAD.encode(&data),
                               "clientDataJSON": BASE64URL_NOPAD.encode(&said),
                               "signature": BASE64URL_NOPAD.encode(signature.as_ref()),
                               "userHandle": *self.user.borrow() }))
    }
}

/// An attribute's value on a page.
fn attribute(page: &str, before: &str) -> String {
    let (_, after) = page.split_once(before).unwrap_or_else(|| panic!("no {before} on {page}"));
    let text = after.split('"').next().unwrap();
    text.replace("&#34;", "\"").replace("&quot;", "\"").replace("&#38;", "&").replace("&amp;", "&")
}

fn options(page: &str) -> Value {
    serde_json::from_str(&attribute(page, "data-options=\"")).unwrap()
}

/// The token that answers come with.
pub fn token(page: &str) -> String {
    let name = if page.contains("proof_token") { "proof_token" } else { "token" };
    attribute(page, &format!("name=\"{name}\" value=\""))
}

/// The recovery codes on a page.
pub fn recovery_codes(page: &str) -> Vec<String> {
    let list = page.split_once("recovery-codes").map_or("", |(_, after)| after);
    let list = list.split("</ul>").next().unwrap_or_default();
    let codes = list.split("<code>").skip(1);
    codes.map(|code| code.split('<').next().unwrap().to_owned()).collect()
}

/// What an app shows at a time for a secret as people type it: by another program than ours.
pub fn code(secret: &str, at: Time) -> String {
    let mut oathtool = std::process::Command::new("oathtool");
    oathtool
        .args(["--totp", "--base32", &format!("--now=@{}", at.micros() / SECOND)])
        .arg(secret.replace(' ', ""));
    let said = oathtool.output().expect("run scripts/test: it installs oathtool");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}
