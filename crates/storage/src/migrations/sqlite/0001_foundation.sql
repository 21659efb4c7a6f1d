-- The foundation: who belongs (accounts, users, members, groups, invitations), what they work on
-- (locations, protocols, cases, notes, files), and what keeps it honest (audit, outbox, idempotency).
-- The keys of a tenant's tables begin with account_id, and carry group_id where rows belong to a
-- group, so that the database itself refuses a reference across tenants or groups.

CREATE TABLE accounts (
    id          BLOB NOT NULL PRIMARY KEY,
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    practice    TEXT NOT NULL,
    time_zone   TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    version     BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE users (
    id             BLOB NOT NULL PRIMARY KEY,
    email          TEXT NOT NULL,
    email_key      TEXT NOT NULL UNIQUE,
    name           TEXT NOT NULL,
    name_key       TEXT NOT NULL,
    user_type      TEXT NOT NULL,
    password_hash  TEXT,
    seen_at        BIGINT,
    created_at     BIGINT NOT NULL,
    version        BIGINT NOT NULL
) WITHOUT ROWID;

-- The last use (seen_at) is written at most every few minutes.
CREATE TABLE sessions (
    token_hash  BLOB NOT NULL PRIMARY KEY,
    id          BLOB NOT NULL UNIQUE,
    user_id     BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at  BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    device      TEXT NOT NULL,
    address     TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id, seen_at);

-- A sign-up becomes a user once the link that was sent to its address is used by who knows its
-- password; until then it is nothing.
CREATE TABLE sign_ups (
    token_hash     BLOB NOT NULL PRIMARY KEY,
    user_id        BLOB NOT NULL,
    account_id     BLOB NOT NULL,
    email          TEXT NOT NULL,
    email_key      TEXT NOT NULL,
    name           TEXT NOT NULL,
    account_name   TEXT NOT NULL,
    password_hash  TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_ups_by_email ON sign_ups (email_key);

-- Links that a mail carried: to reset a password, to change an address.
CREATE TABLE links (
    token_hash  BLOB NOT NULL PRIMARY KEY,
    purpose     TEXT NOT NULL,
    user_id     BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    email       TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    used_at     BIGINT
) WITHOUT ROWID;
CREATE INDEX links_by_user ON links (user_id, purpose);

-- Browsers that a person has signed in from: strangers' failures never shut them out.
CREATE TABLE devices (
    token_hash  BLOB NOT NULL,
    user_id     BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    seen_at     BIGINT NOT NULL,
    PRIMARY KEY (token_hash, user_id)
) WITHOUT ROWID;
CREATE INDEX devices_by_age ON devices (seen_at);

CREATE TABLE throttles (
    name      TEXT NOT NULL PRIMARY KEY,
    failures  BIGINT NOT NULL,
    last_at   BIGINT NOT NULL
) WITHOUT ROWID;

-- One row per spell: a change of role ends a row and begins another, so that the past stays known.
CREATE TABLE members (
    account_id   BLOB NOT NULL REFERENCES accounts (id),
    id           BLOB NOT NULL,
    user_id      BLOB NOT NULL REFERENCES users (id),
    role         TEXT NOT NULL,
    since        BIGINT NOT NULL,
    until        BIGINT,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX members_current ON members (account_id, user_id) WHERE until IS NULL;
CREATE UNIQUE INDEX members_one_owner ON members (account_id) WHERE role = 'owner' AND until IS NULL;
CREATE INDEX members_by_user ON members (user_id, account_id, role) WHERE until IS NULL;
CREATE INDEX members_history ON members (account_id, user_id, since);

CREATE TABLE groups (
    account_id   BLOB NOT NULL REFERENCES accounts (id),
    id           BLOB NOT NULL,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL,
    description  TEXT NOT NULL,
    cases_made   BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    archived_at  BIGINT,
    version      BIGINT NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, name_key)
) WITHOUT ROWID;

CREATE TABLE group_members (
    account_id  BLOB NOT NULL,
    group_id    BLOB NOT NULL,
    id          BLOB NOT NULL,
    user_id     BLOB NOT NULL REFERENCES users (id),
    role        TEXT NOT NULL,
    since       BIGINT NOT NULL,
    until       BIGINT,
    PRIMARY KEY (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX group_members_current ON group_members (account_id, user_id, group_id) WHERE until IS NULL;
CREATE INDEX group_members_by_group ON group_members (account_id, group_id, user_id, role) WHERE until IS NULL;

CREATE TABLE locations (
    account_id   BLOB NOT NULL,
    group_id     BLOB NOT NULL,
    id           BLOB NOT NULL,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL,
    address      TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    archived_at  BIGINT,
    version      BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, id),
    UNIQUE (account_id, id),
    UNIQUE (account_id, group_id, name_key),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id)
) WITHOUT ROWID;

CREATE TABLE protocols (
    account_id   BLOB NOT NULL REFERENCES accounts (id),
    id           BLOB NOT NULL,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL,
    archived_at  BIGINT,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, name_key)
) WITHOUT ROWID;

-- Clustered by group and time: the newest cases of a group lie side by side. The search text is the
-- folded name and number.
CREATE TABLE cases (
    account_id   BLOB NOT NULL,
    group_id     BLOB NOT NULL,
    id           BLOB NOT NULL,
    number       BIGINT NOT NULL,
    protocol_id  BLOB NOT NULL,
    location_id  BLOB NOT NULL,
    name         TEXT NOT NULL,
    search       TEXT NOT NULL,
    status       TEXT NOT NULL,
    created_by   BLOB NOT NULL REFERENCES users (id),
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    closed_at    BIGINT,
    version      BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, id),
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id),
    FOREIGN KEY (account_id, group_id, location_id) REFERENCES locations (account_id, group_id, id),
    FOREIGN KEY (account_id, protocol_id) REFERENCES protocols (account_id, id)
) WITHOUT ROWID;
CREATE INDEX cases_by_status ON cases (account_id, group_id, status, id);

