"""The drawer of reach: a cell with its best halls, a point with who would lose it, a gap."""

from typing import Any

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import hall_choice, reach_losses
from app.use_cases.asked_places import Question
from app.use_cases.hall_choice import HallChoices, HallWish
from app.use_cases.reach_losses import BranchLoss
from app.use_cases.reach_points import Changes
from app.use_cases.reach_sites import SITE_KINDS
from app.widgets import card, plain, reach_changes, reach_scene, reach_words, session
from app.widgets.reach_scene import ReachOpen, ReachScene


def show(scene: ReachScene) -> None:
    """What is open beside the map, before and after of what is assumed; else nothing."""
    something = reach_scene.is_open(scene) or scene.found.before is not None
    with st.container(key="drawer_open" if something else "drawer_shut", gap="small"):
        if not something:
            return
        if reach_scene.is_open(scene):
            if st.button("✕", key="drawer_close", help=session.say("close"), type="tertiary"):
                reach_scene.open_what(ReachOpen())
                session.again()
            _opened(scene)
        reach_changes.show(scene.found)


def _opened(scene: ReachScene) -> None:
    point, gap = reach_scene.point_row(scene), reach_scene.gap_row(scene)
    if scene.opened.cell is not None:
        _cell(scene, scene.opened.cell)
    elif point is not None:
        _point(scene, point)
    elif gap is not None:
        _gap(scene, gap)


def _cell(scene: ReachScene, cell: str) -> None:
    card.title(session.say("card_cell", cell=cell))
    row = reach_scene.cell_row(scene)
    if row is not None:
        nearest = session.say(f"reach_to_{scene.choice.wish.target}")
        told = [(nearest, card.text(reach_words.minutes(row["minutes"]), strong=True))]
        if row["which"] >= 0:
            point = scene.found.points.iloc[int(row["which"])]
            told.append((session.say("reach_which"), card.text(reach_words.name(point))))
        told += [
            (session.say("reach_points_near"), card.text(int(row["points_near"]))),
            (session.say("reach_operators_near"), card.text(int(row["operators_near"]))),
        ]
        card.rows(told)
        if not reach_changes.is_full():
            _add_here(*(scene.opened.spot or reach_scene.middle(cell)))
    _halls(scene, cell)


def _add_here(lon: float, lat: float) -> None:
    """Assume a machine or a hall at the place that is open."""
    for kind in SITE_KINDS:
        key = "reach_add_here" if kind == "machine" else "reach_add_hall_here"
        st.button(
            session.say(key), key=key, icon=":material/add_location:", width="stretch",
            on_click=reach_changes.add, args=(lon, lat, kind),
        )  # fmt: skip


def _halls(scene: ReachScene, cell: str) -> None:
    """The best halls from there, with what to bring."""
    db, wish = session.database(), scene.choice.wish
    spot = scene.opened.spot or reach_scene.middle(cell)
    changes = Changes(wish.closed, wish.added)
    asked = HallWish(wish.matter, scene.found.at, wish.mode, changes=changes)
    found = hall_choice.nearest(db, session.actor(), Question(at=spot), asked)
    st.html(f"<h4>{plain.escaped(session.say('reach_best_halls'))}</h4>")
    if found.halls.empty:
        card.note(session.say("reach_no_hall"))
    for row in found.halls.to_dict("records"):
        _hall(row)
    _papers(found)


def _hall(row: dict[Any, Any]) -> None:
    state = reach_words.state(row)
    tone: card.Tone = "good" if row["is_open"] is True else "risk"
    way = session.say("reach_way", minutes=words.number(row["travel_min"], 0))
    door = row["door_min"] >= 1
    shut = session.say("reach_door", minutes=words.number(row["door_min"], 0)) if door else ""
    card.rows(
        [
            (reach_words.name(row), card.joined(card.badge(state, tone), card.quiet(way))),
            (session.say("reach_wait"), card.joined(_wait(row), card.quiet(shut))),
        ]
    )


def _wait(row: dict[Any, Any]) -> str:
    """The wait and how it is known; an unknown one is said, never told as none."""
    if plain.is_missing(row["wait_min"]):
        return card.badge(session.say("reach_wait_unknown"), "risk")
    told = session.say("reach_way", minutes=words.number(row["wait_min"], 0))
    return card.joined(
        card.text(told, strong=True), card.quiet(session.say(f"reach_by_{row['wait_source']}"))
    )


