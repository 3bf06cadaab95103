"""The little town with a run of scores: three neighbouring cells with suspects, one decoy."""

import json
from datetime import datetime

import h3
import pandas as pd

from app.store import meta, theft_readings, theft_runs
from app.store.database import Connection, Database
from app.use_cases.actors import Actor
from tests.conftest import MIDDLE, NOW, LittleTown

MANAGER = Actor("town-manager", "周明", role="manager")
INSPECTOR = Actor("town-inspector", "钱勇", role="inspector")
ANALYST = Actor("town-analyst", "陈思", role="analyst")
DISPATCHER = Actor("town-dispatcher", "林薇", role="dispatcher")
FIRST, LAST, SINCE = (
    pd.Timestamp("2026-07-01"),
    pd.Timestamp("2026-07-15"),
    pd.Timestamp("2026-07-08"),
)
REASONS = [{"code": "fell_as_loss_rose", "day": "2026-07-08", "percent": 72, "kwh_day": 4.1}]


def spots(town: LittleTown) -> list[int]:
    """Places of three cells in the middle that touch each other."""
    near = h3.grid_disk(h3.latlng_to_cell(*MIDDLE, 9), 1)
    return sorted(town.cells.index(one) for one in near)[:3]


def suspects(town: LittleTown) -> list[str]:
    """Two customers in each of the three cells."""
    numbers = town.numbers()
    return [numbers[4 * place + k] for place in spots(town) for k in (0, 1)]


def decoy(town: LittleTown) -> str:
    """A customer far off whom the sun explains."""
    return town.numbers()[-1]


def keep_run(db: Database, town: LittleTown, at: datetime = NOW) -> int:
    """A run made at that moment, with the balance of each transformer by day."""
    return db.write(lambda connection: _kept(connection, town, at))


def _kept(connection: Connection, town: LittleTown, at: datetime) -> int:
    numbers = town.numbers()
    who, innocent = set(suspects(town)), decoy(town)
    lines = [f"T-{place // 4:03d}" for place in range(len(numbers))]
    scores = pd.DataFrame({"customer_no": numbers, "transformer_id": lines})
    is_suspect = scores["customer_no"].isin(who)
    scores["score"] = is_suspect.map({True: 0.9, False: 0.1})
    scores["cause"] = is_suspect.map({True: "suspect", False: "none"})
    scores.loc[scores["customer_no"] == innocent, "cause"] = "pv"
    scores["quality"], scores["lost_kwh_day"] = 1.0, is_suspect.map({True: 4.0, False: 0.0})
    scores["since"] = pd.Series(SINCE, scores.index).where(is_suspect)
    scores["reasons"] = is_suspect.map({True: json.dumps(REASONS), False: "[]"})
    loss = [10.0 if place in spots(town) else 4.0 for place in range(len(town.cells))]
    places = pd.DataFrame({"transformer_id": sorted(set(lines)), "cause": "none", "score": 0.1})
    places = places.assign(
        loss_kwh_day=loss, loss_rate=[one / 100 for one in loss], days_known=14, days=15
    )
    places["reasons"] = "[]"
    run = {
        "made_at": at,
        "made_by": "test",
        "method": "unlabelled",
        "first_day": FIRST.date(),
        "last_day": LAST.date(),
        "customers": len(numbers),
        "transformers": len(places),
        "data_version": "town",
    }
    meta.set_value(connection, theft_readings.LOSS_DAYS, "town")
    number = theft_runs.add(connection, run, scores, places)
    connection.execute(
        """
        INSERT INTO loss_days
        SELECT transformer_id, day, 100, 0, 96, 0, 4, 0.04, 1, 4, day <> DATE '2026-07-05'
        FROM (SELECT DISTINCT transformer_id FROM transformer_scores),
          (SELECT (DATE '2026-07-01' + n::INTEGER) AS day FROM range(15) t(n))
        """
    )
    return number
