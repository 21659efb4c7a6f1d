//! What the veterinary practice has besides its groups: departments, owners with their animals, and what it
//! asked its billing desk.

use super::{
    Play, Stage,
    records::{Asked, Department, Records, Served, Turn, owner},
};
use crate::{access::Privilege, clients::Kind, clock::DAY, error::Result, requests::Priority};

const DEPARTMENTS: [Department; 3] = {
    use Privilege::{CasesExport, ClientsManage, HandoutsManage, RequestsReceive, RequestsSend};
    [
        Department {
            name: "Everybody",
            description: "New people are added by themselves.",
            people: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
            privileges: &[RequestsSend],
            active: true,
            default: true,
        },
        Department {
            name: "Billing desk",
            description: "Estimates, insurance claims, payment plans.",
            people: &[0, 10],
            privileges: &[RequestsReceive],
            active: true,
            default: false,
        },
        Department {
            name: "Records",
            description: "Keeps the clients’ data and the handouts in order.",
            people: &[7, 10],
            privileges: &[ClientsManage, HandoutsManage, CasesExport],
            active: true,
            default: false,
        },
    ]
};

/// The clients of each group, with who added them.
const CLIENTS: [(usize, Kind, &[Served]); 3] = [
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

const REQUESTS: [Asked; 3] = [
    Asked {
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
            Turn::Claim(10),
            Turn::Say(10, "Is that with the farrier’s visit, or without?"),
            Turn::Say(1, "Without, he bills by himself."),
            Turn::Complete(10, "Sent this afternoon, and a copy is in the case’s files."),
        ],
    },
    Asked {
        by: 4,
        group: 2,
        clients: &[2],
        to: 1,
        priority: Priority::High,
        due: Some(1),
        days_ago: 2,
        subject: "Payment plan",
        body: "Bella’s surgery is more than they can pay at once. Could somebody ring them about a plan before Thursday?",
        thread: &[
            Turn::Claim(10),
            Turn::Wait(10, "They asked for the itemised bill first. Could you check the two lines?"),
        ],
    },
    Asked {
        by: 5,
        group: 2,
        clients: &[0],
        to: 1,
        priority: Priority::Low,
        due: None,
        days_ago: 1,
        subject: "Insurance form",
        body: "The form for the dental work is in the tray, signed. Please send it.",
        thread: &[],
    },
];

impl Play {
    /// Sets up departments and clients.
    pub(super) async fn keep_records(&self, stage: &Stage) -> Result<Records> {
        let departments = self.set_up_departments(stage, &DEPARTMENTS).await?;
        let mut clients = Vec::new();
        for (group, (by, kind, served)) in CLIENTS.iter().enumerate() {
            clients.push(self.serve_clients(stage, (group, *by), *kind, served).await?);
        }
        Ok(Records { departments, clients, circles: Vec::new() })
    }

    /// Plays both practices from one day before today to another.
    pub(super) async fn days(
        &mut self,
        clinic: (&Stage, &Records),
        therapy: (&Stage, &Records),
        (from, to): (i64, i64),
    ) -> Result<()> {
        for day in (to..from).rev() {
            self.work(clinic.0, day * DAY).await?;
            self.evening(clinic, therapy, day).await?;
        }
        Ok(())
    }

    /// What both practices did besides, so many days before today.
    pub(super) async fn evening(
        &self,
        clinic: (&Stage, &Records),
        therapy: (&Stage, &Records),
        day: i64,
    ) -> Result<()> {
        self.ask(clinic.0, clinic.1, &REQUESTS, day).await?;
        self.keep_books(therapy.0.account).await?;
        self.therapy_day(therapy.0, therapy.1, day).await
    }
}
