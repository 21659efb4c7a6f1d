//! What any practice of the demo has beside its cases: user groups, clients, client groups with their
//! sessions, and requests.

use access::{
    AccountAdmin, ClientGroupEditor, GroupMember, GroupNoteEditor, GroupNoteReleaser, NoteEditor, Privilege,
    RequestReader, RequestReceiver, RequestSender,
};
use care::{
    client_groups::actions as client_groups,
    clients::{AnimalInput, ClientInput, Kind, actions as clients},
    notes::{
        Attendance, actions as notes, facts,
        group::{
            actions::{self as group_notes, Attend},
            create, release,
        },
    },
};
use kernel::{
    clock::{DAY, HOUR, MINUTE},
    error::Result,
    id::{ClientGroupId, ClientId, GroupNoteId, NoteId, UserGroupId},
};
use messaging::{
    requests::{
        Priority,
        actions::{self as requests, NewRequest},
        moves,
    },
    user_groups::actions as user_groups,
};
use storage::{ExpectedVersion, Tx};

use super::seeder::{Practice, Seeder, Session};

/// A user group: its people by their index in the practice.
pub(super) struct UserGroupSeed {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) people: &'static [usize],
    pub(super) privileges: &'static [Privilege],
    pub(super) active: bool,
    pub(super) default: bool,
}

pub(super) struct ClientSeed {
    pub(super) name: &'static str,
    pub(super) born: &'static str,
    pub(super) reference: &'static str,
    pub(super) email: &'static str,
    /// By name and species.
    pub(super) animals: &'static [(&'static str, &'static str)],
}

/// A patient without animals.
pub(super) const fn patient(
    name: &'static str,
    born: &'static str,
    reference: &'static str,
    email: &'static str,
) -> ClientSeed {
    ClientSeed { name, born, reference, email, animals: &[] }
}

/// An owner with animals.
pub(super) const fn owner(
    name: &'static str,
    email: &'static str,
    animals: &'static [(&'static str, &'static str)],
) -> ClientSeed {
    ClientSeed { name, born: "", reference: "", email, animals }
}

pub(super) struct ClientGroupSeed {
    pub(super) group: usize,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// By their index in the group's clients.
    pub(super) clients: &'static [usize],
    pub(super) default: bool,
}

/// A request to a user group, and what became of it.
pub(super) struct RequestSeed {
    pub(super) by: usize,
    pub(super) group: usize,
    pub(super) clients: &'static [usize],
    pub(super) to: usize,
    pub(super) priority: Priority,
    /// Days until it is due.
    pub(super) due: Option<i64>,
    /// How many days ago it was sent.
    pub(super) days_ago: i64,
    pub(super) subject: &'static str,
    pub(super) body: &'static str,
    pub(super) thread: &'static [Step],
}

/// What someone does with a request, by their index in the practice.
pub(super) enum Step {
    Claim(usize),
    Say(usize, &'static str),
    Ask(usize, &'static str),
    Complete(usize, &'static str),
}

/// What was seeded into a practice beside its groups.
pub(super) struct Records {
    pub(super) user_groups: Vec<UserGroupId>,
    /// By group.
    pub(super) clients: Vec<Vec<ClientId>>,
    pub(super) client_groups: Vec<ClientGroupId>,
}

/// A session of a client group.
pub(super) struct GroupSession {
    pub(super) client_group: usize,
    pub(super) group: usize,
    pub(super) by: usize,
    pub(super) description: &'static str,
    pub(super) body: &'static str,
    /// Who was not simply present, by their index in the group's clients.
    pub(super) others: &'static [(usize, Attendance, &'static str)],
    /// What one of the notes says instead.
    pub(super) individual: Option<&'static str>,
    pub(super) released: bool,
}

impl Seeder {
    pub(super) async fn create_user_groups(
        &self,
        practice: &Practice,
        seeds: &[UserGroupSeed],
    ) -> Result<Vec<UserGroupId>> {
        let mut created = Vec::new();
        for seed in seeds {
            self.clock.advance(10 * MINUTE);
            let members = seed.people.iter().map(|at| Ok(practice.session(*at)?.user));
            let draft = user_groups::Draft {
                name: seed.name.to_owned(),
                description: seed.description.to_owned(),
                active: seed.active,
                default: seed.default,
                members: members.collect::<Result<_>>()?,
                privileges: seed.privileges.to_vec(),
            };
            let path = [("account", practice.account.to_string())];
            let create = async move |tx: &Tx, by: &AccountAdmin| user_groups::create(tx, by, &draft).await;
            created.push(self.act::<AccountAdmin, _, _>(&practice.owner, &path, create).await?.row.id);
        }
        Ok(created)
    }

