"""Units of the plan in force by now: in no area, claimed twice, or parted by a border."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from app.store.database import Database
from app.use_cases.inbox_entries import ELSEWHERE, NO_AREA, SPLIT, TWICE, Entry, Offer
from app.use_cases.inbox_ground import NOBODY, SEVERAL, Scene, scene_of
from grid_cells.cells import cells_to_hex
from grid_cells.stray_units import Gift, groups, receiver
from grid_cells.unit_graph import Ints


@dataclass(frozen=True)
class Picture:
    """What the inbox looks at, as far as the person sees it.

    touching: areas next to each other; customers, stations, cells (where most of its customers
    live): by area; names: of the areas.
    """

    entries: tuple[Entry, ...]
    touching: frozenset[tuple[str, str]]
    customers: dict[str, int]
    stations: dict[str, str]
    names: dict[str, str]
    cells: dict[str, int]

    def near(self, area_id: str) -> list[set[str]]:
        """Areas of the same station: those next to it, then all of them."""
        station = self.stations.get(area_id)
        same = {one for one, held in self.stations.items() if held == station} - {area_id}
        beside = {one for pair in self.touching if area_id in pair for one in pair}
        return [same & beside, same]


def picture(seen: Database, plan: dict[str, Any], now: datetime) -> Picture:
    """The units of the plan in force (as `plans.plan_at` has it) within a sight."""
    scene = scene_of(seen, plan, now)
    found = [*_strays(scene), *_without_unit(scene), *_twice(scene), *_split(scene)]
    lives = _lives(scene.people, scene.people["area_id"])
    areas = scene.areas
    known = areas.dropna(subset=["unit_id"])
    names = areas["name"].fillna(areas["area_id"])
    return Picture(
        tuple(found), _touching(scene), {str(area): one.customers for area, one in lives.items()},
        dict(zip(known["area_id"], known["unit_id"], strict=True)),
        dict(zip(areas["area_id"], names, strict=True)),
        {str(area): one.cell for area, one in lives.items()},
    )  # fmt: skip


def _strays(scene: Scene) -> Iterable[Entry]:
    people = scene.people
    alone = people[(people["rule"] == "none") & (people["row"] >= 0)]
    rows = alone["row"].unique()
    rows = np.sort(rows[scene.ground.area[rows] == NOBODY])
    work = scene.ground.work
    usual = float(work[work > 0].mean()) if (work > 0).any() else 0.0
    found = groups(scene.ground, rows)
    piece = np.full(len(scene.ids), -1, dtype=np.int64)
    for n, group in enumerate(found):
        piece[group] = n
    lives = _lives(alone, piece[alone["row"]])
    for n, group in enumerate(found):
        gift = receiver(scene.ground, group)
        offer, why_not = _offer(scene, gift), ""
        if gift is None:
            why_not = "no_area_left"
        elif scene.ground.graph.weight[group].sum() > usual:
            offer, why_not = None, "too_many"
        units = _names(scene, group)
        yield Entry(
            NO_AREA, f"{NO_AREA}:{units[0]}:{len(units)}", lives[n].customers, units,
            lives[n].cell, since=_since(scene, lives[n].since), offer=offer, why_not=why_not,
        )  # fmt: skip


def _without_unit(scene: Scene) -> Iterable[Entry]:
    """Customers in no area whom no stroke can reach: the plan has no unit for them."""
    people = scene.people
    lost = people[(people["rule"] == "none") & (people["row"] < 0)]
    if len(lost):
        why_not = "unlinked" if scene.basis == "transformer" else "unplaced"
        (life,) = _lives(lost, np.zeros(len(lost))).values()
        yield Entry(
            NO_AREA, f"{NO_AREA}:{why_not}", life.customers, (), life.cell,
            since=_since(scene, life.since), why_not=why_not,
        )  # fmt: skip


def _twice(scene: Scene) -> Iterable[Entry]:
    place = {one: n for n, one in enumerate(scene.areas["area_id"])}
    torn = np.flatnonzero(scene.ground.area == SEVERAL)
    people = scene.people[scene.people["row"].isin(torn)]
    lives = _lives(people, people["row"])
    for row in torn.tolist():
        life = lives.get(row, _Life(0, int(scene.ids[row]) if scene.basis == "cell" else 0))
        ids = scene.claimants.get(row, ())
        seen = np.array([place[one] for one in ids if one in place], dtype=np.int64)
        several = len(ids) > 1
        gift = receiver(scene.ground, np.array([row]), seen) if several else None
        (unit,) = _names(scene, np.array([row]))
        yield Entry(
            TWICE, f"{TWICE}:{unit}", life.customers, (unit,), life.cell,
            tuple(one if one in place else ELSEWHERE for one in ids),
            since=scene.begins, offer=_offer(scene, gift),
            why_not="" if gift else "claimed_elsewhere" if several else "two_exceptions",
        )  # fmt: skip


def _split(scene: Scene) -> Iterable[Entry]:
    """Transformers whose customers live in several areas of a plan by cells.

    Who is named by an exception of their own does not count: somebody stated a reason.
    """
    if scene.basis == "transformer":
        return
    held = scene.people[scene.people["rule"] != "customer"].dropna(
        subset=["transformer_id", "area_id"]
    )
    by_area = held.groupby(["transformer_id", "area_id"]).agg({"customers": "sum", "since": "min"})
    counted = by_area.reset_index()
    torn = counted[counted.duplicated("transformer_id", keep=False)]
    lives = _lives(held, held["transformer_id"])
    ranked = torn.sort_values(
        ["transformer_id", "customers"], ascending=[True, False], kind="stable"
    )
    for unit, rows in ranked.groupby("transformer_id", sort=False):
        life, areas = lives[unit], tuple(str(one) for one in rows["area_id"])
        most = int(rows["customers"].iloc[0])
        values = {"most": most, "customers": life.customers - most}
        second = rows["since"].sort_values().iloc[1]
        yield Entry(
            SPLIT, f"{SPLIT}:{unit}", life.customers, (str(unit),), life.cell, areas,
            since=_since(scene, second),
            offer=Offer("override", areas[0], "most_live_there", values),
        )  # fmt: skip


def _offer(scene: Scene, gift: Gift | None) -> Offer | None:
    if gift is None:
        return None
    because = "border" if gift.sides else "near_across" if gift.is_parted else "near"
    if not gift.sides and not np.isfinite(gift.distance_m):
        because = "only"
    values = {
        "sides": gift.sides, "of": gift.of, "share": gift.share,
        "distance_m": _about(gift.distance_m) if np.isfinite(gift.distance_m) else None,
    }  # fmt: skip
    return Offer("draft", str(scene.areas["area_id"].iloc[gift.to]), because, values)


def _about(metres: float) -> int:
    """A distance between customers to the hundred metres, so that it tells of no home."""
    return max(100, round(metres / 100) * 100)


def _names(scene: Scene, rows: Ints) -> tuple[str, ...]:
    ids = scene.ids[rows]
    shown = cells_to_hex(ids.to_numpy(dtype=np.int64)) if scene.basis == "cell" else ids
    return tuple(str(one) for one in shown)


@dataclass(frozen=True)
class _Life:
    """Some customers: how many, the cell most of them live in (0: none placed), since when."""

    customers: int
    cell: int = 0
    since: Any = None


def _lives(people: pd.DataFrame, key: Any) -> dict[Any, _Life]:
    """The customers under each key, of one value a row; a row without one counts nowhere."""
    keyed = people.assign(key=np.asarray(key)).dropna(subset=["key"])
    sums = keyed.groupby("key").agg({"customers": "sum", "since": "min"})
    placed = keyed[keyed["cell_id"] != 0].groupby(["key", "cell_id"])["customers"].sum()
    most = placed.reset_index().sort_values(["customers", "cell_id"], ascending=[False, True])
    cells = dict(zip(most["key"].iloc[::-1], most["cell_id"].iloc[::-1], strict=True))
    told = zip(sums.index, sums["customers"], sums["since"], strict=True)
    return {key: _Life(int(n), int(cells.get(key, 0)), since) for key, n, since in told}


def _since(scene: Scene, first: Any) -> datetime | None:
    """When it came up: not before the plan was in force, which left it so."""
    moments = [pd.Timestamp(one) for one in (first, scene.begins) if not pd.isna(one)]
    return max(moments).to_pydatetime() if moments else None


def _touching(scene: Scene) -> frozenset[tuple[str, str]]:
    graph, area = scene.ground.graph, scene.ground.area
    left, right = area[graph.left], area[graph.right]
    kept = (left >= 0) & (right >= 0) & (left != right)
    pairs = np.unique(np.sort(np.column_stack((left[kept], right[kept])), axis=1), axis=0)
    ids = scene.areas["area_id"].to_numpy(dtype=object)
    return frozenset((str(ids[one]), str(ids[other])) for one, other in pairs)
