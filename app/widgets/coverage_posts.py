"""Where one more crew would help most: ask, see what it changes, take it into a draft."""

from collections.abc import Callable
from typing import Any, Final, cast

import streamlit as st

from app import language as words
from app.use_cases import access, plan_life, post_sites
from app.use_cases.coverage_wishes import MOST_POSTS, CoverageWish, Layer
from app.use_cases.post_places import WHERES
from app.use_cases.post_sites import Sites, SiteWish
from app.widgets import card, coverage_gaps, errors, job_watch, links, plain, session
from app.widgets.coverage_wish import CoverageChoice
from grid_cells.errors import UserError
from grid_cells.plan_life import DRAFT
from grid_cells.post_sites import GOALS

_ASKED: Final = "coverage_sites_asked"
_JOB: Final = "coverage_sites"
_JOB_FOR: Final = "coverage_sites_for"
_TAKEN: Final = "coverage_sites_taken"
_NEW: Final = 0


def ask(choice: CoverageChoice) -> None:
    """The button, and what is asked for folded beside it."""
    with st.popover(
        session.say("coverage_post"), icon=":material/add_location_alt:", width="stretch"
    ):
        moved = st.selectbox(
            session.say("coverage_post_what"), ["", *choice.choices.crews], key="coverage_moved",
            format_func=lambda one: _moved_word(one, choice),
        )  # fmt: skip
        count = 1
        if not moved:
            count = st.segmented_control(
                session.say("coverage_post_count"), range(1, MOST_POSTS + 1), default=1,
                key="coverage_count", required=True,
            )  # fmt: skip
        goal = _radio("goal", GOALS)
        where = _radio("where", WHERES)
        weights = post_sites.WEIGHTS if choice.choices.has_faults else post_sites.WEIGHTS[:1]
        weight = _radio("weight", weights)
        wish = SiteWish(
            int(count or 1), cast("Any", goal), cast("Any", where), cast("Any", weight), moved
        )
        if st.button(
            session.say("coverage_post_find"), type="primary", width="stretch", key="coverage_find"
        ):
            _begin(wish)


def _radio(name: str, options: tuple[str, ...]) -> str:
    return str(
        st.radio(
            session.say(f"coverage_post_{name}"), options, key=f"coverage_{name}",
            format_func=lambda one: session.say(f"coverage_{name}_{one}"),
        )
    )  # fmt: skip


def _moved_word(crew: str, choice: CoverageChoice) -> str:
    if not crew:
        return session.say("coverage_post_new")
    name = choice.choices.crews.get(crew, crew)
    return session.say("coverage_post_move", crew=plain.in_markdown(name))


def _begin(wish: SiteWish) -> None:
    st.session_state[_ASKED] = wish
    st.session_state.pop(_TAKEN, None)
    job_watch.forget(_JOB)
    session.again()


def forget() -> None:
    """Show no posts any more."""
    for name in (_ASKED, _TAKEN, _JOB_FOR):
        st.session_state.pop(name, None)
    job_watch.forget(_JOB)


def found(choice: CoverageChoice) -> Sites | None:
    """The answer to what was asked; None while nothing is asked or it is still worked out."""
    asked: SiteWish | None = st.session_state.get(_ASKED)
    if asked is None:
        return None
    db, actor = session.database(), session.actor()
    try:
        if post_sites.is_large(db, actor, choice.wish, asked):
            return _by_job(choice.wish, asked)
        return post_sites.propose(db, actor, choice.wish, asked)
    except UserError as error:
        forget()
        errors.show(error)
        return None


def _by_job(wish: CoverageWish, asked: SiteWish) -> Sites | None:
    db, actor = session.database(), session.actor()
    if st.session_state.get(_JOB_FOR) != (wish, asked):
        st.session_state[_JOB_FOR] = (wish, asked)

        def work(tell: Callable[[float], None]) -> Sites:
            tell(0.1)
            return post_sites.propose(db, actor, wish, asked, tell=tell)

        job_watch.start(_JOB, _JOB, work)
    watched = job_watch.show(_JOB, session.say("coverage_post_working"), narrow=True)
    return None if watched is None else cast("Sites | None", watched.result)


def layer(chosen: Layer) -> Layer:
    """With posts the minutes are those with them, and a change is theirs."""
    return "posts" if chosen == "minutes" else chosen


