"""What somebody says when they report a fault, checked field by field before anything is done."""

import re
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

import numpy as np

from app.use_cases import reference
from grid_cells.datum import to_wgs84
from grid_cells.errors import UserError
from grid_cells.fault_classes import FaultClasses
from grid_cells.vocabulary import CHOICES

KIND: Final = "fault_reports"
LONGEST: Final = {
    "customer_no": 32, "caller": 80, "phone": 32, "address": 200, "transformer_id": 64,
    "note": 1000, "datum": 20, "channel": 40, "service_type": 40, "fault_class": 60,
}  # fmt: skip
EARLIEST: Final = timedelta(days=7)
"""A call may reach us late, but no later: older ones come as a file."""
AHEAD: Final = timedelta(minutes=5)
"""How far another system's clock may go ahead."""
_FAR: Final = 10.0**9
_REPORT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class ReportWish:
    """One call as given; the place by a customer, a transformer, a point or an address."""

    report_id: str | None = None
    registered_at: datetime | None = None
    channel: str | None = None
    customer_no: str | None = None
    caller: str | None = None
    phone: str | None = None
    address: str | None = None
    lon: float | None = None
    lat: float | None = None
    datum: str | None = None
    transformer_id: str | None = None
    service_type: str | None = None
    fault_class: str | None = None
    note: str | None = None


FIELDS: Final = tuple(one.name for one in fields(ReportWish))


@cache
def classes() -> FaultClasses:
    """The table of fault classes."""
    return FaultClasses(reference.table("fault_classes"))


def read(given: Any) -> ReportWish:
    """A call from JSON; UserError names the field and the value that cannot be used."""
    if not isinstance(given, dict):
        raise UserError("fault_field_type", field="", value=_short(given), expected="object")
    for name in given:
        if name not in FIELDS:
            raise UserError("fault_field_unknown", field=str(name)[:60], known=", ".join(FIELDS))
    return ReportWish(**{name: _typed(name, value) for name, value in given.items()})


def _typed(name: str, value: Any) -> Any:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if name in ("lon", "lat"):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        # nothing on Earth has more than three figures, and a whole number may have thousands
        if not is_number or not -_FAR < value < _FAR:
            raise UserError("fault_field_type", field=name, value=_short(value), expected="number")
        return float(value)
    if not isinstance(value, str):
        raise UserError("fault_field_type", field=name, value=_short(value), expected="text")
    return _moment(name, value) if name == "registered_at" else value.strip()


def _moment(name: str, value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value.strip())
        moment = None if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise UserError("fault_field_time", field=name, value=_short(value))
    return moment


def checked(wish: ReportWish, now: datetime | None) -> ReportWish:
    """The call with codes for words; UserError names field and value.

    `now` may be None where the call brings no moment of its own.
    """
    for name, most in LONGEST.items():
        value = getattr(wish, name)
        if value is not None and (len(value) > most or not _is_printable(value)):
            raise UserError("fault_field_long", field=name, value=_short(value), most=most)
    if wish.report_id is not None and not _REPORT_ID.fullmatch(wish.report_id):
        raise UserError("fault_report_id", field="report_id", value=_short(wish.report_id))
    if now is not None:
        _check_time(wish, now)
    wish = replace(
        wish, channel=_choice("channel", wish.channel) or "other",
        service_type=_choice("service_type", wish.service_type) or "fault",
        fault_class=_fault_class(wish.fault_class),
    )  # fmt: skip
    wish = _point(wish)
    if not any((wish.customer_no, wish.transformer_id, wish.address, wish.lon is not None)):
        raise UserError("fault_place_missing", field="customer_no", value="")
    return wish


def _is_printable(text: str) -> bool:
    return all(sign.isprintable() or sign in "\n\t" for sign in text)


def _check_time(wish: ReportWish, now: datetime) -> None:
    at = wish.registered_at
    if at is not None and not now - EARLIEST <= at <= now + AHEAD:
        raise UserError(
            "fault_time_range", field="registered_at", value=at.isoformat(), now=now.isoformat()
        )


def _choice(name: str, given: str | None) -> str | None:
    """One of the column's words as the vocabulary has it."""
    if given is None:
        return None
    found = _meant(name).get(_plain(given))
    if found is None:
        allowed = ", ".join(CHOICES[KIND, name])
        raise UserError("fault_choice", field=name, value=_short(given), expected=allowed)
    return found


@cache
def _meant(name: str) -> dict[str, str]:
    """The code of each word that the column takes."""
    allowed = CHOICES[KIND, name]
    return {_plain(word): code for code, words in allowed.items() for word in (code, *words)}


def _fault_class(given: str | None) -> str | None:
    if given is None:
        return None
    found = classes().code_of(given)
    if found is None:
        known = ", ".join(classes().codes)
        raise UserError("fault_choice", field="fault_class", value=_short(given), expected=known)
    return found


def _point(wish: ReportWish) -> ReportWish:
    if (wish.lon is None) is not (wish.lat is None):
        lacking = "lon" if wish.lon is None else "lat"
        raise UserError("fault_point_half", field=lacking, value="")
    if wish.lon is None or wish.lat is None:
        return wish
    if wish.datum is None:
        raise UserError("fault_datum_missing", field="datum", value="")
    lon, lat = _converted(wish.lon, wish.lat, wish.datum)
    if not (np.isfinite(lon) and np.isfinite(lat) and abs(lat) <= _POLE and abs(lon) <= 2 * _POLE):
        raise UserError("fault_point", field="lon", value=f"{wish.lon}, {wish.lat}")
    return wish


_POLE: Final = 90


def _converted(lon: float, lat: float, datum: str) -> tuple[float, float]:
    try:
        x, y = to_wgs84(np.array([lon]), np.array([lat]), datum)
    except UserError as error:
        raise UserError("fault_datum", field="datum", value=_short(datum)) from error
    return float(x[0]), float(y[0])


def is_same(wish: ReportWish, held: dict[str, Any]) -> bool:
    """Whether a call sent under the number of a held report is that report sent again.

    What the call gives must be what is held; what it leaves out may have come from elsewhere.
    """
    names = {"lon": "given_x", "lat": "given_y"} | {name: name for name in _OWN}
    given = {names[name]: getattr(wish, name) for name in names}
    return all(value is None or held[name] == value for name, value in given.items())


_OWN: Final = ("customer_no", "address", "transformer_id", "note", "registered_at")


def wgs84_of(wish: ReportWish) -> tuple[float, float] | None:
    """The point of a checked call in WGS-84, None where it has none."""
    if wish.lon is None or wish.lat is None or wish.datum is None:
        return None
    return _converted(wish.lon, wish.lat, wish.datum)


def _plain(word: str) -> str:
    return "".join(word.casefold().split()).replace("_", "")


def _short(value: Any) -> str:
    try:
        return str(value)[:80]
    except ValueError:  # a whole number of thousands of figures
        return "…"
