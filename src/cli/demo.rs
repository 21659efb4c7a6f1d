//! The demo practice: a believable year, played through the same actions, proofs and mails as real use,
//! on a clock that is moved by hand.

mod clinic;
mod handouts;
mod records;
mod therapy;

use std::fs;

use crate::{
    access::{
        AccountAdmin, AccountMember, CaseEditor, Credential, GroupAdmin, GroupMember, GroupRole, Manager,
        Place, Proof, Role, touch,
    },
    accounts,
    billing::{Shop, Wish, actions as billing, books, tick},
    blobs::Blobs,
    cases::{Status, actions as cases},
    clock::{Clock, DAY, HOUR, MINUTE, Time},
    config::Config,
    db::{Db, SqliteOptions, Tx},
    error::{Error, Result},
    groups::actions as groups,
    id::{AccountId, CaseId, GroupId, LocationId, ProtocolId, SessionId, UserId},
    invitations::{
        Offer,
        actions::{self as invitations, Acceptance},
    },
    jobs::{Transport, deliver_due},
    locations::actions as locations,
    members::actions as members,
    passwords::Passwords,
    payments::Provider,
    prices::{Billed, Plan},
    random::{Random, Token},
    sign_in::{
        self, UserType,
        actions::{Entered, From},
    },
    text::Email,
    web::{App, IfMatch, Parts, Site},
};

/// Where the demo lives unless `--data` says otherwise, so that it never mixes with a real server's data.
pub(super) const FOLDER: &str = "covey-demo-data";
/// Everybody's password in the demo.
const PASSWORD: &str = "seven blue herons";
/// The file that marks a folder as the demo's.
const MARK: &str = "this-is-the-demo";

struct Person {
    name: &'static str,
    email: &'static str,
    role: Role,
    kind: UserType,
    /// The groups by their place in [`GROUPS`], and whether they administer them.
    groups: &'static [(usize, bool)],
}

struct Client {
    name: &'static str,
    description: &'static str,
    locations: &'static [&'static str],
    /// What its cases are called; empty for an automatic name.
    names: &'static [&'static str],
    /// Cases a week.
    pace: u64,
    /// Whether the account's owner administers it.
    owners: bool,
}

const GROUPS: [Client; 5] = [
    Client {
        name: "Alder Creek Dairy",
        description: "Holstein herd of 640 cows at three sites. Weekly herd visits, milk-quality program.",
        locations: &["Main parlour", "Heifer barn", "Calving pens"],
        names: &["", "", "Cow 4417", "Cow 2093", "Herd visit", "Fresh cow check", "Calf pen 3"],
        pace: 3,
        owners: false,
    },
    Client {
        name: "Brookfield Equine",
        description: "Boarding and eventing stable. Pre-purchase examinations and lameness work-ups.",
        locations: &["North barn", "Indoor arena"],
        names: &["", "Thunder", "Second opinion: Juno", "Pre-purchase: Aria", "Blackbird"],
        pace: 2,
        owners: false,
    },
    Client {
        name: "Companion Clinic",
        description: "Dogs, cats and small mammals at the practice itself.",
        locations: &["Consulting room 1", "Consulting room 2", "Surgery", "Ward"],
        names: &["", "", "Bella", "Milo", "Luna (rabbit)", "Oscar", "Mittens", "Biscuit"],
        pace: 5,
        owners: true,
    },
    Client {
        name: "Harlan Swine Producers",
        description: "Farrow-to-finish, four sites. Biosecurity level A: visits are booked a day ahead.",
        locations: &["Site A, sows", "Site B, nursery", "Site C, finishing"],
        names: &["", "", "Pen 6", "Batch 31", "Gilt pool"],
        pace: 1,
        owners: false,
    },
    Client {
        name: "Meadowlark Poultry",
        description: "New client; sites are still being set up.",
        locations: &[],
        names: &[],
        pace: 0,
        owners: false,
    },
];

const OWNER: Person = Person {
    name: "Dr. Miriam Okafor",
    email: "miriam.okafor@riverside.example",
    role: Role::Owner,
    kind: UserType::Veterinarian,
    groups: &[(2, true)],
};

const fn person(
    name: &'static str,
    email: &'static str,
    role: Role,
    kind: UserType,
    groups: &'static [(usize, bool)],
) -> Person {
    Person { name, email, role, kind, groups }
}

