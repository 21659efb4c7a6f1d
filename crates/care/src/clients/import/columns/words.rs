//! The words of headings, in English, Spanish and German: what a column is about, and what it says of it.

use crate::clients::import::columns::DateOrder;
use kernel::text;

/// Whom a heading names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum About {
    /// Nobody: "Email".
    Nobody,
    Client,
    Animal,
    /// A person, or, beside the columns of a client, an animal.
    Patient,
}

/// What a heading says of someone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Says {
    Title,
    Name,
    First,
    Middle,
    Last,
    Suffix,
    Kind,
    /// How good a number it is to know a client by: the least is best.
    Reference(u8),
    Email,
    Phone,
    /// Of several addresses, the least is best.
    Street(u8),
    HouseNumber(u8),
    City(u8),
    State(u8),
    Zip(u8),
    Country(u8),
    Birth,
    Remarks,
    Species,
    Breed,
}

/// A heading, understood.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Heading {
    pub(super) about: About,
    pub(super) says: Says,
    /// The number in it: of "Pet 2", 2.
    pub(super) number: Option<usize>,
}

const CLIENT: [&str; 24] = [
    "client",
    "clients",
    "owner",
    "owners",
    "customer",
    "guardian",
    "producer",
    "contact",
    "member",
    "petowner",
    "cliente",
    "dueno",
    "duena",
    "propietario",
    "propietaria",
    "tutor",
    "titular",
    "besitzer",
    "besitzerin",
    "halter",
    "tierhalter",
    "kunde",
    "kunden",
    "patientenbesitzer",
];
const ANIMAL: [&str; 11] = [
    "pet", "pets", "animal", "animals", "horse", "mascota", "animales", "tier", "tiere", "haustier", "pferd",
];
const PATIENT: [&str; 4] = ["patient", "paciente", "patienten", "patients"];
/// Words that say nothing by themselves.
const SILENT: [&str; 13] =
    ["s", "of", "the", "de", "del", "la", "el", "los", "der", "des", "dem", "value", "y"];
const PLACES: [&str; 17] = [
    "home",
    "mailing",
    "postal",
    "physical",
    "primary",
    "main",
    "residential",
    "permanent",
    "privat",
    "work",
    "business",
    "office",
    "other",
    "billing",
    "alternate",
    "address",
    "line",
];

/// The words of a heading, also where capitals or digits part them: `Phone1AsIs`.
fn words(text: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(text.len() + 8);
    let letters = text.chars().collect::<Vec<_>>();
    for (at, c) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(at + 1);
        let parts = before.is_some_and(|before| {
            let hump = c.is_uppercase() && (before.is_lowercase() || after.is_some_and(|c| c.is_lowercase()));
            (before.is_alphabetic() && hump) || before.is_numeric() != c.is_numeric()
        });
        if parts {
            spaced.push(' ');
        }
        spaced.push(*c);
    }
    text::words(&spaced)
}

/// The text outside of brackets, and the text within.
fn bracketed(text: &str) -> (String, String) {
    let (mut outside, mut inside, mut depth) = (String::new(), String::new(), 0_u8);
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => depth = depth.saturating_add(1),
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            c if depth == 0 => outside.push(c),
            c => inside.push(c),
        }
        if matches!(c, '(' | '[' | '{' | ')' | ']' | '}') {
            outside.push(' ');
            inside.push(' ');
        }
    }
    (outside, inside)
}

/// A word that means a part of a date: `dd`, `MM`, `yyyy`, in three languages.
fn date_part(word: &str) -> Option<char> {
    let of = |letters: &[char]| word.len() <= 4 && word.chars().all(|c| letters.contains(&c));
    match word.len() {
        1 | 2 if of(&['d']) || of(&['t']) => Some('d'),
        1..=3 if of(&['m']) => Some('m'),
        _ if word.len() > 1 && (of(&['y']) || of(&['j']) || of(&['a'])) => Some('y'),
        _ => None,
    }
}

/// The order of day and month that a heading states: "Date of birth (DD/MM/YYYY)".
pub(super) fn stated_order(heading: &str) -> Option<DateOrder> {
    let words = text::words(heading);
    let parts = words.windows(3).find_map(|three| {
        let parts = [date_part(&three[0])?, date_part(&three[1])?, date_part(&three[2])?];
        parts.contains(&'y').then_some(parts)
    })?;
    let place = |part| parts.iter().position(|known| *known == part);
    match (place('d')?, place('m')?) {
        (day, month) if day < month => Some(DateOrder::DayFirst),
        _ if parts[0] == 'y' => None,
        _ => Some(DateOrder::MonthFirst),
    }
}

