"""Groups of people of whom a loaded figure tells how many live in each cell: the old, the young."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

import pandas as pd

from app.store import cells as store
from app.store.database import Database
from app.use_cases import measures, small_cells
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.measures import FACT
from grid_cells.errors import UserError

_OLD: Final = ("*elder*", "age_6?_*", "age_65*", "*老*")
"""Names of loaded figures that tell the share of the old."""
_PER_CENT: Final = "%"


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
    """Every loaded figure about people that the actor may see, by name."""
    held = store.fact_measures(db.whole.read())
    found = [
        PeopleGroup(f"{FACT}{row['measure']}", row["unit"] == _PER_CENT)
        for row in held.to_dict("records")
    ]
    return [
        one for one in found
        if measures.is_about_people(one.code) and measures.may_see(actor, one.code)
    ]  # fmt: skip


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
