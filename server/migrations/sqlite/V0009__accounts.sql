-- Pictures of people and logos. The token is the address, the blob the name of the bytes in the data folder.
CREATE TABLE pictures (
  token TEXT NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL REFERENCES organizations (organization_id),
  blob TEXT NOT NULL UNIQUE,
  content_type TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- The link to a new password: the newest of an operator is the only one. `request` is the job that it answers, and the
-- token is sealed for it, so that an email that has to be sent again is the same. A used one stays for a day: a job of an
-- older request learns from it that nothing is owed.
CREATE TABLE password_resets (
  organization_id BLOB NOT NULL,
  operator_id BLOB NOT NULL,
  request BLOB NOT NULL,
  token_hash BLOB NOT NULL UNIQUE,
  token_sealed BLOB NOT NULL,
  expires_at INTEGER NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (organization_id, operator_id),
  FOREIGN KEY (organization_id, operator_id) REFERENCES operators (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