/// What a heading means, if it is one that we know.
pub(super) fn heading(text: &str) -> Option<Heading> {
    if text.chars().count() > 100 {
        return None;
    }
    let (outside, inside) = bracketed(text);
    let plain = words(&outside);
    known(&plain).or_else(|| known(&[plain.as_slice(), &words(&inside)].concat())).or_else(|| {
        // All in one, whatever its capitals: `EMailAddress`.
        known(&[plain.concat()])
    })
}

fn known(words: &[String]) -> Option<Heading> {
    let number = words.iter().find_map(|word| word.parse::<usize>().ok());
    let mut rest = words.iter().map(String::as_str).collect::<Vec<_>>();
    rest.retain(|word| word.parse::<u64>().is_err() && !SILENT.contains(word));
    while let Some(at) = rest.windows(3).position(|three| three.iter().all(|word| date_part(word).is_some()))
    {
        rest.drain(at..at + 3);
    }
    let has = |named: &[&str]| rest.iter().any(|word| named.contains(word));
    let about = match () {
        () if has(&CLIENT) => About::Client,
        () if has(&ANIMAL) => About::Animal,
        () if has(&PATIENT) => About::Patient,
        () => About::Nobody,
    };
    rest.retain(|word| !CLIENT.contains(word) && !ANIMAL.contains(word) && !PATIENT.contains(word));
    let says =
        if rest.is_empty() { (about != About::Nobody).then_some(Says::Name)? } else { says(&rest, about)? };
    Some(Heading { about, says, number })
}

/// Whether words hold one of the first and none but these two kinds.
fn of(words: &[&str], core: &[&str], beside: &[&str]) -> bool {
    words.iter().any(|word| core.contains(word))
        && words.iter().all(|word| core.contains(word) || beside.contains(word))
}

fn says(words: &[&str], about: About) -> Option<Says> {
    let joined = words.join(" ");
    let named = match joined.as_str() {
        "title" | "prefix" | "salutation" | "honorific" | "anrede" | "titel" | "tratamiento" => Says::Title,
        "name" | "full name" | "fullname" | "name full" | "complete name" | "display name" | "nombre"
        | "nombre completo" | "nombre apellidos" | "name vorname" | "vollstandiger name" | "text name" => {
            Says::Name
        }
        "first name" | "first" | "firstname" | "fname" | "given name" | "given" | "name given"
        | "givenname" | "forename" | "name first" | "vorname" | "vornamen" | "rufname" | "nombres"
        | "nombre pila" | "primer nombre" => Says::First,
        "middle name" | "middle" | "middlename" | "mname" | "mi" | "middle initial" | "name middle"
        | "additional name" | "segundo nombre" | "zweiter vorname" => Says::Middle,
        "last name" | "last" | "lastname" | "lname" | "surname" | "family name" | "family"
        | "name family" | "familyname" | "name last" | "apellido" | "apellidos" | "primer apellido"
        | "segundo apellido" | "apellido paterno" | "apellido materno" | "nachname" | "familienname"
        | "zuname" => Says::Last,
        "suffix" | "name suffix" | "namenszusatz" => Says::Suffix,
        "kind" | "type" | "tipo" | "typ" => Says::Kind,
        "birth date" | "birthdate" | "date birth" | "dateofbirth" | "dob" | "born" | "birthday" | "bdate"
        | "birth" | "geburtsdatum" | "geburtstag" | "geboren" | "geb" | "geb datum" | "geboren am"
        | "geb am" | "fecha nacimiento" | "nacimiento" | "f nacimiento" | "fec nacimiento" | "fecha nac" => {
            Says::Birth
        }
        "remarks" | "remark" | "notes" | "note" | "comment" | "comments" | "memo" | "alert" | "alerts"
        | "notas" | "nota" | "observaciones" | "observacion" | "comentarios" | "comentario" | "bemerkung"
        | "bemerkungen" | "notiz" | "notizen" | "anmerkung" | "anmerkungen" | "kommentar" | "hinweis" => {
            Says::Remarks
        }
        "species" | "especie" | "tierart" | "spezies" => Says::Species,
        "breed" | "raza" | "rasse" => Says::Breed,
        _ => return reference(&joined, about).or_else(|| contact(words)).or_else(|| address(words)),
    };
    Some(named)
}

