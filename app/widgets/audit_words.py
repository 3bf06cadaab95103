"""Rows of the audit in sentences that people read."""

import json
from typing import Any

from app import language as words
from app.use_cases import roles
from app.widgets import plain, session, who
from app.widgets import words_of as naming

_KINDS = ("user", "session", "customer", "cell", "unit", "area", "login", "subject", "batch")

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


def subject(text: str) -> str:
    """What it was done to: the kind in words, then the id."""
    kind, colon, rest = text.partition(":")
    if text == "audit_log":
        return session.say("page_audit")
    if kind == "table":
        return _known(f"retention_{rest}") or rest
    if not colon or kind not in _KINDS:
        return text
    short = rest if len(rest) <= _LONGEST else f"{rest[:_SHORT]}…"
    return session.say("audit_about", kind=session.say(f"audit_kind_{kind}"), id=short)


def sentence(row: dict[Any, Any]) -> str:
    """What was done, with what the row tells of it."""
    told = detail(row["detail"])
    parts = [f"{_name(name)} {_value(name, value)}" for name, value in told.items()]
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


def _value(name: str, value: object) -> str:
    if name == "role" and str(value) in roles.permissions_by_role():
        return who.role(str(value))
    if name == "permission":
        return _known(f"permission_{value}") or str(value)
    if name in ("why", "way", "code"):
        return _known(f"why_{value}") or str(value).replace("_", " ")
    if name in ("purpose", "reason"):
        return _known(f"{'unmask_' if name == 'reason' else ''}{name}_{value}") or str(value)
    if name == "column":
        return naming.column(str(value))
    return words.shown(value, session.language())


def _known(code: str) -> str | None:
    language = session.language()
    return words.say(code, language) if words.knows(code, language) else None
