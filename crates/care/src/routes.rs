//! The routes of this wing: one table a topic, each with the JSON API first and the pages beneath.
//!
//! [`web::routes`] explains what a row may say. A handler whose first parameter is not a `May` of that very
//! proof does not compile.

use web::{Route, routes};

/// Every route of this wing.
pub fn routes() -> Vec<Route> {
    [cases, handouts, client_groups, clients, notes, access_log]
        .into_iter()
        .flat_map(|topic| topic())
        .collect()
}

/// Cases with their notes and files.
#[rustfmt::skip]
fn cases() -> Vec<Route> {
    use crate::cases::{api as cases, pages};

    routes! {
        tag "Cases", keys Cases;

        GET    "/api/v1/groups/{group}/cases"        GroupReader  cases::index,            listGroupCases, "List a group's cases";
        POST   "/api/v1/groups/{group}/cases"        GroupMember  cases::create,           createCase,     "Create a case",
               example r#"{"protocol":"{protocol}","location":"{location}","name":"Juno"}"#;
        POST   "/api/v1/groups/{group}/cases/bulk-close" GroupMember cases::close_many,      closeCases,     "Close many cases",
               example r#"{"items":[{"case":"{case}"}]}"#;
        GET    "/api/v1/cases"                       AnyWorker    cases::index_of_all,     listCases,      "List the cases of all groups";
        GET    "/api/v1/cases/{case}"                CaseReader   cases::show,             getCase,        "Show a case";
        PATCH  "/api/v1/cases/{case}"                CaseEditor   cases::change,           updateCase,     "Change, close or reopen a case",
               example r#"{"status":"closed"}"#;
        GET    "/api/v1/cases/{case}/notes"          CaseReader   cases::notes,            listCaseNotes,  "List a case's notes";
        POST   "/api/v1/cases/{case}/notes"          CaseEditor   cases::add_note,         createCaseNote, "Add a note", nowhere,
               example r#"{"body":"Seen."}"#;
        GET    "/api/v1/cases/{case}/files"          CaseReader   cases::files,            listCaseFiles,  "List a case's files";
        POST   "/api/v1/cases/{case}/files"          CaseEditor   cases::add_file,         attachCaseFile, "Attach a file", body File;
        GET    "/api/v1/cases/{case}/access"         CaseReader   cases::access,           listCaseAccess, "Who can see a case, and why";
        GET    "/api/v1/files/{file}"                FileReader   cases::open_file,        getCaseFile,    "Open a file";
        DELETE "/api/v1/files/{file}"                FileEditor   cases::remove_file,      removeCaseFile, "Remove a file from its case";

        GET    "/g/{group}/cases"                    GroupReader  pages::index,            "A group's cases";
        GET    "/g/{group}/cases/new"                GroupMember  pages::new,              "The form of a new case";
        POST   "/g/{group}/cases"                    GroupMember  pages::create,           "Create a case",
               example "protocol={protocol}&location={location}&name=";
        GET    "/g/{group}/cases/{case}"             CaseReader   pages::show,             "A case, its notes and files, and who can see it";
        GET    "/g/{group}/cases/{case}/edit"        CaseEditor   pages::edit,             "The form of a case";
        POST   "/g/{group}/cases/{case}/edit"        CaseEditor   pages::change,           "Change a case",
               example "protocol={protocol}&location={location}&name=Juno";
        POST   "/g/{group}/cases/{case}/status"      CaseEditor   pages::set_status,       "Close or reopen a case",
               example "status=closed";
        POST   "/g/{group}/cases/{case}/notes"       CaseEditor   pages::add_note,         "Add a note",
               example "body=Seen.";
        POST   "/g/{group}/cases/{case}/files"       CaseEditor   pages::add_file,         "Attach a file", body File;
        GET    "/g/{group}/case-files/{file}"        FileReader   cases::open_file,        "Open a file";
        POST   "/g/{group}/case-files/{file}/remove" FileEditor   pages::remove_file,      "Remove a file from its case",
               example "confirm=yes";
        GET    "/all/cases"                          AnyWorker    pages::index_of_mine,    "The cases of all groups of the reader";
        GET    "/a/{account}/cases"                  AccountAdmin pages::index_of_account, "The cases of all groups of an account";
    }
}

