"""A plan for all that waits: made as a job, read line by line, taken wholly or in part, undone."""

from collections.abc import Callable
from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import dispatch_plans, dispatch_replans
from app.use_cases.dispatch_plans import DispatchRun
from app.widgets import dispatch_deeds, empty, job_watch, plain, session
from app.widgets import dispatch_words as wording
from app.widgets.dispatch_scene import DispatchScene
from grid_cells.dispatch_lines import KEEP, WITHDRAW

_JOB: Final = "dispatch_plan"
_HEIGHT: Final = 380
_URGENT: Final = dispatch_replans.EMERGENCY


def show(scene: DispatchScene) -> None:
    """The buttons that make a plan, its figures, its lines."""
    with st.container(key="dispatch_plan"):
        st.html(f"<h4>{plain.escaped(session.say('board_plan'))}</h4>")
        dispatch_deeds.say_done()
        _make(scene)
        if job_watch.has_ended(_JOB, session.say("board_planning")):
            session.again()
        run = scene.board.run
        if run is None:
            empty.hint(session.say("board_no_plan"))
            return
        _figures(run)
        _lines(scene, run)
        _left(run)


def _make(scene: DispatchScene) -> None:
    db, actor = session.database(), session.actor()
    waiting = scene.board.waiting
    urgent = int((waiting["priority"] >= _URGENT).sum())
    with st.container(horizontal=True, gap="small", key="dispatch_make"):
        st.button(
            session.say("board_make_plan", n=len(waiting)), key="dispatch_make_plan",
            icon=":material/route:", type="primary", disabled=waiting.empty, on_click=_start,
            args=(lambda tell: dispatch_plans.plan(db, actor, tell=tell),),
        )  # fmt: skip
        st.button(
            session.say("board_make_replan", n=urgent), key="dispatch_make_replan",
            icon=":material/e911_emergency:", disabled=not urgent, on_click=_start,
            args=(lambda tell: dispatch_replans.replan(db, actor, tell=tell),),
            help=session.say("board_replan_how", priority=_URGENT),
        )  # fmt: skip


def _start(work: Callable[[Callable[[float], None]], Any]) -> None:
    job_watch.start(_JOB, _JOB, work)


def _figures(run: DispatchRun) -> None:
    code = "board_told_replan" if run.kind == "replan" else "board_told_plan"
    st.caption(
        session.say(
            code, time=wording.hour(run.planned_for), served=run.served, orders=run.orders,
            score=run.score, travel=round(run.travel_min),
            moved=run.detail.get("other_crew", 0), kept=run.detail.get("kept", 0),
        )
    )  # fmt: skip


def _lines(scene: DispatchScene, run: DispatchRun) -> None:
    """What the plan changes, to be taken all at once or by choice."""
    lines = [one for one in run.lines if one["action"] != KEEP]
    if not lines:
        empty.hint(session.say("board_nothing_changes"))
        return
    states = dict(zip(scene.board.orders["order_id"], scene.board.orders["state"], strict=True))
    table = _worded(scene, run, lines, states)
    key = f"dispatch_lines_{run.run_id}_{len(run.taken)}"
    event = st.dataframe(
        table, hide_index=True, height=min(_HEIGHT, 40 + 35 * len(lines)), key=key,
        on_select="rerun", selection_mode="multi-row",
    )  # fmt: skip
    chosen = [lines[n]["order"] for n in event["selection"]["rows"]]
    open_lines = [one["order"] for one in lines if one["order"] not in run.taken]
    with st.container(horizontal=True, gap="small", key="dispatch_take"):
        count = len(chosen) or len(open_lines)
        name = "board_take_chosen" if chosen else "board_take_all"
        st.button(
            session.say(name, n=count), key="dispatch_take_lines", icon=":material/done_all:",
            type="primary", disabled=not open_lines, on_click=dispatch_deeds.take_all,
            args=(run.run_id, chosen or None),
        )  # fmt: skip
        if run.taken:
            st.button(
                session.say("board_undo_plan", n=len(run.taken)), key="dispatch_undo_plan",
                icon=":material/history:", on_click=dispatch_deeds.undo_plan, args=(run.run_id,),
            )  # fmt: skip


def _worded(
    scene: DispatchScene, run: DispatchRun, lines: list[dict[str, Any]], states: dict[Any, Any]
) -> pd.DataFrame:
    tasks = dict(zip(scene.board.orders["order_id"], scene.board.orders["task"], strict=True))
    rows = [_row(one, run, tasks, states) for one in lines]
    return pd.DataFrame(rows).rename(columns=lambda name: session.say(f"board_column_{name}"))


def _row(
    line: dict[str, Any], run: DispatchRun, tasks: dict[Any, Any], states: dict[Any, Any]
) -> dict[str, str]:
    order, none = line["order"], words.NOTHING
    state = wording.state(states[order]) if order in states else session.say("wo_done")
    second = next((one for one in line["others"] if one["code"] == "could"), None)
    is_lost = line["action"] == WITHDRAW
    return {
        "order": order,
        "task": wording.task(tasks[order]) if order in tasks else none,
        "deed": session.say(f"board_action_{line['action']}"),
        "before": line["before"] or none,
        "crew": line["crew"] or none,
        "arrive": none if is_lost else wording.hour(line["arrive_at"]),
        "why": session.say(f"board_why_{line['code']}"),
        "cost": none if line["extra_min"] is None else str(line["extra_min"]),
        "second": none if second is None else wording.other(second),
        "now": session.say("board_is_taken") if order in run.taken else state,
    }


def _left(run: DispatchRun) -> None:
    """What the plan leaves out, and why."""
    left = [(one["order"], one["reason"]) for one in run.detail.get("unserved", [])]
    left += list(run.detail.get("left_out", {}).items())
    if not left:
        return
    with st.expander(session.say("board_left", n=len(left))):
        told = (f"{order}: {session.say(f'board_left_{reason}')}" for order, reason in left)
        lines = "".join(f"<li>{plain.escaped(one)}</li>" for one in told)
        st.html(f'<ul class="gc-others">{lines}</ul>')
