"""One review: what stood there, what is usual, who did what; the forms to check and to decide."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import reading_review_steps, reading_reviews, reading_rules
from app.use_cases.reading_review_steps import CheckWish
from app.use_cases.reading_reviews import Review
from app.widgets import card, errors, plain, review_chart, review_list, review_words, session
from app.widgets import theft_words as theft
from grid_cells.reading_reviews import (
    ACCEPTED,
    CHECKED,
    CORRECTED,
    ENTERED,
    LONGEST_NOTE,
    VERDICTS,
)

_HELD: Final = "review_held"
_VALUES: Final = ("usual", "typed")


def show() -> None:
    """The open review; nothing while none is."""
    number = st.session_state.get(review_list.OPEN)
    if number is None:
        return
    held = _held(int(number))
    row = held.row
    with st.container(key="review_card"):
        told = session.say(
            "review_title", n=row["review_id"], what=review_words.finding(row["finding"])
        )
        card.title(told, review_words.span(row))
        left, right = st.columns([1, 1], gap="large")
        with left:
            _facts(held)
            _steps(held)
        with right:
            if row["is_withheld"]:
                st.caption(plain.in_markdown(session.say("review_withheld")))
            if not row["is_withheld"] or held.days["kwh"].notna().any():
                review_chart.show(held.days)
            _deeds(held)


def _held(number: int) -> Review:
    """The review; each opening is on record once, not each run."""
    key = (
        number,
        session.actor().id,
        st.session_state.get(review_list.CHANGES, 0),
        session.now().date(),
    )
    held: tuple[Any, Review] | None = st.session_state.get(_HELD)
    if held is None or held[0] != key:
        found = reading_reviews.one(session.database(), session.actor(), number)
        st.session_state[_HELD] = held = (key, found)
    return held[1]


def _facts(held: Review) -> None:
    row = held.row
    how = session.say(f"review_by_{row['entered_how']}", who=row["entered_name"])
    pairs = [
        (session.say("review_column_meter"), card.text(row["meter_id"])),
        (session.say("review_column_transformer"), card.text(row["transformer_id"])),
        (session.say("review_column_maker"), card.text(row["maker"])),
        (
            session.say("review_column_state"),
            card.text(review_words.state(row["state"]), strong=True),
        ),
        *(
            (session.say(f"review_column_{one}"), card.text(_sum(held.days[f"{one}_kwh"])))
            for one in ("original", "usual")
            if not row["is_withheld"]
        ),
        (session.say("quality_column_quality"), card.text(theft.share(held.quality, 1))),
        (session.say("review_entered"), card.text(f"{how} · {session.moment(row['entered_at'])}")),
    ]
    if row["note"]:
        pairs.append((session.say("review_note"), card.text(row["note"])))
    card.rows(pairs)


def _sum(values: "pd.Series[float]") -> str:
    """The sum of the days that are known, with how many are not."""
    known = pd.to_numeric(values, errors="coerce").dropna()
    missing = len(values) - len(known)
    told = review_words.kwh(known.sum() if len(known) else None)
    return (
        told
        if not missing or not len(known)
        else f"{told} · {session.say('review_gaps', n=missing)}"
    )


def _steps(held: Review) -> None:
    for step in held.steps.to_dict("records"):
        when = session.moment(pd.Timestamp(step["stepped_at"]).to_pydatetime())
        text = session.say(f"review_step_{step['step']}")
        if not plain.is_missing(step["verdict"]):
            text += ": " + _verdict(step["verdict"])
        if not plain.is_missing(step["reason_code"]):
            text += f" ({review_words.reason(step['reason_code'])})"
        if step["is_void"]:
            text += f" — {session.say('review_void')}"
        note = "" if plain.is_missing(step["note"]) else f" · {step['note']}"
        st.html(_line(text, f"{step['stepped_name']} · {when}{note}"))


def _verdict(code: Any) -> str:
    return session.say(f"review_verdict_{code}")


def _line(title: str, under: str) -> str:
    return (
        f'<div class="gc-line"><p>{plain.escaped(title)}</p>'
        f"<small>{plain.escaped(under)}</small></div>"
    )


def _deeds(held: Review) -> None:
    state = held.row["state"]
    if state in {ENTERED, CHECKED}:
        if state == CHECKED:
            _decide(held)
            with st.expander(session.say("review_check_anew")):
                _check(held)
        else:
            _check(held)
    with st.container(key="review_undo", horizontal=True):
        if held.row["step_id"] is not None:
            _button("take_back", ":material/undo:", reading_review_steps.take_back, held)
        if state in {ENTERED, CHECKED}:
            _button("withdraw", ":material/remove_done:", reading_review_steps.withdraw, held)


def _decide(held: Review) -> None:
    if not held.may_decide:
        st.info(session.say("review_second"))
        return
    told = session.say(
        "review_proposed", verdict=_verdict(held.row["verdict"]),
        reason=review_words.reason(held.row["reason_code"]),
    )  # fmt: skip
    st.write(plain.in_markdown(told))
    with st.container(key="review_decide", horizontal=True):
        for agrees, code in ((True, "review_agree"), (False, "review_send_back")):
            if st.button(session.say(code), key=code, type="primary" if agrees else "secondary"):
                with errors.kindly():
                    reading_review_steps.decide(
                        session.database(), session.actor(), [held.row["review_id"]],
                        agrees=agrees, seen={held.row["review_id"]: held.row["step_id"]},
                    )  # fmt: skip
                    _changed(code)


def _check(held: Review) -> None:
    """The form of whoever looks into it first."""
    st.html(f"<h4>{plain.escaped(session.say('review_check'))}</h4>")
    number = held.row["review_id"]
    verdict = st.segmented_control(
        session.say("review_verdict"), VERDICTS, default=CORRECTED, required=True,
        key=f"review_verdict_{number}", format_func=_verdict,
        label_visibility="collapsed",
    )  # fmt: skip
    with st.form(key=f"review_form_{number}_{verdict}", border=False):
        reason = st.selectbox(
            session.say("review_reason"), reading_rules.reasons(str(verdict), held.row["finding"]),
            format_func=review_words.reason,
        )  # fmt: skip
        kwh = _kwh(held) if verdict == CORRECTED else None
        note = st.text_input(session.say("review_note"), max_chars=LONGEST_NOTE)
        if st.form_submit_button(session.say("review_check_done"), type="primary"):
            wish = CheckWish(str(verdict or ACCEPTED), str(reason), note.strip(), kwh)
            with errors.kindly():
                reading_review_steps.check(session.database(), session.actor(), [number], wish)
                _changed("review_checked")


def _kwh(held: Review) -> float | None:
    """KWh a day for every day of the review; None: what is usual on each."""
    usual = pd.to_numeric(held.days["usual_kwh"], errors="coerce")
    hint = words.number(float(usual.mean()), 1) if usual.notna().any() else ""
    value = st.number_input(
        session.say("review_kwh"), min_value=0.0, value=None, step=0.1, placeholder=hint,
        help=session.say("review_kwh_help"),
    )  # fmt: skip
    return None if value is None else float(value)


def _button(code: str, icon: str, deed: Any, held: Review) -> None:
    if st.button(session.say(f"review_{code}"), icon=icon, key=f"review_{code}"):
        with errors.kindly():
            deed(session.database(), session.actor(), [held.row["review_id"]])
            _changed(f"review_{code}_done")


def _changed(code: str) -> None:
    st.session_state[review_list.CHANGES] = st.session_state.get(review_list.CHANGES, 0) + 1
    st.toast(session.say(f"{code}_said"))
    st.rerun()