/// Handouts: the library, and what was sent.
#[rustfmt::skip]
fn handouts() -> Vec<Route> {
    use crate::handouts::{api as handouts, pages};

    routes! {
        tag "Handouts", keys Handouts;

        GET    "/api/v1/handouts"                                  SignedIn      handouts::index,         listHandouts,          "Search handouts", person;
        POST   "/api/v1/accounts/{account}/handouts"               HandoutAuthor handouts::create,        createHandout,         "Add a handout, or copy one",
               example r#"{"title":"Weaning","summary":"What to do at home.","species":"dog","topic":"aftercare","language":"en","body":"Keep the wound **dry**."}"#;
        GET    "/api/v1/handouts/{handout}"                        HandoutReader handouts::show,          getHandout,            "Show a handout", printed;
        PATCH  "/api/v1/handouts/{handout}"                        HandoutEditor handouts::change,        updateHandout,         "Change, archive or restore a handout",
               example r#"{"title":"After any surgery"}"#;
        GET    "/api/v1/handouts/{handout}/versions"               HandoutReader handouts::versions,      listHandoutVersions,   "List a handout's versions";
        PUT    "/api/v1/handouts/{handout}/favorite"               HandoutReader handouts::add_favorite,  addHandoutFavorite,    "Add a handout to favorites";
        DELETE "/api/v1/handouts/{handout}/favorite"               HandoutReader handouts::drop_favorite, removeHandoutFavorite, "Remove a handout from favorites";
        PUT    "/api/v1/handouts/{handout}/note"                   HandoutReader handouts::set_note,      setHandoutNote,        "Save a private note on a handout",
               example r#"{"body":"Mine."}"#;
        POST   "/api/v1/handouts/{handout}/shares"                 HandoutReader handouts::share,         shareHandout,          "Email a handout, or create a link to it",
               example r#"{"email":"pet@owner.test","message":"Rest well."}"#;
        GET    "/api/v1/accounts/{account}/handout-shares"         AccountMember handouts::shares,        listHandoutShares,     "List what was sent";
        DELETE "/api/v1/accounts/{account}/handout-shares/{share}" AccountMember handouts::revoke,        revokeHandoutShare,    "Revoke a share";

        GET    "/a/{account}/handouts"                             AccountMember pages::index,            "The library of handouts";
        GET    "/a/{account}/handouts/new"                         HandoutAuthor pages::new,              "The form of a new handout";
        POST   "/a/{account}/handouts"                             HandoutAuthor pages::create,           "Add a handout",
               example "title=Weaning&species=horse&topic=husbandry&language=en&body=Slowly.&version=1";
        GET    "/a/{account}/handouts/sent"                        AccountMember pages::sent,             "What was sent";
        POST   "/a/{account}/handouts/sent/{share}/revoke"         AccountMember pages::revoke,           "Revoke a share",
               example "confirm=yes";
        GET    "/a/{account}/handouts/{handout}"                   HandoutReader pages::show,             "A handout, with the form that shares it", printed;
        GET    "/a/{account}/handouts/{handout}/print"             HandoutReader pages::print,            "A handout on paper";
        GET    "/a/{account}/handouts/{handout}/versions"          HandoutReader pages::versions,         "A handout's versions";
        POST   "/a/{account}/handouts/{handout}/favorite"          HandoutReader pages::set_favorite,     "Add a handout to favorites, or remove it",
               example "favorite=yes";
        POST   "/a/{account}/handouts/{handout}/note"              HandoutReader pages::set_note,         "Save a private note on a handout",
               example "body=Mine.";
        POST   "/a/{account}/handouts/{handout}/share"             HandoutReader pages::share,            "Email a handout, or create a link to it",
               example "do=email&email=pet%40owner.test";
        POST   "/a/{account}/handouts/{handout}/copy"              HandoutAuthor pages::copy,             "Copy a handout into the account",
               example "confirm=yes";
        GET    "/a/{account}/handouts/{handout}/edit"              HandoutEditor pages::edit,             "The form of a handout";
        POST   "/a/{account}/handouts/{handout}/edit"              HandoutEditor pages::change,           "Change a handout",
               example "title=Weaning&species=horse&topic=husbandry&language=en&body=Slowly.&version=1";
        POST   "/a/{account}/handouts/{handout}/archive"           HandoutEditor pages::archive,          "Archive or restore a handout",
               example "confirm=yes";
        GET    "/h/{token}"                                        Anyone        pages::open,             "A handout that was shared", printed;
    }
}

