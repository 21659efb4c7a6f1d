//! Out of the bytes of a file, its lines: which letters, which columns, what each line would be. Knows no
//! database and never fails on a line: a line that can't be used says why.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use jiff::civil::Date;

use crate::clients::{
    AnimalInput, ClientInput, Draft, Kind, MOST_ANIMALS, fields,
    import::{About, LARGEST, MOST_LINES},
};
use kernel::{
    addresses::Email,
    clock::Time,
    error::{Error, Result},
    text,
};

/// A file, read.
pub(super) struct Sheet {
    pub(super) about: About,
    pub(super) lines: Vec<Line>,
}

/// A line of it.
pub(super) struct Line {
    /// Its number in the file, from 1.
    pub(super) number: i64,
    /// Its cells, as they are written.
    pub(super) cells: Vec<String>,
    /// The client that it would be, or why it is none.
    pub(super) verdict: Result<Draft, String>,
}

fn file(detail: impl Into<Cow<'static, str>>) -> Error {
    Error::field("file", detail)
}

/// Reads a file. `kind` is what clients are whose line does not say it.
///
/// # Errors
/// It is no list of clients: empty, too large, without a heading that we know.
pub(super) fn read(bytes: &[u8], kind: Kind, now: Time) -> Result<Sheet> {
    if bytes.len() > LARGEST {
        return Err(too_large());
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(file("This is a workbook. Save it as CSV in the spreadsheet, and choose that file."));
    }
    let (text, encoding) = decode(bytes);
    let (text, told) = told_separator(&text);
    let separator = told.unwrap_or_else(|| separator(text));
    let skipped = i64::from(told.is_some());
    let mut records = records(text, separator, skipped)?.into_iter();
    let (_, headings) = records.next().ok_or_else(|| file("The file is empty."))?;
    let columns = Columns::read(&headings)?;
    let rows = records.collect::<Vec<_>>();
    if rows.is_empty() {
        return Err(file("The file has headings, but no line beneath them."));
    }
    let order = DateOrder::of(&columns, &rows);
    let lines = rows.into_iter().map(|(number, cells)| {
        let verdict = columns.draft(&cells, kind, order, now);
        Line { number, cells, verdict }
    });
    let lines = lines.collect();
    let separator = match separator {
        b';' => "semicolon",
        b'\t' => "tab",
        _ => "comma",
    };
    let ignored = columns.ignored(&headings);
    let about = About { encoding: encoding.to_owned(), separator: separator.to_owned(), headings, ignored };
    Ok(Sheet { about, lines })
}

pub(super) fn too_large() -> Error {
    file(format!("Files are {} MiB at most. Split it into several.", LARGEST >> 20))
}

/// The text, and how its letters were written: as the mark at its beginning says; else as UTF-8 if it is that;
/// else as Windows writes in the west.
fn decode(bytes: &[u8]) -> (String, &'static str) {
    let (encoding, marked) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, length),
        None if std::str::from_utf8(bytes).is_ok() => (UTF_8, 0),
        None => (WINDOWS_1252, 0),
    };
    let (text, _) = encoding.decode_without_bom_handling(&bytes[marked..]);
    // Line ends of old Macs, and of nobody else.
    let text = match text.contains('\n') {
        true => text.into_owned(),
        false => text.replace('\r', "\n"),
    };
    (text, encoding.name())
}

/// Spreadsheets may write `sep=;` above the headings.
fn told_separator(text: &str) -> (&str, Option<u8>) {
    let first = text.lines().next().unwrap_or_default();
    let told = first.trim().trim_matches('"');
    let told = if told.len() == 5 { told.to_lowercase() } else { String::new() };
    match told.strip_prefix("sep=").and_then(|rest| rest.bytes().next()) {
        Some(separator) => (text.split_once('\n').map_or("", |(_, rest)| rest), Some(separator)),
        None => (text, None),
    }
}

/// The sign that stands most often in the headings, outside of quotes.
fn separator(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in first.bytes() {
        quoted ^= byte == b'"';
        for (sign, count) in &mut counts {
            *count += i32::from(byte == *sign && !quoted);
        }
    }
    // Of equals, the first.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(sign, _)| sign)
}

