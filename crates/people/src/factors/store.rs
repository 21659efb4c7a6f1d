//! The statements of second factors and of the accounts that require them.

use crate::factors::{FactorKind, rules::Who};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, FactorId, UserId},
    random::Token,
};
use storage::{Hash, Tx, row, sql};

row! {
    /// A second factor.
    #[derive(Clone, Debug)]
    pub struct FactorRow {
        /// Its id.
        pub id: FactorId,
        /// What it is.
        pub kind: FactorKind,
        /// What its person calls it.
        pub name: String,
        /// When it was set up.
        pub created_at: Time,
        /// When it was last used.
        pub used_at: Option<Time>,
        pub(super) secret: String,
        pub(super) last_step: i64,
        pub(super) wrong: i64,
    }
}

/// A person's factors, the oldest first.
pub(super) async fn factors(tx: &Tx, user: UserId) -> Result<Vec<FactorRow>> {
    tx.all(sql!("SELECT {} FROM factors WHERE user_id = $1 ORDER BY created_at, id", FactorRow), &[&user])
        .await
}

row! {
    /// The ways in which a person can use a second factor.
    #[derive(Clone, Copy, Debug)]
    pub struct Ways {
        /// How many passkeys they have.
        pub passkeys: i64 = "(SELECT count(*) FROM factors f WHERE f.user_id = u.id AND f.kind = 'passkey')",
        /// Whether an app makes codes for them.
        pub code: bool = "EXISTS (SELECT 1 FROM factors f WHERE f.user_id = u.id AND f.kind = 'code')",
        /// How many recovery codes are left.
        pub recovery_codes: i64 =
            "(SELECT count(*) FROM recovery_codes r WHERE r.user_id = u.id AND r.used_at IS NULL)",
        pub(super) short_password: bool = "u.short_password",
    }
}

impl Ways {
    /// How many factors there are, recovery codes aside.
    pub fn factors(self) -> i64 {
        self.passkeys + i64::from(self.code)
    }

    /// Whether there is any.
    pub fn any(self) -> bool {
        self.factors() > 0
    }
}

/// The ways in which a person can use a second factor.
///
/// # Errors
/// There is no such person, or the database fails.
pub async fn ways(tx: &Tx, user: UserId) -> Result<Ways> {
    tx.one(sql!("SELECT {} FROM users u WHERE u.id = $1", Ways), &[&user]).await
}

pub(super) async fn insert(
    tx: &Tx,
    user: UserId,
    id: FactorId,
    kind: FactorKind,
    name: &str,
    secret: &str,
    last_step: i64,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO factors (user_id, id, kind, name, secret, last_step, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        &[&user, &id, &kind, &name, &secret, &last_step, &tx.now()],
    )
    .await
    .map(drop)
}

pub(super) async fn delete(tx: &Tx, user: UserId, id: FactorId) -> Result<bool> {
    let text = sql!("DELETE FROM factors WHERE user_id = $1 AND id = $2");
    Ok(tx.exec(text, &[&user, &id]).await? == 1)
}

/// Takes every factor and recovery code from a person.
pub(super) async fn delete_all(tx: &Tx, user: UserId) -> Result<u64> {
    tx.exec(sql!("DELETE FROM recovery_codes WHERE user_id = $1"), &[&user]).await?;
    tx.exec(sql!("DELETE FROM ceremonies WHERE user_id = $1"), &[&user]).await?;
    tx.exec(sql!("DELETE FROM factors WHERE user_id = $1"), &[&user]).await
}

/// Notes that a passkey was used, with what changed of it.
pub(super) async fn use_passkey(tx: &Tx, user: UserId, id: FactorId, secret: &str) -> Result<()> {
    let text = sql!("UPDATE factors SET used_at = $3, secret = $4 WHERE user_id = $1 AND id = $2");
    tx.exec(text, &[&user, &id, &tx.now(), &secret]).await.map(drop)
}

/// Takes the code of a step, once: says whether it was later than the last one that was taken, or that was of a time
/// which, by more than `later` steps, has not come yet.
pub(super) async fn use_step(tx: &Tx, user: UserId, id: FactorId, step: i64, later: i64) -> Result<bool> {
    let text = sql!(
        "UPDATE factors SET used_at = $3, last_step = $4, wrong = 0
         WHERE user_id = $1 AND id = $2 AND (last_step < $4 OR last_step > $5)"
    );
    Ok(tx.exec(text, &[&user, &id, &tx.now(), &step, &(step + later)]).await? == 1)
}

pub(super) async fn count_wrong(tx: &Tx, user: UserId, id: FactorId) -> Result<()> {
    let text = sql!("UPDATE factors SET wrong = wrong + 1 WHERE user_id = $1 AND id = $2");
    tx.exec(text, &[&user, &id]).await.map(drop)
}

/// Keeps a new set of recovery codes in the place of the one before.
pub(super) async fn set_recovery_codes(tx: &Tx, user: UserId, codes: &[Token]) -> Result<()> {
    tx.exec(sql!("DELETE FROM recovery_codes WHERE user_id = $1"), &[&user]).await?;
    for code in codes {
        let text = sql!("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)");
        tx.exec(text, &[&user, &Hash(code.digest())]).await?;
    }
    Ok(())
}

/// Uses a recovery code up; says whether it was one that is left.
pub(super) async fn use_recovery_code(tx: &Tx, user: UserId, code: &Token) -> Result<bool> {
    let text = sql!(
        "UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL"
    );
    Ok(tx.exec(text, &[&user, &Hash(code.digest()), &tx.now()]).await? == 1)
}

