//! One-time codes (RFC 6238: SHA-1, six digits, half a minute, which is what every app can do) and recovery codes.

use data_encoding::BASE32_NOPAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use totp_rs::{Builder, Totp};

use crate::factors::{FactorKind, FactorRow, RECOVERY_CODES, store};
use kernel::{
    clock::{SECOND, Time},
    error::{Error, Fault, Result},
    id::{FactorId, UserId},
    random::Token,
    seal::Key,
};
use storage::Tx;

/// A step's length in seconds.
const STEP: u64 = 30;
/// How many steps before and after the present one a code may be of.
const SKEW: u64 = 1;
/// A last step that is more than this later than a right code is of a clock that was set back: it bars nothing.
const LATER: i64 = 2;
/// How many steps away a code is still known for one of a clock that is wrong: it isn't taken, but its person is told.
const KNOWN: u64 = 5;
/// A secret's length in bytes: that of SHA-1's output, as RFC 4226 recommends.
const SECRET: usize = 20;
/// How many wrong codes in a row are checked (NIST SP 800-63B-4, 3.2.2).
const MOST_WRONG: i64 = 100;

/// The secret of an authenticator app, as it is set up.
pub(super) struct Secret(Vec<u8>);

impl Secret {
    pub(super) fn new(tx: &Tx) -> Self {
        Self(tx.random::<SECRET>().to_vec())
    }

    /// As people type it into an app: groups of four letters.
    pub(super) fn typed(&self) -> String {
        let letters = BASE32_NOPAD.encode(&self.0);
        in_groups(&letters, " ")
    }

    /// As apps read it out of a QR code.
    pub(super) fn address(&self, email: &str) -> String {
        let who = utf8_percent_encode(email, NON_ALPHANUMERIC);
        format!("otpauth://totp/Covey:{who}?secret={}&issuer=Covey", BASE32_NOPAD.encode(&self.0))
    }

    /// Sealed with the server's key. A key seals one text, and an id is one secret's.
    pub(super) fn seal(&self, tx: &Tx, id: FactorId) -> Result<String> {
        Ok(key(tx, id)?.seal(&BASE32_NOPAD.encode(&self.0)))
    }

    pub(super) fn open(tx: &Tx, id: FactorId, sealed: &str) -> Result<Self> {
        let text = key(tx, id)?.open(sealed);
        let text = text.ok_or_else(|| Error::internal("the secret was sealed with another key"))?;
        BASE32_NOPAD.decode(text.as_bytes()).map(Self).map_err(Error::internal)
    }

    fn totp(&self) -> Result<Totp> {
        let builder = Builder::new().with_secret(self.0.clone()).with_skew(0).with_step_duration(STEP);
        builder.build().map_err(|error| Error::internal(format!("{error:?}")))
    }

    /// Of which step a code is.
    ///
    /// # Errors
    /// It is of none that is taken. Whose clock is wrong by a few minutes is told so.
    pub(super) fn step(&self, code: &str, now: Time) -> Result<i64> {
        let totp = self.totp()?;
        let here = u64::try_from(now.micros() / SECOND).unwrap_or_default() / STEP;
        let near = |away: u64| {
            [here.saturating_sub(away), here + away]
                .into_iter()
                .find(|step| totp.check(code, step * STEP).is_some())
        };
        let step = |step| i64::try_from(step).map_err(Error::internal);
        for away in 0..=SKEW {
            if let Some(found) = near(away) {
                return step(found);
            }
        }
        match (SKEW + 1..=KNOWN).find_map(near) {
            Some(found) if found > here => Err(clock("ahead of", found - here)),
            Some(found) => Err(clock("behind", here - found)),
            None => Err(wrong()),
        }
    }
}

/// A text in groups of four letters, as people read it off and type it.
fn in_groups(text: &str, between: &str) -> String {
    let groups = text.as_bytes().chunks(4).map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(between)
}

fn key(tx: &Tx, id: FactorId) -> Result<Key> {
    Ok(Key::of(tx.secret()?, b"one-time codes").within(id.as_bytes()))
}

/// What people are told whose clock is wrong.
fn clock(how: &str, steps: u64) -> Error {
    let minutes = (steps * STEP).div_ceil(60);
    let plural = if minutes == 1 { "" } else { "s" };
    let why = format!(
        "The clock of the device with your authenticator app is about {minutes} minute{plural} {how} ours. Set it to \
         automatic time, and enter a new code."
    );
    Error::field("code", Fault::new("clock_off", why))
}

