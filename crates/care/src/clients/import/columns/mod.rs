//! What the columns of a file become: guessed from their headings, seen together, and changed by people.

mod words;

use serde::{Deserialize, Serialize};

use crate::clients::{MOST_ANIMALS, import::reading::Row};
use storage::word;
use words::{About, Heading, Says};

word! {
    /// In which order dates give day and month.
    pub enum DateOrder {
        /// 3/14/2019.
        MonthFirst = "month_first",
        /// 14/3/2019.
        DayFirst = "day_first",
    }
}

/// What a column becomes. Of animals, whose: 0 is the first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Field {
    /// "Mrs.", before the name.
    Title,
    /// The whole name, or what of it no other column has.
    Name,
    /// The first name.
    FirstName,
    /// Names between the first and the last.
    MiddleName,
    /// The last name.
    LastName,
    /// "Jr.", after the name.
    Suffix,
    /// Owner, producer or patient.
    Kind,
    /// The group's own file number.
    Reference,
    /// Their address for mail.
    Email,
    /// A phone. Several are kept.
    Phone,
    /// The address, or its first lines.
    Street,
    /// What follows the street.
    HouseNumber,
    /// A part of the address.
    City,
    /// A part of the address.
    State,
    /// A part of the address.
    Zip,
    /// A part of the address.
    Country,
    /// The client's date of birth.
    BirthDate,
    /// Whatever else. Several are kept, each after its heading.
    Remarks,
    /// An animal's name.
    AnimalName(usize),
    /// An animal's species.
    Species(usize),
    /// An animal's breed.
    Breed(usize),
    /// An animal's date of birth.
    AnimalBirthDate(usize),
}

/// The fields of the client, with their words and labels.
const OF_CLIENT: [(Field, &str, &str); 18] = [
    (Field::Name, "name", "Name"),
    (Field::FirstName, "first_name", "First name"),
    (Field::MiddleName, "middle_name", "Middle name"),
    (Field::LastName, "last_name", "Last name"),
    (Field::Title, "title", "Title before the name"),
    (Field::Suffix, "suffix", "Suffix after the name"),
    (Field::Kind, "kind", "Kind of client"),
    (Field::Reference, "reference", "File number"),
    (Field::Email, "email", "Email"),
    (Field::Phone, "phone", "Phone"),
    (Field::Street, "street", "Street or address"),
    (Field::HouseNumber, "house_number", "House number"),
    (Field::City, "city", "City"),
    (Field::State, "state", "State"),
    (Field::Zip, "zip", "ZIP code"),
    (Field::Country, "country", "Country"),
    (Field::BirthDate, "birth_date", "Date of birth"),
    (Field::Remarks, "remarks", "Remarks"),
];

/// The fields of an animal.
type OfAnimal = (fn(usize) -> Field, &'static str, &'static str);
const OF_ANIMAL: [OfAnimal; 4] = [
    (Field::AnimalName, "name", "name"),
    (Field::Species, "species", "species"),
    (Field::Breed, "breed", "breed"),
    (Field::AnimalBirthDate, "birth_date", "date of birth"),
];

impl Field {
    /// The animal's place, from 0.
    pub(super) fn place(self) -> Option<usize> {
        match self {
            Self::AnimalName(place)
            | Self::Species(place)
            | Self::Breed(place)
            | Self::AnimalBirthDate(place) => Some(place),
            _ => None,
        }
    }

    fn of_animal(self, place: usize) -> Option<&'static OfAnimal> {
        OF_ANIMAL.iter().find(|(make, ..)| make(place) == self)
    }

    /// Whether several columns may be it.
    pub(super) fn takes_several(self) -> bool {
        matches!(self, Self::LastName | Self::Email | Self::Phone | Self::Street | Self::Remarks)
    }

    /// The word in JSON and in forms: `email`, `animal_name`, `animal_2_species`.
    pub fn word(self) -> String {
        if let Some((place, (_, word, _))) =
            self.place().and_then(|place| Some((place, self.of_animal(place)?)))
        {
            return match place {
                0 => format!("animal_{word}"),
                place => format!("animal_{}_{word}", place + 1),
            };
        }
        let known = OF_CLIENT.iter().find(|(field, ..)| *field == self);
        known.map_or_else(String::new, |(_, word, _)| (*word).to_owned())
    }

    /// The field of a word.
    pub fn read(text: &str) -> Option<Self> {
        if let Some((field, ..)) = OF_CLIENT.iter().find(|(_, word, _)| *word == text) {
            return Some(*field);
        }
        let rest = text.strip_prefix("animal_")?;
        let (place, word) = match rest.split_once('_') {
            Some((number, word)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                (number.parse::<usize>().ok().filter(|number| *number > 1)? - 1, word)
            }
            _ => (0, rest),
        };
        let (make, ..) = OF_ANIMAL.iter().find(|(_, known, _)| *known == word)?;
        (place < MOST_ANIMALS).then(|| make(place))
    }

    /// What people read.
    pub fn label(self) -> String {
        if let Some((place, (.., label))) =
            self.place().and_then(|place| Some((place, self.of_animal(place)?)))
        {
            return match place {
                0 => format!("Animal’s {label}"),
                place => format!("Animal {}: {label}", place + 1),
            };
        }
        let known = OF_CLIENT.iter().find(|(field, ..)| *field == self);
        known.map_or_else(String::new, |(.., label)| (*label).to_owned())
    }

    /// All fields that a column may become, with this many animals.
    pub(super) fn all(animals: usize) -> impl Iterator<Item = Self> {
        let of_animals = (0..animals).flat_map(|place| OF_ANIMAL.iter().map(move |(make, ..)| make(place)));
        OF_CLIENT.iter().map(|(field, ..)| *field).chain(of_animals)
    }
}

