"""What can be done about an order, as buttons: only what its state and the person's role allow."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app.use_cases import access, order_deeds, order_rules, work_order_crews, work_order_moves
from app.use_cases.work_order_moves import Step
from app.widgets import errors, order_evidence, order_words, promise_words, session
from grid_cells.errors import UserError

_TOLD: Final = "order_deed_told"
_WITH_CREW: Final = frozenset(
    {"told", "reassigned", "handed_over", "helper_added", "helper_removed"}
)
_FAMILIES: Final = {
    "returned": "returned", "cancelled": "cancelled", "unrated": "unrated",
    "gate_refused": "gate_refused", "arrived": "outside",
}  # fmt: skip
_GATE: Final = frozenset({"gate_approved", "gate_refused"})
_ASKING: Final = _WITH_CREW | frozenset(_FAMILIES) | _GATE | {"stopped", "rated"}
_FIRST: Final = frozenset({
    "told", "accepted", "arrived", "surveyed", "repaired", "restored", "finished", "archived",
    "gate_approved", "grabbed",
})  # fmt: skip


def show(order: dict[str, Any], crews: list[str], cards: pd.DataFrame) -> None:
    """The deeds, and the way back from the last one; `cards`: of its crews, as a story has them."""
    order_id = str(order["order_id"])
    _say_done(order_id)
    db, actor = session.database(), session.actor()
    possible = work_order_moves.possible(db, actor, order_id)
    with st.container(key="order_deeds", horizontal=True, gap="small"):
        for move in possible:
            _offer(order, move, crews, cards)
        if access.may(actor, "do_orders"):
            st.button(
                session.say("wo_deed_undo"), key="order_undo", icon=":material/history:",
                type="tertiary", on_click=_undo, args=(order_id,),
            )  # fmt: skip


def _offer(order: dict[str, Any], move: str, crews: list[str], cards: pd.DataFrame) -> None:
    word, order_id = session.say(f"wo_do_{move}"), str(order["order_id"])
    kind: Any = "primary" if move in _FIRST else "secondary"
    if move not in _ASKING:
        step = Step(move, version=order["version"])
        st.button(word, key=f"order_do_{move}", type=kind, on_click=_do, args=(order_id, step))
        return
    with st.popover(word, key=f"order_more_{move}"):
        asked = _judged(order, move, cards) if move in _GATE else _asked(order, move, crews)
        st.button(
            session.say(f"wo_do_{move}"), key=f"order_do_{move}", type="primary",
            disabled=asked is None, on_click=_do, args=(order_id, asked),
        )  # fmt: skip


def _judged(order: dict[str, Any], move: str, cards: pd.DataFrame) -> Step | None:
    """The step about the card that is shown: nobody opens a gate on a card not looked at."""
    asks = cards[cards["asked_at"].notna() & cards["approved_at"].isna()]
    asks = asks.sort_values("crew_id", key=lambda ids: ids != order["crew_id"])
    if asks.empty or not order_evidence.fields(asks.iloc[0]["card"]):
        return None
    row = asks.iloc[0]
    reason = _reason(move) if move in _FAMILIES else None
    if move in _FAMILIES and reason is None:
        return None
    return Step(
        move, version=order["version"], crew_id=str(row["crew_id"]), reason_code=reason,
        detail={"card_version": int(row["version"])},
    )  # fmt: skip


def _asked(order: dict[str, Any], move: str, crews: list[str]) -> Step | None:
    """The step with the crew, reason or rating chosen; None until one is."""
    version = order["version"]
    if move in _WITH_CREW:
        crew = _crew(order, move, crews)
        return None if crew is None else Step(move, version=version, crew_id=crew)
    if move == "rated":
        most = int(order_rules.rule("rating_most"))
        given = st.feedback("stars", key="order_rating")
        rating = None if given is None else min(given + 1, most)
        return None if rating is None else Step(move, version=version, detail={"rating": rating})
    reason = _reason(move)
    return None if reason is None else Step(move, version=version, reason_code=reason)


def _reason(move: str) -> str | None:
    family = _FAMILIES.get(move)
    codes = list(order_deeds.stop_reasons()) if family is None else list(order_rules.codes(family))
    return st.selectbox(
        session.say("wo_deed_reason"), codes, index=None, key=f"order_reason_{move}",
        format_func=lambda one: (
            promise_words.reason(one) if family is None else order_words.reason(move, one)
        ),
        placeholder=session.say("wo_deed_choose"),
    )  # fmt: skip


def _crew(order: dict[str, Any], move: str, crews: list[str]) -> str | None:
    """A crew to choose, the nearest able one first; helpers of the order where one is released."""
    db, actor = session.database(), session.actor()
    if move == "helper_removed":
        names = {one: one for one in crews if one != order["crew_id"]}
    else:
        found = work_order_crews.who_could(db, actor, str(order["order_id"]))
        names = {
            str(row["crew_id"]): f"{row['crew_id']} · {promise_words.travel(row['travel_min'])}"
            for row in found.to_dict("records")
            if row["crew_id"] not in crews
        }
        everybody = work_order_crews.names(db, actor)
        names |= {
            one: f"{one} · {everybody[one]}" for one in everybody if one not in {*names, *crews}
        }
    return st.selectbox(
        session.say("wo_deed_crew"), list(names), format_func=lambda one: names[one],
        key=f"order_crew_{move}",
    )  # fmt: skip


def _do(order_id: str, step: Step) -> None:
    """The step; its answer is said in the next run."""
    try:
        work_order_moves.move(session.database(), session.actor(), order_id, step)
    except UserError as error:
        st.session_state[_TOLD] = (order_id, error)
    else:
        st.session_state[_TOLD] = (order_id, step.move)


def _undo(order_id: str) -> None:
    try:
        work_order_moves.undo(session.database(), session.actor(), order_id)
    except UserError as error:
        st.session_state[_TOLD] = (order_id, error)
    else:
        st.session_state[_TOLD] = (order_id, "")


def _say_done(order_id: str) -> None:
    held, told = st.session_state.pop(_TOLD, (None, None))
    if held != order_id:
        return
    if isinstance(told, UserError):
        errors.show(_worded(told))
    elif told:
        st.success(session.say("wo_deed_done", move=order_words.of_code("wo_move", told)))
    else:
        st.success(session.say("wo_deed_undone"))


def _worded(error: UserError) -> UserError:
    """The error with the order's state in words."""
    held = dict(error.values)
    if "state" in held:
        held["state"] = order_words.state(held["state"])
    return UserError(error.code, **held)
