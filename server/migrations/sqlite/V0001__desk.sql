-- Organizations, the people who work in them, cases with their timeline, and guests.
-- Every row belongs to an organization. Times are UTC milliseconds, ids are UUIDv7.

CREATE TABLE organizations (
  organization_id BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  contact_email TEXT NOT NULL,
  contact_phone TEXT NOT NULL,
  seq INTEGER NOT NULL,
  last_case_number INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE setup (
  id INTEGER NOT NULL PRIMARY KEY,
  token_hash BLOB NOT NULL,
  closed_at INTEGER
) STRICT;

CREATE TABLE operators (
  organization_id BLOB NOT NULL REFERENCES organizations (organization_id),
  id BLOB NOT NULL,
  email TEXT NOT NULL,
  email_folded TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  language TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  theme TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, id)
) STRICT;

CREATE TABLE operator_sessions (
  token_hash BLOB NOT NULL PRIMARY KEY,
  id BLOB NOT NULL,
  organization_id BLOB NOT NULL,
  operator_id BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  FOREIGN KEY (organization_id, operator_id) REFERENCES operators (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX operator_sessions_by_operator ON operator_sessions (organization_id, operator_id);

CREATE TABLE operator_invites (
  organization_id BLOB NOT NULL REFERENCES organizations (organization_id),
  id BLOB NOT NULL,
  token_hash BLOB NOT NULL UNIQUE,
  token_sealed BLOB NOT NULL,
  email TEXT NOT NULL,
  role TEXT NOT NULL,
  invited_by BLOB NOT NULL,
  mail TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, id)
) STRICT;

CREATE TABLE attempts (
  scope TEXT NOT NULL,
  subject BLOB NOT NULL,
  window_started_at INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  PRIMARY KEY (scope, subject)
) STRICT;

CREATE TABLE idempotency_keys (
  organization_id BLOB NOT NULL,
  principal BLOB NOT NULL,
  client_key BLOB NOT NULL,
  body_hash BLOB NOT NULL,
  made BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, principal, client_key)
) STRICT;
CREATE INDEX idempotency_keys_by_made ON idempotency_keys (organization_id, made);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE cases (
  organization_id BLOB NOT NULL REFERENCES organizations (organization_id),
  id BLOB NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  origin TEXT NOT NULL,
  meeting_type TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  completed_at INTEGER,
  last_entry INTEGER NOT NULL,
  last_activity_at INTEGER NOT NULL,
  guest_messages INTEGER NOT NULL,
  snippet_from TEXT,
  snippet_actor BLOB,
  snippet_text TEXT,
  guest_seen_at INTEGER,
  guest_read_entry INTEGER NOT NULL,
  guest_read_at INTEGER,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, number)
) STRICT;
CREATE INDEX cases_by_activity ON cases (organization_id, last_activity_at, id);
CREATE INDEX cases_by_status ON cases (organization_id, status, last_activity_at, id);

CREATE TABLE case_fields (
  organization_id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  version INTEGER NOT NULL,
  changed_by_kind TEXT NOT NULL,
  changed_by BLOB,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, case_id, field),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Status and activity stand here again, so that one operator's list is one index read among any number of cases.
CREATE TABLE case_operators (
  organization_id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  operator_id BLOB NOT NULL,
  joined_at INTEGER NOT NULL,
  status TEXT NOT NULL,
  last_activity_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, case_id, operator_id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, operator_id) REFERENCES operators (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_operators_by_activity ON case_operators (organization_id, operator_id, last_activity_at, case_id);
CREATE INDEX case_operators_by_status ON case_operators (organization_id, operator_id, status, last_activity_at, case_id);

CREATE TABLE case_reads (
  organization_id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  operator_id BLOB NOT NULL,
  entry INTEGER NOT NULL,
  guest_messages INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, case_id, operator_id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE drafts (
  organization_id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  operator_id BLOB NOT NULL,
  text TEXT NOT NULL,
  version INTEGER NOT NULL,
  saved_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, case_id, operator_id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- A message's key is unique per case and sender for good.
CREATE TABLE message_keys (
  organization_id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  sender BLOB NOT NULL,
  client_key BLOB NOT NULL,
  entry INTEGER NOT NULL,
  PRIMARY KEY (organization_id, case_id, sender, client_key),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The timeline, the log for catching up, and the order of everything. A deleted case leaves tombstones.
CREATE TABLE events (
  organization_id BLOB NOT NULL,
  seq INTEGER NOT NULL,
  case_id BLOB,
  entry INTEGER,
  at INTEGER NOT NULL,
  audience TEXT NOT NULL,
  kind TEXT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id BLOB,
  payload TEXT NOT NULL,
  PRIMARY KEY (organization_id, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX events_by_entry ON events (organization_id, case_id, entry);

-- The permanent link of a case. After deletion the hash alone stays, so that the link can say so.
CREATE TABLE guest_links (
  token_hash BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  token_sealed BLOB,
  created_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX guest_links_by_case ON guest_links (organization_id, case_id);

-- What one browser of a guest may open.
CREATE TABLE guest_sessions (
  token_hash BLOB NOT NULL,
  organization_id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  guest_id BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (token_hash, case_id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX guest_sessions_by_case ON guest_sessions (organization_id, case_id);
