"""Signing in: how soon one may try again, which passwords will do, passwords made for one use."""

import ipaddress
import math
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from grid_cells.errors import UserError

FREE_FAILURES: Final = 3
LOCK_AT: Final = 10
LOCK: Final = timedelta(minutes=15)
AFTER_LOCK: Final = 5
"""What is left of the failures once a lock is over: one more must not lock again at once."""
FADE: Final = timedelta(days=1)
SLOW_FROM: Final = 20
SLOWEST_S: Final = 30

LEAST_LENGTH: Final = 10
MOST_LENGTH: Final = 256
LOGIN_LENGTH: Final = 64

_READABLE: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 4, 4
_COMMON: Final = (
    "0123456789 01234567890 0987654321 1029384756 1122334455 1123581321 1212121212 1234512345 "
    "12345678900 1234567890 12345678910 123456789a 123456789q 123456789abc 1234567890q 1234567891 "
    "123123123123 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc 5201314520 9876543210 "
    "a123456789 a1234567890 aa123456789 abc123456789 abcd123456 abcd1234567 abcdefghij admin12345 "
    "admin123456 administrator asdfghjkl123 asdfghjkl; changeme123 grid-cells gridcells1 "
    "gridcells123 iloveyou123 iloveyou520 letmein123 p@ssw0rd123 passw0rd123 password12 "
    "password123 password1234 password12345 password123456 passwordpassword q1w2e3r4t5 "
    "q1w2e3r4t5y6 qazwsxedcrfv qq123456789 qwer123456 qwerty12345 qwerty123456 qwertyuiop "
    "qwertyuiop123 qwertyuiop[] welcome123 welcome1234 woaini1314 woaini1314520 woaini520 "
    "woaini5201314 zxcvbnm123 zxcvbnm123456 "
)
"""The commonest passwords that are long enough to pass otherwise."""


class Choice(Protocol):
    """A source of randomness."""

    def choice(self, seq: str, /) -> str:
        """One character of the text."""


@dataclass(frozen=True)
class Failures:
    """How often a login failed from one source, and when last."""

    count: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """Whether a try may be made now; else the whole seconds to wait, and whether it is a lock."""

    wait_s: int = 0
    locked_until: datetime | None = None

    @property
    def may_try(self) -> bool:
        """Whether a password would be looked at now."""
        return self.wait_s == 0


def faded(failures: Failures, now: datetime) -> Failures:
    """The failures as they still count: fewer once a lock is over, none after a day."""
    if failures.last_at is None or now - failures.last_at >= FADE:
        return Failures()
    if failures.count >= LOCK_AT and now - failures.last_at >= LOCK:
        return Failures(AFTER_LOCK, failures.last_at)
    return failures


def one_more(failures: Failures, now: datetime) -> Failures:
    """The failures with one more, made now."""
    return Failures(faded(failures, now).count + 1, now)


def standing(own: Failures, everywhere: int, now: datetime) -> Standing:
    """Whether the login may be tried now from a source that has failed `own` times.

    `everywhere` counts the login's failures from all sources of the last day: when they are many,
    each source is slowed by a few seconds, but none is locked for what others did, and the first
    try of a source is always free, so that nobody's guessing keeps the right person out.
    """
    own = faded(own, now)
    if own.last_at is None or own.count == 0:
        return Standing()
    if own.count >= LOCK_AT:
        return _until(own.last_at + LOCK, now, is_lock=True)
    wait_s = max(_own_wait_s(own.count), _shared_wait_s(everywhere))
    return _until(own.last_at + timedelta(seconds=wait_s), now, is_lock=False)


def _own_wait_s(count: int) -> int:
    return 0 if count <= FREE_FAILURES else int(2 ** (count - FREE_FAILURES - 1))


def _shared_wait_s(everywhere: int) -> int:
    return 0 if everywhere < SLOW_FROM else int(min(SLOWEST_S, 2 ** min(everywhere - SLOW_FROM, 5)))


def _until(end: datetime, now: datetime, *, is_lock: bool) -> Standing:
    wait_s = math.ceil((end - now).total_seconds())
    if wait_s <= 0:
        return Standing()
    return Standing(wait_s, end if is_lock else None)


def login_of(text: str) -> str:
    """The login as it is kept and compared: one form of each letter, small, no spaces around."""
    whole = text.encode("utf-8", "replace").decode()  # half a character cannot be looked up
    return unicodedata.normalize("NFKC", whole).strip().casefold()


def check_login(login: str) -> None:
    """Raise UserError unless 1 to 64 letters, digits or signs without spaces."""
    is_plain = login.isprintable() and not any(letter.isspace() for letter in login)
    if not login or len(login) > LOGIN_LENGTH or not is_plain:
        raise UserError("user_login_form", most=LOGIN_LENGTH)


def source_of(peer: str) -> str:
    """What counts as one source: an IPv4 address, or the /64 network that one IPv6 line gets."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return peer
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)


def password_of(text: str) -> str:
    """The password in one form, however the keyboard composed its letters."""
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())


def check_password(password: str, login: str) -> None:
    """Raise UserError for a password that is too short, the login, one letter, or very common."""
    plain = password_of(password).casefold()
    if len(plain) < LEAST_LENGTH:
        raise UserError("password_short", least=LEAST_LENGTH)
    if len(plain) > MOST_LENGTH:
        raise UserError("password_long", most=MOST_LENGTH)
    if len(set(plain)) == 1:
        raise UserError("password_one_character")
    if _is_repeated(plain, login_of(login)):
        raise UserError("password_is_login")
    if plain in _COMMON.split():
        raise UserError("password_common")


def _is_repeated(password: str, login: str) -> bool:
    """Whether the password is the login, once or several times over."""
    return bool(login) and login_of(password).replace(login, "") == ""


def one_time_password(random: Choice) -> str:
    """Sixteen letters and digits in groups of four, none of which is mistaken for another."""
    groups = (
        "".join(random.choice(_READABLE) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS)
    )
    return "-".join(groups)
