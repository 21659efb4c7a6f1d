//! The one table of proofs: what a route may ask of its caller, under which name that is kept, how it is said
//! to people, and who is the least that gets it.

use platform::access_log::Record;

/// Who gets a proof at the least. Each is a kind of caller that the role matrix knows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Least {
    /// Anyone at all.
    Anyone,
    /// Someone of the account's support staff.
    SupportStaff,
    /// A member, of the group where there is one.
    Member,
    /// An administrator of the group.
    GroupAdministrator,
    /// An administrator of the account.
    Administrator,
    /// The account's owner.
    Owner,
    /// An operator of the server, who is in no account by that.
    Operator,
}

macro_rules! table {
    ($($name:ident $key:literal $least:ident $requires:literal;)*) => {
        /// What a route asks of its caller. Written in the route tables, proved by the proof of that name.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Access {
            $(#[doc = concat!("Requires: ", $requires, ".")] $name,)*
        }

        impl Access {
            /// Every one, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name under which refusals are kept in the audit trail. It never changes, whatever the type
            /// is called.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            /// Whom the route requires, to be read after "Requires: ".
            pub const fn requires(self) -> &'static str {
                match self { $(Self::$name => $requires,)* }
            }

            /// Who gets it at the least.
            pub const fn least(self) -> Least {
                match self { $(Self::$name => Least::$least,)* }
            }
        }
    };
}

table! {
    Public             "public"              Anyone             "nothing; anyone can call it";
    SignedIn           "signed_in"           SupportStaff       "someone who is signed in";
    AnyWorker          "any_worker"          Member             "someone who is signed in, other than support staff";
    OperatorNamed      "operator_named"      Operator           "operator of the server, as its command line names them";
    Operator           "operator"            Operator           "operator of the server who entered their password again within 15 minutes";
    AccountMember      "account_member"      SupportStaff       "member of the account, in any role";
    AccountWorker      "account_worker"      Member             "member of the account, other than support staff";
    AccountAdmin       "account_admin"       Administrator      "owner or administrator of the account";
    AccountOwner       "account_owner"       Owner              "owner of the account";
    GroupMaker         "group_maker"         Administrator      "owner or administrator of the account; where its settings allow it, also an administrator of one of its groups";
    TransferParty      "transfer_party"      Administrator      "the owner who offers ownership, or the person they offer it to";
    ProtocolAdmin      "protocol_admin"      Administrator      "owner or administrator of the protocol's account";
    NoteTypeAdmin      "note_type_admin"     Administrator      "owner or administrator of the note type's account";
    InvoiceAdmin       "invoice_admin"       Administrator      "owner or administrator of the invoice's account";
    ApiKeyAdmin        "api_key_admin"      Administrator      "owner or administrator of the API key's account";
    UserGroupAdmin     "user_group_admin"    Administrator      "owner or administrator of the user group's account";
    InvitationManager  "invitation_manager"  GroupAdministrator "manager of the account, or administrator of every group that is offered";
    GroupReader        "group_reader"        Member             "member of the group; owner or administrator of its account";
    GroupMember        "group_member"        Member             "member of the group";
    GroupAdmin         "group_admin"         GroupAdministrator "administrator of the group, or owner or administrator of its account";
    GroupSteward       "group_steward"       Administrator      "owner or administrator of the group's account";
    LocationAdmin      "location_admin"      GroupAdministrator "administrator of the location's group, or owner or administrator of its account";
    CaseReader         "case_reader"         Member             "member of the case's group; owner or administrator of its account";
    CaseEditor         "case_editor"         Member             "member of the case's group";
    CaseExporter       "case_exporter"       GroupAdministrator "reader of the group's cases who may export them";
    CaseOverseer       "case_overseer"       GroupAdministrator "administrator of the case's group, or owner or administrator of its account";
    FileReader         "file_reader"         Member             "reader of the file's case";
    FileEditor         "file_editor"         Member             "member of the group of the file's case";
    ClientReader       "client_reader"       Member             "member of the client's group; owner or administrator of its account";
    ClientEditor       "client_editor"       Member             "member of the client's group";
    ClientKeeper       "client_keeper"       GroupAdministrator "member of the group who may manage its clients";
    ClientCurator      "client_curator"      GroupAdministrator "member of the client's group who may manage its clients";
    ClientOverseer     "client_overseer"     GroupAdministrator "administrator of the client's group, or owner or administrator of its account";
    ImportKeeper       "import_keeper"       GroupAdministrator "member of the import's group who may manage its clients";
    ClientGroupReader  "client_group_reader" Member             "member of the client group's group; owner or administrator of its account";
    ClientGroupEditor  "client_group_editor" Member             "member of the client group's group";
    NoteReader         "note_reader"         Member             "reader of the note's client";
    NoteEditor         "note_editor"         Member             "member of the group of the note's client";
    NoteReleaser       "note_releaser"       Member             "author of the note, or administrator of its group";
    GroupNoteReader    "group_note_reader"   Member             "reader of the group note's client group";
    GroupNoteEditor    "group_note_editor"   Member             "member of the group note's group";
    GroupNoteReleaser  "group_note_releaser" Member             "author of the group note, or administrator of its group";
    HandoutReader      "handout_reader"      SupportStaff       "member, in any role, of an account that has the handout";
    HandoutEditor      "handout_editor"      Administrator      "manager of handouts in the handout's account";
    HandoutAuthor      "handout_author"      Administrator      "manager of handouts in the account";
    RequestSender      "request_sender"      Member             "member of the account who may send requests";
    RequestReader      "request_reader"      Member             "the request's sender, or a member of the user group that it is addressed to";
    RequestReceiver    "request_receiver"    GroupAdministrator "member of the user group that the request is addressed to";
    RequestAuthor      "request_author"      Member             "the request's sender";
}

impl Access {
    /// The record that the proof's owner opens: noted in the access log, whatever the route does with it.
    pub const fn opens(self) -> Option<Record> {
        Some(match self {
            Self::CaseReader | Self::CaseEditor => Record::Case,
            Self::FileReader | Self::FileEditor => Record::File,
            Self::ClientReader | Self::ClientEditor | Self::ClientCurator => Record::Client,
            Self::ClientGroupReader | Self::ClientGroupEditor => Record::ClientGroup,
            Self::GroupNoteReader | Self::GroupNoteEditor | Self::GroupNoteReleaser => Record::GroupNote,
            Self::NoteReader | Self::NoteEditor | Self::NoteReleaser => Record::Note,
            Self::RequestReader | Self::RequestReceiver | Self::RequestAuthor => Record::Request,
            _ => return None,
        })
    }
}
