"""Which reach is wanted: of what, how, when, for what, within which limit, on which layer."""

from dataclasses import dataclass
from typing import Any, Final, cast

import streamlit as st

from app.use_cases import hall_choice
from app.use_cases.reach_wishes import (
    LAYERS,
    LIMITS_TOLD,
    MODES,
    NOW,
    RANKS,
    TARGETS,
    USUAL_LIMIT,
    Layer,
    Mode,
    ReachWish,
    Target,
    is_hour,
)
from app.widgets import reach_changes, reach_words, search_box, session

PAGE: Final = "reach"
_DAYS: Final = (NOW, *(str(one) for one in range(1, 8)))
_NOON: Final = 10
_LISTS: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "target": (TARGETS, TARGETS[0]), "mode": (MODES, MODES[0]), "day": (_DAYS, NOW),
    "limit": (LIMITS_TOLD, USUAL_LIMIT), "layer": (LAYERS, LAYERS[0]),
}  # fmt: skip
_HOUR: Final = "reach_hour"
_MATTER: Final = "reach_matter"


@dataclass(frozen=True)
class ReachChoice:
    """The wish, and the layer that colours the map."""

    wish: ReachWish
    layer: Layer


def ask() -> ReachChoice:
    """The choice as the controls stand."""
    _restore()
    search_box.show()
    target = cast("Target", _switch("target"))
    mode = cast("Mode", _switch("mode"))
    moment = _moment()
    matter = _matter() if target == "hall" else ""
    with st.expander(session.say("more")):
        limit = _listed("limit")
        layer = cast("Layer", _listed("layer"))
    closed, added = reach_changes.held()
    rank = str(st.session_state[reach_words.RANK])
    wish = ReachWish(target, mode, moment, matter, limit, closed, added, rank)
    if not (closed or added) and layer == "change":
        layer = "minutes"
    _tell_address(wish, layer)
    return ReachChoice(wish, layer)


def _key(name: str) -> str:
    return f"reach_{name}"


def _restore() -> None:
    """As chosen, else as the address says, else as it starts."""
    for name, (allowed, start) in _LISTS.items():
        asked = st.query_params.get(name)
        st.session_state.setdefault(_key(name), asked if asked in allowed else start)
    asked = st.query_params.get("hour", "")
    is_there = asked.isdigit() and int(asked) < 24  # noqa: PLR2004
    st.session_state.setdefault(_HOUR, int(asked) if is_there else _NOON)
    asked, ranks = st.query_params.get("rank", ""), reach_words.ranks()
    st.session_state.setdefault(reach_words.RANK, asked)
    if st.session_state[reach_words.RANK] not in ranks:
        st.session_state[reach_words.RANK] = ranks[0]
    asked = st.query_params.get("matter", "")
    st.session_state.setdefault(_MATTER, asked if asked in hall_choice.matters() else "")
    reach_changes.restore(st.query_params.get("closed", ""), st.query_params.get("added", ""))


def _switch(name: str) -> str:
    return str(
        st.segmented_control(
            session.say(f"reach_{name}"), _LISTS[name][0], key=_key(name), required=True,
            format_func=lambda one: session.say(f"reach_{name}_{one}"),
        )
    )  # fmt: skip


def _listed(name: str) -> str:
    def word(one: str) -> Any:
        if name == "limit":
            return session.say("reach_limit_min", n=one)
        return session.say(f"reach_{name}_{one}")

    return str(
        st.selectbox(
            session.say(f"reach_{name}"), _LISTS[name][0], key=_key(name), format_func=word
        )
    )


def _moment() -> str:
    """Now, or a weekday with its hour."""
    day = str(
        st.selectbox(
            session.say("reach_day"), _DAYS, key=_key("day"),
            format_func=lambda one: session.say(f"reach_day_{one}"),
        )
    )  # fmt: skip
    if day == NOW:
        return NOW
    hour = st.slider(session.say("reach_hour"), 0, 23, key=_HOUR, format="%d:00")
    return f"{day}.{hour}"


def _matter() -> str:
    return str(
        st.selectbox(
            session.say("reach_matter"), ["", *hall_choice.matters()], key=_MATTER,
            format_func=lambda one: session.say(f"matter_{one}" if one else "reach_matter_any"),
        )
    )  # fmt: skip


def _tell_address(wish: ReachWish, layer: Layer) -> None:
    """Write the choice into the address; what is as it starts stays out of it."""
    day, _, hour = wish.moment.partition(".") if is_hour(wish.moment) else (NOW, "", "")
    told = {
        "target": wish.target, "mode": wish.mode, "day": day, "hour": hour, "matter": wish.matter,
        "limit": wish.limit, "layer": layer, "closed": ",".join(wish.closed),
        "added": ";".join(wish.added), "rank": "" if wish.rank == RANKS[0] else wish.rank,
    }  # fmt: skip
    kept = {
        name: value for name, value in told.items()
        if value and value != _LISTS.get(name, ((), ""))[1]
    }  # fmt: skip
    for name in told:
        if name in kept:
            st.query_params[name] = kept[name]
        else:
            st.query_params.pop(name, None)
    session.remember_query(PAGE, {name: [value] for name, value in kept.items()})
