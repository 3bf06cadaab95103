"""What the dispatcher does on the board, and how it is said in the next run."""

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from app.use_cases import dispatch_board, dispatch_plans, work_order_moves
from app.use_cases.dispatch_board import Suggestion
from app.use_cases.dispatch_plans import Taken
from app.use_cases.work_order_moves import Step
from app.widgets import errors, session
from grid_cells.errors import UserError

_TOLD: Final = "dispatch_told"


def take(order_id: str, one: Suggestion) -> None:
    """Send the crew that is suggested."""
    db, actor = session.database(), session.actor()
    if one.run_id is None:
        send(order_id, one.crew_id)
        return
    run_id = one.run_id
    _try(lambda: _told_taken(dispatch_plans.take(db, actor, run_id, [order_id])))


def take_all(run_id: int, order_ids: list[str] | None) -> None:
    """Take the lines of a plan: those of these orders, or all."""
    db, actor = session.database(), session.actor()
    _try(lambda: _told_taken(dispatch_plans.take(db, actor, run_id, order_ids)))


def undo_plan(run_id: int) -> None:
    """Put back what was taken of a plan."""
    db, actor = session.database(), session.actor()

    def act() -> tuple[str, dict[str, Any]]:
        done = dispatch_plans.undo(db, actor, run_id)
        return "board_undone", {"count": len(done.moved), "left": len(done.stale)}

    _try(act)


def send(order_id: str, crew_id: str) -> None:
    """Send a crew by hand."""
    db, actor = session.database(), session.actor()

    def act() -> tuple[str, dict[str, Any]]:
        dispatch_board.send(db, actor, order_id, crew_id)
        return "board_sent", {"order": order_id, "crew": crew_id}

    _try(act)


def move(order_id: str, name: str) -> None:
    """Put an order into the pool or take it out, or withdraw it from its crew."""
    db, actor = session.database(), session.actor()

    def act() -> tuple[str, dict[str, Any]]:
        work_order_moves.move(db, actor, order_id, Step(name))
        return f"board_done_{name}", {"order": order_id}

    _try(act)


def undo(order_id: str) -> None:
    """Take back the last move of an order."""
    db, actor = session.database(), session.actor()

    def act() -> tuple[str, dict[str, Any]]:
        work_order_moves.undo(db, actor, order_id)
        return "board_done_undone", {"order": order_id}

    _try(act)


def say_done() -> None:
    """What came of the last deed."""
    told: UserError | tuple[str, dict[str, Any]] | None = st.session_state.pop(_TOLD, None)
    if isinstance(told, UserError):
        errors.show(told)
    elif told is not None:
        st.success(session.say(told[0], **told[1]))


def _told_taken(done: Taken) -> tuple[str, dict[str, Any]]:
    if done.stale:
        return "board_taken_some", {"count": len(done.moved), "left": len(done.stale)}
    return "board_taken", {"count": len(done.moved)}


def _try(act: Callable[[], tuple[str, dict[str, Any]]]) -> None:
    try:
        st.session_state[_TOLD] = act()
    except UserError as error:
        st.session_state[_TOLD] = error
