"""Halls that overflow beside idle ones, and what changing a hall would mean."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import hall_balance, hall_change_words
from app.use_cases.hall_balance import DEEDS, Balance, Deed, HallChange, HallOutcome
from app.widgets import card, errors, plain, reach_scene, session
from app.widgets.reach_scene import ReachScene

_CHANGES: Final = "reach_hall_changes"
_PARAM: Final = "tried"
_NEEDS_COUNTERS: Final = ("open", "staff")
_NEEDS_PLACE: Final = ("open", "move")


def show(scene: ReachScene) -> None:
    """Halls at the wish's hour, who would move if told, and the changes one tries."""
    db, actor, moment = session.database(), session.actor(), scene.choice.wish.moment
    found = hall_balance.balance(db, actor, moment)
    _moves(found)
    if _CHANGES not in st.session_state:
        st.session_state[_CHANGES] = hall_change_words.changes_of(st.query_params.get(_PARAM, ""))
    changes: tuple[HallChange, ...] = st.session_state[_CHANGES]
    _tell_address(changes)
    _ask(scene, found, changes)
    if not changes:
        _table(found.halls)
        return
    with errors.kindly():
        _outcome(hall_balance.what_if(db, actor, changes, moment))


def _tell_address(changes: tuple[HallChange, ...]) -> None:
    """The address has what is tried, so that it can be handed on."""
    if changes:
        st.query_params[_PARAM] = hall_change_words.word_of(changes)
    else:
        st.query_params.pop(_PARAM, None)


def _moves(found: Balance) -> None:
    names = found.halls.set_index("hall_id")["name"]
    if found.halls["visits"].isna().all():
        card.note(session.say("reach_halls_unknown"))
    elif found.moves.empty:
        card.note(session.say("reach_no_moves"))
    for row in found.moves.to_dict("records"):
        card.note(
            session.say(
                "reach_move", full=names[row["from_hall"]], idle=names[row["to_hall"]],
                visits=words.number(row["visits"], 1), minutes=words.number(row["minutes"], 0),
            )
        )  # fmt: skip
    limit = words.number(found.limit_min, 0)
    st.caption(session.say("reach_move_rule", minutes=limit, hours=found.hours))


def _table(halls: pd.DataFrame) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                session.say("reach_kind_hall"): halls["name"],
                session.say("reach_visits"): halls["visits"].round(1),
                session.say("reach_capacity"): halls["capacity"].round(1),
                session.say("reach_counters"): halls["servers"],
                session.say("reach_expected_wait"): _waits(halls["wait_min"]),
                session.say("reach_visits_after"): halls["visits_after"].round(1),
                session.say("reach_note"): [_over(one) for one in halls["is_over"]],
            }
        ),
        hide_index=True,
    )


def _waits(minutes: "pd.Series[float]") -> list[str]:
    """Expected waits, a dash where none can be told: unknown, or the queue grows without end."""
    return [words.NOTHING if plain.is_missing(one) else words.number(one, 1) for one in minutes]


def _over(is_over: bool) -> str:
    return session.say("reach_overflows") if is_over else ""


def _ask(scene: ReachScene, found: Balance, changes: tuple[HallChange, ...]) -> None:
    """The form of one more change, and those there are."""
    with st.expander(session.say("reach_hall_what_if"), expanded=bool(changes)):
        names = dict(zip(found.halls["hall_id"], found.halls["name"], strict=True))
        for number, one in enumerate(changes):
            left, right = st.columns([6, 1])
            told = session.say(f"reach_deed_{one.deed}")
            left.markdown(f"{told} {plain.in_markdown(names.get(one.hall_id, ''))}")
            right.button(
                "✕", key=f"reach_hall_drop_{number}", help=session.say("reach_drop"),
                type="tertiary", on_click=_drop, args=(number,),
            )  # fmt: skip
        deed: Deed = st.selectbox(
            session.say("reach_deed"), DEEDS, key="reach_deed",
            format_func=lambda one: session.say(f"reach_deed_{one}"),
        )  # fmt: skip
        hall = ""
        if deed != "open":
            hall = st.selectbox(
                session.say("reach_kind_hall"), list(names), key="reach_deed_hall",
                format_func=lambda one: str(names[one]),
            )  # fmt: skip
        counters = (
            st.number_input(session.say("reach_counters"), 1, 50, 3, key="reach_deed_counters")
            if deed in _NEEDS_COUNTERS else None
        )  # fmt: skip
        place = _place(scene) if deed in _NEEDS_PLACE else None
        if deed in _NEEDS_PLACE and place is None:
            st.caption(session.say("reach_choose_cell"))
        is_ready = len(changes) < hall_change_words.MOST and (
            deed not in _NEEDS_PLACE or place is not None
        )
        st.button(
            session.say("reach_try"), key="reach_try", disabled=not is_ready, on_click=_add,
            args=(HallChange(deed, hall or hall_balance.NEW_HALL, place, counters),),
        )  # fmt: skip


def _place(scene: ReachScene) -> tuple[float, float] | None:
    """The middle of the cell that is open beside the map."""
    opened = scene.opened
    if opened.cell is None:
        return None
    return opened.spot or reach_scene.middle(opened.cell)


def _add(change: HallChange) -> None:
    st.session_state[_CHANGES] = (*st.session_state.get(_CHANGES, ()), change)


def _drop(number: int) -> None:
    held = list(st.session_state.get(_CHANGES, ()))
    st.session_state[_CHANGES] = tuple(one for n, one in enumerate(held) if n != number)


def _outcome(found: HallOutcome) -> None:
    card.rows(
        [
            (session.say("reach_mean"), _arrow(found.before_min, found.after_min)),
            (session.say("reach_longer"), card.text(words.number(found.customers_longer, 0))),
            (session.say("reach_shorter"), card.text(words.number(found.customers_shorter, 0))),
        ]
    )
    halls = found.halls
    names = [
        session.say("reach_new_hall") if one == hall_balance.NEW_HALL else name
        for one, name in zip(halls["hall_id"], halls["name"], strict=True)
    ]
    columns: dict[str, Any] = {session.say("reach_kind_hall"): names}
    for name, word in (
        ("visits", "reach_visits"), ("visits_after", "reach_visits_then"),
        ("wait_min", "reach_expected_wait"), ("wait_after", "reach_wait_then"),
    ):  # fmt: skip
        is_wait = name.startswith("wait")
        columns[session.say(word)] = _waits(halls[name]) if is_wait else halls[name].round(1)
    columns[session.say("reach_note")] = [_over(one) for one in halls["is_over_after"]]
    st.dataframe(pd.DataFrame(columns), hide_index=True)
    st.caption(session.say("reach_hall_rule"))


def _arrow(was: float, now: float) -> str:
    old, new = (
        words.NOTHING if plain.is_missing(one) else words.number(one, 1) for one in (was, now)
    )
    return card.joined(card.quiet(old), "→", card.text(new, strong=True))