-- Bodies stay out of the table of cases, which they would make deep.
CREATE TABLE case_notes (
    account_id  BLOB NOT NULL,
    group_id    BLOB NOT NULL,
    case_id     BLOB NOT NULL,
    id          BLOB NOT NULL,
    author_id   BLOB NOT NULL REFERENCES users (id),
    body        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, case_id, id),
    FOREIGN KEY (account_id, group_id, case_id) REFERENCES cases (account_id, group_id, id)
) WITHOUT ROWID;

-- The bytes lie in the folder of files, under the file's id.
CREATE TABLE case_files (
    account_id    BLOB NOT NULL,
    group_id      BLOB NOT NULL,
    case_id       BLOB NOT NULL,
    id            BLOB NOT NULL,
    name          TEXT NOT NULL,
    content_type  TEXT NOT NULL,
    size          BIGINT NOT NULL,
    digest        BLOB NOT NULL,
    uploaded_by   BLOB NOT NULL REFERENCES users (id),
    created_at    BIGINT NOT NULL,
    removed_at    BIGINT,
    PRIMARY KEY (account_id, group_id, case_id, id),
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, group_id, case_id) REFERENCES cases (account_id, group_id, id)
) WITHOUT ROWID;

CREATE TABLE invitations (
    account_id   BLOB NOT NULL REFERENCES accounts (id),
    id           BLOB NOT NULL,
    email        TEXT NOT NULL,
    email_key    TEXT NOT NULL,
    role         TEXT NOT NULL,
    user_type    TEXT NOT NULL,
    state        TEXT NOT NULL,
    invited_by   BLOB NOT NULL REFERENCES users (id),
    created_at   BIGINT NOT NULL,
    sent_at      BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    settled_at   BIGINT,
    accepted_by  BLOB REFERENCES users (id),
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX invitations_pending ON invitations (account_id, email_key) WHERE state = 'pending';
CREATE INDEX invitations_by_email ON invitations (email_key) WHERE state = 'pending';

CREATE TABLE invitation_groups (
    account_id     BLOB NOT NULL,
    invitation_id  BLOB NOT NULL,
    group_id       BLOB NOT NULL,
    role           TEXT NOT NULL,
    given_by       BLOB NOT NULL REFERENCES users (id),
    PRIMARY KEY (account_id, invitation_id, group_id),
    FOREIGN KEY (account_id, invitation_id) REFERENCES invitations (account_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id)
) WITHOUT ROWID;
CREATE INDEX invitation_groups_by_group ON invitation_groups (account_id, group_id);

-- A link that a resend replaced stays known, so that it can say so.
CREATE TABLE invitation_links (
    token_hash     BLOB NOT NULL PRIMARY KEY,
    account_id     BLOB NOT NULL,
    invitation_id  BLOB NOT NULL,
    created_at     BIGINT NOT NULL,
    replaced_at    BIGINT,
    FOREIGN KEY (account_id, invitation_id) REFERENCES invitations (account_id, id)
) WITHOUT ROWID;
CREATE INDEX invitation_links_by_invitation ON invitation_links (account_id, invitation_id);

CREATE TABLE ownership_transfers (
    account_id  BLOB NOT NULL REFERENCES accounts (id),
    id          BLOB NOT NULL,
    from_user   BLOB NOT NULL REFERENCES users (id),
    to_user     BLOB NOT NULL REFERENCES users (id),
    state       TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    settled_at  BIGINT,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX ownership_transfers_pending ON ownership_transfers (account_id) WHERE state = 'pending';

CREATE TABLE idempotency_keys (
    user_id       BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name          TEXT NOT NULL,
    request_hash  BLOB NOT NULL,
    status        BIGINT NOT NULL,
    body          TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (user_id, name)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Mail, queued with its cause. The bodies are wiped once it is delivered: they carry links.
CREATE TABLE outbox (
    id           BLOB NOT NULL PRIMARY KEY,
    account_id   BLOB,
    recipient    TEXT NOT NULL,
    subject      TEXT NOT NULL,
    text_body    TEXT NOT NULL,
    html_body    TEXT NOT NULL,
    state        TEXT NOT NULL,
    attempts     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    next_at      BIGINT NOT NULL,
    settled_at   BIGINT,
    last_error   TEXT
) WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'queued';
CREATE INDEX outbox_by_account ON outbox (account_id, id);

-- The audit trail: a chain of hashes per account; the server's own chain has the nil account.
CREATE TABLE audit_heads (
    account_id  BLOB NOT NULL PRIMARY KEY,
    seq         BIGINT NOT NULL,
    hash        BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE audit_events (
    account_id       BLOB NOT NULL,
    seq              BIGINT NOT NULL,
    at               BIGINT NOT NULL,
    actor_id         BLOB,
    action           TEXT NOT NULL,
    object           TEXT NOT NULL,
    place            TEXT NOT NULL,
    personal_digest  BLOB NOT NULL,
    previous         BLOB NOT NULL,
    hash             BLOB NOT NULL,
    PRIMARY KEY (account_id, seq)
) WITHOUT ROWID;
CREATE INDEX audit_events_by_object ON audit_events (account_id, object, seq);
CREATE INDEX audit_events_by_actor ON audit_events (account_id, actor_id, seq);

-- What an event says about people; erasing it leaves the chain whole.
CREATE TABLE audit_personal (
    account_id  BLOB NOT NULL,
    seq         BIGINT NOT NULL,
    salt        BLOB NOT NULL,
    detail      TEXT NOT NULL,
    PRIMARY KEY (account_id, seq),
    FOREIGN KEY (account_id, seq) REFERENCES audit_events (account_id, seq)
) WITHOUT ROWID;
