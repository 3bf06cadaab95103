"""The strip above the board: what waits, what breaks, who is free."""

import streamlit as st

from app.widgets import figures, session
from app.widgets.dispatch_scene import DispatchScene
from grid_cells.dispatch_timeline import SUGGESTED


def show(scene: DispatchScene) -> None:
    """Six figures of the moment."""
    board = scene.board
    waiting, crews = board.waiting, board.crews
    here = crews[crews["is_on_shift"].astype(bool)]
    held = board.bars[board.bars["kind"] != SUGGESTED]
    late = int(held["is_late"].astype(bool).sum()) if len(held) else 0
    pairs = [
        ("waiting", int((~waiting["is_in_pool"].astype(bool)).sum())),
        ("pool", int(waiting["is_in_pool"].astype(bool).sum())),
        ("risk", int((waiting["clock"] == "risk").sum())),
        ("broken", int((waiting["clock"] == "broken").sum())),
        ("late", late),
        ("free", int((here["open_orders"] == 0).sum())),
    ]
    with st.container(key="figures", horizontal=True, gap=None):
        for code, value in pairs:
            with st.container(key=f"figure_{code}", gap=None):
                label = session.say(f"board_figure_{code}")
                small = session.say("board_of_crews", n=len(here)) if code == "free" else ""
                st.html(figures.block(label, str(value), small))
