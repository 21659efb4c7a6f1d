-- Handouts: what a practice gives to pet owners. Those that come with Covey are rows of the nil account,
-- which is no account, so that column alone has no foreign key. Favorites and notes are a person's, not an
-- account's. What was sent belongs to the account that sent it, and can refer to its own handouts and to
-- those of the nil account alone.

CREATE TABLE handouts (
    account_id   BLOB NOT NULL,
    id           BLOB NOT NULL,
    starter      TEXT,
    species      TEXT NOT NULL,
    topic        TEXT NOT NULL,
    language     TEXT NOT NULL,
    title        TEXT NOT NULL,
    title_key    TEXT NOT NULL,
    summary      TEXT NOT NULL,
    number       BIGINT NOT NULL,
    copied_from  BLOB,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    archived_at  BIGINT,
    version      BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE INDEX handouts_by_id ON handouts (id);
CREATE UNIQUE INDEX handouts_starter ON handouts (starter) WHERE starter IS NOT NULL;

-- What it said, number by number. Rows are added and never changed.
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

-- The words of the present version, folded, for the index that searches them.
CREATE TABLE handout_words (
    place       INTEGER NOT NULL PRIMARY KEY,
    account_id  BLOB NOT NULL,
    handout_id  BLOB NOT NULL,
    title       TEXT NOT NULL,
    summary     TEXT NOT NULL,
    body        TEXT NOT NULL,
    UNIQUE (account_id, handout_id),
    FOREIGN KEY (account_id, handout_id) REFERENCES handouts (account_id, id)
);

-- The index takes its text from the table and is kept in step by triggers, in the same transaction.
CREATE VIRTUAL TABLE handout_search USING fts5 (
    title, summary, body, content = 'handout_words', content_rowid = 'place', tokenize = 'unicode61', prefix = '2 3'
);
CREATE TRIGGER handout_words_added AFTER INSERT ON handout_words BEGIN
    INSERT INTO handout_search (rowid, title, summary, body) VALUES (new.place, new.title, new.summary, new.body);
END;
CREATE TRIGGER handout_words_removed AFTER DELETE ON handout_words BEGIN
    INSERT INTO handout_search (handout_search, rowid, title, summary, body)
    VALUES ('delete', old.place, old.title, old.summary, old.body);
END;
CREATE TRIGGER handout_words_changed AFTER UPDATE ON handout_words BEGIN
    INSERT INTO handout_search (handout_search, rowid, title, summary, body)
    VALUES ('delete', old.place, old.title, old.summary, old.body);
    INSERT INTO handout_search (rowid, title, summary, body) VALUES (new.place, new.title, new.summary, new.body);
END;

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

-- A link goes on showing the version that was shared. How often it was opened says little: programs that
-- look through mail open links too.
CREATE TABLE handout_shares (
    account_id   BLOB NOT NULL REFERENCES accounts (id),
    id           BLOB NOT NULL,
    owner_id     BLOB NOT NULL,
    handout_id   BLOB NOT NULL,
    number       BIGINT NOT NULL,
    sent_by      BLOB NOT NULL REFERENCES users (id),
    email        TEXT,
    message      TEXT NOT NULL,
    token_hash   BLOB NOT NULL UNIQUE,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    revoked_at   BIGINT,
    opened       BIGINT NOT NULL,
    opened_at    BIGINT,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (owner_id, handout_id, number) REFERENCES handout_versions (account_id, handout_id, number),
    CHECK (owner_id = account_id OR owner_id = zeroblob(16))
) WITHOUT ROWID;
CREATE INDEX handout_shares_by_sender ON handout_shares (sent_by, created_at);
