"""The steps of a load: give files, see how they are read, try, load."""

from typing import Final

import streamlit as st

from app.use_cases import load
from app.use_cases.load import LoadChoice
from app.use_cases.look import FileLook, look_into
from app.widgets import column_match, errors, job_watch, load_result, session, upload

TRY, LOAD = "data_try", "data_load"
_LOOK: Final = "data_look"
_TRIED: Final = "data_tried"


def show() -> None:
    """The whole way of a file into the store."""
    given = upload.ask()
    if given is None:
        return
    with st.expander(session.say("data_map"), icon=":material/tune:"):
        mapping = column_match.given()
        place = st.container()
    choice = upload.choice(given.kind, mapping)
    if not given.files:
        _last_load()
        return
    with errors.kindly():
        choice = _columns(given, choice, place)
    _act(given, choice)


def _columns(
    given: upload.Upload, choice: LoadChoice, place: "st.delta_generator.DeltaGenerator"
) -> LoadChoice:
    look = _look(given, choice)
    if look is None:
        return choice
    with place:
        mapping = column_match.chosen(given.kind, look, choice.mapping, given.mark)
        column_match.offer(given.kind, mapping, look.matched)
    if mapping != choice.mapping:
        choice = LoadChoice(choice.datum, mapping, choice.encoding)
        look = _look(given, choice) or look
    column_match.summary(given.kind, look)
    return choice


def _look(given: upload.Upload, choice: LoadChoice) -> FileLook | None:
    mark = (given.mark, choice.encoding, repr(choice.mapping))
    kept = st.session_state.setdefault(_LOOK, {})
    if mark not in kept:
        kept.clear()
        kept[mark] = look_into(given.files[0], given.kind, choice)
    found: FileLook | None = kept[mark]
    return found


def _act(given: upload.Upload, choice: LoadChoice) -> None:
    mark = (given.mark, repr(choice))
    if st.session_state.get(_TRIED) != mark:
        job_watch.forget(LOAD)
    left, right, _ = st.columns([2, 2, 3])
    if left.button(
        session.say("data_try"), icon=":material/science:", width="stretch", key="do_try"
    ):
        st.session_state[_TRIED] = mark
        _start(TRY, given, choice)
    tried = st.session_state.get(_TRIED) == mark
    ready = tried and job_watch.has_succeeded(TRY)
    if right.button(
        session.say("data_load"), type="primary", icon=":material/upload:", width="stretch",
        disabled=not ready, key="do_load",
    ):  # fmt: skip
        _start(LOAD, given, choice)
    if not tried:
        st.caption(session.say("data_try_first"))
        return
    loaded = job_watch.show(LOAD, session.say("data_loading"))
    if job_watch.state(LOAD) is None:
        loaded = job_watch.show(TRY, session.say("data_trying"))
    if not ready and job_watch.has_succeeded(TRY):
        st.rerun()  # it was over between the button and here
    if loaded is not None and loaded.result is not None:
        load_result.show(loaded.result, is_dry=job_watch.state(LOAD) is None)


def _last_load() -> None:
    job_watch.forget(TRY)
    watched = job_watch.show(LOAD, session.say("data_loading"))
    if watched is not None and watched.result is not None:
        load_result.show(watched.result, is_dry=False)


def _start(name: str, given: upload.Upload, choice: LoadChoice) -> None:
    db, actor = session.database(), session.actor()
    act = load.load if name == LOAD else load.preview
    if name == TRY:
        job_watch.forget(LOAD)
    job_watch.start(
        name,
        name,
        lambda tell: act(db, actor, given.kind, list(given.files), choice, progress=tell),
    )