    /// Adds clients to a group, in the name of one of its people.
    pub(super) async fn add_clients(
        &self,
        practice: &Practice,
        (group, by): (usize, usize),
        kind: Kind,
        seeds: &[ClientSeed],
    ) -> Result<Vec<ClientId>> {
        let mut created = Vec::new();
        for seed in seeds {
            self.clock.advance(20 * MINUTE);
            let animal = |(name, species): &(&str, &str)| AnimalInput {
                name: (*name).to_owned(),
                species: (*species).to_owned(),
                ..AnimalInput::default()
            };
            let input = ClientInput {
                kind: Some(kind),
                name: seed.name.to_owned(),
                reference: seed.reference.to_owned(),
                email: seed.email.to_owned(),
                birth_date: seed.born.to_owned(),
                animals: seed.animals.iter().map(animal).collect(),
                ..ClientInput::default()
            };
            let path = [("group", practice.groups[group].to_string())];
            let add = async move |tx: &Tx, by: &GroupMember| clients::add(tx, by, &input).await;
            created.push(self.act::<GroupMember, _, _>(practice.session(by)?, &path, add).await?.row.id);
        }
        Ok(created)
    }

    pub(super) async fn create_client_groups(
        &self,
        practice: &Practice,
        by: usize,
        clients: &[Vec<ClientId>],
        seeds: &[ClientGroupSeed],
    ) -> Result<Vec<ClientGroupId>> {
        let mut created = Vec::new();
        for seed in seeds {
            self.clock.advance(15 * MINUTE);
            let draft = client_groups::Draft {
                name: seed.name.to_owned(),
                description: seed.description.to_owned(),
                active: true,
                default: seed.default,
                clients: seed.clients.iter().map(|at| clients[seed.group][*at]).collect(),
            };
            let path = [("group", practice.groups[seed.group].to_string())];
            let create = async move |tx: &Tx, by: &GroupMember| client_groups::create(tx, by, &draft).await;
            created.push(self.act::<GroupMember, _, _>(practice.session(by)?, &path, create).await?.row.id);
        }
        Ok(created)
    }

    /// Holds a session: its group note is written and its notes are created, perhaps released.
    pub(super) async fn hold_session(
        &self,
        practice: &Practice,
        records: &Records,
        session: &GroupSession,
        roster: &[usize],
    ) -> Result<()> {
        self.clock.advance(HOUR);
        let who = practice.session(session.by)?;
        let draft = self.group_note(practice, records, session, roster);
        let path = [("client_group", records.client_groups[session.client_group].to_string())];
        let write = async move |tx: &Tx, by: &ClientGroupEditor| group_notes::write(tx, by, &draft).await;
        let note = self.act::<ClientGroupEditor, _, _>(who, &path, write).await?.id;
        self.clock.advance(20 * MINUTE);
        self.create_notes(who, note, session).await
    }

    fn group_note(
        &self,
        practice: &Practice,
        records: &Records,
        session: &GroupSession,
        roster: &[usize],
    ) -> group_notes::Draft {
        let day = self.clock.now().to_string().chars().take(10).collect::<String>();
        let attend = |at: &usize| {
            let other = session.others.iter().find(|(other, ..)| other == at);
            let (attendance, comment) =
                other.map_or((Attendance::Present, ""), |(_, attendance, comment)| (*attendance, *comment));
            let client = records.clients[session.group][*at];
            Attend { client, attendance, comment: comment.to_owned() }
        };
        group_notes::Draft {
            facts: facts::Changes {
                note_type: Some("Group session".to_owned()),
                description: Some(session.description.to_owned()),
                service_date: Some(day),
                minutes: facts::Given::To(Some(90)),
                location: facts::Given::To(practice.locations[session.group].get(1).copied()),
            },
            body: Some(session.body.to_owned()),
            attendance: Some(roster.iter().map(attend).collect()),
        }
    }

