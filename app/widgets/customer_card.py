"""One customer's card: who they are, whose they are, and how they fare now."""

from datetime import datetime
from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases.customers import CustomerCard
from app.use_cases.search import Found
from app.widgets import card, links, people, plain, session, spark, uncover
from app.widgets import words_of as naming

_PARAM: Final = "customer"
_TITLE: Final = ("customer_no", "name")
_PLACE: Final = ("lon", "lat", "given_x", "given_y", "given_datum", "position_source")
_READING_ROWS: Final = 30


def asked(found: Found | None) -> str | None:
    """The customer to show: just picked in the search, or named in the address."""
    if found is not None:
        if found.kind != "customer":
            links.follow(_map_link(found.lon, found.lat, found.cell_id))
        st.query_params[_PARAM] = found.id
    return st.query_params.get(_PARAM)


def show(one: CustomerCard, customer_no: str) -> None:
    """The whole card; a value asked for with a reason stands uncovered in this one run."""
    answer = uncover.asked(one.ref, customer_no)
    archive = one.archive | answer.shown
    name = archive.get("name")
    title = str(archive["customer_no"]) if plain.is_missing(name) else str(name)
    with st.container(key="customer"):
        card.title(title, f"{naming.column('customer_no')} {archive['customer_no']}")
        _state(one)
        left, middle, right = st.columns(3, gap="large")
        with left:
            _archive(one, answer)
        with middle:
            _heading("customers_whose")
            card.rows(people.rows(one.whose))
            if one.lon is not None and one.whose.cell:
                link = {"page": "service_map", "cell": one.whose.cell}
                links.show(link, session.say("card_on_map"), icon=":material/map:")
        with right:
            _supply(one)
    _readings(one)


def _state(one: CustomerCard) -> None:
    badges = []
    if one.outage is not None:
        since = session.moment(_moment(one.outage["started_at"]))
        badges.append(card.badge(session.say("customers_out", time=since), "broken"))
        back = one.outage.get("estimated_restore_at")
        if not plain.is_missing(back):
            badges.append(
                card.badge(session.say("card_back", time=session.moment(_moment(back))), "plain")
            )
    else:
        badges.append(card.badge(session.say("customers_supplied"), "good"))
    if one.archive.get("life_support") is True:
        badges.append(card.badge(naming.column("life_support"), "risk"))
    if one.lon is None:
        badges.append(card.badge(session.say("customers_unplaced"), "risk"))
    st.html(f'<div class="gc-badges">{" ".join(badges)}</div>')


def _moment(value: Any) -> datetime:
    return pd.Timestamp(value).to_pydatetime()


def _archive(one: CustomerCard, answer: uncover.Answer) -> None:
    uncovered = answer.shown
    _heading("customers_archive")
    covered = {name: may for name, may in (one.masked or {}).items() if name not in uncovered}
    shown = {
        name: value
        for name, value in (one.archive | uncovered).items()
        if name not in _PLACE
        and not plain.is_missing(value)
        and (name not in _TITLE or name in covered or name in uncovered)
    }
    pairs = []
    for name, value in shown.items():
        text = card.text(naming.value(name, value), strong=name in uncovered)
        pairs.append((naming.column(name), card.joined(text, uncover.lock(covered.get(name)))))
    pairs.append((session.say("customers_place"), _place(one)))
    card.rows(pairs)
    uncover.offer(one.ref, [name for name, may in (one.masked or {}).items() if may], answer)
    if one.loaded_at is not None:
        card.note(session.say("customers_loaded", time=session.moment(one.loaded_at)))


def _place(one: CustomerCard) -> str:
    if one.lon is None or one.lat is None:
        return card.text(session.say("customers_unplaced"))
    if one.is_place_rough:
        rough = card.quiet(session.say("place_rough"))
        return card.joined(card.text(f"{one.lon:.4f}, {one.lat:.4f}"), rough)
    source = one.archive.get("position_source")
    word = "" if plain.is_missing(source) else card.quiet(naming.value("position_source", source))
    return card.joined(card.text(f"{one.lon:.6f}, {one.lat:.6f}"), word)


def _supply(one: CustomerCard) -> None:
    _heading("customers_supply")
    if one.transformer is not None:
        rows = [
            (naming.column(str(name)), card.text(naming.value(str(name), value)))
            for name, value in one.transformer.items()
            if name not in ("lon", "lat", "cell_id") and not plain.is_missing(value)
        ]
        card.rows(rows)
    _heading("customers_meters")
    for row in one.meters.to_dict("records"):
        card.rows(_meter(row))
    if one.meters.empty:
        card.note(session.say("customers_no_meter"))


def _meter(row: dict[Any, Any]) -> list[card.Row]:
    return [
        (naming.column(str(name)), card.text(_shown(str(name), value)))
        for name, value in row.items()
        if not plain.is_missing(value)
    ]


def _shown(name: str, value: Any) -> object:
    return (
        session.moment(value) if name in ("valid_from", "valid_to") else naming.value(name, value)
    )


def _readings(one: CustomerCard) -> None:
    readings = one.readings
    _heading("customers_readings")
    if readings.empty:
        withheld = "customers_readings_withheld" if one.readings_withheld else ""
        card.note(session.say(withheld or "customers_no_reading"))
        return
    days = readings.sort_values("day")
    alt = plain.escaped(session.say("card_energy"))
    values = [float(value) for value in days["energy_kwh"].astype("float64")]
    first, last = (words.day(days["day"].iloc[place], session.language()) for place in (0, -1))
    st.html(
        f'<div class="gc-trend gc-wide">{spark.line(values, alt=alt, width=spark.WIDE)}'
        f"<div><span>{plain.escaped(first)}</span><span>{plain.escaped(last)}</span></div></div>"
    )
    with st.expander(session.say("customers_reading_rows")):
        table = days.tail(_READING_ROWS).iloc[::-1].copy()
        table["source"] = [str(naming.value("source", one)) for one in table["source"]]
        table["day"] = [words.day(one, session.language()) for one in table["day"]]
        st.dataframe(table.rename(columns=naming.column), hide_index=True)


def _heading(code: str) -> None:
    st.html(f"<h4>{plain.escaped(session.say(code))}</h4>")


def _map_link(lon: float | None, lat: float | None, cell_id: int) -> dict[str, str]:
    view = {} if lon is None or lat is None else {"view": f"{lat:.5f},{lon:.5f},15"}
    return {"page": "service_map", "cell": f"{cell_id:x}", **view}
