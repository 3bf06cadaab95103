-- Who is worth a visit, and what else may lie behind lost energy: every scoring is kept whole, none is changed.
-- method: unlabelled or model. data_version: the versions of the facts it was made from.
CREATE SEQUENCE theft_run_ids;
CREATE TABLE theft_runs (
  run_id BIGINT NOT NULL, made_at TIMESTAMPTZ NOT NULL, made_by VARCHAR NOT NULL, method VARCHAR NOT NULL, model_id BIGINT,
  first_day DATE NOT NULL, last_day DATE NOT NULL, customers BIGINT NOT NULL, transformers BIGINT NOT NULL, data_version VARCHAR
);
-- score 0 to 1, higher is more worth a visit; cause: none, suspect, pv, wrong_link, wrong_multiplier, missing_reading, clock, frozen, vacancy.
-- quality 0 to 1 discounts the score. lost_kwh_day: energy a day that the change explains. reasons: JSON list of {"code": …, figures}, never words.
CREATE TABLE theft_scores (
  run_id BIGINT NOT NULL, made_at TIMESTAMPTZ NOT NULL, customer_no VARCHAR NOT NULL, transformer_id VARCHAR, cell_id BIGINT,
  score DOUBLE NOT NULL, cause VARCHAR NOT NULL, quality DOUBLE, lost_kwh_day DOUBLE, since DATE, reasons VARCHAR
);
CREATE TABLE transformer_scores (
  run_id BIGINT NOT NULL, made_at TIMESTAMPTZ NOT NULL, transformer_id VARCHAR NOT NULL, feeder_id VARCHAR, score DOUBLE, cause VARCHAR NOT NULL,
  loss_rate DOUBLE, loss_kwh_day DOUBLE, days_known BIGINT NOT NULL, days BIGINT NOT NULL, grade VARCHAR, since DATE, step_kwh_day DOUBLE, reasons VARCHAR
);
-- Worked out from the readings, always rebuildable: the balance of each transformer and day.
CREATE TABLE loss_days (
  transformer_id VARCHAR, day DATE, master_kwh DOUBLE, master_reverse_kwh DOUBLE, forward_kwh DOUBLE, reverse_kwh DOUBLE,
  loss_kwh DOUBLE, loss_rate DOUBLE, measured DOUBLE, meters BIGINT, is_known BOOLEAN
);
