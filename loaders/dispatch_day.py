"""A day of crews and orders from JSON: a problem for the dispatch solver.

`crews`: id, location, skills, shift [start_min, end_min] (or shifts, a list of them), and where
known start_location, free_from, committed [order…], capacity. `orders`: id, location, skill (or
skills), service_min, window [earliest_min, latest_min] (or windows), priority 0-100, and where
stated allowed_crews, forbidden_crews, promise_min, known_from, load. `matrix`: minutes from place
to place, null (or more than 20,160, two weeks) where no way leads. Places are rows of it. Minutes
of the matrix and of work are rounded up: no crew is told to be there before it can.
"""

import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from grid_cells.dispatch import (
    HIGHEST_PRIORITY,
    UNREACHABLE,
    Crew,
    DispatchProblem,
    Ints,
    Order,
    Window,
)
from grid_cells.errors import FileRejected
from loaders.dispatch_fields import LAST_MIN, Field


def read_json(path: Path) -> Field:
    """What a JSON file holds.

    Raises FileRejected `file_missing`, `dispatch_file_unreadable` (why), `dispatch_not_json`
    (line, column).
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileRejected("file_missing", file=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise FileRejected("dispatch_file_unreadable", file=str(path), why=str(why)) from None
    try:
        return Field(str(path), "", json.loads(text))
    except json.JSONDecodeError as error:
        raise FileRejected(
            "dispatch_not_json", file=str(path), line=error.lineno, column=error.colno
        ) from None
    except RecursionError:
        raise FileRejected("dispatch_not_json", file=str(path), line=1, column=1) from None


def read_day(path: Path) -> DispatchProblem:
    """The problem of a file; raises FileRejected with the file and the place of what is wrong."""
    return problem_of(read_json(path))


def problem_of(day: Field) -> DispatchProblem:
    """The problem of a day as JSON has it."""
    minutes = matrix_of(day.get("matrix"))
    crews = [_crew(one, len(minutes)) for one in day.get("crews").items()]
    orders = orders_of(day.get("orders"), len(minutes))
    _refuse_twice(day.get("crews"), (crew.id for crew in crews))
    problem = DispatchProblem(tuple(crews), orders, minutes)
    _check_names(day, problem)
    return problem


def orders_of(given: Field, places: int) -> tuple[Order, ...]:
    """The orders of a list, each id once."""
    orders = tuple(_order(one, places) for one in given.items())
    _refuse_twice(given, (order.id for order in orders))
    return orders


def matrix_of(given: Field) -> Ints:
    """Minutes (n, n); raises `dispatch_matrix_not_square`, and what a single value raises."""
    rows = given.items()
    for row in rows:
        columns = len(row.value) if isinstance(row.value, list) else -1
        if columns < 0:
            raise row.wrong("dispatch_no_list")
        if columns != len(rows):
            raise FileRejected(
                "dispatch_matrix_not_square",
                file=given.file, place=row.place, columns=columns, rows=len(rows),
            )  # fmt: skip
    if not rows:
        return np.zeros((0, 0), dtype=np.int64)
    fast = _plain(given.value)
    if fast is not None:
        return fast
    return np.array([[_minutes(one) for one in row.items()] for row in rows], dtype=np.int64)


def _plain(rows: list[list[Any]]) -> Ints | None:
    """The matrix at once where every value is a number that may be, else None.

    Part of a minute counts as one; what takes longer than any day may last cannot be reached.
    """
    if not {type(one) for row in rows for one in row} <= {int, float}:
        return None
    try:
        found = np.array(rows, dtype=np.float64)
    except OverflowError:
        return None
    if not found.min() >= 0:  # NaN too
        return None
    return np.where(found > LAST_MIN, UNREACHABLE, np.ceil(found)).astype(np.int64)


def _minutes(one: Field) -> int:
    is_far = isinstance(one.value, int | float) and one.value > LAST_MIN
    return UNREACHABLE if one.value is None or is_far else one.rounded_up()


def _crew(one: Field, places: int) -> Crew:
    start = one.get("start_location").place_of(places) if one.has("start_location") else None
    return Crew(
        one.get("id").text(),
        one.get("location").place_of(places),
        _several(one, "skill", "skills"),
        _windows(one, "shift", "shifts"),
        start_location=start,
        free_from=one.get("free_from").whole() if one.has("free_from") else None,
        committed=tuple(c.text() for c in one.get("committed").items())
        if one.has("committed") else (),
        capacity=one.get("capacity").whole() if one.has("capacity") else None,
    )  # fmt: skip


def _order(one: Field, places: int) -> Order:
    return Order(
        one.get("id").text(),
        one.get("location").place_of(places),
        _several(one, "skill", "skills"),
        one.get("service_min").rounded_up(),
        _windows(one, "window", "windows"),
        one.get("priority").whole(HIGHEST_PRIORITY),
        allowed=one.get("allowed_crews").texts() if one.has("allowed_crews") else None,
        forbidden=one.get("forbidden_crews").texts() if one.has("forbidden_crews") else frozenset(),
        promise_min=one.get("promise_min").whole() if one.has("promise_min") else None,
        known_from=one.get("known_from").whole() if one.has("known_from") else None,
        load=one.get("load").whole() if one.has("load") else 0,
    )


def _several(one: Field, single: str, plural: str) -> frozenset[str]:
    return one.get(plural).texts() if one.has(plural) else frozenset({one.get(single).text()})


def _windows(one: Field, single: str, plural: str) -> tuple[Window, ...]:
    """One window or several, by their beginning; raises `dispatch_overlap`; they may touch."""
    if not one.has(plural):
        return (one.get(single).window(),)
    given = one.get(plural)
    found = sorted(window.window() for window in given.items())
    if not found:
        raise given.wrong("dispatch_no_window")
    for before, after in pairwise(found):
        if after[0] < before[1]:
            raise given.wrong("dispatch_overlap")
    return tuple(found)


def _refuse_twice(given: Field, ids: Iterable[str]) -> None:
    seen = set[str]()
    for at, name in enumerate(ids):
        if name in seen:
            raise FileRejected(
                "dispatch_twice", file=given.file, place=f"{given.place}[{at}].id", value=name
            )
        seen.add(name)


def _check_names(day: Field, problem: DispatchProblem) -> None:
    """Orders kept by a crew must be there, each kept by one crew."""
    orders, kept = {order.id for order in problem.orders}, set[str]()
    for at, crew in enumerate(problem.crews):
        for k, name in enumerate(crew.committed):
            place = f"crews[{at}].committed[{k}]"
            if name not in orders:
                raise FileRejected("dispatch_order_unknown", file=day.file, place=place, value=name)
            if name in kept:
                raise FileRejected("dispatch_twice", file=day.file, place=place, value=name)
            kept.add(name)
