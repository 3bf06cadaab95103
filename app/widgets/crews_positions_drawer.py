"""The drawer beside the map of crews: one crew, and its track for who may see it."""

from typing import Any

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import access, crew_positions
from app.widgets import card, crews_positions_scene, links, plain, promise_words, session
from app.widgets import crews_positions_words as wording
from app.widgets.crews_positions_scene import CrewScene


def show(scene: CrewScene) -> None:
    """The open crew, else nothing."""
    with st.container(key="drawer_open" if scene.crew else "drawer_shut", gap="small"):
        if scene.crew is None:
            return
        if st.button("✕", key="drawer_close", help=session.say("close"), type="tertiary"):
            crews_positions_scene.open_crew(None)
            session.again()
        row = scene.everybody.loc[scene.crew].to_dict()
        card.title(wording.name(scene.crew, row), str(row["unit_id"] or ""))
        st.html(f"<p>{wording.badge(row)}</p>")
        card.rows(_facts(row))
        if row["over"]:
            st.html(f'<p class="gc-problem">△ {plain.escaped(_over(row))}</p>')
        _order(row)
        _track(scene)


def _order(row: dict[Any, Any]) -> None:
    """The way to the crew's order, else to its call where no order was made of it."""
    for page, name, right in (
        ("orders", "order_id", "see_orders"), ("promises", "busy_with", "see_promises"),
    ):  # fmt: skip
        if not plain.is_missing(row[name]) and access.may(session.actor(), right):
            link = {"page": page, "order": str(row[name])}
            links.show(link, session.say("crews_open_order"), icon=":material/assignment:")
            return


def _facts(row: dict[Any, Any]) -> list[card.Row]:
    vague = words.NOTHING if pd.isna(row["accuracy_m"]) else f"±{row['accuracy_m']:.0f} m"
    exact = promise_words.moment(row["seen_at"])
    known = [one for one in (row["order_id"], row["busy_with"]) if not plain.is_missing(one)]
    busy = str(known[0]) if known else words.NOTHING
    pairs = [
        ("crews_since", card.text(promise_words.moment(row["since"]))),
        ("crews_last_seen", card.joined(card.text(wording.seen(row)), card.quiet(exact))),
        ("crews_accuracy", card.text(vague)),
        ("crews_busy", card.text(busy)),
        ("crews_hours", card.text(_hours(row), strong=True)),
        ("crews_skills", card.text(row["skills"])),
    ]
    return [(session.say(code), content) for code, content in pairs]


def _hours(row: dict[Any, Any]) -> str:
    if pd.isna(row[1]):
        return words.NOTHING
    return session.say(
        "crews_hours_told", day=words.number(row[1], 1), week=words.number(row[7], 0),
        month=words.number(row[30], 0),
    )  # fmt: skip


def _over(row: dict[Any, Any]) -> str:
    days = int(row["over"])
    return session.say("crews_over", hours=words.number(row[days], 0), days=days)


def _track(scene: CrewScene) -> None:
    """The way of today, shown when asked for: whoever looks at another's is on record."""
    days = crew_positions.kept_days(session.database())
    if not scene.may_track:
        card.note(session.say("crews_track_not_yours", days=days))
        return
    if scene.track is None:
        st.button(
            session.say("crews_track_show"), key="crews_track_show", width="stretch",
            icon=":material/route:", on_click=crews_positions_scene.ask_track, args=(scene.crew,),
        )  # fmt: skip
        card.note(session.say("crews_track_recorded", days=days))
        return
    if scene.track.empty:
        card.note(session.say("crews_track_none"))
    else:
        first, last = scene.track["seen_at"].iloc[0], scene.track["seen_at"].iloc[-1]
        told = session.say(
            "crews_track_told", count=len(scene.track), first=promise_words.moment(first),
            last=promise_words.moment(last),
        )  # fmt: skip
        card.note(told)
    st.button(
        session.say("crews_track_hide"), key="crews_track_hide", width="stretch",
        on_click=crews_positions_scene.ask_track, args=(None,),
    )  # fmt: skip
