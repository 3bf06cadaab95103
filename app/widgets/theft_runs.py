"""Finding suspects: the job that scores everybody, when it was last done, what to load before."""

from typing import Final

import pandas as pd
import streamlit as st

from app.use_cases import access, theft_hotspots, theft_scores
from app.widgets import job_watch, links, plain, session, theft_words
from app.widgets.theft_scene import TheftScene

_JOB: Final = "theft_scores"


def are_missing() -> bool:
    """Whether nobody was scored yet."""
    return theft_hotspots.runs(session.database(), session.actor()).empty


def offer() -> None:
    """The empty page: what it shows, what to load, and the way to find suspects now."""
    with st.container(key="page"), st.container(key="empty"):
        st.header(session.say("page_theft_hotspots"))
        st.write(session.say("theft_empty"))
        if access.may(session.actor(), "load_data"):
            links.show({"page": "data"}, session.say("empty_load"), icon=":material/upload_file:")
        _job(is_first=True)


def again(scene: TheftScene) -> None:
    """When the scores were made, and the way to make them anew."""
    run = scene.found.run
    made = pd.Timestamp(run["made_at"]).to_pydatetime()
    told = session.say(
        "theft_run_of", time=made, first=theft_words.day(run["first_day"]),
        last=theft_words.day(run["last_day"]),
        method=theft_words.method(run),
    )  # fmt: skip
    st.caption(plain.in_markdown(told))
    _job(is_first=False)


def _job(*, is_first: bool) -> None:
    if not access.may(session.actor(), "run_theft"):
        if is_first:
            st.caption(session.say("theft_ask"))
        return
    if job_watch.has_ended(_JOB, session.say("theft_finding"), narrow=True):
        st.rerun()
    if job_watch.state(_JOB) is None and st.button(
        session.say("theft_find"), icon=":material/troubleshoot:", key="theft_find", width="stretch"
    ):
        job_watch.start(_JOB, _JOB, _work())
        st.rerun()


def _work() -> job_watch.Work:
    db, actor = session.database(), session.actor()

    def work(tell: job_watch.Tell) -> int:
        return len(theft_scores.score(db, actor, progress=tell, by_model=True))

    return work