/// The records with the numbers of the lines that they begin at, without those whose cells are all empty.
fn records(text: &str, separator: u8, skipped: i64) -> Result<Vec<(i64, Vec<String>)>> {
    let mut builder = csv::ReaderBuilder::new();
    let mut reader =
        builder.delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut found: Vec<(i64, Vec<String>)> = Vec::new();
    let mut record = csv::StringRecord::new();
    let (mut line, mut counted) = (skipped + 1, 0);
    while reader.read_record(&mut record).map_err(|_| file("This is no list that can be read."))? {
        let begun = record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or(counted);
        // The reader passes over empty lines, so the record begins behind them.
        let between = text.as_bytes().get(counted..).unwrap_or_default();
        let breaks = between
            .iter()
            .enumerate()
            .take_while(|(at, byte)| counted + at < begun || matches!(byte, b'\r' | b'\n'));
        let (passed, ended) =
            breaks.fold((0, 0), |(_, ended), (at, byte)| (at + 1, ended + i64::from(*byte == b'\n')));
        (line, counted) = (line + ended, counted + passed);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        found.push((line, record.iter().map(str::to_owned).collect()));
        if found.len() > MOST_LINES + 1 {
            let most = text::grouped(i64::try_from(MOST_LINES).unwrap_or_default());
            return Err(file(format!("The file has more than {most} lines. Split it into several.")));
        }
    }
    Ok(found)
}

/// What a column holds; of animals, whose: 0 is the first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Field {
    Name,
    FirstName,
    LastName,
    Kind,
    Reference,
    Email,
    Phone,
    Address,
    BirthDate,
    Remarks,
    Animal(usize),
    Species(usize),
    Breed(usize),
    AnimalBirthDate(usize),
}

impl Field {
    /// The field of a heading, by the words that people use for it.
    fn of(heading: &str) -> Option<Self> {
        let mut words = text::words(heading);
        let number = words.last().and_then(|word| word.parse::<usize>().ok());
        if number.is_some() {
            words.pop();
        }
        let place = number.unwrap_or(1).checked_sub(1).filter(|place| *place < MOST_ANIMALS)?;
        let field = Self::of_words(&words.join(" "), place)?;
        let of_animal =
            matches!(field, Self::Animal(_) | Self::Species(_) | Self::Breed(_) | Self::AnimalBirthDate(_));
        (of_animal || number.is_none()).then_some(field)
    }

    fn of_words(words: &str, place: usize) -> Option<Self> {
        Some(match words {
            "name" | "full name" | "client" | "client name" | "owner" | "owner name" | "patient"
            | "patient name" | "producer" | "customer" | "customer name" | "nombre" | "cliente"
            | "nombre completo" => Self::Name,
            "first name" | "given name" | "firstname" => Self::FirstName,
            "last name" | "surname" | "family name" | "lastname" | "apellido" | "apellidos" => Self::LastName,
            "kind" | "type" | "client type" | "tipo" => Self::Kind,
            "reference" | "ref" | "file no" | "file number" | "file" | "client no" | "client number"
            | "client id" | "patient id" | "id" | "no" | "number" | "chart" | "chart number" | "mrn"
            | "referencia" | "expediente" => Self::Reference,
            "email" | "e mail" | "mail" | "email address" | "e mail address" | "correo"
            | "correo electronico" => Self::Email,
            "phone" | "tel" | "telephone" | "phone number" | "mobile" | "cell" | "telefono" | "movil" => {
                Self::Phone
            }
            "address" | "postal address" | "street" | "direccion" => Self::Address,
            "birth date"
            | "birthdate"
            | "date of birth"
            | "dob"
            | "born"
            | "birthday"
            | "fecha de nacimiento" => Self::BirthDate,
            "remarks" | "remark" | "notes" | "note" | "comment" | "comments" | "notas" | "observaciones" => {
                Self::Remarks
            }
            "animal" | "animal name" | "pet" | "pet name" | "mascota" => Self::Animal(place),
            "species" | "animal species" | "especie" => Self::Species(place),
            "breed" | "animal breed" | "raza" => Self::Breed(place),
            "animal birth date" | "animal date of birth" | "pet birth date" | "animal dob" => {
                Self::AnimalBirthDate(place)
            }
            _ => return None,
        })
    }
}

