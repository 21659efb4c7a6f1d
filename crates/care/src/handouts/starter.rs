//! The handouts that come with Covey, written as Markdown files beside this one: their text travels in
//! the binary and is seeded into the database when a server opens it.
//!
//! A file begins with its front matter between two lines of dashes: title, kind, species, topic, language, summary.
//! The kind is that of the practices whose library has it, `any` for all of them; without one, it is for veterinary
//! practices. Those alone name a species.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::handouts::{
    HandoutRow, Language, Species, Topic,
    store::{self, Content, New, StarterRow},
};
use kernel::{
    error::{Error, Kind, Result},
    id::{AccountId, HandoutId},
    practice::PracticeKind,
};
use storage::{Db, Tx};

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("starter/", $name, ".md"))),)*]
    };
}

/// Every file of the folder; a test compares.
const FILES: &[(&str, &str)] = files! {
    "cat-carrier-visits"
    "cat-diabetes"
    "cat-giving-tablets"
    "cat-giving-tablets.es"
    "cat-kidney-disease"
    "cat-litter-and-scratching"
    "cat-new-at-home"
    "cat-overactive-thyroid"
    "cat-poisons"
    "cat-poisons.es"
    "cat-urinary-blockage"
    "cat-urinary-blockage.es"
    "cat-weight-loss"
    "crisis-help"
    "crisis-help.es"
    "depression-small-steps"
    "depression-small-steps.es"
    "dog-after-surgery"
    "dog-after-surgery.es"
    "dog-dental-care"
    "dog-dental-care.es"
    "dog-heart-disease"
    "dog-heatstroke"
    "dog-heatstroke.es"
    "dog-home-alone"
    "dog-itchy-skin"
    "dog-osteoarthritis"
    "dog-poisonous-foods"
    "dog-poisonous-foods.es"
    "dog-puppy-first-weeks"
    "dog-puppy-first-weeks.es"
    "dog-saying-goodbye"
    "dog-ticks-and-fleas"
    "dog-ticks-and-fleas.es"
    "grounding-skills"
    "grounding-skills.es"
    "horse-colic"
    "horse-colic.es"
    "horse-feeding-older"
    "horse-laminitis"
    "horse-newborn-foal"
    "horse-teeth"
    "horse-vaccination"
    "horse-worm-control"
    "horse-wound-care"
    "panic-attacks"
    "panic-attacks.es"
    "rabbit-feeding"
    "rabbit-feeding.es"
    "rabbit-flystrike"
    "rabbit-gut-stasis"
    "rabbit-gut-stasis.es"
    "rabbit-home-and-handling"
    "rabbit-neutering-and-company"
    "rabbit-teeth"
    "rabbit-vaccination"
    "sleeping-better"
    "sleeping-better.es"
    "starting-antidepressant"
    "starting-antidepressant.es"
};

/// The kind of practice that a file is for, if not for all, with its front matter and text; or what is wrong with it.
fn read(file: &str) -> Result<(Option<PracticeKind>, Content), String> {
    let rest = file.strip_prefix("---\n").ok_or("it does not begin with ---")?;
    let (head, body) = rest.split_once("\n---\n").ok_or("the particulars have no end")?;
    let field = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.map(str::trim).filter(|text| !text.is_empty()).ok_or(format!("{name} is missing"))
    };
    let word = |name: &str| field(name).map(str::to_owned);
    let kind = match field("kind") {
        Err(_) => Some(PracticeKind::Veterinary),
        Ok("any") => None,
        Ok(kind) => Some(PracticeKind::read(kind).ok_or("the kind is not known")?),
    };
    let content = Content {
        title: word("title")?,
        summary: word("summary")?,
        species: match kind {
            Some(PracticeKind::Veterinary) => {
                Some(Species::read(field("species")?).ok_or("the species is not known")?)
            }
            _ => None,
        },
        topic: Topic::read(field("topic")?).ok_or("the topic is not known")?,
        language: Language::read(field("language")?).ok_or("the language is not known")?,
        body: body.trim().to_owned(),
    };
    Ok((kind, content))
}

/// The id of a starter handout: made of its name, so that it is the same on every server.
fn id(name: &str) -> HandoutId {
    let hash: [u8; 32] = Sha256::digest(format!("covey starter handout {name}")).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    HandoutId::from_uuid(Uuid::from_bytes(bytes))
}

/// Brings the starter set in the database to what this version of Covey has: adds what is new, adds a
/// version of what reads differently, and takes out what is no longer there. Says how many it touched.
pub async fn seed(db: &Db) -> Result<usize> {
    // Where several servers open one database at once, one plants and the others find it done.
    let mut tries = 3;
    loop {
        let seeded = plant_once(db).await;
        tries -= 1;
        match seeded {
            Err(error) if tries > 0 && matches!(error.kind(), Kind::Conflict | Kind::Unavailable) => {}
            seeded => return seeded,
        }
    }
}

async fn plant_once(db: &Db) -> Result<usize> {
    let kept = db.read(async |tx| store::starters(tx).await).await?;
    if differences(&kept)?.is_empty() {
        return Ok(0);
    }
    db.write(async |tx| {
        let kept = store::starters(tx).await?;
        let differences = differences(&kept)?;
        for difference in &differences {
            settle(tx, difference).await?;
        }
        Ok(differences.len())
    })
    .await
}

