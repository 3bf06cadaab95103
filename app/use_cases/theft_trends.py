"""How suspicions, lost energy and inspections moved from run to run, of a hotspot or of all."""

from dataclasses import replace
from datetime import datetime
from typing import Final

import pandas as pd

from app.store import meta
from app.store import theft_hotspots as store
from app.store.database import Database
from app.use_cases import small_cells, theft_hotspots
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.remember import remembered
from app.use_cases.theft_hotspots import HotspotWish

MOST: Final = 24
"""Runs that are looked back on: two years of months."""
_SUMMED: Final = ("customers", "suspects", "lost_kwh", "inspected", "visits", "hits")


@needs("see_suspicion")
def over_runs(
    db: Database, actor: Actor, wish: HotspotWish, cells: tuple[int, ...] | None = None
) -> pd.DataFrame:
    """The last runs as each was known at its moment, the oldest first.

    Columns run_id, made_at, method, suspects, lost_kwh, inspected_share, hit_rate of these cells of
    the wish's resolution, or of all. NaN is unknown: nobody scored, no balance known, nobody
    inspected. Figures about few people are told as on the map.
    """
    runs = store.runs(db.whole.read(), clock_now(db)).head(MOST).iloc[::-1]
    rows = [
        {"run_id": int(run["run_id"]), "made_at": run["made_at"], "method": run["method"]}
        | _of_run(db, actor, replace(wish, run_id=int(run["run_id"])), run["made_at"], cells)
        for run in runs.to_dict("records")
    ]
    names = ("run_id", "made_at", "method", "suspects", "lost_kwh", "inspected_share", "hit_rate")
    return pd.DataFrame(rows, columns=list(names))


def _of_run(
    db: Database, actor: Actor, wish: HotspotWish, made_at: datetime, cells: tuple[int, ...] | None
) -> dict[str, float]:
    is_hidden = small_cells.hidden_from(actor)
    moment = pd.Timestamp(made_at).to_pydatetime()
    small_cells.groups(db.whole)
    facts = meta.versions(db.whole.read(), ("inspections", "customers"))
    key = ("theft_trend", db.seen_as, wish, is_hidden, facts, *small_cells.stamp(db.whole))

    def ask() -> pd.DataFrame:
        number = int(wish.run_id or 0)
        return theft_hotspots.figures(db, wish, number, moment, is_hidden=is_hidden)

    held = remembered(key, ask)
    mine = held if cells is None else held[held["cell_id"].isin(cells)]
    total = mine[list(_SUMMED)].sum(min_count=1)
    return {
        "suspects": float(total["suspects"]), "lost_kwh": float(total["lost_kwh"]),
        "inspected_share": _share(total["inspected"], total["customers"]),
        "hit_rate": _share(total["hits"], total["visits"]),
    }  # fmt: skip


def _share(part: float, whole: float) -> float:
    """A share; unknown where there is nothing to divide by."""
    return float(part / whole) if whole > 0 else float("nan")
