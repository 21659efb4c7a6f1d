use std::collections::HashSet;

use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::*;

/// What is found in a text: the keys of its addresses, and what has an @ and is none.
fn found(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for entry in read(text) {
        match entry.email {
            Ok(email) => good.push(email.key),
            Err(_) => bad.push(entry.typed),
        }
    }
    (good, bad)
}

#[track_caller]
fn finds(text: &str, expected: &[&str]) {
    assert_eq!(found(text), (expected.iter().map(ToString::to_string).collect(), Vec::new()), "{text:?}");
}

/// The one thing in a text that is no address, with its hint.
#[track_caller]
fn fault(text: &str) -> (String, String) {
    match &read(text)[..] {
        [Entry { typed, email: Err(why), .. }] => (typed.clone(), why.clone().into_owned()),
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn whatever_a_mail_program_copies_gives_its_addresses_and_nothing_else() {
    for text in [
        "Rosa Diaz <rosa@vet.test>",
        "<rosa@vet.test>",
        "rosa@vet.test <rosa@vet.test>",
        "\"rosa@vet.test\" <rosa@vet.test>",
        "Rosa Diaz <mailto:rosa@vet.test>",
        "Rosa Diaz [mailto:rosa@vet.test]",
        "rosa@vet.test<mailto:rosa@vet.test>",
        "mailto:rosa@vet.test",
        "MAILTO:rosa@vet.test?subject=Hi%20there&body=a@b",
        "'rosa@vet.test'",
        "'Diaz, Rosa' <rosa@vet.test>",
        "“Diaz, Rosa” <rosa@vet.test>",
        "„Diaz, Rosa“ <rosa@vet.test>",
        "\"Diaz, Rosa @ Riverside\" <rosa@vet.test>",
        "Rosa @ Riverside <rosa@vet.test>",
        "Rosa@Riverside <rosa@vet.test>",
        "\"Diaz \\\"Ro\\\" <x@y.test>\" <rosa@vet.test>",
        "Diaz, Rosa <rosa@vet.test>",
        "rosa@vet.test (Rosa, room 5 @ the back)",
        "(x@y.test (nested)) Rosa <rosa@vet.test>",
        "Rosa Diaz (rosa@vet.test)",
        "=?utf-8?q?D=C3=ADaz=2C_Rosa_@_work?= <rosa@vet.test>",
        "To: Rosa Diaz <rosa@vet.test>",
        "Team:rosa@vet.test;",
        "smtp:rosa@vet.test",
        "Rosa Diaz\n <rosa@vet.test>",
        "*rosa@vet.test*",
        "**rosa@vet.test**",
        "_rosa@vet.test_",
        "`rosa@vet.test`",
        "[rosa@vet.test](mailto:rosa@vet.test)",
        "[Rosa Diaz](mailto:rosa@vet.test)",
        "Write to rosa@vet.test.",
        "rosa@vet.test, please!",
        "Is it rosa@vet.test?",
    ] {
        finds(text, &["rosa@vet.test"]);
        assert_eq!(read(text)[0].times, 1, "{text}");
    }
}

#[test]
fn several_are_found_whatever_stands_between_them() {
    let both = &["rosa@vet.test", "o'hara@vet.test"];
    for text in [
        "\"Diaz, Rosa\" <rosa@vet.test>; \"O'Hara, Seán\" <o'hara@vet.test>",
        "Diaz, Rosa <rosa@vet.test>; O'Hara, Sean <o'hara@vet.test>;",
        "Rosa <rosa@vet.test>, Sean <o'hara@vet.test>,",
        "Rosa <rosa@vet.test> Sean <o'hara@vet.test>",
        "rosa@vet.test <o'hara@vet.test>",
        "<rosa@vet.test>,<o'hara@vet.test>",
        "<rosa@vet.test><o'hara@vet.test>",
        "'rosa@vet.test'; 'o'hara@vet.test'",
        "\"rosa@vet.test\",\"o'hara@vet.test\"",
        "rosa@vet.test\r\no'hara@vet.test\r\n\r\n",
        "\u{feff}rosa@vet.test\u{2028}o'hara@vet.test",
        "rosa@vet.test\u{a0}o'hara@vet.test\u{a0}",
        "rosa@vet.test\u{200b}; \u{200b}o'hara@\u{ad}vet.test",
        "\u{202a}rosa@vet.test\u{202c}, \u{2066}o'hara@vet.test\u{2069}",
        "rosa@vet.test；o'hara@vet.test",
        "rosa@vet.test，o'hara@vet.test、",
        "rosa＠vet．test、ｏ＇ｈａｒａ@vet。test",
        "rosa@vet.test،o'hara@vet.test",
        "Name\tEmail\tRole\nRosa Diaz\trosa@vet.test\tVet\nSeán\to'hara@vet.test\tOffice\n",
        "\"Diaz, Rosa @ home\"\trosa@vet.test\n\"O'Hara\"\to'hara@vet.test",
        "name,email\n\"Diaz, Rosa\",rosa@vet.test\n\"O'Hara\",o'hara@vet.test",
        "• rosa@vet.test\n• o'hara@vet.test",
        "- rosa@vet.test\n- o'hara@vet.test",
        "-rosa@vet.test\n–o'hara@vet.test",
        "1. rosa@vet.test\n2) o'hara@vet.test",
        "1)rosa@vet.test\n2)o'hara@vet.test",
        "1.rosa@vet.test\n2.o'hara@vet.test",
        "\u{f0b7}\trosa@vet.test\n\u{f0b7}\to'hara@vet.test",
        "[ ] rosa@vet.test\n[x] o'hara@vet.test",
        "rosa@vet.test|o'hara@vet.test",
        "rosa@vet.test/o'hara@vet.test",
        "rosa@vet.test & o'hara@vet.test",
        "(rosa@vet.test, o'hara@vet.test)",
        "rosa@vet.test (o'hara@vet.test)",
        "Staff: rosa@vet.test, Sean <o'hara@vet.test>;",
        "mailto:rosa@vet.test?cc=o'hara@vet.test&subject=Hi",
        "mailto:rosa%40vet.test%2Co'hara@vet.test",
        "<a href=\"mailto:rosa@vet.test\">Rosa</a><br><a href=\"mailto:o&#39;hara@vet.test\">Seán</a>",
        "<a href=\"mailto:rosa@vet.test\">rosa@vet.test</a>, <A HREF=\"MAILTO:o'hara@vet.test\">o'hara@vet.test</A>",
        "<li>rosa@vet.test</li><li>o&apos;hara@vet.test</li>",
        "Rosa &lt;rosa@vet.test&gt;, Se&aacute;n &lt;o'hara&#64;vet.test&gt;",
    ] {
        finds(text, both);
        assert!(read(text).iter().all(|entry| entry.times == 1), "{text}");
    }
}

#[test]
fn what_clearly_follows_an_address_is_cut_off_and_what_may_belong_to_it_is_not() {
    let end =
        ["&gt", "&gt;", "?subject=hi", "%20", "%3E", "/", ">", ")", "...", "\"", "’", ":", "=", "&nbsp;"];
    for behind in end {
        finds(&format!("ann@x.org{behind}"), &["ann@x.org"]);
    }
    for bad in [
        "x~y.org",
        "x_y.org",
        "mail.x_y.org",
        "x.123",
        "1.2.3.4",
        "[1.2.3.4]",
        "x",
        "-x.org",
        "x-.org",
        "x..org",
    ] {
        assert_eq!(fault(&format!("ann@{bad}")).0, format!("ann@{bad}"));
    }
    assert_eq!(found("ann@x.org&gt\nann@x.org?subject=hi\nann@x.org%20\n").0, ["ann@x.org"]);
    assert_eq!(fault("ann@x.org/staff").1, "Did you mean ann@x.org?");
}

#[test]
fn what_has_an_at_sign_and_is_no_address_says_what_to_change() {
    for (text, typed, hint) in [
        ("ann @ x.org", "ann @ x.org", "Leave out the spaces: ann@x.org"),
        ("ann@ x.org", "ann@ x.org", "Leave out the spaces: ann@x.org"),
        ("ann @x.org", "ann @x.org", "Leave out the spaces: ann@x.org"),
        (
            "sean.o’neil@x.org",
            "sean.o’neil@x.org",
            "Did you mean sean.o'neil@x.org, with a straight apostrophe?",
        ),
        (
            "\"ann lee\"@x.org",
            "\"ann lee\"@x.org",
            "Covey can't send to addresses with quotation marks before the @.",
        ),
        ("seán.o’neil@x.org", "seán.o’neil@x.org", "“á” can't be used before the @."),
        ("jörg@x.org", "jörg@x.org", "“ö” can't be used before the @."),
        ("ann@x_y.org", "ann@x_y.org", "“_” can't be used after the @."),
        ("ann@localhost", "ann@localhost", "The part after the @ needs a period, as in name@practice.org."),
        (
            "ann@10.0.0.1",
            "ann@10.0.0.1",
            "The part after the @ must be a name such as practice.org, not a number.",
        ),
        ("ann@@x.org", "ann@@x.org", "It has more than one @. Put a space between two addresses."),
        ("ann..lee@x.org", "ann..lee@x.org", "Check the periods before the @."),
        ("@vets", "@vets", "Something is missing before the @."),
        ("see you @ noon", "you @ noon", "An @ alone is not an email address."),
    ] {
        assert_eq!(fault(text), (typed.to_owned(), hint.to_owned()), "{text}");
    }
}

#[test]
fn the_limits_of_length_are_those_of_mail() {
    let (most, more) = ("a".repeat(64), "b".repeat(65));
    let (good, bad) = found(&format!("{most}@x.org {more}@x.org"));
    assert_eq!((good.len(), bad), (1, vec![format!("{more}@x.org")]));
    let label = "d".repeat(63);
    assert!(Email::read(&format!("a@{label}.org")).is_ok());
    assert!(Email::read(&format!("a@d{label}.org")).is_err());
    let domain = format!("{label}.{label}.{label}");
    assert!(Email::read(&format!("{}@{domain}", "a".repeat(254 - 192))).is_ok());
    assert!(Email::read(&format!("{}@{domain}", "a".repeat(255 - 192))).is_err());
    let (typed, _) = fault(&format!("{}@x.org", "z".repeat(1_000_000)));
    assert!(typed.chars().count() <= 101, "what is no address is shown in part");
}

#[test]
fn domains_in_other_scripts_are_shown_as_typed_and_mailed_to_in_ascii() {
    for (typed, mailbox) in [
        ("Ann@praxis-müller.example", "Ann@xn--praxis-mller-klb.example"),
        ("vet@例え.テスト", "vet@xn--r8jz45g.xn--zckzah"),
        ("vet@EXAMPLE.إختبار", "vet@example.xn--kgbechtv"),
        ("vet@col·lega.cat", "vet@xn--collega-xma.cat"),
    ] {
        let [entry] = &read(&format!("Ann <{typed}>"))[..] else { panic!("{typed}: {:?}", read(typed)) };
        let email = entry.email.as_ref().unwrap();
        assert_eq!((email.shown.as_str(), email.mailbox().as_str()), (typed, mailbox));
        assert_eq!((Email::key_of(typed), Email::mailbox_of(typed)), (email.key.clone(), email.mailbox()));
        assert_eq!(Email::read(mailbox).unwrap().key, email.key, "both ways to write it are one address");
    }
    let decomposed = Email::read("a@praxis-mu\u{308}ller.example").unwrap();
    assert_eq!(decomposed.key, Email::read("a@praxis-müller.example").unwrap().key);
    assert!(Email::read("a@xn--zzzzzz99.org").is_err(), "what encodes nothing is no domain");
}

#[test]
fn a_repeated_address_is_there_once_and_counted() {
    let entries =
        read("Ann+Clinic@X.Example.org, ann+clinic@x.example.org\nANN+CLINIC@x.example.org bob@@x bob@@x");
    let seen = entries.iter().map(|entry| (entry.typed.as_str(), entry.times)).collect::<Vec<_>>();
    assert_eq!(seen, [("Ann+Clinic@X.Example.org", 3), ("bob@@x", 2)]);
}

#[test]
fn words_are_passed_over_in_a_text_and_no_addresses_in_a_list() {
    assert_eq!(read("Nobody here, not even\n1. a bullet <b>or a tag</b> \"quoted\" (said)"), []);
    assert_eq!(read(""), []);
    let items = read_each(["ann@x.org", "Bob", " ", "Cy <cy@x.org>", "dee@x.org, eve@x.org", "ANN@x.org"]);
    let seen =
        items.iter().map(|item| (item.typed.as_str(), item.email.is_ok(), item.times)).collect::<Vec<_>>();
    assert_eq!(
        seen,
        [
            ("ann@x.org", true, 2),
            ("Bob", false, 1),
            ("cy@x.org", true, 1),
            ("dee@x.org", true, 1),
            ("eve@x.org", true, 1)
        ]
    );
}

#[test]
fn a_field_for_one_address_takes_it_with_its_name_and_nothing_else() {
    for good in [
        " Ann.Lee@X.org ",
        "<ann.lee@x.org>",
        "\"Lee, Ann\" <ann.lee@x.org>",
        "mailto:ann.lee@x.org",
        "\u{200b}ann.lee@x.org",
    ] {
        assert_eq!(Email::read(good).unwrap().key, "ann.lee@x.org", "{good}");
    }
    for bad in [
        "",
        "ann",
        "ann@",
        "@x.org",
        "ann@@x.org",
        "a b@x.org",
        "ann@localhost",
        "a@x.org, b@x.org",
        "<>",
        "a@x.org b",
    ] {
        assert!(Email::read(bad).is_err(), "{bad}");
    }
    assert_eq!(
        Email::read("-ann@x.org").unwrap().shown,
        "-ann@x.org",
        "what is an address is taken as it is"
    );
    assert_eq!(Email::read("a@x.org, b@x.org").unwrap_err(), "Enter only one address.");
}

/// Texts that made readers quadratic, or recurse: each is read within a test's time, in an unoptimized build.
#[test]
fn hostile_texts_are_read_in_time() {
    for piece in [
        "<@>",
        "<",
        "<a@x.org>",
        "<a@x.org",
        "\"",
        "\\\"",
        "\"a",
        "(",
        "((",
        "()",
        ")(",
        "(\"",
        "@",
        "a@",
        "@a",
        "a@x.org/",
        "a@x.org?cc=",
        "&",
        "&lt",
        "%40",
        "%",
        "a'",
        "<a href=\"mailto:",
        "a@[",
        "[",
        ".",
        "-@-",
        "\u{200d}",
        "é\u{301}",
        "a@é.",
        "\n",
        "1.a\n",
        ", <",
        "\" <a@b.c>",
        "a@b.c \"",
    ] {
        let text = piece.repeat(100_000 / piece.len());
        assert!(read(&text).len() < 100_000, "{piece}");
        let lines = format!("{piece}\n").repeat(2_000);
        assert!(read(&lines).len() <= 2, "{piece}");
    }
    assert_eq!(found(&"<a@x.org>".repeat(40_000)).0, ["a@x.org"]);
    assert_eq!(found(&"<@>".repeat(40_000)).1, ["@"]);
    let many =
        (0..10_000).map(|i| format!("\"Lee, Ann {i}\" <ann{i}@x.org>\r\n")).collect::<Vec<_>>().concat();
    assert_eq!(read(&many).len(), 10_000);
}

/// An address that anyone would write down as one.
fn address() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9]{0,8}([.+'_-][a-z0-9]{1,5})?@[a-z][a-z0-9-]{0,6}[a-z]\\.(org|test|co\\.uk|com)"
}

/// A name as mail programs write it beside an address.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[A-Z][a-z]{1,6}( [A-Z][a-z]{1,6})?",
        "[A-Z][a-z]{1,6}, [A-Z][a-z]{1,6}",
        "\"[A-Z][a-z]{1,6}[,;@<>() ]{1,3}[A-Z][a-zéü]{1,6}\"",
        "\"[a-z]{1,4}@[a-z]{1,4}\\.org\"",
    ]
}

