CREATE TABLE addressRanges (
  kind TEXT NOT NULL CHECK (kind IN ('tenant', 'key')),
  subject TEXT NOT NULL,
  isAllowed INTEGER NOT NULL CHECK (isAllowed IN (0, 1)),
  range TEXT NOT NULL,
  PRIMARY KEY (kind, subject, isAllowed, range)
) WITHOUT ROWID;
INSERT INTO "addressRanges" VALUES('key','key:g2dwpk4br6cbio1kdb3zdfmz',0,'192.0.2.7/32');
CREATE TABLE attempts (
    subject TEXT PRIMARY KEY, count INTEGER NOT NULL, began REAL NOT NULL, locked_until REAL
);
INSERT INTO "attempts" VALUES(X'692F1C5FD14BE0DF495B408220BEA452A177620B10B270A6227A4175078D2F16',1,1800000000.0,NULL);
INSERT INTO "attempts" VALUES(X'2CE2FD90916EF213D65F090768DC45113DB084659171F720D3BCE53853DEBC87',1,1800000000.0,NULL);
CREATE TABLE IF NOT EXISTS grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('identity');
INSERT INTO "grdb_migrations" VALUES('limits');
INSERT INTO "grdb_migrations" VALUES('addressRanges');
INSERT INTO "grdb_migrations" VALUES('limits are watched');
CREATE TABLE key_uses (
    key_id TEXT PRIMARY KEY REFERENCES keys(id) ON DELETE CASCADE, time REAL NOT NULL
);
INSERT INTO "key_uses" VALUES('key:g2dwpk4br6cbio1kdb3zdfmz',1800000000.0);
CREATE TABLE keys (
    id TEXT PRIMARY KEY, prefix TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    user_id TEXT REFERENCES users(id) ON DELETE CASCADE, roles TEXT,
    tenant TEXT NOT NULL REFERENCES tenants(name), scopes TEXT, models TEXT,
    hash BLOB NOT NULL, previous_hash BLOB, previous_until REAL,
    created REAL NOT NULL, created_by TEXT NOT NULL, expires REAL, revoked REAL,
    CHECK ((user_id IS NULL) <> (roles IS NULL))
);
INSERT INTO "keys" VALUES('key:g2dwpk4br6cbio1kdb3zdfmz','088dhfzm','service',NULL,'["user"]','default',NULL,NULL,X'34BDA54AA935F4B0763DA81B352060152621ACC0C3B47AAB051551BEBF189D96',NULL,NULL,1800000000.0,'local:root',NULL,NULL);
CREATE TABLE limits (
  scope TEXT NOT NULL,
  subject TEXT NOT NULL,
  model TEXT NOT NULL,
  kind TEXT NOT NULL,
  value INTEGER,
  PRIMARY KEY (scope, subject, model, kind)
) WITHOUT ROWID;
INSERT INTO "limits" VALUES('key','key:g2dwpk4br6cbio1kdb3zdfmz','','tokens-per-day',1000);
CREATE TABLE links (
    kind TEXT NOT NULL, issuer TEXT NOT NULL, value TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    PRIMARY KEY (kind, issuer, value)
);
INSERT INTO "links" VALUES('name','','ann','user:p4ths3dg9owddhzhoaf2ck11');
CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE, hash BLOB NOT NULL,
    PRIMARY KEY (user_id, hash)
);
CREATE TABLE revisions (area TEXT PRIMARY KEY, number INTEGER NOT NULL);
INSERT INTO "revisions" VALUES('sessions',2);
INSERT INTO "revisions" VALUES('directory',4);
INSERT INTO "revisions" VALUES('limits',3);
CREATE TABLE roles (
    name TEXT PRIMARY KEY COLLATE NOCASE, about TEXT NOT NULL, permissions TEXT NOT NULL,
    models TEXT
);
CREATE TABLE second_factors (
    user_id TEXT PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
    secret BLOB, pending BLOB, last_step INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE session_uses (
    session_id TEXT PRIMARY KEY REFERENCES sessions(id) ON DELETE CASCADE, time REAL NOT NULL
);
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    created REAL NOT NULL, expires REAL NOT NULL, address TEXT, second_factor_until REAL
);
INSERT INTO "sessions" VALUES('session:yvk56skz9nnl48poorfpefxa',X'BF80C937CC183F960B702CD0020FC38641597448C8AB02890EB02DFDD6C0BBD2','user:p4ths3dg9owddhzhoaf2ck11',1800000000.0,1800043200.0,'192.0.2.1',NULL);
CREATE TABLE tenants (
    name TEXT PRIMARY KEY COLLATE NOCASE, display_name TEXT NOT NULL, models TEXT,
    is_enabled INTEGER NOT NULL, created REAL NOT NULL
);
INSERT INTO "tenants" VALUES('default','Default',NULL,1,1795999765.0);
CREATE TABLE users (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    tenant TEXT NOT NULL REFERENCES tenants(name), display_name TEXT NOT NULL, roles TEXT NOT NULL,
    is_enabled INTEGER NOT NULL, password TEXT, created REAL NOT NULL, password_changed REAL
);
INSERT INTO "users" VALUES('user:p4ths3dg9owddhzhoaf2ck11','ann','default','','["user"]',1,'scrypt$16$8$1$yLfom6wIICeLQkWz_DtIfg$KsSIDT7h48E4TdYmCd6GGYI2cBYUjYPDEeZej-YTPAU',1800000000.0,1800000000.0);
CREATE INDEX links_by_user ON links(user_id);
CREATE INDEX keys_by_user ON keys(user_id);
CREATE INDEX sessions_by_user ON sessions(user_id);
CREATE TRIGGER sessions_insert AFTER INSERT ON sessions BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'sessions';
END;
CREATE TRIGGER sessions_update AFTER UPDATE ON sessions BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'sessions';
END;
CREATE TRIGGER sessions_delete AFTER DELETE ON sessions BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'sessions';
END;
CREATE TRIGGER tenants_insert AFTER INSERT ON tenants BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER tenants_update AFTER UPDATE ON tenants BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER tenants_delete AFTER DELETE ON tenants BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER roles_insert AFTER INSERT ON roles BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER roles_update AFTER UPDATE ON roles BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER roles_delete AFTER DELETE ON roles BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER users_insert AFTER INSERT ON users BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER users_update AFTER UPDATE ON users BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER users_delete AFTER DELETE ON users BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER links_insert AFTER INSERT ON links BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER links_update AFTER UPDATE ON links BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER links_delete AFTER DELETE ON links BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER keys_insert AFTER INSERT ON keys BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER keys_update AFTER UPDATE ON keys BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER keys_delete AFTER DELETE ON keys BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER second_factors_insert AFTER INSERT ON second_factors BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER second_factors_delete AFTER DELETE ON second_factors BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER second_factors_update_of_secret AFTER UPDATE OF secret ON second_factors BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'directory';
END;
CREATE TRIGGER limits_insert AFTER INSERT ON limits BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'limits';
END;
CREATE TRIGGER limits_update AFTER UPDATE ON limits BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'limits';
END;
CREATE TRIGGER limits_delete AFTER DELETE ON limits BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'limits';
END;
CREATE TRIGGER addressRanges_insert AFTER INSERT ON addressRanges BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'limits';
END;
CREATE TRIGGER addressRanges_update AFTER UPDATE ON addressRanges BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'limits';
END;
CREATE TRIGGER addressRanges_delete AFTER DELETE ON addressRanges BEGIN
    UPDATE revisions SET number = number + 1 WHERE area = 'limits';
END;
