"""The part "devices" of the page of halls: who stands too long, what is broken, what is silent."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import access, hall_devices
from app.widgets import (
    empty,
    errors,
    figures,
    hall_devices_charts,
    hall_devices_deeds,
    halls_scene,
    plain,
    promise_words,
    session,
)
from app.widgets import halls_words as wording

_WIDE: Final = ("state", "fault", "since")
_WIDE_PX: Final = 165
SIGNS: Final = {"faulty": "✕", "unknown": "?", "ok": "✓", "spare": "–", "retired": "·"}


def show(board: pd.DataFrame) -> None:
    """The part "devices"."""
    hall = halls_scene.choose(board, "devices", every=True)
    every = hall_devices.devices(session.database(), session.actor())
    if every.empty:
        empty.hint(session.say("devices_none"))
        return
    table = every if hall is None else every[every["hall_id"] == hall].reset_index(drop=True)
    if table.empty:
        empty.hint(session.say("devices_none_here"))
        return
    _standing(table)
    _strip(table)
    wide = {
        session.say(f"devices_column_{one}"): st.column_config.Column(width=_WIDE_PX)
        for one in _WIDE
    }
    st.dataframe(_rows(table), hide_index=True, column_config=wide)
    _old_content(table)
    with errors.kindly():
        if access.may(session.actor(), "tally_visits"):
            hall_devices_deeds.faults(table)
        if access.may(session.actor(), "run_halls"):
            hall_devices_deeds.places(table, board)
    hall_devices_charts.availability()
    hall_devices_charts.effect()


def kind(code: Any) -> str:
    """The word for a kind of device."""
    return session.say(f"value_kind_{code}")


def _standing(table: pd.DataFrame) -> None:
    """Somebody stands at a screen longer than usual: help is wanted there."""
    for row in table.dropna(subset=["standing_min"]).to_dict("records"):
        told = session.say(
            "devices_standing", device=row["device_id"], kind=kind(row["kind"]),
            hall=row["hall"], minutes=wording.minutes(row["standing_min"]),
        )  # fmt: skip
        st.html(f'<p class="gc-problem" role="alert">△ {plain.escaped(told)}</p>')


def _strip(table: pd.DataFrame) -> None:
    counts = table["state"].value_counts()
    told = [(code, int(counts.get(code, 0))) for code in ("faulty", "unknown", "ok", "spare")]
    told.append(("old_content", int(table["content"].eq("outdated").sum())))
    blocks = "".join(
        figures.block(session.say(f"devices_figure_{code}"), words.number(count, 0), "")
        for code, count in told
    )
    st.html(f'<div class="gc-strip">{blocks}</div>')


def _rows(table: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "state": [f"{SIGNS[one]} {session.say(f'device_state_{one}')}" for one in table["state"]],
        "device": table["device_id"], "hall": table["hall"],
        "kind": [kind(one) for one in table["kind"]],
        "fault": [_fault(one) for one in table["fault"]],
        "since": [_moment(one) for one in table["faulted_at"]],
        "seen": [_moment(one) for one in table["seen_at"]],
        "model": table[["maker", "model"]].fillna("").agg(" ".join, axis=1).str.strip(),
        "age": table["age_years"].round(1), "content": [_content(r) for r in _records(table)],
    }  # fmt: skip
    return pd.DataFrame({session.say(f"devices_column_{c}"): held for c, held in columns.items()})


def _records(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return table[["content", "content_version"]].to_dict("records")


def _moment(at: Any) -> str:
    return words.NOTHING if pd.isna(at) else promise_words.moment(at)


def _fault(code: Any) -> str:
    """The word for a fault; a machine's own code shows itself."""
    if pd.isna(code):
        return ""
    known = f"device_fault_{code}"
    return session.say(known) if words.knows(known, session.language()) else str(code)


def _content(row: dict[Any, Any]) -> str:
    if pd.isna(row["content"]):
        return ""
    version = words.NOTHING if pd.isna(row["content_version"]) else str(row["content_version"])
    if row["content"] == "outdated":
        return session.say("devices_content_outdated", version=version)
    return version


def _old_content(table: pd.DataFrame) -> None:
    old = table[table["content"].eq("outdated") & table["status"].eq("in_use")]
    if old.empty:
        return
    lines = "".join(f"<li>{plain.escaped(_old_line(row))}</li>" for row in old.to_dict("records"))
    st.html(f"<h4>{plain.escaped(session.say('devices_old'))}</h4><ul>{lines}</ul>")


def _old_line(row: dict[Any, Any]) -> str:
    return session.say(
        "devices_old_line", device=row["device_id"], hall=row["hall"],
        version=row["content_version"],
    )  # fmt: skip
