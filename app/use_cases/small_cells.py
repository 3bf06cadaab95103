"""Figures about people as those may see them who must not see single households."""

from datetime import date, timedelta

import pandas as pd

from app.store import meta, told
from app.store import privacy as privacy_store
from app.store.database import Connection, Database
from app.use_cases import privacy
from app.use_cases.access import may
from app.use_cases.actors import Actor
from app.use_cases.remember import remembered
from grid_cells import small_cells

SEE = "see_small_cells"
_HELD = "derived:groups"


def hidden_from(actor: Actor) -> bool:
    """Whether the actor may only see figures about people where enough customers lie behind."""
    return not may(actor, SEE)


def least(db: Database) -> int:
    """Customers that must lie behind a figure about people."""
    return privacy.limit(db.read(), "small_cell")


def groups(db: Database) -> pd.DataFrame:
    """The one partition of all cells, the same for every view: see `small_cells.partition`.

    Also spare_meters. It is made from the whole database, whoever asks, and by the areas that were
    in force when customers were last loaded: were it to follow every redrawing, whoever may redraw
    could move one cell between two groups and read it off the difference.
    """
    _hold_areas(db.whole)
    return remembered(("groups", *stamp(db)), lambda: _groups(db.whole))


def groups_in_sight(db: Database) -> pd.DataFrame:
    """The groups with the customers in sight alone; none where these or the others are few.

    Of a group that reaches beyond the sight only what lies inside may be told, and only where
    neither part tells of few customers.
    """
    known = groups(db)
    if db is db.whole or known.empty:
        return known
    own = privacy_store.cells_to_group(db.read()).set_index("cell_id")["customers"]
    found = known.assign(customers=known["cell_id"].map(own).fillna(0).astype("int64"))
    inside = found.groupby("group")["customers"].transform("sum")
    beyond, few = found["group_customers"] - inside, least(db)
    is_told = (found["customers"] > 0) & (inside >= few) & ((beyond == 0) | (beyond >= few))
    return found.assign(group_customers=inside)[is_told]


def stamp(db: Database) -> tuple[str | int, ...]:
    """What figures about people depend on: the facts of the whole, the grouping, the limit."""
    names = ("database_id", "facts_version", _HELD, "derived:energy", "derived:facts")
    held = (meta.read_value(db.whole.read(), name) for name in names)
    return (*held, db.whole.opened_as, least(db))


def _hold_areas(db: Database) -> None:
    if not _are_areas_held(db.read()):
        db.write(hold_areas)


def hold_areas(connection: Connection) -> None:
    """Group anew once customers were loaded, and once there is a first plan to group by."""
    if _are_areas_held(connection):
        return
    plan = meta.read_value(connection, "derived:plan_id")
    customers = meta.versions(connection, ("customers",))
    privacy_store.hold_areas(connection)
    meta.set_value(connection, _HELD, f"{customers}|{'areas' if plan else ''}")


def held_by(connection: Connection) -> str:
    """What the grouping held was made from, in a word."""
    return meta.read_value(connection, _HELD)


def _are_areas_held(connection: Connection) -> bool:
    version, _, by_areas = held_by(connection).partition("|")
    plan = meta.read_value(connection, "derived:plan_id")
    return version == meta.versions(connection, ("customers",)) and bool(by_areas or not plan)


def _groups(db: Database) -> pd.DataFrame:
    cells = privacy_store.cells_to_group(db.read())
    found = small_cells.partition(cells, least(db))
    return found.assign(spare_meters=cells["spare_meters"].reindex(found.index))


def rolled_up_to(db: Database, cell_id: int) -> int:
    """With which parents a cell's figures about people are published; 0 where it stands alone."""
    known = groups(db)
    row = known[known["cell_id"] == cell_id]
    return 0 if row.empty else int(row["rolled_up_to"].iloc[0])


def published(db: Database, values: pd.DataFrame) -> pd.DataFrame:
    """Counts by cell (cell_id, value of the whole database) as groups have them, rolled_up_to.

    A database without any customer says nothing about ours: its figures stay as they are.
    """
    return _published(values, groups(db), least(db), is_empty=groups(db).empty)


def published_in_sight(db: Database, values: pd.DataFrame) -> pd.DataFrame:
    """As `published`, of counts of what is in sight: nothing of groups that may not be told."""
    return _published(values, groups_in_sight(db), least(db), is_empty=groups(db).empty)


def _published(
    values: pd.DataFrame, known: pd.DataFrame, few: int, *, is_empty: bool
) -> pd.DataFrame:
    if is_empty:
        return values[["cell_id", "value"]].assign(rolled_up_to=small_cells.ALONE)
    return small_cells.publish_sum(values, known, few)


def told_fact(db: Database, measure: str, values: pd.DataFrame) -> pd.DataFrame:
    """A loaded figure by cell (cell_id, value of the whole database) as it was told, rolled_up_to.

    A database without any customer says nothing about ours: its figures stay as they are.
    """
    if groups(db).empty:
        return values[["cell_id", "value"]].assign(rolled_up_to=small_cells.ALONE)
    return _on_groups(db, told.facts_shown(db.whole.read(), measure, values, least(db)))


def energy_a_day(db: Database, last: date, days: int) -> pd.DataFrame:
    """Mean energy of a day in kWh over the last `days` days told: cell_id, value, rolled_up_to."""
    first = last - timedelta(days=max(days, 1) - 1)
    return _on_groups(db, told.energy_a_day(db.whole.read(), first, last, least(db)))


def energy_days(db: Database, cell_id: int) -> pd.DataFrame:
    """A cell's part of the energy told of its group by day: day, energy_kwh."""
    return told.energy_days(db.whole.read(), cell_id, least(db))


def _on_groups(db: Database, values: pd.DataFrame) -> pd.DataFrame:
    """What was told of the cells that are in a group now: cell_id, value, rolled_up_to."""
    return groups(db)[["cell_id", "rolled_up_to"]].merge(values, on="cell_id", how="left")
