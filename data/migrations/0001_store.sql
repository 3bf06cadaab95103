CREATE TABLE meta (name VARCHAR PRIMARY KEY, value VARCHAR);
INSERT INTO meta VALUES ('facts_version', '0'), ('origin', 'empty');

CREATE SEQUENCE batch_ids;
CREATE TABLE import_batches (
  batch_id BIGINT PRIMARY KEY, kind VARCHAR NOT NULL, files VARCHAR[] NOT NULL, sha256 VARCHAR[],
  actor VARCHAR NOT NULL, loaded_at TIMESTAMPTZ NOT NULL, datum VARCHAR, mapping VARCHAR,
  rows BIGINT, loaded BIGINT, corrected BIGINT, rejected BIGINT, unchanged BIGINT,
  new_rows BIGINT, changed_rows BIGINT, status VARCHAR NOT NULL, undone_at TIMESTAMPTZ, undone_by VARCHAR
);
CREATE TABLE import_rejects (
  batch_id BIGINT NOT NULL, file VARCHAR, "row" BIGINT, "column" VARCHAR, value VARCHAR,
  code VARCHAR, expected VARCHAR, original VARCHAR
);

CREATE SEQUENCE audit_ids;
CREATE TABLE audit_log (
  event_id BIGINT PRIMARY KEY, happened_at TIMESTAMPTZ NOT NULL, actor VARCHAR NOT NULL,
  event VARCHAR NOT NULL, subject VARCHAR, detail VARCHAR
);

CREATE TABLE jobs (
  job_id VARCHAR PRIMARY KEY, kind VARCHAR NOT NULL, actor VARCHAR NOT NULL, state VARCHAR NOT NULL,
  progress DOUBLE NOT NULL DEFAULT 0, message VARCHAR, result VARCHAR, asked_to_stop BOOLEAN NOT NULL DEFAULT FALSE,
  started_at TIMESTAMPTZ, ended_at TIMESTAMPTZ
);