/// What is to be done about one handout.
enum Difference<'a> {
    Add(&'static str, Option<PracticeKind>, Content),
    Change(&'a StarterRow, Option<PracticeKind>, Content),
    Retire(&'a StarterRow),
}

fn differences(kept: &[StarterRow]) -> Result<Vec<Difference<'_>>> {
    let mut found = Vec::new();
    for (name, file) in FILES {
        let (kind, content) = read(file).map_err(|why| Error::internal(format!("{name}: {why}")))?;
        match kept.iter().find(|row| row.starter == *name) {
            None => found.push(Difference::Add(name, kind, content)),
            Some(row)
                if row.content() != content || row.practice_kind != kind || row.archived_at.is_some() =>
            {
                found.push(Difference::Change(row, kind, content));
            }
            Some(_) => {}
        }
    }
    let gone = kept.iter().filter(|row| FILES.iter().all(|(name, _)| row.starter != *name));
    found.extend(gone.filter(|row| row.archived_at.is_none()).map(Difference::Retire));
    Ok(found)
}

async fn settle(tx: &Tx, difference: &Difference<'_>) -> Result<()> {
    let owner = AccountId::nil();
    match difference {
        Difference::Add(name, practice_kind, content) => {
            let new = New {
                owner,
                id: id(name),
                starter: Some(name),
                practice_kind: *practice_kind,
                copied_from: None,
                author: None,
                content,
            };
            store::insert(tx, &new).await.map(drop)
        }
        Difference::Change(row, kind, content) => {
            let was = row.content();
            let says =
                |content: &Content| (content.title.clone(), content.summary.clone(), content.body.clone());
            let number = if says(&was) == says(content) { row.number } else { row.number + 1 };
            if number > row.number {
                store::insert_version(tx, owner, row.id, number, None, content).await?;
            }
            store::set_practice_kind(tx, row.id, *kind).await?;
            changed(store::update(tx, &row.with(content, number, false, tx)).await?)
        }
        Difference::Retire(row) => {
            changed(store::update(tx, &row.with(&row.content(), row.number, true, tx)).await?)
        }
    }
}

fn changed(done: bool) -> Result<()> {
    if done { Ok(()) } else { Err(Error::stale()) }
}

impl StarterRow {
    fn content(&self) -> Content {
        Content {
            species: self.species,
            topic: self.topic,
            language: self.language,
            title: self.title.clone(),
            summary: self.summary.clone(),
            body: self.body.clone(),
        }
    }

    /// The row as it will be.
    fn with(&self, content: &Content, number: i64, archived: bool, tx: &Tx) -> HandoutRow {
        HandoutRow {
            id: self.id,
            owner: AccountId::nil(),
            species: content.species,
            topic: content.topic,
            language: content.language,
            title: content.title.clone(),
            summary: content.summary.clone(),
            number,
            created_at: self.created_at,
            updated_at: tx.now(),
            archived_at: archived.then_some(tx.now()),
            version: self.version,
            favorite: false,
            tier: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;
    use crate::handouts::markdown;
    use kernel::text;
    use platform::prose;

    #[test]
    fn every_file_of_the_folder_is_in_the_list() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/handouts/starter");
        let there =
            fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let listed = FILES.iter().map(|(name, _)| format!("{name}.md"));
        assert_eq!(listed.collect::<BTreeSet<_>>(), there.collect::<BTreeSet<_>>());
    }

    #[test]
    fn every_file_can_be_read_shown_and_printed() {
        let mut titles = BTreeSet::new();
        for (name, file) in FILES {
            let (_, content) = read(file).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert!(titles.insert(content.title.clone()), "{name} has a title that another has");
            assert_eq!(text::line(&content.title).unwrap(), content.title, "{name}");
            assert_eq!(text::line(&content.summary).unwrap(), content.summary, "{name}");
            assert_eq!(text::prose(&content.body).unwrap(), content.body, "{name}");
            assert!(content.body.len() > 800 && !prose::to_html(&content.body).contains("&lt;"), "{name}");
            assert!(markdown::to_blocks(&content.body).len() > 3, "{name}");
        }
    }

    #[test]
    fn the_set_covers_what_a_practice_needs() {
        let all = FILES.iter().map(|(_, file)| read(file).unwrap()).collect::<Vec<_>>();
        assert!(all.len() >= 24);
        for species in [Species::Dog, Species::Cat, Species::Horse, Species::Rabbit] {
            assert!(all.iter().filter(|(_, each)| each.species == Some(species)).count() >= 4, "{species}");
        }
        for kind in [Some(PracticeKind::Veterinary), Some(PracticeKind::BehavioralHealth), None] {
            for language in [Language::English, Language::Spanish] {
                assert!(all.iter().any(|(of, each)| *of == kind && each.language == language), "{kind:?}");
            }
        }
    }

    #[test]
    fn what_is_not_for_veterinary_practices_speaks_of_no_animals_and_says_whom_to_call() {
        for (name, file) in FILES {
            let (kind, content) = read(file).unwrap();
            assert!(
                PracticeKind::ALL.iter().any(|known| Topic::of(*known).contains(&content.topic)),
                "{name}"
            );
            if kind == Some(PracticeKind::Veterinary) {
                assert!(Topic::of(PracticeKind::Veterinary).contains(&content.topic), "{name}");
                continue;
            }
            let text = content.body.to_lowercase();
            for word in ["veterinar", "your pet", "su mascota", "your animal"] {
                assert!(!text.contains(word), "{name}: {word}");
            }
            assert!(text.contains("988") && text.contains("911"), "{name} does not say whom to call");
        }
    }

    #[test]
    fn a_file_with_a_mistake_says_which() {
        assert!(read("no").unwrap_err().contains("begin"));
        assert!(read("---\ntitle: x\n---\nText").unwrap_err().contains("summary"));
    }
}
