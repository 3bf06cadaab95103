"""Reviews of readings in doubt, their steps, and the corrections in force at a moment."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import pandas as pd

from app.store import meta
from app.store.database import Connection, frame_of, register

KIND: Final = "reading_reviews"
"""Of facts: counted up with each change of a correction in force."""

STANDING: Final = """
standing AS (
  SELECT review_id, max(step_id) AS step_id, arg_max(step, step_id) AS state, arg_max(stepped_by, step_id) AS stepped_by,
    arg_max(reason_code, step_id) AS reason_code, arg_max(stepped_at, step_id) AS stepped_at, arg_max(verdict, step_id) AS verdict,
    arg_max(note, step_id) AS step_note
  FROM reading_review_steps s WHERE stepped_at <= $now AND step <> 'taken_back' AND NOT EXISTS (
    SELECT 1 FROM reading_review_steps b WHERE b.takes_back = s.step_id AND b.stepped_at <= $now)
  GROUP BY review_id)"""
"""The last step of each review that stands at $now."""

CORRECTED: Final = f"""
SELECT meter_id, day, last.kwh AS kwh, last.original_kwh AS original_kwh, last.stepped_at AS stepped_at FROM (
SELECT r.meter_id, v.day, arg_max({{'kwh': v.kwh, 'original_kwh': d.original_kwh, 'stepped_at': s.stepped_at}}, s.step_id) AS last
FROM (WITH {STANDING} SELECT * FROM standing WHERE state = 'corrected') s
JOIN reading_reviews r USING (review_id) JOIN reading_review_values v USING (step_id)
JOIN reading_review_days d ON d.review_id = s.review_id AND d.day = v.day GROUP BY r.meter_id, v.day)
"""
"""The corrections in force at $now: the last one of each meter and day."""

READINGS: Final = f"""(
SELECT r.meter_id, r.day, coalesce(k.kwh, r.energy_kwh) AS energy_kwh, r.reverse_kwh,
  CASE WHEN k.kwh IS NULL THEN r.source ELSE 'manual' END AS source, r.received_at, k.kwh IS NOT NULL AS is_corrected
FROM meter_readings r LEFT JOIN ({CORRECTED}) k ON k.meter_id = r.meter_id AND k.day = r.day AND k.original_kwh IS NOT DISTINCT FROM r.energy_kwh
UNION ALL
SELECT meter_id, day, kwh, NULL, 'manual', stepped_at, true FROM ({CORRECTED}) k ANTI JOIN (
  SELECT meter_id, day FROM meter_readings WHERE received_at IS NULL OR received_at <= $now) r USING (meter_id, day)
)"""
"""Readings as they count at $now: a correction stands in for the very value it was made for, and for a
day without any reading until one comes."""

_REVIEW: Final = (
    "meter_id", "customer_no", "transformer_id", "first_day", "last_day", "finding", "entered_at",
    "entered_by", "entered_how", "note",
)  # fmt: skip
_STEP: Final = (
    "review_id", "step", "stepped_at", "stepped_by", "verdict", "reason_code", "note", "takes_back",
)  # fmt: skip


def stamp(connection: Connection, now: datetime) -> str:
    """Tells the corrections in force at a moment from others."""
    row = connection.execute(
        f"WITH {STANDING} SELECT count(*), sum(step_id) FROM standing WHERE state = 'corrected'",
        {"now": now},
    ).fetchone()
    return f"{row[0]}:{row[1] or 0}" if row else "0:0"


def has_correction(
    connection: Connection, meter_id: str, days: tuple[date, date], now: datetime
) -> bool:
    """Whether a correction counts on any of the meter's days (first, last) at a moment."""
    row = connection.execute(
        f"SELECT 1 FROM {READINGS} r WHERE meter_id = $meter AND day BETWEEN $first AND $last"
        " AND is_corrected LIMIT 1",
        {"meter": meter_id, "first": days[0], "last": days[1], "now": now},
    ).fetchone()
    return row is not None


def stamp_of_accepted(connection: Connection, now: datetime) -> str:
    """Tells the readings accepted by a moment from others."""
    row = connection.execute(
        f"WITH {STANDING} SELECT count(*), sum(step_id) FROM standing WHERE state = 'accepted'",
        {"now": now},
    ).fetchone()
    return f"{row[0]}:{row[1] or 0}" if row else "0:0"


