-- The whole schema, by topic. Table by table the same as ../postgres/0001_baseline.sql.
--
-- Keys of an account's tables begin with account_id, and carry group_id where rows belong to a group: the
-- database itself refuses a reference across accounts or groups. Moments are microseconds since 1970, UTC.
-- A *_key column is the folded text, for comparing and sorting. A search column, and the name_key of an account and a
-- user, is the text folded for searches (kernel::search).

-- == Accounts and people ==

-- The tenant, and the holder of the subscription.
CREATE TABLE accounts (
    id                BLOB NOT NULL PRIMARY KEY,
    kind              TEXT NOT NULL,
    name              TEXT NOT NULL,
    name_key          TEXT NOT NULL,
    -- 'veterinary', 'behavioral_health' or 'other'.
    practice_kind     TEXT NOT NULL,
    practice_details  TEXT NOT NULL,
    time_zone         TEXT NOT NULL,
    -- Whether administrators of a group may add further groups to the account.
    group_admins_add_groups  BOOLEAN NOT NULL DEFAULT FALSE,
    created_at        BIGINT NOT NULL,
    -- Since when it is known to be a practice: it paid, or the operator let it in. Null for accounts that signed up by
    -- themselves, until then.
    admitted_at       BIGINT,
    -- Since when nobody is in it any more: its owner closed it.
    closed_at         BIGINT,
    -- Since when its managers no longer see the list of first steps.
    first_steps_dismissed_at  BIGINT,
    version           BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE users (
    id               BLOB NOT NULL PRIMARY KEY,
    email            TEXT NOT NULL,
    email_key        TEXT NOT NULL UNIQUE,
    name             TEXT NOT NULL,
    name_key         TEXT NOT NULL,
    user_type        TEXT NOT NULL,
    password_hash    TEXT,
    -- When a mail reached the address. Null where no mail server was set and a link was handed over by its sender.
    proved_at        BIGINT,
    -- Whether the password is shorter than one may be that stands alone: chosen beside a second factor.
    short_password   BOOLEAN NOT NULL DEFAULT FALSE,
    -- Whether their second factors were reset: new sessions reach nothing until they have set up another one.
    must_enroll      BOOLEAN NOT NULL DEFAULT FALSE,
    seen_at          BIGINT,
    created_at       BIGINT NOT NULL,
    version          BIGINT NOT NULL
) WITHOUT ROWID;

-- seen_at is written every few minutes at most.
CREATE TABLE sessions (
    token_hash  BLOB NOT NULL PRIMARY KEY,
    id          BLOB NOT NULL UNIQUE,
    user_id     BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at  BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    device      TEXT NOT NULL,
    address     TEXT NOT NULL,
    -- When its person last proved again in it who they are, for what asks for that.
    proved_at   BIGINT,
    -- When a second factor was used in it.
    second_at   BIGINT,
    -- Whether it reaches nothing but setting up a second factor: theirs were reset.
    limited     BOOLEAN NOT NULL DEFAULT FALSE
) WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id, seen_at);

-- A person's second factors. A passkey's secret is its public key, as the library writes it; a one-time code's is
-- sealed with the server's key.
CREATE TABLE factors (
    user_id     BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    id          BLOB NOT NULL,
    -- 'passkey' or 'code'.
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    secret      TEXT NOT NULL,
    -- Of one-time codes: the step of the last code that was taken, and the wrong codes in a row since.
    last_step   BIGINT NOT NULL DEFAULT 0,
    wrong       BIGINT NOT NULL DEFAULT 0,
    created_at  BIGINT NOT NULL,
    used_at     BIGINT,
    PRIMARY KEY (user_id, id)
) WITHOUT ROWID;

-- Each signs in once in the place of a second factor. A new set replaces the one before.
CREATE TABLE recovery_codes (
    user_id    BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash  BLOB NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (user_id, code_hash)
) WITHOUT ROWID;

