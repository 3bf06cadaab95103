"""Rows of which one can be chosen: a table on the desk, lines to tap on a phone."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from app.widgets import plain, session

MOST_LINES: Final = 40
Line = tuple[str, str]


def choose(
    table: pd.DataFrame,
    ids: Sequence[Any],
    lines: Sequence[Line],
    *,
    key: str,
    config: dict[str, Any] | None = None,
) -> int | None:
    """The place of the row chosen, None while none is; a choice goes with its row's id.

    ids: what each row is, in the table's order; lines: title and text of each row on a phone.
    """
    if session.is_phone():
        return _tapped(list(ids), lines, key)
    _follow(key, list(ids))
    state = st.dataframe(
        table,
        hide_index=True,
        column_config=config,
        on_select="rerun",
        selection_mode="single-row",
        key=key,
    )
    rows = state.selection.rows
    return int(rows[0]) if rows and rows[0] < len(ids) else None


def _follow(key: str, ids: list[Any]) -> None:
    """Move the selection to where its row stands now; let go of it where the row is gone."""
    before = st.session_state.get(f"{key}_drawn", ids)
    st.session_state[f"{key}_drawn"] = ids
    held = st.session_state.get(key)
    if held is None or before == ids:
        return
    chosen = [before[place] for place in held["selection"]["rows"] if place < len(before)]
    rows = [ids.index(one) for one in chosen if one in ids]
    st.session_state[key] = {"selection": {"rows": rows, "columns": []}}


def _tapped(ids: list[Any], lines: Sequence[Line], key: str) -> int | None:
    chosen = st.session_state.get(f"{key}_tapped")
    if chosen in ids:
        place = ids.index(chosen)
        st.button(
            session.say("choice_back"), icon=":material/arrow_back:", key=f"{key}_back",
            on_click=_tap, args=(key, None),
        )  # fmt: skip
        st.html(line(*lines[place]))
        return place
    with st.container(key=f"choices_{key}", gap=None):
        for place, (title, under) in enumerate(lines[:MOST_LINES]):
            st.button(
                f"**{plain.in_markdown(title)}**  \n{plain.in_markdown(under)}",
                key=f"{key}_tap_{place}",
                type="tertiary",
                width="stretch",
                on_click=_tap,
                args=(key, ids[place]),
            )
    if len(ids) > MOST_LINES:
        st.caption(session.say("search_more", n=len(ids) - MOST_LINES))
    return None


def _tap(key: str, chosen: Any) -> None:
    st.session_state[f"{key}_tapped"] = chosen


def line(title: str, under: str, *, above: str = "") -> str:
    """HTML of one row as a line: what it says, over what goes with it."""
    first = f"<small>{plain.escaped(above)}</small>" if above else ""
    return (
        f'<div class="gc-line">{first}<p>{plain.escaped(title)}</p>'
        f"<small>{plain.escaped(under)}</small></div>"
    )
