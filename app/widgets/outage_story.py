"""One outage's story beside the map: its facts, what happened, who is in it, what may be done."""

from typing import Any, Final

import streamlit as st

from app.use_cases import access, outages
from app.use_cases import outage_story as use_case
from app.use_cases.outage_story import Entry, OutageStory
from app.widgets import card, errors, outage_deeds, outage_people, plain, session
from app.widgets import words_of as naming

_PARTS: Final = 6
"""So many parts of a scope are named; the rest is counted."""


def show(outage_id: str) -> None:
    """The outage's whole story as known now; nothing but a sentence where it is out of sight."""
    with st.container(key="outage_story", gap="small"), errors.kindly():
        found = use_case.story(
            session.database(), session.actor(), outage_id, session.now(),
            calls_from=outage_people.calls_from(outage_id),
        )  # fmt: skip
        _head(found)
        _facts(found)
        outage_people.show_important(found)
        if access.may(session.actor(), "run_outages"):
            outage_deeds.show(found)
        _timeline(found)
        outage_people.show_calls(found)


def _head(found: OutageStory) -> None:
    facts = found.facts
    kind = naming.value("kind", facts["kind"] or "fault")
    status = naming.value("status", facts["status"] or "in_force")
    under = session.say("outage_story_under", kind=kind, status=status)
    card.title(str(facts["outage_id"]), under)
    st.html(f'<div class="gc-badges">{" ".join(_badges(found))}</div>')


def _badges(found: OutageStory) -> list[str]:
    is_coming = found.facts["started_at"] > found.at
    state = "open" if found.is_open else "coming" if is_coming else "over"
    badges = [
        card.badge(session.say(f"outage_story_{state}"), "broken" if found.is_open else "good")
    ]
    if found.is_silent:
        limit = round(outages.rule("silent_after"))
        badges.append(card.badge(session.say("outage_story_silent", minutes=limit), "risk"))
    if found.is_overdue:
        badges.append(card.badge(session.say("outage_story_overdue"), "risk"))
    if found.nested_out:
        dark = session.say("outage_story_dark", customers=found.nested_out)
        badges.append(card.badge(dark, "broken"))
    return badges


def _facts(found: OutageStory) -> None:
    facts, say = found.facts, session.say
    is_coming = facts["started_at"] > found.at
    rows = [
        (
            say("outage_story_begins" if is_coming else "outage_story_began"),
            _time(facts["started_at"]),
        ),
        (say("outage_story_back"), _estimate(facts["estimated_restore_at"])),
        (say("outage_story_ended"), _time(facts["restored_at"])),
        (say("outage_story_cause"), card.text(facts["cause"])),
        (say("outage_story_scope"), card.text(_scope(found))),
        (say("outage_story_out"), _out(found)),
        (say("outage_story_peak"), _peak(found)),
        (say("outage_story_ever"), card.text(found.customers_ever)),
        (say("outage_story_important"), card.text(found.important)),
        (say("outage_story_life"), card.text(found.life_support)),
        (say("outage_story_parent"), card.text(facts["parent_outage_id"])),
        (say("outage_story_news"), _time(found.news_at)),
    ]
    empty = {say("outage_story_ended"), say("outage_story_parent"), say("outage_story_cause")}
    nothing = card.text(None)
    card.rows([(word, told) for word, told in rows if told != nothing or word not in empty])


def _time(value: Any) -> str:
    return card.text(None if plain.is_missing(value) else session.moment(value))


def _estimate(value: Any) -> str:
    if plain.is_missing(value):
        return card.quiet(session.say("outage_story_no_estimate"))
    return card.text(session.moment(value), strong=True)


def _out(found: OutageStory) -> str:
    told = "" if found.is_counted else card.quiet(session.say("outage_story_as_told"))
    return card.joined(card.text(found.customers_out, strong=True), told)


def _peak(found: OutageStory) -> str:
    if found.peak_at is None:
        return card.text(found.customers_peak)
    values = {"customers": found.customers_peak, "time": session.moment(found.peak_at)}
    return card.text(session.say("outage_story_peak_at", **values))


def _scope(found: OutageStory) -> str:
    return _with_beyond(in_words(found.parts), found.parts_beyond)


def _with_beyond(said: str, count: int) -> str:
    """The parts in sight, and how many lie over the border."""
    told = session.say("outage_story_beyond", count=count) if count else ""
    return " · ".join(one for one in (said, told) if one)


def in_words(parts: tuple[tuple[str, str], ...]) -> str:
    """The first parts of a scope in words, and how many more there are."""
    comma = ", " if session.language() == "en" else "、"
    named = []
    for kind in ("feeder", "transformer", "customer"):
        names = comma.join(name for one, name in parts[:_PARTS] if one == kind)
        if names:
            named.append(session.say(f"outage_story_part_{kind}", name=names))
    if len(parts) > _PARTS:
        named.append(session.say("outage_story_more", count=len(parts) - _PARTS))
    return comma.join(named)


def _timeline(found: OutageStory) -> None:
    lines = "".join(_line(entry) for entry in reversed(found.timeline))
    heading = plain.escaped(session.say("outage_story_timeline"))
    st.html(f'<h4>{heading}</h4><ol class="gc-timeline">{lines}</ol>')


def _line(entry: Entry) -> str:
    tone = _TONES.get(entry.code, "said")
    time = plain.escaped(session.moment(entry.at))
    said = plain.escaped(_said(entry))
    return f'<li class="gc-{tone}-entry"><time>{time}</time> {said}</li>'


_TONES: Final = {"began": "out", "step_out": "out", "step_restored": "back", "ended": "back"}


def _said(entry: Entry) -> str:
    values = dict(entry.told)
    if entry.code in ("step_out", "step_restored"):
        return session.say(f"outage_entry_{entry.code}", scope=_what(values))
    if entry.code == "estimate":
        return _estimated(values)
    if entry.code == "status_moved":
        values = {name: naming.value("status", values.get(name)) for name in ("old", "new")}
    if entry.code == "news_noted":
        values = {"news": code_word(values.get("news"))}
    if entry.code == "supply_asked":
        answer = "outage_answer_yes" if values.get("has_supply") else "outage_answer_no"
        values = {"answer": session.say(answer)}
    if entry.code not in _KNOWN:
        return session.say("outage_entry_other", event=entry.code.replace("_", " "))
    return session.say(f"outage_entry_{entry.code}", **values)


_KNOWN: Final = frozenset(
    ("began", "ended", "status_moved", "cause_set", "news_noted", "put_under", "taken_out",
     "reopened", "closed", "step_taken_back", "supply_asked")
)  # fmt: skip


def _what(values: dict[str, Any]) -> str:
    parts = tuple(
        (part.strip().partition(":")[0], part.strip().partition(":")[2])
        for part in str(values["scope"] or "").split(";") if part.strip()
    )  # fmt: skip
    count = values["customers"]
    told = (
        None if count is None else session.say("outage_entry_step_customers", customers=int(count))
    )
    named = _with_beyond(in_words(parts), int(values.get("beyond") or 0))
    return " · ".join(one for one in (named, told) if one)


def _estimated(values: dict[str, Any]) -> str:
    until = values["until"]
    said = session.say("outage_entry_estimate_none") if until is None else session.say(
        "outage_entry_estimate", until=until)  # fmt: skip
    return said if not values["reason"] else f"{said} · {code_word(values['reason'])}"


def code_word(code: Any) -> str:
    """A code of the outages' table in words, or as it is where a file brought words of its own."""
    known = f"outage_code_{code}"
    return str(naming.said(known, code))
