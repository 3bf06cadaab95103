-- What was expected of the hours of halls, and how such expectations had held against the usual ones. Runs are kept, so that what
-- was expected at any moment can be asked. error: mean absolute error of the judged hours in the measure's unit.
CREATE SEQUENCE hall_forecast_ids;
CREATE TABLE hall_forecast_runs (
  run_id BIGINT PRIMARY KEY, measure VARCHAR NOT NULL, made_at TIMESTAMPTZ NOT NULL, made_by VARCHAR NOT NULL, country VARCHAR NOT NULL,
  first_day DATE NOT NULL, last_day DATE NOT NULL, days_ahead INTEGER NOT NULL, hours_judged BIGINT NOT NULL, error DOUBLE, error_last_week DOUBLE,
  error_usual DOUBLE, covered DOUBLE
);
CREATE TABLE hall_forecasts (
  run_id BIGINT NOT NULL, hall_id VARCHAR NOT NULL, hour TIMESTAMPTZ NOT NULL, expected DOUBLE NOT NULL, low DOUBLE NOT NULL, high DOUBLE NOT NULL
);
