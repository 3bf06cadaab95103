"""Outages over a period: what their map, slider, strip and list are made of."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from app.store import meta
from app.store import outage_film as store
from app.store.database import Database
from app.use_cases import derive, privacy, service_map, small_cells, units
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.outages import rule
from app.use_cases.remember import remembered
from grid_cells import outage_board
from grid_cells import outage_film as rules
from grid_cells.cells import centres
from grid_cells.errors import UserError

BEFORE: Final = timedelta(hours=24)
"""So much before the period is known too, so that its first moment can be compared."""
LONGEST: Final = timedelta(days=400)
USUAL: Final = timedelta(hours=6)
"""The period that the page shows at first."""
NO_AREA: Final = service_map.NO_AREA
_MARKS: Final = ("important", "life_support")
_FACTS: Final = (
    "outages", "outage_steps", "customers", "meters", "transformers", "feeders", "areas", "units",
)  # fmt: skip


@dataclass(frozen=True)
class Period:
    """From when to when, to the whole minute; is_ahead: what is announced to begin in it."""

    first: datetime
    last: datetime
    is_ahead: bool = False

    @property
    def sight(self) -> str:
        """The word for what is looked at, for addresses."""
        return "planned" if self.is_ahead else "all"


@dataclass(frozen=True)
class Film:
    """Everything about the outages of a period that the actor may see.

    outages: outage_id, kind, status, cause, started_at, ended_at, estimated_restore_at (its own),
    estimate (as last told), customers (most at once), important, life_support, parent_outage_id,
    lon, lat, cell_id, area_id, area, unit_id, unit; their order is that of the rows in the browser.
    important and life_support are 0, in the spans too, where so few are in an outage that the actor
    may not know. spans and told: as in `grid_cells.outage_film`, spans also with row, that of their
    outage; cells: cell_id, customers, area_index. The frames are shared: nobody may change them.
    """

    period: Period
    outages: pd.DataFrame
    spans: pd.DataFrame
    told: pd.DataFrame
    cells: pd.DataFrame
    areas: list[str]
    resolution: int
    version: str

    @property
    def url(self) -> str:
        """Where the browser fetches it."""
        first, last = (int(one.timestamp()) for one in (self.period.first, self.period.last))
        return f"/outages/{self.version}/{self.period.sight}/{first}-{last}.bin"


def until_now(now: datetime, length: timedelta) -> Period:
    """The period of that length up to the last whole minute."""
    last = now.replace(second=0, microsecond=0)
    return Period(last - length, last)


def ahead(now: datetime) -> Period:
    """The next ten days."""
    first = now.replace(second=0, microsecond=0)
    return Period(first, first + timedelta(days=rule("look_ahead")), is_ahead=True)


def board(found: Film, outages: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Of these outages of the film those in force at the moment, see `grid_cells.outage_board`."""
    silent = timedelta(minutes=rule("silent_after"))
    return outage_board.board(outages, found.spans, found.told, at, silent)


@needs("see_outages")
def film(db: Database, actor: Actor, period: Period) -> Film:
    """The outages of the period; what lies after now is not known and left out.

    Raises UserError `outage_period` where the period is empty, longer than 400 days or to come.
    """
    now = clock_now(db)
    derive.refresh(db, now)
    kept = period if period.is_ahead else Period(period.first, min(period.last, now))
    if not timedelta() < kept.last - kept.first <= LONGEST:
        raise UserError("outage_period", days=LONGEST.days)
    version, known = _version(db), _known(db, kept)
    # the minutes pass, and as long as nothing happens in them the answer stays the same
    found = remembered(("film", version, known), lambda: _film(db, actor, known, version))
    if not privacy.sees(actor, "customers", "life_support"):
        least = small_cells.least(db)
        whole, key = found, ("film of many", version, known, least)
        found = remembered(key, lambda: _of_many(whole, least))
    return replace(_with_told(db, found, kept), period=kept)


def _of_many(found: Film, least: int) -> Film:
    """The film without the marks in outages of fewer people than `least`, by its own version."""
    few = found.outages.loc[found.outages["customers"] < least, "outage_id"]

    def told(frame: pd.DataFrame) -> pd.DataFrame:
        is_few = frame["outage_id"].isin(few)
        return frame.assign(**{name: frame[name].mask(is_few, 0) for name in _MARKS})

    return replace(
        found, outages=told(found.outages), spans=told(found.spans),
        version=f"{found.version}-{least}",
    )  # fmt: skip


def _known(db: Database, period: Period) -> Period:
    """What is read for a period: from well before it until the last thing that happened in it."""
    if period.is_ahead:
        return period
    first = (period.first - BEFORE).replace(minute=0, second=0, microsecond=0)
    return Period(first, store.last_change(db.whole.read(), period.last) or period.last)


def _with_told(db: Database, found: Film, kept: Period) -> Film:
    """The film with what was told of its outages, which changes by the minute in a storm."""
    whole, known = db.whole.read(), found.period
    if not kept.is_ahead:
        known = Period(known.first, store.last_telling(whole, kept.last) or known.last)
    key = ("film told", found.version, found.period, known, store.told_version(whole))

    def work() -> Film:
        told = store.told(db.read(), known.first, known.last, ahead=known.is_ahead)
        estimate = rules.estimates_at(found.outages, told, known.last)
        return replace(found, told=told, outages=found.outages.assign(estimate=estimate))

    return remembered(key, work)