/// Numbers that a client is known by.
fn reference(joined: &str, about: About) -> Option<Says> {
    let rank = match joined {
        "reference"
        | "ref"
        | "reference number"
        | "file"
        | "file no"
        | "file number"
        | "filenumber"
        | "chart"
        | "chart no"
        | "chart number"
        | "mrn"
        | "medical record number"
        | "record number"
        | "pubpid"
        | "referencia"
        | "expediente"
        | "numero expediente"
        | "no expediente"
        | "historia clinica"
        | "aktenzeichen"
        | "patientennummer"
        | "kundennummer"
        | "kartei"
        | "karteinummer" => 0,
        "number" | "no" | "nr" | "numero" | "nummer" | "code" | "codigo" if about != About::Nobody => 1,
        "id" if about != About::Nobody => 2,
        "account number" | "account no" | "identifier" | "identifier value" => 2,
        "id" | "no" | "number" | "nr" | "numero" | "nummer" | "external id" | "pid" => 3,
        "account id" => 4,
        _ => return None,
    };
    Some(Says::Reference(rank))
}

fn contact(words: &[&str]) -> Option<Says> {
    let email = of(
        words,
        &["email", "emails", "mail", "correo", "emailadresse", "mailadresse", "emailaddress"],
        &[
            "e",
            "address",
            "adresse",
            "electronico",
            "primary",
            "secondary",
            "home",
            "work",
            "personal",
            "main",
            "direccion",
            "privat",
            "other",
        ],
    );
    let phone = of(
        words,
        &[
            "phone",
            "phones",
            "telephone",
            "tel",
            "mobile",
            "cell",
            "cellphone",
            "handy",
            "telefon",
            "telefono",
            "movil",
            "celular",
            "festnetz",
            "mobil",
            "mobilfunk",
            "mobiltelefon",
            "handynummer",
            "mobilnummer",
            "telefonnummer",
            "telecom",
            "rufnummer",
            "phonenumber",
            "homephone",
            "workphone",
            "mobilephone",
            "cellular",
        ],
        &[
            "number",
            "numbers",
            "no",
            "nr",
            "nummer",
            "numero",
            "home",
            "work",
            "business",
            "biz",
            "main",
            "primary",
            "secondary",
            "alternate",
            "alt",
            "day",
            "daytime",
            "evening",
            "night",
            "other",
            "as",
            "is",
            "private",
            "privat",
            "dienstlich",
            "office",
            "preferred",
            "casa",
            "trabajo",
            "fijo",
            "best",
        ],
    );
    match (email, phone) {
        (true, _) => Some(Says::Email),
        (_, true) => Some(Says::Phone),
        _ => None,
    }
}

