//! Which events of the audit trail are public, and what programs call them. What is not in this table stays in the
//! trail: signing in, reading, exports, drafts, refusals, the machinery of mails and prices.

use kernel::error::{Error, Result};
use platform::audit::Action;

macro_rules! types {
    ($($kind:literal $about:literal: $($action:ident)+;)*) => {
        /// Every public type, with what it means.
        pub const TYPES: &[(&str, &str)] = &[$(($kind, $about),)*];

        /// The public type of an event of the trail; none for what is not public.
        pub const fn of(action: Action) -> Option<&'static str> {
            match action {
                $($(Action::$action)|+ => Some($kind),)*
                _ => None,
            }
        }
    };
}

types! {
    "account.changed"           "Account settings were changed": AccountChanged;
    "account.closed"            "The account was closed": AccountClosed;
    "member.added"              "Someone became a member of the account": MemberAdded;
    "member.removed"            "A member left or was removed": MemberLeft MemberRemoved;
    "member.role_changed"       "A member’s role was changed": MemberRoleChanged;
    "ownership.transferred"     "The account has a new owner": OwnershipTransferred;
    "invitation.sent"           "Someone was invited": InvitationSent;
    "invitation.changed"        "Groups were added to an invitation": InvitationExtended;
    "invitation.resent"         "An invitation was sent again": InvitationResent;
    "invitation.canceled"       "An invitation was canceled": InvitationCanceled InvitationWithdrawn;
    "invitation.accepted"       "Someone joined the account by accepting an invitation": InvitationAccepted;
    "group.created"             "A group was created": GroupCreated;
    "group.changed"             "A group was renamed, changed, or archived": GroupChanged;
    "group.deleted"             "A group was deleted": GroupDeleted;
    "group.moved_in"            "A group came from another account": GroupMovedIn;
    "group.moved_out"           "A group went to another account": GroupMovedOut;
    "group_member.added"        "Someone was added to a group": GroupMemberAdded;
    "group_member.removed"      "Someone was removed from a group": GroupMemberRemoved;
    "group_member.role_changed" "Someone’s role in a group was changed": GroupMemberRoleChanged;
    "location.added"            "A location was added": LocationAdded;
    "location.changed"          "A location was changed or archived": LocationChanged;
    "protocol.added"            "A protocol was added": ProtocolAdded;
    "protocol.changed"          "A protocol was changed or archived": ProtocolChanged;
    "user_group.created"        "A user group was created": UserGroupCreated;
    "user_group.changed"        "A user group, its members or its privileges were changed":
        UserGroupChanged UserGroupJoined;
    "user_group.deleted"        "A user group was deleted": UserGroupDeleted;
    "case.created"              "A case was created": CaseCreated;
    "case.changed"              "A case was changed": CaseChanged;
    "case.closed"               "A case was closed": CaseClosed;
    "case.reopened"             "A case was reopened": CaseReopened;
    "case.note_added"           "A note was added to a case": CaseNoteAdded;
    "case.file_added"           "A file was attached to a case": CaseFileAdded;
    "case.file_removed"         "A file was removed from a case": CaseFileRemoved;
    "client.added"              "A client was added": ClientAdded;
    "client.changed"            "A client or one of its animals was changed":
        ClientChanged ClientAnimalAdded ClientAnimalChanged;
    "client.archived"           "A client was archived": ClientArchived;
    "client.restored"           "A client was restored": ClientRestored;
    "client.merged"             "A client was merged into another": ClientMerged;
    "clients.imported"          "A file of clients was imported": ClientsImported;
    "client_group.created"      "A client group was created": ClientGroupCreated;
    "client_group.changed"      "A client group or its clients were changed": ClientGroupChanged;
    "client_group.deleted"      "A client group was deleted": ClientGroupDeleted;
    "note.released"             "A note was released": NoteReleased;
    "note.addendum_added"       "An addendum was added to a released note": NoteAddendumAdded;
    "group_note.released"       "Notes of a group note were released": GroupNoteReleased;
    "handout.added"             "A handout was added": HandoutAdded HandoutCopied;
    "handout.changed"           "A handout was changed": HandoutChanged;
    "handout.archived"          "A handout was archived": HandoutArchived;
    "handout.restored"          "A handout was restored": HandoutRestored;
    "handout.shared"            "A handout was shared": HandoutShared;
    "request.sent"              "A request was sent": RequestSent;
    "request.claimed"           "A request was claimed or assigned": RequestClaimed RequestAssigned;
    "request.released"          "A request was released": RequestReleased;
    "request.forwarded"         "A request was forwarded to another user group": RequestForwarded;
    "request.asked"             "The sender of a request was asked a question": RequestAsked;
    "request.message_added"     "Someone wrote in a request": RequestMessageAdded;
    "request.completed"         "A request was completed": RequestCompleted;
    "request.undone"            "A step of a request was undone": RequestUndone;
    "request.declined"          "A request was declined": RequestDeclined;
    "request.canceled"          "A request was canceled": RequestCanceled;
    "request.reopened"          "A request was reopened": RequestReopened;
    "subscription.changed"      "Licenses or the plan were bought, or a change was planned":
        SubscriptionBought SubscriptionPlanned SubscriptionKept SubscriptionArranged;
    "subscription.renewed"      "The subscription was renewed": SubscriptionRenewed;
    "subscription.canceled"     "The subscription was canceled for its renewal": SubscriptionCanceled;
    "subscription.ended"        "The subscription ended": SubscriptionEnded;
    "invoice.issued"            "An invoice or a credit note was issued": InvoiceIssued;
    "payment.received"          "A payment was received": PaymentReceived PaymentRecorded;
    "payment.refused"           "A card was refused": PaymentRefused;
    "payment.refunded"          "A refund was recorded": RefundRecorded;
}

