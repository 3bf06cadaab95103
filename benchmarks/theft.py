"""Balances and suspicions without labels: what is found in made files, and the time of a year's.

--input: the program that makes the files (its `simulate` is called). Prints for each kind of files
the medians over the seeds, beside a naive median shift as the peer (more is better, but for the
honest given a wrong cause, and seconds). `equal`: both scored every transformer and every customer
whose truth is told. --store makes a store of so many customers and a year of days instead, and
prints seconds and the peak of memory.
"""

import importlib.util
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from comparison import Row, arguments, installed, missing, show
from sklearn.metrics import average_precision_score, roc_auc_score
from theft_store import build

from app.store.database import Database
from app.use_cases import theft_balance, theft_scores
from app.use_cases.actors import command_line_actor
from app.use_cases.load import LoadChoice, load
from loaders.contract import ColumnMap

KINDS = {"heavy": ("heavy", False), "mild": ("mild", False), "mild dirty": ("mild", True)}
FILES = ("transformers", "customers", "meters", "readings")
SIZE = {
    "transformers": 200,
    "customers": 60,
    "days": 60,
    "share": 0.25,
    "loss": 0.03,
    "noise": 0.002,
}
INNOCENT = ("pv", "wrong_link", "wrong_multiplier")
PEER = "median shift"
UNITS = {
    "transformer AUC": ("area", True),
    "customer AP": ("precision", True),
    "honest given a wrong cause": ("share", False),
    "seconds": ("s", False),
}
"""Of each figure its unit, and whether more is better."""


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--seeds", type=int, default=10, help="how many, from --seed on")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=list(KINDS))
    parser.add_argument("--days", type=int, default=SIZE["days"], help="days in each file")
    parser.add_argument("--store", type=int, metavar="CUSTOMERS", help="time a store of so many")
    asked = parser.parse_args()
    if not asked.store and asked.input is None:
        missing("give --input PROGRAM that makes files, or --store CUSTOMERS")
    rows = _store(asked.store, asked.seed) if asked.store else _files(asked)
    show("theft", rows, installed("duckdb", "numpy", "pandas", "scipy"), as_json=asked.json)


def _files(asked: Any) -> list[Row]:
    simulate = _simulator(Path(asked.input))
    rows = []
    for name in asked.kinds:
        kind, dirty = KINDS[name]
        seeds = range(asked.seed, asked.seed + (1 if asked.quick else asked.seeds))
        found = pd.DataFrame(
            [_one(simulate, seed, kind, dirty=dirty, days=asked.days) for seed in seeds]
        )
        middle = found.median()
        whole = bool(found["all scored"].all())
        figures = [c for c in found.columns if c in UNITS or c.endswith(" named")]
        for figure in figures:
            peer = middle.get(f"peer_{figure}")
            more = {"least": float(found[figure].min()), "most": float(found[figure].max())}
            unit, more_is_better = UNITS.get(figure, ("share", True))
            rows.append(Row(f"{name}: {figure}", float(middle[figure]), peer, PEER if peer else "-",
                            None, whole if peer else None, more, unit, more_is_better))  # fmt: skip
    return rows


def _simulator(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("simulator", path)
    if spec is None or spec.loader is None:
        sys.exit(f"no simulator at {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.simulate


def _one(simulate: Any, seed: int, kind: str, *, dirty: bool, days: int) -> dict[str, float]:
    frames = simulate(seed, kind=kind, dirty=dirty, **SIZE | {"days": days})
    actor = command_line_actor()
    with tempfile.TemporaryDirectory() as folder, Database(Path(folder) / "t.duckdb") as db:
        for name in FILES:
            path = Path(folder) / f"{name}.csv"
            frames[name].to_csv(path, index=False)
            load(db, actor, name, [path], LoadChoice("wgs84", ColumnMap()))
        started = time.perf_counter()
        places = theft_balance.balance(db, actor).scores
        scores = theft_scores.score(db, actor)
        seconds = time.perf_counter() - started
    return {**_judged(frames, places, scores), **_naive(frames), "seconds": seconds}


def _judged(
    frames: dict[str, pd.DataFrame], places: pd.DataFrame, scores: pd.DataFrame
) -> dict[str, float]:
    truth = frames["truth_customers"].merge(scores, on="customer_no", suffixes=("_true", ""))
    grids = frames["truth_transformers"].merge(places, on="transformer_id")
    truths = frames["truth_customers"], frames["truth_transformers"]
    told = {
        "all scored": [len(truth), len(grids)] == [len(one) for one in truths],
        "transformer AUC": float(roc_auc_score(grids["has_thief"], grids["score"])),
        "customer AP": float(average_precision_score(truth["is_thief"], truth["score"])),
    }
    for cause in INNOCENT:
        mine = truth[truth["cause_true"] == cause]
        if len(mine):
            told[f"{cause} named"] = float((mine["cause"] == cause).mean())
    honest = truth[truth["cause_true"] == "none"]
    told["honest given a wrong cause"] = float((~honest["cause"].isin(["none", "suspect"])).mean())
    return told


def _naive(frames: dict[str, pd.DataFrame]) -> dict[str, float]:
    """By medians of the second half against the first: rise of the loss rate, fall of the use."""
    meters, readings = frames["meters"], frames["readings"]
    held = readings.merge(meters, on="meter_id")
    held["kwh"] = (held["energy_kwh"] - held["reverse_kwh"]) * held["multiplier"]
    late = held["day"] > np.sort(held["day"].unique())[held["day"].nunique() // 2]
    sums = held.assign(late=late, is_master=held["role"] == "master")
    day = sums.pivot_table(
        index=["transformer_id", "day", "late"], columns="is_master", values="kwh", aggfunc="sum"
    )
    rate = (1 - day[False] / day[True]).groupby(["transformer_id", "late"]).median()
    grids = frames["truth_transformers"].set_index("transformer_id")
    grids["rise"] = rate.xs(True, level="late") - rate.xs(False, level="late")
    own = sums[~sums["is_master"]].groupby(["customer_no", "late"])["kwh"].median()
    truth = frames["truth_customers"].set_index("customer_no")
    truth["fall"] = 1 - own.xs(True, level="late") / own.xs(False, level="late").clip(lower=0.1)
    return {
        "peer_transformer AUC": float(roc_auc_score(grids["has_thief"], grids["rise"].fillna(0))),
        "peer_customer AP": float(
            average_precision_score(truth["is_thief"], truth["fall"].fillna(0))
        ),
    }


def _store(customers: int, seed: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "year.duckdb"
        build(path, customers, 365, seed)
        with Database(path) as db:
            started = time.perf_counter()
            scores = theft_scores.score(db, command_line_actor())
            seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    more = {"rows": len(scores), "peak_mb": round(peak), "cpu_s": round(time.process_time(), 1)}
    return [Row(f"{customers:,} customers, 365 days", seconds, None, "-", None, None, more)]


if __name__ == "__main__":
    main()
