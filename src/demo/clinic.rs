//! The veterinary practice: its people, groups, user groups, pet owners with their animals, and requests.

use super::{
    records::{ClientSeed, RequestSeed, Step, UserGroupSeed, owner},
    seeder::{GroupSeed, Person, PracticeSeed, person},
};
use access::{Privilege, Role};
use care::clients::Kind;
use kernel::practice::PracticeKind;
use messaging::requests::Priority;
use people::users::UserType;

pub(super) const PRACTICE: PracticeSeed = PracticeSeed {
    name: "Riverside Veterinary Partners",
    kind: PracticeKind::Veterinary,
    address: "Riverside Veterinary Partners\n12 Mill Lane\nCedar Falls, IA 50613",
    zone: "America/Chicago",
    owner: &OWNER,
    people: &PEOPLE,
    groups: &GROUPS,
};

pub(super) const GROUPS: [GroupSeed; 5] = [
    GroupSeed {
        name: "Alder Creek Dairy",
        description: "Holstein herd of 640 cows at three sites. Weekly herd visits, milk-quality program.",
        locations: &["Main parlor", "Heifer barn", "Calving pens"],
        names: &["", "", "Cow 4417", "Cow 2093", "Herd visit", "Fresh cow check", "Calf pen 3"],
        pace: 3,
        owners: false,
    },
    GroupSeed {
        name: "Brookfield Equine",
        description: "Boarding and eventing stable. Pre-purchase examinations and lameness work-ups.",
        locations: &["North barn", "Indoor arena"],
        names: &["", "Thunder", "Second opinion: Juno", "Pre-purchase: Aria", "Blackbird"],
        pace: 2,
        owners: false,
    },
    GroupSeed {
        name: "Companion Clinic",
        description: "Dogs, cats and small mammals at the practice itself.",
        locations: &["Consulting room 1", "Consulting room 2", "Surgery", "Ward"],
        names: &["", "", "Bella", "Milo", "Luna (rabbit)", "Oscar", "Mittens", "Biscuit"],
        pace: 5,
        owners: true,
    },
    GroupSeed {
        name: "Harlan Swine Producers",
        description: "Farrow-to-finish, four sites. Biosecurity level A: visits are booked a day ahead.",
        locations: &["Site A, sows", "Site B, nursery", "Site C, finishing"],
        names: &["", "", "Pen 6", "Batch 31", "Gilt pool"],
        pace: 1,
        owners: false,
    },
    GroupSeed {
        name: "Meadowlark Poultry",
        description: "New client; sites are still being set up.",
        locations: &[],
        names: &[],
        pace: 0,
        owners: false,
    },
];

pub(super) const OWNER: Person = Person {
    name: "Dr. Miriam Okafor",
    email: "miriam.okafor@riverside.example",
    role: Role::Owner,
    kind: UserType::Veterinarian,
    groups: &[(2, true)],
};

pub(super) const PEOPLE: [Person; 16] = {
    use Role::{Administrator, Member, SupportStaff};
    use UserType::{Office, Other, Technician, Veterinarian};
    [
        person("Jonas Lindqvist", "jonas.lindqvist@riverside.example", Administrator, Office, &[]),
        person("Dr. Ann Lee", "ann.lee@riverside.example", Member, Veterinarian, &[(0, false), (1, true)]),
        person("Dr. Rafael Ortiz", "rafael.ortiz@riverside.example", Member, Veterinarian, &[(0, true)]),
        person(
            "Dr. Siobhán Ní Bhriain",
            "siobhan@riverside.example",
            Member,
            Veterinarian,
            &[(3, true), (0, false)],
        ),
        person("Dr. Kenji Watanabe", "kenji.watanabe@riverside.example", Member, Veterinarian, &[(2, false)]),
        person(
            "د. ليلى حداد",
            "layla.haddad@riverside.example",
            Member,
            Veterinarian,
            &[(1, false), (2, false)],
        ),
        person("Tomasz Zieliński", "tomasz@riverside.example", Member, Technician, &[(0, false), (3, false)]),
        person("Priya Raman", "priya.raman@riverside.example", Member, Technician, &[(2, false)]),
        person("Grace Mbeki", "grace.mbeki@riverside.example", Member, Technician, &[(2, false), (1, false)]),
        person("Lucas Moreau", "lucas.moreau@riverside.example", Member, Technician, &[(3, false)]),
        person(
            "Hannah Fischer",
            "hannah.fischer@riverside.example",
            Member,
            Office,
            &[(0, false), (2, false)],
        ),
        person("Owen Price", "owen.price@aldercreek.example", Member, Other, &[(0, false)]),
        person("Beatrix Holloway-Featherstonehaugh", "bea@brookfield.example", Member, Other, &[(1, false)]),
        person("Sam Carter", "sam.carter@riverside.example", SupportStaff, Office, &[]),
        person(
            "Dr. Emil Novak",
            "emil.novak@riverside.example",
            Member,
            Veterinarian,
            &[(2, false), (0, false)],
        ),
        person("Nadia Petrova", "nadia.petrova@riverside.example", Member, Technician, &[(2, false)]),
    ]
};

