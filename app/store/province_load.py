"""How a day of cell facts comes into the store: told as it may be, summed for coarser cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from app.store.batches import Target
from app.store.database import Connection, frame_of, register
from app.store.province import NOWHERE
from grid_cells.province import ancestor_bits, levels, whole_span
from grid_cells.province_groups import COLUMNS

TARGETS = (
    Target("province_days", ("day",)),
    Target("cell_days", ("day",)),
    Target("cell_day_parents", ("day",)),
)
"""The tables a day stands in, so that a load and its undo agree."""

_SUMS = (
    "cells", "customers", "meters", "meters_read", "energy_due", "energy_known", "energy_meters", "energy_kwh",
    "feed_in_known", "feed_in_kwh", "loss_due", "loss_known", "loss_kwh", "supplied_kwh",
    "transformers", "days_known", "outages_known", "outage_customers", "interruptions", "interrupted_h",
    "visits_known", "visits",
)  # fmt: skip


_GROUP = ", ".join(f'"{name}"' for name in COLUMNS)
ENERGY, LOSS = "energy", "loss"
"""What cells are grouped for: customers stand behind the one, meters behind transformers the other."""


@dataclass(frozen=True)
class DayFiles:
    """A day's checked files: where they lie, what they are, which optional columns are in them."""

    day: date
    files: Sequence[str]
    resolution: int
    cells: int
    sha256: str
    optional: frozenset[str]


def held(connection: Connection, day: date) -> tuple[str, int] | None:
    """The mark of the files a day was loaded from and its limit of customers; None where it is not held."""
    row = connection.execute(
        "SELECT sha256, least FROM province_days WHERE day = ?", [day]
    ).fetchone()
    return None if row is None else (str(row[0]), int(row[1]))


def resolution(connection: Connection, but: Sequence[date]) -> int | None:
    """The resolution of the days held, those of `but` apart; None without any."""
    row = connection.execute(
        "SELECT max(resolution) FROM province_days WHERE NOT list_contains(?::DATE[], day)",
        [list(but)],
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def groups(connection: Connection, of: str, size: int) -> pd.DataFrame:
    """The grouping of cells of a resolution as it is kept: cell_id, people, group."""
    first, last = whole_span(size)
    return frame_of(
        connection.execute(
            f'SELECT {_GROUP} FROM province_groups WHERE "of" = ? AND cell_id BETWEEN ? AND ? ORDER BY cell_id',
            [of, first, last],
        )
    )


def keep_groups(connection: Connection, of: str, size: int, found: pd.DataFrame) -> None:
    """Keep a grouping of cells of a resolution in place of the one before."""
    connection.execute(
        'DELETE FROM province_groups WHERE "of" = ? AND cell_id BETWEEN ? AND ?',
        [of, *whole_span(size)],
    )
    register(connection, "found_groups", found)
    connection.execute(
        f'INSERT INTO province_groups BY NAME SELECT ? AS "of", {_GROUP} FROM found_groups', [of]
    )
    connection.unregister("found_groups")


def replace_day(
    connection: Connection,
    given: DayFiles,
    groups: Mapping[str, pd.DataFrame],
    least: int,
    batch_id: int,
) -> None:
    """Write a day; what it replaces is kept for the way back.

    groups: of ENERGY and of LOSS cell_id and group for the cells that are told together; of them and
    of cells with fewer than `least` people nothing is kept but their group's sum, in parts.
    """
    for target in TARGETS:
        connection.execute(
            f"INSERT INTO {target.table}_before BY NAME SELECT *, ? AS replaced_by FROM {target.table} WHERE day = ?",
            [batch_id, given.day],
        )
        connection.execute(f"DELETE FROM {target.table} WHERE day = ?", [given.day])
    for name, frame in groups.items():
        register(connection, f"given_{name}", frame)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE day_cells AS {_told(given.optional)}",
        {"files": list(given.files), "least": least},
    )
    for name in groups:
        connection.unregister(f"given_{name}")
    _insert(connection, "cell_days", "day_cells", given.day, batch_id)
    _sum_up(connection, given, batch_id)
    connection.execute(
        "INSERT INTO province_days BY NAME SELECT ? AS day, ? AS resolution, ? AS cells, ? AS least,"
        " EXISTS (FROM cell_days WHERE day = ? AND outages_known > 0) AS has_outages, ? AS sha256, ? AS batch_id",
        [given.day, given.resolution, given.cells, least, given.day, given.sha256, batch_id],
    )


def _sum_up(connection: Connection, given: DayFiles, batch_id: int) -> None:
    """Every coarser resolution from the one before it."""
    summed = ", ".join(f"sum({name}) AS {name}" for name in _SUMS)
    for size in levels(given.resolution)[1:]:
        keep, put = ancestor_bits(size)
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE coarser AS SELECT cell_id & {keep} | {put} AS cell_id, {summed} FROM day_cells WHERE cell_id <> {NOWHERE} GROUP BY 1"
        )
        _insert(connection, "cell_day_parents", "coarser", given.day, batch_id)
        connection.execute("DROP TABLE day_cells; ALTER TABLE coarser RENAME TO day_cells")
    connection.execute("DROP TABLE day_cells")


