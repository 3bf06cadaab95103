-- Machines of halls as they stand now. status: in_use, spare, retired. content_version and seen_at as the register's file told them; what a device tells
-- of itself stands in hall_device_events.
CREATE TABLE hall_devices (
  device_id VARCHAR, hall_id VARCHAR, kind VARCHAR, functions VARCHAR, maker VARCHAR, model VARCHAR, status VARCHAR, installed_on DATE,
  content_version VARCHAR, seen_at TIMESTAMPTZ, batch_id BIGINT, row_no BIGINT
);
CREATE TABLE hall_devices_before AS SELECT *, 0::BIGINT AS replaced_by FROM hall_devices LIMIT 0;
-- event: beat, fault, repaired, dwell_began, dwell_ended, content. event_key is made where it happened, so that what is sent again counts once; seq is the
-- order of receipt, which decides between events of one moment. detail: the code of a fault, the version of a content.
CREATE SEQUENCE hall_device_event_numbers;
CREATE TABLE hall_device_events (
  event_key VARCHAR PRIMARY KEY, seq BIGINT NOT NULL, device_id VARCHAR NOT NULL, event VARCHAR NOT NULL,
  happened_at TIMESTAMPTZ NOT NULL, received_at TIMESTAMPTZ NOT NULL, detail VARCHAR, told_by VARCHAR, taken_back_at TIMESTAMPTZ
);
-- What was changed here about where a device stands: the row of hall_devices is the latest word, earlier moments undo the moves after them.
CREATE SEQUENCE hall_device_move_ids;
CREATE TABLE hall_device_moves (
  move_id BIGINT NOT NULL, device_id VARCHAR NOT NULL, from_hall VARCHAR, from_status VARCHAR, to_hall VARCHAR, to_status VARCHAR,
  moved_at TIMESTAMPTZ NOT NULL, moved_by VARCHAR, undoes BIGINT
);
