"""What the process logs: types, places and codes, never what people are called or dial.

Every record is made safe where it is made, so that no handler, ours or a library's, can write
out what the message held.
"""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final

HIDDEN: Final = "…"
_QUERY = re.compile(r"(?<=[^\s?])\?[^\s\"'<>]*=[^\s\"'<>]*")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_MARKS: Final = (
    ("'", "'", "(?:b|u)?"), ('"', '"', "(?:b|u)?"), ("`", "`", ""),
    ("“", "”", ""), ("‘", "’", ""), ("「", "」", ""),
)  # fmt: skip


def _between(left: str, right: str, prefix: str) -> re.Pattern[str]:
    """What stands in these marks; a mark inside a word ends nothing (O'Hara)."""
    inside = rf"(?:\\.|[^\\{right}]|{right}(?=\w))*"
    return re.compile(rf"(?<!\w){prefix}{left}{inside}(?:{right}|\\?\Z)", re.DOTALL)


_QUOTED: Final = tuple(
    (_between(left, right, prefix), f"{left}{HIDDEN}{right}") for left, right, prefix in _MARKS
)
_CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_DIGITS = re.compile(r"(?<![\d-])(\d{4}-\d{2}-\d{2})(?![\d-])|\+?\d(?:[ -]?\d){5,}")
_SHOWN_LINKS = 8
_ACCESS_LOG: Final = "uvicorn.access"


def masked(text: str) -> str:
    """The text without quoted values, Chinese words, queries, and digits in runs of six or more.

    Digits count as one run across single spaces and hyphens, as phones are written; days such as
    2026-07-16 stay.
    """
    text = _QUERY.sub(f"?{HIDDEN}", text)
    text = _ESCAPES.sub(HIDDEN, text)
    for quoted, instead in _QUOTED:
        text = quoted.sub(instead, text)
    text = _CHINESE.sub(HIDDEN, text)
    return _DIGITS.sub(lambda found: found[1] or HIDDEN, text)


def trace_of(error: BaseException) -> str:
    """The traceback: types and frames as ever, messages masked, causes and notes included."""
    return "".join(_trace(error, set())).rstrip("\n")


def _trace(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen and len(seen) < _SHOWN_LINKS:
        yield from _trace(before, seen)
        yield "\nwhich led to:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{_type_name(error)}: {masked(_message(error))}\n"
    for note in getattr(error, "__notes__", ()):
        yield f"{masked(str(note))}\n"
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            if len(seen) < _SHOWN_LINKS:
                yield from _trace(part, seen)


def _type_name(error: BaseException) -> str:
    kind = type(error)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # an error that cannot say what it is must not break the log
        return HIDDEN


class SafeRecord(logging.LogRecord):
    """A log record that only ever tells its message and its traceback masked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[1] is not None:
            self.exc_text, self.exc_info = trace_of(self.exc_info[1]), None
        if self.name == _ACCESS_LOG and isinstance(self.args, tuple):
            # its formatter reads the arguments themselves
            self.args = tuple(masked(a) if isinstance(a, str) else a for a in self.args)

    def getMessage(self) -> str:  # noqa: N802 - the library's name
        """The message with its arguments in it, masked."""
        return masked(super().getMessage())


def install() -> None:
    """Make every record of this process safe, and log what would else be printed uncaught."""
    logging.setLogRecordFactory(SafeRecord)
    logging.raiseExceptions = False  # a record that cannot be formatted would be printed raw
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("gridcells").critical("uncaught", exc_info=error)


def _uncaught_in_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None and not isinstance(told.exc_value, SystemExit):
        logging.getLogger("gridcells").critical("uncaught in a thread", exc_info=told.exc_value)


def _unraisable(told: Any) -> None:
    logging.getLogger("gridcells").error("uncaught while tidying up", exc_info=told.exc_value)
