"""Questions about visits to halls: tickets, tallies and staff by the hour, waits of the moment.

Whatever is stamped after the moment a question is asked for is not known yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from app.store.database import Connection, frame_of, register


@dataclass(frozen=True)
class Span:
    """Hours asked for: from `first` until before `last`, as known at `now`.

    `shift_s`: how many seconds past the whole hour of UTC the local hour begins (zones of half
    hours); `halls` None: every hall in sight.
    """

    first: datetime
    last: datetime
    now: datetime
    shift_s: int = 0
    halls: Sequence[str] | None = None

    def values(self) -> dict[str, Any]:
        """The bound values of a question about the span."""
        halls = None if self.halls is None else list(self.halls)
        return {
            "first": self.first, "last": self.last, "now": self.now, "shift": self.shift_s,
            "halls": halls,
        }  # fmt: skip


def _hour(moment: str) -> str:
    return f"to_timestamp(floor((epoch({moment}) - $shift) / 3600) * 3600 + $shift)"


def _wanted(alias: str) -> str:
    return f"($halls::VARCHAR[] IS NULL OR list_contains($halls::VARCHAR[], {alias}.hall_id))"


_SEEN = f"""
  SELECT v.hall_id, v.matter, v.counter, v.outcome, v.taken_at, {_hour("v.taken_at")} AS hour,
    CASE WHEN v.called_at <= $now THEN v.called_at END AS called_at,
    CASE WHEN v.finished_at <= $now THEN v.finished_at END AS finished_at,
    greatest(v.taken_at, coalesce(v.appointment_at, v.taken_at)) AS due_at,
    coalesce(m.minutes, $usual) AS minutes
  FROM hall_visits v LEFT JOIN matter_minutes m ON m.code = v.matter
  WHERE v.taken_at >= $first AND v.taken_at < $last AND v.taken_at <= $now AND {_wanted("v")}
"""
_TOLD = f"""
  SELECT *, CASE WHEN called_at IS NOT NULL THEN greatest(epoch_us(called_at) - epoch_us(due_at), 0) / 6e7 END AS wait_min,
    CASE WHEN epoch_us(finished_at) - epoch_us(called_at) BETWEEN 0 AND $longest * 6e7
      THEN (epoch_us(finished_at) - epoch_us(called_at)) / 6e7 END AS service_min,
    called_at IS NULL
      AND (finished_at IS NOT NULL OR epoch_us($now) - epoch_us(due_at) > $gone * 6e7) AS is_gone
  FROM ({_SEEN})
"""
_FIGURES = """
  count(*) AS visits, count(called_at) AS called, avg(wait_min) AS wait_mean_min,
  quantile_cont(wait_min, 0.9) AS wait_p90_min, avg(service_min) AS service_mean_min,
  count(*) FILTER (is_gone) AS abandoned,
  count(*) FILTER (called_at IS NULL AND finished_at IS NULL AND NOT is_gone) AS waiting,
  sum(CASE WHEN is_gone THEN 0 ELSE coalesce(service_min, minutes) END) / 60 AS visit_h
