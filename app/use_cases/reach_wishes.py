"""What is asked about reach: of halls or payment points, on foot or by car, when, for what."""

import base64
import binascii
import json
import re
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal

from grid_cells.errors import UserError
from grid_cells.payment_reach import LIMITS

Target = Literal["pay", "hall"]
Mode = Literal["drive", "walk"]
Layer = Literal["minutes", "change", "points", "operators"]

TARGETS: Final[tuple[Target, ...]] = ("pay", "hall")
MODES: Final[tuple[Mode, ...]] = ("drive", "walk")
LAYERS: Final[tuple[Layer, ...]] = ("minutes", "change", "points", "operators")
RANKS: Final = ("payers", "customers")
OF_PEOPLE: Final = "fact:"
NOW: Final = "now"
USUAL_LIMIT: Final = "30"
LIMITS_TOLD: Final = tuple(f"{one:g}" for one in LIMITS)
ADDED: Final = "at:"
ADDED_HALL: Final = "hall-at:"
"""Before the place of an assumed machine open day and night, and of an assumed hall."""
MOST_CHANGES: Final = 5
_LONGEST: Final = 100
_HOUR = re.compile(r"[1-7]\.(?:[01]?\d|2[0-3])")


@dataclass(frozen=True)
class ReachWish:
    """What is asked for.

    moment: NOW, a time with its zone (ISO 8601), or the coming weekday (1 Monday) and hour as
    "2.10"; matter: of halls, empty for any; limit: minutes, of LIMITS_TOLD; closed: points assumed
    closed, by id; added: machines assumed open day and night, as "at:lon,lat", and halls of the
    usual hours, as "hall-at:lon,lat"; rank: what gaps are
    ranked by, of RANKS or a loaded figure of people as "fact:name".
    """

    target: Target = "pay"
    mode: Mode = "drive"
    moment: str = NOW
    matter: str = ""
    limit: str = USUAL_LIMIT
    closed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    rank: str = RANKS[0]

    @property
    def limit_min(self) -> float:
        """The limit in minutes."""
        return float(self.limit)


def check(wish: ReachWish) -> ReachWish:
    """The wish where it can be read; raises UserError `reach_wish_unreadable`."""
    texts = (wish.moment, wish.matter, wish.rank, *wish.closed, *wish.added)
    is_read = (
        wish.target in TARGETS and wish.mode in MODES and wish.limit in LIMITS_TOLD
        and all(isinstance(one, str) and len(one) <= _LONGEST for one in texts)
        and (wish.rank in RANKS or wish.rank.startswith(OF_PEOPLE))
        and len(wish.closed) + len(wish.added) <= MOST_CHANGES
        and all(point_of(one) is not None for one in wish.added)
    )  # fmt: skip
    if not is_read:
        raise UserError("reach_wish_unreadable")
    return wish


def is_hour(moment: str) -> bool:
    """Whether the moment is a weekday and hour."""
    return _HOUR.fullmatch(moment) is not None


def point_of(added: str) -> tuple[float, float] | None:
    """Longitude and latitude of an added point; None where it is none."""
    prefix = ADDED_HALL if is_hall(added) else ADDED
    try:
        lon, lat = (float(part) for part in added.removeprefix(prefix).split(","))
    except ValueError:
        return None
    return (lon, lat) if added.startswith(prefix) and is_on_earth(lon, lat) else None


def is_on_earth(lon: float, lat: float) -> bool:
    """Whether the degrees are those of a place; NaN and infinities are of none."""
    return abs(lon) <= 180 and abs(lat) <= 90  # noqa: PLR2004


def is_hall(added: str) -> bool:
    """Whether an added point is a hall; else it is a machine."""
    return added.startswith(ADDED_HALL)


def wish_word(wish: ReachWish) -> str:
    """A word for a wish; for addresses of cells files."""
    usual = asdict(ReachWish())
    told = {name: value for name, value in asdict(wish).items() if value != usual[name]}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return "w" + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def wish_of(word: str) -> ReachWish:
    """The wish behind its word; raises UserError `reach_wish_unreadable`."""
    padded = word[1:] + "=" * (-len(word[1:]) % 4)
    try:
        told: Any = json.loads(base64.urlsafe_b64decode(padded.encode()))
        known = {one.name for one in fields(ReachWish)}
        if not isinstance(told, dict) or not set(told) <= known:
            raise ValueError  # noqa: TRY301 - said like anything else that is no wish
        lists = {name: tuple(told[name]) for name in ("closed", "added") if name in told}
        wish = ReachWish(**{**told, **lists})
    except (ValueError, TypeError, binascii.Error) as error:
        raise UserError("reach_wish_unreadable") from error
    return check(wish)


def layer_of(word: str) -> Layer:
    """The layer of that name; raises UserError `reach_wish_unreadable`."""
    for one in LAYERS:
        if one == word:
            return one
    raise UserError("reach_wish_unreadable")
