-- A plan being drawn: what it began from, its units in a fixed order, its areas, and every stroke since.
-- Its name and state stand in service_plans like any other plan's.
CREATE TABLE plan_drafts (
  plan_id BIGINT NOT NULL, based_on BIGINT, tolerance DOUBLE NOT NULL, weight VARCHAR NOT NULL
);
CREATE TABLE draft_units (
  plan_id BIGINT NOT NULL, row_no BIGINT NOT NULL, transformer_id VARCHAR, cell_id BIGINT, area INTEGER NOT NULL
);
CREATE TABLE draft_areas (
  plan_id BIGINT NOT NULL, area INTEGER NOT NULL, area_id VARCHAR NOT NULL, name VARCHAR NOT NULL,
  hall_id VARCHAR, unit_id VARCHAR, colour INTEGER
);
-- key: the browser's own number of a stroke, so that one sent twice counts once; rows are row_no of draft_units;
-- where locks is given they were locked or opened instead of moved.
CREATE TABLE draft_strokes (
  plan_id BIGINT NOT NULL, seq BIGINT NOT NULL, key VARCHAR NOT NULL, actor VARCHAR NOT NULL, made_at TIMESTAMPTZ NOT NULL,
  kind VARCHAR NOT NULL, of_seq BIGINT, rows BIGINT[] NOT NULL, before INTEGER[] NOT NULL, after INTEGER[] NOT NULL, areas VARCHAR, locks BOOLEAN
);
CREATE TABLE draft_area_locks (plan_id BIGINT NOT NULL, area INTEGER NOT NULL);
-- What was done with a plan as a whole: submitted, sent back, approved, published, rolled back.
CREATE TABLE plan_deeds (
  plan_id BIGINT NOT NULL, done_at TIMESTAMPTZ NOT NULL, actor VARCHAR NOT NULL, deed VARCHAR NOT NULL, note VARCHAR
);
CREATE TABLE plan_comments (
  comment_id VARCHAR NOT NULL, plan_id BIGINT NOT NULL, cell_id BIGINT, made_at TIMESTAMPTZ NOT NULL, actor VARCHAR NOT NULL,
  text VARCHAR NOT NULL, settled_at TIMESTAMPTZ, settled_by VARCHAR
);
-- A rule that a plan may break, and why.
CREATE TABLE plan_exceptions (
  plan_id BIGINT NOT NULL, area_id VARCHAR NOT NULL, rule VARCHAR NOT NULL, reason VARCHAR NOT NULL,
  actor VARCHAR NOT NULL, made_at TIMESTAMPTZ NOT NULL
);
