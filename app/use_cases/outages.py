"""Outages by list: those in force at a moment, announced for the next days, and over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import pandas as pd

from app.store import outage_book, outage_film, outage_lists
from app.store import outages as store
from app.store import units as unit_store
from app.store.database import Connection, Database
from app.use_cases import derive, outage_scopes, privacy, reference, service_map, small_cells
from app.use_cases.access import check_unit, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.remember import remembered
from grid_cells.outages import ANNOUNCED

View = Literal["open", "planned", "closed"]
VIEWS: Final[tuple[View, ...]] = ("open", "planned", "closed")
SORTS: Final = (
    "started_at", "customers_out", "customers_affected", "estimated_restore_at", "restored_at",
    "news_at", "outage_id",
)  # fmt: skip
HISTORY_DAYS: Final = 31
"""So many days of history are shown where nobody asks for more."""


@dataclass(frozen=True)
class OutageWish:
    """Which outages are asked for; empty asks for no limit.

    unit_id: station, with all below it; least: customers affected at least; text: in id, cause or
    scope as the person sees it; since: of the closed, restored after it (by default 31 days).
    """

    view: View = "open"
    at: datetime | None = None
    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    unit_id: str | None = None
    least: int = 0
    is_important: bool = False
    text: str = ""
    since: datetime | None = None
    sort: str = "started_at"
    descending: bool = True
    first: int = 0
    most: int | None = 50


@dataclass(frozen=True)
class OutageList:
    """A page of outages, how many there are by the wish, and the causes to choose from.

    rows: outage_id, kind, status, cause, scope (as the actor may see it), parent_outage_id,
    started_at, estimated_restore_at, restored_at, cell_id (0 = none), lon, lat, unit_id,
    customers_out, customers_affected, important_out, life_support_out (0 where so few are in it
    that the actor may not know), news_at, is_silent, is_overdue. `customers` is the sum of
    customers_out of all that fit the wish.
    """

    rows: pd.DataFrame
    count: int
    customers: int
    causes: tuple[str, ...]
    at: datetime


def rule(name: str) -> float:
    """One figure of the table of rules about outages."""
    rows = reference.table("outage_rules").set_index("name")
    return float(rows.loc[name, "value"])  # type: ignore[arg-type]


@needs("see_outages")
def list_outages(db: Database, actor: Actor, wish: OutageWish) -> OutageList:
    """Outages that fit the wish, sorted, from the `first` on at most `most`.

    Raises UserError for an unknown sort; a unit out of sight is refused.
    """
    at = wish.at or clock_now(db)
    check_unit(db, actor, wish.unit_id, asked="outages.list_outages")
    rows = all_of(db, wish, at)
    rows = rows.assign(scope=outage_scopes.in_sight(db, rows["scope"])[0])
    every = _shown(db, actor, rows)
    found = _fitting(db, every, wish)
    sort = wish.sort if wish.sort in SORTS else SORTS[0]
    ordered = found.sort_values([sort, "outage_id"], ascending=[not wish.descending, True])
    last = None if wish.most is None else wish.first + wish.most
    return OutageList(
        rows=ordered.iloc[wish.first : last].reset_index(drop=True),
        count=len(found),
        customers=int(found["customers_out"].sum()),
        causes=tuple(sorted(every["cause"].dropna().unique())),
        at=at,
    )


def _shown(db: Database, actor: Actor, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows as the actor may see them; marks of a few customers are told to few."""
    shown = privacy.shown(actor, "outages", rows)
    if privacy.sees(actor, "customers", "life_support"):
        return shown
    few = rows["customers_affected"] < small_cells.least(db)
    marks = ["important_out", "life_support_out"]
    return shown.assign(**{name: shown[name].mask(few, 0) for name in marks})


def all_of(db: Database, wish: OutageWish, at: datetime) -> pd.DataFrame:
    """Every outage of the wished view in sight, columns as `OutageList.rows`; not to be changed."""
    derive.refresh(db, at)
    since = wish.since or at - timedelta(days=HISTORY_DAYS)
    whole = db.whole.read()
    held = (
        service_map.facts_version(db, at), outage_film.told_version(whole),
        outage_film.last_telling(whole, at), db.whole.opened_as, db.seen_as,
    )  # fmt: skip
    # within a minute nothing but these facts changes what is told
    minute = (since if wish.view == "closed" else at).replace(second=0, microsecond=0)
    key = ("outages", wish.view, held, minute)
    return remembered(key, lambda: _all(db.read(), wish.view, since, at))


def _all(connection: Connection, view: View, since: datetime, at: datetime) -> pd.DataFrame:
    if view == "open":
        rows = store.outage_points(connection, at)
        if len(rows):
            return _with_news(connection, rows, at)
    elif view == "planned":
        rows = outage_lists.planned(connection, at, at + timedelta(days=rule("look_ahead")))
    else:
        rows = outage_lists.closed(connection, since, at)
    nothing = pd.Series(pd.NaT, index=rows.index, dtype=rows["started_at"].dtype)
    return rows.assign(news_at=nothing, is_silent=False, is_overdue=False)


def _with_news(connection: Connection, rows: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """The rows with when each was last heard of, and whether that is too long ago."""
    news = outage_book.news(connection, at).set_index("outage_id")["news_at"]
    heard = rows["outage_id"].map(news)
    moment = pd.Timestamp(at)
    limit = pd.Timedelta(minutes=rule("silent_after"))
    return rows.assign(
        news_at=heard,
        is_silent=(moment - heard > limit) | heard.isna(),
        is_overdue=rows["estimated_restore_at"] < moment,
    )


def _fitting(db: Database, rows: pd.DataFrame, wish: OutageWish) -> pd.DataFrame:
    fits = rows["customers_affected"].fillna(0) >= wish.least
    for column, wanted in (("kind", wish.kinds), ("status", wish.statuses), ("cause", wish.causes)):
        if wanted:
            fits &= rows[column].isin(wanted)
    if wish.is_important:
        fits &= rows["important_out"] > 0
    if wish.unit_id is not None:
        fits &= rows["unit_id"].isin(unit_store.below(db.read(), wish.unit_id))
    if wish.text.strip():
        fits &= _names(rows, wish.text.strip())
    return rows[fits]


def _names(rows: pd.DataFrame, text: str) -> Any:
    """Which rows name the text, in whatever case."""
    told = rows[["outage_id", "cause", "scope"]].fillna("").agg("\n".join, axis=1)
    return told.str.contains(text, case=False, regex=False)


def may_count(db: Database, actor: Actor, customers: int) -> bool:
    """Whether a person may know how many of so few are important or on life support."""
    return privacy.sees(actor, "customers", "life_support") or customers >= small_cells.least(db)


def is_announced(kind: str | None) -> bool:
    """Whether customers are told of such an outage before it begins."""
    return kind in ANNOUNCED