/// Client groups.
#[rustfmt::skip]
fn client_groups() -> Vec<Route> {
    use crate::client_groups::{api as client_groups, pages};

    routes! {
        tag "Client groups", keys Clients;

        GET    "/api/v1/groups/{group}/client-groups"           GroupReader       client_groups::index,  listClientGroups,  "List a group's client groups";
        POST   "/api/v1/groups/{group}/client-groups"           GroupMember       client_groups::create, createClientGroup, "Create a client group",
               example r#"{"name":"Friday circle","clients":["{client}"]}"#;
        GET    "/api/v1/client-groups/{client_group}"           ClientGroupReader client_groups::show,   getClientGroup,    "Show a client group with every client in it";
        PUT    "/api/v1/client-groups/{client_group}"           ClientGroupEditor client_groups::save,   saveClientGroup,   "Save a client group whole",
               example r#"{"name":"Tuesday circle","description":"","active":true,"default":true,"clients":["{client}"]}"#;
        DELETE "/api/v1/client-groups/{client_group}"           ClientGroupEditor client_groups::delete, deleteClientGroup, "Delete a client group";

        GET    "/g/{group}/client-groups"                       GroupReader       pages::index,          "Choose a client group, or make one";
        POST   "/g/{group}/client-groups"                       GroupMember       pages::create,         "Create a client group",
               example "name=Friday+circle&active=yes";
        GET    "/g/{group}/client-groups/{client_group}"        ClientGroupReader pages::show,           "A client group and its clients";
        POST   "/g/{group}/client-groups/{client_group}"        ClientGroupEditor pages::save,           "Save a client group",
               example "name=Tuesday+circle&was_name=Tuesday+circle&version=1&active=yes";
        POST   "/g/{group}/client-groups/{client_group}/delete" ClientGroupEditor pages::delete,         "Delete a client group",
               example "version=1&confirm=yes";
    }
}

