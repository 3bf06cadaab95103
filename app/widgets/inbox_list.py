"""The inbox as rows: what came up, what would settle it and why, and one button for that."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from app import language as words
from app.use_cases import access, duties, inbox_told, overrides, plan_inbox
from app.use_cases.duties import Duty
from app.use_cases.inbox_entries import KINDS, VACANT, Entry, Offer
from app.use_cases.overrides import OverrideWish, Thing
from app.use_cases.plan_inbox import Inbox
from app.widgets import empty, errors, links, plain, session
from grid_cells.errors import UserError

_ALL: Final = "all"
_KIND: Final = "inbox_kind"
_MOST: Final = 30
_NEEDS: Final = {"draft": "draw_plans", "override": "publish_plans", "duty": "publish_plans"}
"""What may be done with an offer, by its way."""
_Deed = Callable[[], str]


def read() -> Inbox:
    """The inbox as this person sees it now."""
    return plan_inbox.inbox(session.database(), session.actor())


def link() -> None:
    """The way to the inbox, with how much is in it."""
    waiting = [one for one in read().entries if one.draft is None]
    if waiting:
        said = session.say("inbox_link", count=len(waiting))
        links.show({"page": "plan_inbox"}, said, icon=":material/inbox:")


def show() -> None:
    """Chips by kind, everything at once, then row by row."""
    box = read()
    if box.plan_id is None:
        empty.hint(session.say("inbox_no_plan"))
        return
    ever = "inbox_about_ever" if box.begins is None else "inbox_about"
    st.caption(plain.in_markdown(session.say(ever, plan=box.plan, begins=box.begins)))
    _draft(box)
    if not box.entries:
        empty.hint(session.say("inbox_empty"))
    else:
        _rows(box)
    _given(box)


def _draft(box: Inbox) -> None:
    if box.draft is not None:
        number, name = box.draft
        said = session.say("inbox_open_draft", name=plain.in_markdown(name))
        links.show({"page": "redraw", "plan": number}, said, icon=":material/brush:")


def _rows(box: Inbox) -> None:
    with st.container(key="inbox_top", horizontal=True, vertical_alignment="center"):
        kind = _chips(box)
        shown = [one for one in box.entries if kind in (_ALL, one.kind)]
        _all_at_once(shown)
    if not shown:
        empty.hint(session.say("inbox_none_of_kind"))
    for entry in shown[:_MOST]:
        _row(box, entry)
    if len(shown) > _MOST:
        st.caption(session.say("inbox_more", count=len(shown) - _MOST))


def _chips(box: Inbox) -> str:
    """The kinds with their counts; those with nothing stay away. The address may name one."""
    counts = {kind: len(box.of_kind(kind)) for kind in KINDS}
    present = [_ALL, *(kind for kind in KINDS if counts[kind])]
    asked = st.query_params.get("kind")
    if _KIND not in st.session_state and asked in present:
        st.session_state[_KIND] = asked
    if st.session_state.get(_KIND) not in present:
        st.session_state[_KIND] = _ALL
    labels = {kind: session.say(f"inbox_kind_{kind}", n=counts[kind]) for kind in KINDS}
    labels[_ALL] = session.say("inbox_all", n=len(box.entries))
    chosen = st.pills(
        session.say("page_plan_inbox"), present, format_func=labels.__getitem__, key=_KIND,
        label_visibility="collapsed",
    )  # fmt: skip
    return str(chosen or _ALL)


def _all_at_once(shown: list[Entry]) -> None:
    able = [one for one in shown if one.may_be_drawn]
    if not able or not access.may(session.actor(), _NEEDS["draft"]):
        return
    st.button(
        session.say("inbox_take_all", count=len(able)), type="primary", key="inbox_take_all",
        icon=":material/playlist_add_check:", on_click=_do, args=(lambda: _take(able),),
    )  # fmt: skip


def _row(box: Inbox, entry: Entry) -> None:
    tone = "red" if entry.kind == VACANT and entry.begins is None else "amber"
    code, values = inbox_told.what(box, entry)
    told = [session.say(one, **held) for one, held in inbox_told.reasons(box, entry)]
    why = ("" if session.language() == "zh" else " ").join(told)
    with st.container(
        key=f"inbox_row_{entry.key}", horizontal=True, vertical_alignment="center", gap="small"
    ):
        st.html(
            f'<div class="gc-line gc-line-{tone}"><p>{plain.escaped(session.say(code, **values))}'
            f"</p><small>{_since(entry)}{plain.escaped(why)}</small></div>"
        )
        with st.container(key=f"inbox_acts_{entry.key}", horizontal=True, gap="small"):
            if entry.cell:
                where = {"page": "service_map", "measure": "area", "cell": f"{entry.cell:x}"}
                links.show(where, session.say("inbox_map"), icon=":material/hive:")
            _act(box, entry)


def _since(entry: Entry) -> str:
    if entry.since is None:
        return ""
    stood = words.minutes((session.now() - entry.since).total_seconds() / 60, session.language())
    exact = plain.escaped(session.moment(entry.since))
    past = plain.escaped(session.say("today_since", time=stood))
    return f'<span title="{exact}">{past}</span> · '


def _act(box: Inbox, entry: Entry) -> None:
    if entry.draft is not None:
        st.html(f'<span class="gc-pair">{plain.escaped(session.say("inbox_drafted"))}</span>')
        return
    offer = entry.offer
    if offer is None or not access.may(session.actor(), _NEEDS[offer.way]):
        return
    code, values = inbox_told.act(box, entry, offer)
    st.button(
        plain.in_markdown(session.say(code, **values)), key=f"inbox_do_{entry.key}",
        on_click=_do, args=(_deed(box, entry, offer),),
    )  # fmt: skip


def _deed(box: Inbox, entry: Entry, offer: Offer) -> _Deed:
    if offer.way == "draft":
        return lambda: _take([entry])
    if offer.way == "override":
        return lambda: _except(entry, offer)
    return lambda: _assign(box, entry, offer)


def _do(deed: _Deed) -> None:
    """Do it before the page is drawn anew, and say what came of it."""
    try:
        st.toast(plain.in_markdown(deed()), icon=":material/check:")
    except UserError as error:
        said = errors.sentence(error.code, **error.values)
        st.toast(plain.in_markdown(said), icon=":material/info:")


def _take(entries: list[Entry]) -> str:
    day = session.now().astimezone(session.zone()).date()
    name = session.say("inbox_draft_name", day=day.isoformat())
    keys = [one.key for one in entries]
    done = plan_inbox.take(session.database(), session.actor(), keys, name)
    said = session.say("inbox_taken", customers=done.customers, name=done.name)
    return f"{said} {session.say('inbox_left', count=done.left)}" if done.left else said


def _except(entry: Entry, offer: Offer) -> str:
    thing = Thing("transformer", entry.units[0])
    wish = OverrideWish(thing, offer.to, session.say("inbox_split_reason"))
    overrides.add(session.database(), session.actor(), wish)
    return session.say("override_added")


def _assign(box: Inbox, entry: Entry, offer: Offer) -> str:
    duties.assign(session.database(), session.actor(), Duty(entry.areas[0], entry.duty, offer.to))
    return session.say("inbox_assigned", person=box.names.get(offer.to, offer.to))


def _given(box: Inbox) -> None:
    """Duties given by hand, each with the way back."""
    held = duties.entered(session.database(), session.actor())
    if not held:
        return
    st.html(f'<h2 class="gc-lines">{plain.escaped(session.say("inbox_given"))}</h2>')
    for one in held:
        said = session.say(
            "inbox_given_row", person=one.name, duty=session.say(f"value_duty_{one.duty}"),
            area=inbox_told.area_name(box, one.area_id),
        )  # fmt: skip
        key = f"{one.area_id}_{one.duty}_{one.holder_id}"
        with st.container(key=f"inbox_row_{key}", horizontal=True, vertical_alignment="center"):
            since = "" if one.since is None else session.moment(one.since)
            st.html(
                f'<div class="gc-line gc-line-info"><p>{plain.escaped(said)}</p>'
                f"<small>{plain.escaped(since)}</small></div>"
            )
            if access.may(session.actor(), _NEEDS["duty"]):
                st.button(
                    session.say("inbox_given_back"), key=f"inbox_back_{key}",
                    icon=":material/undo:", on_click=_do, args=(lambda d=one: _release(d),),
                )  # fmt: skip


def _release(duty: Duty) -> str:
    duties.release(session.database(), session.actor(), duty)
    return session.say("inbox_released")
