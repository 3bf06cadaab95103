"""An uneven lake: a transformer and a cell that hold far more than the others."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

CROWD, ORDINARY, EACH, DAYS = 10_000, 200, 30, 4
FIRST = date(2026, 3, 28)
SECOND, THIRD = FIRST + timedelta(days=1), FIRST + timedelta(days=2)


def write_skewed(folder: Path, seed: int = 5) -> Path:
    """The lake: customers of the crowd all in one cell behind T0, the others 30 to a transformer.

    Some readings are missing, estimated or corrected, one day has a late file, links end on a day,
    customers lie nowhere, a cell is claimed twice.
    """
    random = np.random.default_rng(seed)
    crowd = np.arange(CROWD + ORDINARY * EACH) < CROWD
    count = len(crowd)
    unit = np.where(crowd, 0, 1 + (np.arange(count) - CROWD) // EACH)
    lon = np.where(crowd, 112.5, 112.0 + random.uniform(0, 1, count))
    lat = np.where(crowd, 30.4, 30.0 + random.uniform(0, 1, count))
    lon[random.uniform(size=count) < 0.01] = np.nan
    number = pd.Series([f"{n:08d}" for n in range(count)])
    transformer = pd.Series([f"T{n}" for n in unit])
    customers = pd.DataFrame(
        {
            "customer_no": number, "transformer_id": transformer, "lon": lon, "lat": lat,
            "use_type": random.choice(["home", "shop"], count), "tariff": "A",
            "connected_on": np.where(random.uniform(size=count) < 0.02, THIRD, None),
        }
    )  # fmt: skip
    _write(folder / "customers", customers)
    _write(folder / "meters", _meters(random, number, transformer))
    units = pd.DataFrame({"transformer_id": [f"T{n}" for n in range(ORDINARY + 1)]})
    places = units.assign(
        kind=np.where(random.uniform(size=len(units)) < 0.05, "dedicated", "public"),
        lon=112.0 + random.uniform(0, 1, len(units)), lat=30.0 + random.uniform(0, 1, len(units)),
    )  # fmt: skip
    _write(folder / "transformers", places)
    claims = units.assign(area_id=[f"A{n % 7}" for n in range(len(units))]).iloc[: ORDINARY - 20]
    _write(folder / "areas", pd.concat([claims, claims.iloc[3:4].assign(area_id="A0")]))
    for day in range(DAYS):
        _write_day(folder, random, number, FIRST + timedelta(days=day))
    return folder


def _meters(
    random: np.random.Generator, number: "pd.Series[str]", transformer: "pd.Series[str]"
) -> pd.DataFrame:
    moved = number[random.uniform(size=len(number)) < 0.01]
    billing = pd.DataFrame(
        {
            "meter_id": "m" + number, "customer_no": number, "transformer_id": transformer,
            "role": "billing",
            "multiplier": random.choice([1.0, 1.0, 1.0, 20.0], len(number)), "valid_from": None,
        }
    )  # fmt: skip
    again = billing[billing["customer_no"].isin(moved)]
    elsewhere = again.assign(transformer_id="T1", valid_from=FIRST + timedelta(days=1))
    masters = pd.DataFrame(
        {
            "meter_id": [f"k{n}" for n in range(ORDINARY + 1)], "customer_no": None,
            "transformer_id": [f"T{n}" for n in range(ORDINARY + 1)], "role": "master",
            "multiplier": 40.0, "valid_from": None,
        }
    )  # fmt: skip
    return pd.concat([billing, elsewhere, masters], ignore_index=True)


def _write_day(
    folder: Path, random: np.random.Generator, number: "pd.Series[str]", day: date
) -> None:
    count = len(number)
    fed = np.where(
        random.uniform(size=count) < 0.05, np.round(random.uniform(0, 9, count), 2), np.nan
    )
    told = pd.DataFrame(
        {
            "meter_id": "m" + number, "energy_kwh": np.round(random.gamma(2, 4, count), 2),
            "reverse_kwh": fed,
            "source": random.choice(["measured", "late", "estimated"], count, p=[0.98, 0.01, 0.01]),
            "is_corrected": random.uniform(size=count) < 0.002,
            "received_at": pd.Timestamp(day, tz="UTC") + pd.Timedelta(hours=23),
        }
    )  # fmt: skip
    masters = pd.DataFrame(
        {
            "meter_id": [f"k{n}" for n in range(ORDINARY + 1)],
            "energy_kwh": random.uniform(5, 9, ORDINARY + 1), "reverse_kwh": 0.0,
            "source": "measured", "is_corrected": False, "received_at": told["received_at"].iloc[0],
        }
    )  # fmt: skip
    kept = told[random.uniform(size=count) > 0.003]
    _write(folder / f"readings/day={day}", pd.concat([kept, masters], ignore_index=True))
    if day == SECOND:
        heard = pd.Timestamp(day, tz="UTC") + pd.Timedelta(days=3)
        late = told.sample(50, random_state=1).assign(energy_kwh=1.25, received_at=heard)
        _write(folder / f"readings/day={day}", late, "late.parquet")


def _write(folder: Path, rows: pd.DataFrame, name: str = "part-0.parquet") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows.to_parquet(folder / name, index=False)
