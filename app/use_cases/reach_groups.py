"""Groups of people of whom a loaded figure tells how many live in each cell: the old, the young."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

import pandas as pd

from app.store import cells as store
from app.store.database import Database
from app.use_cases import measures, small_cells
from app.use_cases.access import may, needs
from app.use_cases.actors import Actor
from app.use_cases.measures import FACT
from grid_cells.errors import UserError

_OLD: Final = ("*elder*", "age_6?_*", "age_65*", "*老*")
"""Names of loaded figures that tell the share of the old."""
_PER_CENT: Final = frozenset({"%", "％"})
_PEOPLE: Final = frozenset(
    {"person", "persons", "people", "人", "household", "households", "户"}
)  # fmt: skip
_SHARES: Final = ("_share", "占比")
"""Ends of names that tell a share in per cent where no unit is told."""
_MOST_NAMES: Final = 1024


@dataclass(frozen=True)
class PeopleGroup:
    """A loaded figure about people: its code ("fact:name"), and whether it is a share in per cent.

    Any other is a count of people.
    """

    code: str
    is_share: bool

    @property
    def name(self) -> str:
        """The figure's name as loaded."""
        return self.code.removeprefix(FACT)


@needs("see_reach")
def groups(db: Database, actor: Actor) -> list[PeopleGroup]:
    """Every loaded figure that tells a group of people and that the actor may see, by name.

    Counts only for those who may see small cells: others are told means over the customers of
    several cells, and were they told the sum of the same cells as well, the two would give away
    the single cell. A mean share times the customers is the group's people all the same.
    """
    held = store.fact_measures(db.whole.read()).to_dict("records")
    found = [_group(str(row["measure"]), row["unit"]) for row in held]
    hidden = small_cells.hidden_from(actor)
    return [
        one for one in found
        if one is not None and (one.is_share or not hidden) and _may_see(actor, one.code)
    ]  # fmt: skip


def _group(name: str, unit: object) -> PeopleGroup | None:
    """The group that a figure of that unit tells; None where it tells no people."""
    word = unit.strip().lower() if isinstance(unit, str) else ""
    is_share = word in _PER_CENT or (not word and name.lower().endswith(_SHARES))
    return PeopleGroup(FACT + name, is_share) if is_share or word in _PEOPLE else None


def _may_see(actor: Actor, code: str) -> bool:
    about_people, needed = _rule(code)
    return about_people and (not needed or may(actor, needed))


@lru_cache(maxsize=_MOST_NAMES)
def _rule(code: str) -> tuple[bool, str]:
    """Whether a figure is about people, and the permission it needs, by the reference table."""
    return measures.is_about_people(code), measures.right_to(code)


@needs("see_reach")
def old(db: Database, actor: Actor) -> PeopleGroup | None:
    """The figure that tells the share of the old; None where none does."""
    for one in groups(db, actor):
        if one.is_share and any(fnmatchcase(one.name.lower(), name) for name in _OLD):
            return one
    return None


@needs("see_reach")
def chosen(db: Database, actor: Actor, rank: str) -> PeopleGroup | None:
    """The group that gaps are ranked by, else the old; UserError `reach_group_unknown`."""
    if not rank.startswith(FACT):
        return old(db, actor)
    found = [one for one in groups(db, actor) if one.code == rank]
    if not found:
        raise UserError("reach_group_unknown", group=rank.removeprefix(FACT)[:100])
    return found[0]


def people_of(
    db: Database, actor: Actor, group: PeopleGroup | None, cells: pd.DataFrame
) -> pd.DataFrame:
    """`cells` (cell_id, customers) with group_share (per cent) and group_people, NaN where unknown.

    A share is one of the customers; of few both are as their group is told.
    """
    value = cells["cell_id"].map(_told(db, actor, group)).astype("float64")
    if group is None or group.is_share:
        return cells.assign(group_share=value, group_people=cells["customers"] * value / 100)
    return cells.assign(group_share=float("nan"), group_people=value)


def _told(db: Database, actor: Actor, group: PeopleGroup | None) -> "pd.Series[float]":
    if group is None:
        return pd.Series(dtype="float64")
    told = store.fact(db.whole.read(), group.name)
    if small_cells.hidden_from(actor):
        told = small_cells.told_fact(db, group.name, told[["cell_id", "value"]])
    return told.drop_duplicates("cell_id").set_index("cell_id")["value"].astype("float64")
