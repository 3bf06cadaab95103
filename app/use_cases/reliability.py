"""Reliability of supply by place: indices, major event days, who is out time and again."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import pandas as pd

from app.store import meta, outages, plans, units
from app.store import reliability as store
from app.store.database import Connection, Database
from app.use_cases import derive, small_cells
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.remember import remembered
from grid_cells import interruptions as rules
from grid_cells import major_event_days, reliability
from grid_cells.errors import UserError
from grid_cells.major_event_days import Threshold
from grid_cells.reliability import DLT_836, IEEE_1366, Rule

Place = Literal["company", "unit", "area", "feeder", "cell"]
Standard = Literal["ieee_1366", "dlt_836"]

PLACES: Final[tuple[Place, ...]] = ("company", "unit", "area", "feeder", "cell")
STANDARDS: Final[dict[Standard, Rule]] = {"ieee_1366": IEEE_1366, "dlt_836": DLT_836}
UNPLANNED: Final = frozenset({"fault", "load_limit"})
"""Kinds that nobody announced as work or asked for."""
FREQUENT_TIMES, FREQUENT_DAYS = 3, 60
_LATELY_MIN: Final = 5
"""Outages that last grow slowly: so old the major event days of the running day may be."""
_COLUMNS: Final = {"unit": "unit_id", "area": "area_id", "feeder": "feeder_id", "cell": "cell_id"}


@dataclass(frozen=True)
class ReliabilityWish:
    """What is asked for: days (both included), by which place and standard, and what counts.

    has_planned: announced work and customers' own requests count too; has_major: major event days
    count too; n: of CEMI-n.
    """

    first: date
    last: date
    by: Place = "company"
    standard: Standard = "ieee_1366"
    has_planned: bool = True
    has_major: bool = True
    n: int = FREQUENT_TIMES


@dataclass(frozen=True)
class Reliability:
    """Indices by place and the words of the rule that every figure carries.

    table: place, served, interruptions, customer_minutes, saidi (min), saifi, caidi (min), asai,
    maifi, cemi, is_few; company: the same for everybody in sight; elsewhere: customer minutes of
    outages whose place is none of these; hidden: places left out because too few live there.
    Whoever may not see small cells gets them by group, under the first cell of each.
    frequent: customers (users) out three times in 60 days.
    """

    table: pd.DataFrame
    company: pd.Series
    rule: Rule
    threshold: Threshold
    major_days: list[date]
    frequent: int
    elsewhere: float
    hidden: int
    days: int


@needs("see_reliability")
def figures(db: Database, actor: Actor, wish: ReliabilityWish) -> Reliability:
    """Reliability of supply in the days asked for, as far as they are over.

    Served are the customers (users) of today. Raises UserError `reliability_span` where the last
    day is before the first or none of them has begun.
    """
    now = clock_now(db)
    derive.refresh(db, now)
    zone = ZoneInfo(units.timezone(db.whole.read()) or "UTC")
    if wish.last < wish.first or _midnight(wish.first, zone) > now:
        raise UserError("reliability_span", first=wish.first, last=wish.last)
    found = _threshold(db, wish.standard, zone, now)
    began, ended = _midnight(wish.first, zone), _midnight(wish.last + timedelta(days=1), zone)
    places = _places(db, wish.standard)
    lived = _lived(db.read(), wish.standard, (began, ended, now), zone)
    if wish.by == "cell" and small_cells.hidden_from(actor):
        places, lived = _grouped(db, places), _grouped(db, lived)
    major = [day for day in found[1] if wish.first <= day <= wish.last]
    counted = lived if wish.has_major else lived[~lived["day"].isin(major)]
    rule = replace(
        STANDARDS[wish.standard], kinds=None if wish.has_planned else UNPLANNED
    )  # fmt: skip
    period = (min(ended, now) - began).total_seconds() / rules.SECONDS_A_MINUTE
    table, elsewhere = _by_place(counted, places, wish, rule, period)
    shown, hidden = _shown(db, actor, table, wish)
    company, _ = _by_place(counted, places, replace(wish, by="company"), rule, period)
    often = reliability.frequent(lived, rule, times=FREQUENT_TIMES, days=FREQUENT_DAYS)
    return Reliability(
        shown, company.iloc[0], rule, found[0], major, len(often), elsewhere, hidden,
        (wish.last - wish.first).days + 1,
    )  # fmt: skip


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), tzinfo=zone)


def _places(db: Database, standard: Standard) -> pd.DataFrame:
    read = store.customer_places if standard == "ieee_1366" else store.user_places
    return read(db.read()).drop_duplicates("who").set_index("who")


def _lived(
    connection: Connection,
    standard: Standard,
    span: tuple[datetime, datetime, datetime],
    zone: ZoneInfo,
) -> pd.DataFrame:
    """Interruptions that began in the span: who, customers, kind, began, day, minutes, cell_id."""
    first, last, now = span
    read = store.customer_spans if standard == "ieee_1366" else store.user_spans
    spans = read(connection, first, last, now)
    known = rules.merged(spans[spans["who"].notna()]).assign(customers=1)
    known["cell_id"] = pd.array([pd.NA] * len(known), dtype="Int64")
    counted = spans[spans["who"].isna()]
    counted = counted.astype({"cell_id": "Int64"})
    every = pd.concat([known, counted], ignore_index=True) if len(counted) else known
    every = every[(every["began"] >= first) & (every["began"] < last)]
    length = rules.minutes(every, until=pd.Timestamp(now))
    return every.assign(minutes=length, day=every["began"].dt.tz_convert(zone).dt.date)


def _threshold(
    db: Database, standard: Standard, zone: ZoneInfo, now: datetime
) -> tuple[Threshold, list[date]]:
    """The threshold of the whole company from its history before today, and the days above it."""
    lately = now.replace(minute=now.minute - now.minute % _LATELY_MIN, second=0, microsecond=0)
    facts = meta.versions(db.whole.read(), (*outages.KINDS, "customers", "meters", "transformers"))
    key = ("major_days", db.whole.opened_as, standard, lately, facts)
    return remembered(key, lambda: _worked_out(db.whole, standard, zone, lately))


def _worked_out(
    db: Database, standard: Standard, zone: ZoneInfo, now: datetime
) -> tuple[Threshold, list[date]]:
    today = now.astimezone(zone).date()
    began = outages.first_begun_at(db.read(), now)
    served = len(_places(db, standard))
    if began is None or not served:
        return Threshold(None, None, None, 0, 0, "too_little"), []
    first = began.astimezone(zone).date()
    lived = _lived(db.read(), standard, (began, now + timedelta(seconds=1), now), zone)
    lasting = lived[lived["minutes"] > STANDARDS[standard].sustained_min]
    saidi = major_event_days.daily_saidi(lasting, served, zone=str(zone))
    found = major_event_days.threshold(saidi, first=first, last=today - timedelta(days=1))
    return found, major_event_days.major_days(saidi, found)


def _by_place(
    lived: pd.DataFrame, places: pd.DataFrame, wish: ReliabilityWish, rule: Rule, period_min: float
) -> tuple[pd.DataFrame, float]:
    """Indices by place, and customer minutes of interruptions whose place is none of them."""
    if wish.by == "company":
        served = pd.Series({"company": len(places)})
        held = lived.assign(place="company")
    else:
        column = _COLUMNS[wish.by]
        served = places[column].value_counts().sort_index()
        place = lived["who"].map(places[column])
        held = lived.assign(place=place.fillna(lived["cell_id"]) if wish.by == "cell" else place)
    table = reliability.indices(held, served, rule, period_min=period_min)
    table["cemi"] = reliability.cemi(held, served, rule, n=wish.n)
    lasting = reliability.of_kinds(held, rule)
    lasting = lasting[lasting["minutes"] > rule.sustained_min]
    every = float((lasting["customers"] * lasting["minutes"]).sum())
    return table.rename_axis("place"), every - float(table["customer_minutes"].sum())


def _grouped(db: Database, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with the first cell of the group in which few customers are told as their cell."""
    known = small_cells.groups(db)
    first = known.groupby("group")["cell_id"].transform("min").to_numpy()
    own = frame["cell_id"].astype("Int64")  # 64 bits do not fit a float, which a gap would make
    row = pd.Index(known["cell_id"]).get_indexer(own.fillna(0).to_numpy("int64"))
    told = own.mask(row >= 0, pd.Series(first[row], index=own.index, dtype="Int64"))
    return frame.assign(cell_id=told)


