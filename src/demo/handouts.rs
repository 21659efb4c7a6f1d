//! What people do with handouts: two of the practice's own, favorites, and what was shared with pet owners.

use access::{HandoutAuthor, HandoutReader, SignedIn};
use care::handouts::{
    Filter, Language, Species, Topic,
    actions::{self, Draft, Recipient},
};
use kernel::{
    clock::{DAY, HOUR},
    error::{Error, Result},
    id::HandoutId,
};
use storage::Tx;

use super::seeder::{Practice, Seeder, Session};

const OWN: [(&str, &str, Species, Topic, &str); 2] = [
    (
        "Before and after your visit to our clinic",
        "What to bring, where to park, and whom to call in the evening.",
        Species::Other,
        Topic::Prevention,
        "Please bring your animal’s records, a list of its medicines, and a favorite treat.\n\n\
         ## Where to find us\n\n12 Mill Lane, the green door. Park in the yard; there is a ramp on the left.\n\n\
         ## Outside our hours\n\n\
         | When | Call |\n|---|---|\n| Monday to Friday until 10:00 PM | the practice, by the usual number |\n\
         | nights and weekends | the emergency clinic in Waterloo |\n\n\
         **If you are worried, call. We’re always glad to hear from you.**",
    ),
    (
        "Weaning heifer calves at Alder Creek",
        "Our step-down plan for calves of eight weeks and older.",
        Species::Other,
        Topic::Nutrition,
        "1. Week 7: half the milk in the evening.\n2. Week 8: no milk in the evening.\n3. Week 9: half in the morning.\n\
         4. Week 10: starter and hay alone, if each calf eats **1.5 kg of starter** for three days running.\n\n\
         Weigh the starter that is left. Call us if a calf stops eating or coughs.",
    ),
];

/// Who shared what with whom: the person, words that find the handout, the address, and a note.
const GIVEN: [(usize, &str, &str, &str); 6] = [
    (
        13,
        "pill cat",
        "mara.jensen@example.org",
        "Pippa may have hers in a little tuna. Call us if she spits it out.",
    ),
    (13, "surgery", "the.hollands@example.org", "Biscuit did very well today."),
    (1, "colic", "stable@brookfield.example", ""),
    (13, "rabbit feeding", "", ""),
    (13, "ticks", "j.alvarez@example.org", ""),
    (
        5,
        "laminitis",
        "ines.kowalski@example.org",
        "For Aria: no grass until we have seen her again on Thursday.",
    ),
];

impl Seeder {
    /// What people did with handouts in the last weeks.
    pub(super) async fn use_handouts(&self, practice: &Practice) -> Result<()> {
        let path = [("account", practice.account.to_string())];
        for (title, summary, species, topic, body) in OWN {
            let draft = Draft {
                title: title.to_owned(),
                summary: summary.to_owned(),
                body: body.to_owned(),
                species: Some(species),
                topic: Some(topic),
                language: Some(Language::English),
            };
            let add = async move |tx: &Tx, by: &HandoutAuthor| actions::add(tx, by, &draft).await;
            self.act::<HandoutAuthor, _, _>(&practice.owner, &path, add).await?;
            self.clock.advance(HOUR);
        }
        for (who, words, email, message) in GIVEN {
            let Some((_, session)) = practice.people.iter().find(|(i, _)| *i == who) else { continue };
            self.clock.advance(5 * HOUR);
            self.share(practice, session, words, email, message).await?;
        }
        Ok(())
    }

    async fn share(
        &self,
        practice: &Practice,
        who: &Session,
        words: &str,
        email: &str,
        message: &str,
    ) -> Result<()> {
        let filter = Filter { search: Some(words.to_owned()), ..Filter::default() };
        let find = async move |tx: &Tx, by: &SignedIn| actions::list(tx, by.user(), &filter, 1).await;
        let found = self.act::<SignedIn, _, _>(who, &[], find).await?;
        let handout: HandoutId =
            found.first().map(|row| row.id).ok_or_else(|| Error::internal("the demo looks for a handout"))?;
        let path = [("account", practice.account.to_string()), ("handout", handout.to_string())];
        let (site, account) = (self.app.site.clone(), practice.account);
        let recipient = Recipient {
            account: Some(account),
            email: (!email.is_empty()).then(|| email.to_owned()),
            message: message.to_owned(),
            days: None,
        };
        let give = async move |tx: &Tx, by: &HandoutReader| {
            actions::set_favorite(tx, by, true).await?;
            actions::share(tx, by, &site, &recipient).await.map(drop)
        };
        self.act::<HandoutReader, _, _>(who, &path, give).await?;
        self.clock.advance(DAY / 24);
        Ok(())
    }
}
