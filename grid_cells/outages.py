"""The life of an outage: kinds and statuses, what is late, what to ask before it closes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import pandas as pd

from grid_cells.errors import UserError

Kind = Literal["fault", "planned", "urgent", "customer", "load_limit"]
Status = Literal["proposed", "approved", "notified", "in_force", "ended", "cancelled"]

KINDS: Final[tuple[Kind, ...]] = ("fault", "planned", "urgent", "customer", "load_limit")
STATUSES: Final[tuple[Status, ...]] = (
    "proposed", "approved", "notified", "in_force", "ended", "cancelled",
)  # fmt: skip
ANNOUNCED: Final = frozenset(KINDS) - {"fault"}
"""Kinds that are known before they begin, so that people can be told."""
MOVES: Final[Mapping[str, tuple[Status, ...]]] = {
    "proposed": ("approved", "cancelled"),
    "approved": ("notified", "in_force", "cancelled"),
    "notified": ("in_force", "cancelled"),
    "in_force": ("ended",),
    "ended": (),
    "cancelled": (),
}
"""Where an outage may go from each status; ending it is closing it."""
OVER: Final = frozenset({"ended", "cancelled"})


def first_status(kind: str) -> Status:
    """Where the life of an outage begins: a fault is there before anybody knows of it."""
    return "proposed" if kind in ANNOUNCED else "in_force"


def check_move(status: str, to: str) -> None:
    """Raise UserError `outage_move` where an outage cannot go from a status to another."""
    if to not in MOVES.get(status, ()):
        raise UserError("outage_move", status=status, to=to)


def notice_due(kind: str, started_at: datetime, period_h: Mapping[str, float]) -> datetime | None:
    """By when customers must have been told; None for kinds that need no notice."""
    hours = period_h.get(kind)
    return None if hours is None else started_at - timedelta(hours=hours)


def last_news(moments: Iterable[datetime | None], at: datetime) -> datetime | None:
    """The newest of the moments that are known at `at`; None where there is none."""
    return max((one for one in moments if one is not None and one <= at), default=None)


def is_silent(news_at: datetime | None, at: datetime, limit_min: float) -> bool:
    """Whether nothing has been heard of an open outage for longer than the limit."""
    return news_at is None or at - news_at > timedelta(minutes=limit_min)


def is_overdue(estimate: datetime | None, at: datetime) -> bool:
    """Whether supply should have been back by the last estimate, and is not."""
    return estimate is not None and estimate < at


def below(parents: Mapping[str, str | None], outage_id: str) -> list[str]:
    """Outages nested under one, at any depth, in order of id; a circle is followed once."""
    found: set[str] = set()
    waiting = [outage_id]
    while waiting:
        held = waiting.pop()
        new = {one for one, parent in parents.items() if parent == held} - found - {outage_id}
        found |= new
        waiting += new
    return sorted(found)


def check_parent(parents: Mapping[str, str | None], outage_id: str, parent: str) -> None:
    """Raise UserError `outage_circle` where the parent is the outage itself or lies under it."""
    if parent == outage_id or parent in below(parents, outage_id):
        raise UserError("outage_circle", outage=outage_id, parent=parent)


def people_out(spans: pd.DataFrame) -> pd.DataFrame:
    """How many were out from each moment on: at, customers, in order of time.

    `spans`: out_at, back_at (missing: still out), customers.
    """
    went = pd.DataFrame({"at": spans["out_at"], "customers": spans["customers"]})
    back = pd.DataFrame({"at": spans["back_at"], "customers": -spans["customers"]})
    every = pd.concat([went, back.dropna(subset=["at"])])
    left = every.groupby("at")["customers"].sum().sort_index().cumsum()
    return pd.DataFrame({"at": left.index, "customers": left.to_numpy()})


def to_ask(people: pd.DataFrame, *, each: int, most: int) -> pd.DataFrame:
    """Whom to ask whether supply is back: rows of `people`, those with an open call first.

    `people`: customer_no, transformer_id, has_open_call. Everybody with an open call, then `each`
    customers of every transformer, at most `most` together; in a fixed order, so that asking twice
    proposes the same.
    """
    lines = people.sort_values(["transformer_id", "customer_no"])
    is_quiet = ~lines["has_open_call"].astype(bool)
    # one of each transformer before a second of any
    turn = lines.groupby([lines["transformer_id"].fillna(""), is_quiet]).cumcount()
    wanted = lines.assign(turn=turn, is_quiet=is_quiet)[~is_quiet | (turn < each)]
    ordered = wanted.sort_values(by=["is_quiet", "turn", "transformer_id", "customer_no"])
    return ordered.head(most).drop(columns=["turn", "is_quiet"]).reset_index(drop=True)


@dataclass(frozen=True)
class Doubts:
    """What speaks against closing an outage.

    nested: outages under it that are still open; open_calls: its reports without restoration;
    later_calls: reports of its customers registered after supply came back; dark: customers asked
    who have none; unasked: whether nobody was asked at all.
    """

    nested: Sequence[str] = ()
    open_calls: int = 0
    later_calls: int = 0
    dark: int = 0
    unasked: bool = False

    def codes(self) -> list[str]:
        """The doubts there are, the gravest first."""
        told = {
            "dark": self.dark, "nested": bool(self.nested), "later_calls": self.later_calls,
            "open_calls": self.open_calls, "unasked": self.unasked,
        }  # fmt: skip
        return [code for code, held in told.items() if held]