def _papers(found: HallChoices) -> None:
    if not found.matter:
        return
    if found.is_online:
        card.note(session.say("reach_online"))
    if not found.papers:
        card.note(session.say("reach_no_papers"))
        return
    st.html(f"<h4>{plain.escaped(session.say('reach_papers'))}</h4>")
    rows = "".join(f"<li>{plain.escaped(session.say(f'paper_{one}'))}</li>" for one in found.papers)
    st.html(f"<ul>{rows}</ul>")


def _point(scene: ReachScene, row: "pd.Series[Any]") -> None:
    card.title(reach_words.name(row), reach_words.kind(row))
    opens = row["opens"]
    card.rows(
        [
            (session.say("reach_state"), card.text(reach_words.state(row), strong=True)),
            (session.say("reach_operator"), card.text(reach_words.operator(row))),
            (session.say("reach_opens"), card.text(opens)),
        ]
    )
    point = str(row["point_id"])
    closed, _ = reach_changes.held()
    if row["is_assumed"] or point in closed:
        st.button(
            session.say("reach_drop"), key="reach_drop_open", on_click=reach_changes.drop,
            args=(point,),
        )  # fmt: skip
    elif row["is_there"]:
        if scene.choice.wish.target == "pay":
            mode = scene.choice.wish.mode
            loss(reach_losses.if_closed(session.database(), session.actor(), point, mode))
        if not reach_changes.is_full():
            st.button(
                session.say("reach_close_it"), key="reach_close_it", icon=":material/block:",
                on_click=reach_changes.close, args=(point,),
            )  # fmt: skip


def loss(found: BranchLoss) -> None:
    """Who loses reach by a closed point."""
    st.html(f"<h4>{plain.escaped(session.say('reach_if_closed'))}</h4>")
    if not len(found.loss.cells):
        card.note(session.say("reach_nobody_loses"))
        return
    if found.is_few:
        card.note(session.say("reach_few"))
        return
    lost = found.loss
    before, after = (reach_words.minutes(one) for one in (lost.before_min, lost.after_min))
    left = words.shown(list(lost.operators_left), session.language()) or words.NOTHING
    card.rows(
        [
            (session.say("reach_customers"), _strong(lost.customers)),
            (session.say("reach_elderly"), card.text(reach_words.per_cent(lost.elderly))),
            (session.say("reach_payers"), card.text(reach_words.count(lost.payers))),
            (session.say("reach_minutes"), card.joined(card.quiet(before), "→", _bold(after))),
            (session.say("reach_operators_left"), card.text(left)),
        ]
    )  # fmt: skip


def _gap(scene: ReachScene, row: "pd.Series[Any]") -> None:
    where = reach_words.areas(pd.DataFrame([row]))[0]
    limit = session.say("reach_limit_min", n=scene.choice.wish.limit)
    card.title(session.say("reach_gap"), f"{where} · {limit}")
    if row["is_few"]:
        card.note(session.say("reach_few"))
        return
    card.rows(
        [
            (session.say("reach_customers"), _strong(row["customers"])),
            (session.say("reach_payers"), card.text(reach_words.count(row["payers"]))),
            *_of_group(scene, row),
            (session.say("reach_mean"), card.text(reach_words.minutes(row["minutes"]))),
            (session.say("reach_unreached"), card.text(reach_words.count(row["unreached"]))),
        ]
    )  # fmt: skip


def _of_group(scene: ReachScene, row: "pd.Series[Any]") -> list[card.Row]:
    """The age group's people in a gap, with their share where that is known."""
    group = reach_words.group(scene.choice.wish.rank)
    if group is None:
        return []
    told = [card.text(reach_words.count(row["group_people"]))]
    if group.is_share:
        told.append(card.quiet(reach_words.per_cent(row["group_share"])))
    return [(reach_words.group_name(group), card.joined(*told))]


def _strong(people: Any) -> str:
    return _bold(reach_words.count(people))


def _bold(told: str) -> str:
    return card.text(told, strong=True)
