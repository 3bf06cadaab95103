"""What may be done with a work order in which state, by whom, and what comes after it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import pandas as pd

KINDS: Final = ("repair", "inspection", "connection", "meter", "visit")
STATES: Final = (
    "registered", "told", "accepted", "arrived", "surveyed", "repaired", "restored", "finished",
    "rated", "archived", "cancelled",
)  # fmt: skip
OPEN: Final = STATES[:6]
"""States in which somebody still has to work on the order."""
DONE: Final = STATES[6:9]
"""The work is done, the order not yet put away."""
PARTS: Final = ("lead", "support")
LINKS: Final = ("follows", "part_of", "same_place", "replaces")
SAME: Final = "="
ANY: Final = "any"
CREW, DISPATCHER, APPROVER, SYSTEM, ANYBODY = (
    "crew", "dispatcher", "approver", "system", "anybody",
)  # fmt: skip
OWN_STAMPS: Final = ("accepted", "arrived")
"""What each crew of an order does for itself, whatever the others have done before."""
LEAST_PRIORITY: Final = 1


@dataclass(frozen=True)
class Move:
    """One allowed move of the table: from which state, to which, by whom, and what it needs."""

    kind: str
    state_before: str
    name: str
    state_after: str
    done_by: frozenset[str]
    needs: frozenset[str]


@dataclass(frozen=True)
class Moves:
    """The table of moves: kind, state_before, move, state_after (=: stays), done_by, needs.

    Several kinds, states, doers and needs in one cell are separated by ;.
    """

    table: pd.DataFrame

    @cached_property
    def _by_state(self) -> dict[tuple[str, str, str], Move]:
        found: dict[tuple[str, str, str], Move] = {}
        for row in self.table.to_dict("records"):
            kinds = KINDS if row["kind"] == ANY else _parts(row["kind"])
            doers, needs = frozenset(_parts(row["done_by"])), frozenset(_parts(row["needs"]))
            for kind in kinds:
                for state in _parts(row["state_before"]):
                    after = state if row["state_after"] == SAME else str(row["state_after"])
                    name = str(row["move"])
                    found[kind, state, name] = Move(kind, state, name, after, doers, needs)
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        """Every move there is."""
        return frozenset(name for _, _, name in self._by_state)

    def of(self, kind: str, state: str, name: str) -> Move | None:
        """The move from that state, None where it is not allowed."""
        return self._by_state.get((kind, state, name))

    def possible(self, kind: str, state: str) -> tuple[Move, ...]:
        """Every move that is allowed from that state, in the order of the table."""
        return tuple(
            move
            for (one, before, _), move in self._by_state.items()
            if (one, before) == (kind, state)
        )

    def doers(self, name: str) -> frozenset[str]:
        """Who may do the move in one state or another."""
        found = [move.done_by for (_, _, one), move in self._by_state.items() if one == name]
        return frozenset().union(*found)

    def chain(self, kind: str) -> tuple[str, ...]:
        """The states of an order of the kind on its way from registered to archived."""
        seen = {state for one, state, _ in self._by_state if one == kind}
        return tuple(one for one in STATES if one in seen | {"archived"} and one != "cancelled")


def is_late_stamp(move: str, state: str) -> bool:
    """Whether a crew may stamp the move for itself although the order is already past it."""
    return move in OWN_STAMPS and state in OPEN and OPEN.index(state) >= OPEN.index(move)


@dataclass(frozen=True)
class Fence:
    """How a check-in was judged: distance to the site (None: unknown), radius, and the answer."""

    distance_m: float | None
    radius_m: float
    accuracy_m: float | None
    is_inside: bool


def judged(
    distance_m: float | None, accuracy_m: float | None, *, radius_m: float, worst_accuracy_m: float
) -> Fence:
    """Whether a position is at the site; none at all is outside.

    What the device says of its own inaccuracy is taken off the distance, up to `worst_accuracy_m`:
    a device that knows nothing is not everywhere.
    """
    if distance_m is None:
        return Fence(None, radius_m, accuracy_m, False)
    slack = min(max(accuracy_m or 0.0, 0.0), worst_accuracy_m)
    return Fence(distance_m, radius_m, accuracy_m, distance_m - slack <= radius_m)


@dataclass(frozen=True)
class Urgency:
    """What raises an order's priority, each by how much."""

    important: int
    life_support: int
    group: int
    most: int


