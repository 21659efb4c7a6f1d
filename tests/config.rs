//! The program's own commands, as an operator runs them.

use std::process::{Command, Output};

use crate::crash::{Running, TEST_CODE, request};

pub fn covey(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_covey"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("COVEY_")) {
        command.env_remove(name);
    }
    command.args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn check_config_explains_every_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("covey.toml");
    std::fs::write(&file, "public_url = \"covey.org\"\nsmtp = \"mail\"\nsession_days = 0\n").unwrap();
    let bad = covey(&["check-config", "--config", file.to_str().unwrap()]);
    assert_eq!(bad.status.code(), Some(2));
    let said = text(&bad.stderr);
    for mistake in ["public_url", "smtp", "session_days"] {
        assert!(said.contains(mistake), "{said}");
    }
    std::fs::write(&file, "color = 1\n").unwrap();
    assert!(text(&covey(&["check-config", "--config", file.to_str().unwrap()]).stderr).contains("color"));
    std::fs::write(&file, "listen = \"127.0.0.1:1\"\n").unwrap();
    let flags = covey(&["check-config", "--config", file.to_str().unwrap(), "--listen", "127.0.0.1:2"]);
    assert!(text(&flags.stdout).contains("127.0.0.1:2"), "flags win over the file");
}

#[test]
fn the_environment_wins_over_the_file_and_flags_over_both() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("covey.toml");
    std::fs::write(&file, "public_url = \"https://file.test\"\nsession_days = 3\n").unwrap();
    let run = |flags: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_covey"));
        command
            .env("COVEY_PUBLIC_URL", "https://environment.test")
            .arg("check-config")
            .arg("--config")
            .arg(&file);
        text(&command.args(flags).output().unwrap().stdout)
    };
    let said = run(&[]);
    assert!(said.contains("https://environment.test") && said.contains("3 days"), "{said}");
    assert!(run(&["--public-url", "https://flag.test"]).contains("https://flag.test"));
}

#[test]
fn backup_while_running_then_restore_brings_everything_back_and_the_trail_is_whole() {
    let (folder, copy, fresh) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let running = Running::start(folder.path());
    running.set_up();
    let data = |folder: &tempfile::TempDir| folder.path().to_str().unwrap().to_owned();
    let target = copy.path().join("b");
    let made = covey(&["backup", "--data", &data(&folder), "--to", target.to_str().unwrap()]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    drop(running);
    let again = covey(&["backup", "--data", &data(&folder), "--to", target.to_str().unwrap()]);
    assert!(text(&again.stderr).contains("not empty"));
    let restored = covey(&["restore", "--data", &data(&fresh), "--from", target.to_str().unwrap()]);
    assert!(restored.status.success(), "{}", text(&restored.stderr));
    assert!(text(&restored.stdout).contains("The audit trail is intact."));
    let over = covey(&["restore", "--data", &data(&fresh), "--from", target.to_str().unwrap()]);
    assert!(!over.status.success(), "never over a database");
    let running = Running::start(fresh.path());
    assert!(running.sign_in().is_some(), "the restored server knows its owner");
}

#[test]
fn an_operator_gets_a_locked_out_person_back_in() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    running.set_up();
    let data = folder.path().to_str().unwrap();
    let reset = covey(&["user", "reset-password", "--data", data, "--email", "owner@x.test"]);
    let said = text(&reset.stdout);
    assert!(said.contains("/password-resets/"), "{said} {}", text(&reset.stderr));
    let token = said.trim().rsplit('/').next().unwrap().to_owned();
    let done = running.post(
        &format!("/api/v1/password-resets/{token}"),
        r#"{"password":"another good long one"}"#,
        None,
    );
    assert_eq!(done.0, 204, "{}", done.1);
    let made = covey(&["user", "create", "--data", data, "--email", "two@x.test", "--name", "Two"]);
    assert!(text(&made.stdout).contains("/password-resets/"));
    let twice = covey(&["user", "create", "--data", data, "--email", "two@x.test", "--name", "Two"]);
    assert!(text(&twice.stderr).contains("already uses this address"));
    assert!(!TEST_CODE.is_empty());
}

#[test]
fn the_demo_is_believable_and_never_mixes_with_real_data() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start_with(folder.path(), &["--demo"]);
    let said = running.said.clone();
    assert!(
        said.contains("seven blue herons") && said.contains("owner") && said.contains("support staff"),
        "{said}"
    );
    drop(running);
    let verified = covey(&["audit", "verify", "--data", folder.path().to_str().unwrap()]);
    assert!(verified.status.success(), "{}", text(&verified.stdout));
    let real = tempfile::tempdir().unwrap();
    drop(Running::start(real.path()));
    let mixed =
        covey(&["serve", "--demo", "--data", real.path().to_str().unwrap(), "--listen", "127.0.0.1:0"]);
    assert!(text(&mixed.stderr).contains("real server's data"));
}

#[test]
fn an_operator_keeps_the_books() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    running.set_up();
    let data = folder.path().to_str().unwrap();
    let session = running.sign_in().expect("the owner signs in");
    let accounts = request(running.address(), "GET", "/api/v1/me", "", Some(&session), None).unwrap().1;
    let at = accounts.find("acc_").unwrap();
    let account = accounts[at..at + 30].to_owned();
    let api = format!("/api/v1/accounts/{account}/subscription");
    let quoted =
        running.post(&format!("{api}/quotes"), r#"{"plan":"standard","licenses":25}"#, Some(&session));
    assert_eq!(quoted.0, 422, "{}", quoted.1);
    let arranged = covey(&["billing", "arrange", "--data", data, "--account", &account, "--licenses", "25"]);
    assert!(arranged.status.success(), "{}", text(&arranged.stderr));
    let quoted =
        running.post(&format!("{api}/quotes"), r#"{"plan":"standard","licenses":25}"#, Some(&session));
    assert_eq!(quoted.0, 201, "{}", quoted.1);
    let at = quoted.1.find("quo_").unwrap();
    let body = format!(r#"{{"quote":"{}","accept_terms":true}}"#, &quoted.1[at..at + 30]);
    let bought = running.post(&format!("{api}/purchases"), &body, Some(&session));
    assert_eq!(bought.0, 201, "{}", bought.1);
    let year = kernel::clock::Clock::System.now().to_string()[..4].to_owned();
    let record = |more: &[&str]| {
        let number = format!("{year}-00001");
        let mut args = vec!["billing", "record", "--data", data, "--invoice", &number];
        args.extend(more);
        covey(&args)
    };
    assert!(text(&record(&["--amount", "99999999"]).stderr).contains("Enter an amount from"));
    assert!(record(&["--note", "Bank transfer 7"]).status.success());
    assert!(text(&record(&[]).stderr).contains("already paid"));
    let nothing = covey(&["billing", "pay-out", "--data", data, "--account", &account]);
    assert!(text(&nothing.stderr).contains("no credit to refund"));
}