/// What is about money, for servers that sell nothing.
const SOLD: [&str; 3] = ["subscription", "invoice", "payment"];

/// The types that a server can tell of.
pub(crate) fn told(sells: bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    let sold = |kind: &str| kind.split('.').next().is_some_and(|noun| SOLD.contains(&noun));
    TYPES.iter().copied().filter(move |(kind, _)| sells || !sold(kind))
}

/// The type by its name.
pub(crate) fn known(name: &str) -> Option<&'static str> {
    TYPES.iter().map(|(kind, _)| *kind).find(|kind| *kind == name)
}

/// Types by their names, each once.
///
/// # Errors
/// One is none; `field` says where it was named.
pub(crate) fn read<'a>(
    field: &'static str,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<&'static str>> {
    let known = |name: &str| {
        known(name).ok_or_else(|| Error::field(field, format!("“{name}” is not an event type.")))
    };
    let mut found = names.into_iter().map(str::trim).map(known).collect::<Result<Vec<_>>>()?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// The keys of the trail that are these types; of all types, where none is named.
pub(crate) fn keys(kinds: &[&'static str]) -> impl Iterator<Item = &'static str> {
    let wanted = |kind: &&str| kinds.is_empty() || kinds.contains(kind);
    Action::ALL
        .iter()
        .filter(move |action| of(**action).as_ref().is_some_and(wanted))
        .map(|action| action.key())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_about_sign_in_or_reading_is_public_and_every_type_has_an_event() {
        for action in Action::ALL {
            let noun = action.key().split('.').next().unwrap();
            let private =
                ["session", "sign_in", "sign_up", "password", "address", "profile", "access", "operator"];
            let read = action.key().contains("_from_parent") || action.key().contains("exported");
            assert!(of(*action).is_none() || !(private.contains(&noun) || read), "{action:?}");
        }
        for (kind, about) in TYPES {
            assert!(keys(&[kind]).next().is_some() && !about.ends_with('.'), "{kind}");
            assert_eq!(TYPES.iter().filter(|(other, _)| other == kind).count(), 1, "{kind}");
        }
    }

    #[test]
    fn what_is_not_sold_is_not_told() {
        assert!(told(true).any(|(kind, _)| kind == "invoice.issued"));
        assert!(!told(false).any(|(kind, _)| kind.starts_with("invoice") || kind.starts_with("payment")));
    }
}
