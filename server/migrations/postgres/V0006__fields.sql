-- Fields that administrators define, and their value in each case. A value belongs to a case and a field; neither
-- database lets a field go while values point to it. `deleted` hides a field whose values a job is taking away.
CREATE TABLE custom_fields (
  organization_id uuid NOT NULL REFERENCES organizations (organization_id),
  id uuid NOT NULL,
  label text NOT NULL,
  kind text NOT NULL,
  icon text NOT NULL,
  help text NOT NULL,
  required bigint NOT NULL,
  default_value text NOT NULL,
  options text NOT NULL,
  position bigint NOT NULL,
  archived bigint NOT NULL,
  deleted bigint NOT NULL,
  PRIMARY KEY (organization_id, id)
);

CREATE TABLE case_custom_fields (
  organization_id uuid NOT NULL,
  case_id uuid NOT NULL,
  field_id uuid NOT NULL,
  value text NOT NULL,
  version bigint NOT NULL,
  changed_by_kind text NOT NULL,
  changed_by uuid,
  changed_at bigint NOT NULL,
  PRIMARY KEY (organization_id, case_id, field_id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, field_id) REFERENCES custom_fields (organization_id, id)
);
CREATE INDEX case_custom_fields_by_field ON case_custom_fields (organization_id, field_id, case_id);

-- Prepared texts: everyone's without an owner, else one operator's and nobody else's.
CREATE TABLE quick_responses (
  organization_id uuid NOT NULL REFERENCES organizations (organization_id),
  id uuid NOT NULL,
  owner uuid,
  shortcut text NOT NULL,
  shortcut_folded text NOT NULL,
  title text NOT NULL,
  text text NOT NULL,
  version bigint NOT NULL,
  changed_at bigint NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, owner) REFERENCES operators (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX quick_responses_global ON quick_responses (organization_id, shortcut_folded) WHERE owner IS NULL;
CREATE UNIQUE INDEX quick_responses_private ON quick_responses (organization_id, owner, shortcut_folded) WHERE owner IS NOT NULL;

-- Where the customer of a case is, as far as the customer said so. Degrees are whole numbers of 1e-7.
CREATE TABLE case_locations (
  organization_id uuid NOT NULL,
  case_id uuid NOT NULL,
  request_id uuid NOT NULL,
  requested_by uuid NOT NULL,
  requested_at bigint NOT NULL,
  state text NOT NULL,
  state_at bigint NOT NULL,
  reason text,
  latitude_e7 bigint,
  longitude_e7 bigint,
  accuracy_m bigint,
  located_at bigint,
  PRIMARY KEY (organization_id, case_id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, requested_by) REFERENCES operators (organization_id, id)
);

-- What guests answered when they were asked: only ever added to, and gone with the case.
CREATE TABLE consents (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  guest_id uuid NOT NULL,
  kind text NOT NULL,
  answer text NOT NULL,
  text_version bigint NOT NULL,
  language text NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX consents_by_case ON consents (organization_id, case_id);
