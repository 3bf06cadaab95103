"""Which coverage is wanted: which moment, crews and limit, on which layer, against what."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast

import streamlit as st

from app.use_cases import coverage_views
from app.use_cases.coverage_views import Choices
from app.use_cases.coverage_wishes import (
    LAYERS,
    LIMITS,
    MOMENTS,
    NOTHING,
    OPEN,
    PROMISE,
    USUAL_LIMIT,
    CoverageWish,
    Layer,
)
from app.widgets import crews_view, page_parts, plain, session

PART: Final = "coverage"
_OTHER: Final = "other"
_FLAGS: Final = ("free_only", "as_open")
_USUAL: Final = {
    "moment": MOMENTS[0], "layer": LAYERS[0], "limit": USUAL_LIMIT, "against": OPEN, "skill": "",
}  # fmt: skip
_NONE: Final = "nothing"
_TOLD: Final = "coverage_told"
_DAY, _CLOCK = "coverage_day", "coverage_clock"


@dataclass(frozen=True)
class CoverageChoice:
    """The wish, the layer that colours the map, and what else could be asked."""

    wish: CoverageWish
    layer: Layer
    choices: Choices


def ask() -> CoverageChoice:
    """The choice as the controls stand."""
    _restore()
    db, actor = session.database(), session.actor()
    plain_wish = CoverageWish(moment=_moment_held())
    choices = coverage_views.choices(db, actor, plain_wish)
    moment = _moment(choices)
    limit = _listed("limit", LIMITS)
    against = _listed("against", [_NONE, OPEN, *(one for one in MOMENTS if one != moment)])
    layer = cast("Layer", _listed("layer", _layers(against)))
    st.toggle(session.say("coverage_as_open"), key=_key("as_open"))
    skill = _more(choices)
    wish = CoverageWish(
        moment, skill, limit, free_only=bool(st.session_state[_key("free_only")]),
        as_open=bool(st.session_state[_key("as_open")]),
        against=NOTHING if against == _NONE else against,
    )  # fmt: skip
    _tell(wish, layer)
    return CoverageChoice(wish, layer, replace(choices))


def _layers(against: str) -> list[str]:
    """Layers there are: a change only where something is compared; posts show by themselves."""
    return [one for one in LAYERS if one != "posts" and (one != "change" or against != _NONE)]


def _key(name: str) -> str:
    return f"coverage_{name}"


def _moment_held() -> str:
    held = str(st.session_state[_key("moment")])
    return held if held in MOMENTS else str(st.session_state.get(_key("time")) or MOMENTS[0])


def _moment(choices: Choices) -> str:
    """A word for a moment, or a time of one's own."""
    chosen = st.selectbox(
        session.say("coverage_moment"), [*MOMENTS, _OTHER], key=_key("moment"),
        format_func=lambda one: _moment_word(one, choices),
    )  # fmt: skip
    if chosen != _OTHER:
        return str(chosen)
    start = _own_time()
    left, right = st.columns(2)
    day = left.date_input(session.say("coverage_day"), start.date(), key=_DAY)
    clock = right.time_input(session.say("coverage_clock"), start.time(), key=_CLOCK, step=900)
    told = datetime.combine(day, clock, tzinfo=session.zone())
    st.session_state[_key("time")] = told.isoformat(timespec="minutes")
    return str(st.session_state[_key("time")])


def _own_time() -> datetime:
    told = _time_of(str(st.session_state.get(_key("time")))) or session.now()
    return told.astimezone(session.zone()).replace(second=0, microsecond=0)


