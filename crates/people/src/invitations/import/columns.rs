//! What the columns of a file of people become: guessed from their headings, else from their cells, and changed by
//! people. And what the words in them mean, in English, Spanish and German.

use crate::invitations::import::groups::Groups;
use access::{GroupRole, Role};
use kernel::{
    addresses::Email,
    error::{Error, Result},
    text,
};
use storage::word;
use tables::Table;

word! {
    /// What a column of a file of people becomes.
    pub enum PersonField {
        /// The address that is invited.
        Email = "email",
        /// The whole name.
        Name = "name",
        /// The first name.
        FirstName = "first_name",
        /// The last name.
        LastName = "last_name",
        /// The role in the account.
        Role = "role",
        /// One group or several. Several columns may be this.
        Groups = "groups",
        /// The role in these groups.
        GroupRole = "group_role",
    }
}

impl PersonField {
    /// What people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Email => "Email address",
            Self::Name => "Name",
            Self::FirstName => "First name",
            Self::LastName => "Last name",
            Self::Role => "Role",
            Self::Groups => "Groups",
            Self::GroupRole => "Role in the groups",
        }
    }
}

/// The headings of each field, without blanks.
const HEADINGS: [(PersonField, &[&str]); 7] = [
    (
        PersonField::Email,
        &[
            "email",
            "emails",
            "mail",
            "emailaddress",
            "mailaddress",
            "workemail",
            "primaryemail",
            "useremail",
            "userprincipalname",
            "correo",
            "correoelectronico",
            "direcciondecorreo",
            "direcciondecorreoelectronico",
            "emailadresse",
            "mailadresse",
        ],
    ),
    (
        PersonField::Name,
        &[
            "name",
            "fullname",
            "displayname",
            "member",
            "person",
            "user",
            "employee",
            "staff",
            "staffmember",
            "teammember",
            "contact",
            "nombre",
            "nombrecompleto",
            "nombreyapellidos",
            "persona",
            "miembro",
            "empleado",
            "usuario",
            "vollername",
            "vorundnachname",
            "mitglied",
            "mitarbeiter",
            "benutzer",
        ],
    ),
    (PersonField::FirstName, &["firstname", "first", "givenname", "forename", "primernombre", "vorname"]),
    (
        PersonField::LastName,
        &["lastname", "last", "surname", "familyname", "apellido", "apellidos", "nachname", "familienname"],
    ),
    (
        PersonField::Role,
        &[
            "role",
            "accountrole",
            "roleinaccount",
            "roleintheaccount",
            "userrole",
            "permission",
            "permissions",
            "access",
            "accesslevel",
            "rol",
            "permiso",
            "permisos",
            "rolle",
            "berechtigung",
            "berechtigungen",
        ],
    ),
    (
        PersonField::Groups,
        &[
            "group",
            "groups",
            "groupname",
            "groupnames",
            "team",
            "teams",
            "department",
            "departments",
            "grupo",
            "grupos",
            "equipo",
            "equipos",
            "departamento",
            "gruppe",
            "gruppen",
            "abteilung",
            "abteilungen",
        ],
    ),
    (
        PersonField::GroupRole,
        &[
            "grouprole",
            "roleingroup",
            "roleinthegroup",
            "roleingroups",
            "roleinthegroups",
            "roldelgrupo",
            "rolenelgrupo",
            "gruppenrolle",
            "rolleindergruppe",
        ],
    ),
];

/// A text in lower case, its words together: `FirstName`, `first_name` and "First name" are one.
fn together(cell: &str) -> String {
    let words = text::words(cell);
    words.iter().map(String::as_str).filter(|word| !matches!(*word, "required" | "optional")).collect()
}

fn field_of(heading: &str) -> Option<PersonField> {
    let heading = together(heading);
    let known = HEADINGS.iter().find(|(_, words)| words.contains(&heading.as_str()));
    known.map(|(field, _)| *field)
}

/// Whether a cell is a heading that we know.
pub(super) fn is_known(cell: &str) -> bool {
    field_of(cell).is_some()
}

/// The role that a cell names.
pub(super) fn role_of(cell: &str) -> Option<Role> {
    Some(match together(cell).as_str() {
        "owner" | "accountowner" | "propietario" | "propietaria" | "inhaber" | "inhaberin" => Role::Owner,
        "administrator"
        | "administrators"
        | "admin"
        | "accountadministrator"
        | "accountadmin"
        | "administrador"
        | "administradora"
        | "administratorin" => Role::Administrator,
        "member" | "members" | "user" | "staff" | "employee" | "standard" | "regular" | "miembro"
        | "usuario" | "usuaria" | "empleado" | "empleada" | "mitglied" | "mitarbeiter" | "mitarbeiterin"
        | "benutzer" | "benutzerin" => Role::Member,
        "supportstaff" | "support" | "personaldeapoyo" | "apoyo" | "unterstutzung" | "hilfspersonal" => {
            Role::SupportStaff
        }
        _ => return None,
    })
}

