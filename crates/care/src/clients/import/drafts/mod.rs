//! Out of a row and the meaning of its columns, the client that it would be. Only a missing name makes a row
//! useless: any other cell that can't be read is left out, and said.

pub(super) mod dates;

use std::collections::HashMap;

use jiff::tz::TimeZone;

use crate::clients::{
    AnimalInput, ClientInput, Draft, Kind, MOST_ANIMALS, fields,
    import::{
        Because,
        columns::{self, DateOrder, Field, Mapping},
        reading::{Row, Table},
    },
};
use dates::Calendar;
use kernel::{
    addresses::{self, Email, Entry},
    clock::Time,
    text,
};
use tables::quoted;

/// What a row became.
pub(super) struct Drafted {
    /// The client that it would be, or why it is none.
    pub(super) client: Result<Draft, String>,
    /// What was left out of it, in sentences.
    pub(super) notices: Vec<String>,
}

/// How the rows of a file are understood.
pub(super) struct Reader<'a> {
    table: &'a Table,
    mapping: &'a Mapping,
    kind: Kind,
    calendar: Calendar,
    now: Time,
    /// Where each field is.
    columns: HashMap<Field, Vec<usize>>,
    /// The columns of remarks whose heading is said with each cell.
    labeled: Vec<bool>,
    /// How many animals a row has at most.
    animals: usize,
    zip_first: bool,
}

/// The order of day and month in a file: as it was chosen, as its headings state it, as most of its dates have it;
/// else as Americans write, or, between semicolons, as Europeans do.
pub(super) fn order(table: &Table, mapping: &Mapping) -> (DateOrder, Because) {
    if let Some(order) = mapping.order {
        return (order, Because::Chosen);
    }
    if let Some(order) = columns::stated_order(&table.headings) {
        return (order, Because::Heading);
    }
    let dated = |field: &Field| matches!(field, Field::BirthDate | Field::AnimalBirthDate(_));
    let columns = mapping.columns.iter().enumerate().filter(|(_, field)| field.as_ref().is_some_and(dated));
    let columns = columns.map(|(at, _)| at).collect::<Vec<_>>();
    let (mut month_first, mut day_first) = (0, 0);
    for row in &table.rows {
        for text in columns.iter().filter_map(|at| row.cells.get(*at)) {
            match dates::in_order(text) {
                Some((1..=12, 13..=31)) => month_first += 1,
                Some((13..=31, 1..=12)) => day_first += 1,
                _ => {}
            }
        }
    }
    match (month_first, day_first) {
        (month, day) if month > day => (DateOrder::MonthFirst, Because::Dates),
        (month, day) if day > month => (DateOrder::DayFirst, Because::Dates),
        (0, 0) if table.separator == "semicolon" => (DateOrder::DayFirst, Because::Assumed),
        _ => (DateOrder::MonthFirst, Because::Assumed),
    }
}

/// What people type where they know nothing.
fn is_placeholder(text: &str) -> bool {
    if !text.chars().any(char::is_alphabetic) {
        return !text.is_empty() && text.chars().all(|c| !c.is_alphanumeric() || c == '0');
    }
    let known = [
        "none",
        "n a",
        "na",
        "null",
        "nil",
        "unknown",
        "unk",
        "declined",
        "refused",
        "not provided",
        "not given",
        "not available",
        "not applicable",
        "no email",
        "no phone",
        "noemail",
        "tbd",
        "ninguno",
        "ninguna",
        "desconocido",
        "keine",
        "kein",
        "unbekannt",
        "undefined",
        "nan",
    ];
    text.len() < 20 && known.contains(&text::words(text).join(" ").as_str())
}

