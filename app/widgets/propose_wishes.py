"""What is wished of a proposal: how closely and on what; how many, seats and borders if need be."""

from typing import Final

import streamlit as st

from app.use_cases import plan_graphs, plan_wishes, units
from app.use_cases.plan_life import PlanRow
from app.use_cases.plan_wishes import ProposalWish
from app.widgets import session

_SEEDS: Final = 4
_COUNTS: Final = ("same", "number", "weight")
_MOST_AREAS: Final = 2000


def show(plan: PlanRow) -> ProposalWish:
    """The controls, those that are rarely needed folded away."""
    tolerance = st.slider(session.say("propose_tolerance"), 1, 30, 5, format="%d %%")
    weight = st.selectbox(
        session.say("propose_weight"), plan_graphs.WEIGHTS, format_func=_measure,
        key=f"propose_weight_{plan.plan_id}",
    )  # fmt: skip
    with st.popover(session.say("propose_more"), icon=":material/tune:", width="stretch"):
        weight = _mix(weight)
        areas, target = _count(weight)
        seats = _one_of("seats", list(plan_wishes.SEATS))
        within = _one_of("within", units.levels(session.database(), session.actor()))
    return ProposalWish(
        areas, tolerance / 100, tuple(range(_SEEDS)), weight=weight, target_weight=target,
        seats=seats, within=within,
    )  # fmt: skip


def _measure(name: str) -> str:
    return session.say(f"plan_figure_{name}")


def _mix(weight: str) -> str:
    """The one measure, or several with the shares that are set."""
    if not st.toggle(session.say("propose_mix"), key="propose_mix"):
        return weight
    shares = {
        name: st.slider(
            session.say("propose_share", measure=_measure(name)), 0, 100,
            50 if name == weight else 0, step=5, format="%d %%", key=f"propose_share_{name}",
        )
        for name in plan_graphs.WEIGHTS
    }  # fmt: skip
    return ",".join(f"{name}={share / 100}" for name, share in shares.items())


def _count(weight: str) -> tuple[int, float | None]:
    """How many areas (0 for as many as now), or the weight wished for each."""
    how = st.segmented_control(
        session.say("propose_count"), _COUNTS, default=_COUNTS[0], key="propose_count",
        format_func=lambda one: session.say(f"propose_count_{one}"),
    )  # fmt: skip
    if how == "number":
        return int(st.number_input(session.say("propose_number"), 1, _MOST_AREAS, 10)), None
    if how == "weight":
        is_mix = "=" in weight
        label = session.say("propose_target_mix") if is_mix else session.say(
            "propose_target", unit=_measure(weight))  # fmt: skip
        return 0, float(st.number_input(label, 1.0, value=2000.0, step=100.0, format="%.0f"))
    return 0, None


def _one_of(wish: str, known: list[str]) -> str | None:
    """One of the known words, or none of them."""
    chosen: str = st.selectbox(
        session.say(f"propose_{wish}"), ["none", *known], key=f"propose_{wish}",
        format_func=lambda one: session.say(f"propose_{wish}_{one}"),
    )  # fmt: skip
    return None if chosen == "none" else chosen