/// The role in a group that a cell names.
pub(super) fn group_role_of(cell: &str) -> Option<GroupRole> {
    match together(cell).as_str() {
        "groupadministrator" | "groupadmin" | "manager" | "lead" => Some(GroupRole::Administrator),
        "groupmember" => Some(GroupRole::Member),
        _ => match role_of(cell)? {
            Role::Administrator => Some(GroupRole::Administrator),
            Role::Member => Some(GroupRole::Member),
            Role::Owner | Role::SupportStaff => None,
        },
    }
}

/// What each column becomes; none where it is left out.
pub type Columns = Vec<Option<PersonField>>;

/// What the columns of a file most likely are.
pub(super) fn guess(table: &Table, groups: &Groups) -> Columns {
    let mut columns = Columns::new();
    for heading in &table.headings {
        let field = field_of(heading);
        let free = |field| field == PersonField::Groups || !columns.contains(&Some(field));
        columns.push(field.filter(|field| free(*field)));
    }
    parts_of_names(&mut columns);
    by_content(&mut columns, table, groups);
    columns
}

/// A name beside a column of last names is the first name, and the other way around.
fn parts_of_names(columns: &mut Columns) {
    let has = |field| columns.contains(&Some(field));
    let part = match (has(PersonField::FirstName), has(PersonField::LastName)) {
        (false, true) => PersonField::FirstName,
        (true, false) => PersonField::LastName,
        _ => return,
    };
    if let Some(name) = columns.iter_mut().find(|field| **field == Some(PersonField::Name)) {
        *name = Some(part);
    }
}

/// How many lines tell what a column holds.
const PROBE: usize = 50;

/// Where cells tell what no heading does: addresses in any file, the rest in a file without headings.
fn by_content(columns: &mut Columns, table: &Table, groups: &Groups) {
    let bare =
        table.headings.iter().enumerate().all(|(at, heading)| *heading == format!("Column {}", at + 1));
    let mut look = |field, is: &dyn Fn(&str) -> bool| {
        if !columns.contains(&Some(field)) {
            let mut free = columns.iter_mut().enumerate().filter(|(_, known)| known.is_none());
            if let Some((_, column)) = free.find(|(at, _)| mostly(table, *at, is)) {
                *column = Some(field);
            }
        }
    };
    look(PersonField::Email, &|cell| cell.contains('@') && Email::read(cell).is_ok());
    if bare {
        look(PersonField::Role, &|cell| role_of(cell).is_some());
        look(PersonField::Groups, &|cell| groups.knows(cell));
        look(PersonField::Name, &|cell| {
            cell.chars().any(char::is_alphabetic) && !cell.chars().any(|c| c.is_numeric() || c == '@')
        });
    }
}

fn mostly(table: &Table, at: usize, is: &dyn Fn(&str) -> bool) -> bool {
    let rows = table.rows.iter().take(PROBE).filter_map(|row| row.cells.get(at));
    let (mut filled, mut hits) = (0, 0);
    for cell in rows.map(|cell| cell.trim()).filter(|cell| !cell.is_empty()) {
        filled += 1;
        hits += usize::from(is(cell));
    }
    hits * 2 > filled
}

/// The first cells of a column that hold something, each once.
pub(super) fn samples(table: &Table, at: usize) -> Vec<String> {
    table.samples(at, PROBE)
}

/// The headings of columns that hold something and are left out.
pub(super) fn ignored(table: &Table, columns: &Columns) -> Vec<String> {
    let lost = table.headings.iter().enumerate().filter(|(at, _)| {
        columns.get(*at).is_some_and(Option::is_none) && table.filled(*at).next().is_some()
    });
    lost.map(|(at, heading)| tables::name_of(heading, at)).collect()
}

/// Checks what was chosen for the columns of a file.
///
/// # Errors
/// These are not its columns, or two of them are what only one can be.
pub(super) fn check(columns: &Columns, table: &Table) -> Result<()> {
    if columns.len() != table.headings.len() {
        let wanted = text::counted(table.headings.len(), "column", "columns");
        return Err(Error::field("columns", format!("This file has {wanted}.")));
    }
    for (at, field) in columns.iter().enumerate() {
        let Some(field) = field.filter(|field| *field != PersonField::Groups) else { continue };
        if columns[..at].contains(&Some(field)) {
            let why = format!("Two columns are “{}”. Choose one of them.", field.label());
            return Err(Error::field(format!("columns[{at}]"), why));
        }
    }
    Ok(())
}
