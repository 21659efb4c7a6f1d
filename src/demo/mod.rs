//! The demo: a believable year in two practices, made through the same actions, proofs and emails as real use,
//! on a clock that is moved by hand.
//!
//! [`clinic`] and [`therapy`] are what the practices consist of, as data; [`seeder`] opens them, and [`staff`],
//! [`cases`], [`records`] and [`handouts`] are what their people do.

mod cases;
mod clinic;
mod handouts;
mod records;
mod seeder;
mod staff;
mod therapy;

use care::clients::Kind;
use kernel::{
    clock::{Clock, DAY, HOUR},
    error::{Error, Result},
    links::Site,
    passwords::Passwords,
    random::Random,
};
use platform::{
    Fonts, Services, audit,
    blobs::{self, Blobs},
    config::Config,
    jobs::{Transport, deliver_due},
    payments::Provider,
    readiness::Readiness,
};
use storage::{Db, SqliteOptions};

use self::{
    records::Records,
    seeder::{Practice, Seeder},
};
use crate::{alone::Alone, app};

/// Where the demo lives unless `--data` says otherwise, so that it never mixes with a real server's data.
pub(crate) const FOLDER: &str = "covey-demo-data";
/// Everyone's password in the demo.
const PASSWORD: &str = "seven blue herons";
/// The file that marks a folder as the demo's.
const MARK: &str = "this-is-the-demo";

/// Seeds the demo into an empty folder, or finds it there. Returns what to tell the person who tries it.
pub(crate) async fn prepare(config: &Config) -> Result<String> {
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
        app::make_data_folder(config)?;
        let _alone = Alone::in_folder(config)?;
        seed(config).await?;
        blobs::write(&mark, b"covey serve --demo made this folder.\n").map_err(Error::internal)?;
    }
    Ok(sign_ins())
}

fn sign_ins() -> String {
    format!(
        "This is the demo practice. Sign in with the password {PASSWORD} as\n\
         \x20 {:<34}owner\n\
         \x20 {:<34}member of two groups\n\
         \x20 {:<34}support staff\n\
         or, at the therapy practice, as\n\
         \x20 {:<34}owner\n\
         \x20 {:<34}clinician\n\
         \x20 {:<34}insurance verification",
        clinic::OWNER.email,
        clinic::PEOPLE[1].email,
        clinic::PEOPLE[13].email,
        therapy::OWNER.email,
        therapy::PEOPLE[0].email,
        therapy::PEOPLE[4].email
    )
}

async fn seed(config: &Config) -> Result<()> {
    let today = Clock::System.now();
    let clock = Clock::manual(today.plus(-365 * DAY));
    let options = SqliteOptions { path: config.data.join("covey.db"), durable: false };
    let db = Db::sqlite(options, clock.clone(), Random::System)?;
    audit::key::unlock(&db, config).await?;
    care::handouts::seed(&db).await?;
    let services = Services {
        db: db.clone(),
        config: config.clone(),
        site: Site { base_url: config.base_url(config.listen), mail_leaves: false, hands_out: true },
        passwords: Passwords::default(),
        blobs: Blobs::new(config.data.join("files")),
        fonts: Fonts::none(),
        payments: Provider::new(config)?,
        readiness: Readiness::default(),
    };
    let mut seeder =
        Seeder { app: app::assemble(services), clock, random: Random::seeded(2026), today, open: Vec::new() };
    seeder.seed_year().await?;
    let from = config.mail_from.parse().map_err(|_| Error::field("mail_from", "not an address"))?;
    deliver_due(&db, &Transport::Folder(config.data.join("mail")), &from).await?;
    db.close().await;
    Ok(())
}

