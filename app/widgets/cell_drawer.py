"""The drawer beside the map: everything known about the open cell, with source and age."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases.cell_card import CellCard, Fact, cell_card
from app.widgets import card, errors, links, map_choice, people, plain, session, spark
from app.widgets import words_of as naming
from grid_cells.cells import hex_to_cells
from grid_cells.errors import UserError

_NOTES: Final = {"highest_load": "load_estimated"}


def show(cell: str | None, customer_ref: str | None = None) -> None:
    """The card of the cell given as 15-character hex, with the way to the customer found in it."""
    key = "drawer_open" if cell else "drawer_shut"
    with st.container(key=key, gap="small"):
        if cell is None:
            return
        if st.button("✕", key="drawer_close", help=session.say("close"), type="tertiary"):
            map_choice.open_cell(None)
            st.rerun(scope="fragment")
        if customer_ref is not None:
            link = {"page": "customers", "customer": customer_ref}
            links.show(link, session.say("card_open_customer"), icon=":material/person:")
        with errors.kindly():
            cell_id = int(hex_to_cells([cell])[0])
            if not cell_id:
                raise UserError("cell_unknown", cell=cell)
            found = cell_card(session.database(), session.actor(), cell_id, session.now())
            _card(found)


def _card(found: CellCard) -> None:
    card.title(session.say("card_cell", cell=found.hex), people.under_title(found.whose))
    card.rows(
        [
            *people.rows(found.whose),
            (session.say("card_customers"), _customers(found)),
        ]
    )
    if not found.closures.empty:
        card.note(_closed(found.closures))
    if found.rolled_up_to:
        code = "rolled_up" if found.energy_days.size or found.facts else "rolled_up_withheld"
        st.html(f'<p class="gc-rolled">{plain.escaped(session.say(code))}</p>')
    _energy(found.energy_days)
    _outages(found.outages)
    _facts(found.facts)


def _customers(found: CellCard) -> str:
    mixed = card.badge(session.say("card_mixed"), "risk") if found.is_mixed else ""
    return card.joined(card.text(found.customers, strong=True), mixed)


def _closed(closures: pd.DataFrame) -> str:
    names = sorted({str(name) for name in closures["street"].dropna()})
    return session.say("card_closed", streets=names or len(closures))


def _energy(days: pd.DataFrame) -> None:
    if days.empty:
        return
    values = [float(value) for value in days["energy_kwh"]]
    first, last = _day(days["day"].iloc[0]), _day(days["day"].iloc[-1])
    heading = plain.escaped(session.say("card_energy"))
    latest = plain.escaped(session.say("card_energy_last", kwh=round(values[-1]), day=last))
    st.html(
        f'<div class="gc-trend"><h4>{heading}</h4>{spark.line(values, alt=heading)}'
        f"<div><span>{plain.escaped(first)}</span><span>{latest}</span></div></div>"
    )


def _outages(outages: pd.DataFrame) -> None:
    if outages.empty:
        return
    st.html(f"<h4>{plain.escaped(session.say('card_outages'))}</h4>")
    card.rows((str(row["outage_id"]), _outage(row)) for row in outages.to_dict("records"))


def _outage(row: dict[Any, Any]) -> str:
    kind = card.badge(naming.value("kind", row["kind"]), "broken")
    since = card.text(session.say("card_since", time=session.moment(row["started_at"])))
    back = row["estimated_restore_at"]
    until = "" if plain.is_missing(back) else session.say("card_back", time=session.moment(back))
    return card.joined(kind, since, card.text(until) if until else "")


def _facts(facts: Sequence[Fact]) -> None:
    if not facts:
        return
    st.html(f"<h4>{plain.escaped(session.say('card_facts'))}</h4>")
    card.rows((naming.measure_code(fact.code), _fact(fact)) for fact in facts)


def _fact(fact: Fact) -> str:
    value = card.text(fact.value, strong=True)
    unit = card.text(naming.unit(fact.unit)) if fact.unit not in ("", "1", None) else ""
    note = card.quiet(session.say(_NOTES[fact.code])) if fact.code in _NOTES else ""
    return card.joined(value, unit, note, card.quiet(_source(fact)))


def _source(fact: Fact) -> str:
    if fact.as_of is None:
        return fact.source or ""
    return session.say("as_of", time=session.moment(fact.as_of), source=fact.source or "")


def _day(value: date) -> str:
    return words.day(value, session.language())