/// Without characters that show nothing and garble lines, and out of Excel's `="00123"`.
fn clean(text: &str) -> String {
    let shown = |c: &char| {
        (!c.is_control() || matches!(c, '\n' | '\t' | '\r'))
            && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let plain = text.chars().all(|c| shown(&c));
    let text = if plain { text.to_owned() } else { text.chars().filter(shown).collect() };
    let inner = text.trim();
    let formula = inner.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    let inner = formula.filter(|inner| !inner.contains('"')).unwrap_or(inner);
    text::unmarked(inner).trim().to_owned()
}

/// One row on its way to a client.
struct Cells<'a> {
    reader: &'a Reader<'a>,
    cells: Vec<String>,
    notices: Vec<String>,
    /// Whether a cell was not what its column holds, as where a row is out of line.
    unread: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(table: &'a Table, mapping: &'a Mapping, kind: Kind, now: Time) -> Self {
        let today = now.timestamp().to_zoned(TimeZone::UTC).date();
        let mut columns = HashMap::<Field, Vec<usize>>::new();
        for (at, field) in mapping.columns.iter().enumerate() {
            if let Some(field) = field {
                columns.entry(*field).or_default().push(at);
            }
        }
        let at = |field| columns.get(&field).and_then(|at| at.first().copied());
        let zip_first = at(Field::Zip).is_some_and(|zip| at(Field::City).is_some_and(|city| zip < city));
        let labeled = mapping
            .columns
            .iter()
            .zip(&table.headings)
            .map(|(field, heading)| *field == Some(Field::Remarks) && !columns::names_remarks(heading));
        let places = mapping.columns.iter().flatten().filter_map(|field| field.place());
        Self {
            table,
            mapping,
            kind,
            calendar: Calendar::new(order(table, mapping).0, today),
            now,
            labeled: labeled.collect(),
            animals: places.max().map_or(0, |place| place + 1).min(MOST_ANIMALS),
            zip_first,
            columns,
        }
    }

    /// What a row becomes.
    pub(super) fn draft(&self, line: &Row) -> Drafted {
        let cells = line.cells.iter().map(|cell| clean(cell)).collect();
        let mut row = Cells { reader: self, cells, notices: line.faults.clone(), unread: false };
        let client = row.client();
        Drafted { client, notices: row.notices }
    }
}

