//! Creating notes: one per client who was there. What becomes of each is decided by a pure function over its
//! present state; then three statements write it all.

use std::collections::HashSet;

use serde_json::json;

use crate::notes::{
    Attendance, fill,
    group::{
        actions::{self, Whole},
        store::{self, GroupNoteRow, Made, Standing},
    },
};
use access::GroupNoteEditor;
use kernel::{
    error::{Error, Fault, FieldError, Result},
    id::{ClientId, NoteId},
    text::PROSE_LIMIT,
};
use platform::audit::{self, Action, Event};
use storage::{ExpectedVersion, Tx, hex, word};

word! {
    /// What became of a client's note.
    #[derive(PartialOrd, Ord)]
    pub enum Outcome as NoteCreationOutcome {
        /// It was made.
        Created = "created",
        /// It was there, and was renewed.
        Updated = "updated",
        /// It was there as it would be now.
        Unchanged = "unchanged",
        /// It has a text of its own, which stays; facts and attendance were renewed.
        KeptPersonalized = "kept_personalized",
        /// Its client is absent now, but it has a text of its own: it stays until someone deletes it.
        KeptAbsent = "kept_absent",
        /// It was released, so it was not touched.
        KeptReleased = "kept_released",
        /// Its client is absent now: the draft was taken away.
        Withdrawn = "withdrawn",
        /// Its client was archived since: skipped.
        Archived = "archived",
    }
}

/// What became of one client's note.
#[derive(Clone, Debug)]
pub struct Became {
    /// Whose note it is.
    pub client: ClientId,
    /// One line, up to 200 characters.
    pub name: String,
    /// The note, where there is one now.
    pub note: Option<NoteId>,
    /// Its outcome.
    pub outcome: Outcome,
}

/// A text that a note gets.
struct Text {
    attendance: Attendance,
    comment: String,
    body: String,
    personalized: bool,
}

/// What is to be done about one client.
enum Step {
    Nothing(Outcome),
    Make(Text),
    Renew(Outcome, Text),
    Withdraw,
    Skip,
}

/// Decides about one client. `heirs` are those into whom someone of the attendance was merged.
fn decide(row: &GroupNoteRow, at: &Standing, overwrite: &[ClientId], heirs: &HashSet<ClientId>) -> Step {
    let personalized = at.personalized == Some(true) && !overwrite.contains(&at.client);
    let attending = at.attendance.filter(|attendance| attendance.attends());
    if at.released {
        return Step::Nothing(Outcome::KeptReleased);
    }
    if at.archived {
        let concerned = attending.is_some() || at.note.is_some();
        return if concerned { Step::Nothing(Outcome::Archived) } else { Step::Skip };
    }
    let comment = at.comment.clone().unwrap_or_default();
    let Some(attendance) = attending else {
        return match at.note {
            None => Step::Skip,
            Some(_) if heirs.contains(&at.client) => Step::Nothing(Outcome::Unchanged),
            Some(_) if personalized => Step::Nothing(Outcome::KeptAbsent),
            Some(_) => Step::Withdraw,
        };
    };
    let body = match (&at.note_body, personalized) {
        (Some(own), true) => own.clone(),
        _ => fill(&row.body, &at.name, attendance, &comment),
    };
    let same = at.same_facts == Some(true)
        && at.note_attendance == Some(attendance)
        && at.note_comment.as_deref() == Some(comment.as_str())
        && at.note_body.as_deref() == Some(body.as_str())
        && at.personalized == Some(personalized);
    let text = Text { attendance, comment, body, personalized };
    match (at.note, personalized, same) {
        (None, ..) => Step::Make(text),
        (Some(_), true, true) => Step::Nothing(Outcome::KeptPersonalized),
        (Some(_), true, false) => Step::Renew(Outcome::KeptPersonalized, text),
        (Some(_), false, true) => Step::Nothing(Outcome::Unchanged),
        (Some(_), false, false) => Step::Renew(Outcome::Updated, text),
    }
}

/// All that is to be written.
#[derive(Default)]
struct Plan {
    results: Vec<Became>,
    made: Vec<Made>,
    renewed: Vec<Made>,
    withdrawn: Vec<String>,
    too_long: Vec<FieldError>,
}

