"""The drawer of the board: one order, why this crew, who else, and what can be done about it."""

from typing import Any

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import dispatch_board
from app.widgets import (
    card,
    dispatch_deeds,
    dispatch_scene,
    errors,
    links,
    plain,
    promise_words,
    session,
)
from app.widgets import dispatch_words as wording
from app.widgets.dispatch_scene import DispatchScene

_MOVABLE = ("registered", "told", "accepted")


def show(scene: DispatchScene) -> None:
    """The open order, else nothing."""
    key = "drawer_open" if scene.order else "drawer_shut"
    with st.container(key=key, gap="small"):
        if scene.order is None:
            st.html("<span></span>")  # a container with nothing in it is not drawn, nor hidden
            return
        if st.button("✕", key="drawer_close", help=session.say("close"), type="tertiary"):
            dispatch_scene.open_order(None)
            session.again()
        with errors.kindly():
            rows = scene.board.orders
            _order(scene, rows[rows["order_id"] == scene.order].to_dict("records")[0])


def _order(scene: DispatchScene, row: dict[Any, Any]) -> None:
    order = str(row["order_id"])
    card.title(f"{wording.task(row['task'])}", order)
    st.html(f'<p class="gc-countdown">{wording.badge(row)}</p>')
    dispatch_deeds.say_done()
    card.rows(_facts(row))
    _why(scene, order)
    if row["state"] in _MOVABLE:
        _send(order, row)
    _deeds(order, row)
    links.show({"page": "orders", "order": order}, session.say("board_story"),
               icon=":material/history:")  # fmt: skip


def _facts(row: dict[Any, Any]) -> list[card.Row]:
    crew = session.say("board_nobody")
    if not plain.is_missing(row["crew_id"]):
        crew = f"{row['crew_id']} {words.shown(row['crew_name'], session.language())}"
    window = words.NOTHING
    if pd.notna(row["window_to"]):
        window = f"{wording.hour(row['window_from'])} – {wording.hour(row['window_to'])}"
    pairs = [
        ("wo_column_state", wording.state(row["state"])),
        ("wo_column_crew", crew),
        ("board_due", wording.hour(row["due_at"])),
        ("board_window", window),
        ("wo_column_priority", row["priority"]),
        ("board_service", session.say("board_minutes", n=round(row["service_min"] or 0))),
        ("board_skills", row["skills"]),
        ("wo_column_area", row["area_id"]),
        ("promise_address", row["address"]),
        ("wo_column_calls", row["calls"]),
        ("wo_column_registered", promise_words.moment(row["registered_at"])),
    ]
    return [(session.say(code), card.text(value)) for code, value in pairs]


def _why(scene: DispatchScene, order: str) -> None:
    """What the plan says about the order: why this crew and who else, or why nobody."""
    run = scene.board.run
    if run is None:
        return
    line = next((one for one in run.lines if one["order"] == order), None)
    left = next((one for one in run.detail.get("unserved", []) if one["order"] == order), None)
    if line is None and left is None:
        return
    st.html(f"<h4>{plain.escaped(session.say('board_plan_says'))}</h4>")
    if line is not None and line["crew"] is not None:
        told = session.say(f"board_why_{line['code']}")
        card.note(
            session.say("board_line", crew=line["crew"], time=wording.hour(line["arrive_at"]),
                why=told, n=line["extra_min"] or 0, orders=line["load_orders"],
            )
        )  # fmt: skip
    elif left is not None:
        card.note(session.say(f"board_left_{left['reason']}"))
    others = (line or left or {}).get("others", [])
    lines = "".join(f"<li>{plain.escaped(wording.other(one))}</li>" for one in others)
    st.html(f'<ul class="gc-others">{lines}</ul>')


def _send(order: str, row: dict[Any, Any]) -> None:
    """Another crew, the best first, each with what speaks for or against it."""
    found = dispatch_board.candidates(session.database(), session.actor(), order)
    found = found[found["crew_id"] != row["crew_id"]]
    if found.empty:
        card.note(session.say("board_no_crews_here"))
        return
    told = {str(one["crew_id"]): _chance(one) for one in found.to_dict("records")}
    crew = st.selectbox(
        session.say("board_other_crew"), list(told), format_func=lambda one: told[one],
        key=f"dispatch_crew_{order}",
    )  # fmt: skip
    st.button(
        session.say("board_send_this"), key=f"dispatch_send_{order}", icon=":material/send:",
        disabled=crew is None, on_click=dispatch_deeds.send, args=(order, crew),
    )  # fmt: skip


def _chance(one: dict[Any, Any]) -> str:
    if pd.isna(one["arrive_in_min"]):
        reach = promise_words.travel(one["travel_min"])
    else:
        reach = session.say("board_in", n=round(one["arrive_in_min"]))
    holds = session.say("board_holds", n=int(one["open_orders"]))
    against = wording.refusals(one["why"])
    parts = [str(one["crew_id"]), reach, holds, *([f"✕ {against}"] if against else [])]
    return " · ".join(parts)


def _deeds(order: str, row: dict[Any, Any]) -> None:
    names = []
    if row["state"] == "registered":
        names = ["unpooled"] if row["is_in_pool"] else ["pooled"]
    elif row["state"] in ("told", "accepted"):
        names = ["withdrawn"]
    icons = {"pooled": ":material/group_add:", "unpooled": ":material/group_remove:",
             "withdrawn": ":material/undo:"}  # fmt: skip
    with st.container(key="dispatch_deeds", horizontal=True, gap="small"):
        for name in names:
            st.button(
                session.say(f"wo_do_{name}"), key=f"dispatch_{name}", icon=icons[name],
                on_click=dispatch_deeds.move, args=(order, name),
            )  # fmt: skip
        st.button(
            session.say("deed_undo"), key="dispatch_undo", icon=":material/history:",
            type="tertiary", on_click=dispatch_deeds.undo, args=(order,),
        )  # fmt: skip
