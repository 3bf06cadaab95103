"""The figures above the map of outages, with their change in an hour; a click lists the rows."""

from typing import Final

import streamlit as st

from app import language as words
from app.widgets import outage_choice, outage_scene, plain, session
from app.widgets.outage_choice import PLANNED
from app.widgets.outage_scene import Scene
from grid_cells.outage_board import ONLY

_FIGURES: Final = (
    "customers_out", "outages_open", "important_out", "overdue", "silent", "longest_min",
)  # fmt: skip
_ONLY: Final = {"important_out": ONLY[0], "overdue": ONLY[1], "silent": ONLY[2]}


def show(scene: Scene) -> None:
    """Six figures; of announced work, what is announced."""
    if scene.choice.when == PLANNED:
        return _ahead(scene)
    now, before = outage_scene.figures(scene)
    with st.container(key="figures", horizontal=True, gap=None):
        for code in _FIGURES:
            value = _minutes(now[code]) if code == "longest_min" else words.number(now[code], 0)
            _one(code, value, _change(code, now[code] - before[code]), scene)
    return None


def _one(code: str, value: str, change: str, scene: Scene) -> None:
    label = session.say(f"outages_figure_{code}")
    with st.container(key=f"figure_{code}", gap=None):
        st.html(
            f'<div class="gc-figure"><div><b>{plain.escaped(value)}</b>{change}</div>'
            f"<span>{plain.escaped(label)}</span></div>"
        )
        hint = session.say("figure_open", figure=label)
        wanted = _ONLY.get(code)
        if wanted is not None:
            st.button(
                hint, key=f"open_figure_{code}", type="tertiary", on_click=outage_choice.only,
                args=(wanted,),
            )  # fmt: skip
        elif code == "longest_min" and len(scene.rows):
            longest = str(scene.rows.sort_values("out_min")["outage_id"].iloc[-1])
            st.button(
                hint, key=f"open_figure_{code}", type="tertiary",
                on_click=outage_choice.open_outage, args=(longest,),
            )  # fmt: skip
        else:
            st.button(
                hint, key=f"open_figure_{code}", type="tertiary", on_click=outage_choice.reset
            )


def _change(code: str, change: float) -> str:
    if not change or code == "longest_min":
        return ""
    arrow, tone = ("▲", "gc-worse") if change > 0 else ("▼", "")
    hint = plain.escaped(session.say("outages_since_hour"))
    number = words.number(abs(change), 0)
    return f'<em class="{tone}" title="{hint}">{arrow}&nbsp;{number}</em>'


def _minutes(value: float) -> str:
    return words.minutes(value, session.language()) if value else words.NOTHING


def _ahead(scene: Scene) -> None:
    rows = scene.rows
    told = {
        "announced": len(rows), "announced_customers": rows["customers"].sum(),
        "announced_important": rows["marked"].sum(),
        "proposed": rows["status"].isin(["proposed", "approved"]).sum(),
    }  # fmt: skip
    with st.container(key="figures", horizontal=True, gap=None):
        for code, value in told.items():
            label = plain.escaped(session.say(f"outages_figure_{code}"))
            with st.container(key=f"figure_{code}", gap=None):
                st.html(
                    f'<div class="gc-figure"><div><b>{words.number(float(value), 0)}</b></div>'
                    f"<span>{label}</span></div>"
                )
