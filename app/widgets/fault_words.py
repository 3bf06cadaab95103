"""Words of fault reports that several parts of the page use."""

import json
from datetime import datetime
from typing import Any

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


def group_word(kept: Any) -> str:
    """Why a call is in its outage, or on its own, as the store keeps it, in words; else nothing."""
    told = json.loads(kept) if isinstance(kept, str) and kept.startswith("{") else {}
    return reason_word(told)


def reason_word(told: dict[str, Any]) -> str:
    """The same of a reason that is read already: its code and figures."""
    values = {name: one for name, one in told.items() if name != "code"}
    code, spoken = f"group_{told.get('code')}", session.language()
    known = words.knows(code, spoken) and None not in values.values()
    return session.say(code, **values) if known else ""
