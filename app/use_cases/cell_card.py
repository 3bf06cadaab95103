"""The card of one cell: whose it is, who lives in it, what is open there, what is known."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from app.store import cells as cell_store
from app.store import derived, readings
from app.store.database import Database
from app.use_cases import derive, measures, privacy, small_cells, whose
from app.use_cases.access import needs, refuse
from app.use_cases.actors import Actor
from grid_cells import small_cells as rules
from grid_cells.cells import cells_to_hex
from grid_cells.errors import UserError
from grid_cells.small_cells import ALONE


@dataclass(frozen=True)
class Fact:
    """One thing known about a cell, with its source and the moment for which it holds."""

    code: str
    value: float | str | None
    unit: str
    source: str | None
    as_of: datetime | None


@dataclass(frozen=True)
class CellCard:
    """Everything the drawer shows about one cell.

    `rolled_up_to`: the parents' resolution where its figures about people are those of the cell
    with its siblings, -1 of the whole area, 0 of itself.
    """

    cell_id: int
    hex: str
    whose: whose.Whose
    is_mixed: bool
    customers: int
    energy_days: pd.DataFrame
    outages: pd.DataFrame
    facts: tuple[Fact, ...]
    closures: pd.DataFrame
    rolled_up_to: int = 0


@needs("see_map")
def cell_card(db: Database, actor: Actor, cell_id: int, now: datetime) -> CellCard:
    """The card of one cell, whether or not anybody lives in it."""
    derive.refresh(db, now)
    connection = db.read()
    text = str(cells_to_hex(np.array([cell_id]))[0])
    if not text:
        raise UserError("cell_unknown", cell=str(cell_id))
    is_elsewhere = cell_store.is_held(db.whole.read(), cell_id)
    if is_elsewhere and not cell_store.is_held(connection, cell_id):
        about = f"cell:{text}"
        refuse(db, actor, "access_out_of_scope", asked="cell_card.cell_card", about=about)
    middle = cell_store.middle(connection, cell_id)
    lon, lat = _middle(db, actor, cell_id, middle)
    answer = whose.as_seen(actor, whose.of_cell(db, cell_id, lon, lat, now))
    rows = derived.cell_areas(connection)
    mixed = rows.loc[rows["cell_id"] == cell_id, "is_mixed"]
    return CellCard(
        cell_id=cell_id,
        hex=text,
        whose=answer,
        is_mixed=bool(mixed.iloc[0]) if len(mixed) else False,
        customers=0 if middle is None else middle[0],
        energy_days=_energy_days(db, actor, cell_id),
        outages=cell_store.outages_in(connection, cell_id, now),
        facts=_facts(db, actor, cell_id, now),
        closures=derive.closures_at(connection, now),
        rolled_up_to=_rolled_up_to(db, actor, cell_id),
    )


def _energy_days(db: Database, actor: Actor, cell_id: int) -> pd.DataFrame:
    if small_cells.hidden_from(actor):
        return small_cells.energy_days(db, cell_id)
    return cell_store.energy_days(db.whole, cell_id)


def _middle(
    db: Database, actor: Actor, cell_id: int, middle: tuple[int, float, float] | None
) -> tuple[float, float]:
    """Where the cell's customers (their number, lon, lat) may be said to be in the middle."""
    if middle is not None and privacy.sees(actor, "customers", "lon"):
        return middle[1], middle[2]
    count, lon, lat = middle or (0, np.nan, np.nan)
    cell = pd.DataFrame({"cell_id": [cell_id], "customers": [count], "lon": [lon], "lat": [lat]})
    told = rules.middles(cell, small_cells.least(db)).iloc[0]
    return float(told["lon"]), float(told["lat"])


def _rolled_up_to(db: Database, actor: Actor, cell_id: int) -> int:
    return small_cells.rolled_up_to(db, cell_id) if small_cells.hidden_from(actor) else ALONE


def _facts(db: Database, actor: Actor, cell_id: int, now: datetime) -> tuple[Fact, ...]:
    loaded = [
        Fact(
            f"fact:{row['measure']}", _told(db, actor, f"fact:{row['measure']}", cell_id, now),
            _text(row["unit"]) or "", _text(row["source"]),
            None if pd.isna(row["as_of"]) else row["as_of"].to_pydatetime(),
        )
        for row in cell_store.facts_of(db.read(), cell_id).to_dict("records")
        if measures.may_see(actor, f"fact:{row['measure']}")
    ]  # fmt: skip
    loads = measures.transformer_loads(db, actor)
    here = loads[(loads["cell_id"] == cell_id)].dropna(subset=["load_share"])
    if not here.empty:
        top = here.sort_values("load_share").iloc[-1]
        _, received = readings.count_and_received(db)
        loaded.append(
            Fact(
                "highest_load", 100 * float(top["load_share"]), "%", f"{top['transformer_id']}",
                None if received is None else received.to_pydatetime(),
            )
        )  # fmt: skip
    return tuple(loaded)


def _told(db: Database, actor: Actor, code: str, cell_id: int, now: datetime) -> float | None:
    """A loaded figure of one cell, by the very rule by which the map shows it."""
    found = measures.values(db, actor, measures.Measure(code, "", "mean"), now)
    here = found.loc[found["cell_id"] == cell_id, "value"].dropna()
    return None if here.empty else float(here.iloc[0])


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
