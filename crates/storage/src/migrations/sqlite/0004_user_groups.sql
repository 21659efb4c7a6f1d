-- User groups and what they may, clients and their charts, client groups and their notes, and requests.

-- A user group that was deleted stays, so that old requests can name it; its name is free again. What it
-- may is written here as chosen; what it gives at present, and gave when, is in user_group_grants.
CREATE TABLE user_groups (
    account_id   BLOB NOT NULL REFERENCES accounts (id),
    id           BLOB NOT NULL,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL,
    description  TEXT NOT NULL,
    active       BOOLEAN NOT NULL,
    is_default   BOOLEAN NOT NULL,
    privileges   TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    deleted_at   BIGINT,
    version      BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX user_groups_name ON user_groups (account_id, name_key) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX user_groups_default ON user_groups (account_id) WHERE is_default AND deleted_at IS NULL;

-- One row per spell, as of members.
CREATE TABLE user_group_members (
    account_id     BLOB NOT NULL,
    user_group_id  BLOB NOT NULL,
    id             BLOB NOT NULL,
    user_id        BLOB NOT NULL REFERENCES users (id),
    since          BIGINT NOT NULL,
    until          BIGINT,
    PRIMARY KEY (account_id, user_group_id, id),
    FOREIGN KEY (account_id, user_group_id) REFERENCES user_groups (account_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX user_group_members_current ON user_group_members (account_id, user_id, user_group_id)
    WHERE until IS NULL;
CREATE INDEX user_group_members_by_group ON user_group_members (account_id, user_group_id, user_id)
    WHERE until IS NULL;

-- What a user group gives: a spell lasts while the group is active and has the privilege. So who asks for
-- a privilege need not ask whether the group is active, and the past stays known.
CREATE TABLE user_group_grants (
    account_id     BLOB NOT NULL,
    user_group_id  BLOB NOT NULL,
    id             BLOB NOT NULL,
    privilege      TEXT NOT NULL,
    since          BIGINT NOT NULL,
    until          BIGINT,
    PRIMARY KEY (account_id, user_group_id, id),
    FOREIGN KEY (account_id, user_group_id) REFERENCES user_groups (account_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX user_group_grants_current ON user_group_grants (account_id, user_group_id, privilege)
    WHERE until IS NULL;

-- Whom a group serves. One that was merged into another is archived and says into which.
CREATE TABLE clients (
    account_id   BLOB NOT NULL,
    group_id     BLOB NOT NULL,
    id           BLOB NOT NULL,
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL,
    search       TEXT NOT NULL,
    reference    TEXT NOT NULL,
    email        TEXT NOT NULL,
    email_key    TEXT NOT NULL,
    phone        TEXT NOT NULL,
    address      TEXT NOT NULL,
    birth_date   TEXT,
    remarks      TEXT NOT NULL,
    created_by   BLOB NOT NULL REFERENCES users (id),
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    archived_at  BIGINT,
    merged_into  BLOB,
    version      BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, id),
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id),
    FOREIGN KEY (account_id, group_id, merged_into) REFERENCES clients (account_id, group_id, id)
) WITHOUT ROWID;
CREATE INDEX clients_by_name ON clients (account_id, group_id, name_key, id) WHERE archived_at IS NULL;
CREATE INDEX clients_archived ON clients (account_id, group_id, name_key, id) WHERE archived_at IS NOT NULL;
CREATE INDEX clients_by_reference ON clients (account_id, group_id, reference) WHERE reference <> '';
CREATE INDEX clients_merged ON clients (account_id, group_id, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX clients_by_email ON clients (account_id, group_id, email_key) WHERE email_key <> '';

CREATE TABLE client_animals (
    account_id   BLOB NOT NULL,
    group_id     BLOB NOT NULL,
    client_id    BLOB NOT NULL,
    id           BLOB NOT NULL,
    name         TEXT NOT NULL,
    species      TEXT NOT NULL,
    breed        TEXT NOT NULL,
    birth_date   TEXT,
    created_at   BIGINT NOT NULL,
    archived_at  BIGINT,
    PRIMARY KEY (account_id, group_id, client_id, id),
    UNIQUE (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id, client_id) REFERENCES clients (account_id, group_id, id)
) WITHOUT ROWID;

-- On whom a case is. Beside the table of cases, whose rows stay small.
CREATE TABLE case_clients (
    account_id  BLOB NOT NULL,
    group_id    BLOB NOT NULL,
    case_id     BLOB NOT NULL,
    client_id   BLOB NOT NULL,
    animal_id   BLOB,
    PRIMARY KEY (account_id, group_id, case_id),
    FOREIGN KEY (account_id, group_id, case_id) REFERENCES cases (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id, client_id) REFERENCES clients (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id, animal_id) REFERENCES client_animals (account_id, group_id, id)
) WITHOUT ROWID;
CREATE INDEX case_clients_by_client ON case_clients (account_id, group_id, client_id);

-- A file of clients on its way in: each line with what became of it, so that work that was cut off goes on
-- where it stopped. `about` says how the file was read, `content` what stands in a line; both are JSON.
CREATE TABLE client_imports (
    account_id  BLOB NOT NULL,
    group_id    BLOB NOT NULL,
    id          BLOB NOT NULL,
    name        TEXT NOT NULL,
    state       TEXT NOT NULL,
    lines       BIGINT NOT NULL,
    about       TEXT NOT NULL,
    made_by     BLOB NOT NULL REFERENCES users (id),
    created_at  BIGINT NOT NULL,
    settled_at  BIGINT,
    PRIMARY KEY (account_id, group_id, id),
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id)
) WITHOUT ROWID;

CREATE TABLE client_import_lines (
    account_id  BLOB NOT NULL,
    group_id    BLOB NOT NULL,
    import_id   BLOB NOT NULL,
    number      BIGINT NOT NULL,
    content     TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    detail      TEXT NOT NULL,
    client_id   BLOB,
    PRIMARY KEY (account_id, group_id, import_id, number),
    FOREIGN KEY (account_id, group_id, import_id) REFERENCES client_imports (account_id, group_id, id)
) WITHOUT ROWID;
CREATE INDEX client_import_lines_by_outcome
    ON client_import_lines (account_id, group_id, import_id, outcome, number);

CREATE TABLE client_groups (
    account_id   BLOB NOT NULL,
    group_id     BLOB NOT NULL,
    id           BLOB NOT NULL,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL,
    description  TEXT NOT NULL,
    active       BOOLEAN NOT NULL,
    is_default   BOOLEAN NOT NULL,
    created_at   BIGINT NOT NULL,
    deleted_at   BIGINT,
    version      BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, id),
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX client_groups_name ON client_groups (account_id, group_id, name_key) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX client_groups_default ON client_groups (account_id, group_id)
    WHERE is_default AND deleted_at IS NULL;

CREATE TABLE client_group_members (
    account_id       BLOB NOT NULL,
    group_id         BLOB NOT NULL,
    client_group_id  BLOB NOT NULL,
    id               BLOB NOT NULL,
    client_id        BLOB NOT NULL,
    since            BIGINT NOT NULL,
    until            BIGINT,
    PRIMARY KEY (account_id, group_id, client_group_id, id),
    FOREIGN KEY (account_id, group_id, client_group_id) REFERENCES client_groups (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id, client_id) REFERENCES clients (account_id, group_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX client_group_members_current
    ON client_group_members (account_id, group_id, client_group_id, client_id) WHERE until IS NULL;
CREATE INDEX client_group_members_by_client ON client_group_members (account_id, group_id, client_id);

-- Kinds of notes, with the text that a new note of the kind begins with. Notes keep the kind's name.
CREATE TABLE note_types (
    account_id   BLOB NOT NULL REFERENCES accounts (id),
    id           BLOB NOT NULL,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL,
    body         TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    archived_at  BIGINT,
    version      BIGINT NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, name_key)
) WITHOUT ROWID;

-- Written once for a client group; its text becomes one note per client who attended.
CREATE TABLE group_notes (
    account_id       BLOB NOT NULL,
    group_id         BLOB NOT NULL,
    id               BLOB NOT NULL,
    client_group_id  BLOB NOT NULL,
    note_type        TEXT NOT NULL,
    description      TEXT NOT NULL,
    service_date     TEXT NOT NULL,
    minutes          BIGINT,
    location_id      BLOB,
    body             TEXT NOT NULL,
    author_id        BLOB NOT NULL REFERENCES users (id),
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    generated_at     BIGINT,
    version          BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, id),
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, group_id, client_group_id) REFERENCES client_groups (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id, location_id) REFERENCES locations (account_id, group_id, id)
) WITHOUT ROWID;
CREATE INDEX group_notes_by_client_group ON group_notes (account_id, group_id, client_group_id, id);

-- A guest is there for this time only.
CREATE TABLE group_note_attendance (
    account_id     BLOB NOT NULL,
    group_id       BLOB NOT NULL,
    group_note_id  BLOB NOT NULL,
    client_id      BLOB NOT NULL,
    attendance     TEXT NOT NULL,
    comment        TEXT NOT NULL,
    guest          BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, group_id, group_note_id, client_id),
    FOREIGN KEY (account_id, group_id, group_note_id) REFERENCES group_notes (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id, client_id) REFERENCES clients (account_id, group_id, id)
) WITHOUT ROWID;

-- A client's chart. A note that was released never changes: later additions are addenda.
CREATE TABLE notes (
    account_id     BLOB NOT NULL,
    group_id       BLOB NOT NULL,
    client_id      BLOB NOT NULL,
    id             BLOB NOT NULL,
    group_note_id  BLOB,
    note_type      TEXT NOT NULL,
    description    TEXT NOT NULL,
    service_date   TEXT NOT NULL,
    minutes        BIGINT,
    location_id    BLOB,
    attendance     TEXT,
    comment        TEXT NOT NULL,
    body           TEXT NOT NULL,
    individual     BOOLEAN NOT NULL,
    author_id      BLOB NOT NULL REFERENCES users (id),
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    released_by    BLOB REFERENCES users (id),
    released_at    BIGINT,
    version        BIGINT NOT NULL,
    CHECK ((released_at IS NULL) = (released_by IS NULL)),
    CHECK (released_at IS NULL OR body <> ''),
    PRIMARY KEY (account_id, group_id, client_id, id),
    UNIQUE (account_id, group_id, id),
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, group_id, client_id) REFERENCES clients (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id, group_note_id) REFERENCES group_notes (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id, location_id) REFERENCES locations (account_id, group_id, id)
) WITHOUT ROWID;
CREATE INDEX notes_by_date ON notes (account_id, group_id, client_id, service_date, id);
CREATE UNIQUE INDEX notes_of_group_note ON notes (account_id, group_id, group_note_id, client_id)
    WHERE group_note_id IS NOT NULL;

