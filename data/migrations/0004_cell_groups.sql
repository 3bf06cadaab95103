-- The service area by which each cell's figures about people are grouped: as it was when customers were
-- last loaded, so that redrawing areas cannot be used to tell single households apart.
CREATE TABLE cell_group_areas (cell_id BIGINT NOT NULL, area VARCHAR NOT NULL);
