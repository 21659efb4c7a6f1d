//! The therapy practice, where one session serves a whole client group and the insurance department is asked
//! about clients: its people, groups, user groups, patients, client groups, sessions and requests.

use super::{
    records::{ClientGroupSeed, ClientSeed, GroupSession, RequestSeed, Step, UserGroupSeed, patient},
    seeder::{GroupSeed, Person, PracticeSeed, person},
};
use access::{Privilege, Role};
use care::notes::Attendance;
use kernel::practice::PracticeKind;
use messaging::requests::Priority;
use people::users::UserType;

pub(super) const PRACTICE: PracticeSeed = PracticeSeed {
    name: "Harbor Lane Counseling",
    kind: PracticeKind::BehavioralHealth,
    address: "Harbor Lane Counseling\n48 Harbor Lane, Suite 2\nPortland, ME 04101",
    zone: "America/New_York",
    owner: &OWNER,
    people: &PEOPLE,
    groups: &GROUPS,
};

pub(super) const OWNER: Person = person(
    "Dr. Elena Marsh",
    "elena.marsh@harborlane.example",
    Role::Owner,
    UserType::Therapist,
    &[(0, true), (1, true)],
);

pub(super) const GROUPS: [GroupSeed; 2] = [
    GroupSeed {
        name: "Adult outpatient",
        description: "Individual work and skills groups for adults, Monday to Thursday.",
        locations: &["Room 1", "Group room", "Telehealth"],
        names: &[],
        pace: 0,
        owners: true,
    },
    GroupSeed {
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

pub(super) const USER_GROUPS: [UserGroupSeed; 5] = {
    use Privilege::{CasesExport, ClientsManage, NotesRelease, RequestsReceive, RequestsSend};
    [
        UserGroupSeed {
            name: "Everyone",
            description: "New people are added automatically. Everyone can send requests to a department.",
            people: &[0, 1, 2, 3, 4, 5, 6],
            privileges: &[RequestsSend],
            active: true,
            default: true,
        },
        UserGroupSeed {
            name: "Insurance Verification",
            description: "Eligibility, authorizations and claims. Answers within two business days.",
            people: &[4, 5],
            privileges: &[RequestsReceive],
            active: true,
            default: false,
        },
        UserGroupSeed {
            name: "Front desk",
            description: "Scheduling, mail and walk-ins.",
            people: &[6],
            privileges: &[RequestsReceive, ClientsManage],
            active: true,
            default: false,
        },
        UserGroupSeed {
            name: "Clinical leads",
            description: "Supervise, release notes, export for the yearly review.",
            people: &[0, 1],
            privileges: &[NotesRelease, ClientsManage, CasesExport],
            active: true,
            default: false,
        },
        UserGroupSeed {
            name: "Summer interns",
            description: "Last summer’s interns.",
            people: &[2],
            privileges: &[RequestsSend, NotesRelease],
            active: false,
            default: false,
        },
    ]
};

/// The clients of each group.
pub(super) const CLIENTS: [&[ClientSeed]; 2] = [
    &[
        patient("Amara Diallo", "1988-04-12", "HL-1041", "amara.diallo@example.org"),
        patient("Benedict Hale", "1975-11-02", "HL-1007", "b.hale@example.org"),
        patient("Carmen Ibáñez", "1992-07-23", "HL-1102", "carmen.ibanez@example.org"),
        patient("Derek Sørensen", "1969-01-30", "HL-0988", ""),
        patient("Fatima El-Sayed", "1995-09-17", "HL-1118", "fatima.elsayed@example.org"),
        patient("Gregory Tan", "1983-03-05", "HL-1066", "greg.tan@example.org"),
        patient("Imogen Bartholomew-Fitzgerald", "1990-12-19", "HL-1093", "imogen.bf@example.org"),
        patient("Kwame Mensah", "1979-06-08", "HL-1015", ""),
        patient("Lucía Romero", "1986-02-27", "HL-1120", "lucia.romero@example.org"),
        patient("נועה לוי", "1991-10-14", "HL-1097", "noa.levi@example.org"),
    ],
    &[
        patient("Ada Whitfield", "2015-05-20", "HL-2011", "whitfield.family@example.org"),
        patient("Caleb Osei", "2014-08-09", "HL-2004", "osei@example.org"),
        patient("Elin Magnusson", "2016-01-11", "HL-2027", ""),
        patient("Hiroshi Tanaka", "2015-11-29", "HL-2018", "tanaka.home@example.org"),
        patient("Mateo Vargas", "2014-03-16", "HL-2002", "vargas@example.org"),
        patient("Zoë Lambert", "2015-07-04", "HL-2015", "lambert@example.org"),
    ],
];

pub(super) const CLIENT_GROUPS: [ClientGroupSeed; 3] = [
    ClientGroupSeed {
        group: 0,
        name: "Anxiety skills",
        description: "Eight weeks, once a week at 5:30 PM in the group room.",
        clients: &[0, 1, 2, 4, 5, 6, 9],
        default: false,
    },
    ClientGroupSeed {
        group: 0,
        name: "Grief circle",
        description: "Open group, first and third Thursday.",
        clients: &[1, 3, 7, 8],
        default: false,
    },
    ClientGroupSeed {
        group: 1,
        name: "Feelings and friends",
        description: "Nine to eleven years, Wednesdays after school.",
        clients: &[0, 1, 2, 3, 4, 5],
        default: true,
    },
];

pub(super) const SESSIONS: [GroupSession; 4] = [
    GroupSession {
        client_group: 0,
        group: 0,
        by: 0,
        description: "Skills, session 3: naming the worry",
        body: "{name} was {attendance} at the third session.\n\nThe group went over the week and the worry diary. New skill: \
         naming a worry and setting it aside until a set time. Practiced in pairs, then shared by those who \
         wished to.\n\nHome practice: worry time, ten minutes a day. {comment}",
        others: &[(2, Attendance::Absent, "called an hour before"), (6, Attendance::Late, "the bus")],
        individual: Some(
            "Was present and spoke for the first time, about mornings before work. The worry shelf made sense to her: she chose six in the evening.\n\nHome practice: worry time, ten minutes a day, and a line in the diary.",
        ),
        released: true,
    },
    GroupSession {
        client_group: 0,
        group: 0,
        by: 0,
        description: "Skills, session 4: breathing out",
        body: "{name} was {attendance}.\n\nReviewed worry time: easier for most after the third day. New skill: paced breathing, \
         four counts in and six out, with a hand on the belly. Everyone practiced twice.\n\nHome practice: paced \
         breathing, morning and evening. {comment}",
        others: &[(1, Attendance::Late, "20 minutes")],
        individual: None,
        released: true,
    },
    GroupSession {
        client_group: 0,
        group: 0,
        by: 0,
        description: "Skills, session 5: small steps",
        body: "{name} was {attendance}.\n\nThe group talked about avoidance, and what it costs. Each wrote a ladder of five steps \
         toward something avoided and chose the lowest.\n\nHome practice: the lowest step, twice. {comment}",
        others: &[(4, Attendance::Absent, "")],
        individual: None,
        released: true,
    },
    GroupSession {
        client_group: 0,
        group: 0,
        by: 0,
        description: "Skills, session 6: looking back at the steps",
        body: "{name} was {attendance}.\n\nLadders reviewed; the second step planned in pairs. Carmen offered to bring the \
         recording of the breathing practice.\n\nHome practice: the second step. {comment}",
        others: &[(0, Attendance::Late, "")],
        individual: None,
        released: false,
    },
];

pub(super) const REQUESTS: [RequestSeed; 6] = [
    RequestSeed {
        by: 0,
        group: 0,
        clients: &[0, 2],
        to: 1,
        priority: Priority::Normal,
        due: Some(5),
        days_ago: 20,
        subject: "Benefits for the skills group",
        body: "Both begin the skills group next week. Could you check whether group sessions are covered, and what the \
               co-payment is?",
        thread: &[
            Step::Claim(4),
            Step::Say(
                4,
                "Amara: covered, 20 a session, no authorization needed. Carmen’s plan asks for one; I have sent it.",
            ),
            Step::Say(0, "Thank you! I’ll tell Carmen it takes a few days."),
            Step::Complete(4, "Authorized for 12 sessions. Both are set."),
        ],
    },
    RequestSeed {
        by: 2,
        group: 1,
        clients: &[4],
        to: 1,
        priority: Priority::High,
        due: Some(2),
        days_ago: 6,
        subject: "Authorization runs out",
        body: "Two sessions are left on the authorization. The family would like to continue. Please request ten more.",
        thread: &[
            Step::Claim(5),
            Step::Ask(5, "They need a treatment plan from the last 90 days. Can you send one?"),
        ],
    },
    RequestSeed {
        by: 1,
        group: 1,
        clients: &[2],
        to: 2,
        priority: Priority::Low,
        due: None,
        days_ago: 12,
        subject: "Letter for the school",
        body: "Please send the school our standard letter about Wednesdays. The parents have signed the release.",
        thread: &[Step::Claim(6), Step::Complete(6, "Mailed today. There’s a copy in the file room.")],
    },
    RequestSeed {
        by: 3,
        group: 0,
        clients: &[9],
        to: 1,
        priority: Priority::Normal,
        due: Some(3),
        days_ago: 4,
        subject: "New insurance card",
        body: "The client has changed insurers. Copies of both sides are at the front desk.",
        thread: &[],
    },
    RequestSeed {
        by: 0,
        group: 0,
        clients: &[3, 7],
        to: 1,
        priority: Priority::High,
        due: Some(1),
        days_ago: 1,
        subject: "Claims sent back",
        body: "Both of last month’s claims came back with the code “service not covered”. Can someone look into it today?",
        thread: &[Step::Claim(4), Step::Say(4, "I have them on the phone. More this afternoon.")],
    },
    RequestSeed {
        by: 2,
        group: 0,
        clients: &[],
        to: 2,
        priority: Priority::Normal,
        due: None,
        days_ago: 0,
        subject: "Group room next month",
        body: "Could we have the group room on Thursdays from 4:00 PM too?",
        thread: &[],
    },
];
