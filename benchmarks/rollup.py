"""A lake rolled up on this machine beside Apache Spark: the same texts on the same files.

Ours is DuckDB with 2 threads and 1 GB; the peer is Spark at local[2] as `gridcells rollup --engine
spark` runs it, its start not counted. Equal: every row of every fact, to the last digit. Ceilings:
turning the points into cells from memory, and reading the readings from the files. --input names a
folder with room for the lake (default: a temporary one); it is kept there for the next run.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pyarrow.parquet as pq
from comparison import Row, arguments, installed, show, timed
from lake_data import LakeWish, make_lake

from app.store.lake import standing, text
from app.store.lake.duckdb_engine import DuckEngine, Room
from app.store.lake.engine import Engine, Ground
from app.store.lake.folders import Lake
from app.store.lake.looking import look_daily, look_standing
from app.store.lake.spark_engine import Cluster, SparkEngine
from app.use_cases.rollup import Made, Wish, rollup
from grid_cells.cells import points_to_cells
from grid_cells.errors import UserError
from grid_cells.lake import DAILY, FACTS

FULL, QUICK = LakeWish(10_000_000, 10), LakeWish(200_000, 5)
ROOM = Room("1GB", 2)
SPARK = Cluster(
    "local[2]",
    {
        "spark.driver.memory": "12g",
        "spark.sql.autoBroadcastJoinThreshold": "1g",  # twice as quick as sorting both sides
        "spark.sql.shuffle.partitions": "8",
    },
)
GOES = 3
PATIENCE_S = 20.0
BY_CELL = """
SELECT s.cell_id, count(*) AS slice_days, sum(t.read) AS read,
  CAST(sum(floor(t.energy * s.multiplier + 0.5)) AS BIGINT) AS energy
FROM ({sums}) t JOIN slices s ON s.slice = t.slice WHERE s.role = 'billing' GROUP BY s.cell_id"""
CUSTOMER_SUMS = "SELECT count(*), sum(customers), sum(customers * (cell_id % 1000003))"
ENERGY_SUMS = "SELECT count(*), sum(read), sum(energy), sum(energy * (cell_id % 1009))"
SCAN = "SELECT max(meter_id), sum(energy_kwh), sum(reverse_kwh), max(source)"
AREAS_BY_CELL = (
    "SELECT cell_id, area_id, count(*) AS customers FROM ({homes}) h GROUP BY cell_id, area_id"
)


def engines(folder: Path) -> dict[str, Callable[[], Engine]]:
    return {
        "duckdb": lambda: DuckEngine(Ground(9, "UTC", folder / "work-duckdb"), ROOM),
        "spark": lambda: SparkEngine(Ground(9, "UTC", folder / "work-spark"), SPARK),
    }


def sides(folder: Path, work: Callable[[Engine], Any]) -> dict[str, tuple[Any, float] | None]:
    """What each engine answers, median seconds after a first go; None where it can't be had."""
    found: dict[str, tuple[Any, float] | None] = {}
    for name, start in engines(folder).items():
        try:
            engine = start()
        except UserError as error:
            print(f"{name}: {error}", file=sys.stderr)
            found[name] = None
            continue
        _, first = timed(lambda engine=engine: work(engine))
        goes = [
            timed(lambda engine=engine: work(engine))
            for _ in range(1 if first > PATIENCE_S else GOES)
        ]
        found[name] = goes[0][0], median(seconds for _, seconds in goes)
        engine.close()
    return found


def row(
    case: str, found: dict[str, tuple[Any, float] | None], ceiling: float | None, **more: Any
) -> Row:
    ours, peer = found["duckdb"], found["spark"]
    assert ours is not None
    equal = None if peer is None else ours[0] == peer[0]
    return Row(case, ours[1], peer[1] if peer else None, "Spark local[2]", ceiling, equal, more)


def cells_of_points(lake: Lake, folder: Path, count: int) -> Row:
    def work(engine: Engine) -> list[tuple[Any, ...]]:
        look_standing(engine, lake)
        told = AREAS_BY_CELL.format(homes=text("homes"))
        return engine.ask(f"{CUSTOMER_SUMS} FROM ({told}) c")

    table = pq.read_table(lake.path / "customers", columns=["lon", "lat"])
    lon, lat = (table[name].to_numpy() for name in ("lon", "lat"))
    _, ceiling = timed(lambda: points_to_cells(lon, lat, 9))
    return row(f"{count:,} points → cells ⋈ areas → counts", sides(folder, work), ceiling)


def _stand(lake: Lake, engine: Engine) -> None:
    look_standing(engine, lake)
    for name, told in standing(date(2026, 1, 1)).items():
        if name in ("homes", "links", "slices", "members"):
            engine.keep(name, told)


