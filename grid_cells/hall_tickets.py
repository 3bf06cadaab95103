"""Which moments belong to one ticket: numbers are used again, and tickets last over midnight.

A ticket is a hall, the number on it and the moment at which it was taken. Two machines of a hall,
or a machine that begins anew, give the same number twice on one day: those are two tickets. A
number called after midnight is the ticket that was taken before. The first ticket of a day has the
number as its id; whichever else has it on that day has the local time beside it ("A001@14:05").
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LIFE: Final = timedelta(hours=12)
"""Nobody is served longer after taking a ticket: what comes later belongs to another."""
SKEW: Final = timedelta(minutes=1)
"""So much earlier a call may be stamped than the taking: two clocks of one machine."""
BESIDE: Final = "@"
"""Stands between a number and the time by which it is told from the same number before."""
KINDS: Final = ("taken", "called", "finished")
_KEY: Final = ["hall_id", "number", "day"]


Key = tuple[str, date]
"""A ticket's id and the day on which that is its own."""


@dataclass
class Ticket:
    """What is known of one ticket: its moments, its events, of which tickets kept it has which."""

    stamps: dict[str, datetime] = field(default_factory=dict)
    key: Key = ("", date.min)
    events: list[int] = field(default_factory=list)
    parts: list[tuple["Ticket", str]] = field(default_factory=list)
    is_recall: bool = False

    @property
    def first(self) -> datetime:
        """The first moment known."""
        return min(self.stamps.values())


def numbers_of(ticket_ids: "pd.Series[str]") -> "pd.Series[str]":
    """The number on each ticket."""
    return ticket_ids.str.split(BESIDE, n=1).str[0]


def is_same(a: datetime, b: datetime) -> bool:
    """Whether two records tell one moment: to the second, or the minute where one tells no more."""
    if a.replace(microsecond=0) == b.replace(microsecond=0):
        return True
    whole = a.second == 0 or b.second == 0
    return whole and a.replace(second=0, microsecond=0) == b.replace(second=0, microsecond=0)


def gathered(known: Iterable[Ticket], events: Iterable[tuple[int, str, datetime]]) -> list[Ticket]:
    """The tickets of one number in one hall, from those known and events (place, kind, moment).

    Each taking begins a ticket, to which belong the first call and the first end until the next
    one, at most LIFE later. What was ended is neither called nor ended again: such a moment begins
    a ticket without a taking; a call repeated before the end stands beside. So each moment is kept,
    and the tickets are the same whatever came first.
    """
    points: list[tuple[datetime, str, Ticket | int]] = [
        (at, kind, one) for one in known for kind, at in one.stamps.items()
    ]
    points += [(at, kind, place) for place, kind, at in events]
    tickets: list[Ticket] = []
    for at, kind, source in sorted(points, key=lambda one: (one[0], KINDS.index(one[1]))):
        ticket = _taken(tickets, at) if kind == "taken" else _served(tickets, kind, at)
        if not ticket.stamps:
            tickets.append(ticket)
        ticket.stamps.setdefault(kind, at)
        if isinstance(source, Ticket):
            ticket.parts.append((source, kind))
        else:
            ticket.events.append(source)
    return tickets


def _taken(tickets: list[Ticket], at: datetime) -> Ticket:
    """The ticket that was taken then: one taken at that very moment, or called just before."""
    held = next((one for one in reversed(tickets) if "taken" in one.stamps), None)
    if held and is_same(held.stamps["taken"], at):
        return held
    last = tickets[-1] if tickets else None
    if last and set(last.stamps) == {"called"} and at - last.first <= SKEW:
        last.is_recall = False
        return last
    return Ticket()


def _served(tickets: list[Ticket], kind: str, at: datetime) -> Ticket:
    """The ticket that was called or ended then."""
    if tickets and tickets[-1].stamps.get(kind) == at:
        return tickets[-1]
    main = next((one for one in reversed(tickets) if not one.is_recall), None)
    if main is None or at - main.first > LIFE:
        return Ticket()
    if main.stamps.get(kind) == at:
        return main
    if "finished" in main.stamps:
        return Ticket()
    return Ticket(is_recall=True) if kind in main.stamps else main


@dataclass(frozen=True)
class Assigned:
    """Id and day of the ticket of each event, and what becomes of tickets that are kept.

    moved: hall_id, ticket_id, day of those that turned out to be another: it is `to_id`, `to_day`.
    parted: the same with `kind`, the moment that turned out to be another ticket's.
    """

    ticket_ids: list[str]
    days: list[date]
    moved: pd.DataFrame
    parted: pd.DataFrame


