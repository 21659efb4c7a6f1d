//! The run of an import, piece by piece.

use std::collections::HashMap;

use serde_json::json;

use crate::clients::{
    ClientRow, Draft, MOST_ANIMALS,
    fields::AnimalDraft,
    import::{
        About, LineRow, Outcome, Plan, State,
        actions::{self, Content, PIECE},
        intake,
        judging::Group,
        store::{self, Settled},
    },
    store as clients,
};
use access::ImportKeeper;
use kernel::{
    error::{Error, Result},
    id::ClientId,
    text,
};
use people::accounts;
use platform::audit::{self, Action, Event};
use storage::Tx;

/// Does what is planned with the next lines. Says whether there are more; a second caller finds them done.
///
/// # Errors
/// The import was thrown away or never read in whole, or no column gives names: what was added until then stays,
/// and running it again goes on.
pub async fn run_piece(tx: &Tx, by: &ImportKeeper) -> Result<bool> {
    let import = store::find(tx, by, by.object()).await?;
    match import.state {
        State::Ready | State::Running | State::Done => {}
        State::Reading => return Err(intake::not_ready()),
        State::Discarded => return Err(intake::discarded()),
    }
    let about: About = serde_json::from_str(&import.about).map_err(Error::internal)?;
    if !about.names {
        let why = "Choose the column that has the clients’ names first.";
        return Err(Error::conflict("import_without_names", why));
    }
    if about.mapping().first_of_animals().is_some()
        && !accounts::practice_kind(tx, by.account()).await?.has_animals()
    {
        return Err(Error::conflict(
            "import_with_animals",
            "This file was read with animals. Change its columns, or import it again.",
        ));
    }
    let limit = i64::try_from(PIECE).map_err(Error::internal)?;
    let lines = store::planned(tx, by, limit).await?;
    if lines.is_empty() {
        if import.state != State::Done {
            finish(tx, by).await?;
        }
        return Ok(false);
    }
    if import.state != State::Running {
        store::set_state(tx, by, import.id, State::Running).await?;
    }
    run_lines(tx, by, lines).await?;
    Ok(true)
}

/// A line that something is done with.
struct Planned {
    line: LineRow,
    draft: Draft,
    /// Whether its earlier line is the same person for certain.
    same: bool,
}

async fn run_lines(tx: &Tx, by: &ImportKeeper, lines: Vec<LineRow>) -> Result<()> {
    let planned = lines.into_iter().map(|line| {
        let Content { draft, same, .. } = line.content()?;
        let draft = draft.ok_or_else(|| Error::internal("a planned line has a draft"))?;
        Ok(Planned { line, draft, same })
    });
    let planned = planned.collect::<Result<Vec<_>>>()?;
    let new = planned.iter().filter(|planned| planned.line.outcome == Outcome::New);
    let group = Group::new(actions::known(tx, by, new.map(|planned| &planned.draft)).await?);
    let earlier = planned.iter().filter_map(|planned| planned.line.earlier).collect::<Vec<_>>();
    let became = store::clients_of(tx, by, &earlier).await?;
    let of_lines = planned.iter().filter_map(|planned| planned.line.client);
    let mut ids = of_lines.chain(became.iter().map(|(_, client)| *client)).collect::<Vec<_>>();
    ids.sort_unstable();
    ids.dedup();
    let there = clients::find_all(tx, by, &ids).await?;
    let mut piece = Piece {
        became: became.into_iter().collect(),
        there: there.into_iter().map(|row| (row.id, row)).collect(),
        ..Piece::default()
    };
    for planned in &planned {
        piece.settle(tx, &group, planned);
    }
    piece.write(tx, by).await
}

/// What one piece of a run does.
#[derive(Default)]
struct Piece {
    /// The clients that lines became.
    became: HashMap<i64, ClientId>,
    /// The clients who are there and not archived, of those that anything may be merged into.
    there: HashMap<ClientId, ClientRow>,
    new: Vec<(ClientId, Draft)>,
    /// Where in `new` a client is.
    at: HashMap<ClientId, usize>,
    /// What is merged into clients who are there.
    merges: Vec<(ClientId, Draft)>,
    settled: Vec<Settled>,
}

impl Piece {
    fn settle(&mut self, tx: &Tx, group: &Group, Planned { line, draft, same }: &Planned) {
        let earlier = line.earlier.and_then(|earlier| self.became.get(&earlier).copied());
        let known = (line.outcome == Outcome::New).then(|| group.find(draft)).flatten();
        let (outcome, plan, detail, client) = match (line.plan, known) {
            // Someone added them first.
            (Plan::Add, Some((known, alike))) => {
                let outcome = if alike.sure { Outcome::Duplicate } else { Outcome::Likely };
                (outcome, Plan::Skip, format!("Same {} as {}.", alike.why, known.name), Some(known.client))
            }
            (Plan::Add, None) => match earlier.filter(|client| *same && self.takes(*client)) {
                Some(client) => self.merge(client, draft),
                None => self.add(tx.id(), draft),
            },
            _ => match line.client.or(earlier) {
                Some(client) if self.takes(client) => self.merge(client, draft),
                Some(_) => {
                    let why = "This client was just archived or merged.".to_owned();
                    (Outcome::Likely, Plan::Skip, why, None)
                }
                None => {
                    let line = line.earlier.unwrap_or_default();
                    let why = format!("Line {line} wasn’t added, so there is no client to merge into.");
                    (Outcome::Likely, Plan::Skip, why, None)
                }
            },
        };
        if let Some(client) = client {
            self.became.insert(line.number, client);
        }
        self.settled.push(Settled { number: line.number, outcome, plan, detail, client });
    }