/// Clients, their cases and their import.
#[rustfmt::skip]
fn clients() -> Vec<Route> {
    use crate::{
        cases::{api as cases, pages as case_pages},
        clients::{
            api as clients, import::{api as imports, pages as import}, merge::{api as merges, pages as merge}, pages,
        },
        overview::pages as overview,
    };

    routes! {
        tag "Clients", keys Clients;

        GET    "/api/v1/groups/{group}/clients"                       GroupReader   clients::index,          listClients,           "A group's clients, by name";
        POST   "/api/v1/groups/{group}/clients"                       GroupMember   clients::create,         createClient,          "Add a client",
               example r#"{"kind":"owner","name":"Ada Lund","animals":[{"name":"Rex"}]}"#;
        GET    "/api/v1/groups/{group}/clients/duplicates"            ClientKeeper  clients::duplicates,     listDuplicateClients,  "Likely duplicates among a group's clients";
        GET    "/api/v1/groups/{group}/clients.csv"                   ClientKeeper  clients::export,         exportClients,         "A group's clients as CSV, as an import reads them", fresh;
        GET    "/api/v1/groups/{group}/clients.jsonl"                 ClientKeeper  clients::export_lines,   exportClientsAsJsonLines, "A group's clients as JSON lines", fresh;
        POST   "/api/v1/groups/{group}/clients/bulk"                  GroupMember   clients::create_many,    createClients,         "Add many clients",
               example r#"{"items":[{"kind":"owner","name":"Ada Lund","animals":[{"name":"Rex"}]},{"kind":"owner","name":"Ben Ito"}]}"#;
        GET    "/api/v1/clients/{client}"                             ClientReader  clients::show,           getClient,             "A client";
        PATCH  "/api/v1/clients/{client}"                             ClientEditor  clients::change,         updateClient,          "Change a client",
               example r#"{"phone":"+49 30 1"}"#;
        DELETE "/api/v1/clients/{client}"                             ClientCurator clients::archive,        archiveClient,         "Archive a client";
        POST   "/api/v1/clients/{client}/animals"                     ClientEditor  clients::add_animal,     createAnimal,          "Add an animal to a client",
               example r#"{"name":"Mia","species":"Cat"}"#;
        PATCH  "/api/v1/clients/{client}/animals/{animal}"            ClientEditor  clients::change_animal,  updateAnimal,          "Change an animal of a client",
               example r#"{"breed":"Collie"}"#;
        DELETE "/api/v1/clients/{client}/animals/{animal}"            ClientEditor  clients::archive_animal, archiveAnimal,         "Archive an animal of a client";
        POST   "/api/v1/clients/{client}/merge"                       ClientCurator merges::merge,           mergeClient,           "Merge a client into another",
               example r#"{"into":"{other_client}"}"#;
        GET    "/api/v1/clients/{client}/cases"                       ClientReader  cases::of_client,        listClientCases,       "A client's cases";
        GET    "/api/v1/clients/{client}/access"                      ClientReader  clients::access,         listClientAccess,      "Who can see a client, and why";

        POST   "/api/v1/groups/{group}/client-imports"                ClientKeeper  imports::create,         createClientImport,    "Read in a file of clients, as CSV or XLSX", body Import;
        GET    "/api/v1/client-imports/{import}"                      ImportKeeper  imports::show,           getClientImport,       "An import, and how far it is";
        DELETE "/api/v1/client-imports/{import}"                      ImportKeeper  imports::discard,        discardClientImport,   "Discard an import";
        GET    "/api/v1/client-imports/{import}/lines"                ImportKeeper  imports::lines,          listClientImportLines, "An import's lines, with what becomes of each";
        PUT    "/api/v1/client-imports/{import}/mapping"              ImportKeeper  imports::map,            mapClientImport,       "Change what an import's columns become",
               example r#"{"columns":["name"],"date_order":"month_first"}"#;
        POST   "/api/v1/client-imports/{import}/decisions"            ImportKeeper  imports::decide,         decideClientImport,    "Decide whether lines that may be duplicates are added, merged or skipped",
               example r#"{"action":"skip","outcome":"likely"}"#;
        POST   "/api/v1/client-imports/{import}/run"                  ImportKeeper  imports::run,            runClientImport,       "Add an import's clients";

        GET    "/api/v1/groups/{group}/cases.csv"                     CaseExporter  cases::export,           exportCases,           "A group's cases as CSV", fresh;
        GET    "/api/v1/groups/{group}/cases.jsonl"                   CaseExporter  cases::export_lines,     exportCasesAsJsonLines, "A group's cases as JSON lines", fresh;

        GET    "/g/{group}/clients"                                   GroupReader   pages::index,            "A group's clients";
        GET    "/g/{group}/clients/new"                               GroupMember   pages::new,              "The form of a new client";
        POST   "/g/{group}/clients"                                   GroupMember   pages::create,           "Add a client",
               example "kind=owner&name=Ada+Lund&animal_name=Rex";
        GET    "/g/{group}/clients.csv"                               ClientKeeper  clients::export,         "A group's clients as CSV", fresh;
        GET    "/g/{group}/cases.csv"                                 CaseExporter  cases::export,           "A group's cases as CSV", fresh;
        GET    "/g/{group}/clients/duplicates"                        ClientKeeper  pages::duplicates,       "Likely duplicates among a group's clients";
        GET    "/g/{group}/clients/import"                            ClientKeeper  import::choose,          "The form of an import of clients";
        POST   "/g/{group}/clients/import"                            ClientKeeper  import::upload,          "Read in a file of clients", body Import;
        GET    "/g/{group}/clients/imports/{import}"                  ImportKeeper  import::show,            "An import, line by line";
        GET    "/g/{group}/clients/imports/{import}/columns"          ImportKeeper  import::columns::show,   "What an import's columns become";
        POST   "/g/{group}/clients/imports/{import}/columns"          ImportKeeper  import::columns::save,   "Change what an import's columns become",
               example "column=name&date_order=";
        POST   "/g/{group}/clients/imports/{import}/decide"           ImportKeeper  import::decide,          "Decide whether lines that may be duplicates are added, merged or skipped",
               example "action=skip&outcome=likely";
        POST   "/g/{group}/clients/imports/{import}/run"              ImportKeeper  import::run,             "Add an import's clients",
               example "confirm=yes";
        POST   "/g/{group}/clients/imports/{import}/discard"          ImportKeeper  import::discard,         "Discard an import",
               example "confirm=yes";
        GET    "/g/{group}/clients/imports/{import}/not-added.csv"    ImportKeeper  import::left_over,       "An import's lines that were not added";
        GET    "/g/{group}/clients/{client}"                          ClientReader  overview::show,          "A client, their animals and cases, and who can see them";
        GET    "/g/{group}/clients/{client}/cases"                    ClientReader  case_pages::of_client,   "A client's cases";
        GET    "/g/{group}/clients/{client}/edit"                     ClientEditor  pages::edit,             "The form of a client";
        POST   "/g/{group}/clients/{client}/edit"                     ClientEditor  pages::change,           "Change a client",
               example "kind=owner&name=Clara+V.&version=2";
        POST   "/g/{group}/clients/{client}/archive"                  ClientCurator pages::archive,          "Archive or restore a client",
               example "archived=true&confirm=yes";
        POST   "/g/{group}/clients/{client}/animals"                  ClientEditor  overview::add_animal,    "Add an animal to a client",
               example "name=Mia";
        GET    "/g/{group}/clients/{client}/animals/{animal}"         ClientEditor  pages::edit_animal,      "The form of an animal";
        POST   "/g/{group}/clients/{client}/animals/{animal}"         ClientEditor  pages::change_animal,    "Change an animal of a client",
               example "name=Mia";
        POST   "/g/{group}/clients/{client}/animals/{animal}/archive" ClientEditor  pages::archive_animal,   "Archive or restore an animal of a client",
               example "archived=true&confirm=yes";
        GET    "/g/{group}/clients/{client}/merge"                    ClientCurator merge::choose,           "Two clients side by side, before they are merged";
        POST   "/g/{group}/clients/{client}/merge"                    ClientCurator merge::merge,            "Merge a client into another",
               example "into={other_client}";
    }
}

