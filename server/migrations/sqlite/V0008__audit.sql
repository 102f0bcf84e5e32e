-- Who did what: numbered without gaps, each entry with a hash over itself and the one before. The newest number and
-- hash stand in the organization's row too, so that an entry cut off at the end is missed.
ALTER TABLE organizations ADD COLUMN audit_last INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN audit_hash BLOB NOT NULL DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';

CREATE TABLE audit (
  organization_id BLOB NOT NULL REFERENCES organizations (organization_id),
  n INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id BLOB,
  verb TEXT NOT NULL,
  object_kind TEXT NOT NULL,
  object_id BLOB,
  detail TEXT NOT NULL,
  previous BLOB NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (organization_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_verb ON audit (organization_id, verb, n);
CREATE INDEX audit_by_actor ON audit (organization_id, actor_id, n);
CREATE INDEX audit_by_time ON audit (organization_id, actor_id, at);
