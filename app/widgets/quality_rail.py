"""The narrow rail beside the map of data quality; what is chosen stands in the address."""

from collections.abc import Callable, Sequence
from typing import Final, cast

import streamlit as st

from app.use_cases import reading_figures
from app.use_cases.reading_figures import BYS, FIGURES, By, CellWish, Figure
from app.widgets import quality_words, session
from app.widgets.page_parts import PARAM
from app.widgets.quality_scene import PAGE, QualityChoice

_ALL: Final = ""
_LISTED: Final = tuple(one for one in BYS if one != "cell")


def ask() -> QualityChoice:
    """The choice as the controls stand."""
    db, actor = session.database(), session.actor()
    figure = _one("figure", FIGURES, quality_words.figure)
    makers = [_ALL, *reading_figures.makers(db, actor)]
    maker = _one("maker", makers, lambda one: one or session.say("quality_maker_all"))
    level = reading_figures.level(db, actor)
    sizes = [str(n) for n in range(level, level - reading_figures.COARSER - 1, -1)]
    size = _one("resolution", sizes, quality_words.size)
    by = _one("by", _LISTED, quality_words.by, is_drawn=False)
    _tell({"figure": figure, "maker": maker, "resolution": size, "by": by}, sizes[0])
    wish = CellWish(cast("Figure", figure), maker or None, int(size))
    return QualityChoice(wish, cast("By", by))


def key(name: str) -> str:
    """The session's key of a control."""
    return f"quality_{name}"


def _one(
    name: str, allowed: Sequence[str], word: Callable[[str], str], *, is_drawn: bool = True
) -> str:
    """A control as chosen, else as the address says, else as it starts."""
    asked = st.query_params.get(name)
    start = {"by": "terminal"}.get(name, allowed[0])
    if st.session_state.get(key(name)) not in allowed:
        st.session_state[key(name)] = asked if asked in allowed else start
    if is_drawn:
        st.selectbox(
            session.say(f"quality_{name}"), allowed, key=key(name),
            format_func=word,
        )  # fmt: skip
    return str(st.session_state[key(name)])


def _tell(chosen: dict[str, str], finest: str) -> None:
    """Write the choice into the address; what is as it starts stays out of it."""
    starts = {"figure": FIGURES[0], "maker": _ALL, "resolution": finest, "by": "terminal"}
    told = {name: one for name, one in chosen.items() if one != starts[name]}
    for name in chosen:
        if name in told:
            st.query_params[name] = told[name]
        else:
            st.query_params.pop(name, None)
    beside = {PARAM: [st.query_params.get(PARAM, "map")]}
    session.remember_query(PAGE, beside | {name: [one] for name, one in told.items()})
