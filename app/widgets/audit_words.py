"""Rows of the audit in sentences that people read."""

import json
from collections.abc import Mapping
from typing import Any

from app import language as words
from app.use_cases import roles
from app.widgets import plain, session, who
from app.widgets import words_of as naming

_KINDS = ("user", "session", "customer", "cell", "unit", "area", "login", "subject", "batch")

_WRITTEN = "in_words"
_LONGEST, _SHORT = 20, 10


def person(actor_id: str, name: object = None) -> str:
    """Who did it, by name where there is one."""
    if not plain.is_missing(name) and name:
        return str(name)
    kind, _, rest = actor_id.partition(":")
    if actor_id == "nobody":
        return session.say("audit_nobody")
    if kind == "cli":
        return session.say("audit_command_line", name=rest)
    return actor_id


def event(code: str) -> str:
    """A kind of event by its name."""
    return _known(f"event_{code}") or code.replace("_", " ")


def subject(text: str, name: object = None) -> str:
    """What it was done to: a person by name, else the kind in words, then the id."""
    kind, colon, rest = text.partition(":")
    if kind == "user" and not plain.is_missing(name) and name:
        return str(name)
    if text == "audit_log":
        return session.say("page_audit")
    if kind == "table":
        return _known(f"retention_{rest}") or rest
    if not colon or kind not in _KINDS:
        return text
    short = rest if len(rest) <= _LONGEST else f"{rest[:_SHORT]}…"
    return session.say("audit_about", kind=session.say(f"audit_kind_{kind}"), id=short)


def sentence(row: dict[Any, Any], units: Mapping[str, str]) -> str:
    """What was done, with what the row tells of it; units: the name of each by its id."""
    told = detail(row["detail"])
    parts = [f"{_name(name)} {_value(name, value, units)}" for name, value in told.items()]
    joint = "，" if session.language() == "zh" else ", "
    what = event(str(row["event"]))
    return session.say("audit_told", what=what, detail=joint.join(parts)) if parts else what


def detail(text: object) -> dict[str, Any]:
    """The row's detail; empty where it holds none."""
    found = json.loads(str(text)) if isinstance(text, str) and text else {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def _name(name: str) -> str:
    return _known(f"detail_{name}") or name.replace("_", " ")


def _value(name: str, value: object, units: Mapping[str, str]) -> str:
    if name == "unit_id":
        return units.get(str(value), str(value))
    if name == "asked":
        return _place(str(value))
    if name == "role" and str(value) in roles.permissions_by_role():
        return who.role(str(value))
    if name == "permission":
        return _known(f"permission_{value}") or str(value)
    if name in ("why", "way", "code"):
        return _known(f"why_{value}") or str(value).replace("_", " ")
    if name == "purpose" and value == _WRITTEN:
        return session.say("audit_purpose_written")
    if name in ("purpose", "reason"):
        return _known(f"{'unmask_' if name == 'reason' else ''}{name}_{value}") or str(value)
    if name == "column":
        return naming.column(str(value))
    return words.shown(value, session.language())


def _place(asked: str) -> str:
    """What was asked for: a page by its name, anything else by its address alone."""
    address = asked.rpartition(" ")[2]
    page = address.removeprefix("page.").strip("/").partition("?")[0]
    return _known(f"page_{page}") or address


def _known(code: str) -> str | None:
    language = session.language()
    return words.say(code, language) if words.knows(code, language) else None
