-- Who pays: one subscription per account, the places that it gives (licenses, and the place of support
-- staff), and the money: quotes, invoices with their lines, payments, and a ledger that only grows.
-- Amounts are whole minor units (cents) of the currency beside them.

CREATE TABLE subscriptions (
    account_id       UUID NOT NULL PRIMARY KEY REFERENCES accounts (id),
    id               UUID NOT NULL UNIQUE,
    state            TEXT NOT NULL,
    plan             TEXT NOT NULL,
    billed           TEXT NOT NULL,
    currency         TEXT NOT NULL,
    -- The tiers at which the running period was sold, as JSON: what is added to it costs the same.
    tiers            TEXT NOT NULL,
    -- What a whole period of the present licenses costs.
    price            BIGINT NOT NULL,
    anchor_at        BIGINT NOT NULL,
    period           BIGINT NOT NULL,
    period_start     BIGINT NOT NULL,
    period_end       BIGINT NOT NULL,
    -- What the running period costs in units of one minor unit for one second, and what was charged for it.
    exact            BIGINT NOT NULL,
    charged          BIGINT NOT NULL,
    next_plan        TEXT,
    next_billed      TEXT,
    next_licenses    BIGINT,
    ends_at_renewal  BOOLEAN NOT NULL,
    -- By arrangement: more licenses than self-service gives.
    license_limit    BIGINT,
    -- Since when money is owed (the end of the trial, the oldest invoice's due date), and from when
    -- nothing but reading, paying and removing people is possible.
    due_at           BIGINT,
    read_only_from   BIGINT,
    ended_at         BIGINT,
    -- When its people were last told that money is owed.
    told_at          BIGINT,
    -- What the payment provider knows the account by, and how it pays there.
    customer         TEXT,
    payment_method   TEXT,
    payment_label    TEXT,
    version          BIGINT NOT NULL
);
CREATE INDEX subscriptions_owing ON subscriptions (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX subscriptions_due ON subscriptions (period_end) WHERE state = 'active';

-- The places of an account: how many there are, are taken, and are kept for pending invitations. The
-- check is the last of three locks against overselling.
CREATE TABLE seats (
    account_id  UUID NOT NULL REFERENCES accounts (id),
    kind        TEXT NOT NULL,
    total       BIGINT NOT NULL,
    used        BIGINT NOT NULL,
    reserved    BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind),
    CHECK (used >= 0 AND reserved >= 0 AND used + reserved <= total)
);

-- How many licenses there were since when.
CREATE TABLE license_totals (
    account_id  UUID NOT NULL REFERENCES accounts (id),
    id          UUID NOT NULL,
    at          BIGINT NOT NULL,
    total       BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
);

-- Who takes a license, since when and until when.
CREATE TABLE license_holders (
    account_id  UUID NOT NULL REFERENCES accounts (id),
    id          UUID NOT NULL,
    user_id     UUID NOT NULL REFERENCES users (id),
    since       BIGINT NOT NULL,
    until       BIGINT,
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX license_holders_current ON license_holders (account_id, user_id) WHERE until IS NULL;

-- The places that pending invitations keep. One that has expired keeps nothing: it is swept away as
-- soon as its place is wanted, and never counted meanwhile.
CREATE TABLE seat_reservations (
    account_id     UUID NOT NULL,
    invitation_id  UUID NOT NULL,
    kind           TEXT NOT NULL,
    expires_at     BIGINT NOT NULL,
    PRIMARY KEY (account_id, invitation_id),
    FOREIGN KEY (account_id, invitation_id) REFERENCES invitations (account_id, id)
);
CREATE INDEX seat_reservations_by_end ON seat_reservations (account_id, kind, expires_at);

CREATE TABLE billing_details (
    account_id  UUID NOT NULL PRIMARY KEY REFERENCES accounts (id),
    name        TEXT NOT NULL,
    address     TEXT NOT NULL,
    email       TEXT NOT NULL,
    tax_id      TEXT NOT NULL,
    version     BIGINT NOT NULL
);

-- A price that holds for a quarter of an hour. It is for one version of the subscription: whatever
-- changes that, voids it.
CREATE TABLE quotes (
    account_id  UUID NOT NULL REFERENCES accounts (id),
    id          UUID NOT NULL,
    made_by     UUID NOT NULL REFERENCES users (id),
    made_at     BIGINT NOT NULL,
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
    -- How much of the total the account's credit pays.
    credit      BIGINT NOT NULL,
    currency    TEXT NOT NULL,
    lines       TEXT NOT NULL,
    terms       TEXT,
    agreed_by   UUID REFERENCES users (id),
    agreed_at   BIGINT,
    invoice_id  UUID,
    PRIMARY KEY (account_id, id)
);

-- The numbers of invoices run without gaps.
CREATE TABLE counters (
    name   TEXT NOT NULL PRIMARY KEY,
    value  BIGINT NOT NULL
);

CREATE TABLE invoices (
    account_id    UUID NOT NULL REFERENCES accounts (id),
    id            UUID NOT NULL,
    number        TEXT NOT NULL UNIQUE,
    kind          TEXT NOT NULL,
    bill_to       TEXT NOT NULL,
    currency      TEXT NOT NULL,
    total         BIGINT NOT NULL,
    -- What is still to be paid of it.
    open          BIGINT NOT NULL,
    issued_at     BIGINT NOT NULL,
    due_at        BIGINT NOT NULL,
    settled_at    BIGINT,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX invoices_open ON invoices (account_id, id) WHERE settled_at IS NULL;

CREATE TABLE invoice_lines (
    account_id  UUID NOT NULL,
    invoice_id  UUID NOT NULL,
    position    BIGINT NOT NULL,
    text        TEXT NOT NULL,
    sum         TEXT NOT NULL,
    amount      BIGINT NOT NULL,
    PRIMARY KEY (account_id, invoice_id, position),
    FOREIGN KEY (account_id, invoice_id) REFERENCES invoices (account_id, id)
);

-- Tries to move money, one row each: 'charge' towards us, 'refund' back.
CREATE TABLE payments (
    account_id  UUID NOT NULL REFERENCES accounts (id),
    id          UUID NOT NULL,
    kind        TEXT NOT NULL,
    state       TEXT NOT NULL,
    provider    TEXT NOT NULL,
    amount      BIGINT NOT NULL,
    currency    TEXT NOT NULL,
    quote_id    UUID,
    reference   TEXT,
    -- For a refund: the provider's reference of the charge that it gives back.
    charge      TEXT,
    note        TEXT NOT NULL,
    attempts    BIGINT NOT NULL,
    next_at     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    settled_at  BIGINT,
    failure     TEXT,
    PRIMARY KEY (account_id, id)
);
-- One at a time per account, so that nobody is charged twice for the same thing.
CREATE UNIQUE INDEX payments_one_charge ON payments (account_id) WHERE kind = 'charge' AND state = 'pending';
CREATE UNIQUE INDEX payments_by_id ON payments (id);
CREATE INDEX payments_due ON payments (next_at) WHERE state = 'pending';

-- What an account owes (above zero) and what it has paid or is owed (below): it only grows.
CREATE TABLE ledger (
    account_id  UUID NOT NULL REFERENCES accounts (id),
    id          UUID NOT NULL,
    at          BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    amount      BIGINT NOT NULL,
    currency    TEXT NOT NULL,
    object      TEXT NOT NULL,
    note        TEXT NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE FUNCTION ledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger only grows';
END $$;
CREATE TRIGGER ledger_is_final BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();

-- Groups that came from another account, so that the past stays known: who could see a case on a day
-- follows from the people of the account that held its group then.
CREATE TABLE group_moves (
    account_id    UUID NOT NULL,
    group_id      UUID NOT NULL,
    id            UUID NOT NULL,
    from_account  UUID NOT NULL REFERENCES accounts (id),
    at            BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, id),
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id)
);

CREATE INDEX outbox_by_recipient ON outbox (account_id, recipient, created_at);

-- What a payment provider has told us already.
CREATE TABLE provider_events (
    id          TEXT NOT NULL PRIMARY KEY,
    seen_at     BIGINT NOT NULL
);

-- The letter that introduces the team to the product, as the practice has made it its own.
CREATE TABLE introductions (
    account_id  UUID NOT NULL PRIMARY KEY REFERENCES accounts (id),
    subject     TEXT NOT NULL,
    body        TEXT NOT NULL,
    version     BIGINT NOT NULL
);
