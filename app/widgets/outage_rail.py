"""The narrow rail beside the map of outages: of when, which, how coloured."""

from typing import Any, Final

import streamlit as st

from app.widgets import outage_choice, outage_export, outage_scene, plain, session
from app.widgets import words_of as naming
from app.widgets.outage_choice import DAYS, LEASTS, LIVE, PAST, PERIODS, PLANNED, key
from app.widgets.outage_scene import Scene
from grid_cells.outage_board import ONLY

_CAUSES_SHOWN: Final = 200


def show(scene: Scene) -> None:
    """At most six controls, the rest folded away."""
    st.pills(
        session.say("outages_when"), outage_choice.WHENS, key=key("when"), on_change=_turned,
        format_func=lambda one: session.say(f"outages_when_{one}"), required=True,
    )  # fmt: skip
    if scene.choice.when != PLANNED:
        _period(scene)
    _many("kind", outage_choice.KINDS, lambda one: str(naming.value("kind", one)))
    _units(scene)
    st.selectbox(
        session.say("outages_least"), [str(one) for one in LEASTS], key=key("least"),
        format_func=lambda one: session.say("outages_least_from", n=int(one)) if one != "0"
        else session.say("outages_least_any"),
    )  # fmt: skip
    if scene.choice.when == PLANNED:
        _many("only", ONLY[:1], lambda one: session.say(f"outages_only_{one}"))
    else:
        _many("only", ONLY, lambda one: session.say(f"outages_only_{one}"))
    with st.expander(session.say("more")):
        _more(scene)


def _more(scene: Scene) -> None:
    st.pills(
        session.say("outages_colour"), outage_choice.COLOURS, key=key("colour"), required=True,
        format_func=lambda one: session.say(f"outages_colour_{one}"),
    )  # fmt: skip
    _choose("status", outage_choice.STATUSES, lambda one: str(naming.value("status", one)))
    causes = outage_choice.causes(scene.film.outages)[:_CAUSES_SHOWN]
    _choose("cause", causes, str)
    outage_export.show(scene)


def _period(scene: Scene) -> None:
    codes = list(PERIODS) if scene.choice.when == LIVE else [*PERIODS, DAYS]
    st.selectbox(
        session.say("outages_period"), codes, key=key("period"),
        format_func=lambda one: session.say(f"outages_period_{one}"),
    )  # fmt: skip
    if scene.choice.when == PAST and scene.choice.is_own_days:
        first, last = outage_choice.days(session.now())
        today = session.now().astimezone(session.zone()).date()
        chosen = st.date_input(
            session.say("outages_days"), (first, last), max_value=today,
            key=f"outages_days_{outage_choice.times_chosen()}",
        )  # fmt: skip
        given = list(chosen) if isinstance(chosen, tuple) else []
        if len(given) > 1 and (given[0], given[-1]) != (first, last):
            outage_choice.choose_days(given[0], given[-1])
            session.again()


def _turned() -> None:
    """Another view was chosen."""
    outage_choice.turn(outage_scene.film_of, session.now())


def _many(name: str, codes: Any, wording: Any) -> None:
    st.pills(
        session.say(f"outages_{name}"), codes, selection_mode="multi", format_func=wording,
        key=key(name),
    )  # fmt: skip


def _choose(name: str, codes: Any, wording: Any) -> None:
    st.multiselect(
        session.say(f"outages_{name}"), codes, format_func=wording, key=key(name),
        placeholder=session.say("outages_every"),
    )  # fmt: skip


def _units(scene: Scene) -> None:
    held = scene.film.outages[["unit_id", "unit"]].dropna().drop_duplicates("unit_id")
    names = dict(zip(held["unit_id"], held["unit"], strict=True))
    chosen = st.session_state[key("unit")]
    codes = list(dict.fromkeys([*sorted(names, key=str), *chosen]))
    _choose("unit", codes, lambda one: plain.in_markdown(names.get(one, one)))
