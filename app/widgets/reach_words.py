"""How points, minutes and counts of the page of reach are called."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import reach_groups, service_map
from app.use_cases.reach_groups import PeopleGroup
from app.use_cases.reach_points import OWN
from app.use_cases.reach_wishes import RANKS
from app.widgets import plain, session
from app.widgets import words_of as naming

RANK: Final = "reach_rank_by"
"""Where the page keeps what gaps are ranked by."""


def name(row: Any) -> str:
    """What a point is called."""
    if row["is_assumed"]:
        return session.say("reach_new_hall" if row["kind"] == "hall" else "reach_new_point")
    if row["kind"] == "machine":
        return session.say("reach_machine_of", hall=row["name"])
    return str(row["name"])


def kind(row: Any) -> str:
    """The sort of point."""
    return session.say(f"reach_kind_{row['kind']}")


def operator(row: Any) -> str:
    """Who runs it."""
    told = row["operator"]
    if plain.is_missing(told):
        return session.say("reach_operator_unknown")
    return session.say("reach_operator_own") if told == OWN else str(told)


def state(row: Any) -> str:
    """Whether it is open at the moment, or closed for good."""
    if not row["is_there"]:
        return session.say("reach_state_closed")
    told = {True: "open", False: "shut"}.get(row["is_open"], "unknown")
    return session.say(f"reach_state_{told}")


def minutes(value: Any) -> str:
    """Minutes, or that there are none to tell."""
    if plain.is_missing(value):
        return session.say("reach_none_open")
    return words.minutes(float(value), session.language())


def count(value: Any) -> str:
    """A count of people, or a dash."""
    return words.NOTHING if plain.is_missing(value) else words.number(float(value), 0)


def per_cent(value: Any) -> str:
    """A share given in per cent, or a dash."""
    return words.NOTHING if plain.is_missing(value) else words.percent(float(value) / 100, 0)


def areas(rows: pd.DataFrame) -> list[str]:
    """The service area (area_id) of each row, with its name."""
    held = service_map.areas(session.database(), session.actor(), session.now())
    names = held.set_index("area_id")["name"]
    found = []
    for one in rows["area_id"]:
        told = session.say("no_area") if plain.is_missing(one) else str(one)
        area = names.get(one)
        found.append(told if plain.is_missing(area) else f"{one} {area}")
    return found


def group(rank: str) -> PeopleGroup | None:
    """The age group that gaps are told of."""
    return reach_groups.chosen(session.database(), session.actor(), rank)


def group_name(one: PeopleGroup) -> str:
    """What a group of people is called."""
    return naming.measure_code(one.code)


def ranks() -> list[str]:
    """What gaps can be ranked by, those who pay in person first."""
    groups = reach_groups.groups(session.database(), session.actor())
    return [*RANKS, *(one.code for one in groups)]


def ask_rank() -> None:
    """The choice of what gaps are ranked by; it is part of the wish from the next run on."""
    st.selectbox(session.say("reach_rank_by"), ranks(), key=RANK, format_func=_rank_name)


def _rank_name(rank: str) -> str:
    if rank in RANKS:
        return str(session.say(f"reach_rank_{rank}"))
    return naming.measure_code(rank)