CREATE TABLE org_units (
  unit_id VARCHAR, parent_id VARCHAR, level VARCHAR, name VARCHAR, timezone VARCHAR,
  batch_id BIGINT, row_no BIGINT
);
CREATE TABLE feeders (
  feeder_id VARCHAR, name VARCHAR, unit_id VARCHAR, geometry BLOB, month_energy_kwh DOUBLE,
  batch_id BIGINT, row_no BIGINT
);
CREATE TABLE transformers (
  transformer_id VARCHAR, name VARCHAR, kind VARCHAR, feeder_id VARCHAR, capacity_kva DOUBLE, metering_side VARCHAR,
  valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ, lon DOUBLE, lat DOUBLE, given_x DOUBLE, given_y DOUBLE, given_datum VARCHAR,
  cell_id BIGINT, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE meters (
  meter_id VARCHAR, customer_no VARCHAR, meter_box_id VARCHAR, transformer_id VARCHAR, role VARCHAR, multiplier DOUBLE,
  maker VARCHAR, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE customers (
  customer_no VARCHAR, name VARCHAR, phone VARCHAR, address VARCHAR, use_type VARCHAR, tariff VARCHAR,
  transformer_id VARCHAR, importance_code VARCHAR, second_feeder_id VARCHAR, own_generator BOOLEAN, life_support BOOLEAN,
  prepaid BOOLEAN, connected_on DATE, lon DOUBLE, lat DOUBLE, given_x DOUBLE, given_y DOUBLE, given_datum VARCHAR,
  position_source VARCHAR, cell_id BIGINT, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE halls (
  hall_id VARCHAR, name VARCHAR, grade VARCHAR, counters BIGINT, opens VARCHAR, opening_exceptions VARCHAR,
  self_service_24h BOOLEAN, capabilities VARCHAR, unit_id VARCHAR, lon DOUBLE, lat DOUBLE, given_x DOUBLE, given_y DOUBLE,
  given_datum VARCHAR, cell_id BIGINT, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE banks (
  bank_id VARCHAR, name VARCHAR, operator VARCHAR, services VARCHAR, opens VARCHAR, lon DOUBLE, lat DOUBLE,
  given_x DOUBLE, given_y DOUBLE, given_datum VARCHAR, cell_id BIGINT, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE staff (
  staff_id VARCHAR, name VARCHAR, phone VARCHAR, skills VARCHAR, unit_id VARCHAR, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE crews (
  crew_id VARCHAR, name VARCHAR, phone VARCHAR, skills VARCHAR, shift VARCHAR, members VARCHAR, unit_id VARCHAR,
  lon DOUBLE, lat DOUBLE, given_x DOUBLE, given_y DOUBLE, given_datum VARCHAR, cell_id BIGINT, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE area_duties (
  area_id VARCHAR, staff_id VARCHAR, crew_id VARCHAR, duty VARCHAR, hours VARCHAR,
  valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE streets (
  way_id VARCHAR, seq BIGINT, from_node BIGINT, to_node BIGINT, from_lon DOUBLE, from_lat DOUBLE, to_lon DOUBLE, to_lat DOUBLE,
  length_m DOUBLE, highway VARCHAR, name VARCHAR, oneway VARCHAR, maxspeed_kmh DOUBLE, is_bridge BOOLEAN,
  batch_id BIGINT, row_no BIGINT
);
CREATE TABLE closures (
  street VARCHAR, geometry BLOB, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ, reason VARCHAR, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE promise_zones (
  name VARCHAR, promise_class VARCHAR, geometry BLOB, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE outages (
  outage_id VARCHAR, kind VARCHAR, status VARCHAR, cause VARCHAR, scope VARCHAR, started_at TIMESTAMPTZ,
  estimated_restore_at TIMESTAMPTZ, restored_at TIMESTAMPTZ, customers_affected BIGINT, lon DOUBLE, lat DOUBLE,
  given_x DOUBLE, given_y DOUBLE, given_datum VARCHAR, cell_id BIGINT, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE meter_readings (
  meter_id VARCHAR, day DATE, register_kwh DOUBLE, energy_kwh DOUBLE, reverse_kwh DOUBLE, source VARCHAR,
  received_at TIMESTAMPTZ, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE cell_facts (
  cell_id BIGINT, measure VARCHAR, value DOUBLE, unit VARCHAR, source VARCHAR, as_of TIMESTAMPTZ, batch_id BIGINT, row_no BIGINT
);

CREATE SEQUENCE plan_ids;
CREATE TABLE service_plans (
  plan_id BIGINT, name VARCHAR, basis VARCHAR, status VARCHAR, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ,
  created_at TIMESTAMPTZ, created_by VARCHAR, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE service_areas (
  plan_id BIGINT, area_id VARCHAR, name VARCHAR, hall_id VARCHAR, unit_id VARCHAR, geometry BLOB,
  batch_id BIGINT, row_no BIGINT
);
CREATE TABLE plan_units (
  plan_id BIGINT, transformer_id VARCHAR, cell_id BIGINT, area_id VARCHAR, share DOUBLE, claim_basis VARCHAR,
  valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE assignment_overrides (
  plan_id BIGINT, transformer_id VARCHAR, customer_no VARCHAR, area_id VARCHAR, reason VARCHAR,
  valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ, batch_id BIGINT, row_no BIGINT
);

CREATE TABLE customer_areas (customer_no VARCHAR, area_id VARCHAR, rule VARCHAR);
CREATE TABLE cell_areas (cell_id BIGINT, area_id VARCHAR, is_mixed BOOLEAN, areas VARCHAR[]);
CREATE TABLE cell_travel (
  cell_id BIGINT, target VARCHAR, target_id VARCHAR, travel_time_min DOUBLE, method VARCHAR
);
CREATE TABLE cell_energy_days (cell_id BIGINT, day DATE, energy_kwh DOUBLE, meters_read BIGINT);

CREATE TABLE org_units_before AS SELECT *, 0::BIGINT AS replaced_by FROM org_units LIMIT 0;
CREATE TABLE feeders_before AS SELECT *, 0::BIGINT AS replaced_by FROM feeders LIMIT 0;
CREATE TABLE transformers_before AS SELECT *, 0::BIGINT AS replaced_by FROM transformers LIMIT 0;
CREATE TABLE meters_before AS SELECT *, 0::BIGINT AS replaced_by FROM meters LIMIT 0;
CREATE TABLE customers_before AS SELECT *, 0::BIGINT AS replaced_by FROM customers LIMIT 0;
CREATE TABLE halls_before AS SELECT *, 0::BIGINT AS replaced_by FROM halls LIMIT 0;
CREATE TABLE banks_before AS SELECT *, 0::BIGINT AS replaced_by FROM banks LIMIT 0;
CREATE TABLE staff_before AS SELECT *, 0::BIGINT AS replaced_by FROM staff LIMIT 0;
CREATE TABLE crews_before AS SELECT *, 0::BIGINT AS replaced_by FROM crews LIMIT 0;
CREATE TABLE area_duties_before AS SELECT *, 0::BIGINT AS replaced_by FROM area_duties LIMIT 0;
CREATE TABLE streets_before AS SELECT *, 0::BIGINT AS replaced_by FROM streets LIMIT 0;
CREATE TABLE closures_before AS SELECT *, 0::BIGINT AS replaced_by FROM closures LIMIT 0;
CREATE TABLE promise_zones_before AS SELECT *, 0::BIGINT AS replaced_by FROM promise_zones LIMIT 0;
CREATE TABLE outages_before AS SELECT *, 0::BIGINT AS replaced_by FROM outages LIMIT 0;
CREATE TABLE meter_readings_before AS SELECT *, 0::BIGINT AS replaced_by FROM meter_readings LIMIT 0;
CREATE TABLE cell_facts_before AS SELECT *, 0::BIGINT AS replaced_by FROM cell_facts LIMIT 0;
CREATE TABLE service_plans_before AS SELECT *, 0::BIGINT AS replaced_by FROM service_plans LIMIT 0;
CREATE TABLE service_areas_before AS SELECT *, 0::BIGINT AS replaced_by FROM service_areas LIMIT 0;
CREATE TABLE plan_units_before AS SELECT *, 0::BIGINT AS replaced_by FROM plan_units LIMIT 0;
CREATE TABLE assignment_overrides_before AS SELECT *, 0::BIGINT AS replaced_by FROM assignment_overrides LIMIT 0;

CREATE VIEW meter_links AS
SELECT meter_id, customer_no, meter_box_id, transformer_id, role, coalesce(multiplier, 1) AS multiplier, maker, valid_from,
  coalesce(valid_to, lead(valid_from) OVER (PARTITION BY meter_id ORDER BY valid_from NULLS FIRST)) AS valid_to
FROM meters;
CREATE VIEW transformer_links AS
SELECT transformer_id, name, kind, feeder_id, capacity_kva, lon, lat, cell_id, valid_from,
  coalesce(valid_to, lead(valid_from) OVER (PARTITION BY transformer_id ORDER BY valid_from NULLS FIRST)) AS valid_to
FROM transformers;
