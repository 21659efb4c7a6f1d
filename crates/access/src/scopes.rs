//! Scopes: what an API key may be used for. A route belongs to an area or to none; a key reaches a route only with
//! the area's scope for reading or for writing. What has no scope is for people alone.

use storage::word;

word! {
    /// What an API key may do.
    #[derive(PartialOrd, Ord)]
    pub enum Scope {
        /// Read cases and their files.
        CasesRead = "cases.read",
        /// Create and change cases and their files.
        CasesWrite = "cases.write",
        /// Read clients and client groups.
        ClientsRead = "clients.read",
        /// Add and change clients and client groups.
        ClientsWrite = "clients.write",
        /// Read charts, notes and group notes.
        NotesRead = "notes.read",
        /// Write notes. People release them.
        NotesWrite = "notes.write",
        /// Read handouts.
        HandoutsRead = "handouts.read",
        /// Read members, invitations and user groups.
        MembersRead = "members.read",
        /// Invite, change and remove members, and change user groups.
        MembersWrite = "members.write",
        /// Read groups and locations.
        GroupsRead = "groups.read",
        /// Create and change groups and locations.
        GroupsWrite = "groups.write",
        /// Read the account's settings.
        AccountRead = "account.read",
        /// Read licenses, the subscription and invoices.
        BillingRead = "billing.read",
        /// Read the audit trail and the access log.
        AuditRead = "audit.read",
        /// Read the event feed.
        EventsRead = "events.read",
    }
}

impl Scope {
    /// The words that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::CasesRead => "Read cases and their files",
            Self::CasesWrite => "Create and change cases and their files",
            Self::ClientsRead => "Read clients and client groups",
            Self::ClientsWrite => "Add and change clients and client groups",
            Self::NotesRead => "Read charts and notes",
            Self::NotesWrite => "Write notes; only people can release them",
            Self::HandoutsRead => "Read handouts",
            Self::MembersRead => "Read members, invitations and user groups",
            Self::MembersWrite => "Invite, change and remove members, and change user groups",
            Self::GroupsRead => "Read groups and locations",
            Self::GroupsWrite => "Create and change groups and locations",
            Self::AccountRead => "Read the account’s settings",
            Self::BillingRead => "Read licenses, the subscription and invoices",
            Self::AuditRead => "Read the audit trail and the access log",
            Self::EventsRead => "Read the event feed",
        }
    }

    /// Scopes out of one text, as they are stored.
    pub fn list(text: &str) -> Vec<Self> {
        text.split(' ').filter_map(Self::read).collect()
    }
}

/// What a route is about, as far as API keys may call it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Area {
    /// Cases and their files.
    Cases,
    /// Clients and client groups.
    Clients,
    /// Charts, notes, group notes.
    Notes,
    /// Handouts.
    Handouts,
    /// Members, invitations, user groups.
    Members,
    /// Groups and locations.
    Groups,
    /// The account itself.
    Account,
    /// Licenses, the subscription, invoices.
    Billing,
    /// The audit trail and the access log.
    Audit,
    /// The event feed.
    Events,
}

impl Area {
    /// The scope that reading or writing asks for. What has none is for people alone: keys pay nothing, share nothing
    /// with pet owners and change no settings.
    pub const fn scope(self, reads: bool) -> Option<Scope> {
        Some(match (self, reads) {
            (Self::Cases, true) => Scope::CasesRead,
            (Self::Cases, false) => Scope::CasesWrite,
            (Self::Clients, true) => Scope::ClientsRead,
            (Self::Clients, false) => Scope::ClientsWrite,
            (Self::Notes, true) => Scope::NotesRead,
            (Self::Notes, false) => Scope::NotesWrite,
            (Self::Members, true) => Scope::MembersRead,
            (Self::Members, false) => Scope::MembersWrite,
            (Self::Groups, true) => Scope::GroupsRead,
            (Self::Groups, false) => Scope::GroupsWrite,
            (Self::Handouts, true) => Scope::HandoutsRead,
            (Self::Account, true) => Scope::AccountRead,
            (Self::Billing, true) => Scope::BillingRead,
            (Self::Audit, true) => Scope::AuditRead,
            (Self::Events, true) => Scope::EventsRead,
            (Self::Handouts | Self::Account | Self::Billing | Self::Audit | Self::Events, false) => {
                return None;
            }
        })
    }
}
