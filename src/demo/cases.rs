//! A year of cases: opened, noted on and closed, day by day.

use access::{CaseEditor, GroupMember, touch};
use care::cases::{Status, actions as cases};
use kernel::{
    clock::{DAY, MINUTE},
    error::Result,
    id::CaseId,
};
use storage::ExpectedVersion;

use super::seeder::{Practice, Seeder, Session};

const FINDINGS: [&str; 10] = [
    "Temperature and respiration normal. Appetite good since yesterday.",
    "Mild swelling of the left hind fetlock; cold hosing twice a day, recheck in a week.",
    "Blood drawn for chemistry and hematology. Results expected tomorrow.",
    "Owner reports improvement. Treatment continues for three more days.",
    "Radiographs taken in two planes: no fracture seen.",
    "Ration reviewed together with the feed advisor; dry matter raised by 0.8 kg.",
    "Sutures removed, wound clean and dry.",
    "Second dose given. No adverse reaction within 30 minutes.",
    "Milk culture negative. Quarter back in the tank.",
    "Weight 4.2 kg, up from 3.9 kg. Next visit in four weeks.",
];

impl Seeder {
    /// Anyone in a group, at random.
    fn any_member<'a>(&self, practice: &'a Practice, group: usize) -> Option<&'a Session> {
        let of_group =
            |(i, _): &&(usize, Session)| practice.seed.people[*i].groups.iter().any(|(at, _)| *at == group);
        let people = practice.people.iter().filter(of_group).collect::<Vec<_>>();
        let at = self.random.below(people.len() as u64);
        people.get(usize::try_from(at).ok()?).map(|(_, session)| session)
    }

    /// Works on cases day by day, until so long before today.
    pub(super) async fn work(&mut self, practice: &Practice, before_today: i64) -> Result<()> {
        let until = self.today.plus(-before_today);
        while self.clock.now() < until {
            for (group, seed) in practice.seed.groups.iter().enumerate() {
                if self.random.below(5) < seed.pace.min(4) && !practice.locations[group].is_empty() {
                    self.clock.advance(20 * MINUTE);
                    let begun = self.begin_case(practice, group).await?;
                    self.open.extend(begun.map(|case| (group, case)));
                }
            }
            let ready = self.open.len().saturating_sub(14);
            for (group, case) in self.open.drain(..ready).collect::<Vec<_>>() {
                self.clock.advance(MINUTE);
                self.note(practice, group, case).await?;
                let change = cases::Changes { status: Some(Status::Closed), ..cases::Changes::default() };
                self.edit(practice, group, case, change).await?;
            }
            self.clock.advance(DAY.min(until.since(self.clock.now()).max(MINUTE)));
            self.keep_books(practice.account).await?;
        }
        Ok(())
    }

    async fn begin_case(&self, practice: &Practice, group: usize) -> Result<Option<CaseId>> {
        let Some(who) = self.any_member(practice, group) else { return Ok(None) };
        let pick = |many: usize| usize::try_from(self.random.below(many as u64)).unwrap_or(0);
        let names = practice.seed.groups[group].names;
        let new = cases::NewCase {
            protocol: practice.protocols[pick(practice.protocols.len())],
            location: practice.locations[group][pick(practice.locations[group].len())],
            name: names[pick(names.len())].to_owned(),
            subject: None,
        };
        let path = [("group", practice.groups[group].to_string())];
        let create = async move |tx: &_, by: &_| cases::create(tx, by, &new).await;
        let case = self.act::<GroupMember, _, _>(who, &path, create).await?.id;
        let session = who.id;
        self.app.db.write(async move |tx| touch(tx, access::Found::Session(session), "").await).await?;
        for _ in 0..self.random.below(3) {
            self.clock.advance(15 * MINUTE);
            self.note(practice, group, case).await?;
        }
        Ok(Some(case))
    }

    async fn note(&self, practice: &Practice, group: usize, case: CaseId) -> Result<()> {
        let Some(who) = self.any_member(practice, group) else { return Ok(()) };
        let at = usize::try_from(self.random.below(FINDINGS.len() as u64)).unwrap_or(0);
        let body = FINDINGS[at].to_owned();
        let add = async move |tx: &_, by: &_| cases::add_note(tx, by, &body).await;
        self.act::<CaseEditor, _, _>(who, &[("case", case.to_string())], add).await?;
        Ok(())
    }

    async fn edit(
        &self,
        practice: &Practice,
        group: usize,
        case: CaseId,
        change: cases::Changes,
    ) -> Result<()> {
        let Some(who) = self.any_member(practice, group) else { return Ok(()) };
        let edit = async move |tx: &_, by: &_| cases::change(tx, by, &change, ExpectedVersion::ANY).await;
        self.act::<CaseEditor, _, _>(who, &[("case", case.to_string())], edit).await?;
        Ok(())
    }
}
