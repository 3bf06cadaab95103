"""Which outages the page shows, of when: kept in the session and told in the address."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, cast

import pandas as pd
import streamlit as st

from app.maps.service_map import MapEvent
from app.use_cases import outage_film
from app.use_cases.outage_film import Film, Period
from app.widgets import session
from grid_cells import outage_film as rules
from grid_cells.outage_board import ONLY, Only, Wish

PAGE: Final = "outages"
LIVE, PAST, PLANNED = WHENS = ("live", "past", "planned")
PERIODS: Final = {
    "hours6": outage_film.USUAL, "hours24": timedelta(hours=24), "days7": timedelta(days=7),
    "days31": timedelta(days=31), "days92": timedelta(days=92),
}  # fmt: skip
DAYS: Final = "days"
KINDS: Final = ("fault", "planned", "urgent", "customer", "load_limit")
STATUSES: Final = ("proposed", "approved", "notified", "in_force", "ended")
COLOURS: Final = ("count", "share")
LEASTS: Final = (0, 10, 100, 500, 1000, 5000)

_MANY: Final = ("kind", "status", "unit", "cause", "only")
_ONE: Final = ("when", "period", "from", "to", "at", "least", "colour", "outage")
_STARTS: Final = {"when": LIVE, "period": "hours6", "least": "0", "colour": COLOURS[0]}
_ORDER: Final = "outages_order"
_DRAWN: Final = "outages_drawn"
_STAMP: Final = "%Y%m%dT%H%MZ"
_LONGEST: Final = outage_film.LONGEST - timedelta(days=2)
"""Between the first and the last day of one's own choice: a change of the clocks still fits in."""


@dataclass(frozen=True)
class Choice:
    """What is shown: of when, which moment (None: now, or all that lies ahead), which outages.

    order: counts the moments that the page chose, as against the person's own slider.
    """

    when: str
    period: Period
    at: datetime | None
    wish: Wish
    colour: str
    outage_id: str | None
    order: int

    @property
    def is_own_days(self) -> bool:
        """Whether the days of the period are of one's own choice."""
        return bool(st.session_state[key("period")] == DAYS)

    @property
    def moment(self) -> datetime:
        """The moment that the list and the figures tell of."""
        return self.at or self.period.last


def key(name: str) -> str:
    """The session key behind one part of the choice, for the control that sets it."""
    return f"outages_{name}"


def begin(now: datetime) -> Choice:
    """The choice of this session, taken from the address where the session has none yet."""
    if session.is_fresh(PAGE) and _address() != session.last_query(PAGE):
        for name in (*_MANY, *_ONE):  # a link or the way back: the address is what is wanted
            st.session_state.pop(key(name), None)
        _order()
    for name in _MANY:
        st.session_state.setdefault(key(name), st.query_params.get_all(name))
    for name in _ONE:
        asked = st.query_params.get(name, _STARTS.get(name))
        st.session_state.setdefault(key(name), asked)
    _keep_known()
    period = _period(now)
    return Choice(
        when=_held("when"), period=period, at=_moment(period), wish=_wish(),
        colour=_held("colour"), outage_id=_held("outage"), order=st.session_state[_ORDER],
    )  # fmt: skip


def _order() -> None:
    st.session_state[_ORDER] = st.session_state.get(_ORDER, 0) + 1


def _held(name: str) -> Any:
    return st.session_state[key(name)]


def _keep_known() -> None:
    """What an address asks for and does not exist falls back to the start."""
    st.session_state.setdefault(_ORDER, 1)
    known = {"when": WHENS, "period": (*PERIODS, DAYS), "colour": COLOURS}
    for name, codes in known.items():
        if _held(name) not in codes:
            st.session_state[key(name)] = _STARTS[name]
    for name, codes in {"kind": KINDS, "status": STATUSES, "only": ONLY}.items():
        st.session_state[key(name)] = [one for one in _held(name) or [] if one in codes]
    least = str(_held("least"))
    st.session_state[key("least")] = least if least in {str(one) for one in LEASTS} else "0"


def _wish() -> Wish:
    return Wish(
        kinds=tuple(_held("kind")), statuses=tuple(_held("status")),
        unit_ids=tuple(_held("unit") or ()), causes=tuple(_held("cause") or ()),
        least=int(_held("least")), only=cast("tuple[Only, ...]", tuple(_held("only"))),
    )  # fmt: skip


def days(now: datetime) -> tuple[date, date]:
    """The days of one's own choice, the last week where none was chosen.

    They end today at the latest, and those of a choice that is too long are the last of it.
    """
    today = now.astimezone(session.zone()).date()
    week = today - timedelta(days=6), today
    try:
        first, last = (date.fromisoformat(str(_held(name))) for name in ("from", "to"))
    except ValueError:
        return week
    last = min(last, today)
    return (max(first, last - _LONGEST), last) if first <= last else week


