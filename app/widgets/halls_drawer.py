"""The drawer beside the map of halls: how the open hall stands, where its visitors could go."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import halls
from app.widgets import card, halls_scene, links, plain, session
from app.widgets import halls_words as wording
from app.widgets.halls_scene import HallScene

_MOST: Final = 5


def show(scene: HallScene) -> None:
    """The open hall, else nothing."""
    with st.container(key="drawer_open" if scene.hall else "drawer_shut", gap="small"):
        if scene.hall is None:
            return
        if st.button("✕", key="drawer_close", help=session.say("close"), type="tertiary"):
            halls_scene.open_hall(None)
            session.again()
        row = scene.board.loc[scene.hall].to_dict()
        card.title(str(row["name"]), wording.until(row))
        st.html(f"<p>{wording.badge(row)}</p>")
        card.rows(_facts(scene.hall, row))
        _alternatives(scene.hall, row)
        links.show(
            {"page": "halls", "part": "day", "hall": scene.hall}, session.say("halls_see_day"),
            icon=":material/bar_chart:",
        )  # fmt: skip


def _facts(hall: str, row: dict[Any, Any]) -> list[card.Row]:
    share = halls.uncounted(session.database(), session.actor(), hall)
    again = halls.repeats(session.database(), session.actor(), hall).papers_share
    staff = wording.count(row["staff"])
    pairs = [
        ("halls_wait", card.text(wording.wait(row), strong=True)),
        ("halls_waiting", card.text(wording.count(row["waiting"]))),
        ("halls_staff", card.text(session.say("halls_staff_of", staff=staff,
                                              counters=wording.count(row["counters"])))),
        ("halls_uncounted", card.text(_percent(share))),
        ("halls_again", card.text(_percent(again))),
    ]  # fmt: skip
    return [(session.say(code), content) for code, content in pairs]


def _percent(share: float) -> str:
    return words.NOTHING if pd.isna(share) else words.percent(share, 0)


def _alternatives(hall: str, row: dict[Any, Any]) -> None:
    """The other halls by way and wait: of a full one, where its visitors could go."""
    if row["state"] == "closed":
        return
    found = halls.alternatives(session.database(), session.actor(), hall).head(_MOST)
    if found.empty:
        return
    code = "halls_go" if row["state"] in ("full", "busy") else "halls_near"
    lines = "".join(f"<li>{_line(one)}</li>" for one in found.to_dict("records"))
    st.html(f'<h4>{plain.escaped(session.say(code))}</h4><ol class="gc-halls-go">{lines}</ol>')


def _line(one: dict[Any, Any]) -> str:
    told = session.say(
        "halls_go_line",
        way=wording.minutes(one["travel_min"]),
        wait=wording.minutes(one["wait_min"]),
    )
    usual = ""
    if one["source"] in ("usual", "hall_hours"):
        usual = " · " + session.say(f"halls_source_{one['source']}")
    return f"<b>{plain.escaped(one['name'])}</b><span>{plain.escaped(told + usual)}</span>"