/// Charts and group notes.
#[rustfmt::skip]
fn notes() -> Vec<Route> {
    use crate::notes::{
        api as notes, group::{api as group_notes, pages as group_note_pages}, pages as note_pages,
        types::{api as note_types, pages as note_type_pages},
    };

    routes! {
        tag "Notes", keys Notes;

        GET    "/api/v1/accounts/{account}/note-types"             AccountWorker     note_types::index,         listNoteTypes,    "List an account's note types";
        POST   "/api/v1/accounts/{account}/note-types"             AccountAdmin      note_types::create,        createNoteType,   "Add a note type",
               example r#"{"name":"Home visit"}"#;
        PATCH  "/api/v1/note-types/{note_type}"                    NoteTypeAdmin     note_types::change,        updateNoteType,   "Rename, rewrite, archive or restore a note type",
               example r#"{"body":"Who was there:"}"#;

        GET    "/api/v1/clients/{client}/notes"                    ClientReader      notes::index,              listClientNotes,  "A client's chart", chart;
        POST   "/api/v1/clients/{client}/notes"                    ClientEditor      notes::write,              createNote,       "Write a note into a client's chart", chart,
               example r#"{"service_date":"2026-03-02","body":"Seen."}"#;
        GET    "/api/v1/notes/{note}"                              NoteReader        notes::show,               getNote,          "Show a note";
        PATCH  "/api/v1/notes/{note}"                              NoteEditor        notes::change,             updateNote,       "Change a draft",
               example r#"{"body":"Seen twice."}"#;
        DELETE "/api/v1/notes/{note}"                              NoteEditor        notes::delete,             deleteNote,       "Delete a draft";
        POST   "/api/v1/notes/{note}/release"                      NoteReleaser      notes::release,            releaseNote,      "Release a note. It can't be edited afterwards", person,
               example "{}";
        POST   "/api/v1/notes/{note}/addenda"                      NoteEditor        notes::add,                addAddendum,      "Add to a released note",
               example r#"{"body":"Rang later."}"#;

        GET    "/api/v1/client-groups/{client_group}/notes"        ClientGroupReader group_notes::index,        listGroupNotes,   "List the group notes of a client group";
        POST   "/api/v1/client-groups/{client_group}/notes"        ClientGroupEditor group_notes::write,        createGroupNote,  "Write a group note",
               example r#"{"service_date":"2026-03-02","body":"Seen."}"#;
        GET    "/api/v1/group-notes/{group_note}"                  GroupNoteReader   group_notes::show,         getGroupNote,     "Show a group note, its attendance and its notes";
        PATCH  "/api/v1/group-notes/{group_note}"                  GroupNoteEditor   group_notes::change,       updateGroupNote,  "Change a group note or its attendance",
               example r#"{"body":"Seen twice."}"#;
        DELETE "/api/v1/group-notes/{group_note}"                  GroupNoteEditor   group_notes::delete,       deleteGroupNote,  "Delete a group note with its drafts";
        POST   "/api/v1/group-notes/{group_note}/create-notes"     GroupNoteEditor   group_notes::create_notes, createNotes,      "Create or update a note for each client who attended",
               example "{}";
        POST   "/api/v1/group-notes/{group_note}/release"          GroupNoteReleaser group_notes::release,      releaseGroupNote, "Release notes of a group note", person,
               example "{}";

        GET    "/a/{account}/note-types"                           AccountAdmin      note_type_pages::index,    "An account's note types";
        POST   "/a/{account}/note-types"                           AccountAdmin      note_type_pages::add,      "Add a note type",
               example "name=Home+visit&body=Who+was+there:";
        POST   "/a/{account}/note-types/{note_type}"               NoteTypeAdmin     note_type_pages::change,   "Rename, rewrite, archive or restore a note type",
               example "name=House+call&body=";
        GET    "/g/{group}/clients/{client}/chart"                 ClientReader      note_pages::chart,         "A client's chart", chart;
        GET    "/g/{group}/clients/{client}/notes/new"             ClientEditor      note_pages::new,           "The form of a new note", chart;
        POST   "/g/{group}/clients/{client}/notes"                 ClientEditor      note_pages::create,        "Write a note into a client's chart", chart,
               example "service_date=2026-03-02&body=Seen.";
        GET    "/g/{group}/notes/{note}"                           NoteReader        note_pages::show,          "A note";
        POST   "/g/{group}/notes/{note}"                           NoteEditor        note_pages::change,        "Change a draft",
               example "body=Seen+twice.&version=1";
        POST   "/g/{group}/notes/{note}/shared"                    NoteEditor        note_pages::to_shared,     "Replace a draft's text with its group note's",
               example "confirm=yes";
        POST   "/g/{group}/notes/{note}/release"                   NoteReleaser      note_pages::release,       "Release a note",
               example "confirm=yes";
        POST   "/g/{group}/notes/{note}/addenda"                   NoteEditor        note_pages::add,           "Add to a released note",
               example "addendum=Rang+later.";
        POST   "/g/{group}/notes/{note}/delete"                    NoteEditor        note_pages::delete,        "Delete a draft",
               example "confirm=yes";
        GET    "/g/{group}/client-groups/{client_group}/notes"     ClientGroupReader group_note_pages::index,   "The group notes of a client group";
        GET    "/g/{group}/client-groups/{client_group}/notes/new" ClientGroupEditor group_note_pages::new,     "The form of a new group note";
        POST   "/g/{group}/client-groups/{client_group}/notes"     ClientGroupEditor group_note_pages::create,  "Write a group note",
               example "service_date=2026-03-02";
        GET    "/g/{group}/group-notes/{group_note}"               GroupNoteReader   group_note_pages::show,    "A group note, its attendance and its notes";
        POST   "/g/{group}/group-notes/{group_note}"               GroupNoteEditor   group_note_pages::change,  "Save a group note, and create its notes if asked to",
               example "service_date=2026-03-02&body=Seen.&do=create";
        POST   "/g/{group}/group-notes/{group_note}/release"       GroupNoteReleaser group_note_pages::release, "Release all drafts of a group note",
               example "confirm=yes";
        POST   "/g/{group}/group-notes/{group_note}/delete"        GroupNoteEditor   group_note_pages::delete,  "Delete a group note with its drafts",
               example "confirm=yes";
    }
}

/// Who opened what.
#[rustfmt::skip]
fn access_log() -> Vec<Route> {
    use crate::access_log::{api, pages};

    routes! {
        tag "Access log", keys Audit;

        GET    "/api/v1/cases/{case}/access-log"                      CaseOverseer   api::of_case,     listCaseAccessLog,   "Who opened a case";
        GET    "/api/v1/clients/{client}/access-log"                  ClientOverseer api::of_client,   listClientAccessLog, "Who opened a client's records";
        GET    "/api/v1/accounts/{account}/members/{user}/access-log" AccountAdmin   api::of_member,   listMemberAccessLog, "What a member opened";

        GET    "/g/{group}/cases/{case}/access-log"                   CaseOverseer   pages::of_case,   "Who opened a case: a page, CSV or PDF";
        GET    "/g/{group}/clients/{client}/access-log"               ClientOverseer pages::of_client, "Who opened a client's records: a page, CSV or PDF";
        GET    "/a/{account}/users/{user}/access-log"                 AccountAdmin   pages::of_member, "What a member opened: a page, CSV or PDF";
    }
}