CREATE TABLE note_addenda (
    account_id  BLOB NOT NULL,
    group_id    BLOB NOT NULL,
    note_id     BLOB NOT NULL,
    id          BLOB NOT NULL,
    author_id   BLOB NOT NULL REFERENCES users (id),
    body        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, note_id, id),
    FOREIGN KEY (account_id, group_id, note_id) REFERENCES notes (account_id, group_id, id) ON UPDATE CASCADE
) WITHOUT ROWID;

-- What was released stays as it is, and so do addenda. Only where they hang may change, when clients or accounts
-- are merged: the client, the group note, the account.
CREATE TRIGGER released_notes_stay BEFORE DELETE ON notes WHEN OLD.released_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a released note stays'); END;
CREATE TRIGGER released_notes_are_final BEFORE UPDATE ON notes WHEN OLD.released_at IS NOT NULL AND (
    NEW.group_id IS NOT OLD.group_id OR NEW.id IS NOT OLD.id OR NEW.note_type IS NOT OLD.note_type
    OR NEW.description IS NOT OLD.description OR NEW.service_date IS NOT OLD.service_date
    OR NEW.minutes IS NOT OLD.minutes OR NEW.location_id IS NOT OLD.location_id
    OR NEW.attendance IS NOT OLD.attendance OR NEW.comment IS NOT OLD.comment
    OR NEW.body IS NOT OLD.body OR NEW.individual IS NOT OLD.individual
    OR NEW.author_id IS NOT OLD.author_id OR NEW.created_at IS NOT OLD.created_at
    OR NEW.released_by IS NOT OLD.released_by OR NEW.released_at IS NOT OLD.released_at)
