"""Reliability of supply by place: indices, major event days, who is out time and again."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import pandas as pd

from app.store import meta, outages, plans, units
from app.store import reliability as store
from app.store.database import Connection, Database
from app.use_cases import derive, reliability_rules, small_cells
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.reliability_rules import Standard
from app.use_cases.remember import remembered
from grid_cells import interruptions as rules
from grid_cells import major_event_days, reliability
from grid_cells.errors import UserError
from grid_cells.major_event_days import Threshold
from grid_cells.reliability import Rule

Place = Literal["company", "unit", "area", "feeder", "cell"]

PLACES: Final[tuple[Place, ...]] = ("company", "unit", "area", "feeder", "cell")
UNPLANNED: Final = frozenset({"fault", "load_limit"})
"""Kinds that nobody announced as work or asked for."""
_LATELY_MIN: Final = 5
"""Outages that last grow slowly: so old the major event days of the running day may be."""
LONGEST: Final = timedelta(days=1830)
"""Five years with their leap days: every interruption of everybody in them is held in memory."""
_FACTS: Final = (
    "outages", "outage_steps", "customers", "meters", "transformers", "feeders", "units",
)  # fmt: skip
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
    n: int = reliability_rules.usual_n()


@dataclass(frozen=True)
class Reliability:
    """Indices by place and the words of the rule that every figure carries.

    table: place, served, interruptions, customer_minutes, saidi (min), saifi, caidi (min), asai,
    maifi, cemi, frequent (customers), is_few; company: the same for everybody in sight; elsewhere:
    customer minutes of outages whose place is none of these; hidden: places left out because too
    few live there. Whoever may not see small cells gets them by group, under the first cell of
    each. frequent: customers (users) out three times in 60 days, the days before the first one
    included.
    """

    table: pd.DataFrame
    company: "pd.Series[float]"
    rule: Rule
    threshold: Threshold
    major_days: list[date]
    frequent: int
    elsewhere: float
    hidden: int
    days: int


@dataclass(frozen=True)
class Asked:
    """What figures were made from: interruptions with their place, homes, who is out too often.

    lived: as `_lived`, with place; homes: cell_id, place, by customer or user; often: who → the
    worst count.
    """

    found: Reliability
    lived: pd.DataFrame
    homes: pd.DataFrame
    often: "pd.Series[int]"


@needs("see_reliability")
def figures(db: Database, actor: Actor, wish: ReliabilityWish) -> Reliability:
    """Reliability of supply in the days asked for, as far as they are over.

    Served are the customers (users) of today. Raises UserError `reliability_span` where the last
    day is before the first or none of them has begun, `reliability_long` for more than five years.
    """
    return asked(db, actor, wish).found


def asked(db: Database, actor: Actor, wish: ReliabilityWish) -> Asked:
    """The figures and what they were made from, worked out once a minute while nothing changes."""
    now = clock_now(db).replace(second=0, microsecond=0)
    derive.refresh(db, now)
    zone = ZoneInfo(units.timezone(db.whole.read()) or "UTC")
    if wish.last < wish.first or _midnight(wish.first, zone) > now:
        raise UserError("reliability_span", first=wish.first, last=wish.last)
    if (wish.last - wish.first) >= LONGEST:
        raise UserError("reliability_long", days=LONGEST.days)
    whole = db.whole.read()
    key = (
        "reliability", wish, now, db.whole.opened_as, db.seen_as, small_cells.hidden_from(actor),
        small_cells.stamp(db), meta.read_value(whole, "derived:plan_id"),
        meta.read_value(whole, "derived:areas"), meta.versions(whole, _FACTS),
    )  # fmt: skip
    return remembered(key, lambda: _asked(db, actor, wish, now, zone), is_large=True)


def _asked(
    db: Database, actor: Actor, wish: ReliabilityWish, now: datetime, zone: ZoneInfo
) -> Asked:
    found = _threshold(db, wish.standard, zone, now)
    began, ended = _midnight(wish.first, zone), _midnight(wish.last + timedelta(days=1), zone)
    places, homes = _homes(db, actor, wish)
    often = reliability_rules.frequent()
    before = _lived(
        db.read(), wish.standard, (began - timedelta(days=often.days), ended, now), zone
    )
    if wish.by == "cell" and small_cells.hidden_from(actor):
        before = _grouped(db, before)
    before = before.assign(place=_place_of(before, places, wish))
    lived = before[before["began"] >= began]
    major = [day for day in found[1] if wish.first <= day <= wish.last]
    counted = lived if wish.has_major else lived[~lived["day"].isin(major)]
    rule = replace(
        reliability_rules.rule(wish.standard), kinds=None if wish.has_planned else UNPLANNED
    )
    repeated = reliability.frequent(
        before, rule, times=often.times, days=often.days, since=pd.Timestamp(began)
    )
    period = (min(ended, now) - began).total_seconds() / rules.SECONDS_A_MINUTE
    table, elsewhere = _by_place(counted, places, wish, rule, period)
    table["frequent"] = _count_by(repeated, places, wish).reindex(table.index).fillna(0).astype(int)
    shown, hidden = _shown(db, actor, table, wish)
    company, _ = _by_place(counted, places, replace(wish, by="company"), rule, period)
    told = Reliability(
        shown, company.iloc[0], rule, found[0], major, len(repeated), elsewhere, hidden,
        (wish.last - wish.first).days + 1,
    )  # fmt: skip
    return Asked(told, counted, homes, repeated)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), tzinfo=zone)


def _is_by_customer(standard: Standard) -> bool:
    return reliability_rules.rule(standard).basis == "lv_customer"


def _places(db: Database, standard: Standard) -> pd.DataFrame:
    read = store.customer_places if _is_by_customer(standard) else store.user_places
    return read(db.read()).drop_duplicates("who").set_index("who")


def _homes(db: Database, actor: Actor, wish: ReliabilityWish) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Where everybody counts, small cells as their group; and each own cell with its place."""
    own = _places(db, wish.standard)
    is_grouped = wish.by == "cell" and small_cells.hidden_from(actor)
    places = _grouped(db, own) if is_grouped else own
    place = "company" if wish.by == "company" else places[_COLUMNS[wish.by]]
    return places, pd.DataFrame({"cell_id": own["cell_id"], "place": place})


