"""Whose is this? Asked by number or address on a crew's page."""

import re
from typing import Final

import streamlit as st

from app import language as words
from app.use_cases import crew_whose
from app.widgets import errors, plain, session

_NUMBER: Final = re.compile(r"[0-9A-Za-z-]*\d{4}[0-9A-Za-z-]*")


def ask() -> None:
    """A field for a customer's number or an address, and the answer below it."""
    text = st.text_input(session.say("my_area_whose"), key="my_area_whose", max_chars=200).strip()
    if not text:
        return
    with errors.kindly():
        wanted = {"customer" if _NUMBER.fullmatch(text) else "address": text}
        found = crew_whose.ask(session.database(), session.actor(), wanted)
        area = found["area_name"] or found["area"] or session.say("crew_rule_none")
        st.markdown(plain.in_markdown(session.say(
            "my_area_whose_answer", area=area, unit=found["unit_name"] or words.NOTHING,
            manager=_person(found["manager"]), crew=_person(found["crew"]),
        )))  # fmt: skip


def _person(one: dict[str, str | None] | None) -> str:
    if one is None:
        return words.NOTHING
    return " ".join(part for part in (one["name"] or one["id"], one["phone"]) if part)