def _insert(connection: Connection, table: str, source: str, day: date, batch_id: int) -> None:
    """In the order of the cells, so that a part of the country lies together in the file."""
    names = ", ".join(_SUMS)
    connection.execute(
        f"INSERT INTO {table} (cell_id, day, {names}, batch_id) SELECT cell_id, ?, {names}, ? FROM {source} ORDER BY cell_id",
        [day, batch_id],
    )


_GIVEN = (
    "customers", "meters", "meters_read", "energy_kwh", "feed_in_kwh", "loss_kwh", "transformers", "days_known",
)  # fmt: skip
_OPTIONAL = ("supplied_kwh", "meters_balanced", "interruptions", "interrupted_h", "visits")


def _told(optional: frozenset[str]) -> str:
    """The question that gives a day's cells, figures about people as they may be told.

    Energy is shared in a group by the customers whose meters were read, loss by the meters behind
    the transformers whose loss is known; what fewer than `least` stand behind is unknown.
    """
    absent = ", ".join(f"{n if n in optional else 'NULL'} AS {n}" for n in _OPTIONAL)
    return f"""
    WITH given AS (
      SELECT f.*, least(f.customers, f.meters_read) AS people, coalesce(f.meters_balanced, 0) AS balanced,
        f.interruptions IS NOT NULL AND f.interrupted_h IS NOT NULL AS has_outages, e."group" AS together, l."group" AS loss_together
      FROM (SELECT coalesce(cell_id, {NOWHERE}) AS cell_id, {", ".join(_GIVEN)}, {absent}
        FROM read_parquet($files, hive_partitioning = false, union_by_name = true)) f
      LEFT JOIN given_energy e USING (cell_id) LEFT JOIN given_loss l USING (cell_id)
    ), totals AS (
      SELECT together,
        sum(people) FILTER (energy_kwh IS NOT NULL) AS energy_people, sum(energy_kwh) AS energy,
        sum(people) FILTER (feed_in_kwh IS NOT NULL) AS feed_in_people, sum(feed_in_kwh) AS feed_in
      FROM given WHERE together IS NOT NULL GROUP BY together
    ), losses AS (
      SELECT loss_together, sum(balanced) AS loss_people, sum(loss_kwh) AS loss, sum(supplied_kwh) AS supply
      FROM given WHERE loss_together IS NOT NULL AND loss_kwh IS NOT NULL GROUP BY loss_together
    ), told AS (
      SELECT g.*,
        {_part("energy_kwh", "t.energy", "people", "t.energy_people", "together")} AS told_energy,
        {_part("feed_in_kwh", "t.feed_in", "people", "t.feed_in_people", "together")} AS told_feed_in,
        {_part("loss_kwh", "s.loss", "balanced", "s.loss_people", "loss_together")} AS told_loss,
        {_part("supplied_kwh", "s.supply", "balanced", "s.loss_people", "loss_together")} AS told_supply
      FROM given g LEFT JOIN totals t USING (together) LEFT JOIN losses s USING (loss_together)
    )
    SELECT cell_id, 1 AS cells, customers, meters, meters_read,
      (meters > 0)::INTEGER AS energy_due, (told_energy IS NOT NULL)::INTEGER AS energy_known,
      CASE WHEN told_energy IS NULL THEN 0 ELSE meters_read END AS energy_meters, told_energy::DECIMAL(18, 3) AS energy_kwh,
      (told_feed_in IS NOT NULL)::INTEGER AS feed_in_known, told_feed_in::DECIMAL(18, 3) AS feed_in_kwh,
      (transformers > 0)::INTEGER AS loss_due, (told_loss IS NOT NULL)::INTEGER AS loss_known,
      told_loss::DECIMAL(18, 3) AS loss_kwh, told_supply::DECIMAL(18, 3) AS supplied_kwh, transformers, days_known,
      has_outages::INTEGER AS outages_known, CASE WHEN has_outages THEN customers END AS outage_customers,
      CASE WHEN has_outages THEN interruptions END::BIGINT AS interruptions,
      CASE WHEN has_outages THEN interrupted_h END::DECIMAL(18, 6) AS interrupted_h,
      (visits IS NOT NULL)::INTEGER AS visits_known, visits::BIGINT AS visits
    FROM told
    """


def _part(amount: str, total: str, weight: str, people: str, together: str) -> str:
    """A cell's amount where it stands alone, else its part of the group's; NULL where too few stand behind."""
    return (
        f"CASE WHEN g.{amount} IS NULL THEN NULL"
        f" WHEN g.{together} IS NULL THEN CASE WHEN g.{weight} >= $least THEN g.{amount} END"
        f" WHEN {people} >= $least AND {people} > 0 THEN {total} * g.{weight} / {people} END"
    )