/// The most columns of a file: a hundred animals with four each, and what is beside them.
const MOST_COLUMNS: usize = 500;

/// What each column of a file holds.
struct Columns(Vec<Option<Field>>);

impl Columns {
    fn read(headings: &[String]) -> Result<Self> {
        if headings.len() > MOST_COLUMNS {
            return Err(file(format!(
                "A file has at most {MOST_COLUMNS} columns; this one has {}.",
                headings.len()
            )));
        }
        let mut known: Vec<Option<Field>> = Vec::new();
        for heading in headings {
            let field = Field::of(heading).filter(|field| !known.contains(&Some(*field)));
            known.push(field);
        }
        let has = |field| known.contains(&Some(field));
        if has(Field::Name) || has(Field::LastName) || has(Field::FirstName) {
            return Ok(Self(known));
        }
        let first = headings.iter().map(|heading| quoted(heading)).take(8).collect::<Vec<_>>().join(", ");
        Err(file(format!(
            "The first line must name the columns, and one of them must be “name”. It reads: {first}."
        )))
    }

    fn ignored(&self, headings: &[String]) -> Vec<String> {
        let both = self.0.iter().zip(headings);
        let ignored = both.filter(|(field, heading)| field.is_none() && !heading.trim().is_empty());
        ignored.map(|(_, heading)| shown(heading)).collect()
    }

    fn get<'a>(&self, cells: &'a [String], field: Field) -> &'a str {
        let at = self.0.iter().position(|known| *known == Some(field));
        let cell = at.and_then(|at| cells.get(at)).map_or("", String::as_str);
        text::unmarked(cell.trim()).trim()
    }

    fn draft(&self, cells: &[String], kind: Kind, order: DateOrder, now: Time) -> Result<Draft, String> {
        if cells.len() != self.0.len() && !surplus_is_empty(cells, self.0.len()) {
            return Err(uneven(cells, self.0.len()));
        }
        let get = |field| self.get(cells, field).to_owned();
        let name = match get(Field::Name) {
            name if name.is_empty() => format!("{} {}", get(Field::FirstName), get(Field::LastName)),
            name => name,
        };
        if name.trim().is_empty() {
            return Err("no name".to_owned());
        }
        let email = get(Field::Email);
        if !email.is_empty() && Email::read(&email).is_err() {
            return Err(format!("{} is not an email address", quoted(&email)));
        }
        let input = ClientInput {
            kind: Some(kind_of(&get(Field::Kind), kind)?),
            name,
            reference: get(Field::Reference),
            email,
            phone: get(Field::Phone),
            address: get(Field::Address),
            birth_date: date(&get(Field::BirthDate), "birth date", order)?,
            remarks: get(Field::Remarks),
            animals: self.animals(cells, order)?,
        };
        fields::check(&input, now).map_err(|error| {
            let fault = error.fields().first();
            fault.map_or_else(
                || error.public().to_owned(),
                |fault| format!("{}: {}", fault.field, fault.detail),
            )
        })
    }

    fn animals(&self, cells: &[String], order: DateOrder) -> Result<Vec<AnimalInput>, String> {
        let place = |field: &Option<Field>| match field {
            Some(
                Field::Animal(place)
                | Field::Species(place)
                | Field::Breed(place)
                | Field::AnimalBirthDate(place),
            ) => Some(*place),
            _ => None,
        };
        let Some(last) = self.0.iter().filter_map(place).max() else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for place in 0..=last {
            let get = |field| self.get(cells, field).to_owned();
            let birth_date = date(&get(Field::AnimalBirthDate(place)), "animal birth date", order)?;
            let (name, species, breed) =
                (get(Field::Animal(place)), get(Field::Species(place)), get(Field::Breed(place)));
            if [&name, &species, &breed, &birth_date].iter().all(|text| text.is_empty()) {
                continue;
            }
            // What has no name is called by what it is.
            let called = [&name, &species, &breed].into_iter().find(|text| !text.is_empty());
            let name = called.cloned().ok_or("an animal without a name")?;
            found.push(AnimalInput { name, species, breed, birth_date });
        }
        Ok(found)
    }
}