"""


@dataclass(frozen=True)
class Limits:
    """Minutes: how long ago counts as just called, when a ticket is given up, and when passed over.

    A ticket is passed over where others that came so much later were called before it.
    """

    window_min: float
    gone_min: float
    passed_min: float


@dataclass(frozen=True)
class Work:
    """Minutes of each matter (code, minutes), of a matter the table lacks, and until a ticket is given up.

    A service that took longer than `longest_min` was never ended by anybody: its length is unknown.
    """

    minutes: pd.DataFrame
    usual_min: float
    gone_min: float
    longest_min: float


def hours(connection: Connection, span: Span, work: Work) -> pd.DataFrame:
    """Tickets by hall and hour: visits, called, waits, service_mean_min, abandoned, waiting, visit_h."""
    return _asked(
        connection,
        f"SELECT hall_id, hour, {_FIGURES} FROM ({_TOLD}) GROUP BY hall_id, hour ORDER BY hall_id, hour",
        span,
        work,
    )


def counters(connection: Connection, span: Span, work: Work) -> pd.DataFrame:
    """As `hours`, by hall and counter; tickets never called have none."""
    return _asked(
        connection,
        f"SELECT hall_id, counter, {_FIGURES} FROM ({_TOLD}) WHERE counter IS NOT NULL"
        " GROUP BY hall_id, counter ORDER BY hall_id, try_cast(counter AS INTEGER), counter",
        span,
        work,
    )


def _asked(connection: Connection, sql: str, span: Span, work: Work) -> pd.DataFrame:
    register(connection, "matter_minutes", work.minutes[["code", "minutes"]])
    values = {
        **span.values(), "usual": work.usual_min, "gone": work.gone_min, "longest": work.longest_min
    }  # fmt: skip
    found = frame_of(connection.execute(sql, values))
    connection.unregister("matter_minutes")
    return found


_TALLIES_KNOWN = f"""
  t.tapped_at >= $first AND t.tapped_at < $last AND t.tapped_at <= $now AND t.received_at <= $now
  AND (t.taken_back_at IS NULL OR t.taken_back_at > $now) AND {_wanted("t")}