BEGIN SELECT RAISE(ABORT, 'a released note never changes'); END;
CREATE TRIGGER addenda_stay BEFORE DELETE ON note_addenda BEGIN SELECT RAISE(ABORT, 'an addendum stays'); END;
CREATE TRIGGER addenda_are_final BEFORE UPDATE ON note_addenda WHEN
    NEW.group_id IS NOT OLD.group_id OR NEW.note_id IS NOT OLD.note_id OR NEW.id IS NOT OLD.id
    OR NEW.author_id IS NOT OLD.author_id OR NEW.body IS NOT OLD.body
    OR NEW.created_at IS NOT OLD.created_at
BEGIN SELECT RAISE(ABORT, 'an addendum never changes'); END;

-- A question to a user group. What is new to its sender, and what to the group that was asked, is dated apart:
-- somebody has it unread who read it before that. Search is its folded number and subject.
CREATE TABLE request_numbers (
    account_id  BLOB NOT NULL PRIMARY KEY REFERENCES accounts (id),
    last        BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE requests (
    account_id     BLOB NOT NULL,
    id             BLOB NOT NULL,
    number         BIGINT NOT NULL,
    sender_id      BLOB NOT NULL REFERENCES users (id),
    user_group_id  BLOB NOT NULL,
    subject        TEXT NOT NULL,
    search         TEXT NOT NULL,
    body           TEXT NOT NULL,
    priority       TEXT NOT NULL,
    due_at         BIGINT,
    state          TEXT NOT NULL,
    claimed_by     BLOB REFERENCES users (id),
    claimed_at     BIGINT,
    case_group_id  BLOB,
    case_id        BLOB,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    settled_at     BIGINT,
    sender_news_at    BIGINT NOT NULL,
    receiver_news_at  BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, number),
    FOREIGN KEY (account_id, user_group_id) REFERENCES user_groups (account_id, id),
    FOREIGN KEY (account_id, case_group_id, case_id) REFERENCES cases (account_id, group_id, id)
) WITHOUT ROWID;
CREATE INDEX requests_by_user_group ON requests (account_id, user_group_id, id);
CREATE INDEX requests_open ON requests (account_id, user_group_id, state, id) WHERE settled_at IS NULL;
CREATE INDEX requests_by_sender ON requests (account_id, sender_id, id);
CREATE INDEX requests_by_sender_settled ON requests (account_id, sender_id, settled_at);
CREATE INDEX requests_by_claimer ON requests (account_id, claimed_by, id);
CREATE INDEX requests_by_claimer_settled ON requests (account_id, claimed_by, settled_at);
CREATE INDEX requests_by_case ON requests (account_id, case_id) WHERE case_id IS NOT NULL;