def add(connection: Connection, reviews: pd.DataFrame, days: pd.DataFrame) -> list[int]:
    """Numbers of new reviews (columns as the table) with their days.

    `days`: run (place in `reviews`), day, usual_kwh; what stood there comes from the readings.
    """
    if reviews.empty:
        return []
    rows = connection.execute(
        "SELECT nextval('reading_review_ids') FROM range(?)", [len(reviews)]
    ).fetchall()
    numbers = [int(row[0]) for row in rows]
    held = reviews.assign(review_id=numbers)
    names = ", ".join(("review_id", *_REVIEW))
    _insert(connection, f"reading_reviews ({names}) SELECT {names}", held)
    kept = days.assign(review_id=[numbers[int(run)] for run in days["run"]])
    kept["meter_id"] = [held["meter_id"].iloc[int(run)] for run in days["run"]]
    known = held["entered_at"].iloc[0]
    _insert(connection, _DAYS, kept, {"now": known})
    return numbers


_DAYS: Final = """reading_review_days
SELECT n.review_id, n.day::DATE, r.energy_kwh, r.source, n.usual_kwh"""


def _insert(
    connection: Connection, into: str, frame: pd.DataFrame, values: Mapping[str, Any] | None = None
) -> None:
    register(connection, "new_rows", frame)
    rest = "" if values is None else _BESIDE
    connection.execute(f"INSERT INTO {into} FROM new_rows n {rest}", dict(values or {}))
    connection.unregister("new_rows")


_BESIDE: Final = """
LEFT JOIN meter_readings r ON r.meter_id = n.meter_id AND r.day = n.day::DATE AND (r.received_at IS NULL OR r.received_at <= $now)
"""


def add_step(
    connection: Connection, row: Mapping[str, Any], values: Mapping[Any, float] | None = None
) -> int:
    """Number of a new step of a review, with the value of each day that it proposes or puts in force."""
    found = connection.execute(
        f"INSERT INTO reading_review_steps (step_id, {', '.join(_STEP)})"
        f" VALUES (nextval('reading_review_step_ids'), {', '.join('?' for _ in _STEP)}) RETURNING step_id",
        [row.get(name) for name in _STEP],
    ).fetchone()
    number = int(found[0]) if found else 0
    for day, kwh in (values or {}).items():
        connection.execute(
            "INSERT INTO reading_review_values VALUES (?, ?, ?, ?)",
            [number, row["review_id"], day, kwh],
        )
    return number


def touch(connection: Connection) -> None:
    """Let what follows from readings be worked out anew: corrections in force have changed."""
    meta.touch_facts(connection, KIND)


_QUEUE: Final = f"""
WITH {STANDING}
SELECT r.*, coalesce(s.state, 'entered') AS state, s.step_id, s.stepped_by, s.stepped_at, s.reason_code, s.verdict, s.step_note,
  d.days, d.original_kwh, d.usual_kwh, d.missing, m.maker, m.multiplier
FROM reading_reviews r LEFT JOIN standing s USING (review_id) LEFT JOIN (
  SELECT review_id, count(*) AS days, sum(original_kwh) AS original_kwh, sum(usual_kwh) AS usual_kwh,
    count(*) FILTER (original_kwh IS NULL) AS missing FROM reading_review_days GROUP BY review_id) d USING (review_id)
LEFT JOIN (
  SELECT v.review_id, min(l.maker) AS maker, max(l.multiplier) AS multiplier FROM reading_reviews v JOIN meter_links l ON l.meter_id = v.meter_id
    AND (l.valid_from IS NULL OR l.valid_from::DATE <= v.last_day) AND (l.valid_to IS NULL OR l.valid_to::DATE > v.first_day)
  GROUP BY v.review_id) m USING (review_id)
WHERE r.entered_at <= $now
"""


