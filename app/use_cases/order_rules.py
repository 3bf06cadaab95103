"""The reference tables about work orders: moves, tasks, codes and figures."""

from functools import cache
from typing import Final

from app.use_cases import reference
from grid_cells import work_orders
from grid_cells.errors import UserError
from grid_cells.work_orders import Moves, Task, Urgency

FAMILIES: Final = ("outside", "unrated", "returned", "cancelled", "gate_refused", "irregularity")


@cache
def moves() -> Moves:
    """Every allowed move."""
    return Moves(reference.table("work_order_moves"))


@cache
def tasks() -> dict[str, Task]:
    """What is usual for each task, by its name."""
    return work_orders.tasks(reference.table("order_tasks"))


def codes(family: str) -> tuple[str, ...]:
    """The codes of one family of reasons."""
    rows = reference.table("order_codes")
    return tuple(rows.loc[rows["family"] == family, "code"])


def check_code(family: str, code: str | None) -> str:
    """The code; UserError `order_reason_needed` without one, `order_reason_unknown` for another."""
    if not code:
        raise UserError("order_reason_needed", family=family)
    if code not in codes(family):
        raise UserError("order_reason_unknown", family=family)
    return code


def rule(name: str) -> float:
    """One figure of the table of order rules."""
    rows = reference.table("order_rules").set_index("name")
    return float(rows.loc[name, "value"])  # type: ignore[arg-type]


def site_radius(kind: str) -> float:
    """Metres from an order's place within which a check-in is at the site, by its kind."""
    named, rows = f"site_radius_{kind}", reference.table("order_rules")
    return rule(named if (rows["name"] == named).any() else "site_radius")


@cache
def urgency() -> Urgency:
    """What raises a priority."""
    names = ("raise_important", "raise_life_support", "raise_group", "priority_most")
    return Urgency(*(int(rule(name)) for name in names))


def task_of(fault_root: str | None, *, is_hazard: bool) -> Task:
    """The task for a class of fault by its first level."""
    table = reference.table("order_tasks")
    return tasks()[work_orders.task_of(table, fault_root, is_hazard=is_hazard)]