def show(sites: Sites) -> None:
    """What was found: the sites, before and after, by area, the next best, the way into a draft."""
    card.title(session.say("coverage_post_title"))
    if sites.chosen.empty:
        card.note(session.say("coverage_post_none"))
        return
    for place, row in enumerate(sites.chosen.to_dict("records")):
        _site(sites, row, place)
    before, after = sites.before, sites.after
    card.rows(
        [
            (session.say("coverage_beyond"), _arrow(before.beyond, after.beyond, 0)),
            (session.say("coverage_mean"), _arrow(before.mean_min, after.mean_min, 1)),
            (session.say("coverage_alone"), _arrow(before.single, after.single, 0)),
        ]
    )
    _areas(sites)
    _others(sites)
    if not sites.is_proven:
        card.note(session.say("coverage_post_unproven"))
    card.note(session.say("coverage_post_how", seconds=words.number(sites.seconds, 1)))


def _arrow(old: float, new: float, digits: int) -> str:
    told = f"{words.number(old, digits)} → {words.number(new, digits)}"
    return card.text(told, strong=True)


def site_name(row: dict[Any, Any]) -> str:
    """A site as people call it."""
    name = row["site_id"] if plain.is_missing(row["name"]) else row["name"]
    if row["kind"] == "cell":
        return session.say("coverage_site_cell", cell=str(name))
    return str(name)


def _site(sites: Sites, row: dict[Any, Any], place: int) -> None:
    name = site_name(row)
    wins = session.say("coverage_site_wins", count=int(row["won"]))
    st.html(f'<p class="gc-said"><b>{plain.escaped(name)}</b><br>{plain.escaped(wins)}</p>')
    if access.may(session.actor(), "draw_plans"):
        _take(sites, row, place)


def _take(sites: Sites, row: dict[Any, Any], place: int) -> None:
    """Take the site into a draft as an assumed base, and the way there afterwards."""
    taken: dict[str, int] = st.session_state.setdefault(_TAKEN, {})
    site_id = str(row["site_id"])
    if site_id in taken:
        st.caption(session.say("coverage_taken"))
        links.show(
            {"page": "redraw", "plan": taken[site_id]}, session.say("coverage_taken_open"),
            icon=":material/brush:",
        )  # fmt: skip
        return
    every = plan_life.list_plans(session.database(), session.actor())
    drafts = {one.plan_id: one.name for one in every if one.stage == DRAFT and one.is_drawn}
    with st.popover(session.say("coverage_take"), icon=":material/lightbulb:", width="stretch"):
        plan = st.selectbox(
            session.say("coverage_take_into"), [_NEW, *drafts], key=f"coverage_plan_{place}",
            format_func=lambda one: plain.in_markdown(drafts[one]) if one
            else session.say("coverage_take_new"),
        )  # fmt: skip
        name = st.text_input(
            session.say("coverage_take_name"),
            session.say("coverage_take_named", place=site_name(row)),
            key=f"coverage_name_{place}_{site_id}", max_chars=80,
        )  # fmt: skip
        if st.button(
            session.say("coverage_take_do"), type="primary", key=f"coverage_take_{place}",
            width="stretch",
        ):  # fmt: skip
            with errors.kindly():
                taken[site_id] = post_sites.assume(
                    session.database(), session.actor(), plan or None, site_id, name=name,
                    moved=sites.wish.moved,
                )  # fmt: skip
                session.again()


def _areas(sites: Sites) -> None:
    changed = sites.areas.head(6)
    if changed.empty:
        return
    st.html(f"<h4>{plain.escaped(session.say('coverage_by_area'))}</h4>")
    named = coverage_gaps.places(changed)
    rows = []
    for area, row in zip(named, changed.to_dict("records"), strict=True):
        gained = session.say("coverage_area_gained", count=int(row["gained"]))
        worse = (
            "" if not row["worse"] else session.say("coverage_area_worse", count=int(row["worse"]))
        )
        told = " · ".join(one for one in (gained if row["gained"] else "", worse) if one)
        rows.append(
            (area, card.joined(_arrow(row["before_min"], row["after_min"], 0), card.quiet(told)))
        )
    card.rows(rows)


def _others(sites: Sites) -> None:
    rest = sites.others[sites.others["won"] > 0]
    if rest.empty:
        return
    st.html(f"<h4>{plain.escaped(session.say('coverage_others'))}</h4>")
    card.rows(
        (site_name(row), card.text(session.say("coverage_site_wins", count=int(row["won"]))))
        for row in rest.to_dict("records")
    )