-- To which user group a request was addressed, from when to when.
CREATE TABLE request_addressees (
    account_id     BLOB NOT NULL,
    request_id     BLOB NOT NULL,
    id             BLOB NOT NULL,
    user_group_id  BLOB NOT NULL,
    since          BIGINT NOT NULL,
    until          BIGINT,
    PRIMARY KEY (account_id, request_id, id),
    FOREIGN KEY (account_id, request_id) REFERENCES requests (account_id, id),
    FOREIGN KEY (account_id, user_group_id) REFERENCES user_groups (account_id, id)
) WITHOUT ROWID;

CREATE TABLE request_clients (
    account_id  BLOB NOT NULL,
    request_id  BLOB NOT NULL,
    group_id    BLOB NOT NULL,
    client_id   BLOB NOT NULL,
    PRIMARY KEY (account_id, request_id, client_id),
    FOREIGN KEY (account_id, request_id) REFERENCES requests (account_id, id),
    FOREIGN KEY (account_id, group_id, client_id) REFERENCES clients (account_id, group_id, id)
) WITHOUT ROWID;
CREATE INDEX request_clients_by_client ON request_clients (account_id, client_id);

-- The groups whose clients or case a request is about: its sender sees it while they are in all of them.
CREATE TABLE request_groups (
    account_id  BLOB NOT NULL,
    request_id  BLOB NOT NULL,
    group_id    BLOB NOT NULL,
    PRIMARY KEY (account_id, request_id, group_id),
    FOREIGN KEY (account_id, request_id) REFERENCES requests (account_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id)
) WITHOUT ROWID;

-- What was said, and what happened in between: kind is a word.
CREATE TABLE request_messages (
    account_id  BLOB NOT NULL,
    request_id  BLOB NOT NULL,
    id          BLOB NOT NULL,
    author_id   BLOB NOT NULL REFERENCES users (id),
    kind        TEXT NOT NULL,
    body        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, request_id, id),
    FOREIGN KEY (account_id, request_id) REFERENCES requests (account_id, id)
) WITHOUT ROWID;

CREATE TABLE request_files (
    account_id    BLOB NOT NULL,
    request_id    BLOB NOT NULL,
    id            BLOB NOT NULL,
    name          TEXT NOT NULL,
    content_type  TEXT NOT NULL,
    size          BIGINT NOT NULL,
    digest        BLOB NOT NULL,
    uploaded_by   BLOB NOT NULL REFERENCES users (id),
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, request_id, id),
    FOREIGN KEY (account_id, request_id) REFERENCES requests (account_id, id)
) WITHOUT ROWID;

-- Up to when somebody has read a request.
CREATE TABLE request_reads (
    account_id  BLOB NOT NULL,
    user_id     BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    request_id  BLOB NOT NULL,
    read_at     BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id, request_id),
    FOREIGN KEY (account_id, request_id) REFERENCES requests (account_id, id)
) WITHOUT ROWID;

-- How somebody wants to hear of requests, and when their last daily summary was looked at.
CREATE TABLE request_settings (
    account_id  BLOB NOT NULL REFERENCES accounts (id),
    user_id     BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mail        TEXT NOT NULL,
    digest_at   BIGINT,
    PRIMARY KEY (account_id, user_id)
) WITHOUT ROWID;
