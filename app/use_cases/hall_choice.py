"""The best halls for one place, or for every cell: way, doors, queue, and what a hall can do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from app.store import meta
from app.store import payments as store
from app.store.database import Database
from app.use_cases import asked_places, hall_rules, hall_waits, reach_points
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.asked_places import Question
from app.use_cases.clock import now as clock_now
from app.use_cases.reach_ground import ReachGround
from app.use_cases.reach_points import NOTHING, Changes
from app.use_cases.reach_wishes import Mode
from app.use_cases.remember import remembered
from grid_cells import hall_choice as rules
from grid_cells.errors import UserError
from grid_cells.hall_choice import HORIZON_MIN, Best

SHOWN: Final = 3
RANKS: Final = {rules.KNOWN: "known", rules.WAIT_UNKNOWN: "wait_unknown", rules.UNSURE: "unsure"}
ONLINE: Final = "online"


@dataclass(frozen=True)
class HallWish:
    """For what and when: a matter (empty: any), a moment (None: now), how, how long one waits.

    changes: halls and zones that are assumed closed or new.
    """

    matter: str = ""
    at: datetime | None = None
    mode: Mode = "drive"
    horizon_min: float = HORIZON_MIN
    changes: Changes = NOTHING


@dataclass(frozen=True)
class HallChoices:
    """The answer.

    halls, the best first: point_id, kind (hall, machine), name, lon, lat, travel_min, door_min
    (minutes before a shut door), wait_min (NaN unknown), wait_source, total_min (NaN unknown),
    is_open (None unknown), rank (known, wait_unknown, unsure). papers: what to bring; is_online:
    the matter need not be brought anywhere.
    """

    at: datetime
    matter: str
    halls: pd.DataFrame
    papers: tuple[str, ...]
    is_online: bool


@needs("see_reach")
def nearest(
    db: Database, actor: Actor, question: Question, wish: HallWish, *, count: int = SHOWN
) -> HallChoices:
    """The best halls for a point, a customer or an address; any hall serves anyone.

    Raises UserError `matter_unknown`, and what `asked_places.asked` raises.
    """
    check_matter(wish.matter)
    now = clock_now(db)
    at = (wish.at or now).replace(second=0, microsecond=0)
    spot = asked_places.placed(
        actor, asked_places.asked(db, actor, question, "hall_choice.nearest")
    )
    points = _points(db, wish, at)
    told = points.iloc[:0].assign(travel_min=[], door_min=[], total_min=[], rank=[])
    if spot.lon is not None and spot.lat is not None:
        ground = ReachGround(db, at, wish.mode)
        place = pd.DataFrame({"lon": [spot.lon], "lat": [spot.lat]})
        ways = ground.minutes_from(place, points)[None, :]
        found = rules.best(ways, points, count=count, horizon_min=wish.horizon_min)
        told = _told(points, ways[0], found)
    is_online = ONLINE in channels_of(wish.matter)
    return HallChoices(at, wish.matter, told, papers_of(wish.matter), is_online)


def by_cell(
    db: Database, wish: HallWish, at: datetime, count: int = SHOWN
) -> tuple[Best, pd.DataFrame]:
    """The best halls of every cell of `ReachGround.cells`, and the halls their columns name."""
    points = _points(db, wish, at)
    ground = ReachGround(db, at, wish.mode)
    ways = ground.minutes_to(points)
    return rules.best(ways, points, count=count, horizon_min=wish.horizon_min), points


def usual_waits(db: Database, at: datetime) -> dict[str, float]:
    """The wait in minutes taken for a point without one of its own: a hall, a machine.

    Of a hall the mean of those known at the moment, of a machine that of the rules. NaN where no
    wait is known: a far machine must not come before a hall next door that nobody measures.
    """
    return _usual(hall_waits.present_waits(db.whole, at)["wait_min"])


def _usual(waits: "pd.Series[float]") -> dict[str, float]:
    known = float(waits.mean())
    is_known = not np.isnan(known)
    return {"hall": known, "machine": hall_rules.figure("machine_wait") if is_known else np.nan}


def _points(db: Database, wish: HallWish, at: datetime) -> pd.DataFrame:
    """Halls, and for matters that machines do the zones, with spans, wait_min, source and can."""
    whole = db.whole.read()
    minute = clock_now(db).replace(second=0, microsecond=0)
    key = (
        "halls_to_choose", db.whole.opened_as, meta.facts_version(db.whole), minute, at,
        wish.matter, wish.horizon_min, wish.changes, store.visits_told(whole),
    )  # fmt: skip
    return remembered(key, lambda: _with_waits(db, wish, at))


def _with_waits(db: Database, wish: HallWish, at: datetime) -> pd.DataFrame:
    points = reach_points.hall_points(db, wish.matter, wish.changes)
    points = points[points["is_there"]].reset_index(drop=True)
    waits = hall_waits.present_waits(db.whole, at).set_index("hall_id")
    hall = points["point_id"].str.removeprefix("hall:")
    is_usual = points["is_assumed"].astype(bool) | (points["kind"] == "machine")
    own = hall.map(waits["wait_min"].astype("float64"))
    return points.assign(
        spans=pd.Series(reach_points.spans(db, points, at, wish.horizon_min), dtype=object),
        can=points["able"].astype(object),
        wait_min=own.where(~is_usual, points["kind"].map(_usual(waits["wait_min"]))),
        wait_source=hall.map(waits["source"]).fillna("unknown").where(~is_usual, "assumed"),
    )


def _told(points: pd.DataFrame, ways: rules.Floats, found: Best) -> pd.DataFrame:
    chosen = [int(one) for one in found.which[0] if one >= 0]
    rows = points.iloc[chosen].reset_index(drop=True)
    size = len(chosen)
    travel = ways[chosen]
    return rows.assign(
        travel_min=travel, door_min=np.maximum(found.ready_min[0, :size] - travel, 0.0),
        total_min=found.total_min[0, :size],
        rank=[RANKS[int(one)] for one in found.rank[0, :size]],
        is_open=pd.Series([rules.is_open(one) for one in rows["spans"]], dtype=object),
    )  # fmt: skip


def matters() -> list[str]:
    """Every matter, in the order of the table."""
    return [str(one) for one in hall_rules.matters()["code"]]


def check_matter(matter: str) -> None:
    """Raise UserError `matter_unknown` for a matter that the table does not have."""
    if matter and matter not in matters():
        raise UserError("matter_unknown", matter=matter[:100], known=", ".join(matters()))


def papers_of(matter: str) -> tuple[str, ...]:
    """Codes of the papers to bring for a matter."""
    return tuple(_listed(matter, "papers"))


def channels_of(matter: str) -> tuple[str, ...]:
    """Ways in which a matter can be settled; of none in particular only halls."""
    return tuple(_listed(matter, "channels")) or ("hall",)


def _listed(matter: str, column: str) -> list[str]:
    rows = hall_rules.matters()
    found: list[list[str]] = rows.loc[rows["code"] == matter, column].tolist()
    return found[0] if found else []
