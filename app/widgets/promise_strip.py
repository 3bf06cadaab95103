"""The strip above the promise map: the day so far, each figure with its change since yesterday."""

from typing import Final

import streamlit as st

from app import language as words
from app.use_cases import promises
from app.use_cases.promises import PromiseFigure
from app.widgets import figures, plain, promise_scene, session
from app.widgets import words_of as naming

_SHOWS: Final[dict[str, tuple[str, ...]]] = {
    "open": (), "risk": ("risk",), "broken": ("broken",), "longest": (),
}  # fmt: skip
"""The orders behind a figure; averages have none among the open ones."""
_BETTER_UP: Final = "kept"


def show() -> None:
    """Six figures; a click on one shows the orders behind it."""
    with st.container(key="figures", horizontal=True, gap=None):
        for figure in promises.figures(session.database(), session.actor()):
            _one(figure)


def _one(figure: PromiseFigure) -> None:
    label = session.say(f"promise_figure_{figure.code}")
    with st.container(key=f"figure_{figure.code}", gap=None):
        st.html(figures.block(label, f"{_value(figure)}{_change(figure)}"))
        if figure.code in _SHOWS:
            st.button(
                session.say("figure_open", figure=label), key=f"open_figure_{figure.code}",
                type="tertiary", on_click=promise_scene.only, args=(_SHOWS[figure.code],),
            )  # fmt: skip


def _value(figure: PromiseFigure) -> str:
    if figure.value is None:
        return words.NOTHING
    unit = "" if figure.unit == "1" else f"&nbsp;{plain.escaped(naming.unit(figure.unit))}"
    return f"{words.number(figure.value, 0)}{unit}"


def _change(figure: PromiseFigure) -> str:
    if figure.change is None or not round(figure.change):
        return ""
    is_worse = (figure.change > 0) != (figure.code == _BETTER_UP)
    arrow = "▲" if figure.change > 0 else "▼"
    hint = plain.escaped(session.say("since_yesterday"))
    tone = "gc-worse" if is_worse else ""
    return (
        f'<em class="{tone}" title="{hint}">{arrow}&nbsp;{words.number(abs(figure.change), 0)}</em>'
    )
