-- Texts of cases as they are searched: folded, one row for each message and for each part of the details. `id` is the
-- organization's ordinal << 47 | the event's number << 8 | slot: the greatest is the newest. `state` is 0 while the row
-- waits for the trigram index, 1 in it, 2 when it is gone and the index still has to let it go.
CREATE TABLE search_rows (
  id INTEGER NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  slot INTEGER NOT NULL,
  entry INTEGER,
  at INTEGER NOT NULL,
  state INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX search_rows_by_case ON search_rows (organization_id, case_id, slot, id);
CREATE INDEX search_rows_unsettled ON search_rows (organization_id, id) WHERE state <> 1;

-- The trigrams. What leaves it is overwritten, not only marked.
CREATE VIRTUAL TABLE search_fts USING fts5(text, content='search_rows', content_rowid='id', tokenize='trigram case_sensitive 1');
INSERT INTO search_fts (search_fts, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER search_rows_inserted AFTER INSERT ON search_rows WHEN new.state = 1 BEGIN
  INSERT INTO search_fts (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER search_rows_settled AFTER UPDATE OF state ON search_rows WHEN old.state = 0 AND new.state = 1 BEGIN
  INSERT INTO search_fts (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER search_rows_rewritten AFTER UPDATE OF text ON search_rows WHEN old.state = 1 AND new.text <> old.text BEGIN
  INSERT INTO search_fts (search_fts, rowid, text) VALUES ('delete', old.id, old.text);
  INSERT INTO search_fts (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER search_rows_deleted AFTER DELETE ON search_rows WHEN old.state <> 0 BEGIN
  INSERT INTO search_fts (search_fts, rowid, text) VALUES ('delete', old.id, old.text);
END;

-- Events up to this number are still to be read into the index: what an upgrade finds there.
ALTER TABLE organizations ADD COLUMN search_left INTEGER NOT NULL DEFAULT 0;
UPDATE organizations SET search_left = seq;
