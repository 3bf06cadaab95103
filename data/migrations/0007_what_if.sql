-- Places that a plan assumes: a hall, bank (payment point) or crew base that would be added, moved or closed.
-- place_id is that of the real place, or a code of the plan's own for an added one; lon and lat are where it would be.
CREATE TABLE plan_places (
  plan_id BIGINT NOT NULL, kind VARCHAR NOT NULL, place_id VARCHAR NOT NULL, deed VARCHAR NOT NULL, name VARCHAR NOT NULL,
  lon DOUBLE, lat DOUBLE, made_at TIMESTAMPTZ NOT NULL, actor VARCHAR NOT NULL
);