def choose_days(first: date, last: date) -> None:
    """Look at these days, both included."""
    st.session_state[key("from")], st.session_state[key("to")] = str(first), str(last)
    st.session_state[key("chosen")] = times_chosen() + 1


def times_chosen() -> int:
    """How often days were chosen: the field is a new one each time, and shows what they came to."""
    return int(st.session_state.get(key("chosen"), 0))


def _period(now: datetime) -> Period:
    when = _held("when")
    if when == PLANNED:
        return outage_film.ahead(now)
    if when == LIVE and _held("period") == DAYS:
        st.session_state[key("period")] = _STARTS["period"]
    if when == LIVE or _held("period") != DAYS:
        length = PERIODS.get(_held("period"), PERIODS["hours6"])
        return outage_film.until_now(now, length)
    first, last = days(now)
    begins, ends = (
        datetime.combine(day, time(0), tzinfo=session.zone()).astimezone(UTC)
        for day in (first, last + timedelta(days=1))
    )
    latest = now.replace(second=0, microsecond=0)
    return Period(begins, max(min(ends, latest), begins + timedelta(minutes=1)))


def _moment(period: Period) -> datetime | None:
    """The chosen moment where it lies in the period; else none."""
    try:
        at = datetime.strptime(str(_held("at")), _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    if _held("when") == LIVE or not period.first <= at <= period.last:
        st.session_state[key("at")] = None
        return None
    return at


def after(event: MapEvent | None, choice: Choice, now: datetime) -> Choice:
    """The choice after the slider came to rest, or a bolt was opened."""
    if event is None or event.part != "outages":
        return choice
    if event.kind == "outage":
        open_outage(_row(event))
    elif event.kind == "moment":
        _rest(event.place_id or "", choice)
    return begin(now)


def _rest(told: str, choice: Choice) -> None:
    """The slider rests: at its end where nothing is told, else at that second since 1970."""
    is_own = choice.when == PAST and _held("period") == DAYS
    at = datetime.fromtimestamp(float(told), UTC) if told else choice.period.last
    st.session_state[key("at")] = at.strftime(_STAMP) if told or is_own else None
    if choice.when != PLANNED and not is_own:
        st.session_state[key("when")] = PAST if told else LIVE


def _row(event: MapEvent) -> str | None:
    """The outage behind a row of the film that was drawn, whatever has come in since."""
    drawn_ids = st.session_state.get(_DRAWN, pd.Series(dtype="str"))
    row = int(event.place_id or -1)
    return str(drawn_ids.iloc[row]) if 0 <= row < len(drawn_ids) else None


def drawn(found: Film) -> None:
    """Note which outages the rows of the map are, so that they can be told later."""
    st.session_state[_DRAWN] = found.outages["outage_id"]


def turn(found: Callable[[Period], Film], now: datetime) -> None:
    """After another view was chosen: the past begins where most were out, the others at home."""
    st.session_state[key("at")] = None
    _order()
    if _held("when") != PAST:
        return
    period = _period(now)
    peak = rules.peak(found(period).spans, period.first)
    at = peak if peak is not None and peak < period.last else None
    at = at or period.last - timedelta(minutes=1)
    whole = at if not at.second else at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    st.session_state[key("at")] = whole.strftime(_STAMP)


def open_outage(outage_id: str | None) -> None:
    """Open an outage's story, or close it with None."""
    st.session_state[key("outage")] = outage_id


def only(code: Only) -> None:
    """Show these alone, from the callback of a figure; once more shows everything again."""
    held = _held("only")
    st.session_state[key("only")] = [] if held == [code] else [code]


def reset() -> None:
    """Want every outage again."""
    for name in _MANY:
        st.session_state[key(name)] = []
    st.session_state[key("least")] = "0"


def tell_address(choice: Choice) -> None:
    """Write the choice into the address; what is as it starts stays out of it."""
    told: dict[str, list[str]] = {name: list(_held(name) or []) for name in _MANY}
    for name in _ONE:
        value = _held(name)
        told[name] = [] if value in (None, _STARTS.get(name)) else [str(value)]
    if choice.when != PAST or _held("period") != DAYS:
        told["from"] = told["to"] = []
    for name, values in told.items():
        if st.query_params.get_all(name) == values:
            continue
        if values:
            st.query_params[name] = values
        else:
            del st.query_params[name]
    session.remember_query(PAGE, _address())


def _address() -> dict[str, list[str]]:
    names = (*_MANY, *_ONE)
    return {name: values for name in names if (values := st.query_params.get_all(name))}


def causes(outages: pd.DataFrame) -> list[str]:
    """Causes to choose from, the most frequent first, those already chosen among them."""
    counted = outages["cause"].dropna().value_counts()
    return list(dict.fromkeys([*counted.index, *_held("cause")]))
