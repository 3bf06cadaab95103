"""A feeder beside the map: its loss by day, days that are not known hatched."""

from typing import Any

import pandas as pd

from app import language as words
from app.use_cases import feeder_losses
from app.widgets import card, plain, session, theft_charts, theft_words


def show(feeder_id: str) -> None:
    """The feeder as last balanced."""
    found = feeder_losses.held(session.database(), session.actor())
    rows = found.feeders[found.feeders["feeder_id"] == feeder_id]
    if rows.empty:
        card.title(feeder_id)
        card.note(session.say("theft_unknown"))
        return
    row: dict[Any, Any] = rows.iloc[0].to_dict()
    name = "" if plain.is_missing(row["name"]) else str(row["name"])
    card.title(session.say("theft_feeder", id=feeder_id), name)
    card.rows(_facts(row))
    days = found.days[found.days["feeder_id"] == feeder_id]
    if days["loss_kwh"].isna().all():
        days = days.drop(columns="loss_kwh")
    theft_charts.evidence(days.head(0).assign(energy_kwh=[]), days, None)
    card.note(session.say("theft_feeder_note"))


def _facts(row: dict[Any, Any]) -> list[card.Row]:
    kwh = row["loss_kwh_day"]
    told = [
        (session.say("theft_column_feeder_rate"),
         card.text(theft_words.share(row["loss_rate"], 1), strong=True)),
        (session.say("theft_column_feeder_known"),
         card.text(f"{row['days_known']} / {row['days']}")),
        (session.say("theft_column_feeder_dedicated"),
         card.text(words.number(row["dedicated"], 0))),
        (session.say("theft_column_feeder_head"),
         card.text(theft_words.head(is_there=bool(row["is_head_metered"])))),
    ]  # fmt: skip
    if not pd.isna(kwh):
        told.insert(1, (session.say("theft_column_feeder_kwh"), card.text(words.number(kwh, 1))))
    return told
