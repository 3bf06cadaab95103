"""Asking the meter from afar before a visit."""

import json

import pandas as pd
import streamlit as st

from app.use_cases import remote_checks
from app.use_cases.theft_suspects import Suspicion
from app.widgets import card, errors, job_watch, plain, session, theft_scene


def show(story: Suspicion) -> None:
    """The button where there is a route to the meters, else that there is none; earlier answers."""
    st.html(f"<h4>{plain.escaped(session.say('theft_remote'))}</h4>")
    ref = str(story.customer["ref"])
    name = f"remote_check_{ref}"
    if not remote_checks.is_configured():
        card.note(session.say("theft_remote_off"))
    elif job_watch.state(name) is None:
        if st.button(
            session.say("theft_remote_ask"), key=name, width="stretch", icon=":material/sensors:"
        ):
            db, actor = session.database(), session.actor()
            job_watch.start(
                name, "remote_check", lambda tell: remote_checks.check(db, actor, ref, tell)
            )
            session.again()
    elif (
        done := job_watch.show(name, session.say("theft_remote_asking"), narrow=True)
    ) is not None:
        job_watch.forget(name)
        theft_scene.changed()
        if done.error is None:
            session.again()
    with errors.kindly():
        _answers(story.checks)


def _answers(checks: pd.DataFrame) -> None:
    rows = []
    for row in checks.head(3).to_dict("records"):
        told = (
            json.loads(row["answer"])
            if isinstance(row["answer"], str) and row["answer"].startswith("{")
            else {}
        )
        said = ", ".join(f"{name} {value}" for name, value in told.items())
        outcome = session.say(f"theft_remote_{row['outcome']}")
        asked = session.moment(pd.Timestamp(row["asked_at"]).to_pydatetime())
        rows.append((asked, card.joined(card.text(outcome), card.quiet(said))))
    if rows:
        card.rows(rows)
