-- What is still to be done, and when. Done jobs are deleted. The texts are those of crates/jobs.
CREATE TABLE jobs (
    id UUID NOT NULL PRIMARY KEY,
    organization_id UUID,
    kind TEXT NOT NULL,
    key TEXT UNIQUE,
    payload TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    at_most_once BIGINT NOT NULL CHECK (at_most_once IN (0, 1)),
    attempts BIGINT NOT NULL DEFAULT 0,
    attempts_max BIGINT NOT NULL CHECK (attempts_max > 0),
    state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'dead', 'unknown')),
    lease_until BIGINT,
    lease_token UUID,
    last_error TEXT,
    CHECK ((state = 'running') = (lease_until IS NOT NULL)),
    CHECK ((state = 'running') = (lease_token IS NOT NULL))
);
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_of_organization ON jobs (organization_id) WHERE organization_id IS NOT NULL;
