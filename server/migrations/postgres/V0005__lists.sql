-- What lists are found by: tags, snoozing, marks of attention, unread messages, the same customer; and merged cases.

CREATE TABLE tags (
  organization_id uuid NOT NULL REFERENCES organizations (organization_id),
  id uuid NOT NULL,
  name text NOT NULL,
  name_folded text NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, name_folded)
);

-- As with operators: what orders a case stands here again, so that the list of a tag is one index read.
CREATE TABLE case_tags (
  organization_id uuid NOT NULL,
  case_id uuid NOT NULL,
  tag_id uuid NOT NULL,
  status text NOT NULL,
  last_activity_at bigint NOT NULL,
  waiting_since bigint,
  PRIMARY KEY (organization_id, case_id, tag_id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, tag_id) REFERENCES tags (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX case_tags_by_activity ON case_tags (organization_id, tag_id, last_activity_at, case_id);
CREATE INDEX case_tags_by_status ON case_tags (organization_id, tag_id, status, last_activity_at, case_id);
CREATE INDEX case_tags_waiting ON case_tags (organization_id, tag_id, waiting_since, case_id) WHERE waiting_since IS NOT NULL;

-- Snoozed by this operator until then; `unread` is 1 while the customer wrote something this operator has not read.
ALTER TABLE case_operators ADD COLUMN snoozed_until bigint;
ALTER TABLE case_operators ADD COLUMN unread bigint NOT NULL DEFAULT 0;
UPDATE case_operators SET unread = 1 WHERE
  (SELECT c.guest_messages FROM cases c WHERE c.organization_id = case_operators.organization_id AND c.id = case_operators.case_id) >
  coalesce((SELECT r.guest_messages FROM case_reads r WHERE r.organization_id = case_operators.organization_id
            AND r.case_id = case_operators.case_id AND r.operator_id = case_operators.operator_id), 0);
CREATE INDEX case_operators_snoozed ON case_operators (organization_id, operator_id, snoozed_until, case_id) WHERE snoozed_until IS NOT NULL;
CREATE INDEX case_operators_unread ON case_operators (organization_id, operator_id, status, case_id) WHERE unread = 1;

-- A case that one operator should look at, and why; one mark at most, the newest.
CREATE TABLE case_attention (
  organization_id uuid NOT NULL,
  case_id uuid NOT NULL,
  operator_id uuid NOT NULL,
  reason text NOT NULL,
  entry bigint,
  at bigint NOT NULL,
  PRIMARY KEY (organization_id, case_id, operator_id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX case_attention_by_operator ON case_attention (organization_id, operator_id, case_id);

CREATE TABLE saved_filters (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  operator_id uuid NOT NULL,
  name text NOT NULL,
  filter text NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, operator_id) REFERENCES operators (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX saved_filters_by_operator ON saved_filters (organization_id, operator_id, created_at, id);

-- Address and number by which cases of one customer find each other: folded, digits only; absent when not given.
ALTER TABLE cases ADD COLUMN customer_email text;
ALTER TABLE cases ADD COLUMN customer_phone text;
UPDATE cases SET
  customer_email = nullif((SELECT lower(f.value) FROM case_fields f
    WHERE f.organization_id = cases.organization_id AND f.case_id = cases.id AND f.field = 'email'), ''),
  customer_phone = nullif((SELECT replace(replace(replace(replace(replace(replace(f.value, ' ', ''), '-', ''), '/', ''), '(', ''), ')', ''), '.', '')
    FROM case_fields f WHERE f.organization_id = cases.organization_id AND f.case_id = cases.id AND f.field = 'phone'), '');
CREATE INDEX cases_by_email ON cases (organization_id, customer_email, id) WHERE customer_email IS NOT NULL;
CREATE INDEX cases_by_phone ON cases (organization_id, customer_phone, id) WHERE customer_phone IS NOT NULL;

-- Where a case went that was merged into another; gone with that one.
CREATE TABLE merged_cases (
  organization_id uuid NOT NULL,
  case_id uuid NOT NULL,
  into_case uuid NOT NULL,
  number bigint NOT NULL,
  merged_at bigint NOT NULL,
  PRIMARY KEY (organization_id, case_id),
  FOREIGN KEY (organization_id, into_case) REFERENCES cases (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX merged_cases_by_target ON merged_cases (organization_id, into_case);

-- The number of the case that an entry came from, when its case was merged.
ALTER TABLE events ADD COLUMN merged_from bigint;