/// Spreadsheets may write more separators than there are columns.
fn surplus_is_empty(cells: &[String], columns: usize) -> bool {
    cells.len() > columns && cells[columns..].iter().all(|cell| cell.trim().is_empty())
}

fn uneven(cells: &[String], columns: usize) -> String {
    let fields = text::counted(cells.len(), "field", "fields");
    // A quote that is never closed swallows the lines after it.
    let swallowed = cells.iter().any(|cell| cell.lines().count() > 20);
    let hint = if swallowed { "; perhaps a quotation mark is not closed" } else { "" };
    format!("the line has {fields} where the headings are {columns}{hint}")
}

/// A piece of somebody's text within a sentence of ours: on one line, without what can't be shown, not too long.
fn shown(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    match clean.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean,
    }
}

fn quoted(text: &str) -> String {
    format!("“{}”", shown(text))
}

fn kind_of(text: &str, otherwise: Kind) -> Result<Kind, String> {
    Ok(match text::words(text).join(" ").as_str() {
        "" => otherwise,
        "owner" | "pet owner" | "animal owner" | "client" | "customer" | "dueno" | "propietario"
        | "cliente" => Kind::Owner,
        "producer" | "farm" | "farmer" | "productor" | "granja" => Kind::Producer,
        "patient" | "person" | "paciente" => Kind::Patient,
        _ => return Err(format!("{} is none of owner, producer and patient", quoted(text))),
    })
}

/// In which order a file writes day and month between slashes, as far as its own dates tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum DateOrder {
    DayFirst,
    MonthFirst,
    Unknown,
}

impl DateOrder {
    fn of(columns: &Columns, rows: &[(i64, Vec<String>)]) -> Self {
        let dated = columns.0.iter().enumerate();
        let dated =
            dated.filter(|(_, field)| matches!(field, Some(Field::BirthDate | Field::AnimalBirthDate(_))));
        let dated = dated.map(|(at, _)| at).collect::<Vec<_>>();
        let (mut day_first, mut month_first) = (false, false);
        for (_, cells) in rows {
            for text in dated.iter().filter_map(|at| cells.get(*at)) {
                if let Some((first, second, _)) = slashed(text.trim()) {
                    day_first |= first > 12;
                    month_first |= second > 12;
                }
            }
        }
        match (day_first, month_first) {
            (true, false) => Self::DayFirst,
            (false, true) => Self::MonthFirst,
            _ => Self::Unknown,
        }
    }
}

/// The three numbers of `3/14/2019`.
fn slashed(text: &str) -> Option<(i8, i8, i16)> {
    let mut parts = text.split('/');
    let (first, second, year) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
    (parts.next().is_none() && year.len() == 4).then_some(())?;
    Some((first, second, year.parse().ok()?))
}

