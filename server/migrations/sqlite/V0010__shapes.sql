-- A field's kind with its options is its shape, numbered from 0; a value says in which shape it stands. A change of kind
-- is a step from one shape to the next. It stands here until a job has carried every value over it; until then values
-- that are behind are read through the steps that they have not gone.
ALTER TABLE custom_fields ADD COLUMN shape INTEGER NOT NULL DEFAULT 0;
ALTER TABLE case_custom_fields ADD COLUMN shape INTEGER NOT NULL DEFAULT 0;

CREATE TABLE custom_field_steps (
  organization_id BLOB NOT NULL,
  field_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  from_kind TEXT NOT NULL,
  from_options TEXT NOT NULL,
  into_kind TEXT NOT NULL,
  into_options TEXT NOT NULL,
  changed_by BLOB NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, field_id, number),
  FOREIGN KEY (organization_id, field_id) REFERENCES custom_fields (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, changed_by) REFERENCES operators (organization_id, id)
) STRICT, WITHOUT ROWID;
