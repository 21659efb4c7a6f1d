-- The foundation: who belongs (accounts, users, members, groups, invitations), what they work on
-- (locations, protocols, cases, notes, files), and what keeps it honest (audit, outbox, idempotency).
-- The keys of a tenant's tables begin with account_id, and carry group_id where rows belong to a
-- group, so that the database itself refuses a reference across tenants or groups.

CREATE TABLE accounts (
    id          UUID NOT NULL PRIMARY KEY,
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    practice    TEXT NOT NULL,
    time_zone   TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    version     BIGINT NOT NULL
);

CREATE TABLE users (
    id             UUID NOT NULL PRIMARY KEY,
    email          TEXT NOT NULL,
    email_key      TEXT NOT NULL UNIQUE,
    name           TEXT NOT NULL,
    name_key       TEXT NOT NULL,
    user_type      TEXT NOT NULL,
    password_hash  TEXT,
    seen_at        BIGINT,
    created_at     BIGINT NOT NULL,
    version        BIGINT NOT NULL
);

-- The last use (seen_at) is written at most every few minutes.
CREATE TABLE sessions (
    token_hash  BYTEA NOT NULL PRIMARY KEY,
    id          UUID NOT NULL UNIQUE,
    user_id     UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at  BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    device      TEXT NOT NULL,
    address     TEXT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, seen_at);

-- A sign-up becomes a user once the link that was sent to its address is used by who knows its
-- password; until then it is nothing.
CREATE TABLE sign_ups (
    token_hash     BYTEA NOT NULL PRIMARY KEY,
    user_id        UUID NOT NULL,
    account_id     UUID NOT NULL,
    email          TEXT NOT NULL,
    email_key      TEXT NOT NULL,
    name           TEXT NOT NULL,
    account_name   TEXT NOT NULL,
    password_hash  TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL
);
CREATE INDEX sign_ups_by_email ON sign_ups (email_key);

-- Links that a mail carried: to reset a password, to change an address.
CREATE TABLE links (
    token_hash  BYTEA NOT NULL PRIMARY KEY,
    purpose     TEXT NOT NULL,
    user_id     UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    email       TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    used_at     BIGINT
);
CREATE INDEX links_by_user ON links (user_id, purpose);

-- Browsers that a person has signed in from: strangers' failures never shut them out.
CREATE TABLE devices (
    token_hash  BYTEA NOT NULL,
    user_id     UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    seen_at     BIGINT NOT NULL,
    PRIMARY KEY (token_hash, user_id)
);
CREATE INDEX devices_by_age ON devices (seen_at);

CREATE TABLE throttles (
    name      TEXT NOT NULL PRIMARY KEY,
    failures  BIGINT NOT NULL,
    last_at   BIGINT NOT NULL
);

-- One row per spell: a change of role ends a row and begins another, so that the past stays known.
CREATE TABLE members (
    account_id   UUID NOT NULL REFERENCES accounts (id),
    id           UUID NOT NULL,
    user_id      UUID NOT NULL REFERENCES users (id),
    role         TEXT NOT NULL,
    since        BIGINT NOT NULL,
    until        BIGINT,
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX members_current ON members (account_id, user_id) WHERE until IS NULL;
CREATE UNIQUE INDEX members_one_owner ON members (account_id) WHERE role = 'owner' AND until IS NULL;
CREATE INDEX members_by_user ON members (user_id, account_id, role) WHERE until IS NULL;
CREATE INDEX members_history ON members (account_id, user_id, since);

CREATE TABLE groups (
    account_id   UUID NOT NULL REFERENCES accounts (id),
    id           UUID NOT NULL,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL,
    description  TEXT NOT NULL,
    cases_made   BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    archived_at  BIGINT,
    version      BIGINT NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, name_key)
);

CREATE TABLE group_members (
    account_id  UUID NOT NULL,
    group_id    UUID NOT NULL,
    id          UUID NOT NULL,
    user_id     UUID NOT NULL REFERENCES users (id),
    role        TEXT NOT NULL,
    since       BIGINT NOT NULL,
    until       BIGINT,
    PRIMARY KEY (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id)
);
CREATE UNIQUE INDEX group_members_current ON group_members (account_id, user_id, group_id) WHERE until IS NULL;
CREATE INDEX group_members_by_group ON group_members (account_id, group_id, user_id, role) WHERE until IS NULL;

CREATE TABLE locations (
    account_id   UUID NOT NULL,
    group_id     UUID NOT NULL,
    id           UUID NOT NULL,
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
);

CREATE TABLE protocols (
    account_id   UUID NOT NULL REFERENCES accounts (id),
    id           UUID NOT NULL,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL,
    archived_at  BIGINT,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, name_key)
);

-- Clustered by group and time: the newest cases of a group lie side by side. The search text is the
-- folded name and number.
CREATE TABLE cases (
    account_id   UUID NOT NULL,
    group_id     UUID NOT NULL,
    id           UUID NOT NULL,
    number       BIGINT NOT NULL,
    protocol_id  UUID NOT NULL,
    location_id  UUID NOT NULL,
    name         TEXT NOT NULL,
    search       TEXT NOT NULL,
    status       TEXT NOT NULL,
    created_by   UUID NOT NULL REFERENCES users (id),
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    closed_at    BIGINT,
    version      BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, id),
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id),
    FOREIGN KEY (account_id, group_id, location_id) REFERENCES locations (account_id, group_id, id),
    FOREIGN KEY (account_id, protocol_id) REFERENCES protocols (account_id, id)
);
CREATE INDEX cases_by_status ON cases (account_id, group_id, status, id);