/// A date as it is kept, out of what people write: `2019-05-31`, `31.5.2019`, `2019/05/31`, `5/31/2019`,
/// `31/5/2019`.
fn date(text: &str, what: &str, order: DateOrder) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let unread = || format!("{what} {} can’t be read; write it as 2019-05-31", shown(text));
    if let Some((first, second, year)) = slashed(text) {
        let (month, day) = match order {
            _ if first > 12 => (second, first),
            _ if second > 12 || first == second => (first, second),
            DateOrder::DayFirst => (second, first),
            DateOrder::MonthFirst => (first, second),
            DateOrder::Unknown => {
                return Err(format!(
                    "{what} {} may mean two days; write it as {year}-{first:02}-{second:02} or \
                     {year}-{second:02}-{first:02}",
                    shown(text)
                ));
            }
        };
        return Date::new(year, month, day).map(|date| date.to_string()).map_err(|_| unread());
    }
    let by = |sign: char| text.split(sign).map(|part| part.trim().parse::<i16>().ok()).collect::<Vec<_>>();
    let (year, month, day) = match (by('.').as_slice(), by('-').as_slice(), by('/').as_slice()) {
        ([Some(day), Some(month), Some(year)], ..) => (*year, *month, *day),
        (_, [Some(year), Some(month), Some(day)], _) | (.., [Some(year), Some(month), Some(day)]) => {
            (*year, *month, *day)
        }
        _ => return Err(unread()),
    };
    let small = |number: i16| i8::try_from(number).map_err(|_| unread());
    let date = Date::new(year, small(month)?, small(day)?).map_err(|_| unread())?;
    if date.year() < 1000 { Err(unread()) } else { Ok(date.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_micros(1_772_442_000_000_000);

    fn sheet(bytes: &[u8]) -> Sheet {
        read(bytes, Kind::Owner, NOW).unwrap()
    }

    fn why(bytes: &[u8]) -> String {
        read(bytes, Kind::Owner, NOW).err().unwrap().fields()[0].detail.to_string()
    }

    fn draft(sheet: &Sheet, at: usize) -> &Draft {
        sheet.lines[at].verdict.as_ref().unwrap()
    }

    #[test]
    fn letters_are_told_from_each_other() {
        let text = "name;email\nMüller;m@x.org\n";
        let utf16 = |big: bool| {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            units
                .flat_map(|unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect::<Vec<_>>()
        };
        let western =
            text.replace('ü', "#").bytes().map(|b| if b == b'#' { 0xfc } else { b }).collect::<Vec<_>>();
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for (bytes, name) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            (marked, "UTF-8"),
            (utf16(false), "UTF-16LE"),
            (utf16(true), "UTF-16BE"),
            (western, "windows-1252"),
        ] {
            let sheet = sheet(&bytes);
            assert_eq!(sheet.about.encoding, name);
            assert_eq!(
                (draft(&sheet, 0).name.as_str(), draft(&sheet, 0).email.as_str()),
                ("Müller", "m@x.org")
            );
        }
    }

    #[test]
    fn separators_line_ends_and_quotes_are_read_as_they_come() {
        for text in [
            "name,phone,remarks\r\n\"Lee, Ann\",1,\"two\r\nlines\"\r\n",
            "name;phone;remarks\n\"Lee, Ann\";1;\"two\nlines\"",
            "name\tphone\tremarks\rLee, Ann\t1\t\"two\rlines\"\r",
            "sep=;\nname;phone;remarks\n\nLee, Ann;1;\"two\nlines\"\n;;\n",
        ] {
            let sheet = sheet(text.as_bytes());
            assert_eq!(sheet.lines.len(), 1, "{text:?}");
            assert_eq!(
                (draft(&sheet, 0).name.as_str(), draft(&sheet, 0).remarks.as_str()),
                ("Lee, Ann", "two\nlines")
            );
        }
        let one = sheet(b"Client\nAnn\n\nBen\n");
        assert_eq!(one.lines.iter().map(|line| line.number).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn headings_are_known_by_many_names_and_the_rest_is_listed() {
        let sheet = sheet(
            "Nombre,Correo,Tel.,File no.,Fax,Pet 2,Species 2,Pet,phone\nAna,a@x.org,1,7,2,Mia,Cat,Rex,9\n"
                .as_bytes(),
        );
        assert_eq!(sheet.about.ignored, ["Fax", "phone"]);
        let found = draft(&sheet, 0);
        assert_eq!((found.reference.as_str(), found.phone.as_str()), ("7", "1"));
        assert_eq!(
            found.animals.iter().map(|animal| animal.name.as_str()).collect::<Vec<_>>(),
            ["Rex", "Mia"]
        );
        let two = self::sheet(b"Last name,First name\nLee,Ann\n");
        assert_eq!(draft(&two, 0).name, "Ann Lee");
    }

    #[test]
    fn a_broken_line_says_why() {
        let text = "name,email,birth date,kind\nAnn,a@x.org\nBen,x@,,\n,b@x.org,,\nCy,,31.13.2020,\nDee,,,spaceship\nEve,,2050-01-01,\n\
                    Fay\u{0}x,,,\nGus,,3/4/2020,\nHal,,,,,\n";
        let sheet = sheet(text.as_bytes());
        let why = sheet.lines.iter().map(|line| line.verdict.as_ref().err().cloned().unwrap_or_default());
        assert_eq!(
            why.collect::<Vec<_>>(),
            [
                "the line has 2 fields where the headings are 4",
                "“x@” is not an email address",
                "no name",
                "birth date 31.13.2020 can’t be read; write it as 2019-05-31",
                "“spaceship” is none of owner, producer and patient",
                "birth_date: This day is still to come.",
                "name: Please leave out control characters.",
                "birth date 3/4/2020 may mean two days; write it as 2020-03-04 or 2020-04-03",
                "",
            ]
        );
    }

    #[test]
    fn slashes_are_understood_by_the_other_dates_of_the_file() {
        let american = sheet(b"name,dob\nA,3/4/2020\nB,12/31/2019\n");
        assert_eq!(draft(&american, 0).birth_date.as_deref(), Some("2020-03-04"));
        let british = sheet(b"name,dob\nA,3/4/2020\nB,31/12/2019\nC,1.2.2003\nD,2003/02/01\n");
        assert_eq!(draft(&british, 0).birth_date.as_deref(), Some("2020-04-03"));
        assert_eq!(draft(&british, 2).birth_date.as_deref(), Some("2003-02-01"));
        assert_eq!(draft(&british, 3).birth_date.as_deref(), Some("2003-02-01"));
    }

    #[test]
    fn what_is_no_list_of_clients_is_refused_whole() {
        assert_eq!(why(b""), "The file is empty.");
        assert_eq!(why(b"\xef\xbb\xbf\r\n\r\n"), "The file is empty.");
        assert!(why(b"name\n").contains("no line beneath"));
        assert!(why(b"a,b\n1,2\n").contains("“a”, “b”"));
        assert!(why(b"PK\x03\x04....").contains("workbook"));
        assert!(why(&vec![b'a'; LARGEST + 1]).contains("20 MiB"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_panic(bytes: Vec<u8>) {
            let _ = read(&bytes, Kind::Owner, NOW);
            let _ = read(&[b"name,dob,animal 2\n", bytes.as_slice()].concat(), Kind::Owner, NOW);
        }

        /// Made of what such files are made of, so that quotes, separators and marks meet.
        #[test]
        fn any_sheet_is_read_or_refused_line_by_line(
            head in "(\u{feff})?(sep=[;,|\t]\n)?(name|\"name\"|Last name|email|dob|animal|,|;|\t){1,8}",
            lines in proptest::collection::vec("(\"|\"\"|,|;|\t|\r?\n|'?[=+@-]|[a-c@.]{1,4}|é|1/2/2003|31.12.2020){0,12}", 0..8),
        ) {
            if let Ok(sheet) = read([head, lines.join("\n")].join("\n").as_bytes(), Kind::Owner, NOW) {
                proptest::prop_assert!(!sheet.lines.is_empty());
                let numbers = sheet.lines.iter().map(|line| line.number).collect::<Vec<_>>();
                proptest::prop_assert!(numbers.is_sorted() && numbers[0] > 1, "{:?}", numbers);
                for draft in sheet.lines.iter().filter_map(|line| line.verdict.as_ref().ok()) {
                    proptest::prop_assert!(!draft.name.trim().is_empty());
                }
            }
        }

        #[test]
        fn what_we_write_is_read_back(names in proptest::collection::vec("[A-Za-z'=+@;,\"é-][A-Za-z '=+@;,\"é-]{0,12}[a-z]", 1..6)) {
            let rows = names.iter().map(|name| text::csv_row([name.as_str(), "x"])).collect::<String>();
            let file = [text::csv_row(["name", "remarks"]), rows].concat();
            let sheet = read(file.as_bytes(), Kind::Owner, NOW).unwrap();
            let read = sheet.lines.iter().map(|line| line.verdict.as_ref().unwrap().name.clone());
            let said = names.iter().map(|name| text::line(name).unwrap());
            proptest::prop_assert_eq!(read.collect::<Vec<_>>(), said.collect::<Vec<_>>());
        }
    }
}