    /// Whether anything can be merged into this client.
    fn takes(&self, client: ClientId) -> bool {
        self.at.contains_key(&client) || self.there.contains_key(&client)
    }

    fn add(&mut self, client: ClientId, draft: &Draft) -> (Outcome, Plan, String, Option<ClientId>) {
        self.at.insert(client, self.new.len());
        self.new.push((client, draft.clone()));
        (Outcome::Added, Plan::Done, String::new(), Some(client))
    }

    fn merge(&mut self, client: ClientId, draft: &Draft) -> (Outcome, Plan, String, Option<ClientId>) {
        match self.at.get(&client).and_then(|at| self.new.get_mut(*at)) {
            Some((_, new)) => {
                fill(new, draft);
                let fresh = fresh(draft, new.animals.iter().map(|animal| animal.name.as_str()));
                new.animals.extend(fresh);
                new.animals.truncate(MOST_ANIMALS);
            }
            None => self.merges.push((client, draft.clone())),
        }
        (Outcome::Merged, Plan::Done, String::new(), Some(client))
    }

    async fn write(self, tx: &Tx, by: &ImportKeeper) -> Result<()> {
        let new = self.new.iter().map(|(id, draft)| clients::New { id: *id, draft }).collect::<Vec<_>>();
        clients::insert(tx, by, &new).await?;
        merge_all(tx, by, self.there, self.merges).await?;
        store::settle(tx, by, &self.settled).await
    }
}

/// The animals of a draft that are not among these.
fn fresh<'a>(draft: &Draft, known: impl Iterator<Item = &'a str>) -> Vec<AnimalDraft> {
    let known = known.map(text::fold).collect::<Vec<_>>();
    draft.animals.iter().filter(|animal| !known.contains(&text::fold(&animal.name))).cloned().collect()
}

/// Fills what is empty.
fn fill(own: &mut Draft, other: &Draft) {
    for (own, other) in [
        (&mut own.reference, &other.reference),
        (&mut own.email, &other.email),
        (&mut own.phone, &other.phone),
        (&mut own.address, &other.address),
        (&mut own.remarks, &other.remarks),
    ] {
        if own.is_empty() {
            own.clone_from(other);
        }
    }
    if own.birth_date.is_none() {
        own.birth_date.clone_from(&other.birth_date);
    }
}

/// Merges drafts into clients who are there: their animals are added, and what is empty is filled.
async fn merge_all(
    tx: &Tx,
    by: &ImportKeeper,
    mut there: HashMap<ClientId, ClientRow>,
    merges: Vec<(ClientId, Draft)>,
) -> Result<()> {
    let mut drafts = HashMap::<ClientId, Vec<Draft>>::new();
    for (client, draft) in merges {
        drafts.entry(client).or_default().push(draft);
    }
    if drafts.is_empty() {
        return Ok(());
    }
    let ids = drafts.keys().copied().collect::<Vec<_>>();
    let mut names = HashMap::<ClientId, Vec<String>>::new();
    for animal in clients::animals(tx, by, &ids).await? {
        if animal.archived_at.is_none() {
            names.entry(animal.client).or_default().push(animal.name);
        }
    }
    let (mut added, mut changed) = (Vec::new(), Vec::new());
    for (client, drafts) in drafts {
        let Some(mut row) = there.remove(&client) else { continue };
        let mut names = names.remove(&client).unwrap_or_default();
        for draft in &drafts {
            fill_row(&mut row, draft);
            let mut fresh = fresh(draft, names.iter().map(String::as_str));
            fresh.truncate(MOST_ANIMALS.saturating_sub(names.len()));
            names.extend(fresh.iter().map(|animal| animal.name.clone()));
            added.push((client, fresh));
        }
        changed.push((row, names));
    }
    clients::insert_animals(tx, by, added.iter().map(|(client, animals)| (*client, animals.as_slice())))
        .await?;
    match clients::fill_all(tx, by, &changed).await? {
        filled if filled == changed.len() as u64 => Ok(()),
        _ => Err(Error::stale()),
    }
}

fn fill_row(row: &mut ClientRow, draft: &Draft) {
    for (own, other) in [
        (&mut row.reference, &draft.reference),
        (&mut row.email, &draft.email),
        (&mut row.phone, &draft.phone),
        (&mut row.address, &draft.address),
        (&mut row.remarks, &draft.remarks),
    ] {
        if own.is_empty() {
            own.clone_from(other);
        }
    }
    if row.birth_date.is_none() {
        row.birth_date.clone_from(&draft.birth_date);
    }
}

async fn finish(tx: &Tx, by: &ImportKeeper) -> Result<()> {
    let id = by.object();
    store::set_state(tx, by, id, State::Done).await?;
    let found = actions::show(tx, by).await?;
    let detail = json!({ "added": found.count(Outcome::Added), "merged": found.count(Outcome::Merged),
                         "duplicate": found.count(Outcome::Duplicate), "likely": found.count(Outcome::Likely),
                         "broken": found.count(Outcome::Broken) });
    let event = Event::new(by.account(), by.user(), Action::ClientsImported, id).in_group(by.group());
    audit::record(tx, event.with(detail)).await
}
