"""The drawer beside the map of a province: one cell, as large as it was drawn."""

import math
from typing import Any

import pandas as pd
import streamlit as st

from app.use_cases import province
from app.widgets import card, plain, province_scene, province_strip, province_words, session, spark
from app.widgets.province_scene import ProvinceScene
from grid_cells.cells import hex_to_cells


def show(scene: ProvinceScene) -> None:
    """The open cell's figures and its energy by day; nothing while none is open."""
    with st.container(key="drawer_open" if scene.cell else "drawer_shut", gap="small"):
        if scene.cell is None:
            return
        if st.button("✕", key="drawer_close", help=session.say("close"), type="tertiary"):
            province_scene.close()
            session.again()
        cell = int(hex_to_cells([scene.cell])[0])
        told, days = province.card(
            session.database(), session.actor(), cell, scene.wish.first, scene.wish.last
        )
        card.title(session.say("card_cell", cell=scene.cell))
        if told.empty:
            card.note(session.say("province_nothing"))
            return
        card.rows(
            (
                province_words.figure(str(code)),
                _value(str(code), row, is_open=code == scene.wish.figure),
            )
            for code, row in told.iterrows()
        )
        if len(days) > 1:
            card.note(session.say("province_by_day"))
            alt = plain.escaped(session.say("province_by_day"))
            st.html(spark.line(days["energy_kwh"].tolist(), alt=alt))


def _value(code: str, row: "pd.Series[Any]", *, is_open: bool) -> str:
    value = float(row["value"])
    if math.isnan(value) and row["known"] >= row["due"]:
        return card.quiet(session.say("province_none"))  # no transformer: no loss to be known
    told = card.text(province_words.amount(code, value), strong=is_open)
    part = province_strip.known(row)
    return card.joined(told, card.quiet(part)) if part else told
