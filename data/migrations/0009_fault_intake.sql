-- What triage found before anybody was sent, kept with its evidence; numbers for reports taken here; debt as a state.
ALTER TABLE fault_reports ADD COLUMN triage VARCHAR;
ALTER TABLE fault_reports_before ADD COLUMN triage VARCHAR;
ALTER TABLE customers ADD COLUMN is_disconnected BOOLEAN;
ALTER TABLE customers_before ADD COLUMN is_disconnected BOOLEAN;
CREATE SEQUENCE fault_report_numbers;
-- What was done to groups of calls by hand, with what was there before, so that it can be taken back.
CREATE SEQUENCE call_group_act_ids;
CREATE TABLE call_group_acts (
  act_id BIGINT NOT NULL, happened_at TIMESTAMPTZ NOT NULL, actor VARCHAR NOT NULL, act VARCHAR NOT NULL,
  reports_before VARCHAR NOT NULL, outages_before VARCHAR NOT NULL, undone_at TIMESTAMPTZ
);
