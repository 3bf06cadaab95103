"""The strip of figures above a map: each with its change, each opening what lies behind it."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from app import language as words
from app.use_cases.measures import Measure
from app.use_cases.service_map import Figure
from app.widgets import links, map_choice, plain, session
from app.widgets import words_of as naming

_COUNTS: Final = ("", "1")
_WORSE_UP: Final = ("customers_out", "outages_open", "highest_load")
_WHOLE: Final = 1000


def show(figures: Sequence[Figure], measures: Sequence[Measure], *, on_map: bool = False) -> None:
    """The figures side by side, each with its measure's note; a click opens the rows behind one."""
    notes = {measure.code: measure.note for measure in measures}
    if not figures:
        return
    with st.container(key="figures", horizontal=True, gap=None):
        for figure in figures:
            _one(figure, notes.get(figure.link.get("measure", "")), on_map=on_map)


def _one(figure: Figure, note: str | None, *, on_map: bool) -> None:
    label = session.say(f"figure_{figure.code}")
    how = "" if note is None else _how(session.say(note))
    with st.container(key=f"figure_{figure.code}", gap=None):
        st.html(
            f'<div class="gc-figure"><div><b>{_value(figure)}</b>{_change(figure)}</div>'
            f"<span>{plain.escaped(label)}</span>"
            f"{how}</div>"
        )
        if figure.link:
            hint = session.say("figure_open", figure=label)
            if (
                st.button(
                    hint,
                    key=f"open_figure_{figure.code}",
                    type="tertiary",
                    on_click=map_choice.aim,
                    args=(figure.link,),
                )
                and not on_map
            ):
                links.follow(figure.link)


def _how(note: str) -> str:
    return f'<small title="{plain.escaped(note)}">{plain.escaped(note)}</small>'


def _value(figure: Figure) -> str:
    if figure.value is None:
        return plain.escaped(None)
    unit = "" if figure.unit in _COUNTS else f"&nbsp;{plain.escaped(naming.unit(figure.unit))}"
    return f"{_number(figure.value)}{unit}"


def _change(figure: Figure) -> str:
    if figure.change is None or not round(figure.change, 1):
        return ""
    arrow = "▲" if figure.change > 0 else "▼"
    tone = "gc-worse" if figure.code in _WORSE_UP and figure.change > 0 else ""
    hint = plain.escaped(session.say("since_yesterday"))
    return f'<em class="{tone}" title="{hint}">{arrow}&nbsp;{_number(abs(figure.change))}</em>'


def _number(value: float) -> str:
    return words.number(value, 0 if float(value).is_integer() or abs(value) >= _WHOLE else 1)


def block(label: str, value_html: str, small: str = "") -> str:
    """A figure of a strip as HTML over its word, with smaller words under it."""
    under = f"<small>{plain.escaped(small)}</small>" if small else ""
    return (
        f'<div class="gc-figure"><div><b>{value_html}</b></div>'
        f"<span>{plain.escaped(label)}</span>{under}</div>"
    )


def plain_strip(pairs: Sequence[tuple[str, float]], *, key: str) -> None:
    """Counts side by side, each under its word."""
    blocks = "".join(block(label, plain.escaped(value)) for label, value in pairs)
    with st.container(key=f"strip_{key}"):
        st.html(f'<div class="gc-strip">{blocks}</div>')
