"""What a dispatcher may do with an outage: small forms, one for each deed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import streamlit as st

from app.use_cases import outage_deeds as use_case
from app.use_cases.outage_deeds import StepWish
from app.use_cases.outage_story import OutageStory
from app.widgets import errors, outage_closing, plain, session
from app.widgets import words_of as naming
from app.widgets.outage_forms import choice, do
from grid_cells.outages import MOVES, OVER

_LEAST_MIN, _USUAL_MIN, _MOST_MIN = 5, 60, 4320


def show(found: OutageStory) -> None:
    """The deeds that the outage's state allows; the form of the chosen one folds out."""
    name = _name(found)
    with st.container(key="outage_deeds", gap="small"):
        deed = st.pills(
            session.say("outage_deeds"), _possible(found), key=f"deed_{name}",
            format_func=lambda one: f"{_ICONS[one]} {session.say(f'outage_deed_{one}')}",
        )  # fmt: skip
        if deed is not None:
            _FORMS[deed](found)


def _possible(found: OutageStory) -> list[str]:
    status = found.facts["status"] or "in_force"
    if status in OVER or found.facts["restored_at"] is not None:
        after = ["cause", "nest", "reopen"]
        return after if status == "ended" else after[:-1]
    deeds = ["estimate", "step", "news", "cause", "nest"]
    if found.is_open:
        deeds.append("close")
    return ["move", *deeds] if _moves(status) else deeds


def _name(found: OutageStory) -> str:
    return str(found.facts["outage_id"])


def _estimate(found: OutageStory) -> None:
    name = _name(found)
    is_none = st.toggle(session.say("outage_deed_estimate_none"), key=f"etr_none_{name}")
    minutes = st.number_input(
        session.say("outage_deed_estimate_minutes"), _LEAST_MIN, _MOST_MIN, _USUAL_MIN, 5,
        key=f"etr_min_{name}", disabled=is_none,
    )  # fmt: skip
    reason = choice("outage_deed_reason", "estimate", f"etr_why_{name}")

    def act() -> None:
        until = None if is_none else session.now() + timedelta(minutes=int(minutes))
        use_case.estimate(session.database(), session.actor(), name, until, reason or "")

    do(act, f"do_etr_{name}", ready=reason is not None)


def _step(found: OutageStory) -> None:
    name = _name(found)
    change = st.segmented_control(
        session.say("outage_deed_step_change"), ["restored", "out"], default="restored",
        key=f"step_change_{name}",
        format_func=lambda one: str(naming.value("change", one)),
    )  # fmt: skip
    scope = st.text_input(
        session.say("outage_deed_step_scope"), key=f"step_scope_{name}",
        placeholder="; ".join(f"{kind}:{one}" for kind, one in found.parts[:2]),
        help=session.say("outage_deed_step_help"),
    )  # fmt: skip

    def act() -> None:
        wish = StepWish(str(change), scope)
        use_case.step(session.database(), session.actor(), name, wish)

    do(act, f"do_step_{name}", ready=bool(change and scope.strip()))
    if (~found.steps["is_from_file"].astype(bool)).any() and st.button(
        session.say("outage_deed_step_undo"), key=f"undo_step_{name}", type="tertiary"
    ):
        with errors.kindly():
            use_case.take_step_back(session.database(), session.actor(), name)
            session.again()


def _news(found: OutageStory) -> None:
    name = _name(found)
    code = choice("outage_deed_news_what", "news", f"news_{name}")
    act = lambda: use_case.news(session.database(), session.actor(), name, code or "")  # noqa: E731
    do(act, f"do_news_{name}", ready=code is not None)


def _cause(found: OutageStory) -> None:
    name = _name(found)
    held = found.facts["cause"]
    cause = st.text_input(
        session.say("outage_deed_cause_what"), "" if plain.is_missing(held) else str(held),
        key=f"cause_{name}", max_chars=use_case.LONGEST_CAUSE,
    )  # fmt: skip
    act = lambda: use_case.set_cause(session.database(), session.actor(), name, cause)  # noqa: E731
    do(act, f"do_cause_{name}", ready=bool(cause.strip()))


def _moves(status: str) -> list[str]:
    return [to for to in MOVES.get(status, ()) if to != "ended"]


def _move(found: OutageStory) -> None:
    name = _name(found)
    status = found.facts["status"] or "in_force"
    to = st.segmented_control(
        session.say("outage_deed_move_to"), _moves(status), key=f"move_{name}_{status}",
        format_func=lambda one: str(naming.value("status", one)),
    )  # fmt: skip
    act = lambda: use_case.move(session.database(), session.actor(), name, str(to))  # noqa: E731
    do(act, f"do_move_{name}", ready=to is not None)


def _nest(found: OutageStory) -> None:
    name = _name(found)
    db, actor = session.database(), session.actor()
    if found.facts["parent_outage_id"] is not None:
        do(lambda: use_case.nest(db, actor, name, None), f"do_out_{name}",
           label="outage_deed_nest_out")  # fmt: skip
        return
    parent = st.text_input(session.say("outage_deed_nest_parent"), key=f"nest_{name}").strip()
    do(lambda: use_case.nest(db, actor, name, parent), f"do_nest_{name}", ready=bool(parent))


def _reopen(found: OutageStory) -> None:
    name = _name(found)
    act = lambda: use_case.reopen(session.database(), session.actor(), name)  # noqa: E731
    do(act, f"do_reopen_{name}", label="outage_deed_reopen")


_FORMS: Final[dict[str, Callable[[OutageStory], None]]] = {
    "estimate": _estimate, "step": _step, "news": _news, "cause": _cause, "move": _move,
    "nest": _nest, "close": outage_closing.show, "reopen": _reopen,
}  # fmt: skip
_ICONS: Final = {
    "estimate": ":material/schedule:", "step": ":material/power:", "news": ":material/campaign:",
    "cause": ":material/help:", "move": ":material/arrow_forward:",
    "nest": ":material/account_tree:", "reopen": ":material/undo:",
    "close": ":material/task_alt:",
}  # fmt: skip
