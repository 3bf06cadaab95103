"""Figures about people as those may see them who must not see single households."""

from datetime import date, timedelta

import pandas as pd

from app.store import meta
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


def stamp(db: Database) -> tuple[str | int, ...]:
    """What figures about people depend on: the facts of the whole, the grouping, the limit."""
    names = ("database_id", "facts_version", _HELD, "derived:energy")
    held = (meta.read_value(db.whole.read(), name) for name in names)
    return (*held, db.whole.opened_as, least(db))


def _hold_areas(db: Database) -> None:
    """Group anew once customers were loaded, and once there is a first plan to group by."""
    connection = db.read()
    customers = meta.versions(connection, ("customers",))
    version, _, by_areas = meta.read_value(connection, _HELD).partition("|")
    plan = meta.read_value(connection, "derived:plan_id")
    if version == customers and (by_areas or not plan):
        return

    def change(connection: Connection) -> None:
        privacy_store.hold_areas(connection)
        meta.set_value(connection, _HELD, f"{customers}|{'areas' if plan else ''}")

    db.write(change)


def _groups(db: Database) -> pd.DataFrame:
    cells = privacy_store.cells_to_group(db.read())
    found = small_cells.partition(cells, least(db))
    return found.assign(spare_meters=cells["spare_meters"].reindex(found.index))


def rolled_up_to(db: Database, cell_id: int) -> int:
    """With which parents a cell's figures about people are published; 0 where it stands alone."""
    known = groups(db)
    row = known[known["cell_id"] == cell_id]
    return 0 if row.empty else int(row["rolled_up_to"].iloc[0])


def published(db: Database, values: pd.DataFrame, rollup: str) -> pd.DataFrame:
    """A figure by cell (cell_id, value of the whole database) as it may be told, rolled_up_to.

    A database without any customer says nothing about ours: its figures stay as they are.
    """
    known = groups(db)
    if known.empty:
        return values[["cell_id", "value"]].assign(rolled_up_to=small_cells.ALONE)
    publish = small_cells.publish_sum if rollup == "sum" else small_cells.publish_mean
    return publish(values, known, least(db))


def energy_a_day(db: Database, last: date, days: int) -> pd.DataFrame:
    """Mean energy of a day in kWh over the last `days` days told: cell_id, value, rolled_up_to."""
    span = last - timedelta(days=max(days, 1) - 1), last
    sums = privacy_store.energy_of_groups(db.whole.read(), groups(db), span)
    told = small_cells.publish_days(sums, least(db))
    mean = told.groupby("group")["value"].mean().reset_index()
    return small_cells.share_out(mean, groups(db), least(db))


def energy_days(db: Database, cell_id: int) -> pd.DataFrame:
    """A cell's part of the energy of its group by day: day, energy_kwh."""
    known = groups(db)
    own = known[known["cell_id"] == cell_id]
    if own.empty or int(own["group_customers"].iloc[0]) < least(db):
        return pd.DataFrame({"day": [], "energy_kwh": []})
    with_it = known[known["group"] == own["group"].iloc[0]]
    sums = privacy_store.energy_of_groups(db.whole.read(), with_it)
    told = small_cells.publish_days(sums, least(db)).sort_values("day", ignore_index=True)
    part = float(own["customers"].iloc[0]) / float(own["group_customers"].iloc[0])
    return pd.DataFrame({"day": told["day"], "energy_kwh": told["value"] * part})