-- What waits for the answer of a passkey, a code, or the second step of a sign-in: each for minutes, and once.
CREATE TABLE ceremonies (
    token_hash  BLOB NOT NULL PRIMARY KEY,
    kind        TEXT NOT NULL,
    -- Null where nobody is known yet: a sign-in by passkey alone.
    user_id     BLOB REFERENCES users (id) ON DELETE CASCADE,
    state       TEXT NOT NULL,
    expires_at  BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX ceremonies_by_age ON ceremonies (expires_at);
CREATE INDEX ceremonies_by_user ON ceremonies (user_id);

-- Accounts that require a second factor. There are few rows, so that asking whether there is any costs nothing.
CREATE TABLE factor_rules (
    account_id  BLOB NOT NULL PRIMARY KEY REFERENCES accounts (id),
    -- Of whom: 'managers' or 'everyone'.
    who         TEXT NOT NULL,
    -- From when on; people are asked before.
    since       BIGINT NOT NULL
) WITHOUT ROWID;

-- A sign-up becomes a user when someone who knows its password follows the link that was emailed to them.
CREATE TABLE sign_ups (
    token_hash     BLOB NOT NULL PRIMARY KEY,
    user_id        BLOB NOT NULL,
    account_id     BLOB NOT NULL,
    email          TEXT NOT NULL,
    email_key      TEXT NOT NULL,
    name           TEXT NOT NULL,
    account_name   TEXT NOT NULL,
    practice_kind  TEXT NOT NULL,
    password_hash  TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_ups_by_email ON sign_ups (email_key);

-- Links in emails: to reset a password or to change an address.
CREATE TABLE links (
    token_hash  BLOB NOT NULL PRIMARY KEY,
    purpose     TEXT NOT NULL,
    -- Null for an address that belongs to no person: the link goes nowhere, and asking for it takes as long as for any other.
    user_id     BLOB REFERENCES users (id) ON DELETE CASCADE,
    email       TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    used_at     BIGINT,
    -- Whether it left by mail alone, so that using it proves the address.
    mailed      BOOLEAN NOT NULL
) WITHOUT ROWID;
CREATE INDEX links_by_user ON links (user_id, purpose);

-- Browsers that a person has signed in from. Failed attempts by strangers never lock these out.
CREATE TABLE devices (
    token_hash       BLOB NOT NULL,
    user_id          BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    seen_at          BIGINT NOT NULL,
    -- The network of its last sign-in, and the wrong passwords in a row since.
    place            TEXT NOT NULL,
    wrong_passwords  BIGINT NOT NULL,
    PRIMARY KEY (token_hash, user_id)
) WITHOUT ROWID;
CREATE INDEX devices_by_place ON devices (place, seen_at);
CREATE INDEX devices_by_user ON devices (user_id, seen_at);
CREATE INDEX devices_by_age ON devices (seen_at);

-- Wrong passwords in a row. From 100 on the password is locked until it is reset by email.
CREATE TABLE wrong_passwords (
    user_id   BLOB NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    attempts  BIGINT NOT NULL
) WITHOUT ROWID;

-- Who runs the server, as its command line names them.
CREATE TABLE operators (
    user_id  BLOB NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    since    BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE throttles (
    name      TEXT NOT NULL PRIMARY KEY,
    failures  BIGINT NOT NULL,
    last_at   BIGINT NOT NULL
) WITHOUT ROWID;

-- One row per period: a change of role ends a row and begins another, so that the past stays known.
CREATE TABLE members (
    account_id  BLOB NOT NULL REFERENCES accounts (id),
    id          BLOB NOT NULL,
    user_id     BLOB NOT NULL REFERENCES users (id),
    role        TEXT NOT NULL,
    since       BIGINT NOT NULL,
    until       BIGINT,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX members_current ON members (account_id, user_id) WHERE until IS NULL;
CREATE UNIQUE INDEX members_one_owner ON members (account_id) WHERE role = 'owner' AND until IS NULL;
CREATE INDEX members_by_user ON members (user_id, account_id, role) WHERE until IS NULL;
CREATE INDEX members_history ON members (account_id, user_id, since);

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

-- == Groups and locations ==

-- cases_made numbers the group's cases.
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

-- Groups that came from another account. Who could see a case on a given day depends on the account that
-- held its group then.
CREATE TABLE group_moves (
    account_id    BLOB NOT NULL,
    group_id      BLOB NOT NULL,
    id            BLOB NOT NULL,
    from_account  BLOB NOT NULL REFERENCES accounts (id),
    at            BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id)
) WITHOUT ROWID;

-- One row per period, as in members.
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

-- == Invitations ==

-- name_key is the name as searches find it; mail_id the last email with its link, while the outbox has it.
CREATE TABLE invitations (
    account_id   BLOB NOT NULL REFERENCES accounts (id),
    id           BLOB NOT NULL,
    email        TEXT NOT NULL,
    email_key    TEXT NOT NULL,
    name         TEXT,
    name_key     TEXT,
    role         TEXT NOT NULL,
    user_type    TEXT NOT NULL,
    state        TEXT NOT NULL,
    invited_by   BLOB NOT NULL REFERENCES users (id),
    created_at   BIGINT NOT NULL,
    sent_at      BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    settled_at   BIGINT,
    accepted_by  BLOB REFERENCES users (id),
    mail_id      BLOB,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX invitations_pending ON invitations (account_id, email_key) WHERE state = 'pending';
CREATE INDEX invitations_by_email ON invitations (email_key);
CREATE INDEX invitations_by_member ON invitations (account_id, accepted_by) WHERE accepted_by IS NOT NULL;

-- given_by is who offered this group: at acceptance, their right to do so is checked again.
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

-- A link that was replaced by a resend is kept, so that it can say so. One that was handed out did not travel by email
-- alone: using it doesn't prove the address.
CREATE TABLE invitation_links (
    token_hash     BLOB NOT NULL PRIMARY KEY,
    account_id     BLOB NOT NULL,
    invitation_id  BLOB NOT NULL,
    created_at     BIGINT NOT NULL,
    replaced_at    BIGINT,
    handed_out     BOOLEAN NOT NULL,
    FOREIGN KEY (account_id, invitation_id) REFERENCES invitations (account_id, id)
) WITHOUT ROWID;
CREATE INDEX invitation_links_by_invitation ON invitation_links (account_id, invitation_id);

-- The email that introduces the team to Covey, as the account has worded it.
CREATE TABLE introductions (
    account_id  BLOB NOT NULL PRIMARY KEY REFERENCES accounts (id),
    subject     TEXT NOT NULL,
    body        TEXT NOT NULL,
    version     BIGINT NOT NULL
) WITHOUT ROWID;

-- == Plans and licenses ==

CREATE TABLE subscriptions (
    account_id       BLOB NOT NULL PRIMARY KEY REFERENCES accounts (id),
    id               BLOB NOT NULL UNIQUE,
    state            TEXT NOT NULL,
    plan             TEXT NOT NULL,
    billed           TEXT NOT NULL,
    currency         TEXT NOT NULL,
    -- The price tiers of the current period, as JSON: licenses that are added to it cost the same.
    tiers            TEXT NOT NULL,
    -- What a whole period costs with the current number of licenses.
    price            BIGINT NOT NULL,
    anchor_at        BIGINT NOT NULL,
    -- The number of the current period, counted from anchor_at.
    period           BIGINT NOT NULL,
    period_start     BIGINT NOT NULL,
    period_end       BIGINT NOT NULL,
    -- What the current period costs, in minor units times seconds, and what was charged for it, in minor units.
    exact            BIGINT NOT NULL,
    charged          BIGINT NOT NULL,
    next_plan        TEXT,
    next_billed      TEXT,
    next_licenses    BIGINT,
    ends_at_renewal  BOOLEAN NOT NULL,
    -- By arrangement: more licenses than people can buy by themselves.
    license_limit    BIGINT,
    -- Since when money is owed (the end of the trial, the oldest invoice's due date), and from when
    -- nothing but reading, paying and removing people is possible.
    due_at           BIGINT,
    read_only_from   BIGINT,
    ended_at         BIGINT,
    -- When the account was last reminded that money is owed.
    reminded_at      BIGINT,
    -- The account's id at the payment provider, and how it pays there.
    customer         TEXT,
    payment_method   TEXT,
    payment_label    TEXT,
    version          BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX subscriptions_owing ON subscriptions (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX subscriptions_due ON subscriptions (period_end) WHERE state = 'active';

-- Licenses (kind 'license'), and the support-staff seat, which takes no license ('support_staff'): how many
-- there are, are used, and are reserved by pending invitations. The check is the last of three locks against
-- overselling.
CREATE TABLE license_counts (
    account_id  BLOB NOT NULL REFERENCES accounts (id),
    kind        TEXT NOT NULL,
    total       BIGINT NOT NULL,
    used        BIGINT NOT NULL,
    reserved    BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind),
    CHECK (used >= 0 AND reserved >= 0 AND used + reserved <= total)
) WITHOUT ROWID;

-- How many licenses there were, and since when.
CREATE TABLE license_totals (
    account_id  BLOB NOT NULL REFERENCES accounts (id),
    id          BLOB NOT NULL,
    at          BIGINT NOT NULL,
    total       BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;

-- Who uses a license, from when to when.
CREATE TABLE license_holders (
    account_id  BLOB NOT NULL REFERENCES accounts (id),
    id          BLOB NOT NULL,
    user_id     BLOB NOT NULL REFERENCES users (id),
    since       BIGINT NOT NULL,
    until       BIGINT,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX license_holders_current ON license_holders (account_id, user_id) WHERE until IS NULL;

-- What pending invitations reserve. An expired row reserves nothing: it is never counted, and is deleted as
-- soon as its license is wanted.
CREATE TABLE license_reservations (
    account_id     BLOB NOT NULL,
    invitation_id  BLOB NOT NULL,
    kind           TEXT NOT NULL,
    expires_at     BIGINT NOT NULL,
    PRIMARY KEY (account_id, invitation_id),
    FOREIGN KEY (account_id, invitation_id) REFERENCES invitations (account_id, id)
) WITHOUT ROWID;
CREATE INDEX license_reservations_by_end ON license_reservations (account_id, kind, expires_at);

-- == Billing ==
-- Amounts are whole minor units (cents) of the currency beside them.

CREATE TABLE billing_details (
    account_id  BLOB NOT NULL PRIMARY KEY REFERENCES accounts (id),
    name        TEXT NOT NULL,
    address     TEXT NOT NULL,
    email       TEXT NOT NULL,
    tax_id      TEXT NOT NULL,
    version     BIGINT NOT NULL
) WITHOUT ROWID;

-- A price that holds for 15 minutes, for one version of the subscription: any change of that voids it.
CREATE TABLE quotes (
    account_id  BLOB NOT NULL REFERENCES accounts (id),
    id          BLOB NOT NULL,
    created_by  BLOB NOT NULL REFERENCES users (id),
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    state       TEXT NOT NULL,
    effect      TEXT NOT NULL,
    plan        TEXT NOT NULL,
    billed      TEXT NOT NULL,
    licenses    BIGINT NOT NULL,
    price       BIGINT NOT NULL,
    tiers       TEXT NOT NULL,
    difference  BIGINT NOT NULL,
    seconds     BIGINT NOT NULL,
    total       BIGINT NOT NULL,
    -- How much of the total is paid from the account's credit.
    credit      BIGINT NOT NULL,
    currency    TEXT NOT NULL,
    lines       TEXT NOT NULL,
    terms       TEXT,
    agreed_by   BLOB REFERENCES users (id),
    agreed_at   BIGINT,
    invoice_id  BLOB,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;

-- Invoice numbers run without gaps.
CREATE TABLE counters (
    name   TEXT NOT NULL PRIMARY KEY,
    value  BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE invoices (
    account_id  BLOB NOT NULL REFERENCES accounts (id),
    id          BLOB NOT NULL,
    number      TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    bill_to     TEXT NOT NULL,
    currency    TEXT NOT NULL,
    total       BIGINT NOT NULL,
    amount_due  BIGINT NOT NULL,
    -- Of an invoice, how much of it credit notes canceled before it was paid. Of a credit note, how much it canceled so:
    -- the rest is credited.
    canceled    BIGINT NOT NULL,
    issued_at   BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    settled_at  BIGINT,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE INDEX invoices_unpaid ON invoices (id) WHERE amount_due > 0;
CREATE INDEX invoices_open ON invoices (account_id, id) WHERE settled_at IS NULL;

-- calculation is the amount written out, such as "3 × $45.00".
CREATE TABLE invoice_lines (
    account_id   BLOB NOT NULL,
    invoice_id   BLOB NOT NULL,
    position     BIGINT NOT NULL,
    text         TEXT NOT NULL,
    calculation  TEXT NOT NULL,
    amount       BIGINT NOT NULL,
    PRIMARY KEY (account_id, invoice_id, position),
    FOREIGN KEY (account_id, invoice_id) REFERENCES invoices (account_id, id)
) WITHOUT ROWID;

-- Attempts to move money, one row each: 'charge' to us, 'refund' back.
CREATE TABLE payments (
    account_id  BLOB NOT NULL REFERENCES accounts (id),
    id          BLOB NOT NULL,
    kind        TEXT NOT NULL,
    state       TEXT NOT NULL,
    provider    TEXT NOT NULL,
    amount      BIGINT NOT NULL,
    currency    TEXT NOT NULL,
    quote_id    BLOB,
    reference   TEXT,
    -- For a refund: the provider's reference of the charge.
    charge      TEXT,
    note        TEXT NOT NULL,
    -- For a refund: whose decision it follows.
    requested_by BLOB,
    attempts    BIGINT NOT NULL,
    next_at     BIGINT NOT NULL,
    waits_since BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    settled_at  BIGINT,
    failure     TEXT,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
-- One at a time per account, so that nobody is charged twice for the same thing.
CREATE UNIQUE INDEX payments_one_charge ON payments (account_id) WHERE kind = 'charge' AND state = 'pending';
CREATE UNIQUE INDEX payments_by_id ON payments (id);
CREATE INDEX payments_due ON payments (next_at) WHERE state = 'pending';

-- What an account owes (above zero), and what it has paid or is owed (below). Append-only.
CREATE TABLE ledger (
    account_id  BLOB NOT NULL REFERENCES accounts (id),
    id          BLOB NOT NULL,
    at          BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    amount      BIGINT NOT NULL,
    currency    TEXT NOT NULL,
    object      TEXT NOT NULL,
    note        TEXT NOT NULL,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE TRIGGER ledger_is_kept BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_is_final BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- Events that the payment provider has sent us before.
CREATE TABLE provider_events (
    id       TEXT NOT NULL PRIMARY KEY,
    seen_at  BIGINT NOT NULL
) WITHOUT ROWID;

-- == Clients and cases ==

-- Whom a group serves. A client that was merged into another is archived and says into which.
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
CREATE INDEX clients_by_change ON clients (account_id, group_id, updated_at, id);
-- In the orders of their list; a name's folded words begin what is searched.
CREATE INDEX clients_sorted ON clients (account_id, group_id, SUBSTR(search, 1, 60), id) WHERE archived_at IS NULL;
CREATE INDEX clients_updated ON clients (account_id, group_id, updated_at, id) WHERE archived_at IS NULL;
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

-- A file of clients that is being imported. Each line keeps its outcome, so that an interrupted import goes on
-- where it stopped. format (how the file was read) and content (the line's cells, and what they would become) are
-- JSON. plan says what the run does with a line; earlier_line is the line of the same person further up.
CREATE TABLE client_imports (
    account_id  BLOB NOT NULL,
    group_id    BLOB NOT NULL,
    id          BLOB NOT NULL,
    name        TEXT NOT NULL,
    state       TEXT NOT NULL,
    lines       BIGINT NOT NULL,
    format      TEXT NOT NULL,
    created_by  BLOB NOT NULL REFERENCES users (id),
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
    plan        TEXT NOT NULL,
    detail      TEXT NOT NULL,
    client_id   BLOB,
    earlier_line BIGINT,
    animals     BIGINT NOT NULL,
    noticed     BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, group_id, import_id, number),
    FOREIGN KEY (account_id, group_id, import_id) REFERENCES client_imports (account_id, group_id, id)
) WITHOUT ROWID;
CREATE INDEX client_import_lines_by_outcome
    ON client_import_lines (account_id, group_id, import_id, outcome, number, plan, animals, noticed);
CREATE INDEX client_import_lines_planned
    ON client_import_lines (account_id, group_id, import_id, number) WHERE plan IN ('add', 'merge');
CREATE INDEX client_import_lines_noticed
    ON client_import_lines (account_id, group_id, import_id, number) WHERE noticed;

-- What became of a file's columns, for the next file with the same headings.
CREATE TABLE client_import_mappings (
    account_id  BLOB NOT NULL REFERENCES accounts (id),
    headings    TEXT NOT NULL,
    mapping     TEXT NOT NULL,
    updated_by  BLOB NOT NULL REFERENCES users (id),
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, headings)
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

-- Clustered by group and time: the newest cases of a group lie side by side. The search text is the folded
-- number and name.
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
CREATE INDEX cases_by_change ON cases (account_id, group_id, updated_at, id);
CREATE INDEX cases_updated ON cases (account_id, group_id, updated_at, id);

-- The client that a case is about. Apart from cases, whose rows stay small.
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

-- Apart from cases: text in that table would make its tree deep.
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

-- The bytes are in the files folder, under the file's id.
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

-- == Client groups and charts ==

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

-- body is what a new note of the type begins with. Notes keep the type's name, not its id.
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

-- Written once for a client group; one note is created from it for each client who attended.
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
    notes_created_at BIGINT,
    version          BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, id),
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, group_id, client_group_id) REFERENCES client_groups (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id, location_id) REFERENCES locations (account_id, group_id, id)
) WITHOUT ROWID;
CREATE INDEX group_notes_by_client_group ON group_notes (account_id, group_id, client_group_id, id);

-- A guest attends this session only.
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

-- The entries of a client's chart. A released note never changes: additions are addenda.
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
    personalized   BOOLEAN NOT NULL,
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

-- A released note and its addenda keep their content. Only the client, group note and account that they belong
-- to may change, when clients or accounts are merged.
CREATE TRIGGER released_notes_stay BEFORE DELETE ON notes WHEN OLD.released_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a released note cannot be deleted'); END;
CREATE TRIGGER released_notes_are_final BEFORE UPDATE ON notes WHEN OLD.released_at IS NOT NULL AND (
    NEW.group_id IS NOT OLD.group_id OR NEW.id IS NOT OLD.id OR NEW.note_type IS NOT OLD.note_type
    OR NEW.description IS NOT OLD.description OR NEW.service_date IS NOT OLD.service_date
    OR NEW.minutes IS NOT OLD.minutes OR NEW.location_id IS NOT OLD.location_id
    OR NEW.attendance IS NOT OLD.attendance OR NEW.comment IS NOT OLD.comment
    OR NEW.body IS NOT OLD.body OR NEW.personalized IS NOT OLD.personalized
    OR NEW.author_id IS NOT OLD.author_id OR NEW.created_at IS NOT OLD.created_at
    OR NEW.released_by IS NOT OLD.released_by OR NEW.released_at IS NOT OLD.released_at)
BEGIN SELECT RAISE(ABORT, 'a released note cannot be changed'); END;
CREATE TRIGGER addenda_stay BEFORE DELETE ON note_addenda
BEGIN SELECT RAISE(ABORT, 'an addendum cannot be deleted'); END;
CREATE TRIGGER addenda_are_final BEFORE UPDATE ON note_addenda WHEN
    NEW.group_id IS NOT OLD.group_id OR NEW.note_id IS NOT OLD.note_id OR NEW.id IS NOT OLD.id
    OR NEW.author_id IS NOT OLD.author_id OR NEW.body IS NOT OLD.body
    OR NEW.created_at IS NOT OLD.created_at
BEGIN SELECT RAISE(ABORT, 'an addendum cannot be changed'); END;

-- == Handouts ==
-- Those that come with Covey belong to the nil account, which has no row in accounts: that is why
-- account_id has no foreign key here.

CREATE TABLE handouts (
    account_id     BLOB NOT NULL,
    id             BLOB NOT NULL,
    starter        TEXT,
    -- For which kind of practice a starter handout is; null where it is for all, and for an account's own.
    practice_kind  TEXT,
    species        TEXT,
    topic          TEXT NOT NULL,
    language       TEXT NOT NULL,
    title          TEXT NOT NULL,
    title_key      TEXT NOT NULL,
    summary        TEXT NOT NULL,
    number         BIGINT NOT NULL,
    copied_from    BLOB,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    archived_at    BIGINT,
    version        BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE INDEX handouts_by_id ON handouts (id);
CREATE UNIQUE INDEX handouts_starter ON handouts (starter) WHERE starter IS NOT NULL;

-- The text, version by version. Rows are never changed.
CREATE TABLE handout_versions (
    account_id  BLOB NOT NULL,
    handout_id  BLOB NOT NULL,
    number      BIGINT NOT NULL,
    title       TEXT NOT NULL,
    summary     TEXT NOT NULL,
    body        TEXT NOT NULL,
    author_id   BLOB REFERENCES users (id),
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, handout_id, number),
    FOREIGN KEY (account_id, handout_id) REFERENCES handouts (account_id, id)
) WITHOUT ROWID;

-- The folded words of the current version, for the search index.
CREATE TABLE handout_words (
    row_id      INTEGER NOT NULL PRIMARY KEY,
    account_id  BLOB NOT NULL,
    handout_id  BLOB NOT NULL,
    title       TEXT NOT NULL,
    summary     TEXT NOT NULL,
    body        TEXT NOT NULL,
    UNIQUE (account_id, handout_id),
    FOREIGN KEY (account_id, handout_id) REFERENCES handouts (account_id, id)
);

-- The index takes its text from the table; the triggers keep it in step, in the same transaction.
CREATE VIRTUAL TABLE handout_search USING fts5 (
    title, summary, body, content = 'handout_words', content_rowid = 'row_id', tokenize = 'unicode61', prefix = '2 3'
);
CREATE TRIGGER handout_words_added AFTER INSERT ON handout_words BEGIN
    INSERT INTO handout_search (rowid, title, summary, body) VALUES (new.row_id, new.title, new.summary, new.body);
END;
CREATE TRIGGER handout_words_removed AFTER DELETE ON handout_words BEGIN
    INSERT INTO handout_search (handout_search, rowid, title, summary, body)
    VALUES ('delete', old.row_id, old.title, old.summary, old.body);
END;
CREATE TRIGGER handout_words_changed AFTER UPDATE ON handout_words BEGIN
    INSERT INTO handout_search (handout_search, rowid, title, summary, body)
    VALUES ('delete', old.row_id, old.title, old.summary, old.body);
    INSERT INTO handout_search (rowid, title, summary, body) VALUES (new.row_id, new.title, new.summary, new.body);
END;

-- Favorites and notes belong to the person, not to the account.
CREATE TABLE handout_favorites (
    user_id     BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    account_id  BLOB NOT NULL,
    handout_id  BLOB NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, handout_id),
    FOREIGN KEY (account_id, handout_id) REFERENCES handouts (account_id, id)
) WITHOUT ROWID;

CREATE TABLE handout_notes (
    user_id     BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    account_id  BLOB NOT NULL,
    handout_id  BLOB NOT NULL,
    body        TEXT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, handout_id),
    FOREIGN KEY (account_id, handout_id) REFERENCES handouts (account_id, id)
) WITHOUT ROWID;

-- Belongs to the account that shared it; owner_id is whose handout it is, its own or the nil account's. The link
-- keeps showing the version that was shared. open_count includes mail scanners.
CREATE TABLE handout_shares (
    account_id  BLOB NOT NULL REFERENCES accounts (id),
    id          BLOB NOT NULL,
    owner_id    BLOB NOT NULL,
    handout_id  BLOB NOT NULL,
    number      BIGINT NOT NULL,
    sent_by     BLOB NOT NULL REFERENCES users (id),
    email       TEXT,
    message     TEXT NOT NULL,
    token_hash  BLOB NOT NULL UNIQUE,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    revoked_at  BIGINT,
    open_count  BIGINT NOT NULL,
    opened_at   BIGINT,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (owner_id, handout_id, number) REFERENCES handout_versions (account_id, handout_id, number),
    CHECK (owner_id = account_id OR owner_id = zeroblob(16))
) WITHOUT ROWID;
CREATE INDEX handout_shares_by_sender ON handout_shares (sent_by, created_at);

-- == User groups and requests ==

-- A deleted user group is kept, so that old requests can name it; its name is free again. privileges is what
-- was chosen; what it grants, and when, is in user_group_grants.
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

-- One row per period, as in members.
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

-- What a user group grants. A period lasts while the group is active and has the privilege: a person who asks for a
-- privilege need not ask whether the group is active.
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

CREATE TABLE request_numbers (
    account_id  BLOB NOT NULL PRIMARY KEY REFERENCES accounts (id),
    last        BIGINT NOT NULL
) WITHOUT ROWID;

-- A question or task for a user group. News is dated separately for the sender and for the receiving group:
-- a request is unread by people who read it before that. The search text is the folded number and subject.
CREATE TABLE requests (
    account_id        BLOB NOT NULL,
    id                BLOB NOT NULL,
    number            BIGINT NOT NULL,
    sender_id         BLOB NOT NULL REFERENCES users (id),
    user_group_id     BLOB NOT NULL,
    subject           TEXT NOT NULL,
    search            TEXT NOT NULL,
    body              TEXT NOT NULL,
    priority          TEXT NOT NULL,
    due_at            BIGINT,
    state             TEXT NOT NULL,
    claimed_by        BLOB REFERENCES users (id),
    claimed_at        BIGINT,
    case_group_id     BLOB,
    case_id           BLOB,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    closed_at         BIGINT,
    sender_news_at    BIGINT NOT NULL,
    receiver_news_at  BIGINT NOT NULL,
    version           BIGINT NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, number),
    FOREIGN KEY (account_id, user_group_id) REFERENCES user_groups (account_id, id),
    FOREIGN KEY (account_id, case_group_id, case_id) REFERENCES cases (account_id, group_id, id)
) WITHOUT ROWID;
CREATE INDEX requests_by_user_group ON requests (account_id, user_group_id, id);
CREATE INDEX requests_by_user_group_closed ON requests (account_id, user_group_id, closed_at);
CREATE INDEX requests_open ON requests (account_id, user_group_id, state, id) WHERE closed_at IS NULL;
CREATE INDEX requests_by_sender ON requests (account_id, sender_id, id);
CREATE INDEX requests_by_sender_closed ON requests (account_id, sender_id, closed_at);
CREATE INDEX requests_by_claimer ON requests (account_id, claimed_by, id);
CREATE INDEX requests_by_claimer_closed ON requests (account_id, claimed_by, closed_at);
CREATE INDEX requests_by_case ON requests (account_id, case_id) WHERE case_id IS NOT NULL;

-- Which user group a request was addressed to, from when to when.
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

-- The thread: messages, and what happened in between. kind says which.
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

-- Up to when a person has read a request.
CREATE TABLE request_reads (
    account_id  BLOB NOT NULL,
    user_id     BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    request_id  BLOB NOT NULL,
    read_at     BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id, request_id),
    FOREIGN KEY (account_id, request_id) REFERENCES requests (account_id, id)
) WITHOUT ROWID;

-- How a person wants to hear of requests, and when their daily summary was last looked at.
CREATE TABLE request_settings (
    account_id  BLOB NOT NULL REFERENCES accounts (id),
    user_id     BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mail        TEXT NOT NULL,
    digest_at   BIGINT,
    PRIMARY KEY (account_id, user_id)
) WITHOUT ROWID;

-- == Developers ==

-- Addresses that hear of an account's events. types is a JSON array of event types; an empty one means all of them.
-- secret is sealed with the server's key, old_secret too, which signs beside it until old_secret_until. position is
-- the number of the last event of the account's audit trail that was taken up. last_* are of the last attempt.
CREATE TABLE webhook_endpoints (
    account_id        BLOB NOT NULL REFERENCES accounts (id),
    id                BLOB NOT NULL,
    url               TEXT NOT NULL,
    description       TEXT NOT NULL,
    types             TEXT NOT NULL,
    state             TEXT NOT NULL,
    state_since       BIGINT NOT NULL,
    secret            TEXT NOT NULL,
    old_secret        TEXT,
    old_secret_until  BIGINT,
    position          BIGINT NOT NULL,
    last_attempt_at   BIGINT,
    last_status       BIGINT,
    last_succeeded    BOOLEAN,
    created_by        BLOB NOT NULL REFERENCES users (id),
    created_at        BIGINT NOT NULL,
    version           BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;

-- An event on its way to an endpoint. Each lane is a line: events as they came, replays, tests. seq is the event's
-- number in the audit trail, 0 for a test. waits_since is when the wait until next_at began.
CREATE TABLE webhook_deliveries (
    account_id   BLOB NOT NULL,
    webhook_id   BLOB NOT NULL,
    id           BLOB NOT NULL,
    lane         TEXT NOT NULL,
    seq          BIGINT NOT NULL,
    event_type   TEXT NOT NULL,
    state        TEXT NOT NULL,
    attempts     BIGINT NOT NULL,
    next_at      BIGINT NOT NULL,
    waits_since  BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    settled_at   BIGINT,
    PRIMARY KEY (account_id, webhook_id, id),
    FOREIGN KEY (account_id, webhook_id) REFERENCES webhook_endpoints (account_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (account_id, webhook_id, lane, id)
    WHERE state = 'pending';
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at);

-- status is null where no answer came; error says why, or why the answer did not do.
CREATE TABLE webhook_attempts (
    account_id    BLOB NOT NULL,
    webhook_id    BLOB NOT NULL,
    delivery_id   BLOB NOT NULL,
    number        BIGINT NOT NULL,
    at            BIGINT NOT NULL,
    milliseconds  BIGINT NOT NULL,
    status        BIGINT,
    answer        TEXT NOT NULL,
    error         TEXT,
    PRIMARY KEY (account_id, webhook_id, delivery_id, number),
    FOREIGN KEY (account_id, webhook_id, delivery_id)
        REFERENCES webhook_deliveries (account_id, webhook_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- == Platform: idempotency, outbox, audit trail ==

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

-- Emails, queued in the transaction of their cause. The bodies are wiped after delivery: they hold links. An answer goes
-- to reply_to, where a person caused the email; without one, answers are not invited. unreachable: at the last attempt, no
-- answer came from the mail server.
CREATE TABLE outbox (
    id          BLOB NOT NULL PRIMARY KEY,
    account_id  BLOB,
    recipient   TEXT NOT NULL,
    reply_to    TEXT,
    subject     TEXT NOT NULL,
    text_body   TEXT NOT NULL,
    html_body   TEXT NOT NULL,
    state       TEXT NOT NULL,
    attempts    BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    next_at     BIGINT NOT NULL,
    waits_since BIGINT NOT NULL,
    settled_at  BIGINT,
    last_error  TEXT,
    unreachable BOOLEAN NOT NULL DEFAULT FALSE
) WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'queued';
CREATE INDEX outbox_by_account ON outbox (account_id, id);
CREATE INDEX outbox_failed ON outbox (id) WHERE state = 'failed';
CREATE INDEX outbox_sent ON outbox (account_id, settled_at) WHERE state = 'sent';
CREATE INDEX outbox_by_recipient ON outbox (account_id, recipient, created_at);

-- Which key seals the audit trail: its fingerprint. The key itself is never in the database.
CREATE TABLE audit_key (
    one          BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    fingerprint  BLOB NOT NULL,
    since        BIGINT NOT NULL
) WITHOUT ROWID;

-- A keyed chain of hashes per account. The server's own chain belongs to the nil account. seal is the head's own
-- code; receipted_* say up to which event, and when, the last receipt was mailed.
CREATE TABLE audit_heads (
    account_id     BLOB NOT NULL PRIMARY KEY,
    seq            BIGINT NOT NULL,
    hash           BLOB NOT NULL,
    seal           BLOB NOT NULL,
    receipted_seq  BIGINT NOT NULL,
    receipted_at   BIGINT NOT NULL
) WITHOUT ROWID;

-- in_group is the printed id of the group where it happened, or empty.
CREATE TABLE audit_events (
    account_id       BLOB NOT NULL,
    seq              BIGINT NOT NULL,
    at               BIGINT NOT NULL,
    actor_id         BLOB,
    action           TEXT NOT NULL,
    object           TEXT NOT NULL,
    in_group         TEXT NOT NULL,
    personal_digest  BLOB NOT NULL,
    previous         BLOB NOT NULL,
    hash             BLOB NOT NULL,
    PRIMARY KEY (account_id, seq)
) WITHOUT ROWID;
CREATE INDEX audit_events_by_object ON audit_events (account_id, object, seq);
CREATE INDEX audit_events_by_actor ON audit_events (account_id, actor_id, seq);

-- What an event says about people. Erasing it leaves the chain whole, if an event says that it was erased.
CREATE TABLE audit_personal (
    account_id  BLOB NOT NULL,
    seq         BIGINT NOT NULL,
    salt        BLOB NOT NULL,
    detail      TEXT NOT NULL,
    PRIMARY KEY (account_id, seq),
    FOREIGN KEY (account_id, seq) REFERENCES audit_events (account_id, seq)
) WITHOUT ROWID;

-- Secrets of an account for its own programs. A key acts through a row of users that nobody can sign in as, so that
-- whatever it does has an author. scopes are words with a space between. until says when it was revoked.
CREATE TABLE api_keys (
    account_id  BLOB NOT NULL REFERENCES accounts (id),
    id          BLOB NOT NULL,
    user_id     BLOB NOT NULL UNIQUE REFERENCES users (id),
    name        TEXT NOT NULL,
    hint        TEXT NOT NULL,
    scopes      TEXT NOT NULL,
    all_groups  BOOLEAN NOT NULL,
    created_by  BLOB NOT NULL REFERENCES users (id),
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT,
    until       BIGINT,
    used_at     BIGINT,
    used_from   TEXT NOT NULL DEFAULT '',
    version     BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;

-- expires_at: when a secret ends that another has replaced.
CREATE TABLE api_key_secrets (
    account_id  BLOB NOT NULL,
    key_id      BLOB NOT NULL,
    token_hash  BLOB NOT NULL PRIMARY KEY,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT,
    FOREIGN KEY (account_id, key_id) REFERENCES api_keys (account_id, id)
) WITHOUT ROWID;
CREATE INDEX api_key_secrets_by_key ON api_key_secrets (account_id, key_id);

-- The groups of a key that is not for all of them.
CREATE TABLE api_key_groups (
    account_id  BLOB NOT NULL,
    key_id      BLOB NOT NULL,
    group_id    BLOB NOT NULL,
    PRIMARY KEY (account_id, key_id, group_id),
    FOREIGN KEY (account_id, key_id) REFERENCES api_keys (account_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- Who opened which record: a row per person, record and quarter of an hour. object_id is the record's id without its
-- prefix, of what record says; of an export, the group's.
CREATE TABLE access_log (
    account_id  BLOB NOT NULL REFERENCES accounts (id),
    id          BLOB NOT NULL,
    record      TEXT NOT NULL,
    object_id   BLOB NOT NULL,
    user_id     BLOB NOT NULL REFERENCES users (id),
    window_at   BIGINT NOT NULL,
    first_at    BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    times       BIGINT NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, object_id, record, user_id, window_at)
) WITHOUT ROWID;
CREATE INDEX access_log_by_user ON access_log (account_id, user_id, id);

-- == Rules ==
-- What several stores ask, by name. These hold for the present: a question about the past asks the periods.

-- Who works here: every current member but support staff, who see handouts and nothing else.
CREATE VIEW workers AS
    SELECT account_id, id, user_id, role, since FROM members WHERE until IS NULL AND role <> 'support_staff';

-- Who is in a user group: those of its current members who work here.
CREATE VIEW user_group_people AS
    SELECT um.account_id, um.user_group_id, um.user_id, um.since FROM user_group_members um
    JOIN workers w ON w.account_id = um.account_id AND w.user_id = um.user_id
    WHERE um.until IS NULL;

-- The user groups that may receive requests.
CREATE VIEW receivers AS
    SELECT account_id, user_group_id FROM user_group_grants
    WHERE privilege = 'requests.receive' AND until IS NULL;

-- Requests as their senders see them: only while they are in every group that the request is about.
CREATE VIEW sent_requests AS
    SELECT r.account_id, r.id, r.number, r.sender_id, r.user_group_id, r.subject, r.search, r.body, r.priority,
           r.due_at, r.state, r.claimed_by, r.claimed_at, r.case_group_id, r.case_id, r.created_at, r.updated_at,
           r.closed_at, r.sender_news_at, r.receiver_news_at, r.version
    FROM requests r
    WHERE NOT EXISTS (SELECT 1 FROM request_groups rg
        LEFT JOIN group_members gm ON gm.account_id = rg.account_id AND gm.group_id = rg.group_id
             AND gm.user_id = r.sender_id AND gm.until IS NULL
        WHERE rg.account_id = r.account_id AND rg.request_id = r.id AND gm.user_id IS NULL);

-- The seats of API keys, as members have theirs: one that is for some groups alone manages nothing above them.
CREATE VIEW key_seats AS
    SELECT account_id, user_id, CAST(CASE WHEN all_groups THEN 'administrator' ELSE 'member' END AS TEXT) AS role, until
    FROM api_keys;

-- The groups that an API key reaches, as group members do. Its scopes say what it does there.
CREATE VIEW key_groups AS
    SELECT g.account_id, g.id AS group_id, k.id, k.user_id, CAST('administrator' AS TEXT) AS role, k.until
    FROM api_keys k JOIN groups g ON g.account_id = k.account_id
    WHERE k.all_groups OR EXISTS (SELECT 1 FROM api_key_groups x
        WHERE x.account_id = k.account_id AND x.key_id = k.id AND x.group_id = g.id);
