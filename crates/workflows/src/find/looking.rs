//! From where someone searches, proved: for JSON and HTML.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::find::{
    Findings, Overseen, Target,
    actions::{self, Asked},
};
use access::{AccountMember, GroupReader, Proof, Reach, SignedIn};
use kernel::{
    error::{Error, Result},
    id::{AccountId, GroupId},
};
use storage::Tx;
use web::{
    May,
    page::{Frame, Here},
    parts::link,
};

/// What to search for, and where.
#[derive(Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindQuery {
    /// Words that are all in a name, begun or whole. Without any, what can be done there.
    pub(crate) q: Option<String>,
    /// In this account: all its groups for its owner and administrators, for others those that they are in.
    #[param(inline)]
    pub(crate) account: Option<AccountId>,
    /// In this group alone. Without either, in all groups that you are in.
    #[param(inline)]
    pub(crate) group: Option<GroupId>,
}

/// The address of a page.
pub(super) fn address(Target { path, query }: &Target) -> String {
    let query = query.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
    match path.split_once('#') {
        Some((path, part)) => format!("{}#{part}", link(path, &query)),
        None => link(path, &query),
    }
}

/// A proof that gives a search its borders.
trait Searcher: Proof {
    fn reach(&self, tx: &Tx) -> impl Future<Output = Result<Reach>> + Send;
    fn here(&self) -> Here;
    /// Where looks from the parent account are noted.
    fn overseen(&self) -> Option<Overseen>;
}

impl Searcher for SignedIn {
    async fn reach(&self, tx: &Tx) -> Result<Reach> {
        Reach::everywhere(tx, self).await
    }

    fn here(&self) -> Here {
        Here::All
    }

    fn overseen(&self) -> Option<Overseen> {
        None
    }
}

impl Searcher for AccountMember {
    async fn reach(&self, tx: &Tx) -> Result<Reach> {
        Reach::account(tx, self).await
    }

    fn here(&self) -> Here {
        Here::Account(self.account())
    }

    fn overseen(&self) -> Option<Overseen> {
        Some(Overseen { account: self.account(), group: None })
    }
}

impl Searcher for GroupReader {
    async fn reach(&self, tx: &Tx) -> Result<Reach> {
        Reach::group(tx, self).await
    }

    fn here(&self) -> Here {
        Here::Group(self.account(), self.group())
    }

    fn overseen(&self) -> Option<Overseen> {
        Some(Overseen { account: self.account(), group: Some(self.group()) })
    }
}

/// Proves the place that the query names and searches there; with the frame of a page, if one is wanted. What is shown
/// from the parent account is noted before it is shown.
pub(super) async fn look(
    may: &May<SignedIn>,
    query: &FindQuery,
    framed: bool,
) -> Result<(Option<Frame>, Findings)> {
    match (query.account, query.group) {
        (Some(_), Some(_)) => Err(Error::field("account", "Name an account or a group, not both.")),
        (Some(account), None) => {
            look_from(&may.within::<AccountMember>(&[("account", account.to_string())]), query, framed).await
        }
        (None, Some(group)) => {
            look_from(&may.within::<GroupReader>(&[("group", group.to_string())]), query, framed).await
        }
        (None, None) => look_from(may, query, framed).await,
    }
}

async fn look_from<P: Searcher>(
    may: &May<P>,
    query: &FindQuery,
    framed: bool,
) -> Result<(Option<Frame>, Findings)> {
    let app = may.app();
    let (text, languages) = (query.q.clone().unwrap_or_default(), may.request().languages.clone());
    let asked = Asked { text, languages, sells: app.config.sells() };
    let shell = framed.then(|| may.shell());
    let (frame, found) = may
        .read_heavy(async move |tx, by| {
            let reach = by.reach(tx).await?;
            let found = actions::find(tx, &reach, &asked).await?;
            let frame = match shell {
                Some(shell) => Some(shell.frame(tx, reach.user(), by.here()).await?),
                None => None,
            };
            Ok((frame, found))
        })
        .await?;
    note(may, &found).await?;
    Ok((frame, found))
}

async fn note<P: Searcher>(may: &May<P>, found: &Findings) -> Result<()> {
    let (cases, clients) = (found.cases_from_parent, found.clients_from_parent);
    if !(cases || clients) {
        return Ok(());
    }
    may.write(async move |tx, by| {
        if let (Some(place), Some(user)) = (by.overseen(), by.actor()) {
            actions::note(tx, user, place, cases, clients).await?;
        }
        Ok(())
    })
    .await
}