/// Parts of an address. Where someone has several addresses, the one at home is best.
fn address(words: &[&str]) -> Option<Says> {
    let rank = match () {
        () if of(words, &["work", "business", "office"], words) => 2,
        () if of(words, &["other", "alternate"], words) => 3,
        () if of(words, &["billing"], words) => 1,
        () => 0,
    };
    let is = |core: &[&str]| of(words, core, &PLACES);
    let inner = words.iter().copied().filter(|word| !PLACES.contains(word)).collect::<Vec<_>>().join(" ");
    match inner.as_str() {
        "zip" | "zip code" | "zipcode" | "code" | "postalcode" | "post code" | "postcode" | "plz"
        | "postleitzahl" | "codigo" | "codigo postal" | "cp"
            if inner != "code" && inner != "codigo" || words.contains(&"postal") =>
        {
            return Some(Says::Zip(rank));
        }
        "hausnummer" | "hausnr" | "haus nr" | "house number" | "numero exterior" => {
            return Some(Says::HouseNumber(rank));
        }
        "state province" | "province state" | "state region" => return Some(Says::State(rank)),
        _ => {}
    }
    match () {
        () if is(&[
            "city",
            "town",
            "ort",
            "stadt",
            "wohnort",
            "ciudad",
            "localidad",
            "poblacion",
            "municipio",
        ]) =>
        {
            Some(Says::City(rank))
        }
        () if is(&["state", "province", "region", "bundesland", "provincia", "estado"]) => {
            Some(Says::State(rank))
        }
        () if is(&["country", "pais", "land"]) => Some(Says::Country(rank)),
        () if is(&[
            "address",
            "street",
            "adresse",
            "anschrift",
            "strasse",
            "straße",
            "direccion",
            "domicilio",
            "calle",
            "apartment",
            "apt",
            "suite",
            "unit",
            "full",
        ]) =>
        {
            Some(Says::Street(rank))
        }
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str) -> Option<(About, Says)> {
        heading(text).map(|found| (found.about, found.says))
    }

    #[test]
    fn headings_are_known_however_they_are_written() {
        use About::{Animal, Client, Nobody, Patient};
        for (texts, about, meaning) in [
            (&["Name", "NAME", "Full name", "nombre completo"][..], Nobody, Says::Name),
            (
                &["Client", "Owner's name", "ownerName", "Pet Owner", "Besitzer", "cliente"],
                Client,
                Says::Name,
            ),
            (&["FIRST", "fname", "firstName", "Vorname", "Given Name"], Nobody, Says::First),
            (&["Patient.name.given"], Patient, Says::First),
            (&["Client ID", "clientId"], Client, Says::Reference(2)),
            (&["FileNumber", "File no.", "MRN", "Kundennummer"], Nobody, Says::Reference(0)),
            (
                &["E-mail Address", "EMAIL", "Email (primary)", "correo electrónico", "E-mail 1 - Value"],
                Nobody,
                Says::Email,
            ),
            (
                &[
                    "phone_home",
                    "Phone1AsIs",
                    "Mobile Phone",
                    "Tel.",
                    "Teléfono móvil",
                    "Phone 2",
                    "Phone (cell)",
                ],
                Nobody,
                Says::Phone,
            ),
            (&["Client phone"], Client, Says::Phone),
            (
                &[
                    "Address1",
                    "Home Street",
                    "Straße",
                    "STRASSE",
                    "Dirección",
                    "Street Address",
                    "Address line 2",
                ],
                Nobody,
                Says::Street(0),
            ),
            (&["Business Street"], Nobody, Says::Street(2)),
            (
                &["Zip", "postal_code", "PLZ", "Home Postal Code", "Código postal", "ZIP Code"],
                Nobody,
                Says::Zip(0),
            ),
            (&["CITY", "Ort", "Home City"], Nobody, Says::City(0)),
            (
                &[
                    "BIRTHDATE",
                    "DOB",
                    "Date of Birth (MM/DD/YYYY)",
                    "Geburtsdatum",
                    "Fecha de nacimiento",
                    "dateOfBirth",
                ],
                Nobody,
                Says::Birth,
            ),
            (&["Patient.birthDate"], Patient, Says::Birth),
            (&["Pet DOB", "animal birth date"], Animal, Says::Birth),
            (&["Pet 2", "Pet Name", "Mascota", "animal"], Animal, Says::Name),
            (&["Client Type"], Client, Says::Kind),
        ] {
            for text in texts {
                assert_eq!(says(text), Some((about, meaning)), "{text}");
            }
        }
        for text in [
            "Fax",
            "SSN",
            "E-mail Type",
            "E-mail Display Name",
            "PhoneType1",
            "Emergency phone",
            "DEATHDATE",
            "COUNTY",
            "BIRTHPLACE",
            "Organization 1 - Name",
            "",
            "MAIDEN",
            "ClientTypeCode",
            "status",
            "Estado civil",
        ] {
            assert_eq!(says(text), None, "{text}");
        }
        assert_eq!(heading("Pet2Name").unwrap().number, Some(2));
    }

    #[test]
    fn headings_may_state_the_order_of_dates() {
        assert_eq!(stated_order("Date of Birth (MM/DD/YYYY)"), Some(DateOrder::MonthFirst));
        assert_eq!(stated_order("DOB dd-mm-yy"), Some(DateOrder::DayFirst));
        assert_eq!(stated_order("Geburtsdatum [TT.MM.JJJJ]"), Some(DateOrder::DayFirst));
        assert_eq!(stated_order("Birth date (yyyy-mm-dd)"), None);
        assert_eq!(stated_order("Date of birth"), None);
    }
}
