"""The drawer beside the map of hotspots: a hotspot or cell, a customer, a transformer."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import theft_suspects
from app.use_cases.theft_suspects import Part
from app.widgets import (
    card,
    errors,
    plain,
    session,
    theft_charts,
    theft_customer,
    theft_feeder,
    theft_scene,
    theft_trends,
    theft_words,
)
from app.widgets.theft_scene import TheftScene

_MOST: Final = 12
"""People or transformers that the drawer lists; the others stand below the map."""


def show(scene: TheftScene) -> None:
    """What is open; nothing while nothing is."""
    with st.container(key="drawer_open" if scene.open else "drawer_shut", gap="small"):
        if scene.open is None:
            return
        if st.button("✕", key="drawer_close", help=session.say("close"), type="tertiary"):
            theft_scene.close()
            session.again()
        kind, which = scene.open
        with errors.kindly():
            if kind == "customer":
                theft_customer.show(scene, which)
            elif kind == "transformer":
                _transformer(scene, which)
            elif kind == "feeder":
                theft_feeder.show(which)
            else:
                _cell(scene)


def _cell(scene: TheftScene) -> None:
    row = theft_scene.cell_row(scene)
    if row is None:
        card.title(session.say("card_cell", cell=scene.cell))
        card.note(session.say("theft_unknown"))
        return
    number = int(float(row["hotspot"]))
    if number < 0:
        card.title(session.say("card_cell", cell=scene.cell), session.say("theft_no_spot"))
        card.rows(_facts(row))
        _who(scene, Part("cell", (int(row["cell_id"]),)))
        return
    spot: Any = scene.found.spots.loc[number]
    card.title(
        session.say("theft_spot", n=number + 1), session.say("theft_spot_of", n=int(spot["cells"]))
    )
    told = session.say("theft_spot_p", p=f"{spot['p']:.1g}")
    card.rows([*_facts(spot), (session.say("theft_significance"), card.text(told))])
    cells = scene.found.cells
    part = Part(
        "hotspot", tuple(int(one) for one in cells.loc[cells["hotspot"] == number, "cell_id"])
    )
    members, _ = theft_scene.people(scene.found, scene.wish, part)
    _trend(scene, members)
    _who(scene, part)
    _lines(members)
    st.html(f"<h4>{plain.escaped(session.say('theft_over_runs'))}</h4>")
    theft_trends.show(scene.wish, part.cells, narrow=True)


def _facts(row: Any) -> list[card.Row]:
    share = row["inspected"] / row["customers"] if pd.notna(row["inspected"]) else None
    rate = row["hits"] / row["visits"] if pd.notna(row["visits"]) and row["visits"] > 0 else None
    return [
        (session.say("theft_customers"), card.text(words.number(row["customers"], 0))),
        (session.say("theft_suspects"), card.text(_count(row["suspects"]), strong=True)),
        (session.say("theft_lost"), card.text(_kwh(row["lost_kwh"]))),
        (session.say("theft_inspected_share"), card.text(_never(share))),
        (session.say("theft_hit_rate"), card.text(_never(rate))),
    ]


def _count(value: float) -> str:
    return session.say("unknown") if pd.isna(value) else words.number(value, 0)


def _kwh(value: float) -> str:
    return session.say("unknown") if pd.isna(value) else f"{words.number(value, 0)} kWh"


def _never(value: float | None) -> str:
    """A share, or that nobody was inspected: that is no nought."""
    return session.say("theft_never") if value is None else theft_words.share(value, 1)


def _who(scene: TheftScene, part: Part) -> None:
    """The people of a part: the first of them by name, all of them counted."""
    members, counts = theft_scene.people(scene.found, scene.wish, part)
    suspects = counts.get("suspect", 0)
    cleared = sum(counts.values()) - suspects - counts.get("none", 0)
    if members.empty:
        card.note(session.say("theft_nobody_here"))
    for is_suspect, code, count in (
        (True, "theft_suspects", suspects), (False, "theft_cleared", cleared)
    ):  # fmt: skip
        rows = members[(members["cause"] == "suspect") == is_suspect]
        if rows.empty:
            continue
        st.html(f"<h4>{plain.escaped(session.say(code))} <small>{count}</small></h4>")
        for row in rows.head(_MOST).to_dict("records"):
            _one(row)
        if count > _MOST:
            card.note(session.say("theft_more_below", n=count - _MOST))


def _one(row: dict[Any, Any]) -> None:
    """A button that opens a customer."""
    name = row["name"] if not plain.is_missing(row["name"]) else row["customer_no"]
    said = (
        words.number(row["score"], 2)
        if row["cause"] == "suspect"
        else theft_words.cause(row["cause"])
    )
    st.button(
        plain.in_markdown(f"{name} · {said}"), key=f"theft_open_{row['ref']}", width="stretch",
        on_click=theft_scene.open_one, args=("customer", row["ref"]),
    )  # fmt: skip


def _lines(members: pd.DataFrame) -> None:
    """Buttons for the transformers of the suspects."""
    ids = members.loc[members["cause"] == "suspect", "transformer_id"].dropna().unique()
    if len(ids):
        st.html(f"<h4>{plain.escaped(session.say('theft_transformers'))}</h4>")
    for one in ids[:_MOST]:
        st.button(
            str(one), key=f"theft_line_{one}", width="stretch",
            on_click=theft_scene.open_one, args=("transformer", str(one)),
        )  # fmt: skip


def _trend(scene: TheftScene, members: pd.DataFrame) -> None:
    """The loss of the suspects' transformers by week."""
    ids = members.loc[members["cause"] == "suspect", "transformer_id"].dropna().unique().tolist()
    if ids:
        run_id = int(scene.found.run["run_id"])
        st.html(f"<h4>{plain.escaped(session.say('theft_trend'))}</h4>")
        theft_charts.losses(theft_suspects.losses(session.database(), session.actor(), ids, run_id))


def _transformer(scene: TheftScene, transformer_id: str) -> None:
    run_id = int(scene.found.run["run_id"])
    rows = theft_suspects.transformers(session.database(), session.actor(), run_id)
    held = rows[rows["transformer_id"] == transformer_id]
    if held.empty:
        card.title(transformer_id)
        card.note(session.say("theft_unknown"))
        return
    row = {str(name): value for name, value in held.iloc[0].to_dict().items()}
    name = "" if plain.is_missing(row["name"]) else str(row["name"])
    card.title(session.say("theft_transformer", id=transformer_id), name)
    theft_customer.transformer_facts(row)
    days = theft_suspects.losses(session.database(), session.actor(), [transformer_id], run_id)
    theft_charts.evidence(days.head(0).assign(energy_kwh=[]), days, row["since"])
    theft_customer.reasons(row["reasons"])
    _who(scene, Part("transformer", transformer_id=transformer_id))
