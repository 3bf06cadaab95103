-- What was found on the spot. outcome: confirmed, cleared, record_error, wrong_wiring, tariff_misuse, meter_fault, nobody_there. run_id and score: what the
-- visit was chosen by. inspectors: staff ids separated by ;. Recovered energy and penalty money are apart: the one is billed, the other is punishment.
CREATE SEQUENCE inspection_numbers;
CREATE TABLE inspections (
  inspection_id VARCHAR, customer_no VARCHAR, inspected_on DATE, outcome VARCHAR, recovered_kwh DOUBLE, penalty_amount DOUBLE, order_id VARCHAR,
  run_id BIGINT, score DOUBLE, inspectors VARCHAR, seals VARCHAR, signature_sha256 VARCHAR, note VARCHAR, entered_at TIMESTAMPTZ, entered_by VARCHAR,
  batch_id BIGINT, row_no BIGINT
);
CREATE TABLE inspections_before AS SELECT *, 0::BIGINT AS replaced_by FROM inspections LIMIT 0;
-- Visits that a person chose from a proposal, each by a work order; taken back together. expected_kwh: what was expected to be recovered.
CREATE SEQUENCE inspection_plan_ids;
CREATE TABLE inspection_visits (
  plan_id BIGINT NOT NULL, order_id VARCHAR NOT NULL, customer_no VARCHAR NOT NULL, run_id BIGINT NOT NULL, score DOUBLE, expected_kwh DOUBLE,
  chosen_at TIMESTAMPTZ NOT NULL, chosen_by VARCHAR NOT NULL, undone_at TIMESTAMPTZ, undone_by VARCHAR
);
-- What a meter answered when it was asked from afar; answer: the head-end's figures as JSON.
CREATE TABLE remote_checks (
  customer_no VARCHAR NOT NULL, meter_id VARCHAR NOT NULL, asked_at TIMESTAMPTZ NOT NULL, asked_by VARCHAR NOT NULL, answered_at TIMESTAMPTZ,
  outcome VARCHAR NOT NULL, answer VARCHAR
);