def _version(db: Database) -> str:
    """A word that changes whenever anything that the map draws may have changed."""
    whole = db.whole.read()
    held = (
        meta.read_value(whole, "database_id"), db.opened_as, db.seen_as,
        meta.versions(whole, _FACTS), store.estimates_told(whole),
        meta.read_value(whole, "derived:areas"), meta.read_value(whole, "derived:plan_id"),
    )  # fmt: skip
    return hashlib.blake2b(repr(held).encode(), digest_size=8).hexdigest()


def _film(db: Database, actor: Actor, period: Period, version: str) -> Film:
    connection = db.read()
    outages, spans = (
        ask(connection, period.first, period.last, ahead=period.is_ahead)
        for ask in (store.outages, store.spans)
    )
    spans = spans.assign(row=pd.Index(outages["outage_id"]).get_indexer(spans["outage_id"]))
    areas = service_map.areas(db, actor, clock_now(db))
    cells = _cells(db, actor, spans)
    counted = _counted(outages, spans)
    named = areas.assign(unit=areas["unit_id"].map(units.names(db, actor)))
    placed = _placed(counted, spans, cells, named)
    resolution = meta.resolution(connection)
    return Film(period, placed, spans, spans.head(0), cells, _names(areas), resolution, version)


def _cells(db: Database, actor: Actor, spans: pd.DataFrame) -> pd.DataFrame:
    """Every cell with its customers and area, those in which only an outage lies among them."""
    known = service_map.cells(db, actor, measure="customers", now=clock_now(db))
    people = known["value"].fillna(0).astype("int64")
    frame = known[["cell_id", "area_index"]].assign(customers=people)
    extra = np.setdiff1d(spans["cell_id"].unique(), [*frame["cell_id"], 0])
    more = pd.DataFrame({"cell_id": extra, "area_index": NO_AREA, "customers": 0})
    return pd.concat([frame, more.astype(frame.dtypes)], ignore_index=True)


def _counted(outages: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
    """The outages with everybody who was out in them."""
    most = outages["outage_id"].map(rules.most_out(spans))
    critical = spans.groupby("outage_id")[["important", "life_support"]].sum()
    important = critical.reindex(outages["outage_id"]).fillna(0).to_numpy("int64")
    return outages.assign(
        customers=most.fillna(0).astype("int64"), important=important[:, 0],
        life_support=important[:, 1],
    )  # fmt: skip


def _placed(
    outages: pd.DataFrame, spans: pd.DataFrame, cells: pd.DataFrame, areas: pd.DataFrame
) -> pd.DataFrame:
    """The outages with a place of their own, else that of most customers, their area and unit."""
    held = spans[spans["cell_id"] != 0].merge(cells[["cell_id", "area_index"]], on="cell_id")
    # never by way of a float, which 64 bits do not fit
    main = _main(held, "cell_id").reindex(outages["outage_id"], fill_value=0).to_numpy("int64")
    cell = np.where(outages["cell_id"] != 0, outages["cell_id"], main)
    own = cells.set_index("cell_id")["area_index"].reindex(cell).fillna(NO_AREA).to_numpy("int64")
    area = outages["outage_id"].map(_main(held, "area_index")).fillna(pd.Series(own)).to_numpy()
    lon, lat = (pd.Series(one) for one in centres(np.where(cell == 0, main, cell)))
    known = areas.set_index("area_index")[["area_id", "name", "unit_id", "unit"]].reindex(area)
    return outages.assign(
        cell_id=cell,
        lon=outages["lon"].fillna(lon.where(cell != 0)),
        lat=outages["lat"].fillna(lat.where(cell != 0)),
        area_id=known["area_id"].to_numpy(),
        area=known["name"].fillna(known["area_id"]).to_numpy(),
        unit_id=known["unit_id"].to_numpy(),
        unit=known["unit"].fillna(known["unit_id"]).to_numpy(),
    )


def _main(held: pd.DataFrame, name: str) -> pd.Series:
    """Of each outage the value that most of its customers share."""
    counted = held.groupby(["outage_id", name])["customers"].sum().reset_index()
    ordered = counted.sort_values(["customers", name], ascending=[True, False])
    main: pd.Series = ordered.drop_duplicates("outage_id", keep="last").set_index("outage_id")[name]
    return main


def _names(areas: pd.DataFrame) -> list[str]:
    ordered = areas.sort_values("area_index")
    return [str(one) for one in ordered["name"].fillna(ordered["area_id"])]


def period_of(sight: str, first: int, last: int) -> Period | None:
    """The period behind an address; None where it names none."""
    if sight not in {"all", "planned"} or not 0 <= first < last < 2**33:
        return None
    begins, ends = (datetime.fromtimestamp(one, UTC) for one in (first, last))
    return Period(begins, ends, is_ahead=sight == "planned")
