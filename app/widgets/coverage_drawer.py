"""The drawer of coverage: one gap with what it is for, one cell, or the posts proposed."""

from typing import Any

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import access
from app.widgets import (
    card,
    coverage_gaps,
    coverage_posts,
    coverage_scene,
    coverage_wish,
    links,
    plain,
    session,
)
from app.widgets.coverage_scene import CoverageScene


def show(scene: CoverageScene) -> None:
    """What is open beside the map; nothing while nothing is."""
    is_open = scene.cell is not None or scene.gap is not None or scene.sites is not None
    with st.container(key="drawer_open" if is_open else "drawer_shut", gap="small"):
        if not is_open:
            return
        if st.button("✕", key="drawer_close", help=session.say("close"), type="tertiary"):
            _close(scene)
            session.again()
        if scene.cell is not None:
            _cell(scene)
        elif scene.gap is not None:
            _gap(scene, scene.found.gaps.iloc[scene.gap])
        elif scene.sites is not None:
            coverage_posts.show(scene.sites)


def _close(scene: CoverageScene) -> None:
    """Close the cell or gap, else let the posts go."""
    if scene.cell is None and scene.gap is None:
        coverage_posts.forget()
    coverage_scene.open_cell(None)


def _gap(scene: CoverageScene, row: "pd.Series[Any]") -> None:
    rank = 1 + int(scene.gap or 0)
    limit = coverage_wish.limit_word(scene.wish.limit)
    where = coverage_gaps.places(scene.found.gaps)[rank - 1]
    card.title(session.say("coverage_gap", rank=rank), f"{where} · {limit}")
    card.note(session.say(f"coverage_cause_{row['cause']}"))
    figures = scene.found.figures
    told = [
        (session.say("coverage_customers"), card.text(people(row), strong=True)),
        (session.say("coverage_mean"), minutes(row["minutes"])),
    ]
    if figures.important is not None:
        told.append((session.say("coverage_important"), card.text(int(row["important"]))))
    if not plain.is_missing(row["before_min"]):
        told.append((before_word(scene), minutes(row["before_min"])))
        told.append((session.say("coverage_new"), card.text(_count(row["new"]))))
    if row["unreached"] and not plain.is_missing(row["unreached"]):
        told.append((session.say("coverage_unreached"), card.text(_count(row["unreached"]))))
    told.append((session.say("coverage_gap_cells"), card.text(int(row["cells"]))))
    card.rows(told)


def before_word(scene: CoverageScene) -> str:
    """What the column of the moment compared with is called."""
    return session.say(
        "coverage_before", what=session.say(f"coverage_against_{scene.wish.against}")
    )


def people(row: Any) -> str:
    """Customers of a gap, or that they are few."""
    return session.say("coverage_few") if row["is_few"] else _count(row["customers"])


def minutes(value: Any) -> str:
    """HTML of minutes; words where nobody gets there."""
    if plain.is_missing(value):
        return card.text(session.say("coverage_unreached"))
    return card.text(words.minutes(float(value), session.language()))


def _count(value: Any) -> str:
    return words.NOTHING if plain.is_missing(value) else words.number(float(value), 0)


def _cell(scene: CoverageScene) -> None:
    card.title(session.say("card_cell", cell=scene.cell))
    row = coverage_scene.of_cell(scene)
    if row is None:
        card.note(session.say("coverage_nothing_here"))
        return
    crew = None if plain.is_missing(row["crew_id"]) else str(row["crew_id"])
    name = scene.choice.choices.crews.get(crew or "", crew)
    told = [
        (session.say("coverage_layer_minutes"), minutes(row["minutes"])),
        (session.say("coverage_nearest"), card.text(name or session.say("coverage_beyond_sight"))),
        (session.say("coverage_layer_second"), minutes(row["second"])),
        (session.say("coverage_layer_depth"), card.text(int(row["depth"]))),
        (session.say("coverage_limit"), _limit(row["limit_min"])),
    ]
    if scene.wish.against:
        told.append((before_word(scene), minutes(row["before"])))
    if scene.wish.posts:
        told.append((session.say("coverage_layer_posts"), minutes(row["posts"])))
    card.rows(told)
    if row["gap"] >= 0 and st.button(session.say("coverage_open_gap"), key="coverage_cell_gap"):
        coverage_scene.open_gap(int(row["cell_id"]))
        session.again()
    if access.may(session.actor(), "see_map"):
        link = {"page": "service_map", "cell": scene.cell, "measure": "crew_min"}
        links.show(link, session.say("promise_cell_map"), icon=":material/hive:")


def _limit(value: Any) -> str:
    if plain.is_missing(value):
        return card.text(session.say("coverage_no_promise"))
    return card.text(words.minutes(float(value), session.language()))
