"""Before an outage is closed: what speaks against it, whom to ask, and the end."""

from typing import Any

import streamlit as st

from app.use_cases import outage_closing as use_case
from app.use_cases.outage_closing import Answer, Closing
from app.use_cases.outage_story import OutageStory
from app.widgets import card, errors, outage_forms, plain, session

_ASKED = 8
"""So many of the sample are shown at once; those who answered make room."""


def show(found: OutageStory) -> None:
    """What speaks against closing the outage, whom to ask, and the end."""
    name = str(found.facts["outage_id"])
    with st.container(key="outage_closing", gap="small"), errors.kindly():
        closing = use_case.examine(session.database(), session.actor(), name)
        _doubts(closing)
        _sample(name, closing)
        _close(name, closing)


def _doubts(closing: Closing) -> None:
    doubts = closing.doubts
    values = {"dark": doubts.dark, "later_calls": doubts.later_calls,
              "open_calls": doubts.open_calls}  # fmt: skip
    for code in doubts.codes():
        told = {"count": values.get(code, 0), "names": ", ".join(doubts.nested)}
        st.html(
            f'<p class="gc-said">△ {plain.escaped(session.say(f"outage_doubt_{code}", **told))}</p>'
        )
    if not doubts.codes():
        card.note(session.say("outage_close_ready"))
    if closing.asked:
        told = {name: getattr(closing, name) for name in (
            "asked", "dark", "transformers", "transformers_asked")}  # fmt: skip
        card.note(session.say("outage_close_checked", **told))


def _sample(name: str, closing: Closing) -> None:
    waiting = closing.sample[closing.sample["has_supply"].isna()].head(_ASKED)
    if waiting.empty:
        return
    card.note(session.say("outage_close_ask"))
    for place, row in enumerate(waiting.to_dict("records")):
        _one(name, place, row)


def _one(name: str, place: int, row: dict[Any, Any]) -> None:
    told = [
        row[column]
        for column in ("name", "phone", "transformer_id")
        if not plain.is_missing(row[column])
    ]
    mark = card.badge(session.say("outage_close_open_call"), "risk") if row["has_open_call"] else ""
    st.html(f'<p class="gc-said">{plain.escaped(" · ".join(str(one) for one in told))} {mark}</p>')
    with st.container(horizontal=True, gap="small"):
        for word, means, has_supply in (
            ("has", "call", True), ("dark", "call", False), ("meter", "meter", True),
        ):  # fmt: skip
            if st.button(
                session.say(f"outage_close_{word}"), key=f"ask_{word}_{place}_{row['ref']}"
            ):
                answer = Answer(str(row["ref"]), means, has_supply)  # type: ignore[arg-type]
                use_case.answered(session.database(), session.actor(), name, answer)
                session.again()


def _close(name: str, closing: Closing) -> None:
    reason = None
    if closing.doubts.codes():
        reason = outage_forms.choice("outage_close_reason", "close", f"close_why_{name}")
    ready = not closing.doubts.codes() or reason is not None

    def act() -> None:
        use_case.close(session.database(), session.actor(), name, reason=reason or "")

    outage_forms.do(act, f"do_close_{name}", ready=ready, label="outage_close_do")
