-- Fault reports as they come in, outages in steps, and what was told, done and decided about both.
ALTER TABLE outages ADD COLUMN parent_outage_id VARCHAR;
ALTER TABLE outages_before ADD COLUMN parent_outage_id VARCHAR;
ALTER TABLE customers ADD COLUMN contact_confirmed_on DATE;
ALTER TABLE customers ADD COLUMN notice_channel VARCHAR;
ALTER TABLE customers_before ADD COLUMN contact_confirmed_on DATE;
ALTER TABLE customers_before ADD COLUMN notice_channel VARCHAR;

CREATE TABLE outage_steps (
  outage_id VARCHAR, step_at TIMESTAMPTZ, change VARCHAR, scope VARCHAR, customers BIGINT, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE outage_steps_before AS SELECT *, 0::BIGINT AS replaced_by FROM outage_steps LIMIT 0;

-- Every estimate that was ever given, in the order in which it was told; the outage itself holds the last.
CREATE TABLE outage_estimates (
  outage_id VARCHAR NOT NULL, told_at TIMESTAMPTZ NOT NULL, estimated_restore_at TIMESTAMPTZ, reason VARCHAR, actor VARCHAR NOT NULL,
  batch_id BIGINT
);
-- Past-tense records: detail is a JSON object of ids, codes and counts, never of a person's words.
CREATE TABLE outage_events (
  outage_id VARCHAR NOT NULL, happened_at TIMESTAMPTZ NOT NULL, event VARCHAR NOT NULL, detail VARCHAR, actor VARCHAR NOT NULL
);

-- transformer_id, feeder_id, area_id, crew_id and promise_class are those of the moment of registration.
CREATE TABLE fault_reports (
  report_id VARCHAR, registered_at TIMESTAMPTZ, channel VARCHAR, customer_no VARCHAR, caller VARCHAR, phone VARCHAR, address VARCHAR,
  lon DOUBLE, lat DOUBLE, given_x DOUBLE, given_y DOUBLE, given_datum VARCHAR, cell_id BIGINT, position_source VARCHAR,
  service_type VARCHAR, fault_class VARCHAR, note VARCHAR, transformer_id VARCHAR, feeder_id VARCHAR, area_id VARCHAR, crew_id VARCHAR,
  promise_class VARCHAR, verdict VARCHAR, outage_id VARCHAR, grouped_by VARCHAR, group_reason VARCHAR,
  told_at TIMESTAMPTZ, accepted_at TIMESTAMPTZ, arrived_at TIMESTAMPTZ, restored_at TIMESTAMPTZ, received_at TIMESTAMPTZ,
  batch_id BIGINT, row_no BIGINT
);
CREATE TABLE fault_reports_before AS SELECT *, 0::BIGINT AS replaced_by FROM fault_reports LIMIT 0;
CREATE TABLE fault_report_events (
  report_id VARCHAR NOT NULL, happened_at TIMESTAMPTZ NOT NULL, event VARCHAR NOT NULL, reason_code VARCHAR, crew_id VARCHAR,
  detail VARCHAR, actor VARCHAR NOT NULL
);
