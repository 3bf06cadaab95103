"""The models of suspicion as cards: what each was taught, how well it does, approve and retire."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import theft_models
from app.use_cases.access import may
from app.use_cases.theft_models import REASONS, ModelCard
from app.widgets import empty, errors, plain, session, spark, theft_training

_SHOWN: Final = ("auc", "average_precision", "precision_at_100", "recall_top_tenth")


def show() -> None:
    """Cards of all models, the newest first, and their deeds; nothing for others."""
    if not may(session.actor(), "run_theft"):
        return
    with errors.kindly():
        cards = theft_models.list_models(session.database(), session.actor())
        st.caption(session.say("theft_models_help"))
        theft_training.show()
        if not cards:
            empty.hint(session.say("theft_models_none"))
        for card in cards:
            with st.container(border=True, key=f"theft_model_{card.model_id}"):
                _card(card)


def _card(card: ModelCard) -> None:
    state = session.say(f"theft_model_state_{card.state}")
    st.markdown(f"**{session.say('theft_model_title', number=card.model_id)}** · {state}")
    st.caption(_data(card.card.get("data", {})))
    st.caption(plain.in_markdown(_people(card)))
    _figures(card.card)
    _drift(card)
    if card.state != "retired":
        _deeds(card)


def _data(data: dict[str, Any]) -> str:
    rate = data.get("base_rate")
    is_own = data.get("table") == "store"
    return session.say(
        "theft_model_data_store" if is_own else "theft_model_data",
        left_out=words.number(data.get("without_readings") or 0),
        rows=words.number(data.get("rows") or 0),
        first=data.get("first_day") or data.get("first_period") or words.NOTHING,
        last=data.get("last_day") or data.get("last_period") or words.NOTHING,
        rate=words.NOTHING if rate is None else f"{100 * rate:.1f} %",
    )


def _people(card: ModelCard) -> str:
    """Who trained, kept, approved and retired the model, and when."""
    row = card.row
    told = [session.say("theft_model_kept_by", who=card.kept_by, time=_when(row.trained_at))]
    trained = card.card.get("trained_by")
    if trained and trained != row.trained_by:
        told.insert(0, session.say("theft_model_trained_by", who=trained))
    for code, who, at in (
        ("approved", card.approved_by, row.approved_at),
        ("retired", card.retired_by, row.retired_at),
    ):
        if who is not None:
            told.append(session.say(f"theft_model_{code}_by", who=who, time=_when(at)))
    return " · ".join(told)


def _when(at: Any) -> str:
    return words.NOTHING if at is None else session.moment(pd.Timestamp(at).to_pydatetime())


def _figures(card: dict[str, Any]) -> None:
    """A bar for each measure, and its value with its 95 % interval in words."""
    figures, spans = card.get("figures", {}), card.get("intervals", {})
    known = [name for name in _SHOWN if figures.get(name) is not None]
    lines = [_figure(name, figures[name], spans.get(name)) for name in known]
    heights = [round(100 * figures[name]) for name in known]
    if known:
        st.html(spark.bars(heights, lines))
    for line in lines:
        st.markdown(f"- {line}")


def _figure(name: str, value: float, span: list[float] | None) -> str:
    between = f" ({span[0]:.3f}–{span[1]:.3f})" if span else ""
    return f"{session.say(f'theft_measure_{name}')} {value:.3f}{between}"


def _drift(card: ModelCard) -> None:
    """How far the customers of the latest runs lay from training, and how that moved."""
    if not card.drifts:
        return
    latest = card.drifts[0]
    told = session.say(
        "theft_model_drift", index=f"{latest.score:.2f}", large=latest.large,
        grade=session.say(f"theft_drift_{latest.grade}"), time=_when(latest.made_at),
    )  # fmt: skip
    st.markdown(f"- {plain.in_markdown(told)}")
    if len(card.drifts) > 1:
        before = ", ".join(f"{one.score:.2f}" for one in reversed(card.drifts[:8]))
        st.caption(session.say("theft_model_drifts", indices=before))


def _deeds(card: ModelCard) -> None:
    number = card.model_id
    reason = st.selectbox(
        session.say("theft_model_why"), [r for r in REASONS if r != "superseded"],
        format_func=lambda code: session.say(f"theft_model_reason_{code}"),
        key=f"theft_model_why_{number}",
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        if card.state == "waiting":
            st.button(
                session.say("theft_model_approve"), key=f"theft_model_approve_{number}",
                type="primary", on_click=_approve, args=(number,),
            )  # fmt: skip
        st.button(
            session.say("theft_model_retire"), key=f"theft_model_retire_{number}",
            on_click=_retire, args=(number, reason),
        )  # fmt: skip


def _approve(number: int) -> None:
    with errors.kindly():
        theft_models.approve(session.database(), session.actor(), number)


def _retire(number: int, reason: str) -> None:
    with errors.kindly():
        theft_models.retire(session.database(), session.actor(), number, reason)
