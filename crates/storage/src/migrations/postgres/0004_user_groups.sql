-- User groups and what they may, clients and their charts, client groups and their notes, and requests.

-- A user group that was deleted stays, so that old requests can name it; its name is free again. What it
-- may is written here as chosen; what it gives at present, and gave when, is in user_group_grants.
CREATE TABLE user_groups (
    account_id   UUID NOT NULL REFERENCES accounts (id),
    id           UUID NOT NULL,
    name         TEXT NOT NULL,
    name_key     TEXT COLLATE "C" NOT NULL,
    description  TEXT NOT NULL,
    active       BOOLEAN NOT NULL,
    is_default   BOOLEAN NOT NULL,
    privileges   TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    deleted_at   BIGINT,
    version      BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX user_groups_name ON user_groups (account_id, name_key) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX user_groups_default ON user_groups (account_id) WHERE is_default AND deleted_at IS NULL;

-- One row per spell, as of members.
CREATE TABLE user_group_members (
    account_id     UUID NOT NULL,
    user_group_id  UUID NOT NULL,
    id             UUID NOT NULL,
    user_id        UUID NOT NULL REFERENCES users (id),
    since          BIGINT NOT NULL,
    until          BIGINT,
    PRIMARY KEY (account_id, user_group_id, id),
    FOREIGN KEY (account_id, user_group_id) REFERENCES user_groups (account_id, id)
);
CREATE UNIQUE INDEX user_group_members_current ON user_group_members (account_id, user_id, user_group_id)
    WHERE until IS NULL;
CREATE INDEX user_group_members_by_group ON user_group_members (account_id, user_group_id, user_id)
    WHERE until IS NULL;

-- What a user group gives: a spell lasts while the group is active and has the privilege. So who asks for
-- a privilege need not ask whether the group is active, and the past stays known.
CREATE TABLE user_group_grants (
    account_id     UUID NOT NULL,
    user_group_id  UUID NOT NULL,
    id             UUID NOT NULL,
    privilege      TEXT NOT NULL,
    since          BIGINT NOT NULL,
    until          BIGINT,
    PRIMARY KEY (account_id, user_group_id, id),
    FOREIGN KEY (account_id, user_group_id) REFERENCES user_groups (account_id, id)
);
CREATE UNIQUE INDEX user_group_grants_current ON user_group_grants (account_id, user_group_id, privilege)
    WHERE until IS NULL;

-- Whom a group serves. One that was merged into another is archived and says into which.
CREATE TABLE clients (
    account_id   UUID NOT NULL,
    group_id     UUID NOT NULL,
    id           UUID NOT NULL,
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    name_key     TEXT COLLATE "C" NOT NULL,
    search       TEXT NOT NULL,
    reference    TEXT NOT NULL,
    email        TEXT NOT NULL,
    email_key    TEXT COLLATE "C" NOT NULL,
    phone        TEXT NOT NULL,
    address      TEXT NOT NULL,
    birth_date   TEXT,
    remarks      TEXT NOT NULL,
    created_by   UUID NOT NULL REFERENCES users (id),
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    archived_at  BIGINT,
    merged_into  UUID,
    version      BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, id),
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id),
    FOREIGN KEY (account_id, group_id, merged_into) REFERENCES clients (account_id, group_id, id)
);
CREATE INDEX clients_by_name ON clients (account_id, group_id, name_key, id) WHERE archived_at IS NULL;
CREATE INDEX clients_archived ON clients (account_id, group_id, name_key, id) WHERE archived_at IS NOT NULL;
CREATE INDEX clients_by_reference ON clients (account_id, group_id, reference) WHERE reference <> '';
CREATE INDEX clients_merged ON clients (account_id, group_id, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX clients_by_email ON clients (account_id, group_id, email_key) WHERE email_key <> '';

CREATE TABLE client_animals (
    account_id   UUID NOT NULL,
    group_id     UUID NOT NULL,
    client_id    UUID NOT NULL,
    id           UUID NOT NULL,
    name         TEXT NOT NULL,
    species      TEXT NOT NULL,
    breed        TEXT NOT NULL,
    birth_date   TEXT,
    created_at   BIGINT NOT NULL,
    archived_at  BIGINT,
    PRIMARY KEY (account_id, group_id, client_id, id),
    UNIQUE (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id, client_id) REFERENCES clients (account_id, group_id, id)
);

-- On whom a case is. Beside the table of cases, whose rows stay small.
CREATE TABLE case_clients (
    account_id  UUID NOT NULL,
    group_id    UUID NOT NULL,
    case_id     UUID NOT NULL,
    client_id   UUID NOT NULL,
    animal_id   UUID,
    PRIMARY KEY (account_id, group_id, case_id),
    FOREIGN KEY (account_id, group_id, case_id) REFERENCES cases (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id, client_id) REFERENCES clients (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id, animal_id) REFERENCES client_animals (account_id, group_id, id)
);
CREATE INDEX case_clients_by_client ON case_clients (account_id, group_id, client_id);

-- A file of clients on its way in: each line with what became of it, so that work that was cut off goes on
-- where it stopped. `about` says how the file was read, `content` what stands in a line; both are JSON.
CREATE TABLE client_imports (
    account_id  UUID NOT NULL,
    group_id    UUID NOT NULL,
    id          UUID NOT NULL,
    name        TEXT NOT NULL,
    state       TEXT NOT NULL,
    lines       BIGINT NOT NULL,
    about       TEXT NOT NULL,
    made_by     UUID NOT NULL REFERENCES users (id),
    created_at  BIGINT NOT NULL,
    settled_at  BIGINT,
    PRIMARY KEY (account_id, group_id, id),
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id)
);

