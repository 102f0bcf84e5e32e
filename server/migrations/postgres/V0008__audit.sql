-- Who did what: numbered without gaps, each entry with a hash over itself and the one before. The newest number and
-- hash stand in the organization's row too, so that an entry cut off at the end is missed.
ALTER TABLE organizations ADD COLUMN audit_last bigint NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN audit_hash bytea NOT NULL DEFAULT '\x0000000000000000000000000000000000000000000000000000000000000000';

CREATE TABLE audit (
  organization_id uuid NOT NULL REFERENCES organizations (organization_id),
  n bigint NOT NULL,
  at bigint NOT NULL,
  actor_kind text NOT NULL,
  actor_id uuid,
  verb text NOT NULL,
  object_kind text NOT NULL,
  object_id uuid,
  detail text NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (organization_id, n)
);
CREATE INDEX audit_by_verb ON audit (organization_id, verb, n);
CREATE INDEX audit_by_actor ON audit (organization_id, actor_id, n);
CREATE INDEX audit_by_time ON audit (organization_id, actor_id, at);
