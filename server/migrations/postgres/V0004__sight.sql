-- What an organization may use and how it looks; which operators work, with which rights; how long a case waits.
-- `ordinal` is the organization's small number, for keys that must be whole numbers.
ALTER TABLE organizations ADD COLUMN ordinal bigint NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN plan text NOT NULL DEFAULT 'enterprise';
ALTER TABLE organizations ADD COLUMN seats bigint;
ALTER TABLE organizations ADD COLUMN separate_operators bigint NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN location_enabled bigint NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN map_url text NOT NULL DEFAULT 'https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}';
ALTER TABLE organizations ADD COLUMN brand_color text NOT NULL DEFAULT '';
ALTER TABLE organizations ADD COLUMN logo text;
UPDATE organizations SET ordinal = (SELECT count(*) FROM organizations o WHERE o.organization_id <= organizations.organization_id);
CREATE UNIQUE INDEX organizations_by_ordinal ON organizations (ordinal);

-- One without a seat reads; one who is not active cannot sign in, and stays for the history's sake.
ALTER TABLE operators ADD COLUMN active bigint NOT NULL DEFAULT 1;
ALTER TABLE operators ADD COLUMN seat bigint NOT NULL DEFAULT 1;
ALTER TABLE operators ADD COLUMN may_reassign bigint NOT NULL DEFAULT 1;
ALTER TABLE operators ADD COLUMN may_delete bigint NOT NULL DEFAULT 1;
ALTER TABLE operators ADD COLUMN may_export bigint NOT NULL DEFAULT 0;
ALTER TABLE operators ADD COLUMN picture text;

-- Set while a case waits for someone to take it, and only then: the order of the queue.
ALTER TABLE cases ADD COLUMN waiting_since bigint;
UPDATE cases SET waiting_since = last_activity_at WHERE status = 'awaiting';
CREATE INDEX cases_waiting ON cases (organization_id, waiting_since, id) WHERE waiting_since IS NOT NULL;