/// Whether a person must set up another factor before their new sessions reach anything.
pub(super) async fn must_enroll(tx: &Tx, user: UserId, must: bool) -> Result<()> {
    tx.exec(sql!("UPDATE users SET must_enroll = $2 WHERE id = $1"), &[&user, &must]).await.map(drop)
}

row! {
    /// What waits for an answer.
    pub(super) struct CeremonyRow {
        pub(super) user: Option<UserId> = "user_id",
        pub(super) state: String,
    }
}

pub(super) async fn insert_ceremony(
    tx: &Tx,
    token: &Token,
    kind: &str,
    user: Option<UserId>,
    state: &str,
    expires_at: Time,
) -> Result<()> {
    tx.exec(sql!("DELETE FROM ceremonies WHERE expires_at < $1"), &[&tx.now()]).await?;
    let text = sql!(
        "INSERT INTO ceremonies (token_hash, kind, user_id, state, expires_at)
         VALUES ($1, $2, (SELECT u.id FROM users u WHERE u.id = $3), $4, $5)"
    );
    let user = user.unwrap_or(UserId::nil());
    tx.exec(text, &[&Hash(token.digest()), &kind, &user, &state, &expires_at]).await.map(drop)
}

pub(super) async fn ceremony(tx: &Tx, token: &Token, kind: &str) -> Result<Option<CeremonyRow>> {
    let text = sql!(
        "SELECT {} FROM ceremonies WHERE token_hash = $1 AND kind = $2 AND expires_at > $3",
        CeremonyRow
    );
    tx.maybe(text, &[&Hash(token.digest()), &kind, &tx.now()]).await
}

/// Ends what waited; says whether it still did, so that of two answers at once one counts.
pub(super) async fn end_ceremony(tx: &Tx, token: &Token) -> Result<bool> {
    let text = sql!("DELETE FROM ceremonies WHERE token_hash = $1");
    Ok(tx.exec(text, &[&Hash(token.digest())]).await? == 1)
}

row! {
    /// What an account requires.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub(super) struct RuleRow {
        pub(super) who: Who,
        pub(super) since: Time,
    }
}

pub(super) async fn rule(tx: &Tx, account: AccountId) -> Result<Option<RuleRow>> {
    tx.maybe(sql!("SELECT {} FROM factor_rules WHERE account_id = $1", RuleRow), &[&account]).await
}

pub(super) async fn set_rule(tx: &Tx, account: AccountId, rule: Option<&RuleRow>) -> Result<()> {
    tx.exec(sql!("DELETE FROM factor_rules WHERE account_id = $1"), &[&account]).await?;
    let Some(rule) = rule else { return Ok(()) };
    let text = sql!("INSERT INTO factor_rules (account_id, who, since) VALUES ($1, $2, $3)");
    tx.exec(text, &[&account, &rule.who, &rule.since]).await.map(drop)
}

row! {
    /// A rule that concerns a person, of one of their accounts.
    #[derive(Clone, Debug)]
    pub(super) struct Concerns {
        pub(super) account: String = "a.name",
        pub(super) since: Time = "r.since",
    }
}

/// The rules of a person's accounts that concern them, the earliest first.
pub(super) async fn rules_for(tx: &Tx, user: UserId) -> Result<Vec<Concerns>> {
    tx.all(
        sql!(
            "SELECT {} FROM factor_rules r
             JOIN members m ON m.account_id = r.account_id AND m.user_id = $1 AND m.until IS NULL
             JOIN accounts a ON a.id = r.account_id
             WHERE r.who = 'everyone' OR m.role IN ('owner', 'administrator')
             ORDER BY r.since, a.name_key",
            Concerns
        ),
        &[&user],
    )
    .await
}

row! {
    /// A member with what they have set up.
    #[derive(Clone, Debug)]
    pub(super) struct Person {
        pub(super) user: UserId = "u.id",
        pub(super) name: String = "u.name",
        pub(super) email: String = "u.email",
        pub(super) role: access::Role = "m.role",
        pub(super) passkeys: i64 = "(SELECT count(*) FROM factors f WHERE f.user_id = u.id AND f.kind = 'passkey')",
        pub(super) code: bool = "EXISTS (SELECT 1 FROM factors f WHERE f.user_id = u.id AND f.kind = 'code')",
    }
}

impl Person {
    /// Whether they have any.
    pub(super) fn has_any(&self) -> bool {
        self.passkeys > 0 || self.code
    }
}

/// The members of an account with what they have set up, by name.
pub(super) async fn people(tx: &Tx, account: AccountId) -> Result<Vec<Person>> {
    tx.all(
        sql!(
            "SELECT {} FROM members m JOIN users u ON u.id = m.user_id
             WHERE m.account_id = $1 AND m.until IS NULL ORDER BY u.name_key, u.id",
            Person
        ),
        &[&account],
    )
    .await
}

row! {
    /// How a person stands whose factors someone wants to reset.
    pub(super) struct Standing {
        pub(super) role: access::Role = "m.role",
        /// Whether another account would be weakened: they own it, or it requires a factor of them.
        pub(super) elsewhere: bool =
            "EXISTS (SELECT 1 FROM members o LEFT JOIN factor_rules r ON r.account_id = o.account_id
                 WHERE o.user_id = m.user_id AND o.until IS NULL AND o.account_id <> m.account_id
                   AND (o.role = 'owner' OR r.who = 'everyone'
                        OR (r.who = 'managers' AND o.role = 'administrator')))",
    }
}

pub(super) async fn standing(tx: &Tx, account: AccountId, user: UserId) -> Result<Option<Standing>> {
    tx.maybe(
        sql!(
            "SELECT {} FROM members m WHERE m.account_id = $1 AND m.user_id = $2 AND m.until IS NULL",
            Standing
        ),
        &[&account, &user],
    )
    .await
}