impl From<Field> for String {
    fn from(field: Field) -> Self {
        field.word()
    }
}

impl TryFrom<String> for Field {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::read(&text).ok_or_else(|| format!("{text} is not a field of a client"))
    }
}

/// What becomes of a file's columns.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Mapping {
    /// A field for each column; none where it is left out.
    pub columns: Vec<Option<Field>>,
    /// The order of day and month, where someone chose it.
    #[serde(default)]
    pub order: Option<DateOrder>,
}

impl Mapping {
    /// Whether a column gives clients their names.
    pub fn names_clients(&self) -> bool {
        let names = [Field::Name, Field::FirstName, Field::LastName];
        self.columns.iter().flatten().any(|field| names.contains(field))
    }

    /// The first column that becomes something of an animal.
    pub fn first_of_animals(&self) -> Option<usize> {
        self.columns.iter().position(|field| field.is_some_and(|field| field.place().is_some()))
    }

    /// Leaves out what would become animals.
    pub(super) fn leave_out_animals(&mut self) {
        for field in &mut self.columns {
            *field = field.filter(|field| field.place().is_none());
        }
    }
}

/// Whether a cell is a heading that we know.
pub(super) fn is_known(cell: &str) -> bool {
    words::heading(cell).is_some()
}

/// The order of day and month that the headings of dates state.
pub(super) fn stated_order(headings: &[String]) -> Option<DateOrder> {
    headings.iter().find_map(|heading| words::stated_order(heading))
}

/// Whether a heading names remarks, so that its cells need no label.
pub(super) fn names_remarks(heading: &str) -> bool {
    words::heading(heading).is_some_and(|found| found.says == Says::Remarks)
}

/// What the columns of a file most likely are.
pub(super) fn guess(headings: &[String], rows: &[Row]) -> Mapping {
    let read = headings.iter().map(|heading| words::heading(heading)).collect::<Vec<_>>();
    let together = Together::of(&read);
    let mut columns: Vec<Option<Field>> = Vec::with_capacity(headings.len());
    for heading in &read {
        let field = heading.and_then(|heading| together.field(heading, &columns));
        columns.push(field);
    }
    by_content(&mut columns, headings, rows);
    Mapping { columns, order: None }
}

/// What headings say of each other.
struct Together {
    /// Patients are animals, for there are clients as well.
    patients_are_animals: bool,
    /// A name of nobody is the animal's, for the client's says so.
    bare_name_is_animals: bool,
    /// A date of birth of nobody is the animal's.
    bare_birth_is_animals: bool,
    /// The best number to know clients by.
    reference: u8,
    /// The best address.
    address: u8,
}

impl Together {
    fn of(read: &[Option<Heading>]) -> Self {
        let all = || read.iter().flatten();
        let is_name = |says: Says| matches!(says, Says::Name | Says::First | Says::Last);
        let client = all().any(|h| h.about == About::Client && is_name(h.says));
        let patients_are_animals = client;
        let animal =
            |h: &Heading| h.about == About::Animal || (patients_are_animals && h.about == About::Patient);
        let animals = all().any(|h| matches!(h.says, Says::Species | Says::Breed));
        let named = all().any(|h| animal(h) && is_name(h.says));
        let bare_name_is_animals = client && !named && animals;
        let born = all().any(|h| animal(h) && h.says == Says::Birth);
        let reference = all().filter_map(|h| match h.says {
            Says::Reference(rank) if !animal(h) => Some(rank),
            _ => None,
        });
        let address = all().filter_map(|h| match h.says {
            Says::Street(rank) if !animal(h) => Some(rank),
            _ => None,
        });
        Self {
            patients_are_animals,
            bare_name_is_animals,
            bare_birth_is_animals: (named || bare_name_is_animals) && !born,
            reference: reference.min().unwrap_or_default(),
            address: address.min().unwrap_or_default(),
        }
    }

    fn is_animals(&self, Heading { about, says, .. }: Heading) -> bool {
        match about {
            About::Animal => true,
            About::Patient => self.patients_are_animals,
            About::Client => false,
            About::Nobody => match says {
                Says::Species | Says::Breed => true,
                Says::Name => self.bare_name_is_animals,
                Says::Birth => self.bare_birth_is_animals,
                _ => false,
            },
        }
    }

