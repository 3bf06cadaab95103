"""The review queue: filters that stand in the address, rows of which one is opened."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import reading_figures, reading_reviews
from app.use_cases.reading_reviews import QueueWish
from app.widgets import choice_list, empty, figures, review_words, session
from app.widgets.page_parts import PARAM
from app.widgets.quality_scene import PAGE
from grid_cells.reading_quality import FINDINGS
from grid_cells.reading_reviews import STATES

OPEN: Final = "review_open"
CHANGES: Final = "review_changes"
"""How many deeds of this session changed a review."""
_HELD: Final = "review_list_held"
_ALL: Final = ""
_MOST: Final = 300
_START: Final = {"state": "entered"}


def show() -> None:
    """Counts by state, three filters, the reviews."""
    db, actor = session.database(), session.actor()
    counts = reading_reviews.counted(db, actor)
    pairs = [(review_words.state(one), float(counts.get(one, 0))) for one in STATES[:-1]]
    figures.plain_strip([(name, int(value)) for name, value in pairs], key="reviews")
    wish = _ask()
    rows = _looked_at(wish, counts)
    if rows.empty:
        st.session_state[OPEN] = None
        empty.hint(session.say("review_none" if counts else "review_empty"))
        return
    if len(rows) > _MOST:
        st.caption(session.say("review_first", n=_MOST, count=len(rows)))
    _choose(rows.head(_MOST))


def _looked_at(wish: QueueWish, counts: dict[str, int]) -> pd.DataFrame:
    """The list; each look is on record once, not each run; asked for anew once states move."""
    db, actor = session.database(), session.actor()
    changes, today = st.session_state.get(CHANGES, 0), session.now().date()
    key = (wish, actor.id, db.seen_as, changes, today, tuple(sorted(counts.items())))
    held: tuple[Any, pd.DataFrame] | None = st.session_state.get(_HELD)
    if held is None or held[0] != key:
        st.session_state[_HELD] = held = (key, reading_reviews.queue(db, actor, wish))
    return held[1]


def _ask() -> QueueWish:
    db, actor = session.database(), session.actor()
    makers = reading_figures.makers(db, actor)
    with st.container(key="review_filters", horizontal=True):
        state = _one("state", [*STATES, _ALL], review_words.state)
        finding = _one("finding", [_ALL, *FINDINGS, "doubt"], review_words.finding)
        maker = _one("maker", [_ALL, *makers], str)
    told = {"state": state, "finding": finding, "maker": maker}
    told = {name: one for name, one in told.items() if one != _START.get(name, _ALL)}
    for name in ("state", "finding", "maker"):
        if name in told:
            st.query_params[name] = told[name] or "all"
        else:
            st.query_params.pop(name, None)
    beside = {PARAM: ["queue"]} | {name: [one or "all"] for name, one in told.items()}
    session.remember_query(PAGE, beside)
    return QueueWish(state or None, finding or None, maker or None)


def _one(name: str, allowed: Sequence[str], word: Any) -> str:
    """A filter as chosen, else as the address says, else as it starts."""
    key, asked = f"review_{name}", st.query_params.get(name)
    asked = _ALL if asked == "all" else asked
    if st.session_state.get(key) not in allowed:
        st.session_state[key] = asked if asked in allowed else _START.get(name, _ALL)
    chosen = st.selectbox(
        session.say(f"review_filter_{name}"), allowed, key=key, width=220,
        format_func=lambda one: word(one) if one else session.say("review_filter_all"),
    )  # fmt: skip
    return str(chosen)


def _choose(rows: pd.DataFrame) -> None:
    held = rows.to_dict("records")
    table = pd.DataFrame(
        {
            "days": [review_words.span(row) for row in held],  # type: ignore[arg-type]
            "finding": [review_words.finding(str(one)) for one in rows["finding"]],
            "meter": rows["meter_id"], "transformer": rows["transformer_id"],
            "maker": rows["maker"],
            "original": [_kwh(one) for one in rows["original_kwh"]],
            "usual": [_kwh(one) for one in rows["usual_kwh"]],
            "state": [review_words.state(str(one)) for one in rows["state"]],
        }
    )  # fmt: skip
    table = table.rename(columns={one: session.say(f"review_column_{one}") for one in table})
    lines = [
        (f"{review_words.finding(str(row['finding']))} · {review_words.span(row)}",  # type: ignore[arg-type]
         f"{row['meter_id']} · {review_words.state(str(row['state']))}")
        for row in held
    ]  # fmt: skip
    ids = [int(one) for one in rows["review_id"]]
    place = choice_list.choose(table, ids, lines, key="review_rows")
    st.session_state[OPEN] = None if place is None else ids[place]


def _kwh(value: Any) -> str:
    return words.NOTHING if pd.isna(value) else review_words.kwh(value)