CREATE TABLE client_import_lines (
    account_id  UUID NOT NULL,
    group_id    UUID NOT NULL,
    import_id   UUID NOT NULL,
    number      BIGINT NOT NULL,
    content     TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    detail      TEXT NOT NULL,
    client_id   UUID,
    PRIMARY KEY (account_id, group_id, import_id, number),
    FOREIGN KEY (account_id, group_id, import_id) REFERENCES client_imports (account_id, group_id, id)
);
CREATE INDEX client_import_lines_by_outcome
    ON client_import_lines (account_id, group_id, import_id, outcome, number);

CREATE TABLE client_groups (
    account_id   UUID NOT NULL,
    group_id     UUID NOT NULL,
    id           UUID NOT NULL,
    name         TEXT NOT NULL,
    name_key     TEXT COLLATE "C" NOT NULL,
    description  TEXT NOT NULL,
    active       BOOLEAN NOT NULL,
    is_default   BOOLEAN NOT NULL,
    created_at   BIGINT NOT NULL,
    deleted_at   BIGINT,
    version      BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, id),
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id)
);
CREATE UNIQUE INDEX client_groups_name ON client_groups (account_id, group_id, name_key) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX client_groups_default ON client_groups (account_id, group_id)
    WHERE is_default AND deleted_at IS NULL;

CREATE TABLE client_group_members (
    account_id       UUID NOT NULL,
    group_id         UUID NOT NULL,
    client_group_id  UUID NOT NULL,
    id               UUID NOT NULL,
    client_id        UUID NOT NULL,
    since            BIGINT NOT NULL,
    until            BIGINT,
    PRIMARY KEY (account_id, group_id, client_group_id, id),
    FOREIGN KEY (account_id, group_id, client_group_id) REFERENCES client_groups (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id, client_id) REFERENCES clients (account_id, group_id, id)
);
CREATE UNIQUE INDEX client_group_members_current
    ON client_group_members (account_id, group_id, client_group_id, client_id) WHERE until IS NULL;
CREATE INDEX client_group_members_by_client ON client_group_members (account_id, group_id, client_id);

-- Kinds of notes, with the text that a new note of the kind begins with. Notes keep the kind's name.
CREATE TABLE note_types (
    account_id   UUID NOT NULL REFERENCES accounts (id),
    id           UUID NOT NULL,
    name         TEXT NOT NULL,
    name_key     TEXT COLLATE "C" NOT NULL,
    body         TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    archived_at  BIGINT,
    version      BIGINT NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, name_key)
);

-- Written once for a client group; its text becomes one note per client who attended.
CREATE TABLE group_notes (
    account_id       UUID NOT NULL,
    group_id         UUID NOT NULL,
    id               UUID NOT NULL,
    client_group_id  UUID NOT NULL,
    note_type        TEXT NOT NULL,
    description      TEXT NOT NULL,
    service_date     TEXT COLLATE "C" NOT NULL,
    minutes          BIGINT,
    location_id      UUID,
    body             TEXT NOT NULL,
    author_id        UUID NOT NULL REFERENCES users (id),
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    generated_at     BIGINT,
    version          BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, id),
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, group_id, client_group_id) REFERENCES client_groups (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id, location_id) REFERENCES locations (account_id, group_id, id)
);
CREATE INDEX group_notes_by_client_group ON group_notes (account_id, group_id, client_group_id, id);

