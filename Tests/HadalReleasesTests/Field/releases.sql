CREATE TABLE deployments (
    alias TEXT PRIMARY KEY, settings TEXT NOT NULL, stable INTEGER, traffic TEXT NOT NULL,
    created REAL NOT NULL
);
INSERT INTO "deployments" VALUES('chat','{"approvals":{"kinds":[],"required":1,"validSeconds":86400},"guardrails":[{"absolute":0.1,"metric":{"errorRate":{}},"minimumSamples":30,"relative":1.5},{"absolute":0.05,"metric":{"lossRate":{}},"minimumSamples":30,"relative":1.5},{"metric":{"timeToFirstToken":{"quantile":0.95}},"minimumSamples":30,"relative":1.5},{"metric":{"totalLatency":{"quantile":0.95}},"minimumSamples":30,"relative":1.5},{"metric":{"tokensPerSecond":{}},"minimumSamples":30,"relative":0.8},{"metric":{"refusalRate":{}},"minimumSamples":30,"relative":1.5},{"metric":{"firewallRate":{}},"minimumSamples":30,"relative":1.5},{"metric":{"feedback":{"name":"score"}},"minimumSamples":30,"relative":0.9}],"keptVersions":3,"standbySeconds":3600}',NULL,'{"allocation":{"ranges":[]},"revision":0,"salt":"","stickiness":"user"}',1800000000.0);
CREATE TABLE effects (
    id INTEGER PRIMARY KEY AUTOINCREMENT, alias TEXT NOT NULL REFERENCES deployments(alias),
    rollout INTEGER REFERENCES rollouts(id), effect TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, alias TEXT NOT NULL,
    rollout INTEGER, action TEXT NOT NULL, by_id TEXT NOT NULL, by_name TEXT NOT NULL,
    before TEXT NOT NULL, after TEXT NOT NULL, why TEXT NOT NULL
);
INSERT INTO "events" VALUES(1,1800000000.0,'chat',NULL,'deployment.make','user:1','ann','','','because');
CREATE TABLE feedback (
    rollout INTEGER NOT NULL REFERENCES rollouts(id), metric TEXT NOT NULL, request TEXT NOT NULL,
    version INTEGER NOT NULL, subject TEXT NOT NULL, value REAL NOT NULL,
    is_binary INTEGER NOT NULL, time REAL NOT NULL, PRIMARY KEY (rollout, metric, request)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('releases');
INSERT INTO "grdb_migrations" VALUES('losses');
CREATE TABLE labels (
    rollout INTEGER NOT NULL REFERENCES rollouts(id), version INTEGER NOT NULL,
    item TEXT NOT NULL, actual TEXT NOT NULL, predicted TEXT NOT NULL,
    PRIMARY KEY (rollout, version, item)
) WITHOUT ROWID;
CREATE TABLE rollouts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, alias TEXT NOT NULL REFERENCES deployments(alias),
    plan TEXT NOT NULL, state TEXT NOT NULL, baseline INTEGER, candidate INTEGER NOT NULL,
    step INTEGER NOT NULL DEFAULT 0, step_began REAL, looks INTEGER NOT NULL DEFAULT 0,
    next_look INTEGER NOT NULL DEFAULT 0, outcome TEXT, started REAL NOT NULL,
    by_id TEXT NOT NULL, by_name TEXT NOT NULL, note TEXT NOT NULL, digest TEXT NOT NULL,
    approval_until REAL, approvals TEXT NOT NULL DEFAULT '[]', ended REAL, reason TEXT
);
CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL);
INSERT INTO "secrets" VALUES('assignment',X'DB8F91FCA1A81E2A5FF310BD609E559AD04408F0595CEF6C06676F0A242287AC');
CREATE TABLE shadows (
    rollout INTEGER PRIMARY KEY REFERENCES rollouts(id), data TEXT NOT NULL
);
CREATE TABLE told (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL);
INSERT INTO "told" VALUES(1,0);
CREATE TABLE versions (
    alias TEXT NOT NULL REFERENCES deployments(alias), number INTEGER NOT NULL,
    content TEXT NOT NULL, created REAL NOT NULL, by_id TEXT NOT NULL, by_name TEXT NOT NULL,
    note TEXT NOT NULL, is_up INTEGER NOT NULL DEFAULT 0, standby_until REAL, served REAL,
    rolled_back REAL, pruned REAL, PRIMARY KEY (alias, number)
);
CREATE TABLE windows (
    rollout INTEGER NOT NULL REFERENCES rollouts(id), step INTEGER NOT NULL,
    version INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (rollout, step, version)
);
CREATE UNIQUE INDEX rollouts_under_way ON rollouts(alias) WHERE ended IS NULL;
CREATE INDEX rollouts_by_alias ON rollouts(alias, id);
CREATE INDEX effects_by_alias ON effects(alias, id);
CREATE INDEX events_by_alias ON events(alias, number);
CREATE INDEX events_by_rollout ON events(rollout, number);
CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN
    SELECT RAISE(ABORT, 'events are never changed');
END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN
    SELECT RAISE(ABORT, 'events are never deleted');
END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('events',1);