impl Cells<'_> {
    /// The cells of a field that hold something, with the columns that they are in.
    fn filled(&self, field: Field) -> Vec<(usize, String)> {
        let columns = self.reader.columns.get(&field).into_iter().flatten();
        let cells = columns.filter_map(|at| Some((*at, self.cells.get(*at)?.clone())));
        cells.filter(|(_, cell)| !cell.is_empty()).collect()
    }

    /// The first cell of a name, as it is written: Null is a name.
    fn name_part(&self, field: Field) -> String {
        let cells = self.filled(field).into_iter().map(|(_, cell)| cell);
        if field == Field::LastName { cells.collect::<Vec<_>>().join(" ") } else { cells.take(1).collect() }
    }

    /// Notes that a cell of a field was left out, and why where that isn't plain.
    fn leave_out(&mut self, field: Field, text: &str, why: &str) {
        let between = if why.is_empty() { "." } else { " " };
        self.notices.push(format!("{} left out: {}{between}{why}", field.label(), quoted(text)));
    }

    /// The cells of a field without those that say that nothing is known.
    fn known(&mut self, field: Field) -> Vec<(usize, String)> {
        let (none, known) =
            self.filled(field).into_iter().partition::<Vec<_>, _>(|(_, cell)| is_placeholder(cell));
        for (_, text) in none {
            self.leave_out(field, &text, "");
        }
        known
    }

    fn first(&mut self, field: Field) -> String {
        self.known(field).into_iter().next().map(|(_, cell)| cell).unwrap_or_default()
    }

    fn name(&self) -> String {
        let whole = self.name_part(Field::Name);
        let known = text::words(&whole);
        // What the whole name has already is not said twice.
        let part = |field| {
            let part = self.name_part(field);
            let words = text::words(&part);
            let twice = !words.is_empty() && words.iter().all(|word| known.contains(word));
            if twice { String::new() } else { part }
        };
        let parts = [
            self.name_part(Field::Title),
            part(Field::FirstName),
            if whole.is_empty() { self.name_part(Field::MiddleName) } else { String::new() },
            whole.clone(),
            part(Field::LastName),
            part(Field::Suffix),
        ];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    fn client(&mut self) -> Result<Draft, String> {
        let name = self.name();
        let named = [Field::Name, Field::FirstName, Field::LastName];
        if name.is_empty() || named.iter().all(|field| self.name_part(*field).is_empty()) {
            return Err("The name is missing.".to_owned());
        }
        let columns = self.reader.mapping.columns.len();
        let surplus =
            self.cells.iter().skip(columns).filter(|cell| !cell.is_empty()).cloned().collect::<Vec<_>>();
        let (kind, unknown) = self.kind();
        let mut input = ClientInput {
            kind: Some(kind),
            name,
            reference: self.first(Field::Reference),
            email: self.email(),
            phone: self.phones(),
            address: self.address(),
            birth_date: self.date(Field::BirthDate),
            remarks: self.remarks(unknown),
            animals: self.animals(),
        };
        if !surplus.is_empty() {
            if self.unread {
                return Err(format!(
                    "This line has {} cells, but there are {} headings. Put quotation marks around text that \
                     contains a separator.",
                    self.cells.len(),
                    columns
                ));
            }
            let left = surplus.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(", ");
            self.notices.push(format!("Left out, because it is beyond the last heading: {left}"));
        }
        self.checked(&mut input)
    }

    /// The client, without the fields that can't be used.
    fn checked(&mut self, input: &mut ClientInput) -> Result<Draft, String> {
        loop {
            let error = match fields::check(input, self.reader.now) {
                Ok(draft) => return Ok(draft),
                Err(error) => error,
            };
            let Some(fault) = error.fields().first() else { return Err(error.public().to_owned()) };
            let animal = fault.field.strip_prefix("animals[").and_then(|rest| rest.split_once("]."));
            let place = animal.and_then(|(place, _)| place.parse::<usize>().ok());
            let (field, cell) = match (place, animal.map_or(&*fault.field, |(_, name)| name)) {
                (Some(place), name) => {
                    let Some(animal) = input.animals.get_mut(place) else {
                        return Err(fault.detail.to_string());
                    };
                    match name {
                        "species" => (Field::Species(place), &mut animal.species),
                        "breed" => (Field::Breed(place), &mut animal.breed),
                        "birth_date" => (Field::AnimalBirthDate(place), &mut animal.birth_date),
                        _ => {
                            let animal = input.animals.remove(place);
                            self.leave_out(Field::AnimalName(place), &animal.name, &fault.detail);
                            continue;
                        }
                    }
                }
                (None, "reference") => (Field::Reference, &mut input.reference),
                (None, "email") => (Field::Email, &mut input.email),
                (None, "phone") => (Field::Phone, &mut input.phone),
                (None, "address") => (Field::Street, &mut input.address),
                (None, "birth_date") => (Field::BirthDate, &mut input.birth_date),
                (None, "remarks") => (Field::Remarks, &mut input.remarks),
                _ => return Err(format!("Name: {}", fault.detail)),
            };
            if cell.is_empty() {
                return Err(fault.detail.to_string());
            }
            let text = std::mem::take(cell);
            self.leave_out(field, &text, &fault.detail);
        }
    }

    fn date(&mut self, field: Field) -> String {
        let mut found = String::new();
        for (_, text) in self.known(field) {
            match self.reader.calendar.read(&text) {
                Some(read) if found.is_empty() => {
                    found = read.date.to_string();
                    if read.against {
                        let first = match self.reader.calendar.order {
                            DateOrder::MonthFirst => "month",
                            DateOrder::DayFirst => "day",
                        };
                        self.notices.push(format!(
                            "{}: {} was read as {found}, although the {first} comes first in this file.",
                            field.label(),
                            quoted(&text)
                        ));
                    }
                }
                Some(_) => {}
                None => {
                    self.unread = true;
                    self.leave_out(field, &text, "isn’t a date.");
                }
            }
        }
        found
    }

    /// The first address for mail. Any others are said.
    fn email(&mut self) -> String {
        let mut found: Option<Email> = None;
        for (_, cell) in self.known(Field::Email) {
            let entries = addresses::read(&cell);
            if entries.is_empty() {
                self.unread = true;
                self.leave_out(Field::Email, &cell, "isn’t an email address.");
            }
            for Entry { typed, email, .. } in entries {
                match (email, &found) {
                    (Ok(email), None) => found = Some(email),
                    (Ok(email), Some(first)) if email.key == first.key => {}
                    (Ok(_), Some(_)) => self.leave_out(Field::Email, &typed, "comes after another address."),
                    (Err(_), _) => {
                        self.unread = true;
                        self.leave_out(Field::Email, &typed, "isn’t an email address.");
                    }
                }
            }
        }
        found.map(|email| email.shown).unwrap_or_default()
    }

    /// All phones, each once; where there are several, with what their headings call them.
    fn phones(&mut self) -> String {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let mut found: Vec<(usize, String)> = Vec::new();
        for (at, cell) in self.known(Field::Phone) {
            if !found.iter().any(|(_, known)| *known == cell || digits(known) == digits(&cell)) {
                found.push((at, cell));
            }
        }
        let several = found.len() > 1;
        let mut line = String::new();
        for (at, phone) in found {
            let label = self.reader.table.headings.get(at).and_then(|heading| phone_label(heading));
            let phone = match label.filter(|_| several) {
                Some(label) => format!("{phone} ({label})"),
                None => phone,
            };
            let next = if line.is_empty() { phone.clone() } else { format!("{line}, {phone}") };
            if next.chars().count() > text::NAME_LIMIT && !line.is_empty() {
                self.leave_out(Field::Phone, &phone, "doesn’t fit beside the others.");
            } else {
                line = next;
            }
        }
        line
    }

    /// The address as it is written on envelopes.
    fn address(&mut self) -> String {
        let mut lines = Vec::<String>::new();
        let columns = self.reader.mapping.columns.clone();
        for (at, field) in columns.iter().enumerate() {
            let cell = match field {
                Some(Field::Street | Field::HouseNumber) => self.cells.get(at).cloned().unwrap_or_default(),
                _ => continue,
            };
            match field {
                _ if cell.is_empty() => {}
                Some(Field::HouseNumber) => match lines.last_mut() {
                    Some(street) => *street = format!("{street} {cell}"),
                    None => lines.push(cell),
                },
                _ if is_placeholder(&cell) => self.leave_out(Field::Street, &cell, ""),
                _ => lines.push(cell),
            }
        }
        let (city, state) = (self.first(Field::City), self.first(Field::State));
        let (zip, country) = (self.first(Field::Zip), self.first(Field::Country));
        let place = match (city.as_str(), state.as_str()) {
            (city, "") if self.reader.zip_first => format!("{zip} {city}"),
            (city, "") => format!("{city} {zip}"),
            ("", state) => format!("{state} {zip}"),
            (city, state) => format!("{city}, {state} {zip}"),
        };
        lines.push(place.trim().to_owned());
        lines.push(country);
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }

    /// What the client is, and the words that say something else.
    fn kind(&self) -> (Kind, Option<(usize, String)>) {
        let Some((at, cell)) = self.filled(Field::Kind).into_iter().next() else {
            return (self.reader.kind, None);
        };
        match text::words(&cell).join(" ").as_str() {
            // Where clients are people who are treated, that is what a client is.
            "client" | "customer" | "cliente" if self.reader.kind == Kind::Patient => (Kind::Patient, None),
            "owner" | "pet owner" | "animal owner" | "client" | "customer" | "dueno" | "propietario"
            | "cliente" | "besitzer" | "halter" | "tierhalter" => (Kind::Owner, None),
            "producer" | "farm" | "farmer" | "productor" | "granja" | "landwirt" => (Kind::Producer, None),
            "patient" | "person" | "paciente" => (Kind::Patient, None),
            _ if is_placeholder(&cell) => (self.reader.kind, None),
            _ => (self.reader.kind, Some((at, cell))),
        }
    }

    fn remarks(&mut self, kind: Option<(usize, String)>) -> String {
        let heading = |at: usize| self.reader.table.headings.get(at).map_or("", |heading| heading.trim());
        let labeled = |at: usize, text: &str| match heading(at) {
            "" => text.to_owned(),
            heading => format!("{heading}: {text}"),
        };
        let cells = self.filled(Field::Remarks).into_iter();
        let cells = cells.filter(|(_, cell)| !is_placeholder(cell)).map(|(at, cell)| {
            match self.reader.labeled.get(at) {
                Some(true) => labeled(at, &cell),
                _ => cell,
            }
        });
        let kind = kind.map(|(at, cell)| labeled(at, &cell));
        cells.chain(kind).collect::<Vec<_>>().join("\n")
    }

    fn animals(&mut self) -> Vec<AnimalInput> {
        let mut found = Vec::new();
        for place in 0..self.reader.animals {
            let (species, breed) = (self.first(Field::Species(place)), self.first(Field::Breed(place)));
            let birth_date = self.date(Field::AnimalBirthDate(place));
            let name = self.first(Field::AnimalName(place));
            // What has no name is called by what it is.
            let called = [&name, &species, &breed].into_iter().find(|text| !text.is_empty()).cloned();
            match called {
                Some(name) => found.push(AnimalInput { name, species, breed, birth_date }),
                None if !birth_date.is_empty() => {
                    self.leave_out(
                        Field::AnimalBirthDate(place),
                        &birth_date,
                        "belongs to an animal without a name.",
                    );
                }
                None => {}
            }
        }
        found
    }
}

/// What a heading calls its phone: home, cell.
fn phone_label(heading: &str) -> Option<&'static str> {
    let lower = text::words(heading).join(" ");
    let known = [
        (&["mobile", "movil", "celular", "mobil", "handy"][..], "mobile"),
        (&["cell"], "cell"),
        (&["home", "casa", "privat", "festnetz", "fijo"], "home"),
        (&["work", "business", "biz", "office", "trabajo", "dienstlich"], "work"),
    ];
    known.into_iter().find(|(words, _)| words.iter().any(|word| lower.contains(word))).map(|(_, label)| label)
}
