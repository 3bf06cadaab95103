"""What is asked about coverage: which moment, which crews, which limit, against what."""

import base64
import binascii
import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from grid_cells.coverage import BRACKETS
from grid_cells.errors import UserError

Layer = Literal["minutes", "second", "depth", "change", "posts"]

NOW: Final = "now"
MOMENTS: Final = (NOW, "tonight", "morning", "sunday")
"""Words for moments: now, 22:00 of today, 08:00 of tomorrow, 10:00 of the coming Sunday."""
PROMISE: Final = "promise"
USUAL_LIMIT: Final = "45"
LIMITS: Final = (PROMISE, *(f"{one:g}" for one in BRACKETS))
LAYERS: Final[tuple[Layer, ...]] = ("minutes", "second", "depth", "change", "posts")
ANY_SKILL: Final = ""
NOTHING: Final = ""
OPEN: Final = "open"
"""Compared with the same moment as if no street were closed."""
MOST_POSTS: Final = 3
A_YEAR: Final = timedelta(days=365)
_SUNDAY: Final = 6
_LONGEST: Final = 100


@dataclass(frozen=True)
class CoverageWish:
    """What is asked for.

    moment: a word of MOMENTS or a time with its zone (ISO 8601); skill: empty for any crew;
    limit: a word of LIMITS, the promise of the place or minutes; free_only: crews on an order do
    not count; as_open: as if no street were closed; against: empty, OPEN or a moment; posts: sites
    assumed in addition; moved: the crew whose base is assumed there instead.
    """

    moment: str = NOW
    skill: str = ANY_SKILL
    limit: str = USUAL_LIMIT
    free_only: bool = False
    as_open: bool = False
    against: str = NOTHING
    posts: tuple[str, ...] = ()
    moved: str = ""


def check(wish: CoverageWish) -> CoverageWish:
    """The wish where it can be read; raises UserError `coverage_wish_unreadable`."""
    texts = (wish.moment, wish.skill, wish.against, wish.moved, *wish.posts)
    flags = (wish.free_only, wish.as_open)
    is_read = (
        all(isinstance(one, str) and len(one) <= _LONGEST for one in texts)
        and all(isinstance(one, bool) for one in flags)
        and wish.limit in LIMITS
        and len(wish.posts) <= MOST_POSTS
    )
    if not is_read:
        raise UserError("coverage_wish_unreadable")
    return wish


def moment_at(word: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment that a word stands for, to the minute.

    Raises UserError `coverage_moment_unreadable` for a time that cannot be read or has no zone.
    """
    here = now.astimezone(zone)
    if word == NOW:
        return now.replace(second=0, microsecond=0)
    if word == "tonight":
        return _next(here, here.date(), time(22), days=1)
    if word == "morning":
        return datetime.combine(here.date() + timedelta(days=1), time(8), zone).astimezone(UTC)
    if word == "sunday":
        sunday = here.date() + timedelta(days=(_SUNDAY - here.weekday()) % 7)
        return _next(here, sunday, time(10), days=7)
    try:
        told = datetime.fromisoformat(word)
    except ValueError:
        told = None
    if told is None or told.tzinfo is None:
        raise UserError("coverage_moment_unreadable", time=word[:_LONGEST])
    return told.astimezone(UTC).replace(second=0, microsecond=0)


def _next(here: datetime, day: date, clock: time, *, days: int) -> datetime:
    """That time of the day in the zone of `here`; so many days later where it is over."""
    told = datetime.combine(day, clock, here.tzinfo)
    if told < here:
        told = datetime.combine(day + timedelta(days=days), clock, here.tzinfo)
    return told.astimezone(UTC)


def wish_word(wish: CoverageWish) -> str:
    """A word for a wish; for addresses of cells files."""
    usual = asdict(CoverageWish())
    told = {name: value for name, value in asdict(wish).items() if value != usual[name]}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return "w" + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def wish_of(word: str) -> CoverageWish:
    """The wish behind its word; raises UserError `coverage_wish_unreadable`."""
    padded = word[1:] + "=" * (-len(word[1:]) % 4)
    try:
        told: Any = json.loads(base64.urlsafe_b64decode(padded.encode()))
        known = {one.name for one in fields(CoverageWish)}
        if not isinstance(told, dict) or not set(told) <= known:
            raise ValueError  # noqa: TRY301 - said like anything else that is no wish
        if "posts" in told:
            told["posts"] = tuple(told["posts"])
        wish = CoverageWish(**told)
    except (ValueError, TypeError, binascii.Error) as error:
        raise UserError("coverage_wish_unreadable") from error
    return check(wish)


def layer_of(word: str) -> Layer:
    """The layer of that name; raises UserError `coverage_wish_unreadable`."""
    for one in LAYERS:
        if one == word:
            return one
    raise UserError("coverage_wish_unreadable")
