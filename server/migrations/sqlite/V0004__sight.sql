-- What an organization may use and how it looks; which operators work, with which rights; how long a case waits.
-- `ordinal` is the organization's small number, for keys that must be whole numbers.
ALTER TABLE organizations ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN plan TEXT NOT NULL DEFAULT 'enterprise';
ALTER TABLE organizations ADD COLUMN seats INTEGER;
ALTER TABLE organizations ADD COLUMN separate_operators INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN location_enabled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN map_url TEXT NOT NULL DEFAULT 'https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}';
ALTER TABLE organizations ADD COLUMN brand_color TEXT NOT NULL DEFAULT '';
ALTER TABLE organizations ADD COLUMN logo TEXT;
UPDATE organizations SET ordinal = (SELECT count(*) FROM organizations o WHERE o.organization_id <= organizations.organization_id);
CREATE UNIQUE INDEX organizations_by_ordinal ON organizations (ordinal);

-- One without a seat reads; one who is not active cannot sign in, and stays for the history's sake.
ALTER TABLE operators ADD COLUMN active INTEGER NOT NULL DEFAULT 1;
ALTER TABLE operators ADD COLUMN seat INTEGER NOT NULL DEFAULT 1;
ALTER TABLE operators ADD COLUMN may_reassign INTEGER NOT NULL DEFAULT 1;
ALTER TABLE operators ADD COLUMN may_delete INTEGER NOT NULL DEFAULT 1;
ALTER TABLE operators ADD COLUMN may_export INTEGER NOT NULL DEFAULT 0;
ALTER TABLE operators ADD COLUMN picture TEXT;

-- Set while a case waits for someone to take it, and only then: the order of the queue.
ALTER TABLE cases ADD COLUMN waiting_since INTEGER;
UPDATE cases SET waiting_since = last_activity_at WHERE status = 'awaiting';
CREATE INDEX cases_waiting ON cases (organization_id, waiting_since, id) WHERE waiting_since IS NOT NULL;
