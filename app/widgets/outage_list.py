"""The outages of the moment as rows, and those that are over: a row opens its story."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.widgets import choice_list, empty, outage_choice, plain, session, tabs
from app.widgets import words_of as naming
from app.widgets.outage_choice import LIVE, PLANNED
from app.widgets.outage_scene import Scene
from grid_cells import outage_board
from grid_cells import outage_film as rules

_A_PAGE: Final = 100
_WEEKS_FROM_DAYS: Final = 7
_PAGE: Final = "outages_closed_page"
_HEIGHT: Final = 420


def show(scene: Scene) -> None:
    """The open ones, or those announced; beside them those that ended in the period."""
    with st.container(key="outage_list"):
        if scene.choice.when == PLANNED:
            _announced(scene)
            return
        now, over = tabs.show("outages_tab", ("outages_tab_open", "outages_tab_closed"))
        with now:
            _open(scene)
        with over:
            _closed(scene)


def _open(scene: Scene) -> None:
    rows = scene.rows
    if rows.empty:
        said = "live" if scene.choice.when == LIVE else "past"
        empty.hint(session.say(f"outages_none_{said}", at=scene.choice.moment))
        return
    st.caption(session.say("outages_shown", count=len(rows), at=scene.choice.moment))
    table = {
        "outage_id": rows["outage_id"], "since": _local(rows["started_at"]),
        "customers": rows["customers"], "kind": _worded("kind", rows["kind"]),
        "cause": rows["cause"], "estimate": _local(rows["estimate"]),
        "left": _all_left(rows["left_min"]),
        "area": rows["area"], "unit": rows["unit"], "news": _local(rows["news_at"]),
        "important": rows["marked"],
    }  # fmt: skip
    lines = _lines(rows, _under)
    _choose(table, rows["outage_id"], lines, "outages_open_rows")


def _announced(scene: Scene) -> None:
    rows = scene.rows
    if rows.empty:
        empty.hint(session.say("outages_none_planned"))
        return
    st.caption(session.say("outages_announced", count=len(rows)))
    table = {
        "outage_id": rows["outage_id"], "begins": _local(rows["started_at"]),
        "ends": _local(rows["ended_at"]), "customers": rows["customers"],
        "kind": _worded("kind", rows["kind"]), "status": _worded("status", rows["status"]),
        "cause": rows["cause"], "area": rows["area"], "unit": rows["unit"],
        "important": rows["marked"],
    }  # fmt: skip
    lines = _lines(rows, lambda row: session.moment(row["started_at"]))
    _choose(table, rows["outage_id"], lines, "outages_planned_rows")


def _closed(scene: Scene) -> None:
    rows = outage_board.closed(scene.wanted, scene.choice.period.first)
    if not outage_board.has_status(scene.choice.wish, "ended"):
        rows = rows.head(0)
    rows = rows[rows["ended_at"] <= pd.Timestamp(scene.choice.moment)]
    if rows.empty:
        empty.hint(session.say("outages_none_closed"))
        return
    st.caption(session.say("outages_closed_shown", count=len(rows)))
    pages = -(-len(rows) // _A_PAGE)
    page = min(int(st.session_state.get(_PAGE, 1)), pages)
    if pages > 1:
        page = int(
            st.number_input(session.say("outages_page", pages=pages), 1, pages, page, key=_PAGE)
        )
    held = rows.iloc[(page - 1) * _A_PAGE : page * _A_PAGE]
    table = {
        "outage_id": held["outage_id"], "since": _local(held["started_at"]),
        "until": _local(held["ended_at"]),
        "length": [words.minutes(one, session.language()) for one in held["out_min"]],
        "customers": held["customers"], "kind": _worded("kind", held["kind"]),
        "cause": held["cause"], "area": held["area"], "unit": held["unit"],
    }  # fmt: skip
    lines = _lines(held, _until)
    _choose(table, held["outage_id"], lines, "outages_closed_rows")
    _weeks(scene)


def _weeks(scene: Scene) -> None:
    """Customer hours by week, where the period is long enough for weeks to tell."""
    period = scene.choice.period
    if (period.last - period.first).days < _WEEKS_FROM_DAYS:
        return
    zone = session.zone()
    hours = rules.customer_hours(
        scene.spans, period.first.astimezone(zone), period.last.astimezone(zone)
    )
    week, name = session.say("outages_week"), session.say("outages_customer_hours")
    told = hours.groupby("week")["customer_hours"].sum().round().astype("int64").reset_index()
    table = told.rename(columns={"week": week, "customer_hours": name})
    with st.expander(session.say("outages_weeks")):
        st.dataframe(table, hide_index=True, width="content")


def _choose(
    table: dict[str, Any], ids: pd.Series, lines: Sequence[tuple[str, str]], key: str
) -> None:
    """A click on a row opens its outage; the drawer's cross lets go of it."""
    shown = pd.DataFrame(
        {
            name: column.reset_index(drop=True) if isinstance(column, pd.Series) else list(column)
            for name, column in table.items()
        }
    )
    if not shown.get("important", pd.Series([0])).any():
        shown = shown.drop(columns="important", errors="ignore")
    names = {name: session.say(f"outages_column_{name}") for name in shown.columns}
    moments = [
        names[one] for one in shown.columns if isinstance(shown[one].dtype, pd.DatetimeTZDtype)
    ]
    config = {
        one: st.column_config.DatetimeColumn(
            one, format="D MMM HH:mm", timezone=str(session.zone())
        )
        for one in moments
    }
    place = choice_list.choose(
        shown.rename(columns=names), list(ids), lines, key=key, config=config
    )
    chosen = None if place is None else str(ids.iloc[place])
    if chosen is not None and st.session_state.get(f"{key}_chosen") != chosen:
        outage_choice.open_outage(chosen)
        st.session_state[f"{key}_chosen"] = chosen
        session.again()
    st.session_state[f"{key}_chosen"] = chosen