def _lived(
    connection: Connection,
    standard: Standard,
    span: tuple[datetime, datetime, datetime],
    zone: ZoneInfo,
) -> pd.DataFrame:
    """Interruptions that began in the span: who, customers, kind, began, day, minutes, cell_id.

    What is stamped as restored after now is not over: the clock may stand in the past.
    """
    first, last, now = span
    read = store.customer_spans if _is_by_customer(standard) else store.user_spans
    spans = read(connection, first, last, now)
    spans["ended"] = spans["ended"].where(spans["ended"] <= pd.Timestamp(now))
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
    facts = meta.versions(db.whole.read(), _FACTS)
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
    lasting = lived[lived["minutes"] > reliability_rules.rule(standard).sustained_min]
    saidi = major_event_days.daily_saidi(lasting, served, zone=str(zone))
    found = major_event_days.threshold(
        saidi, first=first, last=today - timedelta(days=1), zero_days=reliability_rules.zero_days()
    )
    return found, major_event_days.major_days(saidi, found)


def _place_of(
    lived: pd.DataFrame, places: pd.DataFrame, wish: ReliabilityWish
) -> "pd.Series[int] | str":
    """The place of each interruption; an outage of nobody known has only its cell."""
    if wish.by == "company":
        return "company"
    place = lived["who"].map(places[_COLUMNS[wish.by]])
    return place.fillna(lived["cell_id"]) if wish.by == "cell" else place


def _by_place(
    lived: pd.DataFrame, places: pd.DataFrame, wish: ReliabilityWish, rule: Rule, period_min: float
) -> tuple[pd.DataFrame, float]:
    """Indices by place, and customer minutes of interruptions whose place is none of them."""
    if wish.by == "company":
        served, lived = pd.Series({"company": len(places)}), lived.assign(place="company")
    else:
        served = places[_COLUMNS[wish.by]].value_counts().sort_index()
    table = reliability.indices(lived, served, rule, period_min=period_min)
    table["cemi"] = reliability.cemi(lived, served, rule, n=wish.n)
    lasting = reliability.of_kinds(lived, rule)
    lasting = lasting[lasting["minutes"] > rule.sustained_min]
    every = float((lasting["customers"] * lasting["minutes"]).sum())
    return table.rename_axis("place"), every - float(table["customer_minutes"].sum())


def _count_by(
    often: "pd.Series[int]", places: pd.DataFrame, wish: ReliabilityWish
) -> "pd.Series[int]":
    """How many of those who are out too often count at each place."""
    if wish.by == "company":
        return pd.Series({"company": len(often)})
    return places[_COLUMNS[wish.by]].reindex(often.index).value_counts()


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

    Never one alone, which the company's figures less those shown would tell. Cells are those that
    small cells were grouped into, so few are left out.
    """
    if wish.by == "company" or not small_cells.hidden_from(actor):
        return table, 0
    homes = _places(db, "ieee_1366")  # customers, whatever the basis
    placed = (_grouped(db, homes) if wish.by == "cell" else homes)[_COLUMNS[wish.by]]
    people = placed.value_counts().reindex(table.index).fillna(0).astype("int64")
    hidden = _hidden(people, small_cells.least(db))
    return table.drop(index=hidden), len(hidden)


def _hidden(people: "pd.Series[int]", least: int) -> "pd.Index[Any]":
    """Places of fewer people than `least`, and the next until they are two and not few together."""
    ordered = people.sort_values(kind="stable")
    few = int((ordered < least).sum())
    together = int((ordered.cumsum() < least).sum()) + 1
    return ordered.index[: max(few, 2, together) if few else 0]


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