-- A guest is there for this time only.
CREATE TABLE group_note_attendance (
    account_id     UUID NOT NULL,
    group_id       UUID NOT NULL,
    group_note_id  UUID NOT NULL,
    client_id      UUID NOT NULL,
    attendance     TEXT NOT NULL,
    comment        TEXT NOT NULL,
    guest          BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, group_id, group_note_id, client_id),
    FOREIGN KEY (account_id, group_id, group_note_id) REFERENCES group_notes (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id, client_id) REFERENCES clients (account_id, group_id, id)
);

-- A client's chart. A note that was released never changes: later additions are addenda.
CREATE TABLE notes (
    account_id     UUID NOT NULL,
    group_id       UUID NOT NULL,
    client_id      UUID NOT NULL,
    id             UUID NOT NULL,
    group_note_id  UUID,
    note_type      TEXT NOT NULL,
    description    TEXT NOT NULL,
    service_date   TEXT COLLATE "C" NOT NULL,
    minutes        BIGINT,
    location_id    UUID,
    attendance     TEXT,
    comment        TEXT NOT NULL,
    body           TEXT NOT NULL,
    individual     BOOLEAN NOT NULL,
    author_id      UUID NOT NULL REFERENCES users (id),
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    released_by    UUID REFERENCES users (id),
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
);
CREATE INDEX notes_by_date ON notes (account_id, group_id, client_id, service_date, id);
CREATE UNIQUE INDEX notes_of_group_note ON notes (account_id, group_id, group_note_id, client_id)
    WHERE group_note_id IS NOT NULL;

CREATE TABLE note_addenda (
    account_id  UUID NOT NULL,
    group_id    UUID NOT NULL,
    note_id     UUID NOT NULL,
    id          UUID NOT NULL,
    author_id   UUID NOT NULL REFERENCES users (id),
    body        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, note_id, id),
    FOREIGN KEY (account_id, group_id, note_id) REFERENCES notes (account_id, group_id, id) ON UPDATE CASCADE
);

-- What was released stays as it is, and so do addenda. Only where they hang may change, when clients or accounts
-- are merged: the client, the group note, the account.
CREATE FUNCTION released_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a released note never changes, nor does an addendum';
END $$;
CREATE TRIGGER released_notes_stay BEFORE DELETE ON notes FOR EACH ROW
    WHEN (OLD.released_at IS NOT NULL) EXECUTE FUNCTION released_stays();
CREATE TRIGGER released_notes_are_final BEFORE UPDATE ON notes FOR EACH ROW WHEN (OLD.released_at IS NOT NULL AND (
    NEW.group_id IS DISTINCT FROM OLD.group_id OR NEW.id IS DISTINCT FROM OLD.id
    OR NEW.note_type IS DISTINCT FROM OLD.note_type
    OR NEW.description IS DISTINCT FROM OLD.description
    OR NEW.service_date IS DISTINCT FROM OLD.service_date
    OR NEW.minutes IS DISTINCT FROM OLD.minutes OR NEW.location_id IS DISTINCT FROM OLD.location_id
    OR NEW.attendance IS DISTINCT FROM OLD.attendance OR NEW.comment IS DISTINCT FROM OLD.comment
    OR NEW.body IS DISTINCT FROM OLD.body OR NEW.individual IS DISTINCT FROM OLD.individual
    OR NEW.author_id IS DISTINCT FROM OLD.author_id
    OR NEW.created_at IS DISTINCT FROM OLD.created_at
    OR NEW.released_by IS DISTINCT FROM OLD.released_by
    OR NEW.released_at IS DISTINCT FROM OLD.released_at))
    EXECUTE FUNCTION released_stays();
CREATE TRIGGER addenda_stay BEFORE DELETE ON note_addenda FOR EACH ROW EXECUTE FUNCTION released_stays();
CREATE TRIGGER addenda_are_final BEFORE UPDATE ON note_addenda FOR EACH ROW WHEN (
    NEW.group_id IS DISTINCT FROM OLD.group_id OR NEW.note_id IS DISTINCT FROM OLD.note_id
    OR NEW.id IS DISTINCT FROM OLD.id OR NEW.author_id IS DISTINCT FROM OLD.author_id
    OR NEW.body IS DISTINCT FROM OLD.body OR NEW.created_at IS DISTINCT FROM OLD.created_at)
    EXECUTE FUNCTION released_stays();

