-- Organizations, the people who work in them, cases with their timeline, and guests.
-- Every row belongs to an organization. Times are UTC milliseconds, ids are UUIDv7.

CREATE TABLE organizations (
  organization_id uuid NOT NULL PRIMARY KEY,
  name text NOT NULL,
  contact_email text NOT NULL,
  contact_phone text NOT NULL,
  seq bigint NOT NULL,
  last_case_number bigint NOT NULL,
  created_at bigint NOT NULL
) WITH (fillfactor = 50); -- every write of the organization counts `seq` up: room for updates in place

CREATE TABLE setup (
  id bigint NOT NULL PRIMARY KEY,
  token_hash bytea NOT NULL,
  closed_at bigint
);

CREATE TABLE operators (
  organization_id uuid NOT NULL REFERENCES organizations (organization_id),
  id uuid NOT NULL,
  email text NOT NULL,
  email_folded text NOT NULL UNIQUE,
  name text NOT NULL,
  role text NOT NULL,
  password_hash text NOT NULL,
  language text NOT NULL,
  time_zone text NOT NULL,
  theme text NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (organization_id, id)
);

CREATE TABLE operator_sessions (
  token_hash bytea NOT NULL PRIMARY KEY,
  id uuid NOT NULL,
  organization_id uuid NOT NULL,
  operator_id uuid NOT NULL,
  created_at bigint NOT NULL,
  seen_at bigint NOT NULL,
  FOREIGN KEY (organization_id, operator_id) REFERENCES operators (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX operator_sessions_by_operator ON operator_sessions (organization_id, operator_id);

CREATE TABLE operator_invites (
  organization_id uuid NOT NULL REFERENCES organizations (organization_id),
  id uuid NOT NULL,
  token_hash bytea NOT NULL UNIQUE,
  token_sealed bytea NOT NULL,
  email text NOT NULL,
  role text NOT NULL,
  invited_by uuid NOT NULL,
  mail text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  PRIMARY KEY (organization_id, id)
);

CREATE TABLE attempts (
  scope text NOT NULL,
  subject bytea NOT NULL,
  window_started_at bigint NOT NULL,
  failures bigint NOT NULL,
  PRIMARY KEY (scope, subject)
);

CREATE TABLE idempotency_keys (
  organization_id uuid NOT NULL,
  principal uuid NOT NULL,
  client_key uuid NOT NULL,
  body_hash bytea NOT NULL,
  made uuid NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (organization_id, principal, client_key)
);
CREATE INDEX idempotency_keys_by_made ON idempotency_keys (organization_id, made);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE cases (
  organization_id uuid NOT NULL REFERENCES organizations (organization_id),
  id uuid NOT NULL,
  number bigint NOT NULL,
  name text NOT NULL,
  status text NOT NULL,
  origin text NOT NULL,
  meeting_type text NOT NULL,
  created_at bigint NOT NULL,
  completed_at bigint,
  last_entry bigint NOT NULL,
  last_activity_at bigint NOT NULL,
  guest_messages bigint NOT NULL,
  snippet_from text,
  snippet_actor uuid,
  snippet_text text,
  guest_seen_at bigint,
  guest_read_entry bigint NOT NULL,
  guest_read_at bigint,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, number)
);
CREATE INDEX cases_by_activity ON cases (organization_id, last_activity_at, id);
CREATE INDEX cases_by_status ON cases (organization_id, status, last_activity_at, id);

CREATE TABLE case_fields (
  organization_id uuid NOT NULL,
  case_id uuid NOT NULL,
  field text NOT NULL,
  value text NOT NULL,
  version bigint NOT NULL,
  changed_by_kind text NOT NULL,
  changed_by uuid,
  changed_at bigint NOT NULL,
  PRIMARY KEY (organization_id, case_id, field),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE
);

-- Status and activity stand here again, so that one operator's list is one index read among any number of cases.
CREATE TABLE case_operators (
  organization_id uuid NOT NULL,
  case_id uuid NOT NULL,
  operator_id uuid NOT NULL,
  joined_at bigint NOT NULL,
  status text NOT NULL,
  last_activity_at bigint NOT NULL,
  PRIMARY KEY (organization_id, case_id, operator_id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, operator_id) REFERENCES operators (organization_id, id)
);
CREATE INDEX case_operators_by_activity ON case_operators (organization_id, operator_id, last_activity_at, case_id);
CREATE INDEX case_operators_by_status ON case_operators (organization_id, operator_id, status, last_activity_at, case_id);

CREATE TABLE case_reads (
  organization_id uuid NOT NULL,
  case_id uuid NOT NULL,
  operator_id uuid NOT NULL,
  entry bigint NOT NULL,
  guest_messages bigint NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (organization_id, case_id, operator_id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE drafts (
  organization_id uuid NOT NULL,
  case_id uuid NOT NULL,
  operator_id uuid NOT NULL,
  text text NOT NULL,
  version bigint NOT NULL,
  saved_at bigint NOT NULL,
  PRIMARY KEY (organization_id, case_id, operator_id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE
);

-- A message's key is unique per case and sender for good.
CREATE TABLE message_keys (
  organization_id uuid NOT NULL,
  case_id uuid NOT NULL,
  sender uuid NOT NULL,
  client_key uuid NOT NULL,
  entry bigint NOT NULL,
  PRIMARY KEY (organization_id, case_id, sender, client_key),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE
);

-- The timeline, the log for catching up, and the order of everything. A deleted case leaves tombstones.
CREATE TABLE events (
  organization_id uuid NOT NULL,
  seq bigint NOT NULL,
  case_id uuid,
  entry bigint,
  at bigint NOT NULL,
  audience text NOT NULL,
  kind text NOT NULL,
  actor_kind text NOT NULL,
  actor_id uuid,
  payload text NOT NULL,
  PRIMARY KEY (organization_id, seq)
);
CREATE UNIQUE INDEX events_by_entry ON events (organization_id, case_id, entry);

-- The permanent link of a case. After deletion the hash alone stays, so that the link can say so.
CREATE TABLE guest_links (
  token_hash bytea NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL,
  case_id uuid NOT NULL,
  token_sealed bytea,
  created_at bigint NOT NULL,
  deleted_at bigint
);
CREATE INDEX guest_links_by_case ON guest_links (organization_id, case_id);

-- What one browser of a guest may open.
CREATE TABLE guest_sessions (
  token_hash bytea NOT NULL,
  organization_id uuid NOT NULL,
  case_id uuid NOT NULL,
  guest_id uuid NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (token_hash, case_id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX guest_sessions_by_case ON guest_sessions (organization_id, case_id);
