//! The demo's user groups, clients, client groups, sessions and requests, for any of its practices.

use crate::{
    access::{
        AccountAdmin, ClientGroupEditor, GroupMember, GroupNoteEditor, GroupNoteReleaser, NoteEditor,
        Privilege, RequestReader, RequestReceiver, RequestSender,
    },
    cli::demo::{Actor, Play, Stage},
    client_groups::actions as client_groups,
    clients::{AnimalInput, ClientInput, Kind, actions as clients},
    clock::{DAY, HOUR, MINUTE},
    db::Tx,
    error::{Error, Result},
    id::{ClientGroupId, ClientId, NoteId, UserGroupId},
    notes::{
        Attendance, actions as notes, facts,
        group::{
            actions::{self as group_notes, Attend},
            generate, release,
        },
    },
    requests::{
        Priority,
        actions::{self as requests, NewRequest},
        moves,
    },
    user_groups::actions as user_groups,
    web::IfMatch,
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

/// A client: the name, the date of birth, the reference, the address, and animals by name and species.
pub(super) struct Served {
    pub(super) name: &'static str,
    pub(super) born: &'static str,
    pub(super) reference: &'static str,
    pub(super) email: &'static str,
    pub(super) animals: &'static [(&'static str, &'static str)],
}

/// A patient without animals.
pub(super) const fn patient(
    name: &'static str,
    born: &'static str,
    reference: &'static str,
    email: &'static str,
) -> Served {
    Served { name, born, reference, email, animals: &[] }
}

/// An owner with animals.
pub(super) const fn owner(
    name: &'static str,
    email: &'static str,
    animals: &'static [(&'static str, &'static str)],
) -> Served {
    Served { name, born: "", reference: "", email, animals }
}

/// A client group: its group, its name, what it is for, its clients by their place, whether it is the default.
pub(super) struct Circle {
    pub(super) group: usize,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) clients: &'static [usize],
    pub(super) default: bool,
}

/// A question to a department.
pub(super) struct Asked {
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
    pub(super) thread: &'static [Turn],
}

/// What somebody of the cast does with a request.
pub(super) enum Turn {
    Claim(usize),
    Say(usize, &'static str),
    Wait(usize, &'static str),
    Complete(usize, &'static str),
}

/// What a practice of the demo has besides its groups.
pub(super) struct Records {
    pub(super) departments: Vec<UserGroupId>,
    /// By group, and their place in it.
    pub(super) clients: Vec<Vec<ClientId>>,
    pub(super) circles: Vec<ClientGroupId>,
}

/// A session of a client group.
pub(super) struct Session {
    pub(super) circle: usize,
    pub(super) group: usize,
    pub(super) by: usize,
    pub(super) description: &'static str,
    pub(super) body: &'static str,
    /// Who was not simply present, by their place in the group.
    pub(super) others: &'static [(usize, Attendance, &'static str)],
    /// What one of the notes says instead.
    pub(super) individual: Option<&'static str>,
    pub(super) released: bool,
}

impl Stage {
    /// Somebody of the cast who is still there.
    fn actor(&self, at: usize) -> Result<&Actor> {
        let found = self.people.iter().find(|(i, _)| *i == at);
        found.map(|(_, actor)| actor).ok_or_else(|| Error::internal("the demo names somebody who left"))
    }
}

impl Play {
    pub(super) async fn set_up_departments(
        &self,
        stage: &Stage,
        departments: &[Department],
    ) -> Result<Vec<UserGroupId>> {
        let mut made = Vec::new();
        for department in departments {
            self.clock.advance(10 * MINUTE);
            let members = department.people.iter().map(|at| Ok(stage.actor(*at)?.user));
            let draft = user_groups::Draft {
                name: department.name.to_owned(),
                description: department.description.to_owned(),
                active: department.active,
                default: department.default,
                members: members.collect::<Result<_>>()?,
                privileges: department.privileges.to_vec(),
            };
            let place = [("account", stage.account.to_string())];
            let create = async move |tx: &Tx, by: &AccountAdmin| user_groups::create(tx, by, &draft).await;
            made.push(self.act::<AccountAdmin, _, _>(&stage.owner, &place, create).await?.row.id);
        }
        Ok(made)
    }

    /// Adds the clients of a group, by whoever of the cast.
    pub(super) async fn serve_clients(
        &self,
        stage: &Stage,
        (group, by): (usize, usize),
        kind: Kind,
        served: &[Served],
    ) -> Result<Vec<ClientId>> {
        let mut made = Vec::new();
        for client in served {
            self.clock.advance(20 * MINUTE);
            let animal = |(name, species): &(&str, &str)| AnimalInput {
                name: (*name).to_owned(),
                species: (*species).to_owned(),
                ..AnimalInput::default()
            };
            let input = ClientInput {
                kind: Some(kind),
                name: client.name.to_owned(),
                reference: client.reference.to_owned(),
                email: client.email.to_owned(),
                birth_date: client.born.to_owned(),
                animals: client.animals.iter().map(animal).collect(),
                ..ClientInput::default()
            };
            let place = [("group", stage.groups[group].to_string())];
            let add = async move |tx: &Tx, by: &GroupMember| clients::add(tx, by, &input).await;
            made.push(self.act::<GroupMember, _, _>(stage.actor(by)?, &place, add).await?.row.id);
        }
        Ok(made)
    }