def readings_by_cell(lake: Lake, folder: Path, count: int) -> Row:
    """Where every meter counts is worked out once for all days: told beside, not in the seconds."""
    once: dict[str, float] = {}
    for name, start in engines(folder).items():
        try:
            engine = start()
        except UserError:
            continue
        once[name] = round(timed(lambda engine=engine: _stand(lake, engine))[1], 1)
        engine.close()

    def work(engine: Engine) -> list[tuple[Any, ...]]:
        look_daily(engine, lake, "readings", lake.daily("readings"))
        for name in ("slices", "members"):
            engine.know(name)
        told = BY_CELL.format(sums=text("sums"))
        return engine.ask(f"{ENERGY_SUMS} FROM ({told}) c")

    found = sides(folder, work)
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        scan = f"{SCAN} FROM read_parquet('{lake.path}/readings/*/*.parquet')"
        _, ceiling = timed(lambda: connection.execute(scan).fetchall())
    return row(
        f"{count:,} readings ⋈ meters → by cell", found, ceiling, memory_limit=ROOM.memory,
        standing_once_s=once,
    )  # fmt: skip


def whole(lake: Path, folder: Path, count: int) -> Row:
    made: dict[str, Made] = {}
    wishes = {
        "duckdb": Wish(lake, folder / "facts-duckdb", room=ROOM),
        "spark": Wish(lake, folder / "facts-spark", "spark", cluster=SPARK),
    }
    for name, wish in wishes.items():
        shutil.rmtree(wish.facts, ignore_errors=True)
        try:
            made[name] = rollup(wish)
        except UserError as error:
            print(f"{name}: {error}", file=sys.stderr)
    ours, peer = made["duckdb"], made.get("spark")
    differing = differing_rows(wishes["duckdb"].facts, wishes["spark"].facts) if peer else None
    return Row(
        f"{count:,} readings → all facts of every day", ours.seconds - ours.start_seconds,
        peer.seconds - peer.start_seconds if peer else None, "Spark local[2]", None,
        None if differing is None else differing == 0,
        {"rows_that_differ": differing, "spark_start_s": peer and round(peer.start_seconds, 1)},
    )  # fmt: skip


def differing_rows(left: Path, right: Path) -> int:
    count = 0
    for fact in FACTS:
        sets = [_all(side / fact) for side in (left, right)]

        for one, other in (sets, sets[::-1]):
            asked = f"SELECT count(*) FROM ({one} EXCEPT ALL {other})"
            count += duckdb.sql(asked).fetchall()[0][0]
    return count


def _all(fact: Path) -> str:
    return f"SELECT * FROM read_parquet('{fact}/*/*.parquet', hive_partitioning = true)"


def one_more_day(lake: Path, folder: Path, wish: LakeWish) -> Row:
    """Facts of a further day where all others stand, beside making them all anew."""
    before = Wish(lake, folder / "facts-duckdb", room=ROOM)
    last = sorted((lake / "readings").iterdir())[-1]
    late = last / "late.parquet"
    table = pq.read_table(last / "part-0.parquet")
    pq.write_table(table.slice(0, 1000), late)
    made = rollup(before)
    late.unlink()
    again = rollup(before)
    anew = rollup(replace(before, facts=folder / "facts-anew"))
    equal = differing_rows(before.facts, folder / "facts-anew") == 0
    more = {
        "days_made": again.days,
        "rows_read": again.rows_in,
        "with_late_file_s": round(made.seconds, 2),
    }
    case = f"a day of {wish.customers:,} meters; peer: all {wish.days} days"
    return Row(case, again.seconds, anew.seconds, "DuckDB, everything anew", None, equal, more)


def skew(folder: Path, wish: LakeWish) -> Row:
    """A transformer with ten thousand customers in one dense cell, beside an even lake as large."""
    crowded = make_lake(folder / "crowded", replace(wish, crowd=10_000))
    even = make_lake(folder / "even", wish)
    seconds = []
    for lake in (crowded, even):
        facts = folder / f"facts-{lake.name}"
        shutil.rmtree(facts, ignore_errors=True)
        made = rollup(Wish(lake, facts, room=ROOM))
        seconds.append(made.seconds - made.start_seconds)
    return Row(
        f"{wish.customers:,} meters, 10,000 in one cell",
        *seconds,
        "DuckDB, an even lake",
        None,
        None,
    )


def main() -> None:
    given = arguments(__doc__ or "").parse_args()
    wish = replace(QUICK if given.quick else FULL, seed=given.seed)
    with tempfile.TemporaryDirectory() as room:
        folder = Path(given.input or room)
        path = folder / f"lake-{wish.customers}-{wish.days}-{wish.seed}"
        lake = Lake(path if path.is_dir() else make_lake(path, wish))
        days = lake.days({name: lake.daily(name) for name in DAILY})
        count = sum(day.rows for day in days.values())
        rows = [
            cells_of_points(lake, folder, wish.customers),
            readings_by_cell(lake, folder, count),
            whole(path, folder, count),
            one_more_day(path, folder, wish),
            skew(folder, LakeWish(wish.customers // 10, wish.days, wish.seed)),
        ]
    show(
        "rollup",
        rows,
        installed("duckdb", "pyspark", "sqlglot", "h3ronpy", "pyarrow"),
        as_json=given.json,
    )


if __name__ == "__main__":
    main()
