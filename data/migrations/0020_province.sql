-- Cell facts that `gridcells rollup` made outside, by day and cell, and the same summed over coarser cells. Each day is one load.
-- What tells of people (energy_kwh, feed_in_kwh, loss_kwh, supplied_kwh) is held as it may be told: of cells with few customers
-- their part of a group's sum. due and known count cells: where there was something to know, and where it is known. Sums are whole watt-hours, so that they are the same in whatever order they are added.
CREATE TABLE province_days (
  day DATE NOT NULL, resolution INTEGER NOT NULL, cells BIGINT NOT NULL, least INTEGER NOT NULL, has_outages BOOLEAN NOT NULL, sha256 VARCHAR NOT NULL,
  batch_id BIGINT NOT NULL, row_no BIGINT
);
CREATE TABLE cell_days (
  cell_id BIGINT NOT NULL, day DATE NOT NULL, cells INTEGER NOT NULL, customers BIGINT NOT NULL, meters BIGINT NOT NULL, meters_read BIGINT NOT NULL,
  energy_due INTEGER NOT NULL, energy_known INTEGER NOT NULL, energy_meters BIGINT NOT NULL, energy_kwh DECIMAL(18, 3),
  feed_in_known INTEGER NOT NULL, feed_in_kwh DECIMAL(18, 3),
  loss_due INTEGER NOT NULL, loss_known INTEGER NOT NULL, loss_kwh DECIMAL(18, 3), supplied_kwh DECIMAL(18, 3),
  transformers BIGINT NOT NULL, days_known BIGINT NOT NULL,
  outages_known INTEGER NOT NULL, outage_customers BIGINT, interruptions BIGINT, interrupted_h DECIMAL(18, 6),
  visits_known INTEGER NOT NULL, visits BIGINT, batch_id BIGINT NOT NULL, row_no BIGINT
);
CREATE TABLE cell_day_parents AS SELECT * FROM cell_days LIMIT 0;
-- Which cells are told together, of energy and of losses: kept over all loads, since it may only ever grow coarser.
-- people: the fewest behind a cell on any day so far.
CREATE TABLE province_groups ("of" VARCHAR NOT NULL, cell_id BIGINT NOT NULL, people BIGINT NOT NULL, "group" BIGINT NOT NULL);
CREATE TABLE province_days_before AS SELECT *, 0::BIGINT AS replaced_by FROM province_days LIMIT 0;
CREATE TABLE cell_days_before AS SELECT *, 0::BIGINT AS replaced_by FROM cell_days LIMIT 0;
CREATE TABLE cell_day_parents_before AS SELECT *, 0::BIGINT AS replaced_by FROM cell_days LIMIT 0;
