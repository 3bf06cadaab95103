"""Made-up stores for benchmarks/outage_map.py: a region's customers and its outages."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from app.store import meta, users
from app.store.database import Connection, Database, register
from app.use_cases import clock, derive, live_sessions
from grid_cells.cells import points_to_cells

NOW = datetime(2026, 10, 28, 12, 0, tzinfo=UTC)
CENTRE = (114.3, 30.5)
PER_TRANSFORMER = 20
KINDS = ("fault", "fault", "fault", "urgent", "planned")


@dataclass(frozen=True)
class Case:
    """A store to make: customers, outages, and of them those that are still open."""

    name: str
    customers: int
    outages: int
    shut_off: int
    days: int
    period: str


# 5,000 open with 20 customers each; 54,000 in three weeks, 2,500 of them a shut-off with 400 each
CASES = {
    "open": Case("open", 250_000, 5_000, 0, 0, "hours6"),
    "season": Case("season", 1_200_000, 54_000, 2_500, 21, "days31"),
}


def build(case: Case, path: Path, seed: int) -> str:
    """Makes the store; the cookie of a dispatcher who has signed in."""
    with Database(path) as db:
        db.write(lambda connection: _facts(connection, case, seed))
        token = db.write(_dispatcher)
        derive.refresh(db, NOW)
    return token


def _facts(connection: Connection, case: Case, seed: int) -> None:
    chance = np.random.default_rng(seed)
    transformers = case.customers // PER_TRANSFORMER
    spread = 0.1 * np.sqrt(case.customers / 250_000)
    lon, lat = (chance.normal(middle, spread, transformers) for middle in CENTRE)
    cell = points_to_cells(lon, lat, 9)
    register(
        connection,
        "made",
        pd.DataFrame({"n": range(transformers), "lon": lon, "lat": lat, "cell": cell}),
    )
    connection.execute(
        "INSERT INTO transformers (transformer_id, kind, lon, lat, cell_id)"
        " SELECT 'T' || n, 'public', lon, lat, cell FROM made"
    )
    connection.execute(
        "INSERT INTO customers (customer_no, transformer_id, lon, lat, cell_id, importance_code)"
        " SELECT lpad((n * $per + k)::VARCHAR, 10, '0'), 'T' || n, lon, lat, cell,"
        " CASE WHEN k = 0 AND n % 50 = 0 THEN 'first' END FROM made, range($per) AS r(k)",
        {"per": PER_TRANSFORMER},
    )
    register(connection, "dark", _outages(case, chance, lon, lat, cell))
    connection.execute(
        "INSERT INTO outages (outage_id, kind, status, cause, scope, started_at,"
        " estimated_restore_at, restored_at, customers_affected, lon, lat, cell_id)"
        " SELECT * FROM dark"
    )
    connection.execute(
        "INSERT INTO org_units (unit_id, level, name, timezone)"
        " VALUES ('C', 'city', 'Made up', 'Asia/Shanghai')"
    )
    meta.set_value(connection, "origin", "sample")
    clock.start_clock(connection, at=NOW, running=False)
    for kind in ("customers", "transformers", "outages"):
        meta.touch_facts(connection, kind)


def _outages(
    case: Case, chance: np.random.Generator, lon: object, lat: object, cell: object
) -> pd.DataFrame:
    """Small ones of a transformer each; those of the shut-off, of twenty, begin one evening."""
    transformers = case.customers // PER_TRANSFORMER
    small = case.outages - case.shut_off
    first = (
        chance.permutation(transformers)[:small]
        if small <= transformers
        else chance.integers(0, transformers, small)
    )
    began = NOW - pd.to_timedelta(chance.uniform(1, max(300, case.days * 1440), small), unit="min")
    length = pd.to_timedelta(chance.exponential(180, small) + 10, unit="min")
    ended = (began + length) if case.days else pd.DatetimeIndex([pd.NaT] * small, tz="UTC")
    scopes = [f"transformer:T{n}" for n in first]
    evening = NOW - timedelta(days=10)
    off = np.arange(case.shut_off) * PER_TRANSFORMER
    scopes += [";".join(f"transformer:T{n + k}" for k in range(PER_TRANSFORMER)) for n in off]
    began = began.append(
        evening + pd.to_timedelta(chance.uniform(0, 360, case.shut_off), unit="min")
    )
    ended = ended.append(
        evening + pd.to_timedelta(chance.uniform(2000, 4000, case.shut_off), unit="min")
    )
    place = np.concatenate([first, off])
    return pd.DataFrame(
        {
            "outage_id": [f"B{n:06d}" for n in range(case.outages)],
            "kind": [KINDS[n % len(KINDS)] for n in range(case.outages)],
            "status": "in_force", "cause": "storm", "scope": scopes, "started_at": began,
            "estimated_restore_at": began + pd.Timedelta(hours=4),
            "restored_at": ended.where(ended <= NOW),
            "customers_affected": [PER_TRANSFORMER * (1 + scope.count(";")) for scope in scopes],
            "lon": np.asarray(lon)[place], "lat": np.asarray(lat)[place],
            "cell_id": np.asarray(cell)[place],
        }
    )  # fmt: skip


def _dispatcher(connection: Connection) -> str:
    user = users.User("b", "bench", "Bench", "dispatcher", None, None, None, True, False)
    users.insert(connection, user, by="bench", at=clock.real_now())
    return live_sessions.begin(connection, user, "local", agent="", at=clock.real_now()).token