def assigned(events: pd.DataFrame, known: pd.DataFrame, zone: str) -> Assigned:
    """To which ticket each event belongs.

    `events`: hall_id, number, kind, at. `known`: the tickets of these numbers on the days around:
    hall_id, ticket_id, day, taken_at, called_at, finished_at. `zone`: whose day a ticket is of.
    """
    clocks, held = ZoneInfo(zone), _held(known)
    ids, days = [""] * len(events), [date.min] * len(events)
    moved: list[tuple[str, str, date, str, date]] = []
    parted: list[tuple[str, str, date, str, str, date]] = []
    by_number: dict[tuple[str, str], list[tuple[int, str, datetime]]] = {}
    names = zip(events["hall_id"], events["number"], strict=True)
    told = zip(names, events["kind"], events["at"], strict=True)
    for place, (name, kind, at) in enumerate(told):
        by_number.setdefault(name, []).append((place, kind, at))
    for (hall, number), mine in by_number.items():
        kept = held.get((hall, number), [])
        for ticket, key, owned, others in _keyed(gathered(kept, mine), number, kept, clocks):
            moved += [(hall, *one.key, *key) for one in owned if one.key != key]
            parted += [(hall, *one.key, kind, *key) for one, kind in others]
            for place in ticket.events:
                ids[place], days[place] = key
    columns = ["hall_id", "ticket_id", "day", "to_id", "to_day"]
    return Assigned(
        ids, days, pd.DataFrame(moved, columns=columns),
        pd.DataFrame(parted, columns=[*columns[:3], "kind", *columns[3:]]),
    )  # fmt: skip


_Row = tuple[Ticket, Key, list[Ticket], list[tuple[Ticket, str]]]


def _keyed(
    tickets: list[Ticket], number: str, kept: list[Ticket], clocks: ZoneInfo
) -> Iterator[_Row]:
    """The tickets that events touch: key, the tickets kept that it is, and parts of others.

    A ticket kept is the one that has its taking, else its first moment: a key stays with one.
    """
    owners: dict[int, Ticket] = {}
    for ticket in tickets:
        for one, kind in ticket.parts:
            if kind == "taken" or id(one) not in owners:
                owners[id(one)] = ticket
    used = {one.key for one in kept}
    touched = {id(one) for ticket in tickets if ticket.events for one, _ in ticket.parts}
    for ticket in tickets:
        if not ticket.events and not any(id(one) in touched for one, _ in ticket.parts):
            continue
        owned = [one for one in kept if owners[id(one)] is ticket]
        others = [(one, kind) for one, kind in ticket.parts if owners[id(one)] is not ticket]
        key = _key(ticket, [one.key for one in owned], number, used, clocks)
        used.add(key)
        yield ticket, key, owned, others


def _held(known: pd.DataFrame) -> dict[tuple[str, str], list[Ticket]]:
    held: dict[tuple[str, str], list[Ticket]] = {}
    numbers = numbers_of(known["ticket_id"].astype("str"))
    for number, row in zip(numbers, known.to_dict("records"), strict=True):
        stamps = {
            kind: pd.Timestamp(row[f"{kind}_at"]).to_pydatetime()
            for kind in KINDS
            if pd.notna(row[f"{kind}_at"])
        }
        day = pd.Timestamp(row["day"]).date()
        if stamps:
            one = Ticket(stamps, (str(row["ticket_id"]), day))
            held.setdefault((str(row["hall_id"]), number), []).append(one)
    return held


def _key(ticket: Ticket, own: list[Key], number: str, used: set[Key], clocks: ZoneInfo) -> Key:
    """The key under which a ticket stays: the one it has on its day, else a free one."""
    local = ticket.first.astimezone(clocks)
    for key in own:
        if key[1] == local.date():
            return key
    for form in ("", f"{BESIDE}%H:%M", f"{BESIDE}%H:%M:%S", f"{BESIDE}%H:%M:%S.%f"):
        key = (number + local.strftime(form), local.date())
        if key not in used:
            return key
    return next(one for n in count(2) if (one := (f"{key[0]}.{n}", key[1])) not in used)


def told_apart(visits: pd.DataFrame, local: "pd.Series[pd.Timestamp]") -> "pd.Series[str]":
    """The id of each row of a table (hall_id, ticket_id, day): numbers used again have the time.

    `local`: when each ticket was taken, by the hall's clocks. Rows that tell the same moment keep
    one id: they are the same ticket twice.
    """
    ids = visits["ticket_id"].astype("str")
    table = pd.DataFrame(
        {"hall_id": visits["hall_id"], "number": ids, "day": visits["day"], "at": local}
    )
    again = table.duplicated(_KEY, keep=False) & table["at"].notna() & ids.notna()
    some = table[again].sort_values([*_KEY, "at"], kind="stable")
    first = some.groupby(_KEY, dropna=False)["at"].transform("min")
    other = ~same_moments(some["at"], first)
    return named(ids, some.index[other.to_numpy()], local)


