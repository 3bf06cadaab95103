-- Work orders: what has to be done where by whom, every move stamped by the server.
-- state is the state now; work_order_events tell every earlier one. version counts the moves: a step names the one it was made on.
-- area_id, transformer_id, feeder_id and promise_class are those of the moment of registration. skills: all of them are needed, separated by ;
-- window_from and window_to hold the arrival; without them the arrival promise counts. wishes: JSON of what the customer asked for, in codes.
CREATE SEQUENCE work_order_numbers;
CREATE TABLE work_orders (
  order_id VARCHAR, kind VARCHAR, task VARCHAR, state VARCHAR, source VARCHAR, priority BIGINT, registered_at TIMESTAMPTZ,
  window_from TIMESTAMPTZ, window_to TIMESTAMPTZ, service_min DOUBLE, skills VARCHAR, wishes VARCHAR, fault_class VARCHAR,
  customer_no VARCHAR, contact VARCHAR, phone VARCHAR, address VARCHAR, note VARCHAR,
  lon DOUBLE, lat DOUBLE, given_x DOUBLE, given_y DOUBLE, given_datum VARCHAR, cell_id BIGINT, position_source VARCHAR,
  transformer_id VARCHAR, feeder_id VARCHAR, area_id VARCHAR, promise_class VARCHAR, outage_id VARCHAR,
  is_in_pool BOOLEAN, rating BIGINT, unrated_reason VARCHAR, submission_no VARCHAR, version BIGINT, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE work_orders_before AS SELECT *, 0::BIGINT AS replaced_by FROM work_orders LIMIT 0;
-- The calls that an order answers; a call belongs to one order at most at a time.
CREATE TABLE work_order_reports (order_id VARCHAR NOT NULL, report_id VARCHAR NOT NULL);
-- link: follows, part_of, same_place, replaces
CREATE TABLE work_order_links (order_id VARCHAR NOT NULL, other_order_id VARCHAR NOT NULL, link VARCHAR NOT NULL);
-- One row for each time that a crew holds an order; part: lead or support. how: grab, auto, manual, file. reason: JSON of codes and figures.
-- ended_why: returned, reassigned, withdrawn, done. The stamps are this crew's own.
CREATE SEQUENCE work_order_crew_ids;
CREATE TABLE work_order_crews (
  holding_id BIGINT NOT NULL, order_id VARCHAR NOT NULL, crew_id VARCHAR NOT NULL, part VARCHAR NOT NULL, how VARCHAR NOT NULL, reason VARCHAR,
  planned_arrive_at TIMESTAMPTZ, planned_leave_at TIMESTAMPTZ, told_at TIMESTAMPTZ, accepted_at TIMESTAMPTZ, arrived_at TIMESTAMPTZ,
  finished_at TIMESTAMPTZ, ended_at TIMESTAMPTZ, ended_why VARCHAR, assigned_by VARCHAR NOT NULL
);
-- Past-tense records. happened_at is the server's clock, device_at what the device said. detail: JSON of ids, codes and figures, never a person's
-- words. step_key: the device's own number of the step; the same key twice is one step.
CREATE SEQUENCE work_order_event_ids;
CREATE TABLE work_order_events (
  event_id BIGINT NOT NULL, order_id VARCHAR NOT NULL, crew_id VARCHAR, happened_at TIMESTAMPTZ NOT NULL, device_at TIMESTAMPTZ,
  move VARCHAR NOT NULL, state_before VARCHAR, state_after VARCHAR, reason_code VARCHAR, detail VARCHAR, step_key VARCHAR,
  lon DOUBLE, lat DOUBLE, accuracy_m DOUBLE, actor VARCHAR NOT NULL
);
-- The card of a job (start, end, dispatcher, leader, members, task, tools, materials, safety, precautions …) as one JSON object in the form's own
-- fields; a gate is passed by approved_at, given by another person than filled_by.
CREATE TABLE work_order_cards (
  order_id VARCHAR NOT NULL, crew_id VARCHAR NOT NULL, card VARCHAR NOT NULL, version BIGINT NOT NULL, filled_at TIMESTAMPTZ NOT NULL,
  filled_by VARCHAR NOT NULL, asked_at TIMESTAMPTZ, approved_at TIMESTAMPTZ, approved_by VARCHAR, refused_at TIMESTAMPTZ, refused_why VARCHAR
);
-- Parts taken and codes scanned (serial numbers, seals, meters); quantity below zero takes back.
CREATE TABLE work_order_parts (
  order_id VARCHAR NOT NULL, crew_id VARCHAR, code VARCHAR NOT NULL, name VARCHAR, quantity DOUBLE NOT NULL, is_scanned BOOLEAN NOT NULL,
  added_at TIMESTAMPTZ NOT NULL, step_key VARCHAR, actor VARCHAR NOT NULL
);
-- Photo, audio, video or note; an irregularity counts once a person has confirmed it.
CREATE SEQUENCE work_order_evidence_ids;
CREATE TABLE work_order_evidence (
  evidence_id BIGINT NOT NULL, order_id VARCHAR NOT NULL, crew_id VARCHAR, kind VARCHAR NOT NULL, media_type VARCHAR, content BLOB, sha256 VARCHAR,
  note VARCHAR, taken_at TIMESTAMPTZ, received_at TIMESTAMPTZ NOT NULL, lon DOUBLE, lat DOUBLE, accuracy_m DOUBLE,
  irregularity VARCHAR, confirmed_at TIMESTAMPTZ, confirmed_by VARCHAR, refuted_at TIMESTAMPTZ, step_key VARCHAR, actor VARCHAR NOT NULL
);

-- When a crew is planned to work. kind: duty, standby, overtime, leave. lon and lat: where it starts from, its base where empty.
CREATE TABLE crew_shifts (
  crew_id VARCHAR, starts_at TIMESTAMPTZ, ends_at TIMESTAMPTZ, kind VARCHAR, members VARCHAR, vehicle VARCHAR, note VARCHAR,
  lon DOUBLE, lat DOUBLE, given_x DOUBLE, given_y DOUBLE, given_datum VARCHAR, cell_id BIGINT, position_source VARCHAR,
  batch_id BIGINT, row_no BIGINT
);
CREATE TABLE crew_shifts_before AS SELECT *, 0::BIGINT AS replaced_by FROM crew_shifts LIMIT 0;
-- When a crew really was on duty, with the place where it began and ended. off_why: own, handed_over, shift_over, forgotten.
CREATE SEQUENCE crew_duty_ids;
CREATE TABLE crew_duties (
  duty_id BIGINT NOT NULL, crew_id VARCHAR NOT NULL, user_id VARCHAR NOT NULL, on_at TIMESTAMPTZ NOT NULL, on_lon DOUBLE, on_lat DOUBLE,
  on_accuracy_m DOUBLE, on_cell_id BIGINT, off_at TIMESTAMPTZ, off_lon DOUBLE, off_lat DOUBLE, off_accuracy_m DOUBLE, off_cell_id BIGINT,
  off_why VARCHAR, told_of_tracks BOOLEAN NOT NULL, on_step_key VARCHAR, off_step_key VARCHAR
);
-- Only ever within a duty: what comes from outside one is not stored.
CREATE TABLE crew_positions (
  crew_id VARCHAR NOT NULL, user_id VARCHAR NOT NULL, seen_at TIMESTAMPTZ NOT NULL, received_at TIMESTAMPTZ NOT NULL,
  lon DOUBLE NOT NULL, lat DOUBLE NOT NULL, accuracy_m DOUBLE, cell_id BIGINT NOT NULL
);
-- kind: site (round a place, radius_m) or area (a service area's cells, or a shape). dwell_min: how long a crew must stay before it counts as there.
CREATE SEQUENCE fence_ids;
CREATE TABLE fences (
  fence_id BIGINT NOT NULL, kind VARCHAR NOT NULL, name VARCHAR NOT NULL, subject VARCHAR, lon DOUBLE, lat DOUBLE, radius_m DOUBLE, geometry BLOB,
  dwell_min DOUBLE NOT NULL, unit_id VARCHAR, valid_from TIMESTAMPTZ NOT NULL, valid_to TIMESTAMPTZ, actor VARCHAR NOT NULL
);
-- counted_at: when the stay became long enough; empty for whoever only drove past.
CREATE TABLE fence_stays (
  fence_id BIGINT NOT NULL, crew_id VARCHAR NOT NULL, entered_at TIMESTAMPTZ NOT NULL, counted_at TIMESTAMPTZ, left_at TIMESTAMPTZ
);
-- What a solver proposed or a dispatcher tried: asked with, answered with, taken or not. detail: JSON of ids, codes and figures.
CREATE SEQUENCE dispatch_run_ids;
CREATE TABLE dispatch_runs (
  run_id BIGINT NOT NULL, kind VARCHAR NOT NULL, planned_for TIMESTAMPTZ NOT NULL, made_at TIMESTAMPTZ NOT NULL, orders BIGINT, served BIGINT,
  score BIGINT, travel_min DOUBLE, detail VARCHAR NOT NULL, taken_at TIMESTAMPTZ, taken_by VARCHAR, undone_at TIMESTAMPTZ, actor VARCHAR NOT NULL
);

-- Whose phone it is: the crew with which a user works, where there is one.
ALTER TABLE users ADD COLUMN crew_id VARCHAR;
