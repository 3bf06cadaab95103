CREATE TABLE water (name VARCHAR, geometry BLOB, batch_id BIGINT, row_no BIGINT);
CREATE TABLE water_before AS SELECT *, 0::BIGINT AS replaced_by FROM water LIMIT 0;
INSERT INTO meta VALUES ('database_id', uuid()::VARCHAR);
