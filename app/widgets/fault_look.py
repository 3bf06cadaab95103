"""What is known at the call's place: what to say, whose it is, triage step by step."""

from datetime import datetime
from typing import Any, Final

import streamlit as st

from app import language as words
from app.use_cases import fault_reports
from app.use_cases.fault_reports import Look, Taken
from app.use_cases.fault_wishes import ReportWish
from app.widgets import card, plain, session
from app.widgets import words_of as naming
from app.widgets.fault_words import clock

_SIGN: Final = {"yes": "●", "no": "○", "unknown": "?", "not_asked": "–"}


def show(wish: ReportWish) -> None:
    """The card of a call before it is registered."""
    found = fault_reports.look(session.database(), session.actor(), wish)
    with st.container(key="fault_look"):
        st.html(f'<p class="gc-say">{plain.escaped(session.say("fault_say"))}</p>')
        st.markdown(f"**{plain.in_markdown(to_say(found.taken))}**")
        card.rows(_rows(found))
        st.html(f"<h4>{plain.escaped(session.say('fault_triage'))}</h4>")
        card.rows([_step(one) for one in found.taken.steps])
        st.html(
            '<div class="gc-badges">'
            + card.badge(session.say(f"fault_verdict_{found.taken.verdict}"), _tone(found.taken))
            + "</div>"
        )


def to_say(taken: Taken) -> str:
    """What the caller is told, in one line."""
    cause = next((one for one in taken.steps if one["answer"] == "yes"), None)
    until = None if cause is None else _moment(cause.get("until"))
    if taken.verdict in ("known_outage", "planned_outage"):
        code = f"fault_say_{taken.verdict}"
        return session.say(code, time=clock(until)) if until else session.say(f"{code}_open")
    if taken.verdict == "crew_needed" and taken.arrive_by is not None:
        return session.say("fault_say_crew_by", time=clock(taken.arrive_by))
    return session.say(f"fault_say_{taken.verdict}")


def _rows(found: Look) -> list[card.Row]:
    taken = found.taken
    promise = (
        [str(naming.value("promise_class", taken.promise_class))] if taken.promise_class else []
    )
    if taken.arrive_by is not None:
        promise.append(session.say("fault_arrive_by", time=clock(taken.arrive_by)))
    crew = found.crew_name or taken.crew_id or session.say("fault_no_crew")
    return [
        (naming.column("area_id"), _named(taken.area_id, found.area_name, "fault_no_area")),
        (naming.column("crew_id"), card.text(crew)),
        (naming.column("promise_class"), card.text(" · ".join(promise))),
        (naming.column("transformer_id"), card.text(_line(found))),
        (naming.column("position_source"),
         card.text(naming.value("position_source", found.position_source))),
    ]  # fmt: skip


def _line(found: Look) -> str:
    return " · ".join(part for part in (found.transformer_id, found.feeder_id) if part)


def _named(identity: str | None, name: str | None, nothing: str) -> str:
    if identity is None:
        return card.text(session.say(nothing))
    return card.joined(card.text(name or identity, strong=True), card.quiet(identity))


def _step(one: dict[str, Any]) -> card.Row:
    """A question of triage, its answer by sign and word, and the evidence."""
    given = str(one["answer"])
    answer = f"{_SIGN[given]} {session.say(f'fault_answer_{given}')}"
    strong = card.text(answer, strong=given == "yes")
    return session.say(f"fault_step_{one['step']}"), card.joined(strong, _evidence(one))


def _evidence(one: dict[str, Any]) -> str:
    if one["step"] == "meter_answers":
        return _meter(one)
    since, until = _moment(one.get("since")), _moment(one.get("until"))
    if one.get("outage_id") is None or since is None:
        return ""
    told = session.say("fault_since", outage=one["outage_id"], time=clock(since))
    if until is not None:
        told = f"{told}, {session.say('fault_until', time=clock(until))}"
    return card.quiet(told)


def _meter(one: dict[str, Any]) -> str:
    heard, day = _moment(one.get("heard_at")), one.get("day")
    if heard is not None:
        return card.quiet(
            session.say("fault_heard", time=words.ago(heard, session.now(), session.language()))
        )
    if day is not None:
        last = words.day(datetime.fromisoformat(str(day)), session.language())
        return card.quiet(session.say("fault_last_day", day=last))
    return "" if one["answer"] == "unknown" else card.quiet(session.say("fault_not_heard"))


def _tone(taken: Taken) -> card.Tone:
    if taken.verdict == "crew_needed":
        return "risk"
    return "good" if taken.verdict == "meter_answers" else "plain"


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