    pub(super) async fn form_circles(
        &self,
        stage: &Stage,
        by: usize,
        clients: &[Vec<ClientId>],
        circles: &[Circle],
    ) -> Result<Vec<ClientGroupId>> {
        let mut made = Vec::new();
        for circle in circles {
            self.clock.advance(15 * MINUTE);
            let draft = client_groups::Draft {
                name: circle.name.to_owned(),
                description: circle.description.to_owned(),
                active: true,
                default: circle.default,
                clients: circle.clients.iter().map(|at| clients[circle.group][*at]).collect(),
            };
            let place = [("group", stage.groups[circle.group].to_string())];
            let create = async move |tx: &Tx, by: &GroupMember| client_groups::create(tx, by, &draft).await;
            made.push(self.act::<GroupMember, _, _>(stage.actor(by)?, &place, create).await?.row.id);
        }
        Ok(made)
    }

    /// Holds a session: its group note is written, its notes are made, perhaps released.
    pub(super) async fn hold_session(
        &self,
        stage: &Stage,
        records: &Records,
        session: &Session,
        roster: &[usize],
    ) -> Result<()> {
        self.clock.advance(HOUR);
        let who = stage.actor(session.by)?;
        let day = self.clock.now().to_string().chars().take(10).collect::<String>();
        let attend = |at: &usize| {
            let other = session.others.iter().find(|(other, ..)| other == at);
            let (attendance, comment) =
                other.map_or((Attendance::Present, ""), |(_, attendance, comment)| (*attendance, *comment));
            let client = records.clients[session.group][*at];
            Attend { client, attendance, comment: comment.to_owned() }
        };
        let draft = group_notes::Draft {
            facts: facts::Changes {
                note_type: Some("Group session".to_owned()),
                description: Some(session.description.to_owned()),
                service_date: Some(day),
                minutes: facts::Given::To(Some(90)),
                location: facts::Given::To(stage.locations[session.group].get(1).copied()),
            },
            body: Some(session.body.to_owned()),
            attendance: Some(roster.iter().map(attend).collect()),
        };
        let place = [("client_group", records.circles[session.circle].to_string())];
        let write = async move |tx: &Tx, by: &ClientGroupEditor| group_notes::write(tx, by, &draft).await;
        let note = self.act::<ClientGroupEditor, _, _>(who, &place, write).await?.id;
        self.clock.advance(20 * MINUTE);
        let place = [("group_note", note.to_string())];
        let generate =
            async move |tx: &Tx, by: &GroupNoteEditor| generate::generate(tx, by, &[], IfMatch(None)).await;
        let made = self.act::<GroupNoteEditor, _, _>(who, &place, generate).await?;
        if let Some(text) = session.individual
            && let Some(first) = made.results.iter().find_map(|became| became.note)
        {
            self.personalize(who, first, text).await?;
        }
        if session.released {
            self.clock.advance(2 * HOUR);
            let release = async move |tx: &Tx, by: &GroupNoteReleaser| {
                release::release(tx, by, None, false).await.map(drop)
            };
            self.act::<GroupNoteReleaser, _, _>(who, &place, release).await?;
        }
        Ok(())
    }

    async fn personalize(&self, who: &Actor, note: NoteId, text: &str) -> Result<()> {
        let draft = notes::Draft { body: Some(text.to_owned()), ..notes::Draft::default() };
        let change = async move |tx: &Tx, by: &NoteEditor| {
            notes::change(tx, by, &draft, IfMatch(None)).await.map(drop)
        };
        self.act::<NoteEditor, _, _>(who, &[("note", note.to_string())], change).await
    }

    /// Sends the requests that were sent so many days before today, and plays what became of them.
    pub(super) async fn ask(
        &self,
        stage: &Stage,
        records: &Records,
        asked: &[Asked],
        days_ago: i64,
    ) -> Result<()> {
        for asked in asked.iter().filter(|asked| asked.days_ago == days_ago) {
            self.clock.advance(40 * MINUTE);
            let due = |days: i64| self.clock.now().plus(days * DAY);
            let new = NewRequest {
                to: records.departments[asked.to],
                subject: asked.subject.to_owned(),
                body: asked.body.to_owned(),
                clients: asked.clients.iter().map(|at| records.clients[asked.group][*at]).collect(),
                case: None,
                priority: asked.priority,
                due_at: asked.due.map(due),
            };
            let (site, place) = (self.app.site.clone(), [("account", stage.account.to_string())]);
            let send = async move |tx: &Tx, by: &RequestSender| requests::send(tx, by, &site, &new).await;
            let sent = self.act::<RequestSender, _, _>(stage.actor(asked.by)?, &place, send).await?;
            for turn in asked.thread {
                self.clock.advance(35 * MINUTE);
                self.turn(stage, &[("request", sent.id.to_string())], turn).await?;
            }
        }
        Ok(())
    }

    async fn turn(&self, stage: &Stage, place: &[(&str, String)], turn: &Turn) -> Result<()> {
        let site = self.app.site.clone();
        match turn {
            Turn::Claim(at) => {
                let claim = async move |tx: &Tx, by: &RequestReceiver| moves::claim(tx, by, &site).await;
                self.act::<RequestReceiver, _, _>(stage.actor(*at)?, place, claim).await
            }
            Turn::Say(at, text) => {
                let text = (*text).to_owned();
                let say = async move |tx: &Tx, by: &RequestReader| {
                    requests::add_message(tx, by, &site, &text).await
                };
                self.act::<RequestReader, _, _>(stage.actor(*at)?, place, say).await
            }
            Turn::Wait(at, text) => {
                let text = (*text).to_owned();
                let wait = async move |tx: &Tx, by: &RequestReceiver| moves::wait(tx, by, &site, &text).await;
                self.act::<RequestReceiver, _, _>(stage.actor(*at)?, place, wait).await
            }
            Turn::Complete(at, text) => {
                let text = (*text).to_owned();
                let done =
                    async move |tx: &Tx, by: &RequestReceiver| moves::complete(tx, by, &site, &text).await;
                self.act::<RequestReceiver, _, _>(stage.actor(*at)?, place, done).await
            }
        }
    }
}