"""


def tally_hours(connection: Connection, span: Span, work: Work) -> pd.DataFrame:
    """Tallies by hall and hour: tallies, tally_h (hours of work by the table of matters)."""
    register(connection, "matter_minutes", work.minutes[["code", "minutes"]])
    found = frame_of(
        connection.execute(
            f"SELECT t.hall_id, {_hour('t.tapped_at')} AS hour, count(*) AS tallies,"
            f" sum(coalesce(m.minutes, $usual)) / 60 AS tally_h"
            f" FROM hall_tallies t LEFT JOIN matter_minutes m ON m.code = t.matter"
            f" WHERE {_TALLIES_KNOWN} GROUP BY ALL ORDER BY ALL",
            {**span.values(), "usual": work.usual_min},
        )
    )
    connection.unregister("matter_minutes")
    return found


def staff_hours(connection: Connection, span: Span) -> pd.DataFrame:
    """People at the counters by hall and hour: staff (mean number over the hour)."""
    return frame_of(
        connection.execute(
            f"""
            WITH duty AS (
              SELECT *, unnest(generate_series({_hour("starts_at")}, ends_at - INTERVAL 1 MICROSECOND, INTERVAL 1 HOUR)) AS hour
              FROM hall_duties t
              WHERE starts_at < $last AND ends_at > $first AND entered_at <= $now
                AND (removed_at IS NULL OR removed_at > $now) AND {_wanted("t")})
            SELECT hall_id, hour, sum(headcount * (
              least(epoch_us(ends_at), epoch_us(hour) + 3600000000) - greatest(epoch_us(starts_at), epoch_us(hour))) / 3.6e9) AS staff
            FROM duty WHERE hour >= $first AND hour < $last GROUP BY ALL ORDER BY ALL
            """,
            span.values(),
        )
    )


def known_hours(connection: Connection, span: Span) -> pd.DataFrame:
    """Figures that came by the hour: hall_id, hour, wait_min, visits.

    A wait is known once its hour has begun; how many came, once it is over.
    """
    values = {k: v for k, v in span.values().items() if k != "shift"}
    return frame_of(
        connection.execute(
            f"SELECT t.hall_id, t.hour, t.wait_min,"
            f" CASE WHEN t.hour <= $now - INTERVAL 1 HOUR THEN t.visits END AS visits FROM hall_hours t"
            f" WHERE t.hour >= $first AND t.hour < $last AND t.hour <= $now AND {_wanted('t')} ORDER BY ALL",
            values,
        )
    )


def live(connection: Connection, now: datetime, limits: Limits) -> pd.DataFrame:
    """The queue of each hall at the moment.

    hall_id, called (in the window), wait_min (their mean), waiting, oldest_min (the longest wait so
    far, of those not passed over), told_at (the last moment its machine told of in the last day).
    Who has an appointment is called out of turn, and so passes over nobody.
    """
    return frame_of(
        connection.execute(
            """
            WITH seen AS (
              SELECT hall_id, taken_at, greatest(taken_at, coalesce(appointment_at, taken_at)) AS due_at,
                appointment_at IS NULL AS is_in_line,
                CASE WHEN called_at <= $now THEN called_at END AS called_at,
                CASE WHEN finished_at <= $now THEN finished_at END AS finished_at
              FROM hall_visits
              WHERE taken_at > $now - INTERVAL 1 DAY AND taken_at <= $now),
            reached AS (
              SELECT hall_id, max(due_at) AS due_at FROM seen
              WHERE called_at IS NOT NULL AND is_in_line GROUP BY hall_id),
            told AS (
              SELECT s.*, s.called_at > $now - to_minutes($window::BIGINT) AS is_fresh,
                s.called_at IS NULL AND s.finished_at IS NULL AND s.due_at > $now - to_minutes($gone::BIGINT)
                  AND (r.due_at IS NULL OR s.due_at >= r.due_at - to_minutes($passed::BIGINT)) AS is_waiting
              FROM seen s LEFT JOIN reached r USING (hall_id))
            SELECT hall_id, count(*) FILTER (is_fresh) AS called,
              avg(greatest(epoch_us(called_at) - epoch_us(due_at), 0) / 6e7) FILTER (is_fresh) AS wait_min,
              count(*) FILTER (is_waiting AND due_at <= $now) AS waiting,
              max((epoch_us($now) - epoch_us(due_at)) / 6e7) FILTER (is_waiting AND due_at <= $now) AS oldest_min,
              max(greatest(taken_at, coalesce(called_at, taken_at), coalesce(finished_at, taken_at))) AS told_at
            FROM told GROUP BY hall_id ORDER BY hall_id
            """,
            {
                "now": now,
                "window": int(limits.window_min),
                "gone": int(limits.gone_min),
                "passed": int(limits.passed_min),
            },
        )
    )


def latest_hours(connection: Connection, now: datetime, holds_min: float) -> pd.DataFrame:
    """The last figure of each hall that came by the hour and still holds: hall_id, hour, wait_min."""
    return frame_of(
        connection.execute(
            "SELECT hall_id, max(hour) AS hour, arg_max(wait_min, hour) AS wait_min FROM hall_hours"
            " WHERE hour <= $now AND hour > $now - to_minutes($holds::BIGINT) AND wait_min IS NOT NULL"
            " GROUP BY hall_id ORDER BY hall_id",
            {"now": now, "holds": int(holds_min)},
        )
    )


def usual_waits(connection: Connection, moments: Sequence[datetime], now: datetime) -> pd.DataFrame:
    """The mean wait of each hall in the hours that begin at the moments, as known now.

    hall_id, wait_min, hours (how many of them had any).
    """
    return frame_of(
        connection.execute(
            """
            WITH spans AS (SELECT unnest($moments::TIMESTAMPTZ[]) AS hour),
            of_tickets AS (
              SELECT v.hall_id, s.hour,
                avg(greatest(epoch_us(v.called_at) - epoch_us(greatest(v.taken_at, coalesce(v.appointment_at, v.taken_at))), 0) / 6e7) AS wait_min
              FROM hall_visits v JOIN spans s ON v.taken_at >= s.hour AND v.taken_at < s.hour + INTERVAL 1 HOUR
              WHERE v.called_at <= $now AND v.taken_at >= $first AND v.taken_at < $last GROUP BY ALL),
            of_hours AS (
              SELECT h.hall_id, s.hour, avg(h.wait_min) AS wait_min
              FROM hall_hours h JOIN spans s ON h.hour >= s.hour AND h.hour < s.hour + INTERVAL 1 HOUR
              WHERE h.hour <= $now AND h.wait_min IS NOT NULL AND h.hour >= $first AND h.hour < $last GROUP BY ALL)
            SELECT hall_id, avg(wait_min) AS wait_min, count(*) AS hours
            FROM (SELECT * FROM of_tickets UNION ALL
                  SELECT h.* FROM of_hours h ANTI JOIN of_tickets t ON t.hall_id = h.hall_id AND t.hour = h.hour)
            GROUP BY hall_id ORDER BY hall_id
            """,
            {
                "moments": list(moments),
                "now": now,
                "first": min(moments),
                "last": max(moments) + timedelta(hours=1),
            },
        )
    )


def repeats(
    connection: Connection, span: Span, within_days: float, matters: list[str]
) -> pd.DataFrame:
    """Visits of known visitors for these matters by hall, matter and why they had come before.

    hall_id, matter, why (the outcome of the visit before; None: they had not come within so many
    days; `unknown`: its outcome is not known), visits, other_hall (of them: the visit before was to another hall).
    """
    return frame_of(
        connection.execute(
            f"""
            WITH came AS (
              SELECT v.hall_id, v.matter, v.taken_at,
                lag(v.taken_at) OVER before AS came_at, lag(v.hall_id) OVER before AS came_to,
                lag(coalesce(CASE WHEN v.finished_at <= $now THEN v.outcome END, 'unknown')) OVER before AS came_for
              FROM hall_visits v
              WHERE v.visitor_key IS NOT NULL AND list_contains($matters, v.matter) AND v.taken_at <= $now
                AND v.taken_at >= $first - to_days($days::INTEGER) AND v.taken_at < $last
              WINDOW before AS (PARTITION BY v.visitor_key, v.matter ORDER BY v.taken_at, v.ticket_id))
            SELECT t.hall_id, t.matter,
              CASE WHEN t.came_at >= t.taken_at - to_days($days::INTEGER) THEN t.came_for END AS why,
              count(*) AS visits, count(*) FILTER (t.came_to <> t.hall_id) AS other_hall
            FROM came t WHERE t.taken_at >= $first AND {_wanted("t")} GROUP BY ALL ORDER BY ALL
            """,
            {
                **{k: v for k, v in span.values().items() if k != "shift"},
                "days": int(within_days),
                "matters": matters,
            },
        )
    )


def tickets(connection: Connection, first: date, last: date) -> pd.DataFrame:
    """The tickets of the days: hall_id, ticket_id, day, taken_at, served_at (called, else ended)."""
    return frame_of(
        connection.execute(
            "SELECT hall_id, ticket_id, day::TIMESTAMP_S AS day, taken_at,"
            " least(called_at, finished_at) AS served_at FROM hall_visits"
            " WHERE day >= $first AND day <= $last",
            {"first": first, "last": last},
        )
    )


def hall_ids(connection: Connection) -> pd.DataFrame:
    """Every hall's number: hall_id."""
    return frame_of(connection.execute("SELECT DISTINCT hall_id FROM halls ORDER BY hall_id"))


def told_span(connection: Connection, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The first and the last moment until now of which tickets, tallies or hourly figures tell."""
    found = frame_of(
        connection.execute(
            "SELECT min(first) AS first, max(last) AS last FROM ("
            "SELECT min(taken_at) AS first, max(taken_at) AS last FROM hall_visits WHERE taken_at <= $now"
            " UNION ALL SELECT min(hour), max(hour) FROM hall_hours WHERE hour <= $now"
            " UNION ALL SELECT min(tapped_at), max(tapped_at) FROM hall_tallies WHERE tapped_at <= $now)",
            {"now": now},
        )
    ).iloc[0]
    first, last = found["first"], found["last"]
    return (None, None) if pd.isna(first) else (first.to_pydatetime(), last.to_pydatetime())
