"""The queue beside the map: what waits, what breaks first on top, each with a crew suggested."""

from typing import Any

import streamlit as st

from app import language as words
from app.use_cases.dispatch_board import Suggestion
from app.widgets import dispatch_deeds, dispatch_scene, empty, plain, session
from app.widgets import dispatch_words as wording
from app.widgets.dispatch_scene import SHOWN, SHOWS, DispatchScene

_MOST, _ON_PHONE = 25, 8


def choose() -> None:
    """Which orders the queue holds: those that wait, those in the pool, those that crews hold."""
    st.session_state.setdefault(SHOWN, SHOWS[0])
    st.segmented_control(
        session.say("board_queue"), SHOWS, key=SHOWN, required=True,
        format_func=lambda one: session.say(f"board_show_{one}"),
        label_visibility="collapsed",
    )  # fmt: skip


def show(scene: DispatchScene) -> None:
    """The orders of the queue, the most urgent first."""
    if scene.queue.empty:
        empty.hint(session.say(f"board_empty_{st.session_state.get(SHOWN) or SHOWS[0]}"))
        return
    most = _ON_PHONE if session.is_phone() else _MOST
    for row in scene.queue.head(most).to_dict("records"):
        _item(scene, row)
    if len(scene.queue) > most:
        st.caption(session.say("wo_list_first", n=most, count=len(scene.queue)))


def _item(scene: DispatchScene, row: dict[Any, Any]) -> None:
    order = str(row["order_id"])
    found = scene.board.suggestions.get(order)
    with st.container(key=f"queue_item_{order}", gap=None):
        st.html(_head(row, is_open=order == scene.order))
        if row["state"] == "registered":
            st.html(_suggested(found))
        with st.container(horizontal=True, gap="small", key=f"queue_do_{order}"):
            if found is not None and row["state"] == "registered":
                time = wording.hour(found.arrive_at)
                st.button(
                    session.say("board_send", crew=found.crew_id, time=time),
                    key=f"queue_take_{order}", type="primary", icon=":material/send:",
                    on_click=dispatch_deeds.take, args=(order, found),
                )  # fmt: skip
            st.button(
                session.say("board_open"), key=f"queue_open_{order}",
                on_click=dispatch_scene.open_order, args=(order,),
                help=session.say("board_open_hint", order=order),
            )  # fmt: skip


def _head(row: dict[Any, Any], *, is_open: bool) -> str:
    crew = row["crew_id"]
    held = session.say("board_nobody") if plain.is_missing(crew) else str(crew)
    parts = [
        str(row["order_id"]), wording.state(row["state"]),
        session.say("board_priority", n=int(row["priority"])), held,
        words.NOTHING if plain.is_missing(row["area_id"]) else str(row["area_id"]),
    ]  # fmt: skip
    kind = " gc-queue-open" if is_open else ""
    return (
        f'<div class="gc-queue{kind}"><div>{wording.badge(row)} '
        f"<b>{plain.escaped(wording.task(row['task']))}</b></div>"
        f"<small>{plain.escaped(' · '.join(parts))}</small></div>"
    )


def _suggested(found: Suggestion | None) -> str:
    if found is None:
        text = plain.escaped(session.say("board_no_suggestion"))
        return f'<p class="gc-queue-why">{text}</p>'
    source = plain.escaped(session.say(f"board_by_{found.source}"))
    line = plain.escaped(f"{wording.why(found)} · {wording.costs(found)}")
    return f'<p class="gc-queue-why"><i>{source}</i> {line}</p>'
