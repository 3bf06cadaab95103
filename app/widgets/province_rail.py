"""The narrow rail beside the map of a province: what to show, over which days."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

import streamlit as st

from app.maps.legend import legend_html
from app.use_cases import province
from app.use_cases.province import Ground, ProvinceWish
from app.widgets import plain, province_words, session
from app.widgets import words_of as naming
from app.widgets.province_scene import BREAKS, ENOUGH, PAGE, ProvinceScene, unit
from grid_cells.province import FIGURES

_PERIODS: Final = {"last": 1, "week": 7, "month": 30, "year": 365}
_OWN: Final = "days"
_NOWHERE: Final = ("customers", "energy_kwh")


def ask(ground: Ground) -> ProvinceWish | None:
    """The choice as the controls stand; None while only one of two days is chosen."""
    figures: list[str] = [one.code for one in province.figures(session.database(), session.actor())]
    figure = _one("figure", figures, province_words.figure)
    period = _one("period", [*_PERIODS, _OWN], lambda one: session.say(f"province_period_{one}"))
    span = _span(ground, period)
    _tell({"figure": (figure, figures[0]), "period": (period, "last")})
    return None if span is None else ProvinceWish(*span, figure)


def legend(scene: ProvinceScene) -> None:
    """What the colours mean, and what a reader must know of the figures."""
    figure = scene.wish.figure
    told = unit(figure)
    heading = session.say("legend") + (f" ({naming.unit(told)})" if told else "")
    st.html(
        f'<div class="gc-legend-head"><h4>{plain.escaped(heading)}</h4></div>'
        f'<div class="gc-legend">{legend_html(scene.rows)}</div>'
    )
    if FIGURES[figure].is_sum and figure not in BREAKS:
        st.caption(session.say("province_a_cell"))
    st.caption(plain.in_markdown(session.say("province_partly", share=round(100 * ENOUGH))))
    st.caption(plain.in_markdown(session.say("province_together")))
    _nowhere(scene)


def _nowhere(scene: ProvinceScene) -> None:
    """What has no place and so is on no map."""
    first, last = scene.wish.first, scene.wish.last
    found = province.nowhere(session.database(), session.actor(), first, last)
    told = {str(code): float(row["value"]) for code, row in found.iterrows()}
    if told.get("customers"):
        said = {code: province_words.amount(code, told[code]) for code in _NOWHERE}
        st.caption(plain.in_markdown(session.say("province_nowhere", **said)))


def _one(name: str, allowed: list[str], word: Callable[[str], str]) -> str:
    """A control as chosen, else as the address says, else as it starts."""
    key = f"province_{name}"
    asked = st.query_params.get(name)
    if st.session_state.get(key) not in allowed:
        st.session_state[key] = asked if asked in allowed else allowed[0]
    return str(st.selectbox(session.say(f"province_{name}"), allowed, key=key, format_func=word))


def _span(ground: Ground, period: str) -> tuple[date, date] | None:
    first, last = ground.days[0], ground.days[-1]
    if period != _OWN:
        return max(first, last - timedelta(days=_PERIODS[period] - 1)), last
    chosen = st.date_input(
        session.say("province_days"), (first, last), min_value=first, max_value=last,
        key="province_span",
    )  # fmt: skip
    days = list(chosen) if isinstance(chosen, tuple) else []
    if len(days) < 2:  # noqa: PLR2004 - two ends
        st.caption(session.say("province_choose_days"))
        return None
    return days[0], days[1]


def _tell(chosen: dict[str, tuple[str, str]]) -> None:
    """Write the choice into the address; what is as it starts stays out of it."""
    told = {name: one for name, (one, start) in chosen.items() if one not in (start, _OWN)}
    for name in chosen:
        if name in told:
            st.query_params[name] = told[name]
        else:
            st.query_params.pop(name, None)
    session.remember_query(PAGE, {name: [one] for name, one in told.items()})
