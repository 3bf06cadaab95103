"""The strip above the comparison: who moves, which areas come and go, old figures and new."""

from collections.abc import Mapping

import streamlit as st

from app import language as words
from app.use_cases import plan_diff
from app.use_cases.plan_diff import Difference
from app.widgets import figures, plain, session
from app.widgets import words_of as naming
from app.widgets.compare_choice import Pair
from grid_cells.plan_diff import HIDDEN


def difference(chosen: Pair) -> Difference:
    """How the chosen plan differs from the other, asked once while neither changes."""
    return plan_diff.compare(
        session.database(), session.actor(), chosen.plan.plan_id, chosen.other.plan_id
    )


def named(names: Mapping[str, str], area_id: object) -> str:
    """An area's name, with words for none and for those out of sight."""
    if plain.is_missing(area_id):
        return session.say("no_area")
    is_hidden = area_id == HIDDEN
    return session.say("compare_hidden") if is_hidden else names.get(str(area_id), str(area_id))


def strip(found: Difference) -> None:
    """Six figures; where nothing changes, one sentence that says so."""
    with st.container(key="strip_compare"):
        if found.is_same:
            st.info(session.say("compare_same"), icon=":material/check:")
            return
        moved = words.number(found.moved_customers, 0)
        blocks = [
            _block(session.say("plan_figure_customers_moved"), moved, _by_use(found)),
            _block(session.say("compare_cells"), words.number(len(found.cells), 0)),
            _block(session.say("compare_gone"), str(len(found.gone)), _named(found, found.gone)),
            _block(session.say("compare_new"), str(len(found.new)), _named(found, found.new)),
            _block(session.say("draft_deviation"), _deviation(found)),
            _block(session.say("plan_figure_hours"), _hours(found)),
        ]
        st.html(f'<div class="gc-strip">{"".join(blocks)}</div>')


def _block(label: str, value: str, small: str = "") -> str:
    return figures.block(label, plain.escaped(value), small)


def _by_use(found: Difference) -> str:
    told = []
    for row in found.use_types.to_dict("records"):
        use, count = row["use_type"], row["customers"]
        word = session.say("unknown") if plain.is_missing(use) else naming.value("use_type", use)
        few = session.say("compare_few")
        told.append(f"{word} {few if plain.is_missing(count) else words.number(count, 0)}")
    return " · ".join(told)


_NAMED = 3


def _named(found: Difference, area_ids: list[str]) -> str:
    told = [named(found.names, one) for one in area_ids[:_NAMED]]
    return ", ".join([*told, "…"] if len(area_ids) > _NAMED else told)


def _deviation(found: Difference) -> str:
    old, new = (
        "—" if side.areas.empty else words.percent(side.largest_deviation)
        for side in (found.old, found.new_areas)
    )
    return f"{old} → {new}"


def _hours(found: Difference) -> str:
    old, new = (words.number(side.hours, 0) for side in (found.old, found.new_areas))
    return f"{old} → {new}"