-- A question to a user group. What is new to its sender, and what to the group that was asked, is dated apart:
-- somebody has it unread who read it before that. Search is its folded number and subject.
CREATE TABLE request_numbers (
    account_id  UUID NOT NULL PRIMARY KEY REFERENCES accounts (id),
    last        BIGINT NOT NULL
);

CREATE TABLE requests (
    account_id     UUID NOT NULL,
    id             UUID NOT NULL,
    number         BIGINT NOT NULL,
    sender_id      UUID NOT NULL REFERENCES users (id),
    user_group_id  UUID NOT NULL,
    subject        TEXT NOT NULL,
    search         TEXT NOT NULL,
    body           TEXT NOT NULL,
    priority       TEXT NOT NULL,
    due_at         BIGINT,
    state          TEXT NOT NULL,
    claimed_by     UUID REFERENCES users (id),
    claimed_at     BIGINT,
    case_group_id  UUID,
    case_id        UUID,
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
);
CREATE INDEX requests_by_user_group ON requests (account_id, user_group_id, id);
CREATE INDEX requests_open ON requests (account_id, user_group_id, state, id) WHERE settled_at IS NULL;
CREATE INDEX requests_by_sender ON requests (account_id, sender_id, id);
CREATE INDEX requests_by_sender_settled ON requests (account_id, sender_id, settled_at);
CREATE INDEX requests_by_claimer ON requests (account_id, claimed_by, id);
CREATE INDEX requests_by_claimer_settled ON requests (account_id, claimed_by, settled_at);
CREATE INDEX requests_by_case ON requests (account_id, case_id) WHERE case_id IS NOT NULL;

-- To which user group a request was addressed, from when to when.
CREATE TABLE request_addressees (
    account_id     UUID NOT NULL,
    request_id     UUID NOT NULL,
    id             UUID NOT NULL,
    user_group_id  UUID NOT NULL,
    since          BIGINT NOT NULL,
    until          BIGINT,
    PRIMARY KEY (account_id, request_id, id),
    FOREIGN KEY (account_id, request_id) REFERENCES requests (account_id, id),
    FOREIGN KEY (account_id, user_group_id) REFERENCES user_groups (account_id, id)
);

CREATE TABLE request_clients (
    account_id  UUID NOT NULL,
    request_id  UUID NOT NULL,
    group_id    UUID NOT NULL,
    client_id   UUID NOT NULL,
    PRIMARY KEY (account_id, request_id, client_id),
    FOREIGN KEY (account_id, request_id) REFERENCES requests (account_id, id),
    FOREIGN KEY (account_id, group_id, client_id) REFERENCES clients (account_id, group_id, id)
);
CREATE INDEX request_clients_by_client ON request_clients (account_id, client_id);

-- The groups whose clients or case a request is about: its sender sees it while they are in all of them.
CREATE TABLE request_groups (
    account_id  UUID NOT NULL,
    request_id  UUID NOT NULL,
    group_id    UUID NOT NULL,
    PRIMARY KEY (account_id, request_id, group_id),
    FOREIGN KEY (account_id, request_id) REFERENCES requests (account_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id)
);

-- What was said, and what happened in between: kind is a word.
CREATE TABLE request_messages (
    account_id  UUID NOT NULL,
    request_id  UUID NOT NULL,
    id          UUID NOT NULL,
    author_id   UUID NOT NULL REFERENCES users (id),
    kind        TEXT NOT NULL,
    body        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, request_id, id),
    FOREIGN KEY (account_id, request_id) REFERENCES requests (account_id, id)
);

CREATE TABLE request_files (
    account_id    UUID NOT NULL,
    request_id    UUID NOT NULL,
    id            UUID NOT NULL,
    name          TEXT NOT NULL,
    content_type  TEXT NOT NULL,
    size          BIGINT NOT NULL,
    digest        BYTEA NOT NULL,
    uploaded_by   UUID NOT NULL REFERENCES users (id),
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, request_id, id),
    FOREIGN KEY (account_id, request_id) REFERENCES requests (account_id, id)
);

-- Up to when somebody has read a request.
CREATE TABLE request_reads (
    account_id  UUID NOT NULL,
    user_id     UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    request_id  UUID NOT NULL,
    read_at     BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id, request_id),
    FOREIGN KEY (account_id, request_id) REFERENCES requests (account_id, id)
);

-- How somebody wants to hear of requests, and when their last daily summary was looked at.
CREATE TABLE request_settings (
    account_id  UUID NOT NULL REFERENCES accounts (id),
    user_id     UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mail        TEXT NOT NULL,
    digest_at   BIGINT,
    PRIMARY KEY (account_id, user_id)
);
