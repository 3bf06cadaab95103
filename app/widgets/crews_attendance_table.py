"""Attendance of a day: planned against real hours, late and early, a bar of where the time went."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.widgets import card, empty, plain, session
from grid_cells.attendance import PLACES

_COLOURS: Final = {
    "base": "#1d5fa8", "site": "#7a4f00", "own": "#4d8f6b", "elsewhere": "#8c5a8c",
    "unknown": "#c9d0cb",
}  # fmt: skip
_HEAD: Final = ("crew", "planned", "duty", "kept", "places")
_LEAST_MIN: Final = 5.0
"""A few minutes early or late are nobody's business."""
_TOLD_MIN: Final = 3.0
_A_QUARTER: Final = 15.0
_A_DAY_MIN: Final = 24 * 60


def show(found: pd.DataFrame) -> None:
    """A row for each crew that was to work or did; the others are counted."""
    idle = (found["planned_min"] == 0) & (found["duty_min"] == 0)
    shown = found[~idle]
    if shown.empty:
        empty.hint(session.say("attendance_nobody"))
        return
    is_told = bool(shown[list(PLACES)].notna().to_numpy().any())
    if is_told:
        st.html(_key())
    head = "".join(f"<th>{plain.escaped(session.say(f'attendance_{one}'))}</th>" for one in _HEAD)
    rows = "".join(_row(row) for row in shown.to_dict("records"))
    st.html(
        f'<table class="gc-attendance"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    )
    if not is_told:
        st.caption(session.say("attendance_places_hidden"))
    if idle.any():
        st.caption(session.say("attendance_idle", count=int(idle.sum())))


def _row(row: dict[Any, Any]) -> str:
    name = "" if plain.is_missing(row["name"]) else f"<small>{plain.escaped(row['name'])}</small>"
    cells = (
        f"<b>{plain.escaped(row['crew_id'])}</b> {name}", _hours(row["planned_min"]),
        _duty(row), _kept(row), _bar(row),
    )  # fmt: skip
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _hours(minutes: float) -> str:
    return plain.escaped(session.say("attendance_h", n=words.number(minutes / 60, 1)))


def _duty(row: dict[Any, Any]) -> str:
    outside = row["outside_min"]
    more = session.say("attendance_outside", n=words.number(outside / 60, 1))
    return card.joined(_hours(row["duty_min"]), card.quiet(more) if outside >= _A_QUARTER else "")


def _kept(row: dict[Any, Any]) -> str:
    """Late, early, not come, forgotten; nothing where the shift was kept."""
    parts = []
    if not row["duty_min"] and row["late_min"] >= _LEAST_MIN:
        parts.append(card.badge(session.say("attendance_absent"), "broken"))
    else:
        for name in ("late", "early"):
            minutes = row[f"{name}_min"]
            if not pd.isna(minutes) and minutes >= _LEAST_MIN:
                said = session.say(f"attendance_{name}", n=round(minutes))
                parts.append(card.badge(said, "risk"))
    if row["is_forgotten"]:
        parts.append(card.badge(session.say("attendance_forgotten"), "risk"))
    return card.joined(*parts)


def _bar(row: dict[Any, Any]) -> str:
    """Minutes by sort of place as parts of a bar as long as the day."""
    if pd.isna(row["unknown"]) or not row["duty_min"]:
        return ""
    parts, told = [], []
    for kind in PLACES:
        if float(row[kind]) <= 0:
            continue
        wide = 100 * float(row[kind]) / _A_DAY_MIN
        parts.append(f'<div style="width:{wide:.2f}%;background:{_COLOURS[kind]}"></div>')
        if float(row[kind]) < _TOLD_MIN:
            continue
        told.append(f"{session.say(f'attendance_place_{kind}')} {_plain_hours(row[kind])}")
    said = plain.escaped(" · ".join(told))
    bar = f'<div class="gc-places" role="img" aria-label="{said}">{"".join(parts)}</div>'
    return f"{bar}<small>{said}</small>"


def _plain_hours(minutes: float) -> str:
    return session.say("attendance_h", n=words.number(minutes / 60, 1))


def _key() -> str:
    items = "".join(
        f'<li><i style="background:{_COLOURS[one]}"></i>'
        f"{plain.escaped(session.say(f'attendance_place_{one}'))}</li>"
        for one in PLACES
    )
    return f'<ul class="gc-places-key">{items}</ul>'
