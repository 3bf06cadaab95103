"""The strip of reach: customers within the limit and beyond, who pays in person, what is open."""

import streamlit as st

from app import language as words
from app.use_cases.reach import ReachFigures
from app.widgets import figures, plain, session
from app.widgets.reach_scene import ReachScene


def show(scene: ReachScene) -> None:
    """Five figures, each beside what it is without what is assumed."""
    now, was = scene.found.figures, scene.found.before
    limit = session.say("reach_limit_min", n=scene.choice.wish.limit)
    share = words.percent(now.within / now.customers, 1) if now.customers else words.NOTHING
    blocks = [
        _block(session.say("reach_within", limit=limit), now.within, _of(was, "within"), share),
        _block(session.say("reach_beyond_of", limit=limit), now.beyond, _of(was, "beyond")),
        _block(
            session.say("reach_payers_beyond"), now.payers_beyond, _of(was, "payers_beyond")
        ),
        _mean(now, was),
        _block(session.say("reach_single"), now.single, None),
        _block(
            session.say("reach_open_points"), now.open_points, None,
            session.say("reach_of_points", count=now.points),
        ),
    ]  # fmt: skip
    with st.container(key="strip_reach"):
        st.html(f'<div class="gc-strip">{"".join(blocks)}</div>')


def _of(figures_then: ReachFigures | None, name: str) -> float | None:
    return None if figures_then is None else float(getattr(figures_then, name))


def _block(label: str, value: float, was: float | None, under: str = "") -> str:
    small = [under, "" if was is None else session.say("reach_was", value=_number(was, 0))]
    return figures.block(label, _number(value, 0), " · ".join(one for one in small if one))


def _mean(now: ReachFigures, was: ReachFigures | None) -> str:
    small = "" if was is None else session.say("reach_was", value=_number(was.mean_min, 1))
    unit = plain.escaped(session.say("unit_min"))
    return figures.block(
        session.say("reach_mean"), f"{_number(now.mean_min, 1)}&nbsp;{unit}", small
    )


def _number(value: float, digits: int) -> str:
    return words.NOTHING if plain.is_missing(value) else words.number(float(value), digits)
