"""Whose it is, as rows of a card: area, people, promise, hall and payment point."""

from app import language as words
from app.use_cases.whose import Person, Reach, Whose
from app.widgets import card, session

_STRAIGHT = "straight_line"
_NO_RULE = ("none", "conflict")


def rows(answer: Whose) -> list[card.Row]:
    """The rows that say who serves a place."""
    say = session.say
    return [
        (say("card_area"), _area(answer)),
        (say("card_manager"), _person(answer.manager)),
        (say("card_backup"), _person(answer.backup)),
        (say("card_crew"), card.joined(_person(answer.crew), _way(answer.crew_reach))),
        (say("card_promise"), _promise(answer)),
        (say("card_hall"), _reach(answer.hall)),
        (say("card_bank"), _reach(answer.bank)),
    ]


def under_title(answer: Whose) -> str:
    """Area, station and rule in one line of plain text."""
    parts = [answer.area_name or answer.area, answer.unit_name, session.say(f"rule_{answer.rule}")]
    return " · ".join(part for part in parts if part)


def _area(answer: Whose) -> str:
    if answer.rule == "conflict":
        named = card.text(list(answer.areas))
        return card.joined(card.badge(session.say("rule_conflict"), "broken"), named)
    if not answer.area:
        return card.badge(session.say("rule_none"), "risk")
    until = ""
    if answer.valid_to is not None:
        until = card.quiet(session.say("card_until", time=session.moment(answer.valid_to)))
    elif answer.valid_from is not None:
        until = card.quiet(session.say("card_since", time=session.moment(answer.valid_from)))
    name = answer.area_name or answer.area
    code = card.quiet(answer.area) if answer.area_name and answer.area_name != answer.area else ""
    return card.joined(card.text(name), code, until)


def _person(person: Person | None) -> str:
    if person is None:
        return card.badge(session.say("card_vacant"), "broken")
    phone = card.quiet(person.phone) if person.phone else ""
    return card.joined(card.text(person.name or person.id), phone)


def _promise(answer: Whose) -> str:
    if answer.promise_class is None:
        return card.text(None)
    named = session.say(f"promise_{answer.promise_class}")
    if answer.promise_min is None:
        return card.text(named)
    within = words.minutes(answer.promise_min, session.language())
    told = card.text(session.say("card_promise_within", promise=named, time=within))
    way = answer.crew_reach.minutes
    if way is None:
        return told
    kept = way <= answer.promise_min
    word = session.say("card_promise_kept" if kept else "card_promise_broken")
    return card.joined(told, card.badge(word, "good" if kept else "broken"))


def _reach(reach: Reach) -> str:
    if reach.id is None:
        return card.text(None)
    return card.joined(card.text(reach.name or reach.id), _way(reach))


def _way(reach: Reach) -> str:
    if reach.id is None:
        return ""
    if reach.minutes is None:
        return card.badge(session.say("unreachable"), "risk")
    way = card.text(words.minutes(reach.minutes, session.language()), strong=True)
    estimated = card.quiet(session.say("straight_line")) if reach.method == _STRAIGHT else ""
    return card.joined("·", way, estimated)
