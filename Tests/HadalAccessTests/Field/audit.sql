CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, actor TEXT NOT NULL,
    actor_name TEXT NOT NULL, tenant TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL,
    outcome TEXT NOT NULL, details TEXT NOT NULL, address TEXT, request_id TEXT
, sealed BLOB);
INSERT INTO "audit" VALUES(1,1800000000.0,'local:root','root','default','user.create','user:p4ths3dg9owddhzhoaf2ck11','done','{"name":"ann","roles":"user"}','192.0.2.1','r1',NULL);
INSERT INTO "audit" VALUES(2,1800000000.0,'local:root','root','default','key.create','key:g2dwpk4br6cbio1kdb3zdfmz','done','{"name":"service","prefix":"088dhfzm"}','192.0.2.1','r1',NULL);
INSERT INTO "audit" VALUES(3,1800000000.0,'local:root','root','default','limit.set','key:g2dwpk4br6cbio1kdb3zdfmz','done','{"tokens-per-day":"1000"}','192.0.2.1','r1',NULL);
INSERT INTO "audit" VALUES(4,1800000000.0,'local:root','root','default','addresses.set','key:g2dwpk4br6cbio1kdb3zdfmz','done','{"allow":"0 ranges","deny":"1 ranges"}','192.0.2.1','r1',NULL);
CREATE TABLE IF NOT EXISTS grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('audit');
INSERT INTO "grdb_migrations" VALUES('sealed rows');
CREATE INDEX audit_by_tenant ON audit(tenant, time);
CREATE INDEX audit_by_time ON audit(time);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit is never changed');
END;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'the audit is never changed');
END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'nothing is deleted from the audit');
END;
CREATE INDEX audit_sealed ON audit(id) WHERE sealed IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('audit',4);
