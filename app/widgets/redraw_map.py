"""The map on which a plan is drawn: its cells in the colours of their areas, the tools on top."""

from typing import Final

import streamlit as st

from app.maps import service_map as maps
from app.maps.palette import plan_colour
from app.maps.redraw_update import WORDS, AreaChoice, RedrawUpdate
from app.maps.routes import basemap_url
from app.maps.update import HexLabels, HexUpdate, MapUpdate, Scale
from app.use_cases import access, drafts, strokes
from app.use_cases.drafts import DraftArea
from app.use_cases.plan_life import PlanRow
from app.widgets import map_news, map_view, session, what_if
from grid_cells.cells import cells_to_hex
from grid_cells.plan_life import DRAFT

KEY: Final = map_news.KEY
_OPENED: Final = "redraw_opened"


def show(plan: PlanRow) -> None:
    """The plan on the map; a person who may draw it paints, others look."""
    db, actor = session.database(), session.actor()
    map_news.hear(plan.plan_id)
    areas = drafts.areas(db, actor, plan.plan_id)
    lat, lon, zoom = map_view.start()
    built = maps.build_map(
        (lat, lon),
        zoom - session.is_phone(),
        basemap_url=basemap_url(session.basemap_path()),
        fill_window=True,
        redraw=True,
    )
    update = MapUpdate(
        hexes=_hexes(plan, areas), redraw=_redraw(plan, areas), places=what_if.signs(plan)
    )
    maps.show_map(built, update, key=KEY)


def _hexes(plan: PlanRow, areas: list[DraftArea]) -> HexUpdate:
    names, colours = _by_index(areas)
    return HexUpdate(
        url=_address(plan.plan_id),
        scale=Scale(colours, kind="areas"),
        areas=names,
        labels=HexLabels(
            unit=session.say("counted_customers"),
            unknown=session.say("unknown"),
            no_area=session.say("no_area"),
            cells=session.say("tip_cells"),
            language="zh-CN" if session.language() == "zh" else "en",
            digits=0,
        ),
        rollup="sum",
        selected=None if (spot := map_news.spot(plan.plan_id)) is None else spot.cell,
    )


def _by_index(areas: list[DraftArea]) -> tuple[list[str], list[str]]:
    """Names and colours at their areas' numbers; numbers out of sight stay empty."""
    size = max((one.index for one in areas), default=-1) + 1
    names, colours = [""] * size, [plan_colour(0)] * max(size, 1)
    for one in areas:
        names[one.index] = one.area.name
        colours[one.index] = plan_colour(one.colour)
    return names, colours


def _address(plan_id: int) -> str:
    """Constant while the plan is open, so that its cells are fetched once."""
    opened = st.session_state.get(_OPENED)
    if opened is None or opened[0] != plan_id:
        seq = drafts.seq(session.database(), session.actor(), plan_id)
        opened = st.session_state[_OPENED] = (plan_id, seq)
    return f"/plans/{plan_id}/cells/{opened[1]}.bin"


def _redraw(plan: PlanRow, areas: list[DraftArea]) -> RedrawUpdate:
    db, actor = session.database(), session.actor()
    cells = drafts.cells(db, actor, plan.plan_id)
    seq = drafts.seq(db, actor, plan.plan_id)
    now = strokes.since(db, actor, plan.plan_id, seq)
    mixed = cells.loc[cells["is_mixed"], "cell_id"].to_numpy(dtype="int64")
    return RedrawUpdate(
        plan=str(plan.plan_id),
        actor=actor.id,
        seq=now.seq,
        areas=[
            AreaChoice(
                one.index, one.area.area_id, one.area.name, plan_colour(one.colour),
                one.area.is_locked, one.is_mine, one.area.is_deleted,
            )
            for one in areas
        ],
        words={word: session.say(f"redraw_{word}") for word in WORDS},
        can_edit=plan.stage == DRAFT and access.may(actor, "draw_plans"),
        language=session.language(),
        locked=[str(one) for one in cells_to_hex(now.locked or [])],
        mixed=[str(one) for one in cells_to_hex(mixed)],
        undo=now.undo,
        redo=now.redo,
        selection_done=map_news.done_number(),
        by_cells=plan.basis == "cell",
    )  # fmt: skip
