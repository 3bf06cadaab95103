"""Which reliability is wanted: which days, index, places and standard, and what counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, cast

import streamlit as st

from app.use_cases.reliability import PLACES, Place, ReliabilityWish
from app.use_cases.reliability_places import INDICES, Index
from app.use_cases.reliability_rules import STANDARDS, Standard
from app.widgets import session

PAGE: Final = "reliability"
_PERIODS: Final = {"month": 30, "quarter": 91, "year": 365}
_DAYS: Final = "days"
_BY: Final = tuple(one for one in PLACES if one != "company")
_LISTS: Final[dict[str, tuple[Sequence[str], str]]] = {
    "period": ((*_PERIODS, _DAYS), "quarter"), "index": (INDICES, "saidi"), "by": (_BY, "area"),
    "standard": (STANDARDS, "ieee_1366"),
}  # fmt: skip
_TOGGLES: Final = ("planned", "major")


@dataclass(frozen=True)
class ReliabilityChoice:
    """The wish, and the index that colours the map."""

    wish: ReliabilityWish
    index: Index


def ask() -> ReliabilityChoice | None:
    """The choice as the controls stand; None while only one of two days is chosen."""
    _restore()
    chosen = {"period": _listed("period")}
    span = _span(chosen["period"])
    chosen |= {name: _listed(name) for name in ("index", "by", "standard")}
    for name in _TOGGLES:
        st.toggle(session.say(f"reliability_{name}"), key=_key(name))
    counts = [bool(st.session_state[_key(name)]) for name in _TOGGLES]
    _tell_address(chosen, counts)
    if span is None:
        st.caption(session.say("reliability_choose_days"))
        return None
    by, standard = cast("Place", chosen["by"]), cast("Standard", chosen["standard"])
    wish = ReliabilityWish(*span, by, standard, has_planned=counts[0], has_major=counts[1])
    return ReliabilityChoice(wish, cast("Index", chosen["index"]))


def _key(name: str) -> str:
    return f"reliability_{name}"


def _restore() -> None:
    """As chosen, else as the address says, else as it starts."""
    for name, (allowed, start) in _LISTS.items():
        asked = st.query_params.get(name)
        st.session_state.setdefault(_key(name), asked if asked in allowed else start)
    for name in _TOGGLES:
        st.session_state.setdefault(_key(name), st.query_params.get(name) != "0")


def _tell_address(chosen: dict[str, str], counts: list[bool]) -> None:
    """Write the choice into the address; what is as it starts stays out of it."""
    told = {name: one for name, one in chosen.items() if one != _LISTS[name][1] and one != _DAYS}
    told |= {name: "0" for name, is_on in zip(_TOGGLES, counts, strict=True) if not is_on}
    for name in (*_LISTS, *_TOGGLES):
        if name in told:
            st.query_params[name] = told[name]
        else:
            st.query_params.pop(name, None)
    session.remember_query(PAGE, {name: [value] for name, value in told.items()})


def _listed(name: str) -> str:
    def word(one: str) -> Any:
        if name in {"by", "period"}:
            return session.say(f"reliability_{name}_{one}")
        return session.say(f"reliability_on_{one}" if name == "index" else f"reliability_{one}")

    return str(
        st.selectbox(
            session.say(f"reliability_{name}"), _LISTS[name][0], key=_key(name), format_func=word
        )
    )


def _span(period: str) -> tuple[date, date] | None:
    today = session.now().astimezone(session.zone()).date()
    if period != _DAYS:
        return today - timedelta(days=_PERIODS[period] - 1), today
    chosen = st.date_input(
        session.say("reliability_days"), (today - timedelta(days=6), today), max_value=today,
        key="reliability_span",
    )  # fmt: skip
    days = list(chosen) if isinstance(chosen, tuple) else []
    return (days[0], days[-1]) if len(days) > 1 else None
