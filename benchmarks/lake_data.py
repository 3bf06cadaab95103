"""Lakes of any size: a province of towns, sixty customers behind each transformer, days of readings."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

CUSTOMERS_EACH, TRANSFORMERS_EACH, TOWNS = 60, 40, 40


@dataclass(frozen=True)
class LakeWish:
    """So many customers and days; `crowd`: all of them behind one transformer, in one cell."""

    customers: int
    days: int
    seed: int = 0
    crowd: int = 0


def make_lake(folder: Path, wish: LakeWish) -> Path:
    """The lake as Parquet, written by DuckDB from hashes of numbers: the same for the same wish."""
    shutil.rmtree(folder, ignore_errors=True)
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        _standing(connection, folder, wish)
        for day in range(1, wish.days + 1):
            _day(connection, folder, wish, day)
    return folder


def _unit(text: str, seed: int) -> str:
    """A number of [0, 1) that looks drawn, told by whole numbers."""
    return f"((hash({text}, {seed}) % 1000003) / 1000003.0)"


def _standing(connection: duckdb.DuckDBPyConnection, folder: Path, wish: LakeWish) -> None:
    def u(text: str) -> str:
        return _unit(text, wish.seed)

    unit = f"CASE WHEN i < {wish.crowd} THEN 0 ELSE 1 + (i - {wish.crowd}) // {CUSTOMERS_EACH} END"
    count = 2 + (wish.customers - wish.crowd) // CUSTOMERS_EACH
    away = f"0.12 * sqrt(-2 * ln(0.000001 + {u('t * 3 + 1')}))"
    connection.execute(
        f"""
        CREATE TABLE units AS
        SELECT t, printf('T%08d', t) AS transformer_id, 'F' || (t // {TRANSFORMERS_EACH}) AS feeder_id,
          106 + 4 * {u(f"(t % {TOWNS}) * 31 + 5")} + {away} * cos(6.2831853 * {u("t * 3 + 2")}) AS lon,
          28 + 4 * {u(f"(t % {TOWNS}) * 37 + 6")} + {away} * sin(6.2831853 * {u("t * 3 + 2")}) AS lat
        FROM range({count}) r(t)
        """
    )
    # everybody has a day of their own, and one in a thousand a day within the readings
    since = "CASE WHEN i % 1009 = 7 THEN DATE '2026-01-03' ELSE DATE '2010-01-01' + (i * 7919 % 5000)::INT END"
    spread = f"CASE WHEN i < {wish.crowd} THEN 0 ELSE 0.004 END"
    tables = {
        "transformers": "SELECT transformer_id, 'public' AS kind, feeder_id, lon, lat FROM units",
        "areas": "SELECT transformer_id, printf('A%05d', ((lon * 20)::INT * 100 + (lat * 20)::INT) % 100000) AS area FROM units",
        "customers": f"""
            SELECT printf('%010d', i) AS customer_no, transformer_id, 'home' AS use_type, 'A' AS tariff,
              lon + {spread} * ({u("i * 5 + 1")} - 0.5) AS lon, lat + {spread} * ({u("i * 5 + 2")} - 0.5) AS lat,
              {since} AS connected_on
            FROM range({wish.customers}) r(i) JOIN units ON t = {unit}""",
        "meters": f"""
            SELECT printf('M%010d', i) AS meter_id, printf('%010d', i) AS customer_no,
              printf('T%08d', {unit}) AS transformer_id, 'billing' AS role, 1.0::DOUBLE AS multiplier,
              {since} AS valid_from, NULL::DATE AS valid_to FROM range({wish.customers}) r(i)
            UNION ALL SELECT 'K' || t, NULL, transformer_id, 'master', 40.0, NULL, NULL FROM units""",
    }
    for name, text in tables.items():
        _write(connection, folder / name / "part-0.parquet", text)


def _day(connection: duckdb.DuckDBPyConnection, folder: Path, wish: LakeWish, day: int) -> None:
    def u(text: str) -> str:
        return _unit(text, wish.seed + day)

    heard = f"TIMESTAMPTZ '2026-01-01 02:00:00+00' + INTERVAL {day} DAY"
    text = f"""
        SELECT printf('M%010d', i) AS meter_id, round(2 + 10 * {u("i * 2")}, 2) AS energy_kwh,
          CASE WHEN i % 20 = 0 THEN round(5 * {u("i * 2 + 1")}, 2) END AS reverse_kwh,
          'measured' AS source, {heard} AS received_at
        FROM range({wish.customers}) r(i) WHERE hash(i, {wish.seed + day}) % 200 <> 0
        UNION ALL SELECT 'K' || t, round(7.3 * {CUSTOMERS_EACH} / 40, 2), 0.0, 'measured', {heard} FROM units"""
    _write(connection, folder / f"readings/day=2026-01-{day:02d}/part-0.parquet", text)


def _write(connection: duckdb.DuckDBPyConnection, path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(f"COPY ({text}) TO '{path}' (FORMAT parquet)")
