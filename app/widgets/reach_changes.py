"""What if: points assumed closed, points assumed new, the best sites for further ones."""

from collections.abc import Callable
from typing import Any, Final, cast

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import reach_sites
from app.use_cases.reach import Reach, ReachFigures
from app.use_cases.reach_sites import (
    MOST_SITES,
    SITE_KINDS,
    WEIGHTS,
    SiteKind,
    Sites,
    SiteWish,
)
from app.use_cases.reach_wishes import (
    ADDED,
    ADDED_HALL,
    MOST_CHANGES,
    ReachWish,
    is_hall,
    point_of,
)
from app.widgets import card, job_watch, plain, session
from grid_cells.siting import GOALS

_CLOSED: Final = "reach_closed"
_ADDED: Final = "reach_added"
_JOB: Final = "reach_sites"
_ASKED: Final = "reach_sites_asked"
_TOLD: Final = "reach_sites_told"


def restore(closed: str, added: str) -> None:
    """As the address says, where nothing is chosen yet."""
    st.session_state.setdefault(_CLOSED, tuple(one for one in closed.split(",") if one))
    points = tuple(one for one in added.split(";") if point_of(one) is not None)
    st.session_state.setdefault(_ADDED, points[:MOST_CHANGES])


def held() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Points assumed closed, and points assumed new."""
    closed = tuple(st.session_state[_CLOSED])[:MOST_CHANGES]
    return closed, tuple(st.session_state[_ADDED])[: MOST_CHANGES - len(closed)]


def is_full() -> bool:
    """Whether no more changes fit."""
    return sum(len(one) for one in held()) >= MOST_CHANGES


def close(point_id: str) -> None:
    """Assume a point closed."""
    st.session_state[_CLOSED] = (*held()[0], point_id)


def add(lon: float, lat: float, kind: SiteKind = "machine") -> None:
    """Assume a machine open day and night at a place, or a hall."""
    prefix = ADDED_HALL if kind == "hall" else ADDED
    st.session_state[_ADDED] = (*held()[1], f"{prefix}{lon:.6f},{lat:.6f}")


def drop(change: str) -> None:
    """Take one assumption back."""
    closed, added = held()
    st.session_state[_CLOSED] = tuple(one for one in closed if one != change)
    st.session_state[_ADDED] = tuple(one for one in added if one != change)


def clear() -> None:
    """Take all assumptions back."""
    st.session_state[_CLOSED] = st.session_state[_ADDED] = ()
    st.session_state.pop(_TOLD, None)


def ask(found: Reach) -> None:
    """The panel: what is assumed, and the search for the best sites."""
    with st.popover(session.say("reach_what_if"), icon=":material/help_center:", width="stretch"):
        closed, added = held()
        if not closed and not added:
            st.caption(session.say("reach_what_if_how"))
        names = found.points.set_index("point_id")["name"]
        for change in (*closed, *added):
            _row(change, names)
        if closed or added:
            st.button(session.say("reach_clear"), key="reach_clear", on_click=clear)
        _sites(found.wish)


def _row(change: str, names: "pd.Series[str]") -> None:
    is_added = point_of(change) is not None
    new = session.say("reach_new_hall" if is_hall(change) else "reach_new_point")
    name = new if is_added else names.get(change, change)
    left, right = st.columns([5, 1])
    kind = "added" if is_added else "closed"
    left.markdown(f"{session.say(f'reach_{kind}')}: {plain.in_markdown(name)}")
    right.button(
        "✕", key=f"reach_drop_{change}", help=session.say("reach_drop"), type="tertiary",
        on_click=drop, args=(change,),
    )  # fmt: skip


def _sites(wish: ReachWish) -> None:
    st.html(f"<h4>{plain.escaped(session.say('reach_best'))}</h4>")
    count = st.segmented_control(
        session.say("reach_best_count"), range(1, MOST_SITES + 1), default=1, key="reach_count",
        required=True,
    )  # fmt: skip
    kind = _radio("site", SITE_KINDS)
    goal = _radio("goal", GOALS)
    weight = _radio("weight", WEIGHTS)
    asked = SiteWish(int(count or 1), cast("Any", goal), cast("Any", weight), cast("Any", kind))
    if st.button(session.say("reach_best_find"), type="primary", width="stretch", key="reach_find"):
        st.session_state[_ASKED] = (wish, asked)
        st.session_state.pop(_TOLD, None)
        _begin(wish, asked)
        session.again()


def _radio(name: str, options: tuple[str, ...]) -> str:
    return str(
        st.radio(
            session.say(f"reach_{name}"), options, key=f"reach_{name}",
            format_func=lambda one: session.say(f"reach_{name}_{one}"),
        )
    )  # fmt: skip


def _begin(wish: ReachWish, asked: SiteWish) -> None:
    db, actor = session.database(), session.actor()

    def work(tell: Callable[[float], None]) -> Sites:
        tell(0.05)
        return reach_sites.propose(db, actor, wish, asked, tell=tell)

    job_watch.start(_JOB, _JOB, work)


def watch() -> None:
    """Hear of a search that runs; its answer is assumed once it is there."""
    if st.session_state.get(_ASKED) is None:
        return
    watched = job_watch.show(_JOB, session.say("reach_best_working"), narrow=True)
    if watched is None or watched.state not in ("done", "failed", "stopped"):
        return
    st.session_state.pop(_ASKED, None)
    job_watch.forget(_JOB)
    if watched.result is not None:
        _take(cast("Sites", watched.result))


def _take(sites: Sites) -> None:
    st.session_state[_ADDED] = sites.wish.added
    st.session_state[_TOLD] = sites
    session.again()


def told() -> Sites | None:
    """The sites that were found and still stand."""
    sites: Sites | None = st.session_state.get(_TOLD)
    return sites if sites is not None and sites.wish.added == held()[1] else None


def show(found: Reach) -> None:
    """Before and after of what is assumed; nothing where nothing is."""
    if found.before is None:
        return
    card.title(session.say("reach_before_after"))
    card.rows(_pairs(found.before, found.figures))
    sites = told()
    if sites is None:
        return
    key = "reach_proven" if sites.is_proven else "reach_unproven"
    card.note(session.say(key, seconds=words.number(sites.seconds, 1)))
    if sites.left:
        card.note(session.say("reach_left", count=words.number(sites.left, 0)))


def _pairs(before: ReachFigures, after: ReachFigures) -> list[card.Row]:
    waited = (session.say("reach_served"), before.served_min, after.served_min, 1)
    rows = [
        (session.say("reach_beyond"), before.beyond, after.beyond, 0),
        (session.say("reach_payers_beyond"), before.payers_beyond, after.payers_beyond, 0),
        (session.say("reach_mean"), before.mean_min, after.mean_min, 1),
        *([] if plain.is_missing(after.served_min) else [waited]),
        (session.say("reach_open_points"), before.open_points, after.open_points, 0),
    ]
    return [(word, _arrow(was, now, digits)) for word, was, now, digits in rows]


def _arrow(was: float, now: float, digits: int) -> str:
    old, new = (
        words.NOTHING if plain.is_missing(one) else words.number(float(one), digits)
        for one in (was, now)
    )
    return card.joined(card.quiet(old), "→", card.text(new, strong=True))
