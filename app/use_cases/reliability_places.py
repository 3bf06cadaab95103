"""Reliability on the map and place by place: cells in their place's figure, what happened there."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, cast, get_args

import numpy as np
import pandas as pd

from app.store import customers
from app.store.database import Database
from app.use_cases import privacy, reliability
from app.use_cases.access import check, needs
from app.use_cases.actors import Actor
from app.use_cases.reliability import PLACES, Asked, Place, ReliabilityWish
from app.use_cases.reliability_rules import STANDARDS, Standard
from app.use_cases.remember import fingerprint
from app.use_cases.service_map import NO_AREA
from grid_cells.errors import UserError
from grid_cells.reliability import Rule, places_of_cells

Index = Literal["saidi", "saifi", "caidi", "maifi", "cemi", "frequent"]

INDICES: Final[tuple[Index, ...]] = get_args(Index)
PER_CENT: Final = ("cemi",)
MOST_NAMED: Final = 50
"""Customers out too often that are named at once."""
_NAMED: Final = ("customer_no", "name", "address")
_ENOUGH, _FEW = 0, 1


@dataclass(frozen=True)
class ReliabilityCells:
    """Cells in the figure of their place.

    cells: cell_id, place_index (65535 none), value (NaN unknown; per cent for CEMI); places: by
    their index, empty where each cell is a place of its own and the index only tells whether few
    are served; few: indices of places where few are served; version: changes whenever a cell does.
    """

    cells: pd.DataFrame
    places: list[str]
    few: list[int]
    version: str


@dataclass(frozen=True)
class PlaceStory:
    """One place: its figures, the rule they were made by, and the outages that interrupted it.

    outages, the latest first: outage_id, kind, began, ended (NaT: lasts), customers (interrupted
    here), minutes (the longest), customer_minutes, is_sustained.
    """

    figures: "pd.Series[float]"
    rule: Rule
    outages: pd.DataFrame


@needs("see_reliability")
def cells(db: Database, actor: Actor, wish: ReliabilityWish, index: Index) -> ReliabilityCells:
    """Every cell in sight with the index of the place where most of its customers count."""
    known = reliability.asked(db, actor, wish)
    of = cells_of_places(known)
    table = known.found.table
    values = of.map(table[index].astype("float64") * (100.0 if index in PER_CENT else 1.0))
    if wish.by == "cell":
        number = of.map(table["is_few"].astype("float64")).fillna(NO_AREA)
        places, few = [], [_FEW]
    else:
        found = pd.Index(table.index).get_indexer(pd.Index(of.to_numpy()))
        number = pd.Series(np.where(found < 0, NO_AREA, found), index=of.index)
        places = [str(one) for one in table.index]
        few = np.flatnonzero(table["is_few"].to_numpy()).tolist()
    frame = pd.DataFrame(
        {
            "cell_id": of.index.to_numpy("int64"),
            "place_index": number.to_numpy("uint16"),
            "value": values.to_numpy("float32"),
        }
    )
    return ReliabilityCells(frame, places, few, fingerprint(frame).hex()[:20])


def cells_of_places(known: Asked) -> "pd.Series[Any]":
    """The place of each cell that is on the ground: cell_id → place."""
    homes = known.homes
    return places_of_cells(homes[homes["cell_id"].fillna(0) != 0])


@needs("see_reliability")
def place_at(db: Database, actor: Actor, wish: ReliabilityWish, cell_id: int) -> Any | None:
    """The place in whose figure a cell is drawn; None where there is none to tell."""
    known = reliability.asked(db, actor, wish)
    place = cells_of_places(known).get(cell_id)
    return place if place in known.found.table.index else None


@needs("see_reliability")
def story(db: Database, actor: Actor, wish: ReliabilityWish, place: Any) -> PlaceStory:
    """What a place of the table lived through; raises UserError `reliability_place_unknown`."""
    known = reliability.asked(db, actor, wish)
    row = _row(known, place)
    rule = known.found.rule
    here = known.lived[known.lived["place"] == place]
    if rule.kinds is not None:
        here = here[here["kind"].isin(rule.kinds)]
    weighed = here.assign(
        customer_minutes=here["customers"] * here["minutes"],
        lasts=here["ended"].isna(),
        is_sustained=here["minutes"] > rule.sustained_min,
    )
    told = weighed.groupby("outage_id", as_index=False).agg(
        kind=("kind", "first"), began=("began", "min"), ended=("ended", "max"),
        lasts=("lasts", "any"), customers=("customers", "sum"), minutes=("minutes", "max"),
        customer_minutes=("customer_minutes", "sum"), is_sustained=("is_sustained", "any"),
    )  # fmt: skip
    told["ended"] = told["ended"].where(~told["lasts"])
    latest = told.drop(columns="lasts").sort_values("began", ascending=False)
    return PlaceStory(row, rule, latest.reset_index(drop=True))


@needs("see_customers")
def frequent_customers(
    db: Database, actor: Actor, wish: ReliabilityWish, place: Any
) -> pd.DataFrame:
    """Who is out too often at a place, the worst first: customer_no, name, address, times, ref.

    Values are masked as everywhere; no more than MOST_NAMED are named. On the basis of users, which
    are transformers, only transformer_id and times. Raises UserError `reliability_place_unknown`.
    """
    check(db, actor, "see_reliability", asked="reliability_places.frequent_customers")
    known = reliability.asked(db, actor, wish)
    _row(known, place)
    at = known.homes["place"].reindex(known.often.index)
    here = known.often[(at == place).to_numpy()].sort_values(ascending=False, kind="stable")
    if known.found.rule.basis == "mv_user":
        return pd.DataFrame({"transformer_id": here.index, "times": here.to_numpy()})
    numbers = [str(one) for one in here.index[:MOST_NAMED]]
    rows = [customers.one(db.read(), one) or {} for one in numbers]
    frame = pd.DataFrame([{name: row.get(name) for name in _NAMED} for row in rows], columns=_NAMED)
    told = privacy.shown(actor, "customers", frame)
    return told.assign(
        times=here.to_numpy()[:MOST_NAMED],
        ref=[privacy.customer_ref(db, one) for one in numbers],
    )


def _row(known: Asked, place: Any) -> "pd.Series[float]":
    table = known.found.table
    if place not in table.index:
        raise UserError("reliability_place_unknown")
    row: pd.Series[float] = table.loc[place]
    return row


def wish_word(wish: ReliabilityWish) -> str:
    """A word for a wish; for addresses of cells files."""
    counts = [str(int(one)) for one in (wish.has_planned, wish.has_major)]
    return ".".join([str(wish.first), str(wish.last), wish.by, wish.standard, *counts])


def wish_of(word: str) -> ReliabilityWish:
    """The wish behind its word; raises UserError `reliability_wish_unreadable`."""
    try:
        first, last, by, standard, planned, major = word.split(".")
        wish = ReliabilityWish(
            date.fromisoformat(first), date.fromisoformat(last), cast("Place", by),
            cast("Standard", standard), has_planned=planned == "1", has_major=major == "1",
        )  # fmt: skip
        is_read = by in PLACES and standard in STANDARDS and wish_word(wish) == word
    except ValueError:
        is_read = False
    if not is_read:
        raise UserError("reliability_wish_unreadable")
    return wish


def index_of(word: str) -> Index:
    """The index of that name; raises UserError `reliability_wish_unreadable`."""
    if word not in INDICES:
        raise UserError("reliability_wish_unreadable")
    return word
