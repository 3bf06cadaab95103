-- What was told to those who must not see single households, kept so that no later telling of the same
-- thing gives one away. A customer counts in a cell, and a cell in a group, from one day until before another.
CREATE TABLE told_homes (
  customer_no VARCHAR NOT NULL, cell_id BIGINT NOT NULL, slot UTINYINT NOT NULL, from_day DATE NOT NULL, to_day DATE NOT NULL
);
CREATE TABLE told_cells (
  cell_id BIGINT NOT NULL, "group" BIGINT NOT NULL, customers BIGINT NOT NULL, group_customers BIGINT NOT NULL,
  from_day DATE NOT NULL, to_day DATE NOT NULL
);
-- Every telling of a group's energy of a day; the marks say, by slots of customers, what stood behind it.
CREATE TABLE told_figures (
  "group" BIGINT NOT NULL, day DATE NOT NULL, telling BIGINT NOT NULL, energy_kwh DOUBLE NOT NULL,
  mark_low UBIGINT NOT NULL, mark_high UBIGINT NOT NULL, is_shown BOOLEAN NOT NULL
);
-- Every telling of a loaded figure about people: the cell's own value behind it, the mean shown for it.
CREATE TABLE told_facts (
  measure VARCHAR NOT NULL, cell_id BIGINT NOT NULL, telling BIGINT NOT NULL, behind DOUBLE NOT NULL, shown DOUBLE NOT NULL,
  customers BIGINT NOT NULL
);
DELETE FROM meta WHERE name = 'derived:energy';
