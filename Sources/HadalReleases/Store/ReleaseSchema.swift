import HadalState

/// The tables. Times are seconds since 1970; what has parts is JSON.
enum ReleaseSchema {
    static let migrations = [
        StateMigration(
            "releases",
            [
                """
                CREATE TABLE deployments (
                    alias TEXT PRIMARY KEY, settings TEXT NOT NULL, stable INTEGER, traffic TEXT NOT NULL,
                    created REAL NOT NULL
                );
                CREATE TABLE versions (
                    alias TEXT NOT NULL REFERENCES deployments(alias), number INTEGER NOT NULL,
                    content TEXT NOT NULL, created REAL NOT NULL, by_id TEXT NOT NULL, by_name TEXT NOT NULL,
                    note TEXT NOT NULL, is_up INTEGER NOT NULL DEFAULT 0, standby_until REAL, served REAL,
                    rolled_back REAL, pruned REAL, PRIMARY KEY (alias, number)
                );
                CREATE TABLE rollouts (
                    id INTEGER PRIMARY KEY AUTOINCREMENT, alias TEXT NOT NULL REFERENCES deployments(alias),
                    plan TEXT NOT NULL, state TEXT NOT NULL, baseline INTEGER, candidate INTEGER NOT NULL,
                    step INTEGER NOT NULL DEFAULT 0, step_began REAL, looks INTEGER NOT NULL DEFAULT 0,
                    next_look INTEGER NOT NULL DEFAULT 0, outcome TEXT, started REAL NOT NULL,
                    by_id TEXT NOT NULL, by_name TEXT NOT NULL, note TEXT NOT NULL, digest TEXT NOT NULL,
                    approval_until REAL, approvals TEXT NOT NULL DEFAULT '[]', ended REAL, reason TEXT
                );
                CREATE UNIQUE INDEX rollouts_under_way ON rollouts(alias) WHERE ended IS NULL;
                CREATE INDEX rollouts_by_alias ON rollouts(alias, id);
                -- What is yet to be carried out, in order. The number is also the revision of the traffic it sets.
                CREATE TABLE effects (
                    id INTEGER PRIMARY KEY AUTOINCREMENT, alias TEXT NOT NULL REFERENCES deployments(alias),
                    rollout INTEGER REFERENCES rollouts(id), effect TEXT NOT NULL,
                    attempts INTEGER NOT NULL DEFAULT 0
                );
                CREATE INDEX effects_by_alias ON effects(alias, id);
                CREATE TABLE events (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, alias TEXT NOT NULL,
                    rollout INTEGER, action TEXT NOT NULL, by_id TEXT NOT NULL, by_name TEXT NOT NULL,
                    before TEXT NOT NULL, after TEXT NOT NULL, why TEXT NOT NULL
                );
                CREATE INDEX events_by_alias ON events(alias, number);
                CREATE INDEX events_by_rollout ON events(rollout, number);
                CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN
                    SELECT RAISE(ABORT, 'events are never changed');
                END;
                CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN
                    SELECT RAISE(ABORT, 'events are never deleted');
                END;
                -- Up to which event others have been told.
                CREATE TABLE told (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL);
                INSERT INTO told VALUES (1, 0);
                CREATE TABLE windows (
                    rollout INTEGER NOT NULL REFERENCES rollouts(id), step INTEGER NOT NULL,
                    version INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (rollout, step, version)
                );
                CREATE TABLE shadows (
                    rollout INTEGER PRIMARY KEY REFERENCES rollouts(id), data TEXT NOT NULL
                );
                CREATE TABLE feedback (
                    rollout INTEGER NOT NULL REFERENCES rollouts(id), metric TEXT NOT NULL, request TEXT NOT NULL,
                    version INTEGER NOT NULL, subject TEXT NOT NULL, value REAL NOT NULL,
                    is_binary INTEGER NOT NULL, time REAL NOT NULL, PRIMARY KEY (rollout, metric, request)
                ) WITHOUT ROWID;
                CREATE TABLE labels (
                    rollout INTEGER NOT NULL REFERENCES rollouts(id), version INTEGER NOT NULL,
                    item TEXT NOT NULL, actual TEXT NOT NULL, predicted TEXT NOT NULL,
                    PRIMARY KEY (rollout, version, item)
                ) WITHOUT ROWID;
                CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL);
                INSERT INTO secrets VALUES ('assignment', randomblob(32));
                """
            ]),
        StateMigration("losses", ["UPDATE windows SET data = json_set(data, '$.losses', 0)"]),
    ]
}
