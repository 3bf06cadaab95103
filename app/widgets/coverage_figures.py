"""Coverage in figures: the strip, the gaps in their order, customers out of reach hour by hour."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import coverage_views
from app.use_cases.coverage import Figures
from app.widgets import (
    coverage_drawer,
    coverage_gaps,
    coverage_scene,
    coverage_wish,
    empty,
    figures,
    session,
)
from app.widgets.coverage_scene import CoverageScene

_STRIP: Final = (15.0, 30.0, 45.0)
_VIEWS: Final = ("gaps", "day", "week")
_DAYS: Final = {"day": 1, "week": 7}
_ROWS: Final = "coverage_rows_table"
_ORDER: Final = "coverage_rows_order"
_TALLEST_PX: Final = 420


def strip(scene: CoverageScene) -> None:
    """Customers reached and not, each beside the moment compared with, or what posts make of it."""
    found = scene.found
    shown = found.after or found.figures
    other = found.figures if found.after else found.before
    blocks = [_reached(limit, shown, other) for limit in _STRIP]
    limit = coverage_wish.limit_word(scene.wish.limit)
    beyond = session.say("coverage_beyond_of", limit=limit)
    blocks.append(figures.block(beyond, words.number(shown.beyond, 0), _important(shown, other)))
    single = _against(other.single if other else None)
    blocks.append(
        figures.block(session.say("coverage_single"), words.number(shown.single, 0), single)
    )
    posts = len(scene.wish.posts) if found.after else 0
    under = session.say("coverage_on_shift", count=shown.on_shift)
    more = session.say("coverage_and_posts", count=posts) if posts else ""
    blocks.append(
        figures.block(
            session.say("coverage_crews"), words.number(found.figures.crews, 0),
            " · ".join(one for one in (under, more) if one),
        )
    )  # fmt: skip
    with st.container(key="strip_coverage"):
        st.html(f'<div class="gc-strip">{"".join(blocks)}</div>')


def _reached(limit: float, shown: Figures, other: Figures | None) -> str:
    value = shown.reached[limit]
    share = words.percent(value / shown.customers, 1) if shown.customers else words.NOTHING
    was = _against(other.reached[limit] if other else None)
    under = " · ".join(one for one in (share, was) if one)
    return figures.block(
        session.say("coverage_within", n=f"{limit:g}"), words.number(value, 0), under
    )


def _against(value: float | None) -> str:
    if value is None:
        return ""
    return session.say("coverage_was", value=words.number(value, 0))


def _important(shown: Figures, other: Figures | None) -> str:
    told = [_against(other.beyond if other else None)]
    if shown.important is not None:
        told.append(session.say("coverage_important_in", count=shown.important))
    return " · ".join(one for one in told if one)


def below(scene: CoverageScene) -> None:
    """One table or chart under the map: gaps, or customers out of reach by hour."""
    with st.container(key="coverage_rows"):
        view = st.segmented_control(
            session.say("coverage_below"), _VIEWS, default=_VIEWS[0], key="coverage_below",
            format_func=lambda one: session.say(f"coverage_below_{one}"),
            label_visibility="collapsed", required=True,
        )  # fmt: skip
        if view in _DAYS:
            _hours(scene, _DAYS[view])
        else:
            _gaps(scene)
        _notes(scene)


def _gaps(scene: CoverageScene) -> None:
    gaps = scene.found.gaps
    if gaps.empty:
        limit = coverage_wish.limit_word(scene.wish.limit)
        empty.hint(session.say("coverage_no_gaps", limit=limit))
        return
    st.session_state[_ORDER] = [int(one) for one in gaps["cell_id"]]
    st.dataframe(
        _worded(scene, gaps), hide_index=True, height=min(_TALLEST_PX, 38 + 35 * len(gaps)),
        key=_ROWS, on_select=_pick, selection_mode="single-row",
    )  # fmt: skip


def _pick() -> None:
    chosen: Any = st.session_state[_ROWS]
    picked, order = chosen["selection"]["rows"], st.session_state[_ORDER]
    if picked and picked[0] < len(order):
        coverage_scene.open_gap(order[picked[0]])


def _worded(scene: CoverageScene, gaps: pd.DataFrame) -> pd.DataFrame:
    language = session.language()
    table = {
        session.say("coverage_rank"): list(range(1, len(gaps) + 1)),
        session.say("coverage_customers"): [
            coverage_drawer.people(row) for row in gaps.to_dict("records")
        ],
    }
    if scene.found.figures.important is not None:
        table[session.say("coverage_important")] = [int(one) for one in gaps["important"]]
    table[session.say("coverage_mean")] = [words.minutes(one, language) for one in gaps["minutes"]]
    if scene.wish.against:
        was = [words.minutes(one, language) for one in gaps["before_min"]]
        table[coverage_drawer.before_word(scene)] = was
        new = [words.NOTHING if one != one else words.number(one, 0) for one in gaps["new"]]  # noqa: PLR0124
        table[session.say("coverage_new")] = new
    table[session.say("coverage_cause")] = [
        session.say(f"coverage_cause_{one}") for one in gaps["cause"]
    ]
    table[session.say("coverage_gap_cells")] = [int(one) for one in gaps["cells"]]
    table[session.say("coverage_where")] = coverage_gaps.places(gaps)
    return pd.DataFrame(table)


def _hours(scene: CoverageScene, days: int) -> None:
    with st.spinner(session.say("coverage_working")):
        rows = coverage_views.hours(session.database(), session.actor(), scene.choice.wish, days)
    name = session.say("coverage_hour_beyond")
    at = rows["at"].map(lambda one: one.astimezone(session.zone()).replace(tzinfo=None))
    told = pd.DataFrame({name: rows["beyond"].to_numpy()}, index=pd.DatetimeIndex(at))
    hour = session.say("coverage_hour")
    st.bar_chart(told, x_label=hour, y_label=name, color="#8b1e1e", height=220)
    few, many = int(rows["crews"].min()), int(rows["crews"].max())
    worst = rows.iloc[int(rows["beyond"].to_numpy().argmax())]
    st.caption(
        session.say(
            "coverage_hours_about", few=few, many=many, beyond=worst["beyond"],
            time=session.moment(worst["at"].to_pydatetime()),
        )
    )  # fmt: skip


def _notes(scene: CoverageScene) -> None:
    if scene.found.unplaced:
        st.caption(session.say("coverage_unplaced", count=scene.found.unplaced))
    if scene.wish.free_only and not scene.found.knows_orders:
        st.caption(session.say("coverage_orders_unknown"))
