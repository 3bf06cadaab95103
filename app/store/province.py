"""Cell facts of a province: which days are held, and sums over days for cells of any size."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow as pa

from app.store import meta
from app.store.database import Connection, Database, frame_of
from grid_cells.province import ancestor_bits, span_within, stretches, whole_span

KIND = "province"
NOWHERE = 0
"""In place of a cell: what is known of the day and has no place."""

PARTS = {
    **{
        name: f"sum({name})::DOUBLE"
        for name in (
            "cells", "meters", "meters_read", "energy_due", "energy_known", "energy_meters", "energy_kwh",
            "feed_in_known", "feed_in_kwh", "loss_due", "loss_known", "loss_kwh", "supplied_kwh",
            "transformers", "days_known", "outages_known", "interruptions", "interrupted_h",
            "visits_known", "visits",
        )
    },
    "supplied_loss_kwh": "(sum(loss_kwh) FILTER (supplied_kwh IS NOT NULL))::DOUBLE",
    "customers": "sum(customers)::DOUBLE / $days",
    "outage_customers": "sum(outage_customers)::DOUBLE / $outage_days",
}  # fmt: skip
"""What is asked of cells over a span of days, by name: sums are exact before they become floats."""


@dataclass(frozen=True)
class Span:
    """The days from `first` to `last` that are held: `days` of them, cells of one resolution.

    outage_days: those of them of which interruptions are known.
    """

    first: date
    last: date
    days: int
    resolution: int
    outage_days: int


def version(db: Database) -> str:
    """Changes whenever a day comes, goes or is replaced."""
    return meta.versions(db.whole.read(), (KIND,))


def days(connection: Connection, least: int) -> pd.DataFrame:
    """The days held of which no figure about people stands for fewer than `least`: day, resolution, cells, has_outages.

    A day that was loaded under a lower limit is as if it were not there until it is loaded again.
    """
    found = frame_of(
        connection.execute(
            "SELECT day, resolution, cells, has_outages FROM province_days WHERE least >= ? ORDER BY day",
            [least],
        )
    )
    return found.assign(day=pd.to_datetime(found["day"]).dt.date)


def cells_on(db: Database, day: date) -> int:
    """How many cells of the finest size a day has."""
    row = db.whole.read().execute("SELECT cells FROM province_days WHERE day = ?", [day]).fetchone()
    return int(row[0]) if row else 0


def sums(
    db: Database,
    span: Span,
    resolution: int,
    parts: Sequence[str],
    within: Sequence[int] | None = None,
) -> pa.Table:
    """Sums of parts over the span for the cells of a resolution: cell_id and the parts, by cell_id.

    within: only those inside these coarser cells. Whoever sees everything is answered from what is
    held of that resolution, a limited sight from the finest cells in it: a coarser one may lie
    across its border.
    """
    source, size = _source(db, span, resolution, within)
    keep, put = ancestor_bits(resolution)
    cell = "cell_id" if size == resolution else f"cell_id & {keep} | {put}"
    return _ask(db, f"{cell} AS cell_id", source, parts, span, span.days)


def by_day(
    db: Database, span: Span, resolution: int, parts: Sequence[str], within: Sequence[int]
) -> pd.DataFrame:
    """Sums of parts over the cells `within`, which are no finer than `resolution`, by day: day, parts."""
    source, _ = _source(db, span, resolution, within)
    found: pd.DataFrame = _ask(db, "day", source, parts, span, 1).to_pandas()
    return found


def sample(db: Database, span: Span, parts: Sequence[str], one_in: int) -> pa.Table:
    """Parts of one in so many of the finest cells on the span's last day, the same ones each time."""
    few = f"(SELECT * FROM cell_days WHERE day = $last AND day >= $first AND cell_id <> {NOWHERE} AND hash(cell_id) % {int(one_in)} = 0)"
    return _ask(db, "cell_id", few, parts, span, 1)


def nowhere(db: Database, span: Span, parts: Sequence[str]) -> pa.Table:
    """Sums of parts over the span of what has no place: one row, or none."""
    rows = f"(SELECT * FROM cell_days WHERE cell_id = {NOWHERE} AND day BETWEEN $first AND $last)"
    return _ask(db, "cell_id", rows, parts, span, span.days)


def _ask(  # noqa: PLR0913, PLR0917 - the parts of one question
    db: Database, by: str, source: str, parts: Sequence[str], span: Span, days: int
) -> pa.Table:
    asked = ", ".join(f"{PARTS[part]} AS {part}" for part in parts)
    given: dict[str, object] = {"first": span.first, "last": span.last}
    if "customers" in parts:
        given["days"] = days
    if "outage_customers" in parts:
        given["outage_days"] = max(1, span.outage_days) if days > 1 else 1
    return (
        db.read()
        .execute(f"SELECT {by}, {asked} FROM {source} GROUP BY 1 ORDER BY 1", given)
        .to_arrow_table()
    )


def _source(
    db: Database, span: Span, resolution: int, within: Sequence[int] | None
) -> tuple[str, int]:
    """The rows to ask, and the resolution of their cells.

    Each stretch of the country is asked apart: DuckDB passes over what lies outside one pair of
    bounds without reading it, and reads everything for an OR of many.
    """
    is_held = db.whole is db and resolution < span.resolution
    size = resolution if is_held else span.resolution
    spans = [whole_span(size)] if within is None else [span_within(one, size) for one in within]
    rows = (
        f"SELECT * FROM {'cell_day_parents' if is_held else 'cell_days'} WHERE day BETWEEN $first AND $last"
        " AND cell_id BETWEEN {} AND {} AND ({})"
    )
    asked = [
        rows.format(
            some[0][0], some[-1][1], " OR ".join(f"cell_id BETWEEN {a} AND {b}" for a, b in some)
        )
        for some in stretches(spans, size)
    ]
    return f"({' UNION ALL '.join(asked) or rows.format(0, 0, 'false')})", size
