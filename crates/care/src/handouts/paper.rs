//! A handout on paper: the practice's letterhead, the text, and the few words around them in the
//! handout's own language.

use crate::handouts::{Language, markdown};
use kernel::{
    clock::Time,
    error::{Error, Result},
};
use pdf::{Block, Document, Paper};
use people::accounts::Letterhead;

/// A handout to be printed.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    pub(super) language: Language,
    pub(super) title: String,
    pub(super) body: String,
    /// When this version was written.
    pub(super) written_at: Time,
    /// Who gives it; nobody where that can't be told.
    pub(super) from: Option<Letterhead>,
}

/// What stands around a handout, in its language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    pub(super) page: &'static str,
    pub(super) of: &'static str,
    pub(super) print: &'static str,
    pub(super) pdf: &'static str,
    pub(super) note_from: &'static str,
    pub(super) good_until: &'static str,
    pub(super) advice: &'static str,
}

impl Language {
    /// The words around a handout. Languages whose words are not written yet borrow the English ones.
    pub(super) const fn words(self) -> Words {
        match self {
            Self::Spanish => Words {
                page: "Página",
                of: "de",
                print: "Imprimir",
                pdf: "Descargar PDF",
                note_from: "Nota de",
                good_until: "Este enlace funciona hasta el",
                advice: "Esta hoja no sustituye a una consulta. Si su animal empeora, llámenos.",
            },
            _ => Words {
                page: "Page",
                of: "of",
                print: "Print",
                pdf: "Download PDF",
                note_from: "A note from",
                good_until: "This link works until",
                advice: "This sheet does not replace an examination. If your animal gets worse, call us.",
            },
        }
    }
}

impl Sheet {
    /// The document.
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
        }
    }

    /// The bytes of the PDF. Another thread sets it: it takes milliseconds, which the small requests should not
    /// wait for.
    ///
    /// # Errors
    /// The writer fails.
    pub(super) async fn pdf(self) -> Result<Vec<u8>> {
        tokio::task::spawn_blocking(move || self.document().write()).await.map_err(Error::internal)?
    }
}