/// Those of [`PEOPLE`] who have left by now.
pub(super) const LEFT: [&str; 2] = ["emil.novak@riverside.example", "nadia.petrova@riverside.example"];
/// Addresses with an invitation that nobody answered in time.
pub(super) const EXPIRED: [&str; 2] = ["former.locum@riverside.example", "office@harlan.example"];
/// Addresses with an invitation that waits.
pub(super) const PENDING: [(&str, usize); 4] = [
    ("ingrid.solberg@riverside.example", 2),
    ("manager@meadowlark.example", 4),
    ("herdsman@aldercreek.example", 0),
    ("new.associate@riverside.example", 1),
];

pub(super) const USER_GROUPS: [UserGroupSeed; 3] = {
    use Privilege::{CasesExport, ClientsManage, HandoutsManage, RequestsReceive, RequestsSend};
    [
        UserGroupSeed {
            name: "Everyone",
            description: "New people are added automatically.",
            people: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
            privileges: &[RequestsSend],
            active: true,
            default: true,
        },
        UserGroupSeed {
            name: "Billing desk",
            description: "Estimates, insurance claims, payment plans.",
            people: &[0, 10],
            privileges: &[RequestsReceive],
            active: true,
            default: false,
        },
        UserGroupSeed {
            name: "Records",
            description: "Keeps client records and handouts up to date.",
            people: &[7, 10],
            privileges: &[ClientsManage, HandoutsManage, CasesExport],
            active: true,
            default: false,
        },
    ]
};

/// The clients of each group, with who added them.
pub(super) const CLIENTS: [(usize, Kind, &[ClientSeed]); 3] = [
    (6, Kind::Producer, &[owner("Alder Creek Dairy LLC", "office@aldercreek.example", &[])]),
    (
        1,
        Kind::Owner,
        &[
            owner("Beatrix Holloway-Featherstonehaugh", "bea@brookfield.example", &[("Thunder", "Horse")]),
            owner("Inés Kowalski", "ines.kowalski@example.org", &[("Aria", "Horse"), ("Blackbird", "Horse")]),
            owner("R. T. Ashdown", "", &[("Juno", "Horse")]),
        ],
    ),
    (
        7,
        Kind::Owner,
        &[
            owner("Mara Jensen", "mara.jensen@example.org", &[("Pippa", "Cat")]),
            owner("The Hollands", "the.hollands@example.org", &[("Biscuit", "Dog")]),
            owner("Javier Alvarez", "j.alvarez@example.org", &[("Bella", "Dog"), ("Milo", "Cat")]),
            owner("Wen Li", "wen.li@example.org", &[("Luna", "Rabbit")]),
            owner("Óscar Fuentes", "oscar.fuentes@example.org", &[("Mittens", "Cat")]),
            owner("J. Alvarez", "j.alvarez@example.org", &[("Bella", "Dog")]),
        ],
    ),
];

pub(super) const REQUESTS: [RequestSeed; 3] = [
    RequestSeed {
        by: 1,
        group: 1,
        clients: &[1],
        to: 1,
        priority: Priority::Normal,
        due: Some(4),
        days_ago: 8,
        subject: "Estimate for Aria",
        body: "Second laminitis episode. Please write an estimate for four weeks of visits, with radiographs in week two.",
        thread: &[
            Step::Claim(10),
            Step::Say(10, "With or without the farrier’s visit?"),
            Step::Say(1, "Without. He bills separately."),
            Step::Complete(10, "Sent this afternoon, and a copy is in the case’s files."),
        ],
    },
    RequestSeed {
        by: 4,
        group: 2,
        clients: &[2],
        to: 1,
        priority: Priority::High,
        due: Some(1),
        days_ago: 2,
        subject: "Payment plan",
        body: "Bella’s surgery is more than they can pay at once. Can someone call them about a payment plan before Thursday?",
        thread: &[
            Step::Claim(10),
            Step::Ask(10, "They asked for the itemized bill first. Could you check the two lines?"),
        ],
    },
    RequestSeed {
        by: 5,
        group: 2,
        clients: &[0],
        to: 1,
        priority: Priority::Low,
        due: None,
        days_ago: 1,
        subject: "Insurance form",
        body: "The form for the dental work is signed and in the case’s files. Please send it.",
        thread: &[],
    },
];
