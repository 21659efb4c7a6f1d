//! The demo's second practice: counselling, where one session serves a whole client group and the insurance
//! department is asked about clients.

use super::{Client, Person, person};
use crate::{
    access::{Privilege, Role},
    sign_in::UserType,
};

/// The practice's name, its particulars and its time zone.
pub(super) const PRACTICE: (&str, &str, &str) = (
    "Harbor Lane Counseling",
    "Harbor Lane Counseling\n48 Harbor Lane, Suite 2\nPortland, ME 04101",
    "America/New_York",
);

pub(super) const OWNER: Person = person(
    "Dr. Elena Marsh",
    "elena.marsh@harborlane.example",
    Role::Owner,
    UserType::Therapist,
    &[(0, true), (1, true)],
);

pub(super) const GROUPS: [Client; 2] = [
    Client {
        name: "Adult outpatient",
        description: "Individual work and skills groups for adults, Monday to Thursday.",
        locations: &["Room 1", "Group room", "Telehealth"],
        names: &[],
        pace: 0,
        owners: true,
    },
    Client {
        name: "Youth and family",
        description: "Children from seven, teenagers, and their families.",
        locations: &["Play room", "Family room"],
        names: &[],
        pace: 0,
        owners: true,
    },
];

/// Daniel, Priscilla, Marta and Yusuf are clinicians; Rosa and Terrence are the insurance department.
pub(super) const PEOPLE: [Person; 7] = {
    use Role::Member;
    use UserType::{Office, Therapist};
    [
        person("Daniel Cho, LCSW", "daniel.cho@harborlane.example", Member, Therapist, &[(0, true)]),
        person(
            "Priscilla Nwosu, LMFT",
            "priscilla.nwosu@harborlane.example",
            Member,
            Therapist,
            &[(1, true)],
        ),
        person("Marta Silva", "marta.silva@harborlane.example", Member, Therapist, &[(0, false), (1, false)]),
        person("يوسف منصور", "yusuf.mansour@harborlane.example", Member, Therapist, &[(0, false)]),
        person("Rosa Delgado", "rosa.delgado@harborlane.example", Member, Office, &[]),
        person("Terrence Boyd", "terrence.boyd@harborlane.example", Member, Office, &[]),
        person("Jun Park", "jun.park@harborlane.example", Member, Office, &[(0, false), (1, false)]),
    ]
};

/// A user group to be made: its people by their place in the cast.
pub(super) struct Department {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) people: &'static [usize],
    pub(super) privileges: &'static [Privilege],
    pub(super) active: bool,
    pub(super) default: bool,
}

pub(super) const DEPARTMENTS: [Department; 5] = {
    use Privilege::{CasesExport, ClientsManage, NotesRelease, RequestsReceive, RequestsSend};
    [
        Department {
            name: "Everybody",
            description: "New people are added by themselves. Everybody may ask a department for something.",
            people: &[0, 1, 2, 3, 4, 5, 6],
            privileges: &[RequestsSend],
            active: true,
            default: true,
        },
        Department {
            name: "Insurance Verification",
            description: "Eligibility, authorisations and claims. Answers within two working days.",
            people: &[4, 5],
            privileges: &[RequestsReceive],
            active: true,
            default: false,
        },
        Department {
            name: "Front desk",
            description: "Scheduling, letters, and whatever comes through the door.",
            people: &[6],
            privileges: &[RequestsReceive, ClientsManage],
            active: true,
            default: false,
        },
        Department {
            name: "Clinical leads",
            description: "Supervise, release notes, export for the yearly review.",
            people: &[0, 1],
            privileges: &[NotesRelease, ClientsManage, CasesExport],
            active: true,
            default: false,
        },
        Department {
            name: "Summer interns",
            description: "Was used last summer. Inactive, so it gives nothing.",
            people: &[2],
            privileges: &[RequestsSend, NotesRelease],
            active: false,
            default: false,
        },
    ]
};

/// A client: the name, the date of birth, the reference, the address.
pub(super) type Served = (&'static str, &'static str, &'static str, &'static str);

/// The clients of each group.
pub(super) const CLIENTS: [&[Served]; 2] = [
    &[
        ("Amara Diallo", "1988-04-12", "HL-1041", "amara.diallo@example.org"),
        ("Benedict Hale", "1975-11-02", "HL-1007", "b.hale@example.org"),
        ("Carmen Ibáñez", "1992-07-23", "HL-1102", "carmen.ibanez@example.org"),
        ("Derek Sørensen", "1969-01-30", "HL-0988", ""),
        ("Fatima El-Sayed", "1995-09-17", "HL-1118", "fatima.elsayed@example.org"),
        ("Gregory Tan", "1983-03-05", "HL-1066", "greg.tan@example.org"),
        ("Imogen Bartholomew-Fitzgerald", "1990-12-19", "HL-1093", "imogen.bf@example.org"),
        ("Kwame Mensah", "1979-06-08", "HL-1015", ""),
        ("Lucía Romero", "1986-02-27", "HL-1120", "lucia.romero@example.org"),
        ("נועה לוי", "1991-10-14", "HL-1097", "noa.levi@example.org"),
    ],
    &[
        ("Ada Whitfield", "2015-05-20", "HL-2011", "whitfield.family@example.org"),
        ("Caleb Osei", "2014-08-09", "HL-2004", "osei@example.org"),
        ("Elin Magnusson", "2016-01-11", "HL-2027", ""),
        ("Hiroshi Tanaka", "2015-11-29", "HL-2018", "tanaka.home@example.org"),
        ("Mateo Vargas", "2014-03-16", "HL-2002", "vargas@example.org"),
        ("Zoë Lambert", "2015-07-04", "HL-2015", "lambert@example.org"),
    ],
];

