//! A handout on paper: the practice's letterhead, the text, and the few words around them in the
//! handout's own language.

use crate::handouts::{Language, markdown};
use kernel::{
    clock::Time,
    error::{Error, Result},
};
use pdf::{Block, Document, Fonts, Paper};
use people::accounts::Letterhead;

/// A handout to be printed.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    pub(super) language: Language,
    pub(super) title: String,
    pub(super) body: String,
    /// When this version was written.
    pub(super) written_at: Time,
    /// The practice that shares it; none where the reader has several.
    pub(super) from: Option<Letterhead>,
}

/// The words around a handout, in its language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    /// The language that they are in.
    pub(super) language: Language,
    pub(super) page: &'static str,
    pub(super) of: &'static str,
    pub(super) print: &'static str,
    pub(super) pdf: &'static str,
    pub(super) note_from: &'static str,
    pub(super) good_until: &'static str,
    /// For a link that has expired or was revoked: the title, and what precedes and follows the practice's name.
    pub(super) ended: &'static str,
    pub(super) ask: (&'static str, &'static str),
    pub(super) advice: &'static str,
    /// In an email, before the address that its button leads to.
    pub(super) address: &'static str,
    /// At the end of a PDF that lacks characters.
    pub(super) missing: &'static str,
}

impl Language {
    /// The words around a handout. Languages whose words are not written yet borrow the English ones.
    pub(super) const fn words(self) -> Words {
        match self {
            Self::Spanish => Words {
                language: Self::Spanish,
                page: "Página",
                of: "de",
                print: "Imprimir",
                pdf: "Descargar PDF",
                note_from: "Nota de",
                good_until: "Este enlace funciona hasta el",
                ended: "Este enlace ya no funciona",
                ask: ("Pida a", "que le envíe la hoja de nuevo."),
                advice: "Esta hoja no sustituye a una consulta. Si la situación empeora, llámenos.",
                address: "Si el botón no funciona, abra esta dirección:",
                missing: "Algunos caracteres no se pueden imprimir en este servidor. Instale fuentes para ellos, por \
                          ejemplo Noto.",
            },
            _ => Words {
                language: Self::English,
                page: "Page",
                of: "of",
                print: "Print",
                pdf: "Download PDF",
                note_from: "A note from",
                good_until: "This link works until",
                ended: "This link no longer works",
                ask: ("Ask", "to send you the handout again."),
                advice: "This handout doesn’t replace an appointment. If things get worse, call us.",
                address: "If the button doesn’t work, open this address:",
                missing: "Some characters can’t be printed on this server. Install fonts for them, for example Noto.",
            },
        }
    }
}

impl Sheet {
    /// The model that the PDF is made of.
    pub(super) fn document(&self) -> Document {
        let words = self.language.words();
        let mut blocks = Vec::new();
        if let Some(from) = &self.from {
            blocks.push(Block::Letterhead(from.name.clone(), from.lines()));
        }
        blocks.push(Block::Title(self.title.clone()));
        blocks.extend(markdown::to_blocks(&self.body));
        blocks.push(Block::Rule);
        blocks.push(Block::Small(words.advice.into()));
        let name = self.from.as_ref().map(|from| from.name.clone()).unwrap_or_default();
        Document {
            title: self.title.clone(),
            language: self.language.word().to_owned(),
            dated: Some(self.written_at),
            paper: self.from.as_ref().map_or(Paper::A4, |from| Paper::of_zone(&from.time_zone)),
            blocks,
            footer: if name.is_empty() { self.title.clone() } else { format!("{name} · {}", self.title) },
            author: name,
            numbering: (words.page.to_owned(), words.of.to_owned()),
            missing: Some(words.missing.to_owned()),
        }
    }

    /// The bytes of the PDF. Another thread sets it: it takes milliseconds, which the small requests should not
    /// wait for.
    ///
    /// # Errors
    /// The writer fails.
    pub(super) async fn pdf(self, fonts: &Fonts) -> Result<Vec<u8>> {
        let fonts = fonts.clone();
        tokio::task::spawn_blocking(move || self.document().write(&fonts)).await.map_err(Error::internal)?
    }
}