impl Plan {
    fn take(&mut self, tx: &Tx, at: &Standing, step: Step) {
        let result = |note, outcome| Became { client: at.client, name: at.name.clone(), note, outcome };
        match step {
            Step::Skip => {}
            Step::Nothing(outcome) => self.results.push(result(at.note, outcome)),
            Step::Withdraw => {
                self.withdrawn.extend(at.note.map(hex));
                self.results.push(result(None, Outcome::Withdrawn));
            }
            Step::Make(text) => {
                let id: NoteId = tx.id();
                let made = self.written(id, at, text);
                self.made.push(made);
                self.results.push(result(Some(id), Outcome::Created));
            }
            Step::Renew(outcome, text) => {
                if let Some(id) = at.note {
                    let renewed = self.written(id, at, text);
                    self.renewed.push(renewed);
                }
                self.results.push(result(at.note, outcome));
            }
        }
    }

    fn written(&mut self, id: NoteId, at: &Standing, text: Text) -> Made {
        if text.body.chars().count() > PROSE_LIMIT {
            self.too_long.push(FieldError::new(
                "body",
                Fault::new("too_long", format!(
                    "With names and comments filled in, the note for {} is longer than {PROSE_LIMIT} characters.",
                    at.name
                )),
            ));
        }
        let Text { attendance, comment, body, personalized } = text;
        let (n, c) = (hex(id), hex(at.client));
        Made { n, c, a: attendance, m: comment, b: body, i: personalized }
    }
}

/// What creating notes did.
#[derive(Debug)]
pub struct Created {
    /// What became of each client's note, by name.
    pub results: Vec<Became>,
    /// The group note as it is now.
    pub whole: Whole,
}

impl Created {
    /// How many notes had this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.results.iter().filter(|result| result.outcome == outcome).count()
    }
}

/// Makes the notes of a group note, or renews them. `overwrite` names clients whose own texts give way to the
/// shared one.
///
/// # Errors
/// Someone changed the group note first; someone is named who has no part in it; a text would be too long.
pub async fn create_notes(
    tx: &Tx,
    by: &GroupNoteEditor,
    overwrite: &[ClientId],
    seen: ExpectedVersion,
) -> Result<Created> {
    let row = store::show(tx, by, by.object()).await?;
    seen.check(row.version)?;
    // First of all: of two who create notes at once, the second waits here, and then finds the version of the first.
    if !store::set_notes_created(tx, by, &row).await? {
        return Err(Error::stale());
    }
    let standings = store::standings(tx, by, row.id).await?;
    if let Some(at) = overwrite.iter().position(|id| standings.iter().all(|one| one.client != *id)) {
        let why = "This client isn’t in the group note.";
        return Err(Error::field(format!("overwrite_personalized[{at}]"), why));
    }
    let there = standings.iter().filter(|at| at.attendance.is_some_and(Attendance::attends));
    let heirs = there.filter_map(|at| at.merged_into).collect::<HashSet<_>>();
    let mut plan = Plan::default();
    for at in &standings {
        plan.take(tx, at, decide(&row, at, overwrite, &heirs));
    }
    if !plan.too_long.is_empty() {
        return Err(Error::invalid(plan.too_long));
    }
    write(tx, by, &row, &plan).await?;
    let created = Created { results: plan.results, whole: actions::whole(tx, by, row.id).await? };
    let event =
        Event::new(by.account(), by.user(), Action::GroupNoteNotesCreated, row.id).in_group(by.group());
    let [made, updated, withdrawn] =
        [Outcome::Created, Outcome::Updated, Outcome::Withdrawn].map(|outcome| created.count(outcome));
    let detail =
        json!({ "made": made, "updated": updated, "withdrawn": withdrawn, "overwritten": overwrite });
    audit::record(tx, event.with(detail)).await?;
    Ok(created)
}

async fn write(tx: &Tx, by: &GroupNoteEditor, row: &GroupNoteRow, plan: &Plan) -> Result<()> {
    let mut written = 0;
    if !plan.made.is_empty() {
        written += store::make_notes(tx, by, row, &plan.made).await?;
    }
    if !plan.renewed.is_empty() {
        written += store::renew_notes(tx, by, row, &plan.renewed).await?;
    }
    if !plan.withdrawn.is_empty() {
        written += store::withdraw_notes(tx, by, row.id, &plan.withdrawn).await?;
    }
    let planned = plan.made.len() + plan.renewed.len() + plan.withdrawn.len();
    if written == planned as u64 { Ok(()) } else { Err(Error::stale()) }
}
