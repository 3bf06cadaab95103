-- One row a ticket of a queue machine. Machines count anew every day: day is the local day of the ticket. A row without taken_at is a ticket of which
-- only later moments have arrived yet. visitor_key: a keyed hash, the same for the same person in this store alone. entered_at: when a machine told it live.
CREATE TABLE hall_visits (
  ticket_id VARCHAR, hall_id VARCHAR, day DATE, taken_at TIMESTAMPTZ, called_at TIMESTAMPTZ, finished_at TIMESTAMPTZ, matter VARCHAR, counter VARCHAR,
  visitor_key VARCHAR, outcome VARCHAR, channel VARCHAR, appointment_at TIMESTAMPTZ, entered_at TIMESTAMPTZ, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE hall_visits_before AS SELECT *, 0::BIGINT AS replaced_by FROM hall_visits LIMIT 0;
-- Where only figures of an hour are known: the wait (empty: unknown, not zero) and how many came.
CREATE TABLE hall_hours (hall_id VARCHAR, hour TIMESTAMPTZ, wait_min DOUBLE, visits BIGINT, batch_id BIGINT, row_no BIGINT);
CREATE TABLE hall_hours_before AS SELECT *, 0::BIGINT AS replaced_by FROM hall_hours LIMIT 0;
-- Work that no machine counts, one tap each; tally_key is made where it is tapped, so that nothing counts twice.
CREATE TABLE hall_tallies (
  tally_key VARCHAR PRIMARY KEY, hall_id VARCHAR NOT NULL, matter VARCHAR NOT NULL, tapped_at TIMESTAMPTZ NOT NULL, received_at TIMESTAMPTZ NOT NULL,
  user_id VARCHAR, taken_back_at TIMESTAMPTZ
);
-- Who works at the counters when: a person (headcount 1) or so many people.
CREATE SEQUENCE hall_duty_ids;
CREATE TABLE hall_duties (
  duty_id BIGINT NOT NULL, hall_id VARCHAR NOT NULL, staff_id VARCHAR, headcount INTEGER NOT NULL, starts_at TIMESTAMPTZ NOT NULL,
  ends_at TIMESTAMPTZ NOT NULL, entered_at TIMESTAMPTZ NOT NULL, entered_by VARCHAR NOT NULL, removed_at TIMESTAMPTZ, removed_by VARCHAR
);