impl Seeder {
    async fn seed_year(&mut self) -> Result<()> {
        let mut practice = self.open(&clinic::PRACTICE).await?;
        self.subscribe(&practice, 17).await?;
        self.create_groups(&mut practice).await?;
        self.invite_everyone(&mut practice).await?;
        self.work(&practice, 200 * DAY).await?;
        self.subscribe(&practice, 19).await?;
        self.work(&practice, 62 * DAY).await?;
        let records = self.create_clinic_records(&practice).await?;
        let clinic = (&practice, &records);
        let (therapy, theirs) = self.open_therapy().await?;
        let therapy = (&therapy, &theirs);
        self.days(clinic, therapy, (54, 20)).await?;
        self.let_invitations_expire(&practice).await?;
        self.let_people_leave(&mut practice).await?;
        let clinic = (&practice, &records);
        self.days(clinic, therapy, (20, 6)).await?;
        self.use_handouts(&practice).await?;
        self.days(clinic, therapy, (6, 3)).await?;
        self.leave_invitations_open(&practice).await?;
        self.evening(clinic, therapy, 2).await?;
        self.work(&practice, 20 * HOUR).await?;
        self.evening(clinic, therapy, 1).await?;
        self.work(&practice, 4 * HOUR).await?;
        self.evening(clinic, therapy, 0).await?;
        self.end_sessions(therapy.0).await?;
        self.end_sessions(&practice).await
    }

    /// Seeds both practices from one day before today to another.
    async fn days(
        &mut self,
        clinic: (&Practice, &Records),
        therapy: (&Practice, &Records),
        (from, to): (i64, i64),
    ) -> Result<()> {
        for day in (to..from).rev() {
            self.work(clinic.0, day * DAY).await?;
            self.evening(clinic, therapy, day).await?;
        }
        Ok(())
    }

    /// What happened in both practices beside the cases, so many days before today.
    async fn evening(
        &self,
        clinic: (&Practice, &Records),
        therapy: (&Practice, &Records),
        days_ago: i64,
    ) -> Result<()> {
        self.send_requests(clinic.0, clinic.1, &clinic::REQUESTS, days_ago).await?;
        self.keep_books(therapy.0.account).await?;
        self.therapy_day(therapy.0, therapy.1, days_ago).await
    }

    async fn create_clinic_records(&self, practice: &Practice) -> Result<Records> {
        let user_groups = self.create_user_groups(practice, &clinic::USER_GROUPS).await?;
        let mut clients = Vec::new();
        for (group, (by, kind, seeds)) in clinic::CLIENTS.iter().enumerate() {
            clients.push(self.add_clients(practice, (group, *by), *kind, seeds).await?);
        }
        Ok(Records { user_groups, clients, client_groups: Vec::new() })
    }

    /// Opens the second practice, seven weeks before today.
    async fn open_therapy(&self) -> Result<(Practice, Records)> {
        let mut practice = self.open(&therapy::PRACTICE).await?;
        self.subscribe(&practice, 10).await?;
        self.create_groups(&mut practice).await?;
        self.invite_everyone(&mut practice).await?;
        let user_groups = self.create_user_groups(&practice, &therapy::USER_GROUPS).await?;
        let mut clients = Vec::new();
        for (group, seeds) in therapy::CLIENTS.iter().enumerate() {
            clients.push(self.add_clients(&practice, (group, group), Kind::Patient, seeds).await?);
        }
        let client_groups =
            self.create_client_groups(&practice, 6, &clients, &therapy::CLIENT_GROUPS).await?;
        Ok((practice, Records { user_groups, clients, client_groups }))
    }

    async fn therapy_day(&self, practice: &Practice, records: &Records, days_ago: i64) -> Result<()> {
        // The last session was the evening before yesterday; the others a week apart.
        let session = (days_ago % 7 == 2).then_some(days_ago / 7).filter(|weeks| *weeks < 4);
        let session = session.and_then(|weeks| therapy::SESSIONS.get(3 - usize::try_from(weeks).ok()?));
        if let Some(session) = session {
            let clients = therapy::CLIENT_GROUPS[session.client_group].clients;
            self.hold_session(practice, records, session, clients).await?;
        }
        self.send_requests(practice, records, &therapy::REQUESTS, days_ago).await
    }
}
