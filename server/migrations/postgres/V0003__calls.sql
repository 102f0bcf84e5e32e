-- The calls of a case; one of them at most is open. `last_sign_at` moves while someone is connected: a call that
-- nobody keeps alive ends with it.
CREATE TABLE calls (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  started_by uuid NOT NULL,
  started_at bigint NOT NULL,
  last_sign_at bigint NOT NULL,
  ended_at bigint,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX calls_by_case ON calls (organization_id, case_id);
CREATE UNIQUE INDEX calls_open ON calls (organization_id, case_id) WHERE ended_at IS NULL;

-- Who took part, each time from one browser: `person` is an operator or a guest, `session` an operator's session.
-- One person is there once, which the second index keeps.
CREATE TABLE call_participants (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  call_id uuid NOT NULL,
  kind text NOT NULL,
  person uuid NOT NULL,
  session uuid,
  token_hash bytea NOT NULL,
  joined_at bigint NOT NULL,
  left_at bigint,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, call_id) REFERENCES calls (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX call_participants_by_call ON call_participants (organization_id, call_id);
CREATE UNIQUE INDEX call_participants_present ON call_participants (organization_id, call_id, person) WHERE left_at IS NULL;
