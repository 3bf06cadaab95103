"""Training a model on the store's own inspections: the job with its bar, and what came of it."""

from typing import Final

import streamlit as st

from app.use_cases import theft_learning
from app.use_cases.theft_learning import Trained
from app.widgets import job_watch, plain, session

_JOB: Final = "theft_training"


def show() -> None:
    """The button, the bar with a way to stop, or the model that was made."""
    watched = job_watch.show(_JOB, session.say("theft_training"))
    if watched is not None and watched.error is None and isinstance(watched.result, Trained):
        told = session.say("theft_trained", number=watched.result.number)
        st.success(plain.in_markdown(told), icon=":material/check:")
    is_idle = job_watch.state(_JOB) is None or watched is not None
    if is_idle and st.button(
        session.say("theft_train"), key="theft_train", icon=":material/model_training:"
    ):
        job_watch.forget(_JOB)
        job_watch.start(_JOB, _JOB, _work())
        st.rerun()


def _work() -> job_watch.Work:
    db, actor = session.database(), session.actor()

    def work(tell: job_watch.Tell) -> Trained:
        return theft_learning.train(db, actor, tell)

    return work
