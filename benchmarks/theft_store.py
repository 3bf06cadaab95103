"""A made-up store for benchmarks/theft.py: so many customers read daily for a year, some hiding use."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from app.store import meta
from app.store.database import Connection, Database, register

FIRST = date(2025, 7, 1)
PER_TRANSFORMER = 60
THEFT_SHARE = 0.1
LOT = 50


def build(path: Path, customers: int, days: int, seed: int) -> None:
    """Makes the store: 3 % of the readings missing, one hidden use in ten transformers, 4 % PV."""
    with Database(path) as db:
        transformers = max(2, customers // PER_TRANSFORMER)
        db.write(lambda c: _archive(c, transformers))
        rng = np.random.default_rng(seed)
        sun = np.clip(rng.normal(0.7, 0.25, days), 0.05, 1)
        weather = 1 + 0.25 * np.sin(2 * np.pi * np.arange(days) / 60) + rng.normal(0, 0.04, days)
        for first in range(0, transformers, LOT):
            count = min(LOT, transformers - first)
            table = _readings(rng, first, count, weather, sun)
            db.write(lambda c, t=table: _insert(c, t))


def _archive(connection: Connection, transformers: int) -> None:
    side = int(np.ceil(np.sqrt(transformers)))
    number = np.arange(transformers)
    lon, lat = 121.5 + 0.004 * (number % side), 29.9 + 0.0035 * (number // side)
    places = pd.DataFrame({"n": number, "lon": lon, "lat": lat})
    register(connection, "made", places)
    connection.execute(
        "INSERT INTO transformers (transformer_id, kind, lon, lat)"
        " SELECT format('T{:05d}', n), 'public', lon, lat FROM made"
    )
    homes = f"made, range({PER_TRANSFORMER}) AS r(i)"
    name = f"format('{{:010d}}', n * {PER_TRANSFORMER} + i)"
    connection.execute(
        "INSERT INTO customers (customer_no, transformer_id, use_type, lon, lat)"
        f" SELECT {name}, format('T{{:05d}}', n), 'residential', lon, lat FROM {homes}"
    )
    connection.execute(
        "INSERT INTO meters (meter_id, customer_no, transformer_id, role, multiplier)"
        f" SELECT 'B' || {name}, {name}, format('T{{:05d}}', n), 'billing', 1 FROM {homes}"
        " UNION ALL SELECT format('MT{:05d}', n), NULL, format('T{:05d}', n), 'master', 1 FROM made"
    )
    connection.unregister("made")
    for kind in ("transformers", "customers", "meters", "readings"):
        meta.touch_facts(connection, kind)


def _readings(
    rng: np.random.Generator, first: int, count: int, weather: np.ndarray, sun: np.ndarray
) -> pa.Table:
    rows, days = count * PER_TRANSFORMER, len(weather)
    level = rng.lognormal(np.log(7), 0.7, rows)
    noise = np.cumsum(rng.normal(0, 0.004, (rows, days)), axis=1) + rng.normal(0, 0.22, (rows, days))
    use = level[:, None] * weather * np.exp(noise)
    feed = np.where(rng.random(rows) < 0.04, rng.uniform(4, 20, rows), 0)[:, None] * sun
    net = (use - feed).reshape(count, PER_TRANSFORMER, days).sum(axis=1)
    supply = net * 1.03 * (1 + rng.normal(0, 0.002, net.shape))
    for t in np.flatnonzero(rng.random(count) < THEFT_SHARE):
        row, start = t * PER_TRANSFORMER + rng.integers(PER_TRANSFORMER), int(days * rng.uniform(0.3, 0.6))
        use[row, start:] *= 1 - rng.uniform(0.2, 0.5)
    read = rng.random((rows, days)) >= 0.03  # noqa: PLR2004 - the share of the docstring
    row, day = np.nonzero(read)
    meters = [f"B{first * PER_TRANSFORMER + i:010d}" for i in range(rows)]
    meters += [f"MT{first + t:05d}" for t in range(count)]
    number = np.concatenate([row, rows + np.repeat(np.arange(count), days)]).astype("int32")
    start = np.datetime64(FIRST, "D")
    return pa.table(
        {
            "meter_id": pa.DictionaryArray.from_arrays(pa.array(number), pa.array(meters)),
            "day": pa.array(start + np.concatenate([day, np.tile(np.arange(days), count)])),
            "energy_kwh": np.concatenate([use[read], np.maximum(supply, 0).ravel()]).round(3),
            "reverse_kwh": np.concatenate([feed[read], np.maximum(-supply, 0).ravel()]).round(3),
        }
    )


def _insert(connection: Connection, table: pa.Table) -> None:
    register(connection, "made", table)
    connection.execute(
        "INSERT INTO meter_readings (meter_id, day, energy_kwh, reverse_kwh, source)"
        " SELECT meter_id, day, energy_kwh, reverse_kwh, 'measured' FROM made"
    )
    connection.unregister("made")