fn separator() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(", "),
        Just("; "),
        Just(";"),
        Just("\n"),
        Just("\r\n"),
        Just("，"),
        Just("\u{a0};\u{200b}"),
        Just(",\t")
    ]
    .prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn a_list_gives_the_addresses_that_went_into_it(
        people in proptest::collection::vec((name(), address(), separator()), 1..20),
    ) {
        let mut text = String::new();
        let mut expected = Vec::new();
        for (name, address, separator) in &people {
            text.push_str(&format!("{name} <{address}>{separator}"));
            if !expected.contains(address) {
                expected.push(address.clone());
            }
        }
        prop_assert_eq!(found(&text), (expected.clone(), Vec::new()), "{}", text);
        let plain = people.iter().map(|(_, address, separator)| format!("{address}{separator}")).collect::<Vec<_>>().concat();
        prop_assert_eq!(found(&plain), (expected, Vec::new()), "{}", plain);
        let times = read(&plain).iter().map(|entry| entry.times).sum::<usize>();
        prop_assert_eq!(times, people.len());
    }

    #[test]
    fn any_text_is_read_once_and_for_all(text in any::<String>()) {
        check(&text)?;
    }

    /// Made of what lists are made of, so that marks meet.
    #[test]
    fn any_pasted_list_is_read_once_and_for_all(
        text in "([<>@ ,;:\n\t\"'()\\[\\]&?/=’_~-]|[a-cA-C.]{1,3}|é|mailto:|&gt;|%20|a@b\\.c|<a href=\"mailto:){0,60}",
    ) {
        check(&text)?;
    }

    #[test]
    fn what_reads_as_an_address_stays_one(text in "[a-zé.@ <>,\"'+-]{0,30}") {
        if let Ok(email) = Email::read(&text) {
            prop_assert_eq!(Email::read(&email.shown).ok().map(|again| again.key), Some(email.key.clone()));
            prop_assert_eq!(Email::read(&email.mailbox()).ok().map(|again| again.key), Some(email.key));
        }
    }
}

/// What holds of any text: an address or a fault is there once; it has an @; the addresses, as they are shown, read again as
/// the same ones.
fn check(text: &str) -> Result<(), proptest::test_runner::TestCaseError> {
    let entries = read(text);
    let mut keys = HashSet::new();
    let mut shown = Vec::new();
    for entry in &entries {
        prop_assert!(entry.typed.contains('@') && entry.times > 0);
        if let Ok(email) = &entry.email {
            prop_assert!(keys.insert(email.key.clone()), "each once");
            prop_assert!(
                email.key.is_ascii() && !email.shown.contains(|c: char| c.is_whitespace() || c.is_control())
            );
            prop_assert!(email.mailbox().parse::<lettre::Address>().is_ok());
            shown.push(email.clone());
        }
    }
    for between in [", ", "\n", "; "] {
        let again = read(&shown.iter().map(|email| email.shown.as_str()).collect::<Vec<_>>().join(between));
        let again = again.into_iter().map(|entry| entry.email).collect::<Vec<_>>();
        prop_assert_eq!(again, shown.iter().cloned().map(Ok).collect::<Vec<_>>());
    }
    Ok(())
}
