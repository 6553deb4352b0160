CREATE TABLE IF NOT EXISTS grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('usage');
CREATE TABLE quotas (
  period TEXT NOT NULL,
  scope TEXT NOT NULL,
  subject TEXT NOT NULL,
  model TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  PRIMARY KEY (period, scope, subject, model)
) WITHOUT ROWID;
INSERT INTO "quotas" VALUES('2027-01','key','key:k','',9,0);
INSERT INTO "quotas" VALUES('2027-01','model','','m',9,0);
INSERT INTO "quotas" VALUES('2027-01','server','','',9,0);
INSERT INTO "quotas" VALUES('2027-01','tenant','default','',9,0);
INSERT INTO "quotas" VALUES('2027-01','tenant-model','default','m',9,0);
INSERT INTO "quotas" VALUES('2027-01','user','user:u','',9,0);
INSERT INTO "quotas" VALUES('2027-01-15','key','key:k','',9,0);
INSERT INTO "quotas" VALUES('2027-01-15','model','','m',9,0);
INSERT INTO "quotas" VALUES('2027-01-15','server','','',9,0);
INSERT INTO "quotas" VALUES('2027-01-15','tenant','default','',9,0);
INSERT INTO "quotas" VALUES('2027-01-15','tenant-model','default','m',9,0);
INSERT INTO "quotas" VALUES('2027-01-15','user','user:u','',9,0);
CREATE TABLE usage (
  day TEXT NOT NULL,
  tenant TEXT NOT NULL,
  user TEXT NOT NULL,
  key TEXT NOT NULL,
  model TEXT NOT NULL,
  requests INTEGER NOT NULL,
  promptTokens INTEGER NOT NULL,
  cachedTokens INTEGER NOT NULL,
  answerTokens INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  PRIMARY KEY (day, tenant, user, key, model)
) WITHOUT ROWID;
INSERT INTO "usage" VALUES('2027-01-15','default','user:u','key:k','m',1,7,0,2,0);
