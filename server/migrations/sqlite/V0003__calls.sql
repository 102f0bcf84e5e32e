-- The calls of a case; one of them at most is open. `last_sign_at` moves while someone is connected: a call that
-- nobody keeps alive ends with it.
CREATE TABLE calls (
  organization_id BLOB NOT NULL,
  id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  started_by BLOB NOT NULL,
  started_at INTEGER NOT NULL,
  last_sign_at INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX calls_by_case ON calls (organization_id, case_id);
CREATE UNIQUE INDEX calls_open ON calls (organization_id, case_id) WHERE ended_at IS NULL;

-- Who took part, each time from one browser: `person` is an operator or a guest, `session` an operator's session.
-- One person is there once, which the second index keeps.
CREATE TABLE call_participants (
  organization_id BLOB NOT NULL,
  id BLOB NOT NULL,
  call_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  person BLOB NOT NULL,
  session BLOB,
  token_hash BLOB NOT NULL,
  joined_at INTEGER NOT NULL,
  left_at INTEGER,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, call_id) REFERENCES calls (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX call_participants_by_call ON call_participants (organization_id, call_id);
CREATE UNIQUE INDEX call_participants_present ON call_participants (organization_id, call_id, person) WHERE left_at IS NULL;
