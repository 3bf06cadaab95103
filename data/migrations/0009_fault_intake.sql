-- What triage found before anybody was sent, kept with its evidence; numbers for reports taken here; debt as a state.
ALTER TABLE fault_reports ADD COLUMN triage VARCHAR;
ALTER TABLE fault_reports_before ADD COLUMN triage VARCHAR;
ALTER TABLE customers ADD COLUMN is_disconnected BOOLEAN;
ALTER TABLE customers_before ADD COLUMN is_disconnected BOOLEAN;
CREATE SEQUENCE fault_report_numbers;
