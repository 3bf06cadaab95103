"""What was tapped today, and the way to the page of taps for a phone or a counter's screen."""

import pandas as pd
import streamlit as st

from app.use_cases import hall_tallies
from app.widgets import empty, plain, session
from app.widgets import halls_words as wording

_PAGE = "/tally"


def show(board: pd.DataFrame) -> None:
    """The part "tally"."""
    told = session.say("halls_tally_why")
    st.html(f'<p class="gc-lead">{plain.escaped(told)}</p>')
    st.link_button(
        session.say("halls_tally_open"), _PAGE, icon=":material/touch_app:", type="primary"
    )
    counts = pd.DataFrame(hall_tallies.day(session.database(), session.actor())["counts"])
    if counts.empty:
        empty.hint(session.say("halls_tally_none"))
        return
    names = board["name"].astype(str)
    table = counts.assign(
        hall=counts["hall"].map(names).fillna(counts["hall"]),
        matter=[wording.matter(one) for one in counts["matter"]],
    )
    wide = table.pivot_table(index="hall", columns="matter", values="tallies", aggfunc="sum")
    wide = wide.fillna(0).astype("int64").rename_axis(session.say("halls_column_hall"))
    st.dataframe(wide.rename_axis(columns=None).reset_index(), hide_index=True)