def priority(
    base: int, by: Urgency, *, is_important: bool, has_life_support: bool, calls: int
) -> int:
    """The order's priority, 1 to `by.most`: the task's, raised by what is at stake."""
    raised = base + by.important * is_important + by.life_support * has_life_support
    raised += by.group * (calls > 1)
    return max(LEAST_PRIORITY, min(raised, by.most))


@dataclass(frozen=True)
class Task:
    """What is usual for a task: kind, minutes on the spot, skills, priority, hours until due."""

    name: str
    kind: str
    service_min: float
    skills: str | None
    priority: int
    due_h: float | None


def tasks(table: pd.DataFrame) -> dict[str, Task]:
    """The tasks of the reference table by name."""
    return {
        str(row["task"]): Task(
            str(row["task"]), str(row["kind"]), float(row["service_min"]),
            None if pd.isna(row["skills"]) else str(row["skills"]), int(row["priority"]),
            None if pd.isna(row["due_h"]) else float(row["due_h"]),
        )
        for row in table.to_dict("records")
    }  # fmt: skip


FIGURES: Final = ("open", "unaccepted", "under_way", "at_work", "breach", "broken", "done")
UNACCEPTED: Final = ("registered", "told")
AT_WORK: Final = ("arrived", "surveyed", "repaired")


def counts(orders: pd.DataFrame, midnight: datetime) -> dict[str, int]:
    """How many orders are open, unaccepted, on the way, at work, about to breach, over, done today.

    `orders`: state, clock, finished_at.
    """
    state, clock = orders["state"], orders["clock"]
    still = state.isin(OPEN)
    found = {
        "open": still, "unaccepted": state.isin(UNACCEPTED), "under_way": state == "accepted",
        "at_work": state.isin(AT_WORK), "breach": still & (clock == "risk"),
        "broken": still & (clock == "broken"), "done": orders["finished_at"] >= midnight,
    }  # fmt: skip
    return {name: int(flags.sum()) for name, flags in found.items()}


def task_of(table: pd.DataFrame, root: str | None, *, is_hazard: bool) -> str:
    """The repair task for a class of fault by its first level; that of plain lost supply else."""
    wanted = "hazard" if is_hazard else root
    held = table[table["fault_root"] == wanted] if wanted else table.head(0)
    return "repair_supply" if held.empty else str(held["task"].iloc[0])


_STAMPED: Final = (
    ("registered_at", "registered"), ("told_at", "told"), ("accepted_at", "accepted"),
    ("arrived_at", "arrived"), ("surveyed_at", "surveyed"), ("repaired_at", "repaired"),
    ("restored_at", "restored"), ("finished_at", "finished"),
)  # fmt: skip


def chain_of_stamps(row: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """The moves (move, state after, moment) that the stamps of an order tell, in their order.

    Of a repair that was both restored and finished only the first counts. The rating is taken as
    given when the order was put away, else when the work was done.
    """
    found = [(state, state, row[name]) for name, state in _STAMPED if row.get(name) is not None]
    if row.get("restored_at") is not None:
        found = [one for one in found if one[0] != "finished"]
    if found[-1][1] not in DONE:
        return found
    end = row.get("archived_at")
    at = end if end is not None else found[-1][2]
    if row.get("rating") is not None:
        found.append(("rated", "rated", at))
    elif row.get("unrated_reason") is not None:
        found.append(("unrated", "rated", at))
    return found if end is None else [*found, ("archived", "archived", end)]


def state_at(row: Mapping[str, Any]) -> str:
    """How far an order is that carries these stamps."""
    return chain_of_stamps(row)[-1][1]


def state_of_stamps(stamps: dict[str, Any]) -> str:
    """How far an order is whose calls carry these stamps (None: not yet)."""
    order = (("restored_at", "restored"), ("arrived_at", "arrived"), ("accepted_at", "accepted"),
             ("told_at", "told"))  # fmt: skip
    return next((state for name, state in order if stamps.get(name) is not None), "registered")


def _parts(text: Any) -> Iterable[str]:
    return [] if pd.isna(text) else [part.strip() for part in str(text).split(";") if part.strip()]


def is_able(held: Any, needed: Any) -> bool:
    """Whether a crew's skills (separated by ;) cover those needed; unknown ones forbid nothing."""
    wanted, has = set(_parts(needed)), set(_parts(held))
    return not wanted or not has or wanted <= has
