-- Payments of a month by channel, of a customer or (where only that is told) of a cell. month: its first day.
CREATE TABLE payments (
  customer_no VARCHAR, cell_id BIGINT, month DATE, channel VARCHAR, payments DOUBLE, amount DOUBLE, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE payments_before AS SELECT *, 0::BIGINT AS replaced_by FROM payments LIMIT 0;
-- A branch that has closed stays known, so that one can tell who lost it.
ALTER TABLE banks ADD COLUMN valid_from TIMESTAMPTZ;
ALTER TABLE banks ADD COLUMN valid_to TIMESTAMPTZ;
ALTER TABLE banks_before ADD COLUMN valid_from TIMESTAMPTZ;
ALTER TABLE banks_before ADD COLUMN valid_to TIMESTAMPTZ;
