-- Fields that administrators define, and their value in each case. A value belongs to a case and a field; neither
-- database lets a field go while values point to it. `deleted` hides a field whose values a job is taking away.
CREATE TABLE custom_fields (
  organization_id BLOB NOT NULL REFERENCES organizations (organization_id),
  id BLOB NOT NULL,
  label TEXT NOT NULL,
  kind TEXT NOT NULL,
  icon TEXT NOT NULL,
  help TEXT NOT NULL,
  required INTEGER NOT NULL,
  default_value TEXT NOT NULL,
  options TEXT NOT NULL,
  position INTEGER NOT NULL,
  archived INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  PRIMARY KEY (organization_id, id)
) STRICT;

CREATE TABLE case_custom_fields (
  organization_id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  field_id BLOB NOT NULL,
  value TEXT NOT NULL,
  version INTEGER NOT NULL,
  changed_by_kind TEXT NOT NULL,
  changed_by BLOB,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, case_id, field_id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, field_id) REFERENCES custom_fields (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_custom_fields_by_field ON case_custom_fields (organization_id, field_id, case_id);

-- Prepared texts: everyone's without an owner, else one operator's and nobody else's.
CREATE TABLE quick_responses (
  organization_id BLOB NOT NULL REFERENCES organizations (organization_id),
  id BLOB NOT NULL,
  owner BLOB,
  shortcut TEXT NOT NULL,
  shortcut_folded TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  version INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, owner) REFERENCES operators (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX quick_responses_global ON quick_responses (organization_id, shortcut_folded) WHERE owner IS NULL;
CREATE UNIQUE INDEX quick_responses_private ON quick_responses (organization_id, owner, shortcut_folded) WHERE owner IS NOT NULL;

-- Where the customer of a case is, as far as the customer said so. Degrees are whole numbers of 1e-7.
CREATE TABLE case_locations (
  organization_id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  request_id BLOB NOT NULL,
  requested_by BLOB NOT NULL,
  requested_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_at INTEGER NOT NULL,
  reason TEXT,
  latitude_e7 INTEGER,
  longitude_e7 INTEGER,
  accuracy_m INTEGER,
  located_at INTEGER,
  PRIMARY KEY (organization_id, case_id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, requested_by) REFERENCES operators (organization_id, id)
) STRICT, WITHOUT ROWID;

-- What guests answered when they were asked: only ever added to, and gone with the case.
CREATE TABLE consents (
  organization_id BLOB NOT NULL,
  id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  guest_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  answer TEXT NOT NULL,
  text_version INTEGER NOT NULL,
  language TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX consents_by_case ON consents (organization_id, case_id);
