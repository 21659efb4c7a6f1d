//! The email with a handout, from the practice and in the handout's language. Nothing in it tracks who reads it.

use crate::handouts::{Language, Species};
use kernel::id::AccountId;
use people::accounts::Letterhead;
use platform::jobs::{Letter, Voice};

pub(super) struct Sent<'a> {
    pub(super) account: AccountId,
    pub(super) from: &'a Letterhead,
    pub(super) sender: &'a str,
    pub(super) email: &'a str,
    pub(super) language: Language,
    pub(super) species: Option<Species>,
    pub(super) title: &'a str,
    pub(super) message: &'a str,
    pub(super) link: &'a str,
    /// Until when the link is good, as a date.
    pub(super) until: &'a str,
}

/// The practice's voice, in the handout's language.
pub(super) fn voice<'a>(sent: &Sent<'a>) -> Voice<'a> {
    let words = sent.language.words();
    Voice { language: words.language.word(), name: &sent.from.name, address: words.address }
}

pub(super) fn shared(sent: &Sent<'_>) -> Letter {
    let Sent { account, from, sender, email, language, species, title, message, link, until } = *sent;
    let practice = &from.name;
    let spanish = language == Language::Spanish;
    let opening = match (spanish, species) {
        (true, _) => format!("{sender}, de {practice}, le envía esta hoja informativa: “{title}”."),
        (false, None | Some(Species::Other)) => {
            format!("{sender} at {practice} shared a handout with you: “{title}”.")
        }
        (false, Some(species)) => {
            let animal = species.label().to_lowercase();
            format!("{sender} at {practice} shared a handout for your {animal}: “{title}”.")
        }
    };
    let mut paragraphs = vec![opening];
    if !message.is_empty() {
        paragraphs.push(message.to_owned());
    }
    let mut small = vec![if spanish {
        format!("El enlace funciona hasta el {until}. Puede imprimir la hoja o descargarla en PDF.")
    } else {
        format!("The link works until {until}. You can print the handout or download it as a PDF.")
    }];
    let contact = from.lines().join(", ");
    let separator = if contact.is_empty() { "" } else { ", " };
    small.push(if spanish {
        format!("No responda a este correo. Si tiene preguntas, llámenos: {practice}{separator}{contact}.")
    } else {
        format!("Please don’t reply to this email. If you have questions, call us: {practice}{separator}{contact}.")
    });
    Letter {
        account: Some(account),
        to: email.to_owned(),
        subject: format!("{practice}: {title}"),
        paragraphs,
        button: Some(((if spanish { "Leer la hoja" } else { "Read handout" }).to_owned(), link.to_owned())),
        small,
    }
}
