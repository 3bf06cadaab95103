-- A master meter without a transformer stands at the head of a feeder.
ALTER TABLE meters ADD COLUMN feeder_id VARCHAR;
ALTER TABLE meters_before ADD COLUMN feeder_id VARCHAR;
CREATE OR REPLACE VIEW meter_links AS
SELECT meter_id, customer_no, meter_box_id, transformer_id, role, coalesce(multiplier, 1) AS multiplier, maker, valid_from,
  coalesce(valid_to, lead(valid_from) OVER (PARTITION BY meter_id ORDER BY valid_from NULLS FIRST)) AS valid_to, feeder_id
FROM meters;
-- Worked out from the readings, always rebuildable: the balance of each feeder and day, its dedicated transformers in it.
CREATE TABLE feeder_days (
  feeder_id VARCHAR, day DATE, head_kwh DOUBLE, head_reverse_kwh DOUBLE, master_kwh DOUBLE, master_reverse_kwh DOUBLE, bare_kwh DOUBLE,
  bare_reverse_kwh DOUBLE, forward_kwh DOUBLE, reverse_kwh DOUBLE, heads BIGINT, heads_read BIGINT, masters BIGINT, masters_read BIGINT,
  unmastered BIGINT, meters BIGINT, "read" BIGINT, dedicated BIGINT, dedicated_read BIGINT, supply_kwh DOUBLE, returned_kwh DOUBLE,
  loss_kwh DOUBLE, loss_rate DOUBLE, measured DOUBLE, is_head_metered BOOLEAN, is_known BOOLEAN
);
-- Checks of all readings known at a moment. The newest one's meters and findings are kept, older ones as a line. Counts are meter days.
CREATE SEQUENCE reading_check_ids;
CREATE TABLE reading_checks (
  check_id BIGINT NOT NULL, made_at TIMESTAMPTZ NOT NULL, made_by VARCHAR NOT NULL, first_day DATE NOT NULL, last_day DATE NOT NULL,
  meters BIGINT NOT NULL, due BIGINT NOT NULL, findings BIGINT NOT NULL, entered BIGINT NOT NULL, data_version VARCHAR
);
-- quality 0 to 1: share of the due days without finding, a spike half a day, a zero in doubt a quarter. terminal: what reads the meters of one maker
-- behind one transformer.
CREATE TABLE meter_quality (
  meter_id VARCHAR NOT NULL, customer_no VARCHAR, transformer_id VARCHAR, feeder_id VARCHAR, maker VARCHAR, terminal VARCHAR, is_master BOOLEAN NOT NULL,
  cell_id BIGINT, first_day DATE NOT NULL, last_day DATE NOT NULL, due BIGINT NOT NULL, missing BIGINT NOT NULL, negative BIGINT NOT NULL,
  clock BIGINT NOT NULL, frozen BIGINT NOT NULL, spike BIGINT NOT NULL, zero BIGINT NOT NULL, quality DOUBLE
);
CREATE TABLE reading_findings (meter_id VARCHAR NOT NULL, day DATE NOT NULL, finding VARCHAR NOT NULL);
-- The review queue: a run of days of one meter in doubt. entered_how: rules or hand. Its state follows from its steps; nothing is overwritten.
CREATE SEQUENCE reading_review_ids;
CREATE TABLE reading_reviews (
  review_id BIGINT NOT NULL, meter_id VARCHAR NOT NULL, customer_no VARCHAR, transformer_id VARCHAR, first_day DATE NOT NULL, last_day DATE NOT NULL,
  finding VARCHAR NOT NULL, entered_at TIMESTAMPTZ NOT NULL, entered_by VARCHAR NOT NULL, entered_how VARCHAR NOT NULL, note VARCHAR
);
-- What stood there when it was entered (NULL: no reading), and what the meter usually showed around it; kWh before the multiplier.
CREATE TABLE reading_review_days (
  review_id BIGINT NOT NULL, day DATE NOT NULL, original_kwh DOUBLE, original_source VARCHAR, usual_kwh DOUBLE
);
-- step: checked, accepted, corrected, taken_back (takes_back: of which step), withdrawn. reason_code: data/reference/review_reasons.csv.
CREATE SEQUENCE reading_review_step_ids;
CREATE TABLE reading_review_steps (
  step_id BIGINT NOT NULL, review_id BIGINT NOT NULL, step VARCHAR NOT NULL, stepped_at TIMESTAMPTZ NOT NULL, stepped_by VARCHAR NOT NULL,
  verdict VARCHAR, reason_code VARCHAR, note VARCHAR, takes_back BIGINT
);
-- The value of a day that a check proposes or a correction puts in force as a manual reading.
CREATE TABLE reading_review_values (step_id BIGINT NOT NULL, review_id BIGINT NOT NULL, day DATE NOT NULL, kwh DOUBLE NOT NULL);