def as_known(visits: pd.DataFrame, known: pd.DataFrame, zone: str) -> "pd.Series[str]":
    """The id of each row of a file, beside the tickets that are known: the same ones keep theirs.

    Both: hall_id, ticket_id, day, taken_at; `known` also served_at, the first moment after the
    taking. A ticket known goes to one row at most: that of its moment, or where its taking is
    not known the last taken before it was served. A row whose number was used on its day before,
    at another moment, has the time in its id: no two rows have one key.
    """
    ids = visits["ticket_id"].astype("str")
    mine = visits[["hall_id", "day", "taken_at"]].assign(number=numbers_of(ids), row=visits.index)
    held = known[["hall_id", "day", "ticket_id", "served_at"]].assign(
        number=numbers_of(known["ticket_id"]), known_at=known["taken_at"], ticket=range(len(known))
    )
    pairs = mine.merge(held, on=_KEY)
    same = _met(pairs)
    found = ids.copy()
    found.loc[same.index] = same
    is_used = pairs["ticket_id"].to_numpy() == ids.loc[pairs["row"]].to_numpy()
    again = sorted({*pairs.loc[is_used, "row"]} - {*same.index})
    if not again:
        return found
    named_as = pd.MultiIndex.from_frame(mine[_KEY])
    near = named_as.isin(pd.MultiIndex.from_frame(mine.loc[again, _KEY]))
    keys = {*zip(held["hall_id"], held["day"], held["ticket_id"], strict=True)}
    rows = mine[near].assign(ticket_id=found)
    keys |= {*zip(rows["hall_id"], rows["day"], rows["ticket_id"], strict=True)}
    some = mine.loc[again]
    local = some["taken_at"].dt.tz_convert(zone)
    told = zip(again, some["hall_id"], some["day"], some["number"], local, strict=True)
    for row, hall, day, number, at in told:
        found[row] = next(one for one in _names(number, at) if (hall, day, one) not in keys)
        keys.add((hall, day, found[row]))
    return found


def _met(pairs: pd.DataFrame) -> "pd.Series[str]":
    """The ids of the known tickets that rows are, by row: the nearest, each to one at most."""
    waited = pairs["served_at"] - pairs["taken_at"]
    is_same_one = same_moments(pairs["taken_at"], pairs["known_at"])
    can_be = pairs["known_at"].isna() & (waited >= -SKEW) & (waited <= LIFE)
    same = pairs.assign(gap=(pairs["taken_at"] - pairs["known_at"]).abs())[is_same_one]
    last = pairs.assign(gap=waited)[can_be].sort_values(["gap", "row"])
    some = [same.sort_values(["gap", "row"]), last.drop_duplicates("ticket")]
    rows: dict[int, str] = {}
    met: set[int] = set()
    for one in some:
        for row, ticket, name in zip(one["row"], one["ticket"], one["ticket_id"], strict=True):
            if row not in rows and ticket not in met:
                rows[row] = name
                met.add(ticket)
    return pd.Series(list(rows.values()), index=pd.Index(list(rows), dtype="int64"), dtype="str")


def _names(number: str, local: datetime) -> Iterator[str]:
    """The ids that a ticket may have beside others of its number, the shortest first."""
    clock = f"{local:%H:%M:%S}".removesuffix(":00")
    for form in (clock, f"{local:%H:%M:%S}", f"{local:%H:%M:%S.%f}"):
        yield number + BESIDE + form
    yield from (f"{number}{BESIDE}{local:%H:%M:%S.%f}.{n}" for n in count(2))


def named(
    ids: "pd.Series[str]", rows: "pd.Index[int]", local: "pd.Series[pd.Timestamp]"
) -> "pd.Series[str]":
    """The ids, with the local time beside the number in these rows."""
    found = ids.copy()
    if len(rows):
        clock = local.loc[rows].dt.strftime("%H:%M:%S").str.removesuffix(":00")
        found.loc[rows] = numbers_of(ids.loc[rows]) + BESIDE + clock
    return found


def same_moments(a: "pd.Series[pd.Timestamp]", b: "pd.Series[pd.Timestamp]") -> "pd.Series[bool]":
    """As `is_same`, row by row; not where one is missing."""
    seconds = a.dt.floor("s") == b.dt.floor("s")
    whole: NDArray[np.bool_] = ((a.dt.second == 0) | (b.dt.second == 0)).to_numpy()
    return seconds | ((a.dt.floor("min") == b.dt.floor("min")) & whole)
