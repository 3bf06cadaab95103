"""Readings as they counted at many moments at once: each row asked about has a moment of its own."""

from typing import Final

CORRECTED_THEN: Final = """
moments AS (SELECT DISTINCT heard FROM asked),
standing_then AS (
  SELECT t.heard, s.review_id, max(s.step_id) AS step_id, arg_max(s.step, s.step_id) AS state
  FROM moments t JOIN reading_review_steps s ON s.stepped_at < t.heard
  WHERE s.step <> 'taken_back' AND NOT EXISTS (
    SELECT 1 FROM reading_review_steps b WHERE b.takes_back = s.step_id AND b.stepped_at < t.heard)
  GROUP BY t.heard, s.review_id),
corrected_then AS (
  SELECT heard, meter_id, day, last.kwh AS kwh, last.original_kwh AS original_kwh FROM (
    SELECT s.heard, r.meter_id, v.day, arg_max({'kwh': v.kwh, 'original_kwh': d.original_kwh}, s.step_id) AS last
    FROM standing_then s JOIN reading_reviews r USING (review_id) JOIN reading_review_values v USING (step_id)
    JOIN reading_review_days d ON d.review_id = s.review_id AND d.day = v.day
    WHERE s.state = 'corrected' GROUP BY s.heard, r.meter_id, v.day))"""
"""The corrections in force just before each `heard` of the rows asked about (see `CORRECTED`)."""


def read_then(links: str) -> str:
    """What had come in for `links` (meter_id, visit, heard, begins, ends) before each moment.

    Columns of the links with on_day, kwh, fed (before the multiplier), is_corrected, of the $days
    before the visit; estimates are none. As `reading_reviews.READINGS`, but for many moments; a
    part of a WITH that has `CORRECTED_THEN`.
    """
    of_the_day = (
        "{day} >= l.visit - $days AND {day} < l.visit"
        " AND (l.begins IS NULL OR l.begins <= {day}) AND (l.ends IS NULL OR l.ends > {day})"
    )
    return f"""
  SELECT l.*, r.day AS on_day, coalesce(k.kwh, r.energy_kwh) AS kwh, coalesce(r.reverse_kwh, 0) AS fed, k.kwh IS NOT NULL AS is_corrected
  FROM {links} l JOIN meter_readings r ON r.meter_id = l.meter_id AND {of_the_day.format(day="r.day")}
    AND (r.received_at IS NULL OR r.received_at < l.heard)
  LEFT JOIN corrected_then k ON k.heard = l.heard AND k.meter_id = r.meter_id AND k.day = r.day
    AND k.original_kwh IS NOT DISTINCT FROM r.energy_kwh
  WHERE k.kwh IS NOT NULL OR (r.energy_kwh IS NOT NULL AND coalesce(r.source, 'measured') <> 'estimated')
  UNION ALL
  SELECT l.*, k.day, k.kwh, 0, true
  FROM {links} l JOIN corrected_then k ON k.heard = l.heard AND k.meter_id = l.meter_id AND {of_the_day.format(day="k.day")}
  WHERE NOT EXISTS (
    SELECT 1 FROM meter_readings r WHERE r.meter_id = k.meter_id AND r.day = k.day AND (r.received_at IS NULL OR r.received_at < k.heard))"""
