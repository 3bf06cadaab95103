"""A store with visits to learn from: 120 homes on four transformers, a third of whom use less."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from app.store import meta
from app.store.database import Connection, Database, register

FIRST, DAYS, HOMES = date(2026, 1, 1), 150, 120
NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)


def day(number: int) -> date:
    """The day of that number, from 0."""
    return FIRST + timedelta(days=number)


def fill(db: Database, visits: int = HOMES, seed: int = 0) -> list[str]:
    """Customer numbers; every third fell to a fifth on day 40 and was found so by a visit."""
    rng = np.random.default_rng(seed)
    numbers = [f"{one:06d}" for one in range(HOMES)]
    use = rng.lognormal(2.0, 0.2, (HOMES, 1)) * np.exp(rng.normal(0, 0.1, (HOMES, DAYS)))
    use[::3, 40:] *= 0.2
    on = rng.integers(100, DAYS - 1, HOMES)
    db.write(lambda c: _written(c, numbers, use, on, visits))
    return numbers


def _written(
    connection: Connection, numbers: list[str], use: np.ndarray, on: np.ndarray, visits: int
) -> None:
    lines = [f"T{place % 4}" for place in range(HOMES)]
    meters = pd.DataFrame({"meter_id": [f"B{n}" for n in numbers], "customer_no": numbers,
                           "transformer_id": lines, "role": "billing"})  # fmt: skip
    masters = pd.DataFrame({"meter_id": [f"M{k}" for k in range(4)], "customer_no": None,
                            "transformer_id": [f"T{k}" for k in range(4)],
                            "role": "master"})  # fmt: skip
    rows = [(f"B{numbers[i]}", day(d), use[i, d]) for i in range(HOMES) for d in range(DAYS)]
    true = np.array([use[k::4].sum(axis=0) for k in range(4)]) * 1.04
    rows += [(f"M{k}", day(d), true[k, d]) for k in range(4) for d in range(DAYS)]
    tables = {
        "transformers": pd.DataFrame({"transformer_id": [f"T{k}" for k in range(4)],
                                      "kind": "public"}),
        "customers": pd.DataFrame({"customer_no": numbers, "transformer_id": lines,
                                   "use_type": "residential", "tariff": "R1"}),
        "meters": pd.concat([meters, masters]).assign(multiplier=1.0),
        "meter_readings": pd.DataFrame(rows, columns=["meter_id", "day", "energy_kwh"]).assign(
            reverse_kwh=0.0, source="measured"
        ),
        "inspections": pd.DataFrame(
            {"inspection_id": [f"J{i}" for i in range(visits)], "customer_no": numbers[:visits],
             "inspected_on": [day(int(one)) for one in on[:visits]],
             "outcome": ["confirmed" if i % 3 == 0 else "cleared" for i in range(visits)]}
        ),
    }  # fmt: skip
    for table, frame in tables.items():
        register(connection, "given", frame)
        names = ", ".join(frame.columns)
        connection.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM given")
        connection.unregister("given")
        meta.touch_facts(connection, "readings" if table == "meter_readings" else table)
