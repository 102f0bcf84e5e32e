-- Texts of cases as they are searched: folded, one row for each message and for each part of the details. `id` is the
-- organization's ordinal << 47 | the event's number << 8 | slot: the greatest is the newest. `state` is always 1 here:
-- the trigram index follows at once.
CREATE TABLE search_rows (
  id bigint NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL,
  case_id uuid NOT NULL,
  slot bigint NOT NULL,
  entry bigint,
  at bigint NOT NULL,
  state bigint NOT NULL,
  text text NOT NULL
);
CREATE INDEX search_rows_by_case ON search_rows (organization_id, case_id, slot, id);
CREATE INDEX search_rows_unsettled ON search_rows (organization_id, id) WHERE state <> 1;

-- A trusted extension: who owns the database may create it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX search_rows_trigrams ON search_rows USING gin (text gin_trgm_ops);

-- Events up to this number are still to be read into the index: what an upgrade finds there.
ALTER TABLE organizations ADD COLUMN search_left bigint NOT NULL DEFAULT 0;
UPDATE organizations SET search_left = seq;
