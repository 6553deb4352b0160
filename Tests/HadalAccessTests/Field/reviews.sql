CREATE TABLE IF NOT EXISTS grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('reviews');
CREATE TABLE reviews (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, digest BLOB NOT NULL,
    tenant TEXT NOT NULL, user TEXT NOT NULL, user_name TEXT NOT NULL, model TEXT NOT NULL,
    verdicts TEXT NOT NULL, time REAL NOT NULL, is_allowed INTEGER, decided_by TEXT,
    decided_by_name TEXT, decided REAL, expires REAL
);
INSERT INTO "reviews" VALUES(1,'c1',X'010203','default','u','u','m','v',1800000000.0,1,'local:root','root',1800000000.0,1800086400.0);
CREATE INDEX reviews_by_digest ON reviews(tenant, digest);
CREATE INDEX reviews_by_time ON reviews(time);
CREATE INDEX reviews_waiting ON reviews(tenant, number) WHERE is_allowed IS NULL;
CREATE INDEX reviews_allowed ON reviews(expires) WHERE is_allowed = 1;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('reviews',1);