const PEOPLE: [Person; 16] = {
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
const LEFT: [&str; 2] = ["emil.novak@riverside.example", "nadia.petrova@riverside.example"];
/// Addresses with an invitation that nobody answered in time.
const EXPIRED: [&str; 2] = ["former.locum@riverside.example", "office@harlan.example"];
/// Addresses with an invitation that waits.
const PENDING: [(&str, usize); 4] = [
    ("ingrid.solberg@riverside.example", 2),
    ("manager@meadowlark.example", 4),
    ("herdsman@aldercreek.example", 0),
    ("new.associate@riverside.example", 1),
];

const FINDINGS: [&str; 10] = [
    "Temperature and respiration normal. Appetite good since yesterday.",
    "Mild swelling of the left hind fetlock; cold hosing twice a day, recheck in a week.",
    "Blood drawn for chemistry and haematology. Results expected tomorrow.",
    "Owner reports improvement. Treatment continues for three more days.",
    "Radiographs taken in two planes: no fracture seen.",
    "Ration reviewed together with the feed advisor; dry matter raised by 0.8 kg.",
    "Sutures removed, wound clean and dry.",
    "Second dose given. No adverse reaction within 30 minutes.",
    "Milk culture negative. Quarter back in the tank.",
    "Weight 4.2 kg, up from 3.9 kg. Next visit in four weeks.",
];

/// Seeds the demo into an empty folder, or finds it there. Gives what to tell the person who tries it.
pub(super) async fn prepare(config: &Config) -> Result<String> {
    if config.database != "sqlite" {
        return Err(Error::conflict(
            "demo_is_embedded",
            "The demo runs on the embedded database. Leave --database out.",
        ));
    }
    let (mark, database) = (config.data.join(MARK), config.data.join("covey.db"));
    if !mark.exists() && database.exists() {
        return Err(Error::conflict(
            "not_empty",
            format!("{} holds a real server's data. Name another folder with --data.", config.data.display()),
        ));
    }
    if !mark.exists() {
        fs::create_dir_all(&config.data).map_err(Error::internal)?;
        seed(config).await?;
        fs::write(&mark, "covey serve --demo made this folder.\n").map_err(Error::internal)?;
    }
    Ok(format!(
        "This is the demo practice. Sign in with the password  {PASSWORD}  as\n\
         \x20 {:<34}owner\n\
         \x20 {:<34}member of two groups\n\
         \x20 {:<34}support staff\n\
         and of the therapy practice beside it, as\n\
         \x20 {:<34}owner\n\
         \x20 {:<34}clinician\n\
         \x20 {:<34}insurance verification",
        OWNER.email,
        PEOPLE[1].email,
        PEOPLE[13].email,
        therapy::OWNER.email,
        therapy::PEOPLE[0].email,
        therapy::PEOPLE[4].email
    ))
}

async fn seed(config: &Config) -> Result<()> {
    let today = Clock::System.now();
    let clock = Clock::manual(today.plus(-365 * DAY));
    let options = SqliteOptions { path: config.data.join("covey.db"), durable: false };
    let db = Db::sqlite(options, clock.clone(), Random::System)?;
    crate::handouts::plant(&db).await?;
    let site = Site { base_url: config.base_url(config.listen), mail_leaves: false };
    let parts = Parts {
        db: db.clone(),
        config: config.clone(),
        site,
        passwords: Passwords::new()?,
        blobs: Blobs::new(config.data.join("files")),
        payments: Provider::new(config)?,
        document: crate::routes::document(),
    };
    let mut play =
        Play { app: App::new(parts), clock, random: Random::seeded(2026), today, open: Vec::new() };
    play.year().await?;
    let from = config.mail_from.parse().map_err(|_| Error::field("mail_from", "not an address"))?;
    deliver_due(&db, &Transport::Folder(config.data.join("mail")), &from).await?;
    db.close().await;
    Ok(())
}

/// One performance of the year.
struct Play {
    app: App,
    clock: Clock,
    random: Random,
    today: Time,
    /// The cases on which work goes on, with their group.
    open: Vec<(usize, CaseId)>,
}

/// Somebody who acts, by a session like everybody's.
struct Actor {
    user: UserId,
    session: SessionId,
    token: Token,
}

impl Actor {
    fn of(entered: Entered) -> Self {
        Self { user: entered.user.id, session: entered.session.id, token: entered.token }
    }
}

/// A practice in play.
struct Stage {
    cast: &'static [Person],
    served: &'static [Client],
    account: AccountId,
    groups: Vec<GroupId>,
    locations: Vec<Vec<LocationId>>,
    protocols: Vec<ProtocolId>,
    owner: Actor,
    people: Vec<(usize, Actor)>,
}

impl Play {
    async fn act<P, T, F>(&self, who: &Actor, place: &[(&str, String)], work: F) -> Result<T>
    where
        P: Proof,
        T: Send + 'static,
        F: AsyncFn(&Tx, &P) -> Result<T> + Send + Sync + 'static,
    {
        let place = Place::new(place.iter().map(|(name, id)| ((*name).to_owned(), id.clone())).collect());
        let credential = Credential::new(Some(who.token.digest()), i64::MAX / 2);
        self.app.db.write(async move |tx| work(tx, &P::prove(tx, &credential, &place).await?).await).await
    }

    async fn year(&mut self) -> Result<()> {
        let name = "Riverside Veterinary Partners";
        let practice =
            (name, "Riverside Veterinary Partners\n12 Mill Lane\nCedar Falls, IA 50613", "America/Chicago");
        let mut stage = self.open(&OWNER, &PEOPLE, &GROUPS, practice).await?;
        self.subscribe(&stage, 17).await?;
        self.found_groups(&mut stage, &OWNER).await?;
        self.invite_everybody(&mut stage).await?;
        self.work(&stage, 200 * DAY).await?;
        self.subscribe(&stage, 19).await?;
        self.work(&stage, 62 * DAY).await?;
        let records = self.keep_records(&stage).await?;
        let (therapy, theirs) = self.open_therapy().await?;
        let theirs = (&therapy, &theirs);
        self.days((&stage, &records), theirs, (54, 20)).await?;
        self.let_invitations_expire(&stage).await?;
        self.let_people_leave(&mut stage).await?;
        self.days((&stage, &records), theirs, (20, 6)).await?;
        self.handout(&stage).await?;
        self.days((&stage, &records), theirs, (6, 3)).await?;
        self.leave_invitations_open(&stage).await?;
        self.evening((&stage, &records), theirs, 2).await?;
        self.work(&stage, 20 * HOUR).await?;
        self.evening((&stage, &records), theirs, 1).await?;
        self.work(&stage, 4 * HOUR).await?;
        self.evening((&stage, &records), theirs, 0).await?;
        self.end_sessions(&therapy).await?;
        self.end_sessions(&stage).await
    }

    fn from() -> From {
        From { address: "192.0.2.10".to_owned(), device: "Demo".to_owned(), token: None }
    }

    /// Opens a practice: who holds it, its name, its particulars and its time zone.
    async fn open(
        &self,
        owner: &'static Person,
        cast: &'static [Person],
        served: &'static [Client],
        (name, practice, zone): (&str, &str, &str),
    ) -> Result<Stage> {
        let hash = self.app.passwords.hash(PASSWORD).await?;
        let (trial, name) = (self.app.config.trial(), name.to_owned());
        let opened = self.app.db.write(async move |tx| {
            let (user, account) = (tx.id(), tx.id());
            let email = Email::read(owner.email).map_err(|why| Error::field("email", why))?;
            sign_in::insert_user(tx, user, &email, owner.name, owner.kind, Some(&hash)).await?;
            accounts::open(tx, account, accounts::Kind::Group, &name, user, trial).await?;
            let entered = sign_in::actions::enter(tx, user, 400 * DAY, &Self::from()).await?;
            Ok((account, Actor::of(entered)))
        });
        let (account, owner) = opened.await?;
        let in_account = [("account", account.to_string())];
        let settings = accounts::actions::Settings {
            practice: Some(practice.to_owned()),
            time_zone: Some(zone.to_owned()),
            name: None,
        };
        let change =
            async move |tx: &_, by: &_| accounts::actions::change(tx, by, &settings, IfMatch(None)).await;
        self.act::<AccountAdmin, _, _>(&owner, &in_account, change).await?;
        let list = async move |tx: &_, by: &AccountMember| accounts::protocols(tx, by.account()).await;
        let protocols = self.act::<AccountMember, _, _>(&owner, &in_account, list).await?;
        let protocols = protocols.into_iter().map(|protocol| protocol.id).collect();
        let (groups, locations, people) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Stage { cast, served, account, groups, locations, protocols, owner, people })
    }

    /// Has the practice pay for so many licenses from now on.
    async fn subscribe(&self, stage: &Stage, licenses: i64) -> Result<()> {
        self.clock.advance(3 * HOUR);
        let place = [("account", stage.account.to_string())];
        let (shop, site) = (Shop::of(&self.app.config), self.app.site.clone());
        let wish = Wish { plan: Some(Plan::Pro), billed: Some(Billed::Month), licenses: Some(licenses) };
        let buy = async move |tx: &_, by: &_| {
            let quote = billing::make_quote(tx, by, &shop, wish).await?;
            billing::purchase(tx, by, &shop, &site, quote.id, true).await
        };
        self.act::<AccountAdmin, _, _>(&stage.owner, &place, buy).await?;
        Ok(())
    }

    /// Renews what is to be renewed, and records what was paid for all invoices but the newest.
    async fn keep_books(&self, account: AccountId) -> Result<()> {
        tick(&self.app).await?;
        let (shop, site) = (Shop::of(&self.app.config), self.app.site.clone());
        let pay = async move |tx: &_| books::record_all(tx, &shop, &site, account, "Bank transfer").await;
        self.app.db.write(pay).await
    }

    async fn found_groups(&self, stage: &mut Stage, owner: &Person) -> Result<()> {
        for client in stage.served {
            self.clock.advance(2 * HOUR);
            let site = self.app.site.clone();
            let administrator_email = if client.owners { owner.email.to_owned() } else { String::new() };
            let (name, description) = (client.name.to_owned(), client.description.to_owned());
            let new = groups::NewGroup { name, administrator_email, description };
            let place = [("account", stage.account.to_string())];
            let create = async move |tx: &_, by: &_| groups::create(tx, by, &site, &new).await;
            let (group, _) = self.act::<AccountAdmin, _, _>(&stage.owner, &place, create).await?;
            let mut places = Vec::new();
            for location in client.locations {
                self.clock.advance(MINUTE);
                let name = (*location).to_owned();
                let add = async move |tx: &_, by: &_| locations::add(tx, by, &name, "").await;
                let place = [("group", group.to_string())];
                places.push(self.act::<GroupAdmin, _, _>(&stage.owner, &place, add).await?.id);
            }
            stage.groups.push(group);
            stage.locations.push(places);
        }
        Ok(())
    }

    async fn invite(
        &self,
        stage: &Stage,
        email: &str,
        role: Role,
        kind: UserType,
        groups: Vec<(GroupId, GroupRole)>,
    ) -> Result<Token> {
        let site = self.app.site.clone();
        let offer = Offer { role, user_type: kind, groups };
        let addresses = vec![email.to_owned()];
        let place = [("account", stage.account.to_string())];
        let invite = async move |tx: &_, by: &AccountAdmin| {
            invitations::invite(tx, &Manager::from(by), &site, &addresses, &offer).await
        };
        let outcome = self.act::<AccountAdmin, _, _>(&stage.owner, &place, invite).await?.pop();
        let link = outcome.and_then(|outcome| outcome.link).ok_or_else(|| Error::internal("no link"))?;
        Ok(Token::presented(link.rsplit('/').next().unwrap_or_default()))
    }

    async fn invite_everybody(&self, stage: &mut Stage) -> Result<()> {
        for (i, person) in stage.cast.iter().enumerate() {
            self.clock.advance(7 * HOUR);
            let role = |administers| if administers { GroupRole::Administrator } else { GroupRole::Member };
            let groups = person.groups.iter().map(|(at, admin)| (stage.groups[*at], role(*admin))).collect();
            let token = self.invite(stage, person.email, person.role, person.kind, groups).await?;
            self.clock.advance(5 * HOUR);
            let who = Acceptance::New { name: person.name.to_owned(), password: PASSWORD.to_owned() };
            let accepted = invitations::accept(&self.app, token, who, Self::from()).await?;
            let entered = accepted.entered.ok_or_else(|| Error::internal("a new person is signed in"))?;
            let (user, length) = (entered.user.id, 400 * DAY);
            let enter = async move |tx: &_| sign_in::actions::enter(tx, user, length, &Self::from()).await;
            stage.people.push((i, Actor::of(self.app.db.write(enter).await?)));
        }
        Ok(())
    }

    /// Somebody of a group, at random.
    fn somebody<'a>(&self, stage: &'a Stage, group: usize) -> Option<&'a Actor> {
        let of_group = |(i, _): &&(usize, Actor)| stage.cast[*i].groups.iter().any(|(at, _)| *at == group);
        let people = stage.people.iter().filter(of_group).collect::<Vec<_>>();
        let at = self.random.below(people.len() as u64);
        people.get(usize::try_from(at).ok()?).map(|(_, actor)| actor)
    }

    /// Plays cases day by day, until so long before today.
    async fn work(&mut self, stage: &Stage, before_today: i64) -> Result<()> {
        let until = self.today.plus(-before_today);
        while self.clock.now() < until {
            for (group, client) in stage.served.iter().enumerate() {
                if self.random.below(5) < client.pace.min(4) && !stage.locations[group].is_empty() {
                    self.clock.advance(20 * MINUTE);
                    let begun = self.begin_case(stage, group).await?;
                    self.open.extend(begun.map(|case| (group, case)));
                }
            }
            let ready = self.open.len().saturating_sub(14);
            for (group, case) in self.open.drain(..ready).collect::<Vec<_>>() {
                self.clock.advance(MINUTE);
                self.note(stage, group, case).await?;
                let change = cases::Changes { status: Some(Status::Closed), ..cases::Changes::default() };
                self.edit(stage, group, case, change).await?;
            }
            self.clock.advance(DAY.min(until.since(self.clock.now()).max(MINUTE)));
            self.keep_books(stage.account).await?;
        }
        Ok(())
    }

    async fn begin_case(&self, stage: &Stage, group: usize) -> Result<Option<CaseId>> {
        let Some(who) = self.somebody(stage, group) else { return Ok(None) };
        let pick = |many: usize| usize::try_from(self.random.below(many as u64)).unwrap_or(0);
        let names = stage.served[group].names;
        let new = cases::NewCase {
            protocol: stage.protocols[pick(stage.protocols.len())],
            location: stage.locations[group][pick(stage.locations[group].len())],
            name: names[pick(names.len())].to_owned(),
            subject: None,
        };
        let place = [("group", stage.groups[group].to_string())];
        let create = async move |tx: &_, by: &_| cases::create(tx, by, &new).await;
        let case = self.act::<GroupMember, _, _>(who, &place, create).await?.id;
        let session = who.session;
        self.app.db.write(async move |tx| touch(tx, session).await).await?;
        for _ in 0..self.random.below(3) {
            self.clock.advance(15 * MINUTE);
            self.note(stage, group, case).await?;
        }
        Ok(Some(case))
    }

    async fn note(&self, stage: &Stage, group: usize, case: CaseId) -> Result<()> {
        let Some(who) = self.somebody(stage, group) else { return Ok(()) };
        let at = usize::try_from(self.random.below(FINDINGS.len() as u64)).unwrap_or(0);
        let body = FINDINGS[at].to_owned();
        let add = async move |tx: &_, by: &_| cases::add_note(tx, by, &body).await;
        self.act::<CaseEditor, _, _>(who, &[("case", case.to_string())], add).await?;
        Ok(())
    }

    async fn edit(&self, stage: &Stage, group: usize, case: CaseId, change: cases::Changes) -> Result<()> {
        let Some(who) = self.somebody(stage, group) else { return Ok(()) };
        let edit = async move |tx: &_, by: &_| cases::change(tx, by, &change, IfMatch(None)).await;
        self.act::<CaseEditor, _, _>(who, &[("case", case.to_string())], edit).await?;
        Ok(())
    }

    async fn let_invitations_expire(&self, stage: &Stage) -> Result<()> {
        for email in EXPIRED {
            self.clock.advance(HOUR);
            let groups = vec![(stage.groups[3], GroupRole::Member)];
            self.invite(stage, email, Role::Member, UserType::Other, groups).await?;
        }
        Ok(())
    }

    async fn let_people_leave(&self, stage: &mut Stage) -> Result<()> {
        let left = |(i, _): &(usize, Actor)| LEFT.contains(&stage.cast[*i].email);
        for (_, actor) in stage.people.iter().filter(|person| left(person)) {
            self.clock.advance(9 * HOUR);
            let (user, site) = (actor.user, self.app.site.clone());
            let remove = async move |tx: &_, by: &_| members::remove(tx, by, user, &site).await;
            let place = [("account", stage.account.to_string())];
            self.act::<AccountMember, _, _>(&stage.owner, &place, remove).await?;
        }
        stage.people.retain(|person| !left(person));
        Ok(())
    }

    async fn leave_invitations_open(&self, stage: &Stage) -> Result<()> {
        for (email, group) in PENDING {
            self.clock.advance(11 * HOUR);
            let role = if group == 4 { GroupRole::Administrator } else { GroupRole::Member };
            let groups = vec![(stage.groups[group], role)];
            self.invite(stage, email, Role::Member, UserType::Other, groups).await?;
        }
        Ok(())
    }

    /// The sessions of the play must not outlive it: only the people's own sign-ins do.
    async fn end_sessions(&self, stage: &Stage) -> Result<()> {
        let session = stage.owner.session;
        self.app.db.write(async move |tx| touch(tx, session).await).await?;
        let people =
            stage.people.iter().map(|(_, actor)| actor.user).chain([stage.owner.user]).collect::<Vec<_>>();
        self.app
            .db
            .write(async move |tx| {
                for person in &people {
                    sign_in::end_sessions(tx, *person, None).await?;
                }
                Ok(())
            })
            .await
    }
}
