"""The drawer beside the map of data quality: one cell's meter days by finding."""

import streamlit as st

from app import language as words
from app.widgets import card, quality_scene, quality_words, session
from app.widgets.quality_scene import QualityScene
from grid_cells.reading_quality import FINDINGS


def show(scene: QualityScene) -> None:
    """The open cell; nothing while none is."""
    with st.container(key="drawer_open" if scene.cell else "drawer_shut", gap="small"):
        if scene.cell is None:
            return
        if st.button("✕", key="drawer_close", help=session.say("close"), type="tertiary"):
            quality_scene.close()
            session.again()
        card.title(session.say("card_cell", cell=scene.cell))
        row = quality_scene.cell_row(scene)
        if row is None:
            card.note(session.say("quality_unknown"))
            return
        due = float(row["due"])
        lost = None if row["bad"] != row["bad"] or not due else row["bad"] / due
        card.rows(
            [
                (session.say("quality_column_meters"), card.text(words.number(row["meters"], 0))),
                (session.say("quality_column_due"), card.text(words.number(due, 0))),
                (quality_words.figure("lost"), card.text(quality_words.share(lost), strong=True)),
                *(
                    (quality_words.figure(one), card.text(quality_words.count(row[one])))
                    for one in FINDINGS
                ),
            ]
        )
        if row["rolled_up_to"]:
            card.note(session.say("theft_few_together"))
