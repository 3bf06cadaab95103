"""The strip above the map of a province: everything in sight, over the days chosen."""

import math
from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.widgets import figures, plain, province_words, session
from app.widgets.province_scene import ProvinceScene

_TOLD: Final = ("customers", "energy_kwh", "loss_rate", "read_share", "interrupted_min")


def show(scene: ProvinceScene) -> None:
    """The figures side by side, the days last; each says how much of it is known."""
    totals = {str(code): row for code, row in scene.totals.iterrows()}
    blocks = [
        figures.block(
            province_words.figure(code),
            plain.escaped(province_words.amount(code, float(totals[code]["value"]))),
            known(totals[code]),
        )
        for code in _TOLD
        if code in totals
    ]
    days = session.say(
        "province_days_held", count=scene.days,
        span=province_words.days(scene.wish.first, scene.wish.last),
    )  # fmt: skip
    blocks.append(figures.block(session.say("province_days"), plain.escaped(days)))
    with st.container(key="strip_province"):
        st.html(f'<div class="gc-strip">{"".join(blocks)}</div>')


def known(row: "pd.Series[Any]") -> str:
    """How much of a figure is known, in words; empty where all of it is."""
    due, found = float(row["due"]), float(row["known"])
    if found >= due:
        return ""
    share = math.floor(1000 * found / due) / 1000  # cut: what is not whole is never told as whole
    return session.say("province_known", share=words.percent(share))
