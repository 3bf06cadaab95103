"""Words of fault reports that several parts of the page use."""

from datetime import datetime

from app import language as words
from app.use_cases.fault_wishes import classes
from app.widgets import session


def clock(value: datetime) -> str:
    """A time of today as a clock shows it, else with its day, in the session's zone."""
    local, today = value.astimezone(session.zone()), session.now().astimezone(session.zone())
    return f"{local:%H:%M}" if local.date() == today.date() else session.moment(value)


def class_word(code: str) -> str:
    """A class of faults in words: the catalogue's, else the table's own."""
    known, spoken = f"fault_class_{code}", session.language()
    return words.say(known, spoken) if words.knows(known, spoken) else classes().first_word(code)