fn wrong() -> Error {
    Error::field(
        "code",
        Fault::new("wrong_code", "This code isn’t right. Enter the newest one from your app."),
    )
}

/// A code that was right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Code {
    /// An app's.
    OneTime,
    /// A recovery code, after which so many are left.
    Recovery(i64),
}

/// Checks a code, and takes it: neither an app's nor a recovery code counts twice. A wrong one is counted, which the
/// caller must let stand.
///
/// # Errors
/// The inner one is for the person: it is wrong, or was used.
pub async fn check(tx: &Tx, user: UserId, code: &str) -> Result<Result<Code>> {
    let typed = code.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>();
    if typed.len() > 6 {
        return recover(tx, user, &typed).await;
    }
    let factors = store::factors(tx, user).await?;
    let Some(factor) = factors.iter().find(|factor| factor.kind == FactorKind::Code) else {
        return Ok(Err(wrong()));
    };
    if factor.wrong >= MOST_WRONG {
        let why = "No more codes from your app are taken after 100 wrong ones in a row. Use a recovery code, or ask an \
                   administrator to reset your second factors.";
        return Ok(Err(Error::field("code", Fault::new("locked", why))));
    }
    match take(tx, user, factor, &typed).await? {
        Ok(()) => Ok(Ok(Code::OneTime)),
        Err(error) => {
            store::count_wrong(tx, user, factor.id).await?;
            Ok(Err(error))
        }
    }
}

async fn take(tx: &Tx, user: UserId, factor: &FactorRow, code: &str) -> Result<Result<()>> {
    let step = match Secret::open(tx, factor.id, &factor.secret)?.step(code, tx.now()) {
        Ok(step) => step,
        Err(error) => return Ok(Err(error)),
    };
    if store::use_step(tx, user, factor.id, step, LATER).await? {
        return Ok(Ok(()));
    }
    let why = "This code was already used. Wait for the next one.";
    Ok(Err(Error::field("code", Fault::new("code_used", why))))
}

async fn recover(tx: &Tx, user: UserId, code: &str) -> Result<Result<Code>> {
    let code = Token::presented(&code.to_ascii_lowercase());
    if !store::use_recovery_code(tx, user, &code).await? {
        let why = "This isn’t one of your recovery codes, or it was already used.";
        return Ok(Err(Error::field("code", Fault::new("wrong_code", why))));
    }
    let left = store::ways(tx, user).await?.recovery_codes;
    Ok(Ok(Code::Recovery(left)))
}

/// A new set of recovery codes, as people get them: 80 random bits each, in groups of four letters.
pub(super) async fn new_recovery_codes(tx: &Tx, user: UserId) -> Result<Vec<String>> {
    let plain: Vec<String> =
        (0..RECOVERY_CODES).map(|_| BASE32_NOPAD.encode(&tx.random::<10>()).to_lowercase()).collect();
    let tokens: Vec<Token> = plain.iter().map(|code| Token::presented(code)).collect();
    store::set_recovery_codes(tx, user, &tokens).await?;
    Ok(plain.iter().map(|code| in_groups(code, "-")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238's appendix B, and its times with the last six digits of its codes.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = Secret(b"12345678901234567890".to_vec());
        for (at, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            let now = Time::from_micros(at * SECOND);
            assert_eq!(secret.step(code, now).unwrap(), at / 30, "{at}");
        }
    }

    #[test]
    fn a_code_is_good_for_three_steps_and_a_wrong_clock_is_told() {
        let secret = Secret(b"12345678901234567890".to_vec());
        let (at, code) = (1_111_111_109 * SECOND, "081804");
        let after = |seconds: i64| secret.step(code, Time::from_micros(at + seconds * SECOND));
        assert!(after(30).is_ok() && after(-30).is_ok());
        let told = |seconds| after(seconds).unwrap_err().fields()[0].detail.to_string();
        assert!(told(120).contains("about 2 minutes behind"), "{}", told(120));
        assert!(told(-120).contains("about 2 minutes ahead of"), "{}", told(-120));
        assert!(told(600).contains("isn’t right"));
    }
}
