"""The promise map: cells by how their promise stands, open orders as signs on top."""

import hashlib
from typing import Final

import streamlit as st

from app.maps import service_map as maps
from app.maps.legend import LegendRow, legend_html
from app.maps.palette import STATUS
from app.maps.routes import basemap_url
from app.maps.update import CellFilter, HexLabels, HexUpdate, MapUpdate, Place, Scale
from app.use_cases.promise_cells import SHOWN
from app.widgets import map_view, plain, promise_words, session
from app.widgets.promise_scene import MAP, PromiseScene
from grid_cells.promise_clock import KEPT, LEAST_MARGIN_MIN

MOST_SIGNS: Final = 600


def show(scene: PromiseScene) -> None:
    """The map; it keeps its view while orders come and go."""
    lat, lon, zoom = map_view.start()
    built = maps.build_map(
        (lat, lon), zoom - session.is_phone(), basemap_url=basemap_url(session.basemap_path()),
        fill_window=True,
    )  # fmt: skip
    update = MapUpdate(hexes=_hexes(scene), places={"order": _signs(scene)})
    maps.show_map(built, update, key=MAP)


def _hexes(scene: PromiseScene) -> HexUpdate:
    ordered = scene.areas.sort_values("area_index")
    named = zip(ordered["area_id"], ordered["name"], strict=True)
    words = [_word(one, scene) for one in SHOWN]
    wanted = st.session_state.get("promise_areas") or []
    inside = ordered.loc[ordered["area_id"].isin(wanted), "area_index"].tolist() if wanted else None
    return HexUpdate(
        url=f"/promises/cells/{scene.layer}/{_version(scene)}.bin",
        scale=Scale([STATUS[one][0] for one in SHOWN], kind="categories", names=words),
        rollup="max",
        filter=CellFilter(areas=inside),
        areas=[str(code if plain.is_missing(name) else name) for code, name in named],
        labels=HexLabels(
            unknown=session.say("unknown"), no_area=session.say("no_area"),
            cells=session.say("tip_cells"),
            language="zh-CN" if session.language() == "zh" else "en",
        ),
        selected=scene.cell,
    )  # fmt: skip


def _word(state: str, scene: PromiseScene) -> str:
    """A cell's state with its sign; an open order is in time so far, never kept."""
    if scene.layer == "orders" and state == KEPT:
        return f"{STATUS[KEPT][1]} {session.say('promise_so_far')}"
    return promise_words.state(state)


def _version(scene: PromiseScene) -> str:
    """A word that changes with what the file holds, and only then."""
    columns = (
        scene.cells[name].to_numpy().tobytes() for name in ("cell_id", "area_index", "value")
    )
    return hashlib.blake2b(b"".join(columns), digest_size=10).hexdigest()


def _signs(scene: PromiseScene) -> list[Place]:
    placed = scene.orders[scene.orders["lon"].notna()].head(MOST_SIGNS)
    return [
        Place(
            str(row["report_id"]), float(row["lon"]), float(row["lat"]), str(row["report_id"]),
            promise_words.line(row["state"], row["state_left_min"]),
            promise_words.TONES[row["state"]],
        )
        for row in placed.to_dict("records")
    ]  # fmt: skip


def legend(scene: PromiseScene) -> None:
    """What the colours mean, each with its sign and how many cells have it."""
    counts = scene.cells["value"].value_counts()
    rows = [
        LegendRow(STATUS[one][0], _word(one, scene), int(counts.get(place, 0)))
        for place, one in enumerate(SHOWN)
    ]
    missing = int(scene.cells["value"].isna().sum())
    if missing:
        rows.append(LegendRow("", session.say("promise_state_unknown"), missing, is_hatched=True))
    heading = plain.escaped(session.say("promise_legend"))
    counted = plain.escaped(session.say("legend_cells"))
    st.html(
        f'<div class="gc-legend-head"><h4>{heading}</h4><small>{counted}</small></div>'
        f'<div class="gc-legend">{legend_html(rows)}</div>'
    )
    st.caption(session.say(f"promise_legend_{scene.layer}", n=f"{LEAST_MARGIN_MIN:g}"))
    if len(scene.orders) > MOST_SIGNS:
        st.caption(session.say("promise_signs_first", n=MOST_SIGNS, count=len(scene.orders)))
