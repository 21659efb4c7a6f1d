//! What can happen: each kind of event with the key under which it is kept, and its words for people. An event
//! without words does not compile.

macro_rules! actions {
    ($($name:ident $key:literal $sentence:literal;)*) => {
        /// A kind of event, as `noun.verb` in the past.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Action {
            $(#[doc = concat!($sentence, ".")] $name,)*
        }

        impl Action {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The key that the trail keeps. It never changes.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            /// What was done, as a sentence without its subject: "Invited".
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }

            /// The kind that is kept under a key.
            pub fn read(key: &str) -> Option<Self> {
                match key { $($key => Some(Self::$name),)* _ => None }
            }
        }
    };
}

actions! {
    AccountOpened                "account.opened"                   "Opened the account";
    AccountChanged               "account.changed"                  "Changed the account’s settings";
    PracticeKindChanged          "account.practice_kind_changed"    "Changed the kind of practice";
    TrailBegun                   "trail.begun"                      "Started the audit trail";
    DetailsErased                "details.erased"                   "Erased personal details from events";
    AccountClosed                "account.closed"                   "Closed the account";
    AccountAdmitted              "account.admitted"                 "Confirmed that this is a practice";
    AuditExported                "audit.exported"                   "Exported the audit trail";
    ApiKeyCreated                "api_key.created"                  "Created an API key";
    ApiKeyRotated                "api_key.rotated"                  "Replaced the secret of an API key";
    ApiKeyRevoked                "api_key.revoked"                  "Revoked an API key";
    AccessLogExported            "access_log.exported"              "Exported an access log";
    ProtocolAdded                "protocol.added"                   "Added a protocol";
    ProtocolChanged              "protocol.changed"                 "Changed a protocol";
    MemberLeft                   "member.left"                      "Left the account";
    MemberRemoved                "member.removed"                   "Removed from the account";
    MemberResetSent              "member.reset_sent"                "Sent a password reset link";
    MemberAdded                  "member.added"                     "Added a member";
    MemberRoleChanged            "member.role_changed"              "Changed a role";
    OwnershipOffered             "ownership.offered"                "Offered ownership";
    OwnershipTransferred         "ownership.transferred"            "Accepted ownership";
    OwnershipDeclined            "ownership.declined"               "Declined ownership";
    OwnershipWithdrawn           "ownership.withdrawn"              "Withdrew the ownership offer";
    GroupCreated                 "group.created"                    "Created a group";
    GroupChanged                 "group.changed"                    "Changed a group";
    GroupDeleted                 "group.deleted"                    "Deleted a group";
    GroupMovedIn                 "group.moved_in"                   "Brought a group along";
    GroupMovedOut                "group.moved_out"                  "Moved a group to another account";
    GroupMemberAdded             "group_member.added"               "Added to a group";
    GroupMemberRemoved           "group_member.removed"             "Removed from a group";
    GroupMemberRoleChanged       "group_member.role_changed"        "Changed a role in a group";
    LocationAdded                "location.added"                   "Added a location";
    LocationChanged              "location.changed"                 "Changed a location";
    InvitationSent               "invitation.sent"                  "Invited";
    InvitationExtended           "invitation.extended"              "Added groups to an invitation";
    InvitationResent             "invitation.resent"                "Resent an invitation";
    InvitationHandedOut          "invitation.handed_out"            "Took an invitation’s link to pass on";
    InvitationCanceled           "invitation.canceled"              "Canceled an invitation";
    InvitationWithdrawn          "invitation.withdrawn"             "Withdrew an invitation, because its sender can no longer invite";
    InvitationAccepted           "invitation.accepted"              "Accepted an invitation";
    SignInFailed                 "sign_in.failed"                   "Failed to sign in";
    SignUpAsked                  "sign_up.asked"                    "Asked to sign up";
    PasswordResetAsked           "password.reset_asked"             "Asked for a password reset link";
    OperatorNamed                "operator.named"                   "Named an operator of the server";
    OperatorDismissed            "operator.dismissed"               "Removed an operator of the server";
    OperatorEntered              "operator.entered"                 "Opened the operator’s pages";
    SessionOpened                "session.opened"                   "Signed in";
    SessionEnded                 "session.ended"                    "Signed out";
    SessionOthersEnded           "session.others_ended"             "Signed out everywhere else";
    PasswordChanged              "password.changed"                 "Changed their password";
    FactorAdded                  "factor.added"                     "Set up a second factor";
    FactorRemoved                "factor.removed"                   "Removed a second factor";
    FactorsReset                 "factors.reset"                    "Reset a person’s second factors";
    FactorsRequired              "factors.required"                 "Changed who needs a second factor";
    RecoveryCodesMade            "recovery_codes.made"              "Made new recovery codes";
    RecoveryCodeUsed             "recovery_code.used"               "Used a recovery code";
    AddressChangeAsked           "address.change_asked"             "Asked to change their email address";
    AddressChanged               "address.changed"                  "Changed their email address";
    ProfileChanged               "profile.changed"                  "Changed their profile";
    AccessRefused                "access.refused"                   "Access denied";
    CaseCreated                  "case.created"                     "Created a case";
    CaseChanged                  "case.changed"                     "Changed a case";
    CaseClosed                   "case.closed"                      "Closed a case";
    CaseReopened                 "case.reopened"                    "Reopened a case";
    CaseNoteAdded                "case.note_added"                  "Added a note to a case";
    CaseFileAdded                "case.file_added"                  "Attached a file to a case";
    CaseFileRemoved              "case.file_removed"                "Removed a file from a case";
    CaseReadFromParent           "case.read_from_parent"            "Read a case from the parent account";
    CasesExported                "cases.exported"                   "Exported the cases of a group";
    CasesListedFromParent        "cases.listed_from_parent"         "Listed cases from the parent account";
    ClientAdded                  "client.added"                     "Added a client";
    ClientChanged                "client.changed"                   "Changed a client";
    ClientArchived               "client.archived"                  "Archived a client";
    ClientRestored               "client.restored"                  "Restored a client";
    ClientAnimalAdded            "client.animal_added"              "Added an animal to a client";
    ClientAnimalChanged          "client.animal_changed"            "Changed an animal of a client";
    ClientReadFromParent         "client.read_from_parent"          "Read a client’s record from the parent account";
    ClientMerged                 "client.merged"                    "Merged a client into another";
    ClientsListedFromParent      "clients.listed_from_parent"       "Listed clients from the parent account";
    ClientsExported              "clients.exported"                 "Exported the clients of a group";
    ClientsImportRead            "clients.import_read"              "Uploaded a file of clients";
    ClientsImportDiscarded       "clients.import_discarded"         "Discarded a file of clients";
    ClientsImported              "clients.imported"                 "Imported clients";
    ClientGroupCreated           "client_group.created"             "Created a client group";
    ClientGroupChanged           "client_group.changed"             "Changed a client group";
    ClientGroupDeleted           "client_group.deleted"             "Deleted a client group";
    ClientGroupReadFromParent    "client_group.read_from_parent"    "Read a client group from the parent account";
    ClientGroupsListedFromParent "client_groups.listed_from_parent" "Listed client groups from the parent account";
    NoteWritten                  "note.written"                     "Wrote a note";
    NoteChanged                  "note.changed"                     "Changed a note";
    NoteReleased                 "note.released"                    "Released a note";
    NoteAddendumAdded            "note.addendum_added"              "Added to a released note";
    NoteDeleted                  "note.deleted"                     "Deleted the draft of a note";
    NoteReadFromParent           "note.read_from_parent"            "Read a note from the parent account";
    NoteTypeAdded                "note_type.added"                  "Added a note type";
    NoteTypeChanged              "note_type.changed"                "Changed a note type";
    GroupNoteWritten             "group_note.written"               "Wrote a group note";
    GroupNoteChanged             "group_note.changed"               "Changed a group note";
    GroupNoteNotesCreated        "group_note.notes_created"         "Created the notes of a group note";
    GroupNoteReleased            "group_note.released"              "Released notes of a group note";
    GroupNoteDeleted             "group_note.deleted"               "Deleted a group note";
    GroupNoteReadFromParent      "group_note.read_from_parent"      "Read a group note from the parent account";
    HandoutAdded                 "handout.added"                    "Added a handout";
    HandoutCopied                "handout.copied"                   "Copied a handout";
    HandoutChanged               "handout.changed"                  "Changed a handout";
    HandoutArchived              "handout.archived"                 "Archived a handout";
    HandoutRestored              "handout.restored"                 "Restored a handout";
    HandoutShareRevoked          "handout.share_revoked"            "Revoked a link to a handout";
    HandoutShared                "handout.shared"                   "Shared a handout";
    UserGroupCreated             "user_group.created"               "Created a user group";
    UserGroupJoined              "user_group.joined"                "Joined the default user group";
    UserGroupDeleted             "user_group.deleted"               "Deleted a user group";
    UserGroupChanged             "user_group.changed"               "Changed a user group";
    RequestSent                  "request.sent"                     "Sent a request to";
    RequestClaimed               "request.claimed"                  "Claimed a request to";
    RequestReleased              "request.released"                 "Released a request to";
    RequestAssigned              "request.assigned"                 "Assigned a request to";
    RequestForwarded             "request.forwarded"                "Forwarded a request to";
    RequestAsked                 "request.asked"                    "Asked the sender of a request to";
    RequestCompleted             "request.completed"                "Completed a request to";
    RequestUndone                "request.undone"                   "Undid a step of a request to";
    RequestDeclined              "request.declined"                 "Declined a request to";
    RequestCanceled              "request.canceled"                 "Canceled a request to";
    RequestReopened              "request.reopened"                 "Reopened a request to";
    RequestMessageAdded          "request.message_added"            "Wrote in a request to";
    RequestFileAdded             "request.file_added"               "Attached a file to a request";
    WebhookAdded                 "webhook.added"                    "Added a webhook";
    WebhookChanged               "webhook.changed"                  "Changed a webhook";
    WebhookRemoved               "webhook.removed"                  "Removed a webhook";
    WebhookSecretRotated         "webhook.secret_rotated"           "Rotated the secret of a webhook";
    WebhookPaused                "webhook.paused"                   "Paused a webhook";
    WebhookResumed               "webhook.resumed"                  "Resumed a webhook";
    WebhookDisabled              "webhook.disabled"                 "Disabled a webhook";
    WebhookReplayed              "webhook.replayed"                 "Replayed events to a webhook";
    InvoiceIssued                "invoice.issued"                   "Issued an invoice";
    QuoteMade                    "quote.made"                       "Asked for the price of a change";
    SubscriptionRenewed          "subscription.renewed"             "Renewed the subscription";
    SubscriptionEnded            "subscription.ended"               "Ended the subscription";
    SubscriptionCanceled         "subscription.canceled"            "Canceled the subscription at period end";
    SubscriptionKept             "subscription.kept"                "Undid what was planned for the renewal";
    SubscriptionBought           "subscription.bought"              "Bought licenses";
    SubscriptionPlanned          "subscription.planned"             "Planned a change at the renewal";
    SubscriptionArranged         "subscription.arranged"            "Set a license limit";
    LicensesAsked                "licenses.asked"                   "Asked for more licenses than the limit";
    PaymentReceived              "payment.received"                 "Paid by card";
    PaymentRefused               "payment.refused"                  "Card payment failed";
    PaymentReported              "payment.reported"                 "Reported a payment";
    PaymentRejected              "payment.rejected"                 "Rejected a reported payment";
    PaymentRecorded              "payment.recorded"                 "Recorded a payment";
    RefundRecorded               "refund.recorded"                  "Recorded a refund";
    BillingChanged               "billing.changed"                  "Changed the billing details";
    BillingCardEntered           "billing.card_entered"             "Entered a card";
    IntroductionChanged          "introduction.changed"             "Changed the email that introduces the team";
    IntroductionSent             "introduction.sent"                "Introduced the team by email";
}