def _lines(rows: pd.DataFrame, under: Callable[[dict[Any, Any]], str]) -> list[tuple[str, str]]:
    """Title and text of the rows that a phone shows; a desk shows the table."""
    if not session.is_phone():
        return []
    shown = rows.head(choice_list.MOST_LINES).to_dict("records")
    lines = [(_title(row), under(row)) for row in shown]
    return lines + [("", "")] * (len(rows) - len(lines))


def _local(moments: pd.Series) -> pd.Series:
    local: pd.Series = moments.dt.tz_convert(str(session.zone()))
    return local


def _worded(column: str, codes: pd.Series) -> pd.Series:
    known = {code: naming.value(column, code) for code in codes.unique()}
    return codes.map(known)


def _all_left(minutes: pd.Series) -> list[str]:
    """The countdown to each estimate; many share one, so that each is worded once."""
    language = session.language()
    worded = {one: _left(one, language) for one in minutes.dropna().unique()}
    none = session.say("outages_no_estimate")
    return [worded.get(one, none) for one in minutes]


def _left(minutes: float, language: str) -> str:
    """The countdown to the estimate, or how long it is past."""
    if plain.is_missing(minutes):
        return words.say("outages_no_estimate", language)
    time = words.minutes(abs(minutes), language)
    return words.say("outages_overdue" if minutes < 0 else "outages_in", language, time=time)


def _title(row: dict[Any, Any]) -> str:
    kind = naming.value("kind", row["kind"])
    return session.say("outages_line", outage=row["outage_id"], kind=kind, n=row["customers"])


def _under(row: dict[Any, Any]) -> str:
    since = session.say("outages_since", time=_moment(row["started_at"]))
    left = _left(row["left_min"], session.language())
    parts = [since, left, row["cause"], row["area"]]
    return " · ".join(str(one) for one in parts if not plain.is_missing(one))


def _until(row: dict[Any, Any]) -> str:
    length = words.minutes(row["out_min"], session.language())
    return f"{_moment(row['started_at'])} – {_moment(row['ended_at'])} · {length}"


def _moment(value: Any) -> str:
    moment: datetime = value.to_pydatetime()
    return session.moment(moment)
