"""Who comes again for one matter, and why the first visit did not do."""

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import halls
from app.widgets import empty, halls_scene, plain, session
from app.widgets import halls_words as wording


def show(board: pd.DataFrame) -> None:
    """The part "repeats"."""
    hall = halls_scene.choose(board, "repeats", every=True)
    found = halls.repeats(session.database(), session.actor(), hall)
    if not found.visits:
        empty.hint(session.say("halls_repeats_none"))
        return
    told = session.say(
        "halls_repeats_told", share=words.percent(found.papers_share, 0), visits=found.visits,
        days=found.days, span=halls.SEEN_DAYS,
    )  # fmt: skip
    st.html(f'<p class="gc-lead">{plain.escaped(told)}</p>')
    st.dataframe(_rows(found.table), hide_index=True)
    st.caption(session.say("halls_repeats_how"))


def _rows(table: pd.DataFrame) -> pd.DataFrame:
    """By matter, most returns first."""
    came = table[table["why"].notna()]
    by = pd.DataFrame(
        {
            "visits": table.groupby("matter")["visits"].sum(),
            "papers": came[came["why"] == "papers_missing"].groupby("matter")["visits"].sum(),
            "others": came[came["why"] != "papers_missing"].groupby("matter")["visits"].sum(),
            "other_hall": came.groupby("matter")["other_hall"].sum(),
        }
    ).fillna(0).astype("int64").sort_values("papers", ascending=False)  # fmt: skip
    columns = {
        "matter": [wording.matter(one) for one in by.index], "visits": by["visits"].tolist(),
        "papers": by["papers"].tolist(),
        "share": [words.percent(a / b, 0) for a, b in zip(by["papers"], by["visits"], strict=True)],
        "others": by["others"].tolist(), "other_hall": by["other_hall"].tolist(),
    }  # fmt: skip
    return pd.DataFrame({session.say(f"halls_column_{one}"): held for one, held in columns.items()})