    fn field(&self, heading: Heading, taken: &[Option<Field>]) -> Option<Field> {
        let free = |field: Field| !taken.contains(&Some(field));
        if self.is_animals(heading) {
            let make = match heading.says {
                Says::Name | Says::First => Field::AnimalName,
                Says::Species | Says::Kind => Field::Species,
                Says::Breed => Field::Breed,
                Says::Birth => Field::AnimalBirthDate,
                Says::Remarks => return Some(Field::Remarks),
                _ => return None,
            };
            // The same heading once more is of the next animal.
            let place = match heading.number {
                Some(number) => number.checked_sub(1)?,
                None => (0..MOST_ANIMALS).find(|place| free(make(*place)))?,
            };
            return Some(make(place)).filter(|field| place < MOST_ANIMALS && free(*field));
        }
        let in_address = |rank: u8, field: Field| (rank == self.address).then_some(field);
        let field = match heading.says {
            Says::Title => return None,
            Says::Name => Field::Name,
            Says::First => Field::FirstName,
            Says::Middle => Field::MiddleName,
            Says::Last => return Some(Field::LastName),
            Says::Suffix => Field::Suffix,
            Says::Kind => Field::Kind,
            Says::Reference(rank) => (rank == self.reference).then_some(Field::Reference)?,
            Says::Email => return Some(Field::Email),
            Says::Phone => return Some(Field::Phone),
            Says::Street(rank) => return in_address(rank, Field::Street),
            Says::HouseNumber(rank) => in_address(rank, Field::HouseNumber)?,
            Says::City(rank) => in_address(rank, Field::City)?,
            Says::State(rank) => in_address(rank, Field::State)?,
            Says::Zip(rank) => in_address(rank, Field::Zip)?,
            Says::Country(rank) => in_address(rank, Field::Country)?,
            Says::Birth => Field::BirthDate,
            Says::Remarks => return Some(Field::Remarks),
            Says::Species | Says::Breed => return None,
        };
        free(field).then_some(field)
    }
}

/// Where cells tell what no heading does: a column of addresses for mail.
fn by_content(columns: &mut [Option<Field>], headings: &[String], rows: &[Row]) {
    for (at, field) in columns.iter_mut().enumerate() {
        let cells = rows.iter().take(50).filter_map(|row| row.cells.get(at)).map(|cell| cell.trim());
        let (mut filled, mut mail) = (0, 0);
        for cell in cells.filter(|cell| !cell.is_empty()) {
            filled += 1;
            mail += i32::from(cell.contains('@') && cell.contains('.'));
        }
        let nameless = headings.get(at).is_none_or(|heading| heading.trim().is_empty());
        let unknown = field.is_none() && (nameless || headings[at].starts_with("Column "));
        if filled > 0 && mail * 2 > filled && (unknown || *field == Some(Field::Phone)) {
            *field = Some(Field::Email);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(headings: &str) -> Vec<String> {
        let headings = headings.split(',').map(str::to_owned).collect::<Vec<_>>();
        let columns = guess(&headings, &[]).columns;
        columns.into_iter().map(|field| field.map(Field::word).unwrap_or_default()).collect()
    }

    #[test]
    fn headings_are_understood_together() {
        for (headings, fields) in [
            (
                "Client Name,Email,Pet Name,Species,Birth Date",
                "name,email,animal_name,animal_species,animal_birth_date",
            ),
            ("Client,Patient,Species", "name,animal_name,animal_species"),
            ("Patient,Date of birth,Patient ID", "name,birth_date,reference"),
            ("Owner,Name,Species,DOB", "name,animal_name,animal_species,animal_birth_date"),
            ("name,birth date,animal,animal birth date", "name,birth_date,animal_name,animal_birth_date"),
            ("Owner,Owner DOB,Pet,DOB", "name,birth_date,animal_name,animal_birth_date"),
            (
                "Name,Pet 2,Species 2,Pet,Pet type",
                "name,animal_2_name,animal_2_species,animal_name,animal_species",
            ),
            (
                "Owner,Pet,Species,Pet,Species",
                "name,animal_name,animal_species,animal_2_name,animal_2_species",
            ),
            ("AccountId,FileNumber,FirstName", ",reference,first_name"),
            ("Id,FIRST,LAST", "reference,first_name,last_name"),
            ("Business Street,Business City,Home Street,Home City", ",,street,city"),
            ("Name,Phone,Phone,,", "name,phone,phone,,"),
            (
                "Nachname,Vorname,Straße,Hausnummer,PLZ,Ort",
                "last_name,first_name,street,house_number,zip,city",
            ),
            ("Nombre,Apellidos,Teléfono,Correo", "name,last_name,phone,email"),
            ("Client ID,Patient ID,Client,Patient", "reference,,name,animal_name"),
        ] {
            assert_eq!(guessed(headings).join(","), fields, "{headings}");
        }
    }

    #[test]
    fn words_of_fields_are_read_back() {
        for field in Field::all(3) {
            assert_eq!(Field::read(&field.word()), Some(field));
            assert!(!field.label().is_empty());
        }
        assert_eq!(Field::read("animal_2_name"), Some(Field::AnimalName(1)));
        for none in ["", "animal_1_name", "animal_0_name", "animal_101_name", "animal_x_name", "animals"] {
            assert_eq!(Field::read(none), None, "{none}");
        }
    }
}
