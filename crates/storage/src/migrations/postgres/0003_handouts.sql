-- Handouts: what a practice gives to pet owners. Those that come with Covey are rows of the nil account,
-- which is no account, so that column alone has no foreign key. Favorites and notes are a person's, not an
-- account's. What was sent belongs to the account that sent it, and can refer to its own handouts and to
-- those of the nil account alone.

CREATE TABLE handouts (
    account_id   UUID NOT NULL,
    id           UUID NOT NULL,
    starter      TEXT,
    species      TEXT NOT NULL,
    topic        TEXT NOT NULL,
    language     TEXT NOT NULL,
    title        TEXT NOT NULL,
    title_key    TEXT COLLATE "C" NOT NULL,
    summary      TEXT NOT NULL,
    number       BIGINT NOT NULL,
    copied_from  UUID,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    archived_at  BIGINT,
    version      BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX handouts_by_id ON handouts (id);
CREATE UNIQUE INDEX handouts_starter ON handouts (starter) WHERE starter IS NOT NULL;

-- What it said, number by number. Rows are added and never changed.
CREATE TABLE handout_versions (
    account_id  UUID NOT NULL,
    handout_id  UUID NOT NULL,
    number      BIGINT NOT NULL,
    title       TEXT NOT NULL,
    summary     TEXT NOT NULL,
    body        TEXT NOT NULL,
    author_id   UUID REFERENCES users (id),
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, handout_id, number),
    FOREIGN KEY (account_id, handout_id) REFERENCES handouts (account_id, id)
);

-- The words of the present version, folded, for the index that searches them.
CREATE TABLE handout_words (
    place       BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  UUID NOT NULL,
    handout_id  UUID NOT NULL,
    title       TEXT NOT NULL,
    summary     TEXT NOT NULL,
    body        TEXT NOT NULL,
    UNIQUE (account_id, handout_id),
    FOREIGN KEY (account_id, handout_id) REFERENCES handouts (account_id, id)
);

-- The same expression stands in the statement that searches.
CREATE INDEX handout_search ON handout_words USING gin ((
    setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', summary), 'B')
        || setweight(to_tsvector('simple', body), 'D')
));

CREATE TABLE handout_favorites (
    user_id     UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    account_id  UUID NOT NULL,
    handout_id  UUID NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, handout_id),
    FOREIGN KEY (account_id, handout_id) REFERENCES handouts (account_id, id)
);

CREATE TABLE handout_notes (
    user_id     UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    account_id  UUID NOT NULL,
    handout_id  UUID NOT NULL,
    body        TEXT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, handout_id),
    FOREIGN KEY (account_id, handout_id) REFERENCES handouts (account_id, id)
);

-- A link goes on showing the version that was shared. How often it was opened says little: programs that
-- look through mail open links too.
CREATE TABLE handout_shares (
    account_id   UUID NOT NULL REFERENCES accounts (id),
    id           UUID NOT NULL,
    owner_id     UUID NOT NULL,
    handout_id   UUID NOT NULL,
    number       BIGINT NOT NULL,
    sent_by      UUID NOT NULL REFERENCES users (id),
    email        TEXT,
    message      TEXT NOT NULL,
    token_hash   BYTEA NOT NULL UNIQUE,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    revoked_at   BIGINT,
    opened       BIGINT NOT NULL,
    opened_at    BIGINT,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (owner_id, handout_id, number) REFERENCES handout_versions (account_id, handout_id, number),
    CHECK (owner_id = account_id OR owner_id = '00000000-0000-0000-0000-000000000000')
);
CREATE INDEX handout_shares_by_sender ON handout_shares (sent_by, created_at);
