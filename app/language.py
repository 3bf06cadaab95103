"""The words of the interface: one catalogue per language, the same keys in each."""

import string
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any, Final

LANGUAGES: Final = ("en", "zh")
NAMES: Final = {"en": "EN", "zh": "中文"}
CATALOGUES: Final = Path(__file__).with_name("catalogues")
NOTHING: Final = "—"

_WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HOUR_MIN, _DAY_MIN = 60, 1440
_EXACT_BELOW, _TENTHS_BELOW = 10, 1000


class UnknownWord(KeyError):
    """A catalogue has no sentence for a code."""


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every sentence of a language by its code."""
    words: dict[str, str] = {}
    for file in sorted((CATALOGUES / language).glob("*.toml")):
        words.update(tomllib.loads(file.read_text(encoding="utf-8")))
    return words


def knows(code: str, language: str) -> bool:
    """Whether the language has a sentence for the code."""
    return code in catalogue(language)


def say(code: str, language: str, /, **values: Any) -> str:
    """The sentence for a code, its values shown as the language writes them.

    A value `count` of 1 takes the sentence `<code>_one` where there is one. Raises UnknownWord.
    """
    words = catalogue(language)
    if values.get("count") == 1:
        code = f"{code}_one" if f"{code}_one" in words else code
    if code not in words:
        raise UnknownWord(code)
    return _Filler(language).vformat(words[code], (), values)


class _Filler(string.Formatter):
    """Fills a sentence; a value it was not given leaves its name standing."""

    def __init__(self, language: str) -> None:
        self._language = language

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        del args  # sentences name their values
        return kwargs.get(str(key), f"{{{key}}}")

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec:
            return format(value, format_spec)
        return shown(value, self._language)


def shown(value: Any, language: str) -> str:
    """Any value as people of the language read it."""
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN
        return NOTHING
    if isinstance(value, bool):
        return say("yes" if value else "no", language)
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, datetime):
        return moment(value, language, now=value)
    if isinstance(value, date):
        return day(value, language, year=True)
    if isinstance(value, list | tuple | set | frozenset):
        joint = "、" if language == "zh" else ", "
        return joint.join(shown(one, language) for one in value)
    return str(value)


def number(value: float, digits: int | None = None) -> str:
    """A figure with thousands set apart; as many digits as it deserves unless told."""
    if value != value:  # noqa: PLR0124 - NaN
        return NOTHING
    if digits is None:
        whole = float(value).is_integer()
        size = abs(value)
        digits = 0 if whole or size >= _TENTHS_BELOW else 1 if size >= _EXACT_BELOW else 2
    return f"{value:,.{digits}f}".replace("-", "−")


def percent(share: float, digits: int = 1) -> str:
    """A share of 1 in per cent."""
    return f"{number(100 * share, digits)} %"


def minutes(value: float | None, language: str) -> str:
    """A duration given in minutes, in words; the dash where it is unknown or unreachable."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return NOTHING
    whole = round(value)
    if whole < 2 * _HOUR_MIN:
        return say("minutes", language, n=whole)
    if whole < 2 * _DAY_MIN:
        return say("hours_minutes", language, h=whole // _HOUR_MIN, m=f"{whole % _HOUR_MIN:02d}")
    return say("days", language, n=whole // _DAY_MIN)


def day(value: date, language: str, *, year: bool = False) -> str:
    """A calendar day with its weekday or, where that matters more, with its year."""
    if language == "zh":
        whole = f"{value.month}月{value.day}日"
        return f"{value.year}年{whole}" if year else f"{whole} {_WEEKDAYS['zh'][value.weekday()]}"
    whole = f"{value.day} {_MONTHS[value.month - 1]}"
    return f"{whole} {value.year}" if year else f"{_WEEKDAYS['en'][value.weekday()]} {whole}"


def moment(value: datetime, language: str, zone: tzinfo | None = None, *, now: date) -> str:
    """A moment as day and time, in the zone given; with the year when it is not this one's."""
    local = value.astimezone(zone) if zone is not None else value
    return f"{day(local, language, year=local.year != now.year)} {local:%H:%M}"


def ago(then: datetime, now: datetime, language: str) -> str:
    """How long a moment lies back, or ahead, of now."""
    distance = (now - then).total_seconds() / 60
    code = "ago" if distance >= 0 else "ahead"
    return say(code, language, time=minutes(abs(distance), language))