-- Bodies stay out of the table of cases, which they would make deep.
CREATE TABLE case_notes (
    account_id  UUID NOT NULL,
    group_id    UUID NOT NULL,
    case_id     UUID NOT NULL,
    id          UUID NOT NULL,
    author_id   UUID NOT NULL REFERENCES users (id),
    body        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, case_id, id),
    FOREIGN KEY (account_id, group_id, case_id) REFERENCES cases (account_id, group_id, id)
);

-- The bytes lie in the folder of files, under the file's id.
CREATE TABLE case_files (
    account_id    UUID NOT NULL,
    group_id      UUID NOT NULL,
    case_id       UUID NOT NULL,
    id            UUID NOT NULL,
    name          TEXT NOT NULL,
    content_type  TEXT NOT NULL,
    size          BIGINT NOT NULL,
    digest        BYTEA NOT NULL,
    uploaded_by   UUID NOT NULL REFERENCES users (id),
    created_at    BIGINT NOT NULL,
    removed_at    BIGINT,
    PRIMARY KEY (account_id, group_id, case_id, id),
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, group_id, case_id) REFERENCES cases (account_id, group_id, id)
);

CREATE TABLE invitations (
    account_id   UUID NOT NULL REFERENCES accounts (id),
    id           UUID NOT NULL,
    email        TEXT NOT NULL,
    email_key    TEXT NOT NULL,
    role         TEXT NOT NULL,
    user_type    TEXT NOT NULL,
    state        TEXT NOT NULL,
    invited_by   UUID NOT NULL REFERENCES users (id),
    created_at   BIGINT NOT NULL,
    sent_at      BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    settled_at   BIGINT,
    accepted_by  UUID REFERENCES users (id),
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX invitations_pending ON invitations (account_id, email_key) WHERE state = 'pending';
CREATE INDEX invitations_by_email ON invitations (email_key) WHERE state = 'pending';

CREATE TABLE invitation_groups (
    account_id     UUID NOT NULL,
    invitation_id  UUID NOT NULL,
    group_id       UUID NOT NULL,
    role           TEXT NOT NULL,
    given_by       UUID NOT NULL REFERENCES users (id),
    PRIMARY KEY (account_id, invitation_id, group_id),
    FOREIGN KEY (account_id, invitation_id) REFERENCES invitations (account_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id)
);
CREATE INDEX invitation_groups_by_group ON invitation_groups (account_id, group_id);

-- A link that a resend replaced stays known, so that it can say so.
CREATE TABLE invitation_links (
    token_hash     BYTEA NOT NULL PRIMARY KEY,
    account_id     UUID NOT NULL,
    invitation_id  UUID NOT NULL,
    created_at     BIGINT NOT NULL,
    replaced_at    BIGINT,
    FOREIGN KEY (account_id, invitation_id) REFERENCES invitations (account_id, id)
);
CREATE INDEX invitation_links_by_invitation ON invitation_links (account_id, invitation_id);

CREATE TABLE ownership_transfers (
    account_id  UUID NOT NULL REFERENCES accounts (id),
    id          UUID NOT NULL,
    from_user   UUID NOT NULL REFERENCES users (id),
    to_user     UUID NOT NULL REFERENCES users (id),
    state       TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    settled_at  BIGINT,
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX ownership_transfers_pending ON ownership_transfers (account_id) WHERE state = 'pending';

CREATE TABLE idempotency_keys (
    user_id       UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name          TEXT NOT NULL,
    request_hash  BYTEA NOT NULL,
    status        BIGINT NOT NULL,
    body          TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (user_id, name)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Mail, queued with its cause. The bodies are wiped once it is delivered: they carry links.
CREATE TABLE outbox (
    id           UUID NOT NULL PRIMARY KEY,
    account_id   UUID,
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
);
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'queued';
CREATE INDEX outbox_by_account ON outbox (account_id, id);

-- The audit trail: a chain of hashes per account; the server's own chain has the nil account.
CREATE TABLE audit_heads (
    account_id  UUID NOT NULL PRIMARY KEY,
    seq         BIGINT NOT NULL,
    hash        BYTEA NOT NULL
);

CREATE TABLE audit_events (
    account_id       UUID NOT NULL,
    seq              BIGINT NOT NULL,
    at               BIGINT NOT NULL,
    actor_id         UUID,
    action           TEXT NOT NULL,
    object           TEXT NOT NULL,
    place            TEXT NOT NULL,
    personal_digest  BYTEA NOT NULL,
    previous         BYTEA NOT NULL,
    hash             BYTEA NOT NULL,
    PRIMARY KEY (account_id, seq)
);
CREATE INDEX audit_events_by_object ON audit_events (account_id, object, seq);
CREATE INDEX audit_events_by_actor ON audit_events (account_id, actor_id, seq);

-- What an event says about people; erasing it leaves the chain whole.
CREATE TABLE audit_personal (
    account_id  UUID NOT NULL,
    seq         BIGINT NOT NULL,
    salt        BYTEA NOT NULL,
    detail      TEXT NOT NULL,
    PRIMARY KEY (account_id, seq),
    FOREIGN KEY (account_id, seq) REFERENCES audit_events (account_id, seq)
);