def queue(connection: Connection, now: datetime, ids: Sequence[int] | None = None) -> pd.DataFrame:
    """Reviews entered by then with their state, the largest doubt first.

    The doubt is in kWh of the network: what stood there beside what is usual, times the multiplier
    of the meter's link of those days.

    Columns of the table with state, step_id, stepped_by, stepped_at, reason_code, verdict, step_note
    of the last step that stands, days, original_kwh, usual_kwh (sums), missing (days without any),
    maker, multiplier.
    """
    text, values = _QUEUE, {"now": now}
    if ids is not None:
        text += " AND list_contains($ids::BIGINT[], r.review_id)"
        values["ids"] = list(ids)  # type: ignore[assignment]
    order = "ORDER BY abs(coalesce(d.original_kwh, 0) - coalesce(d.usual_kwh, 0)) * coalesce(m.multiplier, 1) DESC, r.review_id"
    return frame_of(connection.execute(f"{text} {order}", values))


def counted(connection: Connection, now: datetime) -> dict[str, int]:
    """Reviews by state."""
    rows = connection.execute(
        f"SELECT state, count(*) FROM ({_QUEUE}) GROUP BY state", {"now": now}
    )
    return {str(state): int(count) for state, count in rows.fetchall()}


def days(connection: Connection, review_id: int, step_id: int | None) -> pd.DataFrame:
    """Days of a review: day, original_kwh, original_source, usual_kwh, kwh (of that step, if any)."""
    return frame_of(
        connection.execute(
            "SELECT d.day::TIMESTAMP AS day, d.original_kwh, d.original_source, d.usual_kwh, v.kwh FROM reading_review_days d"
            " LEFT JOIN reading_review_values v ON v.review_id = d.review_id AND v.day = d.day AND v.step_id = ?"
            " WHERE d.review_id = ? ORDER BY d.day",
            [step_id or 0, review_id],
        )
    )


def steps(connection: Connection, review_id: int, now: datetime) -> pd.DataFrame:
    """Every step of a review by then, the first first; is_void: another one has taken it back."""
    return frame_of(
        connection.execute(
            "SELECT s.*, EXISTS (SELECT 1 FROM reading_review_steps b WHERE b.takes_back = s.step_id AND b.stepped_at <= $now) AS is_void"
            " FROM reading_review_steps s WHERE review_id = $id AND stepped_at <= $now ORDER BY step_id",
            {"id": review_id, "now": now},
        )
    )


def checked_by(connection: Connection, ids: Sequence[int], now: datetime) -> dict[int, str]:
    """Who made the last check of each review that was not taken back."""
    rows = connection.execute(
        "SELECT review_id, arg_max(stepped_by, step_id) FROM reading_review_steps s WHERE step = 'checked' AND stepped_at <= $now"
        " AND list_contains($ids::BIGINT[], review_id) AND NOT EXISTS ("
        "   SELECT 1 FROM reading_review_steps b WHERE b.takes_back = s.step_id AND b.stepped_at <= $now) GROUP BY review_id",
        {"ids": list(ids), "now": now},
    ).fetchall()
    return {int(review): str(who) for review, who in rows}


def readings_of(connection: Connection, meter_id: str, now: datetime) -> pd.DataFrame:
    """All readings of a meter known by then as they came in: day, energy_kwh, source."""
    return frame_of(
        connection.execute(
            "SELECT day::TIMESTAMP AS day, energy_kwh, source FROM meter_readings WHERE meter_id = ?"
            " AND (received_at IS NULL OR received_at <= ?) ORDER BY day",
            [meter_id, now],
        )
    )


def meter(connection: Connection, meter_id: str) -> dict[str, Any] | None:
    """customer_no, transformer_id of a meter's last link, None where nobody has such a meter."""
    frame = frame_of(
        connection.execute(
            "SELECT customer_no, transformer_id FROM meter_links WHERE meter_id = ? ORDER BY valid_from DESC NULLS LAST LIMIT 1",
            [meter_id],
        )
    )
    if frame.empty:
        return None
    return {str(k): None if pd.isna(v) else str(v) for k, v in frame.iloc[0].to_dict().items()}


def under_review(connection: Connection, now: datetime) -> pd.DataFrame:
    """Meter days of all reviews that were not withdrawn: meter_id, day, original_kwh, state."""
    return frame_of(
        connection.execute(
            f"WITH {STANDING} SELECT r.meter_id, d.day, d.original_kwh, coalesce(s.state, 'entered') AS state"
            " FROM reading_reviews r JOIN reading_review_days d USING (review_id) LEFT JOIN standing s USING (review_id)"
            " WHERE r.entered_at <= $now AND coalesce(s.state, 'entered') <> 'withdrawn'",
            {"now": now},
        )
    )
