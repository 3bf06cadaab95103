"""Duties of service areas that nobody has, or soon nobody will have, and who could step in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pandas as pd

from grid_cells.duties import holders

NEEDED: Final = ("manager", "backup", "repair")
"""Duties without which an area is not served."""
Pair = tuple[str, str]


@dataclass(frozen=True)
class Vacancy:
    """A duty nobody has: since when (None = it never was held), or from when on nobody will.

    `begins` is None where it is vacant already.
    """

    area_id: str
    duty: str
    since: datetime | None = None
    begins: datetime | None = None


@dataclass(frozen=True)
class StandIn:
    """Who could take a duty over, and why: `backup`, `neighbour` or `station`.

    load: customers of the areas they have that duty in already; areas: how many these are.
    """

    holder_id: str
    reason: str
    load: int
    areas: int


def vacancies(
    duties: pd.DataFrame, areas: Sequence[str], at: datetime, until: datetime
) -> list[Vacancy]:
    """Every needed duty of these areas that is vacant at `at` or becomes so by `until`.

    `duties`: as for `duties.holders`; hours do not count: an area is somebody's at night too. A
    manager who is the backup as well is no backup. In the order of the areas, then of NEEDED.
    """
    plain = duties[duties["duty"].isin(NEEDED) & duties["area_id"].isin(areas)].assign(hours=None)
    edges = pd.to_datetime(plain["valid_to"], utc=True)
    found: dict[Pair, Vacancy] = {}
    coming = sorted(edges[(edges > at) & (edges <= until)].unique())
    for moment in (at, *coming):
        for area, duty in _missing(plain, areas, moment):
            if (area, duty) not in found:
                begins = None if moment == at else pd.Timestamp(moment).to_pydatetime()
                since = None if begins is not None else _ended(plain, area, duty, at)
                found[area, duty] = Vacancy(area, duty, since, begins)
    return [found[a, d] for a in areas for d in NEEDED if (a, d) in found]


def _missing(duties: pd.DataFrame, areas: Sequence[str], at: datetime) -> list[Pair]:
    held = holders(duties, at, "UTC")
    who = dict(zip(zip(held["area_id"], held["duty"], strict=True), held["holder_id"], strict=True))
    alone = {area for area in areas if who.get((area, "manager")) == who.get((area, "backup"))}
    return [
        (area, duty)
        for area in areas
        for duty in NEEDED
        if (area, duty) not in who or (duty == "backup" and area in alone)
    ]


def _ended(duties: pd.DataFrame, area: str, duty: str, at: datetime) -> datetime | None:
    rows = duties[(duties["area_id"] == area) & (duties["duty"] == duty)]
    ends = pd.to_datetime(rows["valid_to"], utc=True)
    last = ends[ends <= at].max()
    return None if pd.isna(last) else last.to_pydatetime()


def stand_in(
    held: pd.DataFrame,
    vacancy: Vacancy,
    rings: Sequence[Collection[str]],
    customers: Mapping[str, int],
) -> StandIn | None:
    """Who should take a vacant duty over: of those near, the one who serves the fewest customers.

    `held`: area_id, duty, holder_id. `rings`: areas to look in, the neighbours first, then those
    of the station; the next ring counts where the one before has nobody. The area's own backup
    is asked with the neighbours and comes first of equals; nobody takes the two duties of a
    manager and a backup in one area. None where there is nobody.
    """
    kind = "repair" if vacancy.duty == "repair" else "manager"
    own = held[held["area_id"] == vacancy.area_id].set_index("duty")["holder_id"]
    backup = own.get("backup") if vacancy.duty == "manager" else None
    taken = own.get("manager") if vacancy.duty == "backup" else None
    doing = held[held["duty"] == kind]
    for place, ring in enumerate(rings):
        near = set(doing.loc[doing["area_id"].isin(set(ring) - {vacancy.area_id}), "holder_id"])
        near = (near | ({backup} if backup is not None else set())) - {taken}
        if near:
            ranked = sorted((*_load(doing, one, customers), one != backup, one) for one in near)
            load, areas, is_other, holder = ranked[0]
            reason = ("neighbour", "station")[min(place, 1)] if is_other else "backup"
            return StandIn(str(holder), reason, load, areas)
    return None


def _load(doing: pd.DataFrame, holder: str, customers: Mapping[str, int]) -> tuple[int, int]:
    areas = set(doing.loc[doing["holder_id"] == holder, "area_id"])
    return sum(int(customers.get(area, 0)) for area in areas), len(areas)
