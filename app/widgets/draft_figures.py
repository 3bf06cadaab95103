"""What a draft does, beside its map: figures old against new, areas, problems, who moves."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import access, draft_balance, plan_checks
from app.use_cases.draft_balance import Weighed
from app.use_cases.plan_checks import Finding
from app.use_cases.plan_life import PlanRow
from app.widgets import errors, figures, hand_over, plain, session
from grid_cells.plan_life import DRAFT

_STRIP: Final = (
    "customers_moved",
    "no_area_customers",
    "hours",
    "beyond_promise",
    "transformers_cut",
)
_SHOWN: Final = 12


def weighed(plan: PlanRow) -> Weighed:
    """The draft held against the plan in force, as it stands now."""
    return draft_balance.weigh_draft(session.database(), session.actor(), plan.plan_id)


def strip(plan: PlanRow) -> None:
    """Six figures of the plan, each with its change against the plan in force."""
    now = weighed(plan)
    told = now.judged.consequences.plan
    blocks = [_block(name, *told.loc[["before", "after"], name]) for name in _STRIP]
    off = 100 * now.balance.largest_deviation
    blocks.insert(
        3, figures.block(session.say("draft_deviation"), f"{words.number(off, 1)}&nbsp;%")
    )
    with st.container(key="strip_draft"):
        st.html(f'<div class="gc-strip">{"".join(blocks)}</div>')


def _block(name: str, before: float, after: float) -> str:
    change = after - before
    arrow = ""
    if round(change, 1) and name != "customers_moved":
        sign = "▲" if change > 0 else "▼"
        arrow = f"<em>{sign}&nbsp;{words.number(abs(change), 0)}</em>"
    return figures.block(session.say(f"plan_figure_{name}"), words.number(after, 0) + arrow)


def show(plan: PlanRow) -> None:
    """Problems first, then every area old against new, then the lists of who moves."""
    now = weighed(plan)
    _problems(plan, plan_checks.findings(session.database(), session.actor(), plan.plan_id))
    st.html(f"<h4>{plain.escaped(session.say('draft_areas'))}</h4>")
    st.dataframe(_table(now), hide_index=True, height=320)
    st.caption(session.say("plan_note_hours"))
    hand_over.show(plan, now)


def _problems(plan: PlanRow, found: Sequence[Finding]) -> None:
    against = [one for one in found if one.problem.level == "no"]
    title = session.say("draft_problems", count=len(against), others=len(found) - len(against))
    with st.expander(title, icon=":material/rule:"):
        if not found:
            st.caption(session.say("draft_no_problems"))
        for one in found[:_SHOWN]:
            _problem(plan, one)
        if len(found) > _SHOWN:
            st.caption(session.say("draft_more_problems", count=len(found) - _SHOWN))


def _problem(plan: PlanRow, one: Finding) -> None:
    problem = one.problem
    values: dict[str, Any] = {"customers": problem.customers, "count": problem.units}
    values |= problem.values  # noqa: PD011 - what fills the sentence, no frame
    said = session.say(f"plan_{problem.code}", **values)
    tone, mark = ("gc-forbids", "✕") if problem.level == "no" else ("", "!")
    st.html(f'<p class="gc-problem {tone}"><b>{mark}</b> {plain.escaped(said)}</p>')
    may = plan.stage == DRAFT and access.may(session.actor(), "draw_plans")
    if problem.level != "no" or not may:
        return
    with st.popover(session.say("draft_excuse"), type="tertiary"):
        key = f"{plan.plan_id}_{problem.code}_{one.area_id}"
        reason = st.text_input(session.say("draft_reason"), key=f"reason_{key}")
        if st.button(session.say("draft_excuse_keep"), key=f"excuse_{key}"):
            with errors.kindly():
                plan_checks.excuse(
                    session.database(), session.actor(), plan.plan_id,
                    (problem.code, one.area_id), reason,
                )  # fmt: skip
                session.again()


def _table(now: Weighed) -> pd.DataFrame:
    """One row a living area: customers and hours with their change, balance, shape, minutes."""
    told = now.judged.consequences
    names = {now.areas[n].area_id: now.areas[n].name for n in now.living}
    after, before = (frame.loc[list(names)] for frame in (told.after, told.before))
    columns: dict[str, Iterable[Any]] = {
        "draft_area": list(names.values()),
        "plan_figure_customers": after["customers"].astype("int64"),
        "draft_change": (after["customers"] - before["customers"]).astype("int64"),
        "plan_figure_hours": after["hours"].round(),
        "draft_hours_change": (after["hours"] - before["hours"]).round(),
        "draft_off": (100 * now.balance.deviation).round(1),
        "draft_pieces": now.balance.pieces,
        "draft_compact": (100 * now.compactness[now.living]).round(),
        "plan_figure_crew_min_median": after["crew_min_median"].round(),
        "plan_figure_crew_min_p95": after["crew_min_p95"].round(),
        "plan_figure_beyond_promise": after["beyond_promise"].astype("int64"),
        "plan_figure_transformers_cut": after["transformers_cut"].astype("int64"),
        "plan_figure_faults": after["faults"].round(1),
        "plan_figure_energy_kwh": after["energy_kwh"].round(),
        "plan_figure_halls": after["halls"].astype("int64"),
        "plan_figure_banks": after["banks"].astype("int64"),
    }
    return pd.DataFrame({session.say(code): list(values) for code, values in columns.items()})