/// A client group: its group, its name, what it is for, its clients by their place, whether it is the default.
pub(super) const CIRCLES: [(usize, &str, &str, &[usize], bool); 3] = [
    (
        0,
        "Tuesday anxiety skills",
        "Eight weeks, Tuesdays at 17:30 in the group room.",
        &[0, 1, 2, 4, 5, 6, 9],
        false,
    ),
    (0, "Grief circle", "Open group, first and third Thursday.", &[1, 3, 7, 8], false),
    (1, "Feelings and friends", "Nine to eleven years, Wednesdays after school.", &[0, 1, 2, 3, 4, 5], true),
];

/// What a session of a client group was: the description, and the shared text.
pub(super) const SESSIONS: [(&str, &str); 4] = [
    (
        "Skills, session 3: naming the worry",
        "{name} was {attendance} at the third session.\n\nThe group went over the week and the worry diary. New skill: \
         naming a worry and putting it on the shelf until a set time. Practised in pairs, then shared by those who \
         wished to.\n\nHome practice: worry time, ten minutes a day. {comment}",
    ),
    (
        "Skills, session 4: breathing out",
        "{name} was {attendance}.\n\nReviewed worry time: easier for most after the third day. New skill: paced breathing, \
         four counts in and six out, with a hand on the belly. Everybody practised twice.\n\nHome practice: paced \
         breathing, morning and evening. {comment}",
    ),
    (
        "Skills, session 5: small steps",
        "{name} was {attendance}.\n\nThe group talked about avoidance, and what it costs. Each wrote a ladder of five steps \
         towards something avoided and chose the lowest.\n\nHome practice: the lowest step, twice. {comment}",
    ),
    (
        "Skills, session 6: looking back at the steps",
        "{name} was {attendance}.\n\nLadders reviewed; the second step planned in pairs. Carmen offered to bring the \
         recording of the breathing practice.\n\nHome practice: the second step. {comment}",
    ),
];

/// A question to a department: who asks, in which group, about which clients, whom, how urgent, the subject, the text.
pub(super) struct Asked {
    pub(super) by: usize,
    pub(super) group: usize,
    pub(super) clients: &'static [usize],
    pub(super) to: usize,
    pub(super) priority: &'static str,
    /// Days until it is due; none if it is not.
    pub(super) due: Option<i64>,
    pub(super) subject: &'static str,
    pub(super) body: &'static str,
    /// Who answers and what, in turn; the sender is `None`. What begins with a `!` is a move.
    pub(super) thread: &'static [(Option<usize>, &'static str)],
}

pub(super) const REQUESTS: [Asked; 6] = [
    Asked {
        by: 0,
        group: 0,
        clients: &[0, 2],
        to: 1,
        priority: "normal",
        due: Some(5),
        subject: "Benefits for the skills group",
        body: "Both begin the Tuesday group next week. Could you check whether group sessions are covered, and what the \
               co-payment is?",
        thread: &[
            (Some(4), "!claim"),
            (
                Some(4),
                "Amara: covered, 20 a session, no authorisation needed. Carmen’s plan asks for one; I have sent it.",
            ),
            (None, "Thank you! I will tell Carmen that it takes a few days."),
            (Some(4), "!complete Authorised for 12 sessions. Both are set."),
        ],
    },
    Asked {
        by: 2,
        group: 1,
        clients: &[4],
        to: 1,
        priority: "high",
        due: Some(2),
        subject: "Authorisation runs out",
        body: "Two sessions are left on the authorisation. The family would like to go on; please ask for ten more.",
        thread: &[
            (Some(5), "!claim"),
            (Some(5), "!wait They want a treatment plan that is not older than 90 days. Can you send one?"),
        ],
    },
    Asked {
        by: 1,
        group: 1,
        clients: &[2],
        to: 2,
        priority: "low",
        due: None,
        subject: "Letter for the school",
        body: "Please send the standard letter about Wednesdays to the school. The parents have signed the release.",
        thread: &[(Some(6), "!claim"), (Some(6), "!complete Sent by post today, copy in the file room.")],
    },
    Asked {
        by: 3,
        group: 0,
        clients: &[9],
        to: 1,
        priority: "normal",
        due: Some(-1),
        subject: "New insurance card",
        body: "The client has changed insurer. Copies of both sides are at the front desk.",
        thread: &[],
    },
    Asked {
        by: 0,
        group: 0,
        clients: &[3, 7],
        to: 1,
        priority: "urgent",
        due: Some(1),
        subject: "Claims sent back",
        body: "Both claims of last month came back with the code “service not covered”. Could somebody look today?",
        thread: &[(Some(4), "!claim"), (Some(4), "I have them on the phone. More this afternoon.")],
    },
    Asked {
        by: 2,
        group: 0,
        clients: &[],
        to: 2,
        priority: "normal",
        due: None,
        subject: "Group room next month",
        body: "Could we have the group room on Thursdays from 16:00 as well?",
        thread: &[],
    },
];
