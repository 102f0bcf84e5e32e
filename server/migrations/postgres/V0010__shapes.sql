-- A field's kind with its options is its shape, numbered from 0; a value says in which shape it stands. A change of kind
-- is a step from one shape to the next. It stands here until a job has carried every value over it; until then values
-- that are behind are read through the steps that they have not gone.
ALTER TABLE custom_fields ADD COLUMN shape bigint NOT NULL DEFAULT 0;
ALTER TABLE case_custom_fields ADD COLUMN shape bigint NOT NULL DEFAULT 0;

CREATE TABLE custom_field_steps (
  organization_id uuid NOT NULL,
  field_id uuid NOT NULL,
  number bigint NOT NULL,
  from_kind text NOT NULL,
  from_options text NOT NULL,
  into_kind text NOT NULL,
  into_options text NOT NULL,
  changed_by uuid NOT NULL,
  changed_at bigint NOT NULL,
  PRIMARY KEY (organization_id, field_id, number),
  FOREIGN KEY (organization_id, field_id) REFERENCES custom_fields (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, changed_by) REFERENCES operators (organization_id, id)
);
