"""What a plan may not be, and what it should not: each finding with where it can be seen."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.consequences import (
    OUTSIDE,
    Codes,
    Prepared,
    cut_links,
    distinct_pairs,
    slots,
    totals,
)  # fmt: skip
from grid_cells.drafts import NO_AREA, TWO_AREAS, Area, Places

Level = Literal["no", "warn", "off"]
CELLS_SHOWN: Final = 200
PLACES_ASSUMED: Final = "places_assumed"
"""The rule that no reason excuses."""
_ORDER: Final = {"no": 0, "warn": 1}
Rows = NDArray[np.bool_]


@dataclass(frozen=True)
class Problem:
    """One finding: its rule, whether it forbids publishing, where, how much, which cells to show.

    `area` is a place in the draft's areas, None for the whole plan or a crew. units and customers
    are those concerned; cells at most CELLS_SHOWN, the fullest first. `values` fill the sentence.
    """

    code: str
    level: Level
    area: int | None
    units: int
    customers: int
    cells: tuple[int, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Circumstances:
    """What is known around a draft, all by place in its areas where not said otherwise.

    before: labels of the plan in force. pieces: per unit the number of the connected piece of its
    area, 0 the largest; across: the same with barriers as borders; None where nobody worked them
    out. exceptions: areas that may lie in pieces, for a stated reason. managed: areas with a
    manager on duty, None unknown. crews: the repair crew of each area. limits: value by what
    (customers or hours; foreign_share: of an area's customers under another upper unit) and of
    (area or crew). levels: level by rule. parents: parent by upper unit. assumed: how many halls,
    banks and crew bases the draft only assumes.
    """

    before: Places
    levels: Mapping[str, str]
    pieces: Codes | None = None
    across: Codes | None = None
    exceptions: frozenset[int] = frozenset()
    managed: frozenset[int] | None = None
    crews: Mapping[int, str] = field(default_factory=dict)
    limits: Mapping[tuple[str, str], float] = field(default_factory=dict)
    parents: Mapping[str, str | None] = field(default_factory=dict)
    assumed: int = 0


@dataclass(frozen=True)
class _Scene:
    """A draft to be judged.

    slot: where each unit counts; cells: of each unit's middle; sorted_rows: units by slot, in each
    the ones with most customers first, those of slot n from begins[n] on.
    """

    prepared: Prepared
    areas: Sequence[Area]
    after: pd.DataFrame
    known: Circumstances
    slot: Codes
    cells: Codes
    sorted_rows: Codes
    begins: Codes

    def rows(self, slot: int) -> Codes:
        """Units that count there, the ones with most customers first."""
        return self.sorted_rows[self.begins[slot] : self.begins[slot + 1]]

    @property
    def people(self) -> NDArray[np.float64]:
        """Customers of each unit."""
        return self.prepared.people[: self.prepared.units]

    @property
    def living(self) -> list[int]:
        """Places of the areas that were not deleted."""
        return [place for place, area in enumerate(self.areas) if not area.is_deleted]


def problems(
    prepared: Prepared,
    labels: Places,
    areas: Sequence[Area],
    *,
    after: pd.DataFrame,
    known: Circumstances,
) -> list[Problem]:
    """What is wrong with a draft, forbidding findings first, then by customers concerned.

    `labels` the draft's, `areas` its areas, `after` the areas'
    figures from `consequences`. Rules whose level is "off" or not in `known.levels` are not asked.
    """
    slot = slots(labels, len(areas))
    fullest = np.argsort(-prepared.people[: prepared.units], kind="stable")
    by_slot = fullest[np.argsort(slot[fullest].astype(np.uint16), kind="stable")]
    begins = np.cumsum(np.bincount(slot + 1, minlength=len(areas) + OUTSIDE + 1))
    cells = prepared.figures.units["cell_id"].to_numpy(np.int64)
    scene = _Scene(prepared, areas, after, known, slot, cells, by_slot, begins)
    found = [one for ask in _RULES for one in ask(scene) if one.level != "off"]
    return sorted(found, key=lambda one: (_ORDER[one.level], -one.customers, one.code))


def may_publish(found: Sequence[Problem]) -> bool:
    """Whether no finding forbids publishing."""
    return all(one.level != "no" for one in found)


def _told(scene: _Scene, code: str, rows: Codes, area: int | None = None, **values: Any) -> Problem:
    """A finding about these units, of which the ones with most customers come first."""
    level: Any = scene.known.levels.get(code, "off")
    named = {} if area is None else {"area": scene.areas[area].name}
    people = int(scene.people[rows].sum())
    cells = _shown(scene.cells[rows])
    return Problem(code, level, area, len(rows), people, cells, named | values)


def _shown(cells: Codes) -> tuple[int, ...]:
    return tuple(itertools.islice(dict.fromkeys(cells[cells != 0].tolist()), CELLS_SHOWN))


def _unclear(scene: _Scene) -> Iterator[Problem]:
    for code, label in (("unit_in_no_area", NO_AREA), ("unit_in_two_areas", TWO_AREAS)):
        rows = scene.rows(len(scene.areas) + NO_AREA - label)
        lived = rows[scene.people[rows] > 0]
        if len(lived):
            yield _told(scene, code, lived)


def _empty(scene: _Scene) -> Iterator[Problem]:
    people = scene.after["customers"].to_numpy()
    for place in scene.living:
        rows = scene.rows(place)
        if len(rows) == 0:
            yield _told(scene, "area_without_units", rows, place)
        elif not people[place]:
            yield _told(scene, "area_without_customers", rows, place)


def _locked(scene: _Scene) -> Iterator[Problem]:
    before = np.asarray(scene.known.before, np.int64)
    for place in scene.living:
        if scene.areas[place].is_locked:
            rows = np.flatnonzero((scene.slot == place) != (before == place))
            if len(rows):
                yield _told(scene, "locked_area_changed", rows, place)


def _torn(scene: _Scene) -> Iterator[Problem]:
    given = (("area_in_pieces", scene.known.pieces), ("area_across_barrier", scene.known.across))
    for code, pieces in given:
        if pieces is None:
            continue
        stray = np.asarray(pieces, np.int64) > 0
        for place in scene.living:
            rows = scene.rows(place)
            rows = rows[stray[rows]]
            excused = code == "area_in_pieces" and place in scene.known.exceptions
            if len(rows) and not excused:
                count = len(set(pieces[rows].tolist())) + 1
                yield _told(scene, code, rows, place, pieces=count)


def _cut(scene: _Scene) -> Iterator[Problem]:
    """One finding an area: its transformers that have customers elsewhere too."""
    held, size = scene.prepared, len(scene.areas)
    links = cut_links(held, scene.slot, size)
    area = scene.slot[held.cut_unit[links]]
    people = totals(area, held.cut_people[links], size)
    count = np.bincount(distinct_pairs(held.cut_number[links], area, size)[1], minlength=size)
    touched = np.zeros(len(scene.slot), dtype=bool)
    touched[held.cut_unit[links]] = True
    for place in np.flatnonzero(count).tolist():
        rows = scene.rows(place)
        found = _told(
            scene, "transformer_cut", rows[touched[rows]], place, transformers=int(count[place])
        )
        yield replace(found, customers=int(people[place]))


def _mixed(scene: _Scene) -> Iterator[Problem]:
    """Cells whose customers' units lie in several areas: a single finding, all cells to show."""
    links = scene.prepared.figures.cell_links
    slot = scene.slot[links["unit"].to_numpy(np.int64)]
    inside = slot < len(scene.areas)
    held = links[inside].assign(slot=slot[inside])
    by_cell = held.groupby("cell_id")["slot"]
    rows = held[by_cell.transform("min") < by_cell.transform("max")]
    if rows.empty:
        return
    people = rows.groupby("cell_id")["customers"].sum().sort_values(ascending=False, kind="stable")
    shown = tuple(int(cell) for cell in people.index[:CELLS_SHOWN])
    level: Any = scene.known.levels.get("cell_mixed", "off")
    units = int(rows["unit"].nunique())
    yield Problem(
        "cell_mixed", level, None, units, int(people.sum()), shown, {"count": len(people)}
    )


def _limits(scene: _Scene) -> Iterator[Problem]:
    by_crew: dict[str, list[int]] = {}
    for place in scene.living:
        if place in scene.known.crews:
            by_crew.setdefault(scene.known.crews[place], []).append(place)
    for what in ("customers", "hours"):
        load = scene.after[what].to_numpy(np.float64)
        yield from _heavy_areas(scene, what, load)
        most = scene.known.limits.get((what, "crew"), np.inf)
        for crew, own in sorted(by_crew.items()):
            if (total := float(load[own].sum())) > most:
                yield _told(
                    scene, f"crew_too_many_{what}", np.concatenate([scene.rows(k) for k in own]),
                    crew=crew, load=round(total), limit=most, areas=len(own),
                )  # fmt: skip


def _heavy_areas(scene: _Scene, what: str, load: NDArray[np.float64]) -> Iterator[Problem]:
    most = scene.known.limits.get((what, "area"), np.inf)
    for place in scene.living:
        if load[place] > most:
            yield _told(
                scene, f"area_too_many_{what}", scene.rows(place), place,
                load=round(load[place]), limit=most,
            )  # fmt: skip


def _unmanaged(scene: _Scene) -> Iterator[Problem]:
    if scene.known.managed is None:
        return
    for place in scene.living:
        rows = scene.rows(place)
        if place not in scene.known.managed and len(rows):
            yield _told(scene, "area_without_manager", rows, place)


def _crossing(scene: _Scene) -> Iterator[Problem]:
    """Areas with customers under another upper unit than the area's own, else than most have."""
    codes, index = pd.factorize(scene.prepared.figures.units["upper_unit"])
    names = [str(name) for name in index]
    least = scene.known.limits.get(("foreign_share", "area"), 0.0)
    chains = [_chain(name, scene.known.parents) for name in names]
    inside: dict[str, Rows] = {}
    for place in scene.living:
        rows = scene.rows(place)
        rows = rows[(codes[rows] >= 0) & (scene.people[rows] > 0)]
        if len(rows) == 0:
            continue
        home = scene.areas[place].unit_id or names[_fullest(codes[rows], scene.people[rows])]
        if home not in inside:
            inside[home] = np.array([home in chain for chain in chains])
        foreign = rows[~inside[home][codes[rows]]]
        if scene.people[foreign].sum() > least * scene.people[rows].sum():
            others = sorted({names[code] for code in codes[foreign].tolist()})
            yield _told(scene, "area_across_units", foreign, place, home=home, others=others)


def _fullest(codes: Codes, people: NDArray[np.float64]) -> int:
    return int(np.bincount(codes, weights=people).argmax())


def _chain(unit: str, parents: Mapping[str, str | None]) -> set[str]:
    """A unit and all those above it."""
    seen: set[str] = set()
    at: str | None = unit
    while at is not None and at not in seen:
        seen.add(at)
        at = parents.get(at)
    return seen


def _assumed(scene: _Scene) -> Iterator[Problem]:
    """Whatever the company's levels: a plan in force cannot lean on a hall that is not there."""
    if count := scene.known.assumed:
        yield Problem(PLACES_ASSUMED, "no", None, 0, 0, values={"count": count})


_RULES: Final = (
    _assumed, _unclear, _empty, _locked, _torn, _cut, _mixed, _limits, _unmanaged, _crossing,
)  # fmt: skip
