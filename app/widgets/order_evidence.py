"""What came from the site, as the drawer shows it: the card's gate, evidence and parts."""

import json
from typing import Any, Final

import pandas as pd
import streamlit as st

from app.use_cases import access, work_order_evidence
from app.use_cases.work_order_cards import FIELDS
from app.use_cases.work_orders import OrderStory
from app.widgets import card, errors, order_words, plain, promise_words, session

_SHOWN: Final = "order_evidence_shown"


def card_of(cards: pd.DataFrame) -> None:
    """How far each crew's card has come."""
    if cards.empty:
        return
    st.html(f"<h4>{plain.escaped(session.say('wo_card'))}</h4>")
    card.rows((str(row["crew_id"]), _gate(row)) for row in cards.to_dict("records"))


def _gate(row: dict[Any, Any]) -> str:
    filled = promise_words.moment(row["filled_at"])
    version = card.quiet(session.say("wo_card_version", version=row["version"], at=filled))
    if not plain.is_missing(row["approved_at"]):
        told = session.say("wo_card_open", at=promise_words.moment(row["approved_at"]))
        return card.joined(card.badge(told, "good"), version)
    if not plain.is_missing(row["refused_at"]):
        why = order_words.reason("gate_refused", row["refused_why"])
        at = promise_words.moment(row["refused_at"])
        return card.joined(
            card.badge(session.say("wo_card_refused", at=at, why=why), "broken"), version
        )
    if not plain.is_missing(row["asked_at"]):
        told = session.say("wo_card_asked", at=promise_words.moment(row["asked_at"]))
        return card.joined(card.badge(told, "risk"), version)
    return card.joined(card.text(session.say("wo_card_waiting")), version)


def fields(given: Any) -> bool:
    """Show what the card says, field by field; whether there is a card to be seen."""
    if not isinstance(given, str) or not given.startswith("{"):
        return False
    held = json.loads(given)
    card.rows(
        (session.say(f"crew_field_{name}"), card.text(_said(held[name])))
        for name in FIELDS if held.get(name) not in (None, "", [])
    )  # fmt: skip
    return True


def _said(value: Any) -> str:
    """A field of the card as text: a list in one line, members by their names."""
    if isinstance(value, bool):
        return "✓" if value else "✕"
    items = value if isinstance(value, list) else [value]
    return ", ".join(
        str(one.get("name", "")) if isinstance(one, dict) else str(one) for one in items
    )


def show(story: OrderStory) -> None:
    """Evidence and parts, each piece to be opened; irregularities to be confirmed."""
    if not story.evidence.empty:
        st.html(f"<h4>{plain.escaped(session.say('wo_evidence'))}</h4>")
        for row in story.evidence.to_dict("records"):
            _piece(row)
    if not story.parts.empty:
        st.html(f"<h4>{plain.escaped(session.say('wo_parts'))}</h4>")
        sums = story.parts.groupby("code", sort=False)["quantity"].sum()
        card.rows((str(code), card.text(float(count))) for code, count in sums.items())


def _piece(row: dict[Any, Any]) -> None:
    number = int(row["evidence_id"])
    kind = session.say(f"wo_evidence_{row['kind']}")
    note = "" if plain.is_missing(row["note"]) else card.text(row["note"])
    card.rows(
        [(promise_words.moment(row["received_at"]), card.joined(card.text(kind), note, _odd(row)))]
    )
    with st.container(horizontal=True, gap="small", key=f"order_piece_{number}"):
        if row["kind"] != "note" and access.may(session.actor(), "do_orders"):
            st.button(
                session.say("wo_show"), key=f"order_show_{number}", on_click=_open, args=(number,)
            )
        if not plain.is_missing(row["irregularity"]) and access.may(
            session.actor(), "approve_work"
        ):
            for word, yes in (("wo_confirm", True), ("wo_refute", False)):
                st.button(
                    session.say(word), key=f"order_{word}_{number}", on_click=_judge,
                    args=(number,), kwargs={"yes": yes},
                )  # fmt: skip
    if st.session_state.get(_SHOWN) == number:
        with errors.kindly():
            _content(number, str(row["kind"]))


def _odd(row: dict[Any, Any]) -> str:
    """The irregularity noted, with whether a person confirmed it."""
    if plain.is_missing(row["irregularity"]):
        return ""
    word = order_words.of_code("wo_code_irregularity", row["irregularity"])
    code, tone = "open", "risk"
    if not plain.is_missing(row["confirmed_at"]):
        code, tone = "yes", "broken"
    elif not plain.is_missing(row["refuted_at"]):
        code, tone = "no", "plain"
    return card.badge(f"{word} · {session.say(f'wo_irregularity_{code}')}", tone)  # type: ignore[arg-type]


def _content(number: int, kind: str) -> None:
    media, content = work_order_evidence.content(session.database(), session.actor(), number)
    if kind == "photo":
        st.image(content)
    elif kind == "audio":
        st.audio(content, format=media)
    else:
        st.video(content, format=media)


def _open(number: int) -> None:
    st.session_state[_SHOWN] = None if st.session_state.get(_SHOWN) == number else number


def _judge(number: int, *, yes: bool) -> None:
    work_order_evidence.judge(session.database(), session.actor(), number, is_confirmed=yes)
