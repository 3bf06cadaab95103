"""How the promise was kept over days: shares by day, and averages beside breaches by place."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, cast

import pandas as pd
import streamlit as st

from app.use_cases import access, promise_history, reference, service_map
from app.use_cases.export import Form
from app.use_cases.promise_history import BYS, By, History
from app.widgets import empty, errors, export_menu, plain, promise_words, session
from app.widgets import words_of as naming
from grid_cells.cells import cells_to_hex

_PERIODS: Final = {"week": 7, "month": 30, "quarter": 91, "year": 365}
_COLUMNS: Final = (
    "calls", "kept", "broken", "share_kept", "average_min", "average_whole_min", "longest_min",
    "late_whole", "restore_broken", "restore_average_min", "restore_share_kept",
)  # fmt: skip
_HEIGHT: Final = 460
_COLOURS: Final = ("#1d5fa8", "#9a6300", "#5e3c99", "#6b7577")
_FORMS: Final = ("csv", "xlsx", "parquet")


def show() -> None:
    """The choice of days and places, the chart, the table, the file."""
    with st.container(key="promise_wish", horizontal=True, gap="small"):
        period = st.selectbox(
            session.say("promise_period"), list(_PERIODS), index=1, key="promise_period",
            format_func=lambda one: session.say(f"promise_period_{one}"),
        )  # fmt: skip
        by = st.selectbox(
            session.say("promise_by"), BYS, index=1, key="promise_by",
            format_func=lambda one: session.say(f"promise_by_{one}"),
        )  # fmt: skip
    last = session.now().astimezone(session.zone()).date()
    first = last - timedelta(days=_PERIODS[period] - 1)
    found = promise_history.history(session.database(), session.actor(), first, last, by)
    if found.table.empty:
        empty.hint(session.say("promise_history_none"))
        return
    _days(found)
    height = min(_HEIGHT, 75 + 35 * len(found.table))
    st.dataframe(_worded(found, by), hide_index=True, height=height)
    st.caption(session.say("promise_history_rule"))
    if found.hidden:
        st.caption(session.say("promise_history_hidden", count=found.hidden))
    _sources()
    _export((first, last, by))


def _days(found: History) -> None:
    day, share = session.say("promise_history_day"), session.say("promise_history_share")
    decided = found.days[found.days["share_kept"].notna()]
    if decided.empty:
        return
    st.html(f"<h4>{plain.escaped(session.say('promise_history_days'))}</h4>")
    classes = decided["place"].map(promise_words.of_promise)
    table = decided.assign(cls=classes, share=100 * decided["share_kept"])
    wide = table.pivot_table(index="day", columns="cls", values="share")
    wide.index = pd.to_datetime(wide.index)
    colours: list[Any] = list(_COLOURS[: len(wide.columns)])
    st.scatter_chart(wide, x_label=day, y_label=share, color=colours, height=220)


def _worded(found: History, by: By) -> pd.DataFrame:
    """Everybody first, then the places with the most breaches."""
    table = found.table.sort_values(["broken", "calls"], ascending=False)
    names = [session.say("promise_all"), *_names(table.index.to_series(), by)]
    rows = pd.concat([found.whole, table], ignore_index=True)
    shown: dict[str, object] = {_capital(session.say(f"promise_by_{by}")): names}
    for name in _COLUMNS:
        is_share = name.endswith("share_kept")
        digits = 1 if is_share or name.endswith("_min") else 0
        scaled = rows[name] * (100 if is_share else 1)
        shown[session.say(f"promise_history_{name}")] = scaled.round(digits)
    return pd.DataFrame(shown)


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _names(places: pd.Series, by: By) -> list[str]:
    nowhere = session.say("promise_nowhere")
    known: dict[object, object] = {}
    if by == "area":
        areas = service_map.areas(session.database(), session.actor(), session.now())
        known = dict(zip(areas["area_id"], areas["name"], strict=True))
    found = []
    for one in places:
        if plain.is_missing(one):
            found.append(nowhere)
        elif by == "class":
            found.append(promise_words.of_promise(one))
        elif by == "cell":
            found.append(str(cells_to_hex([int(str(one))])[0]))
        elif by == "hour":
            found.append(f"{int(str(one)):02d}:00")
        else:
            name = known.get(one)
            found.append(str(one) if plain.is_missing(name) else f"{one} {name}")
    return found


def _sources() -> None:
    """The rows that the promises were taken from, each with source and date."""
    with st.expander(session.say("promise_sources")):
        for name, told in _TOLD.items():
            rows = reference.table(name)
            spoken = {session.say(f"promise_of_{one}"): rows[one].map(say) for one, say in told}
            sources = rows["source"]
            if session.language() == "zh" and "source_zh" in rows:
                sources = rows["source_zh"].fillna(sources)
            spoken[session.say("promise_of_source")] = sources
            spoken[session.say("promise_of_as_of")] = rows["as_of"].astype("str")
            st.dataframe(pd.DataFrame(spoken), hide_index=True)


_CLASS: Final = ("promise_class", promise_words.of_promise)
_TOLD: Final[dict[str, tuple[tuple[str, Callable[[Any], Any]], ...]]] = {
    "service_promises": (_CLASS, ("arrive_min", int)),
    "restore_promises": (
        _CLASS, ("fault_level", lambda one: session.say(f"fault_class_{one}")),
        ("restore_min", int), ("counts_from", lambda one: session.say(f"promise_from_{one}")),
    ),
    "stop_reasons": (
        ("reason", lambda one: naming.said(f"stop_{one}", one)),
        ("for_all_calls", lambda one: session.say("yes" if bool(one) else "no")),
    ),
}  # fmt: skip
"""Which columns of each table are shown, and how their values are said."""


def _export(wish: tuple[object, object, By]) -> None:
    if not access.may(session.actor(), "export_data"):
        return
    with st.popover(session.say("export"), icon=":material/download:"):
        form = cast("Form", st.radio(session.say("export_form"), _FORMS, key="promise_form"))
        purpose = export_menu.ask_purpose("promise_purpose")
        if not st.button(session.say("export_make"), key="promise_export", disabled=not purpose):
            return
        with errors.kindly():
            first, last, by = wish
            content, name = promise_history.export_history(
                session.database(), session.actor(), first=first, last=last, by=by, form=form,  # type: ignore[arg-type]
                purpose=purpose,
            )  # fmt: skip
            st.download_button(
                session.say("export_save", file=name), content, file_name=name, on_click="ignore",
                type="primary", key="promise_save",
            )  # fmt: skip
