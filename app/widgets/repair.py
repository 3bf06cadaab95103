"""A draft mended by the machine: what it would do first, with its reasons, then drawn."""

import uuid
from typing import Final, cast

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import access, plan_graphs, repairs
from app.use_cases.plan_life import PlanRow
from app.use_cases.repairs import Mending, RepairWish
from app.use_cases.strokes import Stroke
from app.widgets import card, errors, job_watch, plain, session
from grid_cells.plan_life import DRAFT

_JOB: Final = "repair"
_REASONS_SHOWN: Final = 6
_MOST_PERCENT: Final = 30


def show(plan: PlanRow) -> None:
    """The wish, the work with its bar, what it came to; a button draws it."""
    if plan.stage != DRAFT or not access.may(session.actor(), "draw_plans"):
        return
    with st.expander(session.say("repair_title"), icon=":material/healing:"):
        st.caption(session.say("repair_what"))
        wish = _wish(plan)
        if st.button(session.say("repair_begin"), type="primary", key="repair_begin"):
            _begin(plan, wish)
            session.again()
        watched = job_watch.show(_JOB, session.say("repair_title"))
        if watched is not None and watched.state == "done":
            plan_id, found = cast("tuple[int, Mending]", watched.result)
            if plan_id == plan.plan_id:
                _tell(found)
                _draw(plan, found)


def _wish(plan: PlanRow) -> RepairWish:
    held = repairs.terms(session.database(), session.actor(), plan.plan_id)
    percent = min(max(round(100 * held.tolerance), 1), _MOST_PERCENT)
    tolerance = st.slider(
        session.say("repair_tolerance"), 1, _MOST_PERCENT, percent, format="%d %%",
        key=f"repair_tolerance_{plan.plan_id}",
    )  # fmt: skip
    known = list(dict.fromkeys([held.weight, *plan_graphs.WEIGHTS]))
    weight = st.selectbox(
        session.say("repair_weight"), known, format_func=_measure,
        key=f"repair_weight_{plan.plan_id}",
    )  # fmt: skip
    keeps = st.toggle(
        session.say("repair_keep"), value=True, help=session.say("repair_keep_help"),
        key="repair_keep",
    )  # fmt: skip
    return RepairWish(tolerance / 100, weight, keeps)


def _measure(name: str) -> str:
    """The measure by name; a mix as it was written."""
    code = f"plan_figure_{name}"
    return session.say(code) if words.knows(code, session.language()) else name


def _begin(plan: PlanRow, wish: RepairWish) -> None:
    db, actor = session.database(), session.actor()
    job_watch.start(
        _JOB, "repair",
        lambda tell: (plan.plan_id, repairs.suggest(db, actor, plan.plan_id, wish, progress=tell)),
    )  # fmt: skip


def _tell(found: Mending) -> None:
    """What would move and what that brings; then what cannot be mended, and why."""
    if found.is_within and not found.moved_units:
        st.success(session.say("repair_nothing"), icon=":material/check:")
    elif found.is_within:
        st.success(session.say("repair_can"), icon=":material/check:")
    else:
        st.warning(_reasons(found), icon=":material/info:")
    if found.moved_units:
        _figures(found)
        label = session.say("repair_by_area", count=len(found.areas))
        with st.popover(label, icon=":material/table_rows:", width="stretch"):
            st.dataframe(_by_area(found), hide_index=True)
    if found.kept:
        st.caption(session.say("repair_kept", count=found.kept))


def _reasons(found: Mending) -> str:
    told = [plain.in_markdown(errors.sentence(one.code, **vars(one))) for one in found.why]
    lines = [f"- {one}" for one in told[:_REASONS_SHOWN]]
    if len(told) > _REASONS_SHOWN:
        lines.append(f"- {session.say('repair_more', count=len(told) - _REASONS_SHOWN)}")
    return "\n".join([session.say("repair_cannot_all"), "", *lines])


def _figures(found: Mending) -> None:
    off_before, off_after = (
        f"{words.number(100 * one, 1)} %" for one in (found.deviation_before, found.deviation_after)
    )
    told = {
        "repair_moved": card.text(words.number(found.moved_customers, 0), strong=True),
        "repair_deviation": _arrow(off_before, off_after),
        "repair_stray": _arrow(str(found.stray_before), str(found.stray_after)),
        "repair_free": _arrow(str(found.free_before), str(found.free_after)),
    }
    card.rows((session.say(code), value) for code, value in told.items())


def _arrow(before: str, after: str) -> str:
    return plain.escaped(session.say("repair_arrow", before=before, after=after))


def _by_area(found: Mending) -> pd.DataFrame:
    """Every area that changes or stays beyond its tolerance."""
    frame = found.areas
    columns = {"repair_area": frame["name"]}
    for name in ("customers_in", "customers_out", "units_in", "units_out"):
        columns[f"repair_{name}"] = frame[name]
    for name in ("off_before", "off_after"):
        columns[f"repair_{name}"] = (100 * frame[name]).round(1)
    return pd.DataFrame({session.say(code): values for code, values in columns.items()})


def _draw(plan: PlanRow, found: Mending) -> None:
    if not found.moved_units:
        return
    code = "repair_draw" if found.is_within else "repair_draw_partly"
    if st.button(session.say(code), type="primary", key="repair_draw", width="stretch"):
        with errors.kindly():
            stroke = Stroke(plan.plan_id, uuid.uuid4().hex)
            repairs.take(session.database(), session.actor(), stroke, found)
            job_watch.forget(_JOB)
            session.again()
