//! The letter to a pet owner. It comes from the practice and carries nothing that tells who read it.

use crate::handouts::{Language, Species};
use kernel::id::AccountId;
use people::accounts::Letterhead;
use platform::jobs::Letter;

pub(super) struct Sent<'a> {
    pub(super) account: AccountId,
    pub(super) from: &'a Letterhead,
    pub(super) sender: &'a str,
    pub(super) email: &'a str,
    pub(super) language: Language,
    pub(super) species: Species,
    pub(super) title: &'a str,
    pub(super) message: &'a str,
    pub(super) link: &'a str,
    /// Until when the link is good, as a date.
    pub(super) until: &'a str,
}

pub(super) fn shared(sent: &Sent<'_>) -> Letter {
    let Sent { account, from, sender, email, language, species, title, message, link, until } = *sent;
    let practice = &from.name;
    let spanish = language == Language::Spanish;
    let opening = match (spanish, species) {
        (true, _) => format!("{sender} de {practice} le envía esta hoja informativa: “{title}”."),
        (false, Species::Other) => format!("{sender} at {practice} sends you this handout: “{title}”."),
        (false, species) => {
            let animal = species.label().to_lowercase();
            format!("{sender} at {practice} sends you this handout for your {animal}: “{title}”.")
        }
    };
    let mut paragraphs = vec![opening];
    if !message.is_empty() {
        paragraphs.push(message.to_owned());
    }
    let mut small = vec![if spanish {
        format!(
            "El enlace funciona hasta el {until}; desde la página puede imprimir la hoja o guardarla como PDF."
        )
    } else {
        format!("The link works until {until}. From its page you can print the handout or keep it as a PDF.")
    }];
    let contact = from.lines().join(", ");
    let separator = if contact.is_empty() { "" } else { ", " };
    small.push(if spanish {
        format!("No responda a este correo. Si tiene preguntas, llame a la clínica: {practice}{separator}{contact}.")
    } else {
        format!("Please don't answer this mail. With any question, call the practice: {practice}{separator}{contact}.")
    });
    Letter {
        account: Some(account),
        to: email.to_owned(),
        subject: format!("{practice}: {title}"),
        paragraphs,
        button: Some((
            (if spanish { "Leer la hoja" } else { "Read the handout" }).to_owned(),
            link.to_owned(),
        )),
        small,
    }
}