    async fn create_notes(&self, who: &Session, note: GroupNoteId, session: &GroupSession) -> Result<()> {
        let path = [("group_note", note.to_string())];
        let create = async move |tx: &Tx, by: &GroupNoteEditor| {
            create::create_notes(tx, by, &[], ExpectedVersion::ANY).await
        };
        let created = self.act::<GroupNoteEditor, _, _>(who, &path, create).await?;
        if let Some(text) = session.individual
            && let Some(first) = created.results.iter().find_map(|became| became.note)
        {
            self.personalize(who, first, text).await?;
        }
        if session.released {
            self.clock.advance(2 * HOUR);
            let release = async move |tx: &Tx, by: &GroupNoteReleaser| {
                release::release(tx, by, None, false).await.map(drop)
            };
            self.act::<GroupNoteReleaser, _, _>(who, &path, release).await?;
        }
        Ok(())
    }

    async fn personalize(&self, who: &Session, note: NoteId, text: &str) -> Result<()> {
        let draft = notes::Draft { body: Some(text.to_owned()), ..notes::Draft::default() };
        let change = async move |tx: &Tx, by: &NoteEditor| {
            notes::change(tx, by, &draft, ExpectedVersion::ANY).await.map(drop)
        };
        self.act::<NoteEditor, _, _>(who, &[("note", note.to_string())], change).await
    }

    /// Sends the requests that were sent so many days before today, and does what became of them.
    pub(super) async fn send_requests(
        &self,
        practice: &Practice,
        records: &Records,
        seeds: &[RequestSeed],
        days_ago: i64,
    ) -> Result<()> {
        for seed in seeds.iter().filter(|seed| seed.days_ago == days_ago) {
            self.clock.advance(40 * MINUTE);
            let due = |days: i64| self.clock.now().plus(days * DAY);
            let new = NewRequest {
                to: records.user_groups[seed.to],
                subject: seed.subject.to_owned(),
                body: seed.body.to_owned(),
                clients: seed.clients.iter().map(|at| records.clients[seed.group][*at]).collect(),
                case: None,
                priority: seed.priority,
                due_at: seed.due.map(due),
            };
            let (site, path) = (self.app.site.clone(), [("account", practice.account.to_string())]);
            let send = async move |tx: &Tx, by: &RequestSender| requests::send(tx, by, &site, &new).await;
            let sent = self.act::<RequestSender, _, _>(practice.session(seed.by)?, &path, send).await?;
            for step in seed.thread {
                self.clock.advance(35 * MINUTE);
                self.take_step(practice, &[("request", sent.id.to_string())], step).await?;
            }
        }
        Ok(())
    }

    async fn take_step(&self, practice: &Practice, path: &[(&str, String)], step: &Step) -> Result<()> {
        let site = self.app.site.clone();
        match step {
            Step::Claim(at) => {
                let claim = async move |tx: &Tx, by: &RequestReceiver| moves::claim(tx, by, &site).await;
                self.act::<RequestReceiver, _, _>(practice.session(*at)?, path, claim).await
            }
            Step::Say(at, text) => {
                let text = (*text).to_owned();
                let say = async move |tx: &Tx, by: &RequestReader| {
                    requests::add_message(tx, by, &site, &text).await
                };
                self.act::<RequestReader, _, _>(practice.session(*at)?, path, say).await
            }
            Step::Ask(at, text) => {
                let text = (*text).to_owned();
                let ask = async move |tx: &Tx, by: &RequestReceiver| moves::ask(tx, by, &site, &text).await;
                self.act::<RequestReceiver, _, _>(practice.session(*at)?, path, ask).await
            }
            Step::Complete(at, text) => {
                let text = (*text).to_owned();
                let done =
                    async move |tx: &Tx, by: &RequestReceiver| moves::complete(tx, by, &site, &text).await;
                self.act::<RequestReceiver, _, _>(practice.session(*at)?, path, done).await
            }
        }
    }
}