def _shown(
    db: Database, actor: Actor, table: pd.DataFrame, wish: ReliabilityWish
) -> tuple[pd.DataFrame, int]:
    """The places where at least so many customers live, and how many were left out.

    Cells are those that small cells were grouped into, so few are left out.
    """
    if wish.by == "company" or not small_cells.hidden_from(actor):
        return table, 0
    people = _places(db, "ieee_1366")
    placed = (_grouped(db, people) if wish.by == "cell" else people)[_COLUMNS[wish.by]]
    is_enough = placed.value_counts().reindex(table.index).fillna(0) >= small_cells.least(db)
    return table[is_enough], int((~is_enough).sum())


@needs("see_reliability")
def names(db: Database, actor: Actor, by: Place) -> dict[str, str]:  # noqa: ARG001
    """What the places of a table are called, where they have a name."""
    connection = db.read()
    if by == "unit":
        held = units.list_units(db).rename(columns={"unit_id": "id"})
    elif by == "area":
        plan = plans.plan_at(connection, clock_now(db))
        if plan is None:
            return {}
        held = plans.areas(connection, plan["plan_id"]).rename(columns={"area_id": "id"})
    elif by == "feeder":
        held = store.feeder_names(connection)
    else:
        return {}
    known = held.dropna(subset=["name"])
    return dict(zip(known["id"].astype(str), known["name"].astype(str), strict=True))