def _time_of(text: str) -> datetime | None:
    """The time that an address tells with its zone, None where it tells none."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return None
    return told if told.tzinfo else None


def _moment_word(one: str, choices: Choices) -> str:
    if one == _OTHER:
        return session.say("coverage_moment_other")
    if one == MOMENTS[0]:
        return session.say("coverage_moment_now")
    return session.say(f"coverage_moment_{one}", time=choices.moments[one])


def word_of_moment(word: str, at: datetime) -> str:
    """A moment as a sentence names it."""
    return session.say("coverage_moment_now") if word == MOMENTS[0] else session.moment(at)


def _listed(name: str, options: list[str] | tuple[str, ...]) -> str:
    key = _key(name)
    if st.session_state.get(key) not in options:
        st.session_state[key] = _USUAL[name] if _USUAL[name] in options else options[0]
    words = {"limit": limit_word, "against": _against_word, "layer": _layer_word}
    return str(
        st.selectbox(
            session.say(f"coverage_{name}"), options, key=key,
            format_func=cast("Any", words[name]),
        )
    )  # fmt: skip


def limit_word(one: str) -> str:
    """A limit in words."""
    if one == PROMISE:
        return session.say("coverage_limit_promise")
    return session.say("coverage_limit_min", n=one)


def _against_word(one: str) -> str:
    return session.say(f"coverage_against_{one}")


def _layer_word(one: str) -> str:
    return session.say(f"coverage_layer_{one}")


def _more(choices: Choices) -> str:
    """What is asked for more rarely, folded."""
    with st.expander(session.say("more")):
        options = ["", *choices.skills]
        if st.session_state.get(_key("skill")) not in options:
            st.session_state[_key("skill")] = ""
        skill = st.selectbox(
            session.say("coverage_skill"), options, key=_key("skill"), format_func=skill_word
        )
        st.toggle(session.say("coverage_free_only"), key=_key("free_only"))
        st.caption(session.say("coverage_free_about"))
    return str(skill)


def skill_word(skill: str) -> str:
    """A skill in words where we have any, else as the archive writes it."""
    known = ("", "lv", "hv", "meter", "inspection", "live_line", "cable")
    if skill in known:
        return session.say(f"coverage_skill_{skill or 'any'}")
    return plain.in_markdown(skill)


def _restore() -> None:
    """As chosen, else as the address says where it says anything new, else as it starts."""
    asked = {name: st.query_params[name] for name in _names() if name in st.query_params}
    if asked and asked != st.session_state.get(_TOLD):
        for name in (*_USUAL, *_FLAGS):
            st.session_state.pop(_key(name), None)
        _adopt(asked)
    for name, start in _USUAL.items():
        st.session_state.setdefault(_key(name), start)
    for name in _FLAGS:
        st.session_state.setdefault(_key(name), False)


def _adopt(asked: dict[str, str]) -> None:
    for name in _USUAL:
        if name in asked:
            st.session_state[_key(name)] = asked[name]
    for name in _FLAGS:
        st.session_state[_key(name)] = asked.get(name) == "1"
    moment = asked.get("moment", MOMENTS[0])
    if moment not in MOMENTS:
        told = _time_of(moment)
        st.session_state[_key("moment")] = MOMENTS[0] if told is None else _OTHER
        st.session_state[_key("time")] = told and told.isoformat(timespec="minutes")
        for name in (_DAY, _CLOCK):
            st.session_state.pop(name, None)


def _names() -> tuple[str, ...]:
    return (*_USUAL, *_FLAGS)


def _tell(wish: CoverageWish, layer: Layer) -> None:
    """Write the choice into the address; what is as it starts stays out of it."""
    told = {
        "moment": wish.moment, "layer": str(layer), "limit": wish.limit, "skill": wish.skill,
        "against": wish.against or _NONE,
    }  # fmt: skip
    told = {name: one for name, one in told.items() if one != _USUAL[name]}
    told |= {name: "1" for name in _FLAGS if getattr(wish, name)}
    for name in _names():
        if name in told:
            st.query_params[name] = told[name]
        else:
            st.query_params.pop(name, None)
    st.session_state[_TOLD] = told
    query = {name: [value] for name, value in told.items()}
    session.remember_query(crews_view.PAGE, {page_parts.PARAM: [PART], **query})
