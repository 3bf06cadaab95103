"""The part of the data page that loads cell facts lying on the server."""

import os
from pathlib import Path
from typing import Final

import streamlit as st

from app.navigation import PROJECT
from app.use_cases import province_load
from app.use_cases.province_load import ProvinceOutcome
from app.widgets import empty, job_watch, plain, session
from grid_cells.errors import UserError

FOLDER: Final = "GRIDCELLS_FACTS"
"""The folder of facts, where it is not `data/local/facts`."""
_JOB: Final = "province_load"


def show() -> None:
    """What lies in the folder and is not held yet, a button that loads it, what a load did."""
    folder = Path(os.environ.get(FOLDER, str(PROJECT / "data" / "local" / "facts")))
    st.write(plain.in_markdown(session.say("province_facts_what", variable=FOLDER)))
    watched = job_watch.show(_JOB, session.say("province_loading"))
    if watched is not None:
        if isinstance(watched.result, ProvinceOutcome):
            _told(watched.result)
        job_watch.forget(_JOB)
    try:
        found = province_load.look(session.database(), session.actor(), folder)
    except UserError:
        empty.hint(session.say("province_facts_none", folder=str(folder)))
        return
    told = session.say(
        "province_facts_found", count=len(found.days), missing=len(found.missing),
        first=found.days[0], last=found.days[-1],
    )  # fmt: skip
    st.write(plain.in_markdown(told))
    running = job_watch.state(_JOB) is not None
    skip = st.checkbox(session.say("province_facts_skip"), key="province_skip", disabled=running)
    if st.button(
        session.say("province_facts_load"), icon=":material/download:", disabled=running,
        type="primary" if found.missing else "secondary", key="province_load",
    ):  # fmt: skip
        db, actor = session.database(), session.actor()
        job_watch.start(
            _JOB,
            _JOB,
            lambda tell: province_load.load(db, actor, folder, skip_unsound=skip, progress=tell),
        )
        st.rerun()


def _told(done: ProvinceOutcome) -> None:
    st.success(
        session.say(
            "province_facts_loaded", count=len(done.batches), unchanged=done.unchanged,
            rows=done.rows,
        )
    )  # fmt: skip
    if done.skipped:
        told = [session.say("province_facts_skipped", count=len(done.skipped))]
        told += [session.say(error.code, **error.values) for _, error in done.skipped]
        st.warning("\n\n".join(plain.in_markdown(one) for one in told))
