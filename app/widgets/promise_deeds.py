"""What can be done about an order, as buttons: only what its state and the person's role allow."""

from typing import Final

import streamlit as st

from app.use_cases import access, order_deeds, promises
from app.use_cases.order_deeds import DeedWish, Done
from app.widgets import errors, plain, promise_words, session
from app.widgets.promise_scene import PromiseScene
from grid_cells.errors import UserError
from grid_cells.order_deeds import FOR_ONE_CALL, WITH_CREW, Deed

_TOLD: Final = "promise_told"
_ICONS: Final = {
    "told": ":material/send:", "accepted": ":material/thumb_up:", "arrived": ":material/place:",
    "stopped": ":material/pause:", "resumed": ":material/play_arrow:",
    "restored": ":material/lightbulb:", "urged": ":material/campaign:",
    "returned": ":material/undo:", "reassigned": ":material/swap_horiz:",
}  # fmt: skip


def show(report_id: str, scene: PromiseScene) -> None:
    """The deeds, and the way back from the last one."""
    db, actor = session.database(), session.actor()
    _say_done()
    if not access.may(actor, "report_faults"):
        return
    possible = order_deeds.possible(db, actor, report_id)
    alone = _one_call(report_id, scene)
    with st.container(key="promise_deeds", horizontal=True, gap="small"):
        for deed in possible:
            _offer(report_id, deed, alone=alone)
        _offer_undo(report_id)


def show_closed(report_id: str) -> None:
    """What closed the order, and the way back from it."""
    _say_done()
    st.caption(session.say("order_unknown"))
    if access.may(session.actor(), "report_faults"):
        _offer_undo(report_id)


def forget_others(report_id: str | None) -> None:
    """What came of a deed is said under its own order or not at all."""
    told = st.session_state.get(_TOLD)
    if told is not None and told[0] != report_id:
        del st.session_state[_TOLD]


def _offer_undo(report_id: str) -> None:
    st.button(
        session.say("deed_undo"), key="deed_undo", icon=":material/history:", type="tertiary",
        on_click=_undo, args=(report_id,),
    )  # fmt: skip


def _one_call(report_id: str, scene: PromiseScene) -> bool:
    """Whether a deed is for this call alone; asked only where there are others."""
    mine = scene.everything.set_index("report_id")["outage_id"]
    outage = mine.get(report_id)
    if plain.is_missing(outage) or int((mine == outage).sum()) < 2:  # noqa: PLR2004
        return False
    return st.toggle(session.say("deed_one_call"), key="deed_one_call")


def _offer(report_id: str, deed: Deed, *, alone: bool) -> None:
    word, icon = session.say(f"deed_{deed}"), _ICONS[deed]
    if deed in WITH_CREW or deed == "stopped":
        with st.popover(word, icon=icon, key=f"deed_more_{deed}"):
            wish = _asked(report_id, deed, alone=alone)
            st.button(
                session.say("deed_do"), key=f"deed_do_{deed}", type="primary",
                disabled=wish is None, on_click=_do, args=(report_id, wish),
            )  # fmt: skip
        return
    wish = DeedWish(deed, one_call=alone or deed in FOR_ONE_CALL)
    st.button(word, key=f"deed_{deed}", icon=icon, on_click=_do, args=(report_id, wish))


def _asked(report_id: str, deed: Deed, *, alone: bool) -> DeedWish | None:
    """The deed with the crew or reason chosen; None until one is."""
    if deed == "stopped":
        reason = st.selectbox(
            session.say("deed_reason"), list(order_deeds.stop_reasons()), index=None,
            format_func=lambda one: session.say(f"stop_{one}"), key="deed_reason",
            placeholder=session.say("deed_reason_choose"),
        )  # fmt: skip
        return None if reason is None else DeedWish(deed, reason=reason, one_call=alone)
    found = promises.who_could(session.database(), session.actor(), report_id)
    names = {
        str(crew): f"{crew} · {promise_words.travel(minutes)}"
        for crew, minutes in zip(found["crew_id"], found["travel_min"], strict=True)
    }
    crew = st.selectbox(
        session.say("deed_crew"), list(names), format_func=lambda one: names[one],
        key=f"deed_crew_{deed}",
    )  # fmt: skip
    return None if crew is None else DeedWish(deed, crew_id=crew, one_call=alone)


def _do(report_id: str, wish: DeedWish) -> None:
    """The deed, by the right that the person has for it; its answer is said in the next run."""
    db, actor = session.database(), session.actor()
    try:
        if access.may(actor, "run_outages"):
            done = order_deeds.direct(db, actor, report_id, wish)
        elif wish.deed == "urged":
            done = order_deeds.urge(db, actor, report_id)
        else:
            done = order_deeds.progress(db, actor, report_id, wish)
    except UserError as error:
        st.session_state[_TOLD] = (report_id, error)
    else:
        st.session_state[_TOLD] = (report_id, ("deed_done", done))


def _undo(report_id: str) -> None:
    try:
        done = order_deeds.undo(session.database(), session.actor(), report_id)
    except UserError as error:
        st.session_state[_TOLD] = (report_id, error)
    else:
        st.session_state[_TOLD] = (report_id, ("deed_undone", done))


def _say_done() -> None:
    told: UserError | tuple[str, Done] | None = st.session_state.pop(_TOLD, (None, None))[1]
    if isinstance(told, UserError):
        errors.show(told)
    elif told is not None:
        st.success(session.say(told[0], count=told[1].orders))
